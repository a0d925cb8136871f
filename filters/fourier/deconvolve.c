// SPDX-License-Identifier: GPL-3.0-or-later
/* deconvolve: undoes a blur of known kind (fourier/blur.h), its width given or estimated from the picture.
 *
 * wiener           F = conj (H) / (|H|^2 + N / S) G, the linear estimate of least mean square error. N and S, the spectra
 *                  of noise and scene, are those of the fit in fourier/blur.h, a channel each; with balance above 0 their
 *                  quotient is balance |L|^2, L = 4 - 2 cos 2 pi fx - 2 cos 2 pi fy, the Laplacian (Hunt 1973)
 * richardson-lucy  f <- f h~ * (g / (h * f)), iterated from f = g: the likeliest scene when noise is that of counted
 *                  photons; keeps f positive and rings less, and takes longer
 *
 * What the linear estimate leaves of the noise, which is N F^2, is then shrunk in blocks of 8 x 8 pixels as in
 * filters/denoise.c: flat areas, which need no detail, do without its noise (R. Neelamani, H. Choi, R. Baraniuk, "ForWaRD",
 * IEEE Transactions on Signal Processing 52 (2004), in wavelets). Not where a balance is given.
 *
 * H (0) = 1: the mean stays. Planes are padded to smooth sizes by at least 4 widths and go on mirrored from both sides,
 * blended, so that nothing wraps around. Each channel by itself, as stored.
 *
 * Source: N. Wiener 1949; B. R. Hunt, IEEE Transactions on Computers 22 (1973); W. H. Richardson, Journal of the Optical
 * Society of America 62 (1972); L. B. Lucy, Astronomical Journal 79 (1974); Gonzalez and Woods, Digital Image Processing,
 * 4th ed., 5.8 and 5.9. */
#include "core/elementary.h"
#include "core/error.h"
#include "core/filter.h"
#include "core/i18n.h"
#include "filters/fourier/blur.h"
#include "filters/fourier/plane.h"
#include "filters/kernel/shrink.h"

#include <string.h>

enum { METHOD, KERNEL, WIDTH, ANGLE, BALANCE, ITERATIONS };
enum { WIENER, RICHARDSON_LUCY };

#define REACH 4.0       /* widths of padding at least */
#define LEAST_PADDING 16
#define DIVISOR 1e-3f   /* of Richardson-Lucy: below it a blurred scene counts as this */
#define RATIO_MOST 16.0f
#define TABLE 4096      /* of gains by distance, 0 .. sqrt (1/2) */
#define BEYOND 0.70711
#define BAND 4          /* places each way to average over a band */
#define TINY 1e-20

static const IeChoice methods[] = {
  { "wiener", N_ ("Wiener") },
  { "richardson-lucy", N_ ("Richardson-Lucy") },
  { NULL, NULL }
};
static const IeChoice kernels[] = {
  { "gaussian", N_ ("Gaussian") }, { "disc", N_ ("Disc (out of focus)") }, { "motion", N_ ("Motion") }, { NULL, NULL }
};

static const IeParam params[] = {
  { .id = "method", .label = N_ ("Method"), .type = IE_PARAM_ENUM, .unit = "", .initial = WIENER, .choices = methods,
    .summary = N_ ("Wiener is one step; Richardson-Lucy is iterated and stays positive.") },
  { .id = "kernel", .label = N_ ("Kernel"), .type = IE_PARAM_ENUM, .unit = "", .initial = IE_BLUR_GAUSSIAN,
    .choices = kernels,
    .summary = N_ ("What blurred the picture.") },
  { .id = "width", .label = N_ ("Width"), .type = IE_PARAM_FLOAT, .unit = "px", .initial = 0, .min = 0, .max = 100,
    .slider_max = 20,
    .summary = N_ ("Standard deviation (gaussian), radius (disc), length (motion); 0: estimated from the picture.") },
  { .id = "angle", .label = N_ ("Angle"), .type = IE_PARAM_FLOAT, .unit = "degrees", .initial = 0, .min = -180,
    .max = 180,
    .visible_if = "kernel=motion", .summary = N_ ("Direction of the motion, counter-clockwise from the right.") },
  { .id = "balance", .label = N_ ("Balance"), .type = IE_PARAM_FLOAT, .unit = "", .initial = 0, .min = 0, .max = 1000,
    .slider_max = 1, .visible_if = "method=wiener",
    .summary = N_ ("Weight of smoothness against sharpness; 0: from the picture's own noise and detail.") },
  { .id = "iterations", .label = N_ ("Iterations"), .type = IE_PARAM_INT, .unit = "", .initial = 20, .min = 1,
    .max = 1000,
    .slider_min = 1, .slider_max = 100, .visible_if = "method=richardson-lucy",
    .summary = N_ ("More are sharper, and noisier.") },
  IE_PARAMS_END
};

typedef struct {
  IeBlurKernel kernel;
  int method, width, height; /* padded */
  double cosine, sine;       /* of the motion; y points down */
  double balance;
  IeFourier *fourier;
} Prepared;

static int
padded (int size, double width)
{
  return ie_fourier_padded (size + MAX (LEAST_PADDING, (int) (2.0 * REACH * width)));
}

static double
widest (const IeParams *values)
{
  return ie_number (values, WIDTH) > 0 ? ie_number (values, WIDTH) : IE_BLUR_WIDEST / 2;
}

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  double width = widest (step->params);
  int w = padded (output.width, width), h = padded (output.height, width);
  gsize planes = ie_int (step->params, METHOD) == RICHARDSON_LUCY ? 2 : 1;
  return planes * ie_fourier_floats (w, h) * sizeof (float) + ie_fourier_memory (w, h, ie_fourier_threads ()) +
         ie_shrink_plane_memory (ie_fourier_threads ());
}

static void
release (gpointer data)
{
  Prepared *prepared = data;
  ie_fourier_free (prepared->fourier);
  g_free (prepared);
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  const IeParams *values = step->params;
  Prepared *prepared = g_new0 (Prepared, 1);
  double angle = ie_number (values, ANGLE) * IE_PI / 180.0;
  prepared->kernel = (IeBlurKernel) ie_int (values, KERNEL);
  prepared->method = ie_int (values, METHOD);
  prepared->width = padded (step->input.width, widest (values));
  prepared->height = padded (step->input.height, widest (values));
  prepared->cosine = ie_cos (angle);
  prepared->sine = -ie_sin (angle);
  prepared->balance = ie_number (values, BALANCE);
  prepared->fourier = ie_fourier_new (prepared->width, prepared->height, error);
  if (prepared->fourier)
    return prepared;
  release (prepared);
  return NULL;
}

/* ---- What the picture says ---- */

/* The periodogram of a plane under a Hann window, gathered by rings, and there by sectors or, for motion, along it. */
static void
gather (const Prepared *prepared, IeWork *work, const float *plane, double scale, IeBlurStatistic *statistic)
{
  memset (statistic, 0, sizeof *statistic);
  int width = prepared->width, height = prepared->height;
  for (int v = 0; v < height && !ie_work_cancelled (work); v++) {
    const float *row = plane + (gsize) v * ie_fourier_stride (width);
    double fy = ie_fourier_row_frequency (v, height);
    for (int u = 1; u < width / 2; u++) {
      double fx = (double) u / (double) width, f = ie_sqrt (fx * fx + fy * fy);
      double t = prepared->kernel == IE_BLUR_MOTION ? ie_abs (fx * prepared->cosine + fy * prepared->sine) : 0;
      int i = (int) (f * 2 * IE_BLUR_BINS), j = (int) (t * 2 * IE_BLUR_BINS);
      if (prepared->kernel == IE_BLUR_GAUSSIAN)
        j = ie_blur_sector (fx, fy);
      if (i >= IE_BLUR_BINS || j >= IE_BLUR_BINS)
        continue;
      double power = (double) row[2 * u] * (double) row[2 * u] + (double) row[2 * u + 1] * (double) row[2 * u + 1];
      statistic->sum[i][j] += (double) ie_log2f ((float) (power * scale + TINY)) * 0.69314718055994531;
      statistic->count[i][j] += 1;
    }
  }
}

static float *
hann (int size, double *squares)
{
  float *table = g_new (float, size);
  double sum = 0;
  for (int i = 0; i < size; i++) {
    table[i] = (float) (0.5 - 0.5 * ie_cos (2.0 * IE_PI * ((double) i + 0.5) / (double) size));
    sum += (double) table[i] * (double) table[i];
  }
  *squares = sum;
  return table;
}

static gboolean
survey (const Prepared *prepared, IeWork *work, const float *picture, ptrdiff_t stride, int width, int height,
        float *plane, IeBlurStatistic *statistic, GError **error)
{
  double squares_x, squares_y, sum = 0, weights = 0;
  gsize pitch = ie_fourier_stride (prepared->width);
  g_autofree float *window_x = hann (width, &squares_x), *window_y = hann (height, &squares_y);
  ie_fourier_clear (work, plane, prepared->width, prepared->height);
  for (int pass = 0; pass < 2; pass++) {
    float mean = pass ? (float) (sum / weights) : 0.0f;
    for (int y = 0; y < height && !ie_work_cancelled (work); y++) {
      const float *restrict in = (const float *) (gconstpointer) ((const char *) picture + (ptrdiff_t) y * stride);
      float *restrict out = plane + (gsize) y * pitch;
      for (int x = 0; x < width && pass; x++)
        out[x] = (in[x] - mean) * (window_x[x] * window_y[y]);
      for (int x = 0; x < width && !pass; x++) {
        double weight = (double) window_x[x] * (double) window_y[y];
        sum += weight * (double) in[x];
        weights += weight;
      }
    }
  }
  if (!ie_fourier_forward (prepared->fourier, work, plane, NULL, NULL, error))
    return FALSE;
  gather (prepared, work, plane, 1.0 / (squares_x * squares_y), statistic);
  return TRUE;
}

/* ---- The gain ---- */

typedef struct {
  const Prepared *prepared;
  double width;
  gboolean has_scene;
  IeBlurScene scene;
  float transfer[TABLE + 2], noise[TABLE + 2]; /* by distance: H (by t for motion), N / S */
} Gain;

static void
make_gain (Gain *gain)
{
  for (int i = 0; i < TABLE + 2; i++) {
    double f = BEYOND * (double) i / (double) TABLE;
    gain->transfer[i] = (float) ie_blur_transfer (gain->prepared->kernel, gain->width, f, f);
    double quotient = gain->has_scene && f > 0 ? gain->scene.noise / gain->scene.power * ie_pow (f, gain->scene.fall) : 0;
    gain->noise[i] = (float) MIN (quotient, 1e12);
  }
}

static inline float
look_up (const float *table, double f)
{
  double at = f * (TABLE / BEYOND);
  int i = (int) at;
  i = MIN (i, TABLE);
  float way = (float) (at - (double) i);
  return table[i] + way * (table[i + 1] - table[i]);
}

static inline float
transfer_at (const Gain *gain, double fx, double fy)
{
  const Prepared *p = gain->prepared;
  double f = p->kernel == IE_BLUR_MOTION ? ie_abs (fx * p->cosine + fy * p->sine) : ie_sqrt (fx * fx + fy * fy);
  return look_up (gain->transfer, f);
}

static inline float
wiener_at (const Gain *gain, double fx, double fy)
{
  double balance = gain->prepared->balance;
  float h = transfer_at (gain, fx, fy), noise;
  if (balance > 0) {
    double laplace = 4.0 - 2.0 * ie_cos (2.0 * IE_PI * fx) - 2.0 * ie_cos (2.0 * IE_PI * fy);
    noise = (float) (balance * laplace * laplace);
  } else
    noise = look_up (gain->noise, ie_sqrt (fx * fx + fy * fy));
  return h / (h * h + noise + 1e-9f);
}

/* A frequency of one half is its own mirror image: a real picture sees the mean of both gains. */
static inline gboolean
is_edge (const Prepared *p, int u, int v)
{
  return 2 * u == p->width || 2 * v == p->height;
}

static void
wiener_column (gpointer data, int u, float complex *restrict column, int height)
{
  const Gain *gain = data;
  double fx = (double) u / (double) gain->prepared->width;
  for (int v = 0; v < height; v++) {
    double fy = ie_fourier_row_frequency (v, height);
    float g = wiener_at (gain, fx, fy);
    if (is_edge (gain->prepared, u, v))
      g = 0.5f * (g + wiener_at (gain, fx, -fy));
    column[v] *= u == 0 && v == 0 ? 1.0f : g;
  }
}

static void
blur_column (gpointer data, int u, float complex *restrict column, int height)
{
  const Gain *gain = data;
  double fx = (double) u / (double) gain->prepared->width;
  for (int v = 0; v < height; v++) {
    double fy = ie_fourier_row_frequency (v, height);
    float h = transfer_at (gain, fx, fy);
    if (is_edge (gain->prepared, u, v))
      h = 0.5f * (h + transfer_at (gain, fx, -fy));
    column[v] *= h;
  }
}

/* ---- Richardson-Lucy ---- */

typedef struct {
  const float *picture;
  ptrdiff_t stride;
  int width, height;
  float *scene, *other;
  gsize pitch;
  const Prepared *prepared;
} Lucy;

/* other = g / other. Beyond the picture nothing was measured: there the ratio is 1. */
static void
divide_row (gpointer data, int y, IeWork *work)
{
  const Lucy *lucy = data;
  float *restrict ratio = lucy->other + (gsize) y * lucy->pitch;
  int measured = y < lucy->height ? lucy->width : 0;
  const float *restrict g = (const float *) (gconstpointer) ((const char *) lucy->picture + (ptrdiff_t) y * lucy->stride);
  for (int x = 0; x < measured; x++) {
    float below = ratio[x] > DIVISOR ? ratio[x] : DIVISOR, above = g[x] > 0.0f ? g[x] : 0.0f;
    float quotient = above / below;
    ratio[x] = quotient < RATIO_MOST ? quotient : RATIO_MOST;
  }
  for (int x = measured; x < lucy->prepared->width; x++)
    ratio[x] = 1.0f;
}

static void
multiply_row (gpointer data, int y, IeWork *work)
{
  const Lucy *lucy = data;
  float *restrict scene = lucy->scene + (gsize) y * lucy->pitch;
  const float *restrict ratio = lucy->other + (gsize) y * lucy->pitch;
  for (int x = 0; x < lucy->prepared->width; x++)
    scene[x] *= ratio[x] > 0.0f ? ratio[x] : 0.0f;
}

static void
clamp_row (gpointer data, int y, IeWork *work)
{
  const Lucy *lucy = data;
  float *restrict scene = lucy->scene + (gsize) y * lucy->pitch;
  for (int x = 0; x < lucy->prepared->width; x++)
    scene[x] = scene[x] > 0.0f ? scene[x] : 0.0f;
}

static gboolean
richardson_lucy (Lucy *lucy, Gain *gain, int iterations, IeWork *work, GError **error)
{
  const Prepared *p = lucy->prepared;
  gsize row = lucy->pitch * sizeof (float);
  ie_work_parallel (work, p->height, clamp_row, lucy);
  for (int n = 0; n < iterations; n++) {
    for (int y = 0; y < p->height && !ie_work_cancelled (work); y++)
      memcpy (lucy->other + (gsize) y * lucy->pitch, lucy->scene + (gsize) y * lucy->pitch, row);
    if (!ie_fourier_filter (p->fourier, work, lucy->other, blur_column, gain, error))
      return FALSE;
    ie_work_parallel (work, p->height, divide_row, lucy);
    if (!ie_fourier_filter (p->fourier, work, lucy->other, blur_column, gain, error))
      return FALSE;
    ie_work_parallel (work, p->height, multiply_row, lucy);
  }
  return TRUE;
}

/* ---- What the gain made of the noise ---- */

/* Mean of the gain's square over the band of frequencies of a coefficient. */
static float
band_gain (const Gain *gain, int u, int v)
{
  double sum = 0;
  for (int j = 0; j < BAND; j++)
    for (int i = 0; i < BAND; i++) {
      double fx = ie_abs (u - 0.5 + (i + 0.5) / BAND) / (2 * IE_SHRINK_SIDE);
      double fy = ie_abs (v - 0.5 + (j + 0.5) / BAND) / (2 * IE_SHRINK_SIDE);
      double g = (double) wiener_at (gain, fx, fy), mirrored = (double) wiener_at (gain, fx, -fy);
      sum += 0.5 * (g * g + mirrored * mirrored);
    }
  return (float) (sum / (BAND * BAND));
}

static void
shrink_noise (const Gain *gain, IeWork *work, const float *made, float *picture, ptrdiff_t stride, int width, int height)
{
  IeShrinkNoise noise = { .colours = 1, .scale = 1.0f, .mix = { { 1.0f } }, .models = { { gain->scene.noise, 0, 0 } } };
  for (int u = 0; u < IE_SHRINK_SIDE; u++)
    for (int v = 0; v < IE_SHRINK_SIDE; v++)
      noise.profile[u][v] = band_gain (gain, u, v);
  ie_shrink_plane (&noise, work, made, ie_fourier_stride (gain->prepared->width), picture, stride, width, height);
}

/* ---- The picture ---- */

static gboolean
restore (const IeStep *step, IeWork *work, float *picture, ptrdiff_t stride, Gain *gain, float *planes, GError **error)
{
  const Prepared *p = step->prepared;
  int width = step->input.width, height = step->input.height;
  ie_fourier_fill (work, picture, stride, width, height, planes, p->width, p->height);
  make_gain (gain);
  gboolean good;
  if (p->method == RICHARDSON_LUCY) {
    Lucy lucy = { picture, stride, width, height, planes, planes + ie_fourier_floats (p->width, p->height),
                  ie_fourier_stride (p->width), p };
    good = richardson_lucy (&lucy, gain, ie_int (step->params, ITERATIONS), work, error);
  } else
    good = ie_fourier_filter (p->fourier, work, planes, wiener_column, gain, error);
  if (good && p->method == WIENER && gain->has_scene)
    shrink_noise (gain, work, planes, picture, stride, width, height);
  else
    for (int y = 0; good && y < height && !ie_work_cancelled (work); y++)
      memcpy ((char *) picture + (ptrdiff_t) y * stride, planes + (gsize) y * ie_fourier_stride (p->width),
              (gsize) width * sizeof (float));
  return good;
}

static gboolean
apply_whole (const IeStep *step, IeWork *work, float *const *planes, ptrdiff_t stride, GError **error)
{
  const Prepared *p = step->prepared;
  int colours = ie_header_colours (&step->input);
  int width = step->input.width, height = step->input.height;
  gsize floats = ie_fourier_floats (p->width, p->height) * (p->method == RICHARDSON_LUCY ? 2 : 1);
  float *padded_planes = ie_work_alloc (work, floats * sizeof (float));
  g_autofree IeBlurStatistic *statistics = g_new (IeBlurStatistic, colours + 1);
  g_autofree Gain *gain = g_new (Gain, 1);
  double given = ie_number (step->params, WIDTH);
  gboolean look = given <= 0 || (p->method == WIENER && p->balance <= 0), good = TRUE;
  memset (&statistics[colours], 0, sizeof *statistics);
  for (int c = 0; good && look && c < colours; c++) {
    good = survey (p, work, planes[c], stride, width, height, padded_planes, &statistics[c], error);
    const double *from = &statistics[c].sum[0][0], *from_count = &statistics[c].count[0][0];
    double *into = &statistics[colours].sum[0][0], *into_count = &statistics[colours].count[0][0];
    for (int i = 0; good && i < IE_BLUR_BINS * IE_BLUR_BINS; i++) {
      into[i] += from[i];
      into_count[i] += from_count[i];
    }
  }
  gain->prepared = p;
  gain->width = given > 0 || !good ? given : ie_blur_estimate (p->kernel, &statistics[colours], work);
  for (int c = 0; good && c < colours && gain->width > 0; c++) {
    gain->has_scene = look && p->balance <= 0 && ie_blur_fit (p->kernel, &statistics[c], gain->width, &gain->scene);
    good = restore (step, work, planes[c], stride, gain, padded_planes, error);
  }
  return good;
}

IE_FILTER (fourier_deconvolve) = {
  .name = "deconvolve",
  .version = 1,
  .label = N_ ("Deconvolve"),
  .summary = N_ ("Undoes a blur: Wiener or Richardson-Lucy, its width given or estimated"),
  .group = N_ ("Sharpen"),
  .citation = "Wiener 1949; Hunt 1973; Richardson 1972; Lucy 1974; Gonzalez and Woods, 4th ed., 5.8 and 5.9",
  .filter_class = IE_WHOLE,
  .alpha = IE_ALPHA_IGNORE,
  .params = params,
  .memory = memory,
  .prepare = prepare,
  .release = release,
  .apply_whole = apply_whole,
};
