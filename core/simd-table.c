// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/simd-table.h"

#include "core/level.h"

#ifdef IE_X86_LEVELS

#include <immintrin.h>

/* Two permutations by the low seven bits, each over half of the table, and the eighth bit chooses between them. */
__attribute__ ((target ("avx512f,avx512bw,avx512vbmi"))) static void
table_vbmi (const guint8 *in, guint8 *out, gsize samples, const guint8 *table)
{
  __m512i t0 = _mm512_loadu_si512 (table), t1 = _mm512_loadu_si512 (table + 64);
  __m512i t2 = _mm512_loadu_si512 (table + 128), t3 = _mm512_loadu_si512 (table + 192);
  gsize i = 0;
  for (; i + 64 <= samples; i += 64) {
    __m512i x = _mm512_loadu_si512 (in + i);
    __m512i low = _mm512_permutex2var_epi8 (t0, x, t1), high = _mm512_permutex2var_epi8 (t2, x, t3);
    _mm512_storeu_si512 (out + i, _mm512_mask_blend_epi8 (_mm512_movepi8_mask (x), low, high));
  }
  for (; i < samples; i++)
    out[i] = table[in[i]];
}

static gpointer
find_vbmi (gpointer unused)
{
  __builtin_cpu_init ();
  return GINT_TO_POINTER (ie_cpu_level () == IE_CPU_V4 && __builtin_cpu_supports ("avx512vbmi"));
}

gboolean
ie_simd_table_u8 (const guint8 *in, guint8 *out, gsize samples, const guint8 *table)
{
  static GOnce once = G_ONCE_INIT;
  if (!g_once (&once, find_vbmi, NULL))
    return FALSE;
  table_vbmi (in, out, samples, table);
  return TRUE;
}

#else

gboolean
ie_simd_table_u8 (const guint8 *in, guint8 *out, gsize samples, const guint8 *table)
{
  return FALSE;
}

#endif
