// SPDX-License-Identifier: GPL-3.0-or-later
/* "Batch Enhance": pictures, a recipe, a folder for the results; what became of each. In both GIMPs. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

/* Opens it and waits until it is closed. recipe_text (may be NULL): the steps to begin with. The text of
 * the recipe that was last used; g_free(). */
char *ie_batch_dialog_run (const char *id, const char *recipe_text);

G_END_DECLS
