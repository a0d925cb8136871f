// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows of interleaved samples of any depth as float planes, one a channel, in codes of the depth, and back. */
#pragma once

#include "core/elementary.h"
#include "core/image.h"

/* What becomes of infinite samples: far beyond any picture, and its square is still no infinity. */
#define IE_PLANES_LARGEST 1e18f

static inline float
ie_planes_finite (float v)
{
  v = v < IE_PLANES_LARGEST ? v : IE_PLANES_LARGEST;
  return v > -IE_PLANES_LARGEST ? v : -IE_PLANES_LARGEST;
}

/* Channel c of pixels x .. x + pixels - 1 of row y. */
static inline void
ie_planes_load (const IePixels *in, int x, int y, int pixels, int c, float *restrict out)
{
  int pitch = in->channels;
  const void *row = ie_pixels_at (in, x, y);
  if (in->depth == IE_DEPTH_U8) {
    const guint8 *from = (const guint8 *) row + c;
    for (int i = 0; i < pixels; i++)
      out[i] = from[i * pitch];
  } else if (in->depth == IE_DEPTH_U16) {
    const guint16 *from = (const guint16 *) row + c;
    for (int i = 0; i < pixels; i++)
      out[i] = from[i * pitch];
  } else {
    const float *from = (const float *) row + c;
    for (int i = 0; i < pixels; i++)
      out[i] = ie_planes_finite (from[i * pitch]);
  }
}

/* least: 0. */
static inline int
ie_planes_code (float value, float least, float range)
{
  value = value > least ? value : least; /* NaN too */
  value = value < range ? value : range;
  return (int) (value + 0.5f);
}

#define IE_PLANES_RUN 64 /* samples that are rounded at a time, in vectors, before they are put where they belong */

static inline void
ie_planes_codes (const float *restrict plane, guint16 *restrict codes, int count, float range)
{
  float least = ie_unknown (0), most = ie_unknown (range);
  for (int i = 0; i < count; i++)
    codes[i] = (guint16) ie_planes_code (plane[i], least, most);
}

/* The reverse: integer depths are clamped and rounded half up. */
static inline void
ie_planes_store (const float *restrict plane, const IePixels *out, int x, int y, int pixels, int c)
{
  int pitch = out->channels;
  void *row = ie_pixels_at (out, x, y);
  if (out->depth == IE_DEPTH_FLOAT) {
    float *to = (float *) row + c;
    for (int i = 0; i < pixels; i++)
      to[i * pitch] = plane[i];
    return;
  }
  for (int first = 0; first < pixels; first += IE_PLANES_RUN) {
    guint16 codes[IE_PLANES_RUN];
    int count = MIN (IE_PLANES_RUN, pixels - first);
    ie_planes_codes (plane + first, codes, count, ie_depth_range (out->depth));
    guint8 *u8 = (guint8 *) row + (ptrdiff_t) first * pitch + c;
    guint16 *u16 = (guint16 *) row + (ptrdiff_t) first * pitch + c;
    if (out->depth == IE_DEPTH_U8)
      for (int i = 0; i < count; i++)
        u8[i * pitch] = (guint8) codes[i];
    else
      for (int i = 0; i < count; i++)
        u16[i * pitch] = codes[i];
  }
}
