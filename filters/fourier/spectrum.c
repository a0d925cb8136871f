// SPDX-License-Identifier: GPL-3.0-or-later
/* The spectrum as a picture of the same size, frequency 0 in its middle (width / 2, height / 2), one pixel a frequency:
 *
 *   out = max (0, 1 + 20 log10 (|F| / (width height)) / range),  F the Fourier transform of the picture less its mean
 *
 * so that white is an amplitude of 1 (0 dB), black is `range` decibels below, and pictures compare with each other. The
 * mean has no pixel of its own: the middle is black. A transform takes the picture as repeating for ever; the jump at the
 * borders would draw a cross over everything, so the smooth picture that makes up for it is taken away first (the periodic
 * component): with the jumps d between opposite borders,
 *   S (u, v) = (Dy (v) (1 - e^(2 pi i u / w)) + Dx (u) (1 - e^(2 pi i v / h))) / (2 cos (2 pi u / w) + 2 cos (2 pi v / h) - 4)
 *
 * Source: L. Moisan, "Periodic plus smooth image decomposition", Journal of Mathematical Imaging and Vision 39 (2011). */
#include "core/elementary.h"
#include "core/error.h"
#include "core/filter.h"
#include "core/i18n.h"
#include "filters/fourier/plane.h"

#include <string.h>

enum { RANGE, BORDERS };
enum { PERIODIC, AS_IS };

#define LOG2_TO_DECIBEL 6.0205999f /* 20 log10 2 */
#define SMALLEST 1e-30f

static const IeChoice borders[] = {
  { "periodic", N_ ("Periodic component") },
  { "plain", N_ ("As it is") },
  { NULL, NULL }
};

static const IeParam params[] = {
  { .id = "range", .label = N_ ("Range"), .type = IE_PARAM_FLOAT, .unit = "dB", .initial = 100, .min = 10, .max = 200,
    .summary = N_ ("Decibels from black to white; white is an amplitude of the whole range.") },
  { .id = "borders", .label = N_ ("Borders"), .type = IE_PARAM_ENUM, .unit = "", .initial = PERIODIC,
    .choices = borders,
    .summary = N_ ("Whether the cross that a picture's borders make is taken away.") },
  IE_PARAMS_END
};

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  int width = output.width, height = output.height;
  return ie_fourier_floats (width, height) * sizeof (float) + ie_fourier_memory (width, height, ie_fourier_threads ()) +
         4 * ((gsize) width + (gsize) height) * sizeof (float complex);
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  return ie_fourier_new (step->input.width, step->input.height, error);
}

static void
release (gpointer fourier)
{
  ie_fourier_free (fourier);
}

typedef struct {
  float complex *dx, *dy;     /* transforms of the jumps: dx[u], dy[v] */
  float complex *turn_x, *turn_y; /* e^(2 pi i u / w) */
  int width;
} Jumps;

static void
subtract_smooth (gpointer data, int u, float complex *restrict column, int height)
{
  const Jumps *jumps = data;
  float complex turn_x = jumps->turn_x[u];
  for (int v = u == 0 ? 1 : 0; v < height; v++) {
    float complex turn_y = jumps->turn_y[v];
    float below = 2.0f * crealf (turn_x) + 2.0f * crealf (turn_y) - 4.0f;
    float complex above = jumps->dy[v] * (1.0f - turn_x) + jumps->dx[u] * (1.0f - turn_y);
    column[v] -= above / below;
  }
}

static gboolean
no_memory (GError **error)
{
  g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, "no memory for the borders' spectrum");
  return FALSE;
}

/* The transform of n real numbers, written out by a transform of a plane of 1 x n (all of it, also beyond n / 2). */
static gboolean
transform_line (IeWork *work, const float *samples, int n, float complex *out, GError **error)
{
  IeFourier *line = ie_fourier_new (1, n, error);
  if (!line)
    return FALSE;
  float *plane = g_try_new0 (float, ie_fourier_floats (1, n));
  if (!plane) {
    ie_fourier_free (line);
    return no_memory (error);
  }
  for (int i = 0; i < n; i++)
    plane[(gsize) i * ie_fourier_stride (1)] = samples[i];
  gboolean good = ie_fourier_forward (line, work, plane, NULL, NULL, error);
  for (int i = 0; i < n; i++)
    memcpy (&out[i], plane + (gsize) i * ie_fourier_stride (1), sizeof out[i]);
  g_free (plane);
  ie_fourier_free (line);
  return good;
}

/* NULL without memory. */
static float complex *
turns (int n)
{
  float complex *table = g_try_new (float complex, n);
  for (int i = 0; table && i < n; i++) {
    double angle = 2.0 * IE_PI * (double) i / (double) n;
    table[i] = (float) ie_cos (angle) + (float) ie_sin (angle) * I;
  }
  return table;
}

static gboolean
transform_periodic (const IeFourier *fourier, IeWork *work, float *plane, int width, int height, GError **error)
{
  gsize pitch = ie_fourier_stride (width);
  Jumps jumps = { g_try_new (float complex, width), g_try_new (float complex, height), turns (width), turns (height), width };
  float *across = g_try_new (float, width), *down = g_try_new (float, height);
  gboolean good = jumps.dx && jumps.dy && jumps.turn_x && jumps.turn_y && across && down;
  if (!good)
    no_memory (error);
  for (int x = 0; good && x < width; x++)
    across[x] = plane[(gsize) (height - 1) * pitch + (gsize) x] - plane[x];
  for (int y = 0; good && y < height && !ie_work_cancelled (work); y++)
    down[y] = plane[(gsize) y * pitch + (gsize) width - 1] - plane[(gsize) y * pitch];
  good = good && transform_line (work, across, width, jumps.dx, error) && transform_line (work, down, height, jumps.dy, error) &&
         ie_fourier_forward (fourier, work, plane, subtract_smooth, &jumps, error);
  g_free (across);
  g_free (down);
  g_free (jumps.dx);
  g_free (jumps.dy);
  g_free (jumps.turn_x);
  g_free (jumps.turn_y);
  return good;
}

typedef struct {
  const float *spectrum;
  float *plane;
  ptrdiff_t stride;
  int width, height;
  float scale, range;
} Picture;

/* Row y of the picture; frequencies left of the middle are the conjugates of those right of it. */
static void
draw_row (gpointer data, int y, IeWork *work)
{
  const Picture *p = data;
  float *restrict out = (float *) (gpointer) ((char *) p->plane + (ptrdiff_t) y * p->stride);
  int v = (y - p->height / 2 + p->height) % p->height, minus_v = (p->height - v) % p->height;
  gsize pitch = ie_fourier_stride (p->width);
  for (int x = 0; x < p->width; x++) {
    int u = x - p->width / 2;
    const float *at = p->spectrum + (gsize) (u < 0 ? minus_v : v) * pitch + 2 * (gsize) ABS (u);
    out[x] = at[0] * at[0] + at[1] * at[1];
  }
  float square = p->scale * p->scale, decibel = 0.5f * LOG2_TO_DECIBEL / p->range;
  for (int x = 0; x < p->width; x++) {
    float power = out[x] * square;
    float shade = 1.0f + decibel * ie_log2f (power > SMALLEST ? power : SMALLEST);
    out[x] = shade > 0.0f ? shade : 0.0f;
  }
}

static double
mean_of (IeWork *work, const float *plane, ptrdiff_t stride, int width, int height)
{
  double sum = 0;
  for (int y = 0; y < height && !ie_work_cancelled (work); y++) {
    const float *row = (const float *) (gconstpointer) ((const char *) plane + (ptrdiff_t) y * stride);
    for (int x = 0; x < width; x++)
      sum += (double) row[x];
  }
  return sum / ((double) width * (double) height);
}

static gboolean
apply_whole (const IeStep *step, IeWork *work, float *const *planes, ptrdiff_t stride, GError **error)
{
  int width = step->input.width, height = step->input.height;
  float *spectrum = ie_work_alloc (work, ie_fourier_floats (width, height) * sizeof (float));
  Picture picture = { spectrum, NULL, stride, width, height, (float) (1.0 / ((double) width * (double) height)),
                      (float) ie_number (step->params, RANGE) };
  gboolean good = TRUE;
  for (int c = 0; good && c < ie_header_colours (&step->input); c++) {
    picture.plane = planes[c];
    float mean = (float) mean_of (work, planes[c], stride, width, height);
    for (int y = 0; y < height && !ie_work_cancelled (work); y++) {
      const float *restrict in = (const float *) (gconstpointer) ((const char *) planes[c] + (ptrdiff_t) y * stride);
      float *restrict out = spectrum + (gsize) y * ie_fourier_stride (width);
      for (int x = 0; x < width; x++)
        out[x] = in[x] - mean;
    }
    good = ie_int (step->params, BORDERS) == AS_IS
               ? ie_fourier_forward (step->prepared, work, spectrum, NULL, NULL, error)
               : transform_periodic (step->prepared, work, spectrum, width, height, error);
    spectrum[0] = spectrum[1] = 0.0f;
    if (good)
      ie_work_parallel (work, height, draw_row, &picture);
  }
  return good;
}

IE_FILTER (fourier_spectrum) = {
  .name = "fourier-spectrum",
  .version = 1,
  .label = N_ ("Fourier Spectrum"),
  .summary = N_ ("Shows the spectrum, in decibels, with frequency 0 in the middle"),
  .group = N_ ("Frequency"),
  .citation = "Moisan, Periodic plus smooth image decomposition, 2011",
  .filter_class = IE_WHOLE,
  .alpha = IE_ALPHA_IGNORE,
  .params = params,
  .memory = memory,
  .prepare = prepare,
  .release = release,
  .apply_whole = apply_whole,
};
