// SPDX-License-Identifier: GPL-3.0-or-later
/* The live preview of a dialog: a picture under a recipe, with zoom, panning, the picture as it was, and a word on whether what is
 * seen is exact. A widget for GTK 2 and GTK 3; the rendering is plugins/common/render.h. */
#pragma once

#include "plugins/common/render.h"
#include "plugins/dialog/compat.h"

G_BEGIN_DECLS

typedef struct {
  /* Finds further pictures of a recipe (ie_render_request); called in the main thread. NULL: there are none. */
  IeResolve resolve;
  gpointer resolve_data;
  /* Turns pixels of the picture, rows `stride` bytes apart, into cairo's ARGB32 for the screen that `preview` is on. NULL: as the
   * format says, for a screen that shows sRGB. */
  void (*to_screen) (gpointer data, GtkWidget *preview, const Babl *format, const void *pixels, ptrdiff_t stride, guint8 *cairo,
                     ptrdiff_t cairo_stride, int width, int height);
  gpointer screen_data;
  /* Called after each change of what is seen or said. May be NULL. */
  void (*changed) (gpointer data, GtkWidget *preview);
  gpointer changed_data;
} IePreviewHooks;

/* Reads the buffer once. kind: of the buffer; both are not looked at afterwards. hooks (may be NULL) are copied. Shows the picture as
 * it is until ie_preview_set() is called. */
GtkWidget *ie_preview_new (GeglBuffer *buffer, const GeglRectangle *extent, const IeBufferKind *kind, const IePreviewHooks *hooks);

/* The recipe (copied) is rendered soon; what was being rendered is given up. dragging: more is coming, soon. Takes a message
 * away. */
void ie_preview_set (GtkWidget *preview, const IeRecipe *recipe, gboolean dragging);
/* Says in words, over the picture, why there is nothing to render. NULL: no more. */
void ie_preview_set_message (GtkWidget *preview, const char *message);

/* What of the result will be seen: GIMP blends through the selection. mask: of the image; read now; (x, y): where in it the picture's
 * corner lies. NULL: all is selected. */
void ie_preview_set_selection (GtkWidget *preview, GeglBuffer *mask, int x, int y);

/* Whether what is seen is the result of what was last set (or its error), and nothing is at work. */
gboolean ie_preview_is_exact (GtkWidget *preview);

/* Pixels of the screen for each of the picture; 0: as large as fits. */
void ie_preview_set_zoom (GtkWidget *preview, double zoom);
double ie_preview_get_zoom (GtkWidget *preview);
/* The point of the picture that is in the middle. */
void ie_preview_set_centre (GtkWidget *preview, double x, double y);
/* The picture as it was: everywhere; left of a line that can be moved (0..1 of the width; negative: no line). */
void ie_preview_set_before (GtkWidget *preview, gboolean before);
void ie_preview_set_split (GtkWidget *preview, double place);
/* What was last rendered, in the picture's own numbers; borrowed until the main loop runs. May be NULL. */
const IeRendering *ie_preview_rendering (GtkWidget *preview);

G_END_DECLS
