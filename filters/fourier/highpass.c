// SPDX-License-Identifier: GPL-3.0-or-later
/* High-pass: gain (f) = 1 - H (f, cutoff), gain (0) = 1: one half at the cut-off, and the mean stays, so that the result is a
 * picture and low-pass + high-pass = the picture + its mean. The profiles H are in filters/fourier/radial.h.
 * The picture goes on mirrored beyond its edges; see filters/fourier/transform.h.
 *
 * Source: R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., sections 4.8 and 4.9. */
#include "core/i18n.h"
#include "filters/fourier/radial.h"

enum { CUTOFF, PROFILE, ORDER };

static const IeParam params[] = {
  { .id = "cutoff", .label = N_ ("Cut-off"), .type = IE_PARAM_FLOAT, .unit = "cycles/px",
    .initial = 0.01, .min = 0, .max = IE_RADIAL_BEYOND, .slider_max = 0.1,
    .summary = N_ ("Slower changes than this are damped, to one half at it; 0 keeps them all.") },
  IE_RADIAL_PROFILE_PARAM,
  IE_RADIAL_ORDER_PARAM,
  IE_PARAMS_END
};

static gboolean
neutral (const IeParams *values)
{
  return ie_number (values, CUTOFF) <= 0.0;
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  const IeParams *values = step->params;
  IeRadialGain gain = { .profile = (IeRadialProfile) ie_int (values, PROFILE), .order = ie_int (values, ORDER),
                        .lower = ie_number (values, CUTOFF), .upper = 1, .base = 0, .scale = 1 };
  return ie_radial_new (step->input.width, step->input.height, &gain, error);
}

IE_FILTER (fourier_highpass) = {
  .name = "fourier-highpass",
  .version = 1,
  .label = N_ ("Fourier High-pass"),
  .summary = N_ ("Keeps what is finer than a frequency, and the mean"),
  .group = N_ ("Frequency"),
  .citation = "Gonzalez and Woods, Digital Image Processing, 4th ed., 4.8 and 4.9",
  .filter_class = IE_WHOLE,
  .alpha = IE_ALPHA_IGNORE,
  .params = params,
  .neutral = neutral,
  .memory = ie_radial_step_memory,
  .prepare = prepare,
  .release = ie_radial_free,
  .apply_whole = ie_radial_apply,
};
