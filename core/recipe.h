// SPDX-License-Identifier: GPL-3.0-or-later
/* Recipes: a list of steps, as text one step a line: NAME[@VERSION] KEY=VALUE ... ; '#' starts a comment.
 * A value with blanks stands in single or double quotes; inside double quotes a backslash escapes. */
#pragma once

#include "core/filter.h"

G_BEGIN_DECLS

typedef struct {
  const IeFilter *filter;
  IeParams *params; /* owned */
  double mix;       /* 0..1: share of the step's result in its output */
  char *mask;       /* a picture whose lightness weighs the step's result; owned; NULL: everywhere */
  /* 8, 16, 32 (float): the result is stored at this depth before the next step, as if a file lay between them, or as the
   * effects of a layer do it; 0: values stay as they are, unrounded. Of no consequence in the last step. */
  int store;
} IeRecipeStep;

typedef struct IeRecipe {
  GPtrArray *steps; /* of IeRecipeStep, owned */
} IeRecipe;

IE_API IeRecipe *ie_recipe_new (void);
IE_API void ie_recipe_free (IeRecipe *recipe);

/* Appends one step written as on the command line ("unsharp radius=1.5 amount=0.6 mix=0.4"). */
IE_API gboolean ie_recipe_add (IeRecipe *recipe, const char *step, GError **error);
/* Appends a step of `filter` with `params` (taken). For expand() and adapters. Returns the step, to set mix or mask. */
IE_API IeRecipeStep *ie_recipe_append (IeRecipe *recipe, const IeFilter *filter, IeParams *params);
/* Reads the text of a recipe; an error names the line. */
IE_API IeRecipe *ie_recipe_parse (const char *text, GError **error);
/* The same from a file. An error says the system's reason or the line; it does not name the file. */
IE_API IeRecipe *ie_recipe_load (const char *path, GError **error);
/* Appends copies of all steps of another recipe. */
IE_API void ie_recipe_append_all (IeRecipe *recipe, const IeRecipe *other);
/* The recipe as text, every step with its version, parameters that differ from their default written out. g_free(). */
IE_API char *ie_recipe_text (const IeRecipe *recipe);
/* One step as in ie_recipe_text(), without the line end. g_free(). */
IE_API char *ie_recipe_step_text (const IeRecipeStep *step);

G_END_DECLS
