// SPDX-License-Identifier: GPL-3.0-or-later
#include "embed/kernel/features.h"

#include "core/elementary.h"

#include <string.h>

#define SIDE IE_SQUARE
#define CELLS 4
#define BINS 8
#define MOST_TAPS 32 /* of one pixel of the square, in a portrait of 2,048 pixels a side */

/* ---- The square: triangles as wide as a pixel of the square, or of the portrait where that is larger --------------- */

typedef struct {
  int first, count;
  float weights[MOST_TAPS];
} Taps;

static void
make_taps (Taps *taps, int size, int begin)
{
  double scale = (double) size / SIDE, reach = scale > 1.0 ? scale : 1.0;
  for (int i = 0; i < SIDE; i++) {
    double centre = (i + 0.5) * scale - 0.5, sum = 0.0, weights[MOST_TAPS];
    int first = (int) ie_floor (centre - reach) + 1, last = (int) ie_floor (centre + reach);
    first = MAX (first, 0);
    last = MIN (MIN (last, size - 1), first + MOST_TAPS - 1);
    for (int x = first; x <= last; x++) {
      double weight = 1.0 - ie_abs (x - centre) / reach;
      weights[x - first] = weight > 0.0 ? weight : 0.0;
      sum += weights[x - first];
    }
    taps[i].first = begin + first;
    taps[i].count = last - first + 1;
    for (int t = 0; t < taps[i].count; t++)
      taps[i].weights[t] = (float) (weights[t] / sum);
  }
}

/* out: SIDE x SIDE of each channel. */
static void
square (const IePortrait *portrait, IeRect rect, float *line, float planes[3][SIDE * SIDE])
{
  static const float zero[3];
  Taps down[SIDE], across[SIDE];
  make_taps (down, rect.height, rect.y);
  make_taps (across, rect.width, 0);
  int samples = rect.width * 3;
  for (int y = 0; y < SIDE; y++) {
    memset (line, 0, (gsize) samples * sizeof *line);
    for (int t = 0; t < down[y].count; t++) {
      const guint8 *row = portrait->rgb + ((gsize) (down[y].first + t) * (gsize) portrait->width + (gsize) rect.x) * 3;
      float weight = down[y].weights[t];
      for (int i = 0; i < samples; i++)
        line[i] += weight * (float) row[i];
    }
    for (int x = 0; x < SIDE; x++) {
      float sum[3];
      memcpy (sum, zero, sizeof sum);
      for (int t = 0; t < across[x].count; t++)
        for (int c = 0; c < 3; c++)
          sum[c] += across[x].weights[t] * line[(across[x].first + t) * 3 + c];
      for (int c = 0; c < 3; c++)
        planes[c][y * SIDE + x] = sum[c];
    }
  }
}

/* R, G, B to Y (ITU-R BT.601, as JPEG and everybody's gray conversion has it), B - Y and R - Y. */
static void
opponents (float planes[3][SIDE * SIDE])
{
  for (int i = 0; i < SIDE * SIDE; i++) {
    float r = planes[0][i], b = planes[2][i];
    float y = 0.299f * r + 0.587f * planes[1][i] + 0.114f * b;
    planes[0][i] = y;
    planes[1][i] = b - y;
    planes[2][i] = r - y;
  }
}

static void
halve (const float *in, int side, float *out)
{
  int half = side / 2;
  for (int y = 0; y < half; y++)
    for (int x = 0; x < half; x++) {
      const float *at = in + 2 * y * side + 2 * x;
      out[y * half + x] = ((at[0] + at[1]) + (at[side] + at[side + 1])) * 0.25f;
    }
}

/* ---- DCT of 32 x 32 ------------------------------------------------------------------------------------------------ */

#define SMALL 32

/* cos ((2 x + 1) u pi / 64) */
static void
make_cosines (float cosines[8][SMALL])
{
  for (int u = 0; u < 8; u++)
    for (int x = 0; x < SMALL; x++)
      cosines[u][x] = (float) ie_cos ((2 * x + 1) * u * (IE_PI / (2 * SMALL)));
}

/* out[v * frequencies + u], orthonormal but for the factor 2 / SMALL. */
static void
transform (const float *in, const float cosines[8][SMALL], int frequencies, float *out)
{
  float rows[8][SMALL];
  memset (rows, 0, sizeof rows);
  for (int v = 0; v < frequencies; v++)
    for (int y = 0; y < SMALL; y++)
      for (int x = 0; x < SMALL; x++)
        rows[v][x] += cosines[v][y] * in[y * SMALL + x];
  for (int v = 0; v < frequencies; v++)
    for (int u = 0; u < frequencies; u++) {
      float sum = 0.0f;
      for (int x = 0; x < SMALL; x++)
        sum += rows[v][x] * cosines[u][x];
      sum *= (u == 0 ? 0.70710678f : 1.0f) * (v == 0 ? 0.70710678f : 1.0f);
      out[v * frequencies + u] = sum * (1.0f / (SMALL / 2 * 128.0f));
    }
}

/* Brings `count` numbers to length 1, or less where they are shorter than `floor`. */
static void
normalise (float *v, int count, float floor)
{
  double sum = (double) floor * (double) floor;
  for (int i = 0; i < count; i++)
    sum += (double) v[i] * (double) v[i];
  float by = sum > 0.0 ? (float) (1.0 / ie_sqrt (sum)) : 0.0f;
  for (int i = 0; i < count; i++)
    v[i] *= by;
}

/* ---- Tones --------------------------------------------------------------------------------------------------------- */

#define CLIP 3 /* times the mean that a bin of the histogram counts at most: what limits the gain in flat pictures */

/* Lightness, 0..255, to its place in the distribution, -128..128; the histogram clipped, so that noise on a plain ground
 * does not become the picture. */
static void
equalise (const float *in, float *out)
{
  int counts[256] = { 0 }, clip = CLIP * SMALL * SMALL / 256, rest = 0;
  float places[257], sum = 0.0f;
  for (int i = 0; i < SMALL * SMALL; i++)
    counts[CLAMP ((int) in[i], 0, 255)]++;
  for (int k = 0; k < 256; k++) {
    rest += MAX (counts[k] - clip, 0);
    counts[k] = MIN (counts[k], clip);
  }
  for (int k = 0; k <= 256; k++) {
    places[k] = sum * (256.0f / (SMALL * SMALL)) - 128.0f;
    if (k < 256)
      sum += (float) counts[k] + (float) rest * (1.0f / 256.0f);
  }
  for (int i = 0; i < SMALL * SMALL; i++) {
    int k = CLAMP ((int) in[i], 0, 255);
    out[i] = places[k] + (in[i] - (float) k) * (places[k + 1] - places[k]);
  }
}

/* Roots of shares, of unit length. */
static void
root_shares (float *v, int count)
{
  for (int i = 0; i < count; i++)
    v[i] = ie_sqrtf (v[i]);
}

/* Of how far lightness is from its mean, in deviations: 16 steps from -2.5 to 2.5. Brightness and contrast do not matter. */
static void
standard_tones (const float *in, float out[16])
{
  double sum = 0.0, squares = 0.0;
  for (int i = 0; i < SMALL * SMALL; i++) {
    sum += (double) in[i];
    squares += (double) in[i] * (double) in[i];
  }
  double mean = sum / (SMALL * SMALL), variance = squares / (SMALL * SMALL) - mean * mean;
  float by = (float) (16.0 / (5.0 * ie_sqrt ((variance > 0.0 ? variance : 0.0) + 4.0)));
  for (int i = 0; i < SMALL * SMALL; i++) {
    float place = CLAMP ((in[i] - (float) mean) * by + 7.5f, 0.0f, 14.999f);
    int bin = (int) place;
    float share = place - (float) bin;
    out[bin] += 1.0f - share;
    out[bin + 1] += share;
  }
  root_shares (out, 16);
  normalise (out, 16, 0.0f);
}

/* Histograms of equalised lightness, -128..128. */
static void
quarter_tones (const float *in, float quarters[4][16])
{
  for (int y = 0; y < SMALL; y++)
    for (int x = 0; x < SMALL; x++) {
      float place = (in[y * SMALL + x] + 128.0f) * (16.0f / 256.0f) - 0.5f;
      place = CLAMP (place, 0.0f, 14.999f);
      int bin = (int) place;
      float share = place - (float) bin, *to = quarters[(y >= SMALL / 2) * 2 + (x >= SMALL / 2)];
      to[bin] += 1.0f - share;
      to[bin + 1] += share;
    }
  for (int q = 0; q < 4; q++) {
    root_shares (quarters[q], 16);
    normalise (quarters[q], 16, 0.0f);
  }
}

/* ---- Gradients ----------------------------------------------------------------------------------------------------- */

/* Weights of a pixel's place for CELLS overlapping cells: triangles around the cells' centres. */
static void
make_windows (float windows[CELLS][SIDE], int side)
{
  for (int c = 0; c < CELLS; c++)
    for (int x = 0; x < side; x++) {
      double place = (x + 0.5) * CELLS / side - 0.5;
      place = place < 0.0 ? 0.0 : place > CELLS - 1 ? CELLS - 1 : place;
      double weight = 1.0 - ie_abs (place - c);
      windows[c][x] = (float) (weight > 0.0 ? weight : 0.0);
    }
}

/* Directions: cos and sin of 0, 22.5, ... degrees. */
static const float directions[BINS][2] = {
  { 1.0f, 0.0f },           { 0.92387953f, 0.38268343f },  { 0.70710678f, 0.70710678f },  { 0.38268343f, 0.92387953f },
  { 0.0f, 1.0f },           { -0.38268343f, 0.92387953f }, { -0.70710678f, 0.70710678f }, { -0.92387953f, 0.38268343f },
};

#define APART 2 /* pixels between the two of a pair */

/* Pairs count as much as the smaller gradient of the two, which noise on plain ground has not. */
static void
pair_up (const guint8 *nearest, const float *lengths, int side, float *pairs)
{
  for (int y = 1; y < side - 1 - APART; y++)
    for (int x = 1; x < side - 1 - APART; x++) {
      int at = y * side + x, right = at + APART, below = at + APART * side;
      float length = lengths[at];
      pairs[nearest[at] * 8 + nearest[right]] += length < lengths[right] ? length : lengths[right];
      pairs[64 + nearest[at] * 8 + nearest[below]] += length < lengths[below] ? length : lengths[below];
    }
  for (int i = 0; i < 2; i++) {
    for (int k = 0; k < 64; k++)
      pairs[64 * i + k] *= 1.0f / (float) (side * side);
    root_shares (pairs + 64 * i, 64);
    normalise (pairs + 64 * i, 64, 0.5f);
  }
}

/* The share of a gradient that a direction gets: what its length along it has above cos 22.5 degrees of the whole. */
static void
gradients (const float *in, int side, float out[16][8], float whole[8], float *pairs)
{
  guint8 nearest[SIDE * SIDE / 4] = { 0 };
  float lengths[SIDE * SIDE / 4] = { 0 };
  float windows[CELLS][SIDE], sums[CELLS][BINS][SIDE];
  make_windows (windows, side);
  memset (sums, 0, sizeof sums);
  for (int y = 1; y < side - 1; y++) {
    const float *at = in + y * side;
    float gx[SIDE], gy[SIDE], length[SIDE];
    gx[0] = gy[0] = length[0] = gx[side - 1] = gy[side - 1] = length[side - 1] = 0.0f;
    for (int x = 1; x < side - 1; x++) {
      gx[x] = at[x + 1] - at[x - 1];
      gy[x] = at[x + side] - at[x - side];
      length[x] = ie_sqrtf (gx[x] * gx[x] + gy[x] * gy[x]);
    }
    float most[SIDE] = { 0 };
    gint32 best[SIDE] = { 0 };
    for (int b = 0; b < BINS; b++) {
      float part[SIDE];
      for (int x = 0; x < side; x++) {
        float along = gx[x] * directions[b][0] + gy[x] * directions[b][1];
        along = along < 0.0f ? -along : along;
        best[x] = along > most[x] ? b : best[x];
        most[x] = along > most[x] ? along : most[x];
        float share = along - 0.92387953f * length[x];
        part[x] = share > 0.0f ? share : 0.0f;
      }
      for (int c = 0; c < CELLS; c++) {
        float weight = windows[c][y];
        if (weight > 0.0f)
          for (int x = 0; x < side; x++)
            sums[c][b][x] += weight * part[x];
      }
    }
    for (int x = 0; pairs && x < side; x++) {
      nearest[y * side + x] = (guint8) best[x];
      lengths[y * side + x] = length[x];
    }
  }
  for (int c = 0; c < CELLS; c++)
    for (int b = 0; b < BINS; b++)
      for (int d = 0; d < CELLS; d++) {
        float sum = 0.0f;
        for (int x = 0; x < side; x++)
          sum += windows[d][x] * sums[c][b][x];
        out[c * CELLS + d][b] = sum * (1.0f / (float) (side * side));
        whole[b] += out[c * CELLS + d][b];
      }
  if (pairs)
    pair_up (nearest, lengths, side, pairs);
  root_shares (whole, BINS);
  normalise (whole, BINS, 0.02f);
  root_shares (&out[0][0], 16 * BINS);
  normalise (&out[0][0], 16 * BINS, 0.02f);
}

/* ---- Colours ------------------------------------------------------------------------------------------------------- */

#define HUES 7
#define HUE_STEP 24.0f    /* of B - Y and R - Y from bin to bin */
#define LITTLE_CHROMA 16.0f

/* Contrast and saturation scale all chroma: half of that, by its root, is taken back. */
static float
chroma_scale (const float *u, const float *v)
{
  double squares = 0.0;
  for (int i = 0; i < SMALL * SMALL; i++)
    squares += (double) u[i] * (double) u[i] + (double) v[i] * (double) v[i];
  return (float) (5.0 / ie_sqrt (ie_sqrt (squares / (SMALL * SMALL)) + 4.0));
}

/* light: equalised, -128..128. */
static void
hues (const float *light, const float *u, const float *v, float quarters[4][49], float whole[5][49])
{
  float by = chroma_scale (u, v);
  for (int y = 0; y < SMALL; y++)
    for (int x = 0; x < SMALL; x++) {
      float a = u[y * SMALL + x] * by, b = v[y * SMALL + x] * by, chroma = ie_sqrtf (a * a + b * b);
      float weight = chroma / (chroma + LITTLE_CHROMA), step = (light[y * SMALL + x] + 128.0f) * (5.0f / 256.0f) - 0.5f;
      a = CLAMP (a * (1.0f / HUE_STEP) + HUES / 2, 0.0f, HUES - 1.001f);
      b = CLAMP (b * (1.0f / HUE_STEP) + HUES / 2, 0.0f, HUES - 1.001f);
      step = CLAMP (step, 0.0f, 3.999f);
      int i = (int) a, j = (int) b, k = (int) step;
      float s = a - (float) i, t = b - (float) j, l = step - (float) k;
      float shares[4] = { weight * (1.0f - s) * (1.0f - t), weight * s * (1.0f - t), weight * (1.0f - s) * t,
                          weight * s * t };
      float *quarter = quarters[(y >= SMALL / 2) * 2 + (x >= SMALL / 2)];
      for (int n = 0; n < 4; n++) {
        int bin = (j + n / 2) * HUES + i + n % 2;
        quarter[bin] += shares[n];
        whole[k][bin] += shares[n] * (1.0f - l);
        whole[k + 1][bin] += shares[n] * l;
      }
    }
  for (int q = 0; q < 4; q++) {
    root_shares (quarters[q], HUES * HUES);
    normalise (quarters[q], HUES * HUES, 4.0f);
  }
  root_shares (whole[0], 5 * HUES * HUES);
  normalise (whole[0], 5 * HUES * HUES, 8.0f);
}

static void
measure (const IePortrait *portrait, IeRect rect, IeFeatures *features)
{
  float(*planes)[SIDE * SIDE] = g_malloc (3 * sizeof *planes);
  float *line = g_new (float, (gsize) rect.width * 3), half[SIDE * SIDE / 4], small[3][SMALL * SMALL], equal[SMALL * SMALL];
  float cosines[8][SMALL], layout[64];
  memset (features, 0, sizeof *features);
  square (portrait, rect, line, planes);
  opponents (planes);
  gradients (planes[0], SIDE, features->gradients[0], features->directions[0], NULL);
  for (int c = 2; c >= 0; c--) {
    halve (planes[c], SIDE, half);
    halve (half, SIDE / 2, small[c]);
  }
  gradients (half, SIDE / 2, features->gradients[1], features->directions[1], features->pairs[0][0]);
  gradients (small[0], SMALL, features->gradients[2], features->directions[2], features->pairs[1][0]);
  make_cosines (cosines);
  equalise (small[0], equal);
  transform (equal, (const float(*)[SMALL]) cosines, 8, layout);
  memcpy (features->layout, layout + 1, sizeof features->layout);
  normalise (features->layout, 63, 0.02f);
  transform (small[0], (const float(*)[SMALL]) cosines, 8, layout);
  features->light = layout[0] * (1.0f / (SMALL * 255.0f));
  memcpy (features->plain, layout + 1, sizeof features->plain);
  normalise (features->plain, 63, 0.02f);
  standard_tones (small[0], features->tones);
  quarter_tones (equal, features->quarter_tones);
  for (int c = 0; c < 2; c++)
    transform (small[1 + c], (const float(*)[SMALL]) cosines, 6, features->chroma[c]);
  normalise (features->chroma[0], 72, 0.1f);
  hues (equal, small[1], small[2], features->quarter_hues, features->hues);
  g_free (line);
  g_free (planes);
}

static void
project (const float *in, int count, const gint8 *matrix, int outputs, float *out)
{
  for (int i = 0; i < count; i++)
    for (int k = 0; k < outputs; k++)
      out[k] += in[i] * (float) matrix[i * outputs + k];
}

extern const IeFeatureKernels IE_LEVEL_NAME (ie_feature_kernels);
const IeFeatureKernels IE_LEVEL_NAME (ie_feature_kernels) = { .measure = measure, .project = project };
