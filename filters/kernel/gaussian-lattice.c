// SPDX-License-Identifier: GPL-3.0-or-later
/* The Gaussian of a large sigma on a lattice of every factor-th pixel; see gaussian.h.
 *
 * reduce down        each stretch of columns, the picture's rows -> lattice rows
 * reduce across      lattice rows stand as columns of memory now, so that this too is a sum of rows
 * blur across, down  the small kernel
 * enlarge across     to every column of a stretch, then rows are rows again
 * enlarge down       to every row, which is handed out
 *
 * Every sum runs over lattice points or pixels in ascending order, or from the centre outwards: in picture coordinates.
 */
#include <string.h>

#include "filters/kernel/gaussian.h"
#include "filters/kernel/rows.h"

#define VECTOR 16 /* floats of the widest vector: rows are padded to it, so that loops have no rest */
#define TILE 16   /* side of the squares in which rows become columns */

/* Lattice points along one axis: those that enlarging reads; reducing makes lattice_radius more on each side. */
typedef struct {
  int first, count;
} Span;

typedef struct {
  const IeGaussianShape *shape;
  const IeGaussian *gaussian;
  IeWork *work;
  IeRect region, out; /* pixels read and written */
  int channels;
  Span across, down;
  int wide, high;       /* lattice points made by reducing */
  gsize stride, blurred_stride; /* lattice rows in memory, padded: before and after the blur down */
  int in_block, out_block;      /* pixels of a stretch */
  gsize block_stride;           /* samples of a stretch, padded */
} Lattice;

static int
divide_down (int a, int b)
{
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

static gsize
pad (gsize samples)
{
  return (samples + VECTOR - 1) / VECTOR * VECTOR;
}

static Span
span (const IeGaussianShape *shape, int from, int length)
{
  int first = -divide_down (shape->reach - from, shape->factor);
  int last = divide_down (from + length - 1 + shape->reach, shape->factor);
  return (Span){ first, last - first + 1 };
}

IeRect
ie_gaussian_region (const IeGaussianShape *shape, IeRect out)
{
  if (shape->factor == 1)
    return ie_rect_grow (out, shape->radius, shape->radius);
  Span across = span (shape, out.x, out.width), down = span (shape, out.y, out.height);
  int x0 = (across.first - shape->lattice_radius) * shape->factor - shape->reach;
  int y0 = (down.first - shape->lattice_radius) * shape->factor - shape->reach;
  int x1 = (across.first + across.count - 1 + shape->lattice_radius) * shape->factor + shape->reach + 1;
  int y1 = (down.first + down.count - 1 + shape->lattice_radius) * shape->factor + shape->reach + 1;
  return (IeRect){ x0, y0, x1 - x0, y1 - y0 };
}

static Lattice
lattice_new (const IeGaussianShape *shape, IeRect out, int channels)
{
  Lattice l = { .shape = shape, .out = out, .region = ie_gaussian_region (shape, out), .channels = channels };
  l.across = span (shape, out.x, out.width);
  l.down = span (shape, out.y, out.height);
  l.wide = l.across.count + 2 * shape->lattice_radius;
  l.high = l.down.count + 2 * shape->lattice_radius;
  l.blurred_stride = pad ((gsize) l.down.count);
  l.stride = pad (l.blurred_stride + 2 * (gsize) shape->lattice_radius);
  l.in_block = ie_gaussian_stretch (l.region.width, (gsize) channels * sizeof (float));
  l.out_block = ie_gaussian_stretch (out.width, (gsize) channels * sizeof (float));
  l.block_stride = pad ((gsize) MAX (l.in_block, l.out_block) * (gsize) channels);
  return l;
}

gsize
ie_gaussian_lattice_memory (const IeGaussianShape *shape, IeRect out, int channels)
{
  Lattice l = lattice_new (shape, out, channels);
  gsize columns = (gsize) l.region.width + (gsize) l.wide + (gsize) l.across.count;
  gsize samples = columns * (gsize) channels * l.stride + (gsize) l.across.count * (gsize) channels * l.blurred_stride;
  samples += l.block_stride * (l.stride + IE_ROWS_GROUP + 2 * l.blurred_stride + 1);
  gsize pointers = 2 * (gsize) MAX (shape->reach, shape->lattice_radius) + 1;
  return samples * sizeof (float) + pointers * sizeof (gpointer) + 10 * 64;
}

static float *
floats (const Lattice *l, gsize count)
{
  return ie_work_alloc (l->work, count * sizeof (float));
}

/* columns[c * column_stride + r] = rows[r * row_stride + c]; row_count is a multiple of TILE. */
static void
transpose (const float *restrict rows, gsize row_stride, int row_count, int column_count, float *restrict columns,
           gsize column_stride)
{
  for (int r0 = 0; r0 < row_count; r0 += TILE)
    for (int c = 0; c < column_count; c++)
      for (int r = 0; r < TILE; r++)
        columns[(gsize) c * column_stride + (gsize) (r0 + r)] = rows[(gsize) (r0 + r) * row_stride + (gsize) c];
}

/* ---- reduce ------------------------------------------------------------------------------------------------------ */

/* Adds the pixel rows y .. y + count - 1, given as float, to the lattice rows they belong to. */
static void
add_rows (const Lattice *l, const float *const *lines, int y, int count, float *reduced, int samples)
{
  int factor = l->shape->factor, reach = l->shape->reach, top = l->down.first - l->shape->lattice_radius;
  int first = MAX (-divide_down (reach - y, factor), top);
  int last = MIN (divide_down (y + count - 1 + reach, factor), top + l->high - 1);
  for (int m = first; m <= last; m++) {
    int from = MAX (y, m * factor - reach), to = MIN (y + count - 1, m * factor + reach);
    ie_rows_sum_float (reduced + (gsize) (m - top) * l->block_stride, lines + (from - y),
                       l->gaussian->spline + (from - m * factor + reach), to - from + 1, from > m * factor - reach,
                       samples);
  }
}

/* Reduces pixels x .. x + pixels - 1 of every row of the region into `reduced`, l->high rows. */
static void
reduce_down (const Lattice *l, const IePixels *in, IeUnit unit, int x, int pixels, float *lines, float *reduced)
{
  gboolean in_place = in->depth == IE_DEPTH_FLOAT && !in->has_alpha;
  int end = l->region.y + l->region.height;
  for (int y = l->region.y; y < end && !ie_work_cancelled (l->work); y += IE_ROWS_GROUP) {
    int count = MIN (IE_ROWS_GROUP, end - y);
    const float *rows[IE_ROWS_GROUP];
    for (int i = 0; i < count; i++) {
      float *line = lines + (gsize) i * l->block_stride;
      if (!in_place)
        ie_weigh_load (in, x, y + i, pixels, unit, line);
      rows[i] = in_place ? ie_pixels_at (in, x, y + i) : line;
    }
    add_rows (l, rows, y, count, reduced, pixels * l->channels);
  }
}

/* The whole region, reduced down, one column of memory rows for each sample across: region.width * channels rows of
 * l->stride. */
static void
reduce_region (const Lattice *l, const IePixels *in, IeUnit unit, float *columns)
{
  float *lines = floats (l, IE_ROWS_GROUP * l->block_stride), *reduced = floats (l, l->stride * l->block_stride);
  /* The padding is never looked at, but must be numbers that do not slow the processor down. */
  memset (reduced + (gsize) l->high * l->block_stride, 0,
          (l->stride - (gsize) l->high) * l->block_stride * sizeof *reduced);
  for (int x = 0; x < l->region.width; x += l->in_block) {
    int pixels = MIN (l->in_block, l->region.width - x);
    reduce_down (l, in, unit, l->region.x + x, pixels, lines, reduced);
    transpose (reduced, l->block_stride, (int) l->stride, pixels * l->channels,
               columns + (gsize) x * (gsize) l->channels * l->stride, l->stride);
  }
}

/* ---- across and the kernel on the lattice ------------------------------------------------------------------------ */

/* out: `count` points of rows, each the fold of the points of `in` `step` apart around point first + i * step. */
static void
fold_points (const Lattice *l, const float *in, int first, int step, int count, const float *taps, int radius,
             const float **rows, float *out)
{
  gsize channels = (gsize) l->channels;
  for (int i = 0; i < count && !ie_work_cancelled (l->work); i++)
    for (gsize c = 0; c < channels; c++) {
      for (int t = -radius; t <= radius; t++)
        rows[t + radius] = in + ((gsize) (first + i * step + t) * channels + c) * l->stride;
      ie_rows_fold_float (out + ((gsize) i * channels + c) * l->stride, rows + radius, taps, radius, (int) l->stride);
    }
}

static void
blur_down (const Lattice *l, const float *in, const float **rows, float *out)
{
  int radius = l->shape->lattice_radius;
  for (gsize i = 0; i < (gsize) l->across.count * (gsize) l->channels; i++) {
    for (int t = 0; t <= 2 * radius; t++)
      rows[t] = in + i * l->stride + t;
    ie_rows_fold_float (out + i * l->blurred_stride, rows + radius, l->gaussian->lattice_taps, radius,
                        (int) l->blurred_stride);
  }
}

/* ---- enlarge ----------------------------------------------------------------------------------------------------- */

/* The lattice points around pixel `at`: the first as an index into the span, their number, their weights. */
static int
enlarging_weights (const Lattice *l, const Span *along, int at, float *weights, int *first)
{
  int factor = l->shape->factor, reach = l->shape->reach;
  int from = -divide_down (reach - at, factor), to = divide_down (at + reach, factor);
  for (int m = from; m <= to; m++)
    weights[m - from] = l->gaussian->enlarging[at - m * factor + reach];
  *first = from - along->first;
  return to - from + 1;
}

static void
enlarge_across (const Lattice *l, const float *blurred, int x, int pixels, float *out)
{
  float weights[IE_ROWS_GROUP];
  const float *rows[IE_ROWS_GROUP];
  gsize channels = (gsize) l->channels;
  for (int i = 0; i < pixels; i++) {
    int first, count = enlarging_weights (l, &l->across, x + i, weights, &first);
    for (gsize c = 0; c < channels; c++) {
      for (int t = 0; t < count; t++)
        rows[t] = blurred + ((gsize) (first + t) * channels + c) * l->blurred_stride;
      ie_rows_sum_float (out + ((gsize) i * channels + c) * l->blurred_stride, rows, weights, count, FALSE,
                         (int) l->blurred_stride);
    }
  }
}

static void
enlarge_down (const Lattice *l, const float *enlarged, int x, int pixels, const IePixels *out, float *line,
              IeGaussianRow row, gpointer data)
{
  float weights[IE_ROWS_GROUP];
  const float *rows[IE_ROWS_GROUP];
  for (int y = l->out.y; y < l->out.y + l->out.height && !ie_work_cancelled (l->work); y++) {
    int first, count = enlarging_weights (l, &l->down, y, weights, &first);
    for (int t = 0; t < count; t++)
      rows[t] = enlarged + (gsize) (first + t) * l->block_stride;
    float *sums = row ? line : ie_pixels_at (out, x, y);
    ie_rows_sum_float (sums, rows, weights, count, FALSE, pixels * l->channels);
    if (row)
      row (data, x, y, pixels, sums);
  }
}

void
ie_gaussian_lattice (const IeGaussian *gaussian, IeWork *work, const IePixels *in, const IePixels *out, IeUnit unit,
                     IeGaussianRow row, gpointer data)
{
  const IeGaussianShape *shape = &gaussian->shape;
  Lattice l = lattice_new (shape, out->rect, out->channels);
  l.gaussian = gaussian;
  l.work = work;
  ie_work_look_for_nan (work, in);
  gsize channels = (gsize) l.channels, points = (gsize) l.across.count * channels;
  float *columns = floats (&l, (gsize) l.region.width * channels * l.stride);
  float *reduced = floats (&l, (gsize) l.wide * channels * l.stride), *across = floats (&l, points * l.stride);
  float *blurred = floats (&l, points * l.blurred_stride), *enlarged = floats (&l, l.blurred_stride * l.block_stride);
  float *rows = floats (&l, l.blurred_stride * l.block_stride), *line = floats (&l, l.block_stride);
  const float **pointers =
    ie_work_alloc (work, (2 * (gsize) MAX (shape->reach, shape->lattice_radius) + 1) * sizeof *pointers);

  reduce_region (&l, in, unit, columns);
  fold_points (&l, columns, shape->reach, shape->factor, l.wide, gaussian->spline + shape->reach, shape->reach,
               pointers, reduced);
  fold_points (&l, reduced, shape->lattice_radius, 1, l.across.count, gaussian->lattice_taps, shape->lattice_radius,
               pointers, across);
  blur_down (&l, across, pointers, blurred);
  for (int x = 0; x < out->rect.width && !ie_work_cancelled (work); x += l.out_block) {
    int pixels = MIN (l.out_block, out->rect.width - x);
    enlarge_across (&l, blurred, out->rect.x + x, pixels, enlarged);
    transpose (enlarged, l.blurred_stride, (pixels * l.channels + TILE - 1) / TILE * TILE, (int) l.blurred_stride, rows,
               l.block_stride);
    enlarge_down (&l, rows, out->rect.x + x, pixels, out, line, row, data);
  }
}
