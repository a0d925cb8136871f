// SPDX-License-Identifier: GPL-3.0-or-later
/* laplacian: the sum of the second differences to all neighbours, which shows lines, corners and what is sharp.
 *
 *   4 neighbours  0  1  0      8 neighbours  1  1  1
 *                 1 -4  1                    1 -8  1
 *                 0  1  0                    1  1  1
 *
 * divided by 4 or 8: a white pixel on black answers -1. Shown is the absolute value, or the value about mid gray:
 * 0.5 + L / 2. (With the 4 neighbours this is OpenCV's Laplacian of aperture 1 and SciPy's laplace, divided by 4.)
 *
 * Source: Gonzalez, Woods, Digital Image Processing, 4th ed., section 3.6, "Using the second derivative". */
#include "core/i18n.h"
#include "filters/kernel/gradient.h"

enum { NEIGHBOURS, OUTPUT, AMOUNT, CHANNEL };
enum { FOUR, EIGHT };
enum { MAGNITUDE, SIGNED };

static const IeChoice neighbours[] = { { "4", "4" }, { "8", "8" }, { NULL, NULL } };
static const IeChoice outputs[]
  = { { "magnitude", N_ ("Magnitude") }, { "signed", N_ ("With Sign, about Gray") }, { NULL, NULL } };
static const IeChoice channels[] = IE_EDGE_CHANNELS;

static const IeParam params[] = {
  { .id = "neighbours", .label = N_ ("Neighbours"), .type = IE_PARAM_ENUM, .unit = "", .initial = FOUR,
    .choices = neighbours, .summary = N_ ("How many pixels around each are compared with it.") },
  { .id = "output", .label = N_ ("Output"), .type = IE_PARAM_ENUM, .unit = "", .initial = MAGNITUDE, .choices = outputs,
    .summary = N_ ("The size of the difference, or the difference with its sign, 0 being mid gray.") },
  { .id = "amount", .label = N_ ("Amount"), .type = IE_PARAM_FLOAT, .unit = "", .initial = 8, .min = 0, .max = 1000,
    .slider_min = 0, .slider_max = 30, .summary = N_ ("Factor; at 1 a white pixel on black gives white.") },
  IE_EDGE_CHANNEL_PARAM (channels),
  IE_PARAMS_END
};

static const double kernels[2][9] = { { 0, 1, 0, 1, -4, 1, 0, 1, 0 }, { 1, 1, 1, 1, -8, 1, 1, 1, 1 } };

static gpointer
prepare (const IeStep *step, GError **error)
{
  int kernel = ie_int (step->params, NEIGHBOURS);
  IeStencils *stencils = ie_stencils_new (ie_int (step->params, CHANNEL) == IE_CHANNEL_LUMA);
  ie_stencils_add (stencils, kernels[kernel], 3, 3, kernel == FOUR ? 0.25 : 0.125);
  return stencils;
}

typedef struct {
  gboolean is_signed;
  float amount, gray;
} Showing;

static void
absolute (float *restrict sums, int samples, float amount)
{
  for (int i = 0; i < samples; i++)
    sums[i] = (sums[i] < 0 ? -sums[i] : sums[i]) * amount;
}

static void
about_gray (float *restrict sums, int samples, float factor, float gray)
{
  for (int i = 0; i < samples; i++)
    sums[i] = gray + sums[i] * factor;
}

static void
combine (gconstpointer data, float *const *sums, const float *centre, int samples)
{
  const Showing *showing = data;
  if (showing->is_signed)
    about_gray (sums[0], samples, 0.5f * showing->amount, showing->gray);
  else
    absolute (sums[0], samples, showing->amount);
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  Showing showing = { .is_signed = ie_int (step->params, OUTPUT) == SIGNED,
                      .amount = (float) ie_number (step->params, AMOUNT),
                      .gray = 0.5f * ie_depth_range (out->depth) };
  ie_stencils_apply (step->prepared, work, in, out, combine, &showing);
}

IE_FILTER (laplacian) = {
  .name = "laplacian",
  .version = 1,
  .label = N_ ("Laplacian"),
  .summary = N_ ("Shows lines and fine detail: the second difference to the neighbours"),
  .group = N_ ("Edges"),
  .citation = "Gonzalez, Woods: Digital Image Processing, 4th ed., section 3.6",
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
