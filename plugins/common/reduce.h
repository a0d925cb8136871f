// SPDX-License-Identifier: GPL-3.0-or-later
/* Pictures made smaller for the eye: averages of squares of pixels, and recipes that do the same to them. For previews only:
 * no result is made of this. */
#pragma once

#include "core/imgenhance.h"

G_BEGIN_DECLS

/* Pixels along a side after a reduction: the last one may stand for fewer. */
static inline int
ie_reduced (int size, int shrink)
{
  return (size + shrink - 1) / shrink;
}

/* Each pixel of `to` (ie_reduced() of width and height) is the mean of shrink x shrink of `from`, in the numbers as stored, colour
 * weighed by alpha. header: channels, alpha, depth of both. FALSE: no memory. */
gboolean ie_reduce (const IeHeader *header, int width, int height, int shrink, const void *from, ptrdiff_t from_stride, void *to,
                    ptrdiff_t to_stride);

/* The recipe for a picture reduced by `shrink`: what is measured in pixels becomes smaller, frequencies grow, within the
 * parameters' ranges. A copy. */
IeRecipe *ie_recipe_reduced (const IeRecipe *recipe, int shrink);

G_END_DECLS
