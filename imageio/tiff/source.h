// SPDX-License-Identifier: GPL-3.0-or-later
/* A TIFF page being read, in three steps:
 *
 * 1. Rows are fetched as stored, in native byte order. How depends on the layout:
 *      DIRECT     uncompressed interleaved strips: read from the file straight to where they are wanted
 *      SCANLINES  other interleaved strips: decoded row by row, so that a strip of any size streams
 *      BANDS      planes, tiles, subsampled YCbCr: strips or a row of tiles are decoded and interleaved into a buffer
 * 2. Samples of 3, 5, 6, 7, 10 ... bits are unpacked into cells of 1, 2, 4 or 8 bytes.
 * 3. Cells become samples of the picture: scaled to full range, looked up in the palette, turned, divided by alpha ...
 * Where steps 2 and 3 have nothing to do, rows go where the caller wants them without a stop.
 */
#pragma once

#include "imageio/tiff/handle.h"

/* ---- The chain of directories ------------------------------------------------------------------------------------ */

typedef struct {
  guint64 offset;  /* of the directory in the file */
  IePageKind kind;
  guint64 samples; /* width x height x samples a pixel (at least 3, as a palette may become that many) */
  guint subifds;   /* directories that hang below this one */
  gboolean layered; /* Photoshop keeps the layers in a tag of its own */
} IeTiffPage;

/* All directories of the main chain, of IeTiffPage; at least one. A chain that returns to itself or leads nowhere ends
 * there, noted in `fidelity`. NULL and error (IE_ERROR_INPUT) when there are more than limits->pages. Unref with
 * g_array_unref(). */
GArray *ie_tiff_chain (int fd, guint64 size, const IeReadLimits *limits, GError **error);

/* Hides the tags of that directory that are longer than the limits from libtiff, which would take memory for them, and
 * notes the loss. Before libtiff reads the directory. FALSE and error: they are so long that the file is a bomb. */
gboolean ie_tiff_hide_large (IeTiffHandle *handle, guint64 directory, const IeReadLimits *limits, GError **error);

/* Bytes of a tag of the directory at that offset as they stand in the file: for tags whose type writers disagree on. NULL:
 * not there, of another type than bytes or 32-bit words, or longer than limit. g_bytes_unref(). */
GBytes *ie_tiff_raw_tag (int fd, guint64 size, guint64 directory, guint tag, gsize limit);

/* ---- A page ------------------------------------------------------------------------------------------------------ */

typedef enum { IE_TIFF_DIRECT, IE_TIFF_SCANLINES, IE_TIFF_BANDS } IeTiffFetch;

/* What a cell means. */
typedef enum {
  IE_TIFF_SAME,     /* a sample of the picture */
  IE_TIFF_SCALED,   /* an integer whose full range is 2^bits - 1, in a cell of 1 or 2 bytes */
  IE_TIFF_WIDE,     /* the same in 4 or 8 bytes; becomes float */
  IE_TIFF_SIGNED,   /* an integer whose full range is 2^(bits - 1) - 1, negative ones below 0; becomes float */
  IE_TIFF_HALF,     /* IEEE 754 binary16 */
  IE_TIFF_FLOAT24,  /* 1 sign, 7 exponent, 16 fraction bits (Adobe Photoshop TIFF technical note 3) */
  IE_TIFF_DOUBLE,
  IE_TIFF_PALETTE,  /* an index */
  IE_TIFF_CIELAB,   /* TIFF 6.0, section 23 */
  IE_TIFF_ICCLAB,   /* the encoding of ICC profiles version 2 (TIFF technical note of Photoshop 6) */
  IE_TIFF_YCBCR,    /* TIFF 6.0, section 21 */
  IE_TIFF_XYZ,      /* float X, Y, Z as LogLuv decodes to, or Y alone */
} IeTiffMeaning;

typedef struct {
  IeSource source;
  IeMetadata metadata;
  IeTiffHandle handle;
  IeReadLimits limits;
  GArray *pages;         /* of IeTiffPage, shared by the pages of a file */
  IeTiffFetch fetch;
  IeTiffMeaning meaning;
  gboolean plain;        /* uncompressed, nothing to do to the bytes but to swap them */
  gboolean planar, tiled;
  gboolean white_is_zero, associated;
  int compression;
  int bits, format;      /* of a stored sample */
  int samples;           /* stored, a pixel */
  int colours;           /* of them that have a meaning as colour */
  int alpha;             /* index of the stored sample that is alpha, or -1 */
  gboolean packed;       /* cells have to be unpacked */
  int cell_bytes;
  gsize stored_bytes;    /* of an interleaved row, as stored */
  gsize row_bytes;       /* of an interleaved row of cells */
  int block_rows;        /* rows of a strip or tile */
  int block_columns;     /* columns of a tile; the width for strips */
  gsize block_bytes;     /* of a decoded strip or tile */
  int subsampled_x, subsampled_y; /* YCbCr: luma samples a chroma sample; else 1 */
  guint8 *block;         /* a decoded strip or tile */
  guint8 *band;          /* band_rows rows of cells from band_row on, interleaved */
  int band_row, band_rows;
  int band_most;         /* rows that band has room for */
  guint8 *stored;        /* one stored row, where it cannot be fetched to its place */
  guint8 *cells;         /* one row of cells, where they have to be unpacked */
  guint16 *palette[3];   /* 2^bits entries each, at the picture's depth; in one piece */
  float luma[3], reference[6]; /* YCbCr */
} IeTiffSource;

/* Bytes of `samples` stored samples, which fill whole bytes. */
static inline gsize
ie_tiff_stored_bytes (const IeTiffSource *tiff, gsize samples)
{
  return (samples * (gsize) tiff->bits + 7) / 8;
}

/* Judges the tags that say what the samples of a page mean and of how many bits they are. */
gboolean ie_tiff_read_samples (IeTiffSource *tiff, GError **error);
/* Judges the tags of the page that tiff->handle stands on: fills everything but the metadata. */
gboolean ie_tiff_read_page (IeTiffSource *tiff, GError **error);
/* Metadata and layout of that page, whose number is `page`. */
gboolean ie_tiff_read_metadata (IeTiffSource *tiff, guint page, GError **error);

/* Reads full rows, in any order (in ascending order is fast). Memory beyond what the struct has is taken at the first
 * call. */
gboolean ie_tiff_read_rows (IeTiffSource *tiff, IeRect rect, void *data, ptrdiff_t stride, GError **error);

/* Step 2: cells of `samples` stored samples. */
void ie_tiff_unpack (const IeTiffSource *tiff, const guint8 *stored, void *cells, gsize samples);
/* Step 3: a row of the picture from a row of cells; cells may be the row itself where ie_tiff_in_place(). */
void ie_tiff_convert (const IeTiffSource *tiff, const void *cells, void *row);
/* Whether step 3 needs no second row. */
gboolean ie_tiff_in_place (const IeTiffSource *tiff);
