// SPDX-License-Identifier: GPL-3.0-or-later
/* A picture as descriptors and models see it: upright, sRGB, 8 bits, alpha laid on white, in memory. */
#pragma once

#include "core/source.h"

G_BEGIN_DECLS

typedef struct {
  int width, height;
  guint8 *rgb; /* rows of width x 3 bytes without gaps; g_free() */
} IePortrait;

/* Reads the whole of `source`: its profile (none: sRGB; gray, CMYK and Lab too) is converted to sRGB, its orientation
 * applied, colours averaged in the values as they are stored (floats within 0..1, NaN 0), weighed by alpha, and the rest
 * laid on white. longest: area means bring the longer side down to at most so many pixels, both sides at least 1; 0: the
 * size as it is. Rows are streamed: memory is the portrait and some rows. The same bytes at every processor level. cancel
 * (may be NULL) is read atomically: non-zero stops with IE_ERROR_CANCELLED. FALSE and error; then the portrait is not
 * touched. */
IE_API gboolean ie_portrait_read (IeSource *source, int longest, const gint *cancel, IePortrait *portrait, GError **error);
IE_API void ie_portrait_clear (IePortrait *portrait);

/* `part` of a portrait, turned: 1..8 as EXIF orientations are numbered, so that a picture with this orientation comes out
 * upright. FALSE: no memory. */
IE_API gboolean ie_portrait_turn (const IePortrait *in, IeRect part, int orientation, IePortrait *out);

G_END_DECLS
