// SPDX-License-Identifier: GPL-3.0-or-later
/* gaussian, every level of this processor, against the definition in double precision of tests/blur.h. */
#include "tests/blur.h"

static const double sigmas[] = { 0.05, 0.3, 0.5, 1, 2, 4.49, 4.5, 5.99, 6, 6.6, 10, 15.9, 16, 20, 33, 61.5, 200 };

static void
test_definition (void)
{
  double worst = 0;
  for (gsize s = 0; s < G_N_ELEMENTS (sigmas); s++)
    for (int pattern = 0; pattern < PATTERNS; pattern++) {
      Picture in = picture_of (pattern, 157, 83, 1, FALSE, IE_DEPTH_FLOAT);
      double *expected = definition (&in, sigmas[s]);
      Picture out = gaussian (&in, sigmas[s], (int) ie_cpu_level ());
      double error = largest_error (&in, &out, expected);
      worst = MAX (worst, error);
      if (error > FLOAT_BOUND)
        g_error ("sigma %g, %s: %g of range", sigmas[s], pattern_names[pattern], error);
      g_free (expected);
      g_free (in.data);
      g_free (out.data);
    }
  g_test_message ("largest error %.2g of range", worst);
}

static void
test_sizes (void)
{
  static const int sizes[][3] = { { 1, 1, 1 }, { 1, 7, 3 }, { 9, 1, 4 }, { 2, 2, 2 }, { 37, 23, 3 }, { 40, 5, 5 } };
  static const double some[] = { 0.7, 2, 6, 25 };
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (gsize s = 0; s < G_N_ELEMENTS (some); s++)
      for (int alpha = 0; alpha <= (sizes[i][2] > 1); alpha++) {
        Picture in = picture_of (NOISE, sizes[i][0], sizes[i][1], sizes[i][2], alpha, IE_DEPTH_FLOAT);
        double *expected = definition (&in, some[s]);
        Picture out = gaussian (&in, some[s], (int) ie_cpu_level ());
        double error = largest_error (&in, &out, expected), bound = alpha ? 4 * FLOAT_BOUND : FLOAT_BOUND;
        if (error > bound)
          g_error ("%d x %d x %d, alpha %d, sigma %g: %g of range", sizes[i][0], sizes[i][1], sizes[i][2], alpha,
                   some[s], error);
        g_free (expected);
        g_free (in.data);
        g_free (out.data);
      }
}

/* Integer depths: within one code of the rounded float result, and the error before rounding well below that. */
static void
check_depth (IeDepth depth, gboolean alpha)
{
  double worst = 0, range = ie_depth_range (depth);
  for (gsize s = 0; s < G_N_ELEMENTS (sigmas) - 1; s++)
    for (int pattern = 0; pattern < PATTERNS; pattern++) {
      Picture in = picture_of (pattern, 91, 67, alpha ? 4 : 3, alpha, depth), as_float = to_float (&in);
      Picture out = gaussian (&in, sigmas[s], (int) ie_cpu_level ());
      Picture exact = gaussian (&as_float, sigmas[s], (int) ie_cpu_level ());
      int codes = largest_codes (&out, &exact);
      if (codes > 1)
        g_error ("sigma %g, %s, alpha %d: %d codes of %g", sigmas[s], pattern_names[pattern], alpha, codes, range);
      for (size_t i = 0; i < samples (&in); i++)
        if (counts (&in, i))
          worst = MAX (worst, fabs (get_sample (&out, i) - get_sample (&exact, i)) * range - 0.5);
      g_free (in.data);
      g_free (as_float.data);
      g_free (out.data);
      g_free (exact.data);
    }
  g_test_message ("range %g, alpha %d: largest error before rounding %.3f of a code", range, alpha, worst);
  g_assert_cmpfloat (worst, <, 0.45);
}

static void
test_depths (void)
{
  for (int alpha = 0; alpha < 2; alpha++) {
    check_depth (IE_DEPTH_U8, alpha);
    check_depth (IE_DEPTH_U16, alpha);
  }
}

static void
test_flat (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (sigmas) - 1; s++)
    for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_FLOAT; depth++)
      for (int code = 0; code <= 255; code += depth == IE_DEPTH_U8 ? 1 : 17) {
        Picture in = picture_new (33, 19, 1, FALSE, (IeDepth) depth);
        for (size_t i = 0; i < samples (&in); i++)
          set_sample (&in, i, code / 255.0);
        Picture out = gaussian (&in, sigmas[s], (int) ie_cpu_level ());
        double bound = depth == IE_DEPTH_FLOAT ? 1e-6 : 0;
        for (size_t i = 0; i < samples (&in); i++)
          if (fabs (get_sample (&out, i) - get_sample (&in, i)) > bound)
            g_error ("sigma %g, depth %d, code %d: %g", sigmas[s], depth, code, get_sample (&out, i));
        g_free (in.data);
        g_free (out.data);
      }
}

/* The same samples in any rectangles and at every level. */
static void
test_same_bits (void)
{
  static const int rects[][2] = { { 1000, 1000 }, { 11, 1000 }, { 1000, 7 }, { 61, 13 }, { 150, 31 } };
  static const double some[] = { 0.3, 2, 3.9, 5, 11, 17, 34 };
  int mismatches = 0;
  for (int name = 0; name < 2; name++)
    for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_FLOAT; depth++)
      for (int alpha = 0; alpha < 2; alpha++)
        for (gsize s = 0; s < G_N_ELEMENTS (some); s++) {
          Picture in = picture_of (NOISE, 389, 37, alpha ? 4 : 3, alpha, (IeDepth) depth);
          double values[8] = { some[s], 0.8, s % 2 ? 2.5 : 0 }; /* the others of unsharp: their first choices */
          Picture reference = { 0 };
          for (int level = 0; level <= (int) ie_cpu_level (); level++)
            for (gsize r = 0; r < (level ? 1 : G_N_ELEMENTS (rects)); r++) {
              const char *filter = name ? "unsharp" : "gaussian";
              Picture out = filtered (filter_at (filter, level), values, &in, rects[r][0], rects[r][1]);
              if (!reference.data)
                reference = out;
              else {
                if (memcmp (out.data, reference.data, samples (&in) * ie_depth_bytes (in.depth)) && !mismatches++)
                  g_test_message ("%s, sigma %g, depth %d, alpha %d, level %s, rectangle %d x %d", filter, some[s],
                                  depth, alpha, level_name (level), rects[r][0], rects[r][1]);
                g_free (out.data);
              }
            }
          g_free (reference.data);
          g_free (in.data);
        }
  g_assert_cmpint (mismatches, ==, 0);
}

/* The picture's own float values: k / 255 and k / 65535, correctly rounded. */
static void
test_units (void)
{
  for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_U16; depth++) {
    int count = depth == IE_DEPTH_U8 ? 256 : 65536;
    Picture in = picture_new (count, 1, 1, FALSE, (IeDepth) depth);
    float *out = g_new (float, count);
    IePixels view = { in.data, 0, { 0, 0, count, 1 }, 1, FALSE, (IeDepth) depth };
    for (int i = 0; i < count; i++)
      set_sample (&in, (size_t) i, (double) i / (count - 1));
    ie_weigh_load (&view, 0, 0, count, IE_UNIT_RANGE, out);
    for (int i = 0; i < count; i++)
      g_assert_true (out[i] == (float) ((long double) i / (count - 1)));
    g_free (out);
    g_free (in.data);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gaussian/definition", test_definition);
  g_test_add_func ("/gaussian/sizes-and-alpha", test_sizes);
  g_test_add_func ("/gaussian/depths", test_depths);
  g_test_add_func ("/gaussian/flat", test_flat);
  g_test_add_func ("/gaussian/same-bits-everywhere", test_same_bits);
  g_test_add_func ("/gaussian/units", test_units);
  return g_test_run ();
}
