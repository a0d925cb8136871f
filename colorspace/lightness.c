// SPDX-License-Identifier: GPL-3.0-or-later
/* Lightness (L* with a* and b* kept) and CIELAB, D50. Formulas and their source: srgb.h. Compiled once per level.
 *
 * Leaving lightness moves g(X), g(Y), g(Z) by the same amount, which is what keeps a* and b*:
 * g(Y') = L' / 116, g(X') = g(Y') + (g(X) - g(Y)), g(Z') = g(Y') + (g(Z) - g(Y)).
 * What thereby leaves the gamut comes back by gamut.h. */
#include "colorspace/gamut.h"
#include "colorspace/profiled.h"
#include "colorspace/tone.h"

#define WHOLE_PIXELS 64 /* that 8-bit codes are looked up at once */

/* The vector, or as many of its lanes as there is room for. */
static inline void
store_some (IeVector v, float *at, int room)
{
  memcpy (at, &v, sizeof (float) * (gsize) MIN (room, IE_VECTOR));
}

static inline void
store_lanes (IeVector v, float *at, int room)
{
  if (G_LIKELY (room >= IE_VECTOR))
    ie_vector_store (v, at);
  else
    store_some (v, at, room);
}

static inline void
vectors_to_lightness (const IeRgbSpace *rgb, const IeOctaves *octaves, gboolean within, const IePlanes *planes, int i,
                      float *lightness, int count, int vectors)
{
  const float row[2] = { rgb->to_y[0], rgb->to_y[1] };
  IeVector g[IE_SIDE];
  for (int j = 0; j < vectors; j++)
    g[j] = ie_vectors_dot (row, ie_vectors_load (planes->r, planes->g, planes->b, i + j * IE_VECTOR));
  ie_vectors_any_g (octaves, within, g, vectors);
  for (int j = 0, at = i; j < vectors; j++, at += IE_VECTOR)
    store_lanes (g[j] * IE_L_OF_G, lightness + at, count - at);
}

/* Linear R, G, B to lightness. */
static inline void
planes_to_lightness (const IeRgbSpace *rgb, gboolean within, IePlanes *planes, float *lightness, int count)
{
  IeOctaves octaves = ie_g_load ();
  int i = 0;
  ie_pad_planes (planes, count);
  for (; i + IE_SIDE * IE_VECTOR <= count && within; i += IE_SIDE * IE_VECTOR)
    vectors_to_lightness (rgb, &octaves, TRUE, planes, i, lightness, count, IE_SIDE);
  for (; i < count; i += IE_VECTOR)
    vectors_to_lightness (rgb, &octaves, FALSE, planes, i, lightness, count, 1);
}

/* In place: linear R, G, B -> g (X), g (Y), g (Z). */
static inline void
planes_to_g (const IeRgbSpace *rgb, gboolean within, IePlanes *planes, int count, IeAhead ahead)
{
  const float rows[3][2] = { { rgb->to_x[0], rgb->to_x[1] }, { rgb->to_y[0], rgb->to_y[1] }, { rgb->to_z[0], rgb->to_z[1] } };
  ie_planes_g (rows, within, planes->r, planes->g, planes->b, count, ahead);
}

/* In place: the other way; or from a* / 100, L* / 100, b* / 100. Whether a pixel may be out of gamut. */
static inline gboolean
planes_from_g (const IeRgbSpace *rgb, IePlanes *planes, gboolean from_lab, int count, IeAhead ahead)
{
  const float rows[3][2] = { { rgb->to_r[0], rgb->to_r[1] }, { rgb->to_g[0], rgb->to_g[1] }, { rgb->to_b[0], rgb->to_b[1] } };
  const float range[2] = { rgb->lowest, rgb->highest };
  return ie_planes_g_inverse (rows, range, from_lab, planes->r, planes->g, planes->b, count, ahead);
}

static void
enter_lightness_strip (const IeColourState *state, const IePixels *native, const IePixels *worked, IeSpan span)
{
  IePlanes planes;
  _Alignas (64) float lightness[IE_STRIP], *out = ie_pixels_at (worked, span.x, span.y);
  ie_load_linear (state, native, span, &planes);
  planes_to_lightness (state->rgb, ie_within_unit (state->rgb, native->depth), &planes,
                       worked->channels == 1 ? out : lightness, span.count);
  for (int i = 0, step = worked->channels; step > 1 && i < span.count; i++)
    out[i * step] = lightness[i];
}

/* What is put aside on entering: of each row that is left again, g (X) - g (Y) of all pixels, then g (Z) - g (Y). */
typedef struct {
  float *x, *z;
} Kept;

static Kept
kept_at (const IePixels *kept, IeSpan span)
{
  float *row = ie_pixels_at (kept, kept->rect.x, span.y);
  return (Kept){ row + (span.x - kept->rect.x), row + kept->rect.width + (span.x - kept->rect.x) };
}

/* Lightness, and what is put aside: linear light is read once and nothing between is stored. */
static inline void
planes_to_kept (const IeRgbSpace *rgb, gboolean within, IePlanes *planes, float *lightness, Kept keep, int count)
{
  IeOctaves octaves = ie_g_load ();
  const float rows[3][2] = { { rgb->to_x[0], rgb->to_x[1] }, { rgb->to_y[0], rgb->to_y[1] }, { rgb->to_z[0], rgb->to_z[1] } };
  ie_pad_planes (planes, count);
#define TO_KEPT(within) \
  for (int i = 0; i < count; i += IE_VECTOR) { \
    IeVectors g = ie_vectors_xyz_g (rows, within, &octaves, ie_vectors_load (planes->r, planes->g, planes->b, i)); \
    store_lanes (g.b * IE_L_OF_G, lightness + i, count - i); \
    store_lanes (g.a - g.b, keep.x + i, count - i); \
    store_lanes (g.c - g.b, keep.z + i, count - i); \
  }
  if (within)
    TO_KEPT (TRUE)
  else
    TO_KEPT (FALSE)
#undef TO_KEPT
}

static void
enter_lightness_strip_keeping (const IeColourState *state, const IePixels *native, const IePixels *worked,
                               const IePixels *kept, IeSpan span)
{
  IePlanes planes;
  _Alignas (64) float lightness[IE_STRIP], *out = ie_pixels_at (worked, span.x, span.y);
  Kept keep = kept_at (kept, span);
  ie_load_linear (state, native, span, &planes);
  planes_to_kept (state->rgb, ie_within_unit (state->rgb, native->depth), &planes,
                  worked->channels == 1 ? out : lightness, keep, span.count);
  for (int i = 0, step = worked->channels; step > 1 && i < span.count; i++)
    out[i * step] = lightness[i];
}

static inline IeVector
load_some (const float *at, int room)
{
  IeVector v = { 0 };
  memcpy (&v, at, sizeof (float) * (gsize) MIN (room, IE_VECTOR));
  return v;
}

static inline IeVector
load_lanes (const float *at, int room)
{
  return G_LIKELY (room >= IE_VECTOR) ? ie_vector_load (at) : load_some (at, room);
}

/* Linear light of a new lightness, given what was put aside. Whether a pixel may be out of gamut. */
static inline gboolean
planes_from_kept (const IeRgbSpace *rgb, const float *lightness, Kept keep, IePlanes *planes, int count)
{
  const float rows[3][2] = { { rgb->to_r[0], rgb->to_r[1] }, { rgb->to_g[0], rgb->to_g[1] }, { rgb->to_b[0], rgb->to_b[1] } };
  IeVector lowest = ie_vector_all (rgb->lowest), highest = ie_vector_all (rgb->highest);
  for (int i = 0; i < count; i += IE_VECTOR) {
    IeVector y = ie_limit_vector (load_lanes (lightness + i, count - i)) * IE_G_OF_L;
    IeVectors v = { y + load_lanes (keep.x + i, count - i), y, y + load_lanes (keep.z + i, count - i) };
    v = (IeVectors){ ie_g_inverse_vector (v.a), ie_g_inverse_vector (v.b), ie_g_inverse_vector (v.c) };
    v = ie_vectors_matrix (rows, v);
    lowest = ie_vector_smaller (v.a, ie_vector_smaller (v.b, ie_vector_smaller (v.c, lowest)));
    highest = ie_vector_larger (v.a, ie_vector_larger (v.b, ie_vector_larger (v.c, highest)));
    ie_vectors_store (v, planes->r, planes->g, planes->b, i);
  }
  return ie_vectors_leave (lowest, highest, rgb->lowest, rgb->highest);
}

/* Pixels of a strip that a step moved out of the picture's gamut, back into it. */
static void
keep_strip_in_gamut (const IeColourState *state, const IePixels *original, IePlanes *planes, IeSpan span,
                     IeConvertCount *count)
{
  gint32 marks[IE_STRIP];
  if (original->depth == IE_DEPTH_FLOAT)
    keep_in_gamut (state->rgb, planes, mark_outside_stored (state, original, span, marks), span.count, count);
  else
    fit_planes (state->rgb, planes, span.count, count);
}

/* kept: NULL, or what the function above put aside. */
static void
leave_lightness_strip (const IeColourState *state, const IePixels *original, const IePixels *worked,
                       const IePixels *kept, const IePixels *out, IeSpan span, IeConvertCount *count)
{
  IePlanes planes;
  _Alignas (64) float changed[IE_STRIP], before[IE_STRIP], aside[2][IE_STRIP];
  const float *lightness = ie_pixels_at (worked, span.x, span.y);
  Kept keep = { aside[0], aside[1] };
  if (kept) {
    keep = kept_at (kept, span);
  } else {
    ie_load_linear (state, original, span, &planes);
    planes_to_kept (state->rgb, ie_within_unit (state->rgb, original->depth), &planes, before, keep, span.count);
  }
  if (worked->channels > 1) {
    for (int i = 0, step = worked->channels; i < span.count; i++)
      changed[i] = lightness[i * step];
    lightness = changed;
  }
  if (planes_from_kept (state->rgb, lightness, keep, &planes, span.count))
    keep_strip_in_gamut (state, original, &planes, span, count);
  ie_store_linear (state, &planes, out, span);
}

/* Gray: the lightness alone. */
static void
leave_lightness_strip_gray (const IeColourState *state, const IePixels *original, const IePixels *worked,
                            const IePixels *out, IeSpan span, IeConvertCount *count)
{
  IePlanes planes;
  gint32 marks[IE_STRIP], after[IE_STRIP];
  const gint32 *before = mark_outside_stored (state, original, span, marks);
  const float *lightness = ie_pixels_at (worked, span.x, span.y);
  for (int i = 0, step = worked->channels; i < span.count; i++)
    planes.r[i] = lightness[i * step];
  for (int i = 0; i < span.count; i++) {
    float y = ie_lab_g_inverse (ie_limit (planes.r[i], IE_SRGB_LIMIT) * IE_G_OF_L);
    planes.r[i] = planes.g[i] = planes.b[i] = y;
  }
  mark_outside (state->rgb, &planes, after, span.count);
  count->out_of_gamut += (guint64) keep_newly_outside (before, after, span.count);
  ie_store_linear (state, &planes, out, span);
}

static inline void
g_to_lab (const IePlanes *restrict planes, float *restrict lab, int step, int count)
{
  for (int i = 0; i < count; i++) {
    lab[i * step] = IE_L_OF_G * planes->g[i];
    lab[i * step + 1] = 5.0f * (planes->r[i] - planes->g[i]);
    lab[i * step + 2] = 2.0f * (planes->g[i] - planes->b[i]);
  }
}

static void
enter_lab_strip (const IeColourState *state, const IePixels *native, const IePixels *worked, IeSpan span)
{
  IePlanes planes;
  float *out = ie_pixels_at (worked, span.x, span.y);
  ie_load_linear (state, native, span, &planes);
  planes_to_g (state->rgb, ie_within_unit (state->rgb, native->depth), &planes, span.count,
               ie_ahead_below (native, span, FALSE));
#define TO_LAB(step) g_to_lab (&planes, out, step, span.count)
  IE_BY_STEP (worked->channels, TO_LAB);
#undef TO_LAB
}

static void
leave_lab_strip (const IeColourState *state, const IePixels *original, const IePixels *worked, const IePixels *out,
                 IeSpan span, IeConvertCount *count)
{
  IePlanes planes;
  const float *in = ie_pixels_at (worked, span.x, span.y);
  gboolean gray = state->colours == 1;
  if (worked->channels == 3)
    ie_simd_part_float (in, planes.g, planes.r, planes.b, span.count);
  else
    ie_part (in, worked->channels, planes.g, planes.r, planes.b, span.count);
  if (gray) {
    memset (planes.r, 0, sizeof planes.r);
    memset (planes.b, 0, sizeof planes.b);
  }
  if (planes_from_g (state->rgb, &planes, TRUE, span.count, ie_ahead_below (out, span, TRUE)))
    keep_strip_in_gamut (state, original, &planes, span, count);
  ie_store_linear (state, &planes, out, span);
}

/* ---- The converters ---------------------------------------------------------------------------------------------- */

/* The same strip, begun earlier where its end would leave vectors half empty: what is entered twice is the same. */
static IeSpan
whole_vectors (IeSpan span, IeRect rect)
{
  int count = (span.count + WHOLE_PIXELS - 1) / WHOLE_PIXELS * WHOLE_PIXELS;
  if (count <= rect.width) {
    span.x -= count - span.count;
    span.count = count;
  }
  return span;
}

static void
enter_lightness (gconstpointer data, const IePixels *native, const IePixels *worked)
{
  const IeColourState *state = data;
  IE_FOR_STRIPS (span, native->rect) {
    ie_prefetch_below (native, span, FALSE);
    if (state->profiled)
      enter_profiled_strip (state, native, worked, span, 1);
    else
      enter_lightness_strip (state, native, worked, whole_vectors (span, native->rect));
    ie_copy_alpha (native, worked, span);
  }
}

static void
leave_lightness_kept (gconstpointer data, const IePixels *original, const IePixels *worked, const IePixels *kept,
                      const IePixels *out, IeConvertCount *count)
{
  const IeColourState *state = data;
  IE_FOR_STRIPS (span, original->rect) {
    ie_prefetch_below (out, span, TRUE);
    if (state->profiled)
      leave_profiled_strip (state, original, worked, out, span, 1, count);
    else if (state->colours == 1)
      leave_lightness_strip_gray (state, original, worked, out, span, count);
    else
      leave_lightness_strip (state, original, worked, kept, out, span, count);
    ie_copy_alpha (worked, out, span);
  }
}

static void
leave_lightness (gconstpointer data, const IePixels *original, const IePixels *worked, const IePixels *out,
                 IeConvertCount *count)
{
  leave_lightness_kept (data, original, worked, NULL, out, count);
}

static int
keeps_lightness (gconstpointer data)
{
  const IeColourState *state = data;
  return state->profiled || state->colours == 1 ? 0 : 2;
}

static void
enter_lightness_keeping (gconstpointer data, const IePixels *native, const IePixels *worked, const IePixels *kept)
{
  IE_FOR_STRIPS (span, native->rect) {
    ie_prefetch_below (native, span, FALSE);
    IeSpan whole = whole_vectors (span, native->rect);
    if (span.y >= kept->rect.y && span.y < kept->rect.y + kept->rect.height)
      enter_lightness_strip_keeping (data, native, worked, kept, whole);
    else
      enter_lightness_strip (data, native, worked, whole);
    ie_copy_alpha (native, worked, span);
  }
}

static void
enter_lab (gconstpointer data, const IePixels *native, const IePixels *worked)
{
  const IeColourState *state = data;
  IE_FOR_STRIPS (span, native->rect) {
    if (state->profiled)
      enter_profiled_strip (state, native, worked, span, 3);
    else
      enter_lab_strip (state, native, worked, span);
    ie_copy_alpha (native, worked, span);
  }
}

static void
leave_lab (gconstpointer data, const IePixels *original, const IePixels *worked, const IePixels *out,
           IeConvertCount *count)
{
  const IeColourState *state = data;
  IE_FOR_STRIPS (span, original->rect) {
    if (state->profiled)
      leave_profiled_strip (state, original, worked, out, span, 3, count);
    else
      leave_lab_strip (state, original, worked, out, span, count);
    ie_copy_alpha (worked, out, span);
  }
}

static int
one_channel (const IeHeader *native)
{
  return 1;
}

/* Three for gray pictures too: what a step makes of a* and b* is dropped there. */
static int
three_channels (const IeHeader *native)
{
  return 3;
}

extern const IeConverter IE_LEVEL_NAME (ie_converter_lightness), IE_LEVEL_NAME (ie_converter_lab);

const IeConverter IE_LEVEL_NAME (ie_converter_lightness) = {
  .space = IE_SPACE_LIGHTNESS,
  .open = ie_colour_open_lab,
  .close = ie_colour_close,
  .channels = one_channel,
  .enter = enter_lightness,
  .leave = leave_lightness,
  .keeps = keeps_lightness,
  .enter_keeping = enter_lightness_keeping,
  .leave_kept = leave_lightness_kept,
  .tones = tones_lightness,
  .count = count_lightness,
  .tone = tone_lightness,
};

const IeConverter IE_LEVEL_NAME (ie_converter_lab) = {
  .space = IE_SPACE_LAB,
  .open = ie_colour_open_lab,
  .close = ie_colour_close,
  .channels = three_channels,
  .enter = enter_lab,
  .leave = leave_lab,
};
