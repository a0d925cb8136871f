// SPDX-License-Identifier: GPL-3.0-or-later
/* OpenEXR by its C library: R, G, B (or Y) and A of the first part, scan lines or the finest level of tiles, as float.
 * Samples are linear: they get a profile that says so. */
#include "imageio/exr/exr.h"
#include "core/i18n.h"
#include "imageio/png/chunks.h"
#include "imageio/whole.h"

#define WORKING 4.0
#define MOST_CHUNK ((guint64) 1 << 30) /* bytes that a chunk may unpack to */

typedef struct {
  exr_context_t context;
  const guint8 *data;
  gsize size;
  exr_attr_box2i_t window;
  gboolean tiled;
  const char *names[4]; /* channel of each sample */
} Decoder;

static int64_t
read_bytes (exr_const_context_t context, void *user, void *into, uint64_t size, uint64_t offset,
            exr_stream_error_func_ptr_t report)
{
  Decoder *decoder = user;
  if (offset >= decoder->size)
    return 0;
  gsize part = MIN (size, decoder->size - offset);
  memcpy (into, decoder->data + offset, part);
  return (int64_t) part;
}

static int64_t
file_size (exr_const_context_t context, void *user)
{
  return (int64_t) ((Decoder *) user)->size;
}

static void
drop_message (exr_const_context_t context, exr_result_t code, const char *message)
{
}

static void
close_decoder (IeWholeSource *whole)
{
  Decoder *decoder = whole->decoder;
  if (decoder->context)
    exr_finish (&decoder->context);
  g_free (decoder);
}

static gboolean
fail (exr_result_t code, GError **error)
{
  return ie_fail_damaged (error, "OpenEXR", exr_get_default_error_message (code));
}

static gboolean
has (const exr_attr_chlist_t *list, const char *name)
{
  for (int i = 0; i < list->num_channels; i++)
    if (strcmp (list->entries[i].name.str, name) == 0 && list->entries[i].x_sampling == 1 &&
        list->entries[i].y_sampling == 1)
      return TRUE;
  return FALSE;
}

static gboolean
choose_channels (IeWholeSource *whole, GError **error)
{
  Decoder *decoder = whole->decoder;
  IeHeader *header = &whole->source.header;
  const exr_attr_chlist_t *list;
  exr_result_t code = exr_get_channels (decoder->context, 0, &list);
  if (code != EXR_ERR_SUCCESS)
    return fail (code, error);
  gboolean colour = has (list, "R") && has (list, "G") && has (list, "B"), gray = has (list, "Y");
  if (!colour && !gray) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("OpenEXR without channels R, G, B or Y is not supported"));
    return FALSE;
  }
  static const char *const rgb[] = { "R", "G", "B" };
  int colours = colour ? 3 : 1;
  for (int c = 0; c < colours; c++)
    decoder->names[c] = colour ? rgb[c] : "Y";
  header->has_alpha = has (list, "A");
  if (header->has_alpha)
    decoder->names[colours] = "A";
  header->channels = colours + (header->has_alpha ? 1 : 0);
  header->model = colour ? IE_MODEL_RGB : IE_MODEL_GRAY;
  header->depth = IE_DEPTH_FLOAT;
  if (list->num_channels > header->channels)
    ie_fidelity_note (whole->limits.fidelity, IE_ITEM_LAYOUT, IE_FIDELITY_DROPPED,
                      _ ("%d further channels are not read"),
                      list->num_channels - header->channels);
  return TRUE;
}

static gboolean
is_wanted (const IeWholeSource *whole, const char *name)
{
  const Decoder *decoder = whole->decoder;
  for (int c = 0; c < whole->source.header.channels; c++)
    if (strcmp (name, decoder->names[c]) == 0)
      return TRUE;
  return FALSE;
}

/* How the samples are stored. */
static void
keep_layout (IeWholeSource *whole)
{
  Decoder *decoder = whole->decoder;
  IeLayout *layout = ie_metadata_layout (&whole->metadata);
  const exr_attr_chlist_t *list;
  exr_compression_t compression = EXR_COMPRESSION_ZIP;
  exr_get_compression (decoder->context, 0, &compression);
  layout->exr.known = TRUE;
  layout->exr.compression = (int) compression;
  layout->exr.half = exr_get_channels (decoder->context, 0, &list) == EXR_ERR_SUCCESS;
  for (int i = 0; layout->exr.half && i < list->num_channels; i++)
    layout->exr.half = list->entries[i].pixel_type == EXR_PIXEL_HALF || !is_wanted (whole, list->entries[i].name.str);
}

/* Linear light; ITU-R BT.709 where the file names no primaries. */
static void
make_profile (IeWholeSource *whole)
{
  Decoder *decoder = whole->decoder;
  IePngColour colour = { .has_gamma = TRUE, .gamma = 100000 };
  exr_attr_chromaticities_t c;
  if (exr_attr_get_chromaticities (decoder->context, 0, "chromaticities", &c) == EXR_ERR_SUCCESS) {
    const float *from[] = { &c.white_x, &c.red_x, &c.green_x, &c.blue_x };
    gint32 *to[] = { colour.white, colour.red, colour.green, colour.blue };
    colour.has_primaries = TRUE;
    for (int i = 0; i < 4; i++)
      for (int k = 0; k < 2; k++)
        to[i][k] = (gint32) (CLAMP (from[i][k], -10.0f, 10.0f) * 100000.0f + 0.5f);
  }
  whole->metadata.icc = ie_png_profile (&colour, whole->source.header.model == IE_MODEL_GRAY);
}

static gboolean
read_header (IeWholeSource *whole, GError **error)
{
  Decoder *decoder = g_new0 (Decoder, 1);
  exr_context_initializer_t setup = EXR_DEFAULT_CONTEXT_INITIALIZER;
  exr_storage_t storage;
  int parts = 0;
  whole->decoder = decoder;
  decoder->data = g_bytes_get_data (whole->file, &decoder->size);
  setup.user_data = decoder;
  setup.read_fn = read_bytes;
  setup.size_fn = file_size;
  setup.error_handler_fn = drop_message;
  setup.max_image_width = setup.max_image_height = whole->limits.side;
  exr_result_t code = exr_start_read (&decoder->context, "picture", &setup);
  if (code == EXR_ERR_SUCCESS)
    code = exr_get_storage (decoder->context, 0, &storage);
  if (code == EXR_ERR_SUCCESS)
    code = exr_get_data_window (decoder->context, 0, &decoder->window);
  if (code == EXR_ERR_SUCCESS)
    code = exr_get_count (decoder->context, &parts);
  if (code != EXR_ERR_SUCCESS)
    return fail (code, error);
  if (storage != EXR_STORAGE_SCANLINE && storage != EXR_STORAGE_TILED) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("deep OpenEXR is not supported"));
    return FALSE;
  }
  decoder->tiled = storage == EXR_STORAGE_TILED;
  gint64 width = (gint64) decoder->window.max.x - decoder->window.min.x + 1;
  gint64 height = (gint64) decoder->window.max.y - decoder->window.min.y + 1;
  guint64 chunk = 0;
  if (!ie_whole_set_size (whole, (guint64) MAX (width, 0), (guint64) MAX (height, 0), error) ||
      !choose_channels (whole, error))
    return FALSE;
  if (exr_get_chunk_unpacked_size (decoder->context, 0, &chunk) != EXR_ERR_SUCCESS || chunk > MOST_CHUNK)
    return ie_fail_damaged (error, "OpenEXR", _ ("its pieces are too large"));
  if (parts > 1)
    ie_fidelity_note (whole->limits.fidelity, IE_ITEM_PAGES, IE_FIDELITY_DROPPED, _ ("%d further parts are not read"),
                      parts - 1);
  make_profile (whole);
  keep_layout (whole);
  return ie_exr_read_attributes (decoder->context, &whole->limits, &whole->metadata, error);
}

/* Gives every channel of a chunk a plane of its own, also those that are not wanted: OpenEXR 3.1 mixes up the
 * channels of half that it is to interleave as R, G, B, A, and its versions differ in what they do to channels that
 * are left out. NULL: no memory. g_free(). */
static float *
aim (IeWholeSource *whole, exr_decode_pipeline_t *pipeline)
{
  guint64 samples = 0;
  for (int i = 0; i < pipeline->channel_count; i++)
    samples += (guint64) MAX (pipeline->channels[i].width, 0) * (guint64) MAX (pipeline->channels[i].height, 0);
  float *planes = samples <= MOST_CHUNK / 2 ? g_try_malloc (MAX (samples, 1) * sizeof (float)) : NULL, *plane = planes;
  for (int i = 0; planes && i < pipeline->channel_count; i++) {
    exr_coding_channel_info_t *channel = &pipeline->channels[i];
    channel->decode_to_ptr = (guint8 *) plane;
    channel->user_bytes_per_element = sizeof (float);
    channel->user_data_type = channel->data_type == EXR_PIXEL_UINT && !is_wanted (whole, channel->channel_name)
                                  ? EXR_PIXEL_UINT
                                  : EXR_PIXEL_FLOAT;
    channel->user_pixel_stride = sizeof (float);
    channel->user_line_stride = channel->width * (int32_t) sizeof (float);
    plane += (gsize) MAX (channel->width, 0) * (gsize) MAX (channel->height, 0);
  }
  return planes;
}

/* The planes of a chunk whose first pixel is (x, y) of the picture, into it. */
static void
interleave (IeWholeSource *whole, const exr_decode_pipeline_t *pipeline, const exr_chunk_info_t *chunk, int x, int y)
{
  const IeHeader *header = &whole->source.header;
  Decoder *decoder = whole->decoder;
  for (int i = 0; i < pipeline->channel_count; i++) {
    const float *from = (const float *) (gconstpointer) pipeline->channels[i].decode_to_ptr;
    for (int c = 0; c < header->channels; c++) {
      if (strcmp (pipeline->channels[i].channel_name, decoder->names[c]) != 0)
        continue;
      for (int row = 0; row < chunk->height; row++) {
        float *to = (float *) (gpointer) (whole->picture + whole->row_bytes * (gsize) (y + row)) +
                    (gsize) x * (gsize) header->channels + c;
        for (int k = 0; k < chunk->width; k++, to += header->channels)
          *to = from[(gsize) row * (gsize) chunk->width + (gsize) k];
      }
    }
  }
}

static exr_result_t
decode_chunk (IeWholeSource *whole, const exr_chunk_info_t *chunk, int x, int y)
{
  const IeHeader *header = &whole->source.header;
  Decoder *decoder = whole->decoder;
  exr_decode_pipeline_t pipeline = EXR_DECODE_PIPELINE_INITIALIZER;
  float *planes = NULL;
  if (x < 0 || y < 0 || x + chunk->width > header->width || y + chunk->height > header->height)
    return EXR_ERR_BAD_CHUNK_LEADER;
  exr_result_t code = exr_decoding_initialize (decoder->context, 0, chunk, &pipeline);
  if (code == EXR_ERR_SUCCESS) {
    planes = aim (whole, &pipeline);
    code = planes ? exr_decoding_choose_default_routines (decoder->context, 0, &pipeline) : EXR_ERR_OUT_OF_MEMORY;
  }
  if (code == EXR_ERR_SUCCESS)
    code = exr_decoding_run (decoder->context, 0, &pipeline);
  if (code == EXR_ERR_SUCCESS)
    interleave (whole, &pipeline, chunk, x, y);
  exr_decoding_destroy (decoder->context, &pipeline);
  g_free (planes);
  return code;
}

static exr_result_t
decode_tiles (IeWholeSource *whole)
{
  const IeHeader *header = &whole->source.header;
  Decoder *decoder = whole->decoder;
  int32_t width = 0, height = 0;
  exr_result_t code = exr_get_tile_sizes (decoder->context, 0, 0, 0, &width, &height);
  if (code == EXR_ERR_SUCCESS && (width < 1 || height < 1))
    code = EXR_ERR_BAD_CHUNK_LEADER;
  for (int y = 0; code == EXR_ERR_SUCCESS && y < header->height; y += height)
    for (int x = 0; code == EXR_ERR_SUCCESS && x < header->width; x += width) {
      exr_chunk_info_t chunk;
      code = exr_read_tile_chunk_info (decoder->context, 0, x / width, y / height, 0, 0, &chunk);
      if (code == EXR_ERR_SUCCESS)
        code = decode_chunk (whole, &chunk, x, y);
    }
  return code;
}

static exr_result_t
decode_lines (IeWholeSource *whole)
{
  Decoder *decoder = whole->decoder;
  int32_t lines = 0;
  exr_result_t code = exr_get_scanlines_per_chunk (decoder->context, 0, &lines);
  if (code == EXR_ERR_SUCCESS && lines < 1)
    code = EXR_ERR_BAD_CHUNK_LEADER;
  for (int y = 0; code == EXR_ERR_SUCCESS && y < whole->source.header.height; y += lines) {
    exr_chunk_info_t chunk;
    code = exr_read_scanline_chunk_info (decoder->context, 0, decoder->window.min.y + y, &chunk);
    if (code == EXR_ERR_SUCCESS)
      code = decode_chunk (whole, &chunk, 0, y);
  }
  return code;
}

/* OpenEXR's colour is multiplied by alpha; ours is not. */
static void
divide_by_alpha (IeWholeSource *whole)
{
  const IeHeader *header = &whole->source.header;
  float *pixel = (float *) (gpointer) whole->picture;
  gsize pixels = (gsize) header->width * (gsize) header->height;
  for (gsize i = 0; i < pixels; i++, pixel += header->channels) {
    float alpha = pixel[header->channels - 1];
    for (int c = 0; alpha > 0 && c < header->channels - 1; c++)
      pixel[c] /= alpha;
  }
}

static gboolean
decode (IeWholeSource *whole, GError **error)
{
  exr_result_t code = ((Decoder *) whole->decoder)->tiled ? decode_tiles (whole) : decode_lines (whole);
  if (code != EXR_ERR_SUCCESS)
    return fail (code, error);
  if (whole->source.header.has_alpha)
    divide_by_alpha (whole);
  return TRUE;
}

static IeSource *
exr_open (int fd, const IeReadLimits *limits, GError **error)
{
  return ie_whole_open (fd, limits, WORKING, read_header, decode, close_decoder, error);
}

const IeFormat ie_format_exr = {
  .name = "exr",
  .label = "OpenEXR",
  .extensions = ie_extensions_exr,
  .can = IE_CAN_U8 | IE_CAN_U16 | IE_CAN_FLOAT | IE_CAN_ALPHA,
  .carries = IE_CARRIES_PROFILE | IE_CARRIES_TEXT | IE_CARRIES_RESOLUTION,
  .sniff = ie_sniff_exr,
  .open = exr_open,
  .create = ie_exr_create,
};
