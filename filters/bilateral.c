// SPDX-License-Identifier: GPL-3.0-or-later
/* bilateral: an average over a window that leaves out what looks different, so that edges stay.
 *
 *   out(p) = sum over q of w(p, q) in(q) / sum over q of w(p, q)
 *   w(p, q) = exp (-|p - q|^2 / (2 sigma_space^2)) exp (-d(p, q)^2 / (2 sigma_range^2))
 *
 * |p - q| is the distance in pixels; q runs over the disc (|p - q| <= radius) or square of the window. d is the mean
 * over the colour channels of |in(p) - in(q)| (edges=colour: all channels share one weight, so that no new colours
 * arise at edges), or the difference of the mean of the channels (edges=luma). With alpha, w is multiplied by the alpha
 * of q. OpenCV's bilateralFilter (d, sigmaColor, sigmaSpace) is radius = d / 2 and, in percent of the range,
 * sigma-range = sigmaColor / channels / 255 * 100: it takes the sum of the channels' differences.
 *
 * method=exact is the formula. method=fast approximates the formula with edges=luma and a window without end (4 sigma
 * and more), by a grid of place and luma: within 0.25 code of 8 bits in the mean on photographs
 * (filters/kernel/bilateral-grid.c). It does not approximate edges=colour, from which it is as far as edges=luma is: where
 * neighbouring areas differ in hue alone it blends them. Measured on photographs at sigma-space 12 and sigma-range 3.3:
 * 0.2 code in the mean where there is little colour, 1 to 3 where there is much.
 *
 * Source: C. Tomasi, R. Manduchi, "Bilateral Filtering for Gray and Color Images", ICCV 1998. */
#include "core/error.h"
#include "core/i18n.h"
#include "filters/kernel/bilateral.h"

enum { SIGMA_SPACE, SIGMA_RANGE, RADIUS, WINDOW, EDGES, METHOD };
enum { DISC, SQUARE };
enum { COLOUR, LUMA };
enum { EXACT, FAST };

static const IeChoice windows[] = { { "disc", N_ ("Disc") }, { "square", N_ ("Square") }, { NULL } };
static const IeChoice edges[] = { { "colour", N_ ("Colour") }, { "luma", N_ ("Luma") }, { NULL } };
static const IeChoice methods[] = { { "exact", N_ ("Exact") }, { "fast", N_ ("Fast") }, { NULL } };

static const IeParam params[] = {
  [SIGMA_SPACE] = { .id = "sigma-space",
                    .label = N_ ("Size"),
                    .type = IE_PARAM_FLOAT,
                    .unit = "px",
                    .initial = 3,
                    .min = 0,
                    .max = 200,
                    .slider_min = 0,
                    .slider_max = 30,
                    .curve = IE_SLIDER_LOGARITHMIC,
                    .summary = N_ ("How far the averaging reaches: standard deviation in pixels; 0 changes nothing.") },
  [SIGMA_RANGE] = { .id = "sigma-range",
                    .label = N_ ("Edge Threshold"),
                    .type = IE_PARAM_FLOAT,
                    .unit = "% of range",
                    .initial = 6,
                    .min = 0,
                    .max = 100,
                    .slider_min = 0,
                    .slider_max = 30,
                    .summary = N_ ("Differences of this size count as edges: standard deviation; 0 changes nothing.") },
  [RADIUS] = { .id = "radius",
               .label = N_ ("Radius"),
               .type = IE_PARAM_INT,
               .unit = "px",
               .initial = 0,
               .min = 0,
               .max = 200,
               .slider_min = 0,
               .slider_max = 20,
               .visible_if = "method=exact",
               .summary = N_ ("Half the side of the window, which is 2 radius + 1 pixels; 0 takes 2 sigma-space.") },
  [WINDOW] = { .id = "window",
               .label = N_ ("Window"),
               .type = IE_PARAM_ENUM,
               .unit = "",
               .initial = DISC,
               .choices = windows,
               .visible_if = "method=exact",
               .summary = N_ ("The shape of the window.") },
  [EDGES] = { .id = "edges",
              .label = N_ ("Edges Of"),
              .type = IE_PARAM_ENUM,
              .unit = "",
              .initial = COLOUR,
              .choices = edges,
              .visible_if = "method=exact",
              .summary = N_ ("What differs at an edge: all colour channels together, or their mean.") },
  [METHOD] = { .id = "method",
               .label = N_ ("Method"),
               .type = IE_PARAM_ENUM,
               .unit = "",
               .initial = EXACT,
               .choices = methods,
               .summary = N_ ("The formula, or for large sizes an approximation of it with edges of luma: within 0.25 "
                              "code of 8 bits in the mean of that; areas that differ in hue alone are blended.") },
  IE_PARAMS_END,
};

/* Where sigma-space alone gives the window: what a disc of 2 sigma leaves out weighs exp(-2), 14%, of a flat area. */
#define AUTOMATIC_RADIUS 2.0
/* Below them the grid would be as fine as the picture, or hold hundreds of bins a cell. */
#define FAST_SPACE 4.0
#define FAST_RANGE 1.0

static gboolean
neutral (const IeParams *values)
{
  return ie_number (values, SIGMA_SPACE) == 0 || ie_number (values, SIGMA_RANGE) == 0;
}

static IeBilateralShape
shape_of (const IeParams *values)
{
  double sigma = ie_number (values, SIGMA_SPACE);
  int radius = ie_int (values, RADIUS), whole = (int) (AUTOMATIC_RADIUS * sigma);
  return (IeBilateralShape){
    .sigma_space = sigma,
    .sigma_range = ie_number (values, SIGMA_RANGE) / 100,
    .radius = radius ? radius : MAX (whole + (whole < AUTOMATIC_RADIUS * sigma), 1),
    .square = ie_int (values, WINDOW) == SQUARE,
    .luma = ie_int (values, EDGES) == LUMA,
  };
}

static gboolean
is_fast (const IeParams *values)
{
  return ie_int (values, METHOD) == FAST;
}

static gboolean
header (const IeStep *step, IeHeader *output, GError **error)
{
  *output = step->input;
  if (!is_fast (step->params))
    return TRUE;
  if (ie_number (step->params, SIGMA_SPACE) >= FAST_SPACE && ie_number (step->params, SIGMA_RANGE) >= FAST_RANGE)
    return TRUE;
  g_set_error_literal (
      error, IE_ERROR, IE_ERROR_USAGE,
      /* xgettext:no-c-format */
      _ ("method=fast takes sigma-space of 4 pixels and more and sigma-range of 1 % and more; method=exact "
         "takes all"));
  return FALSE;
}

static IeRect
region (const IeStep *step, IeRect output, int input)
{
  IeBilateralShape shape = shape_of (step->params);
  return is_fast (step->params) ? ie_bilateral_grid_region (&shape, output)
                                : ie_rect_grow (output, shape.radius, shape.radius);
}

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  IeBilateralShape shape = shape_of (step->params);
  return is_fast (step->params) ? ie_bilateral_grid_memory (&shape, output, step->input.channels)
                                : ie_bilateral_exact_memory (&shape, output, step->input.channels);
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  IeBilateralShape shape = shape_of (step->params);
  return ie_bilateral_new (&shape);
}

/* Every depth: the views say which. */
static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const IeBilateral *bilateral = step->prepared;
  if (is_fast (step->params))
    ie_bilateral_grid (&bilateral->shape, work, in, out);
  else
    ie_bilateral_exact (bilateral, work, in, out);
}

IE_FILTER (bilateral) = {
  .name = "bilateral",
  .version = 1,
  .label = N_ ("Bilateral"),
  .summary = N_ ("Smooths areas and keeps edges: an average of near pixels of similar colour"),
  .group = N_ ("Blur"),
  .citation = "C. Tomasi, R. Manduchi, Bilateral Filtering for Gray and Color Images, ICCV 1998; J. Chen, S. Paris, "
              "F. Durand, Real-time Edge-Aware Image Processing with the Bilateral Grid, ACM Transactions on Graphics "
              "26 (3), 2007",
  .filter_class = IE_AREA,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .neutral = neutral,
  .header = header,
  .region = region,
  .memory = memory,
  .prepare = prepare,
  .release = ie_bilateral_free,
  .apply = apply,
  .apply_u8 = apply,
  .apply_u16 = apply,
};
