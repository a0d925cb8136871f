// SPDX-License-Identifier: GPL-3.0-or-later
/* Shrinking the cosine transform of all blocks of 8 x 8 pixels, behind filters/denoise.c, which has the formula. */
#pragma once

#include "core/filter.h"
#include "filters/kernel/noise.h"

G_BEGIN_DECLS

#define ie_shrink_pass IE_LEVEL_NAME (ie_shrink_pass)
#define ie_shrink_memory IE_LEVEL_NAME (ie_shrink_memory)
#define ie_shrink_twice IE_LEVEL_NAME (ie_shrink_twice)
#define ie_shrink_twice_memory IE_LEVEL_NAME (ie_shrink_twice_memory)
#define ie_shrink_plane IE_LEVEL_NAME (ie_shrink_plane)
#define ie_shrink_plane_memory IE_LEVEL_NAME (ie_shrink_plane_memory)

#define IE_SHRINK_SIDE 8 /* of a block */
#define IE_SHRINK_STEP 2 /* rows from a block to the next; columns: 1 */
#define IE_SHRINK_MARGIN (IE_SHRINK_SIDE - 1)
#define IE_SHRINK_REACH (2 * IE_SHRINK_MARGIN) /* of two passes */

/* Planes over rect: that of c of pixel (x, y) of the picture is at [c][(y - rect.y) * rect.width + x - rect.x]. */
typedef struct {
  IeRect rect;
  float *plane[IE_MAX_CHANNELS];
  float *visible; /* of in: 1, or 0 where the planes are 0 since nothing can be seen; NULL: all can */
} IeShrinkPlanes;

/* What is noise: planes are sums of channels, plane o = sum over c of mix[o][c] channel c with an orthonormal mix, and
 * the variance of channel c is models[c], at the block's mean of that channel within 0..1, times scale; in coefficient
 * (u, v), cosines of u half waves along x and v along y, times profile[u][v] (white noise: 1). */
typedef struct {
  int colours;
  float mix[IE_MAX_CHANNELS][IE_MAX_CHANNELS];
  IeNoiseModel models[IE_MAX_CHANNELS];
  float scale;
  float profile[IE_SHRINK_SIDE][IE_SHRINK_SIDE];
} IeShrinkNoise;

/* From in to out, whose rectangle is in's less IE_SHRINK_MARGIN on all sides. Without a pilot coefficients below
 * `threshold` standard deviations become 0; with one (over in's rectangle) each is multiplied by what Wiener's filter
 * makes of the pilot's. Thread-safe; returns early when cancelled. */
void ie_shrink_pass (const IeShrinkNoise *noise, float threshold, IeWork *work, const IeShrinkPlanes *in,
                     const IeShrinkPlanes *pilot, const IeShrinkPlanes *out);

/* Bytes of scratch of a pass whose output is so wide, visible or not. */
gsize ie_shrink_memory (int width, int colours, gboolean has_pilot);

/* Both passes, the first with the threshold of filters/denoise.c: from in to out, whose rectangle is in's less
 * IE_SHRINK_REACH on all sides. */
void ie_shrink_twice (const IeShrinkNoise *noise, IeWork *work, const IeShrinkPlanes *in, const IeShrinkPlanes *out);

/* Bytes of its scratch. */
gsize ie_shrink_twice_memory (IeRect out, int colours, gboolean has_visible);

/* Both passes over a whole plane of width x height, which goes on by reflect-101, from `from` (rows `pitch` floats apart)
 * to `to` (rows `stride` bytes apart), on all threads. For WHOLE filters; the noise has one colour. */
void ie_shrink_plane (const IeShrinkNoise *noise, IeWork *work, const float *from, gsize pitch, float *to, ptrdiff_t stride,
                      int width, int height);

/* Bytes of its scratch on so many threads. */
gsize ie_shrink_plane_memory (int threads);

G_END_DECLS
