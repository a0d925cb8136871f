// SPDX-License-Identifier: GPL-3.0-or-later
/* The procedure that applies a recipe, as both GIMPs offer it. */
#pragma once

#include "core/i18n.h"
#include "core/imgenhance.h"
#include "plugins/common/names.h"

G_BEGIN_DECLS

#define IE_RECIPE_PROCEDURE "plug-in-imgenhance-recipe"
#define IE_RECIPE_LABEL N_ ("Apply Recipe...")
#define IE_RECIPE_TITLE N_ ("Apply Recipe")
#define IE_RECIPE_SUMMARY N_ ("Applies the steps of a recipe")
#define IE_RECIPE_HELP \
  N_ ("All steps run as one: values stay float between them, and the result is rounded once. The same recipe gives the same " \
      "samples as the command imgenhance apply --recipe.")
#define IE_RECIPE_ARGUMENT_HELP N_ ("The text of a recipe: one step a line, like unsharp radius=1.5 amount=0.6")
#define IE_RECIPE_FILE_HELP N_ ("A file with a recipe, instead of its text")

/* The recipe of a call: text or a file; the other is NULL or empty. NULL and error (IE_ERROR_USAGE): neither or both, no step,
 * or what is wrong with it. */
IeRecipe *ie_face_recipe (const char *text, const char *file, GError **error);

G_END_DECLS
