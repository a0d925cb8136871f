// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/simd-across.h"

#include "core/elementary.h"
#include "core/level.h"
#include "core/simd-prefetch.h"

#ifdef IE_X86_LEVELS

#include <immintrin.h>

/* Radii that have a version: three channels times ten are less than a vector of int16 and than two of float. */
#define CHANNELS 3 /* and one, in float */
#define LEAST 3
#define MOST 10
#define AHEAD 512 /* floats of the output that are asked for in time */
#define TARGET __attribute__ ((target ("avx512f,avx512bw,prefer-vector-width=512")))

#define EACH(TAP) TAP (1) TAP (2) TAP (3) TAP (4) TAP (5) TAP (6) TAP (7) TAP (8) TAP (9) TAP (10)

/* The vector that begins at[t] samples into two that follow each other. */
#define FLOAT_SET_UP(t) \
  const __m512 weight##t = _mm512_set1_ps (t <= radius ? weights[t] : 0); \
  const __m512i at##t = _mm512_add_epi32 (lanes, _mm512_set1_epi32 (t * channels % 16));
/* Every second addition of a pair through the multipliers (filters/kernel/rows-down.h). */
#define FLOAT_TAP(t) \
  if (t <= radius) { \
    __m512 before = _mm512_loadu_ps (in + i - t * channels); \
    __m512 after = _mm512_permutex2var_ps (t * channels < 16 ? here : next, at##t, t * channels < 16 ? next : last); \
    __m512 pair = channels == 1 && t % 2 ? _mm512_fmadd_ps (before, one, after) : _mm512_add_ps (before, after); \
    sum = _mm512_add_ps (sum, _mm512_mul_ps (pair, weight##t)); \
  }

TARGET static inline __attribute__ ((always_inline)) void
across_float (const float *restrict in, float *restrict out, const float *weights, const int radius, int samples,
              const int channels, const float *restrict original, float amount)
{
  const __m512 share = _mm512_set1_ps (amount), one = _mm512_set1_ps (ie_unknown (1));
  const __m512i lanes = _mm512_set_epi32 (15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512 centre = _mm512_set1_ps (weights[0]);
  EACH (FLOAT_SET_UP)
  __m512 here = _mm512_loadu_ps (in), next = _mm512_loadu_ps (in + 16);
  for (int i = 0; i < samples; i += 16) {
    __m512 last = _mm512_loadu_ps (in + i + 32), sum = _mm512_mul_ps (here, centre);
    EACH (FLOAT_TAP)
    if (original) {
      __m512 sharp = _mm512_loadu_ps (original + i);
      sum = _mm512_add_ps (sharp, _mm512_mul_ps (share, _mm512_sub_ps (sharp, sum)));
    }
    ie_prefetch_write (out + i + AHEAD);
    _mm512_storeu_ps (out + i, sum);
    here = next;
    next = last;
  }
}

#define INT16_SET_UP(t) \
  const __m512i weight##t = _mm512_set1_epi16 (t <= radius ? weights[t] : 0); \
  const __m512i at##t = _mm512_add_epi16 (lanes, _mm512_set1_epi16 (t * CHANNELS));
#define INT16_TAP(t) \
  if (t <= radius) { \
    __m512i before = _mm512_loadu_si512 (in + i - t * CHANNELS); \
    __m512i after = _mm512_permutex2var_epi16 (here, at##t, next); \
    sum = _mm512_add_epi16 (sum, _mm512_mulhrs_epi16 (_mm512_add_epi16 (before, after), weight##t)); \
  }

TARGET static inline __attribute__ ((always_inline)) void
across_int16 (const gint16 *restrict in, gint16 *restrict out, const gint16 *weights, const int radius, int samples)
{
  static const gint16 numbers[32] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                      16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };
  const __m512i lanes = _mm512_loadu_si512 (numbers), centre = _mm512_set1_epi16 (weights[0]);
  EACH (INT16_SET_UP)
  __m512i here = _mm512_loadu_si512 (in);
  for (int i = 0; i < samples; i += 32) {
    __m512i next = _mm512_loadu_si512 (in + i + 32), sum = _mm512_mulhrs_epi16 (here, centre);
    EACH (INT16_TAP)
    _mm512_storeu_si512 (out + i, sum);
    here = next;
  }
}

#define CASE(function, n, ...) \
  case n: \
    function (in, out, weights, n, samples __VA_ARGS__); \
    break;
#define CASES(function, ...) \
  switch (radius) { \
    CASE (function, 3, __VA_ARGS__) \
    CASE (function, 4, __VA_ARGS__) \
    CASE (function, 5, __VA_ARGS__) \
    CASE (function, 6, __VA_ARGS__) \
    CASE (function, 7, __VA_ARGS__) \
    CASE (function, 8, __VA_ARGS__) \
    CASE (function, 9, __VA_ARGS__) \
    CASE (function, 10, __VA_ARGS__) \
  }
#define COMMA ,

TARGET static void
any_float (const float *in, float *out, const float *weights, int radius, int samples)
{
  CASES (across_float, COMMA CHANNELS COMMA NULL COMMA 0)
}

TARGET static void
any_float_one (const float *in, float *out, const float *weights, int radius, int samples)
{
  CASES (across_float, COMMA 1 COMMA NULL COMMA 0)
}

TARGET static void
any_sharpen (const float *in, float *out, const float *weights, int radius, int samples, const float *original,
             float amount)
{
  CASES (across_float, COMMA CHANNELS COMMA original COMMA amount)
}

TARGET static void
any_int16 (const gint16 *in, gint16 *out, const gint16 *weights, int radius, int samples)
{
  CASES (across_int16, )
}

static gboolean
has_version (int radius, int channels)
{
  return channels == CHANNELS && radius >= LEAST && radius <= MOST && ie_cpu_level () == IE_CPU_V4;
}

gboolean
ie_simd_across_float (const float *in, float *out, const float *weights, int radius, int channels, int samples)
{
  if (!has_version (radius, channels == 1 ? CHANNELS : channels))
    return FALSE;
  if (channels == 1)
    any_float_one (in, out, weights, radius, samples);
  else
    any_float (in, out, weights, radius, samples);
  return TRUE;
}

gboolean
ie_simd_across_sharpen (const float *in, float *out, const float *weights, int radius, int channels, int samples,
                        const float *original, float amount)
{
  if (!has_version (radius, channels))
    return FALSE;
  any_sharpen (in, out, weights, radius, samples, original, amount);
  return TRUE;
}

gboolean
ie_simd_across_int16 (const gint16 *in, gint16 *out, const gint16 *weights, int radius, int channels, int samples)
{
  if (!has_version (radius, channels))
    return FALSE;
  any_int16 (in, out, weights, radius, samples);
  return TRUE;
}

#else

gboolean
ie_simd_across_sharpen (const float *in, float *out, const float *weights, int radius, int channels, int samples,
                        const float *original, float amount)
{
  return FALSE;
}

gboolean
ie_simd_across_float (const float *in, float *out, const float *weights, int radius, int channels, int samples)
{
  return FALSE;
}

gboolean
ie_simd_across_int16 (const gint16 *in, gint16 *out, const gint16 *weights, int radius, int channels, int samples)
{
  return FALSE;
}

#endif
