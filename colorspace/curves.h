// SPDX-License-Identifier: GPL-3.0-or-later
/* The curves of pieces.h over planes, in vectors, and the few samples that lie beyond the pieces by the formulas of
 * srgb.h. Which of the two a sample takes depends on its value alone. For files that are compiled once per level;
 * everything is static. */
#pragma once

#include "colorspace/pieces.h"
#include "colorspace/srgb.h"
#include "core/convert.h"
#include "core/simd-prefetch.h"
#include "core/simd-vector.h"

/* A curve as loops have it. */
typedef struct {
  IeTables numbers;
  IeVector shift, below;
} IeLoadedPieces;

static inline IeLoadedPieces
ie_pieces_load (const IePieces *pieces, int degree)
{
  int count = degree == IE_G_DEGREE ? IE_PIECES_NUMBERS : degree + 1; /* the middles where they may be other than 0 */
  return (IeLoadedPieces){ ie_tables_load (pieces->number[0], pieces->row[0], count), ie_vector_all (pieces->shift),
                           ie_vector_all (pieces->below) };
}

/* The number of each lane's piece in its lowest five bits; others may be set too. Of the units that add, which these loops
 * keep busiest on AMD's Zen, none: integers are compared anywhere, and rotated where floats are multiplied. */
static inline IeVectorBits
ie_vector_piece (const IeLoadedPieces *pieces, IeVector y, int drop)
{
  IeVectorBits bits = (IeVectorBits) ie_vector_larger_int ((IeVectorInts) y, (IeVectorInts) pieces->below);
#if defined __AVX512F__
  return bits >> drop | bits << (32 - drop);
#else
  return bits >> drop;
#endif
}

/* ie_pieces_at() of each lane, where all middles are 0; y: x + shift. */
static inline IeVector
ie_pieces_vector (const IeLoadedPieces *pieces, int degree, int drop, IeVector x, IeVector y)
{
  IeVectorBits index = ie_vector_piece (pieces, y, drop);
  IeVector number[IE_TABLES];
  ie_tables_at (&pieces->numbers, degree + 1, index, number);
  IeVector p = number[degree];
  for (int k = degree - 1; k >= 0; k--)
    p = p * x + number[k];
  return p;
}

/* Zeroes behind a plane, up to whole vectors. */
static inline void
ie_pad (float *plane, int count)
{
  for (int i = count; i < ie_vector_round (count); i++)
    plane[i] = 0.0f;
}

static inline gboolean
ie_is_beyond (float checked, const IePieces *pieces)
{
  return (guint32) ie_float_bits (checked) >= pieces->limit;
}

/* One sample, on its own or beyond the pieces. */
static inline float
ie_decode_sample (const IePieces *pieces, float x)
{
  return ie_is_beyond (x, pieces) ? ie_srgb_decode (ie_limit (x, IE_SRGB_LIMIT)) : ie_pieces_at (pieces, x);
}

static inline float
ie_encode_sample (const IePieces *pieces, float x)
{
  return ie_is_beyond (x + pieces->shift, pieces) ? ie_srgb_encode (x) : ie_pieces_at (pieces, x);
}

static inline float
ie_g_sample (const IePieces *pieces, float x)
{
  return ie_is_beyond (x + pieces->shift, pieces) ? ie_lab_g (x) : ie_pieces_at (pieces, x);
}

/* Encoded sRGB to linear light; in and out do not overlap. */
static inline void
ie_decode_row (const float *in, float *out, int count)
{
  const IePieces *pieces = ie_pieces_decode ();
  IeLoadedPieces loaded = ie_pieces_load (pieces, IE_DECODE_DEGREE);
  IeVectorBits most = { 0 };
  int i = 0;
  for (; i + IE_VECTOR <= count; i += IE_VECTOR) {
    IeVector x = ie_vector_load (in + i);
    most = ie_vector_most_bits (most, (IeVectorBits) x);
    ie_vector_store (ie_pieces_vector (&loaded, IE_DECODE_DEGREE, IE_DECODE_DROP, x, x + loaded.shift), out + i);
  }
  if (ie_vector_reaches (most, pieces->limit))
    for (int k = 0; k < i; k++)
      out[k] = ie_is_beyond (in[k], pieces) ? ie_decode_sample (pieces, in[k]) : out[k];
  for (; i < count; i++)
    out[i] = ie_decode_sample (pieces, in[i]);
}

/* Linear light to encoded sRGB; in and out do not overlap. */
static inline void
ie_encode_row (const float *in, float *out, int count)
{
  const IePieces *pieces = ie_pieces_encode ();
  IeLoadedPieces loaded = ie_pieces_load (pieces, IE_ENCODE_DEGREE);
  IeVectorBits most = { 0 };
  int i = 0;
  for (; i + IE_VECTOR <= count; i += IE_VECTOR) {
    IeVector x = ie_vector_load (in + i), y = x + loaded.shift;
    most = ie_vector_most_bits (most, (IeVectorBits) y);
    ie_vector_store (ie_pieces_vector (&loaded, IE_ENCODE_DEGREE, IE_ENCODE_DROP, x, y), out + i);
  }
  if (ie_vector_reaches (most, pieces->limit))
    for (int k = 0; k < i; k++)
      out[k] = ie_is_beyond (in[k] + pieces->shift, pieces) ? ie_encode_sample (pieces, in[k]) : out[k];
  for (; i < count; i++)
    out[i] = ie_encode_sample (pieces, in[i]);
}

/* 0..1, of numbers; as integers, see ie_vector_piece(). */
static inline IeVector
ie_vector_unit (IeVector x)
{
  IeVectorInts one = (IeVectorInts) ie_vector_all (1.0f), zero = { 0 };
  return (IeVector) ie_vector_smaller_int (ie_vector_larger_int ((IeVectorInts) x, zero), one);
}

/* Added to a number of -0.5 .. 2^16, the sum's lowest bits are the nearest integer, the even one of two: between 2^23 and
 * 2^24 a float has no bits for more. */
#define IE_ROUND_BITS 0x1.8p23f
/* Added to a number of 0.5 .. 2^16, the sum's lowest bits are its integer part: the float has no bits left for more. (Of an
 * integer itself it may be one less.) */
#define IE_FLOOR_BITS 0x1.fffffep22f /* 2^23 - 1/2 */

/* The lowest byte of the first, the second of the next, and all others of the third, each shifted there. */
static inline IeVectorBits
ie_vector_join_bytes (IeVectorBits a, IeVectorBits b, IeVectorBits c)
{
  b = b << 8 | b >> 24; /* rotated, for the same reason */
  c = c << 16 | c >> 16;
  b = (a & 0xffu) | (b & ~0xffu);
  return (b & 0xffffu) | (c & ~0xffffu);
}

/* Linear light of sRGB, in planes of whole vectors, to numbers whose lower bytes are the 8-bit codes of red, green, blue. */
static inline void
ie_codes_u8 (const float *restrict r, const float *restrict g, const float *restrict b, guint32 *restrict pixels, int count)
{
  const float *planes[3] = { r, g, b };
  IeLoadedPieces loaded = ie_pieces_load (ie_pieces_code_u8 (), IE_CODE_DEGREE);
  for (int i = 0; i < count; i += IE_VECTOR) {
    IeVectorBits code[3];
    for (int c = 0; c < 3; c++) {
      IeVector x = ie_vector_unit (ie_vector_load (planes[c] + i));
      code[c] = (IeVectorBits) (ie_pieces_vector (&loaded, IE_CODE_DEGREE, IE_ENCODE_DROP, x, x + loaded.shift) + IE_FLOOR_BITS);
    }
    IeVectorBits pixel = ie_vector_join_bytes (code[0], code[1], code[2]);
    memcpy (pixels + i, &pixel, sizeof pixel);
  }
}

/* To 16-bit codes: the float result, rounded. Whole vectors. */
static inline void
ie_codes_u16 (const float *restrict plane, guint16 *restrict codes, int count)
{
  typedef guint16 Codes __attribute__ ((vector_size (2 * IE_VECTOR)));
  IeLoadedPieces loaded = ie_pieces_load (ie_pieces_encode (), IE_ENCODE_DEGREE);
  for (int i = 0; i < count; i += IE_VECTOR) {
    IeVector x = ie_vector_unit (ie_vector_load (plane + i));
    IeVector p = ie_pieces_vector (&loaded, IE_ENCODE_DEGREE, IE_ENCODE_DROP, x, x + loaded.shift) * 65535.0f + 0.5f;
    Codes code = __builtin_convertvector (__builtin_convertvector (p, IeVectorInts), Codes);
    memcpy (codes + i, &code, sizeof code);
  }
}

/* 16-bit codes as floats to linear light, in place; whole vectors. */
static inline void
ie_decode_codes (float *plane, int count)
{
  IeLoadedPieces loaded = ie_pieces_load (ie_pieces_decode (), IE_DECODE_DEGREE);
  for (int i = 0; i < count; i += IE_VECTOR) {
    IeVector x = ie_vector_load (plane + i);
    x = x * IE_INVERSE_65535_HIGH + x * IE_INVERSE_65535_LOW;
    ie_vector_store (ie_pieces_vector (&loaded, IE_DECODE_DEGREE, IE_DECODE_DROP, x, x + loaded.shift), plane + i);
  }
}

/* Memory that will be needed soon, asked for while a loop computes: so many bytes a vector. All at once would be more
 * than the processor keeps in flight, and it would wait. */
typedef struct {
  const char *at;
  int step;
  gboolean to_write;
} IeAhead;

static inline void
ie_ahead (IeAhead ahead, int vector)
{
  const char *at = ahead.at + (gsize) vector * (gsize) ahead.step;
  for (int i = 0; i < ahead.step; i += IE_CACHE_LINE)
    if (ahead.to_write)
      __builtin_prefetch (at + i, 1);
    else
      __builtin_prefetch (at + i, 0);
}

/* Three vectors. */
typedef struct {
  IeVector a, b, c;
} IeVectors;

/* Three rows of a matrix whose rows sum to 1: the first and last numbers of each. */
static inline IeVectors
ie_vectors_matrix (const float rows[3][2], IeVectors v)
{
  IeVector first = v.a - v.b, last = v.c - v.b;
  return (IeVectors){ v.b + (rows[0][0] * first + rows[0][1] * last), v.b + (rows[1][0] * first + rows[1][1] * last),
                      v.b + (rows[2][0] * first + rows[2][1] * last) };
}

static inline IeVectors
ie_vectors_load (const float *a, const float *b, const float *c, int i)
{
  return (IeVectors){ ie_vector_load (a + i), ie_vector_load (b + i), ie_vector_load (c + i) };
}

static inline void
ie_vectors_store (IeVectors v, float *a, float *b, float *c, int i)
{
  ie_vector_store (v.a, a + i);
  ie_vector_store (v.b, b + i);
  ie_vector_store (v.c, c + i);
}

/* ie_pieces_at() for g; y: x + shift. */
static inline IeVector
ie_g_vector (const IeLoadedPieces *pieces, IeVector x, IeVector y)
{
  IeVectorBits index = ie_vector_piece (pieces, y, IE_G_DROP);
  IeVector number[IE_TABLES];
  ie_tables_at (&pieces->numbers, IE_PIECES_NUMBERS, index, number);
  IeVector d = x - number[IE_PIECES_MIDDLE], p = number[IE_G_DEGREE];
  for (int k = IE_G_DEGREE - 1; k >= 0; k--)
    p = p * d + number[k];
  return p;
}

/* The lanes of *g anew for samples beyond the pieces: rare, so not in the loops. */
static void __attribute__ ((noinline, cold))
ie_g_beyond (const IePieces *pieces, const float *samples, float *g)
{
  for (int k = 0; k < IE_VECTOR; k++)
    g[k] = ie_g_sample (pieces, samples[k]);
}

/* g of any samples. (Asked first: else compilers put a part of the look-up behind the branch, and what it waits for on the stack.) */
static inline IeVector
ie_g_any_vector (const IePieces *pieces, const IeLoadedPieces *loaded, IeVector v)
{
  IeVector y = v + loaded->shift;
  if (G_UNLIKELY (ie_vector_reaches ((IeVectorBits) y, pieces->limit))) {
    float samples[IE_VECTOR], lanes[IE_VECTOR];
    ie_vector_store (v, samples);
    ie_g_beyond (pieces, samples, lanes);
    return ie_vector_load (lanes);
  }
  return ie_g_vector (loaded, v, y);
}

/* Linear R, G, B by the matrix `rows`, then g of each. */
static inline IeVectors
ie_vectors_g (const float rows[3][2], const IePieces *pieces, const IeLoadedPieces *loaded, IeVectors rgb)
{
  IeVectors v = ie_vectors_matrix (rows, rgb);
  IeVector x = v.a + loaded->shift, y = v.b + loaded->shift, z = v.c + loaded->shift;
  IeVectorBits most = ie_vector_most_bits ((IeVectorBits) x, ie_vector_most_bits ((IeVectorBits) y, (IeVectorBits) z));
  if (G_UNLIKELY (ie_vector_reaches (most, pieces->limit))) {
    float samples[3][IE_VECTOR], lanes[3][IE_VECTOR];
    ie_vectors_store (v, samples[0], samples[1], samples[2], 0);
    for (int c = 0; c < 3; c++)
      ie_g_beyond (pieces, samples[c], lanes[c]);
    return ie_vectors_load (lanes[0], lanes[1], lanes[2], 0);
  }
  return (IeVectors){ ie_g_vector (loaded, v.a, x), ie_g_vector (loaded, v.b, y), ie_g_vector (loaded, v.c, z) };
}

/* The same in place: planes with room for whole vectors. */
static inline void
ie_planes_g (const float rows[3][2], float *restrict r, float *restrict g, float *restrict b, int count,
             IeAhead ahead)
{
  const IePieces *pieces = ie_pieces_g ();
  IeLoadedPieces loaded = ie_pieces_load (pieces, IE_G_DEGREE);
  ie_pad (r, count);
  ie_pad (g, count);
  ie_pad (b, count);
  for (int i = 0; i < count; i += IE_VECTOR) {
    ie_ahead (ahead, i / IE_VECTOR);
    ie_vectors_store (ie_vectors_g (rows, pieces, &loaded, ie_vectors_load (r, g, b, i)), r, g, b, i);
  }
}

/* ie_lab_g_inverse() of each lane. */
static inline IeVector
ie_g_inverse_vector (IeVector g)
{
  IeVector m = ie_vector_magnitude (g), root = m + (float) (16.0 / 116.0);
  IeVector low = m * (float) (116.0 / IE_LAB_KAPPA), high = root * root * root;
  return ie_vector_with_sign (ie_vector_at_most (m, ie_vector_all ((float) (8.0 / 116.0)), low, high), g);
}

/* What leaves CIELAB: L* / 100, a* / 100 and b* / 100 within +-IE_SRGB_LIMIT (NaN counts as the limit) to g of X, Y, Z. */
#define IE_L_OF_G 1.16f
#define IE_G_OF_L ((float) (1.0 / 1.16))
#define IE_G_OF_A ((float) (100.0 / 500.0)) /* g (X) - g (Y) */
#define IE_G_OF_B ((float) (100.0 / 200.0)) /* g (Y) - g (Z) */

static inline IeVector
ie_limit_vector (IeVector x)
{
  return ie_vector_larger (ie_vector_smaller (x, ie_vector_all (IE_SRGB_LIMIT)), ie_vector_all (-IE_SRGB_LIMIT));
}

static inline IeVectors
ie_vectors_lab_to_g (IeVectors v)
{
  IeVector g = ie_limit_vector (v.b) * IE_G_OF_L;
  return (IeVectors){ g + ie_limit_vector (v.a) * IE_G_OF_A, g, g - ie_limit_vector (v.c) * IE_G_OF_B };
}

/* Whether one of the numbers is below `low`, which is negative, or above `high`, which is not: as integers, see
 * ie_vector_piece(). */
static inline gboolean
ie_vectors_any_beyond (IeVectors v, IeVector low, IeVector high)
{
  IeVectorInts a = (IeVectorInts) v.a, b = (IeVectorInts) v.b, c = (IeVectorInts) v.c;
  IeVectorBits least = ie_vector_most_bits ((IeVectorBits) a, ie_vector_most_bits ((IeVectorBits) b, (IeVectorBits) c));
  return ie_vector_any_above (ie_vector_larger_int (a, ie_vector_larger_int (b, c)), (IeVectorInts) high, least, (IeVectorBits) low);
}

/* Whether a lane of the lowest is below, or one of the highest above. */
static inline gboolean
ie_vectors_leave (IeVector lowest, IeVector highest, float below, float above)
{
  gboolean leaves = FALSE;
  for (int i = 0; i < IE_VECTOR; i++)
    leaves |= (lowest[i] < below) | (highest[i] > above);
  return leaves;
}

/* The inverse of g, then the matrix `rows`, in place; `from_lab`: the planes hold a*, L*, b*. Whether perhaps one of the
 * results is below range[0] or above range[1]. */
static inline gboolean
ie_planes_g_inverse (const float rows[3][2], const float range[2], gboolean from_lab, float *restrict x,
                     float *restrict y, float *restrict z, int count, IeAhead ahead)
{
  IeVector lowest = ie_vector_all (range[0]), highest = ie_vector_all (range[1]);
  ie_pad (x, count);
  ie_pad (y, count);
  ie_pad (z, count);
  for (int i = 0; i < count; i += IE_VECTOR) {
    ie_ahead (ahead, i / IE_VECTOR);
    IeVectors v = ie_vectors_load (x, y, z, i);
    if (from_lab)
      v = ie_vectors_lab_to_g (v);
    v = (IeVectors){ ie_g_inverse_vector (v.a), ie_g_inverse_vector (v.b), ie_g_inverse_vector (v.c) };
    v = ie_vectors_matrix (rows, v);
    lowest = ie_vector_smaller (v.a, ie_vector_smaller (v.b, ie_vector_smaller (v.c, lowest)));
    highest = ie_vector_larger (v.a, ie_vector_larger (v.b, ie_vector_larger (v.c, highest)));
    ie_vectors_store (v, x, y, z, i);
  }
  return ie_vectors_leave (lowest, highest, range[0], range[1]);
}
