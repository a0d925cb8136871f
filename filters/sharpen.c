// SPDX-License-Identifier: GPL-3.0-or-later
/* sharpen: out = in - amount * L (in), L a linear kernel for the sum of the second derivatives.
 *
 *   laplacian  the differences to the 4 neighbours: lifts the finest detail most, and the noise with it
 *   sobel      the kernels of Sobel, each applied twice: sx * sx + sy * sy, 5 x 5; leaves single pixels alone
 *   robinson   the same with four masks of Robinson's compass: like sobel, and alike in all directions
 *   deriche    Deriche's second derivative, alpha its fall-off (filters/kernel/deriche.h): for softness of any width
 *
 * Each answers 1 to x^2 / 2 (sobel, robinson and laplacian so by their weights), deriche times alpha^2, so that amount
 * means about the same at any width. The mean stays: all sum to 0.
 *
 * Source: Gonzalez, Woods, Digital Image Processing, 4th ed., section 3.6; a kernel applied twice: T. Lindeberg,
 * "Scale- Space Theory in Computer Vision", 1994, section 5.2 (derivatives of a smoothed picture are one convolution).
 */
#include "core/i18n.h"
#include "filters/kernel/deriche.h"

enum { KERNEL, AMOUNT, ALPHA, CHANNEL };
enum { LAPLACIAN, SOBEL, ROBINSON, DERICHE };
enum { LIGHTNESS, RGB };

static const IeChoice kernels[] = { { "laplacian", N_ ("Laplacian") },
                                    { "sobel", N_ ("Sobel") },
                                    { "robinson", N_ ("Robinson") },
                                    { "deriche", N_ ("Deriche") },
                                    { NULL, NULL } };
static const IeChoice channels[] = {
  { "lightness", N_ ("Lightness (L*)") },
  { "rgb", N_ ("Every channel") },
  { NULL, NULL }
};

static const IeParam params[] = {
  { .id = "kernel", .label = N_ ("Kernel"), .type = IE_PARAM_ENUM, .unit = "", .initial = SOBEL, .choices = kernels,
    .summary = N_ ("What is lifted: the finest detail (laplacian), not single pixels, or any width (deriche).") },
  { .id = "amount", .label = N_ ("Amount"), .type = IE_PARAM_FLOAT, .unit = "", .initial = 0.7, .min = 0, .max = 20,
    .slider_min = 0, .slider_max = 3, .summary = N_ ("Share of the second derivative that is taken away.") },
  { .id = "alpha", .label = N_ ("Alpha"), .type = IE_PARAM_FLOAT, .unit = "per px", .initial = 1.5,
    .min = IE_DERICHE_LEAST, .max = IE_DERICHE_MOST, .slider_min = 0.25, .slider_max = 3,
    .visible_if = "kernel=deriche",
    .summary = N_ ("How fast Deriche's kernel falls off: small values sharpen wide softness.") },
  { .id = "channel", .label = N_ ("Channel"), .type = IE_PARAM_ENUM, .unit = "", .initial = LIGHTNESS,
    .choices = channels,
    .summary =
        N_ ("What is sharpened: lightness keeps the colours, every channel by itself can give coloured seams.") },
  IE_PARAMS_END
};

static gboolean
neutral (const IeParams *values)
{
  return ie_number (values, AMOUNT) == 0;
}

static IeSpace
space (const IeParams *values)
{
  return ie_int (values, CHANNEL) == LIGHTNESS ? IE_SPACE_LIGHTNESS : IE_SPACE_NATIVE;
}

#define SIDE 5
static const double laplace[9] = { 0, 1, 0, 1, -4, 1, 0, 1, 0 };
/* To the right, downwards, and along the two diagonals. */
static const double masks[4][9] = { { -1, 0, 1, -2, 0, 2, -1, 0, 1 },
                                    { -1, -2, -1, 0, 0, 0, 1, 2, 1 },
                                    { -2, -1, 0, -1, 0, 1, 0, 1, 2 },
                                    { 0, 1, 2, -1, 0, 1, -2, -1, 0 } };

/* sum += mask * mask, a convolution. */
static void
add_square (const double *mask, double *sum)
{
  for (int i = 0; i < 9; i++)
    for (int j = 0; j < 9; j++)
      sum[(i / 3 + j / 3) * SIDE + i % 3 + j % 3] += mask[i] * mask[j];
}

/* What the kernel answers to x^2 / 2. */
static double
answer (const double *kernel)
{
  double sum = 0;
  for (int i = 0; i < SIDE * SIDE; i++) {
    double x = i % SIDE - SIDE / 2;
    sum += kernel[i] * x * x / 2;
  }
  return sum;
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  IeStencils *stencils = ie_stencils_new (FALSE);
  int kernel = ie_int (step->params, KERNEL);
  if (kernel == DERICHE)
    ie_deriche_add_laplacian (stencils, ie_number (step->params, ALPHA));
  else if (kernel == LAPLACIAN)
    ie_stencils_add (stencils, laplace, 3, 3, 1);
  else {
    double square[SIDE * SIDE] = { 0 };
    for (int m = 0; m < (kernel == SOBEL ? 2 : 4); m++)
      add_square (masks[m], square);
    ie_stencils_add (stencils, square, SIDE, SIDE, 1 / answer (square));
  }
  return stencils;
}

static void
subtract (float *restrict sums, const float *restrict centre, int samples, float amount)
{
  for (int i = 0; i < samples; i++)
    sums[i] = centre[i] - amount * sums[i];
}

static void
subtract_both (float *restrict right, const float *restrict down, const float *restrict centre, int samples,
               float amount)
{
  for (int i = 0; i < samples; i++)
    right[i] = centre[i] - amount * (right[i] + down[i]);
}

typedef struct {
  gboolean both;
  float amount;
} Sharpening;

static void
combine (gconstpointer data, float *const *sums, const float *centre, int samples)
{
  const Sharpening *sharpening = data;
  if (sharpening->both)
    subtract_both (sums[0], sums[1], centre, samples, sharpening->amount);
  else
    subtract (sums[0], centre, samples, sharpening->amount);
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  double amount = ie_number (step->params, AMOUNT), alpha = ie_number (step->params, ALPHA);
  gboolean deriche = ie_int (step->params, KERNEL) == DERICHE;
  Sharpening sharpening = { deriche, (float) (deriche ? amount * alpha * alpha : amount) };
  ie_stencils_apply (step->prepared, work, in, out, combine, &sharpening);
}

IE_FILTER (sharpen) = {
  .name = "sharpen",
  .version = 1,
  .label = N_ ("Sharpen"),
  .summary = N_ ("Sharpens by a linear kernel: Laplacian, Sobel, Robinson or Deriche"),
  .group = N_ ("Sharpen"),
  .citation = "Gonzalez, Woods: Digital Image Processing, 4th ed., section 3.6; R. Deriche, Fast Algorithms for "
              "Low-Level Vision, IEEE Transactions on Pattern Analysis and Machine Intelligence 12 (1), 1990",
  .filter_class = IE_AREA,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .space = space,
  .neutral = neutral,
  .prepare = prepare,
  .release = ie_stencils_free,
  .region = ie_stencils_region,
  .memory = ie_stencils_memory,
  .apply = apply,
  .apply_u8 = apply,
  .apply_u16 = apply,
};
