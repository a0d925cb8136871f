// SPDX-License-Identifier: GPL-3.0-or-later
/* One version for each radius, made by the macros below. */
#include "filters/kernel/rows-down.h"

#include "core/elementary.h"
#include "filters/kernel/rows.h"

#include <math.h>

#define TAPS(TAP) \
  TAP (1) TAP (2) TAP (3) TAP (4) TAP (5) TAP (6) TAP (7) TAP (8) TAP (9) TAP (10) TAP (11) TAP (12) TAP (13) TAP (14) \
    TAP (15) TAP (16) TAP (17) TAP (18) TAP (19) TAP (20) TAP (21)
#define RADII(RADIUS) \
  RADIUS (1) RADIUS (2) RADIUS (3) RADIUS (4) RADIUS (5) RADIUS (6) RADIUS (7) RADIUS (8) RADIUS (9) RADIUS (10) RADIUS (11) RADIUS (12) RADIUS (13) RADIUS (14) \
    RADIUS (15) RADIUS (16) RADIUS (17) RADIUS (18) RADIUS (19) RADIUS (20) RADIUS (21)

/* Sums of `radius` have 2 radius additions and radius + 1 products. */
#ifdef __FMA__
#define ADD(t, radius, a, b) (2 * (t) < (radius) ? fmaf (a, one, b) : (a) + (b))
#else
#define ADD(t, radius, a, b) ((a) + (b))
#endif

#define AT(row) rows[(row) *IE_DOWN_LINE + i]
#define FLOAT_PAIR(t, row) (ADD (t, radius, AT ((row) - (t)), AT ((row) + (t))) * weights[t])
#define FLOAT_TAP(t) \
  if (t <= radius) { \
    first += FLOAT_PAIR (t, 0); \
    second += FLOAT_PAIR (t, 1); \
    third += FLOAT_PAIR (t, 2); \
    fourth += FLOAT_PAIR (t, 3); \
  }
#define FLOAT(n) \
  static void down_float_##n (const float *restrict rows, const float *restrict weights, float one, \
                                 float *restrict out, int width) \
  { \
    enum { radius = n }; \
    for (int i = 0; i < width; i++) { \
      float first = AT (0) * weights[0], second = AT (1) * weights[0]; \
      float third = AT (2) * weights[0], fourth = AT (3) * weights[0]; \
      TAPS (FLOAT_TAP) \
      out[i] = first; \
      out[IE_DOWN_LINE + i] = second; \
      out[2 * IE_DOWN_LINE + i] = third; \
      out[3 * IE_DOWN_LINE + i] = fourth; \
    } \
  }

#define INT16_PAIR(t, row) \
  ie_multiply_high ((int16_t) (AT ((row) - (t)) + AT ((row) + (t))), weights[t])
#define INT16_TAP(t) \
  if (t <= radius) { \
    first = (int16_t) (first + INT16_PAIR (t, 0)); \
    second = (int16_t) (second + INT16_PAIR (t, 1)); \
    third = (int16_t) (third + INT16_PAIR (t, 2)); \
    fourth = (int16_t) (fourth + INT16_PAIR (t, 3)); \
  }
#define INT16(n) \
  static void down_int16_##n (const int16_t *restrict rows, const int16_t *restrict weights, int16_t *restrict out, \
                                 int width) \
  { \
    enum { radius = n }; \
    for (int i = 0; i < width; i++) { \
      int16_t first = ie_multiply_high (AT (0), weights[0]), second = ie_multiply_high (AT (1), weights[0]); \
      int16_t third = ie_multiply_high (AT (2), weights[0]), fourth = ie_multiply_high (AT (3), weights[0]); \
      TAPS (INT16_TAP) \
      out[i] = first; \
      out[IE_DOWN_LINE + i] = second; \
      out[2 * IE_DOWN_LINE + i] = third; \
      out[3 * IE_DOWN_LINE + i] = fourth; \
    } \
  }

RADII (FLOAT)
RADII (INT16)

#define FLOAT_CASE(n) \
  case n: \
    down_float_##n (rows, weights, one, out, width); \
    break;
#define INT16_CASE(n) \
  case n: \
    down_int16_##n (rows, weights, out, width); \
    break;

void
ie_down_float (const float *rows, const float *weights, int radius, float *out, int width)
{
  float one = ie_unknown (1);
  switch (radius) {
    RADII (FLOAT_CASE)
  }
}

void
ie_down_int16 (const int16_t *rows, const int16_t *weights, int radius, int16_t *out, int width)
{
  switch (radius) {
    RADII (INT16_CASE)
  }
}
