// SPDX-License-Identifier: GPL-3.0-or-later
/* The conversions of colorspace/spaces.h: each against published numbers or lcms2, there and back. */
#include "tests/spaces.h"

static void
assert_near (const double found[3], const double wanted[3], double tolerance)
{
  for (int c = 0; c < 3; c++)
    if (!(fabs (found[c] - wanted[c]) <= tolerance))
      g_error ("channel %d is %.9g, not %.9g", c, found[c], wanted[c]);
}

static void
assert_matrix (double found[3][3], const double wanted[3][3], double tolerance)
{
  for (int i = 0; i < 3; i++)
    assert_near (found[i], wanted[i], tolerance);
}

/* IEC 61966-2-1, Adobe RGB (1998), SMPTE EG 432-1 (by Lindbloom's calculator), BT.2020 (luminance), ROMM RGB. */
static void
test_primaries (void)
{
  static const double srgb[3][3] = { { 0.4124, 0.3576, 0.1805 },
                                     { 0.2126, 0.7152, 0.0722 },
                                     { 0.0193, 0.1192, 0.9505 } };
  static const double adobe[3][3] = { { 0.57667, 0.18556, 0.18823 },
                                      { 0.29734, 0.62736, 0.07529 },
                                      { 0.02703, 0.07069, 0.99134 } };
  static const double p3[3][3] = { { 0.4865709, 0.2656677, 0.1982173 },
                                   { 0.2289746, 0.6917385, 0.0792869 },
                                   { 0.0, 0.0451134, 1.0439444 } };
  static const double bt2020[3] = { 0.2627, 0.6780, 0.0593 };
  static const double prophoto[3][3] = { { 0.7977, 0.1352, 0.0313 }, { 0.2880, 0.7119, 0.0001 }, { 0.0, 0.0, 0.8249 } };
  double matrix[3][3];
  ie_primaries_matrix (IE_PRIMARIES_SRGB, matrix);
  assert_matrix (matrix, srgb, 6e-5);
  ie_primaries_matrix (IE_PRIMARIES_ADOBE_RGB, matrix);
  assert_matrix (matrix, adobe, 1e-5);
  ie_primaries_matrix (IE_PRIMARIES_DISPLAY_P3, matrix);
  assert_matrix (matrix, p3, 1e-7);
  ie_primaries_matrix (IE_PRIMARIES_BT2020, matrix);
  assert_near (matrix[1], bt2020, 5e-5);
  ie_primaries_matrix (IE_PRIMARIES_PROPHOTO, matrix);
  assert_matrix (matrix, prophoto, 3e-4);
}

/* Lindbloom's table of Bradford matrices, D65 to D50, with his whites; white to white; there and back is nothing. */
static void
test_bradford (void)
{
  static const double d65[3] = { 0.95047, 1.0, 1.08883 }, d50[3] = { 0.96422, 1.0, 0.82521 };
  static const double wanted[3][3] = { { 1.0478112, 0.0228866, -0.0501270 },
                                       { 0.0295424, 0.9904844, -0.0170491 },
                                       { -0.0092345, 0.0150436, 0.7521316 } };
  static const double nothing[3][3] = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };
  double there[3][3], back[3][3], product[3][3], white[3];
  ie_bradford (d65, d50, there);
  assert_matrix (there, wanted, 1e-6);
  ie_matrix_apply (there, d65, white);
  assert_near (white, d50, 1e-12);
  ie_bradford (d50, d65, back);
  ie_matrix_multiply (back, there, product);
  assert_matrix (product, nothing, 1e-12);
}

/* CIE's formulas as lcms2 has them. */
static void
test_lab (void)
{
  GRand *random = g_rand_new_with_seed (1);
  cmsCIEXYZ white = { ie_white_d50[0], ie_white_d50[1], ie_white_d50[2] };
  for (int i = 0; i < 20000; i++) {
    double xyz[3], lab[3], back[3], lch[3], again[3];
    colour (random, i, xyz);
    if (i % 3 == 0)
      for (int c = 0; c < 3; c++)
        xyz[c] *= 0.02;
    ie_xyz_to_lab (xyz, ie_white_d50, lab);
    cmsCIEXYZ theirs = { xyz[0], xyz[1], xyz[2] };
    cmsCIELab wanted;
    cmsXYZ2Lab (&white, &wanted, &theirs);
    assert_near (lab, (const double[3]){ wanted.L, wanted.a, wanted.b }, 1e-9);
    ie_lab_to_xyz (lab, ie_white_d50, back);
    assert_near (back, xyz, 1e-13);
    ie_lab_to_lch (lab, lch);
    cmsCIELCh polar;
    cmsLab2LCh (&polar, &wanted);
    g_assert_cmpfloat_with_epsilon (lch[1], polar.C, 1e-9);
    g_assert_true (lch[2] >= 0.0 && lch[2] < 360.0);
    if (lch[1] > 1e-3)
      g_assert_cmpfloat (fabs (remainder (lch[2] - polar.h, 360.0)), <, 1e-6);
    ie_lch_to_lab (lch, again);
    assert_near (again, lab, 1e-11);
  }
  double black[3] = { 0 }, lab[3];
  ie_xyz_to_lab (black, ie_white_d65, lab);
  assert_near (lab, black, 0.0);
  ie_xyz_to_lab (ie_white_d65, ie_white_d65, lab);
  assert_near (lab, (const double[3]){ 100.0, 0.0, 0.0 }, 1e-12);
  g_rand_free (random);
}

/* R G B, hue, V, L, saturation of HSV and HSL, to three places. */
static const double hexcones[][8] = {
  { 1.000, 1.000, 1.000, 0.0, 1.000, 1.000, 0.000, 0.000 },
  { 0.500, 0.500, 0.500, 0.0, 0.500, 0.500, 0.000, 0.000 },
  { 0.000, 0.000, 0.000, 0.0, 0.000, 0.000, 0.000, 0.000 },
  { 1.000, 0.000, 0.000, 0.0, 1.000, 0.500, 1.000, 1.000 },
  { 0.750, 0.750, 0.000, 60.0, 0.750, 0.375, 1.000, 1.000 },
  { 0.000, 0.500, 0.000, 120.0, 0.500, 0.250, 1.000, 1.000 },
  { 0.500, 1.000, 1.000, 180.0, 1.000, 0.750, 0.500, 1.000 },
  { 0.500, 0.500, 1.000, 240.0, 1.000, 0.750, 0.500, 1.000 },
  { 0.750, 0.250, 0.750, 300.0, 0.750, 0.500, 0.667, 0.500 },
  { 0.628, 0.643, 0.142, 61.8, 0.643, 0.393, 0.779, 0.638 },
  { 0.255, 0.104, 0.918, 251.1, 0.918, 0.511, 0.887, 0.832 },
  { 0.116, 0.675, 0.255, 134.9, 0.675, 0.396, 0.828, 0.707 },
};

static void
test_hexcones (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hexcones); i++) {
    const double *wanted = hexcones[i];
    double hsv[3], hsl[3];
    ie_rgb_to_hsv (wanted, hsv);
    ie_rgb_to_hsl (wanted, hsl);
    g_assert_cmpfloat_with_epsilon (hsv[0], wanted[3], 0.06);
    g_assert_cmpfloat (hsl[0], ==, hsv[0]);
    g_assert_cmpfloat_with_epsilon (hsv[2], wanted[4], 6e-4);
    g_assert_cmpfloat_with_epsilon (hsl[2], wanted[5], 6e-4);
    g_assert_cmpfloat_with_epsilon (hsv[1], wanted[6], 6e-4);
    g_assert_cmpfloat_with_epsilon (hsl[1], wanted[7], 6e-4);
  }
  GRand *random = g_rand_new_with_seed (2);
  for (int i = 0; i < 20000; i++) {
    double rgb[3], there[3], back[3];
    colour (random, i, rgb);
    ie_rgb_to_hsv (rgb, there);
    ie_hsv_to_rgb (there, back);
    assert_near (back, rgb, 1e-14);
    there[0] += 360.0 * (i % 5 - 2); /* any turn */
    ie_hsv_to_rgb (there, back);
    assert_near (back, rgb, 1e-12);
    ie_rgb_to_hsl (rgb, there);
    ie_hsl_to_rgb (there, back);
    assert_near (back, rgb, 1e-14);
  }
  g_rand_free (random);
}

/* Codes of saturated bars at 8 bits in studio range (BT.601, BT.709), at 10 (BT.2020), and of JFIF. */
static void
test_ycbcr (void)
{
  static const struct {
    IeYcbcrMatrix matrix;
    IeYcbcrRange range;
    int bits;
    double rgb[3], codes[3];
  } bars[] = {
    { IE_YCBCR_601, IE_RANGE_STUDIO, 8, { 1, 0, 0 }, { 81, 90, 240 } },
    { IE_YCBCR_601, IE_RANGE_STUDIO, 8, { 0, 1, 0 }, { 145, 54, 34 } },
    { IE_YCBCR_601, IE_RANGE_STUDIO, 8, { 0, 0, 1 }, { 41, 240, 110 } },
    { IE_YCBCR_709, IE_RANGE_STUDIO, 8, { 1, 0, 0 }, { 63, 102, 240 } },
    { IE_YCBCR_709, IE_RANGE_STUDIO, 8, { 0, 1, 0 }, { 173, 42, 26 } },
    { IE_YCBCR_709, IE_RANGE_STUDIO, 8, { 0, 0, 1 }, { 32, 240, 118 } },
    { IE_YCBCR_709, IE_RANGE_STUDIO, 10, { 1, 1, 1 }, { 940, 512, 512 } },
    { IE_YCBCR_2020, IE_RANGE_STUDIO, 10, { 1, 0, 0 }, { 294, 387, 960 } },
    { IE_YCBCR_2020, IE_RANGE_STUDIO, 12, { 0, 0, 0 }, { 256, 2048, 2048 } },
    { IE_YCBCR_601, IE_RANGE_FULL, 8, { 1, 0, 0 }, { 76.245, 84.97, 255.5 } },
    { IE_YCBCR_601, IE_RANGE_FULL, 8, { 1, 1, 1 }, { 255, 128, 128 } },
    { IE_YCBCR_2020, IE_RANGE_FULL, 16, { 0, 0, 0 }, { 0, 32768, 32768 } },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (bars); i++) {
    IeYcbcr encoding = ie_ycbcr (bars[i].matrix, bars[i].range, bars[i].bits);
    double found[3], most = (double) (1 << bars[i].bits) - 1.0;
    ie_rgb_to_ycbcr (&encoding, bars[i].rgb, found);
    for (int c = 0; c < 3; c++)
      g_assert_cmpfloat_with_epsilon (found[c] * most, bars[i].codes[c],
                                      bars[i].range == IE_RANGE_STUDIO ? 0.5 : 0.01);
  }
  GRand *random = g_rand_new_with_seed (3);
  for (int i = 0; i < 6000; i++) {
    IeYcbcr encoding = ie_ycbcr ((IeYcbcrMatrix) (i % 3), i / 3 % 2 ? IE_RANGE_FULL : IE_RANGE_STUDIO, 8 + i / 6 % 9);
    double rgb[3], there[3], back[3];
    colour (random, i, rgb);
    ie_rgb_to_ycbcr (&encoding, rgb, there);
    ie_ycbcr_to_rgb (&encoding, there, back);
    assert_near (back, rgb, 1e-13);
  }
  g_rand_free (random);
}

/* Ottosson's table for XYZ, to its three places, and sRGB's primaries as in CSS Color 4. */
static void
test_oklab (void)
{
  static const double table[4][6] = { { 0.950, 1.000, 1.089, 1.000, 0.000, 0.000 },
                                      { 1.000, 0.000, 0.000, 0.450, 1.236, -0.019 },
                                      { 0.000, 1.000, 0.000, 0.922, -0.671, 0.263 },
                                      { 0.000, 0.000, 1.000, 0.153, -1.415, -0.449 } };
  static const double css[3][3] = { { 0.62796, 0.22486, 0.12585 },
                                    { 0.86644, -0.23389, 0.17950 },
                                    { 0.45201, -0.03246, -0.31153 } };
  double to_xyz[3][3], from_xyz[3][3], rgb[3], lab[3], back[3];
  ie_primaries_matrix (IE_PRIMARIES_SRGB, to_xyz);
  ie_matrix_invert (to_xyz, from_xyz);
  for (int i = 0; i < 4; i++) {
    ie_matrix_apply (from_xyz, table[i], rgb);
    ie_linear_srgb_to_oklab (rgb, lab);
    assert_near (lab, table[i] + 3, 2e-3);
  }
  for (int i = 0; i < 3; i++) {
    double primary[3] = { i == 0, i == 1, i == 2 };
    ie_linear_srgb_to_oklab (primary, lab);
    assert_near (lab, css[i], 1e-5);
  }
  GRand *random = g_rand_new_with_seed (4);
  for (int i = 0; i < 10000; i++) {
    colour (random, i, rgb);
    ie_linear_srgb_to_oklab (rgb, lab);
    ie_oklab_to_linear_srgb (lab, back);
    assert_near (back, rgb, 1e-13);
  }
  g_rand_free (random);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/spaces/primaries", test_primaries);
  g_test_add_func ("/spaces/bradford", test_bradford);
  g_test_add_func ("/spaces/lab-lch", test_lab);
  g_test_add_func ("/spaces/hsv-hsl", test_hexcones);
  g_test_add_func ("/spaces/ycbcr", test_ycbcr);
  g_test_add_func ("/spaces/oklab", test_oklab);
  return g_test_run ();
}
