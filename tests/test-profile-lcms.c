// SPDX-License-Identifier: GPL-3.0-or-later
/* Working spaces of pictures with a profile, of a matrix and curves or of tables, against lcms2. */
#include "tests/profile.h"

/* ---- Matrix profiles against lcms2 in double --------------------------------------------------------------------- */

typedef enum { SRGB_CURVE, POWER, TABLE_16, BT709_CURVE, THREE_CURVES } Curve;

typedef struct {
  const char *name;
  cmsCIExyY white;
  cmsCIExyYTRIPLE primaries; /* none: gray */
  Curve curve;
  double power; /* of POWER and the tables */
  int entries;  /* of the tables */
  double version;
} MatrixCase;

#define D65_WHITE { 0.3127, 0.3290, 1.0 }
#define D50_WHITE { 0.3457, 0.3585, 1.0 }
#define ADOBE { { 0.64, 0.33, 1.0 }, { 0.21, 0.71, 1.0 }, { 0.15, 0.06, 1.0 } }
#define P3 { { 0.680, 0.320, 1.0 }, { 0.265, 0.690, 1.0 }, { 0.150, 0.060, 1.0 } }
#define BT2020 { { 0.708, 0.292, 1.0 }, { 0.170, 0.797, 1.0 }, { 0.131, 0.046, 1.0 } }
#define PROPHOTO { { 0.7347, 0.2653, 1.0 }, { 0.1596, 0.8404, 1.0 }, { 0.0366, 0.0001, 1.0 } }
#define NONE { { 0 } }

static const MatrixCase matrix_cases[] = {
  { "adobe-v2", D65_WHITE, ADOBE, POWER, 563.0 / 256.0, 0, 2.1 },
  { "display-p3-v4", D65_WHITE, P3, SRGB_CURVE, 0.0, 0, 4.3 },
  { "bt2020-v4", D65_WHITE, BT2020, BT709_CURVE, 0.0, 0, 4.3 },
  { "prophoto-v2", D50_WHITE, PROPHOTO, POWER, 1.8, 0, 2.1 },
  { "adobe-table-1024-v2", D65_WHITE, ADOBE, TABLE_16, 2.2, 1024, 2.1 },
  { "adobe-table-256-v4", D65_WHITE, ADOBE, TABLE_16, 1.9, 256, 4.3 },
  { "adobe-table-4096-v2", D65_WHITE, ADOBE, TABLE_16, 2.4, 4096, 2.1 },
  { "display-three-tables-v2", D65_WHITE, P3, THREE_CURVES, 2.1, 512, 2.1 },
  { "gray-power-v2", D50_WHITE, NONE, POWER, 2.2, 0, 2.1 },
  { "gray-table-v4", D50_WHITE, NONE, TABLE_16, 1.75, 256, 4.3 },
};

static cmsToneCurve *
tone_curve (const MatrixCase *c, int channel)
{
  static const double srgb[5] = { 2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045 };
  /* With all digits (BT.2020-2): with the three of BT.709 the curve has a step where its parts meet, and no inverse. */
  static const double alpha = 1.099296826809442, beta = 0.018053968510807;
  const double bt709[5] = { 1.0 / 0.45, 1.0 / alpha, (alpha - 1.0) / alpha, 1.0 / 4.5, 4.5 * beta };
  double power = c->power + (c->curve == THREE_CURVES ? 0.15 * channel : 0.0);
  if (c->curve == SRGB_CURVE || c->curve == BT709_CURVE)
    return cmsBuildParametricToneCurve (NULL, 4, c->curve == SRGB_CURVE ? srgb : bt709);
  if (c->curve == POWER)
    return cmsBuildGamma (NULL, power);
  guint16 table[4096];
  for (int i = 0; i < c->entries; i++)
    table[i] = (guint16) (pow (i / (c->entries - 1.0), power) * 65535.0 + 0.5);
  return cmsBuildTabulatedToneCurve16 (NULL, (cmsUInt32Number) c->entries, table);
}

static GBytes *
matrix_profile (const MatrixCase *c, int colours)
{
  cmsToneCurve *three[3] = { tone_curve (c, 0), tone_curve (c, 1), tone_curve (c, 2) };
  cmsHPROFILE profile =
    colours == 1 ? cmsCreateGrayProfile (&c->white, three[0]) : cmsCreateRGBProfile (&c->white, &c->primaries, three);
  cmsSetProfileVersion (profile, c->version);
  cmsFreeToneCurveTriple (three);
  return profile_bytes (profile);
}

/* lcms2 rounds to 16 bits before and after a tabulated curve, in double too: the same entries as floats are not. */
static void
unround_curves (cmsHPROFILE profile)
{
  static const cmsTagSignature tags[4] = { cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag, cmsSigGrayTRCTag };
  for (int i = 0; i < 4; i++) {
    const cmsToneCurve *curve = cmsIsTag (profile, tags[i]) ? cmsReadTag (profile, tags[i]) : NULL;
    if (!curve || cmsGetToneCurveParametricType (curve) != 0)
      continue;
    cmsUInt32Number count = cmsGetToneCurveEstimatedTableEntries (curve);
    float *entries = g_new (float, count);
    for (cmsUInt32Number k = 0; k < count; k++)
      entries[k] = (float) (cmsGetToneCurveEstimatedTable (curve)[k] / 65535.0);
    cmsToneCurve *exact = cmsBuildTabulatedToneCurveFloat (NULL, count, entries);
    g_assert_true (cmsWriteTag (profile, tags[i], exact));
    cmsFreeToneCurve (exact);
    g_free (entries);
  }
}

#define SAMPLES 20000

/* Random colours, half of them dark, and all corners, floats. */
static void
random_colours (float *rgb, int colours)
{
  GRand *random = g_rand_new_with_seed (6);
  for (int i = 0; i < SAMPLES; i++)
    for (int c = 0; c < colours; c++) {
      double v = g_rand_double (random);
      rgb[i * colours + c] = i < 8 ? (float) (i >> c & 1) : (float) (i % 2 ? v * v * v : v);
    }
  g_rand_free (random);
}

/* Largest dE 1976 of Lab by the converter, floats, from lcms2's in double, both seen under the profile's white. */
static double
largest_difference (GBytes *icc, const float *rgb, const float *lab, int colours, gboolean unrounded)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (icc, &size);
  cmsHPROFILE profile = cmsOpenProfileFromMem (data, (cmsUInt32Number) size), space = cmsCreateLab4Profile (NULL);
  if (unrounded)
    unround_curves (profile);
  cmsHTRANSFORM into = cmsCreateTransform (profile, colours == 1 ? TYPE_GRAY_DBL : TYPE_RGB_DBL, space, TYPE_Lab_DBL,
                                           INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE | cmsFLAGS_NOOPTIMIZE);
  const double ones[3] = { 1.0, 1.0, 1.0 };
  cmsCIELab wanted;
  cmsCIEXYZ white, xyz;
  cmsDoTransform (into, ones, &wanted, 1);
  cmsLab2XYZ (NULL, &white, &wanted);
  double worst = 0.0;
  for (int i = 0; i < SAMPLES; i++) {
    double in[3];
    for (int c = 0; c < colours; c++)
      in[c] = (double) rgb[i * colours + c];
    cmsDoTransform (into, in, &wanted, 1);
    cmsLab2XYZ (NULL, &xyz, &wanted);
    cmsXYZ2Lab (&white, &wanted, &xyz);
    double d[3] = { wanted.L, wanted.a, wanted.b }, sum = 0.0;
    for (int c = 0; c < 3; c++) {
      d[c] -= 100.0 * (double) lab[3 * i + c];
      sum += d[c] * d[c];
    }
    worst = MAX (worst, sqrt (sum));
  }
  cmsDeleteTransform (into);
  cmsCloseProfile (profile);
  cmsCloseProfile (space);
  return worst;
}

/* 8 bits in all spaces and 16 in linear light, unchanged. */
static void
check_unchanged (IeHeader header, int colours)
{
  static guint16 row[3 * 65536], back[3 * 65536];
  guint8 row_u8[3 * 4096], back_u8[3 * 4096];
  header.depth = IE_DEPTH_U8;
  for (int i = 0; i < 4096 * colours; i++)
    row_u8[i] = (guint8) (i * 89 + i / 256);
  for (gsize s = 0; s < G_N_ELEMENTS (spaces); s++) {
    there_and_back (spaces[s], &header, row_u8, 4096, back_u8, IE_DEPTH_U8);
    g_assert_cmpmem (row_u8, (gsize) (4096 * colours), back_u8, (gsize) (4096 * colours));
  }
  header.depth = IE_DEPTH_U16;
  for (int i = 0; i < 65536 * colours; i++)
    row[i] = (guint16) (i % colours == 0 ? i / colours : (i * 0x9e37) >> 3);
  there_and_back (IE_SPACE_LINEAR, &header, row, 65536, back, IE_DEPTH_U16);
  g_assert_cmpmem (row, (gsize) (65536 * colours) * 2, back, (gsize) (65536 * colours) * 2);
}

static void
test_matrix (gconstpointer data)
{
  const MatrixCase *c = data;
  int colours = c->primaries.Red.Y > 0.0 ? 3 : 1;
  GBytes *icc = matrix_profile (c, colours);
  char *why = NULL;
  g_assert_true (ie_profile_check (icc, colours, &why));
  g_assert_null (why);
  IeMetadata metadata = { .icc = icc };
  IeHeader header = header_of (colours == 1 ? IE_MODEL_GRAY : IE_MODEL_RGB, colours, FALSE, IE_DEPTH_FLOAT);
  header.metadata = &metadata;
  IeColourState *state = ie_colour_open_lab (&header, NULL);
  g_assert_false (state->profiled); /* our own arithmetic */
  float *rgb = g_new (float, SAMPLES * 3), *lab = g_new (float, SAMPLES * 3);
  random_colours (rgb, colours);
  IePixels in = view (rgb, (IeRect){ 0, 0, SAMPLES, 1 }, colours, FALSE, IE_DEPTH_FLOAT);
  IePixels out = view (lab, (IeRect){ 0, 0, SAMPLES, 1 }, 3, FALSE, IE_DEPTH_FLOAT);
  ie_converter (IE_SPACE_LAB)->enter (state, &in, &out);
  double exact = largest_difference (icc, rgb, lab, colours, TRUE);
  double rounded = largest_difference (icc, rgb, lab, colours, FALSE);
  g_test_message ("%s: %.5f dE of lcms2; %.5f of its 16-bit curves", c->name, exact, rounded);
  g_assert_cmpfloat (exact, <, 0.01);
  g_assert_cmpfloat (rounded, <, 0.04);
  ie_colour_close (state);
  check_unchanged (header, colours);
  g_free (rgb);
  g_free (lab);
  g_bytes_unref (icc);
}

/* ---- Profiles made of tables ------------------------------------------------------------------------------------- */

static void
test_lut (void)
{
  GBytes *icc = lut_profile ();
  IeMetadata metadata = { .icc = icc };
  IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_FLOAT);
  header.metadata = &metadata;
  g_assert_true (ie_profile_check (icc, 3, NULL));
  IeColourState *state = ie_colour_open_lab (&header, NULL);
  g_assert_true (state->profiled);
  float *rgb = g_new (float, SAMPLES * 3), *lab = g_new (float, SAMPLES * 3), *back = g_new (float, SAMPLES * 3);
  random_colours (rgb, 3);
  IePixels in = view (rgb, (IeRect){ 0, 0, SAMPLES, 1 }, 3, FALSE, IE_DEPTH_FLOAT);
  IePixels out = view (lab, (IeRect){ 0, 0, SAMPLES, 1 }, 3, FALSE, IE_DEPTH_FLOAT);
  ie_converter (IE_SPACE_LAB)->enter (state, &in, &out);
  double worst = largest_difference (icc, rgb, lab, 3, FALSE);
  g_test_message ("tables: %.5f dE of lcms2 in double", worst);
  g_assert_cmpfloat (worst, <, 0.01);
  ie_colour_close (state);
  for (gsize s = 0; s < G_N_ELEMENTS (spaces); s++) { /* the way back is not exact, but what did not change stays */
    there_and_back (spaces[s], &header, rgb, SAMPLES, back, IE_DEPTH_FLOAT);
    for (int i = 0; i < 3 * SAMPLES; i++)
      g_assert_cmpfloat_with_epsilon (rgb[i], back[i], 1e-5);
  }
  g_free (rgb);
  g_free (lab);
  g_free (back);
  g_bytes_unref (icc);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (matrix_cases); i++) {
    char *path = g_strconcat ("/profile/matrix/", matrix_cases[i].name, NULL);
    g_test_add_data_func (path, &matrix_cases[i], test_matrix);
    g_free (path);
  }
  g_test_add_func ("/profile/lut", test_lut);
  return g_test_run ();
}
