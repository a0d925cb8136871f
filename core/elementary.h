// SPDX-License-Identifier: GPL-3.0-or-later
/* Our own elementary functions: the same bits on every processor and C library, vectorisable (no branch, no call).
 * Only additions, multiplications, divisions, square roots and bit operations of IEEE 754, never contracted.
 *
 * float functions are for pixels: loops over them are vectorised at every level. Largest relative errors, measured
 * against long double over dense grids (tests/test-elementary.c holds them to it); 2^-24 = 6.0e-8 is half a unit in the
 * last place at worst:
 *   ie_cbrtf  1.4e-7    |x| >= 2^-126; odd; 0 -> 0; above 3.38e38, infinite too, counts as 3.38e38
 *   ie_log2f  6.1e-8    x >= 2^-126, smaller or negative -> -10000, infinite -> 10000 (stand-ins for infinity)
 *   ie_exp2f  8.6e-8    results from 2^-126 up; beyond the range 0 and infinity; NaN -> 0
 *   ie_powf   9.7e-8    x >= 2^-126, |y log2 x| <= 126; x smaller or negative counts as 0
 *
 * double functions are for tables and weights: not for pixels, they branch. Largest errors measured, in units in the
 * last place: ie_exp 0.9, ie_log 0.6, ie_cbrt 0.8, ie_pow 1.1, ie_sin and ie_cos 0.8 for |x| <= 7 and 1.6 for |x| <= 1e6,
 * ie_atan2 3.2. 0, infinity, NaN and negative arguments as in C99, save that the sign of zero may differ and that
 * denormal results have fewer digits.
 *
 * Formulas: Taylor and area tangent series after argument reduction (Muller, Elementary Functions, 3rd ed., ch. 3
 * and 11); exact products and sums after Dekker (1971). Coefficients are the series' own. */
#pragma once

#include <stdint.h>
#include <string.h>

/* x, which the compiler then does not know: it is not to compute with it itself. Limits that become integers it else
 * rounds and puts in place under masks, instead of one minimum. Outside of loops. */
static inline float
ie_unknown (float x)
{
  volatile float v = x;
  return v;
}

static inline int32_t
ie_float_bits (float x)
{
  int32_t bits;
  memcpy (&bits, &x, sizeof bits);
  return bits;
}

static inline float
ie_float_from_bits (int32_t bits)
{
  float x;
  memcpy (&x, &bits, sizeof x);
  return x;
}

static inline int64_t
ie_double_bits (double x)
{
  int64_t bits;
  memcpy (&bits, &x, sizeof bits);
  return bits;
}

static inline double
ie_double_from_bits (int64_t bits)
{
  double x;
  memcpy (&x, &bits, sizeof x);
  return x;
}

/* Square roots are exact in IEEE 754: the builtins are the instruction (the project is built without errno). */
static inline float
ie_sqrtf (float x)
{
  return __builtin_sqrtf (x);
}

static inline double
ie_sqrt (double x)
{
  return __builtin_sqrt (x);
}

/* ---- float, for pixels ------------------------------------------------------------------------------------------ */

/* Cube root. First guess of r = x^(-1/3) from the bits of x (a logarithm, linear between powers of 2): the offset makes
 * the largest |h|, h = 1 - x r^3, smallest: 0.102. Then x^(1/3) = x r^2 (1 - h)^(-2/3), the last by a polynomial fitted
 * to the least largest error on |h| <= 0.103: 1.9e-8. */
static inline float
ie_cbrtf_unsigned (float a) /* 0 <= a <= 3.38e38 */
{
  float r = ie_float_from_bits ((int32_t) (1419900928.0f - (float) ie_float_bits (a) * (1.0f / 3.0f)));
  float c = a * (r * r);
  float h = 1.0f - c * r;
  float q = 0.45863426f + h * 0.43037838f;
  q = 0.6666667461f + h * (0.5555359125f + h * (0.4937804639f + h * q));
  return c + c * (h * q);
}

static inline float
ie_cbrtf (float x)
{
  int32_t bits = ie_float_bits (x);
  int32_t magnitude = bits & 0x7fffffff;
  float c = ie_cbrtf_unsigned (ie_float_from_bits (magnitude < 0x7f7f0000 ? magnitude : 0x7f7f0000));
  return ie_float_from_bits (ie_float_bits (c) | (bits & (int32_t) 0x80000000));
}

/* log2 x in double, for the two functions below: x = 2^e m, sqrt(1/2) <= m < sqrt(2), and the series of
 * 2 artanh((m - 1) / (m + 1)) / ln 2 to the 11th power (next term 1.1e-10 of the result). */
static inline double
ie_log2_wide (float x)
{
  int32_t bits = ie_float_bits (x);
  int32_t exponent = (int32_t) ((uint32_t) bits - 0x3f3504f3u) >> 23; /* unsigned: a negative x may wrap */
  double m = (double) ie_float_from_bits ((int32_t) ((uint32_t) bits - (uint32_t) exponent * 0x00800000u));
  float e = (float) exponent;
  e = x < 0x1p-126f ? -10000.0f : e;
  e = x > 0x1.fffffep127f ? 10000.0f : e;
  double s = (m - 1.0) / (m + 1.0);
  double q = s * s;
  double series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0)))));
  return (double) e + s * series * 2.8853900817779268147; /* 2 / ln 2 */
}

static inline float
ie_log2f (float x)
{
  return (float) ie_log2_wide (x);
}

/* 2^r for |r| <= 1/2 by Taylor's series to the 7th power (next term 5e-9). */
static inline float
ie_exp2_fraction (float r)
{
  float t = r * 0.69314718056f;
  float t2 = t * t;
  float high = 1.0f / 24.0f + t * (1.0f / 120.0f + t * (1.0f / 720.0f + t * (1.0f / 5040.0f)));
  return 1.0f + (t + t2 * (0.5f + t * (1.0f / 6.0f) + t2 * high));
}

/* x 2^n for |n| <= 252, in two steps so that the ends of the range come out right. */
static inline float
ie_scale2f (float x, int32_t n)
{
  int32_t half = n >> 1;
  return x * ie_float_from_bits ((half + 127) * 0x00800000) * ie_float_from_bits ((n - half + 127) * 0x00800000);
}

static inline float
ie_exp2f (float x)
{
  x = x > -160.0f ? x : -160.0f;
  x = x < 160.0f ? x : 160.0f;
  float n = (x + 12582912.0f) - 12582912.0f; /* 1.5 * 2^23: rounds to an integer */
  return ie_scale2f (ie_exp2_fraction (x - n), (int32_t) n);
}

/* x^y. The logarithm and its product with y are taken in double, so that the error does not grow with y. */
static inline float
ie_powf (float x, float y)
{
  double t = ie_log2_wide (x) * (double) y;
  t = t > -160.0 ? t : -160.0;
  t = t < 160.0 ? t : 160.0;
  float n = ((float) t + 12582912.0f) - 12582912.0f;
  return ie_scale2f (ie_exp2_fraction ((float) (t - (double) n)), (int32_t) n);
}

/* ---- double, for tables and weights ------------------------------------------------------------------------------ */

#define IE_INFINITY (__builtin_inf ())
#define IE_NAN (__builtin_nan (""))
#define IE_PI 3.14159265358979323846

/* ln 2 in two parts: the first has 32 bits, so that its product with an exponent is exact. */
#define IE_LN2_HIGH 0x1.62e42feep-1
#define IE_LN2_LOW 0x1.a39ef35793c76p-33

/* The nearest integer, |x| < 2^50; a tie goes to the even one. */
static inline double
ie_round_even (double x)
{
  return (x + 6755399441055744.0) - 6755399441055744.0; /* 1.5 * 2^52 */
}

/* The integer not above x, |x| < 2^50. */
static inline double
ie_floor (double x)
{
  double n = ie_round_even (x);
  return n > x ? n - 1.0 : n;
}

static inline double
ie_abs (double x)
{
  return __builtin_fabs (x);
}

/* x 2^n; one rounding at most while x 2^n is not denormal. */
static inline double
ie_scale2 (double x, int n)
{
  int half = n / 2;
  return x * ie_double_from_bits ((int64_t) (half + 1023) << 52) *
         ie_double_from_bits ((int64_t) (n - half + 1023) << 52);
}

/* e^(high + low), |low| small beside high. */
static inline double
ie_exp_sum (double high, double low)
{
  if (high != high)
    return high;
  if (high > 710.0)
    return IE_INFINITY;
  if (high < -746.0)
    return 0.0;
  double n = ie_round_even (high * 1.4426950408889634074); /* 1 / ln 2 */
  double near = high - n * IE_LN2_HIGH;
  double tail = low - n * IE_LN2_LOW;
  double r = near + tail;
  double lost = (near - r) + tail;
  double p = 0.0;
  for (int k = 14; k >= 3; k--) /* r^2/2! + ... + r^14/14!, |r| <= 0.347 */
    p = (p + 1.0) * r / (double) k;
  p = (p + 1.0) * (0.5 * r * r) + lost;
  return ie_scale2 (1.0 + (r + p), (int) n);
}

static inline double
ie_exp (double x)
{
  return ie_exp_sum (x, 0.0);
}

/* a + b = *sum + *rest exactly. */
static inline void
ie_exact_sum (double a, double b, double *sum, double *rest)
{
  double s = a + b;
  double t = s - a;
  *rest = (a - (s - t)) + (b - t);
  *sum = s;
}

/* a * b = *product + *rest exactly, unless near the ends of the range. */
static inline void
ie_exact_product (double a, double b, double *product, double *rest)
{
  double ca = a * 134217729.0, cb = b * 134217729.0; /* 2^27 + 1 */
  double ah = ca - (ca - a), bh = cb - (cb - b);
  double al = a - ah, bl = b - bh;
  double p = a * b;
  *rest = ((ah * bh - p) + ah * bl + al * bh) + al * bl;
  *product = p;
}

/* ln x = *high + *low for finite x > 0. With f = m - 1 and s = f / (2 + f): ln m = 2 s + 2 s^3 / 3 + ..., where 2 s is
 * taken in two parts and the rest, at most 1/100 of it, in one. */
static inline void
ie_log_sum (double x, double *high, double *low)
{
  int exponent = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    exponent = -54;
  }
  int64_t bits = ie_double_bits (x);
  int64_t k = (bits - 0x3fe6a09e667f3bcd) >> 52; /* sqrt(1/2) */
  double f = ie_double_from_bits (bits - k * 0x0010000000000000) - 1.0;
  exponent += (int) k;

  double d, d_rest, p, p_rest;
  ie_exact_sum (2.0, f, &d, &d_rest);
  double s = f / d;
  ie_exact_product (s, d, &p, &p_rest);
  double s_rest = (((f - p) - p_rest) - s * d_rest) / d;
  double q = s * s;
  double series = 0.0;
  for (int n = 25; n >= 3; n -= 2) /* q/3 + q^2/5 + ..., q <= 0.0295 */
    series = (series + 1.0 / (double) n) * q;
  double e = (double) exponent, sum, rest;
  ie_exact_sum (e * IE_LN2_HIGH, 2.0 * s, &sum, &rest);
  double small = 2.0 * s * series;
  double total, lost;
  ie_exact_sum (sum, small, &total, &lost);
  *high = total;
  *low = lost + (rest + (2.0 * s_rest * (1.0 + 3.0 * series) + e * IE_LN2_LOW));
}

static inline double
ie_log (double x)
{
  if (!(x > 0.0))
    return x == 0.0 ? -IE_INFINITY : IE_NAN;
  if (x == IE_INFINITY)
    return x;
  double high, low;
  ie_log_sum (x, &high, &low);
  return high + low;
}

/* x^y; a negative x with a y that is no integer gives NaN. */
static inline double
ie_pow (double x, double y)
{
  if (y == 0.0 || x == 1.0)
    return 1.0;
  if (x != x || y != y)
    return IE_NAN;
  double magnitude = ie_abs (x), half = ie_abs (y) * 0.5;
  int whole = half >= 0x1p50 || ie_round_even (2.0 * half) == 2.0 * half;
  int odd = half < 0x1p50 && whole && ie_round_even (half) != half;
  if (x < 0.0 && !whole && magnitude != IE_INFINITY)
    return IE_NAN;
  double sign = x < 0.0 && odd ? -1.0 : 1.0;
  if (magnitude == 0.0 || magnitude == IE_INFINITY)
    return (magnitude == 0.0) == (y > 0.0) ? sign * 0.0 : sign * IE_INFINITY;
  if (magnitude == 1.0)
    return sign;
  double high, low, product, rest;
  ie_log_sum (magnitude, &high, &low);
  if (ie_abs (y) > 0x1p70 || ie_abs (y * high) > 800.0)
    return (y > 0.0) == (high > 0.0) ? sign * IE_INFINITY : sign * 0.0;
  ie_exact_product (y, high, &product, &rest);
  return sign * ie_exp_sum (product, rest + y * low);
}

static inline double
ie_cbrt (double x)
{
  if (x == 0.0 || x != x || ie_abs (x) == IE_INFINITY)
    return x;
  double a = ie_abs (x);
  int third = 0;
  if (a < 0x1p-1022) {
    a *= 0x1p54;
    third = -18;
  }
  int64_t bits = ie_double_bits (a);
  int k = ((int) (bits >> 52) - 1023 + 1200) / 3 - 400; /* a = 2^(3k) m, 1 <= m < 8 */
  double m = ie_double_from_bits (bits - (int64_t) (3 * k) * 0x0010000000000000);
  double c = (double) ie_cbrtf ((float) m); /* 24 bits; its square is exact */
  c = c + c * (m - c * c * c) / (m + 2.0 * (c * c * c)); /* Halley: the error to its third power */
  c = ie_scale2 (c, k + third);
  return x < 0.0 ? -c : c;
}

/* sin (r + tail), |r| <= pi/4. */
static inline double
ie_sin_near (double r, double tail)
{
  double q = r * r, p = 0.0;
  for (int k = 19; k >= 5; k -= 2) /* -q/(4 5) + q^2/(4 5 6 7) - ... */
    p = -(p + 1.0) * q / (double) (k * (k - 1));
  return r + (tail * (1.0 - 0.5 * q) - (p + 1.0) * (r * q) / 6.0);
}

/* cos (r + tail), |r| <= pi/4. */
static inline double
ie_cos_near (double r, double tail)
{
  double q = r * r, p = 0.0;
  for (int k = 20; k >= 4; k -= 2) /* -q/(3 4) + q^2/(3 4 5 6) - ... */
    p = -(p + 1.0) * q / (double) (k * (k - 1));
  double half = 0.5 * q;
  double main = 1.0 - half;
  return main + (((1.0 - main) - half) - p * half - r * tail);
}

/* x = n pi/2 + *r + *tail, |*r| <= pi/4; returns n modulo 4. pi/2 is taken to 33 + 33 + 53 bits. */
static inline int
ie_reduce_angle (double x, double *r, double *tail)
{
  double n = ie_round_even (x * 0.63661977236758134308); /* 2 / pi */
  double first = x - n * 0x1.921fb544p+0;
  double middle = n * 0x1.0b4611a6p-34;
  double rest;
  ie_exact_sum (first, -middle, r, &rest);
  *tail = rest - n * 0x1.3198a2e037073p-69;
  return (int) ((int64_t) n & 3);
}

/* |x| < 2^30; larger ones and infinity give NaN. */
static inline double
ie_sin (double x)
{
  if (!(ie_abs (x) < 0x1p30))
    return IE_NAN;
  double r, tail;
  int quadrant = ie_reduce_angle (x, &r, &tail);
  double y = quadrant & 1 ? ie_cos_near (r, tail) : ie_sin_near (r, tail);
  return quadrant & 2 ? -y : y;
}

static inline double
ie_cos (double x)
{
  if (!(ie_abs (x) < 0x1p30))
    return IE_NAN;
  double r, tail;
  int quadrant = ie_reduce_angle (x, &r, &tail);
  double y = quadrant & 1 ? ie_sin_near (r, tail) : ie_cos_near (r, tail);
  return quadrant == 1 || quadrant == 2 ? -y : y;
}

/* Angle of (x, y) in -pi .. pi; (0, 0) -> 0. arctan t = arctan c + arctan ((t - c) / (1 + t c)), c of 0, 1/2, 1. */
static inline double
ie_atan2 (double y, double x)
{
  double ax = ie_abs (x), ay = ie_abs (y);
  if (x != x || y != y)
    return IE_NAN;
  double small = ax < ay ? ax : ay, large = ax < ay ? ay : ax;
  double t = large == 0.0 ? 0.0 : small == large ? 1.0 : small / large;
  double c = t < 0.25 ? 0.0 : t < 0.75 ? 0.5 : 1.0;
  double base = t < 0.25 ? 0.0 : t < 0.75 ? 0.46364760900080611621 : 0.25 * IE_PI;
  double u = (t - c) / (1.0 + t * c);
  double q = u * u, series = 0.0;
  for (int n = 27; n >= 3; n -= 2) /* q/3 - q^2/5 + ..., |u| <= 0.25 */
    series = (1.0 / (double) n - series) * q;
  double angle = base + (u - u * series);
  if (ay > ax)
    angle = 0.5 * IE_PI - angle;
  if (x < 0.0)
    angle = IE_PI - angle;
  return y < 0.0 ? -angle : angle;
}
