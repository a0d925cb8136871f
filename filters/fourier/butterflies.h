// SPDX-License-Identifier: GPL-3.0-or-later
/* Discrete Fourier transforms of a few points, on many lines beside each other: for fourier/lanes.c, whose loops over lanes
 * these are the bodies of.
 *
 *   y[k] = sum over j of x[j] exp (-2 pi i j k / r)
 *
 * For an odd r the sums of x[j] +- x[r - j] halve the products. 5: the cosines of 72 and 144 degrees are -1/4 +- sqrt (5) / 4
 * (S. Winograd, "On computing the discrete Fourier transform", Mathematics of Computation 32 (1978) 175-199). */
#pragma once

#include <glib.h>

typedef struct {
  float re, im;
} IeComplex;

#define IE_BUTTERFLY static inline __attribute__ ((always_inline))

IE_BUTTERFLY IeComplex
ie_plus (IeComplex a, IeComplex b)
{
  return (IeComplex){ a.re + b.re, a.im + b.im };
}

IE_BUTTERFLY IeComplex
ie_minus (IeComplex a, IeComplex b)
{
  return (IeComplex){ a.re - b.re, a.im - b.im };
}

/* a - i b, a + i b */
IE_BUTTERFLY IeComplex
ie_minus_turned (IeComplex a, IeComplex b)
{
  return (IeComplex){ a.re + b.im, a.im - b.re };
}

IE_BUTTERFLY IeComplex
ie_plus_turned (IeComplex a, IeComplex b)
{
  return (IeComplex){ a.re - b.im, a.im + b.re };
}

IE_BUTTERFLY IeComplex
ie_scaled (IeComplex a, float factor)
{
  return (IeComplex){ a.re * factor, a.im * factor };
}

IE_BUTTERFLY IeComplex
ie_times (IeComplex a, IeComplex b)
{
  return (IeComplex){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

IE_BUTTERFLY void
ie_butterfly_1 (IeComplex *x)
{}

IE_BUTTERFLY void
ie_butterfly_2 (IeComplex *x)
{
  IeComplex sum = ie_plus (x[0], x[1]);
  x[1] = ie_minus (x[0], x[1]);
  x[0] = sum;
}

IE_BUTTERFLY void
ie_butterfly_3 (IeComplex *x)
{
  const float sine = 0.86602540378443864676f; /* of 120 degrees: sqrt (3) / 2 */
  IeComplex sum = ie_plus (x[1], x[2]), side = ie_scaled (ie_minus (x[1], x[2]), sine);
  IeComplex middle = ie_minus (x[0], ie_scaled (sum, 0.5f));
  x[0] = ie_plus (x[0], sum);
  x[1] = ie_minus_turned (middle, side);
  x[2] = ie_plus_turned (middle, side);
}

IE_BUTTERFLY void
ie_butterfly_4 (IeComplex *x)
{
  IeComplex a = ie_plus (x[0], x[2]), b = ie_minus (x[0], x[2]);
  IeComplex c = ie_plus (x[1], x[3]), d = ie_minus (x[1], x[3]);
  x[0] = ie_plus (a, c);
  x[1] = ie_minus_turned (b, d);
  x[2] = ie_minus (a, c);
  x[3] = ie_plus_turned (b, d);
}

IE_BUTTERFLY void
ie_butterfly_5 (IeComplex *x)
{
  const float root = 0.55901699437494742410f;                                  /* sqrt (5) / 4 */
  const float sine = 0.95105651629515357212f, other = 0.58778525229247312917f; /* of 72 and 144 degrees */
  IeComplex a = ie_plus (x[1], x[4]), b = ie_minus (x[1], x[4]);
  IeComplex c = ie_plus (x[2], x[3]), d = ie_minus (x[2], x[3]);
  IeComplex sum = ie_plus (a, c), half = ie_scaled (ie_minus (a, c), root);
  IeComplex middle = ie_minus (x[0], ie_scaled (sum, 0.25f));
  IeComplex p = ie_plus (middle, half), q = ie_minus (middle, half);
  IeComplex s = ie_plus (ie_scaled (b, sine), ie_scaled (d, other));
  IeComplex t = ie_minus (ie_scaled (b, other), ie_scaled (d, sine));
  x[0] = ie_plus (x[0], sum);
  x[1] = ie_minus_turned (p, s);
  x[4] = ie_plus_turned (p, s);
  x[2] = ie_minus_turned (q, t);
  x[3] = ie_plus_turned (q, t);
}

/* x0 + a c1 + b c2 + c c3; a s1 + b s2 + c s3 */
IE_BUTTERFLY IeComplex
ie_sum_of_three (IeComplex a, float wa, IeComplex b, float wb, IeComplex c, float wc)
{
  return ie_plus (ie_plus (ie_scaled (a, wa), ie_scaled (b, wb)), ie_scaled (c, wc));
}

IE_BUTTERFLY void
ie_butterfly_7 (IeComplex *x)
{
  /* Cosines and sines of 2 pi k / 7, k = 1, 2, 3. */
  const float c1 = 0.62348980185873353053f, c2 = -0.22252093395631440429f, c3 = -0.90096886790241912624f;
  const float s1 = 0.78183148246802980871f, s2 = 0.97492791218182360702f, s3 = 0.43388373911755812048f;
  IeComplex a = ie_plus (x[1], x[6]), b = ie_plus (x[2], x[5]), c = ie_plus (x[3], x[4]);
  IeComplex d = ie_minus (x[1], x[6]), e = ie_minus (x[2], x[5]), f = ie_minus (x[3], x[4]);
  IeComplex p = ie_plus (x[0], ie_sum_of_three (a, c1, b, c2, c, c3));
  IeComplex q = ie_plus (x[0], ie_sum_of_three (a, c2, b, c3, c, c1));
  IeComplex r = ie_plus (x[0], ie_sum_of_three (a, c3, b, c1, c, c2));
  IeComplex s = ie_sum_of_three (d, s1, e, s2, f, s3);
  IeComplex t = ie_sum_of_three (d, s2, e, -s3, f, -s1);
  IeComplex u = ie_sum_of_three (d, s3, e, -s1, f, s2);
  x[0] = ie_plus (x[0], ie_plus (ie_plus (a, b), c));
  x[1] = ie_minus_turned (p, s);
  x[6] = ie_plus_turned (p, s);
  x[2] = ie_minus_turned (q, t);
  x[5] = ie_plus_turned (q, t);
  x[3] = ie_minus_turned (r, u);
  x[4] = ie_plus_turned (r, u);
}

IE_BUTTERFLY void
ie_butterfly_8 (IeComplex *x)
{
  const float half = 0.70710678118654752440f; /* cosine and sine of 45 degrees */
  IeComplex even[4] = { x[0], x[2], x[4], x[6] }, odd[4] = { x[1], x[3], x[5], x[7] };
  ie_butterfly_4 (even);
  ie_butterfly_4 (odd);
  IeComplex one = { (odd[1].re + odd[1].im) * half, (odd[1].im - odd[1].re) * half };
  IeComplex three = { (odd[3].re + odd[3].im) * half, (odd[3].im - odd[3].re) * half }; /* turned once less than is due */
  x[0] = ie_plus (even[0], odd[0]);
  x[4] = ie_minus (even[0], odd[0]);
  x[1] = ie_plus (even[1], one);
  x[5] = ie_minus (even[1], one);
  x[2] = ie_minus_turned (even[2], odd[2]);
  x[6] = ie_plus_turned (even[2], odd[2]);
  x[3] = ie_minus_turned (even[3], three);
  x[7] = ie_plus_turned (even[3], three);
}
