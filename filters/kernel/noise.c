// SPDX-License-Identifier: GPL-3.0-or-later
#include "filters/kernel/noise.h"

#include "core/elementary.h"

#include <string.h>

#define BLOCK 8
#define LOWEST -20.0f /* log2 of the least variance told apart: 2^-20, a quarter of a code of 8 bits */
#define AN_OCTAVE 8
#define NORM 36.0f    /* sum of the squares of the operator's weights */
#define QUANTILE 0.1
#define QUANTILE_SHARE 0.535 /* of the variance of white noise, measured on 40000 blocks of it */
#define FEWEST 20     /* blocks of a brightness that are believed */

/* One channel of one block. FALSE: it is left out. */
static gboolean
measure (const IePixels *pixels, int x, int y, int channel, float *mean, float *variance)
{
  float v[BLOCK][BLOCK], sum = 0, squares = 0;
  for (int j = 0; j < BLOCK; j++) {
    const float *row = ie_pixels_at (pixels, x, y + j);
    for (int i = 0; i < BLOCK; i++) {
      const float *pixel = row + i * pixels->channels;
      v[j][i] = pixel[channel];
      if (!(v[j][i] > 0 && v[j][i] < 1) || (pixels->has_alpha && !(pixel[pixels->channels - 1] > 0)))
        return FALSE;
      sum += v[j][i];
    }
  }
  for (int j = 1; j + 1 < BLOCK; j++)
    for (int i = 1; i + 1 < BLOCK; i++) {
      float corners = v[j - 1][i - 1] + v[j - 1][i + 1] + v[j + 1][i - 1] + v[j + 1][i + 1];
      float sides = v[j - 1][i] + v[j + 1][i] + v[j][i - 1] + v[j][i + 1];
      float n = corners - 2 * sides + 4 * v[j][i];
      squares += n * n;
    }
  *mean = sum / (BLOCK * BLOCK);
  *variance = squares / (NORM * (BLOCK - 2) * (BLOCK - 2));
  return TRUE;
}

void
ie_noise_add (IeNoiseCount *count, const IePixels *pixels)
{
  IeRect r = pixels->rect;
  for (int y = r.y; y + BLOCK <= r.y + r.height; y += BLOCK)
    for (int x = r.x; x + BLOCK <= r.x + r.width; x += BLOCK)
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

/* Weighted least squares of relative errors for those of a, b, c that `terms` names (bit 0, 1, 2); the squared error, or
 * a negative number where one of them would be negative. */
static double
fit_terms (const Sample *samples, int count, int terms, double coefficients[3])
{
  double m[3][4] = { { 0 } };
  for (int s = 0; s < count; s++) {
    double v = samples[s].level, powers[3] = { 1, v, v * v }, weight = samples[s].weight;
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
        return -1;
      for (int k = 0; k < 3; k++) {
        double share = k == i ? 0 : m[k][i] / m[i][i];
        for (int j = 0; j < 4; j++)
          m[k][j] -= share * m[i][j];
      }
    }
  double error = 0;
  for (int i = 0; i < 3; i++) {
    coefficients[i] = terms >> i & 1 ? m[i][3] / m[i][i] : 0;
    if (coefficients[i] < 0)
      return -1;
  }
  for (int s = 0; s < count; s++) {
    double v = samples[s].level;
    double off = (coefficients[0] + v * (coefficients[1] + v * coefficients[2])) / samples[s].variance - 1;
    error += samples[s].weight * off * off;
  }
  return error;
}

IeNoiseModel
ie_noise_fit (const IeNoiseCount *count, int channel)
{
  Sample samples[IE_NOISE_LEVELS];
  int found = 0;
  double best[3] = { 0 }, least = -1;
  for (int level = 0; level < IE_NOISE_LEVELS; level++) {
    double variance;
    guint32 blocks = variance_of (count->blocks[channel][level], &variance);
    if (blocks >= FEWEST && variance > 0)
      samples[found++] = (Sample){ blocks, (level + 0.5) / IE_NOISE_LEVELS, variance };
  }
  for (int terms = 1; terms < 8 && found; terms++) {
    double coefficients[3], error = fit_terms (samples, found, terms, coefficients);
    if (error >= 0 && (least < 0 || error < least)) {
      least = error;
      memcpy (best, coefficients, sizeof best);
    }
  }
  return (IeNoiseModel){ best[0], best[1], best[2] };
}
