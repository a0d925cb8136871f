// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes JP2 by OpenJPEG, lossless or with a quality; metadata in uuid boxes behind the samples. */
#include "core/i18n.h"
#include "imageio/jp2.h"

#define WORKING 32.0
#define LEVELS 6
#define BOX_HEAD 8    /* length and name */
#define COLOUR_HEAD 3 /* method, precedence, approximation */
#define METHOD_PROFILE 2
#define MOST_PROFILE (64 << 20)
/* Decibels of the last quality layer: 92 gives 45, a photograph's usual "no visible loss". */
#define DECIBELS(quality) (18.0f + (quality) * 0.3f)

typedef struct {
  IeWholeSink *sink;
  GByteArray *bytes;
  guint64 at;
  char message[160];
} Stream;

/* OpenJPEG goes back to fill in lengths: all is gathered before anything is written. */
static OPJ_SIZE_T
write_bytes (void *from, OPJ_SIZE_T size, void *data)
{
  Stream *stream = data;
  if (stream->at + size > G_MAXUINT / 2)
    return (OPJ_SIZE_T) -1;
  if (stream->at + size > stream->bytes->len)
    g_byte_array_set_size (stream->bytes, (guint) (stream->at + size));
  memcpy (stream->bytes->data + stream->at, from, size);
  stream->at += size;
  return size;
}

static OPJ_OFF_T
skip_bytes (OPJ_OFF_T count, void *data)
{
  Stream *stream = data;
  if (count < 0)
    return -1;
  stream->at += (guint64) count;
  return count;
}

static OPJ_BOOL
seek_bytes (OPJ_OFF_T offset, void *data)
{
  Stream *stream = data;
  if (offset < 0)
    return OPJ_FALSE;
  stream->at = (guint64) offset;
  return OPJ_TRUE;
}

static void
keep_message (const char *message, void *data)
{
  Stream *stream = data;
  g_strlcpy (stream->message, message, sizeof stream->message);
  g_strchomp (stream->message);
}

static void
drop_message (const char *message, void *data)
{
}

static opj_image_t *
make_image (const IeWholeSink *sink)
{
  const IeHeader *header = &sink->header;
  opj_image_cmptparm_t parts[IE_MAX_CHANNELS] = { 0 };
  for (int c = 0; c < header->channels; c++) {
    parts[c].dx = parts[c].dy = 1;
    parts[c].w = (OPJ_UINT32) header->width;
    parts[c].h = (OPJ_UINT32) header->height;
    parts[c].prec = (OPJ_UINT32) (8 * ie_depth_bytes (header->depth));
  }
  gboolean gray = ie_colours (header->channels, header->has_alpha) == 1;
  opj_image_t *image =
    opj_image_create ((OPJ_UINT32) header->channels, parts, gray ? OPJ_CLRSPC_GRAY : OPJ_CLRSPC_SRGB);
  if (!image)
    return NULL;
  image->x1 = (OPJ_UINT32) header->width;
  image->y1 = (OPJ_UINT32) header->height;
  if (header->has_alpha)
    image->comps[header->channels - 1].alpha = 1;
  gsize pixels = (gsize) header->width * (gsize) header->height;
  const guint16 *wide = (const guint16 *) (gconstpointer) sink->picture;
  for (int c = 0; c < header->channels; c++)
    for (gsize i = 0, at = (gsize) c; i < pixels; i++, at += (gsize) header->channels)
      image->comps[c].data[i] = header->depth == IE_DEPTH_U8 ? sink->picture[at] : wide[at];
  return image;
}

static gboolean
compress (IeWholeSink *sink, Stream *memory, opj_image_t *image)
{
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters (&parameters);
  parameters.tcp_numlayers = 1;
  parameters.tcp_mct = ie_colours (sink->header.channels, sink->header.has_alpha) == 3;
  if (ie_whole_lossy (sink)) {
    parameters.irreversible = 1;
    parameters.cp_fixed_quality = 1;
    parameters.tcp_distoratio[0] = DECIBELS ((float) ie_whole_quality (sink));
  } else
    parameters.cp_disto_alloc = 1;
  int side = MIN (sink->header.width, sink->header.height);
  for (parameters.numresolution = 1; parameters.numresolution < LEVELS && side >> parameters.numresolution > 0;)
    parameters.numresolution++;
  opj_codec_t *codec = opj_create_compress (OPJ_CODEC_JP2);
  opj_stream_t *stream = opj_stream_create (IE_BUFFER_BYTES, OPJ_FALSE);
  opj_set_error_handler (codec, keep_message, memory);
  opj_set_warning_handler (codec, drop_message, NULL);
  opj_set_info_handler (codec, drop_message, NULL);
  opj_stream_set_write_function (stream, write_bytes);
  opj_stream_set_skip_function (stream, skip_bytes);
  opj_stream_set_seek_function (stream, seek_bytes);
  opj_stream_set_user_data (stream, memory, NULL);
  gboolean good = opj_setup_encoder (codec, &parameters, image) && opj_start_compress (codec, image, stream) &&
                  opj_encode (codec, stream) && opj_end_compress (codec, stream);
  opj_stream_destroy (stream);
  opj_destroy_codec (codec);
  return good;
}

static guint32
number_at (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

static void
put_number (guint8 *bytes, guint32 number)
{
  for (int i = 0; i < 4; i++)
    bytes[i] = (guint8) (number >> (24 - 8 * i));
}

/* Offset of a box among those from `at` to `end`; 0: not there. Its lengths are OpenJPEG's own, of 32 bits. */
static guint
find_box (const GByteArray *file, guint at, guint end, const char *name)
{
  while (at + BOX_HEAD <= end && memcmp (file->data + at + 4, name, 4) != 0) {
    guint32 length = number_at (file->data + at);
    if (length < BOX_HEAD || length > end - at)
      return 0;
    at += length;
  }
  return at + BOX_HEAD <= end ? at : 0;
}

/* OpenJPEG 2.5 ends the process where it is given a profile to write, so the colour box (ISO/IEC 15444-1, I.5.3.3) is
 * replaced by one of the profile. */
static void
set_profile (IeWholeSink *sink, GByteArray *file)
{
  const IeMetadata *metadata = sink->header.metadata;
  gsize size = 0;
  const guint8 *icc = metadata && metadata->icc ? g_bytes_get_data (metadata->icc, &size) : NULL;
  guint header = find_box (file, 0, file->len, "jp2h");
  guint end = header ? header + number_at (file->data + header) : 0;
  guint colour = header && end <= file->len ? find_box (file, header + BOX_HEAD, end, "colr") : 0;
  if (!icc)
    return;
  if (!colour || size > MOST_PROFILE) {
    ie_fidelity_note (sink->options.fidelity, IE_ITEM_PROFILE, IE_FIDELITY_DROPPED, _ ("its place was not found"));
    return;
  }
  guint old = number_at (file->data + colour), now = BOX_HEAD + COLOUR_HEAD + (guint) size;
  GByteArray *rest = g_byte_array_new ();
  g_byte_array_append (rest, file->data + colour + old, file->len - colour - old);
  g_byte_array_set_size (file, colour + BOX_HEAD + COLOUR_HEAD);
  guint8 *box = file->data + colour;
  put_number (box, now);
  box[BOX_HEAD] = METHOD_PROFILE;
  box[BOX_HEAD + 1] = box[BOX_HEAD + 2] = 0; /* precedence and approximation */
  put_number (file->data + header, end - header + now - old);
  g_byte_array_append (file, icc, (guint) size);
  g_byte_array_append (file, rest->data, rest->len);
  g_byte_array_unref (rest);
}

static gboolean
put_box (IeWholeSink *sink, IeJp2Block block, GBytes *bytes, GError **error)
{
  if (!bytes)
    return TRUE;
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);
  guint32 length = (guint32) size + 24;
  guint8 head[24] = { (guint8) (length >> 24), (guint8) (length >> 16), (guint8) (length >> 8), (guint8) length,
                      'u', 'u', 'i', 'd' };
  memcpy (head + 8, ie_jp2_uuid (block), 16);
  return ie_whole_put (sink, head, sizeof head, error) && ie_whole_put (sink, data, size, error);
}

static gboolean
encode (IeWholeSink *sink, GError **error)
{
  Stream memory = { .sink = sink, .bytes = g_byte_array_new () };
  opj_image_t *image = make_image (sink);
  gboolean good = image && compress (sink, &memory, image);
  opj_image_destroy (image);
  if (good)
    set_profile (sink, memory.bytes);
  good = good ? ie_whole_put (sink, memory.bytes->data, memory.bytes->len, error)
              : ie_whole_fail (sink, *memory.message ? memory.message : _ ("OpenJPEG failed"), error);
  g_byte_array_free (memory.bytes, TRUE);
  const IeMetadata *metadata = sink->header.metadata;
  GBytes *exif = ie_metadata_exif (metadata); /* JP2 has no other place for orientation */
  good = good && (!metadata || (put_box (sink, IE_JP2_EXIF, exif, error) &&
                                put_box (sink, IE_JP2_XMP, metadata->xmp, error) &&
                                put_box (sink, IE_JP2_IPTC, metadata->iptc, error)));
  if (exif)
    g_bytes_unref (exif);
  return good;
}

IeFileSink *
ie_jp2_create (int fd, const IeWriteOptions *options, GError **error)
{
  IeWholeSink *sink = ie_whole_sink_new (fd, &ie_format_jp2, options, encode);
  sink->working = WORKING;
  return &sink->file;
}
