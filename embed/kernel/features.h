// SPDX-License-Identifier: GPL-3.0-or-later
/* What the descriptor measures in a picture, before the fitted matrix (docs/similar-descriptor.md has the reasons). Plain C
 * whose loops run over independent lanes, sums in a fixed order: the same bits at every level. */
#pragma once

#include "core/level.h"
#include "embed/portrait.h"

#define IE_SQUARE 128 /* pixels a side of the square that a picture is brought to */

#define IE_FEATURE_KINDS 4

/* Four kinds, one after the other: lightness and colour apart, because a gray copy of a picture has the same numbers of
 * lightness and none of colour; where things are apart from what there is, because a crop has the latter. */
typedef struct {
  /* lightness, by place */
  float layout[63];          /* DCT of 8 x 8 frequencies without the mean, tones equalised */
  float plain[63];           /* the same of lightness as it is */
  float gradients[3][16][8]; /* scale 128, 64, 32; 4 x 4 cells; 8 directions of half a turn */
  float quarter_tones[4][16]; /* histograms of the quadrants, tones equalised */
  /* lightness, anywhere */
  float tones[16];           /* histogram, in deviations from the mean */
  float directions[3][8];    /* of gradients, by scale */
  float pairs[2][2][64];     /* directions of two points side by side, and one below the other; scale 64, 32 */
  /* colour, by place */
  float chroma[2][36];       /* DCT of 6 x 6 frequencies of B - Y and R - Y */
  float quarter_hues[4][49]; /* histograms of the quadrants over 7 x 7 of B - Y, R - Y, weighed by chroma */
  /* colour, anywhere */
  float hues[5][49];         /* the same of the whole, by 5 steps of equalised lightness */
  float light;               /* mean lightness, 0..1; for LOOK alone */
} IeFeatures;

#define IE_FEATURES_LIGHT (63 + 63 + 384 + 64)
#define IE_FEATURES_LIGHT_FREE (16 + 24 + 256)
#define IE_FEATURES_COLOUR (72 + 196)
#define IE_FEATURES_COLOUR_FREE 245
#define IE_FEATURES (IE_FEATURES_LIGHT + IE_FEATURES_LIGHT_FREE + IE_FEATURES_COLOUR + IE_FEATURES_COLOUR_FREE)

typedef struct {
  void (*measure) (const IePortrait *portrait, IeRect rect, IeFeatures *features);
  /* out[k] += sum over i of in[i] * matrix[i * outputs + k], i ascending. */
  void (*project) (const float *in, int count, const gint8 *matrix, int outputs, float *out);
} IeFeatureKernels;

const IeFeatureKernels *ie_features (void);
const IeFeatureKernels *ie_features_at (IeCpuLevel level);
