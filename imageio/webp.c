// SPDX-License-Identifier: GPL-3.0-or-later
/* WebP (RFC 9649) by libwebp: 8 bits, RGB with or without alpha, lossy and lossless. Of an animation the first picture is
 * read. */
#include "core/i18n.h"
#include "imageio/whole.h"

#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#define WORKING_READ 4.0  /* bytes a pixel, measured: lossless decoding holds a second picture */
#define WORKING_WRITE 20.0
#define MOST_SIDE 16383

static WebPData
bytes_of (GBytes *bytes)
{
  WebPData data;
  data.bytes = g_bytes_get_data (bytes, &data.size);
  return data;
}

static void
close_decoder (IeWholeSource *whole)
{
  WebPDemuxDelete (whole->decoder);
}

static void
read_blocks (IeWholeSource *whole)
{
  static const char *const names[] = { "ICCP", "EXIF", "XMP " };
  for (int i = 0; i < 3; i++) {
    WebPChunkIterator chunk;
    if (!WebPDemuxGetChunk (whole->decoder, names[i], 1, &chunk))
      continue;
    if (i == 0)
      ie_whole_keep_icc (whole, chunk.chunk.bytes, chunk.chunk.size);
    else if (i == 1)
      ie_whole_keep_exif (whole, chunk.chunk.bytes, chunk.chunk.size);
    else
      ie_whole_keep (whole, &whole->metadata.xmp, chunk.chunk.bytes, chunk.chunk.size, IE_ITEM_XMP);
    WebPDemuxReleaseChunkIterator (&chunk);
  }
}

static gboolean
read_first_frame (IeWholeSource *whole, GError **error)
{
  IeHeader *header = &whole->source.header;
  WebPIterator frame;
  WebPBitstreamFeatures features;
  if (!WebPDemuxGetFrame (whole->decoder, 1, &frame))
    return ie_fail_damaged (error, "WebP", _ ("no picture in it"));
  VP8StatusCode status = WebPGetFeatures (frame.fragment.bytes, frame.fragment.size, &features);
  gboolean covers = frame.width == header->width && frame.height == header->height;
  gboolean complete = frame.complete;
  WebPDemuxReleaseIterator (&frame);
  if (status != VP8_STATUS_OK)
    return ie_fail_damaged (error, "WebP", _ ("its first picture cannot be read"));
  if (!complete)
    return ie_fail_short (error, 0);
  header->has_alpha = features.has_alpha || !covers;
  header->channels = header->has_alpha ? 4 : 3;
  ie_metadata_layout (&whole->metadata)->lossy = features.format != 2;
  return TRUE;
}

static gboolean
read_header (IeWholeSource *whole, GError **error)
{
  WebPData data = bytes_of (whole->file);
  WebPDemuxState state;
  whole->decoder = WebPDemuxPartial (&data, &state);
  if (!whole->decoder || state == WEBP_DEMUX_PARSE_ERROR)
    return ie_fail_damaged (error, "WebP", _ ("not what its header says"));
  if (!ie_whole_set_size (whole, WebPDemuxGetI (whole->decoder, WEBP_FF_CANVAS_WIDTH),
                          WebPDemuxGetI (whole->decoder, WEBP_FF_CANVAS_HEIGHT), error))
    return FALSE;
  whole->source.header.model = IE_MODEL_RGB;
  whole->source.header.depth = IE_DEPTH_U8;
  if (!read_first_frame (whole, error))
    return FALSE;
  guint32 frames = WebPDemuxGetI (whole->decoder, WEBP_FF_FRAME_COUNT);
  if (frames > 1)
    ie_fidelity_note (whole->limits.fidelity, IE_ITEM_ANIMATION, IE_FIDELITY_DROPPED,
                      _ ("only the first of %u frames is read"), frames);
  read_blocks (whole);
  return TRUE;
}

static gboolean
decode (IeWholeSource *whole, GError **error)
{
  const IeHeader *header = &whole->source.header;
  WebPDecoderConfig config;
  WebPIterator frame;
  if (!WebPInitDecoderConfig (&config) || !WebPDemuxGetFrame (whole->decoder, 1, &frame))
    return ie_fail_damaged (error, "WebP", _ ("no picture in it"));
  gsize place = whole->row_bytes * (gsize) frame.y_offset + (gsize) frame.x_offset * (gsize) header->channels;
  gboolean inside = frame.x_offset + frame.width <= header->width && frame.y_offset + frame.height <= header->height;
  config.output.colorspace = header->has_alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = whole->picture + place;
  config.output.u.RGBA.stride = (int) whole->row_bytes;
  config.output.u.RGBA.size = whole->row_bytes * (gsize) header->height - place;
  VP8StatusCode status = inside ? WebPDecode (frame.fragment.bytes, frame.fragment.size, &config)
                                : VP8_STATUS_BITSTREAM_ERROR;
  WebPDemuxReleaseIterator (&frame);
  WebPFreeDecBuffer (&config.output);
  if (status == VP8_STATUS_OK)
    return TRUE;
  if (status == VP8_STATUS_OUT_OF_MEMORY) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for the WebP decoder"));
    return FALSE;
  }
  if (status == VP8_STATUS_NOT_ENOUGH_DATA || status == VP8_STATUS_SUSPENDED)
    return ie_fail_short (error, 0);
  return ie_fail_damaged (error, "WebP", _ ("its samples cannot be decoded"));
}

static IeSource *
webp_open (int fd, const IeReadLimits *limits, GError **error)
{
  return ie_whole_open (fd, limits, WORKING_READ, read_header, decode, close_decoder, error);
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

static gboolean
configure (const IeWholeSink *sink, WebPConfig *config)
{
  gboolean lossy = ie_whole_lossy (sink);
  if (!WebPConfigInit (config))
    return FALSE;
  if (lossy)
    config->quality = (float) ie_whole_quality (sink);
  else if (!WebPConfigLosslessPreset (config, 4))
    return FALSE;
  config->alpha_quality = 100;
  config->exact = 1; /* colour under alpha 0 is the picture's too */
  return WebPValidateConfig (config);
}

static gboolean
encode_samples (IeWholeSink *sink, WebPMemoryWriter *memory, GError **error)
{
  WebPConfig config;
  WebPPicture picture;
  if (!configure (sink, &config) || !WebPPictureInit (&picture))
    return ie_whole_fail (sink, _ ("libwebp of another version"), error);
  picture.use_argb = !ie_whole_lossy (sink);
  picture.width = sink->header.width;
  picture.height = sink->header.height;
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = memory;
  int stride = (int) sink->row_bytes;
  gboolean good = sink->header.has_alpha ? WebPPictureImportRGBA (&picture, sink->picture, stride)
                                         : WebPPictureImportRGB (&picture, sink->picture, stride);
  good = good && WebPEncode (&config, &picture);
  int code = picture.error_code;
  WebPPictureFree (&picture);
  if (!good && code != VP8_ENC_ERROR_OUT_OF_MEMORY && code != VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY)
    return ie_whole_fail (sink, _ ("libwebp failed"), error);
  if (!good)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for the WebP encoder"));
  return good;
}

/* The file: the bare bitstream, or with ICC, EXIF and XMP around it. */
static gboolean
put_file (IeWholeSink *sink, const WebPMemoryWriter *memory, GError **error)
{
  const IeMetadata *metadata = sink->header.metadata;
  GBytes *exif = ie_metadata_exif (metadata);
  GBytes *const blocks[] = { metadata ? metadata->icc : NULL, exif, metadata ? metadata->xmp : NULL };
  static const char *const names[] = { "ICCP", "EXIF", "XMP " };
  WebPData bare = { memory->mem, memory->size }, assembled = { NULL, 0 };
  WebPMux *mux = WebPMuxNew ();
  gboolean good = mux && WebPMuxSetImage (mux, &bare, 0) == WEBP_MUX_OK;
  for (int i = 0; i < 3 && good; i++) {
    WebPData block = blocks[i] ? bytes_of (blocks[i]) : (WebPData){ NULL, 0 };
    good = !blocks[i] || WebPMuxSetChunk (mux, names[i], &block, 0) == WEBP_MUX_OK;
  }
  good = good && WebPMuxAssemble (mux, &assembled) == WEBP_MUX_OK;
  WebPMuxDelete (mux);
  if (exif)
    g_bytes_unref (exif);
  good = good ? ie_whole_put (sink, assembled.bytes, assembled.size, error)
              : ie_whole_fail (sink, _ ("metadata do not fit"), error);
  WebPDataClear (&assembled);
  return good;
}

static gboolean
encode (IeWholeSink *sink, GError **error)
{
  WebPMemoryWriter memory;
  WebPMemoryWriterInit (&memory);
  gboolean good = encode_samples (sink, &memory, error) && put_file (sink, &memory, error);
  WebPMemoryWriterClear (&memory);
  return good;
}

static IeFileSink *
webp_create (int fd, const IeWriteOptions *options, GError **error)
{
  IeWholeSink *sink = ie_whole_sink_new (fd, &ie_format_webp, options, encode);
  sink->working = WORKING_WRITE;
  sink->expand_gray = TRUE;
  sink->most_side = MOST_SIDE;
  return &sink->file;
}

const IeFormat ie_format_webp = {
  .name = "webp",
  .label = "WebP",
  .extensions = ie_extensions_webp,
  .can = IE_CAN_U8 | IE_CAN_ALPHA,
  .carries = IE_CARRIES_PROFILE | IE_CARRIES_EXIF | IE_CARRIES_XMP | IE_CARRIES_ORIENTATION,
  .sniff = ie_sniff_webp,
  .open = webp_open,
  .create = webp_create,
};
