// SPDX-License-Identifier: GPL-3.0-or-later
/* Separable resampling by a kernel k of radius R. A sample x of the result, s = size in / size out, lies at c = (x + 1/2) s
 * of the input; with f = max (s, 1) the input's samples i whose centres i + 1/2 are nearer than R f weigh
 * k ((i + 1/2 - c) / f), and the weights are divided by their sum. Those beyond the border are left out, not reflected.
 *
 *   bilinear  R = 1   1 - |t|
 *   bicubic   R = 2   Keys (1981) with a = -1/2: (a + 2) |t|^3 - (a + 3) |t|^2 + 1, then a |t|^3 - 5 a |t|^2 + 8 a |t| - 4 a
 *   lanczos   R = 3   sinc (t) sinc (t / 3)
 *
 * Nearest takes the sample in which c lies. Weights are integers of 22 fractional bits: 32 less 8 of the sample, one for the
 * sign and one for the weights that bicubic and lanczos have beyond 1. */
#include "embed/resample.h"

#include <string.h>

#include "core/elementary.h"

#define FRACTION 22

typedef struct {
  int first, count; /* the input's samples */
  int weights;      /* where theirs begin */
} Tap;

typedef struct {
  Tap *taps; /* one a sample of the result */
  gint32 *weights;
} Taps;

static double
sinc (double x)
{
  return x == 0 ? 1 : ie_sin (IE_PI * x) / (IE_PI * x);
}

static double
kernel (IeResample kind, double t)
{
  double x = ie_abs (t);
  switch (kind) {
  case IE_RESAMPLE_BILINEAR:
    return x < 1 ? 1 - x : 0;
  case IE_RESAMPLE_BICUBIC:
    return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : 0;
  case IE_RESAMPLE_LANCZOS:
    return x < 3 ? sinc (x) * sinc (x / 3) : 0;
  case IE_RESAMPLE_NEAREST:
    break;
  }
  return 0;
}

static double
radius (IeResample kind)
{
  return kind == IE_RESAMPLE_BILINEAR ? 1 : kind == IE_RESAMPLE_BICUBIC ? 2 : 3;
}

static void
taps_clear (Taps *taps)
{
  g_free (taps->taps);
  g_free (taps->weights);
}

/* Weights of one sample; `raw` has room for them before they are integers. */
static void
weigh (IeResample kind, double centre, double widened, Tap *tap, double *raw, gint32 *weights)
{
  double sum = 0;
  for (int i = 0; i < tap->count; i++) {
    raw[i] = kernel (kind, (tap->first + i + 0.5 - centre) / widened);
    sum += raw[i];
  }
  for (int i = 0; i < tap->count; i++) {
    double weight = sum != 0 ? raw[i] / sum * (1 << FRACTION) : 0;
    weights[i] = (gint32) (weight < 0 ? weight - 0.5 : weight + 0.5);
  }
}

/* For the result's samples from .. from + count - 1 of `out`. */
static gboolean
taps_make (IeResample kind, int in, int out, int from, int count, Taps *taps)
{
  double scale = (double) in / out, widened = MAX (scale, 1), reach = radius (kind) * widened;
  gsize room = (gsize) MIN (2 * reach + 2, (double) in + 1); /* samples that one can have */
  taps->taps = g_try_new (Tap, count);
  taps->weights = g_try_new (gint32, (gsize) count * room);
  double *raw = g_try_new (double, room);
  gboolean good = taps->taps && taps->weights && raw && (gsize) count * room <= G_MAXINT;
  for (int x = 0; x < count && good; x++) {
    double centre = (from + x + 0.5) * scale;
    int first = MAX ((int) MAX (centre - reach + 0.5, 0), 0), end = (int) MIN (centre + reach + 0.5, (double) in);
    Tap *tap = &taps->taps[x];
    *tap = (Tap){ first, end - first, (int) ((gsize) x * room) };
    weigh (kind, centre, widened, tap, raw, taps->weights + tap->weights);
  }
  g_free (raw);
  if (!good)
    taps_clear (taps);
  return good;
}

static guint8
code (gint32 sum)
{
  return (guint8) CLAMP (sum >> FRACTION, 0, 255);
}

/* A row of `in` to taps->taps' samples. */
static void
across (const guint8 *restrict in, const Taps *taps, int count, guint8 *restrict out)
{
  for (int x = 0; x < count; x++) {
    const Tap *tap = &taps->taps[x];
    const gint32 *weights = taps->weights + tap->weights;
    const guint8 *at = in + 3 * (gsize) tap->first;
    gint32 r = 1 << (FRACTION - 1), g = r, b = r;
    for (int i = 0; i < tap->count; i++, at += 3) {
      r += at[0] * weights[i];
      g += at[1] * weights[i];
      b += at[2] * weights[i];
    }
    out[3 * x] = code (r);
    out[3 * x + 1] = code (g);
    out[3 * x + 2] = code (b);
  }
}

/* A row of the result from rows of `samples`. */
static void
down (const guint8 *restrict in, gsize samples, const Tap *tap, const gint32 *weights, gint32 *restrict sums,
      guint8 *restrict out)
{
  for (gsize i = 0; i < samples; i++)
    sums[i] = 1 << (FRACTION - 1);
  for (int k = 0; k < tap->count; k++) {
    const guint8 *restrict row = in + (gsize) k * samples;
    const gint32 weight = weights[k];
    for (gsize i = 0; i < samples; i++)
      sums[i] += row[i] * weight;
  }
  for (gsize i = 0; i < samples; i++)
    out[i] = code (sums[i]);
}

/* Positions of the nearest: the scale is added up from the first on, as Pillow does; where c lies on a border between two
 * samples the sum's rounding decides. */
static int *
nearest (int in, int out, int from, int count)
{
  int *places = g_try_new (int, count);
  double scale = (double) in / out, centre = scale * 0.5;
  for (int x = 0; places && x < from + count; x++, centre += scale)
    if (x >= from)
      places[x - from] = MIN ((int) centre, in - 1);
  return places;
}

static gboolean
take_nearest (const IePortrait *in, int width, int height, IeRect part, guint8 *out)
{
  int *columns = nearest (in->width, width, part.x, part.width),
      *rows = nearest (in->height, height, part.y, part.height);
  gboolean good = columns && rows;
  for (int y = 0; y < part.height && good; y++) {
    const guint8 *row = in->rgb + (gsize) rows[y] * (gsize) in->width * 3;
    for (int x = 0; x < part.width; x++, out += 3)
      memcpy (out, row + 3 * (gsize) columns[x], 3);
  }
  g_free (columns);
  g_free (rows);
  return good;
}

/* Rows first .. end - 1 of the input, of part's columns. NULL: no memory. g_free(). */
static guint8 *
all_across (const IePortrait *in, int width, IeRect part, IeResample kind, int first, int end)
{
  Taps taps = { NULL, NULL };
  gsize bytes = (gsize) part.width * 3, stride = (gsize) in->width * 3;
  guint8 *middle = g_try_malloc_n ((gsize) (end - first), bytes);
  gboolean same = width == in->width; /* nothing to compute */
  gboolean good = middle && (same || taps_make (kind, in->width, width, part.x, part.width, &taps));
  for (int y = first; y < end && good; y++) {
    const guint8 *row = in->rgb + (gsize) y * stride;
    guint8 *to = middle + (gsize) (y - first) * bytes;
    if (same)
      memcpy (to, row + 3 * (gsize) part.x, bytes);
    else
      across (row, &taps, part.width, to);
  }
  if (good)
    taps_clear (&taps);
  else
    g_clear_pointer (&middle, g_free);
  return middle;
}

static gboolean
take_weighed (const IePortrait *in, int width, int height, IeRect part, IeResample kind, guint8 *out)
{
  Taps taps = { NULL, NULL };
  gboolean same = height == in->height;
  if (!same && !taps_make (kind, in->height, height, part.y, part.height, &taps))
    return FALSE;
  int first = part.y, end = part.y + part.height;
  if (!same) {
    first = taps.taps[0].first;
    end = taps.taps[part.height - 1].first + taps.taps[part.height - 1].count;
  }
  gsize samples = (gsize) part.width * 3;
  guint8 *middle = all_across (in, width, part, kind, first, end);
  gint32 *sums = g_try_new (gint32, samples);
  gboolean good = middle && sums;
  for (int y = 0; y < part.height && good; y++, out += samples) {
    const Tap *tap = same ? NULL : &taps.taps[y];
    if (same)
      memcpy (out, middle + (gsize) y * samples, samples);
    else
      down (middle + (gsize) (tap->first - first) * samples, samples, tap, taps.weights + tap->weights, sums, out);
  }
  g_free (middle);
  g_free (sums);
  taps_clear (&taps);
  return good;
}

gboolean
ie_resample_part (const IePortrait *in, int width, int height, IeRect part, IeResample kind, IePortrait *out)
{
  guint8 *rgb = g_try_malloc_n ((gsize) part.width * (gsize) part.height, 3);
  if (!rgb)
    return FALSE;
  if (kind == IE_RESAMPLE_NEAREST ? !take_nearest (in, width, height, part, rgb)
                                  : !take_weighed (in, width, height, part, kind, rgb)) {
    g_free (rgb);
    return FALSE;
  }
  *out = (IePortrait){ part.width, part.height, rgb };
  return TRUE;
}

gboolean
ie_resample (const IePortrait *in, int width, int height, IeResample kind, IePortrait *out)
{
  return ie_resample_part (in, width, height, (IeRect){ 0, 0, width, height }, kind, out);
}
