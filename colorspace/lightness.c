// SPDX-License-Identifier: GPL-3.0-or-later
/* Lightness (L* with a* and b* kept) and CIELAB, D50. Formulas and their source: srgb.h. Compiled once per level.
 *
 * Leaving lightness moves g(X), g(Y), g(Z) by the same amount, which is what keeps a* and b*:
 * g(Y') = L' / 116, g(X') = g(Y') + (g(X) - g(Y)), g(Z') = g(Y') + (g(Z) - g(Y)).
 * What thereby leaves the gamut comes back by gamut.h. */
#include "colorspace/gamut.h"
#include "colorspace/profiled.h"

#define LIGHTNESS_SCALE 1.16f                 /* 116 / 100 */
#define G_SCALE IE_G_OF_L

static inline void
planes_to_lightness (const IeRgbSpace *rgb, const IePlanes *planes, float *restrict lightness, int count)
{
  const float *restrict r = planes->r, *restrict g = planes->g, *restrict b = planes->b;
  float row[2] = { rgb->to_y[0], rgb->to_y[1] };
  for (int i = 0; i < count; i++)
    lightness[i] = ie_row (row, r[i], g[i], b[i]);
  ie_plane_g (lightness, count);
  for (int i = 0; i < count; i++)
    lightness[i] *= LIGHTNESS_SCALE;
}

/* In place: linear R, G, B -> g (X), g (Y), g (Z). */
static inline void
planes_to_g (const IeRgbSpace *rgb, IePlanes *planes, int count, IeAhead ahead)
{
  const float rows[3][2] = { { rgb->to_x[0], rgb->to_x[1] }, { rgb->to_y[0], rgb->to_y[1] }, { rgb->to_z[0], rgb->to_z[1] } };
  ie_planes_g (rows, planes->r, planes->g, planes->b, count, ahead);
}

/* In place: the other way; or from a* / 100, L* / 100, b* / 100. Whether a pixel may be out of gamut. */
static inline gboolean
planes_from_g (const IeRgbSpace *rgb, IePlanes *planes, gboolean from_lab, int count, IeAhead ahead)
{
  const float rows[3][2] = { { rgb->to_r[0], rgb->to_r[1] }, { rgb->to_g[0], rgb->to_g[1] }, { rgb->to_b[0], rgb->to_b[1] } };
  const float range[2] = { rgb->lowest, rgb->highest };
  return ie_planes_g_inverse (rows, range, from_lab, planes->r, planes->g, planes->b, count, ahead);
}

/* The new g (X), g (Y), g (Z): red and blue of `planes` hold g (X) - g (Y) and g (Z) - g (Y). */
static inline void
move_lightness (IePlanes *planes, const float *restrict lightness, int step, int count)
{
  float *restrict x = planes->r, *restrict y = planes->g, *restrict z = planes->b;
  float target[IE_STRIP];
  for (int i = 0; i < count; i++)
    target[i] = lightness[i * step];
  for (int i = 0; i < count; i++) {
    float g = ie_limit (target[i], IE_SRGB_LIMIT) * G_SCALE;
    x[i] = g + x[i];
    z[i] = g + z[i];
    y[i] = g;
  }
}

/* g (X), g (Y), g (Z) to what does not change with lightness. */
static inline void
subtract_lightness (IePlanes *planes, int count)
{
  float *restrict x = planes->r, *restrict y = planes->g, *restrict z = planes->b;
  for (int i = 0; i < count; i++) {
    x[i] = x[i] - y[i];
    z[i] = z[i] - y[i];
  }
}

static void
enter_lightness_strip (const IeColourState *state, const IePixels *native, const IePixels *worked, IeSpan span)
{
  IePlanes planes;
  float lightness[IE_STRIP], *out = ie_pixels_at (worked, span.x, span.y);
  ie_load_linear (state, native, span, &planes);
  planes_to_lightness (state->rgb, &planes, lightness, span.count);
  for (int i = 0, step = worked->channels; i < span.count; i++)
    out[i * step] = lightness[i];
}

/* The same, and g (X) - g (Y) and g (Z) - g (Y) put aside. */
static void
enter_lightness_strip_keeping (const IeColourState *state, const IePixels *native, const IePixels *worked,
                               const IePixels *kept, IeSpan span)
{
  IePlanes planes;
  float *out = ie_pixels_at (worked, span.x, span.y), *restrict keep = ie_pixels_at (kept, span.x, span.y);
  ie_load_linear (state, native, span, &planes);
  planes_to_g (state->rgb, &planes, span.count, ie_ahead_below (native, span, FALSE));
  subtract_lightness (&planes, span.count);
  for (int i = 0, step = worked->channels; i < span.count; i++)
    out[i * step] = LIGHTNESS_SCALE * planes.g[i];
  for (int i = 0; i < span.count; i++) {
    keep[2 * i] = planes.r[i];
    keep[2 * i + 1] = planes.b[i];
  }
}

/* Pixels of a strip that a step moved out of the picture's gamut, back into it. */
static void
keep_strip_in_gamut (const IeColourState *state, const IePixels *original, IePlanes *planes, IeSpan span,
                     IeConvertCount *count)
{
  gint32 marks[IE_STRIP];
  const gint32 *before = mark_outside_stored (state, original, span, marks);
  keep_in_gamut (state->rgb, planes, before, span.count, count);
}

/* kept: NULL, or what the function above put aside. */
static void
leave_lightness_strip (const IeColourState *state, const IePixels *original, const IePixels *worked,
                       const IePixels *kept, const IePixels *out, IeSpan span, IeConvertCount *count)
{
  IePlanes planes;
  if (kept) {
    const float *restrict keep = ie_pixels_at (kept, span.x, span.y);
    for (int i = 0; i < span.count; i++) {
      planes.r[i] = keep[2 * i];
      planes.b[i] = keep[2 * i + 1];
    }
  } else {
    ie_load_linear (state, original, span, &planes);
    planes_to_g (state->rgb, &planes, span.count, ie_ahead_below (original, span, FALSE));
    subtract_lightness (&planes, span.count);
  }
  move_lightness (&planes, ie_pixels_at (worked, span.x, span.y), worked->channels, span.count);
  if (planes_from_g (state->rgb, &planes, FALSE, span.count, ie_ahead_below (out, span, TRUE)))
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
    float y = ie_lab_g_inverse (ie_limit (planes.r[i], IE_SRGB_LIMIT) * G_SCALE);
    planes.r[i] = planes.g[i] = planes.b[i] = y;
  }
  mark_outside (state->rgb, &planes, after, span.count);
  count->out_of_gamut += (guint64) count_newly_outside (before, after, span.count);
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
  planes_to_g (state->rgb, &planes, span.count, ie_ahead_below (native, span, FALSE));
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

static void
enter_lightness (gconstpointer data, const IePixels *native, const IePixels *worked)
{
  const IeColourState *state = data;
  IE_FOR_STRIPS (span, native->rect) {
    ie_prefetch_below (native, span, FALSE);
    if (state->profiled)
      enter_profiled_strip (state, native, worked, span, 1);
    else
      enter_lightness_strip (state, native, worked, span);
    ie_copy_alpha (native, worked, span);
  }
}

static void
leave_lightness_kept (gconstpointer data, const IePixels *original, const IePixels *worked, const IePixels *kept,
                      const IePixels *out, IeConvertCount *count)
{
  const IeColourState *state = data;
  IE_FOR_STRIPS (span, original->rect) {
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
    enter_lightness_strip_keeping (data, native, worked, kept, span);
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
};

const IeConverter IE_LEVEL_NAME (ie_converter_lab) = {
  .space = IE_SPACE_LAB,
  .open = ie_colour_open_lab,
  .close = ie_colour_close,
  .channels = three_channels,
  .enter = enter_lab,
  .leave = leave_lab,
};
