// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes TIFF 6.0 in strips, as BigTIFF when the file may pass 4 GiB. One page.
 *
 * libtiff goes back to the head of the file at the end, so a pipe gets the file from a temporary one. */
#include "imageio/tiff-handle.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define STRIP_BYTES (256 << 10)
/* LZW can grow a strip by half (12-bit codes of single bytes), Deflate hardly; the rest is left for tags. */
#define CLASSIC_BYTES G_GUINT64_CONSTANT (4000000000)

typedef struct {
  IeFileSink file;
  IeTiffHandle handle;
  int out;        /* the descriptor that was handed in */
  gboolean spool; /* handle.fd is a temporary file, copied to out at the end */
  int compression;
  IeHeader header;
  gsize row_bytes;
  int rows_per_strip;
  guint8 *strip; /* rows that wait for their strip to be full */
  int waiting;   /* how many */
  int rows;      /* rows that were written or wait */
} TiffSink;

static void
set_metadata (TIFF *tiff, const IeMetadata *metadata)
{
  if (!metadata)
    return;
  if (metadata->icc) {
    gsize size;
    gconstpointer data = g_bytes_get_data (metadata->icc, &size);
    TIFFSetField (tiff, TIFFTAG_ICCPROFILE, (uint32_t) size, data);
  }
  if (metadata->x_resolution > 0 && metadata->y_resolution > 0) {
    TIFFSetField (tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    TIFFSetField (tiff, TIFFTAG_XRESOLUTION, metadata->x_resolution);
    TIFFSetField (tiff, TIFFTAG_YRESOLUTION, metadata->y_resolution);
  }
  if (metadata->orientation >= 1 && metadata->orientation <= 8)
    TIFFSetField (tiff, TIFFTAG_ORIENTATION, metadata->orientation);
}

static gboolean
set_fields (TIFF *tiff, const TiffSink *sink)
{
  const IeHeader *header = &sink->header;
  int colours = ie_colours (header->channels, header->has_alpha);
  gboolean real = header->depth == IE_DEPTH_FLOAT;
  uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
  int photometric = colours == 4   ? PHOTOMETRIC_SEPARATED
                    : colours == 3 ? PHOTOMETRIC_RGB
                                   : PHOTOMETRIC_MINISBLACK;
  gboolean ok = TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, header->width) &&
                TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, header->height) &&
                TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, header->channels) &&
                TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, (int) ie_depth_bytes (header->depth) * 8) &&
                TIFFSetField (tiff, TIFFTAG_SAMPLEFORMAT, real ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT) &&
                TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, photometric) &&
                TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) &&
                TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, sink->rows_per_strip) &&
                TIFFSetField (tiff, TIFFTAG_COMPRESSION, sink->compression);
  if (ok && header->has_alpha)
    ok = TIFFSetField (tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
  if (ok && colours == 4)
    ok = TIFFSetField (tiff, TIFFTAG_INKSET, INKSET_CMYK);
  if (ok && sink->compression != COMPRESSION_NONE)
    ok = TIFFSetField (tiff, TIFFTAG_PREDICTOR, real ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
  set_metadata (tiff, header->metadata);
  return ok;
}

static gboolean
tiff_begin (IeSink *base, const IeHeader *header, GError **error)
{
  TiffSink *sink = (TiffSink *) base;
  if (!ie_check_writable (&ie_format_tiff, header, error))
    return FALSE;
  sink->header = *header;
  sink->row_bytes = (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
  sink->rows_per_strip = (int) CLAMP (STRIP_BYTES / sink->row_bytes, 1, (gsize) header->height);
  gsize strip_bytes = sink->row_bytes * (gsize) sink->rows_per_strip;
  sink->strip = ie_try_alloc (strip_bytes, error);
  if (!sink->strip)
    return FALSE;
  base->memory_held = strip_bytes * (sink->compression == COMPRESSION_NONE ? 1 : 3);

  guint64 bytes = sink->row_bytes * (guint64) header->height;
  if (header->metadata && header->metadata->icc)
    bytes += g_bytes_get_size (header->metadata->icc);
  if (sink->compression == COMPRESSION_LZW)
    bytes += bytes / 2;
  if (!ie_tiff_open (&sink->handle, sink->handle.fd, bytes > CLASSIC_BYTES ? "w8" : "w") ||
      !set_fields (sink->handle.tiff, sink))
    return ie_tiff_fail_write (&sink->handle, error);
  return TRUE;
}

/* Writes `rows` rows that begin at the first row of a strip. */
static gboolean
write_strip (TiffSink *sink, int first_row, const void *data, int rows, GError **error)
{
  uint32_t strip = (uint32_t) (first_row / sink->rows_per_strip);
  tmsize_t bytes = (tmsize_t) (sink->row_bytes * (gsize) rows);
  if (TIFFWriteEncodedStrip (sink->handle.tiff, strip, (void *) data, bytes) != bytes)
    return ie_tiff_fail_write (&sink->handle, error);
  return TRUE;
}

static gboolean
tiff_write (IeSink *base, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  TiffSink *sink = (TiffSink *) base;
  const char *row = data;
  int left = rect.height;
  while (left > 0) {
    /* Whole strips that lie in one piece are written from where they are; not by encoders, which may work in place. */
    if (sink->waiting == 0 && left >= sink->rows_per_strip && stride == (ptrdiff_t) sink->row_bytes &&
        sink->compression == COMPRESSION_NONE) {
      if (!write_strip (sink, sink->rows, row, sink->rows_per_strip, error))
        return FALSE;
      sink->rows += sink->rows_per_strip;
      row += stride * sink->rows_per_strip;
      left -= sink->rows_per_strip;
      continue;
    }
    memcpy (sink->strip + sink->row_bytes * (gsize) sink->waiting, row, sink->row_bytes);
    sink->waiting++;
    sink->rows++;
    row += stride;
    left--;
    if (sink->waiting == sink->rows_per_strip || sink->rows == sink->header.height) {
      if (!write_strip (sink, sink->rows - sink->waiting, sink->strip, sink->waiting, error))
        return FALSE;
      sink->waiting = 0;
    }
  }
  return TRUE;
}

static gboolean
copy_to_pipe (TiffSink *sink, GError **error)
{
  guint8 *piece = g_malloc (IE_BUFFER_BYTES);
  int failure = 0;
  guint64 offset = 0;
  gssize got = 0;
  while (!failure && (got = ie_pread (sink->handle.fd, piece, IE_BUFFER_BYTES, offset)) > 0) {
    failure = ie_write (sink->out, piece, (gsize) got);
    offset += (guint64) got;
  }
  if (got < 0)
    failure = errno;
  g_free (piece);
  return failure ? ie_fail_write (error, failure) : TRUE;
}

static gboolean
tiff_finish (IeFileSink *base, GError **error)
{
  TiffSink *sink = (TiffSink *) base;
  if (!ie_check_rows (&sink->header, sink->rows, error))
    return FALSE;
  gboolean ok = sink->handle.tiff && TIFFWriteDirectory (sink->handle.tiff);
  ie_tiff_close (&sink->handle);
  if (!ok || sink->handle.failure)
    return ie_tiff_fail_write (&sink->handle, error);
  return !sink->spool || copy_to_pipe (sink, error);
}

static void
tiff_sink_free (IeSink *base)
{
  TiffSink *sink = (TiffSink *) base;
  ie_tiff_close (&sink->handle);
  if (sink->spool)
    close (sink->handle.fd);
  close (sink->out);
  g_free (sink->strip);
  g_free (sink);
}

IeFileSink *
ie_tiff_create (int fd, const IeWriteOptions *options, GError **error)
{
  const char *name = options && options->tiff_compression ? options->tiff_compression : "none";
  int compression = g_str_equal (name, "none")      ? COMPRESSION_NONE
                    : g_str_equal (name, "lzw")     ? COMPRESSION_LZW
                    : g_str_equal (name, "deflate") ? COMPRESSION_ADOBE_DEFLATE
                                                    : 0;
  if (!compression) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, "TIFF compression is none, lzw or deflate, not %s", name);
    close (fd);
    return NULL;
  }
  /* Written in place only where offset 0 is the beginning: not in pipes, and not where others wrote before. */
  gboolean in_place = lseek (fd, 0, SEEK_CUR) == 0 && !(fcntl (fd, F_GETFL) & O_APPEND);
  int spool = in_place ? -1 : ie_temporary_file (error);
  if (!in_place && spool < 0) {
    close (fd);
    return NULL;
  }
  TiffSink *sink = g_new0 (TiffSink, 1);
  sink->out = fd;
  sink->spool = !in_place;
  sink->handle.fd = in_place ? fd : spool;
  sink->compression = compression;
  sink->file.sink.begin = tiff_begin;
  sink->file.sink.write = tiff_write;
  sink->file.sink.free = tiff_sink_free;
  sink->file.finish = tiff_finish;
  return &sink->file;
}
