// SPDX-License-Identifier: GPL-3.0-or-later
/* Pixels whose lightness or Lab was changed, brought back into the gamut. For lightness.c, once per level.
 *
 * What leaves the picture's gamut by more than half an 8-bit code, and was in it before, moves in linear light
 * along the line to the gray of the same Y, as far as the gamut's edge: L* stays, chroma shrinks. Where Y itself is
 * well out of 0..1 the gray is the result; integer samples then clip it, float keeps it. The line is straight in
 * chromaticity, not in CIELAB: over random sRGB colours moved by 5 to 20 of L*, the hue of those that left turns by 0.5
 * to 1.2 dE (median), 95 of 100 by less than 9.4, at most 20 dE (saturated blue, darkened). A line of constant hue in
 * CIELAB does not look straighter: judged by Oklab's hue the two turn by medians of 0.5 to 2.0 and 0.2 to 1.9 degrees,
 * clipping by channel by 1.6 to 6.2, and that moves L* by up to 12 as well. */
#pragma once

#include "colorspace/strip.h"

#define HALF_CODE ((float) (0.5 / 255.0))

/* Whether a pixel is outside the range, by more than half an 8-bit code. */
static inline gint32
is_beyond (float r, float g, float b, float low, float high)
{
  float least = r < g ? r : g, most = r > g ? r : g;
  least = least < b ? least : b;
  most = most > b ? most : b;
  return (least < low) | (most > high);
}

/* The same for every pixel of a strip. */
static inline void
mark_outside (const IeRgbSpace *rgb, const IePlanes *planes, gint32 *restrict outside, int count)
{
  const float *restrict r = planes->r, *restrict g = planes->g, *restrict b = planes->b;
  float low = rgb->lowest, high = rgb->highest;
  for (int i = 0; i < count; i++)
    outside[i] = is_beyond (r[i], g[i], b[i], low, high);
}

/* Whether one of a run of samples is, alpha among them: mostly none is, and that is seen quickly. */
static inline gboolean
any_outside (const IeRgbSpace *rgb, const float *restrict samples, int count)
{
  gint32 outside = 0;
  float low = rgb->lowest, high = rgb->highest;
  for (int i = 0; i < count; i++)
    outside |= (samples[i] < low) | (samples[i] > high);
  return outside != 0;
}

/* Which pixels are outside, as they are stored: in `outside` or in what never changes. Codes never are; where the curve is a
 * formula the range is known without it. */
static const gint32 *
mark_outside_stored (const IeColourState *state, const IePixels *pixels, IeSpan span, gint32 *outside)
{
  static const gint32 nothing[IE_STRIP];
  if (pixels->depth != IE_DEPTH_FLOAT)
    return nothing;
  if (state->rgb->curve[0] || state->colours == 1) {
    IePlanes planes;
    ie_load_linear (state, pixels, span, &planes);
    mark_outside (state->rgb, &planes, outside, span.count);
  } else {
    static const IeRgbSpace encoded = { .lowest = -HALF_CODE, .highest = 1.0f + HALF_CODE };
    IePlanes planes;
    if (!any_outside (&encoded, ie_pixels_at (pixels, span.x, span.y), span.count * pixels->channels))
      return nothing;
    ie_load_float (ie_pixels_at (pixels, span.x, span.y), pixels->channels, &planes, span.count);
    mark_outside (&encoded, &planes, outside, span.count);
  }
  return outside;
}

/* Leaves in `after` only those that were not outside before; returns how many. */
static inline int
keep_newly_outside (const gint32 *restrict before, gint32 *restrict after, int count)
{
  gint32 total = 0;
  for (int i = 0; i < count; i++) {
    after[i] &= ~before[i];
    total += after[i];
  }
  return total;
}

/* The edge of the gamut is half an 8-bit code beyond black and white for colours that are just there, and these for
 * colours that are so many halves of a code out: nothing jumps. */
#define SLACK_ENDS 8.0f

/* A share of a way: `beyond` (not negative) of `way`, all of it where the way is shorter. */
typedef struct {
  float beyond, way;
} IeShare;

static inline IeShare
share (float beyond, float way)
{
  beyond = beyond > 0.0f ? beyond : 0.0f;
  way = way > beyond ? way : beyond;
  return (IeShare){ beyond, way > 0x1p-100f ? way : 0x1p-100f };
}

/* The larger of two shares: one division for both. */
static inline float
larger_share (IeShare a, IeShare b)
{
  gboolean first = a.beyond * b.way > b.beyond * a.way;
  return (first ? a.beyond : b.beyond) / (first ? a.way : b.way);
}

/* Pixels of a strip that are looked at together: where none of them left the gamut, the rest is spared. */
#define FIT_RUN 16

/* Moves pixels from `first` on that left the gamut to its edge; see the head of this file. */
static inline void
fit_gamut_run (const IeRgbSpace *rgb, IePlanes *planes, const gint32 *restrict left, int first, int count)
{
  float *restrict red = planes->r + first, *restrict green = planes->g + first, *restrict blue = planes->b + first;
  left += first;
  float row[2] = { rgb->to_y[0], rgb->to_y[1] };
  float black = rgb->black, white = rgb->white, below = black - rgb->lowest, above = rgb->highest - white;
  float per_below = 1.0f / below, per_above = 1.0f / above;
  for (int i = 0; i < count; i++) {
    float r = red[i], g = green[i], b = blue[i], y = ie_row (row, r, g, b);
    float low = r < g ? r : g, high = r > g ? r : g;
    low = low < b ? low : b;
    high = high > b ? high : b;
    /* How far out the farthest channel is, in half 8-bit codes. */
    float out_low = (black - low) * per_below, out_high = (high - white) * per_above;
    float excess = out_low > out_high ? out_low : out_high;
    float slack = (SLACK_ENDS - excess) * (1.0f / (SLACK_ENDS - 1.0f));
    slack = slack > 0.0f ? slack : 0.0f;
    slack = slack < 1.0f ? slack : 1.0f;
    float from = black - slack * below, to = white + slack * above;
    /* The share of the way from the colour to its neutral at which that channel reaches the gamut's edge; all of it
     * where the neutral is out itself. */
    float t = larger_share (share (from - low, y - low), share (high - to, high - y));
    t = left[i] ? t : 0.0f;
    red[i] = t > 0.0f ? r + t * (y - r) : r;
    green[i] = t > 0.0f ? g + t * (y - g) : g;
    blue[i] = t > 0.0f ? b + t * (y - b) : b;
  }
}

typedef struct {
  IeVector beyond, way;
} IeShares;

static inline IeShares
shares (IeVector beyond, IeVector way)
{
  beyond = ie_vector_larger (beyond, ie_vector_all (0.0f));
  return (IeShares){ beyond, ie_vector_larger (ie_vector_larger (way, beyond), ie_vector_all (0x1p-100f)) };
}

/* The same in registers, of finite numbers that were all in the gamut before; counts in each lane those that left it. */
static inline IeVectors
fit_vectors (const IeRgbSpace *rgb, IeVectors v, IeVectorInts *outside)
{
  float black = rgb->black, white = rgb->white, below = black - rgb->lowest, above = rgb->highest - white;
  IeVector none = { 0 }, lowest = ie_vector_all (rgb->lowest), highest = ie_vector_all (rgb->highest);
  IeVector y = v.b + (rgb->to_y[0] * (v.a - v.b) + rgb->to_y[1] * (v.c - v.b));
  IeVector low = ie_vector_smaller (ie_vector_smaller (v.a, v.b), v.c), high = ie_vector_larger (ie_vector_larger (v.a, v.b), v.c);
  IeVector excess = ie_vector_larger ((black - low) * (1.0f / below), (high - white) * (1.0f / above));
  IeVector slack = ie_vector_unit ((SLACK_ENDS - excess) * (1.0f / (SLACK_ENDS - 1.0f)));
  IeShares a = shares ((black - slack * below) - low, y - low), b = shares (high - (white + slack * above), high - y);
  IeVector first = a.beyond * b.way, second = b.beyond * a.way;
  IeVector t = ie_vector_at_most (first, second, b.beyond, a.beyond) / ie_vector_at_most (first, second, b.way, a.way);
  t = ie_vector_at_most (lowest, low, ie_vector_at_most (high, highest, none, t), t);
  *outside -= (IeVectorInts) (t > none);
  return (IeVectors){ v.a + t * (y - v.a), v.b + t * (y - v.b), v.c + t * (y - v.c) };
}

/* Whether one of FIT_RUN marks is set, in words of two. */
static inline gboolean
is_any_left (const gint32 *left)
{
  guint64 words[FIT_RUN / 2], any = 0;
  memcpy (words, left, sizeof words);
  for (int i = 0; i < FIT_RUN / 2; i++)
    any |= words[i];
  return any != 0;
}

static void
fit_gamut (const IeRgbSpace *rgb, IePlanes *planes, const gint32 *left, int count)
{
  int first = 0;
  for (; first + FIT_RUN <= count; first += FIT_RUN)
    if (is_any_left (left + first))
      fit_gamut_run (rgb, planes, left, first, FIT_RUN);
  fit_gamut_run (rgb, planes, left, first, count - first);
}

/* Counts the pixels that `planes`, linear light, has out of gamut and that were in it before; brings them back. */
static void
keep_in_gamut (const IeRgbSpace *rgb, IePlanes *planes, const gint32 *before, int count, IeConvertCount *sum)
{
  gint32 after[IE_STRIP];
  mark_outside (rgb, planes, after, count);
  int outside = keep_newly_outside (before, after, count);
  if (outside > 0)
    fit_gamut (rgb, planes, after, count);
  sum->out_of_gamut += (guint64) outside;
}

/* The same where all were in the gamut before, whole vectors: what is there is looked at once. */
static void
fit_planes (const IeRgbSpace *rgb, IePlanes *planes, int count, IeConvertCount *sum)
{
  IeVector low = ie_vector_all (rgb->lowest), high = ie_vector_all (rgb->highest);
  IeVectorInts outside = { 0 };
  for (int i = 0; i < count; i += IE_VECTOR) {
    IeVectors v = ie_vectors_load (planes->r, planes->g, planes->b, i);
    if (ie_vectors_any_beyond (v, low, high))
      ie_vectors_store (fit_vectors (rgb, v, &outside), planes->r, planes->g, planes->b, i);
  }
  for (int k = 0; k < IE_VECTOR; k++)
    sum->out_of_gamut += (guint64) outside[k];
}
