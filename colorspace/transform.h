// SPDX-License-Identifier: GPL-3.0-or-later
/* From the colours of one profile to those of another. */
#pragma once

#include "core/image.h"

G_BEGIN_DECLS

/* ICC.1:2010, 0.4; the order is lcms2's. */
typedef enum { IE_INTENT_PERCEPTUAL, IE_INTENT_RELATIVE, IE_INTENT_SATURATION, IE_INTENT_ABSOLUTE } IeIntent;

typedef struct IeTransform IeTransform;

/* The profile called srgb, adobe-rgb, display-p3, prophoto or rec2020; gray: a gray profile of its curve. NULL when no
 * profile has that name. The bytes are the same on every day. A new reference. Any thread. */
GBytes *ie_profile_named (const char *name, gboolean gray);

/* What a profile is for: sets model and colour channels. FALSE and error: it is no profile of gray, RGB or CMYK colours that
 * pictures can be converted to. */
gboolean ie_profile_target (GBytes *icc, IeModel *model, int *colours, GError **error);

/* From pictures of header `in` (without a usable profile: sRGB) to profile `icc`. Profiles of a matrix and curves go on our
 * own arithmetic, unbounded, unless the intent is absolute; all others through lcms2. NULL and error when the picture has
 * no known colours. Free with ie_transform_free(); once made it is read-only: any number of threads. */
IeTransform *ie_transform_new (const IeHeader *in, GBytes *icc, IeIntent intent, gboolean black_point, GError **error);
void ie_transform_free (IeTransform *transform);
/* Both profiles are sRGB, or gray of its curve: nothing would change but by rounding. */
gboolean ie_transform_is_identity (const IeTransform *transform);

/* Float pixels in native range, each picture's own channels; alpha is copied. The same rectangle. */
void ie_transform_pixels (const IeTransform *transform, const IePixels *in, const IePixels *out);

G_END_DECLS
