// SPDX-License-Identifier: GPL-3.0-or-later
/* levels: its formula against the C library's pow, what is refused, and the same bits at every processor level. */
#include "core/error.h"
#include "tests/step.h"

#include <math.h>

#define SAMPLES 4099 /* no multiple of any vector */

static void
fill (float *samples)
{
  for (int i = 0; i < SAMPLES; i++)
    samples[i] = (float) i / 4000.0f * 1.5f - 0.25f;
  samples[SAMPLES - 1] = INFINITY;
  samples[SAMPLES - 2] = -INFINITY;
  samples[SAMPLES - 3] = 1e-30f;
}

static void
run (IeCpuLevel level, const char *const *settings, const float *in, float *out)
{
  TestStep test = test_step ("levels", level, SAMPLES, 1, 1, FALSE, settings);
  test_apply (&test, in, out);
  test_step_clear (&test);
}

static double
bend (double t, double gamma)
{
  return t > 0 ? pow (t, 1 / gamma) : t;
}

/* The curve rises, so the result must lie between those of t less and t more than it by the rounding of black and
 * range. */
static void
check_formula (double black, double white, double gamma)
{
  float in[SAMPLES], out[SAMPLES];
  char b[40], w[40], g[40];
  g_snprintf (b, sizeof b, "black=%g", black);
  g_snprintf (w, sizeof w, "white=%g", white);
  g_snprintf (g, sizeof g, "gamma=%g", gamma);
  fill (in);
  run (ie_cpu_level (), (const char *[]){ b, w, g, NULL }, in, out);
  double range = (white - black) / 100;
  for (int i = 0; i < SAMPLES - 2; i++) {
    double t = (in[i] - black / 100) / range, rounding = 1e-7 * (1 + fabs (t)) / range;
    double least = bend (t - rounding, gamma), most = bend (t + rounding, gamma);
    if (!(out[i] >= least - 2e-7 * fabs (least) && out[i] <= most + 2e-7 * fabs (most)))
      g_error ("black %g white %g gamma %g: %.9g gives %.9g, not %.9g", black, white, gamma, in[i], out[i],
               bend (t, gamma));
  }
  g_assert_true (out[SAMPLES - 1] > 1e3f && out[SAMPLES - 2] == -INFINITY);
}

static void
test_formula (void)
{
  const double gammas[] = { 0.1, 0.5, 1, 1.7, 2.2, 10 };
  for (gsize i = 0; i < G_N_ELEMENTS (gammas); i++) {
    check_formula (0, 100, gammas[i]);
    check_formula (10, 60, gammas[i]);
    check_formula (0, 1, gammas[i]);
    check_formula (90, 100, gammas[i]);
  }
}

static void
test_ends (void)
{
  const float in[3] = { 0.2f, 0.8f, 0.5f };
  float out[3];
  TestStep test = test_step ("levels", ie_cpu_level (), 3, 1, 1, FALSE,
                             (const char *[]){ "black=20", "white=80", "gamma=2", NULL });
  test_apply (&test, in, out);
  test_step_clear (&test);
  g_assert_cmpfloat (out[0], ==, 0.0f);
  g_assert_cmpfloat (out[1], ==, 1.0f);
  g_assert_cmpfloat_with_epsilon (out[2], sqrtf (0.5f), 1e-6f);
}

static void
test_neutral (void)
{
  float in[SAMPLES], out[SAMPLES];
  fill (in);
  TestStep test = test_step ("levels", ie_cpu_level (), SAMPLES, 1, 1, FALSE, NULL);
  g_assert_true (test.step.filter->neutral (test.params));
  test_apply (&test, in, out);
  g_assert_cmpmem (in, sizeof in, out, sizeof out);
  test_step_clear (&test);
  const char *const changes[] = { "black=0.1", "white=99.9", "gamma=1.01" };
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++) {
    test = test_step ("levels", ie_cpu_level (), 1, 1, 1, FALSE, (const char *[]){ changes[i], NULL });
    g_assert_false (test.step.filter->neutral (test.params));
    test_step_clear (&test);
  }
}

static void
test_refusal (void)
{
  const char *const cases[][3] = { { "black=50", "white=50", NULL }, { "black=60", "white=40", NULL } };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    GError *error = NULL;
    IeHeader header;
    TestStep test = test_step ("levels", ie_cpu_level (), 1, 1, 1, FALSE, cases[i]);
    g_assert_false (test.step.filter->header (&test.step, &header, &error));
    g_assert_error (error, IE_ERROR, IE_ERROR_USAGE);
    g_assert_nonnull (strstr (error->message, "white"));
    g_error_free (error);
    test_step_clear (&test);
  }
}

static void
test_cpu_levels (void)
{
  const char *const cases[][4] = { { "black=3", "white=90", "gamma=1.7", NULL }, { "black=3", "white=90", NULL } };
  float in[SAMPLES], base[SAMPLES], out[SAMPLES];
  fill (in);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    run (IE_CPU_BASE, cases[i], in, base);
    for (IeCpuLevel level = IE_CPU_V2; level <= ie_cpu_level (); level++) {
      run (level, cases[i], in, out);
      g_assert_cmpmem (base, sizeof base, out, sizeof out);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/levels/formula", test_formula);
  g_test_add_func ("/levels/ends", test_ends);
  g_test_add_func ("/levels/neutral", test_neutral);
  g_test_add_func ("/levels/refusal", test_refusal);
  g_test_add_func ("/levels/cpu-levels", test_cpu_levels);
  return g_test_run ();
}
