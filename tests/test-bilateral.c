// SPDX-License-Identifier: GPL-3.0-or-later
/* bilateral: the weights are as near to the exponential as they say, and the same samples come out at every processor
 * level and from every division into rectangles, by both methods (the contracts' loops see only the defaults). */
#include "filters/kernel/weight.h"
#include "tests/run-recipe.h"

#include "core/pool.h"
#include "tests/step.h"

#include <math.h>

static void
test_weights (void)
{
  double most = 0;
  g_assert_cmpfloat (ie_weight_exp2 (0.0f), ==, 1.0f);
  for (int i = 0; i <= 4000000; i++) {
    float x = -126.0f * (float) i / 4000000.0f;
    double expected = exp2 ((double) x), error = fabs ((double) ie_weight_exp2 (x) - expected) / expected;
    most = MAX (most, error);
  }
  g_assert_cmpfloat (most, <, 3.0e-6);
  g_assert_cmpfloat (ie_weight_exp2 (-INFINITY), <, 2e-38);
  g_assert_cmpfloat (ie_weight_exp2 (-1000.0f), >=, 0.0f);
}

static const char *const steps[] = {
  "bilateral method=fast sigma-space=5 sigma-range=10",
  "bilateral method=fast sigma-space=13 sigma-range=4",
  "bilateral edges=luma window=square radius=3",
  "bilateral sigma-space=7 sigma-range=20",
};

static void
test_rectangles (void)
{
  static const int kinds[][2] = { { 1, FALSE }, { 3, FALSE }, { 2, TRUE }, { 4, TRUE } };
  static const IeRunOptions ways[] = { { .threads = 2, .rect_width = 64, .rect_height = 64 },
                                       { .threads = 3, .rect_width = 33, .rect_height = 17 },
                                       { .threads = 1, .rect_width = 300, .rect_height = 5 } };
  for (gsize s = 0; s < G_N_ELEMENTS (steps); s++)
    for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
      for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_FLOAT; depth++) {
        Picture in = picture_new (311, 97, kinds[k][0], kinds[k][1], (IeDepth) depth);
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

/* One step by the hooks of one level, without the engine; the samples beyond the picture are made as those within. */
static float *
apply_at (IeCpuLevel level, const char *const *settings, int channels, gboolean has_alpha, gsize *samples)
{
  TestStep test = test_step ("bilateral", level, 150, 40, channels, has_alpha, settings);
  const IeFilter *filter = test.step.filter;
  IeRect whole = ie_rect_whole (&test.step.input), from = filter->region (&test.step, whole, 0);
  gsize count = (gsize) from.width * (gsize) from.height * (gsize) channels;
  float *in = g_new (float, count), *out = g_new (float, (gsize) whole.width *(gsize) whole.height *(gsize) channels);
  guint32 state = 9;
  for (gsize i = 0; i < count; i++)
    in[i] = (float) ((i / 50 % 3) * 60 + next_random (&state) % 100) / 255.0f;
  IePixels view = test_pixels (&test, out, IE_DEPTH_FLOAT), source = view;
  source.data = in;
  source.rect = from;
  source.stride = (ptrdiff_t) ((gsize) from.width * (gsize) channels * sizeof (float));
  test.step.prepared = filter->prepare (&test.step, NULL);
  filter->apply (&test.step, test.work, &source, &view);
  filter->release (test.step.prepared);
  *samples = (gsize) whole.width * (gsize) whole.height * (gsize) channels;
  test_step_clear (&test);
  g_free (in);
  return out;
}

static void
test_levels (void)
{
  static const char *const exact[] = { "radius=4", NULL }, *const luma[] = { "edges=luma", NULL };
  static const char *const fast[] = { "method=fast", "sigma-space=6", "sigma-range=10", NULL };
  const char *const *const settings[] = { exact, luma, fast };
  for (gsize s = 0; s < G_N_ELEMENTS (settings); s++)
    for (int kind = 0; kind < 4; kind++) {
      int channels = 1 + kind;
      gboolean has_alpha = channels == 2 || channels == 4;
      gsize samples;
      float *first = apply_at (IE_CPU_BASE, settings[s], channels, has_alpha, &samples);
      for (int level = IE_CPU_BASE + 1; level <= (int) ie_cpu_level (); level++) {
        float *other = apply_at ((IeCpuLevel) level, settings[s], channels, has_alpha, &samples);
        if (memcmp (first, other, samples * sizeof *first) != 0)
          g_error ("%s, %d channels: level %d has other samples", settings[s][0], channels, level);
        g_free (other);
      }
      g_free (first);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bilateral/weights", test_weights);
  g_test_add_func ("/bilateral/rectangles", test_rectangles);
  g_test_add_func ("/bilateral/levels", test_levels);
  return g_test_run ();
}
