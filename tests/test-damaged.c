// SPDX-License-Identifier: GPL-3.0-or-later
/* Files by hand: the variants of PNM; damaged, cut short, too large, and no pictures at all: one line, no crash. */
#include "pictures.h"

#include <sys/stat.h>

/* ---- PNM's variants ---------------------------------------------------------------------------------------------- */

static void
assert_text (const char *text, gsize size, int channels, IeDepth depth, const void *expected)
{
  char *path = place ("variant");
  GError *error = NULL;
  put_contents (path, text, size);
  IeSource *source = ie_read_file (path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (source->header.channels, ==, channels);
  g_assert_cmpint (source->header.depth, ==, depth);
  void *samples = read_samples (source, &error);
  g_assert_no_error (error);
  gsize bytes = row_bytes (&source->header) * (gsize) source->header.height;
  g_assert_cmpmem (samples, bytes, expected, bytes);
  g_free (samples);
  ie_source_free (source);
  g_free (path);
}

static void
assert_refused (const void *contents, gsize size)
{
  char *path = place ("refused");
  GError *error = NULL;
  void *samples = NULL;
  put_contents (path, contents, size);
  IeSource *source = ie_read_file (path, NULL, NULL, &error);
  if (source)
    samples = read_samples (source, &error);
  g_assert_null (samples);
  g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
  g_assert_null (strchr (error->message, '\n'));
  g_error_free (error);
  ie_source_free (source);
  g_free (path);
}

#define TEXT(string) string, sizeof string - 1

static void
test_pnm (void)
{
  assert_text (TEXT ("P1 # bits\n3 2\n1 0 1\n010"), 1, IE_DEPTH_U8, (guint8[]){ 0, 255, 0, 255, 0, 255 });
  assert_text (TEXT ("P4 3 2\n\xa0\x40"), 1, IE_DEPTH_U8, (guint8[]){ 0, 255, 0, 255, 0, 255 });
  assert_text (TEXT ("P2\n2 1\n# comment\n3\n1 # one\n 3"), 1, IE_DEPTH_U8, (guint8[]){ 85, 255 });
  assert_text (TEXT ("P3 1 1 1000 0 500 1000"), 3, IE_DEPTH_U16, (guint16[]){ 0, 32768, 65535 });
  assert_text (TEXT ("P5 1 2 1023\n\x03\xff\x02\x00"), 1, IE_DEPTH_U16, (guint16[]){ 65535, 32800 });
  assert_text (TEXT ("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n\x07\x80"), 2,
               IE_DEPTH_U8, (guint8[]){ 7, 128 });
  assert_text (TEXT ("Pf\n1 2\n1.0\n\x3f\x80\x00\x00\x00\x00\x00\x00"), 1, IE_DEPTH_FLOAT, (float[]){ 0, 1 });
  assert_refused (TEXT ("P2 2 1 3 1 4"));
  assert_refused (TEXT ("P2 2 1 3 1 x"));
  assert_refused (TEXT ("P1 2 1 1 2"));
  assert_refused (TEXT ("P5 2 1 70000\n...."));
  assert_refused (TEXT ("P5 0 1 255\n"));
  assert_refused (TEXT ("P5 2000000 1 255\n"));
  assert_refused (TEXT ("P6 4000000000 4000000000 255\n"));
}

/* ---- Damage ------------------------------------------------------------------------------------------------------ */

/* Reads a damaged file to its end: an error, or samples. NULL and error set, or the samples. */
static void *
read_damaged (const char *contents, gsize size, GError **error)
{
  char *path = place ("damaged");
  put_contents (path, contents, size);
  IeSource *source = ie_read_file (path, NULL, NULL, error);
  void *samples = source && source->header.width <= 4096 && source->header.height <= 4096
                    ? read_samples (source, error)
                    : NULL;
  ie_source_free (source);
  g_free (path);
  return samples;
}

static void
damage (const char *name, const IeWriteOptions *options, IeDepth depth)
{
  char *path = place (name), *contents;
  gsize size;
  gboolean lossy = g_str_has_suffix (name, "jpg");
  IeHeader header = make_header (3, FALSE, depth);
  void *samples = make_samples (&header, lossy);
  write_file (path, &header, samples, options);
  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  void *right = read_damaged (contents, size, NULL);
  gsize bytes = row_bytes (&header) * HEIGHT;
  int failed = 0, cuts = 0;
  for (gsize length = 0; length < size; length += 1 + size / 150, cuts++) {
    GError *error = NULL;
    void *got = read_damaged (contents, length, &error);
    if (got)
      g_assert_cmpmem (got, bytes, right, bytes);
    else
      g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
    failed += !got;
    g_clear_error (&error);
    g_free (got);
  }
  g_assert_cmpint (failed, >=, cuts * 9 / 10);
  for (int i = 0; i < 300; i++) { /* flipped bits: no crash, no hang, one line */
    GError *error = NULL;
    char *flipped = g_memdup2 (contents, size);
    for (int k = 0; k < 3; k++)
      flipped[g_test_rand_int_range (0, i % 2 ? (int) MIN (size, 300) : (int) size)] ^= (char) (1 << i % 8);
    g_free (read_damaged (flipped, size, &error));
    if (error)
      g_assert_null (strchr (error->message, '\n'));
    g_clear_error (&error);
    g_free (flipped);
  }
  g_free (right);
  g_free (samples);
  g_free (contents);
  g_free (path);
}

static void
test_damage (void)
{
  const IeWriteOptions plain = { .no_sync = TRUE }, lzw = { .tiff_compression = "lzw", .no_sync = TRUE },
                       deflate = { .tiff_compression = "deflate", .no_sync = TRUE };
  damage ("d.tif", &plain, IE_DEPTH_U16);
  damage ("d.tif", &lzw, IE_DEPTH_U8);
  damage ("d.tif", &deflate, IE_DEPTH_FLOAT);
  damage ("d.png", &plain, IE_DEPTH_U16);
  damage ("d.jpg", &plain, IE_DEPTH_U8);
  damage ("d.ppm", &plain, IE_DEPTH_U16);
  damage ("d.pam", &plain, IE_DEPTH_U8);
  damage ("d.pfm", &plain, IE_DEPTH_FLOAT);
}

static void
test_refused (void)
{
  GError *error = NULL;
  assert_refused ("", 0);
  assert_refused (TEXT ("GIF89a and more"));
  assert_refused (TEXT ("P"));
  char *fifo = place ("fifo");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  const char *const paths[] = { fifo, folder, "/dev/null", "/nowhere/at/all.png" };
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_assert_null (ie_read_file (paths[i], NULL, NULL, &error));
    g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
    g_clear_error (&error);
  }
  g_unlink (fifo);
  g_free (fifo);
}

static void
test_limits (void)
{
  static const char *const names[] = { "l.tif", "l.png", "l.jpg", "l.ppm" };
  IeHeader header = make_header (3, FALSE, IE_DEPTH_U8);
  void *samples = make_samples (&header, TRUE);
  const IeReadLimits enough = { .side = WIDTH, .pixels = WIDTH * HEIGHT };
  const IeReadLimits side = { .side = WIDTH - 1 }, pixels = { .pixels = WIDTH * HEIGHT - 1 };
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    char *path = place (names[i]);
    write_file (path, &header, samples, NULL);
    IeSource *source = ie_read_file (path, &enough, NULL, NULL);
    g_assert_nonnull (source);
    ie_source_free (source);
    g_assert_null (ie_read_file (path, &side, NULL, NULL));
    g_assert_null (ie_read_file (path, &pixels, NULL, NULL));
    g_free (path);
  }
  g_free (samples);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/damaged/pnm", test_pnm);
  g_test_add_func ("/damaged/damage", test_damage);
  g_test_add_func ("/damaged/refused", test_refused);
  g_test_add_func ("/damaged/limits", test_limits);
  return run_in_folder ();
}
