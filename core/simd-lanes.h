// SPDX-License-Identifier: GPL-3.0-or-later
/* Vectors of bytes as wide as the level's registers, for loops that must keep running sums of many independent lanes in
 * registers from step to step: left to itself the compiler stores them and waits for them at each step. The vector
 * extension of gcc; what is computed does not depend on the width. */
#pragma once

#include <glib.h>
#include <string.h>

#if defined(__AVX512BW__)
#define IE_LANES 64
#elif defined(__AVX2__)
#define IE_LANES 32
#else
#define IE_LANES 16
#endif

typedef guint8 IeLanes __attribute__ ((vector_size (IE_LANES), may_alias));

/* ---- comparing: a bit a lane where the processor has masks, else 255 or 0 in it -------------------------------------- */

#ifdef __AVX512BW__

#include <immintrin.h>

typedef __mmask64 IeLanesMask;

static inline IeLanesMask
ie_lanes_at_most (IeLanes a, IeLanes b)
{
  return _mm512_cmple_epu8_mask ((__m512i) a, (__m512i) b);
}

static inline IeLanesMask
ie_lanes_equal (IeLanes a, IeLanes b)
{
  return _mm512_cmpeq_epu8_mask ((__m512i) a, (__m512i) b);
}

static inline gboolean
ie_lanes_has (IeLanesMask mask, int lane)
{
  return mask >> lane & 1;
}

/* count + 1 where the mask says so; and count - 1. */
static inline IeLanes
ie_lanes_one_more (IeLanes count, IeLanesMask mask)
{
  return (IeLanes) _mm512_mask_add_epi8 ((__m512i) count, mask, (__m512i) count, _mm512_set1_epi8 (1));
}

static inline IeLanes
ie_lanes_one_less (IeLanes count, IeLanesMask mask)
{
  return (IeLanes) _mm512_mask_sub_epi8 ((__m512i) count, mask, (__m512i) count, _mm512_set1_epi8 (1));
}

/* a where the mask says so, else b. */
static inline IeLanes
ie_lanes_choose (IeLanesMask mask, IeLanes a, IeLanes b)
{
  return (IeLanes) _mm512_mask_blend_epi8 (mask, (__m512i) b, (__m512i) a);
}

#else

typedef IeLanes IeLanesMask;

static inline IeLanesMask
ie_lanes_at_most (IeLanes a, IeLanes b)
{
  return (IeLanes) (a <= b);
}

static inline IeLanesMask
ie_lanes_equal (IeLanes a, IeLanes b)
{
  return (IeLanes) (a == b);
}

static inline gboolean
ie_lanes_has (IeLanesMask mask, int lane)
{
  return mask[lane] != 0;
}

/* count + 1 where the mask says so; and count - 1. */
static inline IeLanes
ie_lanes_one_more (IeLanes count, IeLanesMask mask)
{
  return count - mask;
}

static inline IeLanes
ie_lanes_one_less (IeLanes count, IeLanesMask mask)
{
  return count + mask;
}

/* a where the mask says so, else b. */
static inline IeLanes
ie_lanes_choose (IeLanesMask mask, IeLanes a, IeLanes b)
{
  return (mask & a) | (~mask & b);
}

#endif

/* As loops: compilers make one instruction of each, and eight of the same by masks. */
static inline IeLanes
ie_lanes_high (IeLanes a, IeLanes b)
{
  IeLanes high;
  for (int i = 0; i < IE_LANES; i++)
    high[i] = a[i] > b[i] ? a[i] : b[i];
  return high;
}

static inline IeLanes
ie_lanes_low (IeLanes a, IeLanes b)
{
  IeLanes low;
  for (int i = 0; i < IE_LANES; i++)
    low[i] = a[i] < b[i] ? a[i] : b[i];
  return low;
}

static inline IeLanes
ie_lanes_all (guint8 value)
{
  return (IeLanes){ 0 } + value;
}

/* ---- turning ---------------------------------------------------------------------------------------------------- */

#define IE_TURN 16 /* bytes of a side of what is turned at a time */

typedef guint8 IeTurned __attribute__ ((vector_size (IE_TURN), may_alias));

/* to[k * to_stride + j] = from[j][k] for j, k in 0 .. 15: four times the first and second half of 16 rows of bytes are
 * interleaved. */
static inline void
ie_lanes_turn (const guint8 *const *from, guint8 *to, gsize to_stride)
{
  const IeTurned first = { 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23 };
  const IeTurned second = { 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31 };
  IeTurned row[IE_TURN], turned[IE_TURN];
  for (int j = 0; j < IE_TURN; j++)
    memcpy (&row[j], from[j], IE_TURN);
  for (int round = 0; round < 4; round++) {
    for (int j = 0; j < IE_TURN / 2; j++) {
      turned[2 * j] = __builtin_shuffle (row[j], row[j + IE_TURN / 2], first);
      turned[2 * j + 1] = __builtin_shuffle (row[j], row[j + IE_TURN / 2], second);
    }
    memcpy (row, turned, sizeof row);
  }
  for (int k = 0; k < IE_TURN; k++)
    memcpy (to + (gsize) k * to_stride, &row[k], IE_TURN);
}
