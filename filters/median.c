// SPDX-License-Identifier: GPL-3.0-or-later
/* median: each sample becomes the middle one of the (2 radius + 1)^2 samples of the square window around it.
 *
 * With n = (2 radius + 1)^2 values, sorted ascending as v[0 .. n - 1], the result is v[(n - 1) / 2]: always one of
 * them. With alpha it is the weighted median: the smallest value such that the alphas of the values up to it sum to at
 * least half of the sum of all alphas; alphas are taken as integers of 16 bits. Equal alphas give the plain median.
 *
 * Source: J. W. Tukey, "Exploratory Data Analysis", 1977 (running medians); the weighted median: D. R. K. Brownrigg,
 * "The weighted median filter", Communications of the ACM 27 (8), 1984. */
#include "core/i18n.h"
#include "filters/kernel/rank.h"

enum { RADIUS };

static const IeParam params[] = {
  [RADIUS] = { .id = "radius",
               .label = N_ ("Radius"),
               .type = IE_PARAM_INT,
               .unit = "px",
               .initial = 1,
               .min = 0,
               .max = 500,
               .slider_min = 1,
               .slider_max = 50,
               .summary = N_ ("Half the side of the square window, whose side is 2 radius + 1 pixels.") },
  IE_PARAMS_END,
};

#define NETWORK_RADIUS 2 /* the largest that median_network takes */

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
  gsize plain = radius <= NETWORK_RADIUS ? 0
                : depth == IE_DEPTH_U8   ? ie_rank_bytes_memory (output, radius, step->input.channels)
                                         : ie_median_rank_memory (output, radius);
  return MAX (weighted, plain);
}

/* Whether every sample of alpha has the same weight, and that is not 0: then the plain median is the weighted one. */
static gboolean
alpha_is_even (const IePixels *in)
{
  gsize pixel = (gsize)in->channels * ie_depth_bytes (in->depth);
  gsize alpha = pixel - ie_depth_bytes (in->depth);
  guint32 first = ie_median_weight ((const char *)in->data + alpha, in->depth);
  if (first == 0)
    return FALSE;
  for (int y = 0; y < in->rect.height; y++) {
    const char *row = (const char *)in->data + y * in->stride + alpha;
    guint32 differing = 0;
    for (int x = 0; x < in->rect.width; x++)
      differing |= ie_median_weight (row + x * pixel, in->depth) ^ first;
    if (differing)
      return FALSE;
  }
  return TRUE;
}

static void
copy (const IePixels *in, const IePixels *out)
{
  gsize bytes = (gsize)out->rect.width * out->channels * ie_depth_bytes (out->depth);
  for (int y = 0; y < out->rect.height; y++)
    memcpy ((char *)out->data + y * out->stride, ie_pixels_at (in, out->rect.x, out->rect.y + y), bytes);
}

/* Every depth: the views say which. */
static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  int radius = ie_int (step->params, RADIUS), side = 2 * radius + 1;
  if (radius == 0)
    copy (in, out);
  else if (in->has_alpha && !alpha_is_even (in))
    ie_median_weighted (work, in, out, radius);
  else if (radius <= NETWORK_RADIUS)
    ie_median_network (work, in, out, radius);
  else if (in->depth == IE_DEPTH_U8)
    ie_rank_bytes (work, in, out, radius, (guint32) (side * side - 1) / 2);
  else
    ie_median_rank (work, in, out, radius);
}

IE_FILTER (median) = {
  .name = "median",
  .version = 1,
  .label = N_ ("Median"),
  .summary = N_ ("Removes specks and keeps edges: each sample becomes the median of a square window"),
  .group = N_ ("Noise"),
  .citation
  = "J. W. Tukey, Exploratory Data Analysis, 1977; J. P. Fitch, E. J. Coyle, N. C. Gallagher, Median Filtering by "
    "Threshold Decomposition, IEEE Transactions on Acoustics, Speech and Signal Processing 32 (6), 1984; S. Perreault, "
    "P. Hebert, Median Filtering in Constant Time, IEEE Transactions on Image Processing 16 (9), 2007",
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
