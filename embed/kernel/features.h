// SPDX-License-Identifier: GPL-3.0-or-later
/* What the descriptor measures in a picture, before the fitted matrix (docs/similar-descriptor.md has the reasons). Plain C
 * whose loops run over independent lanes, sums in a fixed order: the same bits at every level. */
#pragma once

#include "core/level.h"
#include "embed/portrait.h"

#define IE_SQUARE 128 /* pixels a side of the square that a picture is brought to */

/* Numbers of lightness alone, and of colour alone: a gray copy of a picture has the same first ones, and zeros for the others. */
typedef struct {
  /* lightness */
  float layout[63];          /* DCT of 8 x 8 frequencies without the mean, tones equalised */
  float plain[63];           /* the same of lightness as it is */
  float gradients[3][16][8]; /* scale 128, 64, 32; 4 x 4 cells; 8 directions of half a turn */
  float tones[5][16];        /* histogram of lightness: whole, quadrants */
  /* colour */
  float chroma[2][36];       /* DCT of 6 x 6 frequencies of B - Y and R - Y */
  float hues[5][49];         /* histogram over 7 x 7 of B - Y, R - Y, weighed by chroma: whole, quadrants */
  float light;               /* mean lightness, 0..1; for LOOK alone */
} IeFeatures;

#define IE_FEATURES_LIGHT (63 + 63 + 384 + 80)
#define IE_FEATURES_COLOUR (72 + 245)
#define IE_FEATURES (IE_FEATURES_LIGHT + IE_FEATURES_COLOUR)

typedef struct {
  void (*measure) (const IePortrait *portrait, IeRect rect, IeFeatures *features);
  /* out[k] += sum over i of in[i] * matrix[i * 256 + k], i ascending. */
  void (*project) (const float *in, int count, const gint8 *matrix, int outputs, float *out);
} IeFeatureKernels;

const IeFeatureKernels *ie_features (void);
const IeFeatureKernels *ie_features_at (IeCpuLevel level);
