// SPDX-License-Identifier: GPL-3.0-or-later
/* Camera raw by LibRaw, read only: developed with the camera's white balance into 16-bit sRGB, in stored orientation. */
#include "core/i18n.h"
#include "imageio/whole.h"

#include <unistd.h>

#include <libraw/libraw.h>

#define WORKING 24.0 /* bytes a pixel: sensor data and four channels of 16 bits, twice */
#define SRGB 1       /* LibRaw's output_color */

static void
close_decoder (IeWholeSource *whole)
{
  libraw_close (whole->decoder);
}

static gboolean
fail (int code, GError **error)
{
  if (code == LIBRAW_FILE_UNSUPPORTED || code == LIBRAW_NOT_IMPLEMENTED) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         _ ("this kind of camera raw is not read by the LibRaw in use"));
    return FALSE;
  }
  return ie_fail_damaged (error, _ ("camera raw"), libraw_strerror (code));
}

/* LibRaw's flip as EXIF's orientation. */
static int
orientation_of (int flip)
{
  return flip == 3 ? 3 : flip == 5 ? 8 : flip == 6 ? 6 : 1;
}

static gboolean
read_header (IeWholeSource *whole, GError **error)
{
  gsize size;
  const void *data = g_bytes_get_data (whole->file, &size);
  IeHeader *header = &whole->source.header;
  libraw_data_t *raw = libraw_init (0);
  whole->decoder = raw;
  if (!raw) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for LibRaw"));
    return FALSE;
  }
  int code = libraw_open_buffer (raw, (void *) data, size);
  if (code != LIBRAW_SUCCESS)
    return fail (code, error);
  int flip = raw->sizes.flip;
  raw->params.user_flip = 0; /* pixels stay in stored orientation */
  raw->params.output_bps = 16;
  raw->params.output_color = SRGB;
  raw->params.use_camera_wb = 1;
  raw->params.no_auto_bright = 1;
  code = libraw_adjust_sizes_info_only (raw);
  if (code != LIBRAW_SUCCESS)
    return fail (code, error);
  if (!ie_whole_set_size (whole, raw->sizes.iwidth, raw->sizes.iheight, error))
    return FALSE;
  header->channels = 3;
  header->depth = IE_DEPTH_U16;
  header->model = IE_MODEL_RGB;
  whole->metadata.orientation = orientation_of (flip);
  ie_fidelity_note (whole->limits.fidelity, IE_ITEM_EXIF, IE_FIDELITY_DROPPED, _ ("of camera raw it is not read"));
  return TRUE;
}

static gboolean
decode (IeWholeSource *whole, GError **error)
{
  libraw_data_t *raw = whole->decoder;
  int code = libraw_unpack (raw);
  if (code == LIBRAW_SUCCESS)
    code = libraw_dcraw_process (raw);
  libraw_processed_image_t *image = code == LIBRAW_SUCCESS ? libraw_dcraw_make_mem_image (raw, &code) : NULL;
  if (!image)
    return fail (code, error);
  const IeHeader *header = &whole->source.header;
  gsize need = whole->row_bytes * (gsize) header->height;
  gboolean good = image->type == LIBRAW_IMAGE_BITMAP && image->width == header->width &&
                  image->height == header->height && image->colors == 3 && image->bits == 16 && image->data_size >= need;
  if (good)
    memcpy (whole->picture, image->data, need);
  libraw_dcraw_clear_mem (image);
  return good || ie_fail_damaged (error, _ ("camera raw"), _ ("its picture is not of the size that was announced"));
}

static IeSource *
raw_open (int fd, const IeReadLimits *limits, GError **error)
{
  return ie_whole_open (fd, limits, WORKING, read_header, decode, close_decoder, error);
}

static IeFileSink *
raw_create (int fd, const IeWriteOptions *options, GError **error)
{
  close (fd);
  g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("camera raw is only read; --format says what to write"));
  return NULL;
}

const IeFormat ie_format_raw = {
  .name = "raw",
  .label = "camera raw",
  .extensions = ie_extensions_raw,
  .can = IE_CAN_U8 | IE_CAN_U16 | IE_CAN_FLOAT | IE_CAN_ALPHA,
  .sniff = ie_sniff_raw,
  .open = raw_open,
  .create = raw_create,
};
