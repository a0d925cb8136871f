// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes HEIF (HEVC) and AVIF (AV1) of 8, 10 or 12 bits by libheif. Lossless means RGB without change to YCbCr. The
 * picture is written as it is stored, and its orientation in EXIF is the picture's own, which HEIF readers pass over:
 * pictures that are turned get HEIF's own rotation. */
#include "core/i18n.h"
#include "imageio/whole.h"

#include <libheif/heif.h>

#define WORKING 30.0
#define FULL_CHROMA_QUALITY 90

typedef struct {
  IeWholeSink *sink;
  GError **error;
} Destination;

static struct heif_error
put_bytes (struct heif_context *context, const void *data, size_t size, void *user)
{
  Destination *to = user;
  struct heif_error good = { heif_error_Ok, heif_suberror_Unspecified, "" };
  struct heif_error bad = { heif_error_Encoding_error, heif_suberror_Cannot_write_output_data, "cannot write" };
  return ie_whole_put (to->sink, data, size, to->error) ? good : bad;
}

/* EXIF orientation as libheif's, which is the same numbering. */
static enum heif_orientation
orientation_of (const IeHeader *header)
{
  int orientation = header->metadata ? header->metadata->orientation : 0;
  return orientation >= 1 && orientation <= 8 ? (enum heif_orientation) orientation : heif_orientation_normal;
}

/* Bits of a sample: deeper pictures are written with 10 where they have no more, else with 12, which is the most.
 * AVIF always with 12: libheif 1.15 fails, or spoils its memory, with libaom 3.6 and 10 bits (libheif's issue 788).
 * */
static int
bits_of (const IeWholeSink *sink)
{
  const IeHeader *header = &sink->header;
  gboolean ten = header->bits > 0 && header->bits <= 10 && sink->format == &ie_format_heif;
  return header->depth == IE_DEPTH_U8 ? 8 : ten ? 10 : 12;
}

static enum heif_chroma
chroma_of (const IeHeader *header)
{
  if (header->depth == IE_DEPTH_U8)
    return header->has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB;
  return G_BYTE_ORDER == G_LITTLE_ENDIAN
           ? header->has_alpha ? heif_chroma_interleaved_RRGGBBAA_LE : heif_chroma_interleaved_RRGGBB_LE
         : header->has_alpha ? heif_chroma_interleaved_RRGGBBAA_BE
                             : heif_chroma_interleaved_RRGGBB_BE;
}

/* A row in `bits` bits; the inverse of ie_whole_widen(). */
static void
narrow_row (const IeWholeSink *sink, int bits, const guint8 *from, guint8 *to)
{
  const guint16 *wide = (const guint16 *) (gconstpointer) from;
  guint16 *narrow = (guint16 *) (gpointer) to;
  guint32 most = (1u << bits) - 1;
  for (gsize i = 0; i < sink->row_bytes / 2; i++)
    narrow[i] = (guint16) ((wide[i] * most + 32767) / 65535);
}

static struct heif_error
make_image (IeWholeSink *sink, struct heif_image **image)
{
  const IeHeader *header = &sink->header;
  int bits = bits_of (sink);
  struct heif_error problem =
    heif_image_create (header->width, header->height, heif_colorspace_RGB, chroma_of (header), image);
  if (problem.code == heif_error_Ok)
    problem = heif_image_add_plane (*image, heif_channel_interleaved, header->width, header->height, bits);
  int stride = 0;
  guint8 *plane =
    problem.code == heif_error_Ok ? heif_image_get_plane (*image, heif_channel_interleaved, &stride) : NULL;
  for (int y = 0; plane && y < header->height; y++) {
    const guint8 *row = sink->picture + sink->row_bytes * (gsize) y;
    guint8 *to = plane + (gsize) stride * (gsize) y;
    if (bits == 8)
      memcpy (to, row, sink->row_bytes);
    else
      narrow_row (sink, bits, row, to);
  }
  if (bits > 8 && bits != header->bits)
    ie_fidelity_note (sink->options.fidelity, IE_ITEM_DEPTH, IE_FIDELITY_CHANGED, _ ("written with %d bits"), bits);
  GBytes *icc = header->metadata ? header->metadata->icc : NULL;
  if (problem.code == heif_error_Ok && icc) {
    gsize size;
    const void *data = g_bytes_get_data (icc, &size);
    problem = heif_image_set_raw_color_profile (*image, "prof", data, size);
  }
  return problem;
}

static struct heif_error
encode_image (IeWholeSink *sink, struct heif_context *context, struct heif_encoder *encoder, struct heif_image *image)
{
  gboolean lossy = ie_whole_lossy (sink);
  int quality = ie_whole_quality (sink);
  struct heif_color_profile_nclx nclx = { .version = 1,
                                          .color_primaries = heif_color_primaries_ITU_R_BT_709_5,
                                          .transfer_characteristics = heif_transfer_characteristic_IEC_61966_2_1,
                                          .matrix_coefficients = lossy ? heif_matrix_coefficients_ITU_R_BT_601_6
                                                                       : heif_matrix_coefficients_RGB_GBR,
                                          .full_range_flag = 1 };
  heif_encoder_set_lossless (encoder, !lossy);
  if (lossy)
    heif_encoder_set_lossy_quality (encoder, quality);
  /* One thread: pools of x265 ask the system for what a worker may not do, and say so on standard error. Other encoders
   * do not know the parameter. */
  heif_encoder_set_parameter_string (encoder, "x265:pools", "none");
  heif_encoder_set_parameter_string (encoder, "chroma", !lossy || quality >= FULL_CHROMA_QUALITY ? "444" : "420");
  struct heif_encoding_options *options = heif_encoding_options_alloc ();
  options->output_nclx_profile = &nclx;
  heif_image_set_nclx_color_profile (image, &nclx);
  options->image_orientation = orientation_of (&sink->header);
  struct heif_image_handle *handle = NULL;
  struct heif_error problem = heif_context_encode_image (context, image, encoder, options, &handle);
  heif_encoding_options_free (options);
  const IeMetadata *metadata = sink->header.metadata;
  GBytes *const blocks[] = { metadata ? metadata->exif : NULL, metadata ? metadata->xmp : NULL };
  for (int i = 0; i < 2 && problem.code == heif_error_Ok; i++) {
    gsize size = 0;
    const void *data = blocks[i] ? g_bytes_get_data (blocks[i], &size) : NULL;
    if (size > 0 && size <= G_MAXINT)
      problem = i == 0 ? heif_context_add_exif_metadata (context, handle, data, (int) size)
                       : heif_context_add_XMP_metadata (context, handle, data, (int) size);
  }
  if (handle)
    heif_image_handle_release (handle);
  return problem;
}

static gboolean
encode_as (IeWholeSink *sink, enum heif_compression_format compression, GError **error)
{
  struct heif_context *context = heif_context_alloc ();
  struct heif_encoder *encoder = NULL;
  struct heif_image *image = NULL;
  GError *reason = NULL;
  Destination to = { sink, &reason };
  struct heif_writer writer = { .writer_api_version = 1, .write = put_bytes };
  struct heif_error problem = heif_context_get_encoder_for_format (context, compression, &encoder);
  if (problem.code == heif_error_Ok)
    problem = make_image (sink, &image);
  if (problem.code == heif_error_Ok)
    problem = encode_image (sink, context, encoder, image);
  if (problem.code == heif_error_Ok)
    problem = heif_context_write (context, &writer, &to);
  if (reason)
    g_propagate_error (error, reason);
  else if (problem.code != heif_error_Ok && !encoder)
    ie_whole_fail (sink, _ ("libheif has no encoder for it; its packages are named libheif-plugin-*"), error);
  else if (problem.code != heif_error_Ok)
    ie_whole_fail (sink, problem.message, error);
  if (image)
    heif_image_release (image);
  if (encoder)
    heif_encoder_release (encoder);
  heif_context_free (context);
  return problem.code == heif_error_Ok;
}

static gboolean
encode_heif (IeWholeSink *sink, GError **error)
{
  return encode_as (sink, heif_compression_HEVC, error);
}

static gboolean
encode_avif (IeWholeSink *sink, GError **error)
{
  return encode_as (sink, heif_compression_AV1, error);
}

static IeFileSink *
create (int fd, const IeFormat *format, const IeWriteOptions *options, gboolean (*encode) (IeWholeSink *, GError **))
{
  IeWholeSink *sink = ie_whole_sink_new (fd, format, options, encode);
  sink->working = WORKING;
  sink->expand_gray = TRUE;
  sink->most_side = 65535;
  return &sink->file;
}

IeFileSink *
ie_heif_create (int fd, const IeWriteOptions *options, GError **error)
{
  return create (fd, &ie_format_heif, options, encode_heif);
}

IeFileSink *
ie_avif_create (int fd, const IeWriteOptions *options, GError **error)
{
  return create (fd, &ie_format_avif, options, encode_avif);
}
