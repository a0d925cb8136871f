// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes binary PGM and PPM (P5, P6), PAM (P7) and PFM (in this processor's byte order), and defines these formats.
 * They hold no metadata. */
#include "imageio/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

typedef struct {
  IeFileSink file;
  const IeFormat *format;
  IeWriter *writer;
  IeHeader header;
  gsize row_bytes;
  int rows;
  guint8 *row;          /* one row in the file's byte order, where that is not ours */
  gboolean seekable;    /* PFM: rows can be put in their place */
  guint64 offset;       /* PFM: of the bottom row */
  guint8 *picture;      /* PFM into a pipe: all rows */
} PnmSink;

static char *
header_text (const PnmSink *sink)
{
  const IeHeader *header = &sink->header;
  int maximum = (int) ie_depth_range (header->depth);
  gboolean colour = ie_colours (header->channels, header->has_alpha) == 3;
  if (sink->format == &ie_format_pfm)
    return g_strdup_printf ("P%c\n%d %d\n%s1.0\n", colour ? 'F' : 'f', header->width, header->height,
                            G_BYTE_ORDER == G_LITTLE_ENDIAN ? "-" : "");
  if (sink->format == &ie_format_pnm)
    return g_strdup_printf ("P%c\n%d %d\n%d\n", colour ? '6' : '5', header->width, header->height, maximum);
  return g_strdup_printf ("P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s%s\nENDHDR\n", header->width,
                          header->height, header->channels, maximum, colour ? "RGB" : "GRAYSCALE",
                          header->has_alpha ? "_ALPHA" : "");
}

static gboolean
begin (IeSink *base, const IeHeader *header, GError **error)
{
  PnmSink *sink = (PnmSink *) base;
  if (!ie_check_writable (sink->format, header, error))
    return FALSE;
  sink->header = *header;
  sink->row_bytes = (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
  base->memory_held = IE_BUFFER_BYTES;
  if (header->depth == IE_DEPTH_U16 && G_BYTE_ORDER == G_LITTLE_ENDIAN)
    sink->row = g_malloc (sink->row_bytes);
  char *text = header_text (sink);
  gboolean ok = ie_writer_put (sink->writer, text, strlen (text));
  if (ok && header->depth == IE_DEPTH_FLOAT) {
    off_t start = lseek (sink->writer->fd, 0, SEEK_CUR);
    sink->seekable = start >= 0 && !(fcntl (sink->writer->fd, F_GETFL) & O_APPEND);
    sink->offset = (guint64) MAX (start, 0) + strlen (text);
    if (!sink->seekable) {
      guint64 all = sink->row_bytes * (guint64) header->height;
      base->memory_held += all;
      sink->picture = ie_try_alloc (all, error);
      ok = sink->picture != NULL;
    } else
      ok = ie_writer_flush (sink->writer);
  }
  g_free (text);
  return ok || (!sink->writer->failure ? FALSE : ie_fail_write (error, sink->writer->failure));
}

/* PFM: row y from the top has its place from the bottom. */
static gboolean
put_float_row (PnmSink *sink, int y, const void *row)
{
  guint64 from = sink->row_bytes * (guint64) (sink->header.height - 1 - y);
  if (sink->picture)
    memcpy (sink->picture + from, row, sink->row_bytes);
  else if (!sink->writer->failure)
    sink->writer->failure = ie_pwrite (sink->writer->fd, row, sink->row_bytes, sink->offset + from);
  return !sink->writer->failure;
}

static gboolean
put_row (PnmSink *sink, int y, const void *row)
{
  if (sink->header.depth == IE_DEPTH_FLOAT)
    return put_float_row (sink, y, row);
  for (gsize i = 0; sink->row && i < sink->row_bytes / 2; i++)
    ((guint16 *) (void *) sink->row)[i] = GUINT16_TO_BE (((const guint16 *) row)[i]);
  return ie_writer_put (sink->writer, sink->row ? sink->row : row, sink->row_bytes);
}

static gboolean
write_rows (IeSink *base, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  PnmSink *sink = (PnmSink *) base;
  gboolean ok = TRUE;
  if (sink->header.depth == IE_DEPTH_U8 && stride == (ptrdiff_t) sink->row_bytes)
    ok = ie_writer_put (sink->writer, data, sink->row_bytes * (gsize) rect.height);
  else
    for (int y = 0; ok && y < rect.height; y++)
      ok = put_row (sink, rect.y + y, (const char *) data + y * stride);
  sink->rows += rect.height;
  return ok || ie_fail_write (error, sink->writer->failure);
}

static gboolean
finish (IeFileSink *base, GError **error)
{
  PnmSink *sink = (PnmSink *) base;
  if (!ie_check_rows (&sink->header, sink->rows, error))
    return FALSE;
  gboolean ok = !sink->picture ||
                ie_writer_put (sink->writer, sink->picture, sink->row_bytes * (gsize) sink->header.height);
  return (ok && ie_writer_flush (sink->writer)) || ie_fail_write (error, sink->writer->failure);
}

static void
free_sink (IeSink *base)
{
  PnmSink *sink = (PnmSink *) base;
  ie_writer_free (sink->writer);
  g_free (sink->row);
  g_free (sink->picture);
  g_free (sink);
}

static IeFileSink *
create (const IeFormat *format, int fd)
{
  PnmSink *sink = g_new0 (PnmSink, 1);
  sink->format = format;
  sink->writer = ie_writer_new (fd);
  sink->file.sink.begin = begin;
  sink->file.sink.write = write_rows;
  sink->file.sink.free = free_sink;
  sink->file.finish = finish;
  return &sink->file;
}

static IeFileSink *
create_pnm (int fd, const IeWriteOptions *options, GError **error)
{
  return create (&ie_format_pnm, fd);
}

static IeFileSink *
create_pam (int fd, const IeWriteOptions *options, GError **error)
{
  return create (&ie_format_pam, fd);
}

static IeFileSink *
create_pfm (int fd, const IeWriteOptions *options, GError **error)
{
  return create (&ie_format_pfm, fd);
}

static gboolean
sniff_pnm (const guint8 *head, gsize size)
{
  return size >= 3 && head[0] == 'P' && head[1] >= '1' && head[1] <= '6' &&
         (g_ascii_isspace (head[2]) || head[2] == '#');
}

static gboolean
sniff_pam (const guint8 *head, gsize size)
{
  return size >= 3 && memcmp (head, "P7\n", 3) == 0;
}

static gboolean
sniff_pfm (const guint8 *head, gsize size)
{
  return size >= 3 && head[0] == 'P' && (head[1] == 'F' || head[1] == 'f') && g_ascii_isspace (head[2]);
}

static const char *const pnm_extensions[] = { "pnm", "ppm", "pgm", "pbm", NULL };
static const char *const pam_extensions[] = { "pam", NULL };
static const char *const pfm_extensions[] = { "pfm", NULL };

const IeFormat ie_format_pnm = {
  .name = "pnm",
  .label = "PNM",
  .extensions = pnm_extensions,
  .can = IE_CAN_U8 | IE_CAN_U16,
  .sniff = sniff_pnm,
  .open = ie_pnm_open,
  .create = create_pnm,
};

const IeFormat ie_format_pam = {
  .name = "pam",
  .label = "PAM",
  .extensions = pam_extensions,
  .can = IE_CAN_U8 | IE_CAN_U16 | IE_CAN_ALPHA,
  .sniff = sniff_pam,
  .open = ie_pnm_open,
  .create = create_pam,
};

const IeFormat ie_format_pfm = {
  .name = "pfm",
  .label = "PFM",
  .extensions = pfm_extensions,
  .can = IE_CAN_FLOAT,
  .sniff = sniff_pfm,
  .open = ie_pnm_open,
  .create = create_pfm,
};
