// SPDX-License-Identifier: GPL-3.0-or-later
/* The text of "Copy As...": every value in its place and quoted. That it does the same is tests/test-gimp-copy.sh's matter. */
#include "plugins/common/copy-text.h"

#include <string.h>

static char *
frame_file (const char *text)
{
  return strcmp (text, "drawable:7") == 0 ? g_strdup ("/a b/it's.tif") : NULL;
}

static void
assert_copies (IeCopyKind kind, const char *step, const char *file, const char *wanted)
{
  GError *error = NULL;
  IeRecipe *recipe = ie_recipe_new ();
  ie_recipe_add (recipe, step, &error);
  g_assert_no_error (error);
  const IeRecipeStep *one = recipe->steps->pdata[0];
  char *text = ie_copy_text (kind, one->filter, one->params, file, frame_file);
  g_assert_cmpstr (text, ==, wanted);
  g_free (text);
  ie_recipe_free (recipe);
}

static void
test_command (void)
{
  assert_copies (IE_COPY_COMMAND, "gaussian sigma=3.5", "/tmp/it's.png", "imgenhance apply -f 'gaussian@1 sigma=3.5' '/tmp/it'\\''s.png'");
  assert_copies (IE_COPY_COMMAND, "gaussian", NULL, "imgenhance apply -f 'gaussian@1' PICTURE");
  assert_copies (IE_COPY_COMMAND, "flat-field frame=drawable:7 strength=2", NULL,
                 "imgenhance apply -f 'flat-field@1 frame=\"/a b/it'\\''s.tif\" strength=2' PICTURE");
  assert_copies (IE_COPY_COMMAND, "flat-field frame=drawable:8", NULL, "imgenhance apply -f 'flat-field@1 frame=DRAWABLE' PICTURE");
}

static void
test_recipe (void)
{
  assert_copies (IE_COPY_RECIPE, "unsharp radius=4 blur=box", "x.png", "# imgenhance recipe 1\nunsharp@2 radius=4 blur=box\n");
}

static void
test_script (void)
{
  assert_copies (IE_COPY_SCRIPT_2, "levels black=10", NULL,
                 "(plug-in-imgenhance-levels RUN-NONINTERACTIVE image drawable 10 100 1)");
  assert_copies (IE_COPY_SCRIPT_3, "levels black=10", NULL,
                 "(plug-in-imgenhance-levels #:run-mode RUN-NONINTERACTIVE #:image image #:drawables drawables #:black 10)");
  assert_copies (IE_COPY_SCRIPT_2, "flat-field frame=drawable:7 dark='/a \"b\".png'", NULL,
                 "(plug-in-imgenhance-flat-field RUN-NONINTERACTIVE image drawable 7 \"\" -1 \"/a \\\"b\\\".png\" 1 8)");
  assert_copies (IE_COPY_SCRIPT_3, "flat-field frame=drawable:7 dark=/b.png", NULL,
                 "(plug-in-imgenhance-flat-field #:run-mode RUN-NONINTERACTIVE #:image image #:drawables drawables #:frame 7"
                 " #:dark-file \"/b.png\")");
  assert_copies (IE_COPY_SCRIPT_2, "profile black-point=no", NULL,
                 "(plug-in-imgenhance-profile RUN-NONINTERACTIVE image drawable \"srgb\" \"relative\" FALSE)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/copy-text/command", test_command);
  g_test_add_func ("/copy-text/recipe", test_recipe);
  g_test_add_func ("/copy-text/script", test_script);
  return g_test_run ();
}
