// SPDX-License-Identifier: GPL-3.0-or-later
/* guided: smooths areas and keeps edges by fitting, in each square window, a line of the sample to itself.
 *
 *   a(w) = var(w) / (var(w) + eps)    b(w) = (1 - a(w)) mean(w)    eps = (sigma-range)^2
 *   out(p) = mean of a over the windows that hold p * in(p) + mean of b over them
 *
 * mean and var are over the (2 radius + 1)^2 samples of a window, of each channel alone. Where the variance is far
 * below eps the result is a mean, where it is far above the sample itself; gradients are not reversed at edges. With
 * alpha, mean and var are weighed by it, and windows by the sum of their alpha.
 *
 * Sums over windows are made of sums of 1, 2, 4, ... neighbours by the binary digits of the side: no running sum of
 * floats, so samples do not depend on rectangles, and the cost grows with the logarithm of the radius. The sample less
 * 1/2 is summed, in 0 .. 1, in float: the variance is right to 1e-7.
 *
 * Source: K. He, J. Sun, X. Tang, "Guided Image Filtering", IEEE Transactions on Pattern Analysis and Machine
 * Intelligence 35 (6), 2013, the picture being its own guide. */
#include "core/filter.h"
#include "core/i18n.h"
#include "filters/kernel/planes.h"

#include <string.h>

enum { RADIUS, SIGMA_RANGE };

static const IeParam params[] = {
  [RADIUS] = { .id = "radius",
               .label = N_ ("Radius"),
               .type = IE_PARAM_INT,
               .unit = "px",
               .initial = 4,
               .min = 0,
               .max = 200,
               .slider_min = 0,
               .slider_max = 30,
               .summary =
                   N_ ("Half the side of the square windows, whose side is 2 radius + 1 pixels; 0 changes nothing.") },
  [SIGMA_RANGE] = { .id = "sigma-range",
                    .label = N_ ("Edge Threshold"),
                    .type = IE_PARAM_FLOAT,
                    .unit = "% of range",
                    .initial = 5,
                    .min = 0,
                    .max = 100,
                    .slider_min = 0,
                    .slider_max = 40,
                    .summary = N_ ("Differences of this size count as edges: the root of eps; 0 changes nothing.") },
  IE_PARAMS_END,
};

#define MIDDLE 0.5f

static gboolean
neutral (const IeParams *values)
{
  return ie_int (values, RADIUS) == 0 || ie_number (values, SIGMA_RANGE) == 0;
}

static IeRect
region (const IeStep *step, IeRect output, int input)
{
  int reach = 2 * ie_int (step->params, RADIUS); /* windows that hold a pixel, and what they hold */
  return ie_rect_grow (output, reach, reach);
}

/* Planes of the input's size: the sample, its square, alpha, and one to sum in. */
enum { SAMPLE, SQUARE, ALPHA, SUM, PLANES };

static gsize
plane_bytes (IeRect in)
{
  return ((gsize) in.width * (gsize) in.height * sizeof (float) + 63) & ~(gsize) 63;
}

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  return PLANES * plane_bytes (region (step, output, 0));
}

/* A plane: `width` x `height` samples, rows without a gap. */
typedef struct {
  int width, height;
} Size;

/* to[i] (+)= from[i]: one binary digit of a sum over neighbours. */
static void
take_digit (float *restrict to, const float *restrict from, gsize count, gboolean add)
{
  if (add)
    for (gsize i = 0; i < count; i++)
      to[i] += from[i];
  else
    memcpy (to, from, count * sizeof *to);
}

static void
double_sums (float *from, gsize count, gsize step)
{
#pragma GCC ivdep
  for (gsize i = 0; i < count; i++)
    from[i] = from[i] + from[i + step]; /* what is read is written later */
}

/* to[i] = from[i] + from[i + pitch] + ... `side` of them, 0 <= i < count; from, of count + (side - 1) * pitch samples,
 * is used up. */
static void
sum_neighbours (float *to, float *from, gsize count, int side, gsize pitch)
{
  gboolean begun = FALSE;
  gsize place = 0, all = count + (gsize) (side - 1) * pitch;
  for (int width = 1; width <= side; width *= 2) {
    if (side & width) {
      take_digit (to, from + place * pitch, count, begun);
      begun = TRUE;
      place += (gsize) width;
    }
    if (2 * width <= side) {
      all -= (gsize) width * pitch;
      double_sums (from, all, (gsize) width * pitch);
    }
  }
}

/* Sums of `plane` over windows, in place, its size shrinking by side - 1; `spare` is as large. */
static Size
sum_windows (float *plane, float *spare, Size size, int side)
{
  Size out = { size.width - side + 1, size.height - side + 1 };
  gsize row = (gsize) size.width;
  sum_neighbours (spare, plane, row * (gsize) out.height, side, row);
  for (int y = 0; y < out.height; y++)
    sum_neighbours (plane + (gsize) y * (gsize) out.width, spare + (gsize) y * row, (gsize) out.width, side, 1);
  return out;
}

/* Rows y of channel c, 0 .. 1 less 1/2, times alpha, and their squares. */
static void
load_channel (const IePixels *in, int c, float *const *planes)
{
  float scale = 1.0f / ie_depth_range (in->depth);
  int width = in->rect.width;
  for (int y = 0; y < in->rect.height; y++) {
    gsize at = (gsize) y * (gsize) width;
    float *restrict sample = planes[SAMPLE] + at, *restrict square = planes[SQUARE] + at;
    float *restrict alpha = planes[ALPHA] + at;
    ie_planes_load (in, in->rect.x, in->rect.y + y, width, c, sample);
    if (in->has_alpha)
      ie_planes_load (in, in->rect.x, in->rect.y + y, width, in->channels - 1, alpha);
    for (int x = 0; x < width; x++) {
      float v = sample[x] * scale - MIDDLE, weight = in->has_alpha ? alpha[x] * scale : 1.0f;
      sample[x] = v * weight;
      square[x] = v * v * weight;
      alpha[x] = weight;
    }
  }
}

/* Sums over windows -> a and b, weighed by the window's alpha (or its size). */
static void
fit (float *restrict sample, float *restrict square, const float *restrict alpha, gsize count, float eps)
{
  for (gsize i = 0; i < count; i++) {
    float weight = alpha[i], inverse = weight > 0 ? 1.0f / weight : 0;
    float mean = sample[i] * inverse, variance = square[i] * inverse - mean * mean;
    variance = variance > 0 ? variance : 0;
    float a = variance / (variance + eps);
    square[i] = a * weight;
    sample[i] = (mean - a * mean) * weight;
  }
}

static void
store_channel (const IePixels *in, const IePixels *out, int c, float *const *planes)
{
  float range = ie_depth_range (in->depth), scale = 1.0f / range;
  int width = out->rect.width;
  float *restrict own = planes[SUM];
  for (int y = 0; y < out->rect.height; y++) {
    gsize at = (gsize) y * (gsize) width;
    const float *restrict a = planes[SQUARE] + at, *restrict b = planes[SAMPLE] + at,
                          *restrict weight = planes[ALPHA] + at;
    ie_planes_load (in, out->rect.x, out->rect.y + y, width, c, own);
    for (int x = 0; x < width; x++) {
      float v = own[x] * scale - MIDDLE, inverse = weight[x] > 0 ? 1.0f / weight[x] : 0;
      own[x] = (a[x] * inverse * v + b[x] * inverse + MIDDLE) * range;
    }
    ie_planes_store (own, out, out->rect.x, out->rect.y + y, width, c);
  }
}

static void
copy_alpha (const IePixels *in, const IePixels *out, float *row)
{
  for (int y = out->rect.y; y < out->rect.y + out->rect.height; y++) {
    ie_planes_load (in, out->rect.x, y, out->rect.width, in->channels - 1, row);
    ie_planes_store (row, out, out->rect.x, y, out->rect.width, in->channels - 1);
  }
}

/* Every depth: the views say which. */
static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  int side = 2 * ie_int (step->params, RADIUS) + 1;
  double sigma = ie_number (step->params, SIGMA_RANGE) / 100;
  float *planes[PLANES];
  for (int i = 0; i < PLANES; i++)
    planes[i] = ie_work_alloc (work, plane_bytes (in->rect));
  for (int c = 0; c < ie_colours (in->channels, in->has_alpha); c++) {
    Size size = { in->rect.width, in->rect.height }, windows = size;
    load_channel (in, c, planes);
    for (int p = SAMPLE; p <= ALPHA; p++) {
      if (ie_work_cancelled (work))
        return;
      windows = sum_windows (planes[p], planes[SUM], size, side);
    }
    fit (planes[SAMPLE], planes[SQUARE], planes[ALPHA], (gsize) windows.width * (gsize) windows.height,
         (float) (sigma * sigma));
    for (int p = SAMPLE; p <= ALPHA; p++) {
      if (ie_work_cancelled (work))
        return;
      sum_windows (planes[p], planes[SUM], windows, side);
    }
    store_channel (in, out, c, planes);
  }
  if (in->has_alpha)
    copy_alpha (in, out, planes[SUM]);
}

IE_FILTER (guided) = {
  .name = "guided",
  .version = 1,
  .label = N_ ("Guided"),
  .summary = N_ ("Smooths areas and keeps edges by fitting a line in each window, the picture being its own guide"),
  .group = N_ ("Blur"),
  .citation = "K. He, J. Sun, X. Tang, Guided Image Filtering, IEEE Transactions on Pattern Analysis and Machine "
              "Intelligence 35 (6), 2013",
  .filter_class = IE_AREA,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .neutral = neutral,
  .region = region,
  .memory = memory,
  .apply = apply,
  .apply_u8 = apply,
  .apply_u16 = apply,
};
