// SPDX-License-Identifier: GPL-3.0-or-later
/* One text for libgimpui of GIMP 2.10 and of GIMP 3: as compat.h is for the toolkits. */
#pragma once

#include "plugins/dialog/compat.h"

#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

G_BEGIN_DECLS

#if GTK_MAJOR_VERSION >= 3

/* GIMP 2.10 writes a colon behind labels, GIMP 3 does not. */
#define IE_LABEL_END ""
#define IE_SCRIPT_KIND IE_COPY_SCRIPT_3

static inline gboolean
ie_drawable_fits (GimpImage *image, GimpItem *item, gpointer data)
{
  return !gimp_drawable_is_indexed (GIMP_DRAWABLE (item)) && !gimp_item_is_group (item);
}

/* From a picture's profile to the screen that the widget is on; NULL: nothing is to be changed. */
static inline GimpColorTransform *
ie_screen_transform (GtkWidget *widget, GimpColorConfig *config, GimpColorProfile *profile, const Babl *from, const Babl *to)
{
  return gimp_widget_get_color_transform (widget, config, profile, from, to, NULL, GIMP_COLOR_RENDERING_INTENT_PERCEPTUAL, FALSE);
}

static inline void
ie_menu_popup (GtkWidget *menu, GtkWidget *button)
{
  gtk_menu_popup_at_widget (GTK_MENU (menu), button, GDK_GRAVITY_SOUTH_WEST, GDK_GRAVITY_NORTH_WEST, NULL);
  /* For the keyboard: a button that its letter pressed tells of no event. */
  gtk_menu_shell_select_first (GTK_MENU_SHELL (menu), FALSE);
}

static inline gboolean
ie_show_uri (GtkWidget *window, const char *uri, GError **error)
{
  return gtk_show_uri_on_window (GTK_WINDOW (window), uri, GDK_CURRENT_TIME, error);
}

/* What a window shows; NULL: it cannot be read. */
static inline GdkPixbuf *
ie_snapshot (GtkWidget *window)
{
  GdkWindow *from = gtk_widget_get_window (window);
  return gdk_pixbuf_get_from_window (from, 0, 0, gdk_window_get_width (from), gdk_window_get_height (from));
}

/* A list of the drawables of all open images that can be a further picture. */
static inline GtkWidget *
ie_drawable_combo_new (void)
{
  return gimp_drawable_combo_box_new (ie_drawable_fits, NULL, NULL);
}

#else

#define IE_LABEL_END ":"
#define IE_SCRIPT_KIND IE_COPY_SCRIPT_2

static inline gboolean
ie_drawable_fits (gint32 image, gint32 drawable, gpointer data)
{
  return !gimp_drawable_is_indexed (drawable) && !gimp_item_is_group (drawable);
}

static inline GtkWidget *
ie_drawable_combo_new (void)
{
  return gimp_drawable_combo_box_new (ie_drawable_fits, NULL);
}

static inline GimpColorTransform *
ie_screen_transform (GtkWidget *widget, GimpColorConfig *config, GimpColorProfile *profile, const Babl *from, const Babl *to)
{
  return gimp_widget_get_color_transform (widget, config, profile, from, to);
}

static inline void
ie_place_menu (GtkMenu *menu, int *x, int *y, gboolean *push_in, gpointer data)
{
  GtkWidget *button = (GtkWidget *) data;
  GtkAllocation place;
  gtk_widget_get_allocation (button, &place);
  gdk_window_get_origin (gtk_widget_get_window (button), x, y);
  *x += place.x;
  *y += place.y + place.height;
  *push_in = TRUE;
}

static inline void
ie_menu_popup (GtkWidget *menu, GtkWidget *button)
{
  gtk_menu_popup (GTK_MENU (menu), NULL, NULL, ie_place_menu, button, 0, gtk_get_current_event_time ());
  gtk_menu_shell_select_first (GTK_MENU_SHELL (menu), FALSE);
}

static inline gboolean
ie_show_uri (GtkWidget *window, const char *uri, GError **error)
{
  return gtk_show_uri (gtk_widget_get_screen (window), uri, GDK_CURRENT_TIME, error);
}

static inline GdkPixbuf *
ie_snapshot (GtkWidget *window)
{
  GdkWindow *from = gtk_widget_get_window (window);
  return gdk_pixbuf_get_from_drawable (NULL, from, NULL, 0, 0, 0, 0, gdk_window_get_width (from), gdk_window_get_height (from));
}

#endif

G_END_DECLS
