// SPDX-License-Identifier: GPL-3.0-or-later
/* Fetches and converts the rows of a TIFF page; the ways of doing so are told in tiff-source.h. */
#include "imageio/tiff-source.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#define DIRECT_VECTORS 256 /* rows a call where the caller's rows have gaps */

/* ---- Conversion of stored rows ----------------------------------------------------------------------------------- */

/* IEEE 754 binary16. */
static float
half_to_float (guint16 half)
{
  union {
    guint32 bits;
    float number;
  } u;
  guint32 sign = (guint32) (half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 1023;
  if (exponent == 0) {
    float small = (float) fraction * 0x1p-24f;
    return sign ? -small : small;
  }
  u.bits = sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
  return u.number;
}

static void
to_float (const void *stored, int bytes, float *out, gsize samples)
{
  for (gsize i = 0; i < samples; i++)
    out[i] = bytes == 2 ? half_to_float (((const guint16 *) stored)[i]) : (float) ((const double *) stored)[i];
}

static void
turn_white (void *row, const IeHeader *header)
{
  int channels = header->channels, colours = ie_colours (channels, header->has_alpha);
  for (gsize i = 0; i < (gsize) header->width * (gsize) channels; i += (gsize) channels)
    for (int c = 0; c < colours; c++)
      if (header->depth == IE_DEPTH_U8)
        ((guint8 *) row)[i + (gsize) c] ^= 0xff;
      else if (header->depth == IE_DEPTH_U16)
        ((guint16 *) row)[i + (gsize) c] ^= 0xffff;
      else
        ((float *) row)[i + (gsize) c] = 1 - ((float *) row)[i + (gsize) c];
}

/* colour * range / alpha, rounded; where alpha is 0 the colour is unknown and stays. */
static void
divide_alpha (void *row, const IeHeader *header)
{
  gsize channels = (gsize) header->channels, alpha = channels - 1;
  for (gsize i = 0; i < (gsize) header->width * channels; i += channels)
    for (gsize c = 0; c < alpha; c++)
      if (header->depth == IE_DEPTH_U8) {
        guint8 *p = (guint8 *) row + i;
        if (p[alpha])
          p[c] = (guint8) MIN ((p[c] * 255u + p[alpha] / 2u) / p[alpha], 255u);
      } else if (header->depth == IE_DEPTH_U16) {
        guint16 *p = (guint16 *) row + i;
        if (p[alpha])
          p[c] = (guint16) MIN ((p[c] * 65535u + p[alpha] / 2u) / p[alpha], 65535u);
      } else {
        float *p = (float *) row + i;
        if (p[alpha] > 0)
          p[c] /= p[alpha];
      }
}

/* In place, but for the change of sample size, which goes from stored to row. */
static void
convert_row (const IeTiffSource *tiff, const void *stored, void *row)
{
  const IeHeader *header = &tiff->source.header;
  if (tiff->row)
    to_float (stored, tiff->sample_bytes, row, (gsize) header->width * (gsize) header->channels);
  if (tiff->white_is_zero)
    turn_white (row, header);
  if (tiff->associated)
    divide_alpha (row, header);
}

static void
swap_bytes (const IeTiffSource *tiff, void *data, gsize bytes)
{
  if (!TIFFIsByteSwapped (tiff->handle.tiff) || tiff->sample_bytes == 1)
    return;
  if (tiff->sample_bytes == 2)
    TIFFSwabArrayOfShort (data, (tmsize_t) (bytes / 2));
  else if (tiff->sample_bytes == 4)
    TIFFSwabArrayOfLong (data, (tmsize_t) (bytes / 4));
  else
    TIFFSwabArrayOfLong8 (data, (tmsize_t) (bytes / 8));
}

/* ---- Fetching ---------------------------------------------------------------------------------------------------- */

/* Place in the file of row y of an uncompressed strip (of plane `plane`); rows: how many follow there. */
static gboolean
plain_rows (IeTiffSource *tiff, int y, int plane, gsize row_bytes, guint64 *offset, int *rows, GError **error)
{
  TIFF *handle = tiff->handle.tiff;
  int first = y - y % tiff->block_rows, height = tiff->source.header.height;
  int strip_rows = MIN (tiff->block_rows, height - first);
  uint32_t strip = TIFFComputeStrip (handle, (uint32_t) y, (uint16_t) plane);
  int unreadable = 0;
  guint64 start = TIFFGetStrileOffsetWithErr (handle, strip, &unreadable);
  guint64 bytes = unreadable ? 0 : TIFFGetStrileByteCountWithErr (handle, strip, &unreadable);
  if (unreadable)
    return ie_tiff_fail_read (&tiff->handle, error);
  guint64 need = row_bytes * (guint64) strip_rows;
  if (start == 0 || bytes < need || start > tiff->handle.size || need > tiff->handle.size - start)
    return ie_fail_short (error, 0);
  *offset = start + row_bytes * (guint64) (y - first);
  *rows = strip_rows - (y - first);
  return TRUE;
}

/* Reads rows of row_bytes bytes that follow each other in the file into rows `stride` bytes apart. */
static gboolean
read_apart (int fd, guint64 offset, void *data, ptrdiff_t stride, gsize row_bytes, int rows, GError **error)
{
  if (rows == 1 || stride == (ptrdiff_t) row_bytes) {
    gsize bytes = row_bytes * (gsize) rows;
    gssize got = ie_pread (fd, data, bytes, offset);
    return got == (gssize) bytes || ie_fail_short (error, got < 0 ? errno : 0);
  }
  for (int y = 0; y < rows;) {
    struct iovec vectors[DIRECT_VECTORS];
    int count = MIN (rows - y, DIRECT_VECTORS);
    for (int i = 0; i < count; i++)
      vectors[i] = (struct iovec){ (char *) data + (y + i) * stride, row_bytes };
    gssize got = preadv (fd, vectors, count, (off_t) (offset + row_bytes * (guint64) y));
    if (got == (gssize) (row_bytes * (gsize) count)) {
      y += count;
      continue;
    }
    /* Interrupted or at the end: the slow way finds out. */
    for (int i = 0; i < count; i++, y++)
      if (!read_apart (fd, offset + row_bytes * (guint64) y, (char *) data + y * stride, stride, row_bytes, 1, error))
        return FALSE;
  }
  return TRUE;
}

static gboolean
read_direct (IeTiffSource *tiff, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  for (int y = 0; y < rect.height;) {
    guint64 offset;
    int rows;
    char *target = (char *) data + y * stride;
    if (!plain_rows (tiff, rect.y + y, 0, tiff->row_bytes, &offset, &rows, error))
      return FALSE;
    rows = tiff->row ? 1 : MIN (rows, rect.height - y);
    void *first = tiff->row ? (void *) tiff->row : target;
    if (!read_apart (tiff->handle.fd, offset, first, stride, tiff->row_bytes, rows, error))
      return FALSE;
    for (int i = 0; i < rows; i++) {
      void *stored = tiff->row ? (void *) tiff->row : target + i * stride;
      swap_bytes (tiff, stored, tiff->row_bytes);
      convert_row (tiff, stored, target + i * stride);
    }
    y += rows;
  }
  return TRUE;
}

static gboolean
read_scanlines (IeTiffSource *tiff, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  for (int y = 0; y < rect.height; y++) {
    void *target = (char *) data + y * stride, *stored = tiff->row ? tiff->row : target;
    if (TIFFReadScanline (tiff->handle.tiff, stored, (uint32_t) (rect.y + y), 0) != 1)
      return ie_tiff_fail_read (&tiff->handle, error);
    convert_row (tiff, stored, target);
  }
  return TRUE;
}

/* Puts `samples` samples of one plane `step` samples apart. */
static void
spread (const void *plane, void *out, gsize samples, gsize step, int sample_bytes)
{
  for (gsize i = 0; i < samples; i++)
    if (sample_bytes == 1)
      ((guint8 *) out)[i * step] = ((const guint8 *) plane)[i];
    else if (sample_bytes == 2)
      ((guint16 *) out)[i * step] = ((const guint16 *) plane)[i];
    else if (sample_bytes == 4)
      ((guint32 *) out)[i * step] = ((const guint32 *) plane)[i];
    else
      ((guint64 *) out)[i * step] = ((const guint64 *) plane)[i];
}

/* Copies the block's columns x .. x + columns - 1 into the band; plane -1: all channels. */
static void
put_block (IeTiffSource *tiff, int x, int columns, int rows, int plane)
{
  gsize channels = (gsize) tiff->source.header.channels, sample = (gsize) tiff->sample_bytes;
  gsize block_row = (gsize) tiff->block_columns * sample * (plane < 0 ? channels : 1);
  for (int y = 0; y < rows; y++) {
    const guint8 *from = tiff->block + block_row * (gsize) y;
    guint8 *to = tiff->band + tiff->row_bytes * (gsize) y + (gsize) x * channels * sample;
    if (plane < 0)
      memcpy (to, from, (gsize) columns * channels * sample);
    else
      spread (from, to + (gsize) plane * sample, (gsize) columns, channels, tiff->sample_bytes);
  }
}

static gboolean
load_tiles (IeTiffSource *tiff, int y, int plane, GError **error)
{
  TIFF *handle = tiff->handle.tiff;
  int width = tiff->source.header.width;
  for (int x = 0; x < width; x += tiff->block_columns) {
    uint32_t tile = TIFFComputeTile (handle, (uint32_t) x, (uint32_t) y, 0, (uint16_t) MAX (plane, 0));
    if (TIFFReadEncodedTile (handle, tile, tiff->block, (tmsize_t) tiff->block_bytes) != (tmsize_t) tiff->block_bytes)
      return ie_tiff_fail_read (&tiff->handle, error);
    put_block (tiff, x, MIN (tiff->block_columns, width - x), tiff->band_rows, plane);
    if (width - x <= tiff->block_columns)
      break; /* x would pass the largest int with tiles as wide as that */
  }
  return TRUE;
}

static gboolean
load_strip (IeTiffSource *tiff, int y, int plane, GError **error)
{
  gsize plane_row = (gsize) tiff->source.header.width * (gsize) tiff->sample_bytes;
  gsize bytes = plane_row * (gsize) tiff->band_rows;
  if (tiff->plain) {
    guint64 offset;
    int rows;
    if (!plain_rows (tiff, y, plane, plane_row, &offset, &rows, error) ||
        !read_apart (tiff->handle.fd, offset, tiff->block, (ptrdiff_t) plane_row, plane_row, tiff->band_rows, error))
      return FALSE;
    swap_bytes (tiff, tiff->block, bytes);
  } else {
    uint32_t strip = TIFFComputeStrip (tiff->handle.tiff, (uint32_t) y, (uint16_t) MAX (plane, 0));
    if (TIFFReadEncodedStrip (tiff->handle.tiff, strip, tiff->block, (tmsize_t) bytes) != (tmsize_t) bytes)
      return ie_tiff_fail_read (&tiff->handle, error);
  }
  put_block (tiff, 0, tiff->source.header.width, tiff->band_rows, plane);
  return TRUE;
}

/* Loads the band that holds row y. */
static gboolean
load_band (IeTiffSource *tiff, int y, GError **error)
{
  int in_block = y % tiff->block_rows;
  tiff->band_row = y - in_block % tiff->band_most;
  tiff->band_rows = MIN (tiff->band_most, tiff->block_rows - (tiff->band_row % tiff->block_rows));
  tiff->band_rows = MIN (tiff->band_rows, tiff->source.header.height - tiff->band_row);
  int planes = tiff->planar ? tiff->source.header.channels : 1;
  gboolean ok = TRUE;
  for (int plane = 0; ok && plane < planes; plane++)
    ok = tiff->tiled ? load_tiles (tiff, tiff->band_row, tiff->planar ? plane : -1, error)
                     : load_strip (tiff, tiff->band_row, tiff->planar ? plane : -1, error);
  if (!ok)
    tiff->band_rows = 0;
  return ok;
}

static gboolean
read_bands (IeTiffSource *tiff, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  const IeHeader *header = &tiff->source.header;
  gsize out_bytes = (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
  if (!tiff->band) { /* only now: by then the engine has agreed to memory_held */
    tiff->block = ie_try_alloc (tiff->block_bytes, error);
    tiff->band = tiff->block ? ie_try_alloc (tiff->row_bytes * (guint64) tiff->band_most, error) : NULL;
    if (!tiff->band)
      return FALSE;
  }
  for (int y = 0; y < rect.height; y++) {
    int row = rect.y + y;
    if ((row < tiff->band_row || row >= tiff->band_row + tiff->band_rows) && !load_band (tiff, row, error))
      return FALSE;
    void *target = (char *) data + y * stride;
    const guint8 *stored = tiff->band + tiff->row_bytes * (gsize) (row - tiff->band_row);
    if (!tiff->row)
      memcpy (target, stored, out_bytes);
    convert_row (tiff, stored, target);
  }
  return TRUE;
}

gboolean
ie_tiff_read_rows (IeTiffSource *tiff, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  if (tiff->fetch == IE_TIFF_DIRECT)
    return read_direct (tiff, rect, data, stride, error);
  if (tiff->fetch == IE_TIFF_SCANLINES)
    return read_scanlines (tiff, rect, data, stride, error);
  return read_bands (tiff, rect, data, stride, error);
}
