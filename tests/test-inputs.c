// SPDX-License-Identifier: GPL-3.0-or-later
/* Further pictures of a step, as core/filter.h promises them to filters: aligned, surveyed, whole, in the step's space,
 * from memory and from streams, with filters that exist here alone. */
#include "tests/run-recipe.h"
#include "tests/stream.h"

#include "core/error.h"

/* ---- the pictures that steps name ---- */

typedef struct {
  const Picture *guide, *small; /* of the picture's size; of another */
  gboolean streams;
} Album;

static void
stream_free (IeSource *source)
{
  g_free (source);
}

static gboolean
fail_read (IeSource *source, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, "damaged");
  return FALSE;
}

static IeSource *
resolve (gpointer data, const char *text, GError **error)
{
  const Album *album = data;
  const Picture *picture = g_str_equal (text, "guide") ? album->guide : album->small;
  if (!album->streams && !g_str_equal (text, "damaged"))
    return ie_memory_source_new (&picture->header, picture->data, picture_stride (&picture->header));
  Stream *stream = g_new (Stream, 1);
  *stream = stream_over (picture, FALSE);
  stream->source.free = stream_free;
  if (g_str_equal (text, "damaged"))
    stream->source.read = fail_read;
  return &stream->source;
}

/* Runs one step of a filter with its parameters set by name=value pairs, ended by NULL. */
static Picture
run (const IeFilter *filter, const Picture *in, Album *album, IeRunOptions options, char **why, ...)
{
  IeRecipe *recipe = ie_recipe_new ();
  IeParams *params = ie_params_new (filter->params);
  va_list pairs;
  va_start (pairs, why);
  for (const char *id = va_arg (pairs, const char *); id; id = va_arg (pairs, const char *))
    g_assert_true (ie_params_set (params, id, va_arg (pairs, const char *), NULL));
  va_end (pairs);
  ie_recipe_append (recipe, filter, params);
  options.resolve = resolve;
  options.resolve_data = album;
  options.out_depth_set = TRUE;
  options.out_depth = IE_DEPTH_FLOAT;
  Picture out = picture_run (in, recipe, options, NULL, why);
  ie_recipe_free (recipe);
  return out;
}

static const IeRunOptions ways[] = {
  { .threads = 1 },
  { .threads = 3, .rect_width = 17, .rect_height = 13 },
  { .threads = 2, .rect_width = 64, .rect_height = 5 },
};

static double
mean_of (const Picture *p, int channel)
{
  double sum = 0;
  gsize channels = (gsize) p->header.channels, pixels = picture_samples (p) / channels;
  for (gsize i = 0; i < pixels; i++)
    sum += picture_sample (p, i * channels + (gsize) channel);
  return sum / (double) pixels;
}

/* ---- aligned: each pixel becomes the guide's, five columns to the right and three rows up ---- */

#define RIGHT 5
#define UP 3

static IeRect
shifted_region (const IeStep *step, IeRect out, int input)
{
  return input == 0 ? out : (IeRect){ out.x + RIGHT, out.y - UP, out.width, out.height };
}

static void
shifted_apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  g_assert_true (in[1].depth == out->depth);
  g_assert_cmpint (in[1].channels, ==, step->pictures[0].channels);
  for (int y = out->rect.y; y < out->rect.y + out->rect.height; y++)
    for (int x = out->rect.x; x < out->rect.x + out->rect.width; x++) {
      const float *from = ie_pixels_at (&in[1], x + RIGHT, y - UP);
      float *to = ie_pixels_at (out, x, y);
      for (int c = 0; c < out->channels; c++)
        to[c] = from[MIN (c, in[1].channels - 1)];
    }
}

static IeSpace
in_lightness (const IeParams *params)
{
  return IE_SPACE_LIGHTNESS;
}

static const IeParam guide_params[] = {
  { .id = "guide", .type = IE_PARAM_IMAGE, .use = IE_INPUT_ALIGNED, .required = TRUE },
  IE_PARAMS_END,
};

static const IeFilter shifted = { .name = "shifted", .version = 1, .filter_class = IE_AREA, .params = guide_params,
                                  .region = shifted_region, .apply = shifted_apply };
static const IeFilter shifted_lightness = { .name = "shifted-lightness", .version = 1, .filter_class = IE_AREA,
                                            .params = guide_params, .space = in_lightness, .region = shifted_region,
                                            .apply = shifted_apply };

/* The guide arrives at every depth, beyond its edges by the border rule, without NaN, and in the step's space. */
static void
test_aligned (void)
{
  for (int depth = 0; depth < 3; depth++)
    for (gsize w = 0; w < G_N_ELEMENTS (ways); w++)
      for (int streams = 0; streams < 2; streams++) {
        Picture in = picture_new (61, 47, 1, FALSE, IE_DEPTH_U8), guide = picture_new (61, 47, 1, FALSE, (IeDepth) depth);
        picture_fill (&in, 3);
        picture_fill (&guide, 4);
        gboolean nan = depth == IE_DEPTH_FLOAT;
        if (nan)
          memcpy ((float *) guide.data + 61 * 20 + 30, &(guint32){ 0x7fc00000 }, 4);
        Album album = { .guide = &guide, .streams = streams };
        Picture plain = run (&shifted, &in, &album, ways[w], NULL, "guide", "guide", NULL);
        Picture lightness = run (&shifted_lightness, &in, &album, ways[w], NULL, "guide", "guide", NULL);
        for (int y = 0; y < 47; y++)
          for (int x = 0; x < 61; x++) {
            int gx = ie_reflect (x + RIGHT, 61), gy = ie_reflect (y - UP, 47);
            double want = nan && gx == 30 && gy == 20 ? 0 : picture_sample (&guide, (gsize) (gy * 61 + gx));
            g_assert_cmpfloat_with_epsilon (picture_sample (&plain, (gsize) (y * 61 + x)), want, 1e-6);
            g_assert_cmpfloat_with_epsilon (picture_sample (&lightness, (gsize) (y * 61 + x)), want, 1e-4);
          }
        picture_free (&in);
        picture_free (&guide);
        picture_free (&plain);
        picture_free (&lightness);
      }
}

/* ---- surveyed: the mean of every channel becomes the reference's ---- */

#define SCALE 65536.0

typedef struct {
  gint64 sum[2][IE_MAX_CHANNELS], pixels[2];
  int rounds;
} Sums;

static gsize
sums_size (const IeStep *step)
{
  return sizeof (Sums);
}

static void
sums_add (const IeStep *step, gpointer statistic, int input, const IePixels *pixels, IeWork *work)
{
  Sums *sums = statistic;
  g_assert_true (pixels->depth == IE_DEPTH_FLOAT);
  for (int y = 0; y < pixels->rect.height; y++) {
    const float *row = ie_pixels_at (pixels, pixels->rect.x, pixels->rect.y + y);
    for (int i = 0; i < pixels->rect.width * pixels->channels; i++)
      sums->sum[input][i % pixels->channels] += (gint64) ((double) row[i] * SCALE + 0.5);
  }
  sums->pixels[input] += pixels->rect.width * pixels->rect.height;
}

static void
sums_merge (const IeStep *step, gpointer into, gconstpointer from)
{
  Sums *a = into;
  const Sums *b = from;
  for (int i = 0; i < 2; i++) {
    a->pixels[i] += b->pixels[i];
    for (int c = 0; c < IE_MAX_CHANNELS; c++)
      a->sum[i][c] += b->sum[i][c];
  }
}

/* Means of both pictures, the reference's second; two rounds, which change no mean. */
static gpointer
sums_finish (const IeStep *step, gpointer statistic, gboolean *again, GError **error)
{
  Sums *sums = statistic;
  *again = ++sums->rounds < 2;
  if (*again)
    return NULL;
  double *means = g_new0 (double, 2 * IE_MAX_CHANNELS);
  for (int i = 0; i < 2; i++)
    for (int c = 0; c < IE_MAX_CHANNELS && sums->pixels[i]; c++)
      means[i * IE_MAX_CHANNELS + c] = (double) sums->sum[i][c] / SCALE / (double) sums->pixels[i];
  return means;
}

static void
match_apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const double *means = step->tables;
  for (int y = out->rect.y; y < out->rect.y + out->rect.height; y++) {
    const float *from = ie_pixels_at (in, out->rect.x, y);
    float *to = ie_pixels_at (out, out->rect.x, y);
    for (int i = 0; i < out->rect.width * out->channels; i++) {
      int c = i % out->channels;
      to[i] = from[i] + (float) (means[IE_MAX_CHANNELS + c] - means[c]);
    }
  }
}

static const char *const depends[] = { NULL };
static const IeSurvey sums = { .size = sums_size, .add = sums_add, .merge = sums_merge, .finish = sums_finish,
                               .depends = depends };
static const IeSurvey sums_instead = { .size = sums_size, .add = sums_add, .merge = sums_merge, .finish = sums_finish,
                                       .instead = TRUE, .depends = depends };
static const IeParam reference_params[] = {
  { .id = "reference", .type = IE_PARAM_IMAGE, .use = IE_INPUT_SURVEYED },
  IE_PARAMS_END,
};
static const IeFilter match = { .name = "match", .version = 1, .filter_class = IE_SURVEY, .params = reference_params,
                                .survey = &sums, .apply = match_apply };

/* A reference of another size and depth is surveyed beside the picture; without one its statistic is empty. */
static void
test_surveyed (void)
{
  Picture in = picture_new (90, 70, 3, FALSE, IE_DEPTH_U8);
  picture_fill (&in, 11);
  for (int depth = 0; depth < 3; depth++)
    for (gsize w = 0; w < G_N_ELEMENTS (ways); w++)
      for (int streams = 0; streams < 2; streams++) {
        Picture reference = picture_new (33, 128, 3, FALSE, (IeDepth) depth);
        picture_fill (&reference, 77);
        Album album = { .small = &reference, .streams = streams };
        Picture out = run (&match, &in, &album, ways[w], NULL, "reference", "small", NULL);
        Picture alone = run (&match, &in, &album, ways[w], NULL, NULL);
        for (int c = 0; c < 3; c++) {
          g_assert_cmpfloat (ABS (mean_of (&in, c) - mean_of (&reference, c)), >, 1e-3);
          g_assert_cmpfloat_with_epsilon (mean_of (&out, c), mean_of (&reference, c), 2e-5);
          g_assert_cmpfloat_with_epsilon (mean_of (&alone, c), 0, 2e-5);
        }
        picture_free (&reference);
        picture_free (&out);
        picture_free (&alone);
      }
  picture_free (&in);
}

/* ---- surveyed and aligned: a flat frame and its mean ---- */

static void
flat_apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const double *means = step->tables;
  g_assert_cmpfloat (means[0], ==, 0); /* the picture itself was not surveyed */
  for (int y = out->rect.y; y < out->rect.y + out->rect.height; y++)
    for (int x = out->rect.x; x < out->rect.x + out->rect.width; x++) {
      const float *from = ie_pixels_at (&in[0], x, y), *frame = ie_pixels_at (&in[1], x, y);
      float *to = ie_pixels_at (out, x, y);
      for (int c = 0; c < out->channels; c++)
        to[c] = from[c] * (float) means[IE_MAX_CHANNELS] / frame[0];
    }
}

static const IeParam frame_params[] = {
  { .id = "frame", .type = IE_PARAM_IMAGE, .use = IE_INPUT_SURVEYED_ALIGNED },
  IE_PARAMS_END,
};
static const IeFilter flat = { .name = "flat", .version = 1, .filter_class = IE_SURVEY, .params = frame_params,
                               .survey = &sums_instead, .apply = flat_apply };

static void
test_both (void)
{
  Picture in = picture_new (64, 40, 3, FALSE, IE_DEPTH_U16), frame = picture_new (64, 40, 1, FALSE, IE_DEPTH_U8);
  picture_fill (&in, 5);
  for (int i = 0; i < 64 * 40; i++)
    ((guint8 *) frame.data)[i] = (guint8) (100 + i % 64 + i / 64);
  for (gsize w = 0; w < G_N_ELEMENTS (ways); w++)
    for (int streams = 0; streams < 2; streams++) {
      Album album = { .guide = &frame, .streams = streams };
      Picture out = run (&flat, &in, &album, ways[w], NULL, "frame", "guide", NULL);
      for (gsize i = 0; i < picture_samples (&in); i++)
        g_assert_cmpfloat_with_epsilon (picture_sample (&out, i),
                                        picture_sample (&in, i) * mean_of (&frame, 0) / picture_sample (&frame, i / 3), 5e-5);
      picture_free (&out);
    }
  picture_free (&in);
  picture_free (&frame);
}

/* ---- whole: the sum of a point spread ---- */

static gpointer
spread_prepare (const IeStep *step, GError **error)
{
  const IePixels *spread = &step->whole_inputs[1];
  g_assert_null (step->whole_inputs[0].data);
  g_assert_cmpint (step->pictures[0].width, ==, 0);
  g_assert_cmpint (step->pictures[1].width, ==, spread->rect.width);
  g_assert_true (spread->depth == IE_DEPTH_FLOAT);
  double *sum = g_new0 (double, 1);
  for (int y = 0; y < spread->rect.height; y++)
    for (int x = 0; x < spread->rect.width; x++)
      *sum += *(const float *) ie_pixels_at (spread, x, y);
  return sum;
}

static gboolean
spread_apply (const IeStep *step, IeWork *work, float *const *planes, ptrdiff_t stride, GError **error)
{
  for (int y = 0; y < step->input.height; y++)
    for (int x = 0; x < step->input.width; x++)
      planes[0][y * stride / (ptrdiff_t) sizeof (float) + x] = (float) *(const double *) step->prepared;
  return TRUE;
}

static const IeParam spread_params[] = {
  { .id = "other", .type = IE_PARAM_IMAGE, .use = IE_INPUT_WHOLE },
  { .id = "spread", .type = IE_PARAM_IMAGE, .use = IE_INPUT_WHOLE },
  IE_PARAMS_END,
};
static const IeFilter spread = { .name = "spread", .version = 1, .filter_class = IE_WHOLE, .params = spread_params,
                                 .prepare = spread_prepare, .apply_whole = spread_apply };

static void
test_whole (void)
{
  Picture in = picture_new (30, 20, 1, FALSE, IE_DEPTH_U8);
  for (int depth = 0; depth < 3; depth++)
    for (int streams = 0; streams < 2; streams++) {
      Picture small = picture_new (9, 300, 1, FALSE, (IeDepth) depth);
      picture_fill (&small, 8);
      Album album = { .small = &small, .streams = streams };
      Picture out = run (&spread, &in, &album, ways[1], NULL, "spread", "small", NULL);
      double want = mean_of (&small, 0) * 9 * 300;
      g_assert_cmpfloat_with_epsilon (picture_sample (&out, 0), want, 1e-5 * want);
      picture_free (&out);
      picture_free (&small);
    }
  picture_free (&in);
}

/* ---- what is refused ---- */

static void
assert_refused (const IeFilter *filter, const char *id, const char *name, guint64 memory, const char *says)
{
  Picture in = picture_new (600, 500, 1, FALSE, IE_DEPTH_U8), small = picture_new (900, 700, 1, FALSE, IE_DEPTH_U8);
  Album album = { .guide = &in, .small = &small };
  char *why = NULL;
  Picture out = run (filter, &in, &album, (IeRunOptions){ .threads = 1, .memory = memory }, &why, id, name, NULL);
  g_assert_null (out.data);
  g_assert_nonnull (why);
  g_test_message ("%s", why);
  g_assert_nonnull (strstr (why, says));
  g_assert_null (strchr (why, '\n'));
  g_free (why);
  picture_free (&in);
  picture_free (&small);
}

static void
test_refused (void)
{
  IeFilter wrong = match;
  wrong.filter_class = IE_POINT;
  assert_refused (&shifted, "guide", "small", 0, "they must be of one size");
  assert_refused (&flat, "frame", "small", 0, "they must be of one size");
  assert_refused (&match, "reference", "damaged", 0, "picture damaged: damaged");
  assert_refused (&spread, "spread", "damaged", 0, "picture damaged: damaged");
  assert_refused (&spread, "spread", "small", 1 << 20, "picture small is needed whole, 2 MiB, the limit is 1 MiB");
  assert_refused (&wrong, "reference", "small", 0, "cannot use a picture so");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inputs/aligned", test_aligned);
  g_test_add_func ("/inputs/surveyed", test_surveyed);
  g_test_add_func ("/inputs/surveyed-and-aligned", test_both);
  g_test_add_func ("/inputs/whole", test_whole);
  g_test_add_func ("/inputs/refused", test_refused);
  return g_test_run ();
}
