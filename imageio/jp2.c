// SPDX-License-Identifier: GPL-3.0-or-later
/* JPEG 2000 (ISO/IEC 15444-1, -2 Annex M for metadata) by OpenJPEG: gray, RGB, sYCC and CMYK of up to 16 bits, with or
 * without alpha, subsampled components too; JP2 files and bare code streams. */
#include "imageio/jp2.h"

#include "core/i18n.h"

#define WORKING 24.0 /* bytes a pixel: 32-bit components, and as much for the wavelets */

static const guint8 uuid_xmp[16] = { 0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8,
                                     0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac };
static const guint8 uuid_exif[16] = { 'J', 'p', 'g', 'T', 'i', 'f', 'f', 'E', 'x', 'i', 'f', '-', '>', 'J', 'P', '2' };
static const guint8 uuid_iptc[16] = { 0x33, 0xc7, 0xa4, 0xd2, 0xb8, 0x1d, 0x47, 0x23,
                                      0xa0, 0xba, 0xf1, 0xa3, 0xe0, 0x97, 0xad, 0x38 };

typedef struct {
  const guint8 *data;
  gsize size, at;
} Bytes;

typedef struct {
  opj_codec_t *codec;
  opj_stream_t *stream;
  opj_image_t *image;
  Bytes bytes;
  char message[160];
} Decoder;

const guint8 *
ie_jp2_uuid (IeJp2Block block)
{
  return block == IE_JP2_XMP ? uuid_xmp : block == IE_JP2_EXIF ? uuid_exif : uuid_iptc;
}

static OPJ_SIZE_T
read_bytes (void *into, OPJ_SIZE_T size, void *data)
{
  Bytes *bytes = data;
  gsize part = MIN (size, bytes->size - bytes->at);
  memcpy (into, bytes->data + bytes->at, part);
  bytes->at += part;
  return part ? part : (OPJ_SIZE_T) -1;
}

static OPJ_OFF_T
skip_bytes (OPJ_OFF_T count, void *data)
{
  Bytes *bytes = data;
  if (count < 0 || (guint64) count > bytes->size - bytes->at)
    return -1;
  bytes->at += (gsize) count;
  return count;
}

static OPJ_BOOL
seek_bytes (OPJ_OFF_T offset, void *data)
{
  Bytes *bytes = data;
  if (offset < 0 || (guint64) offset > bytes->size)
    return OPJ_FALSE;
  bytes->at = (gsize) offset;
  return OPJ_TRUE;
}

static void
keep_message (const char *message, void *data)
{
  Decoder *decoder = data;
  if (!*decoder->message)
    g_strlcpy (decoder->message, message, sizeof decoder->message);
}

static void
drop_message (const char *message, void *data)
{
}

static void
close_decoder (IeWholeSource *whole)
{
  Decoder *decoder = whole->decoder;
  opj_image_destroy (decoder->image);
  opj_stream_destroy (decoder->stream);
  opj_destroy_codec (decoder->codec);
  g_free (decoder);
}

static guint32
number (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

/* A box: its name and what is in it. FALSE: none that lies in the bytes. */
static gboolean
next_box (const guint8 *data, gsize size, gsize *at, const char **name, const guint8 **content, gsize *length)
{
  if (size - *at < 8)
    return FALSE;
  guint64 whole = number (data + *at);
  gsize head = 8;
  if (whole == 1 && size - *at >= 16) {
    whole = (guint64) number (data + *at + 8) << 32 | number (data + *at + 12);
    head = 16;
  }
  if (whole == 0)
    whole = size - *at;
  if (whole < head || whole > size - *at)
    return FALSE;
  *name = (const char *) data + *at + 4;
  *content = data + *at + head;
  *length = (gsize) whole - head;
  *at += (gsize) whole;
  return TRUE;
}

static void
read_uuid (IeWholeSource *whole, const guint8 *data, gsize size)
{
  if (memcmp (data, uuid_xmp, 16) == 0)
    ie_whole_keep (whole, &whole->metadata.xmp, data + 16, size - 16, IE_ITEM_XMP);
  else if (memcmp (data, uuid_exif, 16) == 0)
    ie_whole_keep_exif (whole, data + 16, size - 16);
  else if (memcmp (data, uuid_iptc, 16) == 0)
    ie_whole_keep (whole, &whole->metadata.iptc, data + 16, size - 16, IE_ITEM_IPTC);
  else
    ie_fidelity_note (whole->limits.fidelity, IE_ITEM_CHUNKS, IE_FIDELITY_DROPPED, _ ("uuid box"));
}

/* The profile: OpenJPEG hands it out after decoding only. Methods of ISO/IEC 15444-1, I.5.3.3 and 15444-2, M.11.7.3. */
static void
read_colour (IeWholeSource *whole, const guint8 *data, gsize size)
{
  if (size > 3 && (data[0] == 2 || data[0] == 3))
    ie_whole_keep_icc (whole, data + 3, size - 3);
}

/* Metadata stand in boxes of the file's own level, which OpenJPEG passes over. */
static void
read_boxes (IeWholeSource *whole, const guint8 *data, gsize size)
{
  const char *name;
  const guint8 *content;
  gsize length;
  for (gsize at = 0; next_box (data, size, &at, &name, &content, &length);)
    if (memcmp (name, "uuid", 4) == 0 && length >= 16)
      read_uuid (whole, content, length);
    else if (memcmp (name, "jp2h", 4) == 0) {
      const guint8 *part;
      gsize part_length;
      for (gsize inside = 0; next_box (content, length, &inside, &name, &part, &part_length);)
        if (memcmp (name, "colr", 4) == 0)
          read_colour (whole, part, part_length);
    }
}

static gboolean
fail (Decoder *decoder, GError **error)
{
  return ie_fail_damaged (error, "JPEG 2000", *decoder->message ? decoder->message : _ ("OpenJPEG cannot decode it"));
}

static gboolean
set_model (IeWholeSource *whole, const opj_image_t *image, GError **error)
{
  IeHeader *header = &whole->source.header;
  int count = (int) image->numcomps;
  int colours = image->color_space == OPJ_CLRSPC_CMYK ? 4 : count >= 3 ? 3 : 1;
  if (count < colours || count > colours + 1) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("JPEG 2000 of %d components is not supported"), count);
    return FALSE;
  }
  header->channels = count;
  header->has_alpha = count > colours;
  header->model = colours == 4 ? IE_MODEL_CMYK : colours == 3 ? IE_MODEL_RGB : IE_MODEL_GRAY;
  guint32 most = 0;
  for (int i = 0; i < count; i++) {
    const opj_image_comp_t *component = &image->comps[i];
    if (component->prec < 1 || component->prec > 16 || component->dx < 1 || component->dy < 1) {
      g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
                   _ ("JPEG 2000 with samples of %u bits is not supported"), component->prec);
      return FALSE;
    }
    most = MAX (most, component->prec);
  }
  header->depth = most > 8 ? IE_DEPTH_U16 : IE_DEPTH_U8;
  header->bits = most > 8 && most < 16 ? (int) most : 0;
  return TRUE;
}

static gboolean
read_header (IeWholeSource *whole, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (whole->file, &size);
  Decoder *decoder = g_new0 (Decoder, 1);
  gboolean boxed = size >= 12 && data[0] == 0;
  opj_dparameters_t parameters;
  whole->decoder = decoder;
  decoder->bytes = (Bytes){ data, size, 0 };
  decoder->codec = opj_create_decompress (boxed ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K);
  opj_set_error_handler (decoder->codec, keep_message, decoder);
  opj_set_warning_handler (decoder->codec, drop_message, decoder);
  opj_set_info_handler (decoder->codec, drop_message, decoder);
  opj_set_default_decoder_parameters (&parameters);
  decoder->stream = opj_stream_create (IE_BUFFER_BYTES, OPJ_TRUE);
  opj_stream_set_read_function (decoder->stream, read_bytes);
  opj_stream_set_skip_function (decoder->stream, skip_bytes);
  opj_stream_set_seek_function (decoder->stream, seek_bytes);
  opj_stream_set_user_data (decoder->stream, &decoder->bytes, NULL);
  opj_stream_set_user_data_length (decoder->stream, size);
  if (!opj_setup_decoder (decoder->codec, &parameters) ||
      !opj_read_header (decoder->stream, decoder->codec, &decoder->image))
    return fail (decoder, error);
  const opj_image_t *image = decoder->image;
  if (image->x1 <= image->x0 || image->y1 <= image->y0)
    return ie_fail_damaged (error, "JPEG 2000", _ ("the picture has no pixels"));
  if (!ie_whole_set_size (whole, image->x1 - image->x0, image->y1 - image->y0, error) ||
      !set_model (whole, image, error))
    return FALSE;
  if (boxed)
    read_boxes (whole, data, size);
  return TRUE;
}

/* Sample of a component at a pixel of the picture, as 0 .. 2^prec - 1. */
static inline gint32
sample (const opj_image_t *image, int c, int x, int y)
{
  const opj_image_comp_t *component = &image->comps[c];
  guint32 cx = MIN ((guint32) x / component->dx, component->w - 1);
  guint32 cy = MIN ((guint32) y / component->dy, component->h - 1);
  gint32 value = component->data[(gsize) cy * component->w + cx] + (component->sgnd ? 1 << (component->prec - 1) : 0);
  return CLAMP (value, 0, (1 << component->prec) - 1);
}

/* sYCC (IEC 61966-2-1 Amd 1) to RGB, all in 0..1. */
static void
to_rgb (float *v)
{
  float y = v[0], cb = v[1] - 0.5f, cr = v[2] - 0.5f;
  v[0] = y + 1.402f * cr;
  v[1] = y - 0.344136f * cb - 0.714136f * cr;
  v[2] = y + 1.772f * cb;
}

static void
fill_row (IeWholeSource *whole, const opj_image_t *image, int y)
{
  const IeHeader *header = &whole->source.header;
  guint8 *row = whole->picture + whole->row_bytes * (gsize) y;
  float range = ie_depth_range (header->depth), values[IE_MAX_CHANNELS];
  gboolean ycc = image->color_space == OPJ_CLRSPC_SYCC && header->model == IE_MODEL_RGB;
  for (int x = 0; x < header->width; x++) {
    for (int c = 0; c < header->channels; c++)
      values[c] = (float) sample (image, c, x, y) / (float) ((1 << image->comps[c].prec) - 1);
    if (ycc)
      to_rgb (values);
    for (int c = 0; c < header->channels; c++) {
      gsize i = (gsize) x * (gsize) header->channels + (gsize) c;
      guint32 code = (guint32) (CLAMP (values[c], 0.0f, 1.0f) * range + 0.5f);
      if (header->depth == IE_DEPTH_U8)
        row[i] = (guint8) code;
      else
        ((guint16 *) (gpointer) row)[i] = (guint16) code;
    }
  }
}

static gboolean
decode (IeWholeSource *whole, GError **error)
{
  Decoder *decoder = whole->decoder;
  opj_image_t *image = decoder->image;
  if (!opj_decode (decoder->codec, decoder->stream, image) || !opj_end_decompress (decoder->codec, decoder->stream))
    return fail (decoder, error);
  if ((int) image->numcomps != whole->source.header.channels)
    return ie_fail_damaged (error, "JPEG 2000", _ ("its components are not what was announced"));
  for (guint c = 0; c < image->numcomps; c++)
    if (!image->comps[c].data || !image->comps[c].w || !image->comps[c].h)
      return ie_fail_damaged (error, "JPEG 2000", _ ("a component is missing"));
  for (int y = 0; y < whole->source.header.height; y++)
    fill_row (whole, image, y);
  return TRUE;
}

static IeSource *
jp2_open (int fd, const IeReadLimits *limits, GError **error)
{
  return ie_whole_open (fd, limits, WORKING, read_header, decode, close_decoder, error);
}

const IeFormat ie_format_jp2 = {
  .name = "jp2",
  .label = "JPEG 2000",
  .extensions = ie_extensions_jp2,
  .can = IE_CAN_U8 | IE_CAN_U16 | IE_CAN_ALPHA,
  .carries = IE_CARRIES_PROFILE | IE_CARRIES_EXIF | IE_CARRIES_XMP | IE_CARRIES_IPTC,
  .sniff = ie_sniff_jp2,
  .open = jp2_open,
  .create = ie_jp2_create,
};
