// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows of means of a picture's own samples to sRGB. */
#pragma once

#include "core/image.h"

G_BEGIN_DECLS

typedef struct IePortraitColour IePortraitColour;

/* What pictures of this header need; never NULL: what has no usable profile counts as sRGB, inks as their complements,
 * channels without meaning as RGB or, where there are fewer than three, gray. Free with ie_portrait_colour_free(). */
IePortraitColour *ie_portrait_colour_new (const IeHeader *header);
void ie_portrait_colour_free (IePortraitColour *colour);
/* The samples are sRGB, gray or RGB, as they are. */
gboolean ie_portrait_colour_is_plain (const IePortraitColour *colour);
/* `pixels` pixels of the picture's colour channels (without alpha), 0..1, to RGB, 0..1 or beyond. */
void ie_portrait_colour_row (const IePortraitColour *colour, const float *in, float *out, int pixels);

G_END_DECLS
