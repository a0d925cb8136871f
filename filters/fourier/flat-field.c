// SPDX-License-Identifier: GPL-3.0-or-later
/* flat-field: correction of uneven light, vignetting and dust.
 *
 * With a picture of an empty, evenly lit field (frame), and if there is one a picture of no light (dark), in each channel
 *   out = (in - dark) mean (frame - dark) / (frame - dark)
 * on the samples as stored. (Light multiplies what is linear in it; a power law keeps products products, so that pictures
 * encoded by about a power, as sRGB is, are corrected alike, and linear ones exactly.)
 *
 * Without a frame the light is estimated: its logarithm is taken as a quadratic polynomial of the place (a gradient and a
 * vignette), fitted to the slopes of the picture's logarithm (of its largest channel) between means over a grid of 64 x 48
 * cells, by least absolute values: edges of the scene, being few, count for little. Light changes all channels by one factor,
 * what is in the scene seldom does: with d the sum of the differences between the slopes of the three channels, in octaves, a
 * slope counts by 1 / sqrt (1 + (d / 0.02)^2). Scenes have such slopes too, above all from sky to ground: with c the sum of
 * (term / spread)^2 over the five terms, spread being that of photographs in even light, all terms are multiplied by
 * c / (c + 8), so that of even light little is taken for uneven. Samples near black and white say nothing of the light and are
 * left out; all channels are divided by the same.
 *   out = in mean (field) / field,  field = 2^(strength q (x, y))
 * which keeps the picture as bright as even light of the same sum would have made it, as with a frame.
 *
 * Source: J. A. Seibert, J. M. Boone, K. K. Lindfors, "Flat-field correction technique for digital detectors", SPIE 3336
 * (1998); Y. Zheng, S. Lin, C. Kambhamettu, J. Yu, S. B. Kang, "Single-image vignetting correction", IEEE Transactions on
 * Pattern Analysis and Machine Intelligence 31 (2009), for sparse slopes; R. Kimmel, M. Elad, D. Shaked, R. Keshet, I. Sobel,
 * "A Variational Framework for Retinex", International Journal of Computer Vision 52 (2003), for light that is smooth. */
#include "core/elementary.h"
#include "core/error.h"
#include "core/filter.h"
#include "core/i18n.h"

#include <string.h>

enum { FRAME, DARK, STRENGTH, LIMIT };

#define COLUMNS 64
#define ROWS 48
#define CELLS (COLUMNS * ROWS)
#define TERMS 5                    /* x, y, x^2, xy, y^2 */
#define BLACK (2.5f / 255.0f)
#define WHITE (253.5f / 255.0f)
#define OFFSET (1.0f / 255.0f)
#define LOG_UNIT 65536.0f          /* sums are integers, so that no order of adding changes a bit */
#define SAMPLE_UNIT 16777216.0f
#define SAMPLE_MOST 4096.0f
#define ROUNDS 20
#define SPARSE 0.005 /* slopes from a cell to the next below this count by their squares */
#define TINT 0.02    /* difference of the channels' slopes from which a slope is the scene's rather than the light's */
#define SHRINK 8.0
#define OCTAVE 1.4426950408889634 /* of a natural logarithm */

/* Spread of the terms of photographs in even light, in octaves. */
static const double spread[TERMS] = { 0.10, 0.20, 0.13, 0.10, 0.22 };

static const IeParam params[] = {
  { .id = "frame", .label = N_ ("Frame"), .type = IE_PARAM_IMAGE, .unit = "", .use = IE_INPUT_SURVEYED_ALIGNED,
    .summary = N_ ("A picture of an empty, evenly lit field, of the same size; without it the light is estimated.") },
  { .id = "dark", .label = N_ ("Dark frame"), .type = IE_PARAM_IMAGE, .unit = "", .use = IE_INPUT_SURVEYED_ALIGNED,
    .summary = N_ ("A picture without light, subtracted first; needs a frame.") },
  { .id = "strength", .label = N_ ("Strength"), .type = IE_PARAM_FLOAT, .unit = "", .initial = 1, .min = 0, .max = 2,
    .slider_max = 1, .summary = N_ ("Share of the estimated light that is taken away; a frame counts in full.") },
  { .id = "limit", .label = N_ ("Limit"), .type = IE_PARAM_FLOAT, .unit = "", .initial = 8, .min = 1, .max = 1000,
    .slider_min = 1, .slider_max = 32, .curve = IE_SLIDER_LOGARITHMIC,
    .summary = N_ ("The largest factor a sample is multiplied by.") },
  IE_PARAMS_END
};

static gboolean
has_frame (const IeParams *values)
{
  return ie_text (values, FRAME) != NULL;
}

static gboolean
header (const IeStep *step, IeHeader *output, GError **error)
{
  *output = step->input;
  if (has_frame (step->params) || !ie_text (step->params, DARK))
    return TRUE;
  g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("dark=... needs frame=..."));
  return FALSE;
}

/* ---- The statistic ---- */

typedef struct {
  gint64 log_sum[CELLS], count[CELLS];                /* of the picture's largest channel */
  gint64 channel_sum[3][CELLS];                       /* of pictures that have three */
  gint64 sum[2][IE_MAX_CHANNELS], pixels[2];          /* of frame and dark */
} Statistic;

static gsize
size (const IeStep *step)
{
  return sizeof (Statistic);
}

static void
add_frame (Statistic *s, int which, const IePixels *pixels)
{
  int channels = pixels->channels;
  for (int y = 0; y < pixels->rect.height; y++) {
    const float *row = (const float *) (gconstpointer) ((const char *) pixels->data + (ptrdiff_t) y * pixels->stride);
    for (int x = 0; x < pixels->rect.width; x++)
      for (int c = 0; c < channels; c++) {
        float v = row[x * channels + c];
        v = v > -SAMPLE_MOST ? v : -SAMPLE_MOST;
        v = v < SAMPLE_MOST ? v : SAMPLE_MOST;
        s->sum[which][c] += (gint64) (v * SAMPLE_UNIT);
      }
  }
  s->pixels[which] += (gint64) pixels->rect.width * pixels->rect.height;
}

static inline float
largest (const float *pixel, int colours)
{
  float most = pixel[0];
  for (int c = 1; c < colours; c++)
    most = pixel[c] > most ? pixel[c] : most;
  return most;
}

static void
add_picture (Statistic *s, const IeHeader *header, const IePixels *pixels)
{
  int channels = pixels->channels, colours = ie_colours (channels, pixels->has_alpha);
  for (int y = 0; y < pixels->rect.height; y++) {
    const float *row = (const float *) (gconstpointer) ((const char *) pixels->data + (ptrdiff_t) y * pixels->stride);
    int cell_y = (int) ((gint64) (pixels->rect.y + y) * ROWS / header->height);
    for (int x = 0; x < pixels->rect.width; x++) {
      const float *pixel = row + (ptrdiff_t) x * channels;
      float value = largest (pixel, colours);
      if (!(value > BLACK && value < WHITE) || (pixels->has_alpha && pixel[colours] <= 0.0f))
        continue;
      int cell = cell_y * COLUMNS + (int) ((gint64) (pixels->rect.x + x) * COLUMNS / header->width);
      s->log_sum[cell] += (gint64) (ie_log2f (value + OFFSET) * LOG_UNIT);
      s->count[cell]++;
      if (colours == 3)
        for (int c = 0; c < 3; c++)
          s->channel_sum[c][cell] += (gint64) ((pixel[c] > 0.0f ? pixel[c] : 0.0f) * SAMPLE_UNIT);
    }
  }
}

static void
add (const IeStep *step, gpointer statistic, int input, const IePixels *pixels, IeWork *work)
{
  if (input == 0)
    add_picture (statistic, &step->input, pixels);
  else
    add_frame (statistic, input - 1, pixels);
}

static void
merge (const IeStep *step, gpointer into, gconstpointer from)
{
  gint64 *sum = into;
  const gint64 *part = from;
  for (gsize i = 0; i < sizeof (Statistic) / sizeof (gint64); i++)
    sum[i] += part[i];
}

/* ---- The light ---- */

typedef struct {
  double term[TERMS], constant;          /* log2 of the gain: constant - sum of term * basis */
  float mean[IE_MAX_CHANNELS];           /* of frame - dark */
} Light;

static void
basis (double x, double y, double *b)
{
  b[0] = x;
  b[1] = y;
  b[2] = x * x;
  b[3] = x * y;
  b[4] = y * y;
}

/* Middle of a cell, the picture being -1 .. 1 both ways. */
static void
cell_basis (int cell, double *b)
{
  basis ((2.0 * (cell % COLUMNS) + 1.0) / COLUMNS - 1.0, (2.0 * (double) (cell / COLUMNS) + 1.0) / ROWS - 1.0, b);
}

/* What the fit knows of the cells: logarithms to base 2 of the largest channel and of each; NAN where all is black or white. */
typedef struct {
  double value[CELLS], channel[3][CELLS];
} Cells;

static void
take_logs (const Statistic *s, Cells *cells)
{
  for (int cell = 0; cell < CELLS; cell++) {
    double count = (double) s->count[cell];
    cells->value[cell] = s->count[cell] ? (double) s->log_sum[cell] / (count * (double) LOG_UNIT) : IE_NAN;
    for (int c = 0; c < 3; c++) {
      double mean = (double) s->channel_sum[c][cell] / ((double) SAMPLE_UNIT * MAX (count, 1.0));
      cells->channel[c][cell] = ie_log (mean + (double) OFFSET) * OCTAVE;
    }
  }
}

/* From a cell to a neighbour: how the logarithm of its largest channel changes, how the terms do, and by how much that counts, since
 * all channels change alike or do not. */
typedef struct {
  double value, by[TERMS], alike;
} Slope;

static double
alike (const Cells *cells, int from, int to)
{
  double slope[3];
  for (int c = 0; c < 3; c++)
    slope[c] = cells->channel[c][to] - cells->channel[c][from];
  double apart = (ie_abs (slope[0] - slope[1]) + ie_abs (slope[1] - slope[2]) + ie_abs (slope[2] - slope[0])) / TINT;
  return 1.0 / ie_sqrt (1.0 + apart * apart);
}

/* To the list; returns how many there are now. */
static int
add_slope (const Cells *cells, int from, int to, Slope *slopes, int count)
{
  double near[TERMS], far[TERMS];
  Slope *slope = &slopes[count];
  slope->value = cells->value[to] - cells->value[from];
  if (slope->value != slope->value)
    return count;
  cell_basis (from, near);
  cell_basis (to, far);
  for (int i = 0; i < TERMS; i++)
    slope->by[i] = far[i] - near[i];
  slope->alike = alike (cells, from, to);
  return count + 1;
}

static int
take_slopes (const Cells *cells, Slope *slopes)
{
  int count = 0;
  for (int cell = 0; cell < CELLS; cell++) {
    if (cell % COLUMNS + 1 < COLUMNS)
      count = add_slope (cells, cell, cell + 1, slopes, count);
    if (cell + COLUMNS < CELLS)
      count = add_slope (cells, cell, cell + COLUMNS, slopes, count);
  }
  return count;
}

/* A slope into the normal equations, by how well it fitted so far. */
static void
add_equation (const Slope *slope, const double *term, double a[TERMS][TERMS], double *b)
{
  double rest = slope->value;
  for (int i = 0; i < TERMS; i++)
    rest -= term[i] * slope->by[i];
  double weight = slope->alike / MAX (ie_abs (rest), SPARSE);
  for (int i = 0; i < TERMS; i++) {
    b[i] += weight * slope->by[i] * slope->value;
    for (int j = 0; j < TERMS; j++)
      a[i][j] += weight * slope->by[i] * slope->by[j];
  }
}

/* a x = b by Cholesky's way without square roots; a is positive definite, which the caller sees to. */
static void
solve (double a[TERMS][TERMS], double *b, double *x)
{
  for (int i = 0; i < TERMS; i++)
    for (int j = i + 1; j < TERMS; j++) {
      double factor = a[j][i] / a[i][i];
      for (int k = i; k < TERMS; k++)
        a[j][k] -= factor * a[i][k];
      b[j] -= factor * b[i];
    }
  for (int i = TERMS - 1; i >= 0; i--) {
    x[i] = b[i];
    for (int k = i + 1; k < TERMS; k++)
      x[i] -= a[i][k] * x[k];
    x[i] /= a[i][i];
  }
}

static double
light_at (const Light *light, const double *b)
{
  double sum = 0;
  for (int i = 0; i < TERMS; i++)
    sum += light->term[i] * b[i];
  return sum;
}

/* Least absolute values by reweighted least squares. */
static void
fit_slopes (const Slope *slopes, int count, double *term)
{
  for (int round = 0; round < ROUNDS; round++) {
    double a[TERMS][TERMS] = { 0 }, b[TERMS] = { 0 };
    for (int k = 0; k < count; k++)
      add_equation (&slopes[k], term, a, b);
    for (int i = 0; i < TERMS; i++)
      a[i][i] += 1e-6;
    solve (a, b, term);
  }
}

/* FALSE where there is no memory. */
static gboolean
fit_cells (const Statistic *s, double *term)
{
  g_autofree Cells *cells = g_try_new (Cells, 1);
  g_autofree Slope *slopes = g_try_new (Slope, 2 * CELLS);
  if (!cells || !slopes)
    return FALSE;
  take_logs (s, cells);
  fit_slopes (slopes, take_slopes (cells, slopes), term);
  return TRUE;
}

static gboolean
estimate (const Statistic *s, double strength, Light *light)
{
  double seen = 0;
  if (!fit_cells (s, light->term))
    return FALSE;
  for (int i = 0; i < TERMS; i++)
    seen += light->term[i] * light->term[i] / (spread[i] * spread[i]);
  strength *= seen / (seen + SHRINK);
  double sum = 0;
  for (int i = 0; i < TERMS; i++)
    light->term[i] *= strength;
  for (int cell = 0; cell < CELLS; cell++) {
    double b[TERMS];
    cell_basis (cell, b);
    sum += ie_pow (2.0, light_at (light, b));
  }
  light->constant = ie_log (sum / CELLS) * OCTAVE;
  return TRUE;
}

static gpointer
finish (const IeStep *step, gpointer statistic, gboolean *again, GError **error)
{
  const Statistic *s = statistic;
  Light *light = g_new0 (Light, 1);
  if (!has_frame (step->params)) {
    if (estimate (s, ie_number (step->params, STRENGTH), light))
      return light;
    g_free (light);
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for tables"));
    return NULL;
  }
  for (int c = 0; c < IE_MAX_CHANNELS; c++) {
    double mean = (double) s->sum[0][c] / ((double) SAMPLE_UNIT * (double) s->pixels[0]);
    if (s->pixels[1])
      mean -= (double) s->sum[1][c] / ((double) SAMPLE_UNIT * (double) s->pixels[1]);
    light->mean[c] = (float) mean;
  }
  return light;
}

static const char *const depends[] = { "frame", "dark", "strength", NULL };

static const IeSurvey survey = {
  .size = size, .add = add, .merge = merge, .finish = finish, .instead = TRUE, .depends = depends
};

/* ---- The picture ---- */

static inline int
channel_of (const IePixels *other, int c)
{
  int colours = ie_colours (other->channels, other->has_alpha);
  return MIN (c, colours - 1);
}

static void
divide_row (const Light *light, const IePixels *in, const IePixels *out, int y, float limit)
{
  int channels = out->channels, colours = ie_colours (channels, out->has_alpha);
  int x0 = out->rect.x;
  const float *from = ie_pixels_at (&in[0], x0, y), *frame = ie_pixels_at (&in[1], x0, y);
  const float *dark = in[2].data ? ie_pixels_at (&in[2], x0, y) : NULL;
  float *to = ie_pixels_at (out, x0, y);
  for (int c = 0; c < channels; c++) {
    int frame_c = channel_of (&in[1], c), dark_c = dark ? channel_of (&in[2], c) : 0;
    float mean = light->mean[frame_c];
    for (int x = 0; x < out->rect.width; x++) {
      float v = from[x * channels + c], without = dark ? dark[x * in[2].channels + dark_c] : 0.0f;
      float field = frame[x * in[1].channels + frame_c] - without;
      float gain = field * limit > mean ? mean / field : limit;
      to[x * channels + c] = c < colours ? (v - without) * gain : v;
    }
  }
}

static void
estimated_row (const IeStep *step, const IePixels *in, const IePixels *out, int y, float limit)
{
  const Light *light = step->tables;
  int channels = out->channels, colours = ie_colours (channels, out->has_alpha), x0 = out->rect.x;
  const float *restrict from = ie_pixels_at (&in[0], x0, y);
  float *restrict to = ie_pixels_at (out, x0, y);
  double width = step->input.width, v = (2.0 * y + 1.0) / step->input.height - 1.0;
  const double *t = light->term;
  double constant = light->constant - v * (t[1] + t[4] * v), first = -(t[0] + t[3] * v), second = -t[2];
  for (int x = 0; x < out->rect.width; x++) {
    double u = (2.0 * (double) (x0 + x) + 1.0) / width - 1.0;
    float gain = ie_exp2f ((float) (constant + u * (first + second * u)));
    gain = gain < limit ? gain : limit;
    for (int c = 0; c < colours; c++)
      to[x * channels + c] = from[x * channels + c] * gain;
    if (colours < channels)
      to[x * channels + colours] = from[x * channels + colours];
  }
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  float limit = (float) ie_number (step->params, LIMIT);
  for (int y = out->rect.y; y < out->rect.y + out->rect.height && !ie_work_cancelled (work); y++)
    if (has_frame (step->params))
      divide_row (step->tables, in, out, y, limit);
    else
      estimated_row (step, in, out, y, limit);
}

IE_FILTER (fourier_flat_field) = {
  .name = "flat-field",
  .version = 1,
  .label = N_ ("Flat-field Correction"),
  .summary = N_ ("Evens out the light: by a picture of an empty field, or estimated"),
  .group = N_ ("Tone"),
  .citation = "Seibert, Boone and Lindfors 1998; Zheng et al. 2009",
  .filter_class = IE_SURVEY,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .header = header,
  .survey = &survey,
  .apply = apply,
};
