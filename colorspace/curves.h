// SPDX-License-Identifier: GPL-3.0-or-later
/* The curves of powers.h over planes, in vectors, and the few samples that lie beyond them by the formulas of
 * srgb.h. Which of the two a sample takes depends on its value alone. For files that are compiled once per level;
 * everything is static. */
#pragma once

#include "colorspace/powers.h"
#include "colorspace/srgb.h"
#include "core/convert.h"
#include "core/simd-rgb.h"
#include "core/simd-vector.h"

#define IE_SIDE 4 /* vectors side by side, at most */

/* The tables of a curve as loops have them. */
typedef struct {
  IeShortTable scale, start;
} IeOctaves;

/* Of each lane: the power of 2, in the lowest bits. Of the units that add, which these loops keep busiest on AMD's Zen, none:
 * rotated where floats are multiplied. */
static inline IeVectorBits
ie_vector_octave (IeVector x)
{
  IeVectorBits bits = (IeVectorBits) x;
#if defined __AVX512F__
  return bits >> IE_EXPONENT_SHIFT | bits << (32 - IE_EXPONENT_SHIFT);
#else
  return bits >> IE_EXPONENT_SHIFT;
#endif
}

/* ie_polynomial() and ie_mantissa() of each lane. Several vectors side by side, here and below: one waits for the result of
 * each of its steps for longer than the step takes, and compilers leave the order to us. */
static inline void
ie_vectors_polynomial (const float *power, int degree, const IeVector *d, IeVector *p, int count)
{
  for (int j = 0; j < count; j++)
    p[j] = ie_vector_all (power[degree]);
  for (int k = degree - 1; k >= 0; k--)
    for (int j = 0; j < count; j++)
      p[j] = ie_vector_fused (p[j], d[j], ie_vector_all (power[k]));
}

static inline IeVector
ie_vector_mantissa (IeVector x, float centre)
{
  return (IeVector) (((IeVectorBits) x & IE_MANTISSA) | IE_ONE_BITS) - centre;
}

static inline IeOctaves
ie_decode_load (void)
{
  return (IeOctaves){ .scale = ie_short_table_load (ie_decode_scale, IE_DECODE_OCTAVES) };
}

static inline IeOctaves
ie_encode_load (void)
{
  return (IeOctaves){ .scale = ie_short_table_load (ie_encode_scale, IE_ENCODE_OCTAVES) };
}

static inline IeOctaves
ie_g_load (void)
{
  return (IeOctaves){ ie_short_table_load (ie_g_scale, IE_G_OCTAVES), ie_short_table_load (ie_g_start, IE_G_OCTAVES) };
}

/* x <= end ? line : curve */
static inline IeVector
ie_vector_line (IeVector x, float end, IeVector line, IeVector curve)
{
  return ie_vector_at_most (x, ie_vector_all (end), line, curve);
}

/* ie_decode_at(), ie_encode_at(), ie_code_at(), ie_g_at() of each lane of up to IE_SIDE vectors, in place. */
static inline void
ie_vectors_decode (const IeOctaves *octaves, IeVector *x, int count)
{
  IeVector d[IE_SIDE], p[IE_SIDE], scale[IE_SIDE];
  for (int j = 0; j < count; j++) {
    IeVector v = x[j] + IE_DECODE_OFFSET;
    d[j] = ie_vector_mantissa (v, IE_CENTRE);
    scale[j] = ie_short_table_at (&octaves->scale, IE_DECODE_OCTAVES, ie_vector_octave (v));
  }
  ie_vectors_polynomial (ie_decode_power, IE_DECODE_DEGREE, d, p, count);
  for (int j = 0; j < count; j++) {
    IeVector curve = scale[j] * p[j];
    x[j] = ie_vector_line (x[j], IE_DECODE_LINE_END, x[j] * IE_DECODE_LINE, curve);
  }
}

/* What both kinds of encoding have above the line: the polynomial times the scale, less the offset. */
static inline void
ie_vectors_above_line (const IeOctaves *octaves, const float *power, int degree, float offset, const IeVector *x, IeVector *curve,
                       int count)
{
  IeVector d[IE_SIDE];
  for (int j = 0; j < count; j++)
    d[j] = ie_vector_mantissa (x[j], IE_CENTRE);
  ie_vectors_polynomial (power, degree, d, curve, count);
  for (int j = 0; j < count; j++) {
    IeVector scale = ie_short_table_at (&octaves->scale, IE_ENCODE_OCTAVES, ie_vector_octave (x[j]));
    curve[j] = ie_vector_fused (scale, curve[j], ie_vector_all (-offset));
  }
}

static inline void
ie_vectors_encode (const IeOctaves *octaves, IeVector *x, int count)
{
  IeVector curve[IE_SIDE];
  ie_vectors_above_line (octaves, ie_encode_power, IE_ENCODE_DEGREE, IE_ENCODE_OFFSET, x, curve, count);
  for (int j = 0; j < count; j++)
    x[j] = ie_vector_line (x[j], IE_ENCODE_LINE_END, x[j] * IE_ENCODE_LINE, curve[j]);
}

static inline void
ie_vectors_code (const IeOctaves *octaves, IeVector *x, int count)
{
  IeVector curve[IE_SIDE];
  ie_vectors_above_line (octaves, ie_code_power, IE_CODE_DEGREE, IE_CODE_OFFSET, x, curve, count);
  for (int j = 0; j < count; j++)
    x[j] = ie_vector_line (x[j], IE_ENCODE_LINE_END, x[j] * IE_CODE_LINE + 0.5f, curve[j]);
}

static inline void
ie_vectors_g (const IeOctaves *octaves, IeVector *x, int count)
{
  IeVector d[IE_SIDE], p[IE_SIDE];
  for (int j = 0; j < count; j++)
    d[j] = ie_vector_mantissa (x[j], IE_G_CENTRE);
  ie_vectors_polynomial (ie_g_power, IE_G_DEGREE - 1, d, p, count);
  for (int j = 0; j < count; j++) {
    IeVectorBits octave = ie_vector_octave (x[j]);
    IeVector scale = ie_short_table_at (&octaves->scale, IE_G_OCTAVES, octave);
    IeVector start = ie_short_table_at (&octaves->start, IE_G_OCTAVES, octave);
    IeVector curve = ie_vector_fused (scale, d[j] * p[j], start);
    x[j] = ie_vector_line (x[j], IE_G_LINE_END, x[j] * IE_G_LINE, curve);
  }
}

/* Zeroes behind a plane, up to whole vectors. */
static inline void
ie_pad (float *plane, int count)
{
  for (int i = count; i < ie_vector_round (count); i++)
    plane[i] = 0.0f;
}

/* Of a magnitude, or of NaN. */
static inline gboolean
ie_is_beyond (float magnitude, float limit)
{
  return (guint32) ie_float_bits (magnitude) >= (guint32) ie_float_bits (limit);
}

/* One sample, on its own or beyond the curve; below 0 the curves go on as odd functions. */
static inline float
ie_decode_sample (float x)
{
  float m = ie_magnitude (x);
  return ie_is_beyond (m, IE_DECODE_LIMIT) ? ie_srgb_decode (ie_limit (x, IE_SRGB_LIMIT)) : ie_with_sign (ie_decode_at (m), x);
}

static inline float
ie_encode_sample (float x)
{
  float m = ie_magnitude (x);
  return ie_is_beyond (m, IE_ENCODE_LIMIT) ? ie_srgb_encode (x) : ie_with_sign (ie_encode_at (m), x);
}

static inline float
ie_g_sample (float x)
{
  float m = ie_magnitude (x);
  return ie_is_beyond (m, IE_G_LIMIT) ? ie_lab_g (x) : ie_with_sign (ie_g_at (m), x);
}

/* Rows of floats through a curve; in and out do not overlap. */
#define IE_CURVE_ROW(name, limit) \
  static inline IeVectorBits ie_##name##_some (const IeOctaves *octaves, const float *in, float *out, IeVectorBits most, \
                                               int vectors) \
  { \
    IeVector x[IE_SIDE]; \
    for (int j = 0; j < vectors; j++) { \
      x[j] = ie_vector_magnitude (ie_vector_load (in + j * IE_VECTOR)); \
      most = ie_vector_most_bits (most, (IeVectorBits) x[j]); \
    } \
    ie_vectors_##name (octaves, x, vectors); \
    for (int j = 0; j < vectors; j++) \
      ie_vector_store (ie_vector_with_sign (x[j], ie_vector_load (in + j * IE_VECTOR)), out + j * IE_VECTOR); \
    return most; \
  } \
  static inline void ie_##name##_row (const float *in, float *out, int count) \
  { \
    IeOctaves octaves = ie_##name##_load (); \
    IeVectorBits most = { 0 }; \
    int i = 0; \
    for (; i + IE_SIDE * IE_VECTOR <= count; i += IE_SIDE * IE_VECTOR) \
      most = ie_##name##_some (&octaves, in + i, out + i, most, IE_SIDE); \
    for (; i + IE_VECTOR <= count; i += IE_VECTOR) \
      most = ie_##name##_some (&octaves, in + i, out + i, most, 1); \
    if (ie_vector_reaches (most, (guint32) ie_float_bits (limit))) \
      for (int k = 0; k < i; k++) \
        out[k] = ie_##name##_sample (in[k]); \
    for (; i < count; i++) \
      out[i] = ie_##name##_sample (in[i]); \
  }
IE_CURVE_ROW (decode, IE_DECODE_LIMIT) /* encoded sRGB to linear light */
IE_CURVE_ROW (encode, IE_ENCODE_LIMIT)

/* 0..1, of numbers; as integers, which are compared anywhere, while floats wait for the units that add. */
static inline IeVector
ie_vector_unit (IeVector x)
{
  IeVectorInts one = (IeVectorInts) ie_vector_all (1.0f), zero = { 0 };
  return (IeVector) ie_vector_smaller_int (ie_vector_larger_int ((IeVectorInts) x, zero), one);
}

/* Added to a number of -0.5 .. 2^16, the sum's lowest bits are the nearest integer, the even one of two: between 2^23 and
 * 2^24 a float has no bits for more. */
#define IE_ROUND_BITS 0x1.8p23f

/* At most 1, of numbers. */
static inline IeVector
ie_vector_at_most_one (IeVector x)
{
  return (IeVector) ie_vector_smaller_int ((IeVectorInts) x, (IeVectorInts) ie_vector_all (1.0f));
}

static inline void
ie_vectors_codes_u8 (const IeOctaves *octaves, const float *const planes[3], int i, guint8 *out)
{
  IeVector code[3];
  IeVectorInts whole[3];
  for (int c = 0; c < 3; c++)
    code[c] = ie_vector_at_most_one (ie_vector_load (planes[c] + i));
  ie_vectors_code (octaves, code, 3);
  for (int c = 0; c < 3; c++)
    whole[c] = __builtin_convertvector (code[c], IeVectorInts);
  ie_simd_join_u8 (whole[0], whole[1], whole[2], out);
}

/* Linear light of sRGB, in planes of whole vectors, to pixels of three 8-bit codes. */
static inline void
ie_codes_u8 (const float *r, const float *g, const float *b, guint8 *out, int count)
{
  const float *planes[3] = { r, g, b };
  IeOctaves octaves = ie_encode_load ();
  int i = 0;
  for (; i + IE_JOIN_ROOM <= count; i += IE_VECTOR)
    ie_vectors_codes_u8 (&octaves, planes, i, out + 3 * i);
  for (; i < count; i += IE_VECTOR) {
    guint8 last[3 * IE_JOIN_ROOM];
    ie_vectors_codes_u8 (&octaves, planes, i, last);
    memcpy (out + 3 * i, last, (gsize) (3 * MIN (IE_VECTOR, count - i)));
  }
}

static inline void
ie_vectors_codes_u16 (const IeOctaves *octaves, const float *const planes[3], int i, IeVectorInts whole[3])
{
  IeVector code[3];
  for (int c = 0; c < 3; c++)
    code[c] = ie_vector_unit (ie_vector_load (planes[c] + i));
  ie_vectors_encode (octaves, code, 3);
  for (int c = 0; c < 3; c++)
    whole[c] = __builtin_convertvector (code[c] * 65535.0f + 0.5f, IeVectorInts);
}

#define IE_CODES_AT_ONCE 256 /* pixels, at most */

/* The same to 16-bit codes: the float result, rounded. */
static inline void
ie_codes_u16 (const float *r, const float *g, const float *b, guint16 *out, int count)
{
  const float *planes[3] = { r, g, b };
  IeOctaves octaves = ie_encode_load ();
  IeVectorInts whole[3];
#ifdef IE_JOINS_U16_VECTORS
  int i = 0;
  for (; i + IE_VECTOR <= count; i += IE_VECTOR) {
    ie_vectors_codes_u16 (&octaves, planes, i, whole);
    ie_simd_join_u16_vectors (whole[0], whole[1], whole[2], out + 3 * i);
  }
  if (i < count) {
    guint16 last[3 * IE_VECTOR];
    ie_vectors_codes_u16 (&octaves, planes, i, whole);
    ie_simd_join_u16_vectors (whole[0], whole[1], whole[2], last);
    memcpy (out + 3 * i, last, sizeof (guint16) * (gsize) (3 * (count - i)));
  }
#else
  typedef guint16 Codes __attribute__ ((vector_size (2 * IE_VECTOR)));
  guint16 codes[3][IE_CODES_AT_ONCE];
  for (int i = 0; i < count; i += IE_VECTOR) {
    ie_vectors_codes_u16 (&octaves, planes, i, whole);
    for (int c = 0; c < 3; c++) {
      Codes narrow = __builtin_convertvector (whole[c], Codes);
      memcpy (codes[c] + i, &narrow, sizeof narrow);
    }
  }
  ie_simd_join_u16 (codes[0], codes[1], codes[2], out, count);
#endif
}

static inline void
ie_vectors_decode_codes (const IeOctaves *octaves, float *plane, int vectors)
{
  IeVector x[IE_SIDE];
  for (int j = 0; j < vectors; j++) {
    x[j] = ie_vector_load (plane + j * IE_VECTOR);
    x[j] = x[j] * IE_INVERSE_65535_HIGH + x[j] * IE_INVERSE_65535_LOW;
  }
  ie_vectors_decode (octaves, x, vectors);
  for (int j = 0; j < vectors; j++)
    ie_vector_store (x[j], plane + j * IE_VECTOR);
}

/* 16-bit codes as floats to linear light, in place; whole vectors. */
static inline void
ie_decode_codes (float *plane, int count)
{
  IeOctaves octaves = ie_decode_load ();
  int i = 0;
  for (; i + IE_SIDE * IE_VECTOR <= count; i += IE_SIDE * IE_VECTOR)
    ie_vectors_decode_codes (&octaves, plane + i, IE_SIDE);
  for (; i < count; i += IE_VECTOR)
    ie_vectors_decode_codes (&octaves, plane + i, 1);
}
