// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes TIFF 6.0, as BigTIFF when the file may pass 4 GiB: strips or tiles, interleaved or planar, one page after the
 * other.
 *
 * libtiff goes back to the head of the file at the end, so a pipe gets the file from a temporary one. */
#include "core/i18n.h"
#include "imageio/tiff/blocks.h"
#include "imageio/tiff/compression.h"
#include "imageio/tiff/exif.h"
#include "imageio/tiff/tags.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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
  IeTiffBlocks blocks;
} TiffSink;

/* ---- Tags -------------------------------------------------------------------------------------------------------- */

static int
photometric (const TiffSink *sink)
{
  int colours = ie_colours (sink->header.channels, sink->header.has_alpha);
  if (sink->kind == IE_PAGE_MASK && ie_tiff_is_bilevel (&sink->type))
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
                TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, sink->blocks.planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG) &&
                TIFFSetField (tiff, TIFFTAG_COMPRESSION, sink->compression);
  if (ok && sink->blocks.tile_columns)
    ok = TIFFSetField (tiff, TIFFTAG_TILEWIDTH, sink->blocks.tile_columns) &&
         TIFFSetField (tiff, TIFFTAG_TILELENGTH, sink->blocks.block_rows);
  else if (ok)
    ok = TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, sink->blocks.block_rows);
  if (ok && header->has_alpha)
    ok = TIFFSetField (tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
  if (ok && ie_colours (header->channels, header->has_alpha) == 4)
    ok = TIFFSetField (tiff, TIFFTAG_INKSET, INKSET_CMYK);
  const IeLayout *layout = header->metadata ? header->metadata->layout : NULL;
  int predictor = ie_tiff_choose_predictor (sink->compression, layout, &sink->type);
  if (ok && predictor != PREDICTOR_NONE)
    ok = TIFFSetField (tiff, TIFFTAG_PREDICTOR, predictor);
  if (ok && layout && layout->tiff.tags)
    ie_tiff_write_tags (tiff, layout->tiff.tags);
  return ok && (!header->metadata || ie_tiff_write_blocks (tiff, header->metadata));
}

/* ---- A page begins ----------------------------------------------------------------------------------------------- */

static gboolean
needs_big (const TiffSink *sink)
{
  const IeMetadata *metadata = sink->header.metadata;
  guint64 bytes = MAX (sink->blocks.row_bytes * (guint64) sink->header.height, sink->page_bytes);
  if (sink->compression == COMPRESSION_LZW)
    bytes += bytes / 2;
  GBytes *const blocks[] = { metadata ? metadata->icc : NULL, metadata ? metadata->xmp : NULL,
                             metadata ? metadata->iptc : NULL, metadata ? metadata->exif : NULL };
  for (gsize i = 0; i < G_N_ELEMENTS (blocks); i++)
    bytes += blocks[i] ? g_bytes_get_size (blocks[i]) : 0;
  return bytes > CLASSIC_BYTES;
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
    sink->type.white_is_zero = ie_tiff_is_bilevel (&sink->type); /* what readers of fax expect */
  ie_tiff_blocks_clear (&sink->blocks);
  sink->blocks = ie_tiff_blocks_choose (&sink->handle, header, &sink->type, sink->tile_width, sink->tile_height);
  sink->compression = ie_tiff_choose_compression (sink->wished, layout, &sink->type, sink->fidelity, error);
  if (!sink->compression || !ie_tiff_blocks_begin (&sink->blocks, sink->compression != COMPRESSION_NONE,
                                                   &base->memory_held, error))
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

static gboolean
tiff_write (IeSink *base, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  return ie_tiff_blocks_write (&((TiffSink *) base)->blocks, rect, data, stride, error);
}

/* ---- Pages and the end ------------------------------------------------------------------------------------------- */

static gboolean
end_page (TiffSink *sink, GError **error)
{
  if (!ie_check_rows (&sink->header, sink->blocks.rows, error))
    return FALSE;
  if (!sink->handle.tiff || !TIFFWriteDirectory (sink->handle.tiff) || sink->handle.failure)
    return ie_tiff_fail_write (&sink->handle, error);
  if (sink->kind == IE_PAGE_PICTURE)
    sink->picture_page = sink->pages;
  sink->pages++;
  sink->begun = FALSE;
  ie_tiff_blocks_clear (&sink->blocks);
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
  ie_tiff_blocks_clear (&sink->blocks);
  g_free (sink);
}

static gboolean
check_options (const IeWriteOptions *options, int *compression, GError **error)
{
  *compression = 0;
  if (!options)
    return TRUE;
  if (options->tiff_compression && !(*compression = ie_tiff_compression_by_name (options->tiff_compression, error)))
    return FALSE;
  int width = options->tile_width, height = options->tile_height;
  if (width <= 0 || (width % 16 == 0 && height > 0 && height % 16 == 0 && MAX (width, height) <= MOST_WISHED_TILE))
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("tiles are multiples of 16 up to %d wide and high, not %dx%d"),
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
