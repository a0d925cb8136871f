// SPDX-License-Identifier: GPL-3.0-or-later
/* Low-pass: gain (f) = H (f, cutoff), one half at the cut-off; the profiles H are in filters/fourier/radial.h.
 * The picture goes on mirrored beyond its edges; see filters/fourier/transform.h.
 *
 * Source: R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., sections 4.8 and 4.9. */
#include "core/i18n.h"
#include "filters/fourier/radial.h"

enum { CUTOFF, PROFILE, ORDER };

static const IeParam params[] = {
  { .id = "cutoff", .label = N_ ("Cut-off"), .type = IE_PARAM_FLOAT, .unit = "cycles/px",
    .initial = 0.1, .min = 0.0001, .max = 1,
    .slider_min = 0.01, .slider_max = IE_RADIAL_BEYOND, .curve = IE_SLIDER_LOGARITHMIC,
    .summary = N_ ("Finer detail than this is damped, to one half at it; 0.7072 or more keeps it all.") },
  IE_RADIAL_PROFILE_PARAM,
  IE_RADIAL_ORDER_PARAM,
  IE_PARAMS_END
};

static gboolean
neutral (const IeParams *values)
{
  return ie_number (values, CUTOFF) >= IE_RADIAL_BEYOND;
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  const IeParams *values = step->params;
  IeRadialGain gain = { .profile = (IeRadialProfile) ie_int (values, PROFILE), .order = ie_int (values, ORDER),
                        .lower = 0, .upper = ie_number (values, CUTOFF), .base = 0, .scale = 1 };
  return ie_radial_new (step->input.width, step->input.height, &gain, error);
}

IE_FILTER (fourier_lowpass) = {
  .name = "fourier-lowpass",
  .version = 1,
  .label = N_ ("Fourier Low-pass"),
  .summary = N_ ("Keeps what is coarser than a frequency: smooths"),
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
