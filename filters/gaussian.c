// SPDX-License-Identifier: GPL-3.0-or-later
/* gaussian: every channel convolved with exp(-(x^2 + y^2) / (2 sigma^2)), sampled at whole pixels and normalised.
 *
 * Colour under alpha: blur (colour * alpha) / blur (alpha); alpha is kept. How it is computed, and how near it comes to
 * the formula, stands in filters/kernel/gaussian.h. */
#include "filters/kernel/gaussian.h"

enum { SIGMA };

static const IeParam params[] = {
  { .id = "sigma", .label = "Sigma", .type = IE_PARAM_FLOAT, .unit = "px", .initial = 2, .min = 0, .max = 1000,
    .slider_min = 0, .slider_max = 50, .curve = IE_SLIDER_LOGARITHMIC,
    .summary = "Standard deviation of the Gaussian in pixels; 0 leaves the picture as it is." },
  IE_PARAMS_END
};

static gboolean
neutral (const IeParams *values)
{
  return ie_number (values, SIGMA) == 0;
}

static IeRect
region (const IeStep *step, IeRect output, int input)
{
  IeGaussianShape shape = ie_gaussian_shape (ie_number (step->params, SIGMA));
  return ie_gaussian_region (&shape, output);
}

static gboolean
mirrors (const IeStep *step, IeDepth depth)
{
  IeGaussianShape shape = ie_gaussian_shape (ie_number (step->params, SIGMA));
  return ie_gaussian_mirrors (&shape, depth, depth == IE_DEPTH_U8 && !step->input.has_alpha);
}

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  IeGaussianShape shape = ie_gaussian_shape (ie_number (step->params, SIGMA));
  gboolean integer = depth == IE_DEPTH_U8 && !step->input.has_alpha;
  return ie_gaussian_memory (&shape, output, step->input.channels, integer);
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  return ie_gaussian_new (ie_number (step->params, SIGMA));
}

/* Sums of codes with weights above 0 that sum to 1: no clamping below, none that NaN needs. */
static void
store_codes (const float *restrict blurred, guint16 *restrict out, int samples)
{
  for (int i = 0; i < samples; i++) {
    gint32 code = (gint32) (blurred[i] + 0.5f);
    out[i] = (guint16) MIN (code, 65535);
  }
}

/* Row of sums in codes (float: in the unit of the picture) -> out. */
static void
store_row (gpointer data, int x, int y, int pixels, float *blurred)
{
  const IePixels *out = data;
  if (out->has_alpha)
    ie_weigh_divide (blurred, pixels, out->channels);
  else if (out->depth == IE_DEPTH_U16) {
    store_codes (blurred, ie_pixels_at (out, x, y), pixels * out->channels);
    return;
  }
  ie_weigh_store (blurred, out, x, y, pixels, IE_UNIT_CODE);
}

static void
store_row_int16 (gpointer data, int x, int y, int pixels, const gint16 *restrict blurred)
{
  const IePixels *view = data;
  guint8 *restrict out = ie_pixels_at (view, x, y);
  int half = 1 << (IE_GAUSSIAN_INT16_BITS - 1), samples = pixels * view->channels;
  for (int i = 0; i < samples; i++)
    out[i] = (guint8) ((guint16) (blurred[i] + IE_GAUSSIAN_INT16_OFFSET + half) >> IE_GAUSSIAN_INT16_BITS);
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  gboolean straight = out->depth == IE_DEPTH_FLOAT && !out->has_alpha;
  IePixels view = *out;
  ie_gaussian_rows (step->prepared, work, in, out, IE_UNIT_CODE, straight ? NULL : store_row, &view);
}

static void
apply_u8 (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const IeGaussian *gaussian = step->prepared;
  IePixels view = *out;
  if (!out->has_alpha && ie_gaussian_is_integer (&gaussian->shape))
    ie_gaussian_rows_int16 (gaussian, work, in, out, store_row_int16, &view);
  else
    apply (step, work, in, out);
}

IE_FILTER (gaussian) = {
  .name = "gaussian",
  .version = 1,
  .label = "Gaussian Blur",
  .summary = "Blurs with a Gaussian of a given standard deviation",
  .group = "Blur",
  .filter_class = IE_AREA,
  .flags = IE_LOOKS_FOR_NAN,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .neutral = neutral,
  .region = region,
  .mirrors = mirrors,
  .memory = memory,
  .prepare = prepare,
  .release = ie_gaussian_free,
  .apply = apply,
  .apply_u8 = apply_u8,
  .apply_u16 = apply,
};
