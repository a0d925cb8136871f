// SPDX-License-Identifier: GPL-3.0-or-later
/* JPEG XL (ISO/IEC 18181) by libjxl: gray or RGB of up to 16 bits or float, with or without alpha; the first picture. */
#include "core/i18n.h"
#include "imageio/whole.h"

#include <jxl/decode.h>
#include <jxl/version.h>

#define WORKING 24.0 /* bytes a pixel: three channels of float, twice */

/* Until version 0.9 the functions for profiles took a pixel format that meant nothing. */
#if JPEGXL_NUMERIC_VERSION >= JPEGXL_COMPUTE_NUMERIC_VERSION(0, 9, 0)
#define UNUSED_FORMAT
#else
#define UNUSED_FORMAT NULL,
#endif

static JxlPixelFormat
pixel_format (const IeHeader *header)
{
  JxlDataType type = header->depth == IE_DEPTH_U8    ? JXL_TYPE_UINT8
                     : header->depth == IE_DEPTH_U16 ? JXL_TYPE_UINT16
                                                     : JXL_TYPE_FLOAT;
  return (JxlPixelFormat){ (guint32) header->channels, type, JXL_NATIVE_ENDIAN, 0 };
}

static gboolean
take_info (IeWholeSource *whole, JxlDecoder *decoder, GError **error)
{
  IeHeader *header = &whole->source.header;
  JxlBasicInfo info;
  if (JxlDecoderGetBasicInfo (decoder, &info) != JXL_DEC_SUCCESS)
    return ie_fail_damaged (error, "JPEG XL", _ ("no header"));
  if (!ie_whole_set_size (whole, info.xsize, info.ysize, error))
    return FALSE;
  IeFidelity *fidelity = whole->limits.fidelity;
  header->has_alpha = info.alpha_bits > 0;
  header->channels = (int) info.num_color_channels + (header->has_alpha ? 1 : 0);
  header->model = info.num_color_channels == 1 ? IE_MODEL_GRAY : IE_MODEL_RGB;
  header->depth = info.exponent_bits_per_sample > 0 || info.bits_per_sample > 16 ? IE_DEPTH_FLOAT
                  : info.bits_per_sample > 8                                    ? IE_DEPTH_U16
                                                                                : IE_DEPTH_U8;
  if (header->depth == IE_DEPTH_U16 && info.bits_per_sample < 16)
    header->bits = (int) info.bits_per_sample;
  whole->metadata.orientation = (int) info.orientation;
  ie_metadata_layout (&whole->metadata)->lossy = !info.uses_original_profile;
  if (info.num_extra_channels > (header->has_alpha ? 1u : 0u))
    ie_fidelity_note (fidelity, IE_ITEM_LAYOUT, IE_FIDELITY_DROPPED, _ ("%u extra channels are not read"),
                      info.num_extra_channels - (header->has_alpha ? 1u : 0u));
  if (info.have_animation)
    ie_fidelity_note (fidelity, IE_ITEM_ANIMATION, IE_FIDELITY_DROPPED, _ ("only the first frame is read"));
  return TRUE;
}

static void
take_profile (IeWholeSource *whole, JxlDecoder *decoder)
{
  JxlColorEncoding colour;
  gsize size = 0;
  gboolean named = JxlDecoderGetColorAsEncodedProfile (decoder, UNUSED_FORMAT JXL_COLOR_PROFILE_TARGET_DATA, &colour) ==
                   JXL_DEC_SUCCESS;
  if (named && colour.white_point == JXL_WHITE_POINT_D65 && colour.transfer_function == JXL_TRANSFER_FUNCTION_SRGB &&
      (colour.color_space == JXL_COLOR_SPACE_GRAY || colour.primaries == JXL_PRIMARIES_SRGB))
    return; /* what no profile means */
  if (JxlDecoderGetICCProfileSize (decoder, UNUSED_FORMAT JXL_COLOR_PROFILE_TARGET_DATA, &size) != JXL_DEC_SUCCESS ||
      size == 0 || size > whole->limits.icc)
    return;
  guint8 *icc = g_malloc (size);
  if (JxlDecoderGetColorAsICCProfile (decoder, UNUSED_FORMAT JXL_COLOR_PROFILE_TARGET_DATA, icc, size) == JXL_DEC_SUCCESS)
    ie_whole_keep_icc (whole, icc, size);
  g_free (icc);
}

/* Takes the bytes of the box that ends now. */
static void
end_box (IeWholeSource *whole, JxlDecoder *decoder, char *type, guint8 *buffer, gsize room)
{
  if (!*type)
    return;
  gsize size = room - JxlDecoderReleaseBoxBuffer (decoder);
  if (strcmp (type, "xml ") == 0)
    ie_whole_keep (whole, &whole->metadata.xmp, buffer, size, IE_ITEM_XMP);
  else if (size > 4) /* an offset comes first */
    ie_whole_keep_exif (whole, buffer + 4, size - 4);
  *type = 0;
}

typedef struct {
  IeWholeSource *whole;
  JxlDecoder *decoder;
  guint8 *box;
  char type[5]; /* of the box that is being read; "": none */
  gboolean pixels, seen; /* wanted; there */
} Reading;

static void
begin_box (Reading *reading)
{
  gsize room = reading->whole->limits.text;
  end_box (reading->whole, reading->decoder, reading->type, reading->box, room);
  JxlBoxType type;
  if (JxlDecoderGetBoxType (reading->decoder, type, JXL_TRUE) != JXL_DEC_SUCCESS ||
      (memcmp (type, "Exif", 4) != 0 && memcmp (type, "xml ", 4) != 0))
    return;
  if (!reading->box)
    reading->box = g_try_malloc (room);
  if (reading->box && JxlDecoderSetBoxBuffer (reading->decoder, reading->box, room) == JXL_DEC_SUCCESS)
    memcpy (reading->type, type, 4);
}

static gboolean
set_buffer (Reading *reading, GError **error)
{
  IeWholeSource *whole = reading->whole;
  JxlPixelFormat format = pixel_format (&whole->source.header);
  gsize need, have = whole->row_bytes * (gsize) whole->source.header.height;
  if (JxlDecoderImageOutBufferSize (reading->decoder, &format, &need) != JXL_DEC_SUCCESS || need != have ||
      JxlDecoderSetImageOutBuffer (reading->decoder, &format, whole->picture, have) != JXL_DEC_SUCCESS)
    return ie_fail_damaged (error, "JPEG XL", _ ("its picture is not of the size that was announced"));
  return TRUE;
}

/* One event; *done: nothing more is wanted. */
static gboolean
step (Reading *reading, gboolean *done, GError **error)
{
  IeWholeSource *whole = reading->whole;
  switch (JxlDecoderProcessInput (reading->decoder)) {
  case JXL_DEC_BASIC_INFO:
    reading->seen = TRUE;
    return reading->pixels || take_info (whole, reading->decoder, error);
  case JXL_DEC_COLOR_ENCODING:
    if (!reading->pixels)
      take_profile (whole, reading->decoder);
    return TRUE;
  case JXL_DEC_BOX:
    begin_box (reading);
    return TRUE;
  case JXL_DEC_BOX_NEED_MORE_OUTPUT:
    JxlDecoderReleaseBoxBuffer (reading->decoder);
    ie_fidelity_note (whole->limits.fidelity, strcmp (reading->type, "Exif") ? IE_ITEM_XMP : IE_ITEM_EXIF,
                      IE_FIDELITY_DROPPED, _ ("longer than the limit"));
    *reading->type = 0;
    *done = TRUE;
    return TRUE;
  case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
    return set_buffer (reading, error);
  case JXL_DEC_FULL_IMAGE:
  case JXL_DEC_SUCCESS:
    end_box (whole, reading->decoder, reading->type, reading->box, whole->limits.text);
    *done = TRUE;
    return TRUE;
  case JXL_DEC_NEED_MORE_INPUT:
    if (reading->pixels || !reading->seen)
      return ie_fail_short (error, 0);
    *done = TRUE; /* of what stands behind the samples of a damaged file nothing is known */
    return TRUE;
  default:
    return ie_fail_damaged (error, "JPEG XL", _ ("libjxl cannot decode it"));
  }
}

static gboolean
process (IeWholeSource *whole, gboolean pixels, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (whole->file, &size);
  int wanted = pixels ? JXL_DEC_FULL_IMAGE : JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING | JXL_DEC_BOX;
  Reading reading = { .whole = whole, .decoder = JxlDecoderCreate (NULL), .pixels = pixels };
  gboolean done = FALSE, good = reading.decoder &&
                                JxlDecoderSubscribeEvents (reading.decoder, wanted) == JXL_DEC_SUCCESS &&
                                JxlDecoderSetKeepOrientation (reading.decoder, JXL_TRUE) == JXL_DEC_SUCCESS &&
                                JxlDecoderSetUnpremultiplyAlpha (reading.decoder, JXL_TRUE) == JXL_DEC_SUCCESS &&
                                JxlDecoderSetInput (reading.decoder, data, size) == JXL_DEC_SUCCESS;
  if (good && !pixels)
    JxlDecoderSetDecompressBoxes (reading.decoder, JXL_TRUE);
  if (good)
    JxlDecoderCloseInput (reading.decoder);
  else
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for libjxl"));
  while (good && !done)
    good = step (&reading, &done, error);
  g_free (reading.box);
  JxlDecoderDestroy (reading.decoder);
  return good;
}

static gboolean
read_header (IeWholeSource *whole, GError **error)
{
  return process (whole, FALSE, error);
}

static gboolean
decode (IeWholeSource *whole, GError **error)
{
  return process (whole, TRUE, error);
}

static IeSource *
jxl_open (int fd, const IeReadLimits *limits, GError **error)
{
  return ie_whole_open (fd, limits, WORKING, read_header, decode, NULL, error);
}

const IeFormat ie_format_jxl = {
  .name = "jxl",
  .label = "JPEG XL",
  .extensions = ie_extensions_jxl,
  .can = IE_CAN_U8 | IE_CAN_U16 | IE_CAN_FLOAT | IE_CAN_ALPHA,
  .carries = IE_CARRIES_PROFILE | IE_CARRIES_EXIF | IE_CARRIES_XMP | IE_CARRIES_ORIENTATION,
  .sniff = ie_sniff_jxl,
  .open = jxl_open,
  .create = ie_jxl_create,
};
