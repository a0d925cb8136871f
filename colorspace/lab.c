// SPDX-License-Identifier: GPL-3.0-or-later
/* CIELAB and its polar form: CIE 15:2004, 8.2.1 (L*, a*, b*) and 8.2.1.3 (C*, h), with the exact epsilon = 216/24389
 * and kappa = 24389/27. Below 0 the function goes on as an odd one, as in srgb.h. */
#include "colorspace/spaces.h"
#include "colorspace/srgb.h"

#define DEGREES (180.0 / IE_PI)

/* f of the standard less 16/116. */
static double
g_of (double t)
{
  double m = ie_abs (t);
  double g = m <= IE_LAB_EPSILON ? IE_LAB_KAPPA * m / 116.0 : ie_cbrt (m) - 16.0 / 116.0;
  return t < 0.0 ? -g : g;
}

static double
g_inverse (double g)
{
  double m = ie_abs (g), root = m + 16.0 / 116.0;
  double t = m <= 8.0 / 116.0 ? m * 116.0 / IE_LAB_KAPPA : root * root * root;
  return g < 0.0 ? -t : t;
}

void
ie_xyz_to_lab (const double xyz[3], const double white[3], double lab[3])
{
  double x = g_of (xyz[0] / white[0]), y = g_of (xyz[1] / white[1]), z = g_of (xyz[2] / white[2]);
  lab[0] = 116.0 * y;
  lab[1] = 500.0 * (x - y);
  lab[2] = 200.0 * (y - z);
}

void
ie_lab_to_xyz (const double lab[3], const double white[3], double xyz[3])
{
  double y = lab[0] / 116.0, x = y + lab[1] / 500.0, z = y - lab[2] / 200.0;
  xyz[0] = g_inverse (x) * white[0];
  xyz[1] = g_inverse (y) * white[1];
  xyz[2] = g_inverse (z) * white[2];
}

void
ie_lab_to_lch (const double lab[3], double lch[3])
{
  double a = lab[1], b = lab[2], h = ie_atan2 (b, a) * DEGREES;
  lch[0] = lab[0];
  lch[1] = ie_sqrt (a * a + b * b);
  h = h < 0.0 ? h + 360.0 : h;
  lch[2] = h < 360.0 ? h : 0.0; /* a tiny negative angle rounds to the whole turn */
}

void
ie_lch_to_lab (const double lch[3], double lab[3])
{
  double chroma = lch[1], h = lch[2] / DEGREES;
  lab[0] = lch[0];
  lab[1] = chroma * ie_cos (h);
  lab[2] = chroma * ie_sin (h);
}
