// SPDX-License-Identifier: GPL-3.0-or-later
/* What a dialog is set to, as text that does the same elsewhere. */
#pragma once

#include "core/imgenhance.h"

G_BEGIN_DECLS

typedef enum {
  IE_COPY_COMMAND,  /* a line for a shell */
  IE_COPY_SCRIPT_2, /* a call in Script-Fu of GIMP 2.10, of the variables image and drawable */
  IE_COPY_SCRIPT_3, /* the same in GIMP 3, of image and drawables (a vector) */
  IE_COPY_RECIPE    /* a recipe of one step */
} IeCopyKind;

/* file: the picture's own, for the command; NULL: it says PICTURE. file_of (may be NULL): the file that a drawable lies in, by the
 * text of a picture parameter; NULL from it where there is none, and a command or recipe then says DRAWABLE. g_free(). */
char *ie_copy_text (IeCopyKind kind, const IeFilter *filter, const IeParams *params, const char *file,
                    char *(*file_of) (const char *text));

G_END_DECLS
