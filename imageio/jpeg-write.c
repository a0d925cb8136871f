// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes baseline JPEG (ITU-T T.81) of 8 bits. Chroma has full resolution from quality 90 on, half in both directions
 * below (as ImageMagick chooses). CMYK is written as Adobe does: YCCK, inverted. */
#include "imageio/jpeg-error.h"

#define DEFAULT_QUALITY 92
#define FULL_CHROMA_QUALITY 90
#define MOST_MARKER_BYTES 65533 /* a segment's 16-bit length counts itself */
#define BUFFERED_ROWS 32

static const char exif_start[] = "Exif\0"; /* and the literal's own zero: 6 bytes */

typedef struct {
  IeFileSink file;
  IeWriter *writer;
  int quality;
  IeHeader header;
  int rows;
  IeJpegError error;
  struct jpeg_compress_struct jpeg;
  struct jpeg_destination_mgr bytes;
  guint8 buffer[IE_BUFFER_BYTES];
  GBytes *exif; /* what is written; may be NULL */
  guint8 *row;  /* CMYK: one row, inverted */
} JpegSink;

static void
reset_buffer (j_compress_ptr jpeg)
{
  JpegSink *sink = jpeg->client_data;
  sink->bytes.next_output_byte = sink->buffer;
  sink->bytes.free_in_buffer = sizeof sink->buffer;
}

static void
put (JpegSink *sink, gsize size)
{
  if (!ie_writer_put (sink->writer, sink->buffer, size))
    longjmp (sink->error.escape, 1);
}

static boolean
empty_buffer (j_compress_ptr jpeg)
{
  put (jpeg->client_data, IE_BUFFER_BYTES);
  reset_buffer (jpeg);
  return TRUE;
}

static void
end_buffer (j_compress_ptr jpeg)
{
  JpegSink *sink = jpeg->client_data;
  put (sink, sizeof sink->buffer - sink->bytes.free_in_buffer);
  if (!ie_writer_flush (sink->writer))
    longjmp (sink->error.escape, 1);
}

static gboolean
fail (JpegSink *sink, GError **error)
{
  if (sink->writer->failure)
    return ie_fail_write (error, sink->writer->failure);
  g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, "cannot write JPEG: %s", sink->error.message);
  return FALSE;
}

static void
set_parameters (JpegSink *sink)
{
  j_compress_ptr jpeg = &sink->jpeg;
  const IeMetadata *metadata = sink->header.metadata;
  jpeg->image_width = (JDIMENSION) sink->header.width;
  jpeg->image_height = (JDIMENSION) sink->header.height;
  jpeg->input_components = sink->header.channels;
  jpeg->in_color_space = sink->header.channels == 1   ? JCS_GRAYSCALE
                         : sink->header.channels == 3 ? JCS_RGB
                                                      : JCS_CMYK;
  jpeg_set_defaults (jpeg);
  if (jpeg->in_color_space == JCS_CMYK)
    jpeg_set_colorspace (jpeg, JCS_YCCK);
  jpeg_set_quality (jpeg, sink->quality, TRUE);
  jpeg->dct_method = JDCT_ISLOW;
  int factor = sink->header.channels > 1 && sink->quality < FULL_CHROMA_QUALITY ? 2 : 1;
  for (int i = 0; i < jpeg->num_components; i++) {
    gboolean chroma = i == 1 || i == 2;
    jpeg->comp_info[i].h_samp_factor = jpeg->comp_info[i].v_samp_factor = chroma ? 1 : factor;
  }
  if (metadata && metadata->x_resolution >= 0.5 && metadata->y_resolution >= 0.5 &&
      metadata->x_resolution < 65535 && metadata->y_resolution < 65535) {
    jpeg->density_unit = 1;
    jpeg->X_density = (UINT16) (metadata->x_resolution + 0.5);
    jpeg->Y_density = (UINT16) (metadata->y_resolution + 0.5);
  }
}

/* EXIF directly after JFIF's own segment, then the profile in as many segments as it takes. */
static void
write_metadata (JpegSink *sink)
{
  const IeMetadata *metadata = sink->header.metadata;
  gsize size;
  if (sink->exif) {
    const guint8 *data = g_bytes_get_data (sink->exif, &size);
    if (size + sizeof exif_start <= MOST_MARKER_BYTES) {
      jpeg_write_m_header (&sink->jpeg, JPEG_APP0 + 1, (unsigned) (size + sizeof exif_start));
      for (gsize i = 0; i < sizeof exif_start; i++)
        jpeg_write_m_byte (&sink->jpeg, exif_start[i]);
      for (gsize i = 0; i < size; i++)
        jpeg_write_m_byte (&sink->jpeg, data[i]);
    }
  }
  if (metadata && metadata->icc) {
    const guint8 *data = g_bytes_get_data (metadata->icc, &size);
    /* At most 255 segments of 65,519 bytes (ICC.1, annex B.4). */
    if (size > 0 && size <= 255 * (gsize) (MOST_MARKER_BYTES - 14))
      jpeg_write_icc_profile (&sink->jpeg, data, (unsigned) size);
  }
}

static gboolean
begin (IeSink *base, const IeHeader *header, GError **error)
{
  JpegSink *sink = (JpegSink *) base;
  if (!ie_check_writable (&ie_format_jpeg, header, error))
    return FALSE;
  if (header->width > JPEG_MAX_DIMENSION || header->height > JPEG_MAX_DIMENSION) {
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, "JPEG files hold at most %ld pixels a side", JPEG_MAX_DIMENSION);
    return FALSE;
  }
  sink->header = *header;
  gsize row_bytes = (gsize) header->width * (gsize) header->channels;
  if (header->channels == 4)
    sink->row = g_malloc (row_bytes);
  base->memory_held = 2 * IE_BUFFER_BYTES + row_bytes * BUFFERED_ROWS;
  sink->exif = ie_metadata_exif (header->metadata);
  if (setjmp (sink->error.escape))
    return fail (sink, error);
  set_parameters (sink);
  jpeg_start_compress (&sink->jpeg, TRUE);
  write_metadata (sink);
  return TRUE;
}

static gboolean
write_rows (IeSink *base, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  JpegSink *sink = (JpegSink *) base;
  gsize samples = (gsize) sink->header.width * (gsize) sink->header.channels;
  if (setjmp (sink->error.escape))
    return fail (sink, error);
  for (int y = 0; y < rect.height; y++) {
    JSAMPROW row = (JSAMPROW) data + y * stride;
    if (sink->row) {
      for (gsize i = 0; i < samples; i++)
        sink->row[i] = (guint8) (255 - row[i]);
      row = sink->row;
    }
    jpeg_write_scanlines (&sink->jpeg, &row, 1);
  }
  sink->rows += rect.height;
  return TRUE;
}

static gboolean
finish (IeFileSink *base, GError **error)
{
  JpegSink *sink = (JpegSink *) base;
  if (!ie_check_rows (&sink->header, sink->rows, error))
    return FALSE;
  if (setjmp (sink->error.escape))
    return fail (sink, error);
  jpeg_finish_compress (&sink->jpeg);
  return TRUE;
}

static void
free_sink (IeSink *base)
{
  JpegSink *sink = (JpegSink *) base;
  jpeg_destroy_compress (&sink->jpeg);
  ie_writer_free (sink->writer);
  g_clear_pointer (&sink->exif, g_bytes_unref);
  g_free (sink->row);
  g_free (sink);
}

static gboolean
create (JpegSink *sink, GError **error)
{
  if (setjmp (sink->error.escape))
    return fail (sink, error);
  jpeg_create_compress (&sink->jpeg);
  sink->jpeg.client_data = sink;
  sink->bytes.init_destination = reset_buffer;
  sink->bytes.empty_output_buffer = empty_buffer;
  sink->bytes.term_destination = end_buffer;
  sink->jpeg.dest = &sink->bytes;
  return TRUE;
}

IeFileSink *
ie_jpeg_create (int fd, const IeWriteOptions *options, GError **error)
{
  JpegSink *sink = g_new0 (JpegSink, 1);
  sink->writer = ie_writer_new (fd);
  sink->quality = options && options->quality ? CLAMP (options->quality, 1, 100) : DEFAULT_QUALITY;
  sink->jpeg.err = ie_jpeg_error_init (&sink->error);
  sink->file.sink.begin = begin;
  sink->file.sink.write = write_rows;
  sink->file.sink.free = free_sink;
  sink->file.finish = finish;
  if (create (sink, error))
    return &sink->file;
  free_sink (&sink->file.sink);
  return NULL;
}
