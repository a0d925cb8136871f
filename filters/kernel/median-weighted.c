// SPDX-License-Identifier: GPL-3.0-or-later
/* The median of colour weighed by alpha: the smallest value such that the weights of the values up to it make at least
 * half of all weights. Where all weights are 0 the colour stays.
 *
 * Block by block, each sample gets an index that ascends with its value: the value itself at 8 and 16 bits, its rank in
 * the block for float. A window slides over the block to and fro, a column or a row of samples in and one out at a
 * step; the weights at each index, and their sums over 16, 256, ... indices, are kept up to date, so that the median is
 * found from the widest sums down. A step costs in proportion to the radius: plain, for what is only needed where alpha
 * varies. */
#include "filters/kernel/rank.h"

#define TREE_LEVELS 6 /* for 16^6 indices, more than a block has samples */

typedef struct {
  guint64 *sum[TREE_LEVELS]; /* sum[l][i]: weights of indices i * 16^l to (i + 1) * 16^l - 1 */
  int levels;                /* the last one has at most 16 sums */
  guint64 total;
} Tree;

typedef struct {
  Tree tree;
  guint32 *index, *weight;    /* at [y * columns + x] */
  const IeMedianItem *sorted; /* float: the sample of each rank */
  int columns, rows, side;
  double share;               /* of all weights, that are to lie at the answer or below */
} Block;

static gsize
indices_at (int width, int height, IeDepth depth)
{
  return depth == IE_DEPTH_U8 ? 1u << 8 : depth == IE_DEPTH_U16 ? 1u << 16 : (gsize)width * height;
}

/* Sums of a level, filled up to whole groups of 16. */
static gsize
sums_at (gsize indices, int level)
{
  gsize sums = (indices + ((gsize)1 << 4 * level) - 1) >> 4 * level;
  return (sums + 15) & ~(gsize)15;
}

static void
tree_make (Tree *tree, IeWork *work, gsize indices)
{
  for (int level = 0; level < TREE_LEVELS; level++)
    tree->sum[level] = ie_work_alloc (work, sums_at (indices, level) * sizeof (guint64));
}

static void
tree_clear (Tree *tree, gsize indices)
{
  tree->total = 0;
  tree->levels = 1;
  while (((gsize)1 << 4 * tree->levels) < indices)
    tree->levels++;
  for (int level = 0; level < tree->levels; level++)
    memset (tree->sum[level], 0, sums_at (indices, level) * sizeof (guint64));
}

/* weight may be negative, as a number modulo 2^64: what was added is taken away. */
static inline void
tree_add (Tree *tree, guint32 index, guint64 weight)
{
  for (int level = 0; level < tree->levels; level++)
    tree->sum[level][index >> 4 * level] += weight;
  tree->total += weight;
}

/* The smallest index such that the weights up to it make at least that share of the total, which is not 0. */
static guint32
tree_find (const Tree *tree, double share)
{
  guint64 wanted = ie_rank_count (share, tree->total);
  gsize index = 0;
  for (int level = tree->levels - 1; level >= 0; level--) {
    index *= 16;
    const guint64 *sum = tree->sum[level];
    while (sum[index] < wanted)
      wanted -= sum[index++];
  }
  return (guint32)index;
}

/* Adds (sign 1) or takes away (-1) the samples of a rectangle of the block. */
static void
add_samples (Block *block, int x, int y, int width, int height, int sign)
{
  for (int row = y; row < y + height; row++)
    for (int column = x; column < x + width; column++) {
      gsize place = (gsize)row * block->columns + column;
      guint64 weight = block->weight[place];
      if (weight)
        tree_add (&block->tree, block->index[place], sign < 0 ? -weight : weight);
    }
}

static void
fill_weights (Block *block, const char *alpha, ptrdiff_t stride, gsize pixel, IeDepth depth)
{
  guint32 *weight = block->weight;
  for (int y = 0; y < block->rows; y++)
    for (int x = 0; x < block->columns; x++)
      *weight++ = ie_median_weight (alpha + y * stride + x * pixel, depth);
}

static void
fill_indices (Block *block, const char *plane, ptrdiff_t stride, int pitch, IeDepth depth)
{
  guint32 *index = block->index;
  if (depth == IE_DEPTH_FLOAT) {
    const IeMedianItem *item = block->sorted;
    for (guint32 rank = 0; rank < (guint32)block->columns * block->rows; rank++, item++)
      index[(gsize)item->y * block->columns + item->x] = rank;
  } else {
    for (int y = 0; y < block->rows; y++)
      for (int x = 0; x < block->columns; x++)
        *index++ = ie_median_key (plane + y * stride, x * pitch, depth);
  }
}

/* The window at the top left, then to the right, a row down, to the left, and so on. FALSE: cancelled. */
static gboolean
walk_block (Block *block, IeWork *work, const IePixels *out, int channel)
{
  int side = block->side, last = block->columns - side, rows = block->rows - side + 1;
  tree_clear (&block->tree, indices_at (block->columns, block->rows, out->depth));
  add_samples (block, 0, 0, side, side, 1);
  for (int y = 0, x = 0, forward = 1; y < rows; y++, forward = !forward) {
    if (ie_work_cancelled (work))
      return FALSE;
    char *row = (char *)out->data + y * out->stride;
    for (;;) {
      gsize centre = (gsize)(y + side / 2) * block->columns + x + side / 2;
      guint32 index = block->tree.total ? tree_find (&block->tree, block->share) : block->index[centre];
      guint32 key = out->depth == IE_DEPTH_FLOAT ? block->sorted[index].key : index;
      ie_median_store (row, x * out->channels + channel, key, out->depth);
      if (x == (forward ? last : 0))
        break;
      add_samples (block, forward ? x : x + side - 1, y, 1, side, -1);
      add_samples (block, forward ? x + side : x - 1, y, 1, side, 1);
      x += forward ? 1 : -1;
    }
    if (y + 1 < rows) {
      add_samples (block, x, y, side, 1, -1);
      add_samples (block, x, y + side, side, 1, 1);
    }
  }
  return TRUE;
}

static void
copy_alpha (const IePixels *in, const IePixels *out)
{
  int alpha = out->channels - 1;
  gsize bytes = ie_depth_bytes (out->depth);
  for (int y = 0; y < out->rect.height; y++) {
    const char *from = ie_pixels_at (in, out->rect.x, out->rect.y + y);
    char *to = ie_pixels_at (out, out->rect.x, out->rect.y + y);
    for (int x = 0; x < out->rect.width; x++)
      memcpy (to + (x * out->channels + alpha) * bytes, from + (x * out->channels + alpha) * bytes, bytes);
  }
}

gsize
ie_median_weighted_memory (IeRect out, int radius, IeDepth depth)
{
  IeRect most = ie_median_block (out.width, out.height, radius);
  gsize samples = (gsize)most.width * most.height, bytes = 2 * ie_median_aligned (samples * sizeof (guint32));
  for (int level = 0; level < TREE_LEVELS; level++)
    bytes += ie_median_aligned (sums_at (indices_at (most.width, most.height, depth), level) * sizeof (guint64));
  return bytes + (depth == IE_DEPTH_FLOAT ? 2 * ie_median_aligned (samples * sizeof (IeMedianItem)) : 0);
}

void
ie_median_weighted (IeWork *work, const IePixels *in, const IePixels *out, int radius)
{
  ie_rank_weighted (work, in, out, radius, 0.5);
}

void
ie_rank_weighted (IeWork *work, const IePixels *in, const IePixels *out, int radius, double share)
{
  IeRect most = ie_median_block (out->rect.width, out->rect.height, radius);
  gsize samples = (gsize)most.width * most.height, bytes = ie_depth_bytes (in->depth);
  int channels = out->channels, height = ie_median_block_height (radius);
  gboolean is_float = in->depth == IE_DEPTH_FLOAT;
  IeMedianItem *items = is_float ? ie_work_alloc (work, samples * sizeof *items) : NULL;
  IeMedianItem *spare = is_float ? ie_work_alloc (work, samples * sizeof *items) : NULL;
  Block block = { .side = 2 * radius + 1, .share = share };
  block.index = ie_work_alloc (work, samples * sizeof (guint32));
  block.weight = ie_work_alloc (work, samples * sizeof (guint32));
  tree_make (&block.tree, work, indices_at (most.width, most.height, in->depth));
  copy_alpha (in, out);
  for (int y = 0; y < out->rect.height; y += height)
    for (int x = 0; x < out->rect.width; x += IE_MEDIAN_BLOCK_WIDTH) {
      IeRect rect = { out->rect.x + x, out->rect.y + y, MIN (IE_MEDIAN_BLOCK_WIDTH, out->rect.width - x),
                      MIN (height, out->rect.height - y) };
      IePixels part = ie_pixels_part (out, rect);
      block.columns = rect.width + 2 * radius;
      block.rows = rect.height + 2 * radius;
      const char *first = ie_pixels_at (in, rect.x - radius, rect.y - radius);
      fill_weights (&block, first + (channels - 1) * bytes, in->stride, channels * bytes, in->depth);
      for (int channel = 0; channel < channels - 1; channel++) {
        const char *plane = first + channel * bytes;
        if (is_float)
          block.sorted
              = ie_median_sort (items, spare, plane, in->stride, channels, block.columns, block.rows, in->depth);
        fill_indices (&block, plane, in->stride, channels, in->depth);
        if (!walk_block (&block, work, &part, channel))
          return;
      }
    }
}
