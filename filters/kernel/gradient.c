// SPDX-License-Identifier: GPL-3.0-or-later
#include "filters/kernel/gradient.h"

#include <math.h>

IeShowing
ie_gradient_showing (IeGradientShow show, double amount, IeDepth depth)
{
  return (IeShowing){ .show = show, .amount = (float) amount, .gray = 0.5f * ie_depth_range (depth) };
}

static void
magnitude (float *restrict x, const float *restrict y, int samples, float amount)
{
  for (int i = 0; i < samples; i++)
    x[i] = sqrtf (x[i] * x[i] + y[i] * y[i]) * amount;
}

static void
around_gray (float *restrict x, int samples, float factor, float gray)
{
  for (int i = 0; i < samples; i++)
    x[i] = gray + x[i] * factor;
}

void
ie_gradient_combine (gconstpointer data, float *const *sums, const float *centre, int samples)
{
  const IeShowing *showing = data;
  if (showing->show == IE_SHOW_MAGNITUDE)
    magnitude (sums[0], sums[1], samples, showing->amount);
  else
    around_gray (sums[0], samples, 0.5f * showing->amount, showing->gray);
}
