// SPDX-License-Identifier: GPL-3.0-or-later
/* Named values of a filter that the user keeps: one key file for all filters and for both GIMPs. A group is a filter's name, a key a
 * preset's name, the value a step as in a recipe, so that a file can be read, mended and handed on by hand. */
#pragma once

#include "core/imgenhance.h"

G_BEGIN_DECLS

/* $XDG_CONFIG_HOME/imgenhance/presets.ini. g_free(). */
char *ie_presets_file (void);

/* Names of a filter's presets, in the order of the alphabet, ended by NULL. g_strfreev(). A file that cannot be read has none. */
char **ie_presets_names (const IeFilter *filter);

/* NULL and error: there is none of that name, it is not readable, or it was saved with another version of the filter, of which its
 * values are not meant. */
IeParams *ie_presets_load (const IeFilter *filter, const char *name, GError **error);

/* Blanks around the name are not part of it. The file is replaced as a whole; one that cannot be read is left as it is. */
gboolean ie_presets_save (const IeFilter *filter, const char *name, const IeParams *params, GError **error);
gboolean ie_presets_remove (const IeFilter *filter, const char *name, GError **error);

G_END_DECLS
