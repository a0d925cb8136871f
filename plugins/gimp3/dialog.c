// SPDX-License-Identifier: GPL-3.0-or-later
/* The dialog of a filter: GIMP's own for procedures (reset, saved settings, help, buttons), with our preview and controls in it and
 * both bound to the procedure's config. */
#include <stdlib.h>
#include <string.h>

#include "plugins/common/names.h"
#include "plugins/dialog/dialog-test.h"
#include "plugins/dialog/filter-panel.h"
#include "plugins/dialog/help.h"
#include "plugins/dialog/recipe-dialog.h"
#include "plugins/dialog/window-size.h"
#include "plugins/gimp3/plugin.h"

typedef struct {
  const IeFilter *filter;
  GimpProcedureConfig *config;
  GtkWidget *dialog, *panel;
  gulong notified;
  guint waiting; /* an idle source that brings the config to the controls */
} Binding;

/* GIMP hands a help function nothing but an id. */
static const IeFilter *helped;

static void
show_help (const char *id, gpointer dialog)
{
  ie_help_show (helped, GTK_IS_WIDGET (dialog) ? dialog : NULL);
}

/* ---- controls to config ---- */

static void
panel_changed (gpointer data, const char *wrong)
{
  Binding *binding = data;
  gtk_dialog_set_response_sensitive (GTK_DIALOG (binding->dialog), GTK_RESPONSE_OK, !wrong);
  IeParams *params = wrong ? NULL : ie_filter_panel_params (binding->panel, NULL);
  if (!params)
    return;
  g_signal_handler_block (binding->config, binding->notified);
  ie_arguments_write (binding->config, params);
  g_signal_handler_unblock (binding->config, binding->notified);
  ie_params_free (params);
}

/* ---- config to controls: a reset, or settings that were loaded, change many properties at once ---- */

static gboolean
take_config (gpointer data)
{
  Binding *binding = data;
  binding->waiting = 0;
  IeParams *params = ie_arguments_values (binding->filter, binding->config, NULL);
  if (params)
    ie_filter_panel_set (binding->panel, params);
  ie_params_free (params);
  return G_SOURCE_REMOVE;
}

static void
config_changed (GObject *config, GParamSpec *property, gpointer data)
{
  Binding *binding = data;
  if (!binding->waiting)
    binding->waiting = g_idle_add (take_config, binding);
}

/* ---- the dialog ---- */

/* The file that a drawable's image lies in. */
static char *
file_of (const char *text)
{
  GimpItem *item = gimp_item_get_by_id (atoi (text + strlen (IE_DRAWABLE_PREFIX)));
  GFile *file = item ? gimp_image_get_file (gimp_item_get_image (item)) : NULL;
  return file ? g_file_get_path (file) : NULL;
}

static GtkWidget *
dialog_new (GimpProcedure *procedure, GimpProcedureConfig *config, const IeFilter *filter)
{
  gboolean header;
  helped = filter;
  g_object_get (gtk_settings_get_default (), "gtk-dialogs-use-header", &header, NULL);
  return g_object_new (GIMP_TYPE_PROCEDURE_DIALOG, "procedure", procedure, "config", config, "title", _ (filter->label), "help-func",
                       show_help, "help-id", gimp_procedure_get_name (procedure), "use-header-bar", header, NULL);
}

static gboolean
run (GimpProcedure *procedure, GimpProcedureConfig *config, const IeFilter *filter, const IeDialogPlace *place, GError **error)
{
  IeParams *params = ie_arguments_values (filter, config, error);
  if (!params)
    return FALSE;
  Binding binding = { .filter = filter, .config = config, .dialog = dialog_new (procedure, config, filter) };
  GtkWidget *content = gtk_dialog_get_content_area (GTK_DIALOG (binding.dialog));
  binding.panel = ie_filter_panel_new (place, filter, params, panel_changed, &binding);
  ie_params_free (params);
  gtk_widget_set_margin_bottom (binding.panel, IE_SPACING);
  gtk_box_pack_start (GTK_BOX (content), binding.panel, TRUE, TRUE, 0);
  gtk_widget_show_all (binding.panel);
  binding.notified = g_signal_connect (config, "notify", G_CALLBACK (config_changed), &binding);
  ie_window_size_restore (binding.dialog);
  ie_mnemonics_settle (binding.dialog);
  ie_dialog_test_watch (binding.dialog, binding.panel, filter);
  gboolean good = gimp_procedure_dialog_run (GIMP_PROCEDURE_DIALOG (binding.dialog));
  g_signal_handler_disconnect (config, binding.notified);
  if (binding.waiting)
    g_source_remove (binding.waiting);
  if (good)
    panel_changed (&binding, NULL);
  ie_window_size_keep (binding.dialog);
  gtk_widget_destroy (binding.dialog);
  return good;
}

/* Something that asks about a drawable's pixels. */
typedef gboolean (*Ask) (const IeDialogPlace *place, gpointer data, GError **error);

static gboolean
ask_about (GimpDrawable *drawable, Ask ask, gpointer data, GError **error)
{
  if (!ie_drawable_check (drawable, error))
    return FALSE;
  GeglBuffer *buffer = gimp_drawable_get_buffer (drawable);
  GeglRectangle extent = { 0, 0, gimp_drawable_get_width (drawable), gimp_drawable_get_height (drawable) };
  GFile *file = gimp_image_get_file (gimp_item_get_image (GIMP_ITEM (drawable)));
  g_autofree char *path = file ? g_file_get_path (file) : NULL;
  IeBufferKind kind;
  gboolean good = ie_buffer_kind_init (&kind, gegl_buffer_get_format (buffer), extent.width, extent.height, NULL, error);
  if (good) {
    IeDialogPlace place = { .buffer = buffer, .extent = extent, .kind = &kind, .resolve = ie_drawable_resolve, .file = path,
                            .file_of = file_of };
    gimp_ui_init ("imgenhance");
    good = ask (&place, data, error);
  }
  ie_buffer_kind_clear (&kind);
  g_object_unref (buffer);
  return good;
}

typedef struct {
  GimpProcedure *procedure;
  GimpProcedureConfig *config;
  const IeFilter *filter;
} Values;

static gboolean
ask_values (const IeDialogPlace *place, gpointer data, GError **error)
{
  const Values *values = data;
  return run (values->procedure, values->config, values->filter, place, error);
}

gboolean
ie_drawable_ask (GimpProcedure *procedure, GimpDrawable *drawable, const IeFilter *filter, GimpProcedureConfig *config, GError **error)
{
  return ask_about (drawable, ask_values, &(Values){ procedure, config, filter }, error);
}

typedef struct {
  const char *title, *id;
  IeRecipe **recipe;
} Steps;

static gboolean
ask_recipe (const IeDialogPlace *place, gpointer data, GError **error)
{
  const Steps *steps = data;
  return ie_recipe_dialog_run (place, steps->title, steps->id, steps->recipe);
}

gboolean
ie_drawable_ask_recipe (GimpDrawable *drawable, const char *title, const char *id, IeRecipe **recipe, GError **error)
{
  return ask_about (drawable, ask_recipe, &(Steps){ title, id, recipe }, error);
}
