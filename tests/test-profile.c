// SPDX-License-Identifier: GPL-3.0-or-later
/* Working spaces of pictures with an embedded profile. */
#include "tests/profile.h"

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
  g_test_add_func ("/profile/broken", test_broken);
  g_test_add_func ("/profile/damaged", test_damaged);
  return g_test_run ();
}
