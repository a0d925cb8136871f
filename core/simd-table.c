// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/simd-table.h"

#include "core/level.h"

#include <string.h>

void
ie_simd_table_init (IeSimdTable *split, const float *table)
{
  for (int i = 0; i < 256; i++) {
    guint32 bits;
    memcpy (&bits, &table[i], sizeof bits);
    for (int k = 0; k < 4; k++)
      split->planes[k][i] = (guint8) (bits >> (8 * k));
  }
}

#ifdef IE_X86_LEVELS

#include "core/simd-prefetch.h"

#include <immintrin.h>

#define AHEAD 1024 /* bytes that are asked for in time */

#define AVX2 __attribute__ ((target ("avx2")))
#define VBMI __attribute__ ((target ("avx512f,avx512bw,avx512vbmi")))

/* Two permutations by the low seven bits, each over half of the table, and the eighth bit chooses between them. */
VBMI static void
table_vbmi (const guint8 *in, guint8 *out, gsize samples, const guint8 *table)
{
  __m512i t0 = _mm512_loadu_si512 (table), t1 = _mm512_loadu_si512 (table + 64);
  __m512i t2 = _mm512_loadu_si512 (table + 128), t3 = _mm512_loadu_si512 (table + 192);
  gsize i = 0;
  for (; i + 64 <= samples; i += 64) {
    ie_prefetch_read (in + i + AHEAD);
    ie_prefetch_write (out + i + AHEAD);
    __m512i x = _mm512_loadu_si512 (in + i);
    __m512i low = _mm512_permutex2var_epi8 (t0, x, t1), high = _mm512_permutex2var_epi8 (t2, x, t3);
    _mm512_storeu_si512 (out + i, _mm512_mask_blend_epi8 (_mm512_movepi8_mask (x), low, high));
  }
  for (; i < samples; i++)
    out[i] = table[in[i]];
}

#define VBMI_PIXELS 64

/* A table in registers: left in memory its parts, which may cross lines of the cache, would be loaded for each colour. */
typedef struct {
  __m512i part[4][4]; /* of each plane of bytes */
} Loaded;

VBMI static inline Loaded
load_table (const IeSimdTable *split)
{
  Loaded loaded;
  for (int k = 0; k < 4; k++)
    for (int i = 0; i < 4; i++)
      loaded.part[k][i] = _mm512_loadu_si512 (split->planes[k] + 64 * i);
  return loaded;
}

/* One plane of bytes of the table at 64 codes. */
VBMI static inline __m512i
bytes_at (const __m512i part[4], __m512i codes)
{
  __m512i low = _mm512_permutex2var_epi8 (part[0], codes, part[1]);
  __m512i high = _mm512_permutex2var_epi8 (part[2], codes, part[3]);
  return _mm512_mask_blend_epi8 (_mm512_movepi8_mask (codes), low, high);
}

/* 64 codes to floats. Bytes are put together by unpacking within lanes of 16: place 16 l + 4 k + j of `codes` is float
 * 16 k + 4 l + j. */
VBMI static inline void
floats_at (const Loaded *loaded, __m512i codes, float *out)
{
  __m512i b0 = bytes_at (loaded->part[0], codes), b1 = bytes_at (loaded->part[1], codes);
  __m512i b2 = bytes_at (loaded->part[2], codes), b3 = bytes_at (loaded->part[3], codes);
  __m512i low = _mm512_unpacklo_epi8 (b0, b1), high = _mm512_unpacklo_epi8 (b2, b3);
  _mm512_storeu_si512 (out, _mm512_unpacklo_epi16 (low, high));
  _mm512_storeu_si512 (out + 16, _mm512_unpackhi_epi16 (low, high));
  low = _mm512_unpackhi_epi8 (b0, b1);
  high = _mm512_unpackhi_epi8 (b2, b3);
  _mm512_storeu_si512 (out + 32, _mm512_unpacklo_epi16 (low, high));
  _mm512_storeu_si512 (out + 48, _mm512_unpackhi_epi16 (low, high));
}

/* Where the codes of colour c lie in 192 bytes of pixels, in the order of floats_at(): in the first 128 bytes, and, what
 * is beyond, in the last 128. */
typedef struct {
  guint8 first[64], last[64];
  guint64 is_last;
} Places;

static void
find_places (Places *places, int colour)
{
  places->is_last = 0;
  for (int place = 0; place < VBMI_PIXELS; place++) {
    int lane = place / 16, k = place / 4 % 4, j = place % 4;
    int at = 3 * (16 * k + 4 * lane + j) + colour;
    places->first[place] = (guint8) (at & 127);
    places->last[place] = (guint8) ((at - 64) & 127);
    places->is_last |= (guint64) (at >= 128) << place;
  }
}

VBMI static gsize
table_rgb_vbmi (const guint8 *in, float *const planes[3], gsize pixels, const IeSimdTable *split, const Places *places)
{
  Loaded loaded = load_table (split);
  gsize i = 0;
  for (; i + VBMI_PIXELS <= pixels; i += VBMI_PIXELS, in += 3 * VBMI_PIXELS) {
    __m512i a = _mm512_loadu_si512 (in), b = _mm512_loadu_si512 (in + 64), c = _mm512_loadu_si512 (in + 128);
    for (int colour = 0; colour < 3; colour++) {
      const Places *of = &places[colour];
      __m512i first = _mm512_permutex2var_epi8 (a, _mm512_loadu_si512 (of->first), b);
      __m512i last = _mm512_permutex2var_epi8 (b, _mm512_loadu_si512 (of->last), c);
      floats_at (&loaded, _mm512_mask_blend_epi8 (of->is_last, first, last), planes[colour] + i);
    }
  }
  return i;
}

static gpointer
make_places (gpointer unused)
{
  Places *places = g_new (Places, 3);
  for (int colour = 0; colour < 3; colour++)
    find_places (&places[colour], colour);
  return places;
}

#define AVX2_BYTES 64 /* two vectors: a part of the table is loaded once for both */
#define AVX2_PARTS 16 /* of a table, of 16 bytes each */
#define AVX2_HALF 8

/* Entries of the low half of a table at signed bytes, 0 at negative ones. A shuffle looks up the low four bits, and gives 0 where a
 * byte is negative: 16 less each time, bytes leave one after the other, and each part holds what it differs by from the one
 * before, so that what a byte has met makes its entry. */
AVX2 static inline void
half_at (const __m256i part[AVX2_HALF], __m256i x[2], __m256i sum[2])
{
  const __m256i step = _mm256_set1_epi8 (16);
  for (int k = 0; k < AVX2_HALF; k++)
    for (int v = 0; v < 2; v++) {
      sum[v] = _mm256_xor_si256 (sum[v], _mm256_shuffle_epi8 (part[k], x[v]));
      x[v] = _mm256_subs_epi8 (x[v], step);
    }
}

AVX2 static void
table_avx2 (const guint8 *in, guint8 *out, gsize samples, const guint8 *table)
{
  __m256i part[AVX2_PARTS];
  const __m256i sign = _mm256_set1_epi8 (-128);
  for (int k = 0; k < AVX2_PARTS; k++) {
    __m128i own = _mm_loadu_si128 ((const __m128i *) (table + 16 * k));
    if (k % AVX2_HALF)
      own = _mm_xor_si128 (own, _mm_loadu_si128 ((const __m128i *) (table + 16 * k - 16)));
    part[k] = _mm256_broadcastsi128_si256 (own);
  }
  gsize i = 0;
  for (; i + AVX2_BYTES <= samples; i += AVX2_BYTES) {
    ie_prefetch_read (in + i + AHEAD);
    ie_prefetch_write (out + i + AHEAD);
    __m256i x[2], high[2], sum[2] = { _mm256_setzero_si256 (), _mm256_setzero_si256 () };
    for (int v = 0; v < 2; v++) {
      x[v] = _mm256_loadu_si256 ((const __m256i *) (in + i + 32 * v));
      high[v] = _mm256_xor_si256 (x[v], sign);
    }
    half_at (part, x, sum);
    half_at (part + AVX2_HALF, high, sum);
    for (int v = 0; v < 2; v++)
      _mm256_storeu_si256 ((__m256i *) (out + i + 32 * v), sum[v]);
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

static gboolean
has_vbmi (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, find_vbmi, NULL) != NULL;
}

gboolean
ie_simd_table_u8 (const guint8 *in, guint8 *out, gsize samples, const guint8 *table)
{
  if (has_vbmi ())
    table_vbmi (in, out, samples, table);
  else if (ie_cpu_level () >= IE_CPU_V3)
    table_avx2 (in, out, samples, table);
  else
    return FALSE;
  return TRUE;
}

gsize
ie_simd_table_rgb (const guint8 *in, float *r, float *g, float *b, gsize pixels, const IeSimdTable *split)
{
  static GOnce once = G_ONCE_INIT;
  if (!has_vbmi ())
    return 0;
  return table_rgb_vbmi (in, (float *const[]){ r, g, b }, pixels, split, g_once (&once, make_places, NULL));
}

#else

gboolean
ie_simd_table_u8 (const guint8 *in, guint8 *out, gsize samples, const guint8 *table)
{
  return FALSE;
}

gsize
ie_simd_table_rgb (const guint8 *in, float *r, float *g, float *b, gsize pixels, const IeSimdTable *split)
{
  return 0;
}

#endif
