// SPDX-License-Identifier: GPL-3.0-or-later
/* Working spaces of pictures with an embedded profile. */
#include "tests/colour.h"

#include "colorspace/profile.h"

#include <lcms2.h>
#include <math.h>
#include <stdlib.h>

static GBytes *
profile_bytes (cmsHPROFILE profile)
{
  cmsUInt32Number size = 0;
  g_assert_true (cmsSaveProfileToMem (profile, NULL, &size));
  void *data = g_malloc (size);
  g_assert_true (cmsSaveProfileToMem (profile, data, &size));
  cmsCloseProfile (profile);
  return g_bytes_new_take (data, size);
}

/* Primaries and curve of Adobe RGB (1998): what sRGB is not. */
static GBytes *
wide_profile (void)
{
  cmsCIExyY white = { 0.3127, 0.3290, 1.0 };
  cmsCIExyYTRIPLE primaries = { { 0.64, 0.33, 1.0 }, { 0.21, 0.71, 1.0 }, { 0.15, 0.06, 1.0 } };
  cmsToneCurve *gamma = cmsBuildGamma (NULL, 563.0 / 256.0), *three[3] = { gamma, gamma, gamma };
  GBytes *bytes = profile_bytes (cmsCreateRGBProfile (&white, &primaries, three));
  cmsFreeToneCurve (gamma);
  return bytes;
}

static float
lightness_of (const IeHeader *header, guint8 r, guint8 g, guint8 b)
{
  const IeConverter *converter = ie_converter (IE_SPACE_LIGHTNESS);
  gpointer state = converter->open (header, NULL);
  guint8 rgb[3] = { r, g, b };
  float lightness;
  IePixels in = view (rgb, (IeRect){ 0, 0, 1, 1 }, 3, FALSE, IE_DEPTH_U8);
  IePixels out = view (&lightness, (IeRect){ 0, 0, 1, 1 }, 1, FALSE, IE_DEPTH_FLOAT);
  converter->enter (state, &in, &out);
  converter->close (state);
  return lightness;
}

static void
test_profiles (void)
{
  IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_U8);
  float untagged = lightness_of (&header, 40, 200, 90);
  GBytes *srgb = profile_bytes (cmsCreate_sRGBProfile ()), *wide = wide_profile (),
         *broken = g_bytes_new_static ("no profile at all", 17);
  IeMetadata metadata = { .icc = srgb };
  header.metadata = &metadata;
  g_assert_cmpfloat (lightness_of (&header, 40, 200, 90), ==, untagged); /* takes the same path: same bits */
  metadata.icc = broken;
  g_assert_cmpfloat (lightness_of (&header, 40, 200, 90), ==, untagged);
  metadata.icc = wide;
  double y = 0.297345 * pow (40 / 255.0, 563.0 / 256.0) + 0.627364 * pow (200 / 255.0, 563.0 / 256.0) +
             0.075291 * pow (90 / 255.0, 563.0 / 256.0); /* Y of the D65 matrix: Bradford changes it a little */
  g_assert_cmpfloat_with_epsilon (lightness_of (&header, 40, 200, 90), 1.16 * cbrt (y) - 0.16, 0.01);
  g_assert_cmpfloat (fabsf (lightness_of (&header, 40, 200, 90) - untagged), >, 0.005f);

  guint8 row[3 * 4096], back[3 * 4096];
  for (int i = 0; i < 4096; i++)
    for (int c = 0; c < 3; c++)
      row[3 * i + c] = (guint8) ((i >> (4 * c) & 15) * 17);
  for (gsize s = 0; s < G_N_ELEMENTS (spaces); s++) {
    there_and_back (spaces[s], &header, row, 4096, back, IE_DEPTH_U8);
    g_assert_cmpmem (row, sizeof row, back, sizeof back);
  }
  g_bytes_unref (srgb);
  g_bytes_unref (wide);
  g_bytes_unref (broken);
}

/* sRGB's primaries and a table of 16 bits for a curve. */
static GBytes *
table_profile (double (*curve) (double x))
{
  cmsCIExyY white = { 0.3127, 0.3290, 1.0 };
  cmsCIExyYTRIPLE primaries = { { 0.64, 0.33, 1.0 }, { 0.30, 0.60, 1.0 }, { 0.15, 0.06, 1.0 } };
  guint16 table[1024];
  for (int i = 0; i < 1024; i++)
    table[i] = (guint16) (curve (i / 1023.0) * 65535.0 + 0.5);
  cmsToneCurve *tabulated = cmsBuildTabulatedToneCurve16 (NULL, 1024, table);
  cmsToneCurve *three[3] = { tabulated, tabulated, tabulated };
  GBytes *bytes = profile_bytes (cmsCreateRGBProfile (&white, &primaries, three));
  cmsFreeToneCurve (tabulated);
  return bytes;
}

static double
sigmoid (double x)
{
  return x * x * (3.0 - 2.0 * x);
}

/* Which profiles need lcms2, and that the picture survives it unchanged. */
static void
test_paths (void)
{
  const struct {
    GBytes *icc;
    gboolean profiled;
    double gamma;
  } cases[] = { { wide_profile (), FALSE, 563.0 / 256.0 },
                { table_profile (ie_srgb_decode_exact), FALSE, 0.0 },
                { table_profile (sigmoid), TRUE, 0.0 } };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    IeMetadata metadata = { .icc = cases[i].icc };
    IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_U8);
    header.metadata = &metadata;
    IeColourState *state = ie_colour_open_lab (&header, NULL);
    g_assert_cmpint (state->profiled, ==, cases[i].profiled);
    g_assert_cmpfloat (state->rgb->gamma, ==, cases[i].gamma);
    ie_colour_close (state);
    guint8 row[3 * 4096], back[3 * 4096];
    for (int j = 0; j < 3 * 4096; j++)
      row[j] = (guint8) (j * 89 + j / 256);
    for (gsize s = 0; s < G_N_ELEMENTS (spaces); s++) {
      there_and_back (spaces[s], &header, row, 4096, back, IE_DEPTH_U8);
      int worst = 0;
      for (int j = 0; j < 3 * 4096; j++)
        worst = MAX (worst, abs (row[j] - back[j]));
      g_assert_cmpint (worst, <=, cases[i].profiled ? 1 : 0);
    }
    g_bytes_unref (cases[i].icc);
  }
}

/* Linear light of a matrix profile is its own curve undone. */
static void
test_linear_profile (void)
{
  GBytes *wide = wide_profile ();
  IeMetadata metadata = { .icc = wide };
  IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_U8);
  header.metadata = &metadata;
  const IeConverter *converter = ie_converter (IE_SPACE_LINEAR);
  gpointer state = converter->open (&header, NULL);
  guint8 rgb[3] = { 30, 128, 250 };
  float linear[3];
  IePixels in = view (rgb, (IeRect){ 0, 0, 1, 1 }, 3, FALSE, IE_DEPTH_U8);
  IePixels out = view (linear, (IeRect){ 0, 0, 1, 1 }, 3, FALSE, IE_DEPTH_FLOAT);
  converter->enter (state, &in, &out);
  for (int c = 0; c < 3; c++)
    g_assert_cmpfloat_with_epsilon (linear[c], pow (rgb[c] / 255.0, 563.0 / 256.0), 2e-4);
  converter->close (state);
  g_bytes_unref (wide);
}

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

static cmsInt32Number
sample_to_lab (const cmsUInt16Number *in, cmsUInt16Number *out, void *transform)
{
  cmsDoTransform (transform, in, out, 1);
  return TRUE;
}

static void
write_table (cmsHPROFILE profile, cmsTagSignature tag, cmsHPROFILE from, cmsUInt32Number from_format, cmsHPROFILE to,
             cmsUInt32Number to_format)
{
  cmsHTRANSFORM transform = cmsCreateTransform (from, from_format, to, to_format, INTENT_RELATIVE_COLORIMETRIC, 0);
  cmsPipeline *pipeline = cmsPipelineAlloc (NULL, 3, 3);
  cmsStage *table = cmsStageAllocCLut16bit (NULL, 17, 3, 3, NULL);
  g_assert_true (cmsStageSampleCLut16bit (table, sample_to_lab, transform, 0));
  cmsPipelineInsertStage (pipeline, cmsAT_BEGIN, cmsStageAllocToneCurves (NULL, 3, NULL));
  cmsPipelineInsertStage (pipeline, cmsAT_END, table);
  cmsPipelineInsertStage (pipeline, cmsAT_END, cmsStageAllocToneCurves (NULL, 3, NULL));
  g_assert_true (cmsWriteTag (profile, tag, pipeline));
  cmsPipelineFree (pipeline);
  cmsDeleteTransform (transform);
}

/* A printer-like RGB profile: tables from and to Lab, sampled from a wide RGB space. */
static GBytes *
lut_profile (void)
{
  GBytes *wide = wide_profile ();
  gsize size;
  gconstpointer data = g_bytes_get_data (wide, &size);
  cmsHPROFILE rgb = cmsOpenProfileFromMem (data, (cmsUInt32Number) size), lab = cmsCreateLab4Profile (NULL);
  cmsHPROFILE profile = cmsCreateProfilePlaceholder (NULL);
  cmsSetProfileVersion (profile, 4.3);
  cmsSetDeviceClass (profile, cmsSigOutputClass);
  cmsSetColorSpace (profile, cmsSigRgbData);
  cmsSetPCS (profile, cmsSigLabData);
  cmsWriteTag (profile, cmsSigMediaWhitePointTag, cmsD50_XYZ ());
  write_table (profile, cmsSigAToB0Tag, rgb, TYPE_RGB_16, lab, TYPE_Lab_16);
  write_table (profile, cmsSigBToA0Tag, lab, TYPE_Lab_16, rgb, TYPE_RGB_16);
  cmsCloseProfile (rgb);
  cmsCloseProfile (lab);
  g_bytes_unref (wide);
  return profile_bytes (profile);
}

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

/* ---- Broken profiles --------------------------------------------------------------------------------------------- */

/* A copy of a profile with one change; *why names the fault. */
static void
assert_broken (GBytes *icc, gsize size, gsize at, const char *bytes, int colours, const char *part)
{
  gsize had;
  const char *data = g_bytes_get_data (icc, &had);
  char *copy = g_malloc0 (MAX (size, had)), *why = NULL;
  memcpy (copy, data, had);
  memcpy (copy + at, bytes, strlen (bytes));
  GBytes *changed = g_bytes_new_take (copy, size);
  g_assert_false (ie_profile_check (changed, colours, &why));
  if (!strstr (why, part) || strchr (why, '\n'))
    g_error ("\"%s\" does not say \"%s\"", why, part);
  g_free (why);
  IeMetadata metadata = { .icc = changed };
  IeHeader header = header_of (colours == 1 ? IE_MODEL_GRAY : IE_MODEL_RGB, colours, FALSE, IE_DEPTH_U8);
  header.metadata = &metadata;
  IeColourState *state = ie_colour_open_lab (&header, NULL); /* counts as untagged */
  g_assert_true (!state->profiled && !state->own_rgb);
  ie_colour_close (state);
  g_bytes_unref (changed);
}

static void
test_broken (void)
{
  GBytes *icc = wide_profile ();
  gsize size = g_bytes_get_size (icc);
  g_assert_true (ie_profile_check (icc, 3, NULL));
  assert_broken (icc, 0, 0, "", 3, "less than a header");
  assert_broken (icc, 100, 0, "", 3, "less than a header");
  assert_broken (icc, size - 40, 0, "", 3, "states");
  assert_broken (icc, size, 0, "\x7f", 3, "states");
  assert_broken (icc, size, 36, "ascp", 3, "signature");
  assert_broken (icc, size, 16, "CMYK", 3, "it is for CMYK, the picture is RGB");
  assert_broken (icc, size, 0, "", 1, "it is for RGB, the picture is gray");
  assert_broken (icc, size, 12, "link", 3, "does not describe");
  assert_broken (icc, size, 128, "\x7f\x7f\x7f\x7f", 3, "table of");
  assert_broken (icc, size, 136, "\x7f\x7f\x7f\x7f", 3, "beyond its end");
  assert_broken (icc, (16 << 20) + 1, 0, "", 3, "more than 16 MiB");
  /* A tag that the matrix needs gone by another name. */
  gsize had;
  const char *data = g_bytes_get_data (icc, &had), *found = memmem (data, had, "gTRC", 4);
  assert_broken (icc, size, (gsize) (found - data), "gone", 3, "lcms2");
  g_bytes_unref (icc);
}

/* Whatever bytes change, nothing but an answer comes of it. */
static void
test_damaged (void)
{
  GBytes *sources[2] = { wide_profile (), lut_profile () };
  GRand *random = g_rand_new_with_seed (7);
  for (int i = 0; i < 600; i++) {
    gsize size;
    const guint8 *data = g_bytes_get_data (sources[i % 2], &size);
    guint8 *copy = g_memdup2 (data, size);
    for (int k = 0; k <= i % 7; k++) { /* mostly in header and tag table, and in the heads of tags */
      gint32 most = (gint32) MIN (size, i % 3 ? 600 : size);
      copy[g_rand_int_range (random, 0, most)] = (guint8) g_rand_int (random);
    }
    GBytes *changed = g_bytes_new_take (copy, size);
    IeMetadata metadata = { .icc = changed };
    IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_U8);
    header.metadata = &metadata;
    char *why = NULL;
    gboolean usable = ie_profile_check (changed, 3, &why);
    g_assert_true (usable == (why == NULL));
    guint8 row[6] = { 0, 128, 255, 20, 30, 40 }, back[6];
    there_and_back (IE_SPACE_LIGHTNESS, &header, row, 2, back, IE_DEPTH_U8);
    g_free (why);
    g_bytes_unref (changed);
  }
  g_rand_free (random);
  g_bytes_unref (sources[0]);
  g_bytes_unref (sources[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/tagged", test_profiles);
  g_test_add_func ("/profile/paths", test_paths);
  g_test_add_func ("/profile/linear", test_linear_profile);
  for (gsize i = 0; i < G_N_ELEMENTS (matrix_cases); i++) {
    char *path = g_strconcat ("/profile/matrix/", matrix_cases[i].name, NULL);
    g_test_add_data_func (path, &matrix_cases[i], test_matrix);
    g_free (path);
  }
  g_test_add_func ("/profile/lut", test_lut);
  g_test_add_func ("/profile/broken", test_broken);
  g_test_add_func ("/profile/damaged", test_damaged);
  return g_test_run ();
}
