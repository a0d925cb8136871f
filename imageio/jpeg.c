// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads JPEG (ITU-T T.81) of 8 bits: gray, RGB (from YCbCr too), CMYK (from YCCK too, as ITU-T T.872 tells them apart).
 *
 * Rows stream, except where the file has several scans (progressive): then libjpeg holds all coefficients. libjpeg's
 * warnings about damaged data are errors here. libjpeg reports errors through error_exit, which must not return: it
 * longjmp()s to the place that every function sets which calls libjpeg. */
#include "imageio/jpeg-error.h"

#include <unistd.h>

#define LIBRARY_BYTES (IE_BUFFER_BYTES + (128 << 10))
#define MOST_SCANS 100     /* a file of many scans keeps the decoder busy for hours */
#define READ_COST 2.0      /* nanoseconds a sample, measured */
#define BUFFERED_ROWS 64   /* that the decoder works on: two rows of 16 x 16 blocks, before and after upsampling */

static const char exif_start[] = "Exif\0"; /* and the literal's own zero: 6 bytes */

typedef struct {
  IeSource source;
  IeMetadata metadata;
  IeReadLimits limits;
  IeInput *input;
  IeJpegError error;
  struct jpeg_decompress_struct jpeg;
  struct jpeg_source_mgr bytes;
  struct jpeg_progress_mgr progress;
  gboolean started;  /* jpeg_start_decompress() was called */
  gboolean inverted; /* CMYK as Adobe writes it: 255 is no ink */
} JpegSource;

static void
do_nothing (j_decompress_ptr jpeg)
{
}

static boolean
fill_buffer (j_decompress_ptr jpeg)
{
  JpegSource *source = jpeg->client_data;
  if (!ie_input_fill (source->input)) {
    source->error.cut_short = TRUE;
    longjmp (source->error.escape, 1);
  }
  source->bytes.next_input_byte = source->input->buffer;
  source->bytes.bytes_in_buffer = source->input->end;
  return TRUE;
}

static void
skip_bytes (j_decompress_ptr jpeg, long count)
{
  struct jpeg_source_mgr *bytes = jpeg->src;
  while (count > (long) bytes->bytes_in_buffer) {
    count -= (long) bytes->bytes_in_buffer;
    fill_buffer (jpeg);
  }
  bytes->next_input_byte += MAX (count, 0);
  bytes->bytes_in_buffer -= (size_t) MAX (count, 0);
}

static void
watch_scans (j_common_ptr common)
{
  j_decompress_ptr jpeg = (j_decompress_ptr) common;
  JpegSource *source = jpeg->client_data;
  if (jpeg->input_scan_number > MOST_SCANS) {
    g_snprintf (source->error.message, sizeof source->error.message, "more than %d scans", MOST_SCANS);
    longjmp (source->error.escape, 1);
  }
}

static gboolean
fail (JpegSource *source, GError **error)
{
  if (source->input->failure || source->error.cut_short)
    return ie_fail_short (error, source->input->failure);
  return ie_fail_damaged (error, "JPEG", source->error.message);
}

/* Reads up to the first scan. */
static gboolean
start (JpegSource *source, GError **error)
{
  if (setjmp (source->error.escape))
    return fail (source, error);
  ie_input_seek (source->input, 0);
  source->bytes.bytes_in_buffer = 0;
  source->started = FALSE;
  source->error.cut_short = FALSE;
  jpeg_read_header (&source->jpeg, TRUE);
  return TRUE;
}

static void
read_metadata (JpegSource *source)
{
  j_decompress_ptr jpeg = &source->jpeg;
  IeMetadata *metadata = &source->metadata;
  JOCTET *icc = NULL;
  unsigned int size = 0;
  if (jpeg_read_icc_profile (jpeg, &icc, &size)) {
    if (size <= source->limits.icc)
      metadata->icc = g_bytes_new (icc, size);
    free (icc);
  }
  for (jpeg_saved_marker_ptr marker = jpeg->marker_list; marker && !metadata->exif; marker = marker->next)
    if (marker->marker == JPEG_APP0 + 1 && marker->data_length > sizeof exif_start &&
        memcmp (marker->data, exif_start, sizeof exif_start) == 0)
      metadata->exif =
        g_bytes_new (marker->data + sizeof exif_start, marker->data_length - sizeof exif_start);
  if (jpeg->saw_JFIF_marker && jpeg->density_unit && jpeg->X_density && jpeg->Y_density) {
    double per_inch = jpeg->density_unit == 2 ? 2.54 : 1;
    metadata->x_resolution = jpeg->X_density * per_inch;
    metadata->y_resolution = jpeg->Y_density * per_inch;
  }
  ie_metadata_from_exif (metadata);
}

/* Bytes of all coefficients: 16 bits each, whole blocks, each component at its own sampling. */
static guint64
coefficient_bytes (j_decompress_ptr jpeg)
{
  guint64 blocks = 0;
  for (int i = 0; i < jpeg->num_components; i++)
    blocks += (guint64) jpeg->comp_info[i].width_in_blocks * jpeg->comp_info[i].height_in_blocks;
  return blocks * DCTSIZE2 * sizeof (JCOEF);
}

static gboolean
set_output (JpegSource *source, GError **error)
{
  j_decompress_ptr jpeg = &source->jpeg;
  IeHeader *header = &source->source.header;
  switch (jpeg->num_components) {
    case 1:
      jpeg->out_color_space = JCS_GRAYSCALE;
      header->model = IE_MODEL_GRAY;
      break;
    case 3:
      jpeg->out_color_space = JCS_RGB;
      header->model = IE_MODEL_RGB;
      break;
    case 4:
      jpeg->out_color_space = JCS_CMYK;
      header->model = IE_MODEL_CMYK;
      source->inverted = jpeg->saw_Adobe_marker;
      break;
    default:
      g_set_error (error, IE_ERROR, IE_ERROR_INPUT, "JPEG of %d components is not supported", jpeg->num_components);
      return FALSE;
  }
  jpeg->dct_method = JDCT_ISLOW; /* the same samples on every processor */
  return TRUE;
}

static gboolean
read_header (JpegSource *source, GError **error)
{
  j_decompress_ptr jpeg = &source->jpeg;
  IeHeader *header = &source->source.header;
  if (setjmp (source->error.escape))
    return fail (source, error);
  if (!ie_check_size (jpeg->image_width, jpeg->image_height, &source->limits, error) || !set_output (source, error))
    return FALSE;
  header->width = (int) jpeg->image_width;
  header->height = (int) jpeg->image_height;
  header->channels = jpeg->num_components;
  header->depth = IE_DEPTH_U8;
  header->metadata = &source->metadata;
  guint64 held = LIBRARY_BYTES + (guint64) header->width * (guint64) header->channels * BUFFERED_ROWS;
  if (jpeg->progressive_mode || jpeg_has_multiple_scans (jpeg))
    held += coefficient_bytes (jpeg);
  source->source.memory_held = held;
  source->source.read_cost = READ_COST;
  read_metadata (source);
  return TRUE;
}

static gboolean
read_rows (IeSource *base, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  JpegSource *source = (JpegSource *) base;
  j_decompress_ptr jpeg = &source->jpeg;
  gsize samples = (gsize) rect.width * (gsize) base->header.channels;
  if (setjmp (source->error.escape))
    return fail (source, error);
  if (!source->started)
    jpeg_start_decompress (jpeg);
  source->started = TRUE;
  for (int y = 0; y < rect.height; y++) {
    JSAMPROW row = (JSAMPROW) data + y * stride;
    jpeg_read_scanlines (jpeg, &row, 1);
    for (gsize i = 0; source->inverted && i < samples; i++)
      row[i] = (JSAMPLE) (255 - row[i]);
  }
  if (jpeg->output_scanline == jpeg->output_height)
    jpeg_finish_decompress (jpeg); /* what is missing or wrong at the end is damage too */
  return TRUE;
}

static gboolean
rewind_rows (IeSource *base, GError **error)
{
  JpegSource *source = (JpegSource *) base;
  jpeg_abort_decompress (&source->jpeg);
  return start (source, error) && set_output (source, error);
}

static void
free_source (IeSource *base)
{
  JpegSource *source = (JpegSource *) base;
  jpeg_destroy_decompress (&source->jpeg);
  ie_input_free (source->input);
  ie_metadata_clear (&source->metadata);
  g_free (source);
}

static gboolean
create (JpegSource *source, GError **error)
{
  if (setjmp (source->error.escape))
    return fail (source, error);
  jpeg_create_decompress (&source->jpeg);
  source->jpeg.client_data = source;
  source->bytes.init_source = source->bytes.term_source = do_nothing;
  source->bytes.fill_input_buffer = fill_buffer;
  source->bytes.skip_input_data = skip_bytes;
  source->bytes.resync_to_restart = jpeg_resync_to_restart;
  source->jpeg.src = &source->bytes;
  source->progress.progress_monitor = watch_scans;
  source->jpeg.progress = &source->progress;
  jpeg_save_markers (&source->jpeg, JPEG_APP0 + 1, 0xffff);
  jpeg_save_markers (&source->jpeg, JPEG_APP0 + 2, 0xffff);
  return TRUE;
}

static IeSource *
jpeg_open (int fd, const IeReadLimits *limits, GError **error)
{
  JpegSource *source = g_new0 (JpegSource, 1);
  source->limits = ie_limits (limits);
  source->input = ie_input_new (fd);
  source->jpeg.err = ie_jpeg_error_init (&source->error);
  source->source.read = read_rows;
  source->source.rewind = rewind_rows;
  source->source.free = free_source;
  if (create (source, error) && start (source, error) && read_header (source, error))
    return &source->source;
  free_source (&source->source);
  return NULL;
}

static gboolean
sniff (const guint8 *head, gsize size)
{
  return size >= 3 && head[0] == 0xff && head[1] == 0xd8 && head[2] == 0xff;
}

static const char *const extensions[] = { "jpg", "jpeg", "jpe", "jfif", NULL };

const IeFormat ie_format_jpeg = {
  .name = "jpeg",
  .label = "JPEG",
  .extensions = extensions,
  .can = IE_CAN_U8 | IE_CAN_CMYK,
  .sniff = sniff,
  .open = jpeg_open,
  .create = ie_jpeg_create,
};
