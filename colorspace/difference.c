// SPDX-License-Identifier: GPL-3.0-or-later
#include "colorspace/difference.h"

#include "core/elementary.h"

static double
square (double x)
{
  return x * x;
}

static double
length (double x, double y)
{
  return ie_sqrt (x * x + y * y);
}

double
ie_delta_e_76 (const double lab1[3], const double lab2[3])
{
  return ie_sqrt (square (lab1[0] - lab2[0]) + square (lab1[1] - lab2[1]) + square (lab1[2] - lab2[2]));
}

double
ie_delta_e_94 (const double lab1[3], const double lab2[3])
{
  double c1 = length (lab1[1], lab1[2]), dc = c1 - length (lab2[1], lab2[2]);
  double dh2 = square (lab1[1] - lab2[1]) + square (lab1[2] - lab2[2]) - square (dc);
  double sc = 1.0 + 0.045 * c1, sh = 1.0 + 0.015 * c1;
  return ie_sqrt (square (lab1[0] - lab2[0]) + square (dc / sc) + (dh2 > 0.0 ? dh2 : 0.0) / square (sh));
}

#define DEGREES (180.0 / IE_PI)

/* Hue angle in 0 .. 360 degrees; 0 for gray (equation 7 of the paper). */
static double
hue (double a, double b)
{
  double h = ie_atan2 (b, a) * DEGREES;
  return h < 0.0 ? h + 360.0 : h;
}

static double
cos_degrees (double x)
{
  return ie_cos (x / DEGREES);
}

/* sqrt (c^7 / (c^7 + 25^7)) */
static double
chroma_weight (double c)
{
  double c7 = square (c * c * c) * c;
  return ie_sqrt (c7 / (c7 + 6103515625.0));
}

/* 180 degrees, and what rounding may add to the difference of two hues that are opposite: the paper's equations have a
 * step there, and give opposite hues to the side of the smaller. */
#define OPPOSITE (180.0 + 1e-9)

/* Equation 10: the shorter way round; 0 when either is gray. */
static double
hue_difference (double h1, double h2, gboolean gray)
{
  double d = h2 - h1;
  if (gray)
    return 0.0;
  return d > OPPOSITE ? d - 360.0 : d < -OPPOSITE ? d + 360.0 : d;
}

/* Equation 14. */
static double
mean_hue (double h1, double h2, gboolean gray)
{
  double sum = h1 + h2;
  if (gray)
    return sum;
  if (ie_abs (h1 - h2) <= OPPOSITE)
    return 0.5 * sum;
  return sum < 360.0 ? 0.5 * (sum + 360.0) : 0.5 * (sum - 360.0);
}

double
ie_delta_e_2000 (const double lab1[3], const double lab2[3])
{
  double mean_c = 0.5 * (length (lab1[1], lab1[2]) + length (lab2[1], lab2[2]));
  double stretch = 1.0 + 0.5 * (1.0 - chroma_weight (mean_c));
  double a1 = stretch * lab1[1], a2 = stretch * lab2[1];
  double c1 = length (a1, lab1[2]), c2 = length (a2, lab2[2]);
  double h1 = hue (a1, lab1[2]), h2 = hue (a2, lab2[2]);
  gboolean gray = c1 * c2 == 0.0;

  double dl = lab2[0] - lab1[0], dc = c2 - c1;
  double dh = 2.0 * ie_sqrt (c1 * c2) * ie_sin (0.5 * hue_difference (h1, h2, gray) / DEGREES);
  double h = mean_hue (h1, h2, gray), c = 0.5 * (c1 + c2);
  double l50 = square (0.5 * (lab1[0] + lab2[0]) - 50.0);

  double t = 1.0 - 0.17 * cos_degrees (h - 30.0) + 0.24 * cos_degrees (2.0 * h) +
             0.32 * cos_degrees (3.0 * h + 6.0) - 0.20 * cos_degrees (4.0 * h - 63.0);
  double sl = 1.0 + 0.015 * l50 / ie_sqrt (20.0 + l50);
  double sc = 1.0 + 0.045 * c, sh = 1.0 + 0.015 * c * t;
  double rotation = 30.0 * ie_exp (-square ((h - 275.0) / 25.0));
  double rt = -2.0 * chroma_weight (c) * ie_sin (2.0 * rotation / DEGREES);
  double l = dl / sl, chroma = dc / sc, tone = dh / sh;
  double sum = l * l + chroma * chroma + tone * tone + rt * chroma * tone;
  return ie_sqrt (sum > 0.0 ? sum : 0.0);
}
