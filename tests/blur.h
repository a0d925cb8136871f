// SPDX-License-Identifier: GPL-3.0-or-later
/* What the tests of blurs share: pictures of patterns, the Gaussian's definition in double precision, filters without
 * the engine at every level of this processor. */
#pragma once

#include "core/registry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "filters/kernel/gaussian.h"

#define FLOAT_BOUND 3.2e-5 /* gaussian.h, two dimensions; asked for: 1e-4 of range */

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

typedef struct {
  int width, height, channels;
  gboolean has_alpha;
  IeDepth depth;
  void *data;
} Picture;

static inline size_t
pixel_bytes (const Picture *p)
{
  return (size_t) p->channels * ie_depth_bytes (p->depth);
}

static inline size_t
samples (const Picture *p)
{
  return (size_t) p->width * (size_t) p->height * (size_t) p->channels;
}

static inline Picture
picture_new (int width, int height, int channels, gboolean has_alpha, IeDepth depth)
{
  Picture p = { width, height, channels, has_alpha, depth, NULL };
  p.data = g_malloc0 ((size_t) width * (size_t) height * pixel_bytes (&p));
  return p;
}

static guint32 random_state = 1;

static inline double
random_unit (void)
{
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) / 16777215.0;
}

static inline void
set_sample (const Picture *p, size_t i, double value)
{
  if (p->depth == IE_DEPTH_U8)
    ((guint8 *) p->data)[i] = (guint8) (value * 255 + 0.5);
  else if (p->depth == IE_DEPTH_U16)
    ((guint16 *) p->data)[i] = (guint16) (value * 65535 + 0.5);
  else
    ((float *) p->data)[i] = (float) value;
}

/* In 0 .. 1. */
static inline double
get_sample (const Picture *p, size_t i)
{
  if (p->depth == IE_DEPTH_U8)
    return ((const guint8 *) p->data)[i] / 255.0;
  if (p->depth == IE_DEPTH_U16)
    return ((const guint16 *) p->data)[i] / 65535.0;
  return ((const float *) p->data)[i];
}

typedef enum { NOISE, BLACK_AND_WHITE, CHECKS, COLUMNS, ROWS, IMPULSE, EDGE, WAVE, PATTERNS } Pattern;
static const char *const pattern_names[] = { "noise", "black and white", "checks", "columns",
                                             "rows", "impulse", "edge", "wave" };

static inline double
pattern_value (Pattern pattern, const Picture *p, int x, int y)
{
  switch (pattern) {
  case NOISE:
    return random_unit ();
  case BLACK_AND_WHITE:
    return random_unit () < 0.5;
  case CHECKS:
    return (x + y) & 1;
  case COLUMNS:
    return x & 1;
  case ROWS:
    return y & 1;
  case IMPULSE:
    return x == p->width / 2 && y == p->height / 2;
  case EDGE:
    return x > p->width / 3 || y > p->height / 2;
  default:
    return 0.5 + 0.5 * cos (0.13 * x + 0.002 * x * x + 0.31 * y);
  }
}

static inline Picture
picture_of (Pattern pattern, int width, int height, int channels, gboolean has_alpha, IeDepth depth)
{
  Picture p = picture_new (width, height, channels, has_alpha, depth);
  size_t i = 0;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < channels; c++)
        set_sample (&p, i++, pattern_value (pattern, &p, x + 3 * c, y));
  if (has_alpha) /* a third transparent, a third opaque, the rest between */
    for (i = (size_t) channels - 1; i < samples (&p); i += (size_t) channels) {
      double alpha = random_unit () * 3 - 1;
      set_sample (&p, i, CLAMP (alpha, 0, 1));
    }
  return p;
}

static inline Picture
to_float (const Picture *p)
{
  Picture f = picture_new (p->width, p->height, p->channels, p->has_alpha, IE_DEPTH_FLOAT);
  for (size_t i = 0; i < samples (p); i++)
    ((float *) f.data)[i] = (float) get_sample (p, i);
  return f;
}

/* ---- the definition ---------------------------------------------------------------------------------------------- */

/* One axis of `planes` interleaved channels, reflect-101, kernel cut at 8 sigma. */
static inline void
blur_axis (const double *in, double *out, int count, ptrdiff_t step, double sigma)
{
  int radius = (int) ceil (8 * sigma);
  double *kernel = g_new (double, radius + 1), sum = 0;
  for (int t = 0; t <= radius; t++) {
    kernel[t] = exp (-0.5 * t * t / (sigma * sigma));
    sum += t ? 2 * kernel[t] : kernel[t];
  }
  for (int i = 0; i < count; i++) {
    double total = 0;
    for (int t = -radius; t <= radius; t++)
      total += kernel[ABS (t)] * in[ie_reflect (i + t, count) * step];
    out[i * step] = total / sum;
  }
  g_free (kernel);
}

/* The picture in double, blurred by the definition; with alpha, colour is the weighed mean (alpha is blurred too). */
static inline double *
definition (const Picture *p, double sigma)
{
  size_t count = samples (p), channels = (size_t) p->channels;
  double *values = g_new (double, count), *between = g_new (double, count);
  for (size_t i = 0; i < count; i++) {
    double alpha = p->has_alpha ? get_sample (p, i / channels * channels + channels - 1) : 1;
    values[i] = get_sample (p, i) * (i % channels < channels - 1 ? alpha : 1);
    if (!p->has_alpha)
      values[i] = get_sample (p, i);
  }
  for (int y = 0; y < p->height; y++)
    for (int c = 0; c < p->channels; c++) {
      ptrdiff_t at = (ptrdiff_t) y * p->width * p->channels + c;
      blur_axis (values + at, between + at, p->width, p->channels, sigma);
    }
  for (int i = 0; i < p->width * p->channels; i++)
    blur_axis (between + i, values + i, p->height, (ptrdiff_t) p->width * p->channels, sigma);
  for (size_t i = 0; p->has_alpha && i < count; i++) {
    double alpha = values[i / channels * channels + channels - 1];
    if (i % channels < channels - 1)
      values[i] = alpha > 0 ? values[i] / alpha : 0;
  }
  g_free (between);
  return values;
}

/* ---- the filters ------------------------------------------------------------------------------------------------- */

static inline const char *
level_name (int level)
{
  return ie_cpu_level_name ((IeCpuLevel) level);
}

static inline const IeFilter *
filter_at (const char *name, int level)
{
  return ie_filter_at_level (ie_filter_find (name, 0, NULL), (IeCpuLevel) level);
}

/* One rectangle of the result, its input gathered by the border rule. */
static inline void
apply_rect (const IeStep *step, IeApply apply, IeWork *work, const Picture *in, const Picture *out, IeRect rect)
{
  IeRect need = step->filter->region (step, rect, 0);
  size_t pixel = pixel_bytes (in);
  char *gathered = g_malloc ((size_t) need.width * (size_t) need.height * pixel);
  for (int y = 0; y < need.height; y++)
    for (int x = 0; x < need.width; x++) {
      size_t from = (size_t) ie_reflect (need.y + y, in->height) * (size_t) in->width +
                    (size_t) ie_reflect (need.x + x, in->width);
      memcpy (gathered + ((size_t) y * (size_t) need.width + (size_t) x) * pixel, (char *) in->data + from * pixel,
              pixel);
    }
  IePixels from = { gathered, need.width * (ptrdiff_t) pixel, need, in->channels, in->has_alpha, in->depth };
  IePixels whole = { out->data, out->width * (ptrdiff_t) pixel, { 0, 0, out->width, out->height },
                     out->channels, out->has_alpha, out->depth };
  IePixels to = ie_pixels_part (&whole, rect);
  ie_work_reset (work);
  apply (step, work, &from, &to);
  g_free (gathered);
}

/* The picture through a filter, values in the order of its params, in rectangles of the given size. */
static inline Picture
filtered (const IeFilter *filter, const double *values, const Picture *in, int rect_width, int rect_height)
{
  IeParams *params = ie_params_new (filter->params);
  for (int i = 0; i < params->count; i++)
    params->values[i].number = values[i];
  IeStep step = { .filter = filter, .params = params };
  step.input = step.output = (IeHeader){ .width = in->width, .height = in->height, .channels = in->channels,
                                         .has_alpha = in->has_alpha, .depth = in->depth };
  step.prepared = filter->prepare (&step, NULL);
  const IeApply applies[] = { filter->apply_u8, filter->apply_u16, filter->apply };
  IeApply apply = applies[in->depth];
  Picture out = picture_new (in->width, in->height, in->channels, in->has_alpha, in->depth);
  IeWork *work = ie_work_new ();
  for (int y = 0; y < in->height; y += rect_height)
    for (int x = 0; x < in->width; x += rect_width)
      apply_rect (&step, apply, work, in, &out,
                  (IeRect){ x, y, MIN (rect_width, in->width - x), MIN (rect_height, in->height - y) });
  ie_work_free (work);
  filter->release (step.prepared);
  ie_params_free (params);
  return out;
}

static inline Picture
gaussian (const Picture *in, double sigma, int level)
{
  return filtered (filter_at ("gaussian", level), &sigma, in, in->width, in->height);
}

/* Whether the filter's result is looked at there: colour, and not under alpha 0. */
static inline gboolean
counts (const Picture *in, size_t i)
{
  size_t channels = (size_t) in->channels;
  return !in->has_alpha || (i % channels < channels - 1 && get_sample (in, i / channels * channels + channels - 1) > 0);
}

static inline double
largest_error (const Picture *in, const Picture *out, const double *expected)
{
  double largest = 0;
  for (size_t i = 0; i < samples (in); i++)
    if (counts (in, i))
      largest = MAX (largest, fabs (get_sample (out, i) - expected[i]));
  return largest;
}

/* Largest difference in codes from a float result, rounded. */
static inline int
largest_codes (const Picture *out, const Picture *exact)
{
  double range = ie_depth_range (out->depth);
  int largest = 0;
  for (size_t i = 0; i < samples (out); i++) {
    double rounded = floor (CLAMP (get_sample (exact, i), 0, 1) * range + 0.5);
    if (counts (out, i))
      largest = MAX (largest, (int) fabs (floor (get_sample (out, i) * range + 0.5) - rounded));
  }
  return largest;
}
