// SPDX-License-Identifier: GPL-3.0-or-later
/* How far two pictures are apart: the measures behind `imgenhance compare`. */
#pragma once

#include "core/source.h"

G_BEGIN_DECLS

/* A measure that does not exist for the pictures is NaN: ssim of a picture smaller than its window, dE2000 of pictures
 * without a colour meaning. */
typedef struct {
  gboolean identical;    /* every sample is equal, alpha included, as a fraction of range */
  double max_difference; /* largest difference of two samples, alpha included, as a fraction of range */
  double psnr;           /* dB, of the colour samples; infinite when they are equal */
  double ssim;           /* -1..1, mean over the colour channels */
  double de2000_mean, de2000_p95, de2000_max;
} IeComparison;

/* Compares two pictures of the same size, channels and alpha; their depths may differ. NaN samples count as 0.
 *
 * psnr: 10 log10 (1 / mean squared difference). ssim: Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image
 * Quality Assessment: From Error Visibility to Structural Similarity", IEEE Transactions on Image Processing 13 (2004),
 * section III: Gaussian window of sigma 1.5 and 11 x 11 pixels, K1 0.01, K2 0.03, range 1, population covariance, taken
 * where the window lies inside the picture. dE2000: ie_delta_e_2000() of the two colours in Lab, each through its
 * picture's profile; the 95 % value is within 0.001.
 *
 * The pictures are streamed: memory is some tens of rows. Runs in the caller's thread. cancel (may be NULL) is read
 * atomically: non-zero stops with IE_ERROR_CANCELLED. FALSE and error (IE_ERROR_INPUT) when the pictures do not match
 * or cannot be read; *failed (may be NULL) is then 1 or 2 for the picture at fault, 0 for both. */
IE_API gboolean ie_compare (IeSource *a, IeSource *b, const gint *cancel, IeComparison *result, int *failed,
                            GError **error);

G_END_DECLS
