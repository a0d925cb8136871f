// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/preview-private.h"

#include <math.h>

/* Sides of the squares behind transparent pixels, and their greys: as GIMP's own. */
#define CHECK_SIDE 8
#define CHECK_DARK 0.4
#define CHECK_LIGHT 0.6
#define GROUND 0.25 /* grey beside the picture */

/* ---- the picture ---- */

static cairo_pattern_t *
checks_new (void)
{
  cairo_surface_t *tile = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 2 * CHECK_SIDE, 2 * CHECK_SIDE);
  cairo_t *cairo = cairo_create (tile);
  cairo_set_source_rgb (cairo, CHECK_LIGHT, CHECK_LIGHT, CHECK_LIGHT);
  cairo_paint (cairo);
  cairo_set_source_rgb (cairo, CHECK_DARK, CHECK_DARK, CHECK_DARK);
  cairo_rectangle (cairo, 0, 0, CHECK_SIDE, CHECK_SIDE);
  cairo_rectangle (cairo, CHECK_SIDE, CHECK_SIDE, CHECK_SIDE, CHECK_SIDE);
  cairo_fill (cairo);
  cairo_destroy (cairo);
  cairo_pattern_t *pattern = cairo_pattern_create_for_surface (tile);
  cairo_pattern_set_extend (pattern, CAIRO_EXTEND_REPEAT);
  cairo_surface_destroy (tile);
  return pattern;
}

static void
paint_checks (const IePreview *preview, cairo_t *cairo)
{
  double x, y;
  ie_preview_corner (preview, &x, &y);
  const IeHeader *header = &preview->kind.header;
  cairo_pattern_t *checks = checks_new ();
  cairo_set_source (cairo, checks);
  cairo_rectangle (cairo, x, y, header->width * preview->zoom, header->height * preview->zoom);
  cairo_fill (cairo);
  cairo_pattern_destroy (checks);
}

/* From here on a unit is a pixel of the piece, where it lies in the picture. */
static void
go_to_piece (const IePreview *preview, cairo_t *cairo, const IePiece *piece)
{
  double x, y, scale = preview->zoom * piece->shrink;
  ie_preview_corner (preview, &x, &y);
  cairo_translate (cairo, x + piece->rect.x * preview->zoom, y + piece->rect.y * preview->zoom);
  cairo_rectangle (cairo, 0, 0, piece->rect.width * preview->zoom, piece->rect.height * preview->zoom);
  cairo_clip (cairo);
  cairo_scale (cairo, scale, scale);
}

/* Pixels of the picture stay squares; those of a smaller copy are no pixels of the picture. */
static void
set_piece (const IePreview *preview, cairo_t *cairo, const IePiece *piece, cairo_surface_t *surface)
{
  cairo_set_source_surface (cairo, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cairo),
                            piece->shrink == 1 && preview->zoom >= 1 ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_BILINEAR);
  cairo_pattern_set_extend (cairo_get_source (cairo), CAIRO_EXTEND_PAD);
}

static void
paint_seen (const IePreview *preview, cairo_t *cairo, const IePreviewSeen *seen)
{
  if (!seen->surface)
    return;
  cairo_save (cairo);
  go_to_piece (preview, cairo, seen->piece);
  set_piece (preview, cairo, seen->piece, seen->surface);
  cairo_paint (cairo);
  cairo_restore (cairo);
}

/* before * (1 - mask) + after * mask. */
static void
paint_through_mask (const IePreview *preview, cairo_t *cairo)
{
  const IePreviewSeen *after = &preview->after, *mask = &preview->mask;
  cairo_push_group (cairo);
  paint_seen (preview, cairo, &preview->before);
  cairo_save (cairo);
  go_to_piece (preview, cairo, mask->piece);
  cairo_set_operator (cairo, CAIRO_OPERATOR_DEST_OUT);
  cairo_mask_surface (cairo, mask->surface, 0, 0);
  cairo_restore (cairo);
  cairo_push_group (cairo);
  paint_seen (preview, cairo, after);
  cairo_pop_group_to_source (cairo);
  cairo_set_operator (cairo, CAIRO_OPERATOR_ADD);
  cairo_save (cairo);
  go_to_piece (preview, cairo, mask->piece);
  cairo_mask_surface (cairo, mask->surface, 0, 0);
  cairo_restore (cairo);
  cairo_pop_group_to_source (cairo);
  cairo_paint (cairo);
}

static void
paint_after (const IePreview *preview, cairo_t *cairo)
{
  /* What has just come into view is seen roughly until it is rendered. */
  if (!ie_rect_inside (ie_preview_visible (preview), preview->after.piece->rect))
    paint_seen (preview, cairo, &preview->whole_after);
  if (preview->mask.surface)
    paint_through_mask (preview, cairo);
  else
    paint_seen (preview, cairo, &preview->after);
}

static void
paint_before (const IePreview *preview, cairo_t *cairo)
{
  if (!preview->before.piece || !ie_rect_inside (ie_preview_visible (preview), preview->before.piece->rect))
    paint_seen (preview, cairo, &preview->whole_before);
  paint_seen (preview, cairo, &preview->before);
}

static void
paint_split (cairo_t *cairo, double x, int height)
{
  cairo_set_line_width (cairo, 3);
  cairo_set_source_rgba (cairo, 0, 0, 0, 0.5);
  cairo_move_to (cairo, x, 0);
  cairo_line_to (cairo, x, height);
  cairo_stroke (cairo);
  cairo_set_line_width (cairo, 1);
  cairo_set_source_rgb (cairo, 1, 1, 1);
  cairo_move_to (cairo, x, 0);
  cairo_line_to (cairo, x, height);
  cairo_stroke (cairo);
}

static void
paint_message (const IePreview *preview, cairo_t *cairo, const char *message, int width, int height)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (preview->area, message);
  int text_width, text_height, margin = 12;
  pango_layout_set_width (layout, MAX (width - 4 * margin, 1) * PANGO_SCALE);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  double top = floor ((height - text_height) / 2.0);
  cairo_set_source_rgba (cairo, 0, 0, 0, 0.75);
  cairo_rectangle (cairo, 0, top - margin, width, text_height + 2 * margin);
  cairo_fill (cairo);
  cairo_set_source_rgb (cairo, 1, 1, 1);
  cairo_move_to (cairo, 2 * margin, top);
  pango_cairo_show_layout (cairo, layout);
  g_object_unref (layout);
}

static void
paint_picture (const IePreview *preview, cairo_t *cairo, int width, int height)
{
  gboolean after = preview->after.surface && !preview->message && !preview->showing_before;
  double split = after ? floor (preview->split * width) + 0.5 : width;
  if (after)
    paint_after (preview, cairo);
  if (after && preview->split < 0)
    return;
  cairo_save (cairo);
  cairo_rectangle (cairo, 0, 0, split, height);
  cairo_clip (cairo);
  if (after && preview->kind.header.has_alpha)
    paint_checks (preview, cairo); /* over what was painted */
  paint_before (preview, cairo);
  cairo_restore (cairo);
  if (after)
    paint_split (cairo, split, height);
}

/* ---- all of it ---- */

/* Says how long it took from the request to the screen. */
static void
say_time (IePreview *preview)
{
  const IeRendering *shown = preview->shown;
  if (!shown || (shown->serial == preview->timed && shown->exact == preview->timed_exact))
    return;
  preview->timed = shown->serial;
  preview->timed_exact = shown->exact;
  double seconds = (double) (g_get_monotonic_time () - preview->asked[shown->serial % IE_PREVIEW_TIMES]) * 1e-6;
  g_print ("preview %u: %s, %.3f s, shrink %d\n", shown->serial, shown->exact ? "exact" : "approximate", seconds,
           shown->after ? shown->after->shrink : 0);
}

void
ie_preview_draw (GtkWidget *area, cairo_t *cairo, gpointer data)
{
  IePreview *preview = data;
  int width, height, scale = ie_screen_pixels (area);
  ie_preview_size (preview, &width, &height);
  cairo_save (cairo);
  cairo_scale (cairo, 1.0 / scale, 1.0 / scale);
  cairo_set_source_rgb (cairo, GROUND, GROUND, GROUND);
  cairo_paint (cairo);
  if (preview->kind.header.has_alpha)
    paint_checks (preview, cairo);
  if (preview->shown)
    paint_picture (preview, cairo, width, height);
  cairo_restore (cairo);
  const char *message = preview->message ? preview->message : preview->shown ? preview->shown->error : NULL;
  if (message)
    paint_message (preview, cairo, message, width / scale, height / scale);
  if (gtk_widget_has_focus (area)) {
    cairo_set_line_width (cairo, 1);
    cairo_set_source_rgba (cairo, 1, 1, 1, 0.6);
    cairo_rectangle (cairo, 0.5, 0.5, width / scale - 1, height / scale - 1);
    cairo_stroke (cairo);
  }
  if (preview->timing)
    say_time (preview);
}
