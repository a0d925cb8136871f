// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "cli/commands.h"
#include "core/i18n.h"
#include "plugins/common/batch.h"
#include "plugins/common/recipe.h"
#include "plugins/common/similar.h"
#include "plugins/common/start.h"
#include "plugins/gimp3/plugin.h"

#define PREFIX "plug-in-imgenhance-"

/* The procedures that are not a filter's. */
static const struct {
  const char *name;
  GimpProcedure *(*create) (GimpPlugIn *plugin, const char *name);
} own_procedures[] = {
  { IE_RECIPE_PROCEDURE, ie_recipe_procedure_new },
  { IE_BATCH_PROCEDURE, ie_batch_procedure_new },
  { IE_SIMILAR_PROCEDURE, ie_similar_procedure_new },
  { IE_COPY_EFFECTS_PROCEDURE, ie_copy_effects_procedure_new },
  { IE_APPLY_EFFECTS_PROCEDURE, ie_apply_effects_procedure_new },
  { NULL },
};

typedef struct {
  GimpPlugIn parent;
} Plugin;

typedef struct {
  GimpPlugInClass parent;
} PluginClass;

GType ie_plugin_get_type (void);
G_DEFINE_TYPE (Plugin, ie_plugin, GIMP_TYPE_PLUG_IN)

static GList *
query_procedures (GimpPlugIn *plugin)
{
  GList *names = NULL;
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  for (int i = count - 1; i >= 0; i--)
    names = g_list_prepend (names, ie_procedure_name (filters[i]));
  for (int i = 0; own_procedures[i].name; i++)
    names = g_list_prepend (names, g_strdup (own_procedures[i].name));
  return names;
}

static gboolean
run_filter (const IeFilter *filter, GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config, GError **error)
{
  IeParams *params = ie_arguments_read (filter, config, error);
  if (!params)
    return FALSE;
  IeRecipe *recipe = ie_recipe_new ();
  ie_recipe_append (recipe, filter, params);
  gboolean good = ie_drawables_apply (image, drawables, recipe, _ (filter->label), error);
  ie_recipe_free (recipe);
  return good;
}

GimpValueArray *
ie_procedure_end (GimpProcedure *procedure, GimpRunMode mode, gboolean good, GError *error)
{
  if (!good && !error) /* the user would rather not */
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_CANCEL, NULL);
  if (good) {
    if (mode != GIMP_RUN_NONINTERACTIVE)
      gimp_displays_flush ();
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_SUCCESS, NULL);
  }
  GimpPDBStatusType status = g_error_matches (error, IE_ERROR, IE_ERROR_CANCELLED) ? GIMP_PDB_CANCEL
                             : g_error_matches (error, IE_ERROR, IE_ERROR_USAGE)   ? GIMP_PDB_CALLING_ERROR
                                                                                   : GIMP_PDB_EXECUTION_ERROR;
  return gimp_procedure_new_return_values (procedure, status, error);
}

static GimpValueArray *
run (GimpProcedure *procedure, GimpRunMode mode, GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config,
     gpointer data)
{
  GError *error = NULL;
  ie_face_begin ();
  const IeFilter *filter = data;
  gboolean good = mode != GIMP_RUN_INTERACTIVE || !drawables || !drawables[0] ||
                  ie_drawable_ask (procedure, drawables[0], filter, config, &error);
  good = good && run_filter (filter, image, drawables, config, &error);
  return ie_procedure_end (procedure, mode, good, error);
}

static GimpProcedure *
create_procedure (GimpPlugIn *plugin, const char *name)
{
  for (int i = 0; own_procedures[i].name; i++)
    if (strcmp (name, own_procedures[i].name) == 0)
      return own_procedures[i].create (plugin, name);
  const IeFilter *filter = g_str_has_prefix (name, PREFIX) ? ie_filter_find (name + strlen (PREFIX), 0, NULL) : NULL;
  if (!filter)
    return NULL;
  GimpProcedure *procedure = gimp_image_procedure_new (plugin, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, (gpointer) filter, NULL);
  g_autofree char *help = ie_filter_help (filter);
  gimp_procedure_set_image_types (procedure, "RGB*, GRAY*");
  gimp_procedure_set_sensitivity_mask (procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE | GIMP_PROCEDURE_SENSITIVE_DRAWABLES);
  /* No menu place: the operations of the GEGL module have one each. */
  gimp_procedure_set_documentation (procedure, _ (filter->summary), help, name);
  gimp_procedure_set_attribution (procedure, "imgenhance", "imgenhance", "2026");
  ie_arguments_add (procedure, filter);
  return procedure;
}

/* Our catalogues do not lie in the plug-in's folder but where all of the installation's are; core/i18n.c finds them. */
static gboolean
set_i18n (GimpPlugIn *plugin, const char *procedure, char **domain, char **folder)
{
  return FALSE;
}

static void
ie_plugin_class_init (PluginClass *class)
{
  GimpPlugInClass *plugin_class = GIMP_PLUG_IN_CLASS (class);
  plugin_class->set_i18n = set_i18n;
  plugin_class->query_procedures = query_procedures;
  plugin_class->create_procedure = create_procedure;
}

static void
ie_plugin_init (Plugin *plugin)
{
}

int
main (int argc, char **argv)
{
  if (argc > 1 && cli_is_command (argv[1]))
    return cli_main (argc, argv);
  ie_face_environment ();
  return gimp_main (ie_plugin_get_type (), argc, argv);
}
