// SPDX-License-Identifier: GPL-3.0-or-later
/* Order statistics of small square windows at 8 bits by threshold decomposition: a window's answer is above a threshold
 * t exactly where at most `rank` of its samples are at most t (J. P. Fitch, E. J. Coyle, N. C. Gallagher, "Median
 * Filtering by Threshold Decomposition", IEEE Transactions on Acoustics, Speech and Signal Processing 32 (6), 1984).
 * The count of samples at most t in a window follows from running sums, down the columns and along the row: a few
 * additions of bytes a threshold, whatever the radius.
 *
 * Of the 255 thresholds few decide anything within a small tile: those that lie between its answers. They are found in
 * three stages: thresholds 32 apart; 8 apart in the bins of 32 that hold an answer; all in the bins of 8 that do.
 *
 * The samples of a tile lie in a lane of vectors, so that each sum follows from the one before without a shift, and each
 * lane has thresholds of its own. A group of lanes takes as long as its slowest: tiles are grouped by how far their
 * answers are likely to spread. */
#include "core/simd-lanes.h"
#include "filters/kernel/rank.h"

#include <stdlib.h>

#define TILE 32        /* side of a tile of output */
#define MOST_RADIUS 10 /* the larger part of the window, (radius + 1) columns, has at most 255 samples */
#define VALUES 256
#define AT_ONCE 4 /* bins that are looked for in one pass over the answers */

typedef struct {
  guint16 x, y;
  guint8 channel;
  guint32 spread;
} Tile;

/* Thresholds that are counted side by side: as many as the processor has registers for. */
#if IE_LANES == 64
#define SIDE 4
#else
#define SIDE 2
#endif

/* For each of them; k is known when the code is made, so that what it chooses is a register. */
#define EACH(k) _Pragma ("GCC unroll 4") for (int k = 0; k < SIDE; k++)

typedef struct {
  IeLanes at[SIDE];
} Limits;

typedef guint8 Lists[VALUES + SIDE - 1][IE_LANES]; /* [k][lane] */

typedef struct {
  int radius, columns; /* of a tile with its margin: TILE + 2 radius */
  guint8 rank;
  guint8 invert;       /* 255: of the samples subtracted from 255, so that the rank is small */
  gboolean below;      /* the rank may be below a part of the count */
  IeLanes *samples;    /* columns x columns */
  IeLanes *counts;     /* SIDE a column: samples of the window's rows that are at most each of the thresholds */
  IeLanes *found;      /* TILE x TILE: the answer is this or more */
  IeLanes *fresh;      /* TILE x TILE: the same by the stage at work; the larger of both counts */
  Lists *thresholds;
  guint8 *before; /* planes of the channels of `in`, rows `pitch` bytes */
  guint8 *after;  /* ... of `out`, rows `out_pitch` bytes */
  gsize pitch, plane, out_pitch, out_plane;
} Group;

/* ---- counting -------------------------------------------------------------------------------------------------- */

/* The count of a column moves down a row, to the one that ends with `entering`; or grows. Returns it. */
static inline IeLanes
move_down (IeLanes *count, const IeLanes *entering, gboolean grows, const IeLanes *leaving, IeLanes threshold)
{
  *count = ie_lanes_one_more (*count, ie_lanes_at_most (*entering, threshold));
  if (!grows)
    *count = ie_lanes_one_less (*count, ie_lanes_at_most (*leaving, threshold));
  return *count;
}

/* Where the answer is above the threshold: the count is at most rank, and so the part of its last columns at most what its
 * first ones leave of it. Where these count more than rank alone, `left_over` is rank - count + 256, more than rank. */
static inline IeLanesMask
is_above (IeLanes left_over, IeLanes right, IeLanes rank, gboolean below)
{
  IeLanesMask above = ie_lanes_at_most (right, left_over);
  if (below)
    above &= ie_lanes_at_most (left_over, rank);
  return above;
}

/* A row of answers: the counts move to the rows that end with `entering`. A window's count is kept in two parts, its
 * first `radius` columns, as what they leave of the rank, and the others, since one byte does not hold it. */
static inline void
do_row (const Group *g, const IeLanes *restrict entering, gboolean first, const IeLanes *restrict leaving,
        IeLanes *restrict fresh, const Limits *limits, gboolean below)
{
  IeLanes *restrict counts = g->counts, rank = ie_lanes_all (g->rank);
  Limits t = *limits;
  IeLanes over[SIDE], right[SIDE];
  int radius = g->radius, last = 2 * radius;
  EACH (k)
  {
    over[k] = rank;
    right[k] = ie_lanes_all (0);
  }
  for (int i = 0; i < radius; i++)
    EACH (k)
    over[k] -= move_down (&counts[SIDE * i + k], entering + i, first, leaving + i, t.at[k]);
  for (int i = radius; i < last; i++)
    EACH (k)
    right[k] += move_down (&counts[SIDE * i + k], entering + i, first, leaving + i, t.at[k]);
  for (int x = 0; x < TILE; x++) {
    int i = x + last;
    IeLanes answer = fresh[x];
    EACH (k)
    {
      right[k] += move_down (&counts[SIDE * i + k], entering + i, first, leaving + i, t.at[k]);
      answer = ie_lanes_choose (is_above (over[k], right[k], rank, below), t.at[k] + 1, answer);
      IeLanes middle = counts[SIDE * (x + radius) + k];
      right[k] -= middle;
      over[k] += counts[SIDE * x + k] - middle;
    }
    fresh[x] = answer;
  }
}

/* The counts grow by `rows` rows from `row` on. */
static inline void
add_rows (const Group *g, const IeLanes *restrict row, int rows, const Limits *limits)
{
  IeLanes *restrict counts = g->counts;
  Limits t = *limits;
  int columns = g->columns;
  for (int i = 0; i < columns; i++)
    EACH (k)
    {
      IeLanes count = counts[SIDE * i + k];
      _Pragma ("GCC unroll 4") for (int y = 0; y < rows; y++)
        move_down (&count, &row[y * columns + i], TRUE, NULL, t.at[k]);
      counts[SIDE * i + k] = count;
    }
}

/* Ascending thresholds in each lane, and from call to call, so that the last one below an answer stays. */
static inline void
do_thresholds (const Group *g, const Limits *limits, gboolean below)
{
  const IeLanes *restrict samples = g->samples;
  int columns = g->columns, last = 2 * g->radius, done = 0;
  memset (g->counts, 0, sizeof (IeLanes) * SIDE * (gsize) columns);
  for (; done + 4 <= last; done += 4)
    add_rows (g, samples + done * columns, 4, limits);
  for (; done < last; done += 2)
    add_rows (g, samples + done * columns, 2, limits);
  do_row (g, samples + last * columns, TRUE, samples, g->fresh, limits, below);
  for (int y = 1; y < TILE; y++)
    do_row (g, samples + (y + last) * columns, FALSE, samples + (y - 1) * columns, g->fresh + y * TILE, limits, below);
}

/* ---- the stages ------------------------------------------------------------------------------------------------ */

/* The first count[lane] thresholds of each lane. */
static void
do_lists (const Group *g, const int *count)
{
  Lists *list = g->thresholds;
  int most = 0;
  for (int lane = 0; lane < IE_LANES; lane++)
    most = MAX (most, count[lane]);
  for (int lane = 0; lane < IE_LANES; lane++)
    for (int k = count[lane]; k < most + SIDE - 1; k++)
      (*list)[k][lane] = VALUES - 1; /* decides nothing */
  memset (g->fresh, 0, sizeof (IeLanes) * TILE * TILE);
  for (int k = 0; k < most; k += SIDE) {
    Limits limits;
    memcpy (&limits, (*list)[k], sizeof limits);
    if (g->below)
      do_thresholds (g, &limits, TRUE);
    else
      do_thresholds (g, &limits, FALSE);
  }
  for (int i = 0; i < TILE * TILE; i++)
    g->found[i] = ie_lanes_high (g->found[i], g->fresh[i]);
}

static void
find_ends (const IeLanes *values, int count, IeLanes *smallest, IeLanes *largest)
{
  IeLanes low = values[0], high = low;
  for (int i = 1; i < count; i++) {
    low = ie_lanes_low (low, values[i]);
    high = ie_lanes_high (high, values[i]);
  }
  *smallest = low;
  *largest = high;
}

/* Thresholds `step` apart between the smallest and the largest sample. */
static void
first_stage (const Group *g, int step)
{
  IeLanes smallest, largest;
  int count[IE_LANES] = { 0 };
  find_ends (g->samples, g->columns * g->columns, &smallest, &largest);
  for (int lane = 0; lane < IE_LANES; lane++)
    for (int value = (smallest[lane] / step + 1) * step; value <= largest[lane]; value += step)
      (*g->thresholds)[count[lane]++][lane] = (guint8) (value - 1);
  for (int i = 0; i < TILE * TILE; i++)
    g->found[i] = smallest & ie_lanes_all ((guint8) -step);
  do_lists (g, count);
}

/* Thresholds `step` apart in the bins of `bin` values that hold an answer. */
static void
next_stage (const Group *g, int bin, int step)
{
  IeLanes smallest, largest;
  int from = VALUES, until = 0, count[IE_LANES] = { 0 };
  find_ends (g->found, TILE * TILE, &smallest, &largest);
  for (int lane = 0; lane < IE_LANES; lane++) {
    from = MIN (from, smallest[lane]);
    until = MAX (until, largest[lane]);
  }
  for (int value = from; value <= until; value += AT_ONCE * bin) {
    IeLanesMask any[AT_ONCE] = { 0 };
    for (int i = 0; i < TILE * TILE; i++)
      for (int k = 0; k < AT_ONCE; k++)
        any[k] |= ie_lanes_equal (g->found[i], ie_lanes_all ((guint8) (value + k * bin)));
    for (int k = 0; k < AT_ONCE && value + k * bin < VALUES; k++)
      for (int lane = 0; lane < IE_LANES; lane++)
        for (int inner = value + k * bin + step; ie_lanes_has (any[k], lane) && inner < value + (k + 1) * bin; inner += step)
          (*g->thresholds)[count[lane]++][lane] = (guint8) (inner - 1);
  }
  do_lists (g, count);
}

/* ---- tiles ----------------------------------------------------------------------------------------------------- */

/* How far the means of nine windows of a tile lie apart, of some of their samples: about as far as the answers do. */
static guint32
spread_of (const guint8 *corner, gsize pitch, int side)
{
  guint32 least = G_MAXUINT32, most = 0;
  for (gsize place = 0; place < 9; place++) {
    /* The windows of the first, a middle and the last answer, along both sides: the last one ends where the tile's margin does. */
    const guint8 *window = corner + place / 3 * (TILE - 1) / 2 * pitch + place % 3 * (TILE - 1) / 2;
    guint32 sum = 0;
    for (int y = 0; y < side; y += 4)
      for (int x = 0; x < side; x += 4)
        sum += window[(gsize) y * pitch + (gsize) x];
    least = MIN (least, sum);
    most = MAX (most, sum);
  }
  return most - least;
}

static int
compare_tiles (const void *a, const void *b)
{
  guint32 s = ((const Tile *) a)->spread, t = ((const Tile *) b)->spread;
  return (s > t) - (s < t);
}

/* The tiles of a rectangle in the order in which they are to be grouped. The last of a row or column reaches back, and
 * overlaps the one before. */
static int
make_tiles (const Group *g, Tile *tiles, IeRect out, int channels)
{
  int count = 0;
  for (int y = 0; y < out.height; y += TILE)
    for (int x = 0; x < out.width; x += TILE)
      for (int channel = 0; channel < channels; channel++) {
        int left = MIN (x, out.width - TILE), top = MIN (y, out.height - TILE);
        const guint8 *corner = g->before + (gsize) channel * g->plane + (gsize) top * g->pitch + left;
        guint32 spread = spread_of (corner, g->pitch, 2 * g->radius + 1);
        tiles[count++] = (Tile){ (guint16) left, (guint16) top, (guint8) channel, spread };
      }
  qsort (tiles, (size_t) count, sizeof *tiles, compare_tiles);
  return count;
}

/* Channels apart, so that neighbours are neighbours. */
static void
split_row (const guint8 *restrict row, int width, int channels, guint8 invert, guint8 *restrict plane, gsize apart)
{
  if (channels == 3) {
    guint8 *restrict plane1 = plane + apart, *restrict plane2 = plane + 2 * apart;
    for (int x = 0; x < width; x++) {
      plane[x] = row[3 * x] ^ invert;
      plane1[x] = row[3 * x + 1] ^ invert;
      plane2[x] = row[3 * x + 2] ^ invert;
    }
    return;
  }
  for (int channel = 0; channel < channels; channel++)
    for (int x = 0; x < width; x++)
      plane[(gsize) channel * apart + (gsize) x] = row[x * channels + channel] ^ invert;
}

static void
join_row (const guint8 *restrict plane, gsize apart, int width, int channels, guint8 invert, guint8 *restrict row)
{
  if (channels == 3) {
    const guint8 *restrict plane1 = plane + apart, *restrict plane2 = plane + 2 * apart;
    for (int x = 0; x < width; x++) {
      row[3 * x] = plane[x] ^ invert;
      row[3 * x + 1] = plane1[x] ^ invert;
      row[3 * x + 2] = plane2[x] ^ invert;
    }
    return;
  }
  for (int channel = 0; channel < channels; channel++)
    for (int x = 0; x < width; x++)
      row[x * channels + channel] = plane[(gsize) channel * apart + (gsize) x] ^ invert;
}

static void
load_tiles (const Group *g, const Tile *const *tiles)
{
  const guint8 *first[IE_LANES], *from[IE_TURN];
  for (int lane = 0; lane < IE_LANES; lane++)
    first[lane] = g->before + tiles[lane]->channel * g->plane + tiles[lane]->y * g->pitch + tiles[lane]->x;
  for (int y = 0; y < g->columns; y++)
    for (int lane = 0; lane < IE_LANES; lane += IE_TURN)
      for (int done = 0; done < g->columns; done += IE_TURN) {
        int x = MIN (done, g->columns - IE_TURN);
        for (int j = 0; j < IE_TURN; j++)
          from[j] = first[lane + j] + (gsize) y * g->pitch + x;
        ie_lanes_turn (from, (guint8 *) (g->samples + y * g->columns + x) + lane, IE_LANES);
      }
}

static void
store_tiles (const Group *g, const Tile *const *tiles)
{
  const guint8 *from[IE_TURN];
  guint8 turned[IE_TURN][IE_TURN];
  for (int y = 0; y < TILE; y++)
    for (int x = 0; x < TILE; x += IE_TURN)
      for (int lane = 0; lane < IE_LANES; lane += IE_TURN) {
        for (int k = 0; k < IE_TURN; k++)
          from[k] = (const guint8 *) (g->found + y * TILE + x + k) + lane;
        ie_lanes_turn (from, turned[0], IE_TURN);
        for (int j = 0; j < IE_TURN; j++) {
          const Tile *tile = tiles[lane + j];
          memcpy (g->after + tile->channel * g->out_plane + (tile->y + (gsize) y) * g->out_pitch + tile->x + x, turned[j],
                  IE_TURN);
        }
      }
}

static gboolean
is_large_enough (IeRect out, int radius)
{
  return radius <= MOST_RADIUS && out.width >= TILE && out.height >= TILE;
}

static gsize
tile_bytes (IeRect out, int channels)
{
  gsize across = ((gsize) out.width + TILE - 1) / TILE, down = ((gsize) out.height + TILE - 1) / TILE;
  return across * down * (gsize) channels * sizeof (Tile);
}

static gsize
plane_bytes (IeRect rect)
{
  return (gsize) rect.width * (gsize) rect.height;
}

gsize
ie_rank_bytes_memory (IeRect out, int radius, int channels)
{
  if (!is_large_enough (out, radius))
    return ie_median_histogram_memory (out, radius);
  gsize columns = TILE + 2 * (gsize) radius;
  return (columns * columns + SIDE * columns + 2 * TILE * TILE) * sizeof (IeLanes) + ie_median_aligned (sizeof (Lists)) +
         ie_median_aligned (tile_bytes (out, channels)) + ie_median_aligned (plane_bytes (out) * (gsize) channels) +
         ie_median_aligned (plane_bytes (ie_rect_grow (out, radius, radius)) * (gsize) channels) + 4 * 64;
}

static void
allocate (Group *g, IeWork *work, IeRect out, int channels)
{
  IeRect in = ie_rect_grow (out, g->radius, g->radius);
  g->samples = ie_work_alloc (work, sizeof (IeLanes) * (gsize) g->columns * (gsize) g->columns);
  g->counts = ie_work_alloc (work, sizeof (IeLanes) * SIDE * (gsize) g->columns);
  g->found = ie_work_alloc (work, sizeof (IeLanes) * TILE * TILE);
  g->fresh = ie_work_alloc (work, sizeof (IeLanes) * TILE * TILE);
  g->thresholds = ie_work_alloc (work, sizeof (Lists));
  g->pitch = (gsize) in.width;
  g->plane = plane_bytes (in);
  g->before = ie_work_alloc (work, g->plane * (gsize) channels);
  g->out_pitch = (gsize) out.width;
  g->out_plane = plane_bytes (out);
  g->after = ie_work_alloc (work, g->out_plane * (gsize) channels);
}

static void
rank_lanes (IeWork *work, const IePixels *in, const IePixels *out, int radius, guint32 rank)
{
  guint32 side = 2 * (guint32) radius + 1, window = side * side, part = (guint32) radius * side;
  IeRect rect = out->rect, around = ie_rect_grow (rect, radius, radius);
  int channels = out->channels;
  Group g = { .radius = radius, .columns = TILE + 2 * radius };
  if (rank >= VALUES) {
    g.invert = VALUES - 1;
    rank = window - 1 - rank;
  }
  g.rank = (guint8) rank;
  g.below = rank < part;
  allocate (&g, work, rect, channels);
  Tile *tiles = ie_work_alloc (work, tile_bytes (rect, channels));
  for (int y = 0; y < around.height; y++)
    split_row (ie_pixels_at (in, around.x, around.y + y), around.width, channels, g.invert,
               g.before + (gsize) y * g.pitch, g.plane);
  int count = make_tiles (&g, tiles, rect, channels);
  for (int first = 0; first < count; first += IE_LANES) {
    if (ie_work_cancelled (work))
      return;
    const Tile *lanes[IE_LANES];
    for (int lane = 0; lane < IE_LANES; lane++) /* lanes without a tile do what the last one does */
      lanes[lane] = &tiles[MIN (first + lane, count - 1)];
    load_tiles (&g, lanes);
    first_stage (&g, 32);
    next_stage (&g, 32, 8);
    next_stage (&g, 8, 1);
    store_tiles (&g, lanes);
  }
  for (int y = 0; y < rect.height; y++)
    join_row (g.after + (gsize) y * g.out_pitch, g.out_plane, rect.width, channels, g.invert,
              ie_pixels_at (out, rect.x, rect.y + y));
}

void
ie_rank_bytes (IeWork *work, const IePixels *in, const IePixels *out, int radius, guint32 rank)
{
  if (is_large_enough (out->rect, radius))
    rank_lanes (work, in, out, radius, rank);
  else
    ie_rank_histogram (work, in, out, radius, rank);
}
