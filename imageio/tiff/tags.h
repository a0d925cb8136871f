// SPDX-License-Identifier: GPL-3.0-or-later
/* Tags that describe a picture, from TIFF to TIFF and between TIFF and IeMetadata. */
#pragma once

#include "imageio/tiff/handle.h"

/* Profile, resolution, orientation, XMP, IPTC and Photoshop's resources of the directory that the handle stands on (at offset `directory` of
 * the file). FALSE and error: a profile larger than limits->icc. Blocks larger than limits->text are noted as dropped. */
gboolean ie_tiff_read_blocks (IeTiffHandle *handle, guint64 directory, const IeReadLimits *limits, IeMetadata *metadata,
                              GError **error);
/* Other descriptive tags (Artist, PageName, GeoTIFF ...), of opaque items; NULL: none. g_ptr_array_unref(). */
GPtrArray *ie_tiff_read_tags (TIFF *tiff, gsize limit);

/* Writes what the two above read; also the other way's formats' metadata. FALSE: libtiff refused, see the handle. */
gboolean ie_tiff_write_blocks (TIFF *tiff, const IeMetadata *metadata);
void ie_tiff_write_tags (TIFF *tiff, const GPtrArray *tags);
