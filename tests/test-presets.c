// SPDX-License-Identifier: GPL-3.0-or-later
/* The presets' file: what is saved is loaded again, whatever the name; a file of another's making is not harmed. */
#include "plugins/common/presets.h"

#include <glib/gstdio.h>
#include <string.h>

static const IeFilter *
filter_of (const char *name)
{
  const IeFilter *filter = ie_filter_find (name, 0, NULL);
  g_assert_nonnull (filter);
  return filter;
}

static IeParams *
params_of (const char *step)
{
  IeRecipe *recipe = ie_recipe_new ();
  g_assert_true (ie_recipe_add (recipe, step, NULL));
  IeParams *params = ie_params_copy (((IeRecipeStep *) recipe->steps->pdata[0])->params);
  ie_recipe_free (recipe);
  return params;
}

static void
save (const char *filter, const char *name, const char *step)
{
  GError *error = NULL;
  IeParams *params = params_of (step);
  g_assert_true (ie_presets_save (filter_of (filter), name, params, &error));
  g_assert_no_error (error);
  ie_params_free (params);
}

static void
assert_loads (const char *filter, const char *name, const char *step)
{
  GError *error = NULL;
  IeParams *loaded = ie_presets_load (filter_of (filter), name, &error), *wanted = params_of (step);
  g_assert_no_error (error);
  for (int i = 0; i < wanted->count; i++) {
    char *a = ie_params_text (loaded, i), *b = ie_params_text (wanted, i);
    g_assert_cmpstr (a, ==, b);
    g_free (a);
    g_free (b);
  }
  ie_params_free (loaded);
  ie_params_free (wanted);
}

static void
assert_names (const char *filter, const char *wanted)
{
  char **names = ie_presets_names (filter_of (filter)), *all = g_strjoinv ("|", names);
  g_assert_cmpstr (all, ==, wanted);
  g_free (all);
  g_strfreev (names);
}

static void
test_kept (void)
{
  static const char *const names[] = { "soft", "a = b [c] #1 % 50", "# first", "Nächtliches Bild", "夜景", "tab\there", "trailing\\" };
  assert_names ("gaussian", "");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    char *step = g_strdup_printf ("gaussian sigma=%d.123456789", (int) i + 1);
    save ("gaussian", names[i], step);
    g_free (step);
  }
  save ("unsharp", "soft", "unsharp radius=9 blur=box");
  save ("convolve", "own", "convolve kernel='1,0,-1;2,0,-2;1,0,-1' normalise=none");
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    char *step = g_strdup_printf ("gaussian sigma=%d.123456789", (int) i + 1);
    assert_loads ("gaussian", names[i], step);
    g_free (step);
  }
  assert_loads ("unsharp", "soft", "unsharp radius=9 blur=box");
  assert_loads ("convolve", "own", "convolve kernel='1,0,-1;2,0,-2;1,0,-1' normalise=none");
  char **listed = ie_presets_names (filter_of ("gaussian"));
  g_assert_cmpuint (g_strv_length (listed), ==, G_N_ELEMENTS (names));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (g_strv_contains ((const char *const *) listed, names[i]));
  g_strfreev (listed);
}

static void
test_replaced_and_removed (void)
{
  GError *error = NULL;
  save ("median", " one ", "median radius=3");
  save ("median", "one", "median radius=4");
  assert_names ("median", "one");
  assert_loads ("median", "one", "median radius=4");
  g_assert_true (ie_presets_remove (filter_of ("median"), "one", &error));
  assert_names ("median", "");
  g_assert_false (ie_presets_remove (filter_of ("median"), "one", &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_null (ie_presets_load (filter_of ("median"), "one", &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
  g_clear_error (&error);
  IeParams *params = params_of ("median");
  g_assert_false (ie_presets_save (filter_of ("median"), "  ", params, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_USAGE);
  g_clear_error (&error);
  ie_params_free (params);
}

static void
write_file (const char *text)
{
  char *path = ie_presets_file ();
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_free (path);
}

static void
assert_load_fails (const char *filter, const char *name, const char *part)
{
  GError *error = NULL;
  g_assert_null (ie_presets_load (filter_of (filter), name, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, part));
  g_clear_error (&error);
}

/* Other versions, other filters, values that are none, and no key file at all. */
static void
test_foreign (void)
{
  GError *error = NULL;
  write_file ("# mine\n[unsharp]\nold=unsharp@1 radius=2\nother=median radius=2\nwrong=unsharp radius=x\ngood=unsharp@2 radius=7\n");
  assert_load_fails ("unsharp", "old", "version 1");
  assert_load_fails ("unsharp", "other", "median");
  assert_load_fails ("unsharp", "wrong", "not a number");
  assert_loads ("unsharp", "good", "unsharp radius=7");
  save ("unsharp", "new", "unsharp radius=8");
  char *path = ie_presets_file (), *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "# mine"));
  g_assert_nonnull (strstr (text, "old=unsharp@1 radius=2"));
  g_free (text);

  static const char broken[] = "this is no key file\n";
  write_file (broken);
  assert_names ("unsharp", "");
  IeParams *params = params_of ("unsharp");
  g_assert_false (ie_presets_save (filter_of ("unsharp"), "x", params, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, broken);
  g_free (text);
  ie_params_free (params);
  g_remove (path);
  g_free (path);
}

int
main (int argc, char **argv)
{
  char *home = g_dir_make_tmp ("presets-XXXXXX", NULL);
  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/presets/kept", test_kept);
  g_test_add_func ("/presets/replaced-and-removed", test_replaced_and_removed);
  g_test_add_func ("/presets/foreign", test_foreign);
  int status = g_test_run ();
  char *folder = g_build_filename (home, "imgenhance", NULL);
  g_rmdir (folder);
  g_rmdir (home);
  g_free (folder);
  g_free (home);
  return status;
}
