// SPDX-License-Identifier: GPL-3.0-or-later
/* Small kernels; see stencil.h. Rows of the input are loaded as float into a ring, in stretches that stay in cache;
 * each kernel is one weighted sum of shifted rows (rows.h). */
#include "filters/kernel/stencil.h"

#include "filters/kernel/rows.h"

#include <string.h>

#define STRETCH 512 /* pixels: a ring of a few rows of four channels stays in the second cache */

IeStencils *
ie_stencils_new (gboolean luma)
{
  IeStencils *stencils = g_new0 (IeStencils, 1);
  stencils->luma = luma;
  return stencils;
}

void
ie_stencils_free (gpointer data)
{
  IeStencils *stencils = data;
  if (!stencils)
    return;
  for (int k = 0; k < stencils->count; k++) {
    g_free (stencils->kernels[k].taps);
    g_free (stencils->kernels[k].down);
    g_free (stencils->kernels[k].across);
  }
  g_free (stencils);
}

static IeStencil *
next_kernel (IeStencils *stencils)
{
  g_assert (stencils->count < IE_STENCILS_MOST);
  return &stencils->kernels[stencils->count++];
}

void
ie_stencils_add (IeStencils *stencils, const double *weights, int columns, int rows, double factor)
{
  IeStencil *kernel = next_kernel (stencils);
  kernel->taps = g_new (IeTap, rows * columns);
  double sum = 0;
  for (int i = 0; i < rows * columns; i++) {
    float weight = (float) (weights[i] * factor);
    int dx = i % columns - columns / 2, dy = i / columns - rows / 2;
    if (weight == 0)
      continue;
    kernel->taps[kernel->count++] = (IeTap){ dx, dy, weight };
    sum += weight;
    stencils->reach_x = MAX (stencils->reach_x, ABS (dx));
    stencils->reach_y = MAX (stencils->reach_y, ABS (dy));
  }
  kernel->sum = (float) sum;
}

static float *
rounded (const double *weights, int count, double *sum)
{
  float *copy = g_new (float, count);
  *sum = 0;
  for (int i = 0; i < count; i++) {
    copy[i] = (float) weights[i];
    *sum += copy[i];
  }
  return copy;
}

void
ie_stencils_add_separable (IeStencils *stencils, const double *down, const double *across, int radius)
{
  IeStencil *kernel = next_kernel (stencils);
  double down_sum, across_sum;
  kernel->radius = radius;
  kernel->down = rounded (down, 2 * radius + 1, &down_sum);
  kernel->across = rounded (across, 2 * radius + 1, &across_sum);
  kernel->sum = (float) (down_sum * across_sum);
  stencils->reach_x = MAX (stencils->reach_x, radius);
  stencils->reach_y = MAX (stencils->reach_y, radius);
}

IeRect
ie_stencils_region (const IeStep *step, IeRect output, int input)
{
  const IeStencils *stencils = step->prepared;
  return ie_rect_grow (output, stencils->reach_x, stencils->reach_y);
}

/* ---- one rectangle ----------------------------------------------------------------------------------------------- */

typedef struct {
  const IeStencils *stencils;
  const IePixels *in, *out;
  gboolean luma;
  int channels;     /* worked on: those of the picture, or luma and alpha */
  gsize line;       /* samples from a row of the ring to the next */
  float *ring;      /* 2 * reach_y + 1 rows, colour weighed by alpha */
  float *straight;  /* one stretch of the picture's own samples, with alpha */
  float *picture;   /* luma: one row as it is stored, or the result in all channels */
  float *column;    /* separable: the sum of rows */
  float *sums[IE_STENCILS_MOST];
  const float **rows;
  float *weights;
} Stencilling;

static gsize
line_samples (const IeStencils *stencils, int width, int channels)
{
  gsize samples = ((gsize) MIN (width, STRETCH) + 2 * (gsize) stencils->reach_x) * (gsize) channels;
  return (samples + 15) & ~(gsize) 15;
}

static int
most_taps (const IeStencils *stencils)
{
  int most = 1;
  for (int k = 0; k < stencils->count; k++)
    most = MAX (most, MAX (stencils->kernels[k].count, 2 * stencils->kernels[k].radius + 1));
  return most;
}

gsize
ie_stencils_memory (const IeStep *step, IeRect output, IeDepth depth)
{
  const IeStencils *stencils = step->prepared;
  gsize lines = 2 * (gsize) stencils->reach_y + 1 + 3 + (gsize) stencils->count;
  gsize taps = (gsize) most_taps (stencils) * (sizeof (gpointer) + sizeof (float));
  return lines * line_samples (stencils, output.width, step->input.channels) * sizeof (float) + taps + (lines + 8) * 64;
}

static Stencilling
stencilling_new (const IeStencils *stencils, IeWork *work, const IePixels *in, const IePixels *out)
{
  Stencilling s = { .stencils = stencils, .in = in, .out = out };
  s.luma = stencils->luma && ie_colours (in->channels, in->has_alpha) == 3;
  s.channels = s.luma ? 1 + in->has_alpha : in->channels;
  s.line = line_samples (stencils, out->rect.width, in->channels);
  gsize bytes = s.line * sizeof (float), taps = (gsize) most_taps (stencils);
  s.ring = ie_work_alloc (work, (2 * (gsize) stencils->reach_y + 1) * bytes);
  s.straight = ie_work_alloc (work, bytes);
  s.picture = ie_work_alloc (work, bytes);
  s.column = ie_work_alloc (work, bytes);
  for (int k = 0; k < stencils->count; k++)
    s.sums[k] = ie_work_alloc (work, bytes);
  s.rows = ie_work_alloc (work, taps * sizeof *s.rows);
  s.weights = ie_work_alloc (work, taps * sizeof *s.weights);
  return s;
}

void
ie_luma_row (const float *restrict rgb, int channels, float *restrict luma, int pixels)
{
  for (int i = 0; i < pixels; i++) {
    const float *p = rgb + (gsize) i * (gsize) channels;
    luma[i] = 0.2126f * p[0] + 0.7152f * p[1] + 0.0722f * p[2];
  }
}

/* Luma and alpha of pixels with alpha. */
static void
luma_alpha_row (const float *restrict in, float *restrict out, int pixels)
{
  for (int i = 0; i < pixels; i++) {
    out[2 * i] = 0.2126f * in[4 * i] + 0.7152f * in[4 * i + 1] + 0.0722f * in[4 * i + 2];
    out[2 * i + 1] = in[4 * i + 3];
  }
}

/* Pixels x .. of row y as they are worked on. `view`: the input, or the input seen as if its alpha were a colour. */
static void
load (const Stencilling *s, const IePixels *view, int x, int y, int pixels, float *out)
{
  float *into = s->luma ? s->picture : out;
  ie_weigh_load (view, x, y, pixels, IE_UNIT_CODE, into);
  if (s->luma && s->in->has_alpha)
    luma_alpha_row (into, out, pixels);
  else if (s->luma)
    ie_luma_row (into, 3, out, pixels);
}

static float *
ring_row (const Stencilling *s, int row)
{
  int rows = 2 * s->stencils->reach_y + 1;
  return s->ring + (gsize) (((row % rows) + rows) % rows) * s->line;
}

/* sum over k a c  ->  sum over k (c0 + a (c - c0)); `range` of alpha. */
static void
fill_with_centre (float *restrict sums, const float *restrict centre, int pixels, int channels, float kernel_sum,
                  float range)
{
  int colours = channels - 1;
  float factor = 1 / range;
  for (int i = 0; i < pixels; i++) {
    float missing = kernel_sum - sums[i * channels + colours] * factor;
    for (int c = 0; c < colours; c++)
      sums[i * channels + c] = sums[i * channels + c] * factor + centre[i * channels + c] * missing;
  }
}

static void
sum_separable (const Stencilling *s, int k, int y, int pixels)
{
  const IeStencil *kernel = &s->stencils->kernels[k];
  int radius = kernel->radius, taps = 2 * radius + 1, beside = s->stencils->reach_x - radius;
  for (int t = 0; t < taps; t++)
    s->rows[t] = ring_row (s, y + t - radius) + beside * s->channels;
  ie_rows_sum_float (s->column, s->rows, kernel->down, taps, FALSE, (pixels + 2 * radius) * s->channels);
  for (int t = 0; t < taps; t++)
    s->rows[t] = s->column + t * s->channels;
  ie_rows_sum_float (s->sums[k], s->rows, kernel->across, taps, FALSE, pixels * s->channels);
}

static void
sum_taps (const Stencilling *s, int k, int y, int pixels)
{
  const IeStencil *kernel = &s->stencils->kernels[k];
  for (int t = 0; t < kernel->count; t++) {
    const IeTap *tap = &kernel->taps[t];
    s->rows[t] = ring_row (s, y + tap->dy) + (tap->dx + s->stencils->reach_x) * s->channels;
    s->weights[t] = tap->weight;
  }
  if (kernel->count == 0)
    memset (s->sums[k], 0, (gsize) (pixels * s->channels) * sizeof (float));
  else
    ie_rows_sum_float (s->sums[k], s->rows, s->weights, kernel->count, FALSE, pixels * s->channels);
}

static void
store (const Stencilling *s, int x, int y, int pixels)
{
  const float *result = s->sums[0];
  if (s->luma) {
    int channels = s->in->channels, step = s->channels;
    for (int i = 0; i < pixels; i++)
      for (int c = 0; c < channels; c++)
        s->picture[i * channels + c] = result[i * step];
    result = s->picture;
  }
  ie_weigh_store (result, s->out, x, y, pixels, IE_UNIT_CODE);
}

static void
finish_row (const Stencilling *s, int x, int y, int pixels, IeCombine combine, gconstpointer data)
{
  const float *centre = ring_row (s, y) + s->stencils->reach_x * s->channels;
  if (s->in->has_alpha) {
    IePixels view = *s->in;
    view.has_alpha = FALSE;
    load (s, &view, x, y, pixels, s->straight);
    centre = s->straight;
  }
  for (int k = 0; k < s->stencils->count; k++) {
    if (s->stencils->kernels[k].down)
      sum_separable (s, k, y, pixels);
    else
      sum_taps (s, k, y, pixels);
    if (s->in->has_alpha)
      fill_with_centre (s->sums[k], centre, pixels, s->channels, s->stencils->kernels[k].sum,
                        ie_depth_range (s->in->depth));
  }
  combine (data, s->sums, centre, pixels * s->channels);
  store (s, x, y, pixels);
}

void
ie_stencils_apply (const IeStencils *stencils, IeWork *work, const IePixels *in, const IePixels *out, IeCombine combine,
                   gconstpointer data)
{
  Stencilling s = stencilling_new (stencils, work, in, out);
  IeRect rect = out->rect;
  int rx = stencils->reach_x, ry = stencils->reach_y;
  for (int x = rect.x; x < rect.x + rect.width; x += STRETCH) {
    int pixels = MIN (STRETCH, rect.x + rect.width - x);
    for (int y = rect.y - ry; y < rect.y + rect.height + ry; y++) {
      if (ie_work_cancelled (work))
        return;
      load (&s, in, x - rx, y, pixels + 2 * rx, ring_row (&s, y));
      if (y >= rect.y + ry)
        finish_row (&s, x, y - ry, pixels, combine, data);
    }
  }
}
