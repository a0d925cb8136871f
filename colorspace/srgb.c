// SPDX-License-Identifier: GPL-3.0-or-later
/* The matrices and tables of srgb.h, from the standards' own numbers. */
#include "colorspace/srgb.h"

#include "colorspace/powers.h"
#include "colorspace/spaces.h"

double
ie_srgb_decode_exact (double encoded)
{
  double m = ie_abs (encoded);
  double linear = m <= 0.04045 ? m / 12.92 : ie_pow ((m + 0.055) / 1.055, 2.4);
  return encoded < 0.0 ? -linear : linear;
}

double
ie_srgb_encode_exact (double linear)
{
  double m = ie_abs (linear);
  double encoded = m <= 0.0031308 ? m * 12.92 : 1.055 * ie_pow (m, 1.0 / 2.4) - 0.055;
  return linear < 0.0 ? -encoded : encoded;
}

/* To a sum of 1: removes what rounding left of that in a matrix relative to white, or in a profile's colorants. */
static void
normalise_rows (double m[3][3])
{
  for (int i = 0; i < 3; i++) {
    double sum = m[i][0] + m[i][1] + m[i][2];
    for (int j = 0; j < 3; j++)
      m[i][j] /= sum;
  }
}

static void
set_rows (double m[3][3], float first[2], float second[2], float third[2])
{
  float *rows[3] = { first, second, third };
  for (int i = 0; i < 3; i++) {
    rows[i][0] = (float) m[i][0];
    rows[i][1] = (float) m[i][2];
  }
}

static double
curve_decode_exact (const IeCurve *curve, double m)
{
  double position = m * curve->last;
  int i = (int) MIN (position, curve->last - 1.0);
  return (double) curve->value[i] + (position - i) * ((double) curve->value[i + 1] - (double) curve->value[i]);
}

static double
curve_encode_exact (const IeCurve *curve, double m)
{
  int i = 0;
  for (int step = curve->span; step > 0; step /= 2)
    i = (double) curve->value[i + step] <= m ? i + step : i;
  i = MIN (i, curve->last - 1);
  double low = (double) curve->value[i];
  return (i + (m - low) / ((double) curve->value[i + 1] - low)) / curve->last;
}

double
ie_rgb_decode_exact (const IeRgbSpace *space, int channel, double encoded)
{
  const IeCurve *curve = space->curve[channel];
  if (!curve && space->gamma == 0.0)
    return ie_srgb_decode_exact (encoded);
  double m = ie_abs (encoded), linear = curve ? curve_decode_exact (curve, m) : ie_pow (m, space->gamma);
  return (curve ? (double) curve->black : 0.0) + (encoded < 0.0 ? -linear : linear);
}

double
ie_rgb_encode_exact (const IeRgbSpace *space, int channel, double linear)
{
  const IeCurve *curve = space->curve[channel];
  if (!curve && space->gamma == 0.0)
    return ie_srgb_encode_exact (linear);
  double above = linear - (curve ? (double) curve->black : 0.0), m = ie_abs (above);
  double encoded = curve ? curve_encode_exact (curve, m) : ie_pow (m, 1.0 / space->gamma);
  return above < 0.0 ? -encoded : encoded;
}

/* Of a code of 8 or 16 bits, by the arithmetic that float pixels take (ie_decode_samples): a value means the same at
 * every depth, bit for bit, and with it every decision that a filter takes. */
static float
decode_code (const IeRgbSpace *space, int channel, double code)
{
  if (space->curve[channel])
    return ie_curve_decode (space->curve[channel], (float) code);
  return space->gamma == 0.0 ? ie_decode_at ((float) code) : ie_powf ((float) code, (float) space->gamma);
}

static float *
decode_table (const IeRgbSpace *space, int channel, int codes)
{
  float *table = g_new (float, codes);
  for (int i = 0; i < codes; i++)
    table[i] = decode_code (space, channel, i / (codes - 1.0));
  return table;
}

#define MOST_A_STEP 0.15 /* 8-bit codes that the encoded value may grow from one entry of encode_u8 to the next */

/* The middle of the floats that share an entry of encode_u8. */
static double
encode_entry (int i)
{
  if (i == 0 || i == IE_ENCODE_STEPS - 1)
    return i == 0 ? 0.0 : 1.0;
  return (double) ie_float_from_bits (IE_ENCODE_LEAST + (i << IE_ENCODE_SHIFT) + (1 << (IE_ENCODE_SHIFT - 1)));
}

/* NULL when the curve is too steep. */
static guint8 *
encode_table (const IeRgbSpace *space, int channel)
{
  guint8 *table = g_new (guint8, IE_ENCODE_STEPS);
  double before = 0.0;
  for (int i = 0; i < IE_ENCODE_STEPS; i++) {
    double code = MAX (ie_rgb_encode_exact (space, channel, encode_entry (i)) * 255.0, 0.0);
    if (space->curve[channel] && code - before > MOST_A_STEP) {
      g_free (table);
      return NULL;
    }
    table[i] = (guint8) (MIN (code, 255.0) + 0.5);
    before = code;
  }
  return table;
}

static void
set_tables (IeRgbSpace *space)
{
  for (int c = 0; c < 3; c++) {
    gboolean same = c > 0 && space->curve[c] == space->curve[c - 1];
    space->decode_u8[c] = same ? space->decode_u8[c - 1] : decode_table (space, c, 256);
    space->encode_u8[c] = same ? space->encode_u8[c - 1] : encode_table (space, c);
  }
  if (space->curve[1] == space->curve[0] && space->curve[2] == space->curve[0]) {
    space->split_u8 = g_new (IeSimdTable, 1);
    ie_simd_table_init (space->split_u8, space->decode_u8[0]);
  }
  int dark = 0, bright = 0; /* the channels that reach farthest */
  for (int c = 1; c < 3; c++) {
    dark = ie_rgb_decode_exact (space, c, 0.0) < ie_rgb_decode_exact (space, dark, 0.0) ? c : dark;
    bright = ie_rgb_decode_exact (space, c, 1.0) > ie_rgb_decode_exact (space, bright, 1.0) ? c : bright;
  }
  space->black = (float) ie_rgb_decode_exact (space, dark, 0.0);
  space->white = (float) ie_rgb_decode_exact (space, bright, 1.0);
  space->lowest = (float) ie_rgb_decode_exact (space, dark, -0.5 / 255.0);
  space->highest = (float) ie_rgb_decode_exact (space, bright, 255.5 / 255.0);
}

static IeRgbSpace *
new_space (double to_xyz[3][3], double gamma, IeCurve *const curve[3])
{
  IeRgbSpace *space = g_new0 (IeRgbSpace, 1);
  space->gamma = gamma;
  for (int i = 0; i < 3; i++) {
    space->curve[i] = curve ? curve[i] : NULL;
    for (int j = 0; j < 3; j++)
      space->to_xyz[i][j] = to_xyz[i][j];
  }
  normalise_rows (space->to_xyz);
  ie_matrix_invert (space->to_xyz, space->to_rgb);
  normalise_rows (space->to_rgb);
  set_rows (space->to_xyz, space->to_x, space->to_y, space->to_z);
  set_rows (space->to_rgb, space->to_r, space->to_g, space->to_b);
  set_tables (space);
  return space;
}

IeRgbSpace *
ie_rgb_space_new (double to_xyz[3][3], double gamma)
{
  return new_space (to_xyz, gamma, NULL);
}

IeRgbSpace *
ie_rgb_space_new_curves (double to_xyz[3][3], IeCurve *const curve[3])
{
  return new_space (to_xyz, 0.0, curve);
}

void
ie_rgb_space_free (IeRgbSpace *space)
{
  if (!space)
    return;
  g_free (space->split_u8);
  for (int c = 2; c >= 0; c--) {
    if (c > 0 && space->curve[c] == space->curve[c - 1])
      continue; /* its tables too are those of the one before */
    g_free (space->decode_u8[c]);
    g_free (space->encode_u8[c]);
    gboolean again = c == 2 && space->curve[2] == space->curve[0];
    if (!again)
      ie_curve_free (space->curve[c]);
  }
  g_free (space);
}

float *
ie_rgb_space_decode_u16 (const IeRgbSpace *space, int channel)
{
  return decode_table (space, channel, 65536);
}

static gpointer
make_srgb (gpointer unused)
{
  double to_d65[3][3], adapt[3][3], to_xyz[3][3];
  ie_primaries_matrix (IE_PRIMARIES_SRGB, to_d65);
  ie_bradford (ie_white_d65, ie_white_d50, adapt);
  ie_matrix_multiply (adapt, to_d65, to_xyz);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      to_xyz[i][j] /= ie_white_d50[i];
  return ie_rgb_space_new (to_xyz, 0.0);
}

const IeRgbSpace *
ie_srgb (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_srgb, NULL);
}

static gpointer
make_decode_u16 (gpointer unused)
{
  return ie_rgb_space_decode_u16 (ie_srgb (), 0);
}

const float *
ie_srgb_decode_u16 (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_decode_u16, NULL);
}

void
ie_rgb_to_lab_exact (const IeRgbSpace *space, const double rgb[3], double lab[3])
{
  static const double white[3] = { 1.0, 1.0, 1.0 };
  double linear[3], xyz[3];
  for (int i = 0; i < 3; i++)
    linear[i] = ie_rgb_decode_exact (space, i, rgb[i]);
  for (int i = 0; i < 3; i++) {
    const double *row = space->to_xyz[i];
    xyz[i] = linear[1] + row[0] * (linear[0] - linear[1]) + row[2] * (linear[2] - linear[1]);
  }
  ie_xyz_to_lab (xyz, white, lab);
}

void
ie_srgb_to_lab_exact (const double rgb[3], double lab[3])
{
  ie_rgb_to_lab_exact (ie_srgb (), rgb, lab);
}
