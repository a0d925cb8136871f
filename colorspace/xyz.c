// SPDX-License-Identifier: GPL-3.0-or-later
/* XYZ, whites and primaries.
 *
 * Chromaticity to XYZ: CIE 15:2004, 7.1. Matrix of a set of primaries and a white: SMPTE RP 177-1993, 3.3. Adaptation:
 * the linear Bradford model, ICC.1:2010, annex E.3 (Lam 1985).
 * Primaries: IEC 61966-2-1:1999 and BT.709-6, 1; Adobe RGB (1998), 4.3.1.2; SMPTE EG 432-1 with D65 (Display P3);
 * BT.2020-2, table 3; ROMM RGB, ISO 22028-2:2013, 4. D50: ICC.1:2010, 7.2.16. */
#include "colorspace/spaces.h"

const double ie_white_d50[3] = { 0.9642, 1.0, 0.8249 };
const double ie_white_d65[3] = { 0.3127 / 0.3290, 1.0, (1.0 - 0.3127 - 0.3290) / 0.3290 };

/* x, y of red, green, blue and white. */
static const double chromaticities[IE_PRIMARIES_COUNT][4][2] = {
  [IE_PRIMARIES_SRGB] = { { 0.64, 0.33 }, { 0.30, 0.60 }, { 0.15, 0.06 }, { 0.3127, 0.3290 } },
  [IE_PRIMARIES_ADOBE_RGB] = { { 0.64, 0.33 }, { 0.21, 0.71 }, { 0.15, 0.06 }, { 0.3127, 0.3290 } },
  [IE_PRIMARIES_DISPLAY_P3] = { { 0.680, 0.320 }, { 0.265, 0.690 }, { 0.150, 0.060 }, { 0.3127, 0.3290 } },
  [IE_PRIMARIES_BT2020] = { { 0.708, 0.292 }, { 0.170, 0.797 }, { 0.131, 0.046 }, { 0.3127, 0.3290 } },
  [IE_PRIMARIES_PROPHOTO] = { { 0.7347, 0.2653 }, { 0.1596, 0.8404 }, { 0.0366, 0.0001 }, { 0.3457, 0.3585 } },
};

void
ie_xyz_of_chromaticity (double x, double y, double xyz[3])
{
  xyz[0] = x / y;
  xyz[1] = 1.0;
  xyz[2] = (1.0 - x - y) / y;
}

void
ie_matrix_multiply (double a[3][3], double b[3][3], double product[3][3])
{
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      product[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
}

/* By cofactors. */
void
ie_matrix_invert (double m[3][3], double inverse[3][3])
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

void
ie_matrix_apply (double m[3][3], const double in[3], double out[3])
{
  double a = in[0], b = in[1], c = in[2];
  for (int i = 0; i < 3; i++)
    out[i] = m[i][0] * a + m[i][1] * b + m[i][2] * c;
}

/* The primaries scaled so that they add up to white. */
void
ie_primaries_matrix (IePrimaries which, double matrix[3][3])
{
  double primaries[3][3], inverse[3][3], white[3], scale[3];
  for (int j = 0; j < 3; j++) {
    double xyz[3];
    ie_xyz_of_chromaticity (chromaticities[which][j][0], chromaticities[which][j][1], xyz);
    for (int i = 0; i < 3; i++)
      primaries[i][j] = xyz[i];
  }
  ie_xyz_of_chromaticity (chromaticities[which][3][0], chromaticities[which][3][1], white);
  ie_matrix_invert (primaries, inverse);
  ie_matrix_apply (inverse, white, scale);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      matrix[i][j] = primaries[i][j] * scale[j];
}

void
ie_bradford (const double from[3], const double to[3], double matrix[3][3])
{
  double bradford[3][3] = { { 0.8951, 0.2664, -0.1614 }, { -0.7502, 1.7135, 0.0367 }, { 0.0389, -0.0685, 1.0296 } };
  double inverse[3][3], scaled[3][3], cone_from[3], cone_to[3];
  ie_matrix_invert (bradford, inverse);
  ie_matrix_apply (bradford, from, cone_from);
  ie_matrix_apply (bradford, to, cone_to);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      scaled[i][j] = bradford[i][j] * cone_to[i] / cone_from[i];
  ie_matrix_multiply (inverse, scaled, matrix);
}
