// SPDX-License-Identifier: GPL-3.0-or-later
/* The matrices and tables of srgb.h, from the standards' own numbers. */
#include "colorspace/srgb.h"

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

static double
lab_g_exact (double t)
{
  double m = ie_abs (t);
  double g = m <= IE_LAB_EPSILON ? IE_LAB_KAPPA * m / 116.0 : ie_cbrt (m) - 16.0 / 116.0;
  return t < 0.0 ? -g : g;
}

static void
multiply (double a[3][3], double b[3][3], double product[3][3])
{
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      product[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
}

/* By cofactors. */
static void
invert (double m[3][3], double inverse[3][3])
{
  double cofactor[3][3];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      int i1 = (i + 1) % 3, i2 = (i + 2) % 3, j1 = (j + 1) % 3, j2 = (j + 2) % 3;
      cofactor[i][j] = m[i1][j1] * m[i2][j2] - m[i1][j2] * m[i2][j1];
    }
  double determinant = m[0][0] * cofactor[0][0] + m[0][1] * cofactor[0][1] + m[0][2] * cofactor[0][2];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      inverse[i][j] = cofactor[j][i] / determinant;
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

/* XYZ with Y = 1 of chromaticity (x, y). */
static void
xyz_of (double x, double y, double xyz[3])
{
  xyz[0] = x / y;
  xyz[1] = 1.0;
  xyz[2] = (1.0 - x - y) / y;
}

/* Linear sRGB to XYZ relative to D65: the primaries scaled so that they add up to white. */
static void
primaries_to_xyz (const double white[3], double matrix[3][3])
{
  static const double chromaticity[3][2] = { { 0.64, 0.33 }, { 0.30, 0.60 }, { 0.15, 0.06 } };
  double primaries[3][3], inverse[3][3];
  for (int j = 0; j < 3; j++) {
    double xyz[3];
    xyz_of (chromaticity[j][0], chromaticity[j][1], xyz);
    for (int i = 0; i < 3; i++)
      primaries[i][j] = xyz[i];
  }
  invert (primaries, inverse);
  for (int j = 0; j < 3; j++) {
    double scale = inverse[j][0] * white[0] + inverse[j][1] * white[1] + inverse[j][2] * white[2];
    for (int i = 0; i < 3; i++)
      matrix[i][j] = primaries[i][j] * scale;
  }
}

/* Bradford: XYZ seen under `from` to XYZ seen under D50. */
static void
adaptation (const double from[3], const double to[3], double matrix[3][3])
{
  double bradford[3][3] = { { 0.8951, 0.2664, -0.1614 }, { -0.7502, 1.7135, 0.0367 }, { 0.0389, -0.0685, 1.0296 } };
  double inverse[3][3], scaled[3][3];
  invert (bradford, inverse);
  for (int i = 0; i < 3; i++) {
    double cone_from = bradford[i][0] * from[0] + bradford[i][1] * from[1] + bradford[i][2] * from[2];
    double cone_to = bradford[i][0] * to[0] + bradford[i][1] * to[1] + bradford[i][2] * to[2];
    for (int j = 0; j < 3; j++)
      scaled[i][j] = bradford[i][j] * cone_to / cone_from;
  }
  multiply (inverse, scaled, matrix);
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
decode_exact (const IeRgbSpace *space, double encoded)
{
  if (space->gamma == 0.0)
    return ie_srgb_decode_exact (encoded);
  double linear = ie_pow (ie_abs (encoded), space->gamma);
  return encoded < 0.0 ? -linear : linear;
}

static double
encode_exact (const IeRgbSpace *space, double linear)
{
  return space->gamma == 0.0 ? ie_srgb_encode_exact (linear) : ie_pow (linear, 1.0 / space->gamma);
}

/* Of a code of 8 or 16 bits, by the arithmetic that float pixels take (ie_decode_samples): a value means the same at every
 * depth, bit for bit, and with it every decision that a filter takes. */
static float
decode_code (const IeRgbSpace *space, double code)
{
  return space->gamma == 0.0 ? ie_srgb_decode ((float) code) : ie_powf ((float) code, (float) space->gamma);
}

IeRgbSpace *
ie_rgb_space_new (double to_xyz[3][3], double gamma)
{
  IeRgbSpace *space = g_new0 (IeRgbSpace, 1);
  space->gamma = gamma;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      space->to_xyz[i][j] = to_xyz[i][j];
  normalise_rows (space->to_xyz);
  invert (space->to_xyz, space->to_rgb);
  normalise_rows (space->to_rgb);
  set_rows (space->to_xyz, space->to_x, space->to_y, space->to_z);
  set_rows (space->to_rgb, space->to_r, space->to_g, space->to_b);
  for (int i = 0; i < 256; i++)
    space->decode_u8[i] = decode_code (space, i / 255.0);
  for (int i = 0; i < IE_SRGB_ENCODE_STEPS; i++) {
    double root = i / (double) (IE_SRGB_ENCODE_STEPS - 1);
    space->encode_u8[i] = (guint8) (encode_exact (space, root * root) * 255.0 + 0.5);
  }
  space->lowest = (float) decode_exact (space, -0.5 / 255.0);
  space->highest = (float) decode_exact (space, 255.5 / 255.0);
  return space;
}

float *
ie_rgb_space_decode_u16 (const IeRgbSpace *space)
{
  float *table = g_new (float, 65536);
  for (int i = 0; i < 65536; i++)
    table[i] = decode_code (space, i / 65535.0);
  return table;
}

static gpointer
make_srgb (gpointer unused)
{
  double d65[3], d50[3] = { 0.9642, 1.0, 0.8249 }, to_d65[3][3], adapt[3][3], to_xyz[3][3];
  xyz_of (0.3127, 0.3290, d65);
  primaries_to_xyz (d65, to_d65);
  adaptation (d65, d50, adapt);
  multiply (adapt, to_d65, to_xyz);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      to_xyz[i][j] /= d50[i];
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
  return ie_rgb_space_decode_u16 (ie_srgb ());
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
  double linear[3], g[3];
  for (int i = 0; i < 3; i++)
    linear[i] = decode_exact (space, rgb[i]);
  for (int i = 0; i < 3; i++) {
    const double *row = space->to_xyz[i];
    g[i] = lab_g_exact (linear[1] + row[0] * (linear[0] - linear[1]) + row[2] * (linear[2] - linear[1]));
  }
  lab[0] = 116.0 * g[1];
  lab[1] = 500.0 * (g[0] - g[1]);
  lab[2] = 200.0 * (g[1] - g[2]);
}

void
ie_srgb_to_lab_exact (const double rgb[3], double lab[3])
{
  ie_rgb_to_lab_exact (ie_srgb (), rgb, lab);
}
