// SPDX-License-Identifier: GPL-3.0-or-later
#include "filters/kernel/deriche.h"

#include "core/elementary.h"

#define CUT 16.7 /* (x + 1) exp (-x) < 1e-6 */

typedef struct {
  int radius;
  double *smoothing, *slope, *curvature; /* 2 * radius + 1 each */
} Kernels;

static double *
curvature_of (double alpha, int radius)
{
  double *kernel = g_new (double, 2 * radius + 1), flat = 0, cone = 0, square = 0;
  for (int x = -radius; x <= radius; x++) {
    double decay = ie_exp (-alpha * ABS (x));
    flat += decay;
    cone += alpha * ABS (x) * decay;
  }
  double ratio = flat / cone; /* n above: the sum becomes 0 */
  for (int x = -radius; x <= radius; x++) {
    kernel[x + radius] = (1 - ratio * alpha * ABS (x)) * ie_exp (-alpha * ABS (x));
    square += kernel[x + radius] * x * x;
  }
  for (int i = 0; i <= 2 * radius; i++)
    kernel[i] *= 2 / square;
  return kernel;
}

static Kernels
kernels_new (double alpha)
{
  int radius = MAX ((int) (CUT / alpha + 0.5), 2);
  Kernels k = { .radius = radius };
  k.smoothing = g_new (double, 2 * radius + 1);
  k.slope = g_new (double, 2 * radius + 1);
  double sum = 0, half = 0;
  for (int x = -radius; x <= radius; x++) {
    double decay = ie_exp (-alpha * ABS (x));
    k.smoothing[x + radius] = (alpha * ABS (x) + 1) * decay;
    k.slope[x + radius] = x * decay;
    sum += k.smoothing[x + radius];
    half += x > 0 ? k.slope[x + radius] : 0;
  }
  for (int i = 0; i <= 2 * radius; i++) {
    k.smoothing[i] /= sum;
    k.slope[i] /= half;
  }
  k.curvature = curvature_of (alpha, radius);
  return k;
}

static void
kernels_free (Kernels *k)
{
  g_free (k->smoothing);
  g_free (k->slope);
  g_free (k->curvature);
}

void
ie_deriche_add_gradient (IeStencils *stencils, double alpha, gboolean right, gboolean down)
{
  Kernels k = kernels_new (alpha);
  if (right)
    ie_stencils_add_separable (stencils, k.smoothing, k.slope, k.radius);
  if (down)
    ie_stencils_add_separable (stencils, k.slope, k.smoothing, k.radius);
  kernels_free (&k);
}

void
ie_deriche_add_laplacian (IeStencils *stencils, double alpha)
{
  Kernels k = kernels_new (alpha);
  ie_stencils_add_separable (stencils, k.smoothing, k.curvature, k.radius);
  ie_stencils_add_separable (stencils, k.curvature, k.smoothing, k.radius);
  kernels_free (&k);
}
