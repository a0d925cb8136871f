// SPDX-License-Identifier: GPL-3.0-or-later
/* box: each sample becomes the mean of the (2 radius + 1)^2 samples of the square window around it.
 *
 * Sums are integers, so that they are exact and may run from row to row: samples do not depend on rectangles. Samples
 * of 8 and 16 bits are summed as they are; float, alpha, and 16 bits where 32 bits could overflow, in units of 2^-32 of
 * the range (beyond -1024 .. 1024 clamped) with 64 bits. Down, the sums of columns run: one row enters, one leaves.
 * Across, sums of 1, 2, 4, ... neighbours are made by doubling and put together by the binary digits of the window's
 * width: nothing runs along a row, and the cost grows with the logarithm of the radius.
 * Colour under alpha: sum of colour * alpha over sum of alpha; alpha is kept.
 *
 * Source: Gonzalez, Woods, Digital Image Processing, 4th ed., section 3.5; running sums: M. J. McDonnell,
 * "Box-Filtering Techniques", Computer Graphics and Image Processing 17 (1), 1981. */
#include "filters/kernel/weigh.h"

#include "core/filter.h"

#include <string.h>

enum { RADIUS };

#define STRETCH 512 /* pixels of a row at a time */
#define FIXED_ONE 4294967296.0
#define FIXED_MOST 1024.0f

static const IeParam params[] = {
  { .id = "radius", .label = "Radius", .type = IE_PARAM_INT, .unit = "px", .initial = 2, .min = 0, .max = 500,
    .slider_min = 0, .slider_max = 50,
    .summary = "Half the side of the square window, whose side is 2 radius + 1 pixels." },
  IE_PARAMS_END
};

static gboolean
neutral (const IeParams *values)
{
  return ie_int (values, RADIUS) == 0;
}

static IeRect
region (const IeStep *step, IeRect output, int input)
{
  int radius = ie_int (step->params, RADIUS);
  return ie_rect_grow (output, radius, radius);
}

/* Whether 32 bits hold the sum of a window. */
static gboolean
is_short (const IePixels *in, int radius)
{
  guint64 side = 2 * (guint64) radius + 1;
  return in->depth != IE_DEPTH_FLOAT && !in->has_alpha &&
         side * side * (guint64) ie_depth_range (in->depth) <= G_MAXUINT32;
}

static gsize
line_samples (int width, int radius, int channels)
{
  gsize samples = ((gsize) MIN (width, STRETCH) + 2 * (gsize) radius) * (gsize) channels;
  return (samples + 15) & ~(gsize) 15;
}

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  gsize line = line_samples (output.width, ie_int (step->params, RADIUS), step->input.channels);
  return line * (4 * sizeof (gint64) + 2 * sizeof (float)) + 6 * 64;
}

/* ---- 32 bits ----------------------------------------------------------------------------------------------------- */

static void
change_u8 (guint32 *restrict sums, const guint8 *restrict enters, const guint8 *restrict leaves, int count)
{
  for (int i = 0; i < count; i++)
    sums[i] += (guint32) enters[i] - (guint32) leaves[i];
}

static void
change_u16 (guint32 *restrict sums, const guint16 *restrict enters, const guint16 *restrict leaves, int count)
{
  for (int i = 0; i < count; i++)
    sums[i] += (guint32) enters[i] - (guint32) leaves[i];
}

static void
enter_u8 (guint32 *restrict sums, const guint8 *restrict enters, int count)
{
  for (int i = 0; i < count; i++)
    sums[i] += enters[i];
}

static void
enter_u16 (guint32 *restrict sums, const guint16 *restrict enters, int count)
{
  for (int i = 0; i < count; i++)
    sums[i] += enters[i];
}

static void
add_pairs_short (const guint32 *restrict in, gsize apart, guint32 *restrict out, gsize count)
{
  for (gsize i = 0; i < count; i++)
    out[i] = in[i] + in[i + apart];
}

static void
add_short (const guint32 *restrict in, guint32 *restrict out, gsize count)
{
  for (gsize i = 0; i < count; i++)
    out[i] += in[i];
}

/* out[i]: the sum of `side` (odd) pixels from sample i on. Uses both buffers; `sums` stays. */
static void
across_short (const guint32 *sums, guint32 *one, guint32 *other, guint32 *out, int pixels, int channels, int side)
{
  gsize step = (gsize) channels, count = (gsize) pixels * step, done = 1;
  memcpy (out, sums, count * sizeof *out);
  const guint32 *powers = sums;
  for (gsize power = 1; 2 * power <= (gsize) side; power *= 2) {
    gsize valid = ((gsize) (pixels + side) - 2 * power) * step;
    guint32 *next = powers == one ? other : one;
    add_pairs_short (powers, power * step, next, valid);
    powers = next;
    if ((gsize) side & 2 * power) {
      add_short (powers + done * step, out, count);
      done += 2 * power;
    }
  }
}

/* Odd windows have no ties; the float's own rounding is below 0.01 of a code at 16 bits. */
static void
store_short_u8 (const guint32 *restrict sums, guint8 *restrict out, int count, float inverse)
{
  for (int i = 0; i < count; i++)
    out[i] = (guint8) ((float) sums[i] * inverse + 0.5f);
}

static void
store_short_u16 (const guint32 *restrict sums, guint16 *restrict out, int count, float inverse)
{
  for (int i = 0; i < count; i++)
    out[i] = (guint16) MIN ((int) ((float) sums[i] * inverse + 0.5f), 65535);
}

typedef struct {
  const IePixels *in, *out;
  int radius, channels;
  int x, pixels;           /* of this stretch */
  gsize line;
  void *sums;              /* of columns: line integers of 32 or 64 bits, */
  void *one, *other, *row; /* and three more */
  float *values, *leaving; /* 64 bits: rows as float */
} Boxing;

static void
enter_row_short (const Boxing *b, int y, gboolean leaves)
{
  int count = (b->pixels + 2 * b->radius) * b->channels;
  const void *enters = ie_pixels_at (b->in, b->x - b->radius, y);
  const void *left = leaves ? ie_pixels_at (b->in, b->x - b->radius, y - 2 * b->radius - 1) : NULL;
  if (b->in->depth == IE_DEPTH_U8)
    leaves ? change_u8 (b->sums, enters, left, count) : enter_u8 (b->sums, enters, count);
  else
    leaves ? change_u16 (b->sums, enters, left, count) : enter_u16 (b->sums, enters, count);
}

static void
finish_row_short (const Boxing *b, int y)
{
  int side = 2 * b->radius + 1, count = b->pixels * b->channels;
  float inverse = (float) (1 / ((double) side * side));
  across_short (b->sums, b->one, b->other, b->row, b->pixels, b->channels, side);
  void *out = ie_pixels_at (b->out, b->x, y);
  if (b->out->depth == IE_DEPTH_U8)
    store_short_u8 (b->row, out, count, inverse);
  else
    store_short_u16 (b->row, out, count, inverse);
}

/* ---- 64 bits ----------------------------------------------------------------------------------------------------- */

static inline gint64
fixed (float value)
{
  value = value < FIXED_MOST ? value : FIXED_MOST;
  value = value > -FIXED_MOST ? value : -FIXED_MOST;
  return (gint64) ((double) value * FIXED_ONE); /* towards 0: the same every time the row is read */
}

static void
change_long (gint64 *restrict sums, const float *restrict enters, const float *restrict leaves, int count)
{
  for (int i = 0; i < count; i++)
    sums[i] += fixed (enters[i]) - fixed (leaves[i]);
}

static void
enter_long (gint64 *restrict sums, const float *restrict enters, int count)
{
  for (int i = 0; i < count; i++)
    sums[i] += fixed (enters[i]);
}

static void
add_pairs_long (const gint64 *restrict in, gsize apart, gint64 *restrict out, gsize count)
{
  for (gsize i = 0; i < count; i++)
    out[i] = in[i] + in[i + apart];
}

static void
add_long (const gint64 *restrict in, gint64 *restrict out, gsize count)
{
  for (gsize i = 0; i < count; i++)
    out[i] += in[i];
}

/* As across_short(). */
static void
across_long (const gint64 *sums, gint64 *one, gint64 *other, gint64 *out, int pixels, int channels, int side)
{
  gsize step = (gsize) channels, count = (gsize) pixels * step, done = 1;
  memcpy (out, sums, count * sizeof *out);
  const gint64 *powers = sums;
  for (gsize power = 1; 2 * power <= (gsize) side; power *= 2) {
    gsize valid = ((gsize) (pixels + side) - 2 * power) * step;
    gint64 *next = powers == one ? other : one;
    add_pairs_long (powers, power * step, next, valid);
    powers = next;
    if ((gsize) side & 2 * power) {
      add_long (powers + done * step, out, count);
      done += 2 * power;
    }
  }
}

static void
means (const gint64 *restrict sums, float *restrict out, int count, double inverse)
{
  for (int i = 0; i < count; i++)
    out[i] = (float) ((double) sums[i] * inverse);
}

static void
weighed_means (const gint64 *restrict sums, float *restrict out, int pixels, int channels)
{
  for (int i = 0; i < pixels; i++) {
    double weight = (double) sums[i * channels + channels - 1];
    for (int c = 0; c < channels; c++)
      out[i * channels + c] = weight > 0 ? (float) ((double) sums[i * channels + c] / weight) : 0;
  }
}

static void
enter_row_long (const Boxing *b, int y, gboolean leaves)
{
  int wide = b->pixels + 2 * b->radius;
  ie_weigh_load (b->in, b->x - b->radius, y, wide, IE_UNIT_RANGE, b->values);
  if (leaves)
    ie_weigh_load (b->in, b->x - b->radius, y - 2 * b->radius - 1, wide, IE_UNIT_RANGE, b->leaving);
  if (leaves)
    change_long (b->sums, b->values, b->leaving, wide * b->channels);
  else
    enter_long (b->sums, b->values, wide * b->channels);
}

static void
finish_row_long (const Boxing *b, int y)
{
  int side = 2 * b->radius + 1;
  across_long (b->sums, b->one, b->other, b->row, b->pixels, b->channels, side);
  if (b->in->has_alpha)
    weighed_means (b->row, b->values, b->pixels, b->channels);
  else
    means (b->row, b->values, b->pixels * b->channels, 1 / (FIXED_ONE * side * side));
  ie_weigh_store (b->values, b->out, b->x, y, b->pixels, IE_UNIT_RANGE);
}

/* ---- a rectangle ------------------------------------------------------------------------------------------------- */

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  Boxing b = { .in = in, .out = out, .radius = ie_int (step->params, RADIUS), .channels = in->channels };
  gboolean brief = is_short (in, b.radius);
  b.line = line_samples (out->rect.width, b.radius, in->channels);
  gsize bytes = b.line * (brief ? sizeof (guint32) : sizeof (gint64));
  b.sums = ie_work_alloc (work, bytes);
  b.one = ie_work_alloc (work, bytes);
  b.other = ie_work_alloc (work, bytes);
  b.row = ie_work_alloc (work, bytes);
  b.values = ie_work_alloc (work, b.line * sizeof (float));
  b.leaving = ie_work_alloc (work, b.line * sizeof (float));
  IeRect rect = out->rect;
  for (b.x = rect.x; b.x < rect.x + rect.width; b.x += STRETCH) {
    b.pixels = MIN (STRETCH, rect.x + rect.width - b.x);
    memset (b.sums, 0, bytes);
    for (int y = rect.y - b.radius; y < rect.y + rect.height + b.radius; y++) {
      if (ie_work_cancelled (work))
        return;
      gboolean leaves = y > rect.y + b.radius;
      brief ? enter_row_short (&b, y, leaves) : enter_row_long (&b, y, leaves);
      if (y < rect.y + b.radius)
        continue;
      brief ? finish_row_short (&b, y - b.radius) : finish_row_long (&b, y - b.radius);
    }
  }
}

IE_FILTER (box) = {
  .name = "box",
  .version = 1,
  .label = "Box Blur",
  .summary = "Blurs by the mean of a square window",
  .group = "Blur",
  .citation = "M. J. McDonnell, Box-Filtering Techniques, Computer Graphics and Image Processing 17 (1), 1981",
  .filter_class = IE_AREA,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .neutral = neutral,
  .region = region,
  .memory = memory,
  .apply = apply,
  .apply_u8 = apply,
  .apply_u16 = apply,
};
