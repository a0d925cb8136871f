// SPDX-License-Identifier: GPL-3.0-or-later
/* The bilateral filter by a grid of place and luma.
 *
 * The weights are a Gaussian of three coordinates, x, y and luma. Colour and weight are summed into cells of `factor`
 * pixels and two neighbouring bins of luma, half of sigma_range apart; the grid is blurred along its three axes; each
 * pixel reads it back, linearly between cells and bins, at its own place and luma, and divides colour by weight. The
 * Gaussians of the grid have what variance the cells and the two interpolations leave of the wanted one. The lattice
 * lies fixed in the picture and in the range, so that samples do not depend on rectangles. Luma beyond the range counts
 * as its end.
 *
 * Error against the formula with edges=luma and a window of 4 sigma, on photographs: mean 0.04 .. 0.20 code of 8 bits
 * for sigma_space of 4 .. 30 pixels and sigma_range of 3 .. 20 % of the range; single pixels that are like nothing around
 * them up to 10 codes. tests/oracle/bilateral.py holds it to that, and prints how far the formula with edges=colour is
 * from it (0.2 .. 3 codes in the mean). Cost hardly depends on sigma_space.
 *
 * Source: J. Chen, S. Paris, F. Durand, "Real-time Edge-Aware Image Processing with the Bilateral Grid", ACM
 * Transactions on Graphics 26 (3), 2007; S. Paris, F. Durand, "A Fast Approximation of the Bilateral Filter using a
 * Signal Processing Approach", ECCV 2006. */
#include "filters/kernel/bilateral.h"
#include "filters/kernel/planes.h"
#include "filters/kernel/rows.h"

#include "core/elementary.h"

#include <string.h>

#define CELLS_A_SIGMA 1.7 /* of space: pixels of a cell are sigma_space over this */
#define BINS_A_SIGMA 1.8
#define CUT 2.8 /* sigmas of the kernels on the grid */
#define MOST_RADIUS 24
/* Columns are worked on so many at a time that the ring of blurred rows stays in the second-level cache: each of them is
 * read as often as the kernel is high. */
#define RING_BYTES (640u << 10)
#define LEAST_STRETCH 128 /* pixels: below, what two stretches share would cost more */
#define MOST_NUMBERS IE_MAX_CHANNELS

/* Before a loop over the few numbers of a bin: it is to become one or two vector instructions. Left to itself gcc 12
 * writes it out as scalar steps; other compilers may ignore it. */
#define NOT_UNROLLED _Pragma ("GCC unroll 1")

typedef struct {
  int factor; /* pixels a cell */
  int radius; /* cells of the kernel in space on each side */
  int bins, bin_radius;
  double per_bin;                                         /* bins a unit of the range */
  float taps[MOST_RADIUS + 1], bin_taps[MOST_RADIUS + 1]; /* from the centre */
} Grid;

typedef struct {
  Grid grid;
  const IePixels *in, *out;
  int colours, numbers;  /* numbers of a bin: the weight, then colours */
  int first_cell, cells; /* columns of the grid */
  int width;             /* pixels of a row that is splatted */
  gsize row;             /* floats of a row of cells */
  float *ring;           /* rows of cells blurred along x and luma, cell row j in slot j modulo 2 radius + 1 */
  float *splat, *padded; /* a row of cells with room for the kernels' reach on both sides */
  float *blurred[2];     /* rows of cells, blurred, of even and odd number */
  float *pixels;         /* a row: `numbers` a pixel, weight and colours */
  float *share;          /* of the bin above */
  int *bin;
} Job;

static int
floor_divide (int a, int b)
{
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

static int
kernel (double sigma, float *taps)
{
  int radius = MIN ((int) (CUT * sigma) + 1, MOST_RADIUS);
  double weights[MOST_RADIUS + 1], sum = 0;
  for (int i = 0; i <= radius; i++) {
    weights[i] = ie_exp (-i * i / (2 * sigma * sigma));
    sum += i ? 2 * weights[i] : weights[i];
  }
  for (int i = 0; i <= radius; i++)
    taps[i] = (float) (weights[i] / sum);
  return radius;
}

static Grid
grid_of (const IeBilateralShape *shape)
{
  Grid grid = { .factor = MAX ((int) (shape->sigma_space / CELLS_A_SIGMA), 2) };
  double f = grid.factor, sigma = shape->sigma_space;
  /* Variances: factor equal samples; linear interpolation, on the average of all places. */
  grid.radius = kernel (ie_sqrt ((sigma * sigma - (f * f - 1) / 12 - f * f / 6) / (f * f)), grid.taps);
  grid.per_bin = BINS_A_SIGMA / shape->sigma_range;
  grid.bins = (int) grid.per_bin + 2;
  grid.bin_radius = kernel (ie_sqrt (BINS_A_SIGMA * BINS_A_SIGMA - 2.0 / 6), grid.bin_taps);
  return grid;
}

/* The cell at or before whose centre pixel i lies. */
static int
cell_before (int i, int factor)
{
  return floor_divide (2 * i + 1 - factor, 2 * factor);
}

static void
cells_of (const Grid *grid, int start, int count, int *first, int *cells)
{
  *first = cell_before (start, grid->factor) - grid->radius;
  *cells = cell_before (start + count - 1, grid->factor) + 1 + grid->radius + 1 - *first;
}

IeRect
ie_bilateral_grid_region (const IeBilateralShape *shape, IeRect out)
{
  Grid grid = grid_of (shape);
  IeRect in;
  cells_of (&grid, out.x, out.width, &in.x, &in.width);
  cells_of (&grid, out.y, out.height, &in.y, &in.height);
  return (IeRect){ in.x * grid.factor, in.y * grid.factor, in.width * grid.factor, in.height * grid.factor };
}

/* Scratch of a job, taken from `work`, or counted where that is NULL. */
static gsize
take_scratch (Job *job, IeWork *work)
{
  const Grid *grid = &job->grid;
  gsize total = 0,
        sizes[] = { (gsize) (2 * grid->radius + 1) * job->row,
                    job->row,
                    job->row,
                    job->row,
                    (gsize) (grid->bins + 2 * grid->bin_radius) * (gsize) job->numbers * (gsize) job->cells };
  float **places[] = { &job->ring, &job->splat, &job->blurred[0], &job->blurred[1], &job->padded };
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    total += sizes[i] * sizeof (float) + 64;
    if (work)
      *places[i] = ie_work_alloc (work, sizes[i] * sizeof (float));
  }
  gsize row = (gsize) job->width * sizeof (float);
  if (work) {
    job->pixels = ie_work_alloc (work, (gsize) job->numbers * row);
    job->share = ie_work_alloc (work, row);
    job->bin = ie_work_alloc (work, row);
  }
  return total + ((gsize) job->numbers + 2) * (row + 64);
}

/* Places the job at the columns of a rectangle of output. */
static void
set_columns (Job *job, IeRect out)
{
  cells_of (&job->grid, out.x, out.width, &job->first_cell, &job->cells);
  job->width = job->cells * job->grid.factor;
  job->row = (gsize) job->cells * (gsize) job->grid.bins * (gsize) job->numbers;
}

/* Pixels of output side by side: whole cells, so that all stretches but the last have as many cells. */
static int
stretch_of (const Job *job)
{
  const Grid *grid = &job->grid;
  gsize rows = 2 * (gsize) grid->radius + 1, cell = (gsize) grid->bins * (gsize) job->numbers * sizeof (float);
  int cells = (int) (RING_BYTES / (rows * cell)) - 2 * grid->radius - 2;
  int least = (LEAST_STRETCH + grid->factor - 1) / grid->factor;
  return MAX (cells, least) * grid->factor;
}

/* With columns for the widest stretch of `out`. */
static Job
job_of (const IeBilateralShape *shape, IeRect out, int channels, gboolean has_alpha)
{
  Job job = { .grid = grid_of (shape), .colours = ie_colours (channels, has_alpha) };
  job.numbers = job.colours + 1;
  out.width = MIN (out.width, stretch_of (&job));
  set_columns (&job, out);
  return job;
}

gsize
ie_bilateral_grid_memory (const IeBilateralShape *shape, IeRect out, int channels)
{
  Job job = job_of (shape, out, channels, FALSE);
  job.width += job.grid.factor; /* a rectangle that begins elsewhere in a cell may touch one more */
  job.row += (gsize) job.grid.bins * (gsize) job.numbers;
  job.cells++;
  return take_scratch (&job, NULL);
}

/* Samples of one type into the numbers of a row; channels and numbers are constants at the calls that matter. */
#define LOAD(type, convert)                                                                                            \
  {                                                                                                                    \
    const type *restrict from = ie_pixels_at (job->in, x, y);                                                          \
    for (int i = 0; i < width; i++) {                                                                                  \
      pixels[i * numbers] = 1;                                                                                         \
      for (int c = 1; c < numbers; c++)                                                                                \
        pixels[i * numbers + c] = convert (from[i * channels + c - 1]);                                                \
    }                                                                                                                  \
    for (int i = 0; alpha && i < width; i++)                                                                           \
      pixels[i * numbers] = convert (from[i * channels + numbers - 1]);                                                \
  }

static inline __attribute__ ((always_inline)) void
load_pixels (const Job *job, int x, int y, int width, int numbers, int channels)
{
  gboolean alpha = job->in->has_alpha;
  float *restrict pixels = job->pixels;
  if (job->in->depth == IE_DEPTH_U8)
    LOAD (guint8, (float) )
  else if (job->in->depth == IE_DEPTH_U16)
    LOAD (guint16, (float) )
  else
    LOAD (float, ie_planes_finite)
}

/* Row y from pixel x on: weight and colours, and where its luma lies among the bins. */
static inline __attribute__ ((always_inline)) void
load_row (const Job *job, int x, int y, int width, int numbers)
{
  float *restrict share = job->share;
  const float *restrict pixels = job->pixels;
  int *restrict bin = job->bin;
  float factor = (float) (job->grid.per_bin / job->colours / (double) ie_depth_range (job->in->depth));
  float end = (float) job->grid.per_bin;
  if (job->in->has_alpha)
    load_pixels (job, x, y, width, numbers, numbers);
  else
    load_pixels (job, x, y, width, numbers, numbers - 1);
  for (int i = 0; i < width; i++) {
    float place = 0;
    for (int c = 1; c < numbers; c++)
      place += pixels[i * numbers + c];
    place *= factor;
    place = place > 0 ? place : 0;
    place = place < end ? place : end;
    bin[i] = (int) place;
    share[i] = place - (float) bin[i];
  }
}

/* Adds row y to the row of cells. numbers is a constant at every call. */
static inline __attribute__ ((always_inline)) void
add_pixels (const Job *job, int y, int numbers)
{
  int factor = job->grid.factor, bins = job->grid.bins;
  load_row (job, job->first_cell * factor, y, job->width, numbers);
  for (int i = 0; job->in->has_alpha && i < job->width; i++)
    for (int c = 1; c < numbers; c++)
      job->pixels[i * numbers + c] *= job->pixels[i * numbers];
  const float *restrict pixel = job->pixels;
  for (int cell = 0, i = 0; cell < job->cells; cell++) {
    float *restrict bins_of_cell = job->splat + (gsize) cell * (gsize) bins * (gsize) numbers;
    for (int end = i + factor; i < end; i++, pixel += numbers) {
      float *restrict to = bins_of_cell + job->bin[i] * numbers;
      float above = job->share[i], below = 1 - above;
      NOT_UNROLLED
      for (int k = 0; k < numbers; k++) {
        to[k] += below * pixel[k];
        to[numbers + k] += above * pixel[k];
      }
    }
  }
}

/* Reads row y of the output, which lies between the rows j and j + 1 of cells, into the row of pixels. */
static inline __attribute__ ((always_inline)) void
read_pixels (const Job *job, int j, int y, int numbers)
{
  int factor = job->grid.factor, step = job->grid.bins * numbers, x = job->out->rect.x, width = job->out->rect.width;
  float per_pixel = 0.5f / (float) factor;
  int cell = cell_before (x, factor),
      place = 2 * x + 1 - factor - 2 * factor * cell; /* half pixels beyond its centre */
  gsize first = (gsize) (cell - job->first_cell) * (gsize) step;
  const float *restrict upper = job->blurred[j & 1] + first, *restrict lower = job->blurred[(j + 1) & 1] + first;
  float down = 0.5f * (float) (2 * y + 1 - factor - 2 * factor * j) / (float) factor;
  float *restrict pixel = job->pixels;
  load_row (job, x, y, width, numbers);
  for (int i = 0; i < width; i++, pixel += numbers) {
    const float *restrict a = upper + job->bin[i] * numbers, *restrict b = lower + job->bin[i] * numbers;
    float along = (float) place * per_pixel, share = job->share[i], read[2 * MOST_NUMBERS];
    NOT_UNROLLED
    for (int k = 0; k < 2 * numbers; k++) {
      float near = a[k] + down * (b[k] - a[k]), far = a[step + k] + down * (b[step + k] - a[step + k]);
      read[k] = near + along * (far - near);
    }
    NOT_UNROLLED
    for (int k = 0; k < numbers; k++)
      read[k] += share * (read[numbers + k] - read[k]);
    float inverse = 1.0f / read[0];
    if (read[0] > 0)
      for (int c = 1; c < numbers; c++)
        pixel[c] = read[c] * inverse;
    place += 2;
    if (place >= 2 * factor) {
      place -= 2 * factor;
      upper += step;
      lower += step;
    }
  }
}

#define STORE(type, convert)                                                                                           \
  {                                                                                                                    \
    type *restrict to = ie_pixels_at (out, out->rect.x, y);                                                            \
    for (int i = 0; i < width; i++)                                                                                    \
      for (int c = 1; c < numbers; c++)                                                                                \
        to[i * channels + c - 1] = (type) convert (pixels[i * numbers + c]);                                           \
    for (int i = 0; out->has_alpha && i < width; i++)                                                                  \
      to[i * channels + numbers - 1] = (type) convert (pixels[i * numbers]);                                           \
  }
#define CODE_U8(value) ie_planes_code (value, 0, 255.0f)
#define CODE_U16(value) ie_planes_code (value, 0, 65535.0f)

static inline __attribute__ ((always_inline)) void
store_pixels (const Job *job, int y, int numbers, int channels)
{
  const IePixels *out = job->out;
  const float *restrict pixels = job->pixels;
  int width = out->rect.width;
  if (out->depth == IE_DEPTH_U8)
    STORE (guint8, CODE_U8)
  else if (out->depth == IE_DEPTH_U16)
    STORE (guint16, CODE_U16)
  else
    STORE (float, )
}

static void
add_row (const Job *job, int y)
{
  if (job->numbers == 2)
    add_pixels (job, y, 2);
  else if (job->numbers == 4)
    add_pixels (job, y, 4);
  else
    add_pixels (job, y, job->numbers);
}

static void
read_row (const Job *job, int j, int y)
{
  if (job->numbers == 2)
    read_pixels (job, j, y, 2);
  else if (job->numbers == 4)
    read_pixels (job, j, y, 4);
  else
    read_pixels (job, j, y, job->numbers);
  if (job->numbers == 4 && !job->out->has_alpha)
    store_pixels (job, y, 4, 3);
  else
    store_pixels (job, y, job->numbers, job->out->channels);
}

/* The row of cells `splat` blurred along luma, then along x, into `to`. Cells whose kernel would reach beyond the row
 * are left out: nobody reads them. */
static void
blur_row (const Job *job, float *to)
{
  const Grid *grid = &job->grid;
  const float *rows[2 * MOST_RADIUS + 1];
  int numbers = job->numbers, cell = grid->bins * numbers, margin = grid->bin_radius * numbers, reach = grid->radius;
  int padded_cell = cell + 2 * margin;
  memset (job->padded, 0, (gsize) padded_cell * (gsize) job->cells * sizeof (float));
  for (int i = 0; i < job->cells; i++)
    memcpy (job->padded + (gsize) i * (gsize) padded_cell + margin, job->splat + (gsize) i * (gsize) cell,
            (gsize) cell * sizeof (float));
  for (int i = 0; i < job->cells; i++) {
    for (int t = -grid->bin_radius; t <= grid->bin_radius; t++)
      rows[grid->bin_radius + t] = job->padded + (gsize) i * (gsize) padded_cell + margin + t * numbers;
    ie_rows_fold_float (job->splat + (gsize) i * (gsize) cell, rows + grid->bin_radius, grid->bin_taps,
                        grid->bin_radius, cell);
  }
  for (int t = -reach; t <= reach; t++)
    rows[reach + t] = job->splat + (reach + t) * cell;
  ie_rows_fold_float (to + reach * cell, rows + reach, grid->taps, reach, (job->cells - 2 * reach) * cell);
}

static float *
ring_row (const Job *job, int j)
{
  int slots = 2 * job->grid.radius + 1, slot = j % slots;
  return job->ring + (gsize) (slot < 0 ? slot + slots : slot) * job->row;
}

/* Row j of cells: its pixels summed, blurred along x and luma. */
static void
make_row (const Job *job, int j)
{
  int factor = job->grid.factor;
  memset (job->splat, 0, job->row * sizeof (float));
  for (int y = j * factor; y < (j + 1) * factor; y++)
    add_row (job, y);
  blur_row (job, ring_row (job, j));
}

/* Row j of cells, blurred along y too. */
static void
finish_row (const Job *job, int j)
{
  const Grid *grid = &job->grid;
  const float *rows[2 * MOST_RADIUS + 1];
  gsize start = (gsize) (grid->radius * grid->bins * job->numbers);
  for (int t = -grid->radius; t <= grid->radius; t++)
    rows[grid->radius + t] = ring_row (job, j + t) + start;
  ie_rows_fold_float (job->blurred[j & 1] + start, rows + grid->radius, grid->taps, grid->radius,
                      (int) (job->row - 2 * start));
}

/* The columns of job->out. */
static void
do_stretch (Job *job, IeWork *work)
{
  IeRect r = job->out->rect;
  int radius = job->grid.radius, made, finished;
  set_columns (job, r);
  made = cell_before (r.y, job->grid.factor) - radius;
  finished = cell_before (r.y, job->grid.factor);
  for (int y = r.y; y < r.y + r.height; y++) {
    if (ie_work_cancelled (work))
      return;
    int j = cell_before (y, job->grid.factor);
    for (; finished <= j + 1; finished++) {
      for (; made <= finished + radius; made++)
        make_row (job, made);
      finish_row (job, finished);
    }
    read_row (job, j, y);
  }
}

void
ie_bilateral_grid (const IeBilateralShape *shape, IeWork *work, const IePixels *in, const IePixels *out)
{
  Job job = job_of (shape, out->rect, in->channels, in->has_alpha);
  int stretch = stretch_of (&job);
  job.in = in;
  take_scratch (&job, work);
  IeRect r = out->rect;
  for (int x = r.x; x < r.x + r.width; x += stretch) {
    IePixels part = ie_pixels_part (out, (IeRect){ x, r.y, MIN (stretch, r.x + r.width - x), r.height });
    job.out = &part;
    do_stretch (&job, work);
  }
}
