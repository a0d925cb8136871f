// SPDX-License-Identifier: GPL-3.0-or-later
/* Small kernels laid over the picture: one or several weighted sums of a window for each sample, combined into one.
 *
 * Sums are correlations: the kernel lies over the picture as it is written, and is not mirrored first (as filter2D of
 * OpenCV and the matrices of GIMP and ImageMagick). Only weights that are not 0 cost anything.
 *
 * Colour under alpha: with centre c0, neighbours c and their alpha a (0..1), a sum over weights k is that over
 * k (c0 + a (c - c0)): what cannot be seen is taken to be of the centre's colour, so that it makes no edge, and weights
 * that sum to 0 stay so. Without alpha this is the plain sum of k c.
 */
#pragma once

#include "core/filter.h"
#include "filters/kernel/weigh.h"

G_BEGIN_DECLS

#define ie_stencils_new IE_LEVEL_NAME (ie_stencils_new)
#define ie_stencils_add IE_LEVEL_NAME (ie_stencils_add)
#define ie_stencils_add_separable IE_LEVEL_NAME (ie_stencils_add_separable)
#define ie_stencils_free IE_LEVEL_NAME (ie_stencils_free)
#define ie_stencils_region IE_LEVEL_NAME (ie_stencils_region)
#define ie_stencils_memory IE_LEVEL_NAME (ie_stencils_memory)
#define ie_stencils_apply IE_LEVEL_NAME (ie_stencils_apply)
#define ie_luma_row IE_LEVEL_NAME (ie_luma_row)

#define IE_STENCILS_MOST 8 /* kernels of a set */

typedef struct {
  int dx, dy;
  float weight;
} IeTap;

/* Either taps, or a product of two: down[i] across[j] weighs the pixel i - radius below, j - radius to the right. */
typedef struct {
  IeTap *taps;
  int count;
  float *down, *across; /* 2 * radius + 1 each; NULL: taps */
  int radius;
  float sum; /* of the weights */
} IeStencil;

typedef struct {
  IeStencil kernels[IE_STENCILS_MOST];
  int count;
  int reach_x, reach_y; /* pixels to each side, of all kernels */
  gboolean luma;        /* RGB: works on the luma of the picture and gives all colours the same result */
} IeStencils;

/* An empty set. Free with ie_stencils_free(). */
IeStencils *ie_stencils_new (gboolean luma);
void ie_stencils_free (gpointer stencils);

/* Adds a kernel of rows * columns weights, row after row, each times `factor`; its centre is (columns / 2, rows / 2).
 */
void ie_stencils_add (IeStencils *stencils, const double *weights, int columns, int rows, double factor);

/* Adds the kernel down[i] * across[j], 2 * radius + 1 weights each: costs only 2 * (2 * radius + 1) of them. */
void ie_stencils_add_separable (IeStencils *stencils, const double *down, const double *across, int radius);

/* The descriptor's region() and memory() of a filter whose prepare() gave a set of kernels: the input rectangle that an
 * output rectangle needs, and the bytes of scratch that ie_stencils_apply() takes. */
IeRect ie_stencils_region (const IeStep *step, IeRect output, int input);
gsize ie_stencils_memory (const IeStep *step, IeRect output, IeDepth depth);

/* A stretch of a row: sums[k][i] of kernel k and the picture's own samples, centre[i], 0 <= i < samples, straight
 * colour in codes (float: as they are). The result goes into sums[0]. */
typedef void (*IeCombine) (gconstpointer data, float *const *sums, const float *centre, int samples);

/* Writes combine()'s results to `out`, any depth; `in` covers ie_stencils_region(). Returns early when cancelled. */
void ie_stencils_apply (const IeStencils *stencils, IeWork *work, const IePixels *in, const IePixels *out,
                        IeCombine combine, gconstpointer data);

/* Luma Y' = 0.2126 R' + 0.7152 G' + 0.0722 B' of coded values (Rec. ITU-R BT.709-6, item 3.2) of `pixels` RGB pixels,
 * `channels` samples apart. */
void ie_luma_row (const float *rgb, int channels, float *luma, int pixels);

G_END_DECLS
