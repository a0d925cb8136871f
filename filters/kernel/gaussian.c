// SPDX-License-Identifier: GPL-3.0-or-later
/* Kernels of the Gaussian and the choice of its way; see gaussian.h. */
#include "filters/kernel/gaussian.h"

#include "core/elementary.h"

#define CUT 4.5         /* sigmas, to the middle between taps: erfc (4.5 / sqrt (2)) = 6.8e-6 */
#define INTEGER_CUT 3.5 /* likewise: erfc (3.5 / sqrt (2)) = 4.7e-4, at most 0.06 of an 8-bit code */
#define INTEGER_ONE 32768
#define INTEGER_LEAST 0.25 /* sigma: below, the first tap beside the centre vanishes at 16 bits */
#define FOURTH_ORDER 16.0  /* sigma: from here on splines of order 4, below of order 6; see lattice_shape() */
#define PI 3.14159265358979323846

/* Order 6 with a factor of up to sigma / 2.2, order 4 with up to sigma / 4: both keep to the bound in gaussian.h. The
 * higher order costs half as much again for each pixel; the smaller factor leaves more of the lattice to blur, and wins
 * where that is little against the pixels. */
static void
lattice_shape (IeGaussianShape *shape)
{
  double sigma = shape->sigma;
  gboolean fourth = sigma >= FOURTH_ORDER;
  shape->order = fourth ? 4 : 6;
  shape->factor = (int) (sigma / (fourth ? 4 : 2.2));
  shape->reach = shape->order * (shape->factor - 1) / 2;
  /* A box of d samples has the variance (d^2 - 1) / 12; both splines have `order` of them. */
  double factor = shape->factor, step = sigma / factor;
  double variance = step * step - 2 * shape->order * (1 - 1 / (factor * factor)) / 12;
  shape->lattice_radius = (int) (4.6 * ie_sqrt (variance)) + 1;
}

IeGaussianShape
ie_gaussian_shape (double sigma)
{
  IeGaussianShape shape = { .sigma = sigma, .factor = 1 };
  if (sigma >= IE_GAUSSIAN_DIRECT)
    lattice_shape (&shape);
  else
    shape.radius = MAX ((int) (CUT * sigma + 0.5), 1);
  if (sigma >= INTEGER_LEAST && sigma < IE_GAUSSIAN_INTEGER)
    shape.integer_radius = MAX ((int) (INTEGER_CUT * sigma + 0.5), 1);
  return shape;
}

/* kernel[0 .. radius]: one side of the normalised kernel. */
static void
sample_kernel (double sigma, int radius, double *kernel)
{
  double sum = 0;
  for (int i = radius; i >= 0; i--) {
    double x = sigma > 0 ? i / sigma : 0;
    kernel[i] = sigma > 0 || i == 0 ? ie_exp (-0.5 * x * x) : 0;
    sum += i ? 2 * kernel[i] : kernel[i];
  }
  for (int i = 0; i <= radius; i++)
    kernel[i] /= sum;
}

/* Rounded to float so that the rounded kernel sums to 1: the centre takes up the difference. */
static float *
round_kernel (const double *kernel, int radius)
{
  float *taps = g_new (float, radius + 1);
  double rest = 1;
  for (int i = radius; i > 0; i--) {
    taps[i] = (float) kernel[i];
    rest -= 2.0 * taps[i];
  }
  taps[0] = (float) rest;
  return taps;
}

static gint16 *
integer_kernel (double sigma, int radius)
{
  double *kernel = g_new (double, radius + 1);
  gint16 *taps = g_new (gint16, radius + 1);
  sample_kernel (sigma, radius, kernel);
  int rest = INTEGER_ONE;
  for (int i = radius; i > 0; i--) {
    taps[i] = (gint16) (kernel[i] * INTEGER_ONE + 0.5);
    rest -= 2 * taps[i];
  }
  taps[0] = (gint16) MIN (rest, INTEGER_ONE - 1);
  g_free (kernel);
  return taps;
}

static void
make_splines (IeGaussian *gaussian)
{
  const IeGaussianShape *shape = &gaussian->shape;
  int factor = shape->factor, length = 2 * shape->reach + 1;
  double *spline = g_new0 (double, length);
  spline[0] = 1;
  for (int box = 0, filled = 1; box < shape->order; box++, filled += factor - 1)
    for (int i = filled + factor - 2; i >= 0; i--) {
      double sum = 0;
      for (int j = MAX (i - factor + 1, 0); j <= MIN (i, filled - 1); j++)
        sum += spline[j];
      spline[i] = sum / factor;
    }
  gaussian->spline = g_new (float, length);
  gaussian->enlarging = g_new (float, length);
  for (int i = 0; i < length; i++) {
    gaussian->spline[i] = (float) spline[i];
    gaussian->enlarging[i] = (float) (spline[i] * factor);
  }
  g_free (spline);
}

/* Response at `frequency` (cycles a lattice step, 0 < frequency < 1/2) that the lattice has to have: the Gaussian's
 * over that of both splines. */
static double
lattice_response (const IeGaussianShape *shape, double frequency)
{
  double per_pixel = frequency / shape->factor, at_sigma = 2 * PI * per_pixel * shape->sigma;
  double box = ie_sin (PI * frequency) / (shape->factor * ie_sin (PI * per_pixel)), splines = 1;
  for (int i = 0; i < 2 * shape->order; i++)
    splines *= box;
  return ie_exp (-0.5 * at_sigma * at_sigma) / splines;
}

/* The kernel of that response, by the midpoint rule over the frequencies; its tails are far below rounding long before
 * the rule's period of 2 FREQUENCIES steps. */
static double *
lattice_kernel (const IeGaussianShape *shape)
{
  enum { FREQUENCIES = 256 };
  int radius = shape->lattice_radius;
  double *kernel = g_new0 (double, radius + 1), sum = 0;
  for (int i = 0; i < FREQUENCIES; i++) {
    double frequency = (i + 0.5) / (2 * FREQUENCIES), response = lattice_response (shape, frequency);
    for (int x = 0; x <= radius; x++)
      kernel[x] += response * ie_cos (2 * PI * frequency * x);
  }
  for (int x = 0; x <= radius; x++) {
    kernel[x] = MAX (kernel[x], 0);
    sum += x ? 2 * kernel[x] : kernel[x];
  }
  for (int x = 0; x <= radius; x++)
    kernel[x] /= sum;
  return kernel;
}

IeGaussian *
ie_gaussian_new (double sigma)
{
  IeGaussian *gaussian = g_new0 (IeGaussian, 1);
  gaussian->shape = ie_gaussian_shape (sigma);
  const IeGaussianShape *shape = &gaussian->shape;
  double *kernel;
  if (shape->factor > 1) {
    make_splines (gaussian);
    kernel = lattice_kernel (shape);
    gaussian->lattice_taps = round_kernel (kernel, shape->lattice_radius);
  } else {
    kernel = g_new (double, shape->radius + 1);
    sample_kernel (sigma, shape->radius, kernel);
    gaussian->taps = round_kernel (kernel, shape->radius);
  }
  if (ie_gaussian_is_integer (shape))
    gaussian->integer_taps = integer_kernel (sigma, shape->integer_radius);
  g_free (kernel);
  return gaussian;
}

void
ie_gaussian_free (gpointer data)
{
  IeGaussian *gaussian = data;
  if (!gaussian)
    return;
  g_free (gaussian->taps);
  g_free (gaussian->integer_taps);
  g_free (gaussian->spline);
  g_free (gaussian->enlarging);
  g_free (gaussian->lattice_taps);
  g_free (gaussian);
}

gboolean
ie_gaussian_is_integer (const IeGaussianShape *shape)
{
  return shape->integer_radius > 0;
}

/* Measured: rows of float are read faster from a copy, one page after the other, than where they lie. */
gboolean
ie_gaussian_mirrors (const IeGaussianShape *shape, IeDepth depth, gboolean integer)
{
  return depth != IE_DEPTH_FLOAT && (shape->factor == 1 || (integer && ie_gaussian_is_integer (shape)));
}

gsize
ie_gaussian_memory (const IeGaussianShape *shape, IeRect out, int channels, gboolean integer)
{
  if (integer && ie_gaussian_is_integer (shape))
    return ie_gaussian_direct_memory (out.width, channels, shape->integer_radius, sizeof (gint16));
  return shape->factor > 1 ? ie_gaussian_lattice_memory (shape, out, channels)
                           : ie_gaussian_direct_memory (out.width, channels, shape->radius, sizeof (float));
}

void
ie_gaussian_rows (const IeGaussian *gaussian, IeWork *work, const IePixels *in, const IePixels *out, IeUnit unit,
                  IeGaussianRow row, gpointer data)
{
  if (gaussian->shape.factor > 1)
    ie_gaussian_lattice (gaussian, work, in, out, unit, row, data);
  else
    ie_gaussian_direct (gaussian, work, in, out, unit, row, data);
}
