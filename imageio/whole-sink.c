// SPDX-License-Identifier: GPL-3.0-or-later
/* Sinks over libraries that encode whole pictures. */
#include "core/i18n.h"
#include "imageio/whole.h"

#include <inttypes.h>

#define DEFAULT_QUALITY 92

static gboolean
begin (IeSink *base, const IeHeader *header, GError **error)
{
  IeWholeSink *sink = (IeWholeSink *) base;
  if (!ie_check_writable (sink->format, header, error))
    return FALSE;
  if (sink->most_side && (guint64) MAX (header->width, header->height) > sink->most_side) {
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("%s files hold at most %" PRIu64 " pixels a side"),
                 sink->format->label, sink->most_side);
    return FALSE;
  }
  sink->header = *header;
  if (sink->expand_gray && ie_colours (header->channels, header->has_alpha) == 1) {
    sink->header.channels += 2;
    sink->header.model = IE_MODEL_RGB;
  } else
    sink->expand_gray = FALSE;
  sink->row_bytes = (gsize) header->width * (gsize) sink->header.channels * ie_depth_bytes (header->depth);
  guint64 bytes = sink->row_bytes * (guint64) header->height;
  sink->picture = ie_try_alloc (bytes, error);
  base->memory_held = bytes + (guint64) (sink->working * header->width * header->height);
  return sink->picture != NULL;
}

/* A row of gray (and alpha) as RGB (and alpha). */
static void
expand_row (const IeWholeSink *sink, const guint8 *from, guint8 *to)
{
  gsize size = ie_depth_bytes (sink->header.depth), alpha = sink->header.has_alpha ? size : 0;
  for (int x = 0; x < sink->header.width; x++) {
    for (int c = 0; c < 3; c++, to += size)
      memcpy (to, from, size);
    memcpy (to, from + size, alpha);
    to += alpha;
    from += size + alpha;
  }
}

static gboolean
write_rows (IeSink *base, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  IeWholeSink *sink = (IeWholeSink *) base;
  for (int y = 0; y < rect.height; y++) {
    const guint8 *from = (const guint8 *) data + y * stride;
    guint8 *to = sink->picture + sink->row_bytes * (gsize) (rect.y + y);
    if (sink->expand_gray)
      expand_row (sink, from, to);
    else
      memcpy (to, from, sink->row_bytes);
  }
  sink->rows += rect.height;
  return TRUE;
}

static gboolean
finish (IeFileSink *base, GError **error)
{
  IeWholeSink *sink = (IeWholeSink *) base;
  if (!ie_check_rows (&sink->header, sink->rows, error) || !sink->encode (sink, error))
    return FALSE;
  return ie_writer_flush (sink->writer) || ie_fail_write (error, sink->writer->failure);
}

static void
free_sink (IeSink *base)
{
  IeWholeSink *sink = (IeWholeSink *) base;
  ie_writer_free (sink->writer);
  g_free (sink->picture);
  g_free (sink);
}

IeWholeSink *
ie_whole_sink_new (int fd, const IeFormat *format, const IeWriteOptions *options,
                   gboolean (*encode) (IeWholeSink *sink, GError **error))
{
  IeWholeSink *sink = g_new0 (IeWholeSink, 1);
  sink->format = format;
  sink->writer = ie_writer_new (fd);
  sink->options = options ? *options : (IeWriteOptions){ 0 };
  sink->encode = encode;
  sink->file.sink.begin = begin;
  sink->file.sink.write = write_rows;
  sink->file.sink.free = free_sink;
  sink->file.finish = finish;
  sink->file.late = TRUE;
  return sink;
}

gboolean
ie_whole_lossy (const IeWholeSink *sink)
{
  const IeMetadata *metadata = sink->header.metadata;
  if (sink->options.loss != IE_LOSS_AUTO)
    return sink->options.loss == IE_LOSS_SOME;
  return sink->options.quality > 0 || (metadata && metadata->layout && metadata->layout->lossy);
}

int
ie_whole_quality (const IeWholeSink *sink)
{
  return sink->options.quality ? CLAMP (sink->options.quality, 1, 100) : DEFAULT_QUALITY;
}

gboolean
ie_whole_fail (IeWholeSink *sink, const char *message, GError **error)
{
  if (sink->writer->failure)
    return ie_fail_write (error, sink->writer->failure);
  g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("cannot write %s: %s"), sink->format->label, message);
  return FALSE;
}

gboolean
ie_whole_put (IeWholeSink *sink, const void *data, gsize size, GError **error)
{
  return ie_writer_put (sink->writer, data, size) || ie_fail_write (error, sink->writer->failure);
}
