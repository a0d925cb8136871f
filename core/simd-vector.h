// SPDX-License-Identifier: GPL-3.0-or-later
/* Vectors of floats as wide as the level's registers, and short tables in registers, which compilers left to themselves load
 * from, number by number. The vector extension of gcc; each lane
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

/* a b + c, rounded once: for numbers of which it is known that the sum in double, rounded to float, is the same (only where it
 * is nearly halfway between two floats it might not be). */
static inline IeVector
ie_vector_fused (IeVector a, IeVector b, IeVector c)
{
#if defined __AVX512F__
  return (IeVector) _mm512_fmadd_ps ((__m512) a, (__m512) b, (__m512) c);
#elif defined __AVX2__ && defined __FMA__
  return (IeVector) _mm256_fmadd_ps ((__m256) a, (__m256) b, (__m256) c);
#else
  typedef double Doubles __attribute__ ((vector_size (8 * IE_VECTOR)));
  return __builtin_convertvector (__builtin_convertvector (a, Doubles) * __builtin_convertvector (b, Doubles) +
                                    __builtin_convertvector (c, Doubles), IeVector);
#endif
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

/* ---- rows of four floats ------------------------------------------------------------------------------------------ */

/* Where each lane's row lies. */
typedef struct {
  guint32 of[IE_VECTOR];
} IePlaces;

#ifdef __SSE4_1__
/* Lanes are taken out by twos: by way of memory takes a quarter longer (Zen 3), and one by one too. */
static inline void
ie_places_four (__m128i four, guint32 *place)
{
  guint64 first = (guint64) _mm_cvtsi128_si64 (four), last = (guint64) _mm_extract_epi64 (four, 1);
  place[0] = (guint32) first;
  place[1] = (guint32) (first >> 32);
  place[2] = (guint32) last;
  place[3] = (guint32) (last >> 32);
}
#endif

static inline IePlaces
ie_places (IeVectorBits place)
{
  IePlaces places;
#if defined __AVX512F__
  ie_places_four (_mm512_castsi512_si128 ((__m512i) place), places.of);
  ie_places_four (_mm512_extracti32x4_epi32 ((__m512i) place, 1), places.of + 4);
  ie_places_four (_mm512_extracti32x4_epi32 ((__m512i) place, 2), places.of + 8);
  ie_places_four (_mm512_extracti32x4_epi32 ((__m512i) place, 3), places.of + 12);
#elif defined __AVX2__
  ie_places_four (_mm256_castsi256_si128 ((__m256i) place), places.of);
  ie_places_four (_mm256_extracti128_si256 ((__m256i) place, 1), places.of + 4);
#elif defined __SSE4_1__
  ie_places_four ((__m128i) place, places.of);
#else
  memcpy (places.of, &place, sizeof place);
#endif
  return places;
}

/* column[k] = base[places->of[i] + k] in lane i, for k = 0 .. 3: a load a lane, then turned; gathering each column would take
 * four times as many. */
static inline void
ie_vector_fours (const float *base, const IePlaces *places, IeVector column[4])
{
  const guint32 *place = places->of;
#if defined __AVX512F__
  __m512 row[4];
  for (int j = 0; j < 4; j++) {
    row[j] = _mm512_castps128_ps512 (_mm_loadu_ps (base + place[j]));
    row[j] = _mm512_insertf32x4 (row[j], _mm_loadu_ps (base + place[j + 4]), 1);
    row[j] = _mm512_insertf32x4 (row[j], _mm_loadu_ps (base + place[j + 8]), 2);
    row[j] = _mm512_insertf32x4 (row[j], _mm_loadu_ps (base + place[j + 12]), 3);
  }
#define IE_UNPACK(end, type) _mm512_unpack##end##_##type
  typedef __m512d Doubles;
#elif defined __AVX2__
  __m256 row[4];
  for (int j = 0; j < 4; j++)
    row[j] = _mm256_insertf128_ps (_mm256_castps128_ps256 (_mm_loadu_ps (base + place[j])), _mm_loadu_ps (base + place[j + 4]), 1);
#define IE_UNPACK(end, type) _mm256_unpack##end##_##type
  typedef __m256d Doubles;
#elif defined __SSE2__
  __m128 row[4];
  for (int j = 0; j < 4; j++)
    row[j] = _mm_loadu_ps (base + place[j]);
#define IE_UNPACK(end, type) _mm_unpack##end##_##type
  typedef __m128d Doubles;
#endif
#ifdef IE_UNPACK
  Doubles a = (Doubles) IE_UNPACK (lo, ps) (row[0], row[1]), b = (Doubles) IE_UNPACK (lo, ps) (row[2], row[3]);
  Doubles c = (Doubles) IE_UNPACK (hi, ps) (row[0], row[1]), d = (Doubles) IE_UNPACK (hi, ps) (row[2], row[3]);
  column[0] = (IeVector) IE_UNPACK (lo, pd) (a, b);
  column[1] = (IeVector) IE_UNPACK (hi, pd) (a, b);
  column[2] = (IeVector) IE_UNPACK (lo, pd) (c, d);
  column[3] = (IeVector) IE_UNPACK (hi, pd) (c, d);
#undef IE_UNPACK
#else
  for (int i = 0; i < IE_VECTOR; i++)
    for (int k = 0; k < 4; k++)
      column[k][i] = base[place[i] + (guint32) k];
#endif
}

/* ---- tables of 8 or 16 floats ------------------------------------------------------------------------------------ */

/* In registers where a vector has room for 8. */
typedef struct {
#if defined __AVX512F__
  __m512 all;
#elif defined __AVX2__
  __m256 half[2];
#else
  const float *numbers;
#endif
} IeShortTable;

/* size: 8 or 16; the table outlives its use. */
static inline IeShortTable
ie_short_table_load (const float *numbers, int size)
{
#if defined __AVX512F__
  __m512 low = _mm512_castps256_ps512 (_mm256_loadu_ps (numbers));
  return (IeShortTable){ size == 16 ? _mm512_loadu_ps (numbers) : _mm512_shuffle_f32x4 (low, low, 0x44) };
#elif defined __AVX2__
  return (IeShortTable){ { _mm256_loadu_ps (numbers), _mm256_loadu_ps (numbers + size - 8) } };
#else
  return (IeShortTable){ numbers };
#endif
}

/* The numbers of the lowest three or four bits of each index; others may be set. */
static inline IeVector
ie_short_table_at (const IeShortTable *table, int size, IeVectorBits index)
{
#if defined __AVX512F__
  return (IeVector) _mm512_permutexvar_ps ((__m512i) index, table->all);
#elif defined __AVX2__
  __m256 low = _mm256_permutevar8x32_ps (table->half[0], (__m256i) index);
  if (size == 8)
    return (IeVector) low;
  __m256 high = _mm256_permutevar8x32_ps (table->half[1], (__m256i) index);
  return (IeVector) _mm256_blendv_ps (low, high, (__m256) (index << 28)); /* by the fourth bit */
#else
  IePlaces places = ie_places (index & (guint32) (size - 1));
  const guint32 *at = places.of;
  return (IeVector){ table->numbers[at[0]], table->numbers[at[1]], table->numbers[at[2]], table->numbers[at[3]] };
#endif
}
