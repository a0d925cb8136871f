// SPDX-License-Identifier: GPL-3.0-or-later
/* Band-pass in the frequencies of the cosine transform.
 *
 *   gain (f) = H (f, high) (1 - H (f, low)),  f^2 = fx^2 + fy^2,  gain (0) = 1
 *
 * H (f, c) is a low-pass with gain 1/2 at its cut-off c: exp (-ln 2 (f / c)^2) or another profile (fourier/radial.h),
 * so the gain is one half at each cut-off while they lie well apart, a low-pass and a high-pass at the same cut-off add
 * up to the picture (apart from its mean, which both keep), a Gaussian does not ring, and the mean of each channel stays. low = 0
 * leaves out the lower edge, high at the corner of the spectrum (sqrt (1/2) cycles per pixel) or above the upper one.
 * The picture goes on mirrored beyond its edges; see filters/fourier/transform.h.
 *
 * Source: R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., sections 4.8 to 4.10.
 */
#include "core/error.h"
#include "core/i18n.h"
#include "filters/fourier/radial.h"

enum { LOW, HIGH, PROFILE, ORDER };

static const IeParam params[] = {
  { .id = "low", .label = N_ ("Low cut-off"), .type = IE_PARAM_FLOAT, .unit = "cycles/px",
    .initial = 0, .min = 0, .max = IE_RADIAL_BEYOND, .slider_max = 0.1,
    .summary = N_ ("Slower changes than this are damped, to one half at it; 0 keeps them all.") },
  { .id = "high", .label = N_ ("High cut-off"), .type = IE_PARAM_FLOAT, .unit = "cycles/px",
    .initial = 0.25, .min = 0.0001, .max = 1,
    .slider_min = 0.01, .slider_max = IE_RADIAL_BEYOND, .curve = IE_SLIDER_LOGARITHMIC,
    .summary = N_ ("Finer detail than this is damped, to one half at it; 0.7072 or more keeps it all.") },
  IE_RADIAL_PROFILE_PARAM,
  IE_RADIAL_ORDER_PARAM,
  IE_PARAMS_END
};

static gboolean
neutral (const IeParams *values)
{
  return ie_number (values, LOW) <= 0.0 && ie_number (values, HIGH) >= IE_RADIAL_BEYOND;
}

static gboolean
header (const IeStep *step, IeHeader *output, GError **error)
{
  double low = ie_number (step->params, LOW), high = ie_number (step->params, HIGH);
  *output = step->input;
  if (low < high)
    return TRUE;
  char low_text[G_ASCII_DTOSTR_BUF_SIZE], high_text[G_ASCII_DTOSTR_BUF_SIZE];
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("fourier-bandpass: high (%s) must be greater than low (%s)"),
               g_ascii_formatd (high_text, sizeof high_text, "%g", high),
               g_ascii_formatd (low_text, sizeof low_text, "%g", low));
  return FALSE;
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  const IeParams *values = step->params;
  IeRadialGain gain = { .profile = (IeRadialProfile) ie_int (values, PROFILE), .order = ie_int (values, ORDER),
                        .lower = ie_number (values, LOW), .upper = ie_number (values, HIGH), .base = 0, .scale = 1 };
  return ie_radial_new (step->input.width, step->input.height, &gain, error);
}

IE_FILTER (fourier_bandpass) = {
  .name = "fourier-bandpass",
  .version = 1,
  .label = N_ ("Fourier Band-pass"),
  .summary = N_ ("Keeps the detail between two frequencies, and the mean"),
  .group = N_ ("Frequency"),
  .citation = "Gonzalez and Woods, Digital Image Processing, 4th ed., 4.8 to 4.10",
  .filter_class = IE_WHOLE,
  .alpha = IE_ALPHA_IGNORE,
  .params = params,
  .neutral = neutral,
  .header = header,
  .memory = ie_radial_step_memory,
  .prepare = prepare,
  .release = ie_radial_free,
  .apply_whole = ie_radial_apply,
};
