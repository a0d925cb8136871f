// SPDX-License-Identifier: GPL-3.0-or-later
#include "embed/kernel/dot.h"

#include "core/simd-vector.h"

#define PARTS (IE_DOT_LANES / IE_VECTOR)
/* Rows at a time: their sums are independent, so that additions need not wait for one another. */
#define ROWS 4

#define BITS_OF_LEAST ((gint32) 0xff800000) /* minus infinity, of a float */

/* Adding 0 makes +0 of -0: equal scores have equal keys. */
static inline gint32
key_of (float score)
{
  float sum = score + 0.0f;
  gint32 bits;
  memcpy (&bits, &sum, sizeof bits);
  return ie_dot_key_of_bits (sum == sum ? bits : BITS_OF_LEAST);
}

static inline float
fold (const IeVector *sums)
{
  float s[IE_DOT_LANES];
  for (int p = 0; p < PARTS; p++)
    ie_vector_store (sums[p], s + p * IE_VECTOR);
  for (int half = IE_DOT_LANES / 2; half > 0; half /= 2)
    for (int l = 0; l < half; l++)
      s[l] += s[l + half];
  return s[0];
}

/* `count` is known where this is called. */
static inline void
some_rows (const float *rows, int count, int dimensions, const float *query, gint32 *keys)
{
  IeVector sums[ROWS][PARTS] = { 0 };
  int whole = dimensions / IE_DOT_LANES * IE_DOT_LANES;
  for (int i = 0; i < whole; i += IE_DOT_LANES)
    for (int p = 0; p < PARTS; p++) {
      IeVector q = ie_vector_load (query + i + p * IE_VECTOR);
      for (int r = 0; r < count; r++)
        sums[r][p] += ie_vector_load (rows + (gsize) r * dimensions + i + p * IE_VECTOR) * q;
    }
  if (whole < dimensions)
    for (int r = 0; r < count; r++) {
      float rest[IE_DOT_LANES] = { 0 };
      memcpy (rest, rows + (gsize) r * dimensions + whole, (dimensions - whole) * sizeof *rest);
      for (int p = 0; p < PARTS; p++)
        sums[r][p] += ie_vector_load (rest + p * IE_VECTOR) * ie_vector_load (query + whole + p * IE_VECTOR);
    }
  for (int r = 0; r < count; r++)
    keys[r] = key_of (fold (sums[r]));
}

static void
floats (const float *rows, guint count, int dimensions, const float *query, gint32 *keys)
{
  guint i = 0;
  for (; i + ROWS <= count; i += ROWS)
    some_rows (rows + (gsize) i * dimensions, ROWS, dimensions, query, keys + i);
  for (; i < count; i++)
    some_rows (rows + (gsize) i * dimensions, 1, dimensions, query, keys + i);
}

/* The compiler makes 16-bit numbers of the row's and multiplies and adds pairs of them at once (pmaddwd). */
static inline gint32
product (const gint8 *restrict row, const gint16 *restrict query, int dimensions)
{
  gint32 sum = 0;
  for (int i = 0; i < dimensions; i++)
    sum += (gint16) row[i] * query[i];
  return sum;
}

static void
codes (const gint8 *rows, guint count, int dimensions, const gint16 *query, gint32 *products)
{
  for (guint i = 0; i < count; i++)
    products[i] = product (rows + (gsize) i * dimensions, query, dimensions);
}

static void
scale_products (gint32 *products, guint count, const float *scales, float scale)
{
  if (scales)
    for (guint i = 0; i < count; i++)
      products[i] = key_of ((float) products[i] * (scales[i] * scale));
  else
    for (guint i = 0; i < count; i++)
      products[i] = key_of ((float) products[i] * scale);
}

static gint32
most (const gint32 *keys, guint count)
{
  gint32 best = keys[0];
  for (guint i = 1; i < count; i++)
    best = keys[i] > best ? keys[i] : best;
  return best;
}

#define ie_dot_kernels IE_LEVEL_NAME (ie_dot_kernels)
const IeDotKernels ie_dot_kernels = { floats, codes, scale_products, most };
