// SPDX-License-Identifier: GPL-3.0-or-later
/* Pixels of three bytes: what compilers make of such loops takes several times as long as one shuffle in each vector.
 * For files that are compiled once per level. */
#pragma once

#include <glib.h>

#if defined __AVX512BW__ || defined __AVX2__ || defined __SSSE3__
#include <immintrin.h>
#endif

/* The lower three bytes of each of `pixels` numbers, one after the other. */
static inline void
ie_simd_pack_rgb (const guint32 *in, guint8 *out, int pixels)
{
  int i = 0;
  /* A vector's last bytes are written over by the next one, or below: there must be pixels left. */
#if defined __AVX512BW__
  const __m512i shuffle = _mm512_broadcast_i32x4 (_mm_setr_epi8 (0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
  const __m512i lanes = _mm512_setr_epi32 (0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15);
  for (; i + 16 <= pixels; i += 16) {
    __m512i bytes = _mm512_shuffle_epi8 (_mm512_loadu_si512 (in + i), shuffle);
    _mm512_mask_storeu_epi32 (out + 3 * (gsize) i, 0x0fff, _mm512_permutexvar_epi32 (lanes, bytes));
  }
#elif defined __AVX2__
  const __m256i shuffle = _mm256_broadcastsi128_si256 (
    _mm_setr_epi8 (0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
  for (; i + 10 <= pixels; i += 8) {
    __m256i bytes = _mm256_shuffle_epi8 (_mm256_loadu_si256 ((const __m256i *) (in + i)), shuffle);
    _mm_storeu_si128 ((__m128i *) (out + 3 * (gsize) i), _mm256_castsi256_si128 (bytes));
    _mm_storeu_si128 ((__m128i *) (out + 3 * (gsize) i + 12), _mm256_extracti128_si256 (bytes, 1));
  }
#elif defined __SSSE3__
  const __m128i shuffle = _mm_setr_epi8 (0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  for (; i + 6 <= pixels; i += 4)
    _mm_storeu_si128 ((__m128i *) (out + 3 * (gsize) i),
                      _mm_shuffle_epi8 (_mm_loadu_si128 ((const __m128i *) (in + i)), shuffle));
#endif
  for (; i < pixels; i++) {
    out[3 * i] = (guint8) in[i];
    out[3 * i + 1] = (guint8) (in[i] >> 8);
    out[3 * i + 2] = (guint8) (in[i] >> 16);
  }
}
