// SPDX-License-Identifier: GPL-3.0-or-later
/* A preview's colours as GIMP shows the picture itself: from the picture's profile to the screen's, as GIMP's preferences ask. */
#pragma once

#include "plugins/common/buffer.h"
#include "plugins/dialog/gimp-compat.h"

G_BEGIN_DECLS

typedef struct IeScreenColour IeScreenColour;

IeScreenColour *ie_screen_colour_new (const IeBufferKind *kind);
void ie_screen_colour_free (IeScreenColour *colour);

/* The preview's hook to_screen; data: an IeScreenColour. */
void ie_screen_colour_show (gpointer data, GtkWidget *preview, const Babl *format, const void *pixels, ptrdiff_t stride, guint8 *cairo,
                            ptrdiff_t cairo_stride, int width, int height);

G_END_DECLS
