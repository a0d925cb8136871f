// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/preview-private.h"

#include <gdk/gdkkeysyms.h>
#include <math.h>

#include "core/i18n.h"

#define GRAB_WIDTH 6   /* pixels of the screen beside the line from which it can be dragged */
#define PAN_SHARE 0.25 /* of the area, for a key */
#define SMALLEST 160   /* of the area's sides */

/* ---- where pixels lie ---- */

void
ie_preview_size (const IePreview *preview, int *width, int *height)
{
  GtkAllocation allocation;
  gtk_widget_get_allocation (preview->area, &allocation);
  *width = allocation.width * ie_screen_pixels (preview->area);
  *height = allocation.height * ie_screen_pixels (preview->area);
}

void
ie_preview_middle (const IePreview *preview, double *x, double *y)
{
  int width, height;
  ie_preview_size (preview, &width, &height);
  *x = width / 2.0;
  *y = height / 2.0;
}

/* On a whole pixel of the screen, so that zoomed pixels are squares. */
void
ie_preview_corner (const IePreview *preview, double *x, double *y)
{
  int width, height;
  ie_preview_size (preview, &width, &height);
  *x = floor (width / 2.0 - preview->x * preview->zoom + 0.5);
  *y = floor (height / 2.0 - preview->y * preview->zoom + 0.5);
}

/* The larger of the sizes that a picture fits in, not enlarged. */
static double
fitting (const IePreview *preview)
{
  int width, height;
  ie_preview_size (preview, &width, &height);
  double zoom = MIN ((double) width / preview->kind.header.width, (double) height / preview->kind.header.height);
  return CLAMP (zoom, 1e-4, 1);
}

/* A middle that shows no margin where the picture is larger than the area, and equal ones where it is smaller. */
static double
place_middle (double middle, int area, int picture, double zoom)
{
  double half = area / (2 * zoom);
  return picture <= 2 * half ? picture / 2.0 : CLAMP (middle, half, picture - half);
}

void
ie_preview_place (IePreview *preview)
{
  const IeHeader *header = &preview->kind.header;
  int width, height;
  ie_preview_size (preview, &width, &height);
  if (preview->fit)
    preview->zoom = fitting (preview);
  preview->x = place_middle (preview->x, width, header->width, preview->zoom);
  preview->y = place_middle (preview->y, height, header->height, preview->zoom);
}

IeRect
ie_preview_visible (const IePreview *preview)
{
  double x, y;
  int width, height;
  ie_preview_corner (preview, &x, &y);
  ie_preview_size (preview, &width, &height);
  int left = (int) floor (-x / preview->zoom), top = (int) floor (-y / preview->zoom);
  int right = (int) ceil ((width - x) / preview->zoom), bottom = (int) ceil ((height - y) / preview->zoom);
  return ie_rect_intersect ((IeRect){ left, top, right - left, bottom - top }, ie_rect_whole (&preview->kind.header));
}

/* ---- zoom ---- */

/* Whole numbers of pixels for one, either way. */
static const double zooms[] = { 1.0 / 256, 1.0 / 128, 1.0 / 64, 1.0 / 48, 1.0 / 32, 1.0 / 24, 1.0 / 16, 1.0 / 12, 1.0 / 8, 1.0 / 6,
                                1.0 / 4,   1.0 / 3,   1.0 / 2,  1,        2,        3,        4,        6,        8,       12,
                                16,        24,        32 };

void
ie_preview_zoom_to (IePreview *preview, double zoom, double x, double y)
{
  double middle_x, middle_y;
  ie_preview_middle (preview, &middle_x, &middle_y);
  preview->fit = zoom <= 0;
  if (!preview->fit) {
    preview->x += (x - middle_x) * (1 / preview->zoom - 1 / zoom);
    preview->y += (y - middle_y) * (1 / preview->zoom - 1 / zoom);
    preview->zoom = zoom;
  }
  ie_preview_want (preview, FALSE);
}

void
ie_preview_zoom_by (IePreview *preview, int steps, double x, double y)
{
  const int count = G_N_ELEMENTS (zooms);
  int i = 0;
  if (steps > 0)
    while (i < count - 1 && zooms[i] <= preview->zoom * 1.001)
      i++;
  else
    for (i = count - 1; i > 0 && zooms[i] >= preview->zoom * 0.999;)
      i--;
  /* Nothing is seen better smaller than whole. */
  double least = fitting (preview);
  if (steps < 0 && zooms[i] <= least)
    ie_preview_zoom_to (preview, 0, x, y);
  else
    ie_preview_zoom_to (preview, zooms[i], x, y);
}

/* ---- mouse and keys ---- */

static gboolean
over_split (const IePreview *preview, double x)
{
  int width, height;
  ie_preview_size (preview, &width, &height);
  return preview->split >= 0 && !preview->showing_before && fabs (x - preview->split * width) <= GRAB_WIDTH;
}

static void
set_cursor (IePreview *preview, double x)
{
  GdkWindow *window = gtk_widget_get_window (preview->area);
  GdkCursorType type = preview->grab == IE_GRAB_SPLIT || (!preview->grab && over_split (preview, x)) ? GDK_SB_H_DOUBLE_ARROW
                                                                                                     : GDK_FLEUR;
  GdkCursor *cursor = ie_cursor_new (preview->area, type);
  gdk_window_set_cursor (window, cursor);
  ie_cursor_unref (cursor);
}

static gboolean
pressed (GtkWidget *area, GdkEventButton *event, gpointer data)
{
  IePreview *preview = data;
  gtk_widget_grab_focus (area);
  if (event->type != GDK_BUTTON_PRESS || (event->button != 1 && event->button != 2))
    return FALSE;
  int scale = ie_screen_pixels (area);
  preview->grab = event->button == 1 && over_split (preview, event->x * scale) ? IE_GRAB_SPLIT : IE_GRAB_PICTURE;
  preview->grab_x = event->x * scale;
  preview->grab_y = event->y * scale;
  set_cursor (preview, event->x * scale);
  return TRUE;
}

static gboolean
released (GtkWidget *area, GdkEventButton *event, gpointer data)
{
  IePreview *preview = data;
  gboolean moved = preview->grab == IE_GRAB_PICTURE;
  preview->grab = IE_GRAB_NONE;
  set_cursor (preview, event->x * ie_screen_pixels (area));
  if (moved)
    ie_preview_want (preview, FALSE);
  return TRUE;
}

static gboolean
moved (GtkWidget *area, GdkEventMotion *event, gpointer data)
{
  IePreview *preview = data;
  int width, height, scale = ie_screen_pixels (area);
  ie_preview_size (preview, &width, &height);
  double x = event->x * scale, y = event->y * scale;
  if (preview->grab == IE_GRAB_SPLIT) {
    preview->split = CLAMP (x / width, 0, 1);
    ie_preview_changed (preview);
  } else if (preview->grab == IE_GRAB_PICTURE) {
    preview->x -= (x - preview->grab_x) / preview->zoom;
    preview->y -= (y - preview->grab_y) / preview->zoom;
    preview->grab_x = x;
    preview->grab_y = y;
    ie_preview_want (preview, TRUE);
  } else {
    set_cursor (preview, x);
  }
  gdk_event_request_motions (event);
  return TRUE;
}

static gboolean
scrolled (GtkWidget *area, GdkEventScroll *event, gpointer data)
{
  int scale = ie_screen_pixels (area);
  double steps = ie_scroll_steps (event);
  if (steps != 0)
    ie_preview_zoom_by (data, steps > 0 ? 1 : -1, event->x * scale, event->y * scale);
  return TRUE;
}

static void
pan (IePreview *preview, int x, int y)
{
  int width, height;
  ie_preview_size (preview, &width, &height);
  preview->x += x * PAN_SHARE * width / preview->zoom;
  preview->y += y * PAN_SHARE * height / preview->zoom;
  ie_preview_want (preview, FALSE);
}

static void
toggle (GtkWidget *button)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), !gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (button)));
}

static gboolean
key (GtkWidget *area, GdkEventKey *event, gpointer data)
{
  IePreview *preview = data;
  double x, y;
  if (event->state & (GDK_CONTROL_MASK | GDK_MOD1_MASK))
    return FALSE;
  ie_preview_middle (preview, &x, &y);
  switch (event->keyval) {
  case GDK_KEY_plus:
  case GDK_KEY_equal:
  case GDK_KEY_KP_Add:
    ie_preview_zoom_by (preview, 1, x, y);
    return TRUE;
  case GDK_KEY_minus:
  case GDK_KEY_KP_Subtract:
    ie_preview_zoom_by (preview, -1, x, y);
    return TRUE;
  case GDK_KEY_1:
  case GDK_KEY_KP_1:
    ie_preview_zoom_to (preview, 1, x, y);
    return TRUE;
  case GDK_KEY_0:
  case GDK_KEY_KP_0:
    ie_preview_zoom_to (preview, 0, x, y);
    return TRUE;
  case GDK_KEY_Left:
    pan (preview, -1, 0);
    return TRUE;
  case GDK_KEY_Right:
    pan (preview, 1, 0);
    return TRUE;
  case GDK_KEY_Up:
    pan (preview, 0, -1);
    return TRUE;
  case GDK_KEY_Down:
    pan (preview, 0, 1);
    return TRUE;
  case GDK_KEY_b:
  case GDK_KEY_B:
    toggle (preview->before_button);
    return TRUE;
  case GDK_KEY_s:
  case GDK_KEY_S:
    toggle (preview->split_button);
    return TRUE;
  default:
    return FALSE;
  }
}

static gboolean
focused (GtkWidget *area, GdkEventFocus *event, gpointer data)
{
  gtk_widget_queue_draw (area);
  return FALSE;
}

void
ie_preview_area_init (IePreview *preview)
{
  GtkWidget *area = preview->area = gtk_drawing_area_new ();
  preview->x = preview->kind.header.width / 2.0;
  preview->y = preview->kind.header.height / 2.0;
  gtk_widget_set_size_request (area, SMALLEST, SMALLEST);
  gtk_widget_set_can_focus (area, TRUE);
  gtk_widget_add_events (area, GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK | GDK_POINTER_MOTION_MASK |
                                   GDK_POINTER_MOTION_HINT_MASK | GDK_SCROLL_MASK | GDK_KEY_PRESS_MASK | GDK_FOCUS_CHANGE_MASK);
  ie_set_name (area, _ ("Preview"),
               _ ("The picture as it will be. Plus and minus zoom, arrows move, B shows the picture as it was."));
  ie_connect_draw (area, ie_preview_draw, preview);
  g_signal_connect (area, "button-press-event", G_CALLBACK (pressed), preview);
  g_signal_connect (area, "button-release-event", G_CALLBACK (released), preview);
  g_signal_connect (area, "motion-notify-event", G_CALLBACK (moved), preview);
  g_signal_connect (area, "scroll-event", G_CALLBACK (scrolled), preview);
  g_signal_connect (area, "key-press-event", G_CALLBACK (key), preview);
  g_signal_connect (area, "focus-in-event", G_CALLBACK (focused), preview);
  g_signal_connect (area, "focus-out-event", G_CALLBACK (focused), preview);
}
