// SPDX-License-Identifier: GPL-3.0-or-later
/* Symmetric weighted sums along a row of interleaved samples, by hand: vectors that begin anywhere lie in two cache lines
 * each, so that loading them is what such sums wait for. Half of them are cut out of registers instead. The same samples,
 * bit for bit, as filters/kernel/rows.h gives. */
#pragma once

#include <glib.h>

/* out[i] = in[i] * weights[0] + sum over t = 1 .. radius of (in[i - t * channels] + in[i + t * channels]) * weights[t],
 * for `samples` samples, a multiple of 32; 32 samples beyond them may be read too. FALSE, and nothing done, where this
 * processor, radius or number of channels has no such version. */
gboolean ie_simd_across_float (const float *in, float *out, const float *weights, int radius, int channels, int samples);

/* With `sum` of the above, out[i] = original[i] + amount * (original[i] - sum): unsharp masking, while it is in registers. */
gboolean ie_simd_across_sharpen (const float *in, float *out, const float *weights, int radius, int channels, int samples,
                                 const float *original, float amount);

/* The sums on int16, weights in units of 1 / 32768, each product rounded. */
gboolean ie_simd_across_int16 (const gint16 *in, gint16 *out, const gint16 *weights, int radius, int channels,
                               int samples);
