// SPDX-License-Identifier: GPL-3.0-or-later
/* Recipes and parameters: text in, the same text out; every mistake is said with what would have been right. */
#include "core/imgenhance.h"

#include <string.h>

static void
test_round_trip (void)
{
  GError *error = NULL;
  IeRecipe *recipe = ie_recipe_parse ("# imgenhance recipe 1\n\n  unsharp  radius=1.5 amount=0.6 # soft\n"
                                      "equalize@1 channel=value mix=0.4 mask=\"a \\\"b\\\".png\"\nlevels gamma='2'\n", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (recipe->steps->len, ==, 3);
  char *text = ie_recipe_text (recipe);
  g_assert_cmpstr (text, ==, "# imgenhance recipe 1\nunsharp@2 radius=1.5 amount=0.6\n"
                             "equalize@1 channel=value mix=0.4 mask=\"a \\\"b\\\".png\"\nlevels@1 gamma=2\n");
  IeRecipe *again = ie_recipe_parse (text, &error);
  g_assert_no_error (error);
  char *text2 = ie_recipe_text (again);
  g_assert_cmpstr (text, ==, text2);
  g_free (text);
  g_free (text2);
  ie_recipe_free (recipe);
  ie_recipe_free (again);
}

static void
assert_wrong (const char *step, const char *part)
{
  GError *error = NULL;
  IeRecipe *recipe = ie_recipe_new ();
  g_assert_false (ie_recipe_add (recipe, step, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_USAGE);
  if (!strstr (error->message, part))
    g_error ("%s: '%s' does not say '%s'", step, error->message, part);
  g_assert_cmpuint (recipe->steps->len, ==, 0);
  g_clear_error (&error);
  ie_recipe_free (recipe);
}

static void
test_mistakes (void)
{
  assert_wrong ("", "empty");
  assert_wrong ("medain radius=1", "did you mean 'median'?");
  assert_wrong ("unshrap", "did you mean 'unsharp'?");
  assert_wrong ("zzzzzz", "no filter 'zzzzzz'");
  assert_wrong ("median@99", "no version 99");
  assert_wrong ("median@x", "whole number");
  assert_wrong ("median radus=1", "did you mean 'radius'?");
  assert_wrong ("median radius=1.5", "not a whole number");
  assert_wrong ("median radius=-1", "out of range: 0 to ");
  assert_wrong ("median radius=", "not a number");
  assert_wrong ("median radius", "KEY=VALUE");
  assert_wrong ("gaussian sigma=nan", "not a number");
  assert_wrong ("gaussian sigma=1,5", "not a number");
  assert_wrong ("equalize channel=lightnes", "did you mean lightness?");
  assert_wrong ("equalize mix=2", "0 to 1");
  assert_wrong ("equalize mask='a", "not closed");
  GError *error = NULL;
  g_assert_null (ie_recipe_parse ("median\n\nmedian radius=x\n", &error));
  g_assert_true (g_str_has_prefix (error->message, "line 3: median: radius=x"));
  g_clear_error (&error);
  g_assert_null (ie_recipe_parse ("# imgenhance recipe 2\n", &error));
  g_assert_nonnull (strstr (error->message, "newer"));
  g_clear_error (&error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recipe/round-trip", test_round_trip);
  g_test_add_func ("/recipe/mistakes", test_mistakes);
  return g_test_run ();
}
