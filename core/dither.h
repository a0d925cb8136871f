// SPDX-License-Identifier: GPL-3.0-or-later
/* Dither for results of a smaller depth than their input: a threshold of picture coordinates and channel alone, so that
 * samples depend on nothing else. */
#pragma once

#include <glib.h>

#define IE_DITHER_SIZE 64 /* pixels: the pattern's period in both directions */

/* Fills thresholds for pixels x .. x + IE_DITHER_SIZE - 1 of row y, `channels` each: values strictly inside 0..1, all
 * equally often, so far from both ends that a value that is a code (k / range, rounded to float) stays that code.
 * fine: in 4096 steps (results of 8 bits), else in 64 (16 bits). has_alpha: the last channel gets 0.5, that is rounding.
 * Any thread. */
void ie_dither_row (int x, int y, int channels, gboolean has_alpha, gboolean fine, float *thresholds);
/* The pattern: each rank 0 .. 4095 once, in rows of IE_DITHER_SIZE. */
const guint16 *ie_dither_pattern (void);
