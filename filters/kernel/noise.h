// SPDX-License-Identifier: GPL-3.0-or-later
/* How strong the noise of a picture is, by brightness, estimated from the picture alone.
 *
 * Blocks of 16 x 16 pixels, fixed in the picture: the mean square of the sixth differences along both axes, where texture
 * has least, is 924^2 times the variance of white noise. Of the blocks of like mean, the one with a quarter below it is
 * little but noise in most pictures; for pure noise it has 0.707 of the true variance, which is made up for. Variance =
 * a + b v + c v^2 (a: sensor and amplifier, b: photons, c: speckle), none negative, is fitted to these, from below, since
 * texture only adds. On photographs with noise of 5 .. 25 codes of 8 bits the estimate of sigma is 8% low to 14% high
 * (where all is texture, and the noise of 5 codes, up to 43%); tests/test-nlmeans.c holds it to 25% on a scene. Without
 * noise it sees fine texture as noise of about one code.
 *
 * The idea of blocks and differences: J. Immerkaer, "Fast Noise Variance Estimation", Computer Vision and Image
 * Understanding 64 (2), 1996; the model: A. Foi et al., "Practical Poissonian-Gaussian Noise Modeling and Fitting for
 * Single-Image Raw-Data", IEEE Transactions on Image Processing 17 (10), 2008. */
#pragma once

#include "core/filter.h"

G_BEGIN_DECLS

#define ie_noise_add IE_LEVEL_NAME (ie_noise_add)
#define ie_noise_merge IE_LEVEL_NAME (ie_noise_merge)
#define ie_noise_fit IE_LEVEL_NAME (ie_noise_fit)
#define ie_noise_fit_all IE_LEVEL_NAME (ie_noise_fit_all)
#define ie_noise_models IE_LEVEL_NAME (ie_noise_models)
#define ie_noise_survey_size IE_LEVEL_NAME (ie_noise_survey_size)
#define ie_noise_survey_merge IE_LEVEL_NAME (ie_noise_survey_merge)

#define IE_NOISE_CELLS 64      /* side of what ie_noise_add() takes: several blocks */
#define IE_NOISE_LEVELS 10     /* of brightness */
#define IE_NOISE_VARIANCES 160 /* eight an octave, from 2^-20 up */

/* Blocks counted by channel, mean and variance; zeroed before the first is added. */
typedef struct {
  guint32 blocks[IE_MAX_CHANNELS][IE_NOISE_LEVELS][IE_NOISE_VARIANCES];
} IeNoiseCount;

/* Variance of the noise at the value v of 0..1: a + b v + c v^2. */
typedef struct {
  double a, b, c;
} IeNoiseModel;

/* Adds the blocks of float `pixels` whose corner lies at a multiple of IE_NOISE_CELLS. Blocks with more than four
 * samples at the ends of the range, or an alpha of 0, are left out, and incomplete ones. */
void ie_noise_add (IeNoiseCount *count, const IePixels *pixels);
void ie_noise_merge (IeNoiseCount *into, const IeNoiseCount *from);
/* FALSE, and a model without noise: no block tells anything. */
gboolean ie_noise_fit (const IeNoiseCount *count, int channel, IeNoiseModel *model);

/* Of the first `colours` channels; one that tells nothing (it is black, say) has the noise of the one before or after. */
void ie_noise_fit_all (const IeNoiseCount *count, IeNoiseModel *models, int colours);
/* The same where `given`, a standard deviation of 0..1, is 0; else white noise of that strength in all of them. */
void ie_noise_models (const IeNoiseCount *count, double given, IeNoiseModel *models, int colours);

/* Hooks of a survey (core/filter.h) whose statistic is an IeNoiseCount. */
gsize ie_noise_survey_size (const IeStep *step);
void ie_noise_survey_merge (const IeStep *step, gpointer into, gconstpointer from);

G_END_DECLS
