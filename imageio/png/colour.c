// SPDX-License-Identifier: GPL-3.0-or-later
/* gAMA and cHRM (ISO/IEC 15948, 11.3.3) as an ICC profile, so that they are honoured and carried like one. */
#include "imageio/png/chunks.h"

#include <lcms2.h>
#include <math.h>

#define UNIT 100000.0
/* As near to sRGB as files that mean sRGB come: 1 / 2.2 and 0.45455 and roundings of them, primaries to 3 digits. */
#define GAMMA_SRGB 0.45455
#define GAMMA_TOLERANCE 0.012
#define PRIMARY_TOLERANCE 0.002

static const double srgb[4][2] = { { 0.3127, 0.3290 }, { 0.64, 0.33 }, { 0.30, 0.60 }, { 0.15, 0.06 } };

static gboolean
is_srgb (double gamma, double points[4][2], gboolean gray)
{
  if (fabs (gamma - GAMMA_SRGB) > GAMMA_TOLERANCE)
    return FALSE;
  for (int i = 0; i < (gray ? 1 : 4); i++)
    if (fabs (points[i][0] - srgb[i][0]) > PRIMARY_TOLERANCE || fabs (points[i][1] - srgb[i][1]) > PRIMARY_TOLERANCE)
      return FALSE;
  return TRUE;
}

/* Points that lie in the plane, and primaries that span a triangle. */
static gboolean
makes_sense (double points[4][2], double gamma)
{
  for (int i = 0; i < 4; i++)
    if (points[i][0] < 0 || points[i][0] > 1 || points[i][1] <= 0 || points[i][1] > 1)
      return FALSE;
  double area = (points[2][0] - points[1][0]) * (points[3][1] - points[1][1]) -
                (points[3][0] - points[1][0]) * (points[2][1] - points[1][1]);
  return fabs (area) > 0.01 && gamma > 0.05 && gamma < 5;
}

static GBytes *
serialise (cmsHPROFILE profile)
{
  cmsUInt32Number size = 0;
  guint8 *data = NULL;
  if (profile && cmsSaveProfileToMem (profile, NULL, &size) && size >= 128) {
    data = g_malloc (size);
    if (!cmsSaveProfileToMem (profile, data, &size))
      g_clear_pointer (&data, g_free);
  }
  if (profile)
    cmsCloseProfile (profile);
  if (!data)
    return NULL;
  /* The date in the header (bytes 24 to 35) would make every run's file another: 2000-01-01. */
  static const guint8 date[12] = { 2000 >> 8, 2000 & 255, 0, 1, 0, 1 };
  memcpy (data + 24, date, sizeof date);
  return g_bytes_new_take (data, size);
}

GBytes *
ie_png_profile (const IePngColour *colour, gboolean gray)
{
  double points[4][2];
  const gint32 *stored[4] = { colour->white, colour->red, colour->green, colour->blue };
  for (int i = 0; i < 4; i++)
    for (int c = 0; c < 2; c++)
      points[i][c] = colour->has_primaries ? stored[i][c] / UNIT : srgb[i][c];
  double gamma = colour->has_gamma ? colour->gamma / UNIT : GAMMA_SRGB;
  if (!makes_sense (points, gamma) || is_srgb (gamma, points, gray))
    return NULL;
  cmsCIExyY white = { points[0][0], points[0][1], 1 };
  cmsCIExyYTRIPLE primaries = { { points[1][0], points[1][1], 1 },
                                { points[2][0], points[2][1], 1 },
                                { points[3][0], points[3][1], 1 } };
  double srgb_curve[5] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 }; /* IEC 61966-2-1 */
  cmsToneCurve *curve = fabs (gamma - GAMMA_SRGB) <= GAMMA_TOLERANCE
                          ? cmsBuildParametricToneCurve (NULL, 4, srgb_curve)
                          : cmsBuildGamma (NULL, 1 / gamma);
  if (!curve)
    return NULL;
  cmsToneCurve *curves[3] = { curve, curve, curve };
  GBytes *profile = serialise (gray ? cmsCreateGrayProfile (&white, curve)
                                    : cmsCreateRGBProfile (&white, &primaries, curves));
  cmsFreeToneCurve (curve);
  return profile;
}
