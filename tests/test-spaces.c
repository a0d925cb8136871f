// SPDX-License-Identifier: GPL-3.0-or-later
/* The conversions of colorspace/spaces.h: each against published numbers or lcms2, there and back, and the rows of
 * floats against the doubles, with the same bits at every level. */
#include "colorspace/spaces.h"
#include "colorspace/srgb.h"

#include <lcms2.h>
#include <math.h>
#include <string.h>

/* Random colours, 0..1 each unless scaled; every eighth is gray, every 64th black or white. */
static void
colour (GRand *random, int i, double out[3])
{
  for (int c = 0; c < 3; c++)
    out[c] = g_rand_double (random);
  if (i % 8 == 0)
    out[1] = out[2] = out[0];
  if (i % 64 == 0)
    out[0] = out[1] = out[2] = i % 128 == 0 ? 0.0 : 1.0;
}

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

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

static IeYcbcr studio;
static float some_matrix[9];

static void
exact_matrix (const double in[3], double out[3])
{
  double m[3][3];
  for (int i = 0; i < 9; i++)
    m[i / 3][i % 3] = (double) some_matrix[i];
  ie_matrix_apply (m, in, out);
}

static void
exact_xyz_to_lab (const double in[3], double out[3])
{
  ie_xyz_to_lab (in, (const double[3]){ 1.0, 1.0, 1.0 }, out);
}

static void
exact_lab_to_xyz (const double in[3], double out[3])
{
  ie_lab_to_xyz (in, (const double[3]){ 1.0, 1.0, 1.0 }, out);
}

static void
exact_to_ycbcr (const double in[3], double out[3])
{
  ie_rgb_to_ycbcr (&studio, in, out);
}

static void
exact_from_ycbcr (const double in[3], double out[3])
{
  ie_ycbcr_to_rgb (&studio, in, out);
}

static void
exact_decode (const double in[3], double out[3])
{
  for (int c = 0; c < 3; c++)
    out[c] = ie_srgb_decode_exact (in[c]);
}

static void
exact_encode (const double in[3], double out[3])
{
  for (int c = 0; c < 3; c++)
    out[c] = ie_srgb_encode_exact (in[c]);
}

typedef struct {
  const char *name;
  gsize member; /* of IeSpaceRows */
  int more;     /* 1: takes a matrix, 2: an encoding */
  void (*exact) (const double in[3], double out[3]);
  double scale[3], shift[3]; /* random 0..1 to what goes in */
  double tolerance[3];
  int angle;                 /* channel that is a hue, or -1 */
} Row;

#define MEMBER(name) #name, offsetof (IeSpaceRows, name)
static const Row kinds[] = {
  { MEMBER (matrix), 1, exact_matrix, { 2, 2, 2 }, { -0.5, -0.5, -0.5 }, { 1e-6, 1e-6, 1e-6 }, -1 },
  { MEMBER (srgb_decode), 0, exact_decode, { 2, 2, 2 }, { -0.5, -0.5, -0.5 }, { 2e-6, 2e-6, 2e-6 }, -1 },
  { MEMBER (srgb_encode), 0, exact_encode, { 2, 2, 2 }, { -0.5, -0.5, -0.5 }, { 5e-7, 5e-7, 5e-7 }, -1 },
  { MEMBER (xyz_to_lab), 0, exact_xyz_to_lab, { 1.2, 1.2, 1.2 }, { -0.1, -0.1, -0.1 }, { 4e-5, 3e-4, 2e-4 }, -1 },
  { MEMBER (lab_to_xyz), 0, exact_lab_to_xyz, { 100, 200, 200 }, { 0, -100, -100 }, { 2e-6, 2e-6, 3e-6 }, -1 },
  { MEMBER (lab_to_lch), 0, ie_lab_to_lch, { 100, 200, 200 }, { 0, -100, -100 }, { 0, 2e-5, 6e-5 }, 2 },
  { MEMBER (lch_to_lab), 0, ie_lch_to_lab, { 100, 150, 800 }, { 0, 0, -400 }, { 0, 4e-5, 4e-5 }, -1 },
  { MEMBER (rgb_to_hsv), 0, ie_rgb_to_hsv, { 1, 1, 1 }, { 0, 0, 0 }, { 2e-4, 2e-7, 0 }, 0 },
  { MEMBER (hsv_to_rgb), 0, ie_hsv_to_rgb, { 900, 1, 1 }, { -300, 0, 0 }, { 2e-6, 2e-6, 2e-6 }, -1 },
  { MEMBER (rgb_to_hsl), 0, ie_rgb_to_hsl, { 1, 1, 1 }, { 0, 0, 0 }, { 2e-4, 2e-3, 1e-7 }, 0 },
  { MEMBER (hsl_to_rgb), 0, ie_hsl_to_rgb, { 900, 1, 1 }, { -300, 0, 0 }, { 2e-6, 2e-6, 2e-6 }, -1 },
  { MEMBER (rgb_to_ycbcr), 2, exact_to_ycbcr, { 1, 1, 1 }, { 0, 0, 0 }, { 2e-7, 2e-7, 2e-7 }, -1 },
  { MEMBER (ycbcr_to_rgb), 2, exact_from_ycbcr, { 1, 1, 1 }, { 0, 0, 0 }, { 1e-6, 1e-6, 1e-6 }, -1 },
  { MEMBER (linear_srgb_to_oklab), 0, ie_linear_srgb_to_oklab, { 1, 1, 1 }, { 0, 0, 0 }, { 3e-7, 1e-6, 1e-6 }, -1 },
  { MEMBER (oklab_to_linear_srgb), 0, ie_oklab_to_linear_srgb,
    { 1, 0.6, 0.6 }, { 0, -0.3, -0.3 }, { 4e-6, 3e-6, 3e-6 }, -1 },
};

typedef void (*MatrixRow) (const float *in, float *out, gsize pixels, int step, const float matrix[9]);
typedef void (*CodedRow) (const float *in, float *out, gsize pixels, int step, const IeYcbcr *encoding);

static void
run (const Row *row, IeCpuLevel level, const float *in, float *out, gsize pixels, int step)
{
  const char *member = (const char *) ie_space_rows_at (level) + row->member;
  if (row->more == 1)
    (*(const MatrixRow *) member) (in, out, pixels, step, some_matrix);
  else if (row->more == 2)
    (*(const CodedRow *) member) (in, out, pixels, step, &studio);
  else
    (*(const IeRow *) member) (in, out, pixels, step);
}

#define PIXELS 5003

static void
fill (const Row *row, float *in, int step)
{
  GRand *random = g_rand_new_with_seed (9);
  for (int i = 0; i < PIXELS; i++) {
    double unit[3];
    colour (random, i, unit);
    for (int c = 0; c < 3; c++)
      in[i * step + c] = (float) (unit[c] * row->scale[c] + row->shift[c]);
    for (int c = 3; c < step; c++)
      in[i * step + c] = 0.25f;
  }
  g_rand_free (random);
}

static void
compare (const Row *row, const float *in, const float *out, int step)
{
  double worst[3] = { 0 };
  for (int i = 0; i < PIXELS; i++) {
    double exact_in[3], exact[3];
    for (int c = 0; c < 3; c++)
      exact_in[c] = (double) in[i * step + c];
    row->exact (exact_in, exact);
    for (int c = 0; c < 3; c++) {
      double d = (double) out[i * step + c] - exact[c];
      if (c == row->angle)
        d = remainder (d, 360.0) * MIN (1.0, c == 2 ? exact[1] : exact[1] * exact[2]); /* hues of grays are vague */
      worst[c] = MAX (worst[c], fabs (d));
    }
  }
  for (int c = 0; c < 3; c++)
    if (!(worst[c] <= row->tolerance[c]))
      g_error ("%s: channel %d is off by %g, more than %g", row->name, c, worst[c], row->tolerance[c]);
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  for (int step = 3; step <= 5; step++) {
    gsize bytes = (gsize) PIXELS * (gsize) step * sizeof (float);
    float *in = g_malloc (bytes), *out = g_malloc (bytes), *other = g_malloc (bytes);
    fill (row, in, step);
    memcpy (out, in, bytes); /* alpha */
    run (row, IE_CPU_BASE, in, out, PIXELS, step);
    compare (row, in, out, step);
    for (int level = IE_CPU_BASE; level <= (int) ie_cpu_level (); level++) { /* in place */
      memcpy (other, in, bytes);
      run (row, (IeCpuLevel) level, other, other, PIXELS, step);
      if (memcmp (other, out, bytes) != 0)
        g_error ("%s: other bits at level %s, step %d", row->name, ie_cpu_level_name ((IeCpuLevel) level), step);
    }
    for (int i = 0; i < PIXELS; i++)
      for (int c = 3; c < step; c++)
        g_assert_cmpfloat (out[i * step + c], ==, 0.25f);
    g_free (in);
    g_free (out);
    g_free (other);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  studio = ie_ycbcr (IE_YCBCR_709, IE_RANGE_STUDIO, 8);
  double matrix[3][3];
  ie_primaries_matrix (IE_PRIMARIES_BT2020, matrix);
  for (int i = 0; i < 9; i++)
    some_matrix[i] = (float) matrix[i / 3][i % 3];
  g_test_add_func ("/spaces/primaries", test_primaries);
  g_test_add_func ("/spaces/bradford", test_bradford);
  g_test_add_func ("/spaces/lab-lch", test_lab);
  g_test_add_func ("/spaces/hsv-hsl", test_hexcones);
  g_test_add_func ("/spaces/ycbcr", test_ycbcr);
  g_test_add_func ("/spaces/oklab", test_oklab);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    char *path = g_strconcat ("/spaces/rows/", kinds[i].name, NULL);
    g_test_add_data_func (path, &kinds[i], test_row);
    g_free (path);
  }
  return g_test_run ();
}
