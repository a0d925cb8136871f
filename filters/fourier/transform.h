// SPDX-License-Identifier: GPL-3.0-or-later
/* The cosine transform of a plane, on FFTW: what every filter with a gain that is even in both frequencies works in.
 *
 * A plane of width x height samples becomes as many real coefficients, in place. Coefficient (x, y) belongs to the
 * frequencies x / (2 width) and y / (2 height) cycles per pixel. Multiplying coefficients by a gain G (fx, fy) filters
 * the plane with G as if it continued for ever, mirrored at its edges (dcba|abcd|dcba: the mirror lies between two
 * pixels, unlike reflect-101, because this is the continuation that a cosine transform has). Nothing wraps around.
 *
 * Reference: J. Makhoul, "A fast cosine transform in one and two dimensions", IEEE Transactions on Acoustics, Speech
 * and Signal Processing 28 (1980) 27-34.
 */
#pragma once

#include "core/work.h"

G_BEGIN_DECLS

typedef struct IeCosineTransform IeCosineTransform;

/* Frequency of coefficient i of a row or column of `size` samples, in cycles per pixel: 0 .. below 0.5. */
static inline double
ie_cosine_frequency (int i, int size)
{
  return (double) i / (2.0 * (double) size);
}

/* Plans and tables for planes of width x height, both at least 1, any size, primes included. Read-only once made, for
 * any number of threads. Free with ie_cosine_transform_free(). NULL and error (IE_ERROR_MEMORY) when FFTW has no plan.
 * Plans are by estimate: the same on every run. May be called from any thread: plans are made one at a time. */
IeCosineTransform *ie_cosine_transform_new (int width, int height, GError **error);
void ie_cosine_transform_free (IeCosineTransform *transform);

/* Bytes that a transform of planes of width x height and its use by `threads` threads take beside the plane. */
gsize ie_cosine_transform_memory (int width, int height, int threads);

/* Changes the coefficients of one column: coefficients[y], 0 <= y < height, belongs to (x, y). Scaled so that
 * coefficient (0, 0) is the sum of all samples. Called by several threads at once, in any order, once for every x. */
typedef void (*IeSpectrumColumn) (gpointer data, int x, float *restrict coefficients, int height);

/* Transforms the plane (float, rows `stride` bytes apart, a multiple of 4), lets `column` change every column of
 * coefficients and transforms back, in place. The work is shared out with ie_work_parallel(). The result does not
 * depend on the number of threads. A `column` that changes nothing gives the plane back within about 1e-6 of its
 * range. FALSE and error (IE_ERROR_CANCELLED) when the run was to stop: the plane is then undefined. */
gboolean ie_cosine_transform_filter (const IeCosineTransform *transform, IeWork *work, float *plane, ptrdiff_t stride,
                                     IeSpectrumColumn column, gpointer data, GError **error);

/* FFTW's planner is not re-entrant: whoever plans or destroys a plan holds this. */
void ie_fourier_planner_lock (void);
void ie_fourier_planner_unlock (void);

/* Changes a row of samples where it lies, while it is in cache anyway. */
typedef void (*IeSpectrumRow) (gpointer data, float *restrict samples, int width);

typedef struct {
  IeSpectrumColumn column;
  gpointer column_data;
  IeSpectrumRow enter, leave; /* before the transform, after the way back; both or neither */
  gpointer row_data;
} IeSpectrumChange;

/* The same with a change of the samples before and after (a logarithm and its inverse). */
gboolean ie_cosine_transform_change (const IeCosineTransform *transform, IeWork *work, float *plane, ptrdiff_t stride,
                                     const IeSpectrumChange *change, GError **error);

G_END_DECLS
