// SPDX-License-Identifier: GPL-3.0-or-later
/* plug-in-imgenhance-batch: many files through a recipe, by the command that this executable is too. */
#include <string.h>

#include "plugins/common/batch.h"
#include "plugins/common/recipe.h"
#include "plugins/dialog/batch-dialog.h"
#include "plugins/gimp2/plugin.h"

static const GimpParamDef arguments_of[] = {
  { GIMP_PDB_INT32, "run-mode", "The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1) }" },
  { GIMP_PDB_STRING, "pictures", IE_BATCH_PICTURES_HELP },
  { GIMP_PDB_STRING, "recipe", IE_RECIPE_ARGUMENT_HELP },
  { GIMP_PDB_STRING, "file", IE_RECIPE_FILE_HELP },
  { GIMP_PDB_STRING, "output", IE_BATCH_OUTPUT_HELP },
};

void
ie_batch_procedure_install (void)
{
  gimp_install_procedure (IE_BATCH_PROCEDURE, IE_BATCH_SUMMARY, IE_BATCH_HELP, "imgenhance", "imgenhance", "2026", IE_BATCH_LABEL, "",
                          GIMP_PLUGIN, G_N_ELEMENTS (arguments_of), 0, arguments_of, NULL);
  gimp_plugin_menu_register (IE_BATCH_PROCEDURE, IE_MENU);
}

static void
ask (void)
{
  g_autofree char *before = ie_last_text (IE_BATCH_PROCEDURE);
  gimp_ui_init ("imgenhance", FALSE);
  g_autofree char *text = ie_batch_dialog_run (IE_BATCH_PROCEDURE, before);
  gimp_set_data (IE_BATCH_PROCEDURE, text, (guint) strlen (text) + 1);
}

gboolean
ie_batch_procedure_run (int count, const GimpParam *arguments, GArray *values, GError **error)
{
  if (arguments[0].data.d_int32 != GIMP_RUN_NONINTERACTIVE) {
    ask ();
    return TRUE;
  }
  if (count != G_N_ELEMENTS (arguments_of)) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%d arguments were given, %d are needed"), count, (int) G_N_ELEMENTS (arguments_of));
    return FALSE;
  }
  IeRecipe *recipe = ie_face_recipe (arguments[2].data.d_string, arguments[3].data.d_string, error);
  gboolean good = recipe && ie_batch_run (arguments[1].data.d_string, recipe, arguments[4].data.d_string, error);
  ie_recipe_free (recipe);
  return good;
}
