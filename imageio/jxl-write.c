// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes JPEG XL by libjxl, lossless or with a quality. */
#include "core/i18n.h"
#include "imageio/whole.h"

#include <jxl/encode.h>
#include <jxl/version.h>

#define WORKING 60.0 /* bytes a pixel, measured at this effort */
#define EFFORT 4
#define CHUNK_BYTES 65536
#define FLOAT_BITS 32
#define FLOAT_EXPONENT 8

/* libjxl's own scale (JxlEncoderDistanceFromQuality, version 0.9), for the versions before it. */
static float
distance_of (int quality)
{
  float q = (float) quality;
  return q >= 30 ? 0.1f + (100 - q) * 0.09f : 53.0f / 3000.0f * q * q - 23.0f / 20.0f * q + 25.0f;
}

static gboolean
set_info (IeWholeSink *sink, JxlEncoder *encoder)
{
  const IeHeader *header = &sink->header;
  const IeMetadata *metadata = header->metadata;
  JxlBasicInfo info;
  JxlEncoderInitBasicInfo (&info);
  info.xsize = (guint32) header->width;
  info.ysize = (guint32) header->height;
  info.bits_per_sample = header->depth == IE_DEPTH_FLOAT ? FLOAT_BITS : (guint32) (8 * ie_depth_bytes (header->depth));
  info.exponent_bits_per_sample = header->depth == IE_DEPTH_FLOAT ? FLOAT_EXPONENT : 0;
  info.num_color_channels = (guint32) ie_colours (header->channels, header->has_alpha);
  info.num_extra_channels = header->has_alpha ? 1 : 0;
  info.alpha_bits = header->has_alpha ? info.bits_per_sample : 0;
  info.alpha_exponent_bits = header->has_alpha ? info.exponent_bits_per_sample : 0;
  info.uses_original_profile = !ie_whole_lossy (sink);
  if (metadata && metadata->orientation >= 1 && metadata->orientation <= 8)
    info.orientation = (JxlOrientation) metadata->orientation;
  if (JxlEncoderSetBasicInfo (encoder, &info) != JXL_ENC_SUCCESS)
    return FALSE;
  gsize size = 0;
  const guint8 *icc = metadata && metadata->icc ? g_bytes_get_data (metadata->icc, &size) : NULL;
  if (size > 0 && JxlEncoderSetICCProfile (encoder, icc, size) == JXL_ENC_SUCCESS)
    return TRUE;
  if (size > 0)
    ie_fidelity_note (sink->options.fidelity, IE_ITEM_PROFILE, IE_FIDELITY_DROPPED, _ ("libjxl does not take it"));
  JxlColorEncoding srgb;
  JxlColorEncodingSetToSRGB (&srgb, info.num_color_channels == 1);
  return JxlEncoderSetColorEncoding (encoder, &srgb) == JXL_ENC_SUCCESS;
}

static gboolean
add_boxes (IeWholeSink *sink, JxlEncoder *encoder)
{
  const IeMetadata *metadata = sink->header.metadata;
  gboolean good = TRUE;
  gsize size;
  if (metadata && metadata->exif) {
    const guint8 *data = g_bytes_get_data (metadata->exif, &size);
    guint8 *box = g_malloc0 (size + 4); /* four bytes of offset come first */
    memcpy (box + 4, data, size);
    good = JxlEncoderAddBox (encoder, "Exif", box, size + 4, JXL_FALSE) == JXL_ENC_SUCCESS;
    g_free (box);
  }
  if (metadata && metadata->xmp) {
    const guint8 *data = g_bytes_get_data (metadata->xmp, &size);
    good = good && JxlEncoderAddBox (encoder, "xml ", data, size, JXL_FALSE) == JXL_ENC_SUCCESS;
  }
  JxlEncoderCloseBoxes (encoder);
  return good;
}

static gboolean
add_picture (IeWholeSink *sink, JxlEncoder *encoder)
{
  const IeHeader *header = &sink->header;
  JxlEncoderFrameSettings *settings = JxlEncoderFrameSettingsCreate (encoder, NULL);
  JxlDataType type = header->depth == IE_DEPTH_U8    ? JXL_TYPE_UINT8
                     : header->depth == IE_DEPTH_U16 ? JXL_TYPE_UINT16
                                                     : JXL_TYPE_FLOAT;
  JxlPixelFormat format = { (guint32) header->channels, type, JXL_NATIVE_ENDIAN, 0 };
  gboolean good = settings && JxlEncoderFrameSettingsSetOption (settings, JXL_ENC_FRAME_SETTING_EFFORT, EFFORT) ==
                                JXL_ENC_SUCCESS;
  /* Colour under alpha 0 is the picture's too. */
  good = good && JxlEncoderFrameSettingsSetOption (settings, JXL_ENC_FRAME_SETTING_KEEP_INVISIBLE, 1) == JXL_ENC_SUCCESS;
  if (good && ie_whole_lossy (sink))
    good = JxlEncoderSetFrameDistance (settings, distance_of (ie_whole_quality (sink))) == JXL_ENC_SUCCESS;
  else if (good)
    good = JxlEncoderSetFrameLossless (settings, JXL_TRUE) == JXL_ENC_SUCCESS;
  return good && JxlEncoderAddImageFrame (settings, &format, sink->picture,
                                          sink->row_bytes * (gsize) header->height) == JXL_ENC_SUCCESS;
}

static gboolean
put_all (IeWholeSink *sink, JxlEncoder *encoder, GError **error)
{
  guint8 *chunk = g_malloc (CHUNK_BYTES);
  JxlEncoderStatus status = JXL_ENC_NEED_MORE_OUTPUT;
  gboolean good = TRUE;
  JxlEncoderCloseInput (encoder);
  while (good && status == JXL_ENC_NEED_MORE_OUTPUT) {
    guint8 *next = chunk;
    size_t room = CHUNK_BYTES;
    status = JxlEncoderProcessOutput (encoder, &next, &room);
    good = ie_whole_put (sink, chunk, CHUNK_BYTES - room, error);
  }
  g_free (chunk);
  return good && (status == JXL_ENC_SUCCESS || ie_whole_fail (sink, _ ("libjxl failed"), error));
}

static gboolean
encode (IeWholeSink *sink, GError **error)
{
  const IeMetadata *metadata = sink->header.metadata;
  JxlEncoder *encoder = JxlEncoderCreate (NULL);
  gboolean boxes = metadata && (metadata->exif || metadata->xmp);
  gboolean good = encoder && (!boxes || JxlEncoderUseBoxes (encoder) == JXL_ENC_SUCCESS);
  if (good && !ie_whole_lossy (sink) && sink->header.depth != IE_DEPTH_U8)
    JxlEncoderSetCodestreamLevel (encoder, 10); /* deeper than level 5 allows */
  good = good && set_info (sink, encoder) && add_picture (sink, encoder) && (!boxes || add_boxes (sink, encoder));
  good = good ? put_all (sink, encoder, error) : ie_whole_fail (sink, _ ("libjxl does not take this picture"), error);
  if (encoder)
    JxlEncoderDestroy (encoder);
  return good;
}

IeFileSink *
ie_jxl_create (int fd, const IeWriteOptions *options, GError **error)
{
  IeWholeSink *sink = ie_whole_sink_new (fd, &ie_format_jxl, options, encode);
  sink->working = WORKING;
  return &sink->file;
}
