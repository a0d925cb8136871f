// SPDX-License-Identifier: GPL-3.0-or-later
/* One pass over the blocks of all columns and of every second row, a row of blocks at a time.
 *
 * The transform is separable, so that rows are transformed along x once and shared by the four rows of blocks that they
 * lie in; and linear, so that the way back along x is gone once for the sum of these. In between stand 64 coefficients
 * of each block, CHUNK blocks beside each other: each step is a loop over them. Sums are in an order that depends on the
 * lattice of blocks alone, which is fixed in the picture. */
#include "filters/kernel/shrink.h"

#include <string.h>

#define SIDE IE_SHRINK_SIDE
#define STEP IE_SHRINK_STEP
#define CHUNK 32 /* blocks beside each other: 64 coefficients of each fit the first cache */
#define LEAST_VARIANCE 1e-14f

/* The cosines of the transform of 8: c_k = cos (k pi / 16) / 2, c_4 also that of the mean, 1 / sqrt (8). */
#define C1 0.49039264020161522f
#define C2 0.46193976625564337f
#define C3 0.41573480615127262f
#define C4 0.35355339059327376f
#define C5 0.27778511650980111f
#define C6 0.19134171618254489f
#define C7 0.09754516100806413f

typedef float Line[CHUNK];

typedef struct {
  const IeShrinkNoise *noise;
  float threshold; /* square of it */
  const IeShrinkPlanes *in, *pilot, *out;
  int blocks, pitch;                   /* in a row, and with the room for whole chunks */
  float *along[IE_MAX_CHANNELS];       /* ring of SIDE rows of SIDE lines of pitch: in, transformed along x */
  float *pilot_along[IE_MAX_CHANNELS];
  float *sum[IE_MAX_CHANNELS];         /* ring of the same: blocks' results, still to go back along x */
  float *weight[IE_MAX_CHANNELS];      /* ring of SIDE rows of pitch */
  float *visible_along;                /* as along; NULL: all can be seen */
  float *row;                          /* SIDE + 1 lines of pitch */
  Line (*coefficient)[SIDE], (*pilot_coefficient)[SIDE], (*visible)[SIDE];
  Line *variance, *mean;               /* of each plane */
} Job;

static gsize
aligned (gsize bytes)
{
  return (bytes + 63) & ~(gsize) 63;
}

static gsize
pitch_of (int width)
{
  return (gsize) (width + IE_SHRINK_MARGIN + CHUNK - 1) / CHUNK * CHUNK;
}

gsize
ie_shrink_memory (int width, int colours, gboolean has_pilot)
{
  gsize line = aligned (pitch_of (width) * sizeof (float)), ring = line * SIDE * SIDE;
  return (gsize) colours * (ring * (has_pilot ? 3 : 2) + line * SIDE + 2 * sizeof (Line)) + ring + line * (SIDE + 1) +
         3 * SIDE * SIDE * sizeof (Line) + 1024;
}

static void
take_scratch (Job *job, IeWork *work)
{
  gsize line = aligned ((gsize) job->pitch * sizeof (float)), ring = line * SIDE * SIDE;
  for (int c = 0; c < job->noise->colours; c++) {
    job->along[c] = ie_work_alloc (work, ring);
    job->pilot_along[c] = job->pilot ? ie_work_alloc (work, ring) : NULL;
    job->sum[c] = ie_work_alloc (work, ring);
    job->weight[c] = ie_work_alloc (work, line * SIDE);
    memset (job->along[c], 0, ring); /* what lies behind the last block is computed with, and not used */
    if (job->pilot)
      memset (job->pilot_along[c], 0, ring);
    memset (job->sum[c], 0, ring);
    memset (job->weight[c], 0, line * SIDE);
  }
  job->visible_along = job->in->visible ? ie_work_alloc (work, ring) : NULL;
  if (job->visible_along)
    memset (job->visible_along, 0, ring);
  job->row = ie_work_alloc (work, line * (SIDE + 1));
  job->coefficient = ie_work_alloc (work, SIDE * SIDE * sizeof (Line));
  job->pilot_coefficient = ie_work_alloc (work, SIDE * SIDE * sizeof (Line));
  job->visible = ie_work_alloc (work, SIDE * SIDE * sizeof (Line));
  job->mean = ie_work_alloc (work, (gsize) job->noise->colours * sizeof (Line));
  job->variance = ie_work_alloc (work, (gsize) job->noise->colours * sizeof (Line));
}

/* Eight samples to eight coefficients, orthonormal. */
#define FORWARD(x0, x1, x2, x3, x4, x5, x6, x7, store)                                                                 \
  {                                                                                                                    \
    float s0 = x0 + x7, s1 = x1 + x6, s2 = x2 + x5, s3 = x3 + x4, d0 = x0 - x7, d1 = x1 - x6, d2 = x2 - x5,            \
          d3 = x3 - x4;                                                                                                \
    float e0 = s0 + s3, e1 = s1 + s2, e2 = s0 - s3, e3 = s1 - s2;                                                      \
    store (0, C4 * (e0 + e1));                                                                                         \
    store (4, C4 * (e0 - e1));                                                                                         \
    store (2, C2 * e2 + C6 * e3);                                                                                      \
    store (6, C6 * e2 - C2 * e3);                                                                                      \
    store (1, (C1 * d0 + C3 * d1) + (C5 * d2 + C7 * d3));                                                              \
    store (3, (C3 * d0 - C7 * d1) - (C1 * d2 + C5 * d3));                                                              \
    store (5, (C5 * d0 - C1 * d1) + (C7 * d2 + C3 * d3));                                                              \
    store (7, (C7 * d0 - C5 * d1) + (C3 * d2 - C1 * d3));                                                              \
  }

/* The reverse. */
#define BACKWARD(k0, k1, k2, k3, k4, k5, k6, k7, store)                                                                \
  {                                                                                                                    \
    float a = C4 * (k0 + k4), b = C4 * (k0 - k4), c = C2 * k2 + C6 * k6, d = C6 * k2 - C2 * k6;                        \
    float s0 = a + c, s3 = a - c, s1 = b + d, s2 = b - d;                                                              \
    float d0 = (C1 * k1 + C3 * k3) + (C5 * k5 + C7 * k7), d1 = (C3 * k1 - C7 * k3) - (C1 * k5 + C5 * k7);              \
    float d2 = (C5 * k1 - C1 * k3) + (C7 * k5 + C3 * k7), d3 = (C7 * k1 - C5 * k3) + (C3 * k5 - C1 * k7);              \
    store (0, s0 + d0);                                                                                                \
    store (7, s0 - d0);                                                                                                \
    store (1, s1 + d1);                                                                                                \
    store (6, s1 - d1);                                                                                                \
    store (2, s2 + d2);                                                                                                \
    store (5, s2 - d2);                                                                                                \
    store (3, s3 + d3);                                                                                                \
    store (4, s3 - d3);                                                                                                \
  }

/* Blocks' columns of a row, transformed along x: line u of `to` has coefficient u of the block that begins there. */
static void
row_forward (const float *restrict from, float *restrict to, int blocks, int pitch)
{
#define STORE(u, value) to[(u) * pitch + x] = value
#pragma GCC ivdep
  for (int x = 0; x < blocks; x++)
    FORWARD (from[x], from[x + 1], from[x + 2], from[x + 3], from[x + 4], from[x + 5], from[x + 6], from[x + 7], STORE)
#undef STORE
}

static void
row_backward (const float *restrict from, float *restrict to, int blocks, int pitch)
{
#define STORE(i, value) to[(i) * pitch + x] = value
#define AT(u) from[(u) * pitch + x]
#pragma GCC ivdep
  for (int x = 0; x < blocks; x++)
    BACKWARD (AT (0), AT (1), AT (2), AT (3), AT (4), AT (5), AT (6), AT (7), STORE)
#undef AT
#undef STORE
}

static inline float *
ring_row (float *ring, int pitch, int y)
{
  return ring + (gsize) (y & (SIDE - 1)) * SIDE * (gsize) pitch;
}

/* The columns of CHUNK blocks from row y on, at line u. */
static void
columns_forward (float *ring, int pitch, int y, int u, int x, Line *restrict to)
{
  const float *r[SIDE];
  for (int k = 0; k < SIDE; k++)
    r[k] = ring_row (ring, pitch, y + k) + (gsize) u * (gsize) pitch + x;
#define STORE(v, value) to[v][i] = value
#pragma GCC ivdep
  for (int i = 0; i < CHUNK; i++)
    FORWARD (r[0][i], r[1][i], r[2][i], r[3][i], r[4][i], r[5][i], r[6][i], r[7][i], STORE)
#undef STORE
}

/* Back, and onto the sum. */
static void
columns_backward (float *ring, int pitch, int y, int u, int x, const Line *restrict from, const float *restrict weight)
{
  float *r[SIDE];
  for (int k = 0; k < SIDE; k++)
    r[k] = ring_row (ring, pitch, y + k) + (gsize) u * (gsize) pitch + x;
#define STORE(k, value) r[k][i] += weight[i] * (value)
#pragma GCC ivdep
  for (int i = 0; i < CHUNK; i++)
    BACKWARD (from[0][i], from[1][i], from[2][i], from[3][i], from[4][i], from[5][i], from[6][i], from[7][i], STORE)
#undef STORE
}

/* Means of CHUNK blocks. */
static void
find_mean (float *ring, int pitch, int y, int x, float *restrict mean)
{
  for (int i = 0; i < CHUNK; i++)
    mean[i] = 0.0f;
  for (int k = 0; k < SIDE; k++) {
    const float *restrict row = ring_row (ring, pitch, y + k) + x;
    for (int i = 0; i < CHUNK; i++)
      mean[i] += row[i] * (C4 / SIDE);
  }
}

/* ... of what can be seen in them. */
static void
find_means (Job *job, int y, int x)
{
  Line visible;
  for (int c = 0; c < job->noise->colours; c++)
    find_mean (job->along[c], job->pitch, y, x, job->mean[c]);
  if (!job->visible_along)
    return;
  find_mean (job->visible_along, job->pitch, y, x, visible);
  for (int i = 0; i < CHUNK; i++) /* less than half a pixel is none, but for rounding */
    visible[i] = visible[i] * SIDE * SIDE > 0.5f ? 1.0f / visible[i] : 0.0f;
  for (int c = 0; c < job->noise->colours; c++)
    for (int i = 0; i < CHUNK; i++)
      job->mean[c][i] *= visible[i];
}

/* Variances of the planes' coefficients, by the means. */
static void
find_variances (Job *job)
{
  const IeShrinkNoise *noise = job->noise;
  Line channel[IE_MAX_CHANNELS];
  for (int c = 0; c < noise->colours; c++) {
    float a = (float) noise->models[c].a, b = (float) noise->models[c].b, square = (float) noise->models[c].c;
    for (int i = 0; i < CHUNK; i++) {
      float v = 0;
      for (int o = 0; o < noise->colours; o++)
        v += noise->mix[o][c] * job->mean[o][i];
      v = v > 0.0f ? v : 0.0f;
      v = v < 1.0f ? v : 1.0f;
      channel[c][i] = noise->scale * (a + v * (b + v * square));
    }
  }
  for (int o = 0; o < noise->colours; o++)
    for (int i = 0; i < CHUNK; i++) {
      float v = 0;
      for (int c = 0; c < noise->colours; c++)
        v += noise->mix[o][c] * noise->mix[o][c] * channel[c][i];
      job->variance[o][i] = v;
    }
}

/* What cannot be seen becomes the mean: so much of it is added where `visible`, transformed, lacks it. */
static void
fill_chunk (Line (*restrict coefficient)[SIDE], Line (*restrict visible)[SIDE], const float *restrict mean)
{
  for (int k = 0; k < SIDE * SIDE; k++) {
    float *restrict line = coefficient[k / SIDE][k % SIDE];
    const float *restrict seen = visible[k / SIDE][k % SIDE];
    float whole = k == 0 ? SIDE : 0.0f;
    for (int i = 0; i < CHUNK; i++)
      line[i] += mean[i] * (whole - seen[i]);
  }
}

/* Small coefficients become 0; weight: one over how many are left. The mean stays. */
static void
threshold_chunk (Line (*restrict coefficient)[SIDE], const float (*profile)[SIDE], const float *restrict variance,
                 float threshold, float *restrict weight)
{
  Line count, least;
  for (int i = 0; i < CHUNK; i++) {
    count[i] = 1.0f;
    least[i] = threshold * variance[i];
  }
  for (int k = 1; k < SIDE * SIDE; k++) {
    float *restrict line = coefficient[k / SIDE][k % SIDE], share = profile[k / SIDE][k % SIDE];
    for (int i = 0; i < CHUNK; i++) {
      float keep = line[i] * line[i] > share * least[i] ? 1.0f : 0.0f;
      line[i] *= keep;
      count[i] += keep;
    }
  }
  for (int i = 0; i < CHUNK; i++)
    weight[i] = 1.0f / count[i];
}

/* Wiener's gain by the pilot's power; weight: one over the sum of the gains' squares, as the noise that is left. */
static void
wiener_chunk (Line (*restrict coefficient)[SIDE], Line (*restrict pilot)[SIDE], const float (*profile)[SIDE],
              const float *restrict variance, float *restrict weight)
{
  Line sum;
  for (int i = 0; i < CHUNK; i++)
    sum[i] = 1.0f;
  for (int k = 1; k < SIDE * SIDE; k++) {
    float *restrict line = coefficient[k / SIDE][k % SIDE], share = profile[k / SIDE][k % SIDE];
    const float *restrict guess = pilot[k / SIDE][k % SIDE];
    for (int i = 0; i < CHUNK; i++) {
      float power = guess[i] * guess[i], gain = power / (power + (share * variance[i] + LEAST_VARIANCE));
      line[i] *= gain;
      sum[i] += gain * gain;
    }
  }
  for (int i = 0; i < CHUNK; i++)
    weight[i] = 1.0f / sum[i];
}

/* The blocks whose first row is y. */
static void
do_blocks (Job *job, int y)
{
  for (int x = 0; x < job->blocks; x += CHUNK) {
    find_means (job, y, x);
    find_variances (job);
    for (int u = 0; job->visible_along && u < SIDE; u++)
      columns_forward (job->visible_along, job->pitch, y, u, x, job->visible[u]);
    for (int c = 0; c < job->noise->colours; c++) {
      Line weight;
      for (int u = 0; u < SIDE; u++)
        columns_forward (job->along[c], job->pitch, y, u, x, job->coefficient[u]);
      if (job->visible_along)
        fill_chunk (job->coefficient, job->visible, job->mean[c]);
      for (int u = 0; job->pilot && u < SIDE; u++)
        columns_forward (job->pilot_along[c], job->pitch, y, u, x, job->pilot_coefficient[u]);
      if (job->pilot)
        wiener_chunk (job->coefficient, job->pilot_coefficient, job->noise->profile, job->variance[c], weight);
      else
        threshold_chunk (job->coefficient, job->noise->profile, job->variance[c], job->threshold, weight);
      for (int u = 0; u < SIDE; u++)
        columns_backward (job->sum[c], job->pitch, y, u, x, (const Line *) job->coefficient[u], weight);
      for (int k = 0; k < SIDE; k++) {
        float *restrict sum = job->weight[c] + (gsize) ((y + k) & (SIDE - 1)) * (gsize) job->pitch + x;
        for (int i = 0; i < CHUNK; i++)
          sum[i] += weight[i];
      }
    }
  }
}

/* Row y is complete: it leaves, where it belongs to the output, and its place in the rings is cleared. */
static void
finish_row (Job *job, int y)
{
  IeRect out = job->out->rect;
  gsize pitch = (gsize) job->pitch;
  for (int c = 0; c < job->noise->colours; c++) {
    float *sum = ring_row (job->sum[c], job->pitch, y), *weight = job->weight[c] + (gsize) (y & (SIDE - 1)) * pitch;
    if (y >= out.y) {
      float *restrict to = job->out->plane[c] + (gsize) (y - out.y) * (gsize) out.width;
      float *restrict total = job->row + SIDE * pitch;
      row_backward (sum, job->row, job->blocks, job->pitch);
      memset (to, 0, (gsize) out.width * sizeof *to);
      memset (total, 0, (gsize) out.width * sizeof *total);
      for (int i = 0; i < SIDE; i++) {
        /* Pixel x is number i of the block that begins i before it; block 0 begins SIDE - 1 before pixel 0. */
        const float *restrict from = job->row + (gsize) i * pitch + (SIDE - 1 - i);
        const float *restrict part = weight + (SIDE - 1 - i);
        for (int x = 0; x < out.width; x++) {
          to[x] += from[x];
          total[x] += part[x];
        }
      }
      for (int x = 0; x < out.width; x++)
        to[x] /= total[x];
    }
    memset (sum, 0, SIDE * pitch * sizeof *sum);
    memset (weight, 0, pitch * sizeof *weight);
  }
}

static void
take_row (Job *job, int y)
{
  gsize at = (gsize) (y - job->in->rect.y) * (gsize) job->in->rect.width;
  for (int c = 0; c < job->noise->colours; c++) {
    row_forward (job->in->plane[c] + at, ring_row (job->along[c], job->pitch, y), job->blocks, job->pitch);
    if (job->pilot)
      row_forward (job->pilot->plane[c] + at, ring_row (job->pilot_along[c], job->pitch, y), job->blocks, job->pitch);
  }
  if (job->visible_along)
    row_forward (job->in->visible + at, ring_row (job->visible_along, job->pitch, y), job->blocks, job->pitch);
}

void
ie_shrink_pass (const IeShrinkNoise *noise, float threshold, IeWork *work, const IeShrinkPlanes *in,
                const IeShrinkPlanes *pilot, const IeShrinkPlanes *out)
{
  Job job = { .noise = noise, .threshold = threshold * threshold, .in = in, .pilot = pilot, .out = out,
              .blocks = out->rect.width + IE_SHRINK_MARGIN, .pitch = (int) pitch_of (out->rect.width) };
  int first = in->rect.y + (in->rect.y & (STEP - 1)), bottom = out->rect.y + out->rect.height;
  take_scratch (&job, work);
  for (int y = first; y < first + SIDE - STEP; y++)
    take_row (&job, y);
  for (int y = first; y < bottom; y += STEP) {
    if (ie_work_cancelled (work))
      return;
    for (int k = SIDE - STEP; k < SIDE; k++)
      take_row (&job, y + k);
    do_blocks (&job, y);
    for (int k = 0; k < STEP && y + k < bottom; k++)
      finish_row (&job, y + k);
  }
}
