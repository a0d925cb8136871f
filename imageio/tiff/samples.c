// SPDX-License-Identifier: GPL-3.0-or-later
/* Judges the tags of a TIFF page that say what its samples mean and of how many bits they are. */
#include "core/elementary.h"
#include "core/i18n.h"
#include "imageio/tiff/source.h"

#define MOST_SAMPLES 64 /* a pixel; more are no picture */
#define FLOAT_BITS 24   /* of an integer that a float holds exactly */

static gboolean G_GNUC_PRINTF (2, 3)
refuse (GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  GError *reason = g_error_new_valist (IE_ERROR, IE_ERROR_INPUT, format, arguments);
  va_end (arguments);
  g_propagate_error (error, reason);
  return FALSE;
}

/* ---- What the samples mean --------------------------------------------------------------------------------------- */

static gboolean
set_model (IeTiffSource *tiff, IeModel model, int colours, IeTiffMeaning meaning)
{
  tiff->source.header.model = model;
  tiff->colours = colours;
  tiff->meaning = meaning;
  return TRUE;
}

static gboolean
read_ycbcr (IeTiffSource *tiff, GError **error)
{
  TIFF *handle = tiff->handle.tiff;
  if (tiff->compression == COMPRESSION_JPEG && !tiff->planar) {
    TIFFSetField (handle, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    return set_model (tiff, IE_MODEL_RGB, 3, IE_TIFF_SAME);
  }
  uint16_t x = 1, y = 1;
  float *luma, *reference;
  TIFFGetFieldDefaulted (handle, TIFFTAG_YCBCRSUBSAMPLING, &x, &y);
  if ((x != 1 && x != 2 && x != 4) || (y != 1 && y != 2 && y != 4))
    return ie_fail_damaged (error, "TIFF", _ ("impossible subsampling of YCbCr"));
  if (tiff->planar && x * y > 1)
    return refuse (error, _ ("TIFF with subsampled planes of YCbCr is not supported"));
  if (!TIFFGetFieldDefaulted (handle, TIFFTAG_YCBCRCOEFFICIENTS, &luma) ||
      !TIFFGetFieldDefaulted (handle, TIFFTAG_REFERENCEBLACKWHITE, &reference))
    return ie_fail_damaged (error, "TIFF", _ ("no coefficients of YCbCr"));
  memcpy (tiff->luma, luma, sizeof tiff->luma);
  memcpy (tiff->reference, reference, sizeof tiff->reference);
  for (int i = 0; i < 9; i++)
    if (!(ie_abs (i < 3 ? luma[i] : reference[i - 3]) < 1e6))
      return ie_fail_damaged (error, "TIFF", _ ("impossible coefficients of YCbCr"));
  if (!(luma[1] > 0))
    return ie_fail_damaged (error, "TIFF", _ ("impossible coefficients of YCbCr"));
  tiff->subsampled_x = x;
  tiff->subsampled_y = y;
  return set_model (tiff, IE_MODEL_RGB, 3, IE_TIFF_YCBCR);
}

static gboolean
read_logluv (IeTiffSource *tiff, gboolean gray, GError **error)
{
  if ((tiff->compression != COMPRESSION_SGILOG && tiff->compression != COMPRESSION_SGILOG24) || tiff->planar)
    return refuse (error, _ ("TIFF with LogLuv samples of this compression is not supported"));
  TIFFSetField (tiff->handle.tiff, TIFFTAG_SGILOGDATAFMT, SGILOGDATAFMT_FLOAT);
  return set_model (tiff, gray ? IE_MODEL_GRAY : IE_MODEL_RGB, gray ? 1 : 3, IE_TIFF_XYZ);
}

/* Files of arrays say gray and have three samples, none of them said to be extra. */
static gboolean
is_really_rgb (TIFF *handle)
{
  uint16_t samples, extras = 0, *kinds;
  TIFFGetFieldDefaulted (handle, TIFFTAG_SAMPLESPERPIXEL, &samples);
  return samples == 3 && !(TIFFGetField (handle, TIFFTAG_EXTRASAMPLES, &extras, &kinds) && extras > 0);
}

static gboolean
read_model (IeTiffSource *tiff, GError **error)
{
  TIFF *handle = tiff->handle.tiff;
  uint16_t photometric, ink_set;
  if (!TIFFGetField (handle, TIFFTAG_PHOTOMETRIC, &photometric))
    return ie_fail_damaged (error, "TIFF", _ ("no photometric interpretation"));
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
      tiff->white_is_zero = TRUE;
      return set_model (tiff, IE_MODEL_GRAY, 1, IE_TIFF_SAME);
    case PHOTOMETRIC_MINISBLACK:
      if (is_really_rgb (handle))
        return set_model (tiff, IE_MODEL_RGB, 3, IE_TIFF_SAME);
      /* fall through */
    case PHOTOMETRIC_MASK:
      return set_model (tiff, IE_MODEL_GRAY, 1, IE_TIFF_SAME);
    case PHOTOMETRIC_RGB:
      return set_model (tiff, IE_MODEL_RGB, 3, IE_TIFF_SAME);
    case PHOTOMETRIC_PALETTE:
      return set_model (tiff, IE_MODEL_RGB, 1, IE_TIFF_PALETTE);
    case PHOTOMETRIC_YCBCR:
      return read_ycbcr (tiff, error);
    case PHOTOMETRIC_SEPARATED:
      TIFFGetFieldDefaulted (handle, TIFFTAG_INKSET, &ink_set);
      if (ink_set != INKSET_CMYK)
        return refuse (error, _ ("TIFF with inks other than CMYK is not supported"));
      return set_model (tiff, IE_MODEL_CMYK, 4, IE_TIFF_SAME);
    case PHOTOMETRIC_CIELAB:
      return set_model (tiff, IE_MODEL_LAB, 3, IE_TIFF_CIELAB);
    case PHOTOMETRIC_ICCLAB:
      return set_model (tiff, IE_MODEL_LAB, 3, IE_TIFF_ICCLAB);
    case PHOTOMETRIC_LOGL:
    case PHOTOMETRIC_LOGLUV:
      return read_logluv (tiff, photometric == PHOTOMETRIC_LOGL, error);
    case PHOTOMETRIC_CFA:
      return refuse (error, _ ("TIFF with raw sensor samples is not supported"));
    default:
      return refuse (error, _ ("TIFF with photometric interpretation %d is not supported"), photometric);
  }
}

/* ---- How they are stored ----------------------------------------------------------------------------------------- */

static gboolean
refuse_depth (const IeTiffSource *tiff, GError **error)
{
  const char *text = tiff->format == SAMPLEFORMAT_INT
                       ? ie_ngettext ("TIFF with signed samples of %d bit is not supported",
                                      "TIFF with signed samples of %d bits is not supported", tiff->bits)
                     : tiff->format == SAMPLEFORMAT_IEEEFP
                       ? ie_ngettext ("TIFF with float samples of %d bit is not supported",
                                      "TIFF with float samples of %d bits is not supported", tiff->bits)
                     : tiff->format > SAMPLEFORMAT_VOID
                       ? ie_ngettext ("TIFF with complex samples of %d bit is not supported",
                                      "TIFF with complex samples of %d bits is not supported", tiff->bits)
                       : ie_ngettext ("TIFF with samples of %d bit is not supported",
                                      "TIFF with samples of %d bits is not supported", tiff->bits);
  return refuse (error, text, tiff->bits);
}

/* Depth of the picture and meaning of cells, where samples are amounts. */
static gboolean
read_amounts (IeTiffSource *tiff, GError **error)
{
  IeHeader *header = &tiff->source.header;
  int bits = tiff->bits;
  header->depth = IE_DEPTH_FLOAT;
  if (tiff->format == SAMPLEFORMAT_IEEEFP && (bits == 16 || bits == 24 || bits == 32 || bits == 64)) {
    tiff->meaning = bits == 16   ? IE_TIFF_HALF
                    : bits == 24 ? IE_TIFF_FLOAT24
                    : bits == 32 ? IE_TIFF_SAME
                                 : IE_TIFF_DOUBLE;
    if (bits == 64)
      ie_fidelity_note (tiff->limits.fidelity, IE_ITEM_DEPTH, IE_FIDELITY_CHANGED,
                        _ ("64-bit float is worked on in 32"));
    return TRUE;
  }
  if (tiff->format == SAMPLEFORMAT_INT && (bits == 8 || bits == 16 || bits == 32))
    tiff->meaning = IE_TIFF_SIGNED;
  else if (tiff->format != SAMPLEFORMAT_UINT && tiff->format != SAMPLEFORMAT_VOID)
    return refuse_depth (tiff, error);
  else if (bits >= 1 && bits <= 16) {
    header->depth = bits <= 8 ? IE_DEPTH_U8 : IE_DEPTH_U16;
    header->bits = bits == 8 || bits == 16 ? 0 : bits;
    tiff->meaning = header->bits ? IE_TIFF_SCALED : IE_TIFF_SAME;
  } else if ((bits > 16 && bits <= 32) || bits == 64)
    tiff->meaning = IE_TIFF_WIDE;
  else
    return refuse_depth (tiff, error);
  if (bits > FLOAT_BITS)
    ie_fidelity_note (tiff->limits.fidelity, IE_ITEM_DEPTH, IE_FIDELITY_CHANGED,
                      _ ("%d-bit integers are worked on as float, which holds %d bits"), bits, FLOAT_BITS);
  return TRUE;
}

/* Whether the 16-bit entries of a palette come from 8 bits: a byte twice, or in the high or low half alone. */
static int
palette_shift (uint16_t *const *map, gsize count)
{
  gboolean twice = TRUE, low = TRUE;
  for (gsize i = 0; i < 3 * count; i++) {
    guint entry = map[i / count][i % count];
    twice = twice && (entry % 257 == 0 || entry % 256 == 0);
    low = low && entry < 256;
  }
  return low ? 0 : twice ? 8 : -1;
}

static gboolean
read_palette (IeTiffSource *tiff, GError **error)
{
  IeHeader *header = &tiff->source.header;
  uint16_t *map[3];
  if ((tiff->format != SAMPLEFORMAT_UINT && tiff->format != SAMPLEFORMAT_VOID) || tiff->bits > 16)
    return refuse_depth (tiff, error);
  if (!TIFFGetField (tiff->handle.tiff, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]))
    return ie_fail_damaged (error, "TIFF", _ ("no palette"));
  gsize count = (gsize) 1 << tiff->bits;
  int shift = palette_shift (map, count);
  header->depth = shift < 0 ? IE_DEPTH_U16 : IE_DEPTH_U8;
  tiff->palette[0] = g_new (guint16, 3 * count);
  for (gsize c = 0; c < 3; c++) {
    tiff->palette[c] = tiff->palette[0] + c * count;
    for (gsize i = 0; i < count; i++)
      tiff->palette[c][i] = (guint16) (map[c][i] >> MAX (shift, 0));
  }
  ie_fidelity_note (tiff->limits.fidelity, IE_ITEM_LAYOUT, IE_FIDELITY_CHANGED, _ ("the palette becomes RGB"));
  return TRUE;
}

static gboolean
read_lab (IeTiffSource *tiff, GError **error)
{
  IeHeader *header = &tiff->source.header;
  gboolean real = tiff->format == SAMPLEFORMAT_IEEEFP;
  if (real ? tiff->bits != 32 : tiff->bits != 8 && tiff->bits != 16)
    return refuse (error, _ ("TIFF with Lab samples of %d bits is not supported"), tiff->bits);
  header->depth = real ? IE_DEPTH_FLOAT : tiff->bits == 8 ? IE_DEPTH_U8 : IE_DEPTH_U16;
  return TRUE;
}

static gboolean
read_depth (IeTiffSource *tiff, GError **error)
{
  uint16_t bits, format;
  TIFFGetFieldDefaulted (tiff->handle.tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted (tiff->handle.tiff, TIFFTAG_SAMPLEFORMAT, &format);
  tiff->bits = bits;
  tiff->format = format;
  tiff->cell_bytes = bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8;
  tiff->packed = bits != 8 && bits != 16 && bits != 32 && bits != 64;
  if (bits == 0)
    return refuse_depth (tiff, error);
  switch (tiff->meaning) {
    case IE_TIFF_PALETTE:
      return read_palette (tiff, error);
    case IE_TIFF_CIELAB:
    case IE_TIFF_ICCLAB:
      return read_lab (tiff, error);
    case IE_TIFF_YCBCR:
      return bits == 8 || refuse (error, _ ("TIFF with YCbCr samples of %d bits is not supported"), bits);
    case IE_TIFF_XYZ:
      tiff->source.header.depth = IE_DEPTH_FLOAT;
      return bits == 32 || refuse (error, _ ("TIFF with LogLuv samples of %d bits is not supported"), bits);
    default:
      return read_amounts (tiff, error);
  }
}

/* Which samples are the picture's; the first extra one that is said to be alpha is, others are dropped. */
static gboolean
read_channels (IeTiffSource *tiff, GError **error)
{
  IeHeader *header = &tiff->source.header;
  uint16_t samples, extras = 0, *kinds = NULL;
  TIFFGetFieldDefaulted (tiff->handle.tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetFieldDefaulted (tiff->handle.tiff, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
  if (samples < tiff->colours)
    return ie_fail_damaged (error, "TIFF", _ ("fewer samples a pixel than its colours need"));
  if (samples > MOST_SAMPLES)
    return refuse (error, _ ("TIFF with %d samples a pixel (limit %d) is not supported"), samples, MOST_SAMPLES);
  tiff->samples = samples;
  tiff->alpha = -1;
  for (int i = 0; i < MIN (extras, samples - tiff->colours) && tiff->alpha < 0; i++)
    if (kinds[i] == EXTRASAMPLE_ASSOCALPHA || kinds[i] == EXTRASAMPLE_UNASSALPHA) {
      tiff->alpha = samples - extras + i >= tiff->colours ? samples - extras + i : tiff->colours + i;
      tiff->associated = kinds[i] == EXTRASAMPLE_ASSOCALPHA;
    }
  header->has_alpha = tiff->alpha >= 0;
  int colours = tiff->meaning == IE_TIFF_PALETTE ? 3 : tiff->colours;
  int dropped = samples - tiff->colours - header->has_alpha;
  header->channels = colours + header->has_alpha;
  if (dropped > 0)
    ie_fidelity_note (tiff->limits.fidelity, "channels", IE_FIDELITY_DROPPED,
                      ie_ngettext ("%d extra sample a pixel", "%d extra samples a pixel", (gulong) dropped), dropped);
  if (tiff->associated)
    ie_fidelity_note (tiff->limits.fidelity, IE_ITEM_ALPHA, IE_FIDELITY_CHANGED,
                      _ ("associated alpha becomes straight"));
  return TRUE;
}

gboolean
ie_tiff_read_samples (IeTiffSource *tiff, GError **error)
{
  TIFF *handle = tiff->handle.tiff;
  IeHeader *header = &tiff->source.header;
  uint32_t width = 0, height = 0;
  uint16_t compression, planar, fill_order, samples;
  TIFFGetField (handle, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField (handle, TIFFTAG_IMAGELENGTH, &height);
  if (!ie_check_size (width, height, &tiff->limits, error))
    return FALSE;
  header->width = (int) width;
  header->height = (int) height;
  TIFFGetFieldDefaulted (handle, TIFFTAG_COMPRESSION, &compression);
  TIFFGetFieldDefaulted (handle, TIFFTAG_PLANARCONFIG, &planar);
  TIFFGetFieldDefaulted (handle, TIFFTAG_FILLORDER, &fill_order);
  TIFFGetFieldDefaulted (handle, TIFFTAG_SAMPLESPERPIXEL, &samples);
  if (!TIFFIsCODECConfigured (compression))
    return refuse (error, _ ("TIFF compression %d is not supported"), compression);
  tiff->compression = compression;
  tiff->plain = compression == COMPRESSION_NONE && fill_order == FILLORDER_MSB2LSB;
  tiff->tiled = TIFFIsTiled (handle) != 0;
  tiff->planar = planar == PLANARCONFIG_SEPARATE && samples > 1;
  tiff->subsampled_x = tiff->subsampled_y = 1;
  return read_model (tiff, error) && read_depth (tiff, error) && read_channels (tiff, error);
}
