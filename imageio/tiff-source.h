// SPDX-License-Identifier: GPL-3.0-or-later
/* A TIFF page being read.
 *
 * What is stored reaches the picture in two steps: rows are fetched as stored (native byte order, interleaved), then
 * converted in place (white-is-zero turned, associated alpha divided out, 16/64-bit float made 32-bit). How rows are
 * fetched depends on the layout:
 *   DIRECT     uncompressed interleaved strips: read from the file straight to where the caller wants them
 *   SCANLINES  other interleaved strips: decoded row by row, so that a strip of any size streams
 *   BANDS      planes or tiles: a strip of each plane, or a row of tiles, is decoded and interleaved into a buffer
 */
#pragma once

#include "imageio/tiff-handle.h"

typedef enum { IE_TIFF_DIRECT, IE_TIFF_SCANLINES, IE_TIFF_BANDS } IeTiffFetch;

typedef struct {
  IeSource source;
  IeMetadata metadata;
  IeTiffHandle handle;
  IeTiffFetch fetch;
  gboolean plain;        /* uncompressed, nothing to do to the bytes but to swap them */
  gboolean planar, tiled;
  gboolean white_is_zero, associated;
  int sample_bytes;      /* as stored */
  gsize row_bytes;       /* interleaved, as stored */
  int block_rows;        /* rows of a strip or tile */
  int block_columns;     /* columns of a tile; the width for strips */
  gsize block_bytes;     /* of a decoded strip or tile */
  guint8 *block;         /* one of them */
  guint8 *band;          /* band_rows rows from band_row on, interleaved */
  int band_row, band_rows;
  int band_most;         /* rows that band has room for */
  guint8 *row;           /* one stored row, where samples are stored in another size than the picture has */
} IeTiffSource;

/* Reads full rows, in any order (in ascending order is fast). Memory beyond what the struct has is taken at the first
 * call. */
gboolean ie_tiff_read_rows (IeTiffSource *tiff, IeRect rect, void *data, ptrdiff_t stride, GError **error);
