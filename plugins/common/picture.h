// SPDX-License-Identifier: GPL-3.0-or-later
/* A picture in memory, and the same reduced: what a preview reads once, in the thread that may, and looks at from another. */
#pragma once

#include "plugins/common/buffer.h"

G_BEGIN_DECLS

typedef struct IePicture IePicture; /* counted references */

/* The same picture with its sides divided by `shrink`. */
typedef struct {
  int shrink;
  IeHeader header;
  guint8 *data;
  ptrdiff_t stride;
} IeLevel;

/* Reads the pixels of `extent`. NULL and error (IE_ERROR_MEMORY): no memory. */
IePicture *ie_picture_new (GeglBuffer *buffer, const GeglRectangle *extent, const IeBufferKind *kind, GError **error);
/* Reads all of a source, which is not freed. */
IePicture *ie_picture_read (IeSource *source, GError **error);
IePicture *ie_picture_ref (IePicture *picture);
void ie_picture_unref (IePicture *picture);

/* The picture's kind: format (NULL when it was read from a source), header, profile. */
const IeBufferKind *ie_picture_kind (const IePicture *picture);
/* shrink 1 is the picture itself, from any thread. Others are made when they are first asked for, by one thread, and the last
 * few are kept: a level is good until the next but IE_LEVELS is asked for. NULL: no memory. */
#define IE_LEVELS 3
const IeLevel *ie_picture_level (IePicture *picture, int shrink);
/* A source over `part` of a level, in the level's pixels, without a copy; it holds a reference to the picture. NULL: no
 * memory. */
IeSource *ie_picture_source (IePicture *picture, int shrink, IeRect part);

G_END_DECLS
