// SPDX-License-Identifier: GPL-3.0-or-later
/* exp (-k (fx^2 + fy^2)) = exp (-k fx^2) exp (-k fy^2): two short tables for each edge make the whole Gaussian gain. The
 * other profiles need the distance itself: squares of the frequencies are tabulated. */
#include "filters/fourier/radial.h"

#include "core/elementary.h"

#define LN2 0.69314718055994530942

const IeChoice ie_radial_profiles[] = {
  { "gaussian", "Gaussian" }, { "butterworth", "Butterworth" }, { "ideal", "Ideal" }, { NULL, NULL }
};

/* Tables over columns (x) and rows (y). An edge that is off is 1 (upper) or 0 (lower: no tables). */
struct IeRadial {
  IeRadialGain gain;
  IeCosineTransform *transform;
  float *upper_x, *upper_y, *both_x, *both_y; /* gaussian: H (upper), and H (upper) H (lower) */
  float *square_x, *square_y;                 /* the others: fx^2, fy^2 */
};

static gboolean
has_upper (const IeRadialGain *gain)
{
  return gain->upper < IE_RADIAL_BEYOND;
}

static gboolean
has_lower (const IeRadialGain *gain)
{
  return gain->lower > 0.0;
}

gsize
ie_radial_memory (int width, int height)
{
  gsize tables = 2 * ((gsize) width + (gsize) height) * sizeof (float);
  return tables + ie_cosine_transform_memory (width, height, (int) g_get_num_processors ());
}

/* Scratch is taken by every thread; the engine does not say how many it has, so those of the processor are counted. */
gsize
ie_radial_step_memory (const IeStep *step, IeRect output, IeDepth depth)
{
  return ie_radial_memory (output.width, output.height);
}

/* exp (-k f^2) at the frequencies of a row or column of `size` samples. */
static float *
gaussian_table (double k, int size)
{
  float *table = g_new (float, size);
  for (int i = 0; i < size; i++) {
    double f = ie_cosine_frequency (i, size);
    table[i] = (float) ie_exp (-k * f * f);
  }
  return table;
}

static float *
square_table (int size)
{
  float *table = g_new (float, size);
  for (int i = 0; i < size; i++) {
    double f = ie_cosine_frequency (i, size);
    table[i] = (float) (f * f);
  }
  return table;
}

void
ie_radial_free (gpointer data)
{
  IeRadial *radial = data;
  ie_cosine_transform_free (radial->transform);
  g_free (radial->upper_x);
  g_free (radial->upper_y);
  g_free (radial->both_x);
  g_free (radial->both_y);
  g_free (radial->square_x);
  g_free (radial->square_y);
  g_free (radial);
}

IeRadial *
ie_radial_new (int width, int height, const IeRadialGain *gain, GError **error)
{
  IeRadial *radial = g_new0 (IeRadial, 1);
  radial->gain = *gain;
  radial->transform = ie_cosine_transform_new (width, height, error);
  if (!radial->transform) {
    ie_radial_free (radial);
    return NULL;
  }
  if (gain->profile != IE_RADIAL_GAUSSIAN) {
    radial->square_x = square_table (width);
    radial->square_y = square_table (height);
    return radial;
  }
  double upper = has_upper (gain) ? LN2 / (gain->upper * gain->upper) : 0.0;
  radial->upper_x = gaussian_table (upper, width);
  radial->upper_y = gaussian_table (upper, height);
  if (has_lower (gain)) {
    double both = upper + LN2 / (gain->lower * gain->lower);
    radial->both_x = gaussian_table (both, width);
    radial->both_y = gaussian_table (both, height);
  }
  return radial;
}

static void
damp (float *restrict coefficients, const float *restrict upper, float base, float scale, int height)
{
  for (int y = 0; y < height; y++)
    coefficients[y] *= base + scale * upper[y];
}

static void
damp_both (float *restrict coefficients, const float *restrict upper, const float *restrict both, float base,
           float upper_scale, float both_scale, int height)
{
  for (int y = 0; y < height; y++)
    coefficients[y] *= base + (upper_scale * upper[y] - both_scale * both[y]);
}

static void
gaussian_column (const IeRadial *radial, int x, float *restrict coefficients, int height)
{
  float base = (float) radial->gain.base, scale = (float) radial->gain.scale;
  float upper = scale * radial->upper_x[x];
  if (radial->both_x)
    damp_both (coefficients, radial->upper_y, radial->both_y, base, upper, scale * radial->both_x[x], height);
  else
    damp (coefficients, radial->upper_y, base, upper, height);
}

static inline float
integer_power (float v, int exponent)
{
  float result = 1.0f;
  for (; exponent; exponent >>= 1, v *= v)
    result = exponent & 1 ? result * v : result;
  return result;
}

/* The low-pass of order n at a distance whose square is `ratio` times that of the cut-off; infinity gives 0. */
static inline float
butterworth (float ratio, int order)
{
  return 1.0f / (1.0f + integer_power (ratio, order));
}

static void
butterworth_column (const IeRadialGain *gain, float square_x, const float *restrict square_y,
                    float *restrict coefficients, int height)
{
  float upper = has_upper (gain) ? (float) (1.0 / (gain->upper * gain->upper)) : 0.0f;
  float lower = has_lower (gain) ? (float) (1.0 / (gain->lower * gain->lower)) : 0.0f;
  float base = (float) gain->base, scale = (float) gain->scale;
  gboolean low = has_lower (gain);
  for (int y = 0; y < height; y++) {
    float square = square_x + square_y[y];
    float h = butterworth (square * upper, gain->order);
    h *= low ? 1.0f - butterworth (square * lower, gain->order) : 1.0f;
    coefficients[y] *= base + scale * h;
  }
}

static void
ideal_column (const IeRadialGain *gain, float square_x, const float *restrict square_y, float *restrict coefficients,
              int height)
{
  float upper = has_upper (gain) ? (float) (gain->upper * gain->upper) : 1.0f;
  float lower = has_lower (gain) ? (float) (gain->lower * gain->lower) : -1.0f;
  float base = (float) gain->base, kept = (float) (gain->base + gain->scale);
  for (int y = 0; y < height; y++) {
    float square = square_x + square_y[y];
    coefficients[y] *= square <= upper && square > lower ? kept : base;
  }
}

static void
change_column (gpointer data, int x, float *restrict coefficients, int height)
{
  const IeRadial *radial = data;
  float mean = coefficients[0];
  if (radial->gain.profile == IE_RADIAL_GAUSSIAN)
    gaussian_column (radial, x, coefficients, height);
  else if (radial->gain.profile == IE_RADIAL_BUTTERWORTH)
    butterworth_column (&radial->gain, radial->square_x[x], radial->square_y, coefficients, height);
  else
    ideal_column (&radial->gain, radial->square_x[x], radial->square_y, coefficients, height);
  if (x == 0)
    coefficients[0] = mean;
}

gboolean
ie_radial_filter (const IeRadial *radial, IeWork *work, float *const *planes, int count, ptrdiff_t stride,
                  IeSpectrumRow enter, IeSpectrumRow leave, gpointer data, GError **error)
{
  IeSpectrumChange change = { change_column, (gpointer) radial, enter, leave, data };
  for (int c = 0; c < count; c++)
    if (!ie_cosine_transform_change (radial->transform, work, planes[c], stride, &change, error))
      return FALSE;
  return TRUE;
}

gboolean
ie_radial_apply (const IeStep *step, IeWork *work, float *const *planes, ptrdiff_t stride, GError **error)
{
  int colours = ie_colours (step->input.channels, step->input.has_alpha);
  return ie_radial_filter (step->prepared, work, planes, colours, stride, NULL, NULL, NULL, error);
}
