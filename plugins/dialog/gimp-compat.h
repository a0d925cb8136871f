// SPDX-License-Identifier: GPL-3.0-or-later
/* One text for libgimpui of GIMP 2.10 and of GIMP 3: as compat.h is for the toolkits. */
#pragma once

#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include "plugins/dialog/compat.h"

G_BEGIN_DECLS

#if GTK_MAJOR_VERSION >= 3

/* GIMP 2.10 writes a colon behind labels, GIMP 3 does not. */
#define IE_LABEL_END ""

static inline gboolean
ie_drawable_fits (GimpImage *image, GimpItem *item, gpointer data)
{
  return !gimp_drawable_is_indexed (GIMP_DRAWABLE (item)) && !gimp_item_is_group (item);
}

/* A list of the drawables of all open images that can be a further picture. */
static inline GtkWidget *
ie_drawable_combo_new (void)
{
  return gimp_drawable_combo_box_new (ie_drawable_fits, NULL, NULL);
}

#else

#define IE_LABEL_END ":"

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

#endif

G_END_DECLS
