// SPDX-License-Identifier: GPL-3.0-or-later
/* Blurs by their transfer functions, and what a picture's spectrum tells of them.
 *
 *   gaussian  H = exp (-2 pi^2 width^2 f^2)                 width: standard deviation
 *   disc      H = 2 J1 (2 pi width f) / (2 pi width f)      width: radius (out of focus)
 *   motion    H = sin (pi width t) / (pi width t)           width: length; t: the frequency along the motion
 *
 * A picture is taken as a scene of spectrum power / f^fall, blurred, plus white noise:
 *   P (f) = power f^-fall H (f)^2 + noise
 * and the four numbers are those that fit the logarithms of its periodogram best (least squares; fall is drawn towards
 * that of most photographs). Source: D. J. Field, "Relations between the statistics of natural images and the response
 * properties of cortical cells", Journal of the Optical Society of America A 4 (1987); P. Whittle's approximation by
 * averages of log-periodograms. The fit is our own; tests/oracle/use-fourier.py publishes its errors. */
#pragma once

#include "core/work.h"

G_BEGIN_DECLS

typedef enum { IE_BLUR_GAUSSIAN, IE_BLUR_DISC, IE_BLUR_MOTION } IeBlurKernel;

typedef struct {
  double power, fall, noise; /* samples in 0..1; periodogram whose white noise of variance s^2 is s^2 */
} IeBlurScene;

/* H at distance f from frequency 0 and t along the motion, cycles per pixel. */
double ie_blur_transfer (IeBlurKernel kernel, double width, double f, double t);

#define IE_BLUR_BINS 48
#define IE_BLUR_SECTORS 8
#define IE_BLUR_WIDEST 24.0 /* pixels, of an estimate */

/* The sector of a direction, 0 being around that of x; fx > 0. */
int ie_blur_sector (double fx, double fy);

/* Mean logarithms of the periodogram by f, 0 .. 0.5 in IE_BLUR_BINS steps, and, for motion, by |t| in the same steps, of a
 * Gaussian by the sector; of a disc all are at 0. */
typedef struct {
  double sum[IE_BLUR_BINS][IE_BLUR_BINS];
  double count[IE_BLUR_BINS][IE_BLUR_BINS];
} IeBlurStatistic;

/* The width in pixels that fits best; 0 where the picture is too small or flat to tell. Returns early, with any width,
 * when cancelled. */
double ie_blur_estimate (IeBlurKernel kernel, const IeBlurStatistic *statistic, IeWork *work);
/* The scene that fits best at a given width. FALSE where there is none. */
gboolean ie_blur_fit (IeBlurKernel kernel, const IeBlurStatistic *statistic, double width, IeBlurScene *scene);

G_END_DECLS
