// SPDX-License-Identifier: GPL-3.0-or-later
/* The editor of a recipe, in both GIMPs: the steps in a list, the controls of the chosen one, a preview of all of them. */
#pragma once

#include "plugins/dialog/filter-panel.h"

G_BEGIN_DECLS

/* Opens it with *recipe and waits. title: of the window and its button. TRUE: OK; *recipe was replaced by the steps that are on, at
 * least one. FALSE: it was cancelled. place NULL: nothing to preview (a batch). */
gboolean ie_recipe_dialog_run (const IeDialogPlace *place, const char *title, const char *id, IeRecipe **recipe);

G_END_DECLS
