// SPDX-License-Identifier: GPL-3.0-or-later
/* The bilateral filter term by term.
 *
 * Rows become float planes once, in a ring as high as the window and IE_STRETCH columns wide, so that they stay in the
 * first-level cache. A row of output is then swept with groups of neighbours of one row: the weight of a neighbour is
 * 2^(spatial - k distance^2), computed, not looked up: gathers cost more. What is summed is the difference to the
 * centre, so that rounding is that of differences and flat stays flat exactly. */
#include "filters/kernel/bilateral.h"
#include "filters/kernel/planes.h"
#include "filters/kernel/weight.h"

#include <string.h>

#define STRETCH 256 /* columns of output at a time */
#define GROUP 4     /* neighbours at a time: what their sums need fits the registers */
#define MOST (IE_MAX_CHANNELS + 1)

typedef struct {
  float weight[STRETCH];
  float value[IE_MAX_CHANNELS][STRETCH];
} Sums;

/* Planes of a row: colours, then luma (with shape.luma), then alpha (if there is one). */
typedef struct {
  const float *plane[MOST];
} Row;

typedef struct {
  const IeBilateral *bilateral;
  const IePixels *in, *out;
  int colours, planes;
  gboolean luma, alpha;
  float range_factor; /* of distance^2, in log2 */
  float *ring;        /* 2 radius + 1 rows of `planes` planes of `pitch` samples */
  gsize pitch;
  Sums *sums;
} Job;

IeBilateral *
ie_bilateral_new (const IeBilateralShape *shape)
{
  IeBilateral *b = g_new0 (IeBilateral, 1);
  int radius = shape->radius, side = 2 * radius + 1;
  b->shape = *shape;
  b->reach = g_new (int, radius + 1);
  b->spatial = g_new (float, (gsize) side *side);
  double factor = -1.44269504088896340736 / (2 * shape->sigma_space * shape->sigma_space); /* log2 e */
  for (int y = 0; y <= radius; y++) {
    int reach = radius;
    while (!shape->square && reach * reach + y * y > radius * radius)
      reach--;
    b->reach[y] = reach;
  }
  for (int y = -radius; y <= radius; y++)
    for (int x = -radius; x <= radius; x++)
      b->spatial[(y + radius) * side + x + radius] = (float) (factor * (x * x + y * y));
  return b;
}

void
ie_bilateral_free (gpointer bilateral)
{
  IeBilateral *b = bilateral;
  if (!b)
    return;
  g_free (b->reach);
  g_free (b->spatial);
  g_free (b);
}

static int
planes_of (int channels, gboolean luma)
{
  return channels + luma;
}

static gsize
pitch_of (const IeBilateralShape *shape, int width)
{
  return ((gsize) MIN (width, STRETCH) + 2 * (gsize) shape->radius + 31) & ~(gsize) 15;
}

gsize
ie_bilateral_exact_memory (const IeBilateralShape *shape, IeRect out, int channels)
{
  gsize rows = 2 * (gsize) shape->radius + 1;
  return rows * (gsize) planes_of (channels, shape->luma) * pitch_of (shape, out.width) * sizeof (float) +
         sizeof (Sums) + 256;
}

/* Adds n neighbours of one row; colours, luma, alpha and n are constants at every call. pixel
 * `first` of the row `neighbour` is the first of them, `spatial` has the logarithms of their weights by place. Whole vectors:
 * what lies beyond the stretch is computed and never looked at. By hand: compilers spill the sums between two neighbours. */
static inline __attribute__ ((always_inline)) void
add_group (Sums *restrict sums, const Row *centre, const Row *neighbour, int first, const float *spatial,
           float range_factor, int colours, gboolean luma, gboolean alpha, int n, int width)
{
  const float *own[MOST], *other[MOST];
  for (int c = 0; c < colours + luma + alpha; c++) {
    own[c] = centre->plane[c];
    other[c] = neighbour->plane[c] + first;
  }
  for (int i = 0; i < width; i += IE_VECTOR) {
    IeVector weight = ie_vector_load (sums->weight + i), value[IE_MAX_CHANNELS];
    for (int c = 0; c < colours; c++)
      value[c] = ie_vector_load (sums->value[c] + i);
    for (int t = 0; t < n; t++) {
      IeVector difference[MOST], distance = { 0 };
      for (int c = 0; c < colours + luma; c++)
        difference[c] = ie_vector_load (other[c] + i + t) - ie_vector_load (own[c] + i);
      if (luma)
        distance = difference[colours];
      else
        for (int c = 0; c < colours; c++)
          distance = c == 0 ? ie_vector_magnitude (difference[c]) : distance + ie_vector_magnitude (difference[c]);
      IeVector w = ie_weight_exp2_vector (spatial[t] - distance * distance * range_factor);
      if (alpha)
        w *= ie_vector_load (other[colours + luma] + i + t);
      weight += w;
      for (int c = 0; c < colours; c++)
        value[c] += w * difference[c];
    }
    ie_vector_store (weight, sums->weight + i);
    for (int c = 0; c < colours; c++)
      ie_vector_store (value[c], sums->value[c] + i);
  }
}

#define ADD_GROUP(t, n)                                                                                                \
  add_group (job->sums, centre, &row, t, spatial + done + t, job->range_factor, colours, luma, alpha, n, width)

static inline __attribute__ ((always_inline)) void
add_row (const Job *job, const Row *centre, const Row *neighbour, const float *spatial, int count, int width,
         int colours, gboolean luma, gboolean alpha)
{
  gboolean quick = (colours == 1 || colours == 3) && !alpha; /* what is rare need not be four loops more */
  Row row = *neighbour;
  for (int done = 0; done < count; done += GROUP) {
    int n = MIN (count - done, GROUP);
    if (!quick)
      for (int t = 0; t < n; t++)
        ADD_GROUP (t, 1);
    else if (n == 4)
      ADD_GROUP (0, 4);
    else if (n == 3)
      ADD_GROUP (0, 3);
    else if (n == 2)
      ADD_GROUP (0, 2);
    else
      ADD_GROUP (0, 1);
    for (int c = 0; c < job->planes; c++)
      row.plane[c] += GROUP;
  }
}

#define ADD_ROW(colours, luma, alpha) (add_row (job, centre, neighbour, spatial, count, width, colours, luma, alpha))
#define ADD_ROW_KINDS(colours)                                                                                         \
  (job->luma && job->alpha ? ADD_ROW (colours, TRUE, TRUE)                                                             \
   : job->luma             ? ADD_ROW (colours, TRUE, FALSE)                                                            \
   : job->alpha            ? ADD_ROW (colours, FALSE, TRUE)                                                            \
                           : ADD_ROW (colours, FALSE, FALSE))

/* count neighbours from neighbour on, for a stretch of a row. */
static void
add_neighbours (const Job *job, const Row *centre, const Row *neighbour, const float *spatial, int count, int width)
{
  switch (job->colours) {
  case 1:
    return ADD_ROW_KINDS (1);
  case 2:
    return ADD_ROW_KINDS (2);
  case 3:
    return ADD_ROW_KINDS (3);
  default:
    return ADD_ROW_KINDS (4);
  }
}

static float *
ring_row (const Job *job, int y)
{
  int side = 2 * job->bilateral->shape.radius + 1, slot = (y - job->in->rect.y) % side;
  return job->ring + (gsize) slot * (gsize) job->planes * job->pitch;
}

/* Row y of the picture, `pixels` from x on, into the ring. */
static void
load_row (const Job *job, int x, int y, int pixels)
{
  float *to = ring_row (job, y), *restrict luma = to + (gsize) job->colours * job->pitch;
  for (int c = 0; c < job->colours; c++)
    ie_planes_load (job->in, x, y, pixels, c, to + (gsize) c * job->pitch);
  if (job->luma) {
    float share = 1.0f / (float) job->colours;
    memset (luma, 0, (gsize) pixels * sizeof *luma);
    for (int c = 0; c < job->colours; c++) {
      const float *restrict colour = to + (gsize) c * job->pitch;
      for (int i = 0; i < pixels; i++)
        luma[i] += colour[i] * share;
    }
  }
  if (job->alpha)
    ie_planes_load (job->in, x, y, pixels, job->colours, to + (gsize) (job->planes - 1) * job->pitch);
}

/* The planes of row y, from the pixel `offset` of the stretch on. */
static Row
row_at (const Job *job, int y, int offset)
{
  Row row = { { NULL } };
  const float *planes = ring_row (job, y);
  for (int c = 0; c < job->planes; c++)
    row.plane[c] = planes + (gsize) c * job->pitch + offset;
  return row;
}

static void
store_row (const Job *job, int x, int y, int width)
{
  Sums *restrict sums = job->sums;
  Row centre = row_at (job, y, job->bilateral->shape.radius);
  for (int c = 0; c < job->colours; c++) {
    const float *restrict own = centre.plane[c];
    for (int i = 0; i < width; i++) {
      float weight = sums->weight[i];
      sums->value[c][i] = own[i] + (weight > 0 ? sums->value[c][i] / weight : 0);
    }
    ie_planes_store (sums->value[c], job->out, x, y, width, c);
  }
  if (job->alpha)
    ie_planes_store (centre.plane[job->planes - 1], job->out, x, y, width, job->colours);
}

static void
do_row (const Job *job, int x, int y, int width)
{
  const IeBilateral *b = job->bilateral;
  int radius = b->shape.radius, side = 2 * radius + 1;
  Row centre = row_at (job, y, radius);
  memset (job->sums, 0, sizeof *job->sums);
  for (int dy = -radius; dy <= radius; dy++) {
    int reach = b->reach[ABS (dy)];
    Row neighbour = row_at (job, y + dy, radius - reach);
    add_neighbours (job, &centre, &neighbour, b->spatial + (dy + radius) * side + radius - reach, 2 * reach + 1, width);
  }
  store_row (job, x, y, width);
}

void
ie_bilateral_exact (const IeBilateral *bilateral, IeWork *work, const IePixels *in, const IePixels *out)
{
  const IeBilateralShape *shape = &bilateral->shape;
  int radius = shape->radius, colours = ie_colours (in->channels, in->has_alpha);
  Job job = { .bilateral = bilateral, .in = in, .out = out, .colours = colours, .luma = shape->luma && colours > 1 };
  job.alpha = in->has_alpha;
  job.planes = planes_of (in->channels, job.luma);
  /* The mean of the differences, or the difference of the mean; in codes. */
  double sigma = shape->sigma_range * (double) ie_depth_range (in->depth) * (job.luma ? 1 : colours);
  job.range_factor = (float) (1.44269504088896340736 / (2 * sigma * sigma));
  job.pitch = pitch_of (shape, out->rect.width);
  job.ring = ie_work_alloc (work, (2 * (gsize) radius + 1) * (gsize) job.planes * job.pitch * sizeof (float));
  job.sums = ie_work_alloc (work, sizeof (Sums));
  IeRect r = out->rect;
  for (int x = r.x; x < r.x + r.width; x += STRETCH) {
    int width = MIN (STRETCH, r.x + r.width - x);
    for (int y = r.y - radius; y < r.y + radius; y++)
      load_row (&job, x - radius, y, width + 2 * radius);
    for (int y = r.y; y < r.y + r.height; y++) {
      if (ie_work_cancelled (work))
        return;
      load_row (&job, x - radius, y + radius, width + 2 * radius);
      do_row (&job, x, y, width);
    }
  }
}
