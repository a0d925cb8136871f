// SPDX-License-Identifier: GPL-3.0-or-later
/* The plug-in for GIMP 2.10: one procedure per filter of the registry. */
#pragma once

#include <libgimp/gimp.h>

#include "core/imgenhance.h"

/* ---- arguments.c: the values of a procedure's arguments ---- */

/* Run mode, image, drawable. */
#define IE_FIRST_ARGUMENT 3

/* The arguments of a filter's procedure; *count of them. Owned by the library. */
GimpParamDef *ie_arguments_new (const IeFilter *filter, int *count);
/* Values from what the caller passed after the first three. NULL and error (IE_ERROR_USAGE) names what is wrong and the
 * range. */
IeParams *ie_arguments_read (const IeFilter *filter, int count, const GimpParam *arguments, GError **error);

/* What the last run of this session used; the defaults without one. */
IeParams *ie_last_values (const IeFilter *filter);
void ie_set_last_values (const IeFilter *filter, const IeParams *params);

/* ---- apply.c ---- */

/* Whether a drawable can be filtered at all; FALSE and error says why not. */
gboolean ie_drawable_check (gint32 drawable, GError **error);
/* The profile that a drawable's pixels are to be read by; NULL: sRGB, or none (channels and masks). */
GBytes *ie_drawable_profile (gint32 drawable);
/* Applies a recipe to a drawable, through the selection, as one step of undo. title: what GIMP shows meanwhile. */
gboolean ie_drawable_apply (gint32 drawable, const IeRecipe *recipe, const char *title, GError **error);

/* For IeRunOptions: a picture parameter's text as a source, of a drawable or of a file that GIMP loads. */
IeSource *ie_drawable_resolve (gpointer data, const char *text, GError **error);

/* ---- dialog.c ---- */

/* Lets the user choose the values, from *params on; they are replaced. FALSE: error, or, without one, it was
 * cancelled. */
gboolean ie_drawable_ask (gint32 drawable, const IeFilter *filter, IeParams **params, GError **error);
/* The same with the steps of a recipe. */
gboolean ie_drawable_ask_recipe (gint32 drawable, IeRecipe **recipe, GError **error);

/* ---- recipe.c: the procedure that applies a recipe ---- */

void ie_recipe_procedure_install (void);
/* Does what it was called for. values: what it gives is appended (a procedure that gives nothing leaves it alone). */
gboolean ie_recipe_procedure_run (int count, const GimpParam *arguments, GArray *values, GError **error);
/* The text of the recipe that a procedure last used; NULL: none. g_free(). */
char *ie_last_text (const char *procedure);

/* ---- batch.c ---- */

void ie_batch_procedure_install (void);
gboolean ie_batch_procedure_run (int count, const GimpParam *arguments, GArray *values, GError **error);

/* ---- similar.c ---- */

#define IE_SIMILAR_VALUES 4
void ie_similar_procedure_install (void);
gboolean ie_similar_procedure_run (int count, const GimpParam *arguments, GArray *values, GError **error);
