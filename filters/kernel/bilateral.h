// SPDX-License-Identifier: GPL-3.0-or-later
/* The two methods behind filters/bilateral.c, which has the formula. Both work in float whatever the depth of the
 * views; scratch comes from `work` and is what the function of the same name with _memory says; they return early, with
 * anything in out, when cancelled. Thread-safe. */
#pragma once

#include "core/filter.h"

G_BEGIN_DECLS

#define ie_bilateral_new IE_LEVEL_NAME (ie_bilateral_new)
#define ie_bilateral_free IE_LEVEL_NAME (ie_bilateral_free)
#define ie_bilateral_exact IE_LEVEL_NAME (ie_bilateral_exact)
#define ie_bilateral_exact_memory IE_LEVEL_NAME (ie_bilateral_exact_memory)
#define ie_bilateral_grid IE_LEVEL_NAME (ie_bilateral_grid)
#define ie_bilateral_grid_memory IE_LEVEL_NAME (ie_bilateral_grid_memory)
#define ie_bilateral_grid_region IE_LEVEL_NAME (ie_bilateral_grid_region)

typedef struct {
  double sigma_space; /* px, > 0 */
  double sigma_range; /* share of the range, > 0 */
  int radius;         /* px */
  gboolean square;    /* the window: a square, or a disc */
  gboolean luma;      /* differences are of the mean of the colours, not the mean of their differences */
} IeBilateralShape;

typedef struct {
  IeBilateralShape shape;
  int *reach;     /* at [|dy|]: the window's pixels on each side in that row */
  float *spatial; /* at [(dy + radius) * (2 radius + 1) + dx + radius]: log2 of the weight by place */
} IeBilateral;

/* Tables of the exact method. Read-only once made: threads may share them. */
IeBilateral *ie_bilateral_new (const IeBilateralShape *shape);
void ie_bilateral_free (gpointer bilateral);

/* The formula, term by term. `in` covers out's rectangle grown by the radius. */
void ie_bilateral_exact (const IeBilateral *bilateral, IeWork *work, const IePixels *in, const IePixels *out);
gsize ie_bilateral_exact_memory (const IeBilateralShape *shape, IeRect out, int channels);

/* By a grid of place and luma; shape.luma is taken as set and the window as unlimited. bilateral-grid.c says how. `in`
 * covers ie_bilateral_grid_region(). */
void ie_bilateral_grid (const IeBilateralShape *shape, IeWork *work, const IePixels *in, const IePixels *out);
gsize ie_bilateral_grid_memory (const IeBilateralShape *shape, IeRect out, int channels);
IeRect ie_bilateral_grid_region (const IeBilateralShape *shape, IeRect out);

G_END_DECLS
