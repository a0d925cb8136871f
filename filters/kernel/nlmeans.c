// SPDX-License-Identifier: GPL-3.0-or-later
/* One pass of non-local means, offset by offset, GROUP at a time.
 *
 * For an offset o the squared differences of the guide to itself, shifted by o, are summed over patches by running sums
 * of integers, which are exact and so do not depend on where they began; the sum becomes the weight of a patch, an
 * integer; the weights of all patches that hold a pixel are summed in the same way, and that sum weighs the pixel's
 * neighbour at o (Buades, Coll, Morel 2011 call it patchwise; the pixel itself weighs half). Differences and weights
 * are 16 bits wide: 32 a vector. */
#include "filters/kernel/nlmeans.h"

#include <string.h>

#define GROUP 3 /* offsets at a time: what they share of reading and writing sums */
#define MOST_WEIGHT 1023
#define MOST_PATCH 16

typedef struct {
  guint16 *difference; /* ring of 2 patch + 1 rows of squared differences, summed over the channels */
  gint32 *column;      /* sums of the ring's columns */
  guint16 *weight;     /* ring of rows of patches' weights */
  guint16 *weights;    /* sums of that ring's columns */
  guint16 *sum;        /* a row of patches' weights, summed over the patches that hold a pixel */
} Lane;

typedef struct {
  const IeNlmeansShape *shape;
  const IeNlmeansBlock *block;
  IeRect out;
  int side;                   /* of a patch */
  int wide;                   /* columns of differences: out.width + 4 patch */
  int middle;                 /* columns of patches: out.width + 2 patch */
  int limit;                  /* of a difference: its square, summed over the channels, fits 16 bits */
  float offset, factor, most; /* weight of a patch of sum s: most * max (0, 1 - factor * max (0, s - offset))^4 */
  Lane lanes[GROUP];
  float *weight, *value[IE_MAX_CHANNELS]; /* sums for each pixel of out */
  guint16 *row16;
  gint32 *row32;
} Job;

static gsize
aligned (gsize bytes)
{
  return (bytes + 63) & ~(gsize) 63;
}

/* Rows have room for a vector more than they need. */
#define SPARE 64

gsize
ie_nlmeans_memory (const IeNlmeansShape *shape, IeRect out, int colours)
{
  gsize side = 2 * (gsize) shape->patch + 1, wide = (gsize) out.width + 4 * (gsize) shape->patch + SPARE;
  gsize lane = aligned (side * wide * 2) * 2 + aligned (wide * 4) + 2 * aligned (wide * 2);
  gsize sums = aligned ((gsize) out.width * (gsize) out.height * sizeof (float)) * (gsize) (1 + colours);
  return GROUP * lane + sums + aligned (wide * 4) + aligned (wide * 2) + 1024;
}

static void
take_scratch (Job *job, IeWork *work)
{
  gsize side = (gsize) job->side, wide = (gsize) job->wide + SPARE;
  gsize sums = (gsize) job->out.width * (gsize) job->out.height * sizeof (float);
  for (int t = 0; t < GROUP; t++)
    job->lanes[t] =
        (Lane){ ie_work_alloc (work, side * wide * 2), ie_work_alloc (work, wide * 4),
                ie_work_alloc (work, side * wide * 2), ie_work_alloc (work, wide * 2), ie_work_alloc (work, wide * 2) };
  job->row32 = ie_work_alloc (work, wide * 4);
  job->row16 = ie_work_alloc (work, wide * 2);
  job->weight = ie_work_alloc (work, sums);
  memset (job->weight, 0, sums);
  for (int c = 0; c < job->block->colours; c++) {
    job->value[c] = ie_work_alloc (work, sums);
    memset (job->value[c], 0, sums);
  }
}

/* Squared differences of a row to a row of the same guide. colours is a constant at every call. */
static inline __attribute__ ((always_inline)) void
difference_row (guint16 *restrict to, const gint16 *const *own, const gint16 *const *other, int limit, int width,
                int colours)
{
  const gint16 *a[IE_MAX_CHANNELS], *b[IE_MAX_CHANNELS];
  gint16 most = (gint16) limit;
  for (int c = 0; c < colours; c++) {
    a[c] = own[c];
    b[c] = other[c];
  }
  for (int i = 0; i < width; i++) {
    guint16 sum = 0;
    for (int c = 0; c < colours; c++) {
      gint16 d = (gint16) (a[c][i] - b[c][i]);
      d = d < 0 ? (gint16) -d : d;
      d = d < most ? d : most;
      sum = (guint16) (sum + (guint16) ((guint16) d * (guint16) d));
    }
    to[i] = sum;
  }
}

static void
differences (const Job *job, guint16 *to, int y, int dx, int dy)
{
  const IeNlmeansBlock *block = job->block;
  int patch = job->shape->patch;
  const gint16 *own[IE_MAX_CHANNELS], *other[IE_MAX_CHANNELS];
  ptrdiff_t at = (ptrdiff_t) (y - block->rect.y) * (ptrdiff_t) block->pitch + (job->out.x - 2 * patch - block->rect.x);
  for (int c = 0; c < block->colours; c++) {
    own[c] = block->guide[c] + at;
    other[c] = own[c] + dy * (ptrdiff_t) block->pitch + dx;
  }
  switch (block->colours) {
  case 1:
    return difference_row (to, own, other, job->limit, job->wide, 1);
  case 2:
    return difference_row (to, own, other, job->limit, job->wide, 2);
  case 3:
    return difference_row (to, own, other, job->limit, job->wide, 3);
  default:
    return difference_row (to, own, other, job->limit, job->wide, 4);
  }
}

static void
move_differences (gint32 *restrict column, const guint16 *restrict entering, const guint16 *restrict leaving, int width)
{
  if (leaving)
    for (int i = 0; i < width; i++)
      column[i] += (gint32) entering[i] - (gint32) leaving[i];
  else
    for (int i = 0; i < width; i++)
      column[i] += entering[i];
}

static void
move_weights (guint16 *restrict column, const guint16 *restrict entering, const guint16 *restrict leaving, int width)
{
  if (leaving)
    for (int i = 0; i < width; i++)
      column[i] = (guint16) (column[i] + entering[i] - leaving[i]);
  else
    for (int i = 0; i < width; i++)
      column[i] = (guint16) (column[i] + entering[i]);
}

/* to[i] = from[i] + ... + from[i + side - 1] */
#define SUM_ALONG(name, type)                                                                                          \
  static inline __attribute__ ((always_inline)) void name##_of (type *restrict to, const type *restrict from,          \
                                                                int side, int width)                                   \
  {                                                                                                                    \
    for (int i = 0; i < width; i++) {                                                                                  \
      type sum = from[i];                                                                                              \
      for (int k = 1; k < side; k++)                                                                                   \
        sum = (type) (sum + from[i + k]);                                                                              \
      to[i] = sum;                                                                                                     \
    }                                                                                                                  \
  }                                                                                                                    \
  static void name (type *restrict to, const type *restrict from, int side, int width)                                 \
  {                                                                                                                    \
    if (side == 3)                                                                                                     \
      return name##_of (to, from, 3, width);                                                                           \
    if (side == 5)                                                                                                     \
      return name##_of (to, from, 5, width);                                                                           \
    if (side == 7)                                                                                                     \
      return name##_of (to, from, 7, width);                                                                           \
    if (side == 9)                                                                                                     \
      return name##_of (to, from, 9, width);                                                                           \
    memcpy (to, from, (gsize) width * sizeof *to);                                                                     \
    for (int k = 1; k < side; k++)                                                                                     \
      for (int i = 0; i < width; i++)                                                                                  \
        to[i] = (type) (to[i] + from[i + k]);                                                                          \
  }
SUM_ALONG (sum_along_32, gint32)
SUM_ALONG (sum_along_16, guint16)

static void
weights_of (guint16 *restrict to, const gint32 *restrict sum, float offset, float factor, float most, int width)
{
  for (int i = 0; i < width; i++) {
    float above = (float) sum[i] - offset;
    above = above > 0 ? above : 0;
    float near = 1.0f - factor * above;
    near = near > 0 ? near : 0;
    near *= near;
    to[i] = (guint16) (gint32) (near * near * most + 0.5f);
  }
}

/* Adds n neighbours of a row of pixels; colours, n and alpha are constants at every call. */
static inline __attribute__ ((always_inline)) void
add_group (const Job *job, gsize at, const float *const *neighbour, const float *alpha, int colours, int n)
{
  float *restrict weight = job->weight + at, *restrict value[IE_MAX_CHANNELS];
  const float *from[IE_MAX_CHANNELS];
  const guint16 *sum[GROUP];
  for (int c = 0; c < colours; c++) {
    value[c] = job->value[c] + at;
    from[c] = neighbour[c];
  }
  for (int t = 0; t < n; t++)
    sum[t] = job->lanes[t].sum;
  int width = job->out.width;
#pragma GCC ivdep
  for (int i = 0; i < width; i++) {
    float w = weight[i], v[IE_MAX_CHANNELS];
    for (int c = 0; c < colours; c++)
      v[c] = value[c][i];
    for (int t = 0; t < n; t++) {
      float near = (float) sum[t][i];
      if (alpha)
        near *= alpha[i + t];
      w += near;
      for (int c = 0; c < colours; c++)
        v[c] += near * from[c][i + t];
    }
    weight[i] = w;
    for (int c = 0; c < colours; c++)
      value[c][i] = v[c];
  }
}

#define ADD(colours)                                                                                                   \
  (block->alpha                                                                                                        \
       ? n == GROUP ? add_group (job, at, from, alpha, colours, GROUP) : add_group (job, at, from, alpha, colours, 1)  \
   : n == GROUP ? add_group (job, at, from, NULL, colours, GROUP)                                                      \
                : add_group (job, at, from, NULL, colours, 1))

/* Row y: adds the neighbours at (dx .. dx + n - 1, dy); n is GROUP or 1. */
static void
add_neighbours (const Job *job, int y, int dx, int dy, int n)
{
  const IeNlmeansBlock *block = job->block;
  const float *from[IE_MAX_CHANNELS];
  ptrdiff_t place = (ptrdiff_t) (y + dy - block->rect.y) * (ptrdiff_t) block->pitch + (job->out.x + dx - block->rect.x);
  const float *alpha = block->alpha ? block->alpha + place : NULL;
  gsize at = (gsize) (y - job->out.y) * (gsize) job->out.width;
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

/* Row `row` of differences of a lane goes in; the weights of row `row` - 2 patch come out in lane->sum. */
static void
feed_lane (const Job *job, Lane *lane, int row, int y, int dx, int dy)
{
  int side = job->side;
  gsize wide = (gsize) job->wide + SPARE;
  guint16 *difference = lane->difference + (gsize) (row % side) * wide;
  gboolean full = row >= side;
  if (full) /* before it is written over */
    memcpy (job->row16, difference, (gsize) job->wide * sizeof *difference);
  differences (job, difference, y, dx, dy);
  move_differences (lane->column, difference, full ? job->row16 : NULL, job->wide);
  if (row < side - 1)
    return;
  sum_along_32 (job->row32, lane->column, side, job->middle);
  guint16 *weight = lane->weight + (gsize) (row % side) * wide;
  full = row >= 2 * side - 1;
  if (full)
    memcpy (job->row16, weight, (gsize) job->middle * sizeof *weight);
  weights_of (weight, job->row32, job->offset, job->factor, job->most, job->middle);
  move_weights (lane->weights, weight, full ? job->row16 : NULL, job->middle);
  if (row < 2 * side - 2)
    return;
  sum_along_16 (lane->sum, lane->weights, side, job->out.width);
  for (int x = 0; dx == 0 && dy == 0 && x < job->out.width; x++)
    lane->sum[x] /= 2;
}

/* All pixels: adds the neighbours at (dx .. dx + n - 1, dy). */
static void
add_offsets (Job *job, int dx, int dy, int n)
{
  int patch = job->shape->patch;
  for (int t = 0; t < n; t++) {
    memset (job->lanes[t].column, 0, (gsize) job->wide * sizeof (gint32));
    memset (job->lanes[t].weights, 0, (gsize) job->wide * sizeof (guint16));
  }
  for (int row = 0; row < job->out.height + 4 * patch; row++) {
    int y = job->out.y - 2 * patch + row;
    for (int t = 0; t < n; t++)
      feed_lane (job, &job->lanes[t], row, y, dx + t, dy);
    if (row >= 4 * patch)
      add_neighbours (job, y - 2 * patch, dx, dy, n);
  }
}

static void
divide (const Job *job, float *const *to, gsize out_pitch)
{
  const IeNlmeansBlock *block = job->block;
  IeRect out = job->out;
  for (int c = 0; c < block->colours; c++)
    for (int y = 0; y < out.height; y++) {
      const float *restrict value = job->value[c] + (gsize) y * (gsize) out.width;
      const float *restrict weight = job->weight + (gsize) y * (gsize) out.width;
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
  int patch = MIN (shape->patch, MOST_PATCH), side = 2 * patch + 1;
  Job job = { .shape = shape, .block = block, .out = out, .side = side };
  job.wide = out.width + 4 * patch;
  job.middle = out.width + 2 * patch;
  job.limit = (int) __builtin_sqrt (65535.0 / block->colours);
  double variance = (double) side * side * block->colours * IE_NLMEANS_UNIT * IE_NLMEANS_UNIT;
  job.offset = (float) (shape->offset * variance);
  job.factor = (float) (1 / (shape->reach * variance));
  job.most = (float) MIN (MOST_WEIGHT, 65535 / (side * side)); /* sums over a patch fit 16 bits */
  take_scratch (&job, work);
  for (int dy = -shape->search; dy <= shape->search; dy++)
    for (int dx = -shape->search; dx <= shape->search;) {
      if (ie_work_cancelled (work))
        return;
      int n = dx + GROUP - 1 <= shape->search ? GROUP : 1;
      add_offsets (&job, dx, dy, n);
      dx += n;
    }
  divide (&job, to, out_pitch);
}
