// SPDX-License-Identifier: GPL-3.0-or-later
/* HEIF and AVIF (ISO/IEC 23008-12) by libheif: the primary picture, 8 bits or more, with or without alpha. Rotation and
 * mirroring that the file asks for are done by libheif; the orientation in EXIF then no longer holds (annex A.2.4). */
#include "core/i18n.h"
#include "imageio/metadata/exif.h"
#include "imageio/whole.h"

#include <libheif/heif.h>

#define WORKING 8.0 /* bytes a pixel: the codec's planes and libheif's conversion */
#define EXIF_OFFSET_BYTES 4

typedef struct {
  struct heif_context *context;
  struct heif_image_handle *handle;
  int bits;
} Decoder;

static void
close_decoder (IeWholeSource *whole)
{
  Decoder *decoder = whole->decoder;
  if (decoder->handle)
    heif_image_handle_release (decoder->handle);
  heif_context_free (decoder->context);
  g_free (decoder);
}

static gboolean
fail (struct heif_error problem, GError **error)
{
  if (problem.code == heif_error_Unsupported_filetype || problem.code == heif_error_Unsupported_feature ||
      problem.code == heif_error_Decoder_plugin_error) {
    char *line = g_strdup (problem.message ? problem.message : "");
    g_strdelimit (line, "\n\r\t", ' ');
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the libheif in use cannot read this file: %s"), line);
    g_free (line);
    return FALSE;
  }
  return ie_fail_damaged (error, "HEIF", problem.message);
}

static void
read_block (IeWholeSource *whole, heif_item_id id)
{
  struct heif_image_handle *handle = ((Decoder *) whole->decoder)->handle;
  const char *type = heif_image_handle_get_metadata_type (handle, id);
  const char *content = heif_image_handle_get_metadata_content_type (handle, id);
  gsize size = heif_image_handle_get_metadata_size (handle, id);
  gboolean is_exif = type && strcmp (type, "Exif") == 0;
  gboolean is_xmp = type && strcmp (type, "mime") == 0 && content && strcmp (content, "application/rdf+xml") == 0;
  if (!is_exif && !is_xmp)
    return;
  const char *item = is_exif ? IE_ITEM_EXIF : IE_ITEM_XMP;
  guint8 *data = size <= whole->limits.text ? g_try_malloc (size + 1) : NULL;
  if (!data || heif_image_handle_get_metadata (handle, id, data).code != heif_error_Ok)
    ie_fidelity_note (whole->limits.fidelity, item, IE_FIDELITY_DROPPED, _ ("longer than the limit, or broken"));
  else if (is_xmp)
    ie_whole_keep (whole, &whole->metadata.xmp, data, size, IE_ITEM_XMP);
  else if (size > EXIF_OFFSET_BYTES) {
    gsize skip = (gsize) data[0] << 24 | (gsize) data[1] << 16 | (gsize) data[2] << 8 | data[3];
    skip = MIN (skip, size - EXIF_OFFSET_BYTES) + EXIF_OFFSET_BYTES;
    ie_whole_keep_exif (whole, data + skip, size - skip);
  }
  g_free (data);
}

static void
read_metadata (IeWholeSource *whole)
{
  Decoder *decoder = whole->decoder;
  heif_item_id ids[16];
  int count = heif_image_handle_get_list_of_metadata_block_IDs (decoder->handle, NULL, ids, G_N_ELEMENTS (ids));
  for (int i = 0; i < count; i++)
    read_block (whole, ids[i]);
  gsize size = heif_image_handle_get_raw_color_profile_size (decoder->handle);
  if (size > 0 && size <= whole->limits.icc) {
    guint8 *icc = g_malloc (size);
    if (heif_image_handle_get_raw_color_profile (decoder->handle, icc).code == heif_error_Ok)
      ie_whole_keep_icc (whole, icc, size);
    g_free (icc);
  }
  int others = heif_context_get_number_of_top_level_images (decoder->context) - 1;
  if (others > 0)
    ie_fidelity_note (whole->limits.fidelity, IE_ITEM_PAGES, IE_FIDELITY_DROPPED,
                      _ ("%d further pictures are not read"), others);
  if (heif_image_handle_has_depth_image (decoder->handle))
    ie_fidelity_note (whole->limits.fidelity, IE_ITEM_LAYOUT, IE_FIDELITY_DROPPED, _ ("the depth map is not read"));
}

/* What nclx says where there is no profile: BT.709 or unspecified primaries and the usual curves are taken as sRGB. */
static void
judge_nclx (IeWholeSource *whole)
{
  struct heif_color_profile_nclx *nclx = NULL;
  Decoder *decoder = whole->decoder;
  if (whole->metadata.icc || heif_image_handle_get_nclx_color_profile (decoder->handle, &nclx).code != heif_error_Ok || !nclx)
    return;
  int primaries = (int) nclx->color_primaries, transfer = (int) nclx->transfer_characteristics;
  gboolean usual = (primaries == 1 || primaries == 2) &&
                   (transfer == 1 || transfer == 2 || transfer == 6 || transfer == 13);
  if (!usual)
    ie_fidelity_note (whole->limits.fidelity, IE_ITEM_PROFILE, IE_FIDELITY_DROPPED,
                      _ ("primaries %d and transfer %d (ITU-T H.273) are taken as sRGB"), primaries, transfer);
  heif_nclx_color_profile_free (nclx);
}

/* The orientation is part of the pixels now. */
static void
settle_orientation (IeWholeSource *whole)
{
  if (!whole->metadata.exif)
    return;
  IeExifEdit edit;
  if (ie_exif_edit_begin (&edit, whole->metadata.exif) &&
      ie_exif_find (&edit.exif, IE_EXIF_IMAGE, IE_TAG_ORIENTATION))
    ie_exif_set_orientation (&edit, 1);
  GBytes *turned = ie_exif_edit_end (&edit);
  g_bytes_unref (whole->metadata.exif);
  whole->metadata.exif = turned;
}

static gboolean
read_header (IeWholeSource *whole, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (whole->file, &size);
  IeHeader *header = &whole->source.header;
  Decoder *decoder = g_new0 (Decoder, 1);
  whole->decoder = decoder;
  decoder->context = heif_context_alloc ();
  heif_context_set_maximum_image_size_limit (decoder->context, whole->limits.side);
  heif_context_set_max_decoding_threads (decoder->context, 0);
  struct heif_error problem = heif_context_read_from_memory_without_copy (decoder->context, data, size, NULL);
  if (problem.code == heif_error_Ok)
    problem = heif_context_get_primary_image_handle (decoder->context, &decoder->handle);
  if (problem.code != heif_error_Ok)
    return fail (problem, error);
  if (!ie_whole_set_size (whole, (guint64) MAX (heif_image_handle_get_width (decoder->handle), 0),
                          (guint64) MAX (heif_image_handle_get_height (decoder->handle), 0), error))
    return FALSE;
  decoder->bits = heif_image_handle_get_luma_bits_per_pixel (decoder->handle);
  if (decoder->bits < 1 || decoder->bits > 16)
    return ie_fail_damaged (error, "HEIF", _ ("no samples of a known depth"));
  header->depth = decoder->bits > 8 ? IE_DEPTH_U16 : IE_DEPTH_U8;
  header->bits = decoder->bits > 8 && decoder->bits < 16 ? decoder->bits : 0;
  header->has_alpha = heif_image_handle_has_alpha_channel (decoder->handle);
  header->channels = header->has_alpha ? 4 : 3;
  header->model = IE_MODEL_RGB;
  ie_metadata_layout (&whole->metadata)->lossy = TRUE;
  read_metadata (whole);
  judge_nclx (whole);
  settle_orientation (whole);
  return TRUE;
}

static void
copy_rows (IeWholeSource *whole, const guint8 *plane, int stride)
{
  for (int y = 0; y < whole->source.header.height; y++)
    memcpy (whole->picture + whole->row_bytes * (gsize) y, plane + (gsize) stride * (gsize) y, whole->row_bytes);
}

static gboolean
decode (IeWholeSource *whole, GError **error)
{
  const IeHeader *header = &whole->source.header;
  Decoder *decoder = whole->decoder;
  gboolean deep = header->depth == IE_DEPTH_U16, little = G_BYTE_ORDER == G_LITTLE_ENDIAN;
  enum heif_chroma chroma = !deep     ? header->has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB
                            : little ? header->has_alpha ? heif_chroma_interleaved_RRGGBBAA_LE
                                                         : heif_chroma_interleaved_RRGGBB_LE
                            : header->has_alpha ? heif_chroma_interleaved_RRGGBBAA_BE
                                                : heif_chroma_interleaved_RRGGBB_BE;
  struct heif_image *image = NULL;
  struct heif_error problem = heif_decode_image (decoder->handle, &image, heif_colorspace_RGB, chroma, NULL);
  if (problem.code != heif_error_Ok)
    return fail (problem, error);
  int stride = 0, bits = heif_image_get_bits_per_pixel_range (image, heif_channel_interleaved);
  const guint8 *plane = heif_image_get_plane_readonly (image, heif_channel_interleaved, &stride);
  gboolean good = plane && heif_image_get_width (image, heif_channel_interleaved) == header->width &&
                  heif_image_get_height (image, heif_channel_interleaved) == header->height &&
                  (gsize) stride >= whole->row_bytes;
  if (good) {
    copy_rows (whole, plane, stride);
    ie_whole_widen (whole, deep ? CLAMP (bits, 1, 16) : 8);
  }
  heif_image_release (image);
  return good || ie_fail_damaged (error, "HEIF", _ ("its picture is not of the size that was announced"));
}

static IeSource *
heif_open (int fd, const IeReadLimits *limits, GError **error)
{
  return ie_whole_open (fd, limits, WORKING, read_header, decode, close_decoder, error);
}

const IeFormat ie_format_heif = {
  .name = "heif",
  .label = "HEIF",
  .extensions = ie_extensions_heif,
  .can = IE_CAN_U8 | IE_CAN_U16 | IE_CAN_ALPHA,
  .carries = IE_CARRIES_PROFILE | IE_CARRIES_EXIF | IE_CARRIES_XMP,
  .sniff = ie_sniff_heif,
  .open = heif_open,
  .create = ie_heif_create,
};

const IeFormat ie_format_avif = {
  .name = "avif",
  .label = "AVIF",
  .extensions = ie_extensions_avif,
  .can = IE_CAN_U8 | IE_CAN_U16 | IE_CAN_ALPHA,
  .carries = IE_CARRIES_PROFILE | IE_CARRIES_EXIF | IE_CARRIES_XMP,
  .sniff = ie_sniff_avif,
  .open = heif_open,
  .create = ie_avif_create,
};
