// SPDX-License-Identifier: GPL-3.0-or-later
/* How strong the noise of a picture is, by brightness, estimated from the picture alone.
 *
 * Blocks of 8 x 8 pixels, fixed in the picture: the mean square of the difference of two second differences (Immerkaer's
 * operator, which edges and slopes hardly move) is 36 times the variance of white noise. Of the blocks of like mean, the
 * one with a tenth below it is little but noise in most pictures; for pure noise it has 0.535 of the true variance, which is
 * made up for. Variance = a + b v + c v^2 (a: sensor and amplifier, b: photons, c: speckle), none negative, is fitted to
 * these. On photographs with noise of 5 .. 25 codes of 8 bits the estimate of sigma is 10% low to 10% high, mostly 5%
 * (tests/test-nlmeans.c holds it to 25%); without noise it sees fine texture as noise of about one code.
 *
 * Source: J. Immerkaer, "Fast Noise Variance Estimation", Computer Vision and Image Understanding 64 (2), 1996; the model:
 * A. Foi et al., "Practical Poissonian-Gaussian Noise Modeling and Fitting for Single-Image Raw-Data", IEEE Transactions on
 * Image Processing 17 (10), 2008. */
#pragma once

#include "core/filter.h"

G_BEGIN_DECLS

#define ie_noise_add IE_LEVEL_NAME (ie_noise_add)
#define ie_noise_merge IE_LEVEL_NAME (ie_noise_merge)
#define ie_noise_fit IE_LEVEL_NAME (ie_noise_fit)

#define IE_NOISE_CELLS 64     /* side of what ie_noise_add() takes: a multiple of the blocks' */
#define IE_NOISE_LEVELS 16    /* of brightness */
#define IE_NOISE_VARIANCES 160 /* eight an octave, from 2^-20 up */

/* Blocks counted by channel, mean and variance; zeroed before the first is added. */
typedef struct {
  guint32 blocks[IE_MAX_CHANNELS][IE_NOISE_LEVELS][IE_NOISE_VARIANCES];
} IeNoiseCount;

/* Variance of the noise at the value v of 0..1: a + b v + c v^2. */
typedef struct {
  double a, b, c;
} IeNoiseModel;

/* Adds the blocks of float `pixels` whose corner lies at a multiple of IE_NOISE_CELLS. Blocks that hold a sample at an end
 * of the range, or an alpha of 0, are left out, and incomplete ones. */
void ie_noise_add (IeNoiseCount *count, const IePixels *pixels);
void ie_noise_merge (IeNoiseCount *into, const IeNoiseCount *from);
IeNoiseModel ie_noise_fit (const IeNoiseCount *count, int channel);

G_END_DECLS
