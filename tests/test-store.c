// SPDX-License-Identifier: GPL-3.0-or-later
/* store=DEPTH: a step's result is stored at that depth before the next, exactly as if the two steps were two runs with a
 * picture of that depth between them. For every filter of the registry, before and after it, at every depth. */
#include "tests/run-recipe.h"

static const char *const words[] = { "8", "16", "float" };

/* Filters that a test cannot call by their name alone. */
static gboolean
needs_more (const IeFilter *filter)
{
  for (const IeParam *param = filter->params; param->id; param++)
    if (param->required)
      return TRUE;
  return FALSE;
}

static Picture
run_text (const Picture *in, const char *text, IeRunOptions options, char **why)
{
  GError *error = NULL;
  IeRecipe *recipe = ie_recipe_parse (text, &error);
  g_assert_no_error (error);
  Picture out = picture_run (in, recipe, options, NULL, why);
  ie_recipe_free (recipe);
  return out;
}

static void
check_pair (const Picture *in, const char *first, const char *second, IeDepth depth)
{
  g_autofree char *text = g_strdup_printf ("%s store=%s\n%s\n", first, words[depth], second), *why = NULL;
  Picture between = run_text (in, first, (IeRunOptions){ .threads = 1, .out_depth_set = TRUE, .out_depth = depth }, &why);
  if (why) /* not for such a picture */
    return;
  Picture expected = run_text (&between, second,
                               (IeRunOptions){ .threads = 1, .out_depth_set = TRUE, .out_depth = in->header.depth }, &why);
  picture_free (&between);
  if (why)
    return;
  for (int tight = 0; tight < 2; tight++) {
    IeRunOptions options = { .threads = 1 + tight, .rect_width = tight ? 24 : 0, .rect_height = tight ? 16 : 0 };
    Picture got = run_text (in, text, options, &why);
    if (why)
      g_error ("%s: %s", text, why);
    if (got.bytes != expected.bytes || memcmp (got.data, expected.data, got.bytes) != 0)
      g_error ("%s: differs by %g from two runs (input depth %d)", text, picture_difference (&got, &expected), in->header.depth);
    picture_free (&got);
  }
  picture_free (&expected);
}

static void
test_filter (gconstpointer data)
{
  const IeFilter *filter = data;
  g_autofree char *step = probe_step (filter);
  for (int channels = 1; channels <= 4; channels += 3)
    for (IeDepth depth = IE_DEPTH_U8; depth <= IE_DEPTH_FLOAT; depth++) {
      Picture in = picture_new (61, 47, channels, channels == 4, depth);
      picture_fill (&in, 7);
      check_pair (&in, "gaussian sigma=1.3", step, depth);
      check_pair (&in, step, "gaussian sigma=1.3", depth);
      check_pair (&in, step, "equalize mix=0.5", IE_DEPTH_U8);
      picture_free (&in);
    }
}

/* The word survives in text, and what is no depth is refused. */
static void
test_text (void)
{
  GError *error = NULL;
  IeRecipe *recipe = ie_recipe_parse ("gaussian@1 sigma=3 store=16\nmedian@1\n", &error);
  g_assert_no_error (error);
  g_autofree char *text = ie_recipe_text (recipe);
  g_assert_nonnull (strstr (text, "store=16"));
  ie_recipe_free (recipe);
  g_assert_null (ie_recipe_parse ("gaussian store=12", &error));
  g_assert_nonnull (strstr (error->message, "store=12: takes 8, 16 or float"));
  g_error_free (error);
}

/* A step that does nothing still stores what came before it. */
static void
test_neutral (void)
{
  Picture in = picture_new (61, 47, 3, FALSE, IE_DEPTH_U8);
  picture_fill (&in, 3);
  Picture a = run_text (&in, "gaussian sigma=2 store=8\nmedian\n", (IeRunOptions){ .threads = 1 }, NULL);
  Picture b = run_text (&in, "gaussian sigma=2\nlevels store=8\nmedian\n", (IeRunOptions){ .threads = 1 }, NULL);
  Picture c = run_text (&in, "gaussian sigma=2\nunsharp\n", (IeRunOptions){ .threads = 1 }, NULL);
  Picture d = run_text (&in, "gaussian sigma=2 store=8\nunsharp\n", (IeRunOptions){ .threads = 1 }, NULL);
  g_assert_cmpmem (a.data, a.bytes, b.data, b.bytes);
  /* Without the word values stay as they are: that is another result. */
  g_assert_true (memcmp (c.data, d.data, c.bytes) != 0);
  picture_free (&a);
  picture_free (&b);
  picture_free (&c);
  picture_free (&d);
  picture_free (&in);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/text", test_text);
  g_test_add_func ("/store/neutral", test_neutral);
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  for (int i = 0; i < count; i++) {
    g_autofree char *path = g_strconcat ("/store/", filters[i]->name, NULL);
    if (!needs_more (filters[i]))
      g_test_add_data_func (path, filters[i], test_filter);
  }
  return g_test_run ();
}
