// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes TIFF 6.0, as BigTIFF when the file may pass 4 GiB: strips or tiles, interleaved or planar, one page after the
 * other.
 *
 * libtiff goes back to the head of the file at the end, so a pipe gets the file from a temporary one. */
#include "imageio/tiff-exif.h"
#include "imageio/tiff-pack.h"
#include "imageio/tiff-tags.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define STRIP_BYTES (256 << 10)
#define MOST_STRIP_BYTES (8 << 20)  /* of strips that are kept as the input had them */
#define MOST_TILE_BYTES (16 << 20)  /* of tiles, in the same way */
#define USUAL_TILE 256
#define MOST_WISHED_TILE 65536
/* LZW can grow a strip by half (12-bit codes of single bytes), Deflate hardly; the rest is left for tags. */
#define CLASSIC_BYTES G_GUINT64_CONSTANT (4000000000)

typedef struct {
  IeFileSink file;
  IeTiffHandle handle;
  int out;        /* the descriptor that was handed in */
  gboolean spool; /* handle.fd is a temporary file, copied to out at the end */
  int wished;     /* compression by option; 0: none is */
  int tile_width, tile_height; /* by option; 0: none is, -1: strips */
  guint64 page_bytes;
  IeFidelity *fidelity;
  int pages;        /* completed */
  int picture_page; /* number of the last PICTURE page; -1 */
  /* of the page */
  IePageKind kind;
  gboolean begun;
  IeHeader header;
  IeTiffType type;
  int compression;
  gboolean planar;
  gsize row_bytes;  /* of the picture */
  int block_rows;   /* of a strip or tile */
  int tile_columns; /* 0: strips */
  guint8 *band;     /* rows that wait for their strips or tiles to be full */
  guint8 *block;    /* a strip or tile as it is stored */
  guint8 *cells;    /* room of ie_tiff_pack() */
  int waiting;      /* how many rows */
  int rows;         /* rows that were written or wait */
} TiffSink;

/* ---- Compression ------------------------------------------------------------------------------------------------- */

static const struct {
  const char *name;
  int code;
} compressions[] = {
  { "none", COMPRESSION_NONE },     { "packbits", COMPRESSION_PACKBITS },
  { "lzw", COMPRESSION_LZW },       { "deflate", COMPRESSION_ADOBE_DEFLATE },
  { "zstd", COMPRESSION_ZSTD },     { "lzma", COMPRESSION_LZMA },
  { "g4", COMPRESSION_CCITTFAX4 },
};

const char *const *
ie_tiff_compressions (void)
{
  static const char *names[G_N_ELEMENTS (compressions) + 1];
  static gsize made = 0;
  if (g_once_init_enter (&made)) {
    gsize count = 0;
    for (gsize i = 0; i < G_N_ELEMENTS (compressions); i++)
      if (TIFFIsCODECConfigured ((uint16_t) compressions[i].code))
        names[count++] = compressions[i].name;
    g_once_init_leave (&made, 1);
  }
  return names;
}

static int
compression_by_name (const char *name, GError **error)
{
  const char *const *names = ie_tiff_compressions ();
  for (gsize i = 0; i < G_N_ELEMENTS (compressions); i++)
    if (g_str_equal (compressions[i].name, name) && g_strv_contains (names, name))
      return compressions[i].code;
  char *list = g_strjoinv (", ", (char **) (guintptr) names);
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, "TIFF compression is one of %s, not %s", list, name);
  g_free (list);
  return 0;
}

static gboolean
is_fax (int compression)
{
  return compression == COMPRESSION_CCITTFAX4 || compression == COMPRESSION_CCITTFAX3 ||
         compression == COMPRESSION_CCITTRLE;
}

static gboolean
is_bilevel (const IeTiffType *type)
{
  return type->bits == 1 && type->header.channels == 1;
}

/* Compression of the page: by option, else the input's where it loses nothing and can be written, else Deflate. */
static gboolean
choose_compression (TiffSink *sink, const IeLayout *layout, GError **error)
{
  int kept = layout && layout->tiff.bits ? layout->tiff.compression : COMPRESSION_NONE;
  if (kept == COMPRESSION_DEFLATE) /* the older number of the same */
    kept = COMPRESSION_ADOBE_DEFLATE;
  sink->compression = sink->wished ? sink->wished : kept;
  gboolean fits = !is_fax (sink->compression) || is_bilevel (&sink->type);
  if (sink->wished) {
    if (!fits)
      g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, "compression g4 needs a picture of 1 bit");
    return fits;
  }
  gboolean known = is_fax (kept);
  for (gsize i = 0; i < G_N_ELEMENTS (compressions); i++)
    known |= compressions[i].code == kept;
  if (known && fits && TIFFIsCODECConfigured ((uint16_t) kept))
    return TRUE;
  sink->compression = COMPRESSION_ADOBE_DEFLATE;
  ie_fidelity_note (sink->fidelity, IE_ITEM_COMPRESSION, IE_FIDELITY_CHANGED, "TIFF compression %d becomes Deflate", kept);
  return TRUE;
}

/* PREDICTOR_NONE also where the compression knows none. */
static int
choose_predictor (const TiffSink *sink, const IeLayout *layout)
{
  int compression = sink->compression, bits = sink->type.bits;
  gboolean real = sink->type.format == SAMPLEFORMAT_IEEEFP;
  gboolean whole = bits == 8 || bits == 16 || bits == 32;
  if (compression != COMPRESSION_LZW && compression != COMPRESSION_ADOBE_DEFLATE && compression != COMPRESSION_ZSTD &&
      compression != COMPRESSION_LZMA)
    return PREDICTOR_NONE;
  gboolean same = layout && layout->tiff.bits == bits && layout->tiff.format == sink->type.format &&
                  (layout->tiff.compression == compression || layout->tiff.compression == COMPRESSION_DEFLATE);
  int wished = same ? layout->tiff.predictor : real ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL;
  if (wished == PREDICTOR_FLOATINGPOINT)
    return real ? wished : PREDICTOR_NONE;
  return whole ? wished : PREDICTOR_NONE;
}

/* ---- Tags -------------------------------------------------------------------------------------------------------- */

static int
photometric (const TiffSink *sink)
{
  int colours = ie_colours (sink->header.channels, sink->header.has_alpha);
  if (sink->kind == IE_PAGE_MASK && is_bilevel (&sink->type))
    return PHOTOMETRIC_MASK;
  if (sink->header.model == IE_MODEL_LAB)
    return PHOTOMETRIC_CIELAB;
  return colours == 4                 ? PHOTOMETRIC_SEPARATED
         : colours == 3               ? PHOTOMETRIC_RGB
         : sink->type.white_is_zero ? PHOTOMETRIC_MINISWHITE
                                      : PHOTOMETRIC_MINISBLACK;
}

static gboolean
set_fields (TiffSink *sink)
{
  TIFF *tiff = sink->handle.tiff;
  const IeHeader *header = &sink->header;
  uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
  int subfile = sink->kind == IE_PAGE_MASK ? FILETYPE_MASK : sink->kind == IE_PAGE_REDUCED ? FILETYPE_REDUCEDIMAGE : 0;
  gboolean ok = (!subfile || TIFFSetField (tiff, TIFFTAG_SUBFILETYPE, subfile)) &&
                TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, header->width) &&
                TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, header->height) &&
                TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, header->channels) &&
                TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, sink->type.bits) &&
                TIFFSetField (tiff, TIFFTAG_SAMPLEFORMAT, sink->type.format) &&
                TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, photometric (sink)) &&
                TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, sink->planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG) &&
                TIFFSetField (tiff, TIFFTAG_COMPRESSION, sink->compression);
  if (ok && sink->tile_columns)
    ok = TIFFSetField (tiff, TIFFTAG_TILEWIDTH, sink->tile_columns) &&
         TIFFSetField (tiff, TIFFTAG_TILELENGTH, sink->block_rows);
  else if (ok)
    ok = TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, sink->block_rows);
  if (ok && header->has_alpha)
    ok = TIFFSetField (tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
  if (ok && ie_colours (header->channels, header->has_alpha) == 4)
    ok = TIFFSetField (tiff, TIFFTAG_INKSET, INKSET_CMYK);
  const IeLayout *layout = header->metadata ? header->metadata->layout : NULL;
  int predictor = choose_predictor (sink, layout);
  if (ok && predictor != PREDICTOR_NONE)
    ok = TIFFSetField (tiff, TIFFTAG_PREDICTOR, predictor);
  if (ok && layout && layout->tiff.tags)
    ie_tiff_write_tags (tiff, layout->tiff.tags);
  return ok && (!header->metadata || ie_tiff_write_blocks (tiff, header->metadata));
}

/* ---- A page begins ----------------------------------------------------------------------------------------------- */

static gsize
block_bytes (const TiffSink *sink)
{
  gsize columns = (gsize) (sink->tile_columns ? sink->tile_columns : sink->header.width);
  return ie_tiff_packed_bytes (&sink->type, columns * (sink->planar ? 1 : (gsize) sink->header.channels)) *
         (gsize) sink->block_rows;
}

/* Strips or tiles: by option, else as the input had them where they are of a sensible size, else strips of our own. */
static void
choose_blocks (TiffSink *sink, const IeLayout *layout)
{
  const IeHeader *header = &sink->header;
  gboolean keep = layout && layout->tiff.bits;
  sink->planar = keep && layout->tiff.planar && header->channels > 1;
  sink->tile_columns = sink->tile_width > 0 ? sink->tile_width : 0;
  sink->block_rows = sink->tile_height;
  if (sink->tile_width == 0 && keep && layout->tiff.tile_width) {
    sink->tile_columns = layout->tiff.tile_width;
    sink->block_rows = layout->tiff.tile_height;
    if (block_bytes (sink) > MOST_TILE_BYTES)
      sink->tile_columns = sink->block_rows = USUAL_TILE;
  }
  if (sink->tile_columns)
    return;
  sink->block_rows = keep ? layout->tiff.rows_per_strip : 0;
  sink->block_rows = MIN (sink->block_rows, header->height);
  if (sink->block_rows < 1 || sink->row_bytes * (guint64) sink->block_rows > MOST_STRIP_BYTES)
    sink->block_rows = (int) CLAMP (STRIP_BYTES / sink->row_bytes, 1, (gsize) header->height);
}

static gboolean
needs_big (const TiffSink *sink)
{
  const IeMetadata *metadata = sink->header.metadata;
  guint64 bytes = MAX (sink->row_bytes * (guint64) sink->header.height, sink->page_bytes);
  if (sink->compression == COMPRESSION_LZW)
    bytes += bytes / 2;
  GBytes *const blocks[] = { metadata ? metadata->icc : NULL, metadata ? metadata->xmp : NULL,
                             metadata ? metadata->iptc : NULL, metadata ? metadata->exif : NULL };
  for (gsize i = 0; i < G_N_ELEMENTS (blocks); i++)
    bytes += blocks[i] ? g_bytes_get_size (blocks[i]) : 0;
  return bytes > CLASSIC_BYTES;
}

static void
free_page (TiffSink *sink)
{
  g_clear_pointer (&sink->band, g_free);
  g_clear_pointer (&sink->block, g_free);
  g_clear_pointer (&sink->cells, g_free);
}

static gboolean
take_memory (TiffSink *sink, GError **error)
{
  guint64 band = sink->row_bytes * (guint64) MIN (sink->block_rows, sink->header.height), block = block_bytes (sink);
  guint64 cells = (guint64) MAX (sink->header.width, sink->tile_columns) * (guint64) sink->header.channels * 8;
  free_page (sink);
  sink->band = ie_try_alloc (band, error);
  sink->block = sink->band ? ie_try_alloc (block, error) : NULL;
  sink->cells = sink->block ? ie_try_alloc (cells, error) : NULL;
  sink->file.sink.memory_held = band + cells + block * (sink->compression == COMPRESSION_NONE ? 1 : 3);
  return sink->cells != NULL;
}

static gboolean
tiff_begin (IeSink *base, const IeHeader *header, GError **error)
{
  TiffSink *sink = (TiffSink *) base;
  const IeLayout *layout = header->metadata ? header->metadata->layout : NULL;
  if (!ie_check_writable (&ie_format_tiff, header, error))
    return FALSE;
  sink->header = *header;
  sink->type = ie_tiff_choose_type (header);
  if (sink->wished == COMPRESSION_CCITTFAX4 && !(layout && layout->tiff.bits))
    sink->type.white_is_zero = is_bilevel (&sink->type); /* what readers of fax expect */
  sink->row_bytes = (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
  sink->waiting = sink->rows = 0;
  choose_blocks (sink, layout);
  if (!choose_compression (sink, layout, error) || !take_memory (sink, error))
    return FALSE;
  if (!sink->handle.tiff && !ie_tiff_open (&sink->handle, sink->handle.fd, needs_big (sink) ? "w8" : "w"))
    return ie_tiff_fail_write (&sink->handle, error);
  if (!set_fields (sink))
    return ie_tiff_fail_write (&sink->handle, error);
  if (header->metadata && header->metadata->exif &&
      !ie_tiff_exif_write (sink->handle.tiff, header->metadata->exif, error))
    return FALSE;
  sink->begun = TRUE;
  return TRUE;
}

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

/* Writes `rows` rows that begin at the first row of a strip, as they are. */
static gboolean
write_strip (TiffSink *sink, int first_row, int plane, const void *data, gsize size, GError **error)
{
  uint32_t strip = TIFFComputeStrip (sink->handle.tiff, (uint32_t) first_row, (uint16_t) plane);
  if (TIFFWriteEncodedStrip (sink->handle.tiff, strip, (void *) (guintptr) data, (tmsize_t) size) != (tmsize_t) size)
    return ie_tiff_fail_write (&sink->handle, error);
  return TRUE;
}

/* Packs `columns` pixels of all waiting rows from column x on into block, whose rows are block_columns long. */
static void
pack_block (TiffSink *sink, int x, int columns, int block_columns, int plane)
{
  gsize channels = (gsize) sink->header.channels, pixel = channels * ie_depth_bytes (sink->header.depth);
  gsize stride = ie_tiff_packed_bytes (&sink->type, (gsize) block_columns * (plane < 0 ? channels : 1));
  for (int y = 0; y < sink->waiting; y++)
    ie_tiff_pack (&sink->type, sink->band + sink->row_bytes * (gsize) y + pixel * (gsize) x, (gsize) columns, plane,
                  sink->cells, sink->block + stride * (gsize) y);
}

static gboolean
write_tiles (TiffSink *sink, int first_row, int plane, GError **error)
{
  tmsize_t size = (tmsize_t) block_bytes (sink);
  int width = sink->header.width;
  for (int x = 0; x < width; x += sink->tile_columns) {
    memset (sink->block, 0, (gsize) size); /* what lies beyond the picture */
    pack_block (sink, x, MIN (sink->tile_columns, width - x), sink->tile_columns, plane);
    uint32_t tile = TIFFComputeTile (sink->handle.tiff, (uint32_t) x, (uint32_t) first_row, 0, (uint16_t) MAX (plane, 0));
    if (TIFFWriteEncodedTile (sink->handle.tiff, tile, sink->block, size) != size)
      return ie_tiff_fail_write (&sink->handle, error);
    if (width - x <= sink->tile_columns)
      break; /* x would pass the largest int with tiles as wide as that */
  }
  return TRUE;
}

static gboolean
write_band (TiffSink *sink, GError **error)
{
  int first = sink->rows - sink->waiting, planes = sink->planar ? sink->header.channels : 1;
  gsize columns = (gsize) sink->header.width * (sink->planar ? 1 : (gsize) sink->header.channels);
  gsize size = ie_tiff_packed_bytes (&sink->type, columns) * (gsize) sink->waiting;
  gboolean ok = TRUE;
  for (int i = 0; ok && i < planes; i++) {
    int plane = sink->planar ? i : -1;
    if (sink->tile_columns)
      ok = write_tiles (sink, first, plane, error);
    else if (plane < 0 && ie_tiff_type_is_plain (&sink->type))
      ok = write_strip (sink, first, 0, sink->band, size, error);
    else {
      pack_block (sink, 0, sink->header.width, sink->header.width, plane);
      ok = write_strip (sink, first, MAX (plane, 0), sink->block, size, error);
    }
  }
  sink->waiting = 0;
  return ok;
}

static gboolean
tiff_write (IeSink *base, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  TiffSink *sink = (TiffSink *) base;
  const char *row = data;
  /* Whole strips that lie in one piece are written from where they are; not by encoders, which may work in place. */
  gboolean direct = stride == (ptrdiff_t) sink->row_bytes && sink->compression == COMPRESSION_NONE && !sink->planar &&
                    !sink->tile_columns && ie_tiff_type_is_plain (&sink->type);
  for (int left = rect.height; left > 0;) {
    if (direct && sink->waiting == 0 && left >= sink->block_rows) {
      if (!write_strip (sink, sink->rows, 0, row, sink->row_bytes * (gsize) sink->block_rows, error))
        return FALSE;
      sink->rows += sink->block_rows;
      row += stride * sink->block_rows;
      left -= sink->block_rows;
      continue;
    }
    memcpy (sink->band + sink->row_bytes * (gsize) sink->waiting, row, sink->row_bytes);
    sink->waiting++;
    sink->rows++;
    row += stride;
    left--;
    if ((sink->waiting == sink->block_rows || sink->rows == sink->header.height) && !write_band (sink, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- Pages and the end ------------------------------------------------------------------------------------------- */

static gboolean
end_page (TiffSink *sink, GError **error)
{
  if (!ie_check_rows (&sink->header, sink->rows, error))
    return FALSE;
  if (!sink->handle.tiff || !TIFFWriteDirectory (sink->handle.tiff) || sink->handle.failure)
    return ie_tiff_fail_write (&sink->handle, error);
  if (sink->kind == IE_PAGE_PICTURE)
    sink->picture_page = sink->pages;
  sink->pages++;
  sink->begun = FALSE;
  free_page (sink);
  return TRUE;
}

static gboolean
tiff_next_page (IeFileSink *base, IePageKind kind, GError **error)
{
  TiffSink *sink = (TiffSink *) base;
  if (sink->begun && !end_page (sink, error))
    return FALSE;
  sink->kind = kind;
  return TRUE;
}

static IeSource *
tiff_reread (IeFileSink *base, GError **error)
{
  TiffSink *sink = (TiffSink *) base;
  IeReadLimits limits = { .side = G_MAXINT, .pixels = G_MAXUINT64, .icc = G_MAXSSIZE, .text = G_MAXSSIZE,
                          .pages = G_MAXINT };
  int fd = fcntl (sink->handle.fd, F_DUPFD_CLOEXEC, 3);
  if (fd < 0 || sink->picture_page < 0) {
    ie_fail_write (error, fd < 0 ? errno : EINVAL);
    if (fd >= 0)
      close (fd);
    return NULL;
  }
  IeSource *first = ie_format_tiff.open (fd, &limits, error);
  IeSource *page = first ? ie_format_tiff.pages->open (first, sink->picture_page, error) : NULL;
  ie_source_free (first);
  return page;
}

static gboolean
copy_to_pipe (TiffSink *sink, GError **error)
{
  guint8 *piece = g_malloc (IE_BUFFER_BYTES);
  int failure = 0;
  guint64 offset = 0;
  gssize got = 0;
  while (!failure && (got = ie_pread (sink->handle.fd, piece, IE_BUFFER_BYTES, offset)) > 0) {
    failure = ie_write (sink->out, piece, (gsize) got);
    offset += (guint64) got;
  }
  if (got < 0)
    failure = errno;
  g_free (piece);
  return failure ? ie_fail_write (error, failure) : TRUE;
}

static gboolean
tiff_finish (IeFileSink *base, GError **error)
{
  TiffSink *sink = (TiffSink *) base;
  if ((sink->begun || sink->pages == 0) && !end_page (sink, error))
    return FALSE;
  ie_tiff_close (&sink->handle);
  if (sink->handle.failure)
    return ie_tiff_fail_write (&sink->handle, error);
  return !sink->spool || copy_to_pipe (sink, error);
}

static void
tiff_sink_free (IeSink *base)
{
  TiffSink *sink = (TiffSink *) base;
  ie_tiff_close (&sink->handle);
  if (sink->spool)
    close (sink->handle.fd);
  close (sink->out);
  free_page (sink);
  g_free (sink);
}

static gboolean
check_options (const IeWriteOptions *options, int *compression, GError **error)
{
  *compression = 0;
  if (!options)
    return TRUE;
  if (options->tiff_compression && !(*compression = compression_by_name (options->tiff_compression, error)))
    return FALSE;
  int width = options->tile_width, height = options->tile_height;
  if (width <= 0 || (width % 16 == 0 && height > 0 && height % 16 == 0 && MAX (width, height) <= MOST_WISHED_TILE))
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, "tiles are multiples of 16 up to %d wide and high, not %dx%d",
               MOST_WISHED_TILE, width, height);
  return FALSE;
}

IeFileSink *
ie_tiff_create (int fd, const IeWriteOptions *options, GError **error)
{
  int compression;
  if (!check_options (options, &compression, error)) {
    close (fd);
    return NULL;
  }
  /* Written in place only where offset 0 is the beginning: not in pipes, and not where others wrote before. */
  gboolean in_place = lseek (fd, 0, SEEK_CUR) == 0 && !(fcntl (fd, F_GETFL) & O_APPEND);
  int spool = in_place ? -1 : ie_temporary_file (NULL, error);
  if (!in_place && spool < 0) {
    close (fd);
    return NULL;
  }
  TiffSink *sink = g_new0 (TiffSink, 1);
  sink->out = fd;
  sink->spool = !in_place;
  sink->handle.fd = in_place ? fd : spool;
  sink->wished = compression;
  sink->picture_page = -1;
  if (options) {
    sink->tile_width = options->tile_width;
    sink->tile_height = options->tile_height;
    sink->page_bytes = options->page_bytes;
    sink->fidelity = options->fidelity;
  }
  sink->file.sink.begin = tiff_begin;
  sink->file.sink.write = tiff_write;
  sink->file.sink.free = tiff_sink_free;
  sink->file.next_page = tiff_next_page;
  sink->file.reread = tiff_reread;
  sink->file.finish = tiff_finish;
  return &sink->file;
}
