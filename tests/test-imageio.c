// SPDX-License-Identifier: GPL-3.0-or-later
/* Picture files: what is written is read back the same; damaged files fail; outputs appear whole or not at all. */
#include "imageio/imageio.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <lcms2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WIDTH 61 /* no multiple of anything */
#define HEIGHT 47

static char *folder;

static char *
place (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* ---- Pictures ---------------------------------------------------------------------------------------------------- */

static gsize
row_bytes (const IeHeader *header)
{
  return (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
}

static IeHeader
make_header (int colours, gboolean has_alpha, IeDepth depth)
{
  return (IeHeader){ .width = WIDTH,
                     .height = HEIGHT,
                     .channels = colours + (has_alpha ? 1 : 0),
                     .has_alpha = has_alpha,
                     .depth = depth,
                     .model = colours == 1   ? IE_MODEL_GRAY
                              : colours == 3 ? IE_MODEL_RGB
                                             : IE_MODEL_CMYK };
}

/* Random samples; smooth ones for JPEG. */
static void *
make_samples (const IeHeader *header, gboolean smooth)
{
  gsize row = (gsize) header->width * (gsize) header->channels, count = row * (gsize) header->height;
  guint8 *data = g_malloc (count * ie_depth_bytes (header->depth));
  for (gsize i = 0; i < count; i++) {
    gsize x = i % row / (gsize) header->channels, y = i / row, c = i % (gsize) header->channels;
    guint32 code = smooth ? (guint32) (30 + x * 2 + y + c * 20) : (guint32) g_test_rand_int ();
    if (header->depth == IE_DEPTH_U8)
      data[i] = (guint8) code;
    else if (header->depth == IE_DEPTH_U16)
      ((guint16 *) (void *) data)[i] = (guint16) code;
    else
      ((float *) (void *) data)[i] = (float) g_test_rand_double_range (-0.5, 2);
  }
  return data;
}

/* Writes in bands of 7 rows, whose rows have a gap of 12 bytes when `gap`. */
static gboolean
write_to (IeSink *sink, const IeHeader *header, const void *samples, gboolean gap, GError **error)
{
  gsize bytes = row_bytes (header), stride = bytes + (gap ? 12 : 0);
  guint8 *band = g_malloc0 (stride * 7);
  gboolean ok = sink->begin (sink, header, error);
  for (int y = 0; ok && y < header->height; y += 7) {
    int rows = MIN (7, header->height - y);
    for (int i = 0; i < rows; i++)
      memcpy (band + stride * (gsize) i, (const guint8 *) samples + bytes * (gsize) (y + i), bytes);
    ok = sink->write (sink, (IeRect){ 0, y, header->width, rows }, band, (ptrdiff_t) stride, error);
  }
  g_free (band);
  return ok;
}

static void
write_file (const char *path, const IeHeader *header, const void *samples, const IeWriteOptions *options)
{
  GError *error = NULL;
  const IeFormat *format = ie_format_find (strrchr (path, '.') + 1);
  IeOutput *output = ie_output_new (path, format, options, TRUE, &error);
  g_assert_no_error (error);
  write_to (ie_output_sink (output), header, samples, g_test_rand_bit (), &error);
  g_assert_no_error (error);
  g_assert_true (ie_output_commit (output, &error));
  g_assert_no_error (error);
  ie_output_free (output);
}

/* All samples, read in bands of 5 rows with gaps; NULL and error when that fails. */
static void *
read_samples (IeSource *source, GError **error)
{
  gsize bytes = row_bytes (&source->header), stride = bytes + 20;
  guint8 *samples = g_malloc (bytes * (gsize) source->header.height), *band = g_malloc (stride * 5);
  gboolean ok = TRUE;
  for (int y = 0; ok && y < source->header.height; y += 5) {
    int rows = MIN (5, source->header.height - y);
    ok = source->read (source, (IeRect){ 0, y, source->header.width, rows }, band, (ptrdiff_t) stride, error);
    for (int i = 0; ok && i < rows; i++)
      memcpy (samples + bytes * (gsize) (y + i), band + stride * (gsize) i, bytes);
  }
  g_free (band);
  if (!ok)
    g_clear_pointer (&samples, g_free);
  return samples;
}

/* Whether the file holds these samples, within `tolerance` codes (8 bits), on first and second reading. */
static void
assert_file (const char *path, const IeHeader *header, const void *expected, int tolerance)
{
  GError *error = NULL;
  const IeFormat *format = NULL;
  IeSource *source = ie_read_file (path, NULL, &format, &error);
  g_assert_no_error (error);
  g_assert_true (format == ie_format_find (strrchr (path, '.') + 1));
  g_assert_cmpint (source->header.width, ==, header->width);
  g_assert_cmpint (source->header.height, ==, header->height);
  g_assert_cmpint (source->header.channels, ==, header->channels);
  g_assert_cmpint (source->header.has_alpha, ==, header->has_alpha);
  g_assert_cmpint (source->header.depth, ==, header->depth);
  g_assert_cmpint (source->header.model, ==, header->model);
  gsize bytes = row_bytes (header) * (gsize) header->height;
  for (int pass = 0; pass < 2; pass++) {
    guint8 *samples = read_samples (source, &error);
    g_assert_no_error (error);
    if (tolerance == 0)
      g_assert_cmpmem (samples, bytes, expected, bytes);
    for (gsize i = 0; i < bytes && tolerance; i++)
      g_assert_cmpint (ABS (samples[i] - ((const guint8 *) expected)[i]), <=, tolerance);
    g_free (samples);
    g_assert_true (source->rewind (source, &error));
  }
  ie_source_free (source);
}

/* ---- Round trips ------------------------------------------------------------------------------------------------- */

static void
round_trip (const char *name, const IeWriteOptions *options)
{
  char *path = place (name);
  const IeFormat *format = ie_format_find (strrchr (name, '.') + 1);
  static const IeFormatCan can[] = { IE_CAN_U8, IE_CAN_U16, IE_CAN_FLOAT };
  gboolean lossy = g_str_equal (format->name, "jpeg");
  for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_FLOAT; depth++)
    for (int colours = 1; colours <= 4; colours++)
      for (int alpha = 0; alpha < 2; alpha++) {
        IeHeader header = make_header (colours, alpha, (IeDepth) depth);
        gboolean possible = (format->can & can[depth]) && colours != 2 && (!alpha || format->can & IE_CAN_ALPHA) &&
                            (colours < 4 || format->can & IE_CAN_CMYK);
        void *samples = make_samples (&header, lossy);
        if (possible) {
          write_file (path, &header, samples, options);
          assert_file (path, &header, samples, lossy ? 6 : 0);
        } else if (colours != 2) {
          GError *error = NULL;
          IeOutput *output = ie_output_new (path, format, options, TRUE, NULL);
          g_assert_false (write_to (ie_output_sink (output), &header, samples, FALSE, &error));
          g_assert_error (error, IE_ERROR, IE_ERROR_OUTPUT);
          g_clear_error (&error);
          g_assert_false (ie_output_commit (output, NULL));
          ie_output_free (output);
        }
        g_free (samples);
      }
  g_free (path);
}

static void
test_round_trips (void)
{
  static const char *const compressions[] = { "none", "lzw", "deflate" };
  for (gsize i = 0; i < G_N_ELEMENTS (compressions); i++) {
    IeWriteOptions options = { .tiff_compression = compressions[i], .no_sync = TRUE };
    round_trip ("a.tif", &options);
  }
  IeWriteOptions options = { .no_sync = TRUE };
  round_trip ("a.png", &options);
  round_trip ("a.jpg", &options);
  round_trip ("a.ppm", &options);
  round_trip ("a.pam", &options);
  round_trip ("a.pfm", &options);
}

/* Quality 75 halves the chroma's resolution: still near on a smooth picture. */
static void
test_jpeg_quality (void)
{
  IeHeader header = make_header (3, FALSE, IE_DEPTH_U8);
  void *samples = make_samples (&header, TRUE);
  char *path = place ("q.jpg");
  goffset sizes[2];
  for (int i = 0; i < 2; i++) {
    IeWriteOptions options = { .quality = i ? 75 : 0, .no_sync = TRUE };
    write_file (path, &header, samples, &options);
    assert_file (path, &header, samples, 16);
    GStatBuf status;
    g_assert_cmpint (g_stat (path, &status), ==, 0);
    sizes[i] = status.st_size;
  }
  g_assert_cmpint (sizes[1], <, sizes[0]);
  g_free (samples);
  g_free (path);
}

static void
test_metadata (void)
{
  cmsHPROFILE profile = cmsCreate_sRGBProfile ();
  cmsUInt32Number size = 0;
  g_assert_true (cmsSaveProfileToMem (profile, NULL, &size));
  void *bytes = g_malloc (size);
  g_assert_true (cmsSaveProfileToMem (profile, bytes, &size));
  cmsCloseProfile (profile);
  IeMetadata metadata = { .x_resolution = 300, .y_resolution = 150, .orientation = 6 };
  metadata.icc = g_bytes_new_take (bytes, size);

  IeHeader header = make_header (3, FALSE, IE_DEPTH_U8);
  void *samples = make_samples (&header, TRUE);
  static const char *const names[] = { "m1.tif", "m2.png", "m3.jpg", "m4.tif", "m5.jpg", "m6.png", "m7.tif" };
  IeSource *source = NULL;
  header.metadata = &metadata;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) { /* each is written with what was read from the one before */
    char *path = place (names[i]);
    write_file (path, &header, samples, NULL);
    ie_source_free (source);
    source = ie_read_file (path, NULL, NULL, NULL);
    g_assert_nonnull (source);
    const IeMetadata *got = source->header.metadata;
    g_assert_nonnull (got->icc);
    g_assert_true (g_bytes_equal (got->icc, metadata.icc));
    g_assert_cmpfloat_with_epsilon (got->x_resolution, 300, 0.02); /* PNG: whole pixels a metre */
    g_assert_cmpfloat_with_epsilon (got->y_resolution, 150, 0.02);
    g_assert_cmpint (got->orientation, ==, 6);
    header.metadata = got;
    g_free (path);
  }
  ie_source_free (source);
  g_bytes_unref (metadata.icc);
  g_free (samples);
}

/* ---- PNM's variants ---------------------------------------------------------------------------------------------- */

static void
assert_text (const char *text, gsize size, int channels, IeDepth depth, const void *expected)
{
  char *path = place ("variant");
  GError *error = NULL;
  g_assert_true (g_file_set_contents_full (path, text, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
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
  g_assert_true (g_file_set_contents_full (path, contents, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
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
  g_assert_true (g_file_set_contents_full (path, contents, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
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
  IeWriteOptions plain = { .no_sync = TRUE }, lzw = { .tiff_compression = "lzw" }, deflate = { .tiff_compression = "deflate" };
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

static void
test_formats (void)
{
  g_assert_true (ie_format_find ("TIF") == ie_format_find ("tiff"));
  g_assert_true (ie_format_find ("JPG") == ie_format_find ("jpeg"));
  g_assert_null (ie_format_find ("xyz"));
  g_assert_null (ie_format_find (NULL));
  g_assert_cmpint (ie_format_depth (ie_format_find ("png"), IE_DEPTH_FLOAT), ==, IE_DEPTH_U16);
  g_assert_cmpint (ie_format_depth (ie_format_find ("jpeg"), IE_DEPTH_FLOAT), ==, IE_DEPTH_U8);
  g_assert_cmpint (ie_format_depth (ie_format_find ("pfm"), IE_DEPTH_U8), ==, IE_DEPTH_FLOAT);
  g_assert_cmpint (ie_format_depth (ie_format_find ("tiff"), IE_DEPTH_U16), ==, IE_DEPTH_U16);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("imgenhance-test-XXXXXX", NULL);
  g_test_add_func ("/imageio/formats", test_formats);
  g_test_add_func ("/imageio/round-trips", test_round_trips);
  g_test_add_func ("/imageio/jpeg-quality", test_jpeg_quality);
  g_test_add_func ("/imageio/metadata", test_metadata);
  g_test_add_func ("/imageio/pnm", test_pnm);
  g_test_add_func ("/imageio/damage", test_damage);
  g_test_add_func ("/imageio/refused", test_refused);
  g_test_add_func ("/imageio/limits", test_limits);
  int result = g_test_run ();
  GDir *names = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (names));) {
    char *path = place (name);
    g_unlink (path);
    g_free (path);
  }
  g_dir_close (names);
  g_rmdir (folder);
  g_free (folder);
  return result;
}
