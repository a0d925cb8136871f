// SPDX-License-Identifier: GPL-3.0-or-later
#include "filters/kernel/noise.h"

#include "core/elementary.h"

#include <string.h>

#define BLOCK 16
#define STEP 8           /* blocks overlap by half */
#define DIFFERENCES 6
#define INNER (BLOCK - DIFFERENCES)
#define MOST_CLIPPED 16  /* samples at an end of the range: what they lack of noise does not show yet */
#define LOWEST -20.0f    /* log2 of the least variance told apart: 2^-20, a quarter of a code of 8 bits */
#define AN_OCTAVE 8
#define NORM 853776.0f   /* sum of the squares of the operator's weights: 924^2 */
#define QUANTILE 0.25
#define QUANTILE_SHARE 0.707 /* of the variance of white noise, measured on 40000 blocks of it */
#define ABOVE 6              /* times the weight */
#define ROUNDS 8             /* of reweighing: it settles in three or four */
#define FEWEST 20            /* blocks of a brightness that are believed */

/* The sixth difference of seven samples `step` apart. */
static inline float
difference (const float *v, int step)
{
  return (v[0] + v[6 * step]) - 6.0f * (v[step] + v[5 * step]) + 15.0f * (v[2 * step] + v[4 * step]) -
         20.0f * v[3 * step];
}

/* One channel of one block. FALSE: it is left out. */
static gboolean
measure (const IePixels *pixels, int x, int y, int channel, float *mean, float *variance)
{
  float v[BLOCK * BLOCK], down[INNER * BLOCK], sum = 0, squares[INNER] = { 0 }, total = 0;
  int clipped = 0;
  for (int j = 0; j < BLOCK; j++) {
    const float *row = ie_pixels_at (pixels, x, y + j);
    for (int i = 0; i < BLOCK; i++) {
      const float *pixel = row + i * pixels->channels;
      float value = pixel[channel];
      if (pixels->has_alpha && !(pixel[pixels->channels - 1] > 0))
        return FALSE;
      clipped += !(value > 0 && value < 1);
      sum += value;
      v[j * BLOCK + i] = value;
    }
  }
  if (clipped > MOST_CLIPPED)
    return FALSE;
  for (int i = 0; i < INNER * BLOCK; i++)
    down[i] = difference (v + i, BLOCK);
  for (int j = 0; j < INNER; j++)
    for (int i = 0; i < INNER; i++) {
      float across = difference (down + j * BLOCK + i, 1);
      squares[i] += across * across;
    }
  for (int i = 0; i < INNER; i++)
    total += squares[i];
  *mean = sum / (BLOCK * BLOCK);
  *variance = total / (NORM * INNER * INNER);
  return *variance < 1e30f; /* not infinite */
}

void
ie_noise_add (IeNoiseCount *count, const IePixels *pixels)
{
  IeRect r = pixels->rect;
  for (int y = r.y; y + BLOCK <= r.y + r.height; y += STEP)
    for (int x = r.x; x + BLOCK <= r.x + r.width; x += STEP)
      for (int c = 0; c < ie_colours (pixels->channels, pixels->has_alpha); c++) {
        float mean, variance;
        if (!measure (pixels, x, y, c, &mean, &variance))
          continue;
        int level = (int) (mean * IE_NOISE_LEVELS), place = (int) ((ie_log2f (variance) - LOWEST) * AN_OCTAVE);
        count->blocks[c][CLAMP (level, 0, IE_NOISE_LEVELS - 1)][CLAMP (place, 0, IE_NOISE_VARIANCES - 1)]++;
      }
}

void
ie_noise_merge (IeNoiseCount *into, const IeNoiseCount *from)
{
  guint32 *to = &into->blocks[0][0][0];
  const guint32 *more = &from->blocks[0][0][0];
  for (gsize i = 0; i < sizeof *into / sizeof *to; i++)
    to[i] += more[i];
}

/* The variance of the noise by the blocks of one brightness; how many there are. */
static guint32
variance_of (const guint32 *blocks, double *variance)
{
  guint32 all = 0;
  for (int i = 0; i < IE_NOISE_VARIANCES; i++)
    all += blocks[i];
  double wanted = QUANTILE * all, before = 0;
  int i = 0;
  while (i < IE_NOISE_VARIANCES - 1 && before + blocks[i] <= wanted)
    before += blocks[i++];
  double within = blocks[i] ? (wanted - before) / blocks[i] : 0;
  *variance = ie_pow (2, (double) LOWEST + (i + within) / AN_OCTAVE) / QUANTILE_SHARE;
  if (i == 0)
    *variance = 0;
  return all;
}

typedef struct {
  double weight, level, variance;
} Sample;

static double
model_at (const double coefficients[3], double v)
{
  return coefficients[0] + v * (coefficients[1] + v * coefficients[2]);
}

/* Texture only ever adds to what is measured: a model that is above a sample is more wrong than one below. */
static double
weight_of (const Sample *sample, const double coefficients[3])
{
  return sample->weight * (model_at (coefficients, sample->level) > sample->variance ? ABOVE : 1);
}

/* Weighted least squares of relative errors for those of a, b, c that `terms` names (bit 0, 1, 2), the weights being
 * those at the coefficients that come in. FALSE: one of them is negative. */
static gboolean
fit_once (const Sample *samples, int count, int terms, double coefficients[3])
{
  double m[3][4] = { { 0 } };
  for (int s = 0; s < count; s++) {
    double v = samples[s].level, powers[3] = { 1, v, v * v }, weight = weight_of (&samples[s], coefficients);
    for (int i = 0; i < 3; i++) {
      double own = terms >> i & 1 ? powers[i] / samples[s].variance : 0;
      for (int j = 0; j < 3; j++)
        m[i][j] += terms >> j & 1 ? weight * own * powers[j] / samples[s].variance : 0;
      m[i][3] += weight * own;
    }
  }
  for (int i = 0; i < 3; i++) /* Gauss and Jordan; a term left out is 0 */
    if (terms >> i & 1) {
      if (!(m[i][i] > 1e-12))
        return FALSE;
      for (int k = 0; k < 3; k++) {
        double share = k == i ? 0 : m[k][i] / m[i][i];
        for (int j = 0; j < 4; j++)
          m[k][j] -= share * m[i][j];
      }
    }
  for (int i = 0; i < 3; i++) {
    coefficients[i] = terms >> i & 1 ? m[i][3] / m[i][i] : 0;
    if (coefficients[i] < 0)
      return FALSE;
  }
  return TRUE;
}

/* The squared error, or a negative number where there is no such model. */
static double
fit_terms (const Sample *samples, int count, int terms, double coefficients[3])
{
  double error = 0;
  memset (coefficients, 0, 3 * sizeof *coefficients);
  for (int i = 0; i < ROUNDS; i++)
    if (!fit_once (samples, count, terms, coefficients))
      return -1;
  for (int s = 0; s < count; s++) {
    double off = model_at (coefficients, samples[s].level) / samples[s].variance - 1;
    error += weight_of (&samples[s], coefficients) * off * off;
  }
  return error;
}

/* The brightnesses that have so many blocks. */
static int
collect (const IeNoiseCount *count, int channel, guint32 fewest, Sample *samples)
{
  int found = 0;
  for (int level = 0; level < IE_NOISE_LEVELS; level++) {
    double variance;
    guint32 blocks = variance_of (count->blocks[channel][level], &variance);
    if (blocks >= fewest && variance > 0)
      samples[found++] = (Sample){ blocks, (level + 0.5) / IE_NOISE_LEVELS, variance };
  }
  return found;
}

gboolean
ie_noise_fit (const IeNoiseCount *count, int channel, IeNoiseModel *model)
{
  Sample samples[IE_NOISE_LEVELS];
  double best[3] = { 0 }, least = -1;
  int found = 0;
  for (guint32 fewest = FEWEST; !found && fewest; fewest /= 4) /* small pictures have few blocks */
    found = collect (count, channel, fewest, samples);
  for (int terms = 1; terms < 8 && found; terms++) {
    double coefficients[3], error = fit_terms (samples, found, terms, coefficients);
    if (error >= 0 && (least < 0 || error < least)) {
      least = error;
      memcpy (best, coefficients, sizeof best);
    }
  }
  *model = (IeNoiseModel){ best[0], best[1], best[2] };
  return least >= 0;
}

void
ie_noise_fit_all (const IeNoiseCount *count, IeNoiseModel *models, int colours)
{
  int last = -1;
  for (int c = 0; c < colours; c++)
    if (ie_noise_fit (count, c, &models[c])) {
      for (int k = last + 1; last < 0 && k < c; k++)
        models[k] = models[c];
      last = c;
    } else if (last >= 0)
      models[c] = models[last];
}

void
ie_noise_models (const IeNoiseCount *count, double given, IeNoiseModel *models, int colours)
{
  for (int c = 0; c < colours; c++)
    models[c] = (IeNoiseModel){ given * given, 0, 0 };
  if (given == 0)
    ie_noise_fit_all (count, models, colours);
}

gsize
ie_noise_survey_size (const IeStep *step)
{
  return sizeof (IeNoiseCount);
}

void
ie_noise_survey_merge (const IeStep *step, gpointer into, gconstpointer from)
{
  ie_noise_merge (into, from);
}
