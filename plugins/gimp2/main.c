// SPDX-License-Identifier: GPL-3.0-or-later
#include <locale.h>
#include <string.h>

#include "cli/commands.h"
#include "core/i18n.h"
#include "plugins/common/batch.h"
#include "plugins/common/recipe.h"
#include "plugins/common/similar.h"
#include "plugins/common/start.h"
#include "plugins/gimp2/plugin.h"

/* The procedures that are not a filter's. */
static const struct {
  const char *name;
  void (*install) (void);
  gboolean (*run) (int count, const GimpParam *arguments, GArray *values, GError **error);
  guint values; /* how many it gives */
} own_procedures[] = {
  { IE_RECIPE_PROCEDURE, ie_recipe_procedure_install, ie_recipe_procedure_run },
  { IE_BATCH_PROCEDURE, ie_batch_procedure_install, ie_batch_procedure_run },
  { IE_SIMILAR_PROCEDURE, ie_similar_procedure_install, ie_similar_procedure_run, IE_SIMILAR_VALUES },
  { NULL },
};

static void
install (const IeFilter *filter)
{
  int count;
  g_autofree char *name = ie_procedure_name (filter), *menu = ie_menu_path (filter), *help = ie_filter_help (filter);
  g_autofree char *label = ie_menu_label (filter);
  g_autofree GimpParamDef *arguments = ie_arguments_new (filter, &count);
  gimp_install_procedure (name, filter->summary, help, "imgenhance", "imgenhance", "2026", label, "RGB*, GRAY*", GIMP_PLUGIN, count,
                          0, arguments, NULL);
  gimp_plugin_menu_register (name, menu);
}

static void
query (void)
{
  /* GIMP keeps what is registered, whatever its language will be, and looks labels, menus and summaries up when it
   * shows them. */
  setlocale (LC_MESSAGES, "C");
  gimp_plugin_domain_register (IE_DOMAIN, ie_locale_folder ());
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  for (int i = 0; i < count; i++)
    install (filters[i]);
  for (int i = 0; own_procedures[i].name; i++)
    own_procedures[i].install ();
}

static const IeFilter *
filter_of (const char *procedure, GError **error)
{
  const char *name = g_str_has_prefix (procedure, "plug-in-imgenhance-") ? procedure + strlen ("plug-in-imgenhance-")
                                                                          : procedure;
  return ie_filter_find (name, 0, error);
}

/* FALSE without an error: the user would rather not. */
static gboolean
run_filter (const IeFilter *filter, int count, const GimpParam *arguments, GError **error)
{
  GimpRunMode mode = arguments[0].data.d_int32;
  IeParams *params = mode == GIMP_RUN_NONINTERACTIVE ? ie_arguments_read (filter, count, arguments, error)
                                                     : ie_last_values (filter);
  if (!params)
    return FALSE;
  if (mode == GIMP_RUN_INTERACTIVE && !ie_drawable_ask (arguments[2].data.d_drawable, filter, &params, error)) {
    ie_params_free (params);
    return FALSE;
  }
  IeRecipe *recipe = ie_recipe_new ();
  ie_recipe_append (recipe, filter, params);
  gboolean good = ie_drawable_apply (arguments[2].data.d_drawable, recipe, _ (filter->label), error);
  if (good && mode == GIMP_RUN_INTERACTIVE)
    ie_set_last_values (filter, params);
  ie_recipe_free (recipe);
  return good;
}

/* Does what a procedure was called for; appends what it gives. */
static gboolean
call (const char *procedure, int count, const GimpParam *arguments, GArray *values, GError **error)
{
  ie_face_begin ();
  for (int i = 0; own_procedures[i].name; i++)
    if (strcmp (procedure, own_procedures[i].name) == 0)
      return own_procedures[i].run (count, arguments, values, error);
  const IeFilter *filter = filter_of (procedure, error);
  return filter && run_filter (filter, count, arguments, error);
}

/* GIMP 2.10 makes the values up that are missing, also after an error, and then loses the error's text, or falls over an array. */
static void
fill_up (GArray *results, const char *procedure)
{
  const GimpParam nothing = { .type = GIMP_PDB_INT32 };
  for (int i = 0; own_procedures[i].name; i++)
    while (strcmp (procedure, own_procedures[i].name) == 0 && results->len < own_procedures[i].values + 1)
      g_array_append_val (results, nothing);
}

static void
run (const gchar *procedure, gint count, const GimpParam *arguments, gint *value_count, GimpParam **values)
{
  /* GIMP reads them after this has returned; the process ends soon. */
  static GArray *results;
  static char *reason;
  GError *error = NULL;
  GimpParam status = { .type = GIMP_PDB_STATUS, .data.d_status = GIMP_PDB_SUCCESS };
  g_clear_pointer (&results, g_array_unref);
  results = g_array_new (FALSE, FALSE, sizeof (GimpParam));
  g_array_append_val (results, status);
  if (call (procedure, count, arguments, results, &error)) {
    if (arguments[0].data.d_int32 != GIMP_RUN_NONINTERACTIVE)
      gimp_displays_flush ();
  } else if (!error) {
    g_array_index (results, GimpParam, 0).data.d_status = GIMP_PDB_CANCEL;
  } else {
    g_free (reason);
    reason = g_strdup (error->message);
    g_array_index (results, GimpParam, 0).data.d_status = g_error_matches (error, IE_ERROR, IE_ERROR_USAGE) ? GIMP_PDB_CALLING_ERROR
                                                                                                          : GIMP_PDB_EXECUTION_ERROR;
    GimpParam why = { .type = GIMP_PDB_STRING, .data.d_string = reason };
    g_array_append_val (results, why);
    g_clear_error (&error);
  }
  fill_up (results, procedure);
  *value_count = (int) results->len;
  *values = (GimpParam *) (void *) results->data;
}

const GimpPlugInInfo PLUG_IN_INFO = { NULL, NULL, query, run };

int
main (int argc, char **argv)
{
  if (argc > 1 && cli_is_command (argv[1]))
    return cli_main (argc, argv);
  ie_face_environment ();
  return gimp_main (&PLUG_IN_INFO, argc, argv);
}
