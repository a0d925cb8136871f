// SPDX-License-Identifier: GPL-3.0-or-later
/* HSV and HSL of encoded R'G'B'. HSV, the hexcone: A. R. Smith, Color gamut transform pairs, SIGGRAPH 1978. HSL, the
 * double hexcone: G. H. Joblove and D. Greenberg, Color spaces for computer graphics, SIGGRAPH 1978; formulas as in CSS
 * Color Module Level 4, 7. Hue is the same in both.
 *
 * With M, m the largest and smallest channel: V = M, S = (M - m) / M; L = (M + m) / 2,
 * S = (M - m) / (1 - |2 L - 1|). */
#include "colorspace/spaces.h"
#include "core/elementary.h"

static double
largest (const double c[3])
{
  return MAX (MAX (c[0], c[1]), c[2]);
}

static double
smallest (const double c[3])
{
  return MIN (MIN (c[0], c[1]), c[2]);
}

static double
hue (const double rgb[3])
{
  double r = rgb[0], g = rgb[1], b = rgb[2], top = largest (rgb), delta = top - smallest (rgb);
  if (delta == 0.0)
    return 0.0;
  double h = top == r ? (g - b) / delta : top == g ? 2.0 + (b - r) / delta : 4.0 + (r - g) / delta;
  h *= 60.0;
  h = h < 0.0 ? h + 360.0 : h;
  return h < 360.0 ? h : 0.0;
}

/* Channels with the extremes given: each is a trapezium over the hue, 1 within 60 degrees of its own, 0 from 120 on. */
static void
from_hue (double h, double low, double high, double rgb[3])
{
  static const double shift[3] = { 0.0, 4.0, 2.0 };
  double sector = h / 60.0 - 6.0 * ie_floor (h / 360.0);
  for (int i = 0; i < 3; i++) {
    double d = sector + shift[i];
    d = d >= 6.0 ? d - 6.0 : d;
    double share = ie_abs (d - 3.0) - 1.0;
    rgb[i] = low + (high - low) * CLAMP (share, 0.0, 1.0);
  }
}

void
ie_rgb_to_hsv (const double rgb[3], double hsv[3])
{
  double h = hue (rgb), top = largest (rgb), delta = top - smallest (rgb);
  hsv[0] = h;
  hsv[1] = top == 0.0 ? 0.0 : delta / top;
  hsv[2] = top;
}

void
ie_hsv_to_rgb (const double hsv[3], double rgb[3])
{
  double s = hsv[1], v = hsv[2];
  from_hue (hsv[0], v - v * s, v, rgb);
}

void
ie_rgb_to_hsl (const double rgb[3], double hsl[3])
{
  double h = hue (rgb), top = largest (rgb), bottom = smallest (rgb), l = 0.5 * (top + bottom);
  double room = 1.0 - ie_abs (2.0 * l - 1.0);
  hsl[0] = h;
  hsl[1] = room == 0.0 ? 0.0 : (top - bottom) / room;
  hsl[2] = l;
}

void
ie_hsl_to_rgb (const double hsl[3], double rgb[3])
{
  double l = hsl[2], half = 0.5 * hsl[1] * (1.0 - ie_abs (2.0 * l - 1.0));
  from_hue (hsl[0], l - half, l + half, rgb);
}
