// SPDX-License-Identifier: GPL-3.0-or-later
/* A recipe over the pixels of a GEGL buffer: what plug-ins do between asking and merging. */
#pragma once

#include "plugins/common/buffer.h"

G_BEGIN_DECLS

typedef struct {
  const IeRecipe *recipe;
  GeglBuffer *in, *out;
  GeglRectangle extent;      /* of the picture, in both buffers */
  const IeBufferKind *kind;  /* of `in`; out is written in its format, too */
  IeRect only;               /* what of the result is wanted, from the extent's corner */
  IeRunOptions options;      /* progress, cancel, resolve, memory */
} IeBufferJob;

/* Does it; the result is that of the whole extent, of which `only` is written. report may be NULL; where `only` is not all,
 * it counts nothing. */
gboolean ie_buffer_apply (const IeBufferJob *job, IeReport *report, GError **error);

/* The bytes that the engine may take inside a plug-in: half of the machine. Filters that stream take little of it; those
 * that need the whole picture are refused beyond it. */
guint64 ie_face_memory (void);

G_END_DECLS
