// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows of a picture into the strips or tiles of a TIFF page. */
#pragma once

#include "imageio/tiff/handle.h"
#include "imageio/tiff/pack.h"

typedef struct {
  IeTiffHandle *handle;
  IeHeader header;
  IeTiffType type;
  gboolean compressed;
  gboolean planar;
  gsize row_bytes;  /* of the picture */
  int block_rows;   /* of a strip or tile */
  int tile_columns; /* 0: strips */
  guint8 *band;     /* rows that wait for their strips or tiles to be full */
  guint8 *block;    /* a strip or tile as it is stored */
  guint8 *cells;    /* room of ie_tiff_pack() */
  int waiting;      /* how many rows */
  int rows;         /* rows that were written or wait */
} IeTiffBlocks;

/* Strips or tiles: by option (tile_width 0: none was given, -1: strips), else as the input had them where they are of a
 * sensible size, else strips of our own. The handle is borrowed, and used by ie_tiff_blocks_write() alone. */
IeTiffBlocks ie_tiff_blocks_choose (IeTiffHandle *handle, const IeHeader *header, const IeTiffType *type, int tile_width,
                                    int tile_height);
/* Takes the memory that rows need; *held: bytes of it, libtiff's own among them. */
gboolean ie_tiff_blocks_begin (IeTiffBlocks *blocks, gboolean compressed, guint64 *held, GError **error);
/* Writes full rows, ascending; the last ones of a strip or tile that is not full wait. */
gboolean ie_tiff_blocks_write (IeTiffBlocks *blocks, IeRect rect, const void *data, ptrdiff_t stride, GError **error);
/* Gives the memory back. */
void ie_tiff_blocks_clear (IeTiffBlocks *blocks);
