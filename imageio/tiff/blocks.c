// SPDX-License-Identifier: GPL-3.0-or-later
/* Strips and tiles of a TIFF page that is written, interleaved or planar. */
#include "imageio/tiff/blocks.h"

#define STRIP_BYTES (256 << 10)
#define MOST_STRIP_BYTES (8 << 20) /* of strips that are kept as the input had them */
#define MOST_TILE_BYTES (16 << 20) /* of tiles, in the same way */
#define USUAL_TILE 256

static gsize
block_bytes (const IeTiffBlocks *blocks)
{
  gsize columns = (gsize) (blocks->tile_columns ? blocks->tile_columns : blocks->header.width);
  return ie_tiff_packed_bytes (&blocks->type, columns * (blocks->planar ? 1 : (gsize) blocks->header.channels)) *
         (gsize) blocks->block_rows;
}

static void
choose_size (IeTiffBlocks *blocks, int tile_width, int tile_height)
{
  const IeHeader *header = &blocks->header;
  const IeLayout *layout = header->metadata ? header->metadata->layout : NULL;
  gboolean keep = layout && layout->tiff.bits;
  blocks->planar = keep && layout->tiff.planar && header->channels > 1;
  blocks->tile_columns = tile_width > 0 ? tile_width : 0;
  blocks->block_rows = tile_height;
  if (tile_width == 0 && keep && layout->tiff.tile_width) {
    blocks->tile_columns = layout->tiff.tile_width;
    blocks->block_rows = layout->tiff.tile_height;
    if (block_bytes (blocks) > MOST_TILE_BYTES)
      blocks->tile_columns = blocks->block_rows = USUAL_TILE;
  }
  if (blocks->tile_columns)
    return;
  blocks->block_rows = keep ? layout->tiff.rows_per_strip : 0;
  blocks->block_rows = MIN (blocks->block_rows, header->height);
  if (blocks->block_rows < 1 || blocks->row_bytes * (guint64) blocks->block_rows > MOST_STRIP_BYTES)
    blocks->block_rows = (int) CLAMP (STRIP_BYTES / blocks->row_bytes, 1, (gsize) header->height);
}

void
ie_tiff_blocks_clear (IeTiffBlocks *blocks)
{
  g_clear_pointer (&blocks->band, g_free);
  g_clear_pointer (&blocks->block, g_free);
  g_clear_pointer (&blocks->cells, g_free);
}

IeTiffBlocks
ie_tiff_blocks_choose (IeTiffHandle *handle, const IeHeader *header, const IeTiffType *type, int tile_width, int tile_height)
{
  IeTiffBlocks blocks = { .handle = handle, .header = *header, .type = *type };
  blocks.row_bytes = (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
  choose_size (&blocks, tile_width, tile_height);
  return blocks;
}

gboolean
ie_tiff_blocks_begin (IeTiffBlocks *blocks, gboolean compressed, guint64 *held, GError **error)
{
  guint64 band = blocks->row_bytes * (guint64) MIN (blocks->block_rows, blocks->header.height);
  guint64 block = block_bytes (blocks);
  guint64 cells = (guint64) MAX (blocks->header.width, blocks->tile_columns) * (guint64) blocks->header.channels * 8;
  blocks->compressed = compressed;
  blocks->band = ie_try_alloc (band, error);
  blocks->block = blocks->band ? ie_try_alloc (block, error) : NULL;
  blocks->cells = blocks->block ? ie_try_alloc (cells, error) : NULL;
  *held = band + cells + block * (compressed ? 3 : 1);
  return blocks->cells != NULL;
}

/* Writes `rows` rows that begin at the first row of a strip, as they are. */
static gboolean
write_strip (IeTiffBlocks *blocks, int first_row, int plane, const void *data, gsize size, GError **error)
{
  uint32_t strip = TIFFComputeStrip (blocks->handle->tiff, (uint32_t) first_row, (uint16_t) plane);
  if (TIFFWriteEncodedStrip (blocks->handle->tiff, strip, (void *) (guintptr) data, (tmsize_t) size) != (tmsize_t) size)
    return ie_tiff_fail_write (blocks->handle, error);
  return TRUE;
}

/* Packs `columns` pixels of all waiting rows from column x on into block, whose rows are block_columns long. */
static void
pack_block (IeTiffBlocks *blocks, int x, int columns, int block_columns, int plane)
{
  gsize channels = (gsize) blocks->header.channels, pixel = channels * ie_depth_bytes (blocks->header.depth);
  gsize stride = ie_tiff_packed_bytes (&blocks->type, (gsize) block_columns * (plane < 0 ? channels : 1));
  for (int y = 0; y < blocks->waiting; y++)
    ie_tiff_pack (&blocks->type, blocks->band + blocks->row_bytes * (gsize) y + pixel * (gsize) x, (gsize) columns, plane,
                  blocks->cells, blocks->block + stride * (gsize) y);
}

static gboolean
write_tiles (IeTiffBlocks *blocks, int first_row, int plane, GError **error)
{
  tmsize_t size = (tmsize_t) block_bytes (blocks);
  int width = blocks->header.width;
  for (int x = 0; x < width; x += blocks->tile_columns) {
    memset (blocks->block, 0, (gsize) size); /* what lies beyond the picture */
    pack_block (blocks, x, MIN (blocks->tile_columns, width - x), blocks->tile_columns, plane);
    uint32_t tile = TIFFComputeTile (blocks->handle->tiff, (uint32_t) x, (uint32_t) first_row, 0, (uint16_t) MAX (plane, 0));
    if (TIFFWriteEncodedTile (blocks->handle->tiff, tile, blocks->block, size) != size)
      return ie_tiff_fail_write (blocks->handle, error);
    if (width - x <= blocks->tile_columns)
      break; /* x would pass the largest int with tiles as wide as that */
  }
  return TRUE;
}

static gboolean
write_band (IeTiffBlocks *blocks, GError **error)
{
  int first = blocks->rows - blocks->waiting, planes = blocks->planar ? blocks->header.channels : 1;
  gsize columns = (gsize) blocks->header.width * (blocks->planar ? 1 : (gsize) blocks->header.channels);
  gsize size = ie_tiff_packed_bytes (&blocks->type, columns) * (gsize) blocks->waiting;
  gboolean ok = TRUE;
  for (int i = 0; ok && i < planes; i++) {
    int plane = blocks->planar ? i : -1;
    if (blocks->tile_columns)
      ok = write_tiles (blocks, first, plane, error);
    else if (plane < 0 && ie_tiff_type_is_plain (&blocks->type))
      ok = write_strip (blocks, first, 0, blocks->band, size, error);
    else {
      pack_block (blocks, 0, blocks->header.width, blocks->header.width, plane);
      ok = write_strip (blocks, first, MAX (plane, 0), blocks->block, size, error);
    }
  }
  blocks->waiting = 0;
  return ok;
}

gboolean
ie_tiff_blocks_write (IeTiffBlocks *blocks, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  const char *row = data;
  /* Whole strips that lie in one piece are written from where they are; not by encoders, which may work in place. */
  gboolean direct = stride == (ptrdiff_t) blocks->row_bytes && !blocks->compressed && !blocks->planar &&
                    !blocks->tile_columns && ie_tiff_type_is_plain (&blocks->type);
  for (int left = rect.height; left > 0;) {
    if (direct && blocks->waiting == 0 && left >= blocks->block_rows) {
      if (!write_strip (blocks, blocks->rows, 0, row, blocks->row_bytes * (gsize) blocks->block_rows, error))
        return FALSE;
      blocks->rows += blocks->block_rows;
      row += stride * blocks->block_rows;
      left -= blocks->block_rows;
      continue;
    }
    memcpy (blocks->band + blocks->row_bytes * (gsize) blocks->waiting, row, blocks->row_bytes);
    blocks->waiting++;
    blocks->rows++;
    row += stride;
    left--;
    if ((blocks->waiting == blocks->block_rows || blocks->rows == blocks->header.height) && !write_band (blocks, error))
      return FALSE;
  }
  return TRUE;
}
