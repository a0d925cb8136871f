// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/preview-private.h"

#include "plugins/common/reduce.h"

#include <string.h>

#define KEY "imgenhance-preview"

static IePreview *
get (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), KEY);
}

/* ---- state ---- */

static gboolean
is_current (const IePreview *preview)
{
  return preview->shown && preview->shown->serial == preview->serial;
}

const char *
ie_preview_state (const IePreview *preview)
{
  if (preview->message || !preview->render)
    return "";
  gboolean busy = ie_render_busy (preview->render);
  if (is_current (preview) && preview->shown->error)
    return "";
  if (is_current (preview) && preview->shown->exact)
    return preview->shown->before && preview->shown->before->shrink > 1 ? "Exact, made smaller for the screen" : "Exact";
  if (is_current (preview) && preview->shown->after && !busy)
    return "Approximate while you drag: computed on a smaller copy";
  if (is_current (preview) && preview->shown->after)
    return "Approximate: computed on a smaller copy; the exact picture follows";
  return "Computing...";
}

void
ie_preview_changed (IePreview *preview)
{
  g_autofree char *zoom = g_strdup_printf (preview->zoom * 100 < 10 ? "%.1f %%" : "%.0f %%", preview->zoom * 100);
  gtk_label_set_text (GTK_LABEL (preview->zoom_label), zoom);
  gtk_label_set_text (GTK_LABEL (preview->state_label), ie_preview_state (preview));
  gtk_widget_queue_draw (preview->area);
  if (preview->hooks.changed)
    preview->hooks.changed (preview->hooks.changed_data, preview->box);
}

/* ---- pixels for the screen ---- */

static void
to_screen (IePreview *preview, const IePiece *piece, guint8 *data, int stride)
{
  if (preview->hooks.to_screen) {
    preview->hooks.to_screen (preview->hooks.screen_data, preview->box, preview->kind.format, piece->data, piece->stride, data,
                              stride, piece->width, piece->height);
    return;
  }
  const Babl *fish = babl_fish (preview->kind.format, babl_format ("cairo-ARGB32"));
  for (int y = 0; y < piece->height; y++)
    babl_process (fish, piece->data + y * piece->stride, data + y * stride, piece->width);
}

static cairo_surface_t *
surface_of (IePreview *preview, const IePiece *piece)
{
  if (!piece)
    return NULL;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, piece->width, piece->height);
  if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS) {
    cairo_surface_flush (surface);
    to_screen (preview, piece, cairo_image_surface_get_data (surface), cairo_image_surface_get_stride (surface));
    cairo_surface_mark_dirty (surface);
  }
  return surface;
}

static void
take (IePreview *preview)
{
  IeRendering *rendering = ie_render_take (preview->render);
  if (!rendering)
    return;
  gboolean same_before = preview->shown && preview->shown->before == rendering->before;
  if (!same_before) {
    g_clear_pointer (&preview->before, cairo_surface_destroy);
    preview->before = surface_of (preview, rendering->before);
  }
  g_clear_pointer (&preview->after, cairo_surface_destroy);
  preview->after = surface_of (preview, rendering->after);
  ie_rendering_free (preview->shown);
  preview->shown = rendering;
}

static gboolean
on_ready (gpointer data)
{
  IePreview *preview = data;
  g_atomic_int_set (&preview->posted, 0);
  take (preview);
  ie_preview_changed (preview);
  return G_SOURCE_REMOVE;
}

/* In the rendering thread. */
static void
post_ready (gpointer data)
{
  IePreview *preview = data;
  if (g_atomic_int_compare_and_exchange (&preview->posted, 0, 1))
    g_idle_add_full (G_PRIORITY_DEFAULT, on_ready, preview, NULL);
}

void
ie_preview_want (IePreview *preview, gboolean dragging)
{
  ie_preview_place (preview);
  IeRect rect = ie_preview_visible (preview);
  if (!preview->render || rect.width <= 0 || rect.height <= 0)
    return;
  int shrink = preview->zoom >= 1 ? 1 : MAX ((int) (1 / preview->zoom + 1e-6), 1);
  preview->serial = ie_render_request (preview->render, preview->recipe, rect, shrink, dragging);
  preview->asked[preview->serial % IE_PREVIEW_TIMES] = g_get_monotonic_time ();
  ie_preview_changed (preview);
}

/* ---- the row of buttons ---- */

static void
zoom_out (GtkWidget *button, gpointer data)
{
  double x, y;
  ie_preview_middle (data, &x, &y);
  ie_preview_zoom_by (data, -1, x, y);
}

static void
zoom_in (GtkWidget *button, gpointer data)
{
  double x, y;
  ie_preview_middle (data, &x, &y);
  ie_preview_zoom_by (data, 1, x, y);
}

static void
zoom_100 (GtkWidget *button, gpointer data)
{
  double x, y;
  ie_preview_middle (data, &x, &y);
  ie_preview_zoom_to (data, 1, x, y);
}

static void
zoom_fit (GtkWidget *button, gpointer data)
{
  ie_preview_zoom_to (data, 0, 0, 0);
}

static void
toggle_before (GtkWidget *button, gpointer data)
{
  IePreview *preview = data;
  preview->showing_before = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (button));
  ie_preview_changed (preview);
}

static void
toggle_split (GtkWidget *button, gpointer data)
{
  IePreview *preview = data;
  gboolean on = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (button));
  if (on != (preview->split >= 0))
    preview->split = on ? 0.5 : -1;
  ie_preview_changed (preview);
}

static GtkWidget *
add_button (IePreview *preview, GtkWidget *row, gboolean toggle, const char *label, const char *name, const char *help,
            void (*clicked) (GtkWidget *, gpointer))
{
  GtkWidget *button = toggle ? gtk_toggle_button_new_with_mnemonic (label) : gtk_button_new_with_mnemonic (label);
  gtk_widget_set_tooltip_text (button, help);
  ie_set_name (button, name, help);
  g_signal_connect (button, toggle ? "toggled" : "clicked", G_CALLBACK (clicked), preview);
  gtk_box_pack_start (GTK_BOX (row), button, FALSE, FALSE, 0);
  return button;
}

static void
add_controls (IePreview *preview)
{
  GtkWidget *row = ie_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  add_button (preview, row, FALSE, "\xe2\x88\x92", "Zoom out", "Shows more of the picture, smaller (key: -)", zoom_out);
  add_button (preview, row, FALSE, "+", "Zoom in", "Shows less of the picture, larger (key: +)", zoom_in);
  add_button (preview, row, FALSE, "_1:1", "Zoom 100 %", "One pixel of the picture is one of the screen (key: 1)", zoom_100);
  add_button (preview, row, FALSE, "_Fit", "Zoom to fit", "Shows the whole picture (key: 0)", zoom_fit);
  preview->before_button = add_button (preview, row, TRUE, "_Before", "Before", "Shows the picture as it was (key: B)", toggle_before);
  preview->split_button = add_button (preview, row, TRUE, "_Split", "Split view",
                                      "Shows the picture as it was left of a line that can be dragged (key: S)", toggle_split);
  preview->zoom_label = gtk_label_new ("");
  gtk_box_pack_end (GTK_BOX (row), preview->zoom_label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (preview->box), row, FALSE, FALSE, 0);
  preview->state_label = gtk_label_new ("");
  ie_label_align (preview->state_label);
  gtk_label_set_line_wrap (GTK_LABEL (preview->state_label), FALSE);
  gtk_label_set_ellipsize (GTK_LABEL (preview->state_label), PANGO_ELLIPSIZE_END);
  gtk_box_pack_start (GTK_BOX (preview->box), preview->state_label, FALSE, FALSE, 0);
}

/* ---- the widget ---- */

static void
destroyed (gpointer data)
{
  IePreview *preview = data;
  ie_render_free (preview->render); /* nothing is posted afterwards */
  while (g_source_remove_by_user_data (preview))
    ;
  ie_rendering_free (preview->shown);
  g_clear_pointer (&preview->before, cairo_surface_destroy);
  g_clear_pointer (&preview->after, cairo_surface_destroy);
  ie_recipe_free (preview->recipe);
  g_free (preview->message);
  g_free (preview);
}

static void
resized (GtkWidget *area, GtkAllocation *allocation, gpointer data)
{
  ie_preview_want (data, TRUE);
}

GtkWidget *
ie_preview_new (GeglBuffer *buffer, const GeglRectangle *extent, const IeBufferKind *kind, const IePreviewHooks *hooks)
{
  GError *error = NULL;
  IePreview *preview = g_new0 (IePreview, 1);
  if (hooks)
    preview->hooks = *hooks;
  preview->kind.format = kind->format;
  preview->kind.header = kind->header;
  preview->kind.header.metadata = NULL;
  preview->recipe = ie_recipe_new ();
  preview->fit = TRUE;
  preview->zoom = 1;
  preview->split = -1;
  preview->timing = g_getenv ("IMGENHANCE_PREVIEW_TIMES") != NULL;
  IeRenderHooks render_hooks = { .resolve = preview->hooks.resolve, .resolve_data = preview->hooks.resolve_data,
                                 .ready = post_ready, .ready_data = preview };
  preview->render = ie_render_new (buffer, extent, kind, &render_hooks, &error);
  if (error)
    preview->message = g_strdup (error->message);
  g_clear_error (&error);
  preview->box = ie_box_new (GTK_ORIENTATION_VERTICAL, 4);
  g_object_set_data_full (G_OBJECT (preview->box), KEY, preview, destroyed);
  ie_preview_area_init (preview);
  gtk_box_pack_start (GTK_BOX (preview->box), preview->area, TRUE, TRUE, 0);
  add_controls (preview);
  g_signal_connect (preview->area, "size-allocate", G_CALLBACK (resized), preview);
  gtk_widget_show_all (preview->box);
  return preview->box;
}

void
ie_preview_set (GtkWidget *widget, const IeRecipe *recipe, gboolean dragging)
{
  IePreview *preview = get (widget);
  IeRecipe *copy = ie_recipe_reduced (recipe, 1);
  ie_recipe_free (preview->recipe);
  preview->recipe = copy;
  if (preview->render)
    g_clear_pointer (&preview->message, g_free);
  ie_preview_want (preview, dragging);
}

void
ie_preview_set_message (GtkWidget *widget, const char *message)
{
  IePreview *preview = get (widget);
  g_free (preview->message);
  preview->message = g_strdup (message);
  ie_preview_changed (preview);
}

gboolean
ie_preview_is_exact (GtkWidget *widget)
{
  const IePreview *preview = get (widget);
  return preview->message || (is_current (preview) && preview->shown->exact);
}

void
ie_preview_set_zoom (GtkWidget *widget, double zoom)
{
  double x, y;
  ie_preview_middle (get (widget), &x, &y);
  ie_preview_zoom_to (get (widget), zoom, x, y);
}

double
ie_preview_get_zoom (GtkWidget *widget)
{
  return get (widget)->zoom;
}

void
ie_preview_set_centre (GtkWidget *widget, double x, double y)
{
  IePreview *preview = get (widget);
  preview->x = x;
  preview->y = y;
  ie_preview_want (preview, FALSE);
}

void
ie_preview_set_before (GtkWidget *widget, gboolean before)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (get (widget)->before_button), before);
}

void
ie_preview_set_split (GtkWidget *widget, double place)
{
  IePreview *preview = get (widget);
  preview->split = place;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (preview->split_button), place >= 0);
  ie_preview_changed (preview);
}

const IeRendering *
ie_preview_rendering (GtkWidget *widget)
{
  return get (widget)->shown;
}
