// SPDX-License-Identifier: GPL-3.0-or-later
#include "filters/fourier/peaks.h"

#include "core/elementary.h"
#include "core/error.h"

#include <stdlib.h>
#include <string.h>

#define EULER 0.57721566490153286
#define LN2 0.69314718055994531
#define TINY 1e-20f
#define SIDEBAND 0.5        /* ln of how far the surroundings of a halftone's peaks stand above the scene's power */
#define SCREEN 0.05         /* how far the two strongest may be from equally far and at a right angle */
#define SCENE_FROM 0.015    /* frequencies, the upper as a share of the lowest peak, that tell the scene's power */
#define SCENE_TO 0.55
#define NEAR 0.016          /* cycles per pixel: the surroundings of a peak begin here */
#define FEWEST_CARRIERS 2
#define CARRIERS_MOST 8
#define CARRIER 0.1f
#define HARMONICS 8         /* of a screen that are looked for, each way */
#define HARMONIC 6.0        /* times the scene's power: a harmonic */
#define NEIGHBOURS 2        /* bins about its place, since the screen's frequencies are known to a tenth of a bin or so */

static inline float
power_at (const float *plane, gsize pitch, int u, int v)
{
  const float *at = plane + (gsize) v * pitch + 2 * (gsize) u;
  return at[0] * at[0] + at[1] * at[1];
}

static double
between (const double (*level)[IE_PEAKS_BLOCKS], double fx, double fy)
{
  double x = fx * 2 * IE_PEAKS_BLOCKS - 0.5, y = (fy + 0.5) * 2 * IE_PEAKS_BLOCKS - 0.5;
  x = CLAMP (x, 0.0, IE_PEAKS_BLOCKS - 1.001);
  y = CLAMP (y, 0.0, 2 * IE_PEAKS_BLOCKS - 1.001);
  int i = (int) x, j = (int) y;
  double a = x - i, b = y - j;
  return (1 - b) * ((1 - a) * level[j][i] + a * level[j][i + 1]) + b * ((1 - a) * level[j + 1][i] + a * level[j + 1][i + 1]);
}

double
ie_peaks_level (const IePeaks *peaks, double fx, double fy)
{
  return between (peaks->level, fx, fy);
}

double
ie_peaks_total (const IePeaks *peaks, double fx, double fy)
{
  return between (peaks->total, fx, fy);
}

static inline double
log_power (float power)
{
  return (double) ie_log2f (power + TINY) * LN2;
}

static void
make_levels (IeWork *work, const float *plane, int width, int height, IePeaks *peaks)
{
  static const int most = 2 * IE_PEAKS_BLOCKS - 1;
  double(*count)[IE_PEAKS_BLOCKS] = g_malloc0 (sizeof peaks->level);
  gsize pitch = ie_fourier_stride (width);
  memset (peaks->level, 0, sizeof peaks->level);
  memset (peaks->total, 0, sizeof peaks->total);
  for (int v = 0; v < height && !ie_work_cancelled (work); v++) {
    double fy = ie_fourier_row_frequency (v, height);
    int j = MIN ((int) ((fy + 0.5) * 2 * IE_PEAKS_BLOCKS), most);
    for (int u = 0; u < width / 2; u++) {
      int i = MIN ((int) ((double) u / (double) width * 2 * IE_PEAKS_BLOCKS), IE_PEAKS_BLOCKS - 1);
      float power = power_at (plane, pitch, u, v);
      peaks->level[j][i] += log_power (power);
      peaks->total[j][i] += (double) power;
      count[j][i] += 1;
    }
  }
  for (int j = 0; j <= most; j++)
    for (int i = 0; i < IE_PEAKS_BLOCKS; i++) {
      peaks->total[j][i] = log_power (count[j][i] > 0 ? (float) (peaks->total[j][i] / count[j][i]) : 0);
      peaks->level[j][i] = count[j][i] > 0 ? peaks->level[j][i] / count[j][i] + EULER : log_power (0);
    }
  g_free (count);
}

/* Where a parabola through three logarithms has its top, -0.5 .. 0.5. */
static double
top (float before, float middle, float after)
{
  double a = log_power (before), b = log_power (middle), c = log_power (after), bend = a - 2 * b + c;
  double place = bend < 0 ? 0.5 * (a - c) / bend : 0;
  return CLAMP (place, -0.5, 0.5);
}

typedef struct {
  double height; /* ln above the surroundings */
  IePeak peak;
} Candidate;

static int
higher_first (gconstpointer a, gconstpointer b)
{
  const Candidate *p = a, *q = b;
  if (p->height != q->height)
    return p->height > q->height ? -1 : 1;
  if (p->peak.fy != q->peak.fy)
    return p->peak.fy < q->peak.fy ? -1 : 1;
  return p->peak.fx < q->peak.fx ? -1 : p->peak.fx > q->peak.fx;
}

/* Whether a bin is the largest within `reach`; column 0 sees its mirror image below it. */
static gboolean
is_largest (const float *plane, int width, int height, int u, int v, int reach)
{
  gsize pitch = ie_fourier_stride (width);
  float middle = power_at (plane, pitch, u, v);
  for (int dv = -reach; dv <= reach; dv++)
    for (int du = -reach; du <= reach; du++) {
      int x = u + du, y = v + dv;
      if (x < 0) {
        x = -x;
        y = -y;
      }
      if (x > width / 2 || (du == 0 && dv == 0))
        continue;
      float other = power_at (plane, pitch, x, ((y % height) + height) % height);
      if (other > middle || (other == middle && (dv < 0 || (dv == 0 && du < 0))))
        return FALSE;
    }
  return TRUE;
}

static void
collect (IeWork *work, const float *plane, int width, int height, double lowest, double threshold, IePeaks *peaks)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (Candidate));
  gsize pitch = ie_fourier_stride (width);
  double least = 2 * ie_log (threshold);
  for (int v = 0; v < height && !ie_work_cancelled (work); v++) {
    double fy = ie_fourier_row_frequency (v, height);
    for (int u = 0; u <= width / 2; u++) {
      double fx = (double) u / (double) width;
      float power = power_at (plane, pitch, u, v);
      if (fx * fx + fy * fy < lowest * lowest || (u == 0 && fy < 0))
        continue;
      double above = log_power (power) - ie_peaks_level (peaks, fx, fy);
      if (above < least || !is_largest (plane, width, height, u, v, 3))
        continue;
      double across = u > 0 && u < width / 2
                          ? top (power_at (plane, pitch, u - 1, v), power, power_at (plane, pitch, u + 1, v)) : 0;
      double down = height > 2 ? top (power_at (plane, pitch, u, (v + height - 1) % height), power,
                                      power_at (plane, pitch, u, (v + 1) % height)) : 0;
      Candidate one = { above, { fx + across / width, fy + down / height, power } };
      g_array_append_val (found, one);
    }
  }
  g_array_sort (found, higher_first);
  peaks->count = MIN ((int) found->len, IE_PEAKS_MOST);
  for (int i = 0; i < peaks->count; i++)
    peaks->peaks[i] = g_array_index (found, Candidate, i).peak;
  g_array_free (found, TRUE);
}

static int
stronger_first (gconstpointer a, gconstpointer b)
{
  const IePeak *p = a, *q = b;
  if (p->power != q->power)
    return p->power > q->power ? -1 : 1;
  if (p->fy != q->fy)
    return p->fy < q->fy ? -1 : 1;
  return p->fx < q->fx ? -1 : p->fx > q->fx;
}

/* The strongest peaks first; returns how many of them are no weaker than CARRIER times the strongest. */
static int
sort_carriers (IePeaks *peaks)
{
  qsort (peaks->peaks, (size_t) peaks->count, sizeof (IePeak), stronger_first);
  int count = 0;
  while (count < MIN (peaks->count, CARRIERS_MOST) && peaks->peaks[count].power >= CARRIER * peaks->peaks[0].power)
    count++;
  return count;
}

/* Whether the two strongest peaks lie equally far from 0 and at a right angle. */
static gboolean
is_screen (const IePeaks *peaks)
{
  const IePeak *a = &peaks->peaks[0], *b = &peaks->peaks[1];
  double aa = a->fx * a->fx + a->fy * a->fy, bb = b->fx * b->fx + b->fy * b->fy, ab = a->fx * b->fx + a->fy * b->fy;
  return ie_abs (aa - bb) <= 2 * SCREEN * aa && ie_abs (ab) <= SCREEN * aa;
}

/* The scene's power / f^fall, a line through the levels below the lowest peak; a halftone is where the strongest peaks
 * are those of a square screen and their surroundings stand above the scene. */
static void
judge (IePeaks *peaks)
{
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, above = 0;
  int carriers = sort_carriers (peaks);
  peaks->lowest = 1;
  for (int i = 0; i < carriers; i++)
    peaks->lowest = MIN (peaks->lowest, ie_sqrt (peaks->peaks[i].fx * peaks->peaks[i].fx + peaks->peaks[i].fy * peaks->peaks[i].fy));
  for (int j = 0; j < 2 * IE_PEAKS_BLOCKS; j++)
    for (int i = 0; i < IE_PEAKS_BLOCKS; i++) {
      double fx = (i + 0.5) / (2 * IE_PEAKS_BLOCKS), fy = (j + 0.5) / (2 * IE_PEAKS_BLOCKS) - 0.5;
      double f = ie_sqrt (fx * fx + fy * fy);
      if (f < SCENE_FROM || f > SCENE_TO * peaks->lowest)
        continue;
      double x = ie_log (f), y = peaks->level[j][i], w = 1 / f;
      n += w;
      sx += w * x;
      sy += w * y;
      sxx += w * x * x;
      sxy += w * x * y;
    }
  double spread = n * sxx - sx * sx;
  peaks->halftone = FALSE;
  if (peaks->count < FEWEST_CARRIERS || spread <= 1e-9 * n * n)
    return;
  double fall = -(n * sxy - sx * sy) / spread;
  peaks->fall = CLAMP (fall, 1.5, 3.5);
  peaks->power = ie_exp ((sy + peaks->fall * sx) / n);
  for (int i = 0; i < carriers; i++) {
    double fx = peaks->peaks[i].fx, fy = peaks->peaks[i].fy;
    double scene = ie_log (peaks->power) - peaks->fall * 0.5 * ie_log (fx * fx + fy * fy);
    double around = 0;
    for (int k = 0; k < 4; k++) {
      double x = fx + (k == 0 ? 2 * NEAR : k == 1 ? -2 * NEAR : 0), y = fy + (k == 2 ? 2 * NEAR : k == 3 ? -2 * NEAR : 0);
      around += ie_peaks_level (peaks, ie_abs (x), x < 0 ? -y : y) / 4;
    }
    above += (around - scene) / carriers;
  }
  peaks->halftone = carriers >= FEWEST_CARRIERS && is_screen (peaks) && above > SIDEBAND;
}

/* Harmonics of a screen that the pixels fold down to frequencies below it, where they show as moire. */
static void
add_harmonics (const float *plane, int width, int height, double least, IePeaks *peaks)
{
  gsize pitch = ie_fourier_stride (width);
  IePeak one = peaks->peaks[0], other = peaks->peaks[1];
  for (int n = 0; n <= HARMONICS; n++)
    for (int m = -HARMONICS; m <= HARMONICS && peaks->count < IE_PEAKS_MOST; m++) {
      double fx = n * one.fx + m * other.fx, fy = n * one.fy + m * other.fy;
      fx -= ie_round_even (fx);
      fy -= ie_round_even (fy);
      double sign = fx < 0 ? -1 : 1, square = fx * fx + fy * fy;
      if ((n == 0 && m <= 0) || square < least * least || square > 0.9 * peaks->lowest * peaks->lowest)
        continue;
      int at_u = (int) (sign * fx * width + 0.5), at_v = (int) ie_round_even (sign * fy * height), best_u = 0, best_v = 0;
      float power = 0;
      for (int v = at_v - NEIGHBOURS; v <= at_v + NEIGHBOURS; v++)
        for (int u = MAX (at_u - NEIGHBOURS, 0); u <= MIN (at_u + NEIGHBOURS, width / 2); u++) {
          float here = power_at (plane, pitch, u, ((v % height) + height) % height);
          if (here > power) {
            power = here;
            best_u = u;
            best_v = v;
          }
        }
      if ((double) power > HARMONIC * peaks->power * ie_pow (square, -0.5 * peaks->fall))
        peaks->peaks[peaks->count++] = (IePeak){ (double) best_u / width, (double) best_v / height, power };
    }
}

gboolean
ie_peaks_find (const IeFourier *fourier, IeWork *work, const float *picture, ptrdiff_t stride, int width, int height,
               float *plane, int padded_width, int padded_height, double lowest, double threshold, IePeaks *peaks,
               GError **error)
{
  gsize pitch = ie_fourier_stride (padded_width);
  double sum = 0, weights = 0, squares = 0;
  g_autofree float *across = g_try_new (float, width);
  if (!across) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, "no memory for the window over the rows");
    return FALSE;
  }
  for (int x = 0; x < width; x++)
    across[x] = (float) (0.5 - 0.5 * ie_cos (2 * IE_PI * ((double) x + 0.5) / (double) width));
  for (int pass = 0; pass < 2; pass++) {
    float mean = pass ? (float) (sum / weights) : 0, scale = pass ? (float) (1 / ie_sqrt (squares)) : 0;
    if (pass)
      ie_fourier_clear (work, plane, padded_width, padded_height);
    for (int y = 0; y < height && !ie_work_cancelled (work); y++) {
      const float *restrict in = (const float *) (gconstpointer) ((const char *) picture + (ptrdiff_t) y * stride);
      float down = (float) (0.5 - 0.5 * ie_cos (2 * IE_PI * ((double) y + 0.5) / (double) height));
      for (int x = 0; x < width; x++) {
        float window = across[x] * down;
        if (pass)
          plane[(gsize) y * pitch + (gsize) x] = (in[x] - mean) * (window * scale);
        sum += pass ? 0 : (double) window * (double) in[x];
        weights += pass ? 0 : (double) window;
        squares += pass ? 0 : (double) window * (double) window;
      }
    }
  }
  if (!ie_fourier_forward (fourier, work, plane, NULL, NULL, error))
    return FALSE;
  make_levels (work, plane, padded_width, padded_height, peaks);
  collect (work, plane, padded_width, padded_height, lowest, threshold, peaks);
  judge (peaks);
  if (peaks->halftone)
    add_harmonics (plane, padded_width, padded_height, 3.0 / MIN (width, height), peaks);
  return TRUE;
}
