// SPDX-License-Identifier: GPL-3.0-or-later
/* Homomorphic filter: illumination times reflectance become a sum in the logarithm, where slow changes (illumination) are
 * damped and fast ones (reflectance) lifted:
 *
 *   out = exp (F^-1 (gain F (ln (in + e)))) - e
 *   gain (f) = low + (high - low) (1 - exp (-ln 2 (f / cutoff)^2)),  gain (0) = 1
 *
 * or another profile of filters/fourier/radial.h in the place of the exponential. gain (0) = 1 keeps the geometric mean,
 * where the textbook's gain (0) = low would make every picture dark or pale. e = 1/255 keeps black finite; below 0 the
 * logarithm is that of e. It works on the largest channel and keeps the ratios of the channels, so that colours stay.
 * The picture goes on mirrored beyond its edges.
 *
 * Source: A. V. Oppenheim, R. W. Schafer, T. G. Stockham, "Nonlinear filtering of multiplied and convolved signals",
 * Proceedings of the IEEE 56 (1968); Gonzalez and Woods, Digital Image Processing, 4th ed., section 4.9. */
#include "core/elementary.h"
#include "core/i18n.h"
#include "filters/fourier/radial.h"

enum { LOW, HIGH, CUTOFF, PROFILE, ORDER };

#define OFFSET (1.0f / 255.0f)
#define LARGEST 60.0f /* of the logarithm to base 2, so that no sample becomes infinite */

static const IeParam params[] = {
  { .id = "low", .label = N_ ("Gain of slow changes"), .type = IE_PARAM_FLOAT, .unit = "",
    .initial = 0.5, .min = 0, .max = 2, .slider_max = 1,
    .summary = N_ ("What remains of slow changes of the light: 0 takes them away, 1 leaves them.") },
  { .id = "high", .label = N_ ("Gain of fast changes"), .type = IE_PARAM_FLOAT, .unit = "",
    .initial = 1, .min = 0, .max = 4, .slider_max = 2,
    .summary = N_ ("What becomes of detail: 1 leaves it, more makes it stronger.") },
  { .id = "cutoff", .label = N_ ("Cut-off"), .type = IE_PARAM_FLOAT, .unit = "cycles/px",
    .initial = 0.002, .min = 0.00001, .max = 0.7, .slider_min = 0.0005, .slider_max = 0.1, .curve = IE_SLIDER_LOGARITHMIC,
    .summary = N_ ("Where slow changes end and fast ones begin.") },
  IE_RADIAL_PROFILE_PARAM,
  IE_RADIAL_ORDER_PARAM,
  IE_PARAMS_END
};

static IeSpace
space (const IeParams *values)
{
  return IE_SPACE_VALUE;
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  const IeParams *values = step->params;
  double low = ie_number (values, LOW), high = ie_number (values, HIGH);
  IeRadialGain gain = { .profile = (IeRadialProfile) ie_int (values, PROFILE), .order = ie_int (values, ORDER),
                        .lower = ie_number (values, CUTOFF), .upper = 1, .base = low, .scale = high - low };
  return ie_radial_new (step->input.width, step->input.height, &gain, error);
}

/* log2 x for x >= 2^-126, as ie_log2f() but in float throughout: what it is off by, 5e-7 of the result at the most, is less than
 * what the transform rounds. */
static inline float
logarithm (float x)
{
  gint32 bits = ie_float_bits (x), exponent = (bits - 0x3f3504f3) >> 23; /* of x by sqrt (1/2) */
  float m = ie_float_from_bits (bits - exponent * 0x00800000);
  float s = (m - 1.0f) / (m + 1.0f), q = s * s;
  float series = 2.88539008f + q * (0.961796694f + q * (0.577078016f + q * (0.412198583f + q * 0.320598898f)));
  return (float) exponent + s * series;
}

static void
enter (gpointer data, float *restrict samples, int width)
{
  for (int x = 0; x < width; x++) {
    float v = samples[x] > 0.0f ? samples[x] : 0.0f;
    samples[x] = logarithm (v + OFFSET);
  }
}

static void
leave (gpointer data, float *restrict samples, int width)
{
  for (int x = 0; x < width; x++) {
    float v = samples[x] < LARGEST ? samples[x] : LARGEST;
    samples[x] = ie_exp2f (v) - OFFSET;
  }
}

static gboolean
apply_whole (const IeStep *step, IeWork *work, float *const *planes, ptrdiff_t stride, GError **error)
{
  int colours = ie_header_colours (&step->input);
  return ie_radial_filter (step->prepared, work, planes, colours, stride, enter, leave, NULL, error);
}

IE_FILTER (fourier_homomorphic) = {
  .name = "fourier-homomorphic",
  .version = 1,
  .label = N_ ("Fourier Homomorphic"),
  .summary = N_ ("Evens out the light and keeps detail: damps slow changes of the logarithm"),
  .group = N_ ("Frequency"),
  .citation = "Oppenheim, Schafer and Stockham 1968; Gonzalez and Woods, Digital Image Processing, 4th ed., 4.9",
  .filter_class = IE_WHOLE,
  .alpha = IE_ALPHA_IGNORE,
  .params = params,
  .space = space,
  .memory = ie_radial_step_memory,
  .prepare = prepare,
  .release = ie_radial_free,
  .apply_whole = apply_whole,
};
