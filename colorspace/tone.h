// SPDX-License-Identifier: GPL-3.0-or-later
/* Lightness of 8-bit sRGB pixels by a curve in one go: linear light, g of X, Y, Z, the curve, and back. For lightness.c, once
 * per level. */
#pragma once

#include "colorspace/gamut.h"
#include "core/tone.h"

#define TONE_AHEAD (2 * 3 * IE_STRIP) /* bytes */
#define TONE_SIDE 4                   /* vectors at a time; strips have room for them */

/* Of a strip: in the lower halves, where each pixel's two values of the curve lie; how far it is from the first to the second;
 * the values, as 16-bit codes. */
typedef struct {
  _Alignas (64) guint32 place[IE_STRIP];
  _Alignas (64) float way[IE_STRIP];
  _Alignas (64) guint32 pair[IE_STRIP];
} ToneStrip;

/* One load a pixel; a gather costs more. */
static inline void
fetch_pairs (const guint16 *curve, const guint32 *place, guint32 *pair)
{
  for (int i = 0; i < IE_VECTOR; i += 2)
    ie_put_two (curve + (guint16) place[i], curve + (guint16) place[i + 1], pair + i);
}

/* From the last 1/128 before a centre on that centre is the first of the two: what is taken off before rounding. */
#define TONE_FROM (0.5f - IE_TONE_CENTRE)

static inline void
find_place (ToneStrip *tone, int i, IeVector lightness)
{
  IeVector zero = { 0 }, x = lightness * IE_TONE_LAST;
  IeVector floor = x - TONE_FROM + IE_ROUND_BITS;
  IeVector way = (x - (floor - IE_ROUND_BITS) - IE_TONE_CENTRE) * IE_TONE_PER_WAY;
  ie_vector_store ((IeVector) ie_vector_larger_int ((IeVectorInts) way, (IeVectorInts) zero), tone->way + i);
  memcpy (tone->place + i, &floor, sizeof floor);
}

/* Short loops one after the other, in functions of their own: each has the registers for its tables and constants, and the
 * processor has enough of the next vectors in sight while one waits for its own results. */
static inline void
planes_by_matrix (const float rows[3][2], IePlanes *planes, int count)
{
  for (int i = 0; i < count; i += IE_VECTOR)
    ie_vectors_store (ie_vectors_matrix (rows, ie_vectors_load (planes->r, planes->g, planes->b, i)), planes->r, planes->g,
                      planes->b, i);
}

/* In place: linear R, G, B become X, g (Y), Z; and where L* is on the curve. */
static void __attribute__ ((noinline))
tone_enter (const IeRgbSpace *rgb, IePlanes *planes, ToneStrip *tone, int count)
{
  const float rows[3][2] = { { rgb->to_x[0], rgb->to_x[1] }, { rgb->to_y[0], rgb->to_y[1] }, { rgb->to_z[0], rgb->to_z[1] } };
  planes_by_matrix (rows, planes, count);
  IeOctaves octaves = ie_g_load ();
  for (int i = 0; i < count; i += TONE_SIDE * IE_VECTOR) {
    IeVector g[TONE_SIDE];
    for (int j = 0; j < TONE_SIDE; j++)
      g[j] = ie_vector_load (planes->g + i + j * IE_VECTOR);
    ie_vectors_g (&octaves, g, TONE_SIDE);
    for (int j = 0; j < TONE_SIDE; j++) {
      ie_vector_store (g[j], planes->g + i + j * IE_VECTOR);
      find_place (tone, i + j * IE_VECTOR, g[j] * IE_L_OF_G);
    }
  }
}

/* In place: X and Z become g(X) - g(Y) and g(Z) - g(Y). Beside it the values of the curve are fetched: the one multiplies, the
 * other loads and stores. */
static void __attribute__ ((noinline))
tone_keep (IePlanes *planes, const guint16 *curve, ToneStrip *tone, int count)
{
  IeOctaves octaves = ie_g_load ();
  for (int i = 0; i < count; i += IE_VECTOR) {
    IeVectors v = ie_vectors_load (planes->r, planes->g, planes->b, i);
    IeVector g[] = { v.a, v.c };
    ie_vectors_g (&octaves, g, 2);
    ie_vector_store (g[0] - v.b, planes->r + i);
    ie_vector_store (g[1] - v.b, planes->b + i);
    fetch_pairs (curve, tone->place + i, tone->pair + i);
  }
}

/* From there to linear R, G, B of the new lightness, within the gamut. */
static void __attribute__ ((noinline))
tone_leave (const IeRgbSpace *rgb, IePlanes *planes, const ToneStrip *tone, int count, IeConvertCount *sum)
{
  const float rows[3][2] = { { rgb->to_r[0], rgb->to_r[1] }, { rgb->to_g[0], rgb->to_g[1] }, { rgb->to_b[0], rgb->to_b[1] } };
  IeVector low = ie_vector_all (rgb->lowest), high = ie_vector_all (rgb->highest);
  IeVectorInts outside = { 0 };
  for (int i = 0; i < count; i += IE_VECTOR) {
    IeVectorBits pair;
    memcpy (&pair, tone->pair + i, sizeof pair);
    IeVector from = __builtin_convertvector ((IeVectorInts) (pair & 65535u), IeVector);
    IeVector to = __builtin_convertvector ((IeVectorInts) (pair >> 16), IeVector);
    IeVector y = (from + (to - from) * ie_vector_load (tone->way + i)) * (IE_G_OF_L / IE_TONE_LAST);
    IeVectors v = { y + ie_vector_load (planes->r + i), y, y + ie_vector_load (planes->b + i) };
    v = (IeVectors){ ie_g_inverse_vector (v.a), ie_g_inverse_vector (v.b), ie_g_inverse_vector (v.c) };
    ie_vectors_store (v, planes->r, planes->g, planes->b, i);
  }
  for (int i = 0; i < count; i += IE_VECTOR) {
    IeVectors v = ie_vectors_matrix (rows, ie_vectors_load (planes->r, planes->g, planes->b, i));
    if (ie_vectors_any_beyond (v, low, high))
      v = fit_vectors (rgb, v, &outside);
    ie_vectors_store (v, planes->r, planes->g, planes->b, i);
  }
  for (int k = 0; k < IE_VECTOR; k++)
    sum->out_of_gamut += (guint64) outside[k];
}

static void
tone_strip (const IeRgbSpace *rgb, const guint8 *in, const guint16 *curve, guint8 *out, int count, IeConvertCount *sum)
{
  IePlanes planes;
  ToneStrip tone;
  ie_load_linear_u8 (rgb, in, 3, &planes, count);
  ie_pad_planes (&planes, count);
  tone_enter (rgb, &planes, &tone, count);
  tone_keep (&planes, curve, &tone, count);
  tone_leave (rgb, &planes, &tone, count, sum);
  ie_codes_u8 (planes.r, planes.g, planes.b, out, count);
}

/* Two at a time: both counts are read before either is written; where they are the same one, the second store has both. */
static inline void
count_places (const guint32 *place, guint32 *counts, int pixels)
{
  for (int i = 0; i + 2 <= pixels; i += 2) {
    guint32 first = place[i], second = place[i + 1];
    guint32 a = counts[first] + 1, b = counts[second] + 1 + (first == second);
    counts[first] = a;
    counts[second] = b;
  }
  if (pixels % 2)
    counts[place[pixels - 1]]++;
}

/* Places of a strip. */
typedef struct {
  _Alignas (64) guint32 place[IE_STRIP];
  int count;
} CountStrip;

/* Places of a strip of linear light. Beside it those of the strip before are counted: the one multiplies, the other loads and
 * stores, what has been in the first cache for a while. */
static void __attribute__ ((noinline))
count_linear (const IeRgbSpace *rgb, const IePlanes *planes, CountStrip *strip, const CountStrip *before, guint32 *counts)
{
  const float row[2] = { rgb->to_y[0], rgb->to_y[1] };
  IeOctaves octaves = ie_g_load ();
  int i = 0, step = TONE_SIDE * IE_VECTOR;
  for (; i < strip->count; i += step) {
    IeVector g[TONE_SIDE];
    for (int j = 0; j < TONE_SIDE; j++)
      g[j] = ie_vectors_dot (row, ie_vectors_load (planes->r, planes->g, planes->b, i + j * IE_VECTOR));
    ie_vectors_g (&octaves, g, TONE_SIDE);
    for (int j = 0; j < TONE_SIDE; j++) {
      IeVectorInts code = __builtin_convertvector (ie_vector_unit (g[j] * IE_L_OF_G) * IE_TONE_LAST + 0.5f, IeVectorInts);
      memcpy (strip->place + i + j * IE_VECTOR, &code, sizeof code);
    }
    if (i + step <= before->count)
      count_places (before->place + i, counts, step);
    else if (i < before->count)
      count_places (before->place + i, counts, before->count - i);
  }
  if (i < before->count)
    count_places (before->place + i, counts, before->count - i);
}

static gboolean
tones_lightness (gconstpointer data)
{
  const IeColourState *state = data;
  return !state->profiled && state->colours == 3 && ie_is_srgb_curve (state->rgb) && ie_within_unit (state->rgb, IE_DEPTH_U8);
}

static void
count_lightness (gconstpointer data, const IePixels *native, guint32 *counts)
{
  const IeColourState *state = data;
  CountStrip strips[2];
  int current = 0;
  strips[1].count = 0;
  IE_FOR_STRIPS (span, native->rect) {
    IePlanes planes;
    const guint8 *in = ie_pixels_at (native, span.x, span.y);
    for (int i = 0; i < 3 * IE_STRIP; i += IE_CACHE_LINE)
      ie_prefetch_read (in + TONE_AHEAD + i);
    ie_load_linear_u8 (state->rgb, in, 3, &planes, span.count);
    ie_pad_planes (&planes, span.count);
    strips[current].count = span.count;
    count_linear (state->rgb, &planes, &strips[current], &strips[!current], counts);
    current = !current;
  }
  count_places (strips[!current].place, counts, strips[!current].count);
}

/* Rows are read and written on: what a strip needs was asked for by the one before. */
static void
tone_lightness (gconstpointer data, const IePixels *native, const guint16 *curve, const IePixels *out, IeConvertCount *count)
{
  const IeColourState *state = data;
  IE_FOR_STRIPS (span, native->rect) {
    const guint8 *in = ie_pixels_at (native, span.x, span.y);
    guint8 *to = ie_pixels_at (out, span.x, span.y);
    for (int i = 0; i < 3 * IE_STRIP; i += IE_CACHE_LINE) {
      ie_prefetch_read (in + TONE_AHEAD + i);
      ie_prefetch_write (to + TONE_AHEAD + i);
    }
    tone_strip (state->rgb, in, curve, to, span.count, count);
  }
}
