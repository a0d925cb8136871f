// SPDX-License-Identifier: GPL-3.0-or-later
/* unsharp, every level of this processor, against the definition in double precision. */
#include "tests/blur.h"

static double
unsharp_definition (double in, double blurred, double amount, double threshold)
{
  double difference = in - blurred;
  return in + amount * (fabs (difference) >= threshold / 100 ? difference : 0);
}

static void
test_unsharp (void)
{
  /* The rest is 0: a Gaussian. */
  static const double some[][6] = { { 2, 0.5, 0 }, { 0.6, 3, 0 }, { 8, 1.2, 0 },
                                    { 30, 10, 0 }, { 2, 1, 4 }, { 12, 2, 9 } };
  for (gsize s = 0; s < G_N_ELEMENTS (some); s++)
    for (int alpha = 0; alpha < 2; alpha++) {
      Picture in = picture_of (NOISE, 91, 67, alpha ? 4 : 3, alpha, IE_DEPTH_FLOAT);
      double *blurred = definition (&in, some[s][0]), error = 0, amount = some[s][1], threshold = some[s][2];
      Picture out = filtered (filter_at ("unsharp", (int) ie_cpu_level ()), some[s], &in, 50, 50);
      for (size_t i = 0; i < samples (&in); i++) {
        double value = get_sample (&in, i);
        /* Within the Gaussian's bound of the threshold either decision is right. */
        gboolean open = fabs (fabs (value - blurred[i]) - threshold / 100) < 4 * FLOAT_BOUND && threshold > 0;
        if (counts (&in, i) && !open)
          error = MAX (error, fabs (get_sample (&out, i) - unsharp_definition (value, blurred[i], amount, threshold)));
      }
      if (error > (alpha ? 4 : 1) * FLOAT_BOUND * amount + 1e-6)
        g_error ("radius %g amount %g threshold %g alpha %d: %g", some[s][0], amount, threshold, alpha, error);
      g_free (blurred);
      g_free (in.data);
      g_free (out.data);
    }
}

/* One code of the float result at 8 and 16 bits; a threshold that fell otherwise than in float would be many codes. */
static void
test_unsharp_depths (void)
{
  static const double some[][6] = { { 2, 0.5, 0 }, { 0.4, 1.99, 0 }, { 3, 2, 0 }, { 5.9, 1.9, 0 },
                                    { 4.9, 10, 0 }, { 25, 1.9, 0 }, { 2, 3, 4 }, { 9, 1, 9 } };
  for (gsize s = 0; s < G_N_ELEMENTS (some); s++)
    for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_U16; depth++)
      for (int alpha = 0; alpha < 2; alpha++)
        for (int pattern = 0; pattern < PATTERNS; pattern++) {
          Picture in = picture_of (pattern, 91, 67, alpha ? 4 : 3, alpha, (IeDepth) depth), as_float = to_float (&in);
          const IeFilter *filter = filter_at ("unsharp", (int) ie_cpu_level ());
          Picture out = filtered (filter, some[s], &in, 200, 200);
          Picture exact = filtered (filter, some[s], &as_float, 33, 77);
          int codes = largest_codes (&out, &exact);
          if (codes > 1)
            g_error ("radius %g amount %g threshold %g depth %d alpha %d, %s: %d codes", some[s][0], some[s][1],
                     some[s][2], depth, alpha, pattern_names[pattern], codes);
          g_free (in.data);
          g_free (as_float.data);
          g_free (out.data);
          g_free (exact.data);
        }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/unsharp/definition", test_unsharp);
  g_test_add_func ("/unsharp/depths", test_unsharp_depths);
  return g_test_run ();
}
