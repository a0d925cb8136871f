// SPDX-License-Identifier: GPL-3.0-or-later
/* For tests of picture files: random pictures, written to and read from files of a temporary folder. */
#pragma once

#include "imageio/imageio.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WIDTH 61 /* no multiple of anything */
#define HEIGHT 47

static char *folder; /* made and removed by run_in_folder() */

static inline char *
place (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static inline gsize
row_bytes (const IeHeader *header)
{
  return (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
}

static inline IeHeader
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
static inline void *
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
static inline gboolean
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

static inline void
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
static inline void *
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

/* Without the fsync of g_file_set_contents(): there are thousands of these. */
static inline void
put_contents (const char *path, const void *contents, gsize size)
{
  FILE *file = fopen (path, "wb");
  g_assert_nonnull (file);
  g_assert_cmpint (fwrite (contents, 1, size, file), ==, size);
  g_assert_cmpint (fclose (file), ==, 0);
}

/* Runs the tests with a temporary folder, which is removed with all files in it. */
static inline int
run_in_folder (void)
{
  folder = g_dir_make_tmp ("imgenhance-test-XXXXXX", NULL);
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
