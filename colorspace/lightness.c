// SPDX-License-Identifier: GPL-3.0-or-later
/* Lightness (L* with a* and b* kept) and CIELAB, D50. Formulas and their source: srgb.h. Compiled once per level.
 *
 * Leaving lightness moves g(X), g(Y), g(Z) by the same amount, which is what keeps a* and b*:
 * g(Y') = L' / 116, g(X') = g(Y') + (g(X) - g(Y)), g(Z') = g(Y') + (g(Z) - g(Y)).
 * What thereby leaves the gamut comes back by gamut.h. */
#include "colorspace/gamut.h"
#include "colorspace/profiled.h"

#define LIGHTNESS_SCALE 1.16f                 /* 116 / 100 */
#define G_SCALE ((float) (1.0 / 1.16))
#define A_SCALE ((float) (100.0 / 500.0))     /* a* / 100 -> g(X) - g(Y) */
#define WHOLE_PIXELS 64                       /* that 8-bit codes are looked up at once */
#define LEAST_WEIGHT 0.001f                   /* see is_unsigned() */
#define B_SCALE ((float) (100.0 / 200.0))

/* ie_lab_g() for 0 <= t <= 1, where neither signs nor ends need care: the same bits. */
static inline float
unsigned_g (float t)
{
  float low = t * (float) (IE_LAB_KAPPA / 116.0);
  float high = ie_cbrtf_unsigned (t) - (float) (16.0 / 116.0);
  return t <= (float) IE_LAB_EPSILON ? low : high;
}

/* Whether X, Y, Z of pixels are within 0..1: those of codes, unless a primary lies outside of the visible colours. No weight may
 * be so small that rounding could make a sum of the three negative. */
static gboolean
is_unsigned (const IeRgbSpace *rgb, IeDepth depth)
{
  const float *const rows[] = { rgb->to_x, rgb->to_y, rgb->to_z };
  gboolean good = depth != IE_DEPTH_FLOAT && rgb->black == 0.0f && rgb->white == 1.0f;
  for (int i = 0; i < 3; i++)
    good = good && rows[i][0] >= LEAST_WEIGHT && rows[i][1] >= LEAST_WEIGHT &&
           rows[i][0] + rows[i][1] <= 1.0f - LEAST_WEIGHT;
  return good;
}

static inline void
planes_to_lightness_by (float (*g_of) (float), const IeRgbSpace *rgb, const IePlanes *planes,
                        float *restrict lightness, int count)
{
  const float *restrict r = planes->r, *restrict g = planes->g, *restrict b = planes->b;
  float row[2] = { rgb->to_y[0], rgb->to_y[1] };
  for (int i = 0; i < count; i++)
    lightness[i] = LIGHTNESS_SCALE * g_of (ie_row (row, r[i], g[i], b[i]));
}

static void
planes_to_lightness (const IeRgbSpace *rgb, IeDepth depth, const IePlanes *planes, float *lightness, int count)
{
  if (is_unsigned (rgb, depth))
    planes_to_lightness_by (unsigned_g, rgb, planes, lightness, count);
  else
    planes_to_lightness_by (ie_lab_g, rgb, planes, lightness, count);
}

/* In place: linear R, G, B -> g (X), g (Y), g (Z). */
static inline void
planes_to_g (const IeRgbSpace *rgb, IePlanes *planes, int count)
{
  float *restrict r = planes->r, *restrict g = planes->g, *restrict b = planes->b;
  float x_row[2] = { rgb->to_x[0], rgb->to_x[1] }, y_row[2] = { rgb->to_y[0], rgb->to_y[1] },
        z_row[2] = { rgb->to_z[0], rgb->to_z[1] };
  for (int i = 0; i < count; i++) {
    float x = ie_row (x_row, r[i], g[i], b[i]), y = ie_row (y_row, r[i], g[i], b[i]),
          z = ie_row (z_row, r[i], g[i], b[i]);
    r[i] = x;
    g[i] = y;
    b[i] = z;
  }
  for (int i = 0; i < count; i++)
    r[i] = ie_lab_g (r[i]);
  for (int i = 0; i < count; i++)
    g[i] = ie_lab_g (g[i]);
  for (int i = 0; i < count; i++)
    b[i] = ie_lab_g (b[i]);
}

/* In place: the other way. */
static inline void
planes_from_g (const IeRgbSpace *rgb, IePlanes *planes, int count)
{
  float *restrict x = planes->r, *restrict y = planes->g, *restrict z = planes->b;
  float r_row[2] = { rgb->to_r[0], rgb->to_r[1] }, g_row[2] = { rgb->to_g[0], rgb->to_g[1] },
        b_row[2] = { rgb->to_b[0], rgb->to_b[1] };
  for (int i = 0; i < count; i++) {
    float tx = ie_lab_g_inverse (x[i]), ty = ie_lab_g_inverse (y[i]), tz = ie_lab_g_inverse (z[i]);
    x[i] = ie_row (r_row, tx, ty, tz);
    y[i] = ie_row (g_row, tx, ty, tz);
    z[i] = ie_row (b_row, tx, ty, tz);
  }
}

static void
enter_lightness_strip (const IeColourState *state, const IePixels *native, const IePixels *worked, IeSpan span)
{
  IePlanes planes;
  float lightness[IE_STRIP], *out = ie_pixels_at (worked, span.x, span.y);
  ie_load_linear (state, native, span, &planes);
  planes_to_lightness (state->rgb, native->depth, &planes, worked->channels == 1 ? out : lightness, span.count);
  for (int i = 0, step = worked->channels; step > 1 && i < span.count; i++)
    out[i * step] = lightness[i];
}

/* What is put aside on entering: of each row of the rectangle, g (X) - g (Y) of all pixels, then g (Z) - g (Y). */
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
planes_to_kept_by (float (*g_of) (float), const IeRgbSpace *rgb, const IePlanes *planes, float *restrict lightness,
                   float *restrict kept_x, float *restrict kept_z, int count)
{
  const float *restrict r = planes->r, *restrict g = planes->g, *restrict b = planes->b;
  float x_row[2] = { rgb->to_x[0], rgb->to_x[1] }, y_row[2] = { rgb->to_y[0], rgb->to_y[1] },
        z_row[2] = { rgb->to_z[0], rgb->to_z[1] };
  for (int i = 0; i < count; i++) {
    float x = g_of (ie_row (x_row, r[i], g[i], b[i])), y = g_of (ie_row (y_row, r[i], g[i], b[i])),
          z = g_of (ie_row (z_row, r[i], g[i], b[i]));
    lightness[i] = LIGHTNESS_SCALE * y;
    kept_x[i] = x - y;
    kept_z[i] = z - y;
  }
}

static void
planes_to_kept (const IeRgbSpace *rgb, IeDepth depth, const IePlanes *planes, float *lightness, Kept keep, int count)
{
  if (is_unsigned (rgb, depth))
    planes_to_kept_by (unsigned_g, rgb, planes, lightness, keep.x, keep.z, count);
  else
    planes_to_kept_by (ie_lab_g, rgb, planes, lightness, keep.x, keep.z, count);
}

static void
enter_lightness_strip_keeping (const IeColourState *state, const IePixels *native, const IePixels *worked,
                               const IePixels *kept, IeSpan span)
{
  IePlanes planes;
  float lightness[IE_STRIP], *out = ie_pixels_at (worked, span.x, span.y);
  Kept keep = kept_at (kept, span);
  ie_load_linear (state, native, span, &planes);
  planes_to_kept (state->rgb, native->depth, &planes, worked->channels == 1 ? out : lightness, keep, span.count);
  for (int i = 0, step = worked->channels; step > 1 && i < span.count; i++)
    out[i * step] = lightness[i];
}

/* Linear light of a new lightness, given what was put aside, and which pixels are then outside of the gamut. */
static void
planes_from_kept (const IeRgbSpace *rgb, const float *restrict lightness, Kept keep, IePlanes *planes,
                  gint32 *restrict outside, int count)
{
  const float *restrict kept_x = keep.x, *restrict kept_z = keep.z;
  float *restrict red = planes->r, *restrict green = planes->g, *restrict blue = planes->b;
  float r_row[2] = { rgb->to_r[0], rgb->to_r[1] }, g_row[2] = { rgb->to_g[0], rgb->to_g[1] },
        b_row[2] = { rgb->to_b[0], rgb->to_b[1] };
  float low = rgb->lowest, high = rgb->highest;
  for (int i = 0; i < count; i++) {
    float y = ie_limit (lightness[i], IE_SRGB_LIMIT) * G_SCALE;
    float tx = ie_lab_g_inverse (y + kept_x[i]), ty = ie_lab_g_inverse (y), tz = ie_lab_g_inverse (y + kept_z[i]);
    float r = ie_row (r_row, tx, ty, tz), g = ie_row (g_row, tx, ty, tz), b = ie_row (b_row, tx, ty, tz);
    red[i] = r;
    green[i] = g;
    blue[i] = b;
    outside[i] = is_beyond (r, g, b, low, high);
  }
}

/* kept: NULL, or what the function above put aside. */
static void
leave_lightness_strip (const IeColourState *state, const IePixels *original, const IePixels *worked,
                       const IePixels *kept, const IePixels *out, IeSpan span, IeConvertCount *count)
{
  IePlanes planes;
  gint32 marks[IE_STRIP], after[IE_STRIP];
  float changed[IE_STRIP], before_lightness[IE_STRIP], aside[2][IE_STRIP];
  const float *lightness = ie_pixels_at (worked, span.x, span.y);
  const gint32 *before = mark_outside_stored (state, original, span, marks);
  Kept keep = { aside[0], aside[1] };
  if (kept) {
    keep = kept_at (kept, span);
  } else {
    ie_load_linear (state, original, span, &planes);
    planes_to_kept (state->rgb, original->depth, &planes, before_lightness, keep, span.count);
  }
  if (worked->channels > 1) {
    for (int i = 0, step = worked->channels; i < span.count; i++)
      changed[i] = lightness[i * step];
    lightness = changed;
  }
  planes_from_kept (state->rgb, lightness, keep, &planes, after, span.count);
  int outside = keep_newly_outside (before, after, span.count);
  if (outside > 0)
    fit_gamut (state->rgb, &planes, after, span.count);
  count->out_of_gamut += (guint64) outside;
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
    float y = ie_lab_g_inverse (ie_limit (planes.r[i], IE_SRGB_LIMIT) * G_SCALE);
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
    lab[i * step] = LIGHTNESS_SCALE * planes->g[i];
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
  planes_to_g (state->rgb, &planes, span.count);
#define TO_LAB(step) g_to_lab (&planes, out, step, span.count)
  IE_BY_STEP (worked->channels, TO_LAB);
#undef TO_LAB
}

static void
leave_lab_strip (const IeColourState *state, const IePixels *original, const IePixels *worked, const IePixels *out,
                 IeSpan span, IeConvertCount *count)
{
  IePlanes planes;
  gint32 marks[IE_STRIP];
  const gint32 *before = mark_outside_stored (state, original, span, marks);
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
  for (int i = 0; i < span.count; i++) {
    float g = ie_limit (planes.g[i], IE_SRGB_LIMIT) * G_SCALE;
    planes.g[i] = g;
    planes.r[i] = g + ie_limit (planes.r[i], IE_SRGB_LIMIT) * A_SCALE;
    planes.b[i] = g - ie_limit (planes.b[i], IE_SRGB_LIMIT) * B_SCALE;
  }
  planes_from_g (state->rgb, &planes, span.count);
  keep_in_gamut (state->rgb, &planes, before, span.count, count);
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
    enter_lightness_strip_keeping (data, native, worked, kept, whole_vectors (span, native->rect));
    ie_copy_alpha (native, worked, span);
  }
}

static void
enter_lab (gconstpointer data, const IePixels *native, const IePixels *worked)
{
  const IeColourState *state = data;
  IE_FOR_STRIPS (span, native->rect) {
    ie_prefetch_below (native, span, FALSE);
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
    ie_prefetch_below (out, span, TRUE);
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
};

const IeConverter IE_LEVEL_NAME (ie_converter_lab) = {
  .space = IE_SPACE_LAB,
  .open = ie_colour_open_lab,
  .close = ie_colour_close,
  .channels = three_channels,
  .enter = enter_lab,
  .leave = leave_lab,
};
