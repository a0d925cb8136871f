// SPDX-License-Identifier: GPL-3.0-or-later
/* The curves of sRGB and CIELAB that are powers: decoding, ((x + 0.055) / 1.055)^2.4, encoding, 1.055 x^(1/2.4) - 0.055, and
 * g (srgb.h), x^(1/3) - 16/116, each with the straight line that its standard has at the low end.
 *
 * x is 2^e m, 1 <= m < 2, and x^p is 2^(pe) m^p: the first from a table of few numbers, which every level of vectors has in
 * registers, the second a polynomial in m less 1.5 or so. The polynomials have the least largest relative error (E. Remez, Comptes
 * rendus 199, 1934), found in double and rounded. From one power of 2 to the next those of even degree step up, by twice that
 * error, the others not at all.
 *
 * Largest errors, measured (tests/test-colour.c holds them to it): decoding 6e-7 of the value; encoding 2.8e-7, above 1 6e-7 of
 * the value; 8-bit codes 0.02 of a code; g 6.5e-8. */
#pragma once

#include "core/elementary.h"

#include <glib.h>

/* Of a curve's powers of 2, as its table has them: by the lowest bits of the exponent. */
#define IE_DECODE_OCTAVES 8  /* 2^-7 .. 2 */
#define IE_ENCODE_OCTAVES 16 /* 2^-9 .. 2^7 */
#define IE_G_OCTAVES 8       /* 2^-7 .. 2 */

#define IE_DECODE_DEGREE 5
#define IE_ENCODE_DEGREE 6
#define IE_CODE_DEGREE 3
#define IE_G_DEGREE 7

#define IE_DECODE_LINE_END 0.04045f
#define IE_DECODE_LINE ((float) (1.0 / 12.92)) /* its slope */
#define IE_DECODE_OFFSET 0.055f
#define IE_ENCODE_LINE_END 0.0031308f
#define IE_ENCODE_LINE 12.92f
#define IE_G_LINE_END ((float) (216.0 / 24389.0))
#define IE_G_LINE ((float) (24389.0 / 27.0 / 116.0))

/* From here on the curves are not known: the table has no more powers of 2. */
#define IE_DECODE_LIMIT 1.9f
#define IE_ENCODE_LIMIT 128.0f
#define IE_G_LIMIT 2.0f

#define IE_CENTRE 1.5f

/* Decoding: scale[e] (power[0] + power[1] d + ...) of x + 0.055. */
static const float ie_decode_power[IE_DECODE_DEGREE + 1] = {
  0x1.29de1p+1f, 0x1.dc96bp+1f, 0x1.bcd2bp+0f, 0x1.3c1ecap-3f, -0x1.02c18p-6f, 0x1.e38efcp-9f
};
static const float ie_decode_scale[IE_DECODE_OCTAVES] = {
  0x1.261118p-17f, 0x1.8406p-15f, 0x1p-12f, 0x1.51cb46p-10f, 0x1.bdb8cep-8f, 0x1.261118p-5f, 0x1.8406p-3f, 1.0f
};

/* Encoding: scale[e] (power[0] + power[1] d + ...) - 0.055. */
static const float ie_encode_power[IE_ENCODE_DEGREE + 1] = {
  0x1.3fca0ap+0f, 0x1.6352f2p-2f, -0x1.146442p-4f, 0x1.839a14p-6f, -0x1.4b5434p-7f, 0x1.69fe5ap-8f, -0x1.8ac062p-9f
};
static const float ie_encode_scale[IE_ENCODE_OCTAVES] = {
  0x1.55b81p+0f, 0x1.c823ep+0f, 0x1.306fep+1f, 0x1.965feap+1f, 0x1.0f38fap+2f, 0x1.6a09e6p+2f, 0x1.306fep-4f,
  0x1.965feap-4f, 0x1.0f38fap-3f, 0x1.6a09e6p-3f, 0x1.e3437ep-3f, 0x1.428a3p-2f, 0x1.ae89fap-2f, 0x1.1f59acp-1f,
  0x1.7f910ep-1f, 1.0f
};
#define IE_ENCODE_OFFSET 0.055f

/* The same to 8-bit codes, plus 1/2. */
static const float ie_code_power[IE_CODE_DEGREE + 1] = {
  0x1.3e8fccp+8f, 0x1.61add8p+6f, -0x1.1e4d64p+4f, 0x1.aac9fap+2f
};
#define IE_CODE_OFFSET ((float) (255.0 * 0.055 - 0.5))
#define IE_CODE_LINE ((float) (255.0 * 12.92))

/* g: start[e] + scale[e] d (power[0] + power[1] d + ...). Of the floats near 1.5 the centre is one where all starts are nearest
 * to floats (S. Gal, Computing elementary functions: a new approach for achieving high accuracy and good performance, LNCS 235,
 * 1986), so that the sum is rounded once, near enough: errors of g are what dark channels of bright pixels come back with. */
static const float ie_g_power[IE_G_DEGREE] = {
  0x1.048df8p-2f, -0x1.cf6b22p-5f, 0x1.577f78p-6f, -0x1.2f3b04p-7f, 0x1.25c462p-8f, -0x1.6a464ap-9f, 0x1.a10608p-10f
};
static const float ie_g_scale[IE_G_OCTAVES] = {
  0x1.965feap-3f, 0x1p-2f, 0x1.428a3p-2f, 0x1.965feap-2f, 0x1p-1f, 0x1.428a3p-1f, 0x1.965feap-1f, 1.0f
};
static const float ie_g_start[IE_G_OCTAVES] = {
  0x1.6d4716p-4f, 0x1.2f88a4p-3f, 0x1.c7da0ep-3f, 0x1.43e156p-2f, 0x1.bcc66ep-2f, 0x1.2a8becp-1f, 0x1.8a803cp-1f,
  0x1.01b2aap+0f
};
#define IE_G_CENTRE 0x1.7fd928p+0f

#define IE_MANTISSA 0x007fffff
#define IE_ONE_BITS 0x3f800000 /* of 1.0f */
#define IE_EXPONENT_SHIFT 23

/* a b + c rounded once, as processors with such an instruction compute it. All that is computed by it here depends on nothing
 * but the mantissa and the power of 2: tests/test-colour.c compares each of these sums with that of fmaf(). */
static inline float
ie_fused (float a, float b, float c)
{
  return (float) ((double) a * (double) b + (double) c);
}

/* One sample, as the vectors of curves.h compute it. */
static inline float
ie_polynomial (const float *power, int degree, float d)
{
  float p = power[degree];
  for (int k = degree - 1; k >= 0; k--)
    p = ie_fused (p, d, power[k]);
  return p;
}

static inline float
ie_mantissa (float x, float centre)
{
  return ie_float_from_bits ((ie_float_bits (x) & IE_MANTISSA) | IE_ONE_BITS) - centre;
}

static inline float
ie_octave (const float *numbers, int octaves, float x)
{
  return numbers[(ie_float_bits (x) >> IE_EXPONENT_SHIFT) & (octaves - 1)];
}

static inline float
ie_decode_at (float x)
{
  float v = x + IE_DECODE_OFFSET;
  float curve = ie_octave (ie_decode_scale, IE_DECODE_OCTAVES, v) * ie_polynomial (ie_decode_power, IE_DECODE_DEGREE, ie_mantissa (v, IE_CENTRE));
  return x <= IE_DECODE_LINE_END ? x * IE_DECODE_LINE : curve;
}

static inline float
ie_g_at (float x)
{
  float d = ie_mantissa (x, IE_G_CENTRE), scale = ie_octave (ie_g_scale, IE_G_OCTAVES, x);
  float curve = ie_fused (scale, d * ie_polynomial (ie_g_power, IE_G_DEGREE - 1, d), ie_octave (ie_g_start, IE_G_OCTAVES, x));
  return x <= IE_G_LINE_END ? x * IE_G_LINE : curve;
}

static inline float
ie_encode_at (float x)
{
  float scale = ie_octave (ie_encode_scale, IE_ENCODE_OCTAVES, x);
  float curve = ie_fused (scale, ie_polynomial (ie_encode_power, IE_ENCODE_DEGREE, ie_mantissa (x, IE_CENTRE)), -IE_ENCODE_OFFSET);
  return x <= IE_ENCODE_LINE_END ? x * IE_ENCODE_LINE : curve;
}

/* 0 <= x <= 1 */
static inline float
ie_code_at (float x)
{
  float scale = ie_octave (ie_encode_scale, IE_ENCODE_OCTAVES, x);
  float curve = ie_fused (scale, ie_polynomial (ie_code_power, IE_CODE_DEGREE, ie_mantissa (x, IE_CENTRE)), -IE_CODE_OFFSET);
  return x <= IE_ENCODE_LINE_END ? x * IE_CODE_LINE + 0.5f : curve;
}
