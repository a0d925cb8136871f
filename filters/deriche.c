// SPDX-License-Identifier: GPL-3.0-or-later
/* deriche: the slope of the picture by Deriche's kernels, which are the best against noise that see an edge of any
 * length: x exp (-alpha |x|) across the edge, (alpha |x| + 1) exp (-alpha |x|) along it.
 *
 * A step from black to white answers 1. Shown is sqrt (x^2 + y^2), or x or y alone about mid gray: 0.5 + x / 2. How the
 * kernels are computed, and how near that comes to the recursion, stands in filters/kernel/deriche.h.
 *
 * Source: R. Deriche, "Using Canny's Criteria to Derive a Recursively Implemented Optimal Edge Detector", International
 * Journal of Computer Vision 1 (2), 1987. */
#include "core/i18n.h"
#include "filters/kernel/deriche.h"
#include "filters/kernel/gradient.h"

enum { ALPHA, OUTPUT, AMOUNT, CHANNEL };

static const IeChoice outputs[] = { { "magnitude", N_ ("Magnitude") },
                                    { "x", N_ ("To the Right, about Gray") },
                                    { "y", N_ ("Downwards, about Gray") },
                                    { NULL, NULL } };
static const IeChoice channels[] = IE_EDGE_CHANNELS;

static const IeParam params[] = {
  { .id = "alpha", .label = N_ ("Alpha"), .type = IE_PARAM_FLOAT, .unit = "per px", .initial = 1.5,
    .min = IE_DERICHE_LEAST, .max = IE_DERICHE_MOST, .slider_min = 0.25, .slider_max = 3,
    .summary =
        N_ ("How fast the kernels fall off: small values are wide and see through noise, large ones keep detail.") },
  { .id = "output", .label = N_ ("Output"), .type = IE_PARAM_ENUM, .unit = "", .initial = IE_SHOW_MAGNITUDE,
    .choices = outputs,
    .summary = N_ ("The magnitude of the slope, or one of its parts with its sign, 0 being mid gray.") },
  IE_EDGE_AMOUNT_PARAM (2),
  IE_EDGE_CHANNEL_PARAM (channels),
  IE_PARAMS_END
};

static gpointer
prepare (const IeStep *step, GError **error)
{
  int show = ie_int (step->params, OUTPUT);
  IeStencils *stencils = ie_stencils_new (ie_int (step->params, CHANNEL) == IE_CHANNEL_LUMA);
  ie_deriche_add_gradient (stencils, ie_number (step->params, ALPHA), show != IE_SHOW_Y, show != IE_SHOW_X);
  return stencils;
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  IeShowing showing = ie_gradient_showing ((IeGradientShow) ie_int (step->params, OUTPUT),
                                           ie_number (step->params, AMOUNT), out->depth);
  ie_stencils_apply (step->prepared, work, in, out, ie_gradient_combine, &showing);
}

IE_FILTER (deriche) = {
  .name = "deriche",
  .version = 1,
  .label = N_ ("Deriche Edges"),
  .summary = N_ ("Shows edges through noise: the slope of the picture by Deriche's kernels"),
  .group = N_ ("Edges"),
  .citation = "R. Deriche, Using Canny's Criteria to Derive a Recursively Implemented Optimal Edge Detector, "
              "International Journal of Computer Vision 1 (2), 1987",
  .filter_class = IE_AREA,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .prepare = prepare,
  .release = ie_stencils_free,
  .region = ie_stencils_region,
  .memory = ie_stencils_memory,
  .apply = apply,
  .apply_u8 = apply,
  .apply_u16 = apply,
};
