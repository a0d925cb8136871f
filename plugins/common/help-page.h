// SPDX-License-Identifier: GPL-3.0-or-later
/* What a dialog's Help shows: pages made from the descriptors when the tree is built, and the same as plain text. */
#pragma once

#include "core/imgenhance.h"

G_BEGIN_DECLS

/* A page in HTML that needs nothing beside it but the picture (before and after, a file beside it or a URI; NULL: none). g_free(). */
char *ie_help_page (const IeFilter *filter, const char *picture);
/* The page that leads to all others. g_free(). */
char *ie_help_index (void);
/* A page as plain text. g_free(). */
char *ie_help_text (const IeFilter *filter);

/* The URI of the filter's page in the user's language. In English as it is installed: in $IMGENHANCE_HELP_DIR, the installation's
 * folder, or gimp-imgenhance/filters of a data folder of the user or the system; else written to the user's cache. NULL: nowhere.
 * g_free(). */
char *ie_help_uri (const IeFilter *filter);

G_END_DECLS
