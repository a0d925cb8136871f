// SPDX-License-Identifier: GPL-3.0-or-later
/* Means of square windows. */
#pragma once

#include "core/filter.h"
#include "core/level.h"

G_BEGIN_DECLS

#define ie_box IE_LEVEL_NAME (ie_box)
#define ie_box_memory IE_LEVEL_NAME (ie_box_memory)

/* The means of the windows of 2 * radius + 1 pixels, radius >= 1, around the pixels of `out`; `in` reaches `radius` pixels
 * beyond them. Both have the same depth and channels. Returns early when cancelled. */
void ie_box (int radius, IeWork *work, const IePixels *in, const IePixels *out);

/* Bytes of scratch that ie_box() takes for a rectangle of this width. */
gsize ie_box_memory (int radius, int width, int channels, IeDepth depth, gboolean has_alpha);

G_END_DECLS
