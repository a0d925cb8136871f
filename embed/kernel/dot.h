// SPDX-License-Identifier: GPL-3.0-or-later
/* Inner products of many vectors with one, for embed/search.c: once per level of the processor, the same results at each. */
#pragma once

#include "core/level.h"

/* Sums of floats run in so many lanes, whatever the registers hold, and neighbours are added until one is left: the order of
 * additions, and so every bit, is the same at all levels. */
#define IE_DOT_LANES 16

/* Scores as integers of the same order, so that one loop finds the best of either kind. NaN is as little as minus infinity. */
typedef struct {
  /* keys[q x count + i] of the inner product of row i and query q. Queries begin `stride` floats apart, each with zeros up
   * to a multiple of IE_DOT_LANES; rows have no gaps and are read only where they are. */
  void (*floats) (const float *rows, guint count, int dimensions, const float *query, int stride, guint queries,
                  gint32 *keys);
  /* The inner products themselves: exact while they fit. */
  void (*codes) (const gint8 *rows, guint count, int dimensions, const gint16 *query, int stride, guint queries,
                 gint32 *products);
  /* products[i] becomes the key of itself (rounded to float) times scales[i] x scale; scales NULL: times scale. */
  void (*scale) (gint32 *products, guint count, const float *scales, float scale);
  /* The largest of them; count is at least 1. */
  gint32 (*most) (const gint32 *keys, guint count);
} IeDotKernels;

/* The key of a score and back: bits of a float are ordered as integers are, but those of negative ones the other way round. */
static inline gint32
ie_dot_key_of_bits (gint32 bits)
{
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

/* Of a level that the processor has. */
const IeDotKernels *ie_dot_at (IeCpuLevel level);

extern const IeDotKernels ie_dot_kernels_base;
#ifdef IE_X86_LEVELS
extern const IeDotKernels ie_dot_kernels_v2, ie_dot_kernels_v3, ie_dot_kernels_v4;
#endif
