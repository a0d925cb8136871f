// SPDX-License-Identifier: GPL-3.0-or-later
/* A small JPEG of a picture whose rows go by, for EXIF. One thread at a time. */
#pragma once

#include "core/image.h"

typedef struct IeThumbnail IeThumbnail;

/* A thumbnail whose longer side has `side` pixels, or fewer where the picture has. NULL: no thumbnail is made of such a
 * picture (of inks, Lab or unknown channels). ie_thumbnail_free(). */
IeThumbnail *ie_thumbnail_new (const IeHeader *header, int side);
void ie_thumbnail_free (IeThumbnail *thumbnail);

/* Full rows, ascending, at the header's depth. */
void ie_thumbnail_add (IeThumbnail *thumbnail, IeRect rect, const void *data, ptrdiff_t stride);

/* The JPEG, of at most `most` bytes, and its size in pixels; NULL when it cannot be made so small. g_bytes_unref(). */
GBytes *ie_thumbnail_encode (IeThumbnail *thumbnail, gsize most, int *width, int *height);
