// SPDX-License-Identifier: GPL-3.0-or-later
/* IeView: any rectangle of any filter's result, asked for in any order, has the samples of a run over the whole picture;
 * statistics are taken over from an earlier view exactly where nothing that they depend on has changed. */
#include "tests/run-recipe.h"

/* A source that reads any rectangle and counts what was read. */
typedef struct {
  IeSource source;
  const Picture *picture;
  guint64 pixels;
} Random;

static gboolean
random_read (IeSource *source, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  Random *random = (Random *) source;
  const IeHeader *h = &source->header;
  g_assert_true (ie_rect_inside (rect, ie_rect_whole (h)));
  gsize pixel = (gsize) h->channels * ie_depth_bytes (h->depth);
  for (int y = 0; y < rect.height; y++)
    memcpy ((char *) data + y * stride,
            (const char *) random->picture->data + ((gsize) (rect.y + y) * (gsize) h->width + (gsize) rect.x) * pixel,
            (gsize) rect.width * pixel);
  random->pixels += (guint64) rect.width * (guint64) rect.height;
  return TRUE;
}

static Random
random_over (const Picture *picture)
{
  return (Random){ .source = { .header = picture->header, .random = TRUE, .read = random_read, .read_cost = 1 },
                   .picture = picture };
}

static IePlan *
plan_of (const char *step, IeSource *source, int threads)
{
  GError *error = NULL;
  g_autofree char *text = g_strdup_printf ("%s\n", step);
  IeRecipe *recipe = ie_recipe_parse (text, &error);
  g_assert_no_error (error);
  IePlan *plan = ie_plan_new (recipe, source, &(IeRunOptions){ .threads = threads, .rect_width = 24, .rect_height = 16,
                                                                 .piecewise = TRUE }, &error);
  g_assert_no_error (error);
  ie_recipe_free (recipe);
  return plan;
}

static void
check_rect (IeView *view, const Picture *whole, IeRect rect, const char *step)
{
  GError *error = NULL;
  const IeHeader *h = ie_view_header (view);
  gsize pixel = (gsize) h->channels * ie_depth_bytes (h->depth), row = (gsize) rect.width * pixel, stride = row + 13;
  g_autofree guint8 *data = g_malloc0 (stride * (gsize) rect.height);
  ie_view_read (view, rect, data, (ptrdiff_t) stride, &error);
  g_assert_no_error (error);
  for (int y = 0; y < rect.height; y++)
    if (memcmp (data + (gsize) y * stride,
                (const guint8 *) whole->data + ((gsize) (rect.y + y) * (gsize) h->width + (gsize) rect.x) * pixel, row) != 0)
      g_error ("%s: row %d of %d x %d at %d, %d has other samples than a run", step, y, rect.width, rect.height, rect.x,
               rect.y);
}

static void
check_filter (const char *step, const Picture *in)
{
  Picture whole = picture_step (in, step, (IeRunOptions){ .threads = 1 });
  Random random = random_over (in);
  IeSource *memory = ie_memory_source_new (&in->header, in->data, picture_stride (&in->header));
  for (int way = 0; way < 2; way++) {
    GError *error = NULL;
    IeView *view = ie_view_new (plan_of (step, way ? memory : &random.source, 1 + way), NULL, &error);
    g_assert_no_error (error);
    int width = whole.header.width, height = whole.header.height;
    check_rect (view, &whole, (IeRect){ width / 2, height / 3, width / 3, height / 2 }, step);
    check_rect (view, &whole, (IeRect){ 0, 0, 1, 1 }, step);
    check_rect (view, &whole, (IeRect){ width - 1, height - 1, 1, 1 }, step);
    check_rect (view, &whole, (IeRect){ 0, 0, width, height }, step);
    ie_view_free (view);
  }
  ie_source_free (memory);
  picture_free (&whole);
}

static void
test_filters (void)
{
  static const IeDepth depths[] = { IE_DEPTH_U8, IE_DEPTH_U16, IE_DEPTH_FLOAT };
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  for (int i = 0; i < count; i++) {
    g_autofree char *step = probe_step (filters[i]);
    g_test_message ("%s", step);
    Picture in = picture_new (83, 61, i % 2 ? 4 : 3, i % 2, depths[i % 3]);
    picture_fill (&in, 5);
    check_filter (step, &in);
    picture_free (&in);
  }
}

/* Several steps, statistics and whole planes among them. */
static void
test_chain (void)
{
  static const IeDepth depths[] = { IE_DEPTH_U8, IE_DEPTH_FLOAT };
  for (int d = 0; d < 2; d++) {
    Picture in = picture_new (90, 70, 3, FALSE, depths[d]);
    picture_fill (&in, 9);
    GError *error = NULL;
    const char *text = "gaussian sigma=2\nequalize channel=lightness\nfourier-lowpass cutoff=0.2\nunsharp\n";
    IeRecipe *recipe = ie_recipe_parse (text, &error);
    g_assert_no_error (error);
    Picture whole = picture_run (&in, recipe, (IeRunOptions){ .threads = 1 }, NULL, NULL);
    Random random = random_over (&in);
    IeView *view = ie_view_new (plan_of (text, &random.source, 2), NULL, &error);
    g_assert_no_error (error);
    check_rect (view, &whole, (IeRect){ 10, 20, 60, 30 }, text);
    check_rect (view, &whole, (IeRect){ 0, 0, 90, 70 }, text);
    ie_view_free (view);
    ie_recipe_free (recipe);
    picture_free (&whole);
    picture_free (&in);
  }
}

/* Pixels that making a view reads from the source. */
static guint64
read_for (const char *step, Random *random, IeView **view)
{
  GError *error = NULL;
  IeView *previous = *view;
  random->pixels = 0;
  *view = ie_view_new (plan_of (step, &random->source, 1), previous, &error);
  g_assert_no_error (error);
  ie_view_free (previous);
  return random->pixels;
}

static void
test_statistics (void)
{
  Picture in = picture_new (90, 70, 3, FALSE, IE_DEPTH_U8);
  picture_fill (&in, 9);
  Random random = random_over (&in);
  IeView *view = NULL;
  g_assert_cmpuint (read_for ("clahe clip-limit=2 channel=lightness", &random, &view), >, 0);
  g_assert_cmpuint (read_for ("clahe clip-limit=2 channel=value", &random, &view), >, 0);
  g_assert_cmpuint (read_for ("clahe clip-limit=2 channel=value mix=0.5", &random, &view), ==, 0);
  g_assert_cmpuint (read_for ("levels gamma=1.5\nclahe clip-limit=2 channel=value", &random, &view), >, 0);
  g_assert_cmpuint (read_for ("levels gamma=1.5\nclahe clip-limit=2 channel=value\ngaussian sigma=1", &random, &view), ==, 0);
  g_assert_cmpuint (read_for ("levels gamma=1.6\nclahe clip-limit=2 channel=value\ngaussian sigma=1", &random, &view), >, 0);
  Picture whole = picture_step (&in, "clahe clip-limit=3", (IeRunOptions){ .threads = 1 });
  read_for ("clahe clip-limit=2", &random, &view);
  read_for ("clahe clip-limit=3", &random, &view);
  check_rect (view, &whole, (IeRect){ 0, 0, 90, 70 }, "clahe after another clip limit");
  ie_view_free (view);
  picture_free (&whole);
  picture_free (&in);
}

/* A pipe has no rectangles. */
static void
test_refusal (void)
{
  Picture in = picture_new (40, 30, 1, FALSE, IE_DEPTH_U8);
  Random random = random_over (&in);
  random.source.random = FALSE;
  GError *error = NULL;
  IeView *view = ie_view_new (plan_of ("gaussian sigma=2", &random.source, 1), NULL, &error);
  g_assert_null (view);
  g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
  g_clear_error (&error);
  picture_free (&in);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view/filters", test_filters);
  g_test_add_func ("/view/chain", test_chain);
  g_test_add_func ("/view/statistics", test_statistics);
  g_test_add_func ("/view/refusal", test_refusal);
  return g_test_run ();
}
