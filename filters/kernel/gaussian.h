// SPDX-License-Identifier: GPL-3.0-or-later
/* The Gaussian of a rectangle, for every filter that needs one.
 *
 * Definition: the sampled kernel exp(-x^2 / (2 sigma^2)), normalised, horizontally and vertically. Three ways:
 *
 * direct   (sigma < IE_GAUSSIAN_DIRECT): the kernel cut at 4.5 sigma; what is cut off is less than 7e-6 of its sum.
 * lattice  (from there on): reduce, blur, enlarge, on a lattice of every factor-th pixel fixed in picture coordinates.
 *          Reducing and enlarging use the discrete B-spline of `order` boxes of `factor` pixels, whose response has a
 *          zero of that order at every frequency that reduction folds onto the mean; the small kernel on the lattice is
 *          the Gaussian's response divided by that of both splines. Half the sum of |difference| from the exact kernel,
 *          which bounds the error for any input in one dimension, is at most 1.6e-5 of range (sigma 4.5; mostly 1e-5).
 *          All weights are positive: no value leaves the range of the input. Cost hardly depends on sigma.
 *          B-splines: Unser, Aldroubi, Eden, B-Spline Signal Processing: Part I, IEEE Trans. Signal Proc. 41(2), 1993.
 * integer  (8 bits without alpha, sigma < IE_GAUSSIAN_INTEGER): 16-bit integers, the kernel cut at 3.5 sigma. Bound of
 *          the error before rounding (tails, one rounding a tap, two passes): 0.4 of a code; tests/test-gaussian.c
 *          measures 0.1. Flat stays flat exactly.
 *
 * Samples depend on picture coordinates alone, not on the rectangle.
 */
#pragma once

#include "core/filter.h"
#include "filters/kernel/weigh.h"

G_BEGIN_DECLS

/* Measured: where the next way becomes the faster one. */
#define IE_GAUSSIAN_DIRECT 4.5
#define IE_GAUSSIAN_INTEGER 6.0

#define ie_gaussian_shape IE_LEVEL_NAME (ie_gaussian_shape)
#define ie_gaussian_new IE_LEVEL_NAME (ie_gaussian_new)
#define ie_gaussian_free IE_LEVEL_NAME (ie_gaussian_free)
#define ie_gaussian_region IE_LEVEL_NAME (ie_gaussian_region)
#define ie_gaussian_memory IE_LEVEL_NAME (ie_gaussian_memory)
#define ie_gaussian_mirrors IE_LEVEL_NAME (ie_gaussian_mirrors)
#define ie_gaussian_is_integer IE_LEVEL_NAME (ie_gaussian_is_integer)
#define ie_gaussian_rows IE_LEVEL_NAME (ie_gaussian_rows)
#define ie_gaussian_rows_int16 IE_LEVEL_NAME (ie_gaussian_rows_int16)
#define ie_gaussian_direct IE_LEVEL_NAME (ie_gaussian_direct)
#define ie_gaussian_direct_memory IE_LEVEL_NAME (ie_gaussian_direct_memory)
#define ie_gaussian_sharpen IE_LEVEL_NAME (ie_gaussian_sharpen)
#define ie_gaussian_lattice IE_LEVEL_NAME (ie_gaussian_lattice)
#define ie_gaussian_lattice_memory IE_LEVEL_NAME (ie_gaussian_lattice_memory)

/* What follows from sigma without any table. */
typedef struct {
  double sigma;
  int radius;         /* direct: pixels on each side */
  int integer_radius; /* integer: pixels on each side; 0: not that way */
  int factor;         /* lattice: pixels a step; 1: direct */
  int order;          /* lattice: boxes of each B-spline, even */
  int reach;          /* lattice: pixels of the B-spline on each side */
  int lattice_radius; /* lattice: steps of its kernel on each side */
} IeGaussianShape;

typedef struct {
  IeGaussianShape shape;
  float *taps;           /* direct: radius + 1, from the centre */
  gint16 *integer_taps;  /* integer: integer_radius + 1, in units of 1 / 32768; the whole kernel sums to 32768 */
  float *spline;         /* lattice: 2 * reach + 1, sum 1 */
  float *enlarging;      /* lattice: spline * factor */
  float *lattice_taps;   /* lattice: lattice_radius + 1, from the centre */
} IeGaussian;

IeGaussianShape ie_gaussian_shape (double sigma);

/* The kernel of sigma >= 0 pixels; free with ie_gaussian_free(). Read-only once made: threads may share it. */
IeGaussian *ie_gaussian_new (double sigma);
void ie_gaussian_free (gpointer gaussian);

/* The input rectangle that an output rectangle needs; may reach beyond the picture. */
IeRect ie_gaussian_region (const IeGaussianShape *shape, IeRect out);

/* Whether at this depth ie_gaussian_rows(), or ie_gaussian_rows_int16() where `integer` is set and that way serves this
 * kernel, is to mirror at the edges of the input: it then may end with the picture. */
gboolean ie_gaussian_mirrors (const IeGaussianShape *shape, IeDepth depth, gboolean integer);

/* Bytes of scratch for this output rectangle: of ie_gaussian_rows(), or of ie_gaussian_rows_int16() where `integer` is
 * set and that way serves this kernel. */
gsize ie_gaussian_memory (const IeGaussianShape *shape, IeRect out, int channels, gboolean integer);

/* Rows are worked on in stretches of about so many bytes: what a kernel needs of them then stays in the cache of the
 * processor's core. */
#define IE_GAUSSIAN_STRETCH_BYTES 2048
/* Samples of a stretch of float at most. */
#define IE_GAUSSIAN_STRETCH_MOST (IE_GAUSSIAN_STRETCH_BYTES / 4 * 3 / 2 + IE_MAX_CHANNELS)

/* Pixels of a stretch of rows of `width` pixels, each `pixel_bytes` while worked on: of nearly equal width. */
static inline int
ie_gaussian_stretch (int width, gsize pixel_bytes)
{
  gsize stretches = ((gsize) width * pixel_bytes + IE_GAUSSIAN_STRETCH_BYTES / 2) / IE_GAUSSIAN_STRETCH_BYTES;
  int count = MAX ((int) stretches, 1);
  return (width + count - 1) / count;
}

/* A finished stretch of a row, `pixels` pixels from x, y of the picture on: sums in the unit asked for, colour still
 * weighed by alpha. `blurred` is scratch and may be changed. */
typedef void (*IeGaussianRow) (gpointer data, int x, int y, int pixels, float *blurred);
/* The same of 8-bit samples v as 16-bit integers: IE_GAUSSIAN_INT16 (v). */
typedef void (*IeGaussianRowInt16) (gpointer data, int x, int y, int pixels, const gint16 *blurred);
/* Symmetric about 0, so that a pair of them still is an int16; 1 / 128 of a code is the unit. */
#define IE_GAUSSIAN_INT16_BITS 7
#define IE_GAUSSIAN_INT16_OFFSET 16320 /* 127.5 * 128 */
#define IE_GAUSSIAN_INT16(v) ((v) * (1 << IE_GAUSSIAN_INT16_BITS) - IE_GAUSSIAN_INT16_OFFSET)

/* Blurs the pixels of `out` from `in` (which covers ie_gaussian_region(), but see
 * ie_gaussian_mirrors()) and hands them to row() in stretches of rows,
 * each once, in no order that may be relied upon. row NULL: both are float without alpha, and the sums go to out.
 * Scratch comes from `work`; returns early when cancelled. */
void ie_gaussian_rows (const IeGaussian *gaussian, IeWork *work, const IePixels *in, const IePixels *out, IeUnit unit,
                       IeGaussianRow row, gpointer data);

/* out = in + amount * (in - blurred): for float without alpha and sigma < IE_GAUSSIAN_DIRECT. */
void ie_gaussian_sharpen (const IeGaussian *gaussian, IeWork *work, const IePixels *in, const IePixels *out, float amount);

/* Whether the integer way serves this kernel; and that way, for 8-bit pictures without alpha. */
gboolean ie_gaussian_is_integer (const IeGaussianShape *shape);
void ie_gaussian_rows_int16 (const IeGaussian *gaussian, IeWork *work, const IePixels *in, const IePixels *out,
                             IeGaussianRowInt16 row, gpointer data);

/* The two ways of ie_gaussian_rows(); called by it alone. Memory of the direct and the integer way. */
void ie_gaussian_direct (const IeGaussian *gaussian, IeWork *work, const IePixels *in, const IePixels *out,
                         IeUnit unit, IeGaussianRow row, gpointer data);
gsize ie_gaussian_direct_memory (int width, int channels, int radius, gsize sample_bytes);
void ie_gaussian_lattice (const IeGaussian *gaussian, IeWork *work, const IePixels *in, const IePixels *out,
                          IeUnit unit, IeGaussianRow row, gpointer data);
gsize ie_gaussian_lattice_memory (const IeGaussianShape *shape, IeRect out, int channels);

G_END_DECLS
