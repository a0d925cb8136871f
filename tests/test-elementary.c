// SPDX-License-Identifier: GPL-3.0-or-later
/* Elementary functions against the C library's in long double, and depth conversion: every code against division, every
 * level against a plain loop. */
#include "core/convert.h"
#include "core/elementary.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define POINTS 200000

/* Units in the last place of a double. */
static double
units (double got, long double wanted)
{
  int exponent;
  if (wanted == 0.0L)
    return got == 0.0 ? 0.0 : INFINITY;
  frexpl (wanted, &exponent);
  return (double) (fabsl ((long double) got - wanted) / ldexpl (1.0L, exponent - 53));
}

/* The largest error of `expression` over x in low .. high, in units in the last place, at most `bound`. */
#define CHECK_DOUBLE(low, high, expression, reference, bound)                                                        \
  do {                                                                                                               \
    double worst = 0.0, at = 0.0;                                                                                    \
    for (int i = 0; i <= POINTS; i++) {                                                                              \
      double x = (low) + ((high) - (low)) * ((i + 0.3713) / (POINTS + 1));                                           \
      double error = units (expression, reference);                                                                  \
      if (!(error <= worst)) {                                                                                       \
        worst = error;                                                                                               \
        at = x;                                                                                                      \
      }                                                                                                              \
    }                                                                                                                \
    if (!(worst <= (bound)))                                                                                         \
      g_error ("%s: %g units in the last place at %.17g, not %g", #expression, worst, at, (double) (bound));         \
  } while (0)

/* The same for floats, with relative errors. */
#define CHECK_FLOAT(low, high, expression, reference, bound)                                                         \
  do {                                                                                                               \
    double worst = 0.0, at = 0.0;                                                                                    \
    for (int i = 0; i <= POINTS; i++) {                                                                              \
      float x = (float) ((low) + ((high) - (low)) * ((i + 0.3713) / (POINTS + 1)));                                  \
      long double wanted = reference;                                                                                \
      double error = (double) (fabsl ((expression) - wanted) / fabsl (wanted));                                      \
      if (!(error <= worst)) {                                                                                       \
        worst = error;                                                                                               \
        at = (double) x;                                                                                             \
      }                                                                                                              \
    }                                                                                                                \
    if (!(worst <= (bound)))                                                                                         \
      g_error ("%s: error %g at %.9g, not %g", #expression, worst, at, (double) (bound));                            \
  } while (0)

static void
test_exponential (void)
{
  CHECK_DOUBLE (-1.0, 1.0, ie_exp (x), expl (x), 1.0);
  CHECK_DOUBLE (-700.0, 700.0, ie_exp (x), expl (x), 1.0);
  CHECK_DOUBLE (0.0, 3.0, ie_log (x), logl (x), 1.0);
  CHECK_DOUBLE (0.99, 1.01, ie_log (x), logl (x), 1.0);
  CHECK_DOUBLE (0.0, 1e300, ie_log (x), logl (x), 1.0);
  CHECK_DOUBLE (0.0, 2.0, ie_pow (x, 2.4), powl (x, 2.4), 1.5);
  CHECK_DOUBLE (0.0, 2.0, ie_pow (x, 1.0 / 2.2), powl (x, 1.0 / 2.2), 1.5);
  CHECK_DOUBLE (-150.0, 150.0, ie_pow (1.3, x), powl (1.3, x), 1.5);
  CHECK_DOUBLE (-300.0, 300.0, ie_pow (10.0, x), powl (10.0L, x), 1.5);
}

static void
test_cube_root (void)
{
  CHECK_DOUBLE (-8.0, 8.0, ie_cbrt (x), cbrtl (x), 1.0);
  CHECK_DOUBLE (-1e300, 1e300, ie_cbrt (x), cbrtl (x), 1.0);
  CHECK_DOUBLE (-1e-300, 1e-300, ie_cbrt (x), cbrtl (x), 1.0);
  CHECK_DOUBLE (-1e-310, 1e-310, ie_cbrt (x), cbrtl (x), 1.0);
  CHECK_FLOAT (0.125, 1.0, ie_cbrtf (x), cbrtl (x), 1.4e-7);
  CHECK_FLOAT (1.0, 8.0, ie_cbrtf (x), cbrtl (x), 1.4e-7);
  CHECK_FLOAT (-1e38, -1e30, ie_cbrtf (x), cbrtl (x), 1.4e-7);
  CHECK_FLOAT (1.2e-38, 1e-36, ie_cbrtf (x), cbrtl (x), 1.4e-7);
  g_assert_true (ie_cbrtf (0.0f) == 0.0f && ie_cbrtf (INFINITY) > 6.9e12f && ie_cbrtf (-INFINITY) < -6.9e12f);
  g_assert_true (isfinite (ie_cbrtf (INFINITY)));
}

static void
test_circle (void)
{
  CHECK_DOUBLE (-7.0, 7.0, ie_sin (x), sinl (x), 1.0);
  CHECK_DOUBLE (-7.0, 7.0, ie_cos (x), cosl (x), 1.0);
  CHECK_DOUBLE (-1e6, 1e6, ie_sin (x), sinl (x), 2.0);
  CHECK_DOUBLE (-1e6, 1e6, ie_cos (x), cosl (x), 2.0);
  CHECK_DOUBLE (-10.0, 10.0, ie_atan2 (x, 1.0), atan2l (x, 1.0L), 3.5);
  CHECK_DOUBLE (-10.0, 10.0, ie_atan2 (1.0, x), atan2l (1.0L, x), 3.5);
  CHECK_DOUBLE (-10.0, 10.0, ie_atan2 (-0.7, x), atan2l (-0.7, x), 3.5);
  CHECK_DOUBLE (-1e-300, 1e300, ie_atan2 (x, 1e-5), atan2l (x, 1e-5), 3.5);
  g_assert_true (ie_atan2 (0.0, 0.0) == 0.0 && ie_atan2 (0.0, -1.0) == G_PI && ie_atan2 (1.0, 0.0) == G_PI / 2);
}

static void
test_float_powers (void)
{
  CHECK_FLOAT (0.5, 2.0, ie_log2f (x), log2l (x), 6.2e-8);
  CHECK_FLOAT (1e-37, 1e-30, ie_log2f (x), log2l (x), 6.2e-8);
  CHECK_FLOAT (1.0, 1e30, ie_log2f (x), log2l (x), 6.2e-8);
  CHECK_FLOAT (-1.0, 1.0, ie_exp2f (x), exp2l (x), 1e-7);
  CHECK_FLOAT (-126.0, 127.9, ie_exp2f (x), exp2l (x), 1e-7);
  CHECK_FLOAT (1e-6, 2.0, ie_powf (x, 2.4f), powl (x, 2.4f), 1e-7);
  CHECK_FLOAT (1e-6, 2.0, ie_powf (x, 0.416f), powl (x, 0.416f), 1e-7);
  CHECK_FLOAT (1e-6, 1e5, ie_powf (x, -1.7f), powl (x, -1.7f), 1e-7);
  CHECK_FLOAT (-25.0, 24.0, ie_powf (32.1f, x), powl (32.1f, x), 1e-7);
  CHECK_FLOAT (-1e5, 1e5, ie_powf (1.0002f, x), powl (1.0002f, x), 1e-7);
  g_assert_true (ie_powf (0.0f, 0.5f) == 0.0f && ie_powf (0.0f, 0.0f) == 1.0f && isinf (ie_powf (0.0f, -1.0f)));
  g_assert_true (ie_exp2f (200.0f) == INFINITY && ie_exp2f (-200.0f) == 0.0f && ie_exp2f (3.0f) == 8.0f);
  g_assert_true (ie_powf (1.0f, 7.0f) == 1.0f && ie_powf (0.5f, 1.0f) == 0.5f && ie_log2f (1.0f) == 0.0f);
}

/* As C99 has it. */
static void
test_special (void)
{
  static const double values[] = { 0.0,  1.0,  -1.0,  2.0,    -2.0,     3.0,     -3.0,
                                   0.5, -0.5, 1e300, -1e300, INFINITY, -INFINITY };
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (values); j++) {
      double x = values[i], y = values[j], wanted = pow (x, y), got = ie_pow (x, y);
      if (ie_abs (x) == 1.0 && isinf (y))
        continue; /* 1 by C99; compared below */
      if (!(got == wanted || (isnan (got) && isnan (wanted)) || fabs (got - wanted) <= 1e-14 * fabs (wanted)))
        g_error ("ie_pow (%g, %g) is %g, not %g", x, y, got, wanted);
    }
  g_assert_true (ie_pow (1.0, INFINITY) == 1.0 && ie_pow (-1.0, INFINITY) == 1.0 && isnan (ie_pow (NAN, 2.0)));
  g_assert_true (ie_exp (0.0) == 1.0 && ie_exp (INFINITY) == INFINITY && ie_exp (-INFINITY) == 0.0);
  g_assert_true (isnan (ie_exp (NAN)) && isnan (ie_log (-1.0)) && ie_log (0.0) == -INFINITY && ie_log (1.0) == 0.0);
  g_assert_true (ie_log (INFINITY) == INFINITY && ie_cbrt (0.0) == 0.0 && ie_cbrt (27.0) == 3.0);
  g_assert_true (isnan (ie_sin (INFINITY)) && isnan (ie_cos (NAN)) && ie_cos (0.0) == 1.0);
  g_assert_true (ie_floor (-0.5) == -1.0 && ie_floor (2.0) == 2.0 && ie_round_even (2.5) == 2.0);
}

/* ---- Depth conversion -------------------------------------------------------------------------------------------- */

/* Every code at every level: the quotient as division rounds it, and back. */
static void
test_codes (void)
{
  guint8 *u8 = g_new (guint8, 65536), *back_u8 = g_new (guint8, 65536);
  guint16 *u16 = g_new (guint16, 65536), *back_u16 = g_new (guint16, 65536);
  float *f = g_new (float, 65536);
  for (int i = 0; i < 65536; i++) {
    u8[i] = (guint8) i;
    u16[i] = (guint16) i;
  }
  for (int level = 0; level <= (int) ie_cpu_level (); level++) {
    const IeConvertKernels *kernels = ie_convert_at ((IeCpuLevel) level);
    kernels->u8_to_float (u8, f, 65536);
    for (int i = 0; i < 65536; i++)
      g_assert_true (f[i] == (float) u8[i] / 255.0f);
    kernels->float_to_u8 (f, back_u8, 65536);
    g_assert_cmpmem (back_u8, 65536, u8, 65536);
    kernels->u8_to_u16 (u8, back_u16, 65536);
    for (int i = 0; i < 65536; i++)
      g_assert_cmpint (back_u16[i], ==, u8[i] * 257);
    kernels->u16_to_float (u16, f, 65536);
    for (int i = 0; i < 65536; i++)
      g_assert_true (f[i] == (float) i / 65535.0f);
    kernels->float_to_u16 (f, back_u16, 65536);
    g_assert_cmpmem (back_u16, 131072, u16, 131072);
    kernels->u16_to_u8 (u16, back_u8, 65536);
    for (int i = 0; i < 65536; i++)
      g_assert_cmpint (back_u8[i], ==, (int) floor (i / 257.0 + 0.5));
  }
  g_free (u8);
  g_free (u16);
  g_free (back_u8);
  g_free (back_u16);
  g_free (f);
}

static guint32
next_random (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* Floats of every kind: inside and outside 0..1, halves of codes, NaN of both signs, infinite, denormal. */
static float
any_float (guint32 *state)
{
  static const float odd[] = { NAN,  -NAN,   INFINITY, -INFINITY,  0.0f,       -0.0f,
                               1.0f, 1e-40f, -1e-40f,  1.0000001f, 0.99999994f };
  guint32 pick = next_random (state);
  if (pick % 5 == 0)
    return odd[pick / 5 % G_N_ELEMENTS (odd)];
  if (pick % 5 == 1)
    return ((float) (pick / 5 % 256) + 0.5f) / 255.0f;
  return (float) next_random (state) / 8388608.0f - 0.5f;
}

static int
plain_code (float v, double range)
{
  return v > 0.0f ? (int) floorf (fminf (v, 1.0f) * (float) range + 0.5f) : 0;
}

/* All lengths from 0 to beyond the widest vectors, odd addresses, all kinds of floats, against plain loops. */
static void
test_floats_to_codes (void)
{
  enum { MOST = 300 };
  float in[MOST + 4];
  guint8 u8[MOST + 8];
  guint16 u16[MOST + 8];
  guint32 random = 5;
  for (int level = 0; level <= (int) ie_cpu_level (); level++)
    for (int length = 0; length <= MOST; length++) {
      const IeConvertKernels *kernels = ie_convert_at ((IeCpuLevel) level);
      int shift = length % 4;
      float *from = in + shift;
      gsize nan = 0;
      for (int i = 0; i < length; i++) {
        from[i] = any_float (&random);
        nan += from[i] != from[i];
      }
      memset (u8, 0xa5, sizeof u8);
      memset (u16, 0xa5, sizeof u16);
      kernels->float_to_u8 (from, u8 + shift, (gsize) length);
      kernels->float_to_u16 (from, u16 + shift, (gsize) length);
      for (int i = 0; i < length; i++)
        if (u8[shift + i] != plain_code (from[i], 255.0) || u16[shift + i] != plain_code (from[i], 65535.0))
          g_error ("level %d, length %d: %.9g gives %d and %d", level, length, (double) from[i], u8[shift + i],
                   u16[shift + i]);
      g_assert_cmpint (u8[shift + length], ==, 0xa5);
      g_assert_cmpint (u16[shift + length], ==, 0xa5a5);
      g_assert_cmpuint (kernels->count_nan (from, (gsize) length), ==, nan);
    }
}

static void
test_clipped (void)
{
  enum { MOST = 9000 };
  guint8 *a8 = g_new (guint8, MOST), *b8 = g_new (guint8, MOST);
  guint16 *a16 = g_new (guint16, MOST), *b16 = g_new (guint16, MOST);
  float *af = g_new (float, MOST), *bf = g_new (float, MOST);
  guint32 random = 9;
  for (int i = 0; i < MOST; i++) {
    a8[i] = (guint8) (next_random (&random) % 3 * 127 + next_random (&random) % 2);
    b8[i] = (guint8) (next_random (&random) % 5 ? 255 : next_random (&random) % 2);
    a16[i] = (guint16) (a8[i] * 257);
    b16[i] = (guint16) (b8[i] * 257);
    af[i] = (float) a8[i] / 255.0f;
    bf[i] = (float) b8[i] / 255.0f * 1.5f - 0.0f;
  }
  for (int level = 0; level <= (int) ie_cpu_level (); level++)
    for (int length = 0; length <= MOST; length += 1 + length / 3) {
      const IeConvertKernels *kernels = ie_convert_at ((IeCpuLevel) level);
      gsize of_u8 = 0, of_float = 0;
      for (int i = 0; i < length; i++) {
        of_u8 += (b8[i] == 0 && a8[i] != 0) || (b8[i] == 255 && a8[i] != 255);
        of_float += (bf[i] <= 0.0f && af[i] > 0.0f) || (bf[i] >= 1.0f && af[i] < 1.0f);
      }
      g_assert_cmpuint (kernels->newly_clipped_u8 (a8, b8, (gsize) length), ==, of_u8);
      g_assert_cmpuint (kernels->newly_clipped_u16 (a16, b16, (gsize) length), ==, of_u8);
      g_assert_cmpuint (kernels->newly_clipped_float (af, bf, (gsize) length), ==, of_float);
    }
  g_free (a8);
  g_free (b8);
  g_free (a16);
  g_free (b16);
  g_free (af);
  g_free (bf);
}

static void
test_mix (void)
{
  enum { MOST = 600 };
  float a[MOST * 5], b[MOST * 5], out[MOST * 5], weights[MOST];
  guint32 random = 3;
  for (int i = 0; i < MOST * 5; i++) {
    a[i] = (float) next_random (&random) / 16777216.0f;
    b[i] = (float) next_random (&random) / 16777216.0f;
    weights[i / 5] = (float) next_random (&random) / 16777216.0f;
  }
  for (int level = 0; level <= (int) ie_cpu_level (); level++)
    for (int channels = 1; channels <= 5; channels++)
      for (int pixels = 0; pixels <= MOST; pixels += 1 + pixels / 2)
        for (int each = 0; each <= 1; each++) {
          ie_convert_at ((IeCpuLevel) level)
              ->mix (a, b, out, (gsize) pixels, channels, 0.3f, each ? weights : NULL);
          for (int i = 0; i < pixels * channels; i++)
            g_assert_true (out[i] == a[i] + (b[i] - a[i]) * (each ? weights[i / channels] : 0.3f));
        }
}

#define CHECK_TABLE(kernel, input, output, entries)                                                                  \
  do {                                                                                                               \
    output *table = g_new (output, entries * 5), out[64 * 5];                                                        \
    input in[64 * 5];                                                                                                \
    for (int i = 0; i < entries * 5; i++)                                                                            \
      table[i] = (output) (i * 7 % 251);                                                                             \
    for (int i = 0; i < 64 * 5; i++)                                                                                 \
      in[i] = (input) next_random (&random);                                                                         \
    for (int pixels = 0; pixels <= 64; pixels += 1 + pixels / 5) {                                                   \
      kernels->kernel (in, out, (gsize) pixels, channels, table);                                                    \
      for (int i = 0; i < pixels * channels; i++)                                                                    \
        g_assert_true (out[i] == table[i % channels * entries + in[i]]);                                             \
    }                                                                                                                \
    g_free (table);                                                                                                  \
  } while (0)

static void
test_tables (void)
{
  guint32 random = 11;
  for (int level = 0; level <= (int) ie_cpu_level (); level++)
    for (int channels = 1; channels <= 5; channels++) {
      const IeConvertKernels *kernels = ie_convert_at ((IeCpuLevel) level);
      CHECK_TABLE (table_u8_u8, guint8, guint8, 256);
      CHECK_TABLE (table_u8_float, guint8, float, 256);
      CHECK_TABLE (table_u16_u16, guint16, guint16, 65536);
      CHECK_TABLE (table_u16_float, guint16, float, 65536);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/elementary/exponential", test_exponential);
  g_test_add_func ("/elementary/cube-root", test_cube_root);
  g_test_add_func ("/elementary/circle", test_circle);
  g_test_add_func ("/elementary/float-powers", test_float_powers);
  g_test_add_func ("/elementary/special", test_special);
  g_test_add_func ("/convert/codes", test_codes);
  g_test_add_func ("/convert/floats-to-codes", test_floats_to_codes);
  g_test_add_func ("/convert/newly-clipped", test_clipped);
  g_test_add_func ("/convert/mix", test_mix);
  g_test_add_func ("/convert/tables", test_tables);
  return g_test_run ();
}
