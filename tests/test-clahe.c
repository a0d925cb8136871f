// SPDX-License-Identifier: GPL-3.0-or-later
/* clahe: what its head promises beyond tests/oracle/clahe.py: the same bits however the picture is cut and at every level of
 * the processor, the fast paths within a code, counts that no order changes. */
#include "tests/step.h"

#include <math.h>

/* A random number, at least 1, at most `rest`, below `limit`. */
static int
some_of (int rest, int limit)
{
  int some = g_test_rand_int_range (1, limit);
  return MIN (some, rest);
}

/* Surveys a picture in random rectangles, merged; the tables stay in test->step.tables. */
static void
survey (TestStep *test, const void *data, IeDepth depth, gboolean is_cut)
{
  const IeSurvey *hooks = test->step.filter->survey;
  gsize size = hooks->size (&test->step);
  gpointer total = g_malloc0 (size), part = g_malloc0 (size);
  int width = test->step.input.width, height = test->step.input.height;
  IePixels all = test_pixels (test, data, depth);
  for (int y = 0, rows; y < height; y += rows) {
    rows = is_cut ? some_of (height - y, 40) : height;
    for (int x = 0, columns; x < width; x += columns) {
      columns = is_cut ? some_of (width - x, 200) : width;
      IePixels view = ie_pixels_part (&all, (IeRect){ x, y, columns, rows });
      memset (part, 0, size);
      hooks->add (&test->step, part, 0, &view, test->work);
      hooks->merge (&test->step, total, part);
    }
  }
  GError *error = NULL;
  gboolean again = FALSE;
  test->step.tables = hooks->finish (&test->step, total, &again, &error);
  g_assert_no_error (error);
  g_assert_false (again);
  g_free (total);
  g_free (part);
}

static void
clear (TestStep *test)
{
  g_free (test->step.tables);
  test_step_clear (test);
}

/* apply() in random rectangles, whose width decides between two ways through the kernel. */
static void
apply_cut (const TestStep *test, IeApply apply, const void *in, void *out, IeDepth depth)
{
  IePixels from = test_pixels (test, in, depth), to = test_pixels (test, out, depth);
  int width = test->step.input.width, height = test->step.input.height;
  for (int y = 0, rows; y < height; y += rows) {
    rows = some_of (height - y, 30);
    for (int x = 0, columns; x < width; x += columns) {
      columns = some_of (width - x, 250);
      IeRect rect = { x, y, columns, rows };
      IePixels in_part = ie_pixels_part (&from, rect), out_part = ie_pixels_part (&to, rect);
      apply (&test->step, test->work, &in_part, &out_part);
      ie_work_reset (test->work);
    }
  }
}

static const char *const settings[][5] = {
  { "channel=rgb", NULL },
  { "channel=rgb", "tiles=1", "clip-limit=256", NULL },
  { "channel=rgb", "tiles=64", "tiles-down=3", "clip-limit=3.3", NULL },
};
static const int sizes[][2] = { { 1, 1 }, { 5, 3 }, { 331, 47 }, { 1013, 19 } };

static void
each_case (void (*check) (int width, int height, int channels, const char *const *values))
{
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (gsize v = 0; v < G_N_ELEMENTS (settings); v++)
      for (int channels = 1; channels <= 4; channels++)
        check (sizes[s][0], sizes[s][1], channels, settings[v]);
}

/* Values beyond the range are among the samples. */
static float *
random_float (int samples)
{
  float *in = g_new (float, samples);
  for (int i = 0; i < samples; i++)
    in[i] = (float) (g_test_rand_double_range (-0.1, 1.1) * g_test_rand_double ());
  return in;
}

/* Rectangles and levels change no bit, of the statistic or of the picture. */
static void
check_same (int width, int height, int channels, const char *const *values)
{
  int samples = width * height * channels;
  float *in = random_float (samples), *first = NULL;
  for (IeCpuLevel level = IE_CPU_BASE; level <= ie_cpu_level (); level++)
    for (int cut = 0; cut < 2; cut++) {
      TestStep test = test_step ("clahe", level, width, height, channels, channels % 2 == 0, values);
      float *out = g_new0 (float, samples);
      survey (&test, in, IE_DEPTH_FLOAT, cut);
      if (cut)
        apply_cut (&test, test.step.filter->apply, in, out, IE_DEPTH_FLOAT);
      else
        test_apply (&test, in, out);
      /* Alpha is the engine's business. */
      for (int i = channels - 1; channels % 2 == 0 && i < samples; i += channels)
        out[i] = 0;
      if (first && memcmp (first, out, (gsize) samples * sizeof (float)) != 0)
        g_error ("%d x %d, %d channels, %s, level %d, cut %d: other samples", width, height, channels, values[1], level, cut);
      if (first)
        g_free (out);
      else
        first = out;
      clear (&test);
    }
  g_free (first);
  g_free (in);
}

static void
test_same (void)
{
  each_case (check_same);
}

/* 8 and 16 bits: the same statistic, and results within a code of the float ones, rounded, at every level. */
static void
check_depths (int width, int height, int channels, const char *const *values)
{
  int samples = width * height * channels;
  guint8 *codes = g_new (guint8, samples), *out8 = g_new0 (guint8, samples);
  guint16 *wide = g_new (guint16, samples), *out16 = g_new0 (guint16, samples);
  float *real = g_new (float, samples), *wanted = g_new0 (float, samples);
  for (IeDepth depth = IE_DEPTH_U8; depth <= IE_DEPTH_U16; depth++)
    for (IeCpuLevel level = IE_CPU_BASE; level <= ie_cpu_level (); level++) {
      double range = ie_depth_range (depth), worst = 0;
      for (int i = 0; i < samples; i++) {
        codes[i] = (guint8) g_test_rand_int ();
        wide[i] = (guint16) g_test_rand_int ();
        real[i] = (float) (depth == IE_DEPTH_U8 ? codes[i] : wide[i]) / (float) range;
      }
      const void *in = depth == IE_DEPTH_U8 ? (void *) codes : wide;
      TestStep test = test_step ("clahe", level, width, height, channels, FALSE, values), same = test;
      survey (&test, in, depth, TRUE);
      survey (&same, real, IE_DEPTH_FLOAT, FALSE);
      test_apply (&same, real, wanted);
      const IeFilter *filter = test.step.filter;
      apply_cut (&test, depth == IE_DEPTH_U8 ? filter->apply_u8 : filter->apply_u16, in,
                 depth == IE_DEPTH_U8 ? (void *) out8 : out16, depth);
      for (int i = 0; i < samples; i++) {
        double got = depth == IE_DEPTH_U8 ? out8[i] : out16[i];
        worst = fmax (worst, fabs (got - floor (wanted[i] * range + 0.5)));
      }
      if (worst > 1)
        g_error ("%d x %d, %d channels, %s, depth %d, level %d: %g codes", width, height, channels, values[1], depth, level,
                 worst);
      g_free (same.step.tables);
      clear (&test);
    }
  g_free (codes);
  g_free (wide);
  g_free (real);
  g_free (out8);
  g_free (out16);
  g_free (wanted);
}

static void
test_depths (void)
{
  each_case (check_depths);
}

/* Infinite samples stay what they are; the limit of 1 leaves T (k) = (k + 1) / 256 but for bins that no sample filled. */
static void
test_ends (void)
{
  enum { COUNT = 256 };
  float in[COUNT], out[COUNT];
  for (int i = 0; i < COUNT; i++)
    in[i] = (float) i / 255.0f;
  const char *const plain[] = { "channel=rgb", "tiles=1", "clip-limit=1", NULL };
  TestStep test = test_step ("clahe", ie_cpu_level (), COUNT, 1, 1, FALSE, plain);
  survey (&test, in, IE_DEPTH_FLOAT, TRUE);
  test_apply (&test, in, out);
  for (int i = 0; i < COUNT; i++)
    if (fabs (out[i] - (i + 1) / 256.0) > 1e-6)
      g_error ("code %d gives %g", i, out[i]);
  in[3] = INFINITY;
  in[4] = -INFINITY;
  test_apply (&test, in, out);
  g_assert_true (out[3] == INFINITY && out[4] == -INFINITY);
  clear (&test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clahe/same", test_same);
  g_test_add_func ("/clahe/depths", test_depths);
  g_test_add_func ("/clahe/ends", test_ends);
  return g_test_run ();
}
