// SPDX-License-Identifier: GPL-3.0-or-later
/* plug-in-imgenhance-recipe: all steps of a recipe in one run of the engine, so that values stay float between them. */
#include <string.h>

#include "plugins/common/recipe.h"
#include "plugins/gimp2/plugin.h"

static const GimpParamDef arguments_of[] = {
  { GIMP_PDB_INT32, "run-mode", "The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1), RUN-WITH-LAST-VALS (2) }" },
  { GIMP_PDB_IMAGE, "image", "The image" },
  { GIMP_PDB_DRAWABLE, "drawable", "The layer, layer mask or channel" },
  { GIMP_PDB_STRING, "recipe", IE_RECIPE_ARGUMENT_HELP },
  { GIMP_PDB_STRING, "file", IE_RECIPE_FILE_HELP },
};

void
ie_recipe_procedure_install (void)
{
  gimp_install_procedure (IE_RECIPE_PROCEDURE, IE_RECIPE_SUMMARY, IE_RECIPE_HELP, "imgenhance", "imgenhance", "2026",
                          IE_RECIPE_LABEL, "RGB*, GRAY*", GIMP_PLUGIN, G_N_ELEMENTS (arguments_of), 0, arguments_of, NULL);
  gimp_plugin_menu_register (IE_RECIPE_PROCEDURE, IE_MENU);
}

char *
ie_last_text (const char *procedure)
{
  int size = gimp_get_data_size (procedure);
  if (size <= 0)
    return NULL;
  char *text = g_malloc0 ((gsize) size + 1);
  gimp_get_data (procedure, text);
  return text;
}

/* NULL without an error: the user would rather not. */
static IeRecipe *
wanted (GimpRunMode mode, int count, const GimpParam *arguments, GError **error)
{
  if (mode == GIMP_RUN_INTERACTIVE) {
    g_autofree char *text = ie_last_text (IE_RECIPE_PROCEDURE);
    IeRecipe *recipe = text ? ie_recipe_parse (text, NULL) : NULL;
    recipe = recipe ? recipe : ie_recipe_new ();
    if (!ie_drawable_ask_recipe (arguments[2].data.d_drawable, &recipe, error))
      g_clear_pointer (&recipe, ie_recipe_free);
    return recipe;
  }
  if (mode == GIMP_RUN_WITH_LAST_VALS) {
    g_autofree char *text = ie_last_text (IE_RECIPE_PROCEDURE);
    return ie_face_recipe (text, NULL, error);
  }
  if (count == G_N_ELEMENTS (arguments_of))
    return ie_face_recipe (arguments[3].data.d_string, arguments[4].data.d_string, error);
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%d arguments were given, %d are needed"), count,
               (int) G_N_ELEMENTS (arguments_of));
  return NULL;
}

gboolean
ie_recipe_procedure_run (int count, const GimpParam *arguments, GArray *values, GError **error)
{
  GimpRunMode mode = arguments[0].data.d_int32;
  IeRecipe *recipe = wanted (mode, count, arguments, error);
  gboolean good = recipe && ie_drawable_apply (arguments[2].data.d_drawable, recipe, IE_RECIPE_TITLE, error);
  if (good) {
    g_autofree char *text = ie_recipe_text (recipe);
    gimp_set_data (IE_RECIPE_PROCEDURE, text, (guint) strlen (text) + 1);
  }
  ie_recipe_free (recipe);
  return good;
}
