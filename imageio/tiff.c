// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads the first page of TIFF 6.0 and BigTIFF: strips and tiles, interleaved or planar. This file judges the page's
 * tags and chooses how its rows are fetched. */
#include "imageio/tiff-source.h"

#include <unistd.h>

#define BAND_BYTES (256 << 10)    /* of uncompressed planes, where any number of rows can be read at once */
#define LIBRARY_BYTES (256 << 10) /* libtiff's own tables and buffers, roughly */
#define SMALL_TILE (16 << 20)     /* bytes below which the size of a tile is not questioned */
/* Nanoseconds a sample, measured. */
#define READ_COST_PLAIN 0.15
#define READ_COST_COMPRESSED 5.0

static gboolean G_GNUC_PRINTF (2, 3)
refuse (GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  char *message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, "TIFF %s not supported", message);
  g_free (message);
  return FALSE;
}

static const char *
photometric_name (int photometric)
{
  switch (photometric) {
    case PHOTOMETRIC_PALETTE:
      return "with a palette is";
    case PHOTOMETRIC_MASK:
      return "transparency masks are";
    case PHOTOMETRIC_YCBCR:
      return "with YCbCr samples (other than JPEG) is";
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
    case PHOTOMETRIC_ITULAB:
      return "with Lab samples is";
    case PHOTOMETRIC_LOGL:
    case PHOTOMETRIC_LOGLUV:
      return "with LogLuv samples is";
    case PHOTOMETRIC_CFA:
      return "with raw sensor samples is";
    default:
      return NULL;
  }
}

/* Colour channels and model of the page; 0 and error when it is of no kind that is read. */
static int
read_model (IeTiffSource *tiff, int compression, GError **error)
{
  TIFF *handle = tiff->handle.tiff;
  IeHeader *header = &tiff->source.header;
  uint16_t photometric, ink_set;
  if (!TIFFGetField (handle, TIFFTAG_PHOTOMETRIC, &photometric))
    return ie_fail_damaged (error, "TIFF", "no photometric interpretation");
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
      tiff->white_is_zero = TRUE;
      /* fall through */
    case PHOTOMETRIC_MINISBLACK:
      header->model = IE_MODEL_GRAY;
      return 1;
    case PHOTOMETRIC_YCBCR:
      if (compression != COMPRESSION_JPEG || tiff->planar)
        break;
      TIFFSetField (handle, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      /* fall through */
    case PHOTOMETRIC_RGB:
      header->model = IE_MODEL_RGB;
      return 3;
    case PHOTOMETRIC_SEPARATED:
      TIFFGetFieldDefaulted (handle, TIFFTAG_INKSET, &ink_set);
      if (ink_set != INKSET_CMYK)
        return refuse (error, "with inks other than CMYK is");
      header->model = IE_MODEL_CMYK;
      return 4;
    default:
      break;
  }
  const char *name = photometric_name (photometric);
  return name ? refuse (error, "%s", name) : refuse (error, "with photometric interpretation %d is", photometric);
}

/* Depth of the picture, and how its samples are stored. */
static gboolean
read_depth (IeTiffSource *tiff, GError **error)
{
  TIFF *handle = tiff->handle.tiff;
  IeHeader *header = &tiff->source.header;
  uint16_t bits, format;
  TIFFGetFieldDefaulted (handle, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted (handle, TIFFTAG_SAMPLEFORMAT, &format);
  tiff->sample_bytes = bits / 8;
  if (format == SAMPLEFORMAT_IEEEFP && (bits == 16 || bits == 32 || bits == 64)) {
    header->depth = IE_DEPTH_FLOAT;
    return TRUE;
  }
  if ((format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID) && (bits == 8 || bits == 16)) {
    header->depth = bits == 8 ? IE_DEPTH_U8 : IE_DEPTH_U16;
    return TRUE;
  }
  const char *kind = format == SAMPLEFORMAT_INT      ? "signed "
                     : format == SAMPLEFORMAT_IEEEFP ? "float "
                     : format > SAMPLEFORMAT_VOID    ? "complex "
                                                     : "";
  return refuse (error, "with %ssamples of %d bit%s is", kind, bits, bits == 1 ? "" : "s");
}

static gboolean
read_channels (IeTiffSource *tiff, int colours, GError **error)
{
  TIFF *handle = tiff->handle.tiff;
  IeHeader *header = &tiff->source.header;
  uint16_t samples, extras = 0, *kinds = NULL;
  TIFFGetFieldDefaulted (handle, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetFieldDefaulted (handle, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
  if (samples < colours)
    return ie_fail_damaged (error, "TIFF", "fewer samples a pixel than its colours need");
  if (samples > colours + 1)
    return refuse (error, "with %d extra channels is", samples - colours);
  if (samples == colours + 1) {
    if (extras != 1 || (kinds[0] != EXTRASAMPLE_ASSOCALPHA && kinds[0] != EXTRASAMPLE_UNASSALPHA))
      return refuse (error, "with an extra channel that is not said to be alpha is");
    header->has_alpha = TRUE;
    tiff->associated = kinds[0] == EXTRASAMPLE_ASSOCALPHA;
  }
  header->channels = samples;
  return TRUE;
}

static gboolean
read_samples (IeTiffSource *tiff, const IeReadLimits *limits, GError **error)
{
  TIFF *handle = tiff->handle.tiff;
  IeHeader *header = &tiff->source.header;
  uint32_t width = 0, height = 0;
  uint16_t compression, planar, fill_order;
  TIFFGetField (handle, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField (handle, TIFFTAG_IMAGELENGTH, &height);
  if (!ie_check_size (width, height, limits, error))
    return FALSE;
  header->width = (int) width;
  header->height = (int) height;
  TIFFGetFieldDefaulted (handle, TIFFTAG_COMPRESSION, &compression);
  TIFFGetFieldDefaulted (handle, TIFFTAG_PLANARCONFIG, &planar);
  TIFFGetFieldDefaulted (handle, TIFFTAG_FILLORDER, &fill_order);
  if (compression == COMPRESSION_OJPEG)
    return refuse (error, "compression \"old-style JPEG\" is");
  if (!TIFFIsCODECConfigured (compression))
    return refuse (error, "compression %d is", compression);
  tiff->plain = compression == COMPRESSION_NONE && fill_order == FILLORDER_MSB2LSB;
  tiff->tiled = TIFFIsTiled (handle) != 0;
  tiff->planar = planar == PLANARCONFIG_SEPARATE;
  int colours = read_model (tiff, compression, error);
  if (!colours || !read_depth (tiff, error) || !read_channels (tiff, colours, error))
    return FALSE;
  tiff->planar = tiff->planar && header->channels > 1;
  return TRUE;
}

/* Bytes of the longest compressed strip or tile, which libtiff holds while it decodes it. */
static guint64
longest_block (IeTiffSource *tiff)
{
  TIFF *handle = tiff->handle.tiff;
  uint32_t count = tiff->tiled ? TIFFNumberOfTiles (handle) : TIFFNumberOfStrips (handle);
  guint64 longest = 0;
  for (uint32_t i = 0; i < count; i++)
    longest = MAX (longest, TIFFGetStrileByteCount (handle, i));
  return MIN (longest, tiff->handle.size);
}

/* Sizes of strips or tiles, checked against what libtiff will write into our memory. */
static gboolean
read_blocks (IeTiffSource *tiff, const IeReadLimits *limits, GError **error)
{
  TIFF *handle = tiff->handle.tiff;
  const IeHeader *header = &tiff->source.header;
  guint64 sample = (guint64) tiff->sample_bytes, channels = (guint64) header->channels;
  tiff->row_bytes = (gsize) header->width * channels * sample;
  guint64 picture = tiff->row_bytes * (guint64) header->height, block_channels = tiff->planar ? 1 : channels;
  uint32_t rows = 0, columns = (uint32_t) header->width;
  if (tiff->tiled) {
    TIFFGetField (handle, TIFFTAG_TILEWIDTH, &columns);
    TIFFGetField (handle, TIFFTAG_TILELENGTH, &rows);
    if (columns == 0 || rows == 0 || columns > (uint32_t) limits->side || rows > (uint32_t) limits->side)
      return ie_fail_damaged (error, "TIFF", "impossible size of tiles");
    tiff->block_bytes = (gsize) columns * rows * block_channels * sample;
    if (tiff->block_bytes > SMALL_TILE && tiff->block_bytes > 4 * picture)
      return ie_fail_damaged (error, "TIFF", "tiles far larger than the picture");
    if (TIFFTileSize64 (handle) != tiff->block_bytes)
      return ie_fail_damaged (error, "TIFF", "impossible size of tiles");
  } else {
    TIFFGetFieldDefaulted (handle, TIFFTAG_ROWSPERSTRIP, &rows);
    if (rows == 0)
      return ie_fail_damaged (error, "TIFF", "strips of no rows");
    rows = MIN (rows, (uint32_t) header->height);
    if (TIFFScanlineSize64 (handle) != (guint64) columns * block_channels * sample)
      return ie_fail_damaged (error, "TIFF", "impossible size of rows");
  }
  tiff->block_rows = (int) rows;
  tiff->block_columns = (int) columns;
  return TRUE;
}

/* How rows are fetched, and the memory that this takes. */
static gboolean
choose_fetch (IeTiffSource *tiff, GError **error)
{
  IeHeader *header = &tiff->source.header;
  guint64 held = LIBRARY_BYTES + (tiff->plain ? 0 : longest_block (tiff));
  if (!tiff->tiled && !tiff->planar)
    tiff->fetch = tiff->plain ? IE_TIFF_DIRECT : IE_TIFF_SCANLINES;
  else {
    tiff->fetch = IE_TIFF_BANDS;
    tiff->band_most = MIN (tiff->block_rows, header->height);
    if (!tiff->tiled) {
      if (tiff->plain)
        tiff->band_most = (int) CLAMP (BAND_BYTES / tiff->row_bytes, 1, (gsize) tiff->band_most);
      tiff->block_bytes = tiff->row_bytes / (gsize) header->channels * (gsize) tiff->band_most;
    }
    held += tiff->block_bytes + tiff->row_bytes * (guint64) tiff->band_most;
  }
  if (header->depth == IE_DEPTH_FLOAT && tiff->sample_bytes != 4) {
    tiff->row = ie_try_alloc (tiff->row_bytes, error);
    held += tiff->row_bytes;
    if (!tiff->row)
      return FALSE;
  }
  tiff->source.memory_held = held;
  tiff->source.read_cost = tiff->plain ? READ_COST_PLAIN : READ_COST_COMPRESSED;
  return TRUE;
}

static gboolean
read_metadata (IeTiffSource *tiff, const IeReadLimits *limits, GError **error)
{
  TIFF *handle = tiff->handle.tiff;
  IeMetadata *metadata = &tiff->metadata;
  uint32_t size = 0;
  void *data = NULL;
  uint16_t orientation, unit;
  float x = 0, y = 0;
  if (TIFFGetField (handle, TIFFTAG_ICCPROFILE, &size, &data) && size > 0) {
    if (size > limits->icc)
      return refuse (error, "with an ICC profile of %u bytes (limit %" G_GSIZE_FORMAT ") is", size, limits->icc);
    metadata->icc = g_bytes_new (data, size);
  }
  if (TIFFGetField (handle, TIFFTAG_ORIENTATION, &orientation) && orientation >= 1 && orientation <= 8)
    metadata->orientation = orientation;
  TIFFGetFieldDefaulted (handle, TIFFTAG_RESOLUTIONUNIT, &unit);
  if (unit != RESUNIT_NONE && TIFFGetField (handle, TIFFTAG_XRESOLUTION, &x) &&
      TIFFGetField (handle, TIFFTAG_YRESOLUTION, &y) && x > 0 && y > 0 && x < 1e9f && y < 1e9f) {
    double per_inch = unit == RESUNIT_CENTIMETER ? 2.54 : 1;
    metadata->x_resolution = x * per_inch;
    metadata->y_resolution = y * per_inch;
  }
  tiff->source.header.metadata = metadata;
  return TRUE;
}

static gboolean
tiff_read (IeSource *base, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  return ie_tiff_read_rows ((IeTiffSource *) base, rect, data, stride, error);
}

/* Nothing to do: every way of fetching finds row 0 again by its number. */
static gboolean
tiff_rewind (IeSource *base, GError **error)
{
  return TRUE;
}

static void
tiff_free (IeSource *base)
{
  IeTiffSource *tiff = (IeTiffSource *) base;
  ie_tiff_close (&tiff->handle);
  close (tiff->handle.fd);
  ie_metadata_clear (&tiff->metadata);
  g_free (tiff->block);
  g_free (tiff->band);
  g_free (tiff->row);
  g_free (tiff);
}

static IeSource *
tiff_open (int fd, const IeReadLimits *given, GError **error)
{
  IeReadLimits limits = ie_limits (given);
  IeTiffSource *tiff = g_new0 (IeTiffSource, 1);
  off_t size = lseek (fd, 0, SEEK_END);
  tiff->handle.size = size > 0 ? (guint64) size : 0;
  tiff->source.read = tiff_read;
  tiff->source.rewind = tiff_rewind;
  tiff->source.free = tiff_free;
  /* c: one strip stays one strip; m: never mapped (a file that shrinks would kill us). */
  if (!ie_tiff_open (&tiff->handle, fd, "rcm"))
    ie_tiff_fail_read (&tiff->handle, error);
  else if (read_samples (tiff, &limits, error) && read_blocks (tiff, &limits, error) && choose_fetch (tiff, error) &&
           read_metadata (tiff, &limits, error))
    return &tiff->source;
  tiff_free (&tiff->source);
  return NULL;
}

/* Byte order, then 42 (TIFF) or 43 (BigTIFF). */
static gboolean
tiff_sniff (const guint8 *head, gsize size)
{
  return size >= 4 && (memcmp (head, "II*\0", 4) == 0 || memcmp (head, "MM\0*", 4) == 0 ||
                       memcmp (head, "II+\0", 4) == 0 || memcmp (head, "MM\0+", 4) == 0);
}

static const char *const extensions[] = { "tif", "tiff", NULL };

const IeFormat ie_format_tiff = {
  .name = "tiff",
  .label = "TIFF",
  .extensions = extensions,
  .can = IE_CAN_U8 | IE_CAN_U16 | IE_CAN_FLOAT | IE_CAN_ALPHA | IE_CAN_CMYK,
  .sniff = tiff_sniff,
  .open = tiff_open,
  .create = ie_tiff_create,
};
