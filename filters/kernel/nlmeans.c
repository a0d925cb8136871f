// SPDX-License-Identifier: GPL-3.0-or-later
/* One pass of non-local means, offset by offset, GROUP at a time.
 *
 * For an offset o the squared differences of the guide to itself, shifted by o, are summed over patches by running sums
 * of integers, which are exact and so do not depend on where they began; the sum becomes the weight of a patch, an
 * integer; the weights of all patches that hold a pixel are summed in the same way, and that sum weighs the pixel's
 * neighbour at o (Buades, Coll, Morel 2011 call it patchwise; the pixel itself weighs half). All integers are 16 bits
 * wide, 32 a vector: the squares are rounded to steps so that all sums that weigh anything fit.
 *
 * The patches of q and q + o differ by as much as those of q + o and q: A(p, o) = A(p + o, -o). So half the offsets do:
 * each weight is used twice, for the pixel and for its neighbour. A pixel is added to in the same order whatever the
 * rectangle: group by group, first the neighbours above, then those below; in its own row first those after it. */
#include "filters/kernel/nlmeans-rows.h"

#include <string.h>

#define GROUP 3 /* offsets at a time: what they share of reading and writing sums */
#define MOST_WEIGHT 1023

typedef struct {
  guint16 *difference; /* ring of 2 patch + 1 rows of squared differences, summed over the channels */
  guint16 *column;     /* sums of the ring's columns */
  guint16 *weight;     /* ring of rows of patches' weights */
  guint16 *weights;    /* sums of that ring's columns */
  guint16 *sum;        /* a row of patches' weights, summed over the patches that hold a pixel */
  int dx, x;           /* of the offset; of the first pixel whose sum is needed */
  int wide, middle, narrow; /* columns of differences, of patches and of sums, rounded up */
} Lane;

typedef struct {
  const IeNlmeansShape *shape;
  const IeNlmeansBlock *block;
  IeRect out;
  int side;    /* of a patch */
  gsize row;   /* integers of a row of a ring */
  gsize pitch; /* of the sums for each pixel */
  int most_weight;
  Rule rule;
  Lane lanes[GROUP];
  float *weight, *value[IE_MAX_CHANNELS]; /* sums for each pixel of out */
  guint16 *narrow;                        /* columns' sums, cut to what weighs nothing */
} Job;

static int
rounded_up (int columns)
{
  return (columns + VECTOR - 1) & ~(VECTOR - 1);
}

static gsize
aligned (gsize bytes)
{
  return (bytes + 63) & ~(gsize) 63;
}

/* Loops run on to a multiple of VECTOR, and sums along a row read a patch beyond that. */
static gsize
row_length (const IeNlmeansShape *shape, IeRect out)
{
  return (gsize) rounded_up (out.width + shape->search + 4 * shape->patch) + 2 * VECTOR;
}

static gsize
sums_bytes (IeRect out)
{
  return (gsize) rounded_up (out.width) * (gsize) out.height * sizeof (float);
}

gsize
ie_nlmeans_memory (const IeNlmeansShape *shape, IeRect out, int colours)
{
  gsize side = 2 * (gsize) shape->patch + 1, row = row_length (shape, out) * sizeof (guint16);
  gsize lane = 2 * aligned (side * row) + 3 * aligned (row);
  return GROUP * lane + aligned (sums_bytes (out)) * (gsize) (1 + colours) + aligned (row) + 1024;
}

static void
take_scratch (Job *job, IeWork *work)
{
  gsize side = (gsize) job->side, row = job->row * sizeof (guint16);
  for (int t = 0; t < GROUP; t++)
    job->lanes[t] = (Lane){ .difference = ie_work_alloc (work, side * row),
                            .column = ie_work_alloc (work, row),
                            .weight = ie_work_alloc (work, side * row),
                            .weights = ie_work_alloc (work, row),
                            .sum = ie_work_alloc (work, row) };
  job->narrow = ie_work_alloc (work, row);
  memset (job->narrow, 0, row);
  job->weight = ie_work_alloc (work, sums_bytes (job->out));
  for (int c = 0; c < job->block->colours; c++)
    job->value[c] = ie_work_alloc (work, sums_bytes (job->out));
}

/* ---- patches -------------------------------------------------------------------------------------------------- */

/* Row y of differences, into row `row` of the ring. */
static void
feed_differences (const Job *job, const Lane *lane, int row, int y, int dy)
{
  const IeNlmeansBlock *block = job->block;
  const gint16 *own[IE_MAX_CHANNELS], *other[IE_MAX_CHANNELS];
  ptrdiff_t x = lane->x - 2 * job->shape->patch - block->rect.x;
  ptrdiff_t at = (ptrdiff_t) (y - block->rect.y) * (ptrdiff_t) block->pitch + x;
  for (int c = 0; c < block->colours; c++) {
    own[c] = block->guide[c] + at;
    other[c] = own[c] + dy * (ptrdiff_t) block->pitch + lane->dx;
  }
  const Rule *rule = &job->rule;
  guint16 *ring = lane->difference + (gsize) (row % job->side) * job->row;
  switch (block->colours) {
  case 1:
    return difference_row (rule, ring, lane->column, job->narrow, own, other, lane->wide, 1);
  case 2:
    return difference_row (rule, ring, lane->column, job->narrow, own, other, lane->wide, 2);
  case 3:
    return difference_row (rule, ring, lane->column, job->narrow, own, other, lane->wide, 3);
  default:
    return difference_row (rule, ring, lane->column, job->narrow, own, other, lane->wide, 4);
  }
}

/* A loop of its own for each side that the parameter allows. */
#define CASE(side, call) \
  case side: \
    call (side); \
    break;
#define BY_SIDE(side, call) \
  switch (side) { \
    CASE (3, call) \
    CASE (5, call) \
    CASE (7, call) \
    CASE (9, call) \
    CASE (11, call) \
    CASE (13, call) \
    CASE (15, call) \
  default: \
    call (side); \
  }

/* Row `row` of differences of a lane goes in; the sums of row `row` - 2 patch come out in lane->sum. */
static void
feed_lane (const Job *job, Lane *lane, int row, int y, int dy)
{
  int side = job->side;
  feed_differences (job, lane, row, y, dy);
  if (row < side - 1)
    return;
  guint16 *ring = lane->weight + (gsize) (row % side) * job->row;
#define WEIGH(n) weight_row (&job->rule, ring, lane->weights, job->narrow, n, lane->middle)
  BY_SIDE (side, WEIGH)
  if (row < 2 * side - 2)
    return;
#define SUM(n) sum_row (lane->sum, lane->weights, n, lane->narrow)
  BY_SIDE (side, SUM)
}

/* ---- pixels --------------------------------------------------------------------------------------------------- */

/* Adds n neighbours of a row of pixels: neighbour t of pixel i is at i + step t, and sum[t][i] its weight; colours, n,
 * step and whether there is alpha are constants at every call. */
static inline __attribute__ ((always_inline)) void
add_group (const Job *job, gsize at, const guint16 *const *sums, const float *const *neighbour, const float *alpha,
           int step, int colours, int n)
{
  float *restrict weight = job->weight + at, *restrict value[IE_MAX_CHANNELS];
  const float *from[IE_MAX_CHANNELS];
  const guint16 *sum[GROUP];
  for (int c = 0; c < colours; c++) {
    value[c] = job->value[c] + at;
    from[c] = neighbour[c];
  }
  for (int t = 0; t < n; t++)
    sum[t] = sums[t];
  int width = (int) job->pitch & ~(VECTOR - 1);
#pragma GCC ivdep
  for (int i = 0; i < width; i++) {
    float w = weight[i], v[IE_MAX_CHANNELS];
    for (int c = 0; c < colours; c++)
      v[c] = value[c][i];
    for (int t = 0; t < n; t++) {
      float near = (float) sum[t][i];
      if (alpha)
        near *= alpha[i + step * t];
      w += near;
      for (int c = 0; c < colours; c++)
        v[c] += near * from[c][i + step * t];
    }
    weight[i] = w;
    for (int c = 0; c < colours; c++)
      value[c][i] = v[c];
  }
}

#define ADD_STEP(colours, step) \
  (alpha ? n == GROUP ? add_group (job, at, sums, from, alpha, step, colours, GROUP) \
                      : add_group (job, at, sums, from, alpha, step, colours, 1) \
   : n == GROUP ? add_group (job, at, sums, from, NULL, step, colours, GROUP) \
                : add_group (job, at, sums, from, NULL, step, colours, 1))
#define ADD(colours) (step > 0 ? ADD_STEP (colours, 1) : ADD_STEP (colours, -1))

/* Row y of out: adds the neighbours at (dx .. dx + n - 1, dy) by the weights in `sums`, or with the step -1 those at
 * (dx .. dx - n + 1, dy); n is GROUP or 1. */
static void
add_neighbours (const Job *job, int y, const guint16 *const *sums, int dx, int dy, int step, int n)
{
  const IeNlmeansBlock *block = job->block;
  const float *from[IE_MAX_CHANNELS];
  ptrdiff_t place = (ptrdiff_t) (y + dy - block->rect.y) * (ptrdiff_t) block->pitch + (job->out.x + dx - block->rect.x);
  const float *alpha = block->alpha ? block->alpha + place : NULL;
  gsize at = (gsize) (y - job->out.y) * job->pitch;
  for (int c = 0; c < block->colours; c++)
    from[c] = block->value[c] + place;
  if (block->colours == 1)
    ADD (1);
  else if (block->colours == 3)
    ADD (3);
  else if (block->colours == 2)
    ADD (2);
  else
    ADD (4);
}

/* The pixels themselves, by half of what a patch that is the same would weigh; begins the sums. */
static void
add_own (const Job *job)
{
  const IeNlmeansBlock *block = job->block;
  IeRect out = job->out;
  int width = (int) job->pitch;
  float half = (float) (job->side * job->side * job->most_weight / 2);
  for (int y = 0; y < out.height; y++) {
    ptrdiff_t place = (ptrdiff_t) (out.y + y - block->rect.y) * (ptrdiff_t) block->pitch + (out.x - block->rect.x);
    gsize at = (gsize) y * job->pitch;
    float *restrict weight = job->weight + at;
    for (int x = 0; x < width; x++)
      weight[x] = block->alpha ? half * block->alpha[place + x] : half;
    for (int c = 0; c < block->colours; c++) {
      const float *restrict own = block->value[c] + place;
      float *restrict value = job->value[c] + at;
      for (int x = 0; x < width; x++)
        value[x] = weight[x] * own[x];
    }
  }
}

/* Sums are needed of the pixels of out and of those whose neighbour lies there. */
static void
start_lane (const Job *job, Lane *lane, int dx)
{
  gsize row = job->row * sizeof (guint16), rows = (gsize) job->side * row;
  int patch = job->shape->patch;
  IeRect out = job->out;
  lane->dx = dx;
  lane->x = out.x - MAX (dx, 0);
  lane->wide = rounded_up (out.width + ABS (dx) + 4 * patch);
  lane->middle = rounded_up (out.width + ABS (dx) + 2 * patch);
  lane->narrow = rounded_up (out.width + ABS (dx));
  memset (lane->difference, 0, rows);
  memset (lane->weight, 0, rows);
  memset (lane->column, 0, row);
  memset (lane->weights, 0, row);
}

/* All pixels: adds the neighbours at (dx .. dx + n - 1, dy) and those on the other side; dy is not negative. */
static void
add_offsets (Job *job, int dx, int dy, int n)
{
  int patch = job->shape->patch;
  IeRect out = job->out;
  const guint16 *after[GROUP], *before[GROUP];
  for (int t = 0; t < n; t++) {
    start_lane (job, &job->lanes[t], dx + t);
    after[t] = job->lanes[t].sum + MAX (dx + t, 0);
    before[t] = job->lanes[t].sum + MAX (-dx - t, 0);
  }
  for (int row = 0; row < out.height + dy + 4 * patch; row++) {
    int y = out.y - dy - 2 * patch + row;
    for (int t = 0; t < n; t++)
      feed_lane (job, &job->lanes[t], row, y, dy);
    y -= 2 * patch;
    if (row >= 4 * patch && y >= out.y)
      add_neighbours (job, y, after, dx, dy, 1, n);
    if (row >= 4 * patch && y + dy < out.y + out.height)
      add_neighbours (job, y + dy, before, -dx, -dy, -1, n);
  }
}

static void
divide (const Job *job, float *const *to, gsize out_pitch)
{
  const IeNlmeansBlock *block = job->block;
  IeRect out = job->out;
  for (int c = 0; c < block->colours; c++)
    for (int y = 0; y < out.height; y++) {
      const float *restrict value = job->value[c] + (gsize) y * job->pitch;
      const float *restrict weight = job->weight + (gsize) y * job->pitch;
      const float *restrict own =
          block->value[c] + (gsize) (out.y + y - block->rect.y) * block->pitch + (out.x - block->rect.x);
      float *restrict result = to[c] + (gsize) y * out_pitch;
      for (int x = 0; x < out.width; x++)
        result[x] = weight[x] > 0 ? value[x] / weight[x] : own[x];
    }
}

void
ie_nlmeans_pass (const IeNlmeansShape *shape, IeWork *work, const IeNlmeansBlock *block, IeRect out, float *const *to,
                 gsize out_pitch)
{
  int side = 2 * shape->patch + 1, search = shape->search;
  Job job = { .shape = shape, .block = block, .out = out, .side = side };
  job.row = row_length (shape, out);
  job.pitch = (gsize) rounded_up (out.width);
  job.most_weight = MIN (MOST_WEIGHT, 65535 / (side * side)); /* sums over a patch fit 16 bits */
  job.rule = rule_of (shape, block->colours, job.most_weight);
  take_scratch (&job, work);
  add_own (&job);
  for (int dy = 0; dy <= search; dy++)
    for (int dx = dy > 0 ? -search : 1; dx <= search;) {
      if (ie_work_cancelled (work))
        return;
      int n = dx + GROUP - 1 <= search ? GROUP : 1;
      add_offsets (&job, dx, dy, n);
      dx += n;
    }
  divide (&job, to, out_pitch);
}
