// SPDX-License-Identifier: GPL-3.0-or-later
/* One text for GIMP 2.10 and GIMP 3, where their libraries of widgets differ. */
#pragma once

#include "plugins/dialog/compat.h"

#include <libgimpbase/gimpbase.h>
#include <libgimpcolor/gimpcolor.h>
#include <libgimpconfig/gimpconfig.h>
#include <libgimpwidgets/gimpwidgets.h>

G_BEGIN_DECLS

/* The transform to the screen that a widget is on; NULL: there is nothing to do. No proof of a printer's colours. A new reference. */
static inline GimpColorTransform *
ie_color_transform (GtkWidget *widget, GimpColorConfig *config, GimpColorProfile *profile, const Babl *from, const Babl *to)
{
#if GTK_MAJOR_VERSION >= 3
  return gimp_widget_get_color_transform (widget, config, profile, from, to, NULL, GIMP_COLOR_RENDERING_INTENT_PERCEPTUAL, FALSE);
#else
  return gimp_widget_get_color_transform (widget, config, profile, from, to);
#endif
}

G_END_DECLS
