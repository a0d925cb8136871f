// SPDX-License-Identifier: GPL-3.0-or-later
/* The pixels of clahe: samples mapped by the curves of four tiles, interpolated bilinearly.
 *
 * Along a row the way from the upper to the lower tiles is the same: their curves are interpolated once for all samples
 * between two columns of tiles (ie_clahe_map() makes that table, left and right curve side by side), so that a sample
 * costs one look-up of neighbouring numbers, and the rest is arithmetic in vectors. At 8 and 16 bits the table holds both
 * curves in 16 bits each: the result is within one code of the float one, rounded. */
#pragma once

#include "core/image.h"
#include "core/level.h"

/* Numbers of a curve: at 256 bins, and the last one again, so that it has a right neighbour to interpolate with. */
#define IE_CLAHE_CURVE 257
/* Bytes of a table of two curves. */
#define IE_CLAHE_PAIRS (2 * IE_CLAHE_CURVE * sizeof (float))

/* The curves of the four nearest tiles for a row. */
typedef struct {
  const float *top_left, *top_right, *bottom_left, *bottom_right;
  float way; /* from top to bottom, 0..1 */
} IeClaheCorners;

#define ie_clahe_map IE_LEVEL_NAME (ie_clahe_map)

/* Maps one colour of `samples` pixels of a row, in and out at its first sample; pixels: format of both. ways: of each
 * pixel from the left tiles to the right ones. pairs: scratch of IE_CLAHE_PAIRS bytes. The same samples for the same
 * pixel, wherever the run begins and ends. */
void ie_clahe_map (const void *in, void *out, const IePixels *pixels, int samples, const float *ways,
                   const IeClaheCorners *corners, void *pairs);
