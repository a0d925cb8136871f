// SPDX-License-Identifier: GPL-3.0-or-later
/* unsharp: out = in + amount * d, where d = in - gaussian (in, sigma = radius), 0 where |d| is below the threshold.
 *
 * Unsharp masking as in Gonzalez, Woods, Digital Image Processing, 4th ed., section 3.6. Rows of the Gaussian
 * (filters/kernel/gaussian.h) are combined with the picture while they are in cache; it is never stored as a picture.
 * Colour under alpha: the Gaussian weighs it by alpha. */
#include "filters/kernel/gaussian.h"
#include "filters/kernel/rows.h"

enum { RADIUS, AMOUNT, THRESHOLD };

/* Up to here amount times the error of the Gaussian in 16-bit integers (0.15 of a code) leaves the result within one
 * code of the float result; it is also the largest amount whose half is a fraction of 15 bits. */
#define INTEGER_AMOUNT 1.99

static const IeParam params[] = {
  { .id = "radius", .label = "Radius", .type = IE_PARAM_FLOAT, .unit = "px", .initial = 2, .min = 0, .max = 1000,
    .slider_min = 0, .slider_max = 50, .curve = IE_SLIDER_LOGARITHMIC,
    .summary = "Standard deviation, in pixels, of the Gaussian that is subtracted: the size of what is sharpened." },
  { .id = "amount", .label = "Amount", .type = IE_PARAM_FLOAT, .unit = "", .initial = 0.5, .min = 0, .max = 10,
    .slider_min = 0, .slider_max = 3, .summary = "Share of the difference from the blurred picture that is added." },
  { .id = "threshold", .label = "Threshold", .type = IE_PARAM_FLOAT, .unit = "% of range", .initial = 0, .min = 0,
    .max = 100, .summary = "Differences below this are noise and are left alone." },
  IE_PARAMS_END
};

static gboolean
neutral (const IeParams *values)
{
  return ie_number (values, AMOUNT) == 0 || ie_number (values, RADIUS) == 0;
}

static IeRect
region (const IeStep *step, IeRect output, int input)
{
  IeGaussianShape shape = ie_gaussian_shape (ie_number (step->params, RADIUS));
  return ie_gaussian_region (&shape, output);
}

static gboolean
may_be_integer (const IeParams *values)
{
  return ie_number (values, THRESHOLD) == 0 && ie_number (values, AMOUNT) <= INTEGER_AMOUNT;
}

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  IeGaussianShape shape = ie_gaussian_shape (ie_number (step->params, RADIUS));
  gboolean integer = depth == IE_DEPTH_U8 && !step->input.has_alpha && may_be_integer (step->params);
  gsize row = 2 * IE_GAUSSIAN_STRETCH_MOST * sizeof (float) + 64;
  return ie_gaussian_memory (&shape, output, step->input.channels, integer) + row;
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  return ie_gaussian_new (ie_number (step->params, RADIUS));
}

typedef struct {
  IePixels in;  /* seen without alpha: loaded as it is */
  IePixels out;
  gboolean has_alpha;
  IeUnit unit;
  float amount, threshold; /* threshold in the unit; above 0 only with IE_UNIT_RANGE */
  gint16 half_amount;      /* 1 / 32768 */
  float *original;         /* one stretch of the input */
} Sharpening;

static void
sharpen (const float *restrict in, const float *restrict blurred, float *restrict out, int samples, float amount)
{
  for (int i = 0; i < samples; i++)
    out[i] = in[i] + amount * (in[i] - blurred[i]);
}

static void
sharpen_above (const float *restrict in, const float *restrict blurred, float *restrict out, int samples, float amount,
               float threshold)
{
  for (int i = 0; i < samples; i++) {
    float difference = in[i] - blurred[i], size = difference < 0 ? -difference : difference;
    out[i] = in[i] + amount * (size >= threshold ? difference : 0);
  }
}

static void
sharpen_row (gpointer data, int x, int y, int pixels, float *blurred)
{
  const Sharpening *s = data;
  int samples = pixels * s->out.channels;
  gboolean is_float = s->out.depth == IE_DEPTH_FLOAT;
  const float *in = is_float ? ie_pixels_at (&s->in, x, y) : s->original;
  float *out = is_float ? ie_pixels_at (&s->out, x, y) : s->original + IE_GAUSSIAN_STRETCH_MOST;
  if (!is_float)
    ie_weigh_load (&s->in, x, y, pixels, s->unit, s->original);
  if (s->has_alpha)
    ie_weigh_divide (blurred, pixels, s->out.channels);
  if (s->threshold > 0)
    sharpen_above (in, blurred, out, samples, s->amount, s->threshold);
  else
    sharpen (in, blurred, out, samples, s->amount);
  if (!is_float)
    ie_weigh_store (out, &s->out, x, y, pixels, s->unit);
}

/* 8 bits: the difference in 1 / 128, the result in 1 / 32 of a code, so that everything is an int16. */
static void
sharpen_row_int16 (gpointer data, int x, int y, int pixels, const gint16 *restrict blurred)
{
  const Sharpening *s = data;
  const guint8 *restrict in = ie_pixels_at (&s->in, x, y);
  guint8 *restrict out = ie_pixels_at (&s->out, x, y);
  gint16 half_amount = s->half_amount;
  int samples = pixels * s->out.channels;
  for (int i = 0; i < samples; i++) {
    gint16 difference = (gint16) (IE_GAUSSIAN_INT16 (in[i]) - blurred[i]);
    gint16 added = ie_multiply_high (difference, half_amount); /* amount * difference in 1 / 64 */
    gint16 code = (gint16) ((gint16) (in[i] * 32 + ((added + 1) >> 1) + 16) >> 5);
    code = code < 0 ? 0 : code;
    out[i] = (guint8) (code > 255 ? 255 : code);
  }
}

/* Thresholds decide: they see the values that the picture has as float, so that they fall alike at every depth. */
static Sharpening
sharpening (const IeStep *step, const IePixels *in, const IePixels *out)
{
  double amount = ie_number (step->params, AMOUNT), threshold = ie_number (step->params, THRESHOLD) / 100;
  Sharpening s = { .in = *in, .out = *out, .has_alpha = in->has_alpha, .amount = (float) amount };
  s.in.has_alpha = FALSE;
  s.unit = threshold > 0 ? IE_UNIT_RANGE : IE_UNIT_CODE;
  s.threshold = (float) threshold;
  s.half_amount = (gint16) (MIN (amount, INTEGER_AMOUNT) * 16384 + 0.5);
  return s;
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  Sharpening s = sharpening (step, in, out);
  s.original = ie_work_alloc (work, 2 * IE_GAUSSIAN_STRETCH_MOST * sizeof *s.original);
  ie_gaussian_rows (step->prepared, work, in, out, s.unit, sharpen_row, &s);
}

static void
apply_u8 (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const IeGaussian *gaussian = step->prepared;
  Sharpening s = sharpening (step, in, out);
  if (!out->has_alpha && may_be_integer (step->params) && ie_gaussian_is_integer (&gaussian->shape))
    ie_gaussian_rows_int16 (gaussian, work, in, out, sharpen_row_int16, &s);
  else
    apply (step, work, in, out);
}

IE_FILTER (unsharp) = {
  .name = "unsharp",
  .version = 1,
  .label = "Unsharp Mask",
  .summary = "Sharpens by adding the difference from a blurred copy",
  .group = "Sharpen",
  .citation = "Gonzalez, Woods: Digital Image Processing, 4th ed., section 3.6",
  .filter_class = IE_AREA,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .neutral = neutral,
  .region = region,
  .memory = memory,
  .prepare = prepare,
  .release = ie_gaussian_free,
  .apply = apply,
  .apply_u8 = apply_u8,
  .apply_u16 = apply,
};
