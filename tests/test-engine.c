// SPDX-License-Identifier: GPL-3.0-or-later
/* The engine: mixing and masks, sources that stream or can be read only once, spools, memory limits, cancelling, NaN. */
#include "tests/run-recipe.h"
#include "tests/stream.h"

#include "core/error.h"

/* A sink that takes rows in order. */
typedef struct {
  IeSink sink;
  Picture picture;
  int next;
} Collector;

static gboolean
collector_begin (IeSink *sink, const IeHeader *header, GError **error)
{
  Collector *c = (Collector *) sink;
  c->picture = picture_new (header->width, header->height, header->channels, header->has_alpha, header->depth);
  return TRUE;
}

static gboolean
collector_write (IeSink *sink, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  Collector *c = (Collector *) sink;
  g_assert_cmpint (rect.y, ==, c->next);
  ptrdiff_t own = picture_stride (&c->picture.header);
  for (int y = 0; y < rect.height; y++)
    memcpy ((char *) c->picture.data + (rect.y + y) * own, (const char *) data + y * stride, (gsize) own);
  c->next = rect.y + rect.height;
  return TRUE;
}

static Picture
run_streamed (const Picture *in, const char *steps, gboolean once, IeRunOptions options, char **plan_text)
{
  GError *error = NULL;
  Stream stream = stream_over (in, once);
  Collector collector = { .sink = { .begin = collector_begin, .write = collector_write } };
  IeRecipe *recipe = ie_recipe_parse (steps, &error);
  g_assert_no_error (error);
  IePlan *plan = ie_plan_new (recipe, &stream.source, &options, &error);
  g_assert_no_error (error);
  if (plan_text)
    *plan_text = ie_plan_describe (plan);
  ie_plan_run (plan, &collector.sink, NULL, &error);
  g_assert_no_error (error);
  if (once)
    g_assert_cmpint (stream.rewound, ==, 0);
  ie_plan_free (plan);
  ie_recipe_free (recipe);
  return collector.picture;
}

static Picture
run_in_memory (const Picture *in, const char *steps)
{
  GError *error = NULL;
  IeRecipe *recipe = ie_recipe_parse (steps, &error);
  g_assert_no_error (error);
  Picture out = picture_run (in, recipe, (IeRunOptions){ .threads = 1 }, NULL, NULL);
  ie_recipe_free (recipe);
  return out;
}

static void
assert_same (const Picture *a, const Picture *b)
{
  g_assert_cmpuint (a->bytes, ==, b->bytes);
  g_assert_cmpmem (a->data, a->bytes, b->data, b->bytes);
}

/* A stream gives the samples that memory gives, whatever is spooled where. */
static void
test_streams (void)
{
  static const char *const recipes[] = {
    "gaussian sigma=3\n",
    "equalize\n",
    "gaussian sigma=2\nequalize channel=lightness mix=0.4\nunsharp radius=1.5 amount=0.6\n",
    "median radius=2\nequalize channel=rgb\nequalize channel=value\nlevels gamma=1.4\n",
    "levels black=10 white=80\nfourier-bandpass low=0 high=0.2\nmedian radius=1\n",
    "fourier-bandpass low=0.01 high=0.3\nequalize\n",
  };
  for (gsize r = 0; r < G_N_ELEMENTS (recipes); r++)
    for (int depth = 0; depth < 3; depth++)
      for (int alpha = 0; alpha < 2; alpha++) {
        Picture in = picture_new (203, 171, 3 + alpha, alpha, (IeDepth) depth);
        picture_fill (&in, 23);
        Picture want = run_in_memory (&in, recipes[r]);
        for (int way = 0; way < 3; way++) {
          IeRunOptions options = { .threads = 1 + way, .rect_width = way ? 50 * way : 0, .rect_height = way ? 31 : 0,
                                   .memory = way == 2 ? 24 << 20 : 0 };
          Picture got = run_streamed (&in, recipes[r], way != 1, options, NULL);
          assert_same (&want, &got);
          picture_free (&got);
        }
        picture_free (&want);
        picture_free (&in);
      }
}

/* What can be read once only is spooled, in a file when memory is short, and the plan says so. */
static void
test_spool_choice (void)
{
  Picture in = picture_new (400, 300, 3, FALSE, IE_DEPTH_U8);
  picture_fill (&in, 1);
  char *text = NULL;
  Picture out = run_streamed (&in, "equalize\n", TRUE, (IeRunOptions){ .threads = 1 }, &text);
  g_assert_nonnull (strstr (text, "kept at 8-bit in memory"));
  g_free (text);
  picture_free (&out);
  out = run_streamed (&in, "gaussian\nequalize\n", TRUE, (IeRunOptions){ .threads = 1, .memory = 2800 << 10 }, &text);
  Picture want = run_in_memory (&in, "gaussian\nequalize\n");
  assert_same (&want, &out);
  picture_free (&want);
  g_assert_nonnull (strstr (text, "kept at float in a temporary file"));
  g_free (text);
  picture_free (&out);
  picture_free (&in);
}

static void
test_memory_limit (void)
{
  Picture in = picture_new (500, 400, 3, FALSE, IE_DEPTH_U8);
  picture_fill (&in, 1);
  IeRecipe *recipe = ie_recipe_new ();
  g_assert_true (ie_recipe_add (recipe, "fourier-bandpass high=0.2", NULL));
  char *why = NULL;
  Picture out = picture_run (&in, recipe, (IeRunOptions){ .threads = 1, .memory = 1 << 20 }, NULL, &why);
  g_assert_null (out.data);
  g_assert_nonnull (strstr (why, "the limit is 1 MiB"));
  g_assert_nonnull (strstr (why, "--memory"));
  g_free (why);
  ie_recipe_free (recipe);
  picture_free (&in);
}

/* mix = m: input + (result - input) * m, in the picture's own values. */
static void
test_mix (void)
{
  static const char *const steps[] = { "gaussian sigma=2", "equalize", "equalize channel=rgb", "levels gamma=2",
                                       "fourier-bandpass high=0.1" };
  for (gsize s = 0; s < G_N_ELEMENTS (steps); s++)
    for (int depth = 0; depth < 3; depth++) {
      Picture in = picture_new (80, 60, 3, FALSE, (IeDepth) depth);
      picture_fill (&in, 9);
      IeRunOptions options = { .threads = 1, .out_depth_set = TRUE, .out_depth = IE_DEPTH_FLOAT };
      char *mixed_step = g_strdup_printf ("%s mix=0.25", steps[s]);
      Picture full = picture_step (&in, steps[s], options), mixed = picture_step (&in, mixed_step, options);
      for (gsize i = 0; i < picture_samples (&in); i++) {
        double a = picture_sample (&in, i), b = picture_sample (&full, i);
        g_assert_cmpfloat_with_epsilon (picture_sample (&mixed, i), a + (b - a) * 0.25, 1e-6);
      }
      g_free (mixed_step);
      picture_free (&in);
      picture_free (&full);
      picture_free (&mixed);
    }
}

static IeSource *
resolve_mask (gpointer data, const char *text, GError **error)
{
  Picture *mask = data;
  g_assert_cmpstr (text, ==, "the mask");
  return ie_memory_source_new (&mask->header, mask->data, picture_stride (&mask->header));
}

/* Where the mask is full the step's result stands bit for bit, where it is empty the input. */
static void
test_mask (void)
{
  static const char *const steps[] = { "gaussian sigma=2", "equalize", "fourier-bandpass high=0.1" };
  for (gsize s = 0; s < G_N_ELEMENTS (steps); s++) {
    Picture in = picture_new (80, 60, 3, FALSE, IE_DEPTH_U8), mask = picture_new (80, 60, 1, FALSE, IE_DEPTH_U8);
    picture_fill (&in, 9);
    for (int i = 0; i < 80 * 60; i++)
      ((guint8 *) mask.data)[i] = i % 80 < 40 ? 255 : 0;
    IeRunOptions options = { .threads = 2, .rect_width = 32, .rect_height = 16, .resolve = resolve_mask, .resolve_data = &mask };
    char *masked_step = g_strdup_printf ("%s mask='the mask'", steps[s]);
    Picture full = picture_step (&in, steps[s], options), masked = picture_step (&in, masked_step, options);
    for (gsize i = 0; i < picture_samples (&in); i++) {
      double want = picture_sample (i / 3 % 80 < 40 ? &full : &in, i);
      double difference = picture_sample (&masked, i) - want;
      /* full may have been rounded from a fast path: one code */
      g_assert_cmpfloat (ABS (difference), <=, i / 3 % 80 < 40 ? 1.001 / 255 : 0);
    }
    g_free (masked_step);
    picture_free (&in);
    picture_free (&mask);
    picture_free (&full);
    picture_free (&masked);
  }
}

/* Filters that look for NaN themselves, by each of their ways: as if it had been 0, and counted once. */
static void
test_nan_found (void)
{
  static const char *const recipes[] = { "gaussian sigma=2",
                                         "gaussian sigma=20",
                                         "unsharp radius=2 channel=rgb",
                                         "unsharp radius=2 threshold=3 channel=rgb",
                                         "unsharp radius=2 blur=box channel=rgb",
                                         "unsharp radius=2 blur=median channel=rgb",
                                         "unsharp@1 radius=2",
                                         "box radius=3",
                                         "box radius=70" };
  static const int places[] = { 0, 1, 150, 61 * 203, 100 * 203 + 77, 170 * 203 + 202 };
  guint32 nan = 0x7fc00000;
  for (gsize r = 0; r < G_N_ELEMENTS (recipes); r++)
    for (int alpha = 0; alpha < 2; alpha++) {
      Picture in = picture_new (203, 171, 3 + alpha, alpha, IE_DEPTH_FLOAT);
      picture_fill (&in, 7);
      Picture without = picture_new (203, 171, 3 + alpha, alpha, IE_DEPTH_FLOAT);
      picture_fill (&without, 7);
      for (gsize i = 0; i < G_N_ELEMENTS (places); i++) {
        memcpy ((float *) in.data + places[i] * (3 + alpha) + 1, &nan, 4);
        ((float *) without.data)[places[i] * (3 + alpha) + 1] = 0;
      }
      IeRecipe *recipe = ie_recipe_new ();
      g_assert_true (ie_recipe_add (recipe, recipes[r], NULL));
      IeReport report;
      Picture out = picture_run (&in, recipe, (IeRunOptions){ .threads = 2, .rect_width = 64, .rect_height = 50 }, &report, NULL);
      Picture want = picture_run (&without, recipe, (IeRunOptions){ .threads = 1 }, NULL, NULL);
      g_assert_cmpuint (report.nan, ==, G_N_ELEMENTS (places));
      if (memcmp (out.data, want.data, picture_samples (&out) * sizeof (float)) != 0)
        g_error ("%s, alpha %d: NaN is not as 0", recipes[r], alpha);
      ie_recipe_free (recipe);
      picture_free (&in);
      picture_free (&without);
      picture_free (&out);
      picture_free (&want);
    }
}

/* A small window over rectangles as wide as the picture, whose edges are made apart, and over narrow ones: the same samples,
 * and each NaN counted once. */
static void
test_edges (void)
{
  static const char *const recipes[] = { "median radius=1", "median radius=2", "sobel" };
  static const int places[] = { 20 * 1500, 21 * 1500 + 63, 22 * 1500 + 64, 20 * 1500 + 1435, 24 * 1500 + 1499 };
  guint32 nan = 0x7fc00000;
  for (gsize r = 0; r < G_N_ELEMENTS (recipes); r++)
    for (int depth = 0; depth < 3; depth++)
      for (int channels = 1; channels <= 4; channels++) {
        Picture in = picture_new (1500, 61, channels, channels % 2 == 0, (IeDepth) depth);
        picture_fill (&in, 31);
        for (gsize i = 0; depth == IE_DEPTH_FLOAT && i < G_N_ELEMENTS (places); i++)
          memcpy ((float *) in.data + places[i] * channels, &nan, 4);
        IeRecipe *recipe = ie_recipe_new ();
        g_assert_true (ie_recipe_add (recipe, recipes[r], NULL));
        IeReport wide, narrow;
        Picture a = picture_run (&in, recipe, (IeRunOptions){ .threads = 2, .rect_width = 1500, .rect_height = 13 }, &wide, NULL);
        Picture b = picture_run (&in, recipe, (IeRunOptions){ .threads = 1, .rect_width = 50, .rect_height = 20 }, &narrow, NULL);
        if (a.bytes != b.bytes || memcmp (a.data, b.data, a.bytes) != 0)
          g_error ("%s, depth %d, %d channels: samples depend on the rectangles", recipes[r], depth, channels);
        g_assert_cmpuint (wide.nan, ==, depth == IE_DEPTH_FLOAT ? G_N_ELEMENTS (places) : 0);
        g_assert_cmpuint (narrow.nan, ==, wide.nan);
        ie_recipe_free (recipe);
        picture_free (&in);
        picture_free (&a);
        picture_free (&b);
      }
}

static void
test_cancel (void)
{
  Picture in = picture_new (200, 200, 3, FALSE, IE_DEPTH_U8);
  gint cancel = 1;
  GError *error = NULL;
  IeRecipe *recipe = ie_recipe_new ();
  g_assert_true (ie_recipe_add (recipe, "gaussian sigma=5", NULL));
  IeSource *source = ie_memory_source_new (&in.header, in.data, picture_stride (&in.header));
  IeSink *sink = ie_memory_sink_new (&in.header, in.data, picture_stride (&in.header));
  IeRunOptions options = { .threads = 2, .cancel = &cancel };
  g_assert_false (ie_run (recipe, source, sink, &options, NULL, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_CANCELLED);
  g_clear_error (&error);
  ie_source_free (source);
  ie_sink_free (sink);
  ie_recipe_free (recipe);
  picture_free (&in);
}

/* NaN becomes 0 and is counted, once a sample, whatever the halo. */
static void
test_nan (void)
{
  Picture in = picture_new (100, 80, 1, FALSE, IE_DEPTH_FLOAT);
  guint32 nan = 0x7fc00000;
  for (int i = 0; i < 5; i++)
    memcpy ((float *) in.data + 1000 * i + 17, &nan, 4);
  IeRecipe *recipe = ie_recipe_new ();
  g_assert_true (ie_recipe_add (recipe, "gaussian sigma=2", NULL));
  IeReport report;
  Picture out = picture_run (&in, recipe, (IeRunOptions){ .threads = 1, .rect_width = 20, .rect_height = 20 }, &report, NULL);
  g_assert_cmpuint (report.nan, ==, 5);
  for (gsize i = 0; i < picture_samples (&out); i++)
    g_assert_cmpfloat (picture_sample (&out, i), ==, 0);
  ie_recipe_free (recipe);
  picture_free (&in);
  picture_free (&out);
}

/* A sample is counted as newly clipped when it reaches an end of the range where it was not. */
static void
test_clipped (void)
{
  Picture in = picture_new (256, 2, 1, FALSE, IE_DEPTH_U8);
  for (int i = 0; i < 512; i++)
    ((guint8 *) in.data)[i] = (guint8) (i % 256);
  IeRecipe *recipe = ie_recipe_new ();
  g_assert_true (ie_recipe_add (recipe, "levels black=20 white=80", NULL));
  IeReport report;
  Picture out = picture_run (&in, recipe, (IeRunOptions){ .threads = 1, .count_clipped = TRUE }, &report, NULL);
  guint64 want = 0;
  for (gsize i = 0; i < 512; i++) {
    guint8 a = ((guint8 *) in.data)[i], b = ((guint8 *) out.data)[i];
    want += (b == 0 && a != 0) || (b == 255 && a != 255);
  }
  g_assert_cmpuint (want, >, 180);
  g_assert_cmpuint (report.clipped, ==, want);
  g_assert_cmpuint (report.samples, ==, 512);
  ie_recipe_free (recipe);
  picture_free (&in);
  picture_free (&out);
}

/* Steps of one recipe equal the steps one after the other at float: nothing is rounded between. */
static void
test_chain (void)
{
  Picture in = picture_new (150, 110, 3, FALSE, IE_DEPTH_U8);
  picture_fill (&in, 31);
  IeRunOptions to_float = { .threads = 1, .out_depth_set = TRUE, .out_depth = IE_DEPTH_FLOAT };
  Picture a = picture_step (&in, "gaussian sigma=1.5", to_float);
  Picture b = picture_step (&a, "equalize channel=rgb", to_float);
  Picture c = picture_step (&b, "unsharp radius=2 amount=1", (IeRunOptions){ .threads = 1, .out_depth_set = TRUE, .out_depth = IE_DEPTH_U8 });
  Picture whole = run_in_memory (&in, "gaussian sigma=1.5\nequalize channel=rgb\nunsharp radius=2 amount=1\n");
  assert_same (&c, &whole);
  picture_free (&in);
  picture_free (&a);
  picture_free (&b);
  picture_free (&c);
  picture_free (&whole);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/streams", test_streams);
  g_test_add_func ("/engine/spool-choice", test_spool_choice);
  g_test_add_func ("/engine/memory-limit", test_memory_limit);
  g_test_add_func ("/engine/mix", test_mix);
  g_test_add_func ("/engine/mask", test_mask);
  g_test_add_func ("/engine/edges", test_edges);
  g_test_add_func ("/engine/cancel", test_cancel);
  g_test_add_func ("/engine/nan", test_nan);
  g_test_add_func ("/engine/nan/found", test_nan_found);
  g_test_add_func ("/engine/clipped", test_clipped);
  g_test_add_func ("/engine/chain", test_chain);
  return g_test_run ();
}
