// SPDX-License-Identifier: GPL-3.0-or-later
#include <gegl.h>
#include <string.h>

#include "core/i18n.h"
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
  IeParams *params = ie_arguments_read (filter, config, error);
  gboolean good = params != NULL;
  gimp_image_undo_group_start (image);
  for (int i = 0; good && drawables[i]; i++)
    good = ie_drawable_apply (drawables[i], filter, ie_params_copy (params), error);
  gimp_image_undo_group_end (image);
  ie_params_free (params);
  return good;
}

/* FALSE without an error: the user would rather not. */
static gboolean
call (GimpProcedure *procedure, GimpRunMode mode, GimpImage *image, GimpDrawable **drawables, const IeFilter *filter,
      GimpProcedureConfig *config, GError **error)
{
  if (!drawables || !drawables[0]) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("no layer, mask or channel is selected"));
    return FALSE;
  }
  if (mode == GIMP_RUN_INTERACTIVE && !ie_drawable_ask (procedure, drawables[0], filter, config, error))
    return FALSE;
  return apply_to_all (image, drawables, filter, config, error);
}

static GimpValueArray *
run (GimpProcedure *procedure, GimpRunMode mode, GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config,
     gpointer data)
{
  GError *error = NULL;
  gegl_init (NULL, NULL);
  if (call (procedure, mode, image, drawables, data, config, &error)) {
    if (mode != GIMP_RUN_NONINTERACTIVE)
      gimp_displays_flush ();
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_SUCCESS, NULL);
  }
  if (!error)
    return gimp_procedure_new_return_values (procedure, GIMP_PDB_CANCEL, NULL);
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

GIMP_MAIN (ie_plugin_get_type ())
