// SPDX-License-Identifier: GPL-3.0-or-later
/* rank: each sample becomes a percentile of the (2 radius + 1)^2 samples of the square window around it: 0 the smallest
 * (erosion), 50 the median, 100 the largest (dilation).
 *
 * The percentile P is the smallest of the n values such that at least P n / 100 of them are not above it: v[k - 1], v
 * ascending, k = max (1, ceil (P n / 100)); NumPy calls it "inverted_cdf". Always one of the samples. With alpha each
 * counts as much as its alpha (16 bits).
 *
 * Source: J. Serra, "Image Analysis and Mathematical Morphology", 1982 (rank filters); how: filters/kernel/median.h. */
#include "core/i18n.h"
#include "filters/kernel/rank.h"

enum { RADIUS, PERCENTILE };

static const IeParam params[] = {
  [RADIUS] = { .id = "radius",
               .label = N_ ("Radius"),
               .type = IE_PARAM_INT,
               .unit = "px",
               .initial = 2,
               .min = 0,
               .max = 500,
               .slider_min = 1,
               .slider_max = 50,
               .summary = N_ ("Half the side of the square window, whose side is 2 radius + 1 pixels.") },
  [PERCENTILE] = { .id = "percentile",
                   .label = N_ ("Percentile"),
                   .type = IE_PARAM_FLOAT,
                   .unit = "%",
                   .initial = 50,
                   .min = 0,
                   .max = 100,
                   .slider_min = 0,
                   .slider_max = 100,
                   .summary =
                       N_ ("Share of the window's samples that are not above the result: 0 darkest, 100 brightest.") },
  IE_PARAMS_END,
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
  int radius = ie_int (step->params, RADIUS);
  gsize weighted = step->input.has_alpha ? ie_median_weighted_memory (output, radius, depth) : 0;
  gsize plain = depth == IE_DEPTH_U8 ? ie_rank_bytes_memory (output, radius, step->input.channels)
                                     : ie_median_rank_memory (output, radius);
  return MAX (weighted, plain);
}

/* Every depth: the views say which. */
static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  int radius = ie_int (step->params, RADIUS);
  double share = ie_number (step->params, PERCENTILE) / 100;
  guint64 side = 2 * (guint64) radius + 1;
  guint32 rank = (guint32) ie_rank_count (share, side * side) - 1;
  if (in->has_alpha)
    ie_rank_weighted (work, in, out, radius, share);
  else if (in->depth == IE_DEPTH_U8)
    ie_rank_bytes (work, in, out, radius, rank);
  else
    ie_rank_sorted (work, in, out, radius, rank);
}

IE_FILTER (rank) = {
  .name = "rank",
  .version = 1,
  .label = N_ ("Rank"),
  .summary = N_ ("Each sample becomes a percentile of a square window: minimum, median, maximum and between"),
  .group = N_ ("Noise"),
  .citation = "J. Serra, Image Analysis and Mathematical Morphology, 1982",
  .filter_class = IE_AREA,
  .flags = IE_SELECTS,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .neutral = neutral,
  .region = region,
  .memory = memory,
  .apply = apply,
  .apply_u8 = apply,
  .apply_u16 = apply,
};
