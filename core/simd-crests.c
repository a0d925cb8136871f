// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/simd-crests.h"

#include "core/level.h"

#ifdef IE_X86_LEVELS

#include <immintrin.h>

#define TARGET __attribute__ ((target ("avx512f,avx512dq,avx512vl,prefer-vector-width=512")))
#define TARGET_V3 __attribute__ ((target ("avx2,fma")))
#define LANES 16
#define LANES_V3 8
#define WORD 64

typedef struct {
  const float *above, *here, *below, *across, *down;
} Rows;

/* 16 floats, or of the last ones of a row as many as there are. */
TARGET static inline __attribute__ ((always_inline)) __m512
load (const float *at, __mmask16 there, gboolean all)
{
  return all ? _mm512_loadu_ps (at) : _mm512_maskz_loadu_ps (there, at);
}

TARGET static inline __attribute__ ((always_inline)) __m512
load_where (__m512 others, __mmask16 where, const float *at, __mmask16 there, gboolean all)
{
  return _mm512_mask_loadu_ps (others, all ? where : _kand_mask16 (where, there), at);
}

/* Of the pixels `wanted` from i on, those that are crests. Products are rounded where the plain version rounds them; twice
 * x is exact. */
TARGET static inline __attribute__ ((always_inline)) __mmask16
crests_of (const Rows *rows, int i, __mmask16 wanted, __m512 middle, __m512 tangent, __mmask16 there, gboolean all)
{
  __m512 right = load (rows->across + i, there, all), down = load (rows->down + i, there, all);
  __m512 x = _mm512_abs_ps (right), y = _mm512_abs_ps (down), level = _mm512_mul_ps (x, tangent);
  __mmask16 horizontal = _mm512_cmp_ps_mask (y, level, _CMP_LT_OQ);
  __mmask16 vertical = _mm512_cmp_ps_mask (y, _mm512_fmadd_ps (x, _mm512_set1_ps (2), level), _CMP_GT_OQ);
  /* Neither is 0 in a diagonal: signs say as much as the product. */
  __mmask16 falling = _mm512_movepi32_mask (_mm512_castps_si512 (_mm512_xor_ps (right, down)));
  __m512 before = load (rows->above + i - 1, there, all), after = load (rows->below + i + 1, there, all);
  before = load_where (before, falling, rows->above + i + 1, there, all);
  after = load_where (after, falling, rows->below + i - 1, there, all);
  before = load_where (before, vertical, rows->above + i, there, all);
  after = load_where (after, vertical, rows->below + i, there, all);
  before = load_where (before, horizontal, rows->here + i - 1, there, all);
  after = load_where (after, horizontal, rows->here + i + 1, there, all);
  __mmask16 equal = _mm512_mask_cmp_ps_mask (_kor_mask16 (horizontal, vertical), middle, after, _CMP_EQ_OQ);
  __mmask16 not_lower = _kor_mask16 (_mm512_cmp_ps_mask (middle, after, _CMP_GT_OQ), equal);
  return _kand_mask16 (_mm512_mask_cmp_ps_mask (wanted, middle, before, _CMP_GT_OQ), not_lower);
}

/* A word of each plane. */
TARGET static inline __attribute__ ((always_inline)) void
find_word (const Rows *rows, int i, int count, __m512 low, __m512 high, __m512 tangent, guint64 *crests, guint64 *strong,
           gboolean all)
{
  guint64 found = 0, above = 0;
  for (int j = 0; j < WORD && (all || j < count); j += LANES) {
    __mmask16 there = (__mmask16) (all || count - j >= LANES ? 0xffff : (1u << (count - j)) - 1);
    __m512 middle = load (rows->here + i + j, there, all);
    __mmask16 wanted = _mm512_mask_cmp_ps_mask (there, middle, low, _CMP_GT_OQ);
    if (!wanted) /* most, in most pictures */
      continue;
    above |= (guint64) _mm512_cmp_ps_mask (middle, high, _CMP_GT_OQ) << j;
    found |= (guint64) crests_of (rows, i + j, wanted, middle, tangent, there, all) << j;
  }
  *crests = found;
  *strong = found & above;
}

TARGET static void
find_crests (const Rows *rows, guint64 *crests, guint64 *strong, int count, float low, float high, float tangent)
{
  const __m512 lower = _mm512_set1_ps (low), upper = _mm512_set1_ps (high), slope = _mm512_set1_ps (tangent);
  const Rows r = *rows;
  int i = 0;
  for (; i + WORD <= count; i += WORD)
    find_word (&r, i, WORD, lower, upper, slope, crests + i / WORD, strong + i / WORD, TRUE);
  if (i < count)
    find_word (&r, i, count - i, lower, upper, slope, crests + i / WORD, strong + i / WORD, FALSE);
}

/* ---- vectors of 8 ------------------------------------------------------------------------------------------------ */

/* 8 floats, or of the last ones of a row as many as there are. */
TARGET_V3 static inline __attribute__ ((always_inline)) __m256
load_v3 (const float *at, __m256i there, gboolean all)
{
  return all ? _mm256_loadu_ps (at) : _mm256_maskload_ps (at, there);
}

TARGET_V3 static inline __attribute__ ((always_inline)) __m256
crests_of_v3 (const Rows *rows, int i, __m256 middle, __m256 tangent, __m256i there, gboolean all)
{
  const __m256 sign = _mm256_set1_ps (-0.0f);
  __m256 right = load_v3 (rows->across + i, there, all), down = load_v3 (rows->down + i, there, all);
  __m256 x = _mm256_andnot_ps (sign, right), y = _mm256_andnot_ps (sign, down), level = _mm256_mul_ps (x, tangent);
  __m256 horizontal = _mm256_cmp_ps (y, level, _CMP_LT_OQ);
  __m256 vertical = _mm256_cmp_ps (y, _mm256_fmadd_ps (x, _mm256_set1_ps (2), level), _CMP_GT_OQ);
  __m256 falling = _mm256_xor_ps (right, down);
  __m256 before = _mm256_blendv_ps (load_v3 (rows->above + i - 1, there, all), load_v3 (rows->above + i + 1, there, all), falling);
  __m256 after = _mm256_blendv_ps (load_v3 (rows->below + i + 1, there, all), load_v3 (rows->below + i - 1, there, all), falling);
  before = _mm256_blendv_ps (before, load_v3 (rows->above + i, there, all), vertical);
  after = _mm256_blendv_ps (after, load_v3 (rows->below + i, there, all), vertical);
  before = _mm256_blendv_ps (before, load_v3 (rows->here + i - 1, there, all), horizontal);
  after = _mm256_blendv_ps (after, load_v3 (rows->here + i + 1, there, all), horizontal);
  __m256 equal = _mm256_and_ps (_mm256_or_ps (horizontal, vertical), _mm256_cmp_ps (middle, after, _CMP_EQ_OQ));
  __m256 not_lower = _mm256_or_ps (_mm256_cmp_ps (middle, after, _CMP_GT_OQ), equal);
  return _mm256_and_ps (_mm256_cmp_ps (middle, before, _CMP_GT_OQ), not_lower);
}

TARGET_V3 static inline __attribute__ ((always_inline)) void
find_word_v3 (const Rows *rows, int i, int count, __m256 low, __m256 high, __m256 tangent, guint64 *crests, guint64 *strong,
              gboolean all)
{
  const __m256i places = _mm256_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7);
  guint64 found = 0, above = 0;
  for (int j = 0; j < WORD && (all || j < count); j += LANES_V3) {
    __m256i there = _mm256_cmpgt_epi32 (_mm256_set1_epi32 (count - j), places);
    __m256 middle = load_v3 (rows->here + i + j, there, all);
    __m256 wanted = _mm256_cmp_ps (middle, low, _CMP_GT_OQ);
    if (!all)
      wanted = _mm256_and_ps (wanted, _mm256_castsi256_ps (there));
    int some = _mm256_movemask_ps (wanted);
    if (!some)
      continue;
    above |= (guint64) (guint32) _mm256_movemask_ps (_mm256_cmp_ps (middle, high, _CMP_GT_OQ)) << j;
    some &= _mm256_movemask_ps (crests_of_v3 (rows, i + j, middle, tangent, there, all));
    found |= (guint64) (guint32) some << j;
  }
  *crests = found;
  *strong = found & above;
}

TARGET_V3 static void
find_crests_v3 (const Rows *rows, guint64 *crests, guint64 *strong, int count, float low, float high, float tangent)
{
  const __m256 lower = _mm256_set1_ps (low), upper = _mm256_set1_ps (high), slope = _mm256_set1_ps (tangent);
  const Rows r = *rows;
  int i = 0;
  for (; i + WORD <= count; i += WORD)
    find_word_v3 (&r, i, WORD, lower, upper, slope, crests + i / WORD, strong + i / WORD, TRUE);
  if (i < count)
    find_word_v3 (&r, i, count - i, lower, upper, slope, crests + i / WORD, strong + i / WORD, FALSE);
}

gboolean
ie_simd_crests (const float *above, const float *here, const float *below, const float *across, const float *down,
                guint64 *crests, guint64 *strong, int count, float low, float high, float tangent)
{
  Rows rows = { above, here, below, across, down };
  if (ie_cpu_level () == IE_CPU_V4)
    find_crests (&rows, crests, strong, count, low, high, tangent);
  else if (ie_cpu_level () == IE_CPU_V3)
    find_crests_v3 (&rows, crests, strong, count, low, high, tangent);
  else
    return FALSE;
  return TRUE;
}

#else

gboolean
ie_simd_crests (const float *above, const float *here, const float *below, const float *across, const float *down,
                guint64 *crests, guint64 *strong, int count, float low, float high, float tangent)
{
  return FALSE;
}

#endif
