// SPDX-License-Identifier: GPL-3.0-or-later
#include "filters/kernel/ridge.h"

#include "core/simd-crests.h"
#include "filters/kernel/hysteresis.h"

#include <math.h>
#include <string.h>

/* Added to and taken from a float below 2^22, leaves the whole number nearest to it. */
#define WHOLE 12582912.0f
#define MOST (63.0f * IE_RIDGE_UNITS)
#define TAN_22_5 0.41421356f /* sqrt (2) - 1; tan 67.5 is 2 more */

void
ie_ridge_quantise (const float *restrict in, float *restrict out, int count)
{
  for (int i = 0; i < count; i++) {
    float v = in[i] * IE_RIDGE_UNITS;
    v = v < MOST ? v : MOST;
    v = v > -MOST ? v : -MOST;
    out[i] = (v + WHOLE) - WHOLE;
  }
}

/* a + 2 b + c, of whole numbers that stay below 2^24: exact in any order and with any contraction. */
static inline float
weighed (float a, float b, float c)
{
#ifdef __FMA__
  return fmaf (2, b, a + c);
#else
  return a + 2 * b + c;
#endif
}

static inline float
size_of (float x, float y, gboolean l1)
{
  return l1 ? fabsf (x) + fabsf (y) : x * x + y * y;
}

/* Every row is a parameter: compilers heed `restrict` there alone, and without it give up on so many rows. */
static inline void
slopes (const float *restrict above, const float *restrict here, const float *restrict below, float *restrict across,
        float *restrict down, float *restrict size, int count, gboolean l1)
{
  for (int i = 0; i < count; i++) {
    float left = weighed (above[i - 1], here[i - 1], below[i - 1]);
    float right = weighed (above[i + 1], here[i + 1], below[i + 1]);
    float top = weighed (above[i - 1], above[i], above[i + 1]), bottom = weighed (below[i - 1], below[i], below[i + 1]);
    float x = right - left, y = bottom - top;
    across[i] = x;
    down[i] = y;
    size[i] = size_of (x, y, l1);
  }
}

/* A row that is loaded serves both. */
static inline void
pair_slopes (const float *restrict r0, const float *restrict r1, const float *restrict r2, const float *restrict r3,
             float *restrict across, float *restrict down, float *restrict size, float *restrict next_across,
             float *restrict next_down, float *restrict next_size, int count, gboolean l1)
{
  for (int i = 0; i < count; i++) {
    float left0 = r0[i - 1], left1 = r1[i - 1], left2 = r2[i - 1], left3 = r3[i - 1];
    float right0 = r0[i + 1], right1 = r1[i + 1], right2 = r2[i + 1], right3 = r3[i + 1];
    float x = weighed (right0, right1, right2) - weighed (left0, left1, left2);
    float y = weighed (left2, r2[i], right2) - weighed (left0, r0[i], right0);
    float next_x = weighed (right1, right2, right3) - weighed (left1, left2, left3);
    float next_y = weighed (left3, r3[i], right3) - weighed (left1, r1[i], right1);
    across[i] = x;
    down[i] = y;
    size[i] = size_of (x, y, l1);
    next_across[i] = next_x;
    next_down[i] = next_y;
    next_size[i] = size_of (next_x, next_y, l1);
  }
}

#define ONE rows[0], rows[1], rows[2], first->across, first->down, first->size, count
#define BOTH \
  rows[0], rows[1], rows[2], rows[3], first->across, first->down, first->size, second->across, second->down, \
    second->size, count

void
ie_ridge_slopes (const float *const *rows, const IeSlopes *first, const IeSlopes *second, int count, gboolean l1)
{
  if (second && l1)
    pair_slopes (BOTH, TRUE);
  else if (second)
    pair_slopes (BOTH, FALSE);
  else if (l1)
    slopes (ONE, TRUE);
  else
    slopes (ONE, FALSE);
}

#define BLOCK IE_HYSTERESIS_PIXELS

static inline gboolean
any_above (const float *restrict size, int count, float low)
{
  int any = 0;
  for (int i = 0; i < count; i++)
    any |= size[i] > low;
  return any;
}

static inline void
classes_of (const float *restrict above, const float *restrict here, const float *restrict below,
            const float *restrict across, const float *restrict down, guint8 *restrict classes, int count, float low,
            float high)
{
  for (int i = 0; i < count; i++) {
    float x = fabsf (across[i]), y = fabsf (down[i]), m = here[i], turned = across[i] * down[i];
    float level = x * TAN_22_5, steep = level + 2 * x;
    int horizontal = y < level, vertical = y > steep, falling = turned < 0;
    float diagonal_before = falling ? above[i + 1] : above[i - 1];
    float diagonal_after = falling ? below[i - 1] : below[i + 1];
    float before = horizontal ? here[i - 1] : vertical ? above[i] : diagonal_before;
    float after = horizontal ? here[i + 1] : vertical ? below[i] : diagonal_after;
    int crest = (m > before) & ((m > after) | ((m == after) & (horizontal | vertical)));
    int strength = (m > low) + 2 * (m > high);
    classes[i] = (guint8) (crest ? strength : 0);
  }
}

/* Bit `bit` of 64 bytes as a word. Eight bytes of 0 or 1 times this factor have them side by side in the highest byte.
 */
static inline guint64
bits_of (const guint8 *bytes, int bit)
{
  guint64 word = 0;
  for (int i = 0; i < BLOCK; i += 8) {
    guint64 eight;
    memcpy (&eight, bytes + i, sizeof eight);
    eight = GUINT64_FROM_LE (eight) >> bit & G_GUINT64_CONSTANT (0x0101010101010101);
    word |= eight * G_GUINT64_CONSTANT (0x0102040810204080) >> 56 << i;
  }
  return word;
}

/* The levels that have a version written by hand; the others are tested against them. */
#ifdef __AVX2__
#define BY_HAND TRUE
#else
#define BY_HAND FALSE
#endif

/* Most blocks of most pictures have nothing above the threshold. */
void
ie_ridge_crests (const float *above, const float *here, const float *below, const float *across, const float *down,
                 guint64 *crests, guint64 *strong, int count, float low, float high)
{
  if (BY_HAND && ie_simd_crests (above, here, below, across, down, crests, strong, count, low, high, TAN_22_5))
    return;
  for (int i = 0; i < count; i += BLOCK, crests++, strong++) {
    guint8 classes[BLOCK] = { 0 };
    int n = MIN (BLOCK, count - i);
    *crests = *strong = 0;
    if (!any_above (here + i, n, low))
      continue;
    if (n == BLOCK)
      classes_of (above + i, here + i, below + i, across + i, down + i, classes, BLOCK, low, high);
    else
      classes_of (above + i, here + i, below + i, across + i, down + i, classes, n, low, high);
    *crests = bits_of (classes, 0);
    *strong = bits_of (classes, 1);
  }
}
