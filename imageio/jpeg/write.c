// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes JPEG (ITU-T T.81) of 8 bits: with the sampling and process of the JPEG that the picture came from, and with its
 * tables where no quality is asked; else baseline with libjpeg's tables, and chroma of full resolution from quality 90 on,
 * half in both directions below. (ImageMagick chooses so, too.) CMYK is written as Adobe does: YCCK, inverted; what was not
 * transformed becomes so where a quality is asked, and then has the sampling of that quality. */
#include "core/i18n.h"
#include "imageio/jpeg/write-markers.h"

#define DEFAULT_QUALITY 92
#define FULL_CHROMA_QUALITY 90
#define MOST_BLOCKS 10      /* of an MCU (T.81, B.2.3) */
#define BUFFERED_ROWS 32

typedef struct {
  IeFileSink file;
  IeWriter *writer;
  int quality; /* 0: the input's tables, else DEFAULT_QUALITY */
  IeFidelity *fidelity;
  int across, down; /* sampling of luma that was asked for; 0: none was */
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
  g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("cannot write JPEG: %s"), sink->error.message);
  return FALSE;
}

/* Whether libjpeg can write this sampling: whole ratios, and not too many blocks in an MCU. */
static gboolean
can_sample (const IeLayout *layout)
{
  int components = layout->jpeg.components, across = 1, down = 1, blocks = 0;
  for (int i = 0; i < components; i++) {
    across = MAX (across, layout->jpeg.horizontal[i]);
    down = MAX (down, layout->jpeg.vertical[i]);
  }
  for (int i = 0; i < components; i++) {
    int h = layout->jpeg.horizontal[i], v = layout->jpeg.vertical[i];
    if (h < 1 || v < 1 || across % h || down % v || !layout->jpeg.has_table[layout->jpeg.table[i]])
      return FALSE;
    blocks += h * v;
  }
  return components == 1 || blocks <= MOST_BLOCKS;
}

/* The JPEG that the picture came from, where it can be followed; else NULL. */
static const IeLayout *
find_layout (JpegSink *sink)
{
  const IeMetadata *metadata = sink->header.metadata;
  const IeLayout *layout = metadata ? metadata->layout : NULL;
  return layout && layout->jpeg.components == sink->header.channels && can_sample (layout) ? layout : NULL;
}

static void
set_tables (JpegSink *sink, const IeLayout *layout)
{
  j_compress_ptr jpeg = &sink->jpeg;
  unsigned int values[DCTSIZE2];
  for (int t = 0; t < 4; t++) {
    for (int i = 0; i < DCTSIZE2; i++)
      values[i] = MAX (layout->jpeg.quantisation[t][i], 1);
    if (layout->jpeg.has_table[t])
      jpeg_add_quant_table (jpeg, t, values, 100, FALSE);
  }
  for (int i = 0; i < jpeg->num_components; i++)
    jpeg->comp_info[i].quant_tbl_no = layout->jpeg.table[i];
}

static void
set_sampling (JpegSink *sink, const IeLayout *layout)
{
  j_compress_ptr jpeg = &sink->jpeg;
  int quality = sink->quality ? sink->quality : DEFAULT_QUALITY;
  int across = quality < FULL_CHROMA_QUALITY ? 2 : 1, down = across;
  if (sink->across) {
    across = sink->across;
    down = sink->down;
  }
  gboolean follow = layout && !sink->across && !(sink->quality && layout->jpeg.untransformed);
  gboolean halves = !follow && jpeg->num_components > 1 && jpeg->jpeg_color_space != JCS_RGB;
  for (int i = 0; i < jpeg->num_components; i++) {
    gboolean luma = i == 0 || i == 3;
    jpeg->comp_info[i].h_samp_factor = follow ? layout->jpeg.horizontal[i] : halves && luma ? across : 1;
    jpeg->comp_info[i].v_samp_factor = follow ? layout->jpeg.vertical[i] : halves && luma ? down : 1;
  }
}

static void
set_parameters (JpegSink *sink)
{
  j_compress_ptr jpeg = &sink->jpeg;
  const IeMetadata *metadata = sink->header.metadata;
  const IeLayout *layout = find_layout (sink);
  jpeg->image_width = (JDIMENSION) sink->header.width;
  jpeg->image_height = (JDIMENSION) sink->header.height;
  jpeg->input_components = sink->header.channels;
  jpeg->in_color_space = sink->header.channels == 1   ? JCS_GRAYSCALE
                         : sink->header.channels == 3 ? JCS_RGB
                                                      : JCS_CMYK;
  jpeg_set_defaults (jpeg);
  gboolean untransformed = layout && !sink->quality && layout->jpeg.untransformed;
  if (sink->header.channels == 4)
    jpeg_set_colorspace (jpeg, untransformed ? JCS_CMYK : JCS_YCCK);
  else if (sink->header.channels == 3 && untransformed)
    jpeg_set_colorspace (jpeg, JCS_RGB);
  jpeg_set_quality (jpeg, sink->quality ? sink->quality : DEFAULT_QUALITY, TRUE);
  if (layout && !sink->quality)
    set_tables (sink, layout);
  set_sampling (sink, layout);
  jpeg->dct_method = JDCT_ISLOW;
  if (layout) {
    jpeg->restart_interval = (unsigned) layout->jpeg.restart_interval;
    jpeg->arith_code = layout->jpeg.arithmetic;
    if (layout->jpeg.progressive)
      jpeg_simple_progression (jpeg);
  }
  if (metadata && metadata->x_resolution >= 0.5 && metadata->y_resolution >= 0.5 &&
      metadata->x_resolution < 65535 && metadata->y_resolution < 65535) {
    jpeg->density_unit = 1;
    jpeg->X_density = (UINT16) (metadata->x_resolution + 0.5);
    jpeg->Y_density = (UINT16) (metadata->y_resolution + 0.5);
  }
}

static gboolean
begin (IeSink *base, const IeHeader *header, GError **error)
{
  JpegSink *sink = (JpegSink *) base;
  if (!ie_check_writable (&ie_format_jpeg, header, error))
    return FALSE;
  if (header->width > JPEG_MAX_DIMENSION || header->height > JPEG_MAX_DIMENSION) {
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("JPEG files hold at most %ld pixels a side"), JPEG_MAX_DIMENSION);
    return FALSE;
  }
  sink->header = *header;
  gsize row_bytes = (gsize) header->width * (gsize) header->channels;
  if (header->channels == 4)
    sink->row = g_malloc (row_bytes);
  base->memory_held = 2 * IE_BUFFER_BYTES + row_bytes * BUFFERED_ROWS;
  sink->exif = ie_jpeg_choose_exif (header->metadata, sink->fidelity);
  if (setjmp (sink->error.escape))
    return fail (sink, error);
  set_parameters (sink);
  if (sink->jpeg.scan_info) /* several scans: all coefficients are held, 16 bits each */
    base->memory_held += 2 * row_bytes * (guint64) header->height;
  jpeg_start_compress (&sink->jpeg, TRUE);
  ie_jpeg_write_metadata (&sink->jpeg, header->metadata, sink->exif, sink->fidelity);
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

static gboolean
read_subsampling (JpegSink *sink, const IeWriteOptions *options, GError **error)
{
  static const struct {
    const char *name;
    int across, down;
  } kinds[] = { { "4:4:4", 1, 1 }, { "4:2:2", 2, 1 }, { "4:4:0", 1, 2 }, { "4:2:0", 2, 2 } };
  const char *asked = options ? options->subsampling : NULL;
  for (gsize i = 0; asked && i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (asked, kinds[i].name) == 0) {
      sink->across = kinds[i].across;
      sink->down = kinds[i].down;
      return TRUE;
    }
  if (asked)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("subsampling is 4:4:4, 4:2:2, 4:4:0 or 4:2:0, not %s"), asked);
  return !asked;
}

IeFileSink *
ie_jpeg_create (int fd, const IeWriteOptions *options, GError **error)
{
  JpegSink *sink = g_new0 (JpegSink, 1);
  sink->writer = ie_writer_new (fd);
  sink->quality = options && options->quality ? CLAMP (options->quality, 1, 100) : 0;
  if (!read_subsampling (sink, options, error)) {
    ie_writer_free (sink->writer);
    g_free (sink);
    return NULL;
  }
  sink->jpeg.err = ie_jpeg_error_init (&sink->error);
  sink->fidelity = options ? options->fidelity : NULL;
  sink->file.sink.begin = begin;
  sink->file.sink.write = write_rows;
  sink->file.sink.free = free_sink;
  sink->file.finish = finish;
  if (create (sink, error))
    return &sink->file;
  free_sink (&sink->file.sink);
  return NULL;
}
