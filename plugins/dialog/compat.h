// SPDX-License-Identifier: GPL-3.0-or-later
/* What differs between GTK 2 with GIMP 2.10 and GTK 3 with GIMP 3; the dialogs themselves are one text. */
#pragma once

#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

G_BEGIN_DECLS

#if GTK_MAJOR_VERSION == 2

/* GIMP 2.10 writes a colon behind labels, GIMP 3 does not. */
#define IE_LABEL_END ":"

static inline GtkWidget *
ie_box_new (GtkOrientation orientation, int spacing)
{
  return orientation == GTK_ORIENTATION_HORIZONTAL ? gtk_hbox_new (FALSE, spacing) : gtk_vbox_new (FALSE, spacing);
}

static inline GtkWidget *
ie_scale_new (GtkAdjustment *adjustment)
{
  return gtk_hscale_new (adjustment);
}

static inline void
ie_label_align_left (GtkWidget *label)
{
  gtk_misc_set_alignment (GTK_MISC (label), 0, 0.5);
}

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

#else

#define IE_LABEL_END ""

static inline GtkWidget *
ie_box_new (GtkOrientation orientation, int spacing)
{
  return gtk_box_new (orientation, spacing);
}

static inline GtkWidget *
ie_scale_new (GtkAdjustment *adjustment)
{
  return gtk_scale_new (GTK_ORIENTATION_HORIZONTAL, adjustment);
}

static inline void
ie_label_align_left (GtkWidget *label)
{
  gtk_label_set_xalign (GTK_LABEL (label), 0);
}

static inline gboolean
ie_drawable_fits (GimpImage *image, GimpItem *item, gpointer data)
{
  return !gimp_drawable_is_indexed (GIMP_DRAWABLE (item)) && !gimp_item_is_group (item);
}

static inline GtkWidget *
ie_drawable_combo_new (void)
{
  return gimp_drawable_combo_box_new (ie_drawable_fits, NULL, NULL);
}

#endif

G_END_DECLS
