// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads JPEG (ITU-T T.81) of 8 bits, of more where libjpeg can: gray, RGB (from YCbCr too), CMYK (from YCCK too, as ITU-T T.872 tells them apart).
 *
 * Rows stream, except where the file has several scans (progressive): then libjpeg holds all coefficients. libjpeg's
 * warnings about damaged data are errors here. libjpeg reports errors through error_exit, which must not return: it
 * longjmp()s to the place that every function sets which calls libjpeg. */
#include "core/i18n.h"
#include "imageio/jpeg/error.h"
#include "imageio/jpeg/markers.h"

#include <jerror.h>

#include <unistd.h>

#define LIBRARY_BYTES (IE_BUFFER_BYTES + (128 << 10))
#define READ_COST 2.0      /* nanoseconds a sample, measured */
#define BUFFERED_ROWS 64   /* that the decoder works on: two rows of 16 x 16 blocks, before and after upsampling */

/* From version 3 on, libjpeg-turbo reads samples of more than 8 bits through functions of their own. */
#if defined LIBJPEG_TURBO_VERSION_NUMBER && LIBJPEG_TURBO_VERSION_NUMBER >= 3000000
#define DEEP_SAMPLES
#endif

typedef struct {
  IeSource source;
  IeMetadata metadata;
  IeReadLimits limits;
  IeInput *input;
  IeJpegError error;
  struct jpeg_decompress_struct jpeg;
  struct jpeg_source_mgr bytes;
  struct jpeg_progress_mgr progress;
  gboolean too_many; /* scans */
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
  if (jpeg->input_scan_number > source->limits.scans) { /* many scans keep the decoder busy for hours */
    source->too_many = TRUE;
    longjmp (source->error.escape, 1);
  }
}

static gboolean
fail (JpegSource *source, GError **error)
{
  if (source->input->failure || source->error.cut_short)
    return ie_fail_short (error, source->input->failure);
  int code = source->error.manager.msg_code;
  if (source->too_many)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("more than the limit of %d scans; --limit-scans sets it"),
                 source->limits.scans);
  else if (code == JERR_BAD_PRECISION || code == JERR_SOF_UNSUPPORTED || code == JERR_ARITH_NOTIMPL)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("this kind of JPEG is not read by the libjpeg in use: %s"),
                 source->error.message);
  else
    return ie_fail_damaged (error, "JPEG", source->error.message);
  return FALSE;
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
read_layout (JpegSource *source)
{
  j_decompress_ptr jpeg = &source->jpeg;
  IeLayout *layout = ie_metadata_layout (&source->metadata);
  layout->lossy = TRUE;
  if (jpeg->scale_denom > 1) {
    layout->width = (int) jpeg->image_width;
    layout->height = (int) jpeg->image_height;
  }
  layout->jpeg.components = jpeg->num_components;
  layout->jpeg.progressive = jpeg->progressive_mode;
  layout->jpeg.arithmetic = jpeg->arith_code;
  layout->jpeg.restart_interval = (int) jpeg->restart_interval;
  layout->jpeg.untransformed = jpeg->jpeg_color_space == JCS_RGB || jpeg->jpeg_color_space == JCS_CMYK;
  for (int i = 0; i < jpeg->num_components; i++) {
    layout->jpeg.horizontal[i] = (guint8) jpeg->comp_info[i].h_samp_factor;
    layout->jpeg.vertical[i] = (guint8) jpeg->comp_info[i].v_samp_factor;
    layout->jpeg.table[i] = (guint8) (jpeg->comp_info[i].quant_tbl_no & 3);
  }
  for (int t = 0; t < 4; t++) {
    const JQUANT_TBL *table = jpeg->quant_tbl_ptrs[t];
    layout->jpeg.has_table[t] = table != NULL;
    if (table)
      memcpy (layout->jpeg.quantisation[t], table->quantval, sizeof table->quantval);
  }
}

static void
read_metadata (JpegSource *source)
{
  j_decompress_ptr jpeg = &source->jpeg;
  IeMetadata *metadata = &source->metadata;
  ie_jpeg_read_markers (source->input->fd, &source->limits, metadata);
  if (jpeg->saw_JFIF_marker && jpeg->density_unit && jpeg->X_density && jpeg->Y_density) {
    double per_inch = jpeg->density_unit == 2 ? 2.54 : 1;
    metadata->x_resolution = jpeg->X_density * per_inch;
    metadata->y_resolution = jpeg->Y_density * per_inch;
  }
  ie_metadata_from_exif (metadata);
  read_layout (source);
}

/* Every block of the first scan takes at least one bit, but for arithmetic coding and lossless files: a header that
 * promises more than the file can hold is refused before anybody takes memory for it. */
static gboolean
check_length (JpegSource *source, GError **error)
{
  j_decompress_ptr jpeg = &source->jpeg;
  guint64 across = (jpeg->image_width + 63) / 64, down = (jpeg->image_height + 63) / 64; /* at the coarsest sampling */
  if (jpeg->arith_code || across * down / 8 <= source->input->size)
    return TRUE;
  return ie_fail_short (error, 0);
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

#define MOST_REDUCTION 8 /* ITU-T T.81's blocks have 8 x 8 samples */

/* What both sides are divided by, rounded up: 1, 2, 4 or 8. */
static int
reduction (const JpegSource *source)
{
  gint64 longer = MAX (source->jpeg.image_width, source->jpeg.image_height), least = source->limits.least_side;
  int by = 1;
  if (least <= 0 || source->jpeg.data_precision != 8)
    return by;
  while (by < MOST_REDUCTION && (longer + 2 * by - 1) / (2 * by) >= least)
    by *= 2;
  return by;
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
      g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("JPEG of %d components is not supported"), jpeg->num_components);
      return FALSE;
  }
  jpeg->dct_method = JDCT_ISLOW; /* the same samples on every processor */
  jpeg->scale_num = 1;
  jpeg->scale_denom = (guint) reduction (source);
  return TRUE;
}

static gboolean
read_header (JpegSource *source, GError **error)
{
  j_decompress_ptr jpeg = &source->jpeg;
  IeHeader *header = &source->source.header;
  if (setjmp (source->error.escape))
    return fail (source, error);
  if (!ie_check_size (jpeg->image_width, jpeg->image_height, &source->limits, error) ||
      !check_length (source, error) || !set_output (source, error))
    return FALSE;
  jpeg_calc_output_dimensions (jpeg);
  header->width = (int) jpeg->output_width;
  header->height = (int) jpeg->output_height;
  header->channels = jpeg->num_components;
  header->depth = jpeg->data_precision > 8 ? IE_DEPTH_U16 : IE_DEPTH_U8;
  if (jpeg->data_precision != 8 && jpeg->data_precision != 16)
    header->bits = jpeg->data_precision;
  header->metadata = &source->metadata;
  guint64 held = LIBRARY_BYTES + (guint64) header->width * (guint64) header->channels * BUFFERED_ROWS;
  if (jpeg->progressive_mode || jpeg_has_multiple_scans (jpeg))
    held += coefficient_bytes (jpeg);
  source->source.memory_held = held;
  source->source.read_cost = READ_COST;
  read_metadata (source);
  return TRUE;
}

/* Samples of `bits` bits to the whole range of 8 or 16. */
static void
widen (IeDepth depth, int bits, void *row, gsize samples)
{
  guint32 range = depth == IE_DEPTH_U8 ? 255 : 65535, most = (1u << bits) - 1;
  for (gsize i = 0; depth == IE_DEPTH_U8 && i < samples; i++)
    ((guint8 *) row)[i] = (guint8) ((MIN (((guint8 *) row)[i], most) * range + most / 2) / most);
  for (gsize i = 0; depth == IE_DEPTH_U16 && i < samples; i++)
    ((guint16 *) row)[i] = (guint16) ((MIN (((guint16 *) row)[i], most) * range + most / 2) / most);
}

static void
invert (IeDepth depth, void *row, gsize samples)
{
  for (gsize i = 0; depth == IE_DEPTH_U8 && i < samples; i++)
    ((guint8 *) row)[i] = (guint8) (255 - ((guint8 *) row)[i]);
  for (gsize i = 0; depth == IE_DEPTH_U16 && i < samples; i++)
    ((guint16 *) row)[i] = (guint16) (65535 - ((guint16 *) row)[i]);
}

static void
read_row (JpegSource *source, void *data)
{
  j_decompress_ptr jpeg = &source->jpeg;
  const IeHeader *header = &source->source.header;
  gsize samples = (gsize) header->width * (gsize) header->channels;
  if (jpeg->data_precision <= 8)
    jpeg_read_scanlines (jpeg, &(JSAMPROW){ data }, 1);
#ifdef DEEP_SAMPLES
  else if (jpeg->data_precision <= 12)
    jpeg12_read_scanlines (jpeg, &(J12SAMPROW){ data }, 1);
  else
    jpeg16_read_scanlines (jpeg, &(J16SAMPROW){ data }, 1);
#endif
  if (header->bits)
    widen (header->depth, header->bits, data, samples);
  if (source->inverted)
    invert (header->depth, data, samples);
}

static gboolean
read_rows (IeSource *base, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  JpegSource *source = (JpegSource *) base;
  j_decompress_ptr jpeg = &source->jpeg;
  if (setjmp (source->error.escape))
    return fail (source, error);
  if (!source->started)
    jpeg_start_decompress (jpeg);
  source->started = TRUE;
  for (int y = 0; y < rect.height; y++)
    read_row (source, (char *) data + y * stride);
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
  if (create (source, error) && ie_jpeg_check_text (source->input->fd, &source->limits, error) &&
      start (source, error) && read_header (source, error))
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
  .carries = IE_CARRIES_PROFILE | IE_CARRIES_EXIF | IE_CARRIES_XMP | IE_CARRIES_IPTC | IE_CARRIES_TEXT |
             IE_CARRIES_RESOLUTION | IE_CARRIES_ORIENTATION | IE_CARRIES_PHOTOSHOP,
  .sniff = sniff,
  .open = jpeg_open,
  .create = ie_jpeg_create,
};
