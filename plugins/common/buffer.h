// SPDX-License-Identifier: GPL-3.0-or-later
/* GEGL's buffers as sources and sinks of the engine: what GIMP 2.10, GIMP 3 and the GEGL module share.
 *
 * Pixels are read and written in the buffer's own format wherever the library has it (8 and 16 bits, float), so that babl
 * computes nothing; other depths go through float of the same model.
 */
#pragma once

#include <gegl.h>

#include "core/imgenhance.h"

G_BEGIN_DECLS

/* A buffer's pixels as the library sees them. */
typedef struct {
  const Babl *format;  /* in which they are read and written */
  IeHeader header;     /* size included; metadata points at the member below: a kind is not copied */
  IeMetadata metadata; /* the ICC profile, owned */
} IeBufferKind;

/* Fills `kind` for pixels of babl format `own` and that size. icc (a reference is taken): the profile that they are to be
 * read by; NULL: the format's own space and curve. sRGB has none. FALSE and error (IE_ERROR_INPUT): indexed colours and models
 * that the library does not know. */
gboolean ie_buffer_kind_init (IeBufferKind *kind, const Babl *own, int width, int height, GBytes *icc, GError **error);
void ie_buffer_kind_clear (IeBufferKind *kind);

/* A source over the pixels of `extent`, whose size is kind's; any rectangle, one thread at a time. `buffer` is referenced.
 * kind outlives it. */
IeSource *ie_buffer_source_new (GeglBuffer *buffer, const GeglRectangle *extent, const IeBufferKind *kind);
/* The same over all of a buffer, for further pictures: it keeps its kind itself. `buffer` is referenced; done (may be NULL) is
 * called with `data` when it is freed, and not when this fails. NULL and error as ie_buffer_kind_init(). */
IeSource *ie_buffer_picture_new (GeglBuffer *buffer, GBytes *icc, GDestroyNotify done, gpointer data, GError **error);
/* Reads from another buffer from now on. */
void ie_buffer_source_set (IeSource *source, GeglBuffer *buffer);

/* A sink into the pixels of `extent`, in `kind`'s format. A gray result is written to every colour of an RGB buffer, one without alpha
 * where there is alpha is opaque. Results of another size or with colours that the buffer cannot hold are refused
 * (IE_ERROR_INPUT) when they begin. only (may be NULL): the rectangle, from the extent's corner, outside of which nothing
 * is written. `buffer` is referenced. */
IeSink *ie_buffer_sink_new (GeglBuffer *buffer, const GeglRectangle *extent, const IeBufferKind *kind, const IeRect *only);

/* Whether results of `result` can be written to such a buffer; FALSE and error says why not. */
gboolean ie_buffer_takes (const IeBufferKind *kind, const IeHeader *result, GError **error);
/* Pixels of a result into the layout of such a buffer; both views have `rect`'s size, data of the kind's depth. */
void ie_buffer_arrange (const IeBufferKind *kind, const IeHeader *result, const void *from, ptrdiff_t from_stride, void *to,
                        ptrdiff_t to_stride, IeRect rect);

G_END_DECLS
