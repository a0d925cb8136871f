// SPDX-License-Identifier: GPL-3.0-or-later
#include "embed/kernel/pairs.h"

#include "core/simd-pairs.h"

/* Vectors of lanes and rows whose sums are in registers at once: eight sums hide the time of an addition. */
#define VECTORS 2
#define ROWS 4

G_STATIC_ASSERT (IE_PAIRS_BAND % (VECTORS * 16) == 0 && IE_PAIRS_BLOCK % ROWS == 0);

static void
widen (const gint8 *rows, guint count, int dimensions, int head, gint16 *wide)
{
  int there = MIN (head, dimensions);
  for (guint r = 0; r < count; r++) {
    const gint8 *restrict row = rows + (gsize) r * dimensions;
    gint16 *restrict out = wide + (gsize) r * head;
    for (int i = 0; i < there; i++)
      out[i] = row[i];
    for (int i = there; i < head; i++)
      out[i] = 0;
  }
}

static inline IeVectorInts
load (const gint32 *at)
{
  IeVectorInts v;
  memcpy (&v, at, sizeof v);
  return v;
}

static guint
list_tile (const IeVectorInts *sums, guint lane, guint row, guint16 *found, guint count)
{
  for (int s = 0; s < VECTORS * ROWS; s++) {
    gint32 lanes[IE_VECTOR];
    memcpy (lanes, sums + s, sizeof lanes);
    for (int l = 0; l < IE_VECTOR; l++) {
      found[count] = (guint16) ((lane + s / ROWS * IE_VECTOR + l) * IE_PAIRS_BLOCK + row + s % ROWS);
      count += lanes[l] >= 0;
    }
  }
  return count;
}

static guint
list (const gint32 *band, const gint32 *band_tails, const gint16 *block, const gint32 *block_tails, int head,
      gint32 least, guint16 *found)
{
  guint count = 0;
  for (guint row = 0; row < IE_PAIRS_BLOCK; row += ROWS)
    for (guint lane = 0; lane < IE_PAIRS_BAND; lane += VECTORS * IE_VECTOR) {
      IeVectorInts sums[VECTORS * ROWS], below = { 0 };
      below -= 1;
      for (int v = 0; v < VECTORS; v++)
        for (int r = 0; r < ROWS; r++)
          sums[v * ROWS + r] = load (band_tails + lane + v * IE_VECTOR) * block_tails[row + r] - least;
      for (int k = 0; k < head / 2; k++)
        for (int r = 0; r < ROWS; r++) {
          IeVectorInts pair = ie_vector_pair (block + (gsize) (row + r) * head + 2 * k);
          for (int v = 0; v < VECTORS; v++)
            sums[v * ROWS + r] = ie_vector_add_products (
                sums[v * ROWS + r], load (band + (gsize) k * IE_PAIRS_BAND + lane + v * IE_VECTOR), pair);
        }
      for (int s = 0; s < VECTORS * ROWS; s++)
        below &= sums[s];
      if (ie_vector_any_above (below, (IeVectorInts){ 0 } - 1, (IeVectorBits){ 0 }, (IeVectorBits){ 0 }))
        count = list_tile (sums, lane, row, found, count);
    }
  return count;
}

#define ie_pairs_kernels IE_LEVEL_NAME (ie_pairs_kernels)
const IePairsKernels ie_pairs_kernels = { widen, list };
