// SPDX-License-Identifier: GPL-3.0-or-later
/* Sources and sinks over memory that the caller owns. */
#include "core/error.h"
#include "core/i18n.h"
#include "core/source.h"

#include <string.h>

static void
copy_rows (const void *from, ptrdiff_t from_stride, void *to, ptrdiff_t to_stride, size_t bytes, int rows)
{
  for (int y = 0; y < rows; y++)
    memcpy ((char *) to + y * to_stride, (const char *) from + y * from_stride, bytes);
}

static size_t
pixel_bytes (const IeHeader *header)
{
  return (size_t) header->channels * ie_depth_bytes (header->depth);
}

static gboolean
memory_read (IeSource *source, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  size_t pixel = pixel_bytes (&source->header);
  const char *first = (const char *) source->memory + rect.y * source->stride + rect.x * (ptrdiff_t) pixel;
  copy_rows (first, source->stride, data, stride, (size_t) rect.width * pixel, rect.height);
  return TRUE;
}

static gboolean
memory_rewind (IeSource *source, GError **error)
{
  return TRUE;
}

static void
memory_source_free (IeSource *source)
{
  g_free (source);
}

IeSource *
ie_memory_source_new (const IeHeader *header, const void *data, ptrdiff_t stride)
{
  IeSource *source = g_new0 (IeSource, 1);
  source->header = *header;
  source->memory = data;
  source->stride = stride;
  source->random = TRUE;
  source->read = memory_read;
  source->rewind = memory_rewind;
  source->free = memory_source_free;
  return source;
}

typedef struct {
  IeSink sink;
  IeHeader expected;
  void *data;
  ptrdiff_t stride;
} MemorySink;

static gboolean
memory_begin (IeSink *base, const IeHeader *header, GError **error)
{
  MemorySink *sink = (MemorySink *) base;
  const IeHeader *expected = &sink->expected;
  if (header->width != expected->width || header->height != expected->height ||
      header->channels != expected->channels || header->depth != expected->depth) {
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT,
                 _ ("the result has %d x %d pixels of %d channels of %d bits, its memory %d x %d of %d of %d"),
                 header->width, header->height, header->channels, (int) ie_depth_bytes (header->depth) * 8,
                 expected->width, expected->height, expected->channels, (int) ie_depth_bytes (expected->depth) * 8);
    return FALSE;
  }
  return TRUE;
}

static gboolean
memory_write (IeSink *base, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  MemorySink *sink = (MemorySink *) base;
  size_t pixel = pixel_bytes (&sink->expected);
  char *first = (char *) sink->data + rect.y * sink->stride + rect.x * (ptrdiff_t) pixel;
  copy_rows (data, stride, first, sink->stride, (size_t) rect.width * pixel, rect.height);
  return TRUE;
}

static void
memory_sink_free (IeSink *sink)
{
  g_free (sink);
}

IeSink *
ie_memory_sink_new (const IeHeader *header, void *data, ptrdiff_t stride)
{
  MemorySink *sink = g_new0 (MemorySink, 1);
  sink->expected = *header;
  sink->data = data;
  sink->stride = stride;
  sink->sink.memory = data; /* from the start: it decides how the work is cut (ie_run()) */
  sink->sink.stride = stride;
  sink->sink.begin = memory_begin;
  sink->sink.write = memory_write;
  sink->sink.free = memory_sink_free;
  return &sink->sink;
}
