// SPDX-License-Identifier: GPL-3.0-or-later
#include "embed/kernel/dot.h"

#include "core/simd-vector.h"

#define PARTS (IE_DOT_LANES / IE_VECTOR)
/* Queries at a time: so many sums stay in registers. */
#define QUERIES 4
/* Rows whose lanes are folded at once. */
#define FOLDED 16

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

/* Sums of neighbours, until one is left of each row's. In flat loops over many rows: for a row alone, vectors would be stored,
 * loaded in part and stored again. */
static inline void
add_neighbours (const float *restrict in, float *restrict out, int count)
{
  for (int i = 0; i < count; i++)
    out[i] = in[2 * i] + in[2 * i + 1];
}

G_STATIC_ASSERT (IE_DOT_LANES == 16);

static void
fold (float *sums, int rows, gint32 *keys)
{
  float half[FOLDED * IE_DOT_LANES / 2];
  add_neighbours (sums, half, rows * 8);
  add_neighbours (half, sums, rows * 4);
  add_neighbours (sums, half, rows * 2);
  add_neighbours (half, sums, rows);
  for (int r = 0; r < rows; r++)
    keys[r] = key_of (sums[r]);
}

/* The lanes of one row with `queries` queries (known where this is called), those of query q at out + q x skip. One row after
 * the other: measured, with several rows at a time the processor fetches memory at half the speed. */
static inline void
one_row (const float *row, int dimensions, const float *query, int stride, int queries, float *out, int skip)
{
  IeVector sums[QUERIES][PARTS] = { 0 };
  int whole = dimensions / IE_DOT_LANES * IE_DOT_LANES;
  for (int i = 0; i < whole; i += IE_DOT_LANES)
    for (int p = 0; p < PARTS; p++) {
      IeVector v = ie_vector_load (row + i + p * IE_VECTOR);
      for (int q = 0; q < queries; q++)
        sums[q][p] += v * ie_vector_load (query + q * stride + i + p * IE_VECTOR);
    }
  if (whole < dimensions) {
    float rest[IE_DOT_LANES] = { 0 };
    memcpy (rest, row + whole, (dimensions - whole) * sizeof *rest);
    for (int q = 0; q < queries; q++)
      for (int p = 0; p < PARTS; p++)
        sums[q][p] +=
            ie_vector_load (rest + p * IE_VECTOR) * ie_vector_load (query + q * stride + whole + p * IE_VECTOR);
  }
  for (int q = 0; q < queries; q++)
    for (int p = 0; p < PARTS; p++)
      ie_vector_store (sums[q][p], out + q * skip + p * IE_VECTOR);
}

static void
floats (const float *rows, guint count, int dimensions, const float *query, int stride, guint queries, gint32 *keys)
{
  enum { SKIP = FOLDED * IE_DOT_LANES };
  float sums[QUERIES * SKIP];
  for (guint from = 0; from < count; from += FOLDED) {
    guint some = MIN (FOLDED, count - from);
    const float *at = rows + (gsize) from * dimensions;
    for (guint q = 0; q < queries;) {
      guint together = queries - q >= QUERIES ? QUERIES : 1;
      const float *these = query + (gsize) q * stride;
      for (guint i = 0; i < some; i++)
        if (together == QUERIES)
          one_row (at + (gsize) i * dimensions, dimensions, these, stride, QUERIES, sums + i * IE_DOT_LANES, SKIP);
        else
          one_row (at + (gsize) i * dimensions, dimensions, these, stride, 1, sums + i * IE_DOT_LANES, SKIP);
      for (guint n = 0; n < together; n++)
        fold (sums + n * SKIP, some, keys + (gsize) (q + n) * count + from);
      q += together;
    }
  }
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
codes (const gint8 *rows, guint count, int dimensions, const gint16 *query, int stride, guint queries, gint32 *products)
{
  for (guint q = 0; q < queries; q++)
    for (guint i = 0; i < count; i++)
      products[(gsize) q * count + i] = product (rows + (gsize) i * dimensions, query + (gsize) q * stride, dimensions);
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
