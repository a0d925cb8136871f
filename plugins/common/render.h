// SPDX-License-Identifier: GPL-3.0-or-later
/* A live rendering of a recipe over a picture: requests come as often as a slider moves, a thread answers the newest, first as well
 * as it can within a fifth of a second, then exactly. No toolkit. */
#pragma once

#include "plugins/common/pieces.h"

G_BEGIN_DECLS

typedef struct {
  guint serial;    /* of the request that it answers */
  gboolean exact;  /* `after` is the result: its samples, or (where the request's shrink is not 1) their averages */
  IePiece *before; /* the picture, as the request wants it */
  IePiece *after;  /* may be coarser than what was asked for; NULL: error */
  char *error;     /* why there is no result, a line */
} IeRendering;

void ie_rendering_free (IeRendering *rendering);

typedef struct IeRender IeRender;

typedef struct {
  /* Finds further pictures, in the thread that makes requests. NULL: there are none. */
  IeResolve resolve;
  gpointer resolve_data;
  /* Called in the rendering thread when there is something for ie_render_take(), or when ie_render_busy() changes. */
  void (*ready) (gpointer data);
  gpointer ready_data;
} IeRenderHooks;

/* Reads the picture's pixels; the buffer is not looked at afterwards. hooks may be NULL. NULL and error: no memory. */
IeRender *ie_render_new (GeglBuffer *buffer, const GeglRectangle *extent, const IeBufferKind *kind, const IeRenderHooks *hooks,
                         GError **error);
/* Stops what is at work; ready() is not called afterwards. */
void ie_render_free (IeRender *render);
const IeHeader *ie_render_header (const IeRender *render);

/* Wants rect (not empty, inside the picture) of what the recipe (copied) makes, each pixel standing for shrink x shrink. dragging:
 * more requests are coming. Returns the request's serial, never 0. A request takes the place of all before it. */
guint ie_render_request (IeRender *render, const IeRecipe *recipe, IeRect rect, int shrink, gboolean dragging);
/* The newest rendering that was not taken yet, or NULL; the caller's. */
IeRendering *ie_render_take (IeRender *render);
/* Whether something better than what was last taken is being made. */
gboolean ie_render_busy (IeRender *render);

G_END_DECLS
