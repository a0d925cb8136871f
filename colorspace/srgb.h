// SPDX-License-Identifier: GPL-3.0-or-later
/* sRGB, RGB spaces like it, and CIELAB: curves, matrices, tables.
 *
 * sRGB: IEC 61966-2-1:1999, the exact piecewise curve, odd beyond 0 so that negative values pass, unbounded above 1.
 * XYZ is relative to the D50 white of ICC (0.9642, 1, 0.8249), to which D65 (0.3127, 0.3290) is adapted by Bradford's
 * matrix (ICC.1:2010, annex E), and is always divided by that white here: white is 1, 1, 1.
 *
 * CIELAB: CIE 15:2004, 8.2.1, with epsilon = 216/24389 and kappa = 24389/27. Instead of the standard's f we use
 * g (t) = f (t) - 16/116, made odd: cbrt (t) - 16/116 above epsilon, kappa t / 116 below. Then L* = 116 g (Y),
 * a* = 500 (g (X) - g (Y)), b* = 200 (g (Y) - g (Z)), for negative X, Y, Z too.
 *
 * A matrix whose rows sum to 1 is applied as G + m0 (R - G) + m2 (B - G): one multiplication less a row, and gray stays
 * exactly gray. */
#pragma once

#include "core/elementary.h"

#include <glib.h>

/* Entries of the table from the square root of linear light to 8 bits: 0.04 codes an entry where it is steepest. */
#define IE_SRGB_ENCODE_STEPS 8192

/* An RGB space of three primaries and one curve. */
typedef struct {
  double gamma; /* its curve: linear light is the encoded value to this power, odd beyond 0; or 0: the curve of sRGB */
  /* Linear RGB to XYZ / white and back: first and last number of each row; the middle one is 1 less both. */
  float to_x[2], to_y[2], to_z[2];
  float to_r[2], to_g[2], to_b[2];
  double to_xyz[3][3], to_rgb[3][3]; /* the same in full */
  float decode_u8[256];              /* code -> linear light */
  float lowest, highest;             /* linear light half an 8-bit code beyond 0 and 1 */
  guint8 encode_u8[IE_SRGB_ENCODE_STEPS]; /* sqrt (linear light) * (STEPS - 1), rounded -> code */
} IeRgbSpace;

/* sRGB, made once per process. Any thread. */
const IeRgbSpace *ie_srgb (void);
/* 65536 entries: 16-bit code -> linear light of sRGB; made once per process, when first asked for. Any thread. */
const float *ie_srgb_decode_u16 (void);

/* A space of that matrix (linear RGB to XYZ / white; its rows are brought to a sum of 1) and curve. g_free(). */
IeRgbSpace *ie_rgb_space_new (double to_xyz[3][3], double gamma);
/* 65536 entries as above, for a space of any curve. g_free(). */
float *ie_rgb_space_decode_u16 (const IeRgbSpace *space);

/* The curves in double, for tables and tests. */
double ie_srgb_decode_exact (double encoded);
double ie_srgb_encode_exact (double linear);
/* Encoded RGB (0..1) to CIELAB D50, in double; the second for sRGB. */
void ie_rgb_to_lab_exact (const IeRgbSpace *space, const double rgb[3], double lab[3]);
void ie_srgb_to_lab_exact (const double rgb[3], double lab[3]);

#define IE_LAB_EPSILON (216.0 / 24389.0)
#define IE_LAB_KAPPA (24389.0 / 27.0)

/* Pixels beyond this count as this: keeps powers of them finite, so that no difference of infinities makes a NaN. */
#define IE_SRGB_LIMIT 1e9f
#define IE_SRGB_LINEAR_LIMIT 1e28f /* about what the one above decodes to */

static inline float
ie_magnitude (float x)
{
  return ie_float_from_bits (ie_float_bits (x) & 0x7fffffff);
}

static inline float
ie_with_sign (float magnitude, float sign)
{
  return ie_float_from_bits (ie_float_bits (magnitude) | (ie_float_bits (sign) & (int32_t) 0x80000000));
}

/* x within -limit .. limit. On the bits, which are ordered as the magnitudes are; NaN becomes the limit. */
static inline float
ie_limit (float x, float limit)
{
  int32_t magnitude = ie_float_bits (x) & 0x7fffffff, most = ie_float_bits (limit);
  return ie_with_sign (ie_float_from_bits (magnitude < most ? magnitude : most), x);
}

/* x^2.4 for x >= 0: (x r)^3 with r = x^(-1/5), found as in ie_cbrtf(). Relative error below 7e-7. */
static inline float
ie_power_12_5 (float x)
{
  float r = ie_float_from_bits ((int32_t) (1277905920.0f - (float) ie_float_bits (x) * 0.2f));
  float h = 1.0f - x * r * r * r * r * r;
  r = r + r * (h * (1.0f / 5.0f + h * (3.0f / 25.0f + h * (11.0f / 125.0f))));
  h = 1.0f - x * r * r * r * r * r;
  float p = x * r;
  p = p * p * p;
  return p + p * (h * (3.0f / 5.0f));
}

/* Encoded to linear light. |x| <= IE_SRGB_LIMIT. */
static inline float
ie_srgb_decode (float x)
{
  float m = ie_magnitude (x);
  float low = m * (float) (1.0 / 12.92);
  float high = ie_power_12_5 ((m + 0.055f) * (float) (1.0 / 1.055));
  return ie_with_sign (m <= 0.04045f ? low : high, x);
}

/* Linear light (|x| up to 3e38, infinite too) to encoded: x^(1/2.4) = c^(5/4) with c = cbrt x. */
static inline float
ie_srgb_encode (float x)
{
  float m = ie_magnitude (x);
  float c = ie_cbrtf (m);
  float low = m * 12.92f;
  float high = c * ie_sqrtf (ie_sqrtf (c)) * 1.055f - 0.055f;
  return ie_with_sign (m <= 0.0031308f ? low : high, x);
}

/* g of the head of this file. */
static inline float
ie_lab_g (float t)
{
  float m = ie_magnitude (t);
  float low = m * (float) (IE_LAB_KAPPA / 116.0);
  float high = ie_cbrtf (m) - (float) (16.0 / 116.0);
  return ie_with_sign (m <= (float) IE_LAB_EPSILON ? low : high, t);
}

/* Its inverse. */
static inline float
ie_lab_g_inverse (float g)
{
  float m = ie_magnitude (g);
  float low = m * (float) (116.0 / IE_LAB_KAPPA);
  float root = m + (float) (16.0 / 116.0);
  float high = root * root * root;
  return ie_with_sign (m <= (float) (8.0 / 116.0) ? low : high, g);
}

/* One row of a matrix whose rows sum to 1. */
static inline float
ie_row (const float row[2], float first, float middle, float last)
{
  return middle + (row[0] * (first - middle) + row[1] * (last - middle));
}
