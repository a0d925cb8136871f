// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/simd-crests.h"

#include "core/level.h"

#ifdef IE_X86_LEVELS

#include <immintrin.h>

#define TARGET __attribute__ ((target ("avx512f,avx512dq,avx512vl,prefer-vector-width=512")))
#define LANES 16
#define WORD 64

typedef struct {
  const float *above, *here, *below, *across, *down;
} Rows;

/* Of the pixels `wanted` from i on, those that are crests. Products are rounded where the plain version rounds them; twice
 * x is exact. */
TARGET static inline __attribute__ ((always_inline)) __mmask16
crests_of (const Rows *rows, int i, __mmask16 wanted, __m512 middle, __m512 tangent)
{
  __m512 right = _mm512_maskz_loadu_ps (wanted, rows->across + i), down = _mm512_maskz_loadu_ps (wanted, rows->down + i);
  __m512 x = _mm512_abs_ps (right), y = _mm512_abs_ps (down), level = _mm512_mul_ps (x, tangent);
  __mmask16 horizontal = _mm512_cmp_ps_mask (y, level, _CMP_LT_OQ);
  __mmask16 vertical = _mm512_cmp_ps_mask (y, _mm512_fmadd_ps (x, _mm512_set1_ps (2), level), _CMP_GT_OQ);
  /* Neither is 0 in a diagonal: signs say as much as the product. */
  __mmask16 falling = _mm512_movepi32_mask (_mm512_castps_si512 (_mm512_xor_ps (right, down)));
  __mmask16 straight = horizontal | vertical, rises = wanted & ~straight & ~falling, falls = wanted & ~straight & falling;
  __m512 before = _mm512_maskz_loadu_ps (rises, rows->above + i - 1), after = _mm512_maskz_loadu_ps (rises, rows->below + i + 1);
  before = _mm512_mask_loadu_ps (before, falls, rows->above + i + 1);
  after = _mm512_mask_loadu_ps (after, falls, rows->below + i - 1);
  before = _mm512_mask_loadu_ps (before, wanted & vertical, rows->above + i);
  after = _mm512_mask_loadu_ps (after, wanted & vertical, rows->below + i);
  before = _mm512_mask_loadu_ps (before, wanted & horizontal, rows->here + i - 1);
  after = _mm512_mask_loadu_ps (after, wanted & horizontal, rows->here + i + 1);
  __mmask16 higher = _mm512_cmp_ps_mask (middle, after, _CMP_GT_OQ);
  __mmask16 equal = _mm512_cmp_ps_mask (middle, after, _CMP_EQ_OQ);
  return _mm512_mask_cmp_ps_mask (wanted, middle, before, _CMP_GT_OQ) & (higher | (equal & straight));
}

TARGET static void
find_crests (const Rows *rows, guint64 *crests, guint64 *strong, int count, float low, float high, float tangent)
{
  const __m512 lower = _mm512_set1_ps (low), upper = _mm512_set1_ps (high), slope = _mm512_set1_ps (tangent);
  for (int i = 0; i < count; i += WORD) {
    guint64 found = 0, above = 0;
    for (int j = 0; j < WORD && i + j < count; j += LANES) {
      int rest = count - i - j;
      __mmask16 there = (__mmask16) (rest < LANES ? (1u << rest) - 1 : 0xffff);
      __m512 middle = _mm512_maskz_loadu_ps (there, rows->here + i + j);
      __mmask16 wanted = _mm512_mask_cmp_ps_mask (there, middle, lower, _CMP_GT_OQ);
      if (!wanted) /* most, in most pictures */
        continue;
      __mmask16 crest = crests_of (rows, i + j, wanted, middle, slope);
      found |= (guint64) crest << j;
      above |= (guint64) _mm512_mask_cmp_ps_mask (crest, middle, upper, _CMP_GT_OQ) << j;
    }
    crests[i / WORD] = found;
    strong[i / WORD] = above;
  }
}

gboolean
ie_simd_crests (const float *above, const float *here, const float *below, const float *across, const float *down,
                guint64 *crests, guint64 *strong, int count, float low, float high, float tangent)
{
  if (ie_cpu_level () != IE_CPU_V4)
    return FALSE;
  Rows rows = { above, here, below, across, down };
  find_crests (&rows, crests, strong, count, low, high, tangent);
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
