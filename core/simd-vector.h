// SPDX-License-Identifier: GPL-3.0-or-later
/* Vectors of floats as wide as the level's registers, and curves made of 32 pieces, whose coefficients are looked up in
 * registers: left to itself the compiler loads each coefficient of each sample. The vector extension of gcc; each lane
 * computes what plain C would, so that the bits do not depend on the width. For files that are compiled once per level. */
#pragma once

#include <glib.h>
#include <string.h>

#if defined __AVX512F__ || defined __AVX2__ || defined __SSE2__
#include <immintrin.h>
#endif

#if defined __AVX512F__
#define IE_VECTOR 16
#elif defined __AVX2__
#define IE_VECTOR 8
#else
#define IE_VECTOR 4
#endif

typedef float IeVector __attribute__ ((vector_size (4 * IE_VECTOR)));
typedef guint32 IeVectorBits __attribute__ ((vector_size (4 * IE_VECTOR)));
typedef gint32 IeVectorInts __attribute__ ((vector_size (4 * IE_VECTOR)));

/* The numbers of vectors that hold `count` floats, times their length. */
static inline int
ie_vector_round (int count)
{
  return (count + IE_VECTOR - 1) / IE_VECTOR * IE_VECTOR;
}

static inline IeVector
ie_vector_load (const float *at)
{
  IeVector v;
  memcpy (&v, at, sizeof v);
  return v;
}

static inline void
ie_vector_store (IeVector v, float *at)
{
  memcpy (at, &v, sizeof v);
}

/* yes where the mask is all ones, no where it is 0. */
static inline IeVectorBits
ie_vector_choose_bits (IeVectorBits mask, IeVectorBits yes, IeVectorBits no)
{
  return (mask & yes) | (~mask & no);
}

/* a <= b ? yes : no */
static inline IeVector
ie_vector_at_most (IeVector a, IeVector b, IeVector yes, IeVector no)
{
#if defined __AVX512F__
  return (IeVector) _mm512_mask_blend_ps (_mm512_cmp_ps_mask ((__m512) a, (__m512) b, _CMP_LE_OQ), (__m512) no, (__m512) yes);
#elif defined __AVX2__
  return (IeVector) _mm256_blendv_ps ((__m256) no, (__m256) yes, (__m256) (a <= b));
#else
  return (IeVector) ie_vector_choose_bits ((IeVectorBits) (a <= b), (IeVectorBits) yes, (IeVectorBits) no);
#endif
}

/* a > b ? a : b, so that b replaces NaN. */
static inline IeVector
ie_vector_larger (IeVector a, IeVector b)
{
#if defined __AVX512F__
  return (IeVector) _mm512_max_ps ((__m512) a, (__m512) b);
#elif defined __AVX2__
  return (IeVector) _mm256_max_ps ((__m256) a, (__m256) b);
#elif defined __SSE2__
  return (IeVector) _mm_max_ps ((__m128) a, (__m128) b);
#else
  return (IeVector) ie_vector_choose_bits ((IeVectorBits) (a > b), (IeVectorBits) a, (IeVectorBits) b);
#endif
}

/* a < b ? a : b */
static inline IeVector
ie_vector_smaller (IeVector a, IeVector b)
{
#if defined __AVX512F__
  return (IeVector) _mm512_min_ps ((__m512) a, (__m512) b);
#elif defined __AVX2__
  return (IeVector) _mm256_min_ps ((__m256) a, (__m256) b);
#elif defined __SSE2__
  return (IeVector) _mm_min_ps ((__m128) a, (__m128) b);
#else
  return (IeVector) ie_vector_choose_bits ((IeVectorBits) (a < b), (IeVectorBits) a, (IeVectorBits) b);
#endif
}

/* The larger one as integers: floats that are not negative are ordered as these are, and negative ones are below them. */
static inline IeVectorInts
ie_vector_larger_int (IeVectorInts a, IeVectorInts b)
{
#if defined __AVX512F__
  return (IeVectorInts) _mm512_max_epi32 ((__m512i) a, (__m512i) b);
#elif defined __AVX2__
  return (IeVectorInts) _mm256_max_epi32 ((__m256i) a, (__m256i) b);
#elif defined __SSE4_1__
  return (IeVectorInts) _mm_max_epi32 ((__m128i) a, (__m128i) b);
#else
  return (IeVectorInts) ie_vector_choose_bits ((IeVectorBits) (a > b), (IeVectorBits) a, (IeVectorBits) b);
#endif
}

static inline IeVectorInts
ie_vector_smaller_int (IeVectorInts a, IeVectorInts b)
{
#if defined __AVX512F__
  return (IeVectorInts) _mm512_min_epi32 ((__m512i) a, (__m512i) b);
#elif defined __AVX2__
  return (IeVectorInts) _mm256_min_epi32 ((__m256i) a, (__m256i) b);
#elif defined __SSE4_1__
  return (IeVectorInts) _mm_min_epi32 ((__m128i) a, (__m128i) b);
#else
  return (IeVectorInts) ie_vector_choose_bits ((IeVectorBits) (a < b), (IeVectorBits) a, (IeVectorBits) b);
#endif
}

static inline IeVectorBits
ie_vector_most_bits (IeVectorBits a, IeVectorBits b)
{
#if defined __AVX512F__
  return (IeVectorBits) _mm512_max_epu32 ((__m512i) a, (__m512i) b);
#elif defined __AVX2__
  return (IeVectorBits) _mm256_max_epu32 ((__m256i) a, (__m256i) b);
#elif defined __SSE4_1__
  return (IeVectorBits) _mm_max_epu32 ((__m128i) a, (__m128i) b);
#else
  return ie_vector_choose_bits ((IeVectorBits) (a > b), a, b);
#endif
}

/* Whether one of them is at least `limit`. */
static inline gboolean
ie_vector_reaches (IeVectorBits a, guint32 limit)
{
#if defined __AVX512F__
  return _mm512_cmpge_epu32_mask ((__m512i) a, _mm512_set1_epi32 ((gint32) limit)) != 0;
#elif defined __AVX2__
  __m256i most = _mm256_max_epu32 ((__m256i) a, _mm256_set1_epi32 ((gint32) limit));
  return _mm256_movemask_epi8 (_mm256_cmpeq_epi32 (most, (__m256i) a)) != 0;
#else
  gboolean reached = FALSE;
  for (int i = 0; i < IE_VECTOR; i++)
    reached |= a[i] >= limit;
  return reached;
#endif
}

static inline IeVector
ie_vector_all (float x)
{
  return (IeVector){ 0 } + x;
}

/* |a|, and |a| with the sign of another. */
static inline IeVector
ie_vector_magnitude (IeVector a)
{
  return (IeVector) ((IeVectorBits) a & 0x7fffffffu);
}

static inline IeVector
ie_vector_with_sign (IeVector magnitude, IeVector sign)
{
  return (IeVector) ((IeVectorBits) magnitude | ((IeVectorBits) sign & 0x80000000u));
}

/* Whether one of the first numbers is above the second, or one of the third above the fourth. */
static inline gboolean
ie_vector_any_above (IeVectorInts a, IeVectorInts most, IeVectorBits b, IeVectorBits most_bits)
{
#if defined __AVX512F__
  return (_mm512_cmpgt_epi32_mask ((__m512i) a, (__m512i) most) |
          _mm512_cmpgt_epu32_mask ((__m512i) b, (__m512i) most_bits)) != 0;
#elif defined __AVX2__
  return _mm256_movemask_ps ((__m256) ((a > most) | (IeVectorInts) (b > most_bits))) != 0;
#elif defined __SSE2__
  return _mm_movemask_ps ((__m128) ((a > most) | (IeVectorInts) (b > most_bits))) != 0;
#else
  gboolean above = FALSE;
  for (int i = 0; i < IE_VECTOR; i++)
    above |= (a[i] > most[i]) | (b[i] > most_bits[i]);
  return above;
#endif
}

/* ---- tables of 32 floats ----------------------------------------------------------------------------------------- */

#define IE_TABLE 32

/* Such a table in registers, or, where vectors are short, in memory. */
typedef struct {
#if defined __AVX512F__
  __m512 part[2];
#elif defined __AVX2__
  __m256 part[4];
#else
  const float *entry;
#endif
} IeTable;

static inline IeTable
ie_table_load (const float *entries)
{
#if defined __AVX512F__
  return (IeTable){ { _mm512_loadu_ps (entries), _mm512_loadu_ps (entries + 16) } };
#elif defined __AVX2__
  return (IeTable){ { _mm256_loadu_ps (entries), _mm256_loadu_ps (entries + 8), _mm256_loadu_ps (entries + 16),
                      _mm256_loadu_ps (entries + 24) } };
#else
  return (IeTable){ entries };
#endif
}

/* The entries of the lowest five bits of each index. */
static inline IeVector
ie_table_at (const IeTable *table, IeVectorBits index)
{
#if defined __AVX512F__
  return (IeVector) _mm512_permutex2var_ps (table->part[0], (__m512i) index, table->part[1]);
#elif defined __AVX2__
  __m256 eights = (__m256) (index << 28), sixteens = (__m256) (index << 27); /* the sign decides */
  __m256 low = _mm256_blendv_ps (_mm256_permutevar8x32_ps (table->part[0], (__m256i) index),
                                 _mm256_permutevar8x32_ps (table->part[1], (__m256i) index), eights);
  __m256 high = _mm256_blendv_ps (_mm256_permutevar8x32_ps (table->part[2], (__m256i) index),
                                  _mm256_permutevar8x32_ps (table->part[3], (__m256i) index), eights);
  return (IeVector) _mm256_blendv_ps (low, high, sixteens);
#else
  IeVector v;
  for (int i = 0; i < IE_VECTOR; i++)
    v[i] = table->entry[index[i] & (IE_TABLE - 1)];
  return v;
#endif
}
