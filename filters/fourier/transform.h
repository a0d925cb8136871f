// SPDX-License-Identifier: GPL-3.0-or-later
/* The cosine transform of a plane: what every filter with a gain that is even in both frequencies works in. Our own for
 * lines whose length has no prime factor above 7, FFTW's for the others.
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

#include "core/level.h"
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
IeCosineTransform *IE_LEVEL_NAME (ie_cosine_transform_new) (int width, int height, GError **error);
#define ie_cosine_transform_new IE_LEVEL_NAME (ie_cosine_transform_new)
void IE_LEVEL_NAME (ie_cosine_transform_free) (IeCosineTransform *transform);
#define ie_cosine_transform_free IE_LEVEL_NAME (ie_cosine_transform_free)

/* Bytes that a transform of planes of width x height and its use by `threads` threads take beside the plane. */
gsize IE_LEVEL_NAME (ie_cosine_transform_memory) (int width, int height, int threads);
#define ie_cosine_transform_memory IE_LEVEL_NAME (ie_cosine_transform_memory)

/* Columns of a block of coefficients, where it is not a single one. */
#define IE_SPECTRUM_COLUMNS 16

/* Changes a block of coefficients: coefficients[r * columns + c] belongs to (x + c, y + r * step), 0 <= r < rows, 0 <= c <
 * columns, where columns is 1 or IE_SPECTRUM_COLUMNS; of the latter some may lie beyond the width, and do not matter.
 * Scaled so that coefficient (0, 0) is the sum of all samples. Called by several threads at once, in any order, once for
 * every place. What becomes of a coefficient must not depend on the block. */
typedef void (*IeSpectrumBlock) (gpointer data, float *restrict coefficients, int x, int columns, int y, int step,
                                 int rows);

/* Changes a run of samples of a row where it lies, while it is in cache anyway. */
typedef void (*IeSpectrumRow) (gpointer data, float *restrict samples, int count);

typedef struct {
  IeSpectrumBlock block;
  gpointer block_data;
  IeSpectrumRow enter, leave; /* before the transform, after the way back (a logarithm and its inverse); both or neither */
  gpointer row_data;
} IeSpectrumChange;

/* Transforms the plane (float, rows `stride` bytes apart, a multiple of 4), changes its coefficients and transforms back,
 * in place. The work is shared out with ie_work_parallel(). The result does not depend on the number of threads. A
 * change that changes nothing gives the plane back within about 1e-6 of its range. FALSE and error
 * (IE_ERROR_CANCELLED) when the run was to stop: the plane is then undefined. */
gboolean IE_LEVEL_NAME (ie_cosine_transform_change) (const IeCosineTransform *transform, IeWork *work, float *plane,
                                                     ptrdiff_t stride, const IeSpectrumChange *change, GError **error);
#define ie_cosine_transform_change IE_LEVEL_NAME (ie_cosine_transform_change)

/* FFTW's planner is not re-entrant: whoever plans or destroys a plan holds this. */
void ie_fourier_planner_lock (void);
void ie_fourier_planner_unlock (void);

G_END_DECLS
