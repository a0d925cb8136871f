// SPDX-License-Identifier: GPL-3.0-or-later
/* The methods behind filters/median.c. All of them give the same samples; they differ in what they are fast for.
 *
 * Shapes: `out` is the rectangle wanted, `in` covers it grown by `radius` on four sides; same depth, same channels.
 * Every channel, alpha included, is treated alone unless said otherwise. Thread-safe; scratch comes from `work` and is
 * what the function of the same name with _memory says. They return early, with anything in out, when cancelled. */
#pragma once

#include "core/filter.h"

#include <string.h>

/* Radius 1 and 2, every depth: networks of minima and maxima. No scratch. */
#define ie_median_network IE_LEVEL_NAME (ie_median_network)
void ie_median_network (IeWork *work, const IePixels *in, const IePixels *out, int radius);

/* Any radius, 8 bits: histograms of columns (ie_rank_histogram). */
#define ie_median_histogram_memory IE_LEVEL_NAME (ie_median_histogram_memory)
gsize ie_median_histogram_memory (IeRect out, int radius);

/* Any radius, 16 bits and float: samples are replaced by their ranks in a block, then as above. */
#define ie_median_rank IE_LEVEL_NAME (ie_median_rank)
#define ie_median_rank_memory IE_LEVEL_NAME (ie_median_rank_memory)
void ie_median_rank (IeWork *work, const IePixels *in, const IePixels *out, int radius);
gsize ie_median_rank_memory (IeRect out, int radius);

/* Any radius and depth, colour weighed by the last channel, which is copied. */
#define ie_median_weighted IE_LEVEL_NAME (ie_median_weighted)
#define ie_median_weighted_memory IE_LEVEL_NAME (ie_median_weighted_memory)
void ie_median_weighted (IeWork *work, const IePixels *in, const IePixels *out, int radius);
gsize ie_median_weighted_memory (IeRect out, int radius, IeDepth depth);

/* What the two above are built on: order statistics of a square window that slides over a plane of indices, of 8 bits
 * (digits = 2) or 12 bits in 16 (digits = 3). */
typedef struct IeMedianWalk IeMedianWalk;
/* row y of the answers, `width` of them: the index at the wanted rank in the window whose top left is (x, y), and the
 * rank (from 0) of the answer among the samples of the window that have this index. */
typedef void (*IeMedianRow) (gpointer data, int y, int width, const guint16 *index, const guint32 *rest);

#define ie_median_walk_new IE_LEVEL_NAME (ie_median_walk_new)
#define ie_median_walk_memory IE_LEVEL_NAME (ie_median_walk_memory)
#define ie_median_walk IE_LEVEL_NAME (ie_median_walk)
/* Scratch for planes of at most `columns` columns; belongs to the work. */
IeMedianWalk *ie_median_walk_new (IeWork *work, int columns, int side, int digits);
gsize ie_median_walk_memory (int columns, int side, int digits);
/* plane: columns x rows, both at least `side`; indices `pitch` samples apart, rows `stride` bytes. Calls `found` for
 * each of the rows - side + 1 rows of answers. FALSE: cancelled. */
gboolean ie_median_walk (IeMedianWalk *walk, IeWork *work, const void *plane, ptrdiff_t stride, int pitch, int columns,
                         int rows, guint32 rank, IeMedianRow found, gpointer data);

/* Pixels of output a block in the methods by rank: small enough for their counts (4368 bytes a column) to stay near,
 * large enough for a block not to be all margin. */
#define IE_MEDIAN_BLOCK_WIDTH 256

static inline int
ie_median_block_height (int radius)
{
  return radius <= 32 ? 128 : 256;
}

/* Size of the largest block with its margin. */
static inline IeRect
ie_median_block (int width, int height, int radius)
{
  return (IeRect){ 0, 0, MIN (width, IE_MEDIAN_BLOCK_WIDTH) + 2 * radius,
                   MIN (height, ie_median_block_height (radius)) + 2 * radius };
}

typedef struct {
  guint32 key;  /* ascending with the value */
  guint16 x, y; /* place in the block */
} IeMedianItem;

/* The samples of a plane, ascending, equal ones in the order of their places: in items or in spare, each with room for
 * columns * rows (at most 65536 each). Rows `stride` bytes, samples `pitch` samples apart. */
#define ie_median_sort IE_LEVEL_NAME (ie_median_sort)
IeMedianItem *ie_median_sort (IeMedianItem *items, IeMedianItem *spare, const void *plane, ptrdiff_t stride, int pitch,
                              int columns, int rows, IeDepth depth);

/* Key of sample i of a row. The order of floats is that of their bits read as sign and magnitude; -0 counts as +0. */
static inline guint32
ie_median_key (const void *row, int i, IeDepth depth)
{
  if (depth == IE_DEPTH_U8)
    return ((const guint8 *)row)[i];
  if (depth == IE_DEPTH_U16)
    return ((const guint16 *)row)[i];
  guint32 bits;
  float value = ((const float *)row)[i] + 0.0f;
  memcpy (&bits, &value, sizeof bits);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

/* Stores the value of a key as sample i of a row. */
static inline void
ie_median_store (void *row, int i, guint32 key, IeDepth depth)
{
  if (depth == IE_DEPTH_U8) {
    ((guint8 *)row)[i] = (guint8)key;
  } else if (depth == IE_DEPTH_U16) {
    ((guint16 *)row)[i] = (guint16)key;
  } else {
    guint32 bits = key & 0x80000000u ? key & 0x7fffffffu : ~key;
    memcpy ((float *)row + i, &bits, sizeof bits);
  }
}

/* Weight of a sample of alpha: 0..65535, so that sums are integers and the same at every depth. */
static inline guint32
ie_median_weight (const void *alpha, IeDepth depth)
{
  if (depth == IE_DEPTH_U8)
    return *(const guint8 *)alpha * 257u;
  if (depth == IE_DEPTH_U16)
    return *(const guint16 *)alpha;
  float a = *(const float *)alpha;
  return a <= 0.0f ? 0 : a >= 1.0f ? 65535 : (guint32)(a * 65535.0f + 0.5f);
}

/* Bytes that an allocation takes from the work, which aligns to 64. */
static inline gsize
ie_median_aligned (gsize bytes)
{
  return (bytes + 63) & ~(gsize)63;
}
