// SPDX-License-Identifier: GPL-3.0-or-later
/* What the tests of TIFF share: two files in a folder of their own, read and written whole. */
#pragma once

#include "imageio/imageio.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

static char *folder, *path, *again;

static inline void
tiff_begin (void)
{
  folder = g_dir_make_tmp ("imgenhance-test-XXXXXX", NULL);
  path = g_build_filename (folder, "kind.tif", NULL);
  again = g_build_filename (folder, "again.tif", NULL);
  TIFFSetWarningHandler (NULL);
}

/* Runs the tests and clears up; what main() returns. */
static inline int
tiff_end (void)
{
  int result = g_test_run ();
  g_unlink (path);
  g_unlink (again);
  g_rmdir (folder);
  g_free (path);
  g_free (again);
  g_free (folder);
  return result;
}

static inline IeSource *
open_file (const char *file, IeFidelity *fidelity)
{
  GError *error = NULL;
  IeReadLimits limits = { .fidelity = fidelity };
  IeSource *source = ie_read_file (file, &limits, NULL, &error);
  g_assert_no_error (error);
  return source;
}

static inline gsize
row_bytes (const IeHeader *header)
{
  return (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
}

static inline void *
read_all (IeSource *source)
{
  GError *error = NULL;
  gsize row = row_bytes (&source->header);
  guint8 *data = g_malloc0 (row * (gsize) source->header.height);
  for (int y = 0; y < source->header.height; y += 5) {
    int rows = MIN (5, source->header.height - y);
    source->read (source, (IeRect){ 0, y, source->header.width, rows }, data + row * (gsize) y, (ptrdiff_t) row, &error);
    g_assert_no_error (error);
  }
  return data;
}

static inline void
write_rows (IeSink *sink, const IeHeader *header, const void *data)
{
  GError *error = NULL;
  gsize row = row_bytes (header);
  sink->begin (sink, header, &error);
  g_assert_no_error (error);
  for (int y = 0; y < header->height; y += 3) {
    int rows = MIN (3, header->height - y);
    sink->write (sink, (IeRect){ 0, y, header->width, rows }, (const guint8 *) data + row * (gsize) y, (ptrdiff_t) row,
                 &error);
    g_assert_no_error (error);
  }
}

static inline IeFileSink *
new_sink (const IeWriteOptions *options)
{
  GError *error = NULL;
  int fd = g_open (again, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  IeFileSink *sink = ie_file_sink_new (fd, ie_format_find ("tiff"), options, &error);
  g_assert_no_error (error);
  return sink;
}

static inline void
end_sink (IeFileSink *sink)
{
  GError *error = NULL;
  sink->finish (sink, &error);
  g_assert_no_error (error);
  ie_sink_free (&sink->sink);
}
