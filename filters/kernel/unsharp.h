// SPDX-License-Identifier: GPL-3.0-or-later
/* Unsharp masking, shared by the versions of filters/unsharp.c: out = in + amount * d, where d = in - blurred (in),
 * 0 where |d| is below the threshold.
 *
 * The hooks below read the parameters RADIUS, AMOUNT and THRESHOLD, the first three of every version, and
 * step->prepared, an IeUnsharp. Rows of a Gaussian are combined with the picture while they are in cache and never
 * stored as a picture; another blur is a filter of its own that is asked for the rectangle. */
#pragma once

#include "filters/kernel/gaussian.h"

G_BEGIN_DECLS

#define ie_unsharp_new IE_LEVEL_NAME (ie_unsharp_new)
#define ie_unsharp_free IE_LEVEL_NAME (ie_unsharp_free)
#define ie_unsharp_region IE_LEVEL_NAME (ie_unsharp_region)
#define ie_unsharp_mirrors IE_LEVEL_NAME (ie_unsharp_mirrors)
#define ie_unsharp_memory IE_LEVEL_NAME (ie_unsharp_memory)
#define ie_unsharp_apply IE_LEVEL_NAME (ie_unsharp_apply)
#define ie_unsharp_apply_u8 IE_LEVEL_NAME (ie_unsharp_apply_u8)

enum { IE_UNSHARP_RADIUS, IE_UNSHARP_AMOUNT, IE_UNSHARP_THRESHOLD, IE_UNSHARP_PARAMS };

typedef struct {
  IeGaussian *gaussian; /* NULL: another blur */
  IeStep blur;          /* that, with its own parameters; filter NULL: a Gaussian */
  IeParams *values;     /* of it */
} IeUnsharp;

/* blur NULL: a Gaussian of the step's radius. Else the filter, an AREA one, with `values` (taken). NULL and error when
 * it does not take these values. Free with ie_unsharp_free(). */
IeUnsharp *ie_unsharp_new (const IeStep *step, const IeFilter *blur, IeParams *values, GError **error);
void ie_unsharp_free (gpointer unsharp);

/* Hooks of IeFilter. apply is for float and 16 bits. */
IeRect ie_unsharp_region (const IeStep *step, IeRect output, int input);
gboolean ie_unsharp_mirrors (const IeStep *step, IeDepth depth);
gsize ie_unsharp_memory (const IeStep *step, IeRect output, IeDepth depth);
void ie_unsharp_apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out);
void ie_unsharp_apply_u8 (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out);

G_END_DECLS
