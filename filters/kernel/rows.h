// SPDX-License-Identifier: GPL-3.0-or-later
/* Weighted sums of rows: what every separable filter is made of.
 *
 * A vertical pass sums rows of the picture; a horizontal pass sums one row with itself, shifted by multiples of
 * `channels` samples. Both are one loop over samples with the taps unrolled inside, which compilers vectorise.
 *
 * Taps are added in a fixed order, IE_ROWS_GROUP at a time: the same sample has the same bits wherever it is computed.
 * Rows may overlap each other; `out` overlaps none of them.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#define IE_ROWS_GROUP 8

/* Loops over a multiple of IE_ROWS_VECTOR samples leave no rest, which compilers do sample by sample, with any vector up
 * to 64 bytes. IE_ROWS_PAD (n): the next multiple. */
#define IE_ROWS_VECTOR 32
#define IE_ROWS_PAD(n) (((n) + IE_ROWS_VECTOR - 1) / IE_ROWS_VECTOR * IE_ROWS_VECTOR)

/* a * b / 32768 rounded half up; in this form compilers see the multiply-high-and-round instruction of x86-64-v2. Not
 * for both -32768. */
static inline int16_t
ie_multiply_high (int16_t a, int16_t b)
{
  return (int16_t) ((((int) a * b >> 14) + 1) >> 1);
}

/* One group of `n` taps that begins after the first `done`. n and first are constants at every call below. */
static inline void
ie_rows_fold_float_group (float *restrict out, const float *const *rows, const float *taps, int done, int n,
                          gboolean first, int width)
{
  const float *before[IE_ROWS_GROUP], *after[IE_ROWS_GROUP], *centre = rows[0];
  float weight[IE_ROWS_GROUP], centre_weight = taps[0];
  for (int t = 0; t < n; t++) {
    before[t] = rows[-done - 1 - t];
    after[t] = rows[done + 1 + t];
    weight[t] = taps[done + 1 + t];
  }
  for (int i = 0; i < width; i++) {
    float sum = first ? centre[i] * centre_weight : out[i];
    for (int t = 0; t < n; t++)
      sum += (before[t][i] + after[t][i]) * weight[t];
    out[i] = sum;
  }
}

static inline void
ie_rows_fold_int16_group (int16_t *restrict out, const int16_t *const *rows, const int16_t *taps, int done, int n,
                          gboolean first, int width)
{
  const int16_t *before[IE_ROWS_GROUP], *after[IE_ROWS_GROUP], *centre = rows[0];
  int16_t weight[IE_ROWS_GROUP], centre_weight = taps[0];
  for (int t = 0; t < n; t++) {
    before[t] = rows[-done - 1 - t];
    after[t] = rows[done + 1 + t];
    weight[t] = taps[done + 1 + t];
  }
  for (int i = 0; i < width; i++) {
    int16_t sum = first ? ie_multiply_high (centre[i], centre_weight) : out[i];
    for (int t = 0; t < n; t++)
      sum = (int16_t) (sum + ie_multiply_high ((int16_t) (before[t][i] + after[t][i]), weight[t]));
    out[i] = sum;
  }
}

static inline void
ie_rows_sum_float_group (float *restrict out, const float *const *rows, const float *weights, int done, int n,
                         gboolean first, int width)
{
  const float *row[IE_ROWS_GROUP];
  float weight[IE_ROWS_GROUP];
  for (int t = 0; t < n; t++) {
    row[t] = rows[done + t];
    weight[t] = weights[done + t];
  }
  for (int i = 0; i < width; i++) {
    float sum = first ? row[0][i] * weight[0] : out[i] + row[0][i] * weight[0];
    for (int t = 1; t < n; t++)
      sum += row[t][i] * weight[t];
    out[i] = sum;
  }
}

#define IE_ROWS_CASE(function, n, first, ...) \
  case n: \
    function (__VA_ARGS__, rows, weights, done, n, first, width); \
    break;
#define IE_ROWS_SWITCH(function, n, first, ...) \
  switch (n) { \
    IE_ROWS_CASE (function, 1, first, __VA_ARGS__) \
    IE_ROWS_CASE (function, 2, first, __VA_ARGS__) \
    IE_ROWS_CASE (function, 3, first, __VA_ARGS__) \
    IE_ROWS_CASE (function, 4, first, __VA_ARGS__) \
    IE_ROWS_CASE (function, 5, first, __VA_ARGS__) \
    IE_ROWS_CASE (function, 6, first, __VA_ARGS__) \
    IE_ROWS_CASE (function, 7, first, __VA_ARGS__) \
  default: \
    function (__VA_ARGS__, rows, weights, done, IE_ROWS_GROUP, first, width); \
  }

/* out[i] = rows[0][i] * weights[0] + sum over t = 1 .. radius of (rows[-t][i] + rows[t][i]) * weights[t], added from
 * the centre outwards. radius >= 1; `rows` points at the centre of 2 * radius + 1 pointers. */
static inline void
ie_rows_fold_float (float *restrict out, const float *const *rows, const float *weights, int radius, int width)
{
  for (int done = 0; done < radius; done += IE_ROWS_GROUP) {
    if (done == 0)
      IE_ROWS_SWITCH (ie_rows_fold_float_group, radius, TRUE, out)
    else
      IE_ROWS_SWITCH (ie_rows_fold_float_group, radius - done, FALSE, out)
  }
}

/* ie_rows_fold_float() on int16 with weights in units of 1 / 32768; the caller sees to it that no pair and no sum overflows. */
static inline void
ie_rows_fold_int16 (int16_t *restrict out, const int16_t *const *rows, const int16_t *weights, int radius, int width)
{
  for (int done = 0; done < radius; done += IE_ROWS_GROUP) {
    if (done == 0)
      IE_ROWS_SWITCH (ie_rows_fold_int16_group, radius, TRUE, out)
    else
      IE_ROWS_SWITCH (ie_rows_fold_int16_group, radius - done, FALSE, out)
  }
}

/* out[i] = sum over t of rows[t][i] * weights[t] (with add: += each), 0 <= t < count, count >= 1. */
static inline void
ie_rows_sum_float (float *restrict out, const float *const *rows, const float *weights, int count, gboolean add,
                   int width)
{
  for (int done = 0; done < count; done += IE_ROWS_GROUP) {
    if (done == 0 && !add)
      IE_ROWS_SWITCH (ie_rows_sum_float_group, count, TRUE, out)
    else
      IE_ROWS_SWITCH (ie_rows_sum_float_group, count - done, FALSE, out)
  }
}
