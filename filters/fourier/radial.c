// SPDX-License-Identifier: GPL-3.0-or-later
/* exp (-k (fx^2 + fy^2)) = exp (-k fx^2) exp (-k fy^2): two short tables for each edge make the whole Gaussian gain. The
 * other profiles need the distance itself: squares of the frequencies are tabulated. */
#include "filters/fourier/radial.h"

#include "core/elementary.h"
#include "core/error.h"
#include "core/i18n.h"

#define LN2 0.69314718055994530942

const IeChoice ie_radial_profiles[] = {
  { "gaussian", N_ ("Gaussian") }, { "butterworth", N_ ("Butterworth") }, { "ideal", N_ ("Ideal") }, { NULL, NULL }
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
  gsize tables = 2 * ((gsize) width + IE_SPECTRUM_COLUMNS + (gsize) height) * sizeof (float);
  return tables + ie_cosine_transform_memory (width, height, (int) g_get_num_processors ());
}

/* Scratch is taken by every thread; the engine does not say how many it has, so those of the processor are counted. */
gsize
ie_radial_step_memory (const IeStep *step, IeRect output, IeDepth depth)
{
  return ie_radial_memory (output.width, output.height);
}

/* Tables over columns end with a whole block of them. */
static inline int
whole_blocks (int width)
{
  return (width + IE_SPECTRUM_COLUMNS - 1) / IE_SPECTRUM_COLUMNS * IE_SPECTRUM_COLUMNS;
}

/* exp (-k f^2) at the frequencies of a row or column of `size` samples, and then zeros up to `room`; NULL without memory. */
static float *
gaussian_table (double k, int size, int room)
{
  float *table = g_try_new0 (float, room);
  for (int i = 0; table && i < size; i++) {
    double f = ie_cosine_frequency (i, size);
    table[i] = (float) ie_exp (-k * f * f);
  }
  return table;
}

static float *
square_table (int size, int room)
{
  float *table = g_try_new0 (float, room);
  for (int i = 0; table && i < size; i++) {
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

/* The filter when all of its tables are there, else nothing. */
static IeRadial *
complete (IeRadial *radial, gboolean good, GError **error)
{
  if (good)
    return radial;
  g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, "no memory for the tables of frequencies");
  ie_radial_free (radial);
  return NULL;
}

IeRadial *
ie_radial_new (int width, int height, const IeRadialGain *gain, GError **error)
{
  IeRadial *radial = g_new0 (IeRadial, 1);
  int columns = whole_blocks (width);
  radial->gain = *gain;
  radial->transform = ie_cosine_transform_new (width, height, error);
  if (!radial->transform) {
    ie_radial_free (radial);
    return NULL;
  }
  if (gain->profile != IE_RADIAL_GAUSSIAN) {
    radial->square_x = square_table (width, columns);
    radial->square_y = square_table (height, height);
    return complete (radial, radial->square_x && radial->square_y, error);
  }
  double upper = has_upper (gain) ? LN2 / (gain->upper * gain->upper) : 0.0;
  radial->upper_x = gaussian_table (upper, width, columns);
  radial->upper_y = gaussian_table (upper, height, height);
  gboolean good = radial->upper_x && radial->upper_y;
  if (has_lower (gain)) {
    double both = upper + LN2 / (gain->lower * gain->lower);
    radial->both_x = gaussian_table (both, width, columns);
    radial->both_y = gaussian_table (both, height, height);
    good = good && radial->both_x && radial->both_y;
  }
  return complete (radial, good, error);
}

/* Coefficients in a row or column, `along` tables of their places on it; what they share is a number. */

static inline void
damp (float *restrict coefficients, const float *restrict upper, float base, float scale, int count)
{
  for (int i = 0; i < count; i++)
    coefficients[i] *= base + scale * upper[i];
}

static inline void
damp_both (float *restrict coefficients, const float *restrict upper, const float *restrict both, float base,
           float upper_scale, float both_scale, int count)
{
  for (int i = 0; i < count; i++)
    coefficients[i] *= base + (upper_scale * upper[i] - both_scale * both[i]);
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

static inline void
damp_butterworth (const IeRadialGain *gain, float *restrict coefficients, const float *restrict squares, float shared,
                  int count)
{
  float upper = has_upper (gain) ? (float) (1.0 / (gain->upper * gain->upper)) : 0.0f;
  float lower = has_lower (gain) ? (float) (1.0 / (gain->lower * gain->lower)) : 0.0f;
  float base = (float) gain->base, scale = (float) gain->scale;
  gboolean low = has_lower (gain);
  for (int i = 0; i < count; i++) {
    float square = shared + squares[i];
    float h = butterworth (square * upper, gain->order);
    h *= low ? 1.0f - butterworth (square * lower, gain->order) : 1.0f;
    coefficients[i] *= base + scale * h;
  }
}

static inline void
cut (const IeRadialGain *gain, float *restrict coefficients, const float *restrict squares, float shared, int count)
{
  float upper = has_upper (gain) ? (float) (gain->upper * gain->upper) : 1.0f;
  float lower = has_lower (gain) ? (float) (gain->lower * gain->lower) : -1.0f;
  float base = (float) gain->base, kept = (float) (gain->base + gain->scale);
  for (int i = 0; i < count; i++) {
    float square = shared + squares[i];
    coefficients[i] *= square <= upper && square > lower ? kept : base;
  }
}

/* Tables along a row or column, from its first coefficient on, and those of the other direction where it lies. */
typedef struct {
  const float *upper, *both, *square;
  float shared_upper, shared_both, shared_square;
} Run;

static inline __attribute__ ((always_inline)) void
change_run (const IeRadialGain *gain, const Run *run, float *restrict coefficients, int count)
{
  float base = (float) gain->base, scale = (float) gain->scale;
  if (gain->profile == IE_RADIAL_BUTTERWORTH)
    damp_butterworth (gain, coefficients, run->square, run->shared_square, count);
  else if (gain->profile == IE_RADIAL_IDEAL)
    cut (gain, coefficients, run->square, run->shared_square, count);
  else if (run->both)
    damp_both (coefficients, run->upper, run->both, base, scale * run->shared_upper, scale * run->shared_both, count);
  else
    damp (coefficients, run->upper, base, scale * run->shared_upper, count);
}

/* The Gaussian on a block: products of two short tables, those along the row kept in registers. Without a lower edge `both`
 * is 0, whose product changes nothing. */
static void
damp_block (const IeRadial *radial, float *restrict coefficients, int x, int y, int step, int rows)
{
  const float *restrict upper_y = radial->upper_y, *restrict both_y = radial->both_x ? radial->both_y : upper_y;
  float base = (float) radial->gain.base, scale = (float) radial->gain.scale;
  float upper[IE_SPECTRUM_COLUMNS], both[IE_SPECTRUM_COLUMNS];
  for (int c = 0; c < IE_SPECTRUM_COLUMNS; c++) {
    upper[c] = scale * radial->upper_x[x + c];
    both[c] = radial->both_x ? scale * radial->both_x[x + c] : 0.0f;
  }
  for (int r = 0; r < rows; r++, coefficients += IE_SPECTRUM_COLUMNS) {
    float u = upper_y[y + r * step], b = both_y[y + r * step];
    for (int c = 0; c < IE_SPECTRUM_COLUMNS; c++)
      coefficients[c] *= base + (upper[c] * u - both[c] * b);
  }
}

static inline const float *
from (const float *table, int i)
{
  return table ? table + i : NULL;
}

static inline float
at (const float *table, int i)
{
  return table ? table[i] : 0.0f;
}

static void
change_block (gpointer data, float *restrict coefficients, int x, int columns, int y, int step, int rows)
{
  const IeRadial *radial = data;
  const IeRadialGain gain = radial->gain;
  float mean = coefficients[0];
  if (columns == 1) {
    Run run = { from (radial->upper_y, y),   from (radial->both_y, y), from (radial->square_y, y),
                at (radial->upper_x, x),     at (radial->both_x, x),   at (radial->square_x, x) };
    change_run (&gain, &run, coefficients, rows);
  } else if (gain.profile == IE_RADIAL_GAUSSIAN) {
    damp_block (radial, coefficients, x, y, step, rows);
  } else {
    Run run = { from (radial->upper_x, x), from (radial->both_x, x), from (radial->square_x, x), 0, 0, 0 };
    for (int r = 0; r < rows; r++) {
      run.shared_upper = at (radial->upper_y, y + r * step);
      run.shared_both = at (radial->both_y, y + r * step);
      run.shared_square = at (radial->square_y, y + r * step);
      change_run (&gain, &run, coefficients + (gsize) r * IE_SPECTRUM_COLUMNS, IE_SPECTRUM_COLUMNS);
    }
  }
  if (x == 0 && y == 0)
    coefficients[0] = mean;
}

gboolean
ie_radial_filter (const IeRadial *radial, IeWork *work, float *const *planes, int count, ptrdiff_t stride,
                  IeSpectrumRow enter, IeSpectrumRow leave, gpointer data, GError **error)
{
  IeSpectrumChange change = { change_block, (gpointer) radial, enter, leave, data };
  for (int c = 0; c < count; c++)
    if (!ie_cosine_transform_change (radial->transform, work, planes[c], stride, &change, error))
      return FALSE;
  return TRUE;
}

gboolean
ie_radial_apply (const IeStep *step, IeWork *work, float *const *planes, ptrdiff_t stride, GError **error)
{
  int colours = ie_header_colours (&step->input);
  return ie_radial_filter (step->prepared, work, planes, colours, stride, NULL, NULL, NULL, error);
}
