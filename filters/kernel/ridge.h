// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows of Canny's detector: slopes by Sobel's kernels, their size, and which pixels are the highest across an edge.
 *
 * Values are whole multiples of 1 / IE_RIDGE_UNITS of the range (ie_ridge_quantise), so that slopes are exact in float:
 * samples that are equal at 8 and 16 bits and in float take the same decisions, and ties fall alike everywhere. */
#pragma once

#include "core/level.h"

#include <glib.h>

G_BEGIN_DECLS

#define ie_ridge_quantise IE_LEVEL_NAME (ie_ridge_quantise)
#define ie_ridge_slopes IE_LEVEL_NAME (ie_ridge_slopes)
#define ie_ridge_crests IE_LEVEL_NAME (ie_ridge_crests)

#define IE_RIDGE_UNITS 65280.0f /* 256 * 255: 256 to an 8-bit code */
#define IE_RIDGE_STEP 4.0f      /* what Sobel's kernels answer to a step of 1 */

/* Samples of 0..1 to whole units, ties to even; beyond -63 .. 63 clamped. */
void ie_ridge_quantise (const float *in, float *out, int count);

/* A row of slopes: to the right, downwards, and their size, |across| + |down| (l1) or across^2 + down^2. */
typedef struct {
  float *across, *down, *size;
} IeSlopes;

/* Slopes of `count` pixels of the second of three rows and, where `second` is not NULL, of the third of four. A row of
 * pixels is pointed at where the first of them is, and has a pixel more on both sides. */
void ie_ridge_slopes (const float *const *rows, const IeSlopes *first, const IeSlopes *second, int count, gboolean l1);

/* For `count` pixels a bit each in (count + 63) / 64 words, the first in the lowest: crests, whose size is above low
 * and higher than that of the neighbour on one side across the edge and, on the other, not lower (in a diagonal:
 * higher); and those of them above high, which is not below low. The direction is rounded to multiples of 45 degrees.
 * Rows of size have a pixel more on both sides. */
void ie_ridge_crests (const float *above, const float *here, const float *below, const float *across,
                      const float *down, guint64 *crests, guint64 *strong, int count, float low, float high);

G_END_DECLS
