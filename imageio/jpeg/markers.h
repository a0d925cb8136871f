// SPDX-License-Identifier: GPL-3.0-or-later
/* The segments before a JPEG's samples: what they carry beside them. */
#pragma once

#include "imageio/internal.h"

#define IE_JPEG_MOST_SEGMENT 65533 /* bytes of a segment's data: its 16-bit length counts itself */
#define IE_JPEG_XMP "http://ns.adobe.com/xap/1.0/"
#define IE_JPEG_XMP_MORE "http://ns.adobe.com/xmp/extension/"
#define IE_JPEG_PHOTOSHOP "Photoshop 3.0"

/* FALSE and error when texts and metadata claim so much that the file is a bomb; profiles have a limit of their own. Before
 * libjpeg, which passes over all bytes of them. */
gboolean ie_jpeg_check_text (int fd, const IeReadLimits *limits, GError **error);
/* Fills EXIF, XMP, IPTC, profile, texts and notes of metadata. Any bytes are safe; limits are filled in. */
void ie_jpeg_read_markers (int fd, const IeReadLimits *limits, IeMetadata *metadata);

/* An XMP packet that is too long for one segment: `packet` is then to be written as extended XMP under the name `guid`
 * (32 digits), beside the short packet that this returns. g_free(). */
char *ie_jpeg_xmp_stub (const char *guid);
/* The two packets as one: the first with the second's descriptions among its own; NULL when that cannot be done. */
GBytes *ie_jpeg_xmp_join (GBytes *first, const guint8 *more, gsize size, const char *guid);
