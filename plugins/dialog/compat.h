// SPDX-License-Identifier: GPL-3.0-or-later
/* One text for GTK 2 and GTK 3: what they call by different names. Nothing else in this room asks which of them it is. */
#pragma once

/* GTK 3 warns of what GTK 2 has nothing else for (tables, alignments of labels). */
#define GDK_DISABLE_DEPRECATION_WARNINGS
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* ---- boxes, scales, tables ---- */

static inline GtkWidget *
ie_box_new (GtkOrientation orientation, int spacing)
{
#if GTK_MAJOR_VERSION >= 3
  return gtk_box_new (orientation, spacing);
#else
  return orientation == GTK_ORIENTATION_HORIZONTAL ? gtk_hbox_new (FALSE, spacing) : gtk_vbox_new (FALSE, spacing);
#endif
}

static inline GtkWidget *
ie_scale_new (GtkAdjustment *adjustment)
{
#if GTK_MAJOR_VERSION >= 3
  GtkWidget *scale = gtk_scale_new (GTK_ORIENTATION_HORIZONTAL, adjustment);
#else
  GtkWidget *scale = gtk_hscale_new (adjustment);
#endif
  gtk_scale_set_draw_value (GTK_SCALE (scale), FALSE);
  return scale;
}

static inline GtkAdjustment *
ie_adjustment_new (double value, double lower, double upper, double step, double page)
{
  return GTK_ADJUSTMENT (gtk_adjustment_new (value, lower, upper, step, page, 0));
}

static inline GtkWidget *
ie_grid_new (int row_spacing, int column_spacing)
{
#if GTK_MAJOR_VERSION >= 3
  GtkWidget *grid = gtk_grid_new ();
  gtk_grid_set_row_spacing (GTK_GRID (grid), (guint) row_spacing);
  gtk_grid_set_column_spacing (GTK_GRID (grid), (guint) column_spacing);
#else
  GtkWidget *grid = gtk_table_new (1, 1, FALSE);
  gtk_table_set_row_spacings (GTK_TABLE (grid), (guint) row_spacing);
  gtk_table_set_col_spacings (GTK_TABLE (grid), (guint) column_spacing);
#endif
  return grid;
}

/* expand: takes the width that is over. */
static inline void
ie_grid_attach (GtkWidget *grid, GtkWidget *child, int column, int row, int columns, gboolean expand)
{
#if GTK_MAJOR_VERSION >= 3
  gtk_widget_set_hexpand (child, expand);
  gtk_grid_attach (GTK_GRID (grid), child, column, row, columns, 1);
#else
  gtk_table_attach (GTK_TABLE (grid), child, (guint) column, (guint) (column + columns), (guint) row, (guint) row + 1,
                    expand ? GTK_EXPAND | GTK_FILL : GTK_FILL, GTK_FILL, 0, 0);
#endif
}

/* What cannot scroll by itself, into a window that can, and does when the focus goes to what is out of view. */
static inline void
ie_scrolled_add (GtkWidget *window, GtkWidget *child)
{
#if GTK_MAJOR_VERSION >= 3
  gtk_container_add (GTK_CONTAINER (window), child);
#else
  gtk_scrolled_window_add_with_viewport (GTK_SCROLLED_WINDOW (window), child);
#endif
  gtk_container_set_focus_vadjustment (GTK_CONTAINER (child), gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (window)));
}

/* Labels at the start of their place, in the middle of its height. */
static inline void
ie_label_align (GtkWidget *label)
{
  gtk_misc_set_alignment (GTK_MISC (label), 0, 0.5f);
}

/* Items of about that width. GTK 3.24 makes them twice as wide as it is told, less about 34: measured. */
static inline void
ie_icon_view_set_width (GtkWidget *view, int width)
{
#if GTK_MAJOR_VERSION >= 3
  gtk_icon_view_set_item_width (GTK_ICON_VIEW (view), (width + 34) / 2);
#else
  gtk_icon_view_set_item_width (GTK_ICON_VIEW (view), width);
#endif
}

/* A bar that shows text. */
static inline GtkWidget *
ie_progress_bar_new (void)
{
  GtkWidget *bar = gtk_progress_bar_new ();
#if GTK_MAJOR_VERSION >= 3
  gtk_progress_bar_set_show_text (GTK_PROGRESS_BAR (bar), TRUE);
#endif
  gtk_progress_bar_set_ellipsize (GTK_PROGRESS_BAR (bar), PANGO_ELLIPSIZE_END);
  return bar;
}

/* ---- names for those who do not see ---- */

static inline void
ie_set_name (GtkWidget *widget, const char *name, const char *description)
{
  AtkObject *object = gtk_widget_get_accessible (widget);
  atk_object_set_name (object, name);
  if (description)
    atk_object_set_description (object, description);
}

/* ---- drawing ---- */

typedef void (*IeDraw) (GtkWidget *widget, cairo_t *cairo, gpointer data);

typedef struct {
  IeDraw draw;
  gpointer data;
} IeDrawing;

static inline void
ie_free_drawing (gpointer data, GClosure *closure)
{
  g_free (data);
}

#if GTK_MAJOR_VERSION >= 3
static inline gboolean
ie_on_draw (GtkWidget *widget, cairo_t *cairo, gpointer data)
{
  const IeDrawing *drawing = (const IeDrawing *) data;
  drawing->draw (widget, cairo, drawing->data);
  return FALSE;
}
#else
static inline gboolean
ie_on_expose (GtkWidget *widget, GdkEventExpose *event, gpointer data)
{
  const IeDrawing *drawing = (const IeDrawing *) data;
  cairo_t *cairo = gdk_cairo_create (gtk_widget_get_window (widget));
  gdk_cairo_region (cairo, event->region);
  cairo_clip (cairo);
  drawing->draw (widget, cairo, drawing->data);
  cairo_destroy (cairo);
  return FALSE;
}
#endif

static inline void
ie_connect_draw (GtkWidget *widget, IeDraw draw, gpointer data)
{
  IeDrawing *drawing = g_new (IeDrawing, 1);
  drawing->draw = draw;
  drawing->data = data;
#if GTK_MAJOR_VERSION >= 3
  g_signal_connect_data (widget, "draw", G_CALLBACK (ie_on_draw), drawing, ie_free_drawing, (GConnectFlags) 0);
#else
  g_signal_connect_data (widget, "expose-event", G_CALLBACK (ie_on_expose), drawing, ie_free_drawing, (GConnectFlags) 0);
#endif
}

/* Pixels of the screen for each unit that widgets are measured in. */
static inline int
ie_screen_pixels (GtkWidget *widget)
{
#if GTK_MAJOR_VERSION >= 3
  return gtk_widget_get_scale_factor (widget);
#else
  return 1;
#endif
}

static inline GdkCursor *
ie_cursor_new (GtkWidget *widget, GdkCursorType type)
{
  return gdk_cursor_new_for_display (gtk_widget_get_display (widget), type);
}

static inline void
ie_cursor_unref (GdkCursor *cursor)
{
#if GTK_MAJOR_VERSION >= 3
  g_object_unref (cursor);
#else
  gdk_cursor_unref (cursor);
#endif
}

/* How far a wheel was turned: 1 a notch away from the user; 0: not up or down. */
static inline double
ie_scroll_steps (const GdkEventScroll *event)
{
  if (event->direction == GDK_SCROLL_UP)
    return 1;
  if (event->direction == GDK_SCROLL_DOWN)
    return -1;
#if GTK_MAJOR_VERSION >= 3
  if (event->direction == GDK_SCROLL_SMOOTH)
    return -event->delta_y;
#endif
  return 0;
}

G_END_DECLS
