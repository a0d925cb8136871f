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
#include "core/simd-table.h"

#include <glib.h>

/* The table from linear light to 8 bits goes by the bits of the float: 1024 entries from each power of 2 to the next, 0.08
 * codes an entry at most in sRGB, from IE_ENCODE_LEAST, where even a gamma of 2.6 has not reached code 0.5, to 1. */
#define IE_ENCODE_SHIFT 13
#define IE_ENCODE_LEAST 0x33800000 /* bits of 2^-24 */
#define IE_ENCODE_MOST 0x3f800000  /* bits of 1 */
#define IE_ENCODE_STEPS (((IE_ENCODE_MOST - IE_ENCODE_LEAST) >> IE_ENCODE_SHIFT) + 1)

/* A tabulated curve: linear light at k / last, strictly increasing. Between entries straight lines (ICC.1:2010, 10.5),
 * above 1 the last of them; below 0 it goes on as an odd function around its first entry. */
typedef struct {
  float black;  /* the first entry; the others are less this one: */
  int last;     /* index of the last entry, at least 1 */
  int span;     /* the largest power of 2 that is not above last */
  float *value; /* 2 span entries: those after the last are as large as can be, for the search of the inverse */
} IeCurve;

/* An RGB space of three primaries, and one curve for all channels by formula, or tabulated curves. */
typedef struct {
  double gamma; /* its curve: linear light is the encoded value to this power, odd beyond 0; or 0: the curve of sRGB */
  IeCurve *curve[3]; /* of R, G, B, perhaps the same one; NULL: the formula above */
  /* Linear RGB to XYZ / white and back: first and last number of each row; the middle one is 1 less both. */
  float to_x[2], to_y[2], to_z[2];
  float to_r[2], to_g[2], to_b[2];
  double to_xyz[3][3], to_rgb[3][3]; /* the same in full */
  float *decode_u8[3];    /* code -> linear light: 256 entries a channel, perhaps the same ones */
  IeSimdTable *split_u8;  /* the same for ie_simd_table_rgb(), where all channels share theirs; else NULL */
  float black, white;     /* linear light of 0 and 1: 0 and 1 in all but odd profiles */
  float lowest, highest;  /* half an 8-bit code beyond them */
  guint8 *encode_u8[3];   /* ie_encode_index (linear light) -> code. NULL where a curve is too steep for it */
} IeRgbSpace;

/* sRGB, made once per process. Any thread. */
const IeRgbSpace *ie_srgb (void);
/* 65536 entries: 16-bit code -> linear light of sRGB; made once per process, when first asked for. Any thread. */
const float *ie_srgb_decode_u16 (void);

/* A space of that matrix (linear RGB to XYZ / white; its rows are brought to a sum of 1) and curve. Free with
 * ie_rgb_space_free(). */
IeRgbSpace *ie_rgb_space_new (double to_xyz[3][3], double gamma);
/* The same with tabulated curves, which it owns from now on; a curve may be given more than once. */
IeRgbSpace *ie_rgb_space_new_curves (double to_xyz[3][3], IeCurve *const curve[3]);
void ie_rgb_space_free (IeRgbSpace *space);
/* 65536 entries as above for one channel of a space. g_free(). */
float *ie_rgb_space_decode_u16 (const IeRgbSpace *space, int channel);

/* A curve of `count` entries in 0..1, of which equal ones are steps of 16-bit rounding: they are set apart by less than
 * IE_CURVE_APART together. NULL when it falls by more than rounding, or has steps that float cannot set apart (a curve
 * that cuts highlights off): then it has no inverse. ie_curve_free(). */
IeCurve *ie_curve_new (const double *entries, int count);
void ie_curve_free (IeCurve *curve);
#define IE_CURVE_APART (0.2 / 65535.0) /* 0.003 of L* at most */

/* The curves in double, for tables and tests. */
double ie_rgb_decode_exact (const IeRgbSpace *space, int channel, double encoded);
double ie_rgb_encode_exact (const IeRgbSpace *space, int channel, double linear);
double ie_srgb_decode_exact (double encoded);
double ie_srgb_encode_exact (double linear);
/* Encoded RGB (0..1) to CIELAB D50, in double; the second for sRGB. */
void ie_rgb_to_lab_exact (const IeRgbSpace *space, const double rgb[3], double lab[3]);
void ie_srgb_to_lab_exact (const double rgb[3], double lab[3]);

#define IE_LAB_EPSILON (216.0 / 24389.0)
#define IE_LAB_KAPPA (24389.0 / 27.0)

/* Entry of encode_u8 for linear light; below 0 and NaN the first, above 1 the last. */
static inline int
ie_encode_index (float linear)
{
  int32_t bits = ie_float_bits (linear);
  bits = bits > 0x7f800000 ? 0 : bits;
  bits = bits < IE_ENCODE_MOST ? bits : IE_ENCODE_MOST;
  bits = bits > IE_ENCODE_LEAST ? bits : IE_ENCODE_LEAST;
  return (bits - IE_ENCODE_LEAST) >> IE_ENCODE_SHIFT;
}

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

/* 0..1 with NaN to 0, on the bits (see core/convert.c). */
static inline float
ie_unit (float v)
{
  int32_t bits = ie_float_bits (v);
  bits = bits > 0x7f800000 ? 0 : bits;
  bits = MAX (bits, 0);
  return ie_float_from_bits (MIN (bits, 0x3f800000));
}

/* x^2.4 for x >= 0. A guess r of x^(-1/5) as in ie_cbrtf(), h = 1 - x r^5, |h| <= 0.155; then (x r)^3 (1 - h)^(-3/5),
 * the last by a polynomial fitted on |h| <= 0.18: 3.3e-8. Relative error below 4.3e-7. */
static inline float
ie_power_12_5 (float x)
{
  float r = ie_float_from_bits ((int32_t) (1277905344.0f - (float) ie_float_bits (x) * 0.2f));
  float s = r * r;
  float y = x * r;
  float h = 1.0f - y * (s * s);
  float h2 = h * h;
  float q = (0.4157144427f + h * 0.3739177883f) + h2 * (0.3621449769f + h * 0.3428942965f);
  q = (0.6000010967f + h * 0.4800032377f) + h2 * q;
  float p = y * y * y;
  return p + p * (h * q);
}

/* x^(5/12) for 2^-126 <= x <= 3.38e38; above that as there. A guess r of x^(-1/12): the logarithm linear between powers
 * of 2 as in ie_cbrtf(), the power of 2 by a parabola, h = 1 - x r^12, |h| <= 0.055; then x r^7 (1 - h)^(-7/12), the last
 * by a polynomial fitted on |h| <= 0.06: 1.7e-8. Relative error below 2.1e-7. */
static inline float
ie_power_5_12_finite (float x) /* the same for x in that range */
{
  int32_t bits = ie_float_bits (x);
  int32_t guess = (int32_t) (1154100096.0f - (float) bits * (1.0f / 12.0f));
  float m = ie_float_from_bits ((guess & 0x007fffff) | 0x3f800000);
  float r = ie_float_from_bits (guess & 0x7f800000) * (0.69696934f + m * (m * 0.34266192f - 0.03587906f));
  float r2 = r * r;
  float r4 = r2 * r2;
  float y = x * (r4 * r2);
  float h = 1.0f - y * (r4 * r2);
  float q = (0.583332020f + h * 0.461803153f) + (h * h) * (0.399135053f + h * 0.358000809f);
  float p = y * r;
  return p + p * (h * q);
}

static inline float
ie_power_5_12 (float x)
{
  int32_t bits = ie_float_bits (x);
  return ie_power_5_12_finite (ie_float_from_bits (bits < 0x7f7f0000 ? bits : 0x7f7f0000));
}

/* Encoded to linear light, 0 <= m <= IE_SRGB_LIMIT. */
static inline float
ie_srgb_decode_magnitude (float m)
{
  float low = m * (float) (1.0 / 12.92);
  float high = ie_power_12_5 ((m + 0.055f) * (float) (1.0 / 1.055));
  return m <= 0.04045f ? low : high;
}

/* The same, |x| <= IE_SRGB_LIMIT. */
static inline float
ie_srgb_decode (float x)
{
  return ie_with_sign (ie_srgb_decode_magnitude (ie_magnitude (x)), x);
}

/* Linear light (|x| up to 3e38, infinite too) to encoded: x^(1 / 2.4). */
static inline float
ie_srgb_encode (float x)
{
  float m = ie_magnitude (x);
  float low = m * 12.92f;
  float high = ie_power_5_12 (m) * 1.055f - 0.055f;
  return ie_with_sign (m <= 0.0031308f ? low : high, x);
}

/* Encoded to linear light by a table. |x| <= IE_SRGB_LIMIT. */
static inline float
ie_curve_decode (const IeCurve *curve, float x)
{
  float position = ie_magnitude (x) * (float) curve->last, most = (float) (curve->last - 1);
  int i = (int) (position < most ? position : most);
  float low = curve->value[i];
  return curve->black + ie_with_sign (low + (position - (float) i) * (curve->value[i + 1] - low), x);
}

/* The other way. |x| <= IE_SRGB_LINEAR_LIMIT. */
static inline float
ie_curve_encode (const IeCurve *curve, float x)
{
  float m = ie_magnitude (x - curve->black);
  int i = 0;
  for (int step = curve->span; step > 0; step >>= 1)
    i = curve->value[i + step] <= m ? i + step : i;
  i = i < curve->last ? i : curve->last - 1;
  float low = curve->value[i];
  return ie_with_sign (((float) i + (m - low) / (curve->value[i + 1] - low)) / (float) curve->last, x - curve->black);
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
