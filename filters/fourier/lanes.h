// SPDX-License-Identifier: GPL-3.0-or-later
/* Fourier transforms of many complex lines at a time, one line a lane: what takes a whole vector instruction is the same
 * step of IE_LANES lines, so that nothing is ever shuffled and a loop over lanes is all the compiler must see.
 *
 * A point is IE_LANES real parts, then as many imaginary parts. A line of n = a b points lies in a grid of `a` rows of b
 * points, grid->pitch floats apart: before the transform point n1 b + n2 at (n1, n2), afterwards number k1 + a k2 at
 * (k1, k2), as the four steps of W. M. Gentleman and G. Sande ("Fast Fourier transforms: for fun and profit", AFIPS Fall
 * Joint Computer Conference 1966, 563-578) leave it; columns and rows of the grid are short enough for the first cache.
 * Backwards from (k1, k2) to (n1, n2). Short transforms are Stockham's (W. T. Cochran et al., "What is the fast Fourier
 * transform?", Proceedings of the IEEE 55 (1967) 1664-1674): factors 8, 7, 5, 4, 3, 2, in natural order without a pass of
 * its own for it.
 *
 * A transform backwards is the transform forwards of numbers whose parts are swapped. */
#pragma once

#include "core/level.h"

G_BEGIN_DECLS

#define IE_LANES_COUNT 8
#define IE_LANES_POINT (2 * IE_LANES_COUNT) /* floats */
#define IE_LANES_STAGES 32

typedef struct {
  int n;
  int stages, radix[IE_LANES_STAGES];
  float *twiddles[IE_LANES_STAGES]; /* [p][j], 0 < p < points left / radix, 1 <= j < radix: real, imaginary part */
} IeShortTransform;

typedef struct {
  int n, a, b;
  gsize pitch;                   /* floats from a row of the grid to the next */
  IeShortTransform down, across; /* of a and b points */
  float *down_twiddles;          /* exp (-2 pi i n2 k1 / n), n2 by n2, k1 in the order in which `down` writes */
  float *across_twiddles;        /* the same times 2 / n, k1 by k1, n2 in the order in which `across` writes */
  float *turns;                  /* half the cosine and sine of pi k / 2n by (k1, k2) */
} IeGrid;

/* Whether lines of n points can be transformed so: n >= 1 with no prime factor above 7, and small enough for the caches. */
gboolean IE_LEVEL_NAME (ie_grid_has) (int n);
#define ie_grid_has IE_LEVEL_NAME (ie_grid_has)
gboolean IE_LEVEL_NAME (ie_grid_init) (IeGrid *grid, int n);
#define ie_grid_init IE_LEVEL_NAME (ie_grid_init)
void IE_LEVEL_NAME (ie_grid_clear) (IeGrid *grid);
#define ie_grid_clear IE_LEVEL_NAME (ie_grid_clear)

/* Bytes of a grid's tables; floats of the grid itself and of the scratch that the functions below take. */
gsize IE_LEVEL_NAME (ie_grid_memory) (int n);
#define ie_grid_memory IE_LEVEL_NAME (ie_grid_memory)
gsize IE_LEVEL_NAME (ie_grid_floats) (int n);
#define ie_grid_floats IE_LEVEL_NAME (ie_grid_floats)
gsize IE_LEVEL_NAME (ie_grid_scratch) (int n);
#define ie_grid_scratch IE_LEVEL_NAME (ie_grid_scratch)

/* The steps of a transform, in `points` (64-byte aligned), with scratch for the short ones.
 * down: column n2, read from `from` (a points that follow each other, in the second half of scratch) or, NULL, from the
 * grid; written to the grid. across: row k1. */
float *IE_LEVEL_NAME (ie_grid_column_buffer) (const IeGrid *grid, float *scratch);
#define ie_grid_column_buffer IE_LEVEL_NAME (ie_grid_column_buffer)
void IE_LEVEL_NAME (ie_grid_down) (const IeGrid *grid, int n2, const float *from, float *points, float *scratch);
#define ie_grid_down IE_LEVEL_NAME (ie_grid_down)
void IE_LEVEL_NAME (ie_grid_across) (const IeGrid *grid, int k1, float *points, float *scratch);
#define ie_grid_across IE_LEVEL_NAME (ie_grid_across)
/* Backwards (the parts are swapped): rows k1, then columns n2, whose a points are left where the answer says (in scratch)
 * or, with in_grid, in the grid. */
void IE_LEVEL_NAME (ie_grid_back_across) (const IeGrid *grid, int k1, float *points, float *scratch);
#define ie_grid_back_across IE_LEVEL_NAME (ie_grid_back_across)
const float *IE_LEVEL_NAME (ie_grid_back_down) (const IeGrid *grid, int n2, float *points, float *scratch,
                                                gboolean in_grid);
#define ie_grid_back_down IE_LEVEL_NAME (ie_grid_back_down)

/* Spectrum of rows k1 and a - k1 -> cosine coefficients of the two real lines of each lane, in the places of the real and the
 * imaginary parts; and coefficients -> spectrum, parts swapped. 0 <= k1 <= a / 2. */
void IE_LEVEL_NAME (ie_grid_to_cosines) (const IeGrid *grid, int k1, float *points);
#define ie_grid_to_cosines IE_LEVEL_NAME (ie_grid_to_cosines)
void IE_LEVEL_NAME (ie_grid_from_cosines) (const IeGrid *grid, int k1, float *points);
#define ie_grid_from_cosines IE_LEVEL_NAME (ie_grid_from_cosines)

G_END_DECLS
