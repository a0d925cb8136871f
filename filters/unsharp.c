// SPDX-License-Identifier: GPL-3.0-or-later
/* unsharp: out = in + amount * d, where d = in - blurred (in), 0 where |d| is below the threshold; of lightness, or of
 * every channel.
 *
 *   gaussian   standard deviation = radius: the classic
 *   box        window of 2 radius + 1 pixels: hard seams, fast at any radius
 *   median     the same window: no overshoot beside lone pixels and lines
 *   bilateral  sigma-space = radius; steps higher than sigma-range are no detail: no halos along strong edges
 *
 * Source: Gonzalez, Woods, Digital Image Processing, 4th ed., section 3.6. The blurs have their own files. */
#include "filters/kernel/unsharp.h"

enum { BLUR = IE_UNSHARP_PARAMS, SIGMA_RANGE, CHANNEL };
enum { GAUSSIAN, BOX, MEDIAN, BILATERAL };
enum { LIGHTNESS, RGB };

extern const IeFilter IE_LEVEL_NAME (ie_filter_box), IE_LEVEL_NAME (ie_filter_median),
  IE_LEVEL_NAME (ie_filter_bilateral);

static const IeChoice blurs[] = { { "gaussian", "Gaussian" },
                                  { "box", "Box" },
                                  { "median", "Median" },
                                  { "bilateral", "Bilateral" },
                                  { NULL, NULL } };
static const IeChoice channels[] = { { "lightness", "Lightness (L*)" }, { "rgb", "Every channel" }, { NULL, NULL } };

static const IeParam params[] = {
  { .id = "radius", .label = "Radius", .type = IE_PARAM_FLOAT, .unit = "px", .initial = 2, .min = 0, .max = 1000,
    .slider_min = 0, .slider_max = 50, .curve = IE_SLIDER_LOGARITHMIC,
    .summary = "Size of what is sharpened: deviation of the Gaussian or bilateral, half the window of the others." },
  { .id = "amount", .label = "Amount", .type = IE_PARAM_FLOAT, .unit = "", .initial = 0.5, .min = 0, .max = 10,
    .slider_min = 0, .slider_max = 3, .summary = "Share of the difference from the blurred picture that is added." },
  { .id = "threshold", .label = "Threshold", .type = IE_PARAM_FLOAT, .unit = "% of range", .initial = 0, .min = 0,
    .max = 100, .summary = "Differences below this are noise and are left alone." },
  { .id = "blur", .label = "Blur", .type = IE_PARAM_ENUM, .unit = "", .initial = GAUSSIAN, .choices = blurs,
    .summary = "What the picture is compared with: median and bilateral keep edges, and so make no halos there." },
  { .id = "sigma-range", .label = "Edge Threshold", .type = IE_PARAM_FLOAT, .unit = "% of range", .initial = 10,
    .min = 0.1, .max = 100, .slider_min = 1, .slider_max = 50, .visible_if = "blur=bilateral",
    .summary = "Differences well above this are edges of the bilateral blur, and are not sharpened." },
  { .id = "channel", .label = "Channel", .type = IE_PARAM_ENUM, .unit = "", .initial = LIGHTNESS, .choices = channels,
    .summary = "What is sharpened: lightness keeps the colours, every channel by itself can give coloured seams." },
  IE_PARAMS_END
};

static gboolean
neutral (const IeParams *values)
{
  return ie_number (values, IE_UNSHARP_AMOUNT) == 0 || ie_number (values, IE_UNSHARP_RADIUS) == 0;
}

static IeSpace
space (const IeParams *values)
{
  return ie_int (values, CHANNEL) == LIGHTNESS ? IE_SPACE_LIGHTNESS : IE_SPACE_NATIVE;
}

/* Sets a number as if it were typed: out of range is an error that names the range. */
static gboolean
set_number (IeParams *values, const char *id, double number, GError **error)
{
  char *text = ie_number_text (number);
  gboolean good = ie_params_set (values, id, text, error);
  g_free (text);
  return good;
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  const IeFilter *const filters[] = { NULL, &IE_LEVEL_NAME (ie_filter_box), &IE_LEVEL_NAME (ie_filter_median),
                                      &IE_LEVEL_NAME (ie_filter_bilateral) };
  int choice = ie_int (step->params, BLUR);
  const IeFilter *blur = filters[choice];
  if (!blur)
    return ie_unsharp_new (step, NULL, NULL, error);
  double radius = ie_number (step->params, IE_UNSHARP_RADIUS);
  IeParams *values = ie_params_new (blur->params);
  gboolean good = choice == BILATERAL
                    ? set_number (values, "sigma-space", radius, error) &&
                        set_number (values, "sigma-range", ie_number (step->params, SIGMA_RANGE), error)
                    : set_number (values, "radius", MAX ((int) (radius + 0.5), 1), error);
  if (good)
    return ie_unsharp_new (step, blur, values, error);
  ie_params_free (values);
  return NULL;
}

IE_FILTER (unsharp) = {
  .name = "unsharp",
  .version = 2,
  .label = "Unsharp Mask",
  .summary = "Sharpens by adding the difference from a blurred copy",
  .group = "Sharpen",
  .citation = "Gonzalez, Woods: Digital Image Processing, 4th ed., section 3.6",
  .filter_class = IE_AREA,
  .flags = IE_LOOKS_FOR_NAN,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .space = space,
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
