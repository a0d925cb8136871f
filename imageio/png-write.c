// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes PNG (ISO/IEC 15948), not interlaced. */
#include "imageio/internal.h"

#include <png.h>
#include <zlib.h>

#define LIBRARY_BYTES (512 << 10) /* zlib's compressor takes 268 KiB at its defaults (zconf.h) */
#define METRES_PER_INCH 0.0254
/* A third of the time of zlib's own default, 6, for files 2 % larger (measured on photographs, all filters tried). */
#define DEFAULT_LEVEL 3

typedef struct {
  IeFileSink file;
  IeWriter *writer;
  int level;
  png_structp png;
  png_infop info;
  IeHeader header;
  int rows;
  char message[160]; /* libpng's error */
} PngSink;

static void
keep_error (png_structp png, png_const_charp message)
{
  PngSink *sink = png_get_error_ptr (png);
  g_strlcpy (sink->message, message, sizeof sink->message);
  png_longjmp (png, 1);
}

static void
drop_warning (png_structp png, png_const_charp message)
{
}

static void
write_bytes (png_structp png, png_bytep data, size_t size)
{
  if (!ie_writer_put (png_get_io_ptr (png), data, size))
    png_error (png, "cannot write");
}

static void
flush_bytes (png_structp png)
{
}

static gboolean
fail (PngSink *sink, GError **error)
{
  if (sink->writer->failure)
    return ie_fail_write (error, sink->writer->failure);
  g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, "cannot write PNG: %s", sink->message);
  return FALSE;
}

static void
set_metadata (PngSink *sink)
{
  const IeMetadata *metadata = sink->header.metadata;
  if (!metadata)
    return;
  gsize size;
  if (metadata->icc) {
    const void *data = g_bytes_get_data (metadata->icc, &size);
    png_set_iCCP (sink->png, sink->info, "ICC profile", PNG_COMPRESSION_TYPE_BASE, data, (png_uint_32) size);
  }
  double x = metadata->x_resolution / METRES_PER_INCH, y = metadata->y_resolution / METRES_PER_INCH;
  if (x >= 0.5 && y >= 0.5 && x < PNG_UINT_31_MAX && y < PNG_UINT_31_MAX)
    png_set_pHYs (sink->png, sink->info, (png_uint_32) (x + 0.5), (png_uint_32) (y + 0.5), PNG_RESOLUTION_METER);
  GBytes *exif = ie_metadata_exif (metadata);
  if (exif) {
    const void *data = g_bytes_get_data (exif, &size);
    if (size <= G_MAXINT32)
      png_set_eXIf_1 (sink->png, sink->info, (png_uint_32) size, (png_bytep) data); /* copies it */
    g_bytes_unref (exif);
  }
}

static gboolean
begin (IeSink *base, const IeHeader *header, GError **error)
{
  PngSink *sink = (PngSink *) base;
  if (!ie_check_writable (&ie_format_png, header, error))
    return FALSE;
  sink->header = *header;
  sink->png = png_create_write_struct (PNG_LIBPNG_VER_STRING, sink, keep_error, drop_warning);
  sink->info = sink->png ? png_create_info_struct (sink->png) : NULL;
  if (!sink->info) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, "no memory for libpng");
    return FALSE;
  }
  int type = (ie_colours (header->channels, header->has_alpha) == 3 ? PNG_COLOR_MASK_COLOR : 0) |
             (header->has_alpha ? PNG_COLOR_MASK_ALPHA : 0);
  if (setjmp (png_jmpbuf (sink->png)))
    return fail (sink, error);
  png_set_write_fn (sink->png, sink->writer, write_bytes, flush_bytes);
  png_set_benign_errors (sink->png, 1); /* a profile that libpng dislikes is left out */
  png_set_user_limits (sink->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR (sink->png, sink->info, (png_uint_32) header->width, (png_uint_32) header->height,
                (int) ie_depth_bytes (header->depth) * 8, type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level (sink->png, sink->level);
  set_metadata (sink);
  png_write_info (sink->png, sink->info);
  if (header->depth == IE_DEPTH_U16 && G_BYTE_ORDER == G_LITTLE_ENDIAN)
    png_set_swap (sink->png);
  base->memory_held =
    LIBRARY_BYTES + 6 * (guint64) header->width * (guint64) header->channels * ie_depth_bytes (header->depth);
  return TRUE;
}

static gboolean
write_rows (IeSink *base, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  PngSink *sink = (PngSink *) base;
  if (setjmp (png_jmpbuf (sink->png)))
    return fail (sink, error);
  for (int y = 0; y < rect.height; y++)
    png_write_row (sink->png, (png_const_bytep) data + y * stride);
  sink->rows += rect.height;
  return TRUE;
}

static gboolean
finish (IeFileSink *base, GError **error)
{
  PngSink *sink = (PngSink *) base;
  if (!ie_check_rows (&sink->header, sink->rows, error))
    return FALSE;
  if (setjmp (png_jmpbuf (sink->png)))
    return fail (sink, error);
  png_write_end (sink->png, sink->info);
  return ie_writer_flush (sink->writer) || fail (sink, error);
}

static void
free_sink (IeSink *base)
{
  PngSink *sink = (PngSink *) base;
  png_destroy_write_struct (&sink->png, &sink->info);
  ie_writer_free (sink->writer);
  g_free (sink);
}

IeFileSink *
ie_png_create (int fd, const IeWriteOptions *options, GError **error)
{
  PngSink *sink = g_new0 (PngSink, 1);
  sink->writer = ie_writer_new (fd);
  sink->level = options && options->compression ? CLAMP (options->compression, 1, 9) : DEFAULT_LEVEL;
  sink->file.sink.begin = begin;
  sink->file.sink.write = write_rows;
  sink->file.sink.free = free_sink;
  sink->file.finish = finish;
  return &sink->file;
}
