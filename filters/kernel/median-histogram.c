// SPDX-License-Identifier: GPL-3.0-or-later
/* The sliding window of median-histogram.h for small and large windows, and the 8-bit median on top of it. */
#include "filters/kernel/rank.h"

/* Before a loop over 16 counts: it is to become a few vector instructions. Left to itself gcc 12 first writes the loop
 * out as 16 scalar steps, which is three times slower; other compilers may ignore it. */
#define NOT_UNROLLED _Pragma ("GCC unroll 1")

/* Counts of a window of side up to 255: a column in 8 bits, the window (65025 samples) in 16. */
#define SMALL_SIDE 255
#define COLUMN guint8
#define WINDOW guint16
#define NAME(x) small_##x
#include "filters/kernel/median-histogram.h"
#undef COLUMN
#undef WINDOW
#undef NAME

#define COLUMN guint16
#define WINDOW guint32
#define NAME(x) large_##x
#include "filters/kernel/median-histogram.h"
#undef COLUMN
#undef WINDOW
#undef NAME

#define STRIP 512 /* columns of output at a time: counts of 272 bytes a column stay in the second-level cache */

struct IeMedianWalk {
  int side;
  small_Histogram small;
  large_Histogram large;
};

gsize
ie_median_walk_memory (int columns, int side, int digits)
{
  return ie_median_aligned (sizeof (IeMedianWalk))
         + (side <= SMALL_SIDE ? small_memory (columns, digits) : large_memory (columns, digits));
}

IeMedianWalk *
ie_median_walk_new (IeWork *work, int columns, int side, int digits)
{
  IeMedianWalk *walk = ie_work_alloc (work, sizeof (IeMedianWalk));
  walk->side = side;
  if (side <= SMALL_SIDE)
    small_make (&walk->small, work, columns, side, digits);
  else
    large_make (&walk->large, work, columns, side, digits);
  return walk;
}

static void
clear (IeMedianWalk *walk, int columns)
{
  if (walk->side <= SMALL_SIDE)
    small_clear (&walk->small, columns);
  else
    large_clear (&walk->large, columns);
}

static void
move_down (IeMedianWalk *walk, const void *entering, const void *leaving, int pitch)
{
  if (walk->side <= SMALL_SIDE)
    small_move_down (&walk->small, entering, leaving, pitch);
  else
    large_move_down (&walk->large, entering, leaving, pitch);
}

static void
find_row (IeMedianWalk *walk, int y, guint32 rank, IeMedianRow found, gpointer data)
{
  if (walk->side <= SMALL_SIDE) {
    small_find_row (&walk->small, rank);
    found (data, y, walk->small.width, walk->small.index, walk->small.rest);
  } else {
    large_find_row (&walk->large, rank);
    found (data, y, walk->large.width, walk->large.index, walk->large.rest);
  }
}

gboolean
ie_median_walk (IeMedianWalk *walk, IeWork *work, const void *plane, ptrdiff_t stride, int pitch, int columns, int rows,
                guint32 rank, IeMedianRow found, gpointer data)
{
  const char *row = plane;
  clear (walk, columns);
  for (int y = 0; y < rows; y++) {
    if (y % 8 == 0 && ie_work_cancelled (work))
      return FALSE;
    move_down (walk, row + y * stride, y >= walk->side ? row + (y - walk->side) * stride : NULL, pitch);
    if (y >= walk->side - 1)
      find_row (walk, y - walk->side + 1, rank, found, data);
  }
  return TRUE;
}

/* ---- 8 bits --------------------------------------------------------------------------------------------------- */

typedef struct {
  guint8 *out; /* first sample of the strip and channel */
  ptrdiff_t stride;
  int pitch;
} Strip;

static void
store_row (gpointer data, int y, int width, const guint16 *index, const guint32 *rest)
{
  const Strip *strip = data;
  guint8 *restrict out = strip->out + y * strip->stride;
  for (int x = 0; x < width; x++)
    out[x * strip->pitch] = (guint8)index[x];
}

gsize
ie_median_histogram_memory (IeRect out, int radius)
{
  return ie_median_walk_memory (MIN (out.width, STRIP) + 2 * radius, 2 * radius + 1, 2);
}

void
ie_rank_histogram (IeWork *work, const IePixels *in, const IePixels *out, int radius, guint32 rank)
{
  int side = 2 * radius + 1, channels = out->channels;
  IeMedianWalk *walk = ie_median_walk_new (work, MIN (out->rect.width, STRIP) + 2 * radius, side, 2);
  for (int x = 0; x < out->rect.width; x += STRIP)
    for (int channel = 0; channel < channels; channel++) {
      int width = MIN (STRIP, out->rect.width - x);
      const guint8 *from = ie_pixels_at (in, out->rect.x + x - radius, out->rect.y - radius);
      guint8 *to = ie_pixels_at (out, out->rect.x + x, out->rect.y);
      Strip strip = { to + channel, out->stride, channels };
      if (!ie_median_walk (walk, work, from + channel, in->stride, channels, width + 2 * radius,
                           out->rect.height + 2 * radius, rank, store_row, &strip))
        return;
    }
}
