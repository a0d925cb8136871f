// SPDX-License-Identifier: GPL-3.0-or-later
/* The Fourier transform of a real plane, on FFTW: for gains that are not even in each frequency alone (motion), for
 * spectra that are looked at, and for convolutions. For everything else fourier/transform.h is the better one.
 *
 * A plane of width x height samples lies in rows of ie_fourier_stride() floats; its spectrum takes the same place: row v
 * holds width / 2 + 1 complex numbers, of the frequencies u / width and (v, from height / 2 + 1 on v - height) / height in
 * cycles per pixel. The plane repeats for ever: pad it (ie_fourier_padded()) where it must not. */
#pragma once

#include "core/work.h"

#include <complex.h>

G_BEGIN_DECLS

typedef struct IeFourier IeFourier;

/* The smallest even 2^a 3^b 5^c 7^d >= size. */
int ie_fourier_padded (int size);

/* Floats from a row to the next: a multiple of 16, so that rows are aligned, and an odd number of cache lines. */
static inline gsize
ie_fourier_stride (int width)
{
  gsize lines = (2 * ((gsize) width / 2 + 1) + 15) / 16;
  return (lines | 1) * 16;
}

static inline gsize
ie_fourier_floats (int width, int height)
{
  return ie_fourier_stride (width) * (gsize) height;
}

/* Frequency of row v, -0.5 .. 0.5. */
static inline double
ie_fourier_row_frequency (int v, int height)
{
  return (double) (v <= height / 2 ? v : v - height) / (double) height;
}

/* Plans for planes of width x height, any size. Read-only once made. NULL and error (IE_ERROR_MEMORY): FFTW has none. */
IeFourier *ie_fourier_new (int width, int height, GError **error);
void ie_fourier_free (IeFourier *fourier);
/* Bytes beside the planes, with so many threads. */
gsize ie_fourier_memory (int width, int height, int threads);

/* Column u of the spectrum, `height` complex numbers in order of v. By several threads at once, once for each u. */
typedef void (*IeFourierColumn) (gpointer data, int u, float complex *restrict column, int height);

/* All in place, shared out with ie_work_parallel(); results do not depend on threads. FALSE and error
 * (IE_ERROR_CANCELLED) when the run was to stop.
 * forward: `column` (or NULL) sees each column of the spectrum last. backward: `column` (or NULL) changes each column
 * first; divides by width * height. filter: forward, change, backward, with one pass over the columns. */
gboolean ie_fourier_forward (const IeFourier *fourier, IeWork *work, float *plane, IeFourierColumn column, gpointer data,
                             GError **error);
gboolean ie_fourier_backward (const IeFourier *fourier, IeWork *work, float *plane, IeFourierColumn column, gpointer data,
                              GError **error);
gboolean ie_fourier_filter (const IeFourier *fourier, IeWork *work, float *plane, IeFourierColumn column, gpointer data,
                            GError **error);

/* Fills a padded plane from a picture of width x height in its top left corner: the rest goes on mirrored (the mirror
 * between two pixels) from both sides, blended by a raised cosine, so that the plane repeats without a jump. Returns
 * early, with anything in the plane, when cancelled. */
void ie_fourier_fill (IeWork *work, const float *picture, ptrdiff_t stride, int width, int height, float *plane,
                      int padded_width, int padded_height);

/* Zeros all of a plane; returns early when cancelled. */
void ie_fourier_clear (IeWork *work, float *plane, int width, int height);

/* Threads that work on a plane, for ie_fourier_memory(): the engine does not say, those of the processor are counted. */
static inline int
ie_fourier_threads (void)
{
  return (int) g_get_num_processors ();
}

G_END_DECLS
