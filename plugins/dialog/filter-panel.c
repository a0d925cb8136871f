// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/filter-panel.h"

#include "plugins/dialog/copy-button.h"
#include "plugins/dialog/preset-row.h"
#include "plugins/dialog/screen-colour.h"

/* The preview as a dialog opens, in the units of the toolkit: most of what a small screen has beside the controls. */
#define PREVIEW_WIDTH 520
#define PREVIEW_HEIGHT 430
/* No narrower where the controls are few, so that dialogs look alike. */
#define SIDE_WIDTH 340

typedef struct {
  const IeFilter *filter;
  GtkWidget *preview, *controls, *presets, *wrong;
  IeScreenColour *colour;
  char *file;
  char *(*file_of) (const char *text);
  IePanelChanged changed;
  gpointer data;
} Panel;

static Panel *
panel_of (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), "ie-panel");
}

static void
panel_free (gpointer data)
{
  Panel *panel = data;
  ie_screen_colour_free (panel->colour);
  g_free (panel->file);
  g_free (panel);
}

/* Shows what the controls say; returns why they say nothing, or NULL. g_free(). */
static char *
show (Panel *panel, gboolean dragging)
{
  GError *error = NULL;
  IeParams *params = ie_controls_params (panel->controls, &error);
  char *wrong = params ? NULL : g_strdup (error->message);
  if (params) {
    IeRecipe *recipe = ie_recipe_new ();
    ie_recipe_append (recipe, panel->filter, params);
    ie_preview_set (panel->preview, recipe, dragging);
    ie_recipe_free (recipe);
  } else {
    ie_preview_set_message (panel->preview, wrong);
    g_error_free (error);
  }
  return wrong;
}

static void
controls_changed (gpointer data, gboolean dragging)
{
  Panel *panel = data;
  g_autofree char *wrong = show (panel, dragging);
  ie_preset_row_forget (panel->presets);
  if (panel->changed)
    panel->changed (panel->data, wrong);
}

static IeParams *
get_params (gpointer data, GError **error)
{
  return ie_controls_params (((Panel *) data)->controls, error);
}

static void
set_params (gpointer data, const IeParams *params)
{
  Panel *panel = data;
  ie_controls_set (panel->controls, params);
  controls_changed (panel, FALSE);
}

static char *
copy_text (gpointer data, IeCopyKind kind)
{
  Panel *panel = data;
  IeParams *params = ie_controls_params (panel->controls, NULL);
  char *text = params ? ie_copy_text (kind, panel->filter, params, panel->file, panel->file_of) : NULL;
  ie_params_free (params);
  return text;
}

/* Controls at the top, presets and "Copy As..." at the bottom. */
static GtkWidget *
side_new (Panel *panel, const IeParams *params)
{
  GtkWidget *side = ie_box_new (GTK_ORIENTATION_VERTICAL, IE_BORDER), *bottom = ie_box_new (GTK_ORIENTATION_VERTICAL, IE_SPACING);
  GtkWidget *copy = ie_box_new (GTK_ORIENTATION_HORIZONTAL, IE_SPACING);
  IePresetHooks hooks = { get_params, set_params, panel };
  gtk_widget_set_size_request (side, SIDE_WIDTH, -1);
  panel->controls = ie_controls_new (panel->filter, params, controls_changed, panel);
  panel->presets = ie_preset_row_new (panel->filter, &hooks);
  gtk_box_pack_end (GTK_BOX (copy), ie_copy_button_new (copy_text, panel), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (bottom), panel->presets, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (bottom), copy, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (side), panel->controls, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (side), bottom, FALSE, FALSE, 0);
  return side;
}

GtkWidget *
ie_filter_panel_new (const IeDialogPlace *place, const IeFilter *filter, const IeParams *params, IePanelChanged changed, gpointer data)
{
  Panel *panel = g_new0 (Panel, 1);
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_HORIZONTAL, IE_BORDER);
  g_object_set_data_full (G_OBJECT (box), "ie-panel", panel, panel_free);
  *panel = (Panel){ .filter = filter, .file = g_strdup (place->file), .file_of = place->file_of, .changed = changed, .data = data };
  panel->colour = ie_screen_colour_new (place->kind);
  IePreviewHooks hooks = { .resolve = place->resolve, .resolve_data = place->resolve_data, .to_screen = ie_screen_colour_show,
                           .screen_data = panel->colour };
  panel->preview = ie_preview_new (place->buffer, &place->extent, place->kind, &hooks);
  gtk_widget_set_size_request (panel->preview, PREVIEW_WIDTH, PREVIEW_HEIGHT);
  gtk_box_pack_start (GTK_BOX (box), panel->preview, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), side_new (panel, params), FALSE, FALSE, 0);
  g_free (show (panel, FALSE));
  return box;
}

IeParams *
ie_filter_panel_params (GtkWidget *widget, GError **error)
{
  return ie_controls_params (panel_of (widget)->controls, error);
}

void
ie_filter_panel_set (GtkWidget *widget, const IeParams *params)
{
  Panel *panel = panel_of (widget);
  ie_controls_set (panel->controls, params);
  ie_preset_row_forget (panel->presets);
  g_free (show (panel, FALSE));
}

gboolean
ie_filter_panel_is_exact (GtkWidget *widget)
{
  return ie_preview_is_exact (panel_of (widget)->preview);
}
