// SPDX-License-Identifier: GPL-3.0-or-later
/* Resampling as the preprocessing of models expects it: the conventions of Pillow's Image.resize(). */
#pragma once

#include "embed/portrait.h"

G_BEGIN_DECLS

typedef enum { IE_RESAMPLE_NEAREST, IE_RESAMPLE_BILINEAR, IE_RESAMPLE_BICUBIC, IE_RESAMPLE_LANCZOS } IeResample;

/* The portrait in another size, within one code of Pillow: pixel centres at half integers, support widened by the scale when
 * shrinking, across before down, 8 bits between. out may not be in. FALSE: no memory. Any thread. */
IE_API gboolean ie_resample (const IePortrait *in, int width, int height, IeResample kind, IePortrait *out);

/* The same, but of the result only the rectangle `part`, which lies in it: nothing else is computed or held, so that the
 * middle of a very long picture costs no more than that of a square one. */
IE_API gboolean ie_resample_part (const IePortrait *in, int width, int height, IeRect part, IeResample kind,
                                  IePortrait *out);

G_END_DECLS
