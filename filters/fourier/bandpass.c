// SPDX-License-Identifier: GPL-3.0-or-later
/* Band-pass with Gaussian edges, in the frequencies of the cosine transform.
 *
 *   H (f, c) = exp (-ln 2 (f / c)^2)                 a Gaussian low-pass: gain 1/2 at its cut-off c
 *   gain (f) = H (f, high) (1 - H (f, low)),  f^2 = fx^2 + fy^2,  gain (0) = 1
 *
 * so the gain is one half at each cut-off while they lie well apart, a low-pass and a high-pass at the same cut-off add
 * up to the picture (apart from its mean, which both keep), nothing rings, and the mean of each channel stays. low = 0
 * leaves out the lower edge, high at the corner of the spectrum (sqrt (1/2) cycles per pixel) or above the upper one.
 * The picture goes on mirrored beyond its edges; see filters/fourier/transform.h.
 *
 * exp (-k (fx^2 + fy^2)) = exp (-k fx^2) exp (-k fy^2): two short tables for each edge make the whole gain.
 *
 * Source: R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., sections 4.8 to 4.10.
 */
#include "core/elementary.h"
#include "core/error.h"
#include "core/filter.h"
#include "filters/fourier/transform.h"

enum { LOW, HIGH };

#define BEYOND 0.7072 /* past the corner of the spectrum, sqrt (0.5^2 + 0.5^2): from here on the upper edge is off */
#define LN2 0.69314718055994530942

static const IeParam params[] = {
  { .id = "low", .label = "Low cut-off", .type = IE_PARAM_FLOAT, .unit = "cycles/px",
    .initial = 0, .min = 0, .max = BEYOND, .slider_max = 0.1,
    .summary = "Slower changes than this are damped, to one half at it; 0 keeps them all." },
  { .id = "high", .label = "High cut-off", .type = IE_PARAM_FLOAT, .unit = "cycles/px",
    .initial = 0.25, .min = 0.0001, .max = 1,
    .slider_min = 0.01, .slider_max = BEYOND, .curve = IE_SLIDER_LOGARITHMIC,
    .summary = "Finer detail than this is damped, to one half at it; 0.7072 or more keeps it all." },
  IE_PARAMS_END
};

/* H of both edges at the frequencies of the columns (x) and rows (y). An edge that is off is 1 (upper) or 0 (lower). */
typedef struct {
  IeCosineTransform *transform;
  float *upper_x, *upper_y, *both_x, *both_y; /* H (high), and H (high) H (low) */
} Prepared;

static gboolean
has_upper (const IeParams *values)
{
  return ie_number (values, HIGH) < BEYOND;
}

static gboolean
has_lower (const IeParams *values)
{
  return ie_number (values, LOW) > 0.0;
}

static gboolean
neutral (const IeParams *values)
{
  return !has_lower (values) && !has_upper (values);
}

static gboolean
header (const IeStep *step, IeHeader *output, GError **error)
{
  double low = ie_number (step->params, LOW), high = ie_number (step->params, HIGH);
  *output = step->input;
  if (low < high)
    return TRUE;
  char low_text[G_ASCII_DTOSTR_BUF_SIZE], high_text[G_ASCII_DTOSTR_BUF_SIZE];
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, "fourier-bandpass: high (%s) must be greater than low (%s)",
               g_ascii_formatd (high_text, sizeof high_text, "%g", high),
               g_ascii_formatd (low_text, sizeof low_text, "%g", low));
  return FALSE;
}

/* Scratch is taken by every thread; the engine does not say how many it has, so those of the processor are counted. */
static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  gsize tables = 2 * ((gsize) output.width + (gsize) output.height) * sizeof (float);
  return tables + ie_cosine_transform_memory (output.width, output.height, (int) g_get_num_processors ());
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

static void
release (gpointer data)
{
  Prepared *prepared = data;
  ie_cosine_transform_free (prepared->transform);
  g_free (prepared->upper_x);
  g_free (prepared->upper_y);
  g_free (prepared->both_x);
  g_free (prepared->both_y);
  g_free (prepared);
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  int width = step->input.width, height = step->input.height;
  double low = ie_number (step->params, LOW), high = ie_number (step->params, HIGH);
  double upper = has_upper (step->params) ? LN2 / (high * high) : 0.0;
  Prepared *prepared = g_new0 (Prepared, 1);
  prepared->transform = ie_cosine_transform_new (width, height, error);
  if (!prepared->transform) {
    release (prepared);
    return NULL;
  }
  prepared->upper_x = gaussian_table (upper, width);
  prepared->upper_y = gaussian_table (upper, height);
  if (has_lower (step->params)) {
    double both = upper + LN2 / (low * low);
    prepared->both_x = gaussian_table (both, width);
    prepared->both_y = gaussian_table (both, height);
  }
  return prepared;
}

static void
damp (float *restrict coefficients, const float *restrict upper, float scale, int height)
{
  for (int y = 0; y < height; y++)
    coefficients[y] *= scale * upper[y];
}

static void
damp_both (float *restrict coefficients, const float *restrict upper, const float *restrict both, float upper_scale,
           float both_scale, int height)
{
  for (int y = 0; y < height; y++)
    coefficients[y] *= upper_scale * upper[y] - both_scale * both[y];
}

static void
change_column (gpointer data, int x, float *restrict coefficients, int height)
{
  const Prepared *prepared = data;
  float mean = coefficients[0];
  if (prepared->both_x)
    damp_both (coefficients, prepared->upper_y, prepared->both_y, prepared->upper_x[x], prepared->both_x[x], height);
  else
    damp (coefficients, prepared->upper_y, prepared->upper_x[x], height);
  if (x == 0)
    coefficients[0] = mean;
}

static gboolean
apply_whole (const IeStep *step, IeWork *work, float *const *planes, ptrdiff_t stride, GError **error)
{
  const Prepared *prepared = step->prepared;
  int colours = ie_colours (step->input.channels, step->input.has_alpha);
  for (int c = 0; c < colours; c++)
    if (!ie_cosine_transform_filter (prepared->transform, work, planes[c], stride, change_column, step->prepared,
                                     error))
      return FALSE;
  return TRUE;
}

IE_FILTER (fourier_bandpass) = {
  .name = "fourier-bandpass",
  .version = 1,
  .label = "Fourier Band-pass",
  .summary = "Keeps the detail between two frequencies, and the mean",
  .group = "Frequency",
  .citation = "Gonzalez and Woods, Digital Image Processing, 4th ed., 4.8 to 4.10",
  .filter_class = IE_WHOLE,
  .alpha = IE_ALPHA_IGNORE,
  .params = params,
  .neutral = neutral,
  .header = header,
  .memory = memory,
  .prepare = prepare,
  .release = release,
  .apply_whole = apply_whole,
};
