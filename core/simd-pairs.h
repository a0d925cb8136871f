// SPDX-License-Identifier: GPL-3.0-or-later
/* Products of 16-bit numbers, two at a time: what processors have an instruction for (pmaddwd) that compilers find in sums over
 * one row, but not where lanes are different rows. Beside vectors of core/simd-vector.h. */
#pragma once

#include "core/simd-vector.h"

/* sum + the product of the lower halves of each lane, and of the upper halves; all signed. */
static inline IeVectorInts
ie_vector_add_products (IeVectorInts sum, IeVectorInts a, IeVectorInts b)
{
#if defined __AVX512BW__
  return sum + (IeVectorInts) _mm512_madd_epi16 ((__m512i) a, (__m512i) b);
#elif defined __AVX2__ && !defined __AVX512F__
  return sum + (IeVectorInts) _mm256_madd_epi16 ((__m256i) a, (__m256i) b);
#elif defined __SSE2__ && !defined __AVX2__
  return sum + (IeVectorInts) _mm_madd_epi16 ((__m128i) a, (__m128i) b);
#else
  IeVectorInts low_a = (IeVectorInts) ((IeVectorBits) a << 16) >> 16,
               low_b = (IeVectorInts) ((IeVectorBits) b << 16) >> 16;
  return sum + low_a * low_b + (a >> 16) * (b >> 16);
#endif
}

/* The two 16-bit numbers at `at` in every lane. */
static inline IeVectorInts
ie_vector_pair (const gint16 *at)
{
  gint32 pair;
  memcpy (&pair, at, sizeof pair);
  return (IeVectorInts){ 0 } + pair;
}
