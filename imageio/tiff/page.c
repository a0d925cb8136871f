// SPDX-License-Identifier: GPL-3.0-or-later
/* A TIFF page as a whole: its strips or tiles, how its rows are fetched, what it carries beside its samples. */
#include "core/i18n.h"
#include "imageio/tiff/compression.h"
#include "imageio/tiff/exif.h"
#include "imageio/tiff/source.h"
#include "imageio/tiff/tags.h"

#define BAND_BYTES (256 << 10)    /* of uncompressed planes, where any number of rows can be read at once */
#define LIBRARY_BYTES (256 << 10) /* libtiff's own tables and buffers, roughly */
#define SMALL_TILE (16 << 20)     /* bytes below which the size of a tile is not questioned */
/* Nanoseconds a sample, measured. */
#define READ_COST_PLAIN 0.15
#define READ_COST_COMPRESSED 5.0

/* ---- Strips and tiles -------------------------------------------------------------------------------------------- */

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

/* Stored bytes of columns x rows samples of a plane (or all): subsampled YCbCr stands in clumps of luma samples followed
 * by their two chroma samples. */
static guint64
stored_block (const IeTiffSource *tiff, guint64 columns, guint64 rows)
{
  guint64 x = (guint64) tiff->subsampled_x, y = (guint64) tiff->subsampled_y;
  if (x * y > 1)
    return (columns + x - 1) / x * ((rows + y - 1) / y) * (x * y + 2);
  return ie_tiff_stored_bytes (tiff, columns * (tiff->planar ? 1 : (guint64) tiff->samples)) * rows;
}

static gboolean
read_tiles (IeTiffSource *tiff, GError **error)
{
  uint32_t rows = 0, columns = 0;
  TIFFGetField (tiff->handle.tiff, TIFFTAG_TILEWIDTH, &columns);
  TIFFGetField (tiff->handle.tiff, TIFFTAG_TILELENGTH, &rows);
  if (columns == 0 || rows == 0 || columns > (uint32_t) tiff->limits.side || rows > (uint32_t) tiff->limits.side)
    return ie_fail_damaged (error, "TIFF", _ ("impossible size of tiles"));
  tiff->block_bytes = stored_block (tiff, columns, rows);
  if (tiff->block_bytes > SMALL_TILE && tiff->block_bytes / 4 > tiff->stored_bytes * (guint64) tiff->source.header.height)
    return ie_fail_damaged (error, "TIFF", _ ("tiles far larger than the picture"));
  if (TIFFTileSize64 (tiff->handle.tiff) != tiff->block_bytes)
    return ie_fail_damaged (error, "TIFF", _ ("impossible size of tiles"));
  tiff->block_rows = (int) rows;
  tiff->block_columns = (int) columns;
  return TRUE;
}

static gboolean
read_strips (IeTiffSource *tiff, GError **error)
{
  const IeHeader *header = &tiff->source.header;
  uint32_t rows = 0;
  TIFFGetFieldDefaulted (tiff->handle.tiff, TIFFTAG_ROWSPERSTRIP, &rows);
  if (rows == 0)
    return ie_fail_damaged (error, "TIFF", _ ("strips of no rows"));
  tiff->block_rows = (int) MIN (rows, (uint32_t) header->height);
  tiff->block_columns = header->width;
  tiff->block_bytes = stored_block (tiff, (guint64) header->width, (guint64) tiff->block_rows);
  if (TIFFVStripSize64 (tiff->handle.tiff, (uint32_t) tiff->block_rows) != tiff->block_bytes)
    return ie_fail_damaged (error, "TIFF", _ ("impossible size of rows"));
  return TRUE;
}

/* Sizes of strips or tiles, checked against what libtiff will write into our memory. */
static gboolean
read_blocks (IeTiffSource *tiff, GError **error)
{
  gsize samples = (gsize) tiff->source.header.width * (gsize) tiff->samples;
  tiff->stored_bytes = ie_tiff_stored_bytes (tiff, samples);
  tiff->row_bytes = samples * (gsize) tiff->cell_bytes;
  return tiff->tiled ? read_tiles (tiff, error) : read_strips (tiff, error);
}

/* How rows are fetched, and the memory that this takes. */
static void
choose_fetch (IeTiffSource *tiff)
{
  IeHeader *header = &tiff->source.header;
  gboolean subsampled = tiff->subsampled_x * tiff->subsampled_y > 1 || tiff->compression == COMPRESSION_OJPEG;
  guint64 held = LIBRARY_BYTES + (tiff->plain ? 0 : longest_block (tiff));
  tiff->plain = tiff->plain && !subsampled;
  if (!tiff->tiled && !tiff->planar && !subsampled)
    tiff->fetch = tiff->plain ? IE_TIFF_DIRECT : IE_TIFF_SCANLINES;
  else {
    tiff->fetch = IE_TIFF_BANDS;
    tiff->band_most = MIN (tiff->block_rows, header->height);
    if (!tiff->tiled && tiff->plain) {
      tiff->band_most = (int) CLAMP (BAND_BYTES / tiff->row_bytes, 1, (gsize) tiff->band_most);
      tiff->block_bytes = stored_block (tiff, (guint64) header->width, (guint64) tiff->band_most);
    }
    held += tiff->block_bytes + tiff->row_bytes * (guint64) tiff->band_most;
  }
  tiff->source.memory_held = held + tiff->stored_bytes + tiff->row_bytes;
  tiff->source.read_cost = tiff->plain ? READ_COST_PLAIN : READ_COST_COMPRESSED;
}

gboolean
ie_tiff_read_page (IeTiffSource *tiff, GError **error)
{
  if (!ie_tiff_read_samples (tiff, error) || !read_blocks (tiff, error))
    return FALSE;
  choose_fetch (tiff);
  return TRUE;
}

/* How the page was stored, for a writer of TIFF. */
static void
keep_layout (IeTiffSource *tiff)
{
  IeLayout *layout = ie_metadata_layout (&tiff->metadata);
  uint16_t predictor = PREDICTOR_NONE;
  if (ie_tiff_predicts (tiff->compression))
    TIFFGetFieldDefaulted (tiff->handle.tiff, TIFFTAG_PREDICTOR, &predictor);
  layout->lossy = tiff->compression == COMPRESSION_JPEG || tiff->compression == COMPRESSION_OJPEG;
  layout->tiff.bits = tiff->meaning == IE_TIFF_PALETTE ? 8 * (int) ie_depth_bytes (tiff->source.header.depth) : tiff->bits;
  layout->tiff.format = tiff->format == SAMPLEFORMAT_VOID ? SAMPLEFORMAT_UINT : tiff->format;
  layout->tiff.depth = tiff->source.header.depth;
  layout->tiff.white_is_zero = tiff->white_is_zero;
  layout->tiff.compression = tiff->compression;
  layout->tiff.predictor = predictor;
  layout->tiff.planar = tiff->planar;
  layout->tiff.tile_width = tiff->tiled ? tiff->block_columns : 0;
  layout->tiff.tile_height = tiff->tiled ? tiff->block_rows : 0;
  layout->tiff.rows_per_strip = tiff->tiled ? 0 : tiff->block_rows;
  layout->tiff.stored_bits = tiff->bits;
  layout->tiff.palette = tiff->meaning == IE_TIFF_PALETTE;
  uint16_t photometric = 0, across = 0, down = 0;
  if (TIFFGetField (tiff->handle.tiff, TIFFTAG_PHOTOMETRIC, &photometric) && photometric == PHOTOMETRIC_YCBCR) {
    TIFFGetFieldDefaulted (tiff->handle.tiff, TIFFTAG_YCBCRSUBSAMPLING, &across, &down);
    layout->tiff.chroma_across = across;
    layout->tiff.chroma_down = down;
  }
  layout->tiff.tags = ie_tiff_read_tags (tiff->handle.tiff, tiff->limits.text);
}

gboolean
ie_tiff_read_metadata (IeTiffSource *tiff, guint page, GError **error)
{
  const IeTiffPage *here = &g_array_index (tiff->pages, IeTiffPage, page);
  if (!ie_tiff_read_blocks (&tiff->handle, here->offset, &tiff->limits, &tiff->metadata, error))
    return FALSE;
  tiff->metadata.exif = ie_tiff_exif_read (tiff->handle.tiff);
  keep_layout (tiff);
  if (here->subifds > 0)
    ie_fidelity_note (tiff->limits.fidelity, IE_ITEM_PAGES, IE_FIDELITY_DROPPED,
                      ie_ngettext ("%u sub-page (SubIFDs)", "%u sub-pages (SubIFDs)", here->subifds), here->subifds);
  if (here->layered)
    ie_fidelity_note (tiff->limits.fidelity, IE_ITEM_LAYERS, IE_FIDELITY_DROPPED,
                      _ ("only the picture that they make is read"));
  tiff->source.header.metadata = &tiff->metadata;
  return TRUE;
}
