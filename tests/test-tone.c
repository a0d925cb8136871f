// SPDX-License-Identifier: GPL-3.0-or-later
/* Converters that count pixels and map them by a curve in one go (core/converter.h) against the steps that this stands for:
 * entering, the bin or the curve of core/tone.h written out, leaving in float. */
#include "tests/colour.h"

#include "core/tone.h"

#include <math.h>
#include <string.h>

#define WIDEST 600 /* two strips and a rest */
#define SLACK 0.3  /* of a code, before rounding: what core/converter.h allows */

typedef struct {
  const IeConverter *converter;
  gpointer state;
  IeHeader header;
} Space;

static Space
open_space (void)
{
  Space space = { ie_converter (IE_SPACE_LIGHTNESS), NULL, header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_U8) };
  space.state = space.converter->open (&space.header, NULL);
  g_assert_true (space.converter->tones (space.state));
  return space;
}

/* Any colours, the corners of the cube among them, and every third pixel gray. */
static void
fill (guint8 *rgb, int pixels)
{
  for (int i = 0; i < pixels; i++)
    for (int c = 0; c < 3; c++)
      rgb[3 * i + c] = i % 3 == 0 && c > 0 ? rgb[3 * i]
                       : i % 3 == 1        ? (guint8) (g_test_rand_int () & 1 ? 255 : 0)
                                           : (guint8) g_test_rand_int ();
}

/* What core/tone.h says of a sample. */
static float
mapped (const guint16 *curve, float v)
{
  float rounded = MIN (v, 1.0f) * IE_TONE_LAST;
  double x = (double) rounded, k = fmin (floor (x), 65534);
  double way = fmin (fmax ((x - k - 1 / 128.0) / (1 - 2 / 128.0), 0), 1);
  return (float) ((curve[(int) k] + (curve[(int) k + 1] - curve[(int) k]) * way) / 65535);
}

static void
make_curve (int kind, guint16 *curve)
{
  double steps[9];
  for (int i = 0; i < 9; i++)
    steps[i] = g_test_rand_double ();
  for (int k = 0; k < IE_TONE_VALUES; k++) {
    double x = MIN (k, IE_TONE_BINS - 1) / 65535.0, y = x;
    if (kind == 1) /* darker, then lighter, smoothly */
      y = pow (x, 1 + 3 * steps[0]);
    if (kind == 2)
      y = pow (x, 1 / (1 + 3 * steps[0]));
    if (kind == 3) { /* of few tones */
      y = 0;
      for (int i = 0; i < 9; i++)
        y += x >= steps[i] ? 1 / 9.0 : 0;
    }
    curve[k] = (guint16) (y * 65535 + 0.5);
  }
}

static void
check_row (const Space *space, const guint8 *in, int width, const guint16 *curve, int kind)
{
  static float lightness[WIDEST], rgb[WIDEST * 3];
  static guint8 out[WIDEST * 3];
  IeRect rect = { 3, 5, width, 1 };
  IePixels native = view ((void *) in, rect, 3, FALSE, IE_DEPTH_U8), middle = view (lightness, rect, 1, FALSE, IE_DEPTH_FLOAT),
           left = view (rgb, rect, 3, FALSE, IE_DEPTH_FLOAT), toned = view (out, rect, 3, FALSE, IE_DEPTH_U8);
  IeConvertCount count = { 0 }, count_toned = { 0 };
  space->converter->enter (space->state, &native, &middle);
  for (int i = 0; i < width; i++)
    lightness[i] = mapped (curve, lightness[i]);
  space->converter->leave (space->state, &native, &middle, &left, &count);
  space->converter->tone (space->state, &native, curve, &toned, &count_toned);
  for (int i = 0; i < 3 * width; i++) {
    double wanted = fmin (fmax ((double) rgb[i], 0), 1) * 255;
    if (fabs (out[i] - wanted) > 0.5 + SLACK)
      g_error ("curve %d, width %d, sample %d of colour %d %d %d: %d, not %.3f", kind, width, i, in[i / 3 * 3], in[i / 3 * 3 + 1],
               in[i / 3 * 3 + 2], out[i], wanted);
  }
  for (int i = 0; i < width; i++)
    if (in[3 * i] == in[3 * i + 1] && in[3 * i] == in[3 * i + 2])
      g_assert_true (out[3 * i] == out[3 * i + 1] && out[3 * i] == out[3 * i + 2]);
  /* Those that are out by half a code may fall on either side. */
  g_assert_cmpint (ABS ((int) count.out_of_gamut - (int) count_toned.out_of_gamut), <=, 2 + width / 100);
  if (kind == 0)
    g_assert_cmpmem (in, (gsize) width * 3, out, (gsize) width * 3);
}

static void
test_curves (void)
{
  guint8 *in = g_malloc (WIDEST * 3);
  guint16 *curve = g_new (guint16, IE_TONE_VALUES);
  Space space = open_space ();
  for (int kind = 0; kind < 4; kind++)
    for (int width = 1; width <= WIDEST; width += width < 40 ? 1 : 16) {
      make_curve (kind, curve);
      fill (in, width);
      check_row (&space, in, width, curve, kind);
    }
  space.converter->close (space.state);
  g_free (curve);
  g_free (in);
}

/* The bins are those of the floats, one for one. */
static void
test_counts (void)
{
  static guint8 in[WIDEST * 3 * 3];
  static float lightness[WIDEST * 3];
  guint32 *counts = g_new0 (guint32, IE_TONE_BINS), *wanted = g_new0 (guint32, IE_TONE_BINS);
  Space space = open_space ();
  for (int width = 1; width <= WIDEST; width += width < 40 ? 1 : 16) {
    IeRect rect = { 3, 5, width, 3 };
    fill (in, 3 * width);
    IePixels native = view (in, rect, 3, FALSE, IE_DEPTH_U8), middle = view (lightness, rect, 1, FALSE, IE_DEPTH_FLOAT);
    space.converter->enter (space.state, &native, &middle);
    for (int i = 0; i < 3 * width; i++)
      wanted[(int) (MIN (lightness[i], 1.0f) * IE_TONE_LAST + 0.5f)]++;
    space.converter->count (space.state, &native, counts);
  }
  g_assert_cmpmem (counts, IE_TONE_BINS * sizeof *counts, wanted, IE_TONE_BINS * sizeof *wanted);
  space.converter->close (space.state);
  g_free (counts);
  g_free (wanted);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tone/curves", test_curves);
  g_test_add_func ("/tone/counts", test_counts);
  return g_test_run ();
}
