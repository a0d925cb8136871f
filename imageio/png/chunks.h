// SPDX-License-Identifier: GPL-3.0-or-later
/* The parts of PNG that stand in files of their own. */
#pragma once

#include "imageio/internal.h"

#define IE_PNG_XMP_KEY "XML:com.adobe.xmp"

/* Fills texts, XMP, EXIF, IPTC and notes of metadata from the chunks of a PNG file. Any bytes are safe; limits are
 * filled in. FALSE and error: a bomb of text. */
gboolean ie_png_read_chunks (int fd, const IeReadLimits *limits, IeMetadata *metadata, GError **error);

/* Sizes of the primaries and gamma as gAMA and cHRM store them, times 100,000. */
typedef struct {
  gboolean has_gamma, has_primaries;
  gint32 gamma;
  gint32 white[2], red[2], green[2], blue[2];
} IePngColour;

/* A profile of the same meaning; NULL when it is sRGB (as near as the two chunks can say) or makes no sense. */
GBytes *ie_png_profile (const IePngColour *colour, gboolean gray);
