// SPDX-License-Identifier: GPL-3.0-or-later
/* Fetches the rows of a TIFF page; the ways of doing so are told in source.h. */
#include "imageio/tiff/source.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#define DIRECT_VECTORS 256 /* rows a call where the caller's rows have gaps */

static void
swap_bytes (const IeTiffSource *tiff, void *data, gsize bytes)
{
  if (!TIFFIsByteSwapped (tiff->handle.tiff))
    return;
  if (tiff->bits == 16)
    TIFFSwabArrayOfShort (data, (tmsize_t) (bytes / 2));
  else if (tiff->bits == 24)
    TIFFSwabArrayOfTriples (data, (tmsize_t) (bytes / 3));
  else if (tiff->bits == 32)
    TIFFSwabArrayOfLong (data, (tmsize_t) (bytes / 4));
  else if (tiff->bits == 64)
    TIFFSwabArrayOfLong8 (data, (tmsize_t) (bytes / 8));
}

/* Where a row is fetched to that belongs at `target`: there, where nothing has to be done to it. */
static void *
landing (const IeTiffSource *tiff, void *target)
{
  return tiff->stored ? tiff->stored : target;
}

/* The fetched row becomes the picture's. */
static void
deliver (const IeTiffSource *tiff, void *fetched, void *target)
{
  void *cells = fetched;
  if (tiff->packed) {
    cells = tiff->cells;
    ie_tiff_unpack (tiff, fetched, cells, (gsize) tiff->source.header.width * (gsize) tiff->samples);
  }
  ie_tiff_convert (tiff, cells, target);
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
    char *target = (char *) data + y * stride, *first = landing (tiff, target);
    if (!plain_rows (tiff, rect.y + y, 0, tiff->stored_bytes, &offset, &rows, error))
      return FALSE;
    rows = first == target ? MIN (rows, rect.height - y) : 1;
    if (!read_apart (tiff->handle.fd, offset, first, stride, tiff->stored_bytes, rows, error))
      return FALSE;
    for (int i = 0; i < rows; i++) {
      swap_bytes (tiff, first + i * stride, tiff->stored_bytes);
      deliver (tiff, first + i * stride, target + i * stride);
    }
    y += rows;
  }
  return TRUE;
}

static gboolean
read_scanlines (IeTiffSource *tiff, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  for (int y = 0; y < rect.height; y++) {
    void *target = (char *) data + y * stride, *fetched = landing (tiff, target);
    if (TIFFReadScanline (tiff->handle.tiff, fetched, (uint32_t) (rect.y + y), 0) != 1)
      return ie_tiff_fail_read (&tiff->handle, error);
    deliver (tiff, fetched, target);
  }
  return TRUE;
}

/* Puts `samples` cells of one plane `step` cells apart. */
static void
spread (const void *plane, void *out, gsize samples, gsize step, int cell_bytes)
{
  for (gsize i = 0; i < samples; i++)
    if (cell_bytes == 1)
      ((guint8 *) out)[i * step] = ((const guint8 *) plane)[i];
    else if (cell_bytes == 2)
      ((guint16 *) out)[i * step] = ((const guint16 *) plane)[i];
    else if (cell_bytes == 4)
      ((guint32 *) out)[i * step] = ((const guint32 *) plane)[i];
    else
      ((guint64 *) out)[i * step] = ((const guint64 *) plane)[i];
}

/* Clumps of luma samples with their two chroma samples become pixels (TIFF 6.0, section 21); each chroma sample stands
 * for all pixels of its clump. */
static void
put_clumps (IeTiffSource *tiff, int x, int columns, int rows)
{
  int across = tiff->subsampled_x, down = tiff->subsampled_y, clumps = (tiff->block_columns + across - 1) / across;
  gsize clump_bytes = (gsize) (across * down + 2);
  for (int j = 0; j < rows; j++)
    for (int i = 0; i < columns; i++) {
      const guint8 *clump = tiff->block + ((gsize) (j / down) * (gsize) clumps + (gsize) (i / across)) * clump_bytes;
      guint8 *pixel = tiff->band + tiff->row_bytes * (gsize) j + (gsize) (x + i) * (gsize) tiff->samples;
      pixel[0] = clump[j % down * across + i % across];
      pixel[1] = clump[across * down];
      pixel[2] = clump[across * down + 1];
    }
}

/* Copies the block's columns x .. x + columns - 1 into the band; plane -1: all samples. */
static void
put_block (IeTiffSource *tiff, int x, int columns, int rows, int plane)
{
  gsize samples = (gsize) tiff->samples, cell = (gsize) tiff->cell_bytes, in_block = plane < 0 ? samples : 1;
  gsize block_row = ie_tiff_stored_bytes (tiff, (gsize) tiff->block_columns * in_block);
  if (tiff->subsampled_x * tiff->subsampled_y > 1) {
    put_clumps (tiff, x, columns, rows);
    return;
  }
  for (int y = 0; y < rows; y++) {
    const guint8 *from = tiff->block + block_row * (gsize) y;
    guint8 *to = tiff->band + tiff->row_bytes * (gsize) y + (gsize) x * samples * cell;
    if (tiff->packed) {
      ie_tiff_unpack (tiff, from, tiff->cells, (gsize) columns * in_block);
      from = tiff->cells;
    }
    if (plane < 0)
      memcpy (to, from, (gsize) columns * samples * cell);
    else
      spread (from, to + (gsize) plane * cell, (gsize) columns, samples, tiff->cell_bytes);
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
  gsize plane_row = ie_tiff_stored_bytes (tiff, (gsize) tiff->source.header.width * (plane < 0 ? (gsize) tiff->samples : 1));
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
    bytes = (gsize) TIFFVStripSize64 (tiff->handle.tiff, (uint32_t) tiff->band_rows); /* of clumps, too */
    if (bytes > tiff->block_bytes ||
        TIFFReadEncodedStrip (tiff->handle.tiff, strip, tiff->block, (tmsize_t) bytes) != (tmsize_t) bytes)
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
  int planes = tiff->planar ? tiff->samples : 1;
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
  for (int y = 0; y < rect.height; y++) {
    int row = rect.y + y;
    if ((row < tiff->band_row || row >= tiff->band_row + tiff->band_rows) && !load_band (tiff, row, error))
      return FALSE;
    ie_tiff_convert (tiff, tiff->band + tiff->row_bytes * (gsize) (row - tiff->band_row), (char *) data + y * stride);
  }
  return TRUE;
}

/* Only at the first read: by then the engine has agreed to memory_held. */
static gboolean
take_memory (IeTiffSource *tiff, GError **error)
{
  gboolean bands = tiff->fetch == IE_TIFF_BANDS;
  gsize wider = tiff->row_bytes;
  if (bands && tiff->tiled) /* a row of a tile may be longer than one of the picture */
    wider = MAX (wider, (gsize) tiff->block_columns * (gsize) tiff->samples * (gsize) tiff->cell_bytes);
  if (bands && !tiff->band) {
    tiff->block = tiff->block ? tiff->block : ie_try_alloc (tiff->block_bytes, error);
    tiff->band = tiff->block ? ie_try_alloc (tiff->row_bytes * (guint64) tiff->band_most, error) : NULL;
    if (!tiff->band)
      return FALSE;
  }
  if (tiff->packed && !tiff->cells && !(tiff->cells = ie_try_alloc (wider, error)))
    return FALSE;
  if (!bands && !tiff->stored && !(ie_tiff_in_place (tiff) && !tiff->packed))
    return (tiff->stored = ie_try_alloc (tiff->stored_bytes, error)) != NULL;
  return TRUE;
}

gboolean
ie_tiff_read_rows (IeTiffSource *tiff, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  if (!take_memory (tiff, error))
    return FALSE;
  if (tiff->fetch == IE_TIFF_DIRECT)
    return read_direct (tiff, rect, data, stride, error);
  if (tiff->fetch == IE_TIFF_SCANLINES)
    return read_scanlines (tiff, rect, data, stride, error);
  return read_bands (tiff, rect, data, stride, error);
}
