// SPDX-License-Identifier: GPL-3.0-or-later
/* Symmetric weighted sums of rows that lie IE_DOWN_LINE samples apart, four neighbouring sums at once: around row 0 into
 * out, around the next three into the lines after it.
 *
 * A row that is loaded serves four sums. Rows at constant distances take one register for all their addresses, and one
 * version for each radius holds the weights in registers. What remains are additions and products, which the vector
 * units do side by side: of additions there are nearly twice as many, and on processors that add in other units than
 * those that multiply (AMD's Zen) they decide. fmaf (x, 1, y) is exactly x + y: where there is such an instruction, so
 * many additions go through the multipliers that both have the same to do. No product is contracted: the bits are those
 * of filters/kernel/rows.h, whose order of additions this is. */
#pragma once

#include <stdint.h>

#include "core/level.h"

#define ie_down_float IE_LEVEL_NAME (ie_down_float)
#define ie_down_int16 IE_LEVEL_NAME (ie_down_int16)

#define IE_DOWN_LINE 928 /* samples: an odd number of cache lines of int16, so that rows do not share sets of a cache */
#define IE_DOWN_ROWS 4
#define IE_DOWN_MOST 21 /* the largest radius */

/* out: IE_DOWN_ROWS lines. rows points at the centre of 2 * radius + IE_DOWN_ROWS lines, of which each is taken `width`
 * samples wide, a multiple of 32. 1 <= radius <= IE_DOWN_MOST. */
void ie_down_float (const float *rows, const float *weights, int radius, float *out, int width);
/* The same on int16, weights in units of 1 / 32768, each product rounded. */
void ie_down_int16 (const int16_t *rows, const int16_t *weights, int radius, int16_t *out, int width);
