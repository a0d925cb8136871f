// SPDX-License-Identifier: GPL-3.0-or-later
/* In double, with our own elementary functions: the same on every processor. For each width on a ladder the three other
 * numbers are found by damped Gauss-Newton steps, and the best width is then found between its neighbours.
 *
 * A Gaussian is told from the scene's own fall by curvature alone, and no photograph falls alike at all frequencies: a
 * second look, near the width that the first one found, leaves out the low frequencies, where the blur does
 * little (|H| = 0.64 at NEAR_WIDTH / width, nearer to 1 below), and lets the fall there be what it is. Nor does it fall alike
 * in all directions: each of eight sectors has a scene and noise of its own, and only the width is that of all. What sticks out
 * of a fall counts little: beyond SOFT a difference counts by its amount rather than its square. The
 * constants were chosen on twelve photographs, each blurred by 1.5 and by 2.5 pixels. */
#include "filters/fourier/blur.h"

#include "core/elementary.h"

#include <string.h>

#define EULER 0.57721566490153286 /* the logarithm of an exponential variable lies this much below that of its mean */
#define LOWEST 0.012              /* frequencies below belong to the window and to the scene at large */
#define FALL 2.25                 /* of most photographs' power, and how sure of it */
#define FALL_SPREAD 0.3
#define FALL_WEIGHT 0.02
#define NEAR_LOWEST 0.06 /* the same for the second look */
#define NEAR_WIDTH 0.15
#define NEAR_FALL 2.1
#define NEAR_FALL_WEIGHT 5e-4
#define SOFT 0.1 /* of a mean logarithm; 2 SOFT^2 (sqrt (1 + (r / SOFT)^2) - 1) in the place of r^2 */
#define FEWEST 8 /* bins that make a fit */
#define SAMPLES 4 /* that make a bin, at least */
#define STEPS 30
#define THIRDS 12 /* of the way between neighbours that are cut off, one after the other */
#define PLACES 8 /* in a bin, where H is looked at */
#define NARROWEST 0.25
#define LADDER 1.2          /* from a width to the next */
#define LADDER_OF_ZEROS 1.02 /* the same where zeros of H must be met */
#define ENOUGH 1e-7         /* gain of a step that ends the fit */
#define FINEST 1.9e-11 /* variance of rounding to 16 bits: no picture is known better */
#define SMALLEST_GAIN 1e-4 /* zeros of H: a bin never is all zero */

/* J1 by its integral, (1 / pi) integral cos (a - x sin a), 0..pi: the trapezoidal rule is exact for x below its points. */
static double
bessel_1 (double x)
{
  int points = 24 + (int) x;
  double sum = 0.5 * (1.0 + ie_cos (IE_PI));
  for (int i = 1; i < points; i++) {
    double a = IE_PI * (double) i / (double) points;
    sum += ie_cos (a - x * ie_sin (a));
  }
  return sum / (double) points;
}

double
ie_blur_transfer (IeBlurKernel kernel, double width, double f, double t)
{
  if (kernel == IE_BLUR_GAUSSIAN)
    return ie_exp (-2.0 * IE_PI * IE_PI * width * width * f * f);
  double x = IE_PI * width * (kernel == IE_BLUR_DISC ? 2.0 * f : t);
  if (ie_abs (x) < 1e-4)
    return 1.0;
  return kernel == IE_BLUR_DISC ? 2.0 * bessel_1 (x) / x : ie_sin (x) / x;
}

/* Boundaries between sectors are at odd multiples of pi / 16. */
int
ie_blur_sector (double fx, double fy)
{
  static const double tangents[] = { 0.19891236737965800, 0.66817863791929892, 1.4966057626654890, 5.0273394921258481 };
  int sector = 0;
  while (sector < 4 && ie_abs (fy) >= tangents[sector] * fx)
    sector++;
  return fy >= 0 ? sector : (IE_BLUR_SECTORS - sector) % IE_BLUR_SECTORS;
}

/* What a look takes: frequencies above `lowest`; the fall that it expects, and how sure of it; whether by squares alone. */
typedef struct {
  double lowest, fall, weight;
  gboolean soft;
} Look;

static const Look first_look = { LOWEST, FALL, FALL_WEIGHT, FALSE };

typedef struct {
  int count;
  Look look;
  double value[IE_BLUR_BINS * IE_BLUR_BINS], weight[IE_BLUR_BINS * IE_BLUR_BINS];
  double log_f[IE_BLUR_BINS * IE_BLUR_BINS], log_gain[IE_BLUR_BINS * IE_BLUR_BINS];
} Bins;

/* Mean of |H|^2 over a bin, from a few places in it. */
static double
bin_gain (IeBlurKernel kernel, double width, int i, int j)
{
  double sum = 0;
  for (int k = 0; k < PLACES; k++) {
    double f = ((double) i + ((double) k + 0.5) / PLACES) / (2.0 * IE_BLUR_BINS);
    double t = ((double) j + ((double) (k * 3 % PLACES) + 0.5) / PLACES) / (2.0 * IE_BLUR_BINS);
    double gain = ie_blur_transfer (kernel, width, f, t);
    sum += ie_log (gain * gain + SMALLEST_GAIN * SMALLEST_GAIN);
  }
  return sum / PLACES;
}

static void
add_bin (int i, double log_gain, double sum, double count, double weight, Bins *bins)
{
  if (count < SAMPLES)
    return;
  int k = bins->count++;
  bins->value[k] = sum / count + EULER;
  bins->weight[k] = weight;
  bins->log_f[k] = ie_log (((double) i + 0.5) / (2.0 * IE_BLUR_BINS));
  bins->log_gain[k] = log_gain;
}

static int
first_bin (Look look)
{
  int i = 0;
  while (((double) i + 0.5) / (2.0 * IE_BLUR_BINS) <= look.lowest)
    i++;
  return i;
}

/* All directions together; for motion, bins along it, of which a ring counts once. */
static int
fill_bins (IeBlurKernel kernel, const IeBlurStatistic *statistic, double width, Look look, Bins *bins)
{
  bins->count = 0;
  bins->look = look;
  for (int i = first_bin (look); i < IE_BLUR_BINS; i++) {
    double sum = 0, count = 0;
    for (int j = 0; j < IE_BLUR_BINS; j++)
      if (kernel == IE_BLUR_MOTION && statistic->count[i][j] >= SAMPLES) {
        add_bin (i, bin_gain (kernel, width, i, j), statistic->sum[i][j], statistic->count[i][j], 1.0 / ((double) i + 1.0),
                 bins);
      } else {
        sum += statistic->sum[i][j];
        count += statistic->count[i][j];
      }
    if (kernel != IE_BLUR_MOTION)
      add_bin (i, bin_gain (kernel, width, i, 0), sum, count, 1.0, bins);
  }
  return bins->count;
}

/* One sector of a Gaussian's, whose bins count by what they hold. log_gain: bin_gain() of each ring, the same in all sectors. */
static int
fill_sector (const IeBlurStatistic *statistic, int sector, const double *log_gain, Look look, Bins *bins)
{
  bins->count = 0;
  bins->look = look;
  double sum = 0;
  for (int i = first_bin (look); i < IE_BLUR_BINS; i++) {
    double count = statistic->count[i][sector];
    sum += count < SAMPLES ? 0 : count;
    add_bin (i, log_gain[i], statistic->sum[i][sector], count, count, bins);
  }
  for (int k = 0; k < bins->count; k++)
    bins->weight[k] *= (double) bins->count / sum;
  return bins->count;
}

/* Of a difference, weighed: what it adds to the sum, and by how much its square counts there. */
static inline double
cost (double square, gboolean soft, double *share)
{
  double root = ie_sqrt (1.0 + square / (SOFT * SOFT));
  *share = soft ? 1.0 / root : 1.0;
  return soft ? 2.0 * SOFT * SOFT * (root - 1.0) : square;
}

/* p: ln power, fall, ln noise. Sum of costs; the normal equations when wanted. */
static double
squares (const Bins *bins, const double *p, double a[3][3], double *b)
{
  double sum = 0, weights = 0, counts, noise = ie_exp (p[2]);
  if (a) {
    memset (a, 0, 9 * sizeof (double));
    memset (b, 0, 3 * sizeof (double));
  }
  for (int k = 0; k < bins->count; k++) {
    double scene = ie_exp (p[0] - p[1] * bins->log_f[k] + bins->log_gain[k]);
    double r = bins->value[k] - ie_log (scene + noise), w = bins->weight[k], share = scene / (scene + noise);
    double d[3] = { share, -share * bins->log_f[k], 1.0 - share };
    sum += cost (w * r * r, bins->look.soft, &counts);
    weights += w;
    for (int i = 0; a && i < 3; i++) {
      b[i] += counts * w * d[i] * r;
      for (int j = 0; j < 3; j++)
        a[i][j] += counts * w * d[i] * d[j];
    }
  }
  double apart = bins->look.fall - p[1], pull = bins->look.weight * weights / (FALL_SPREAD * FALL_SPREAD);
  sum += cost (pull * apart * apart, bins->look.soft, &counts);
  if (a) {
    a[1][1] += counts * pull;
    b[1] += counts * pull * apart;
  }
  return sum / weights;
}

/* a x = b for a positive definite a (Cholesky would do; 3 x 3 by Cramer's rule). */
static void
solve (double a[3][3], const double *b, double *x)
{
  double minor[3][3];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      int r = (i + 1) % 3, s = (i + 2) % 3, u = (j + 1) % 3, v = (j + 2) % 3;
      minor[i][j] = a[r][u] * a[s][v] - a[r][v] * a[s][u];
    }
  double determinant = a[0][0] * minor[0][0] + a[0][1] * minor[0][1] + a[0][2] * minor[0][2];
  for (int j = 0; j < 3; j++)
    x[j] = (b[0] * minor[0][j] + b[1] * minor[1][j] + b[2] * minor[2][j]) / determinant;
}

static double
fit (const Bins *bins, double *p)
{
  double least = bins->value[0], lambda = 1e-3;
  for (int k = 1; k < bins->count; k++)
    least = MIN (least, bins->value[k]);
  p[0] = bins->value[0] + bins->look.fall * bins->log_f[0];
  p[1] = bins->look.fall;
  p[2] = least;
  double a[3][3], b[3], best = squares (bins, p, a, b);
  for (int n = 0; n < STEPS; n++) {
    double step[3], next[3], damped[3][3];
    memcpy (damped, a, sizeof a);
    for (int i = 0; i < 3; i++)
      damped[i][i] = a[i][i] * (1.0 + lambda) + 1e-9;
    solve (damped, b, step);
    for (int i = 0; i < 3; i++)
      next[i] = p[i] + CLAMP (step[i], -5.0, 5.0);
    double sum = squares (bins, next, NULL, NULL);
    if (sum < best) {
      gboolean done = best - sum < ENOUGH;
      memcpy (p, next, sizeof next);
      best = squares (bins, p, a, b);
      lambda *= 0.2;
      if (done)
        break;
    } else
      lambda *= 8;
  }
  return best;
}

/* What no width explains. look.soft: sector by sector. */
static double
misfit (IeBlurKernel kernel, const IeBlurStatistic *statistic, double width, Look look, Bins *bins)
{
  double p[3], log_gain[IE_BLUR_BINS], sum = 0;
  if (!look.soft) {
    fill_bins (kernel, statistic, width, look, bins);
    return fit (bins, p);
  }
  for (int i = first_bin (look); i < IE_BLUR_BINS; i++)
    log_gain[i] = bin_gain (kernel, width, i, 0);
  for (int sector = 0; sector < IE_BLUR_SECTORS; sector++) {
    fill_sector (statistic, sector, log_gain, look, bins);
    sum += fit (bins, p);
  }
  return sum;
}

/* Whether each sector has bins enough at both looks; of a small picture they have not. */
static gboolean
has_sectors (IeBlurKernel kernel, const IeBlurStatistic *statistic, Look second, Bins *bins)
{
  static const double sharp[IE_BLUR_BINS]; /* any gains will do: bins are only counted */
  gboolean has = kernel == IE_BLUR_GAUSSIAN;
  for (int sector = 0; has && sector < IE_BLUR_SECTORS; sector++)
    has = fill_sector (statistic, sector, sharp, second, bins) >= FEWEST;
  return has;
}

/* The best width between low and high. */
static double
between (IeBlurKernel kernel, const IeBlurStatistic *statistic, double low, double high, Look look, Bins *bins,
         IeWork *work)
{
  for (int n = 0; n < THIRDS && !ie_work_cancelled (work); n++) {
    double a = low + (high - low) / 3, b = high - (high - low) / 3;
    if (misfit (kernel, statistic, a, look, bins) < misfit (kernel, statistic, b, look, bins))
      high = b;
    else
      low = a;
  }
  return 0.5 * (low + high);
}

double
ie_blur_estimate (IeBlurKernel kernel, const IeBlurStatistic *statistic, IeWork *work)
{
  Bins *bins = g_new (Bins, 1);
  double best = 0, least = IE_INFINITY, ladder = kernel == IE_BLUR_GAUSSIAN ? LADDER : LADDER_OF_ZEROS;
  Look first = first_look, second = { NEAR_LOWEST, NEAR_FALL, NEAR_FALL_WEIGHT, FALSE };
  first.soft = second.soft = has_sectors (kernel, statistic, second, bins);
  gboolean enough = fill_bins (kernel, statistic, NARROWEST, first, bins) >= FEWEST;
  for (double width = NARROWEST; enough && !ie_work_cancelled (work) && width < IE_BLUR_WIDEST; width *= ladder) {
    double now = misfit (kernel, statistic, width, first, bins);
    if (now < least) {
      least = now;
      best = width;
    }
  }
  if (best > 0)
    best = between (kernel, statistic, best / ladder, best * ladder, first, bins, work);
  second.lowest = MIN (NEAR_LOWEST, NEAR_WIDTH / MAX (best, NARROWEST));
  if (best > 0 && kernel == IE_BLUR_GAUSSIAN && fill_bins (kernel, statistic, best, second, bins) >= FEWEST)
    best = between (kernel, statistic, best / LADDER, best * LADDER, second, bins, work);
  g_free (bins);
  return best;
}

gboolean
ie_blur_fit (IeBlurKernel kernel, const IeBlurStatistic *statistic, double width, IeBlurScene *scene)
{
  Bins *bins = g_new (Bins, 1);
  double p[3];
  gboolean enough = fill_bins (kernel, statistic, width, first_look, bins) >= FEWEST;
  if (enough) {
    fit (bins, p);
    *scene = (IeBlurScene){ ie_exp (p[0]), p[1], MAX (ie_exp (p[2]), FINEST) };
  }
  g_free (bins);
  return enough;
}
