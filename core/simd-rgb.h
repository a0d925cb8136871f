// SPDX-License-Identifier: GPL-3.0-or-later
/* Pixels of three samples, put together and taken apart by few shuffles: what compilers make of such loops loads each vector
 * more than once. For files that are compiled once per level. */
#pragma once

#include "core/simd-vector.h"

#include <glib.h>
#include <string.h>

/* Pixels of 8-bit codes of a vector of numbers each of red, green and blue, of which those below 0 become 0 and those above 255,
 * but below 2^15, 255. IE_JOIN_ROOM pixels are written: those after the vector's are to be written over. */
#define IE_JOIN_ROOM (IE_VECTOR + 2)
static inline void
ie_simd_join_u8 (IeVectorInts r, IeVectorInts g, IeVectorInts b, guint8 *out)
{
#if defined __AVX512BW__
  const __m512i shuffle = _mm512_broadcast_i32x4 (_mm_setr_epi8 (0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, -1, -1, -1, -1));
  const __m512i lanes = _mm512_setr_epi32 (0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15);
  __m512i words = _mm512_packus_epi32 ((__m512i) r, (__m512i) g), blue = _mm512_packus_epi32 ((__m512i) b, (__m512i) b);
  __m512i bytes = _mm512_shuffle_epi8 (_mm512_packus_epi16 (words, blue), shuffle);
  _mm512_mask_storeu_epi32 (out, 0x0fff, _mm512_permutexvar_epi32 (lanes, bytes));
#elif defined __AVX2__
  const __m256i shuffle = _mm256_broadcastsi128_si256 (
    _mm_setr_epi8 (0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, -1, -1, -1, -1));
  __m256i words = _mm256_packus_epi32 ((__m256i) r, (__m256i) g), blue = _mm256_packus_epi32 ((__m256i) b, (__m256i) b);
  __m256i bytes = _mm256_shuffle_epi8 (_mm256_packus_epi16 (words, blue), shuffle);
  _mm_storeu_si128 ((__m128i *) out, _mm256_castsi256_si128 (bytes));
  _mm_storeu_si128 ((__m128i *) (out + 12), _mm256_extracti128_si256 (bytes, 1));
#elif defined __SSE4_1__
  const __m128i shuffle = _mm_setr_epi8 (0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, -1, -1, -1, -1);
  __m128i words = _mm_packus_epi32 ((__m128i) r, (__m128i) g), blue = _mm_packus_epi32 ((__m128i) b, (__m128i) b);
  _mm_storeu_si128 ((__m128i *) out, _mm_shuffle_epi8 (_mm_packus_epi16 (words, blue), shuffle));
#else
  for (int i = 0; i < IE_VECTOR; i++, out += 3) {
    out[0] = (guint8) CLAMP (r[i], 0, 255);
    out[1] = (guint8) CLAMP (g[i], 0, 255);
    out[2] = (guint8) CLAMP (b[i], 0, 255);
  }
#endif
}

#if defined __SSE4_1__ && !defined __AVX512BW__
#define IE_JOINS_U16_VECTORS
/* The same of 16-bit codes, of which no more are written. */
static inline void
ie_simd_join_u16_vectors (IeVectorInts r, IeVectorInts g, IeVectorInts b, guint16 *out)
{
  const __m128i from_words[2] = { _mm_setr_epi8 (0, 1, 8, 9, -1, -1, 2, 3, 10, 11, -1, -1, 4, 5, 12, 13),
                                  _mm_setr_epi8 (-1, -1, 6, 7, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1) };
  const __m128i from_blue[2] = { _mm_setr_epi8 (-1, -1, -1, -1, 0, 1, -1, -1, -1, -1, 2, 3, -1, -1, -1, -1),
                                 _mm_setr_epi8 (4, 5, -1, -1, -1, -1, 6, 7, -1, -1, -1, -1, -1, -1, -1, -1) };
#if defined __AVX2__
#define IE_BOTH(v) _mm256_broadcastsi128_si256 (v)
  __m256i words = _mm256_packus_epi32 ((__m256i) r, (__m256i) g), blue = _mm256_packus_epi32 ((__m256i) b, (__m256i) b);
  __m256i first = _mm256_or_si256 (_mm256_shuffle_epi8 (words, IE_BOTH (from_words[0])),
                                   _mm256_shuffle_epi8 (blue, IE_BOTH (from_blue[0])));
  __m256i rest = _mm256_or_si256 (_mm256_shuffle_epi8 (words, IE_BOTH (from_words[1])),
                                  _mm256_shuffle_epi8 (blue, IE_BOTH (from_blue[1])));
  _mm_storeu_si128 ((__m128i *) out, _mm256_castsi256_si128 (first));
  _mm_storel_epi64 ((__m128i *) (out + 8), _mm256_castsi256_si128 (rest));
  _mm_storeu_si128 ((__m128i *) (out + 12), _mm256_extracti128_si256 (first, 1));
  _mm_storel_epi64 ((__m128i *) (out + 20), _mm256_extracti128_si256 (rest, 1));
#undef IE_BOTH
#else
  __m128i words = _mm_packus_epi32 ((__m128i) r, (__m128i) g), blue = _mm_packus_epi32 ((__m128i) b, (__m128i) b);
  _mm_storeu_si128 ((__m128i *) out, _mm_or_si128 (_mm_shuffle_epi8 (words, from_words[0]), _mm_shuffle_epi8 (blue, from_blue[0])));
  _mm_storel_epi64 ((__m128i *) (out + 8), _mm_or_si128 (_mm_shuffle_epi8 (words, from_words[1]), _mm_shuffle_epi8 (blue, from_blue[1])));
#endif
}
#endif

/* Three interleaved floats a pixel to planes. */
static inline void
ie_simd_part_float (const float *restrict in, float *restrict r, float *restrict g, float *restrict b, int pixels)
{
  int i = 0;
#if defined __AVX512F__
  const __m512i steps = _mm512_mullo_epi32 (
    _mm512_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), _mm512_set1_epi32 (3));
  for (; i + 16 <= pixels; i += 16) {
    const float *at = in + 3 * (gsize) i;
    __m512 first = _mm512_loadu_ps (at), middle = _mm512_loadu_ps (at + 16), last = _mm512_loadu_ps (at + 32);
    float *const planes[3] = { r + i, g + i, b + i };
    for (int c = 0; c < 3; c++) { /* the first 32 floats, then those beyond */
      __m512i place = _mm512_add_epi32 (steps, _mm512_set1_epi32 (c));
      __mmask16 is_last = _mm512_cmpge_epi32_mask (place, _mm512_set1_epi32 (32));
      __m512 two = _mm512_permutex2var_ps (first, place, middle);
      _mm512_storeu_ps (planes[c], _mm512_mask_permutexvar_ps (two, is_last, place, last));
    }
  }
#endif
  for (; i < pixels; i++) {
    r[i] = in[3 * i];
    g[i] = in[3 * i + 1];
    b[i] = in[3 * i + 2];
  }
}

/* Three interleaved 16-bit codes a pixel to planes of floats of the same value. */
static inline void
ie_simd_part_u16 (const guint16 *restrict in, float *restrict r, float *restrict g, float *restrict b, int pixels)
{
  int i = 0;
#if defined __AVX512BW__
  const __m512i steps = _mm512_mullo_epi32 (
    _mm512_setr_epi32 (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), _mm512_set1_epi32 (3));
  for (; i + 16 <= pixels; i += 16) {
    const guint16 *at = in + 3 * (gsize) i;
    __m512i first = _mm512_loadu_si512 (at);
    __m512i last = _mm512_castsi256_si512 (_mm256_loadu_si256 ((const __m256i *) (at + 32)));
    float *const planes[3] = { r + i, g + i, b + i };
    for (int c = 0; c < 3; c++) { /* each into the lower half of a number */
      __m512i place = _mm512_add_epi32 (steps, _mm512_set1_epi32 (c));
      __m512i codes = _mm512_maskz_permutex2var_epi16 (0x55555555, first, place, last);
      _mm512_storeu_ps (planes[c], _mm512_cvtepi32_ps (codes));
    }
  }
#endif
  for (; i < pixels; i++) {
    r[i] = (float) in[3 * i];
    g[i] = (float) in[3 * i + 1];
    b[i] = (float) in[3 * i + 2];
  }
}

/* Planes of 16-bit codes to pixels. */
static inline void
ie_simd_join_u16 (const guint16 *restrict r, const guint16 *restrict g, const guint16 *restrict b,
                  guint16 *restrict out, int pixels)
{
  int i = 0;
#if defined __AVX512BW__
  /* Where each sample comes from: red in 0..31, green in 32..63, or blue, where the bit is set, in 0..31. */
  static const guint16 places[3][32] = {
    { 0, 32, 0, 1, 33, 1, 2, 34, 2, 3, 35, 3, 4, 36, 4, 5,
      37, 5, 6, 38, 6, 7, 39, 7, 8, 40, 8, 9, 41, 9, 10, 42 },
    { 10, 11, 43, 11, 12, 44, 12, 13, 45, 13, 14, 46, 14, 15, 47, 15,
      16, 48, 16, 17, 49, 17, 18, 50, 18, 19, 51, 19, 20, 52, 20, 21 },
    { 53, 21, 22, 54, 22, 23, 55, 23, 24, 56, 24, 25, 57, 25, 26, 58,
      26, 27, 59, 27, 28, 60, 28, 29, 61, 29, 30, 62, 30, 31, 63, 31 }
  };
  static const guint32 blue[3] = { 0x24924924, 0x49249249, 0x92492492 };
  for (; i + 32 <= pixels; i += 32) {
    __m512i red = _mm512_loadu_si512 (r + i), green = _mm512_loadu_si512 (g + i), blues = _mm512_loadu_si512 (b + i);
    for (int k = 0; k < 3; k++) {
      __m512i place = _mm512_loadu_si512 (places[k]), two = _mm512_permutex2var_epi16 (red, place, green);
      _mm512_storeu_si512 (out + 3 * (gsize) i + 32 * k, _mm512_mask_permutexvar_epi16 (two, blue[k], place, blues));
    }
  }
#endif
  for (; i < pixels; i++) {
    out[3 * i] = r[i];
    out[3 * i + 1] = g[i];
    out[3 * i + 2] = b[i];
  }
}
