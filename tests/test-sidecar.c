// SPDX-License-Identifier: GPL-3.0-or-later
/* Sidecars: what is written reads back the same, presets make sense, no text is more than an error of one line. Tokens: a small
 * vocabulary by hand, wrong files. */
#include <glib/gstdio.h>
#include <string.h>

#include "core/error.h"
#include "embed/sidecar.h"
#include "embed/tokens.h"

static void
assert_one_line (GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == IE_ERROR);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_error_free (error);
}

static void
test_presets (void)
{
  static const struct {
    const char *name, *prepare;
    int dimensions;
    IePooling pooling;
  } wanted[] = {
    { "vit-l-16", "pixels resample=bilinear fit=stretch width=224 height=224", 1024, IE_POOL_CLASS_TOKEN },
    { "clip-vit-b-32", "pixels resample=bicubic fit=short short=224 cut=floor width=224 height=224", 512, IE_POOL_IMAGE_FEATURES },
    { "dinov2-b", "pixels resample=bicubic fit=short short=256 cut=floor width=224 height=224", 768, IE_POOL_CLASS_TOKEN },
    { "blip2-qformer", "pixels resample=bicubic fit=stretch width=224 height=224", 768, IE_POOL_FIRST_QUERY },
    { "efficientnet-b7", "pixels resample=nearest fit=stretch width=600 height=600", 2560, IE_POOL_SPATIAL_MEAN },
    { "vgg16", "pixels resample=bilinear fit=short short=256 cut=even width=224 height=224", 1000, IE_POOL_LOGITS },
  };
  g_assert_cmpuint (g_strv_length ((char **)ie_sidecar_presets ()), ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    GError *error = NULL;
    char *text = g_strdup_printf ("# mine\r\npreset = %s\r\nmodel = m.onnx\n\n", wanted[i].name);
    IeSidecar *sidecar = ie_sidecar_parse (text, "/somewhere", &error);
    g_assert_no_error (error);
    char *prepare = ie_prepare_text (&sidecar->prepare), *again = ie_sidecar_text (sidecar);
    g_assert_cmpstr (prepare, ==, wanted[i].prepare);
    g_assert_cmpint (sidecar->dimensions, ==, wanted[i].dimensions);
    g_assert_cmpint (sidecar->pooling, ==, wanted[i].pooling);
    g_assert_cmpstr (sidecar->model, ==, "/somewhere/m.onnx");
    g_assert_nonnull (ie_sidecar_preset_label (wanted[i].name));
    IeSidecar *twice = ie_sidecar_parse (again, NULL, &error);
    g_assert_no_error (error);
    char *third = ie_sidecar_text (twice);
    g_assert_cmpstr (third, ==, again);
    ie_sidecar_free (sidecar);
    ie_sidecar_free (twice);
    g_free (text);
    g_free (prepare);
    g_free (again);
    g_free (third);
  }
}

/* Lines after a preset win, wherever it stands. */
static void
test_lines (void)
{
  GError *error = NULL;
  IeSidecar *sidecar = ie_sidecar_parse ("size=64x32\nstd = 0.5\nmean= 1 , 2,3\nfit = stretch\npreset = vgg16\nlayout = nhwc\n"
                                         "channels = bgr\nrange = 1\ntext-length = 16\ntext-pad = zero\n",
                                         NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sidecar->prepare.width, ==, 64);
  g_assert_cmpint (sidecar->prepare.height, ==, 32);
  g_assert_cmpint (sidecar->prepare.fit, ==, IE_FIT_STRETCH);
  for (int i = 0; i < 3; i++) {
    g_assert_cmpfloat (sidecar->std[i], ==, 0.5);
    g_assert_cmpfloat (sidecar->mean[i], ==, i + 1);
  }
  g_assert_cmpint (sidecar->layout, ==, IE_LAYOUT_NHWC);
  g_assert_cmpint (sidecar->channels, ==, IE_CHANNELS_BGR);
  g_assert_cmpint (sidecar->text.length, ==, 16);
  ie_sidecar_free (sidecar);
}

/* The id changes with what vectors depend on, and with nothing else. */
static void
test_id (void)
{
  static const struct {
    const char *text;
    gboolean same;
  } others[] = { { "# a comment\npreset = dinov2-b\nname = x\nmodel = m.onnx\n", TRUE },
                 { "preset = dinov2-b\nmodel = copy.onnx\n", TRUE },
                 { "preset = dinov2-b\nmodel = m.onnx\ndimensions = 5\ntext-length = 9\n", TRUE },
                 { "preset = dinov2-b\nmodel = other.onnx\n", FALSE },
                 { "preset = dinov2-b\nmodel = m.onnx\nresize = lanczos\n", FALSE },
                 { "preset = dinov2-b\nmodel = m.onnx\noutput = x\n", FALSE },
                 { "preset = dinov2-b\nmodel = m.onnx\nstd = 1\n", FALSE },
                 { "preset = dinov2-b\nmodel = m.onnx\nlabels = l\n", FALSE } };
  char *folder = g_dir_make_tmp (NULL, NULL);
  const char *const files[][2] = { { "m.onnx", "1" }, { "copy.onnx", "1" }, { "other.onnx", "2" } };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    char *path = g_build_filename (folder, files[i][0], NULL);
    g_assert_true (g_file_set_contents (path, files[i][1], -1, NULL));
    g_free (path);
  }
  IeSidecar *first = ie_sidecar_parse ("preset = dinov2-b\nmodel = m.onnx\n", folder, NULL);
  char *id = ie_sidecar_id (first, NULL);
  g_assert_cmpuint (strlen (id), ==, 32);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    IeSidecar *other = ie_sidecar_parse (others[i].text, folder, NULL);
    char *its = ie_sidecar_id (other, NULL);
    g_assert_cmpint (strcmp (its, id) == 0, ==, others[i].same);
    g_free (its);
    ie_sidecar_free (other);
  }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    char *path = g_build_filename (folder, files[i][0], NULL);
    g_unlink (path);
    g_free (path);
  }
  GError *error = NULL;
  g_assert_null (ie_sidecar_id (first, &error));
  assert_one_line (error);
  ie_sidecar_free (first);
  g_free (id);
  g_rmdir (folder);
  g_free (folder);
}

/* Whole sidecars with characters changed, cut, or put in at random: a sidecar or one line. */
static void
test_garbage (void)
{
  GRand *rand = g_rand_new_with_seed (6);
  IeSidecar *whole = ie_sidecar_parse ("preset = clip-vit-b-32\nmodel = a\nlabels = b\ntext-model = c\ntext-vocab = d\ntext-merges = e\n"
                                       "input = f\noutput = g\n",
                                       NULL, NULL);
  char *text = ie_sidecar_text (whole);
  int good = 0;
  for (int round = 0; round < 20000; round++) {
    GString *other = g_string_new (text);
    for (int change = g_rand_int_range (rand, 1, 5); change > 0; change--) {
      gssize at = g_rand_int_range (rand, 0, (gint32)other->len);
      char c = (char)g_rand_int_range (rand, 1, 256);
      gssize cut = g_rand_int_range (rand, 0, 30), rest = (gssize)other->len - at;
      if (change == 1)
        g_string_erase (other, at, MIN (cut, rest));
      else if (change == 2)
        g_string_insert_c (other, at, c);
      else
        other->str[at] = c;
    }
    GError *error = NULL;
    IeSidecar *sidecar = ie_sidecar_parse (other->str, "/", &error);
    if (sidecar)
      good++;
    else
      assert_one_line (error);
    ie_sidecar_free (sidecar);
    g_string_free (other, TRUE);
  }
  g_assert_cmpint (good, >, 100); /* those that only changed a name */
  g_free (text);
  ie_sidecar_free (whole);
  g_rand_free (rand);
}

/* ---- tokens ---- */

static char *
write_file (const char *folder, const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

#define VOCAB                                                                                                              \
  "{\"a\": 0, \"b\": 1, \"a</w>\": 2, \"b</w>\": 3, \"ab\": 4, \"ab</w>\": 5, \"aab</w>\": 6, \"!</w>\": 7,\n \"\\u00c3\\u00a9</w>\": 8, " \
  "\"\\u00c3\": 9, \"\\u00a9</w>\": 10, \"<|startoftext|>\" : 11, \"<|endoftext|>\":12, \"1</w>\": 13, \"\\ud83d\\ude00\": 14}"

static void
test_tokens (void)
{
  static const struct {
    const char *text;
    gint32 ids[8];
    int used;
  } wanted[] = {
    { "", { 11, 12, 12, 12, 12, 12, 12, 12 }, 2 },
    { "ab", { 11, 5, 12, 12, 12, 12, 12, 12 }, 3 },
    { " A  aB\tb", { 11, 2, 5, 3, 12, 12, 12, 12 }, 5 },
    { "aab!11", { 11, 6, 7, 13, 13, 12, 12, 12 }, 6 },
    { "abab", { 11, 4, 5, 12, 12, 12, 12, 12 }, 4 },
    { "\xc3\xa9", { 11, 8, 12, 12, 12, 12, 12, 12 }, 3 },
    { "e\xcc\x81", { 11, 8, 12, 12, 12, 12, 12, 12 }, 3 },             /* composed first */
    { "z", { 11, 12, 12, 12, 12, 12, 12, 12 }, 3 },                    /* unknown */
    { "a a a a a a a a a", { 11, 2, 2, 2, 2, 2, 2, 12 }, 8 },          /* cut */
    { "a<|endoftext|>", { 11, 2, 12, 12, 12, 12, 12, 12 }, 4 },
  };
  char *folder = g_dir_make_tmp (NULL, NULL);
  char *vocab = write_file (folder, "vocab.json", VOCAB);
  char *merges = write_file (folder, "merges.txt", "#version: 0.2\na b</w>\na b\na ab</w>\n\xc3\x83 \xc2\xa9</w>\n\n");
  GError *error = NULL;
  IeTokens *tokens = ie_tokens_read (vocab, merges, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    gint32 ids[8];
    g_assert_cmpint (ie_tokens_of (tokens, wanted[i].text, 8, -1, ids), ==, wanted[i].used);
    for (int k = 0; k < 8; k++)
      g_assert_cmpint (ids[k], ==, wanted[i].ids[k]);
  }
  gint32 ids[4];
  g_assert_cmpint (ie_tokens_of (tokens, "a", 4, 0, ids), ==, 3);
  g_assert_cmpint (ids[3], ==, 0);
  char *bytes = g_malloc (100001); /* not UTF-8, and long: words are cut, nothing else */
  memset (bytes, 0xe9, 100000);
  bytes[100000] = '\0';
  ie_tokens_of (tokens, bytes, 4, 0, ids);
  memset (bytes, 'a', 100000);
  ie_tokens_of (tokens, bytes, 4, 0, ids);
  g_free (bytes);
  ie_tokens_free (tokens);
  g_unlink (vocab);
  g_unlink (merges);
  g_rmdir (folder);
  g_free (vocab);
  g_free (merges);
  g_free (folder);
}

static void
test_wrong_tokens (void)
{
  static const char *const vocabs[] = { "", "[]", "{}", "{\"a\": 0", "{\"a\" 0}", "{\"a\": -1}", "{\"a\": 1e9}", "{\"a\": 99999999999}",
                                        "{\"a: 0}", "{\"\\ud83d\": 0}", "{\"\\ux\": 0}", "{\"\\u0000\": 0}", "{\"a\": 0,}", "{\"a\": 0} x",
                                        "{\"a\": 0}", "\xff", "{\"a\\" };
  static const char *const lists[] = { "", "#version\n", "a\n", "a b c\n", " b\n", "a \n", "\xff \xff\n" };
  char *folder = g_dir_make_tmp (NULL, NULL);
  char *good = write_file (folder, "good.json", VOCAB), *fine = write_file (folder, "fine.txt", "a b\n");
  for (guint i = 0; i < G_N_ELEMENTS (vocabs) + G_N_ELEMENTS (lists) + 2; i++) {
    gboolean vocab = i < G_N_ELEMENTS (vocabs);
    gboolean absent = i >= G_N_ELEMENTS (vocabs) + G_N_ELEMENTS (lists);
    char *wrong = write_file (folder, "wrong", vocab ? vocabs[i] : absent ? "" : lists[i - G_N_ELEMENTS (vocabs)]);
    GError *error = NULL;
    if (absent)
      g_unlink (wrong);
    g_assert_null (ie_tokens_read (vocab ? wrong : good, vocab ? fine : wrong, &error));
    assert_one_line (error);
    g_unlink (wrong);
    g_free (wrong);
  }
  g_unlink (good);
  g_unlink (fine);
  g_rmdir (folder);
  g_free (good);
  g_free (fine);
  g_free (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sidecar/presets say what their makers do, and read back the same", test_presets);
  g_test_add_func ("/sidecar/lines win over the preset", test_lines);
  g_test_add_func ("/sidecar/the id changes with what vectors depend on", test_id);
  g_test_add_func ("/sidecar/20,000 damaged ones: one line each", test_garbage);
  g_test_add_func ("/tokens/by hand", test_tokens);
  g_test_add_func ("/tokens/wrong files: one line each", test_wrong_tokens);
  return g_test_run ();
}
