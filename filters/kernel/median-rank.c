// SPDX-License-Identifier: GPL-3.0-or-later
/* Medians of 16-bit and float samples by their ranks.
 *
 * The samples that a block of output touches are sorted (radix sort of integer keys in the order of the values; equal
 * ones in the order of their places, so that ranks are all different). The ranks are cut into at most 4096 bins of
 * equal size; the sliding window of median-histogram.h finds the bin of each median and the median's rank among the
 * samples of that bin in the window. A bin lists few samples, in ascending order, with their places: the one wanted is
 * counted off. */
#include "filters/kernel/rank.h"

#define BINS 4096 /* three digits of base 16 */

#define DIGIT_BITS 11 /* of the radix sort */
#define DIGITS (1 << DIGIT_BITS)

typedef IeMedianItem Item;

typedef struct {
  const Item *sorted;
  guint16 *bins; /* bin of the sample at y * columns + x */
  int columns, rows, bin_size, side;
  IeDepth depth;
  char *out; /* first sample of the block and channel */
  ptrdiff_t stride;
  int pitch;
} Block;

gsize
ie_median_rank_memory (IeRect out, int radius)
{
  IeRect most = ie_median_block (out.width, out.height, radius);
  gsize samples = (gsize)most.width * most.height;
  return 2 * ie_median_aligned (samples * sizeof (Item)) + ie_median_aligned (samples * sizeof (guint16))
         + ie_median_walk_memory (most.width, 2 * radius + 1, 3);
}

IeMedianItem *
ie_median_sort (IeMedianItem *items, IeMedianItem *spare, const void *plane, ptrdiff_t stride, int pitch, int columns,
                int rows, IeDepth depth)
{
  Item *from = items, *to = spare;
  for (int y = 0; y < rows; y++)
    for (int x = 0; x < columns; x++)
      *from++ = (Item){ ie_median_key ((const char *)plane + y * stride, x * pitch, depth), (guint16)x, (guint16)y };
  from = items;
  gsize samples = (gsize)columns * rows;
  int bits = 8 * (int)ie_depth_bytes (depth);
  for (int shift = 0; shift < bits; shift += DIGIT_BITS) {
    guint32 place[DIGITS] = { 0 };
    for (gsize i = 0; i < samples; i++)
      place[from[i].key >> shift & (DIGITS - 1)]++;
    guint32 sum = 0;
    for (int digit = 0; digit < DIGITS; digit++) {
      guint32 count = place[digit];
      place[digit] = sum;
      sum += count;
    }
    for (gsize i = 0; i < samples; i++)
      to[place[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
    Item *swap = from;
    from = to;
    to = swap;
  }
  return from;
}

static void
fill_bins (Block *block)
{
  int samples = block->columns * block->rows;
  block->bin_size = (samples + BINS - 1) / BINS;
  const Item *item = block->sorted;
  for (int bin = 0, first = 0; first < samples; bin++, first += block->bin_size)
    for (int i = first; i < MIN (first + block->bin_size, samples); i++, item++)
      block->bins[(gsize)item->y * block->columns + item->x] = (guint16)bin;
}

static void
store_row (gpointer data, int y, int width, const guint16 *index, const guint32 *rest)
{
  const Block *block = data;
  char *row = block->out + y * block->stride;
  unsigned side = block->side;
  for (int x = 0; x < width; x++) {
    const Item *item = block->sorted + (gsize)index[x] * block->bin_size;
    for (guint32 left = rest[x] + 1;; item++) {
      left -= (unsigned)(item->x - x) < side && (unsigned)(item->y - y) < side;
      if (left == 0)
        break;
    }
    ie_median_store (row, x * block->pitch, item->key, block->depth);
  }
}

void
ie_median_rank (IeWork *work, const IePixels *in, const IePixels *out, int radius)
{
  guint32 side = 2 * (guint32) radius + 1;
  ie_rank_sorted (work, in, out, radius, (side * side - 1) / 2);
}

void
ie_rank_sorted (IeWork *work, const IePixels *in, const IePixels *out, int radius, guint32 rank)
{
  IeRect most = ie_median_block (out->rect.width, out->rect.height, radius);
  gsize samples = (gsize)most.width * most.height, bytes = ie_depth_bytes (in->depth);
  Block block = { .side = 2 * radius + 1, .depth = in->depth, .stride = out->stride, .pitch = out->channels };
  Item *items = ie_work_alloc (work, samples * sizeof (Item)), *spare = ie_work_alloc (work, samples * sizeof (Item));
  block.bins = ie_work_alloc (work, samples * sizeof (guint16));
  IeMedianWalk *walk = ie_median_walk_new (work, most.width, block.side, 3);
  for (int y = 0; y < out->rect.height; y += ie_median_block_height (radius))
    for (int x = 0; x < out->rect.width; x += IE_MEDIAN_BLOCK_WIDTH)
      for (int channel = 0; channel < out->channels; channel++) {
        block.columns = MIN (IE_MEDIAN_BLOCK_WIDTH, out->rect.width - x) + 2 * radius;
        block.rows = MIN (ie_median_block_height (radius), out->rect.height - y) + 2 * radius;
        block.out = (char *)ie_pixels_at (out, out->rect.x + x, out->rect.y + y) + channel * bytes;
        const char *plane
            = (char *)ie_pixels_at (in, out->rect.x + x - radius, out->rect.y + y - radius) + channel * bytes;
        block.sorted
            = ie_median_sort (items, spare, plane, in->stride, block.pitch, block.columns, block.rows, in->depth);
        fill_bins (&block);
        if (!ie_median_walk (walk, work, block.bins, block.columns * (ptrdiff_t)sizeof (guint16), 1, block.columns,
                             block.rows, rank, store_row, &block))
          return;
      }
}
