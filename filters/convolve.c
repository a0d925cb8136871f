// SPDX-License-Identifier: GPL-3.0-or-later
/* convolve: every sample becomes the weighted sum of its neighbours, by weights that the user writes.
 *
 *   out (x, y) = bias + scale * sum over i, j of kernel[i][j] * in (x + j - columns / 2, y + i - rows / 2)
 *
 * The kernel lies over the picture as it is written (a correlation, as filter2D of OpenCV and the matrices of GIMP and
 * ImageMagick). scale: 1; or 1 / sum of the weights, where that is not 0; or 1 / sum of their sizes.
 *
 * Source: Gonzalez, Woods, Digital Image Processing, 4th ed., section 3.4. */
#include "core/error.h"
#include "core/i18n.h"
#include "filters/kernel/stencil.h"

enum { KERNEL, NORMALISE, BIAS };
enum { BY_SUM, BY_SIZES, NOT };

#define MOST_SIDE 63

static const IeChoice ways[] = { { "sum", N_ ("By the Sum of the Weights") },
                                 { "sizes", N_ ("By the Sum of Their Sizes") },
                                 { "none", N_ ("Not at All") },
                                 { NULL, NULL } };

static const IeParam params[] = {
  { .id = "kernel", .label = N_ ("Kernel"), .type = IE_PARAM_MATRIX, .unit = "", .initial_text = "1,2,1;2,4,2;1,2,1",
    .min = -1e6, .max = 1e6,
    .summary =
        N_ ("The weights, row after row, rows separated by ';', up to 63 x 63: 0,-1,0;-1,5,-1;0,-1,0 sharpens.") },
  { .id = "normalise", .label = N_ ("Normalise"), .type = IE_PARAM_ENUM, .unit = "", .initial = BY_SUM, .choices = ways,
    .summary = N_ ("What the result is divided by; a sum of 0 divides by nothing.") },
  { .id = "bias", .label = N_ ("Bias"), .type = IE_PARAM_FLOAT, .unit = "% of range", .initial = 0, .min = -1000,
    .max = 1000, .slider_min = -100, .slider_max = 100,
    .summary = N_ ("Added to the result: 50 shows kernels whose weights sum to 0 about mid gray.") },
  IE_PARAMS_END
};

static double
scale (const IeValue *kernel, int way)
{
  double sum = 0, sizes = 0;
  for (int i = 0; i < kernel->count; i++) {
    sum += kernel->numbers[i];
    sizes += ABS (kernel->numbers[i]);
  }
  /* A sum that is 0 but for rounding is 0: 0.1 0.2 -0.3. */
  double divisor = way == BY_SUM ? sum : way == BY_SIZES ? sizes : 1;
  return ABS (divisor) > 1e-9 * sizes ? 1 / divisor : 1;
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  const IeValue *kernel = &step->params->values[KERNEL];
  int columns = kernel->columns, rows = columns > 0 ? kernel->count / columns : 0;
  if (rows < 1 || columns > MOST_SIDE || rows > MOST_SIDE) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("kernel: %d x %d weights; from 1 x 1 to %d x %d are possible"),
                 columns, rows, MOST_SIDE, MOST_SIDE);
    return NULL;
  }
  IeStencils *stencils = ie_stencils_new (FALSE);
  ie_stencils_add (stencils, kernel->numbers, columns, rows, scale (kernel, ie_int (step->params, NORMALISE)));
  return stencils;
}

static void
combine (gconstpointer data, float *const *sums, const float *centre, int samples)
{
  float bias = *(const float *) data, *restrict sum = sums[0];
  for (int i = 0; i < samples; i++)
    sum[i] += bias;
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  float bias = (float) (ie_number (step->params, BIAS) / 100 * ie_depth_range (out->depth));
  ie_stencils_apply (step->prepared, work, in, out, combine, &bias);
}

IE_FILTER (convolve) = {
  .name = "convolve",
  .version = 1,
  .label = N_ ("Convolve"),
  .summary = N_ ("Weighs each pixel's neighbours by a matrix of your own"),
  .group = N_ ("Blur"),
  .citation = "Gonzalez, Woods: Digital Image Processing, 4th ed., section 3.4",
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
