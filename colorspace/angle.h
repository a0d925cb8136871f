// SPDX-License-Identifier: GPL-3.0-or-later
/* Angles in degrees, float, for loops over pixels: no branch, only operations of IEEE 754. For the files of this folder
 * that are compiled once per level. Largest errors, measured against double (tests/test-spaces.c holds them to it):
 * angle 4e-5 degrees, cosine and sine 2e-7. */
#pragma once

#include "colorspace/srgb.h"

/* The nearest integer, |x| < 2^22. */
static inline float
ie_nearest (float x)
{
  return (x + 12582912.0f) - 12582912.0f; /* 1.5 * 2^23 */
}

/* Within 0 <= h < 360, |h| <= 1e5. */
static inline float
ie_wrap_degrees (float h)
{
  float turns = ie_nearest (h * (float) (1.0 / 360.0));
  h = h - 360.0f * turns;
  h = h < 0.0f ? h + 360.0f : h;
  return h < 360.0f ? h : 0.0f;
}

/* The angle of (x, y), 0 <= h < 360; (0, 0) -> 0. As ie_atan2(): arctan t = arctan c + arctan ((t - c) / (1 + t c)),
 * with c of 0, 1/2, 1 and the series to the 9th power (next term 2e-8). */
static inline float
ie_angle_of (float y, float x)
{
  float ax = ie_magnitude (x), ay = ie_magnitude (y);
  float small = ax < ay ? ax : ay, large = ax < ay ? ay : ax;
  float t = small / (large == 0.0f ? 1.0f : large);
  float c = t < 0.25f ? 0.0f : 0.5f, base = t < 0.25f ? 0.0f : 26.565051177077989351f; /* arctan 1/2 */
  c = t < 0.75f ? c : 1.0f;
  base = t < 0.75f ? base : 45.0f;
  float u = (t - c) / (1.0f + t * c), q = u * u;
  float series = q * (1.0f / 3.0f - q * (1.0f / 5.0f - q * (1.0f / 7.0f - q * (1.0f / 9.0f))));
  float angle = base + (u - u * series) * 57.295779513082320877f;
  angle = ay > ax ? 90.0f - angle : angle;
  angle = x < 0.0f ? 180.0f - angle : angle;
  angle = y < 0.0f ? 360.0f - angle : angle;
  return angle < 360.0f ? angle : 0.0f;
}

/* |h| <= 1e5 degrees: the nearest quarter turn exactly, the rest by series to the 9th and 10th power. */
static inline void
ie_cos_sin (float h, float *cosine, float *sine)
{
  float quarters = ie_nearest (h * (float) (1.0 / 90.0));
  float x = (h - 90.0f * quarters) * 0.017453292519943295769f, q = x * x;
  float s = x - x * q * (1.0f / 6.0f - q * (1.0f / 120.0f - q * (1.0f / 5040.0f - q * (1.0f / 362880.0f))));
  float c =
    1.0f - q * (0.5f - q * (1.0f / 24.0f - q * (1.0f / 720.0f - q * (1.0f / 40320.0f - q * (1.0f / 3628800.0f)))));
  int32_t quadrant = (int32_t) quarters & 3;
  float first = quadrant & 1 ? s : c, second = quadrant & 1 ? c : s;
  *cosine = quadrant == 1 || quadrant == 2 ? -first : first;
  *sine = quadrant & 2 ? -second : second;
}
