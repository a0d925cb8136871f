// SPDX-License-Identifier: GPL-3.0-or-later
/* nlmeans: the noise of known scenes is estimated within 25% at every brightness, whatever its law; the same samples
 * come out at every processor level and from every division into rectangles (the contracts' loops see only the
 * defaults). */
#include "core/pool.h"
#include "filters/kernel/noise.h"
#include "tests/run-recipe.h"
#include "tests/step.h"

#include <math.h>

#define SIDE 512

/* Standard deviation of the noise at v. */
typedef double (*Law) (double v);

static double
constant (double v)
{
  return 0.06;
}

static double
photons (double v)
{
  return sqrt (v / 200);
}

static double
speckle (double v)
{
  return 0.12 * v;
}

static double
normal (GRand *random)
{
  double u = 1 - g_rand_double (random), v = g_rand_double (random);
  return sqrt (-2 * log (u)) * cos (2 * G_PI * v);
}

/* Slopes, edges and a quarter of fine texture, with noise of a law. */
static float *
scene (Law law, guint32 seed)
{
  GRand *random = g_rand_new_with_seed (seed);
  float *picture = g_new (float, SIDE *SIDE);
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) {
      double v = 0.15 + 0.6 * x / SIDE + ((x / 60 + y / 45) % 2 ? 0.08 : 0);
      if (x > SIDE / 2 && y > SIDE / 2)
        v += 0.08 * (((x + y) / 2) % 2);
      picture[y * SIDE + x] = (float) (v + law (v) * normal (random));
    }
  g_rand_free (random);
  return picture;
}

static void
test_estimate (void)
{
  static const Law laws[] = { constant, photons, speckle };
  for (gsize l = 0; l < G_N_ELEMENTS (laws); l++) {
    float *picture = scene (laws[l], 3);
    IeNoiseCount *count = g_new0 (IeNoiseCount, 1), *part = g_new0 (IeNoiseCount, 1);
    for (int y = 0; y < SIDE; y += IE_NOISE_CELLS)
      for (int x = 0; x < SIDE; x += IE_NOISE_CELLS) {
        IePixels cell = { .data = picture + y * SIDE + x,
                          .stride = SIDE * sizeof (float),
                          .channels = 1,
                          .rect = { x, y, IE_NOISE_CELLS, IE_NOISE_CELLS },
                          .depth = IE_DEPTH_FLOAT };
        memset (part, 0, sizeof *part);
        ie_noise_add (part, &cell);
        ie_noise_merge (count, part);
      }
    IeNoiseModel model;
    g_assert_true (ie_noise_fit (count, 0, &model));
    for (double v = 0.25; v <= 0.7; v += 0.05) {
      double ratio = sqrt (model.a + v * (model.b + v * model.c)) / laws[l](v);
      if (!(ratio > 0.75 && ratio < 1.25))
        g_error ("law %d: sigma at %g is %g times the true one", (int) l, v, ratio);
    }
    g_free (count);
    g_free (part);
    g_free (picture);
  }
}

static float *
apply_at (IeCpuLevel level, int channels, gboolean has_alpha, gsize *samples)
{
  static const char *const settings[] = { "noise=8", "search-radius=4", "patch-radius=2", NULL };
  TestStep test = test_step ("nlmeans", level, 110, 40, channels, has_alpha, settings);
  const IeFilter *filter = test.step.filter;
  IeRect whole = ie_rect_whole (&test.step.input), from = filter->region (&test.step, whole, 0);
  gsize count = (gsize) from.width * (gsize) from.height * (gsize) channels;
  GRand *random = g_rand_new_with_seed (7);
  float *in = g_new (float, count), *out = g_new (float, 110 * 40 * (gsize) channels);
  for (gsize i = 0; i < count; i++)
    in[i] = (float) (0.3 * (double) (i / 40 % 3) + 0.2 * g_rand_double (random));
  g_rand_free (random);
  IePixels view = test_pixels (&test, out, IE_DEPTH_FLOAT), source = view;
  source.data = in;
  source.rect = from;
  source.stride = (ptrdiff_t) ((gsize) from.width * (gsize) channels * sizeof (float));
  gpointer statistic = g_malloc0 (filter->survey->size (&test.step));
  gboolean again = FALSE;
  test.step.tables = filter->survey->finish (&test.step, statistic, &again, NULL);
  filter->apply (&test.step, test.work, &source, &view);
  *samples = 110 * 40 * (gsize) channels;
  g_free (test.step.tables);
  g_free (statistic);
  g_free (in);
  test_step_clear (&test);
  return out;
}

static void
test_levels (void)
{
  static const int kinds[][2] = { { 1, FALSE }, { 2, FALSE }, { 2, TRUE }, { 3, FALSE }, { 4, FALSE }, { 4, TRUE } };
  for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++) {
    gsize samples;
    int channels = kinds[k][0], has_alpha = kinds[k][1];
    float *first = apply_at (IE_CPU_BASE, channels, has_alpha, &samples);
    for (int level = IE_CPU_BASE + 1; level <= (int) ie_cpu_level (); level++) {
      float *other = apply_at ((IeCpuLevel) level, channels, has_alpha, &samples);
      if (memcmp (first, other, samples * sizeof *first) != 0)
        g_error ("%d channels: level %d has other samples", channels, level);
      g_free (other);
    }
    g_free (first);
  }
}

static void
test_rectangles (void)
{
  static const char *const steps[] = { "nlmeans noise=8 patch-radius=3 search-radius=10",
                                       "nlmeans noise=20 patch-radius=4 search-radius=1",
                                       "nlmeans noise=5 patch-radius=1 search-radius=5" };
  static const int kinds[][2] = { { 1, FALSE }, { 3, FALSE }, { 2, TRUE }, { 4, TRUE } };
  static const IeRunOptions ways[] = { { .threads = 2, .rect_width = 64, .rect_height = 64 },
                                       { .threads = 3, .rect_width = 33, .rect_height = 17 },
                                       { .threads = 1, .rect_width = 1, .rect_height = 40 },
                                       { .threads = 1, .rect_width = 131, .rect_height = 5 } };
  for (gsize s = 0; s < G_N_ELEMENTS (steps); s++)
    for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
      for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_FLOAT; depth++) {
        Picture in = picture_new (131, 57, kinds[k][0], kinds[k][1], (IeDepth) depth);
        picture_fill (&in, 5);
        Picture first = picture_step (&in, steps[s], (IeRunOptions){ .threads = 1 });
        for (gsize w = 0; w < G_N_ELEMENTS (ways); w++) {
          Picture other = picture_step (&in, steps[s], ways[w]);
          if (memcmp (first.data, other.data, first.bytes) != 0)
            g_error ("%s: %d channels, depth %d, way %d: other samples", steps[s], kinds[k][0], depth, (int) w);
          picture_free (&other);
        }
        picture_free (&first);
        picture_free (&in);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nlmeans/estimate", test_estimate);
  g_test_add_func ("/nlmeans/levels", test_levels);
  g_test_add_func ("/nlmeans/rectangles", test_rectangles);
  return g_test_run ();
}
