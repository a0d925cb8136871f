// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/preview-private.h"

#include "plugins/common/reduce.h"
#include "core/i18n.h"

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
    return preview->shown->before && preview->shown->before->shrink > 1 ? _ ("Exact, made smaller for the screen") : _ ("Exact");
  if (!is_current (preview) || !preview->shown->after)
    return _ ("Computing...");
  if (preview->shown->after->shrink == 1)
    return busy ? _ ("Approximate, from the part in view; exact follows") : _ ("Approximate while you drag: from the part in view");
  return busy ? _ ("Approximate, from a smaller copy; exact follows") : _ ("Approximate while you drag: from a smaller copy");
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

static void
forget (IePreviewSeen *seen)
{
  ie_piece_unref (seen->piece);
  if (seen->surface)
    cairo_surface_destroy (seen->surface);
  *seen = (IePreviewSeen){ 0 };
}

static void
see (IePreviewSeen *seen, const IePreviewSeen *other)
{
  IePreviewSeen old = *seen;
  seen->piece = other->piece ? ie_piece_ref (other->piece) : NULL;
  seen->surface = other->surface ? cairo_surface_reference (other->surface) : NULL;
  forget (&old);
}

static void
see_piece (IePreview *preview, IePreviewSeen *seen, IePiece *piece)
{
  if (seen->piece == piece)
    return;
  forget (seen);
  if (!piece)
    return;
  seen->piece = ie_piece_ref (piece);
  seen->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, piece->width, piece->height);
  if (cairo_surface_status (seen->surface) != CAIRO_STATUS_SUCCESS)
    return;
  cairo_surface_flush (seen->surface);
  to_screen (preview, piece, cairo_image_surface_get_data (seen->surface), cairo_image_surface_get_stride (seen->surface));
  cairo_surface_mark_dirty (seen->surface);
}

/* The selection as `before` lies. */
static void
see_mask (IePreview *preview)
{
  const IePiece *piece = preview->before.piece;
  if (!preview->selection || !piece || preview->mask.piece == piece)
    return;
  forget (&preview->mask);
  const IeLevel *level = ie_picture_level (preview->selection, piece->shrink);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, piece->width, piece->height);
  guint8 *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  cairo_surface_flush (surface);
  for (int y = 0; level && data && y < piece->height; y++)
    memcpy (data + y * stride, level->data + (piece->rect.y / piece->shrink + y) * level->stride + piece->rect.x / piece->shrink,
            (gsize) piece->width);
  cairo_surface_mark_dirty (surface);
  preview->mask = (IePreviewSeen){ ie_piece_ref (preview->before.piece), surface };
}

static void
take (IePreview *preview)
{
  IeRendering *rendering = ie_render_take (preview->render);
  if (!rendering)
    return;
  see_piece (preview, &preview->before, rendering->before);
  see_piece (preview, &preview->after, rendering->after);
  see_mask (preview);
  IeRect all = ie_rect_whole (&preview->kind.header);
  if (rendering->before && ie_rect_inside (all, rendering->before->rect))
    see (&preview->whole_before, &preview->before);
  if (rendering->after && ie_rect_inside (all, rendering->after->rect))
    see (&preview->whole_after, &preview->after);
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
  add_button (preview, row, FALSE, "\xe2\x88\x92", _ ("Zoom out"), _ ("Shows more of the picture, smaller (key: -)"), zoom_out);
  add_button (preview, row, FALSE, "+", _ ("Zoom in"), _ ("Shows less of the picture, larger (key: +)"), zoom_in);
  add_button (preview, row, FALSE, _ ("_1:1"), _ ("Zoom 100 %"), _ ("One pixel of the picture is one of the screen (key: 1)"), zoom_100);
  add_button (preview, row, FALSE, _ ("_Fit"), _ ("Zoom to fit"), _ ("Shows the whole picture (key: 0)"), zoom_fit);
  preview->before_button = add_button (preview, row, TRUE, _ ("_Before"), _ ("Before"), _ ("Shows the picture as it was (key: B)"), toggle_before);
  preview->split_button = add_button (preview, row, TRUE, _ ("_Split"), _ ("Split view"),
                                      _ ("Shows the picture as it was left of a line that can be dragged (key: S)"), toggle_split);
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
  forget (&preview->before);
  forget (&preview->after);
  forget (&preview->whole_before);
  forget (&preview->whole_after);
  forget (&preview->mask);
  ie_picture_unref (preview->selection);
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

void
ie_preview_set_selection (GtkWidget *widget, GeglBuffer *mask, int x, int y)
{
  IePreview *preview = get (widget);
  int width = preview->kind.header.width, height = preview->kind.header.height;
  g_clear_pointer (&preview->selection, ie_picture_unref);
  forget (&preview->mask);
  IeBufferKind kind;
  /* Without memory for it the result is shown everywhere. */
  if (mask && ie_buffer_kind_init (&kind, babl_format ("Y u8"), width, height, NULL, NULL)) {
    preview->selection = ie_picture_new (mask, &(GeglRectangle){ x, y, width, height }, &kind, NULL);
    ie_buffer_kind_clear (&kind);
  }
  see_mask (preview);
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
