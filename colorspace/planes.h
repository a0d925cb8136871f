// SPDX-License-Identifier: GPL-3.0-or-later
/* Planes of three channels through matrices and g of CIELAB (srgb.h), in vectors, both ways. For files that are compiled once
 * per level; everything is static. */
#pragma once

#include "colorspace/curves.h"
#include "core/simd-prefetch.h"

/* Memory that will be needed soon, asked for while a loop computes: so many bytes a vector. All at once would be more
 * than the processor keeps in flight, and it would wait. */
typedef struct {
  const char *at;
  int step;
  gboolean to_write;
} IeAhead;

static inline void
ie_ahead (IeAhead ahead, int vector)
{
  const char *at = ahead.at + (gsize) vector * (gsize) ahead.step;
  for (int i = 0; i < ahead.step; i += IE_CACHE_LINE)
    if (ahead.to_write)
      __builtin_prefetch (at + i, 1);
    else
      __builtin_prefetch (at + i, 0);
}

/* Three vectors. */
typedef struct {
  IeVector a, b, c;
} IeVectors;

/* A row of a matrix whose rows sum to 1, of which it has the first and last numbers, by a vector; and three of them. */
static inline IeVector
ie_vectors_dot (const float row[2], IeVectors v)
{
  return v.b + (row[0] * (v.a - v.b) + row[1] * (v.c - v.b));
}

static inline IeVectors
ie_vectors_matrix (const float rows[3][2], IeVectors v)
{
  return (IeVectors){ ie_vectors_dot (rows[0], v), ie_vectors_dot (rows[1], v), ie_vectors_dot (rows[2], v) };
}

static inline IeVectors
ie_vectors_load (const float *a, const float *b, const float *c, int i)
{
  return (IeVectors){ ie_vector_load (a + i), ie_vector_load (b + i), ie_vector_load (c + i) };
}

static inline void
ie_vectors_store (IeVectors v, float *a, float *b, float *c, int i)
{
  ie_vector_store (v.a, a + i);
  ie_vector_store (v.b, b + i);
  ie_vector_store (v.c, c + i);
}

/* g of each lane, beyond the curve or not: rare, so not in the loops. */
static IeVector __attribute__ ((noinline, cold))
ie_g_beyond (IeVector x)
{
  float lanes[IE_VECTOR];
  ie_vector_store (x, lanes);
  for (int k = 0; k < IE_VECTOR; k++)
    lanes[k] = ie_g_sample (lanes[k]);
  return ie_vector_load (lanes);
}

/* g of any samples of up to IE_SIDE vectors, in place; `within`: they are within 0..1. (Asked first: else compilers put a part of
 * the computation behind the branch, and what it waits for on the stack.) */
static inline void
ie_vectors_any_g (const IeOctaves *octaves, gboolean within, IeVector *x, int count)
{
  IeVectorBits most = { 0 };
  for (int j = 0; j < count && !within; j++) /* also of what is below the line through 0 */
    most = ie_vector_most_bits (most, (IeVectorBits) (x[j] + IE_G_LINE_END));
  if (G_UNLIKELY (!within && ie_vector_reaches (most, (guint32) ie_float_bits (IE_G_LIMIT))))
    for (int j = 0; j < count; j++)
      x[j] = ie_g_beyond (x[j]);
  else
    ie_vectors_g (octaves, x, count);
}

/* Linear R, G, B by the matrix `rows`, then g of each; `within`: X, Y and Z are within 0..1. */
static inline IeVectors
ie_vectors_xyz_g (const float rows[3][2], gboolean within, const IeOctaves *octaves, IeVectors rgb)
{
  IeVectors v = ie_vectors_matrix (rows, rgb);
  IeVector g[] = { v.a, v.b, v.c };
  ie_vectors_any_g (octaves, within, g, 3);
  return (IeVectors){ g[0], g[1], g[2] };
}

/* The same in place: planes with room for whole vectors. */
static inline void
ie_planes_g (const float rows[3][2], gboolean within, float *restrict r, float *restrict g, float *restrict b, int count,
             IeAhead ahead)
{
  IeOctaves octaves = ie_g_load ();
  ie_pad (r, count);
  ie_pad (g, count);
  ie_pad (b, count);
  for (int i = 0; i < count && within; i += IE_VECTOR) {
    ie_ahead (ahead, i / IE_VECTOR);
    ie_vectors_store (ie_vectors_xyz_g (rows, TRUE, &octaves, ie_vectors_load (r, g, b, i)), r, g, b, i);
  }
  for (int i = 0; i < count && !within; i += IE_VECTOR) {
    ie_ahead (ahead, i / IE_VECTOR);
    ie_vectors_store (ie_vectors_xyz_g (rows, FALSE, &octaves, ie_vectors_load (r, g, b, i)), r, g, b, i);
  }
}

/* ie_lab_g_inverse() of each lane. */
static inline IeVector
ie_g_inverse_vector (IeVector g)
{
  IeVector m = ie_vector_magnitude (g), root = m + (float) (16.0 / 116.0);
  IeVector low = m * (float) (116.0 / IE_LAB_KAPPA), high = root * root * root;
  return ie_vector_with_sign (ie_vector_at_most (m, ie_vector_all ((float) (8.0 / 116.0)), low, high), g);
}

/* What leaves CIELAB: L* / 100, a* / 100 and b* / 100 within +-IE_SRGB_LIMIT (NaN counts as the limit) to g of X, Y, Z. */
#define IE_L_OF_G 1.16f
#define IE_G_OF_L ((float) (1.0 / 1.16))
#define IE_G_OF_A ((float) (100.0 / 500.0)) /* g (X) - g (Y) */
#define IE_G_OF_B ((float) (100.0 / 200.0)) /* g (Y) - g (Z) */

static inline IeVector
ie_limit_vector (IeVector x)
{
  return ie_vector_larger (ie_vector_smaller (x, ie_vector_all (IE_SRGB_LIMIT)), ie_vector_all (-IE_SRGB_LIMIT));
}

static inline IeVectors
ie_vectors_lab_to_g (IeVectors v)
{
  IeVector g = ie_limit_vector (v.b) * IE_G_OF_L;
  return (IeVectors){ g + ie_limit_vector (v.a) * IE_G_OF_A, g, g - ie_limit_vector (v.c) * IE_G_OF_B };
}

/* Whether one of the numbers is below `low`, which is negative, or above `high`, which is not: as integers, see
 * ie_vector_unit(). */
static inline gboolean
ie_vectors_any_beyond (IeVectors v, IeVector low, IeVector high)
{
  IeVectorInts a = (IeVectorInts) v.a, b = (IeVectorInts) v.b, c = (IeVectorInts) v.c;
  IeVectorBits least = ie_vector_most_bits ((IeVectorBits) a, ie_vector_most_bits ((IeVectorBits) b, (IeVectorBits) c));
  return ie_vector_any_above (ie_vector_larger_int (a, ie_vector_larger_int (b, c)), (IeVectorInts) high, least, (IeVectorBits) low);
}

/* Whether a lane of the lowest is below, or one of the highest above. */
static inline gboolean
ie_vectors_leave (IeVector lowest, IeVector highest, float below, float above)
{
  gboolean leaves = FALSE;
  for (int i = 0; i < IE_VECTOR; i++)
    leaves |= (lowest[i] < below) | (highest[i] > above);
  return leaves;
}

/* The inverse of g, then the matrix `rows`, in place; `from_lab`: the planes hold a*, L*, b*. Whether perhaps one of the
 * results is below range[0] or above range[1]. */
static inline gboolean
ie_planes_g_inverse (const float rows[3][2], const float range[2], gboolean from_lab, float *restrict x,
                     float *restrict y, float *restrict z, int count, IeAhead ahead)
{
  IeVector lowest = ie_vector_all (range[0]), highest = ie_vector_all (range[1]);
  ie_pad (x, count);
  ie_pad (y, count);
  ie_pad (z, count);
  for (int i = 0; i < count; i += IE_VECTOR) {
    ie_ahead (ahead, i / IE_VECTOR);
    IeVectors v = ie_vectors_load (x, y, z, i);
    if (from_lab)
      v = ie_vectors_lab_to_g (v);
    v = (IeVectors){ ie_g_inverse_vector (v.a), ie_g_inverse_vector (v.b), ie_g_inverse_vector (v.c) };
    v = ie_vectors_matrix (rows, v);
    lowest = ie_vector_smaller (v.a, ie_vector_smaller (v.b, ie_vector_smaller (v.c, lowest)));
    highest = ie_vector_larger (v.a, ie_vector_larger (v.b, ie_vector_larger (v.c, highest)));
    ie_vectors_store (v, x, y, z, i);
  }
  return ie_vectors_leave (lowest, highest, range[0], range[1]);
}
