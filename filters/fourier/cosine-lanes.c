// SPDX-License-Identifier: GPL-3.0-or-later
/* A group of lines is as many as a grid has lanes, twice: line l is the real part of lane l, line IE_LANES_COUNT + l the
 * imaginary one. Columns are loaded as they lie: a row's piece is a point. Rows are turned on the way in and out, square by
 * square. A missing line is zeros: what it holds rounds into its partner. */
#include "filters/fourier/cosine-lanes.h"

#include "core/simd-prefetch.h"
#include "core/simd-turn.h"

#include <string.h>

#define LANES IE_LANES_COUNT
#define POINT IE_LANES_POINT
#define CHUNK 512 /* samples of a row that are changed, then turned while they are in the first cache */

G_STATIC_ASSERT (POINT == IE_SPECTRUM_COLUMNS);

gboolean
ie_cosine_lanes_has (int n)
{
  return ie_grid_has (n);
}

gsize
ie_cosine_lanes_memory (int n)
{
  return ie_grid_memory (n) + 2 * (gsize) n * sizeof (guint32);
}

/* The scratch of a grid's steps, the grid, a row of zeros. */
gsize
ie_cosine_lanes_scratch (int n)
{
  return (ie_grid_floats (n) + ie_grid_scratch (n) + (gsize) n + POINT) * sizeof (float);
}

/* Where sample i of a line of n stands: even samples up, odd samples down (Makhoul 1980). */
static inline int
place (int i, int n)
{
  return i & 1 ? n - 1 - i / 2 : i / 2;
}

/* The sample that stands at v. */
static inline int
sample_at (int v, int n)
{
  return 2 * v < n ? 2 * v : 2 * (n - 1 - v) + 1;
}

gboolean
ie_cosine_lanes_init (IeCosineLanes *lanes, int n)
{
  IeGrid *grid = &lanes->grid;
  gboolean good = ie_grid_init (grid, n);
  lanes->n = n;
  lanes->samples = g_try_new (guint32, n);
  lanes->numbers = g_try_new (guint32, n);
  if (!good || !lanes->samples || !lanes->numbers)
    return FALSE;
  for (int i = 0; i < n; i++) {
    int v = place (i, n);
    lanes->samples[i] = (guint32) ((gsize) (v / grid->b) * grid->pitch + (gsize) (v % grid->b) * POINT);
    lanes->numbers[i] = (guint32) ((gsize) (i % grid->a) * grid->pitch + (gsize) (i / grid->a) * POINT);
  }
  return TRUE;
}

void
ie_cosine_lanes_clear (IeCosineLanes *lanes)
{
  if (!lanes->n)
    return;
  ie_grid_clear (&lanes->grid);
  g_free (lanes->samples);
  g_free (lanes->numbers);
}

static inline float *
plane_row (const IeCosinePlane *plane, int y)
{
  return (float *) ((char *) plane->plane + (ptrdiff_t) y * plane->stride);
}

/* ---- memory of the next group ----
 * Asked for little by little while this one is computed: memory and arithmetic then take their time together. */

typedef struct {
  const char *row;
  ptrdiff_t stride;
  gsize bytes, at; /* of each row; those asked for */
  int rows, steps; /* still to come */
} Ahead;

static Ahead
ahead_of (const IeCosinePlane *plane, int x, int y, int width, int height, int steps)
{
  return (Ahead){ .row = (const char *) (plane_row (plane, y) + x), .stride = plane->stride,
                  .bytes = (gsize) width * sizeof (float), .rows = height, .steps = steps };
}

/* One of `steps` portions. */
static void
ask (Ahead *ahead)
{
  gsize each = (ahead->bytes + IE_CACHE_LINE - 1) / IE_CACHE_LINE, left = each * (gsize) ahead->rows;
  if (ahead->steps <= 0)
    return;
  for (gsize count = left / (gsize) ahead->steps + 1; count && ahead->rows; count--) {
    ie_prefetch_later (ahead->row + ahead->at);
    ahead->at += IE_CACHE_LINE;
    if (ahead->at >= ahead->bytes) {
      ahead->at = 0;
      ahead->row += ahead->stride;
      ahead->rows--;
    }
  }
  ahead->steps--;
}

/* ---- rows ---- */

/* Samples x0 .. x1 - 1 of rows -> points, at the places of `at`. */
static void
turn_in (float *const *rows, int x0, int x1, const guint32 *at, float *points)
{
  for (int l = 0; l < POINT; l += IE_SQUARE) {
    int x = x0;
    for (; x + IE_SQUARE <= x1; x += IE_SQUARE) {
      const float *from[IE_SQUARE];
      float *to[IE_SQUARE];
      for (int i = 0; i < IE_SQUARE; i++) {
        from[i] = rows[l + i] + x;
        to[i] = points + at[x + i] + l;
      }
      ie_square_copy (from, to);
    }
    for (; x < x1; x++)
      for (int i = 0; i < IE_SQUARE; i++)
        points[at[x] + (guint32) (l + i)] = rows[l + i][x];
  }
}

/* And back; first: the lane of row 0, rows wrap around behind the last (parts that lie swapped). */
static void
turn_out (const float *points, const guint32 *at, int first, int x0, int x1, float *const *rows)
{
  for (int l = 0; l < POINT; l += IE_SQUARE) {
    int x = x0, lane = (first + l) % POINT;
    for (; x + IE_SQUARE <= x1; x += IE_SQUARE) {
      const float *from[IE_SQUARE];
      float *to[IE_SQUARE];
      for (int i = 0; i < IE_SQUARE; i++) {
        from[i] = points + at[x + i] + lane;
        to[i] = rows[l + i] + x;
      }
      ie_square_copy (from, to);
    }
    for (; x < x1; x++)
      for (int i = 0; i < IE_SQUARE; i++)
        rows[l + i][x] = points[at[x] + (guint32) (lane + i)];
  }
}

static void
change_rows (const IeCosinePlane *plane, IeSpectrumRow change, float *const *rows, int count, int x0, int x1)
{
  if (change)
    for (int l = 0; l < count; l++)
      change (plane->change->row_data, rows[l] + x0, x1 - x0);
}

void
ie_cosine_lanes_rows (const IeCosineLanes *lanes, const IeCosinePlane *plane, int first, int next, gboolean inverse,
                      float *scratch)
{
  const IeGrid *grid = &lanes->grid;
  int n = lanes->n, count = MIN (POINT, plane->height - first);
  float *points = scratch + ie_grid_scratch (n), *missing = points + ie_grid_floats (n);
  float *rows[POINT];
  for (int l = 0; l < POINT; l++)
    rows[l] = l < count ? plane_row (plane, first + l) : missing;
  Ahead ahead = { 0 };
  if (next >= 0)
    ahead = ahead_of (plane, 0, next, n, MIN (POINT, plane->height - next), grid->b + grid->a / 2 + 1);
  if (count < POINT)
    memset (missing, 0, (gsize) n * sizeof (float));
  for (int x = 0; x < n; x += CHUNK) {
    int end = MIN (x + CHUNK, n);
    if (!inverse)
      change_rows (plane, plane->change->enter, rows, count, x, end);
    turn_in (rows, x, end, inverse ? lanes->numbers : lanes->samples, points);
  }
  if (inverse)
    for (int k1 = 0; 2 * k1 <= grid->a; k1++) {
      ask (&ahead);
      ie_grid_from_cosines (grid, k1, points);
      ie_grid_back_across (grid, k1, points, scratch);
      if (k1 && 2 * k1 != grid->a)
        ie_grid_back_across (grid, grid->a - k1, points, scratch);
    }
  for (int n2 = 0; n2 < grid->b; n2++) {
    ask (&ahead);
    if (inverse)
      ie_grid_back_down (grid, n2, points, scratch, TRUE);
    else
      ie_grid_down (grid, n2, NULL, points, scratch);
  }
  if (!inverse)
    for (int k1 = 0; 2 * k1 <= grid->a; k1++) {
      ask (&ahead);
      ie_grid_across (grid, k1, points, scratch);
      if (k1 && 2 * k1 != grid->a)
        ie_grid_across (grid, grid->a - k1, points, scratch);
      ie_grid_to_cosines (grid, k1, points);
    }
  for (int x = 0; x < n; x += CHUNK) {
    int end = MIN (x + CHUNK, n);
    turn_out (points, inverse ? lanes->samples : lanes->numbers, inverse ? LANES : 0, x, end, rows);
    if (inverse)
      change_rows (plane, plane->change->leave, rows, count, x, end);
  }
}

/* ---- columns ---- */

/* Points n2, n2 + b, .. of `count` columns from x on -> a points that follow each other */
static void
load_columns (const IeCosineLanes *lanes, const IeCosinePlane *plane, int x, int count, int n2, float *to)
{
  int a = lanes->grid.a, b = lanes->grid.b, n = lanes->n;
  for (int n1 = 0; n1 < a; n1++, to += POINT) {
    const float *from = plane_row (plane, sample_at (n1 * b + n2, n)) + x;
    if (count == POINT) {
      memcpy (to, from, POINT * sizeof (float));
    } else {
      memset (to, 0, POINT * sizeof (float));
      memcpy (to, from, (gsize) count * sizeof (float));
    }
  }
}

/* And back, from swapped parts. */
static void
store_columns (const IeCosineLanes *lanes, const IeCosinePlane *plane, int x, int count, int n2, const float *from)
{
  int a = lanes->grid.a, b = lanes->grid.b, n = lanes->n;
  for (int n1 = 0; n1 < a; n1++, from += POINT) {
    float *to = plane_row (plane, sample_at (n1 * b + n2, n)) + x;
    if (count == POINT) {
      memcpy (to, from + LANES, LANES * sizeof (float));
      memcpy (to + LANES, from, LANES * sizeof (float));
    } else {
      memcpy (to, from + LANES, (gsize) MIN (count, LANES) * sizeof (float));
      memcpy (to + LANES, from, (gsize) MAX (count - LANES, 0) * sizeof (float));
    }
  }
}

static void
change_row_of_grid (const IeGrid *grid, const IeCosinePlane *plane, int first, int k1, float *points)
{
  plane->change->block (plane->change->block_data, points + (gsize) k1 * grid->pitch, first, POINT, k1, grid->a, grid->b);
}

void
ie_cosine_lanes_columns (const IeCosineLanes *lanes, const IeCosinePlane *plane, int first, int next, int until,
                         float *scratch)
{
  const IeGrid *grid = &lanes->grid;
  int n = lanes->n, count = MIN (POINT, plane->width - first);
  float *points = scratch + ie_grid_scratch (n);
  float *column = ie_grid_column_buffer (grid, scratch);
  Ahead ahead = { 0 };
  if (next >= 0)
    ahead = ahead_of (plane, next, 0, MIN (until, plane->width) - next, n, 2 * grid->b + grid->a / 2 + 1);
  for (int n2 = 0; n2 < grid->b; n2++) {
    ask (&ahead);
    load_columns (lanes, plane, first, count, n2, column);
    ie_grid_down (grid, n2, column, points, scratch);
  }
  for (int k1 = 0; 2 * k1 <= grid->a; k1++) {
    int other = k1 ? grid->a - k1 : 0;
    ask (&ahead);
    ie_grid_across (grid, k1, points, scratch);
    if (other != k1)
      ie_grid_across (grid, other, points, scratch);
    ie_grid_to_cosines (grid, k1, points);
    change_row_of_grid (grid, plane, first, k1, points);
    if (other != k1)
      change_row_of_grid (grid, plane, first, other, points);
    ie_grid_from_cosines (grid, k1, points);
    ie_grid_back_across (grid, k1, points, scratch);
    if (other != k1)
      ie_grid_back_across (grid, other, points, scratch);
  }
  for (int n2 = 0; n2 < grid->b; n2++) {
    ask (&ahead);
    store_columns (lanes, plane, first, count, n2, ie_grid_back_down (grid, n2, points, scratch, FALSE));
  }
}
