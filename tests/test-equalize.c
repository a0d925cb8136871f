// SPDX-License-Identifier: GPL-3.0-or-later
/* equalize: its hooks against the definition written out slowly, and OpenCV's rule on 8-bit codes. */
#include "tests/step.h"

#include <math.h>

#define BINS 65536

static const char *const rgb[] = { "channel=rgb", NULL };

/* Surveys a picture of any depth in `parts` bands, merged; the tables stay in test->step.tables. */
static void
survey (TestStep *test, const void *data, IeDepth depth, int parts)
{
  const IeSurvey *hooks = test->step.filter->survey;
  gsize size = hooks->size (&test->step);
  gpointer total = g_malloc0 (size);
  int height = test->step.input.height;
  for (int i = 0; i < parts; i++) {
    int top = i * height / parts, bottom = (i + 1) * height / parts;
    IePixels all = test_pixels (test, data, depth);
    IePixels band = ie_pixels_part (&all, (IeRect){ 0, top, all.rect.width, bottom - top });
    gpointer statistic = g_malloc0 (size);
    hooks->add (&test->step, statistic, 0, &band, test->work);
    hooks->merge (&test->step, total, statistic);
    g_free (statistic);
  }
  GError *error = NULL;
  gboolean again = FALSE;
  test->step.tables = hooks->finish (&test->step, total, &again, &error);
  g_assert_no_error (error);
  g_assert_false (again);
  g_assert_nonnull (test->step.tables);
  g_free (total);
}

static void
clear (TestStep *test)
{
  g_free (test->step.tables);
  test_step_clear (test);
}

static double
bounded (double v)
{
  return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* Rounded in float, as samples are: one on the border of two bins belongs to one of them, the same at every level. */
static int
bin_of (float sample)
{
  return (int) ((float) bounded (sample) * 65535.0f + 0.5f);
}

/* T of one channel, by the definition; FALSE: flat. weights NULL: 1 each. */
static gboolean
slow_curve (const float *samples, int count, int step, const float *weights, double *curve)
{
  double *counts = g_new0 (double, BINS);
  for (int i = 0; i < count; i++)
    counts[bin_of (samples[i * step])] += weights ? bin_of (weights[i * step]) : 1;
  double all = 0, sum = 0, lowest = 0;
  for (int k = 0; k < BINS; k++) {
    all += counts[k];
    lowest = lowest > 0 ? lowest : counts[k];
  }
  for (int k = 0; k < BINS; k++) {
    sum += counts[k];
    curve[k] = fmax (sum - lowest, 0) / (all - lowest);
  }
  g_free (counts);
  return all > lowest;
}

/* Between the values that T takes within 1/64 of a bin around v: the plateau at each centre is narrower than that. */
static void
check_sample (float in, float out, const double *curve, int i)
{
  double v = bounded (in), least = 2, most = -1;
  for (int way = -1; way <= 1; way++) {
    double x = fmin (fmax (v * 65535 + way / 64.0, 0), 65535);
    int k = (int) fmin (floor (x), 65534);
    double t = curve[k] + (x - k) * (curve[k + 1] - curve[k]);
    least = fmin (least, t);
    most = fmax (most, t);
  }
  double beyond = (double) in - v;
  if (!(out >= least + beyond - 1e-6 && out <= most + beyond + 1e-6))
    g_error ("sample %d: %.9g gives %.9g, not %.9g .. %.9g", i, in, out, least + beyond, most + beyond);
}

/* Float pictures of 1 to 4 colours, with and without alpha, samples outside 0..1 among them, in 1 and 3 parts. */
static void
test_definition (void)
{
  enum { WIDTH = 331, HEIGHT = 23, PIXELS = WIDTH * HEIGHT };
  double *curve = g_new (double, BINS);
  for (int shape = 0; shape < 8; shape++) {
    int colours = shape / 2 + 1, channels = colours + shape % 2, samples = PIXELS * channels;
    float *in = g_new (float, samples), *out = g_new (float, samples);
    for (int i = 0; i < samples; i++)
      in[i] = (float) pow (g_test_rand_double_range (0, 1.2), i % channels + 1) - 0.1f;
    TestStep test = test_step ("equalize", ie_cpu_level (), WIDTH, HEIGHT, channels, shape % 2, rgb);
    survey (&test, in, IE_DEPTH_FLOAT, shape % 2 ? 3 : 1);
    test_apply (&test, in, out);
    for (int c = 0; c < colours; c++) {
      g_assert_true (slow_curve (in + c, PIXELS, channels, shape % 2 ? in + colours : NULL, curve));
      for (int i = 0; i < PIXELS; i++)
        check_sample (in[i * channels + c], out[i * channels + c], curve, i);
    }
    clear (&test);
    g_free (in);
    g_free (out);
  }
  g_free (curve);
}

/* The same picture as 8-bit, 16-bit and float codes has the same curve, between the codes too. */
static void
test_depths (void)
{
  enum { WIDTH = 97, HEIGHT = 41 };
  for (int channels = 1; channels <= 5; channels++)
    for (int has_alpha = 0; has_alpha <= (channels > 1); has_alpha++) {
      int samples = WIDTH * HEIGHT * channels;
      guint8 *codes = g_new (guint8, samples);
      guint16 *wide = g_new (guint16, samples);
      float *real = g_new (float, samples), *probe = g_new (float, samples);
      for (int i = 0; i < samples; i++) {
        probe[i] = (float) g_test_rand_double ();
        codes[i] = (guint8) (g_test_rand_int_range (0, 128) + g_test_rand_int_range (0, 128));
        wide[i] = (guint16) (codes[i] * 257);
        real[i] = (float) codes[i] / 255.0f;
      }
      const void *pictures[] = { codes, wide, real };
      const IeDepth depths[] = { IE_DEPTH_U8, IE_DEPTH_U16, IE_DEPTH_FLOAT };
      float *first = NULL;
      for (int d = 0; d < 3; d++) {
        TestStep test = test_step ("equalize", ie_cpu_level (), WIDTH, HEIGHT, channels, has_alpha, rgb);
        float *out = g_new (float, samples);
        survey (&test, pictures[d], depths[d], d + 1);
        test_apply (&test, probe, out);
        if (first)
          g_assert_cmpmem (first, (gsize) samples * sizeof (float), out, (gsize) samples * sizeof (float));
        else
          first = g_memdup2 (out, (gsize) samples * sizeof (float));
        g_free (out);
        clear (&test);
      }
      g_free (first);
      g_free (codes);
      g_free (wide);
      g_free (real);
      g_free (probe);
    }
}

/* OpenCV's table for 8-bit gray: round (255 (C (k) - C (k0)) / (N - C (k0))). */
static void
test_opencv_rule (void)
{
  enum { COUNT = 5003 };
  guint8 codes[COUNT];
  float in[COUNT], out[COUNT];
  for (int spread = 1; spread < 256; spread += 23) {
    int counts[256] = { 0 };
    for (int i = 0; i < COUNT; i++) {
      codes[i] = (guint8) (g_test_rand_int_range (0, spread + 1) * g_test_rand_int_range (1, 3) / 2);
      in[i] = (float) codes[i] / 255.0f;
      counts[codes[i]]++;
    }
    TestStep test = test_step ("equalize", ie_cpu_level (), COUNT, 1, 1, FALSE, rgb);
    survey (&test, codes, IE_DEPTH_U8, 1);
    test_apply (&test, in, out);
    clear (&test);
    int table[256], lowest = 0, sum = 0;
    while (!counts[lowest])
      lowest++;
    for (int k = 0; k < 256; k++) {
      sum += k > lowest ? counts[k] : 0;
      table[k] = (int) floor (255.0 * sum / (COUNT - counts[lowest]) + 0.5);
    }
    for (int i = 0; i < COUNT; i++)
      if (fabs (floor (out[i] * 255.0 + 0.5) - table[codes[i]]) > (fabs (out[i] * 255.0 - table[codes[i]]) > 0.4999))
        g_error ("spread %d: code %d gives %g, not %d", spread, codes[i], out[i] * 255.0, table[codes[i]]);
  }
}

/* A flat channel is left alone bit for bit, beside one that is not; so is a picture of one pixel, or of none that
 * counts. */
static void
test_flat (void)
{
  enum { PIXELS = 1000 };
  float in[PIXELS * 4], out[PIXELS * 4];
  for (int i = 0; i < PIXELS; i++) {
    in[4 * i] = 0.3f;
    in[4 * i + 1] = (float) i / PIXELS;
    in[4 * i + 2] = 1.5f;
    in[4 * i + 3] = 1.0f;
  }
  TestStep test = test_step ("equalize", ie_cpu_level (), PIXELS, 1, 4, TRUE, rgb);
  survey (&test, in, IE_DEPTH_FLOAT, 1);
  test_apply (&test, in, out);
  for (int i = 0; i < PIXELS; i++)
    g_assert_true (out[4 * i] == 0.3f && out[4 * i + 2] == 1.5f);
  g_assert_cmpfloat (out[1], ==, 0.0f);
  g_assert_cmpfloat (out[4 * (PIXELS - 1) + 1], ==, 1.0f);
  clear (&test);

  test = test_step ("equalize", ie_cpu_level (), 1, 1, 4, TRUE, rgb);
  survey (&test, in, IE_DEPTH_FLOAT, 1);
  test_apply (&test, in, out);
  g_assert_cmpmem (in, 3 * sizeof (float), out, 3 * sizeof (float));
  clear (&test);

  for (int i = 0; i < PIXELS; i++)
    in[4 * i + 3] = 0.0f;
  test = test_step ("equalize", ie_cpu_level (), PIXELS, 1, 4, TRUE, rgb);
  survey (&test, in, IE_DEPTH_FLOAT, 1);
  test_apply (&test, in, out);
  for (int i = 0; i < PIXELS; i++)
    g_assert_cmpmem (in + 4 * i, 3 * sizeof (float), out + 4 * i, 3 * sizeof (float));
  clear (&test);
}

static void
test_space (void)
{
  static const struct {
    const char *setting;
    IeSpace space;
  } cases[] = { { "channel=lightness", IE_SPACE_LIGHTNESS },
                { "channel=value", IE_SPACE_VALUE },
                { "channel=rgb", IE_SPACE_NATIVE } };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    TestStep test = test_step ("equalize", ie_cpu_level (), 1, 1, 1, FALSE, (const char *[]){ cases[i].setting, NULL });
    g_assert_cmpint (test.step.filter->space (test.params), ==, cases[i].space);
    test_step_clear (&test);
  }
}

static void
test_cpu_levels (void)
{
  enum { WIDTH = 1013, HEIGHT = 7, SAMPLES = WIDTH * HEIGHT * 3 };
  float *in = g_new (float, SAMPLES), *base = g_new (float, SAMPLES), *out = g_new (float, SAMPLES);
  for (int i = 0; i < SAMPLES; i++)
    in[i] = (float) g_test_rand_double_range (-0.2, 1.2);
  in[0] = INFINITY;
  in[4] = -INFINITY;
  for (IeCpuLevel level = IE_CPU_BASE; level <= ie_cpu_level (); level++) {
    TestStep test = test_step ("equalize", level, WIDTH, HEIGHT, 3, FALSE, rgb);
    survey (&test, in, IE_DEPTH_FLOAT, 2);
    test_apply (&test, in, level == IE_CPU_BASE ? base : out);
    if (level != IE_CPU_BASE)
      g_assert_cmpmem (base, SAMPLES * sizeof (float), out, SAMPLES * sizeof (float));
    clear (&test);
  }
  g_assert_true (base[0] == INFINITY && base[4] == -INFINITY);
  g_free (in);
  g_free (base);
  g_free (out);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/equalize/definition", test_definition);
  g_test_add_func ("/equalize/depths", test_depths);
  g_test_add_func ("/equalize/opencv-rule", test_opencv_rule);
  g_test_add_func ("/equalize/flat", test_flat);
  g_test_add_func ("/equalize/space", test_space);
  g_test_add_func ("/equalize/cpu-levels", test_cpu_levels);
  return g_test_run ();
}
