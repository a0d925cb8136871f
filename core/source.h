// SPDX-License-Identifier: GPL-3.0-or-later
/* Sources and sinks of pixels: a file, memory, a pipe, a GEGL buffer, another process. The engine knows nothing else.
 *
 * A face embeds IeSource as the first member of its own struct and fills the hooks.
 */
#pragma once

#include "core/image.h"

G_BEGIN_DECLS

typedef struct IeSource IeSource;
typedef struct IeSink IeSink;

struct IeSource {
  IeHeader header;
  /* Set when the pixels lie in memory: read directly, by any thread, without calls. read may then be NULL. */
  const void *memory;
  ptrdiff_t stride;
  /* TRUE: read() takes any rectangle, in any order (one thread at a time). FALSE: full rows, each once, ascending. */
  gboolean random;
  /* Reads `rect` (inside the picture) at header.depth into rows `stride` bytes apart. */
  gboolean (*read) (IeSource *source, IeRect rect, void *data, ptrdiff_t stride, GError **error);
  /* Begins again at row 0; NULL: this source can be read only once (a pipe), and the engine spools when it must. */
  gboolean (*rewind) (IeSource *source, GError **error);
  void (*free) (IeSource *source);
  /* Predicted: bytes the source itself holds while it is read; and the cost of reading it once, in nanoseconds a sample. */
  guint64 memory_held;
  double read_cost;
};

struct IeSink {
  void *memory; /* set when the result goes to memory of the output's size: written by any thread, without calls */
  ptrdiff_t stride;
  /* Called once, before the first write, with the header of what will come. May set memory. header.depth is what the
   * sink asked for in its options. */
  gboolean (*begin) (IeSink *sink, const IeHeader *header, GError **error);
  /* Full rows, ascending, at the header's depth. */
  gboolean (*write) (IeSink *sink, IeRect rect, const void *data, ptrdiff_t stride, GError **error);
  void (*free) (IeSink *sink);
  guint64 memory_held; /* predicted bytes the sink holds while it is written */
};

static inline void
ie_source_free (IeSource *source)
{
  if (source && source->free)
    source->free (source);
}

static inline void
ie_sink_free (IeSink *sink)
{
  if (sink && sink->free)
    sink->free (sink);
}

/* A source over memory that the caller keeps until it is freed; header is copied. */
IE_API IeSource *ie_memory_source_new (const IeHeader *header, const void *data, ptrdiff_t stride);
/* A sink into the caller's memory; the size and depth must be what the engine announces (checked in begin). */
IE_API IeSink *ie_memory_sink_new (const IeHeader *header, void *data, ptrdiff_t stride);

G_END_DECLS
