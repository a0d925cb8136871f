// SPDX-License-Identifier: GPL-3.0-or-later
/* box: each sample becomes the mean of the (2 radius + 1)^2 samples of the square window around it. Colour under alpha:
 * sum of colour * alpha over sum of alpha; alpha is kept. How it is computed stands in filters/kernel/box.c.
 *
 * Source: Gonzalez, Woods, Digital Image Processing, 4th ed., section 3.5. */
#include "core/i18n.h"
#include "filters/kernel/box.h"

enum { RADIUS };

static const IeParam params[] = {
  { .id = "radius", .label = N_ ("Radius"), .type = IE_PARAM_INT, .unit = "px", .initial = 2, .min = 0, .max = 500,
    .slider_min = 0, .slider_max = 50,
    .summary = N_ ("Half the side of the square window, whose side is 2 radius + 1 pixels.") },
  IE_PARAMS_END
};

static gboolean
neutral (const IeParams *values)
{
  return ie_int (values, RADIUS) == 0;
}

static IeRect
region (const IeStep *step, IeRect output, int input)
{
  int radius = ie_int (step->params, RADIUS);
  return ie_rect_grow (output, radius, radius);
}

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  return ie_box_memory (ie_int (step->params, RADIUS), output.width, step->input.channels, depth, step->input.has_alpha);
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  ie_box (ie_int (step->params, RADIUS), work, in, out);
}

IE_FILTER (box) = {
  .name = "box",
  .version = 1,
  .label = N_ ("Box Blur"),
  .summary = N_ ("Blurs by the mean of a square window"),
  .group = N_ ("Blur"),
  .citation = "M. J. McDonnell, Box-Filtering Techniques, Computer Graphics and Image Processing 17 (1), 1981",
  .filter_class = IE_AREA,
  .flags = IE_LOOKS_FOR_NAN,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .neutral = neutral,
  .region = region,
  .memory = memory,
  .apply = apply,
  .apply_u8 = apply,
  .apply_u16 = apply,
};
