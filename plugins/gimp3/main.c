// SPDX-License-Identifier: GPL-3.0-or-later
#include <gegl.h>
#include <string.h>

#include "plugins/common/names.h"
#include "plugins/gimp3/plugin.h"

#define PREFIX "plug-in-imgenhance-"

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
  return names;
}

static gboolean
apply_to_all (GimpImage *image, GimpDrawable **drawables, const IeFilter *filter, GimpProcedureConfig *config, GError **error)
{
  GPtrArray *pictures;
  IeParams *params = ie_arguments_read (filter, config, &pictures, error);
  if (!params)
    return FALSE;
  IeRecipe *recipe = ie_recipe_new ();
  ie_recipe_append (recipe, filter, params);
  gboolean good = ie_drawables_apply (image, drawables, recipe, filter->label, pictures, error);
  ie_recipe_free (recipe);
  g_ptr_array_unref (pictures);
  return good;
}

static GimpValueArray *
run (GimpProcedure *procedure, GimpRunMode mode, GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config,
     gpointer data)
{
  const IeFilter *filter = data;
  GError *error = NULL;
  gegl_init (NULL, NULL);
  if (apply_to_all (image, drawables, filter, config, &error)) {
    if (mode != GIMP_RUN_NONINTERACTIVE)
      gimp_displays_flush ();
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_SUCCESS, NULL);
  }
  gboolean calling = g_error_matches (error, IE_ERROR, IE_ERROR_USAGE);
  return gimp_procedure_new_return_values (procedure, calling ? GIMP_PDB_CALLING_ERROR : GIMP_PDB_EXECUTION_ERROR, error);
}

static GimpProcedure *
create_procedure (GimpPlugIn *plugin, const char *name)
{
  const IeFilter *filter = g_str_has_prefix (name, PREFIX) ? ie_filter_find (name + strlen (PREFIX), 0, NULL) : NULL;
  if (!filter)
    return NULL;
  GimpProcedure *procedure = gimp_image_procedure_new (plugin, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, (gpointer) filter, NULL);
  g_autofree char *help = ie_filter_help (filter);
  gimp_procedure_set_image_types (procedure, "RGB*, GRAY*");
  gimp_procedure_set_sensitivity_mask (procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE | GIMP_PROCEDURE_SENSITIVE_DRAWABLES);
  /* No menu place: the operations of the GEGL module have one each. */
  gimp_procedure_set_documentation (procedure, filter->summary, help, name);
  gimp_procedure_set_attribution (procedure, "imgenhance", "imgenhance", "2026");
  ie_arguments_add (procedure, filter);
  return procedure;
}

static void
ie_plugin_class_init (PluginClass *class)
{
  GimpPlugInClass *plugin_class = GIMP_PLUG_IN_CLASS (class);
  plugin_class->query_procedures = query_procedures;
  plugin_class->create_procedure = create_procedure;
}

static void
ie_plugin_init (Plugin *plugin)
{
}

GIMP_MAIN (ie_plugin_get_type ())
