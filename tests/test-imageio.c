// SPDX-License-Identifier: GPL-3.0-or-later
/* Picture files: what is written is read back the same, samples and metadata. */
#include "pictures.h"

#include <lcms2.h>

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

/* Decoded at reduced size: the longer side stays at or above what is asked for, samples are near the means of the blocks, and
 * metadata are the file's. */
static void
test_jpeg_reduced (void)
{
  IeMetadata metadata = { .x_resolution = 200, .y_resolution = 200 };
  for (int colours = 1; colours <= 3; colours += 2)
    for (int least = 0; least <= 140; least += 7) {
      IeHeader header = make_header (colours, FALSE, IE_DEPTH_U8);
      header.width = 131;
      header.height = 83;
      header.metadata = &metadata;
      char *path = place ("reduced.jpg");
      void *samples = make_samples (&header, TRUE);
      write_file (path, &header, samples, &(IeWriteOptions){ .quality = 98, .subsampling = "4:4:4" });
      GError *error = NULL;
      IeSource *source = ie_read_file (path, &(IeReadLimits){ .least_side = least }, NULL, &error);
      g_assert_no_error (error);
      int by = 1; /* 131, 66, 33, 17 */
      while (least > 0 && by < 8 && (131 + 2 * by - 1) / (2 * by) >= least)
        by *= 2;
      g_assert_cmpint (source->header.width, ==, (131 + by - 1) / by);
      g_assert_cmpint (source->header.height, ==, (83 + by - 1) / by);
      g_assert_cmpfloat (source->header.metadata->x_resolution, ==, 200);
      for (int pass = 0; pass < 2; pass++) {
        guint8 *read = read_samples (source, &error);
        g_assert_no_error (error);
        for (int y = 0; y < 83 / by; y++)
          for (int x = 0; x < 131 / by; x++)
            for (int c = 0; c < colours; c++) {
              int sum = 0;
              for (int i = 0; i < by * by; i++)
                sum += ((guint8 *) samples)[((y * by + i / by) * 131 + x * by + i % by) * colours + c];
              g_assert_cmpint (ABS (read[(y * source->header.width + x) * colours + c] - sum / (by * by)), <=, 8);
            }
        g_free (read);
        g_assert_true (source->rewind (source, &error));
      }
      ie_source_free (source);
      g_free (samples);
      g_free (path);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imageio/formats", test_formats);
  g_test_add_func ("/imageio/round-trips", test_round_trips);
  g_test_add_func ("/imageio/jpeg-quality", test_jpeg_quality);
  g_test_add_func ("/imageio/jpeg-reduced", test_jpeg_reduced);
  g_test_add_func ("/imageio/metadata", test_metadata);
  return run_in_folder ();
}
