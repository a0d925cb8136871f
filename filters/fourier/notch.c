// SPDX-License-Identifier: GPL-3.0-or-later
/* Removes what is periodic: interference, moire, the screen of a halftone. Each channel by itself.
 *
 * Peaks of the spectrum are found by themselves (fourier/peaks.h). About each peak f_k what lies in a Gaussian notch is
 * taken away:
 *   N = F^-1 (max_k exp (-ln 2 |f -+ f_k|^2 / radius^2) F (m (in - mean))) / (g * m),  out = in - N
 * m is 1 in the picture and 0 around it and g the Gaussian of that notch in the picture: dividing by g * m (normalised
 * convolution) makes a wave come out whole up to the border, and nothing wraps around.
 *
 * In a halftone the picture itself hangs on the peaks, so wide that notches leave most of it: there the whole spectrum is
 * also weighed by how much of it is the scene's, min (1, scene / P), with the scene's power / f^fall from the frequencies
 * below the screen (a Wiener filter), and by narrow notches at those harmonics of the screen which the pixels fold down to
 * low frequencies and which stand above the scene. What then remains of the screen, as the spectra predict it, is shrunk in
 * blocks of 8 x 8 pixels as in filters/denoise.c.
 *
 * Source: Gonzalez and Woods, Digital Image Processing, 4th ed., 4.10 and 5.4; H. Knutsson, C.-F. Westin, "Normalized and
 * differential convolution", CVPR 1993. */
#include "core/elementary.h"
#include "core/error.h"
#include "core/filter.h"
#include "core/i18n.h"
#include "filters/fourier/peaks.h"
#include "filters/kernel/shrink.h"

#include <string.h>

enum { THRESHOLD, RADIUS, LOWEST, OUTPUT };
enum { CORRECTED, REMOVED, PEAKS };

#define LN2 0.69314718055994531
#define REACH 3.3        /* standard deviations of padding */
#define NARROW 6.0       /* radii: a notch is 0 beyond */
#define NARROW_SHARE 0.1 /* of a peak's frequency: radius of its notch in a halftone at most */
#define SEEN 0.3         /* of the weights of what is beside a border, at least */
#define FREE 0.45        /* share of the screen's frequency below which a halftone is left alone */
#define BAND 4           /* places each way to average over a band */
#define RANGE 100.0      /* decibels of the picture of peaks */
#define MARK 5           /* pixels: radius of a mark */

static const IeChoice outputs[] = { { "corrected", N_ ("Corrected picture") },
                                    { "removed", N_ ("What is removed") },
                                    { "peaks", N_ ("Spectrum with the peaks marked") },
                                    { NULL, NULL } };

static const IeParam params[] = {
  { .id = "threshold", .label = N_ ("Threshold"), .type = IE_PARAM_FLOAT, .unit = "", .initial = 8, .min = 2,
    .max = 1000,
    .slider_min = 2, .slider_max = 50, .curve = IE_SLIDER_LOGARITHMIC,
    .summary = N_ ("How many times the amplitude of its surroundings a peak must have.") },
  { .id = "radius", .label = N_ ("Radius"), .type = IE_PARAM_FLOAT, .unit = "cycles/px", .initial = 0.004,
    .min = 0.0005,
    .max = 0.1, .slider_min = 0.001, .slider_max = 0.05, .curve = IE_SLIDER_LOGARITHMIC,
    .summary = N_ ("Half width of a notch: wider for patterns that bend or vary.") },
  { .id = "lowest", .label = N_ ("Lowest frequency"), .type = IE_PARAM_FLOAT, .unit = "cycles/px", .initial = 0.03,
    .min = 0.005, .max = 0.5, .summary = N_ ("Peaks below this belong to the scene.") },
  { .id = "output", .label = N_ ("Output"), .type = IE_PARAM_ENUM, .unit = "", .initial = CORRECTED, .choices = outputs,
    .summary = N_ ("The corrected picture, what was removed on middle gray, or the peaks in the spectrum.") },
  IE_PARAMS_END
};

typedef struct {
  int width, height; /* padded */
  double radius, sigma;
  IeFourier *fourier;
  float *weight_x, *weight_y; /* g * m along each axis */
} Prepared;

static double
sigma_of (const IeParams *values)
{
  return ie_sqrt (2 * LN2) / (2 * IE_PI * ie_number (values, RADIUS));
}

static int
padded (int size, double sigma)
{
  return ie_fourier_padded (size + (int) (REACH * sigma) + 2);
}

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  double sigma = sigma_of (step->params);
  int width = padded (output.width, sigma), height = padded (output.height, sigma);
  return 3 * ie_fourier_floats (width, height) * sizeof (float) + ie_fourier_memory (width, height, ie_fourier_threads ()) +
         ie_shrink_plane_memory (ie_fourier_threads ());
}

static void
release (gpointer data)
{
  Prepared *prepared = data;
  ie_fourier_free (prepared->fourier);
  g_free (prepared->weight_x);
  g_free (prepared->weight_y);
  g_free (prepared);
}

/* What a Gaussian of total 1 about each place has within 0 .. size - 1; NULL without memory. */
static float *
weights (int size, double sigma)
{
  int reach = (int) (8 * sigma) + 1;
  double *sum = g_new (double, reach + 1), total = 0;
  float *table = g_try_new (float, size);
  for (int i = 0; i <= reach; i++) {
    total += ie_exp (-0.5 * (double) i * (double) i / (sigma * sigma)) * (i ? 1.0 : 0.5);
    sum[i] = total; /* from the middle of pixel 0 to place i */
  }
  for (int i = 0; table && i < size; i++)
    table[i] = (float) (0.5 * (sum[MIN (i, reach)] + sum[MIN (size - 1 - i, reach)]) / total);
  g_free (sum);
  return table;
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  Prepared *prepared = g_new0 (Prepared, 1);
  prepared->sigma = sigma_of (step->params);
  prepared->radius = ie_number (step->params, RADIUS);
  prepared->width = padded (step->input.width, prepared->sigma);
  prepared->height = padded (step->input.height, prepared->sigma);
  prepared->weight_x = weights (step->input.width, prepared->sigma);
  prepared->weight_y = weights (step->input.height, prepared->sigma);
  if (prepared->weight_x && prepared->weight_y)
    prepared->fourier = ie_fourier_new (prepared->width, prepared->height, error);
  else
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, "no memory for the weights of the borders");
  if (prepared->fourier)
    return prepared;
  release (prepared);
  return NULL;
}

typedef struct {
  const Prepared *prepared;
  const IePeaks *peaks;
  double from; /* peaks of lower frequency are left to halftone_gain() */
} Notches;

/* The largest of all notches at one frequency of column u. */
static void
notch_column (gpointer data, int u, float complex *restrict column, int height)
{
  const Notches *notches = data;
  const Prepared *p = notches->prepared;
  double fx = (double) u / (double) p->width, reach = NARROW * p->radius, k = LN2 / (p->radius * p->radius);
  float *gain = g_new0 (float, height);
  for (int i = 0; i < 2 * notches->peaks->count; i++) {
    const IePeak *peak = &notches->peaks->peaks[i / 2];
    double sign = i & 1 ? -1 : 1, dx = fx - sign * peak->fx, middle = sign * peak->fy;
    if (ie_abs (dx) > reach || peak->fx * peak->fx + peak->fy * peak->fy < notches->from * notches->from)
      continue;
    int from = (int) ((middle - reach) * height) - 1, to = (int) ((middle + reach) * height) + 1;
    to = MIN (to, from + height - 1);
    for (int v = from; v <= to; v++) {
      double dy = (double) v / (double) height - middle;
      float g = (float) ie_exp (-k * (dx * dx + dy * dy));
      float *at = &gain[((v % height) + height) % height];
      *at = MAX (*at, g);
    }
  }
  for (int v = 0; v < height; v++)
    column[v] *= gain[v];
  g_free (gain);
}

/* ln of what is left of a frequency of a halftone; 0: all. Notches of low frequencies are narrow: there the scene is. */
static double
halftone_gain (const Notches *notches, double fx, double fy)
{
  const IePeaks *peaks = notches->peaks;
  double square = fx * fx + fy * fy, share = 0;
  if (square >= FREE * FREE * peaks->lowest * peaks->lowest)
    share = ie_log (peaks->power) - peaks->fall * 0.5 * ie_log (square) - ie_peaks_total (peaks, fx, fy);
  for (int i = 0; i < 2 * peaks->count; i++) {
    const IePeak *peak = &peaks->peaks[i / 2];
    double sign = i & 1 ? -1 : 1, dx = fx - sign * peak->fx, dy = fy - sign * peak->fy;
    dy -= ie_round_even (dy);
    double distance = dx * dx + dy * dy, radius = notches->prepared->radius;
    if (distance >= 9 * radius * radius)
      continue;
    radius = MIN (radius, NARROW_SHARE * ie_sqrt (peak->fx * peak->fx + peak->fy * peak->fy));
    double near = distance / (radius * radius);
    if (near < 9)
      share = MIN (share, -4.0 * (1.0 - near / 9));
  }
  return MIN (share, 0);
}

static void
halftone_column (gpointer data, int u, float complex *restrict column, int height)
{
  const Notches *notches = data;
  double fx = (double) u / (double) notches->prepared->width;
  for (int v = 0; v < height; v++) {
    double share = halftone_gain (notches, fx, ie_fourier_row_frequency (v, height));
    column[v] *= share < 0 ? (float) ie_exp (share) : 1.0f;
  }
}

/* Power of the screen's remains in a coefficient: gain^2 times what is above the scene's power, over its band. */
static float
band_noise (const Notches *notches, int u, int v)
{
  const IePeaks *peaks = notches->peaks;
  double sum = 0;
  for (int j = 0; j < 2 * BAND; j++)
    for (int i = 0; i < BAND; i++) {
      double fx = ie_abs (u - 0.5 + (i + 0.5) / BAND) / (2 * IE_SHRINK_SIDE);
      double fy = ie_abs (v - 0.5 + (j / 2 + 0.5) / BAND) / (2 * IE_SHRINK_SIDE) * (j & 1 ? -1 : 1);
      double square = fx * fx + fy * fy;
      double scene = peaks->power * ie_pow (square, -0.5 * peaks->fall), power = ie_exp (ie_peaks_total (peaks, fx, fy));
      double share = halftone_gain (notches, fx, fy);
      sum += share < 0 ? ie_exp (2 * share) * MAX (power - scene, 0) : 0;
    }
  return (float) (sum / (2 * BAND * BAND));
}

static void
shrink_screen (const IeStep *step, const Notches *notches, IeWork *work, const float *made, float *to, ptrdiff_t stride)
{
  IeShrinkNoise noise = { .colours = 1, .scale = 1.0f, .mix = { { 1.0f } }, .models = { { 1, 0, 0 } } };
  for (int u = 0; u < IE_SHRINK_SIDE; u++)
    for (int v = 0; v < IE_SHRINK_SIDE; v++)
      noise.profile[u][v] = band_noise (notches, u, v);
  ie_shrink_plane (&noise, work, made, ie_fourier_stride (notches->prepared->width), to, stride, step->input.width,
                   step->input.height);
}

static inline float *
row_at (float *plane, ptrdiff_t stride, int y)
{
  return (float *) (gpointer) ((char *) plane + (ptrdiff_t) y * stride);
}

/* The picture less its mean, zeros around it. Returns the mean. */
static float
fill_zeros (const IeStep *step, IeWork *work, float *picture, ptrdiff_t stride, float *plane)
{
  const Prepared *p = step->prepared;
  int width = step->input.width, height = step->input.height;
  double sum = 0;
  for (int y = 0; y < height && !ie_work_cancelled (work); y++)
    for (int x = 0; x < width; x++)
      sum += (double) row_at (picture, stride, y)[x];
  float mean = (float) (sum / ((double) width * (double) height));
  ie_fourier_clear (work, plane, p->width, p->height);
  for (int y = 0; y < height && !ie_work_cancelled (work); y++) {
    const float *restrict in = row_at (picture, stride, y);
    float *restrict out = plane + (gsize) y * ie_fourier_stride (p->width);
    for (int x = 0; x < width; x++)
      out[x] = in[x] - mean;
  }
  return mean;
}

/* Out of the picture, or alone on middle gray, what lies in the notches; `plane` is scratch. */
static gboolean
apply_notches (const IeStep *step, IeWork *work, float *picture, ptrdiff_t stride, float *plane, const Notches *notches,
               gboolean show, GError **error)
{
  const Prepared *p = step->prepared;
  fill_zeros (step, work, picture, stride, plane);
  if (!ie_fourier_filter (p->fourier, work, plane, notch_column, (gpointer) notches, error))
    return FALSE;
  for (int y = 0; y < step->input.height && !ie_work_cancelled (work); y++) {
    float *restrict out = row_at (picture, stride, y);
    const float *restrict made = plane + (gsize) y * ie_fourier_stride (p->width);
    for (int x = 0; x < step->input.width; x++) {
      float noise = made[x] / (p->weight_x[x] * p->weight_y[y]);
      out[x] = show ? 0.5f + noise : out[x] - noise;
    }
  }
  return TRUE;
}

/* A halftone, corrected, into `plane`: the screen itself leaves by notches, which are exact up to the border; then what
 * the filter makes of the picture in zeros, by what it makes of ones in zeros. */
static gboolean
correct_halftone (const IeStep *step, IeWork *work, float *picture, ptrdiff_t stride, float *plane, float *ones,
                  const Notches *notches, GError **error)
{
  const Prepared *p = step->prepared;
  int width = step->input.width, height = step->input.height;
  gsize pitch = ie_fourier_stride (p->width);
  if (!apply_notches (step, work, picture, stride, plane, notches, FALSE, error))
    return FALSE;
  float mean = fill_zeros (step, work, picture, stride, plane);
  ie_fourier_clear (work, ones, p->width, p->height);
  for (int y = 0; y < height && !ie_work_cancelled (work); y++)
    for (int x = 0; x < width; x++)
      ones[(gsize) y * pitch + (gsize) x] = 1.0f;
  if (!ie_fourier_filter (p->fourier, work, plane, halftone_column, (gpointer) notches, error) ||
      !ie_fourier_filter (p->fourier, work, ones, halftone_column, (gpointer) notches, error))
    return FALSE;
  for (int y = 0; y < height && !ie_work_cancelled (work); y++) {
    float *restrict made = plane + (gsize) y * pitch;
    const float *restrict weight = ones + (gsize) y * pitch;
    for (int x = 0; x < width; x++)
      made[x] = mean + made[x] / (weight[x] > (float) SEEN ? weight[x] : (float) SEEN);
  }
  return TRUE;
}

static gboolean
remove_peaks (const IeStep *step, IeWork *work, float *picture, ptrdiff_t stride, float *planes, const IePeaks *peaks,
              GError **error)
{
  const Prepared *p = step->prepared;
  int width = step->input.width, height = step->input.height;
  Notches notches = { p, peaks, peaks->halftone ? FREE * peaks->lowest : 0 };
  gboolean show = ie_int (step->params, OUTPUT) == REMOVED;
  if (!peaks->halftone)
    return apply_notches (step, work, picture, stride, planes, &notches, show, error);
  gsize floats = ie_fourier_floats (p->width, p->height);
  float *original = planes + 2 * floats;
  for (int y = 0; y < height && !ie_work_cancelled (work); y++)
    memcpy (original + (gsize) y * (gsize) width, row_at (picture, stride, y), (gsize) width * sizeof (float));
  if (!correct_halftone (step, work, picture, stride, planes, planes + floats, &notches, error))
    return FALSE;
  shrink_screen (step, &notches, work, planes, picture, stride);
  for (int y = 0; y < height && show && !ie_work_cancelled (work); y++) {
    float *restrict out = row_at (picture, stride, y);
    for (int x = 0; x < width; x++)
      out[x] = 0.5f + original[(gsize) y * (gsize) width + (gsize) x] - out[x];
  }
  return TRUE;
}

static void
mark (float *picture, ptrdiff_t stride, int width, int height, int x, int y)
{
  for (int dy = -MARK; dy <= MARK; dy++)
    for (int dx = -MARK; dx <= MARK; dx++) {
      int square = dx * dx + dy * dy;
      if (square <= MARK * MARK && square > (MARK - 2) * (MARK - 2) && (unsigned) (x + dx) < (unsigned) width &&
          (unsigned) (y + dy) < (unsigned) height)
        row_at (picture, stride, y + dy)[x + dx] = 1.0f;
    }
}

/* The periodogram in decibels, frequency 0 in the middle, a ring about each peak. */
static void
show_peaks (const IeStep *step, IeWork *work, float *picture, ptrdiff_t stride, const float *plane, const IePeaks *peaks)
{
  const Prepared *p = step->prepared;
  int width = step->input.width, height = step->input.height;
  double pixels = (double) width * (double) height;
  for (int y = 0; y < height && !ie_work_cancelled (work); y++)
    for (int x = 0; x < width; x++) {
      double fx = (double) (x - width / 2) / width, fy = (double) (y - height / 2) / height, sign = fx < 0 ? -1 : 1;
      int u = (int) (sign * fx * p->width + 0.5), v = (int) ie_round_even (sign * fy * p->height);
      const float *at = plane + (gsize) (((v % p->height) + p->height) % p->height) * ie_fourier_stride (p->width) + 2 * (gsize) u;
      double power = ((double) at[0] * at[0] + (double) at[1] * at[1]) / pixels;
      double shade = 1 + 10 * 0.30102999566 * (double) ie_log2f ((float) (power + 1e-30)) / RANGE;
      row_at (picture, stride, y)[x] = (float) CLAMP (shade, 0, 1);
    }
  for (int i = 0; i < 2 * peaks->count; i++) {
    double sign = i & 1 ? -1 : 1;
    mark (picture, stride, width, height, (int) (sign * peaks->peaks[i / 2].fx * width + width / 2 + 0.5),
          (int) (sign * peaks->peaks[i / 2].fy * height + height / 2 + 0.5));
  }
}

static gboolean
apply_whole (const IeStep *step, IeWork *work, float *const *planes, ptrdiff_t stride, GError **error)
{
  const Prepared *p = step->prepared;
  int output = ie_int (step->params, OUTPUT);
  float *plane = ie_work_alloc (work, 3 * ie_fourier_floats (p->width, p->height) * sizeof (float)); /* two are for halftones */
  g_autofree IePeaks *peaks = g_new0 (IePeaks, 1);
  for (int c = 0; c < ie_header_colours (&step->input); c++) {
    if (!ie_peaks_find (p->fourier, work, planes[c], stride, step->input.width, step->input.height, plane, p->width,
                        p->height, ie_number (step->params, LOWEST), ie_number (step->params, THRESHOLD), peaks, error))
      return FALSE;
    if (output == PEAKS)
      show_peaks (step, work, planes[c], stride, plane, peaks);
    else if (peaks->count > 0 && !remove_peaks (step, work, planes[c], stride, plane, peaks, error))
      return FALSE;
    else if (peaks->count == 0 && output == REMOVED)
      for (int y = 0; y < step->input.height; y++)
        for (int x = 0; x < step->input.width; x++)
          row_at (planes[c], stride, y)[x] = 0.5f;
  }
  return TRUE;
}

IE_FILTER (fourier_notch) = {
  .name = "fourier-notch",
  .version = 1,
  .label = N_ ("Fourier Notch"),
  .summary = N_ ("Finds and removes periodic noise, moire and halftone screens"),
  .group = N_ ("Frequency"),
  .citation = "Gonzalez and Woods, Digital Image Processing, 4th ed., 4.10 and 5.4; Knutsson and Westin 1993",
  .filter_class = IE_WHOLE,
  .alpha = IE_ALPHA_IGNORE,
  .params = params,
  .memory = memory,
  .prepare = prepare,
  .release = release,
  .apply_whole = apply_whole,
};
