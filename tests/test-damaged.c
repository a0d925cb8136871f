// SPDX-License-Identifier: GPL-3.0-or-later
/* Files by hand: the variants of PNM; damaged, cut short, too large, and no pictures at all: one line, no crash. */
#include "pictures.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <jpeglib.h>

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

/* A gray JPEG of 8 x 16 with a restart marker between its two blocks. free(). */
static unsigned char *
make_restarts (unsigned long *size)
{
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  unsigned char *file = NULL, row[8] = { 10, 200, 30, 90, 250, 0, 77, 130 };
  jpeg.err = jpeg_std_error (&errors);
  jpeg_create_compress (&jpeg);
  jpeg_mem_dest (&jpeg, &file, size);
  jpeg.image_width = 8;
  jpeg.image_height = 16;
  jpeg.input_components = 1;
  jpeg.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults (&jpeg);
  jpeg.restart_interval = 1;
  jpeg_start_compress (&jpeg, TRUE);
  for (int y = 0; y < 16; y++)
    jpeg_write_scanlines (&jpeg, (JSAMPARRAY) & (JSAMPROW){ row }, 1);
  jpeg_finish_compress (&jpeg);
  jpeg_destroy_compress (&jpeg);
  return file;
}

/* Bytes that are left before a restart marker: the blocks before it were not what they should be. */
static void
test_restart (void)
{
  unsigned long size = 0;
  unsigned char *file = make_restarts (&size);
  GError *error = NULL;
  void *right = read_damaged ((const char *) file, size, &error);
  g_assert_no_error (error);
  g_assert_nonnull (right);
  gsize marker = 0;
  for (gsize i = 0; i + 1 < size; i++)
    if (file[i] == 0xff && file[i + 1] == JPEG_RST0)
      marker = i;
  g_assert_cmpuint (marker, >, 0);
  GByteArray *damaged = g_byte_array_new ();
  g_byte_array_append (damaged, file, (guint) marker);
  g_byte_array_append (damaged, (const guint8 *) "left", 4);
  g_byte_array_append (damaged, file + marker, (guint) (size - marker));
  assert_refused (damaged->data, damaged->len);
  g_byte_array_unref (damaged);
  g_free (right);
  free (file);
}

/* A TIFF of one gray pixel, 77, little-endian, whose last tag claims four thousand million values. */
static void
put_large_tag (const char *path, guint16 tag, guint16 type)
{
  static const guint16 entries[][2] = { { 256, 1 }, { 257, 1 }, { 258, 8 }, { 259, 1 }, { 262, 1 },
                                        { 273, 8 }, { 277, 1 }, { 278, 1 }, { 279, 1 } };
  GByteArray *file = g_byte_array_new ();
  g_byte_array_append (file, (const guint8 *) "II*\0\x0a\0\0\0\x4d\0\x0a\0", 12);
  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++) {
    guint8 entry[12] = { (guint8) entries[i][0], 1, 3, 0, 1, 0, 0, 0, (guint8) entries[i][1] };
    g_byte_array_append (file, entry, sizeof entry);
  }
  guint8 last[12 + 4] = { (guint8) tag, (guint8) (tag >> 8), (guint8) type, 0, 1, 0x28, 0xec, 0xff, 8 };
  g_byte_array_append (file, last, sizeof last);
  put_contents (path, (const char *) file->data, file->len);
  g_byte_array_unref (file);
}

/* A text of such a length is dropped. A tag that says how samples are stored is not: without it they might be wrong. */
static void
test_large_tags (void)
{
  char *path = place ("large.tif");
  put_large_tag (path, 305, 2); /* Software */
  IeSource *source = ie_read_file (path, NULL, NULL, NULL);
  g_assert_nonnull (source);
  guint8 *samples = read_samples (source, NULL);
  g_assert_nonnull (samples);
  g_assert_cmpint (samples[0], ==, 77);
  g_free (samples);
  ie_source_free (source);
  static const guint16 tags[] = { 284, 338, 339 }; /* PlanarConfiguration, ExtraSamples, SampleFormat */
  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++) {
    GError *error = NULL;
    put_large_tag (path, tags[i], 3);
    g_assert_null (ie_read_file (path, NULL, NULL, &error));
    g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
    g_error_free (error);
  }
  g_free (path);
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
  g_test_add_func ("/damaged/restart", test_restart);
  g_test_add_func ("/damaged/large-tags", test_large_tags);
  g_test_add_func ("/damaged/limits", test_limits);
  return run_in_folder ();
}
