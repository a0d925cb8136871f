// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/recipe.h"

#include "core/i18n.h"

IeRecipe *
ie_face_recipe (const char *text, const char *file, GError **error)
{
  gboolean has_text = text && *text, has_file = file && *file;
  if (has_text == has_file) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE,
                         has_text ? _ ("both a recipe and a file were given; give one of them")
                                  : _ ("no recipe was given: the text of one, or a file"));
    return NULL;
  }
  IeRecipe *recipe = has_text ? ie_recipe_parse (text, error) : ie_recipe_load (file, error);
  if (!recipe && has_file)
    g_prefix_error (error, "%s: ", file);
  if (recipe && recipe->steps->len == 0) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("the recipe has no step"));
    g_clear_pointer (&recipe, ie_recipe_free);
  }
  return recipe;
}
