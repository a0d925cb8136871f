// SPDX-License-Identifier: GPL-3.0-or-later
/* unsharp, version 1: for recipes that were written with it. out = in + amount * d on every channel as it is stored,
 * where d = in - gaussian (in, sigma = radius), 0 where |d| is below the threshold. filters/unsharp.c is the newest. */
#include "filters/kernel/unsharp.h"

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
  return ie_number (values, IE_UNSHARP_AMOUNT) == 0 || ie_number (values, IE_UNSHARP_RADIUS) == 0;
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  return ie_unsharp_new (step, NULL, NULL, error);
}

IE_FILTER (unsharp_1) = {
  .name = "unsharp",
  .version = 1,
  .label = "Unsharp Mask",
  .summary = "Sharpens by adding the difference from a blurred copy",
  .group = "Sharpen",
  .citation = "Gonzalez, Woods: Digital Image Processing, 4th ed., section 3.6",
  .filter_class = IE_AREA,
  .flags = IE_LOOKS_FOR_NAN,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .neutral = neutral,
  .region = ie_unsharp_region,
  .mirrors = ie_unsharp_mirrors,
  .memory = ie_unsharp_memory,
  .prepare = prepare,
  .release = ie_unsharp_free,
  .apply = ie_unsharp_apply,
  .apply_u8 = ie_unsharp_apply_u8,
  .apply_u16 = ie_unsharp_apply,
};
