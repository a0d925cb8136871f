// SPDX-License-Identifier: GPL-3.0-or-later
/* plug-in-imgenhance-recipe: all steps of a recipe in one run of the engine, so that values stay float between them. */
#include "plugins/common/recipe.h"
#include "plugins/common/start.h"
#include "plugins/gimp3/plugin.h"

IeRecipe *
ie_config_recipe (GimpProcedureConfig *config, GimpRunMode mode, const char *title, const char *id, GimpDrawable *drawable,
                  GError **error)
{
  g_autofree char *text = NULL, *file = NULL;
  g_object_get (config, "recipe", &text, "file", &file, NULL);
  if (mode != GIMP_RUN_INTERACTIVE || !drawable)
    return ie_face_recipe (text, file, error);
  IeRecipe *recipe = text && *text ? ie_recipe_parse (text, NULL) : NULL;
  recipe = recipe ? recipe : ie_recipe_new ();
  if (ie_drawable_ask_recipe (drawable, title, id, &recipe, error)) {
    g_free (text);
    text = ie_recipe_text (recipe);
    g_object_set (config, "recipe", text, "file", "", NULL);
  } else {
    g_clear_pointer (&recipe, ie_recipe_free);
  }
  return recipe;
}

static GimpValueArray *
run (GimpProcedure *procedure, GimpRunMode mode, GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config,
     gpointer data)
{
  GError *error = NULL;
  ie_face_begin ();
  IeRecipe *recipe = ie_config_recipe (config, mode, _ (IE_RECIPE_TITLE), IE_RECIPE_PROCEDURE, drawables ? drawables[0] : NULL, &error);
  gboolean good = recipe && ie_drawables_apply (image, drawables, recipe, IE_RECIPE_TITLE, &error);
  ie_recipe_free (recipe);
  return ie_procedure_end (procedure, mode, good, error);
}

GimpProcedure *
ie_recipe_procedure_new (GimpPlugIn *plugin, const char *name)
{
  GimpProcedure *procedure = gimp_image_procedure_new (plugin, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);
  gimp_procedure_set_image_types (procedure, "RGB*, GRAY*");
  gimp_procedure_set_sensitivity_mask (procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE | GIMP_PROCEDURE_SENSITIVE_DRAWABLES);
  gimp_procedure_set_menu_label (procedure, _ (IE_RECIPE_LABEL));
  gimp_procedure_add_menu_path (procedure, IE_MENU);
  gimp_procedure_set_documentation (procedure, _ (IE_RECIPE_SUMMARY), _ (IE_RECIPE_HELP), name);
  gimp_procedure_set_attribution (procedure, "imgenhance", "imgenhance", "2026");
  gimp_procedure_add_string_argument (procedure, "recipe", _ ("Recipe"), _ (IE_RECIPE_ARGUMENT_HELP), "", G_PARAM_READWRITE);
  gimp_procedure_add_string_argument (procedure, "file", _ ("File"), _ (IE_RECIPE_FILE_HELP), "", G_PARAM_READWRITE);
  return procedure;
}
