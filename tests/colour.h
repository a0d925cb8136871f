// SPDX-License-Identifier: GPL-3.0-or-later
/* What the tests of working spaces share. */
#pragma once

#include "core/converter.h"

static const IeSpace spaces[] = { IE_SPACE_LINEAR, IE_SPACE_LIGHTNESS, IE_SPACE_LAB, IE_SPACE_VALUE };

static inline IeHeader
header_of (IeModel model, int channels, gboolean has_alpha, IeDepth depth)
{
  return (IeHeader){ .width = 1, .height = 1, .channels = channels, .has_alpha = has_alpha, .depth = depth,
                     .model = model };
}

static inline IePixels
view (void *data, IeRect rect, int channels, gboolean has_alpha, IeDepth depth)
{
  ptrdiff_t stride = (ptrdiff_t) rect.width * channels * (ptrdiff_t) ie_depth_bytes (depth);
  return (IePixels){ data, stride, rect, channels, has_alpha, depth };
}

/* A row of pixels into a space and, unchanged, out again. The view of what came out is `out`. */
static inline guint64
there_and_back (IeSpace space, const IeHeader *header, void *native, int width, void *out, IeDepth out_depth)
{
  const IeConverter *converter = ie_converter (space);
  gpointer state = converter->open (header, NULL);
  g_assert_nonnull (state);
  int channels = converter->channels (header) + (header->has_alpha ? 1 : 0);
  IeRect rect = { 3, 5, width, 1 };
  float *worked = g_new (float, (gsize) width * (gsize) channels);
  IePixels in = view (native, rect, header->channels, header->has_alpha, header->depth);
  IePixels middle = view (worked, rect, channels, header->has_alpha, IE_DEPTH_FLOAT);
  IePixels result = view (out, rect, header->channels, header->has_alpha, out_depth);
  IeConvertCount count = { 0 };
  converter->enter (state, &in, &middle);
  converter->leave (state, &in, &middle, &result, &count);
  converter->close (state);
  g_free (worked);
  return count.out_of_gamut;
}
