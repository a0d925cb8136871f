// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows of non-local means: squared differences, weights of patches and their sums, in integers of 16 bits. Private to
 * filters/kernel/nlmeans.c. Rows are done in multiples of VECTOR. */
#pragma once

#include "filters/kernel/nlmeans.h"

#define VECTOR 32         /* integers */
#define MOST_SCALED 65000 /* of what is squared for a weight: leaves room to round */

/* How differences become the weight of a patch. Squares, summed over the channels, are rounded to steps of 2^shift, the
 * finest of which all sums of a patch that weigh anything fit 16 bits when columns are cut at `most`: for one channel
 * and patches of 3, 5, 7 pixels a side 1, 2, 8 of the 256 in a variance of the noise. With near = none - sum, cut to
 * 0 .. full, the weight is most_weight (near / full)^4, within one: near, times `scale` nearly 16 bits, is squared
 * twice, each time the high half, and multiplied by `factor`; `bias` makes the last step round. */
typedef struct {
  int limit, half, shift; /* of a difference: its square, summed over the channels, and half a step fit 16 bits */
  int most;               /* of a square and of a column's sum: so much leaves a patch no weight */
  int none, full;
  int scale, bias, factor;
} Rule;

static inline guint16
high_half (guint16 a, guint16 b)
{
  return (guint16) (((guint32) a * (guint32) b) >> 16);
}

/* The 1 makes up for what the high half cuts off. It also parts the products: one that is squared as it is gcc makes of
 * 32 bits. */
static inline guint16
fourth_power (guint16 a)
{
  guint16 square = (guint16) (high_half (a, a) + 1);
  return high_half (square, square);
}

static inline Rule
rule_of (const IeNlmeansShape *shape, int colours, int most_weight)
{
  Rule rule = { 0 };
  int side = 2 * shape->patch + 1;
  double variance = (double) side * side * colours * IE_NLMEANS_UNIT * IE_NLMEANS_UNIT;
  rule.most = 65535 / side;
  while ((shape->offset + shape->reach) * variance > (double) rule.most * (1 << rule.shift))
    rule.shift++;
  rule.half = rule.shift > 0 ? 1 << (rule.shift - 1) : 0;
  rule.limit = (int) __builtin_sqrt ((65535.0 - rule.half) / colours);
  rule.full = (int) (shape->reach * variance / (1 << rule.shift) + 0.5);
  rule.none = (int) (shape->offset * variance / (1 << rule.shift) + 0.5) + rule.full;
  rule.scale = MOST_SCALED / rule.full;
  rule.factor = (int) (most_weight * 65536.0 / fourth_power ((guint16) (rule.full * rule.scale)) + 0.5);
  rule.bias = 32768 / rule.factor;
  return rule;
}

/* A row of squared differences to a row of the same guide goes into the ring in place of the oldest, and into the sums
 * of columns. colours is a constant at every call. */
static inline __attribute__ ((always_inline)) void
difference_row (const Rule *rule, guint16 *restrict ring, guint16 *restrict column, guint16 *restrict narrow,
                const gint16 *const *own, const gint16 *const *other, int width, int colours)
{
  const gint16 *a[IE_MAX_CHANNELS], *b[IE_MAX_CHANNELS];
  gint16 limit = (gint16) rule->limit;
  guint16 half = (guint16) rule->half, most = (guint16) rule->most;
  int shift = rule->shift;
  for (int c = 0; c < colours; c++) {
    a[c] = own[c];
    b[c] = other[c];
  }
  width &= ~(VECTOR - 1);
  for (int i = 0; i < width; i++) {
    guint16 sum = half;
    for (int c = 0; c < colours; c++) {
      gint16 d = (gint16) (a[c][i] - b[c][i]);
      d = d < 0 ? (gint16) -d : d;
      d = d < limit ? d : limit;
      sum = (guint16) (sum + (guint16) ((guint16) d * (guint16) d));
    }
    sum = (guint16) (sum >> shift);
    sum = sum < most ? sum : most;
    guint16 all = (guint16) (column[i] + sum - ring[i]);
    ring[i] = sum;
    column[i] = all;
    narrow[i] = all < most ? all : most;
  }
}

static inline __attribute__ ((always_inline)) guint16
sum_along (const guint16 *from, int side)
{
  guint16 sum = from[0];
  for (int k = 1; k < side; k++)
    sum = (guint16) (sum + from[k]);
  return sum;
}

/* The weights of a row of patches, whose columns have these sums, go into the ring in place of the oldest, and into the
 * sums of columns. */
static inline __attribute__ ((always_inline)) void
weight_row (const Rule *rule, guint16 *restrict ring, guint16 *restrict column, const guint16 *restrict sums, int side,
            int width)
{
  guint16 none = (guint16) rule->none, full = (guint16) rule->full, bias = (guint16) rule->bias;
  guint16 scale = (guint16) rule->scale, factor = (guint16) rule->factor;
  width &= ~(VECTOR - 1);
  for (int i = 0; i < width; i++) {
    guint16 sum = sum_along (sums + i, side);
    sum = sum < none ? sum : none;
    guint16 near = (guint16) (none - sum);
    near = near < full ? near : full;
    guint16 fourth = fourth_power ((guint16) (near * scale));
    guint16 weight = high_half ((guint16) (fourth + bias), factor);
    column[i] = (guint16) (column[i] + weight - ring[i]);
    ring[i] = weight;
  }
}

static inline __attribute__ ((always_inline)) void
sum_row (guint16 *restrict to, const guint16 *restrict from, int side, int width)
{
  width &= ~(VECTOR - 1);
  for (int i = 0; i < width; i++)
    to[i] = sum_along (from + i, side);
}
