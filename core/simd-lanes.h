// SPDX-License-Identifier: GPL-3.0-or-later
/* Vectors of bytes as wide as the level's registers, for loops that must keep running sums of many independent lanes in
 * registers from step to step: left to itself the compiler stores them and waits for them at each step. The vector
 * extension of gcc; what is computed does not depend on the width. */
#pragma once

#include <glib.h>
#include <string.h>

/* Vectors of 64 bytes gain nothing on processors that take two steps for one. */
#ifdef __AVX2__
#define IE_LANES 32
#else
#define IE_LANES 16
#endif

typedef guint8 IeLanes __attribute__ ((vector_size (IE_LANES), may_alias));

/* 255 where a <= b, else 0. */
static inline IeLanes
ie_lanes_at_most (IeLanes a, IeLanes b)
{
  return (IeLanes) (a <= b);
}

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

/* a where mask is 255, b where it is 0. */
static inline IeLanes
ie_lanes_choose (IeLanes mask, IeLanes a, IeLanes b)
{
  return (mask & a) | (~mask & b);
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
