// SPDX-License-Identifier: GPL-3.0-or-later
/* sobel: the slope of the picture by two small kernels, to the right (x) and downwards (y).
 *
 *   sobel    -1 0 1     scharr   -3 0  3     prewitt  -1 0 1     sobel-5: (1 4 6 4 1) down, (-1 -2 0 2 1) across
 *            -2 0 2             -10 0 10              -1 0 1
 *            -1 0 1              -3 0  3              -1 0 1
 *
 * and their transposes, each divided by the sum of its positive weights (4, 16, 3, 48), so that a step from black to
 * white answers 1 (as in scikit-image; OpenCV divides by nothing). Shown is sqrt (x^2 + y^2), or x or y alone about mid
 * gray: 0.5 + x / 2.
 *
 * Sources: I. Sobel, G. Feldman, "A 3x3 Isotropic Gradient Operator for Image Processing", Stanford AI Project, 1968;
 * J. Prewitt, "Object Enhancement and Extraction", 1970; H. Scharr, "Optimale Operatoren in der digitalen
 * Bildverarbeitung", Heidelberg, 2000. */
#include "core/i18n.h"
#include "filters/kernel/gradient.h"

enum { KERNEL, OUTPUT, AMOUNT, CHANNEL };

static const IeChoice kernels[] = { { "sobel", N_ ("Sobel") },
                                    { "scharr", N_ ("Scharr") },
                                    { "prewitt", N_ ("Prewitt") },
                                    { "sobel-5", N_ ("Sobel, 5 x 5") },
                                    { NULL, NULL } };
static const IeChoice outputs[] = { { "magnitude", N_ ("Magnitude") },
                                    { "x", N_ ("To the Right, about Gray") },
                                    { "y", N_ ("Downwards, about Gray") },
                                    { NULL, NULL } };
static const IeChoice channels[] = IE_EDGE_CHANNELS;

static const IeParam params[] = {
  { .id = "kernel", .label = N_ ("Kernel"), .type = IE_PARAM_ENUM, .unit = "", .initial = 0, .choices = kernels,
    .summary = N_ ("Weights of the window: Scharr turns with the edge most evenly, 5 x 5 sees least noise.") },
  { .id = "output", .label = N_ ("Output"), .type = IE_PARAM_ENUM, .unit = "", .initial = IE_SHOW_MAGNITUDE,
    .choices = outputs,
    .summary = N_ ("The magnitude of the slope, or one of its parts with its sign, 0 being mid gray.") },
  IE_EDGE_AMOUNT_PARAM (2),
  IE_EDGE_CHANNEL_PARAM (channels),
  IE_PARAMS_END
};

/* Across: difference; down: smoothing. */
static const struct {
  double difference[5], smoothing[5];
  int size;
  double positive; /* sum of the positive weights */
} pairs[] = { { { -1, 0, 1 }, { 1, 2, 1 }, 3, 4 },
              { { -1, 0, 1 }, { 3, 10, 3 }, 3, 16 },
              { { -1, 0, 1 }, { 1, 1, 1 }, 3, 3 },
              { { -1, -2, 0, 2, 1 }, { 1, 4, 6, 4, 1 }, 5, 48 } };

static gpointer
prepare (const IeStep *step, GError **error)
{
  int kernel = ie_int (step->params, KERNEL), show = ie_int (step->params, OUTPUT), n = pairs[kernel].size;
  IeStencils *stencils = ie_stencils_new (ie_int (step->params, CHANNEL) == IE_CHANNEL_LUMA);
  double x[25], y[25];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      x[i * n + j] = pairs[kernel].smoothing[i] * pairs[kernel].difference[j];
      y[i * n + j] = pairs[kernel].difference[i] * pairs[kernel].smoothing[j];
    }
  if (show != IE_SHOW_Y)
    ie_stencils_add (stencils, x, n, n, 1 / pairs[kernel].positive);
  if (show != IE_SHOW_X)
    ie_stencils_add (stencils, y, n, n, 1 / pairs[kernel].positive);
  return stencils;
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  IeShowing showing = ie_gradient_showing ((IeGradientShow) ie_int (step->params, OUTPUT),
                                           ie_number (step->params, AMOUNT), out->depth);
  ie_stencils_apply (step->prepared, work, in, out, ie_gradient_combine, &showing);
}

IE_FILTER (sobel) = {
  .name = "sobel",
  .version = 1,
  .label = N_ ("Sobel Edges"),
  .summary = N_ ("Shows edges: the slope of the picture by the kernels of Sobel, Scharr or Prewitt"),
  .group = N_ ("Edges"),
  .citation = "I. Sobel, G. Feldman, A 3x3 Isotropic Gradient Operator for Image Processing, Stanford, 1968",
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
