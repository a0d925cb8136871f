// SPDX-License-Identifier: GPL-3.0-or-later
/* The plug-in for GIMP 3: one procedure per filter of the registry. */
#pragma once

#include <libgimp/gimp.h>

#include "core/imgenhance.h"

/* ---- arguments.c: the values of a procedure's arguments ---- */

/* Adds an argument for each parameter. Words (choices) are strings: a wrong GimpChoice would silently become the default. */
void ie_arguments_add (GimpProcedure *procedure, const IeFilter *filter);
/* Values from a procedure's config; of those that are empty the defaults. NULL and error (IE_ERROR_USAGE) names what is wrong and
 * the range. */
IeParams *ie_arguments_values (const IeFilter *filter, GimpProcedureConfig *config, GError **error);
/* The same, where what is needed must be there, too. */
IeParams *ie_arguments_read (const IeFilter *filter, GimpProcedureConfig *config, GError **error);
/* The reverse. */
void ie_arguments_write (GimpProcedureConfig *config, const IeParams *params);

/* ---- apply.c ---- */

/* Whether a drawable can be filtered at all; FALSE and error says why not. */
gboolean ie_drawable_check (GimpDrawable *drawable, GError **error);
/* Applies a recipe to all of a list ended by NULL, each through the selection, as one step of undo: to all or, when one fails, to
 * none. title: what GIMP shows meanwhile. */
gboolean ie_drawables_apply (GimpImage *image, GimpDrawable **drawables, const IeRecipe *recipe, const char *title,
                             GError **error);
/* For IeRunOptions: a picture parameter's text as a source, of a drawable or of a file that GIMP loads. */
IeSource *ie_drawable_resolve (gpointer data, const char *text, GError **error);

/* ---- dialog.c ---- */

/* Lets the user change the config. FALSE: error, or, without one, it was cancelled. */
gboolean ie_drawable_ask (GimpProcedure *procedure, GimpDrawable *drawable, const IeFilter *filter, GimpProcedureConfig *config,
                          GError **error);

/* The same with the steps of a recipe. */
gboolean ie_drawable_ask_recipe (GimpDrawable *drawable, const char *title, const char *id, IeRecipe **recipe, GError **error);

/* ---- main.c ---- */

/* What a procedure returns. error is taken. */
GimpValueArray *ie_procedure_end (GimpProcedure *procedure, GimpRunMode mode, gboolean good, GError *error);

/* ---- recipe.c ---- */

/* The recipe that a procedure with the arguments "recipe" and "file" is called with; run interactively, the user makes it in a
 * window of that title, and the config keeps it. NULL: error, or, without one, it was cancelled. */
IeRecipe *ie_config_recipe (GimpProcedureConfig *config, GimpRunMode mode, const char *title, const char *id, GimpDrawable *drawable,
                            GError **error);

GimpProcedure *ie_recipe_procedure_new (GimpPlugIn *plugin, const char *name);

/* ---- batch.c ---- */

GimpProcedure *ie_batch_procedure_new (GimpPlugIn *plugin, const char *name);

/* ---- similar.c ---- */

GimpProcedure *ie_similar_procedure_new (GimpPlugIn *plugin, const char *name);

/* ---- effects.c: layer effects, which are operations of the GEGL module, to a recipe and back ---- */

#define IE_COPY_EFFECTS_PROCEDURE "plug-in-imgenhance-effects-to-recipe"
#define IE_APPLY_EFFECTS_PROCEDURE "plug-in-imgenhance-recipe-to-effects"
GimpProcedure *ie_copy_effects_procedure_new (GimpPlugIn *plugin, const char *name);
GimpProcedure *ie_apply_effects_procedure_new (GimpPlugIn *plugin, const char *name);
