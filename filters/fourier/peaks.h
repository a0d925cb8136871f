// SPDX-License-Identifier: GPL-3.0-or-later
/* Finds what is periodic in a picture: peaks of its spectrum that stand out of their surroundings. */
#pragma once

#include "filters/fourier/plane.h"

G_BEGIN_DECLS

#define IE_PEAKS_MOST 256
#define IE_PEAKS_BLOCKS 32 /* of 0 .. 0.5 cycles per pixel; twice as many down */

typedef struct {
  double fx, fy;  /* cycles per pixel; fx >= 0; its mirror image (-fx, -fy) belongs to it */
  float power;    /* of the periodogram there */
} IePeak;

typedef struct {
  int count;
  IePeak peaks[IE_PEAKS_MOST];
  /* ln of the periodogram, mean of the logarithms over blocks of frequencies; [fy + 0.5][fx]. */
  double level[2 * IE_PEAKS_BLOCKS][IE_PEAKS_BLOCKS];
  double total[2 * IE_PEAKS_BLOCKS][IE_PEAKS_BLOCKS]; /* ln of the mean periodogram, peaks and all */
  /* The screen of a halftone carries the picture on sidebands that stand above what scenes have, power / f^fall. */
  gboolean halftone;
  double power, fall, lowest; /* lowest: the smallest frequency of a peak */
} IePeaks;

/* ln of the periodogram's level at a frequency, between the blocks. */
double ie_peaks_level (const IePeaks *peaks, double fx, double fy);
/* The same of the mean, peaks and all. */
double ie_peaks_total (const IePeaks *peaks, double fx, double fy);

/* Looks at the picture (width x height, stride in bytes) through a Hann window, in a plane of padded_width x
 * padded_height that it fills with the transform. A peak is a bin that is the largest of its neighbourhood, at least
 * `lowest` cycles per pixel from 0, and whose amplitude is `threshold` times that of its surroundings. At most
 * IE_PEAKS_MOST, the strongest relative to their surroundings. FALSE: cancelled. */
gboolean ie_peaks_find (const IeFourier *fourier, IeWork *work, const float *picture, ptrdiff_t stride, int width,
                        int height, float *plane, int padded_width, int padded_height, double lowest, double threshold,
                        IePeaks *peaks, GError **error);

G_END_DECLS
