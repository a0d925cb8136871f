// SPDX-License-Identifier: GPL-3.0-or-later
/* A preview's pixels as GIMP's own windows show them: through the picture's profile and the screen's. */
#pragma once

#include "plugins/common/buffer.h"
#include "plugins/dialog/compat-gimp.h"

G_BEGIN_DECLS

typedef struct IeScreen IeScreen;

/* config (referenced): of gimp_get_color_configuration(). kind: of the picture; not looked at afterwards. */
IeScreen *ie_screen_new (GimpColorConfig *config, const IeBufferKind *kind);
void ie_screen_free (IeScreen *screen);
/* IePreviewHooks.to_screen, whose data is an IeScreen. */
void ie_screen_convert (gpointer screen, GtkWidget *preview, const Babl *format, const void *pixels, ptrdiff_t stride, guint8 *cairo,
                        ptrdiff_t cairo_stride, int width, int height);

G_END_DECLS
