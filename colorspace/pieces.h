// SPDX-License-Identifier: GPL-3.0-or-later
/* The curves of sRGB and CIELAB in pieces: 31 polynomials, and below them the straight line that both standards have
 * there. A piece spans a quarter or an eighth of a power of 2 of x + shift, so that exponent and first bits of that sum
 * are its number; the shift puts the end of the straight line on such a bound. Polynomials are interpolated at
 * Chebyshev's points, in double, when first asked for (pieces.c), and are looked up by core/simd-vector.h.
 *
 * Largest errors, measured (tests/test-colour.c holds them to it): decoding 9e-7 of the value, at the end of the line,
 * where the two parts of the standard differ by about so much; 3e-7 elsewhere; encoding 1.5e-7, g 7e-8, by cubics 9.8e-7;
 * 8-bit codes 0.007 of a code. */
#pragma once

#include "core/elementary.h"

#include <glib.h>

#define IE_PIECES 32
#define IE_PIECES_POWERS 5
#define IE_PIECES_MIDDLE 5 /* where the middles lie, after the powers */
#define IE_PIECES_NUMBERS 6
#define IE_PIECES_ROW 8 /* what a row has room for */

/* Degree of the polynomials, and the bits of the shifted float below the number of its piece. */
#define IE_DECODE_DEGREE 3
#define IE_DECODE_DROP 20
#define IE_ENCODE_DEGREE 4
#define IE_ENCODE_DROP 21
#define IE_CODE_DEGREE 2 /* to 8-bit codes; pieces as those of encoding */
#define IE_G_DEGREE 4
#define IE_G_DROP 21
#define IE_G_COARSE_DEGREE 3

typedef struct {
  /* number[k][i]: the coefficient of (x - middle)^k in piece i. number[IE_PIECES_MIDDLE][i]: its middle, 0 but for g,
   * which thus is rounded once, near enough. */
  _Alignas (64) float number[IE_PIECES_NUMBERS][IE_PIECES];
  _Alignas (64) float row[IE_PIECES][IE_PIECES_ROW]; /* row[i][k]: the same */
  float shift;
  float below;  /* the last float below the bound between the line and the first polynomial, shifted */
  int drop;     /* bits of the shifted float below the number of its piece */
  int degree;
  guint32 limit; /* of the checked float (below), as an unsigned integer: from there on and for negative ones not valid */
} IePieces;

/* Encoded to linear light of sRGB, 0 <= x <= 1.03. */
const IePieces *ie_pieces_decode (void);
/* Linear light to encoded sRGB, -0.0027 <= x <= 1.24. */
const IePieces *ie_pieces_encode (void);
/* The same to 8-bit codes, plus 1/2; parabolas, 0.01 codes off at most. */
const IePieces *ie_pieces_code_u8 (void);
/* g of srgb.h, -0.0009 <= x <= 1.99. */
const IePieces *ie_pieces_g (void);
/* The same pieces by cubics around 0, for a* and b* of results of 8 bits: 9.8e-7 off at most. */
const IePieces *ie_pieces_g_coarse (void);

/* One sample, as the vectors compute it. */
static inline float
ie_pieces_at (const IePieces *pieces, float x)
{
  float y = x + pieces->shift;
  y = y > pieces->below ? y : pieces->below;
  guint32 i = ((guint32) ie_float_bits (y) >> pieces->drop) % IE_PIECES;
  const float *number = pieces->row[i];
  float d = x - number[IE_PIECES_MIDDLE], p = number[pieces->degree];
  for (int k = pieces->degree - 1; k >= 0; k--)
    p = p * d + number[k];
  return p;
}
