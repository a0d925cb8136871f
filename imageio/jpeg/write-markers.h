// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes the segments before a JPEG's samples. libjpeg's errors leave through its own handler (imageio/jpeg/error.h). */
#pragma once

#include "imageio/jpeg/error.h"

/* The EXIF block that is to be written: where the picture's own is too long for a segment, its orientation alone, which is
 * noted. NULL: none. g_bytes_unref(). */
GBytes *ie_jpeg_choose_exif (const IeMetadata *metadata, IeFidelity *fidelity);
/* After jpeg_start_compress(): EXIF directly after JFIF's own segment, then XMP, IPTC, profile and comments. exif and
 * metadata may be NULL. What does not fit is noted. */
void ie_jpeg_write_metadata (j_compress_ptr jpeg, const IeMetadata *metadata, GBytes *exif, IeFidelity *fidelity);
