// SPDX-License-Identifier: GPL-3.0-or-later
/* Turning squares of floats: what lay beside each other comes to lie below each other. Left to itself the compiler moves
 * single floats. */
#pragma once

#include <glib.h>
#include <string.h>

#ifdef __AVX__
#define IE_SQUARE 8 /* floats of a side */
typedef float IeSquareRow __attribute__ ((vector_size (32), may_alias));
typedef gint32 IeSquareOrder __attribute__ ((vector_size (32)));
#else
#define IE_SQUARE 4
typedef float IeSquareRow __attribute__ ((vector_size (16), may_alias));
typedef gint32 IeSquareOrder __attribute__ ((vector_size (16)));
#endif

static inline IeSquareRow
ie_square_load (const float *from)
{
  IeSquareRow row;
  memcpy (&row, from, sizeof row);
  return row;
}

/* row[i] lane j <-> row[j] lane i: pairs of floats, of pairs and, in vectors of 8, of halves change places. */
static inline __attribute__ ((always_inline)) void
ie_square_turn (IeSquareRow *row)
{
  IeSquareRow half[IE_SQUARE];
#ifdef __AVX__
  const IeSquareOrder low = { 0, 8, 1, 9, 4, 12, 5, 13 }, high = { 2, 10, 3, 11, 6, 14, 7, 15 };
  const IeSquareOrder low_pair = { 0, 1, 8, 9, 4, 5, 12, 13 }, high_pair = { 2, 3, 10, 11, 6, 7, 14, 15 };
  const IeSquareOrder first = { 0, 1, 2, 3, 8, 9, 10, 11 }, second = { 4, 5, 6, 7, 12, 13, 14, 15 };
#else
  const IeSquareOrder low = { 0, 4, 1, 5 }, high = { 2, 6, 3, 7 };
  const IeSquareOrder low_pair = { 0, 1, 4, 5 }, high_pair = { 2, 3, 6, 7 };
#endif
#pragma GCC unroll 4
  for (int i = 0; i < IE_SQUARE; i += 2) {
    half[i] = __builtin_shuffle (row[i], row[i + 1], low);
    half[i + 1] = __builtin_shuffle (row[i], row[i + 1], high);
  }
#pragma GCC unroll 4
  for (int i = 0; i < IE_SQUARE; i += 4) {
    row[i] = __builtin_shuffle (half[i], half[i + 2], low_pair);
    row[i + 1] = __builtin_shuffle (half[i], half[i + 2], high_pair);
    row[i + 2] = __builtin_shuffle (half[i + 1], half[i + 3], low_pair);
    row[i + 3] = __builtin_shuffle (half[i + 1], half[i + 3], high_pair);
  }
#ifdef __AVX__
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    half[i] = __builtin_shuffle (row[i], row[i + 4], first);
    half[i + 4] = __builtin_shuffle (row[i], row[i + 4], second);
  }
  memcpy (row, half, sizeof half);
#endif
}

/* to[k][j] = from[j][k] for 0 <= j, k < IE_SQUARE. */
static inline __attribute__ ((always_inline)) void
ie_square_copy (const float *const *from, float *const *to)
{
  IeSquareRow row[IE_SQUARE];
#pragma GCC unroll 8
  for (int i = 0; i < IE_SQUARE; i++)
    row[i] = ie_square_load (from[i]);
  ie_square_turn (row);
#pragma GCC unroll 8
  for (int i = 0; i < IE_SQUARE; i++)
    memcpy (to[i], &row[i], sizeof row[i]);
}
