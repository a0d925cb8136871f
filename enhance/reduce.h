// SPDX-License-Identifier: GPL-3.0-or-later
/* Smaller versions of a picture: thumbnails, the reduced pages of a TIFF. */
#pragma once

#include "core/source.h"

G_BEGIN_DECLS

/* A source of width x height pixels, each the mean of the area of `source` that it covers, colours weighed by alpha:
 * streams in ascending order, header as `source`'s but for the size. `source` must not be read meanwhile; it is freed with
 * the new one when `owned`. metadata replaces that of `source` (borrowed; may be NULL). */
IE_API IeSource *ie_reduced_source_new (IeSource *source, gboolean owned, int width, int height,
                                        const IeMetadata *metadata);

G_END_DECLS
