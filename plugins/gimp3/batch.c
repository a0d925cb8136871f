// SPDX-License-Identifier: GPL-3.0-or-later
/* plug-in-imgenhance-batch: many files through a recipe, by the command that this executable is too. */
#include "plugins/common/batch.h"
#include "plugins/common/recipe.h"
#include "plugins/common/start.h"
#include "plugins/dialog/batch-dialog.h"
#include "plugins/gimp3/plugin.h"

static void
ask (GimpProcedureConfig *config)
{
  g_autofree char *before = NULL;
  g_object_get (config, "recipe", &before, NULL);
  gimp_ui_init ("imgenhance");
  g_autofree char *text = ie_batch_dialog_run (IE_BATCH_PROCEDURE, before);
  g_object_set (config, "recipe", text, "file", "", NULL);
}

static GimpValueArray *
run (GimpProcedure *procedure, GimpProcedureConfig *config, gpointer data)
{
  GimpRunMode mode;
  GError *error = NULL;
  g_object_get (config, "run-mode", &mode, NULL);
  if (mode != GIMP_RUN_NONINTERACTIVE) {
    ie_face_begin ();
    ask (config);
    return ie_procedure_end (procedure, mode, TRUE, NULL);
  }
  g_autofree char *pictures = NULL, *text = NULL, *file = NULL, *output = NULL;
  g_object_get (config, "pictures", &pictures, "recipe", &text, "file", &file, "output", &output, NULL);
  IeRecipe *recipe = ie_face_recipe (text, file, &error);
  gboolean good = recipe && ie_batch_run (pictures, recipe, output, &error);
  ie_recipe_free (recipe);
  return ie_procedure_end (procedure, mode, good, error);
}

GimpProcedure *
ie_batch_procedure_new (GimpPlugIn *plugin, const char *name)
{
  GimpProcedure *procedure = gimp_procedure_new (plugin, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);
  gimp_procedure_set_sensitivity_mask (procedure, GIMP_PROCEDURE_SENSITIVE_ALWAYS);
  gimp_procedure_set_menu_label (procedure, _ (IE_BATCH_LABEL));
  gimp_procedure_add_menu_path (procedure, IE_MENU);
  gimp_procedure_set_documentation (procedure, _ (IE_BATCH_SUMMARY), _ (IE_BATCH_HELP), name);
  gimp_procedure_set_attribution (procedure, "imgenhance", "imgenhance", "2026");
  gimp_procedure_add_enum_argument (procedure, "run-mode", "Run mode", "Interactive or not", GIMP_TYPE_RUN_MODE, GIMP_RUN_NONINTERACTIVE,
                                    G_PARAM_READWRITE);
  gimp_procedure_add_string_argument (procedure, "pictures", _ ("Pictures"), _ (IE_BATCH_PICTURES_HELP), "", G_PARAM_READWRITE);
  gimp_procedure_add_string_argument (procedure, "recipe", _ ("Recipe"), _ (IE_RECIPE_ARGUMENT_HELP), "", G_PARAM_READWRITE);
  gimp_procedure_add_string_argument (procedure, "file", _ ("File"), _ (IE_RECIPE_FILE_HELP), "", G_PARAM_READWRITE);
  gimp_procedure_add_string_argument (procedure, "output", _ ("Results"), _ (IE_BATCH_OUTPUT_HELP), "", G_PARAM_READWRITE);
  return procedure;
}
