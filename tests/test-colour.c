// SPDX-License-Identifier: GPL-3.0-or-later
/* Working spaces. Independent judges of the same arithmetic stand in oracle/colour.py. */
#include "tests/colour.h"

#include "colorspace/powers.h"
#include "colorspace/spaces.h"
#include "colorspace/srgb.h"
#include "core/error.h"

#include <math.h>

/* All 256^3 colours, unchanged in the space, come back as they were. */
static void
all_colours (IeSpace space)
{
  IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_U8);
  guint8 *row = g_new (guint8, 65536 * 3), *back = g_new (guint8, 65536 * 3);
  for (int r = 0; r < 256; r++) {
    for (int i = 0; i < 65536; i++) {
      row[3 * i] = (guint8) r;
      row[3 * i + 1] = (guint8) (i >> 8);
      row[3 * i + 2] = (guint8) i;
    }
    guint64 outside = there_and_back (space, &header, row, 65536, back, IE_DEPTH_U8);
    g_assert_cmpuint (outside, ==, 0);
    g_assert_cmpmem (row, 65536 * 3, back, 65536 * 3);
  }
  g_free (row);
  g_free (back);
}

static void
test_all_lightness (void)
{
  all_colours (IE_SPACE_LIGHTNESS);
}

static void
test_all_lab (void)
{
  all_colours (IE_SPACE_LAB);
}

static void
test_all_linear (void)
{
  all_colours (IE_SPACE_LINEAR);
}

static void
test_all_value (void)
{
  all_colours (IE_SPACE_VALUE);
}

/* 16-bit pictures, gray and RGB, with and without alpha: unchanged to the code. */
static void
test_sixteen_bits (void)
{
  guint16 *row = g_new (guint16, 65536 * 4), *back = g_new (guint16, 65536 * 4);
  for (gsize s = 0; s < G_N_ELEMENTS (spaces); s++)
    for (int channels = 1; channels <= 4; channels++) {
      gboolean alpha = channels % 2 == 0;
      IeHeader header = header_of (channels > 2 ? IE_MODEL_RGB : IE_MODEL_GRAY, channels, alpha, IE_DEPTH_U16);
      guint32 random = 1;
      for (int i = 0; i < 65536; i++)
        for (int c = 0; c < channels; c++) {
          random = random * 1664525u + 1013904223u;
          row[i * channels + c] = c == 0 ? (guint16) i : (guint16) (random >> 16);
        }
      there_and_back (spaces[s], &header, row, 65536, back, IE_DEPTH_U16);
      gsize bytes = 65536u * (gsize) channels * 2;
      g_assert_cmpmem (row, bytes, back, bytes);
    }
  g_free (row);
  g_free (back);
}

/* Floats in 0..1 come back to 1e-5 of the range; beyond it, where a large channel's rounding reaches a dark one through
 * the matrix, to 1e-4. Infinite ones do not make NaN. */
static void
test_float (void)
{
  float row[4000], back[4000];
  for (gsize s = 0; s < G_N_ELEMENTS (spaces); s++) {
    IeHeader header = header_of (IE_MODEL_RGB, 4, TRUE, IE_DEPTH_FLOAT);
    guint32 random = 7;
    for (int beyond = 0; beyond <= 1; beyond++) {
      for (int i = 0; i < 4000; i++) {
        random = random * 1664525u + 1013904223u;
        row[i] = (float) (random >> 8) / 16777216.0f * (beyond ? 4.0f : 1.0f) - (beyond ? 1.5f : 0.0f);
      }
      there_and_back (spaces[s], &header, row, 1000, back, IE_DEPTH_FLOAT);
      for (int i = 0; i < 4000; i++)
        g_assert_cmpfloat_with_epsilon (row[i], back[i], beyond ? 1e-4 : 1e-5);
    }
    for (int i = 0; i < 4000; i += 5)
      row[i] = i % 2 ? (float) INFINITY : -(float) INFINITY;
    row[8] = row[9] = row[10] = (float) INFINITY;
    there_and_back (spaces[s], &header, row, 1000, back, IE_DEPTH_FLOAT);
    for (int i = 0; i < 4000; i++)
      g_assert_true (back[i] == back[i]);
  }
}

/* The float path against the same formulas in double. */
static void
test_against_double (void)
{
  const IeConverter *converter = ie_converter (IE_SPACE_LAB);
  IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_FLOAT);
  gpointer state = converter->open (&header, NULL);
  float rgb[33 * 33 * 3], lab[33 * 33 * 3];
  double worst = 0.0;
  for (int r = 0; r < 33; r++) {
    for (int i = 0; i < 33 * 33; i++) {
      rgb[3 * i] = (float) r / 32.0f;
      rgb[3 * i + 1] = (float) (i / 33) / 32.0f;
      rgb[3 * i + 2] = (float) (i % 33) / 32.0f;
    }
    IeRect rect = { 0, 0, 33, 33 };
    IePixels in = view (rgb, rect, 3, FALSE, IE_DEPTH_FLOAT), out = view (lab, rect, 3, FALSE, IE_DEPTH_FLOAT);
    converter->enter (state, &in, &out);
    for (int i = 0; i < 33 * 33; i++) {
      double exact_rgb[3], exact[3];
      for (int c = 0; c < 3; c++)
        exact_rgb[c] = (double) rgb[3 * i + c];
      ie_srgb_to_lab_exact (exact_rgb, exact);
      for (int c = 0; c < 3; c++)
        worst = MAX (worst, fabs (exact[c] - 100.0 * (double) lab[3 * i + c]));
    }
  }
  converter->close (state);
  g_test_message ("largest difference %.3g", worst);
  g_assert_cmpfloat (worst, <, 2e-4);
}

/* The powers of the curves against the C library's, over 30 powers of 2: the errors that srgb.h states. */
static void
test_powers (void)
{
  double decode = 0.0, encode = 0.0;
  for (int32_t bits = 0x38000000; bits < 0x47000000; bits += 131) {
    float x = ie_float_from_bits (bits);
    decode = MAX (decode, fabs ((double) ie_power_12_5 (x) / pow ((double) x, 2.4) - 1.0));
    encode = MAX (encode, fabs ((double) ie_power_5_12 (x) / pow ((double) x, 5.0 / 12.0) - 1.0));
  }
  g_assert_cmpfloat (decode, <, 4.3e-7);
  g_assert_cmpfloat (encode, <, 2.1e-7);
  g_assert_true (isfinite (ie_power_5_12 (INFINITY)) && ie_power_5_12 (INFINITY) > 1e15f);
}

/* The largest error of a curve over the floats of low .. high, absolute or relative. */
static double
curve_error (float (*curve) (float), float low, float high, double (*exact) (double), gboolean relative)
{
  double worst = 0.0;
  for (int32_t bits = ie_float_bits (low); bits < ie_float_bits (high); bits += 37) {
    double x = (double) ie_float_from_bits (bits), wanted = exact (x);
    double error = fabs ((double) curve ((float) x) - wanted);
    worst = MAX (worst, relative ? error / wanted : error);
  }
  return worst;
}

static double
exact_code (double x)
{
  return 255.0 * ie_srgb_encode_exact (x) + 0.5;
}

static double
exact_g (double x)
{
  return x <= IE_LAB_EPSILON ? IE_LAB_KAPPA * x / 116.0 : cbrt (x) - 16.0 / 116.0;
}

/* The errors that powers.h states. */
static void
test_curves (void)
{
  g_assert_cmpfloat (curve_error (ie_decode_at, 1e-6f, 1.85f, ie_srgb_decode_exact, TRUE), <, 6e-7);
  g_assert_cmpfloat (curve_error (ie_encode_at, 1e-7f, 1.0f, ie_srgb_encode_exact, FALSE), <, 2.8e-7);
  g_assert_cmpfloat (curve_error (ie_encode_at, 1.0f, 127.9f, ie_srgb_encode_exact, TRUE), <, 6e-7);
  g_assert_cmpfloat (curve_error (ie_code_at, 1e-7f, 1.0f, exact_code, FALSE), <, 0.02);
  g_assert_cmpfloat (curve_error (ie_g_at, 1e-7f, 1.0f, exact_g, FALSE), <, 6.5e-8);
}

/* As ie_fused(), and whether fmaf() has another result. */
static float
fused (float a, float b, float c, guint *other)
{
  float sum = ie_fused (a, b, c);
  *other += sum != fmaf (a, b, c);
  return sum;
}

/* How often the sums of a curve differ from those of fmaf(), over all mantissas and powers of 2. scale and start: NULL, or of
 * `octaves` powers of 2; offset: instead of start. */
static guint
fused_otherwise (const float *power, int degree, float centre, gboolean times_d, const float *scale, const float *start,
                 float offset, int octaves)
{
  guint other = 0;
  for (gint32 m = 0; m <= IE_MANTISSA; m++) {
    float d = ie_mantissa (ie_float_from_bits (m | IE_ONE_BITS), centre), p = power[degree];
    for (int k = degree - 1; k >= 0; k--)
      p = fused (p, d, power[k], &other);
    p = times_d ? d * p : p;
    for (int e = 0; e < octaves; e++)
      fused (scale[e], p, start ? start[e] : offset, &other);
  }
  return other;
}

/* Sums in double, rounded to float, are what a processor with fused multiply-add computes, for everything that the curves
 * compute by it: so that all levels of vectors have the same bits. */
static void
test_fused (void)
{
  g_assert_cmpuint (fused_otherwise (ie_decode_power, IE_DECODE_DEGREE, IE_CENTRE, FALSE, NULL, NULL, 0.0f, 0), ==, 0);
  g_assert_cmpuint (fused_otherwise (ie_encode_power, IE_ENCODE_DEGREE, IE_CENTRE, FALSE, ie_encode_scale, NULL,
                                     -IE_ENCODE_OFFSET, IE_ENCODE_OCTAVES), ==, 0);
  g_assert_cmpuint (fused_otherwise (ie_code_power, IE_CODE_DEGREE, IE_CENTRE, FALSE, ie_encode_scale, NULL, -IE_CODE_OFFSET,
                                     IE_ENCODE_OCTAVES), ==, 0);
  g_assert_cmpuint (fused_otherwise (ie_g_power, IE_G_DEGREE - 1, IE_G_CENTRE, TRUE, ie_g_scale, ie_g_start, 0.0f,
                                     IE_G_OCTAVES), ==, 0);
}

static void
test_gray_is_neutral (void)
{
  for (int i = 0; i <= 255; i++) {
    double rgb[3] = { i / 255.0, i / 255.0, i / 255.0 }, lab[3];
    ie_srgb_to_lab_exact (rgb, lab);
    g_assert_cmpfloat_with_epsilon (lab[1], 0.0, 1e-6);
    g_assert_cmpfloat_with_epsilon (lab[2], 0.0, 1e-6);
    if (i == 255)
      g_assert_cmpfloat_with_epsilon (lab[0], 100.0, 1e-9);
  }
  const IeConverter *converter = ie_converter (IE_SPACE_LAB);
  IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_FLOAT);
  gpointer state = converter->open (&header, NULL);
  for (int i = -100; i <= 1100; i++) {
    float gray[3] = { (float) i / 1000.0f, (float) i / 1000.0f, (float) i / 1000.0f }, lab[3];
    IePixels in = view (gray, (IeRect){ 0, 0, 1, 1 }, 3, FALSE, IE_DEPTH_FLOAT);
    IePixels out = view (lab, (IeRect){ 0, 0, 1, 1 }, 3, FALSE, IE_DEPTH_FLOAT);
    converter->enter (state, &in, &out);
    g_assert_cmpfloat (lab[1], ==, 0.0f);
    g_assert_cmpfloat (lab[2], ==, 0.0f);
  }
  converter->close (state);
}

/* A moved lightness keeps a* and b*, and what leaves the gamut is counted. */
static void
test_lightness_keeps_hue (void)
{
  const IeConverter *converter = ie_converter (IE_SPACE_LIGHTNESS);
  IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_FLOAT);
  gpointer state = converter->open (&header, NULL);
  float rgb[6] = { 0.6f, 0.4f, 0.3f, 1.0f, 0.0f, 0.0f }, lightness[2], out[6];
  IeRect rect = { 0, 0, 2, 1 };
  IePixels in = view (rgb, rect, 3, FALSE, IE_DEPTH_FLOAT), middle = view (lightness, rect, 1, FALSE, IE_DEPTH_FLOAT),
           result = view (out, rect, 3, FALSE, IE_DEPTH_FLOAT);
  IeConvertCount count = { 0 };
  converter->enter (state, &in, &middle);
  lightness[0] += 0.1f;
  lightness[1] += 0.2f;
  converter->leave (state, &in, &middle, &result, &count);
  double before[3], after[3], rgb1[3], rgb2[3];
  for (int c = 0; c < 3; c++) {
    rgb1[c] = (double) rgb[c];
    rgb2[c] = (double) out[c];
  }
  ie_srgb_to_lab_exact (rgb1, before);
  ie_srgb_to_lab_exact (rgb2, after);
  g_assert_cmpfloat_with_epsilon (after[0] - before[0], 10.0, 1e-3);
  g_assert_cmpfloat_with_epsilon (after[1], before[1], 1e-3);
  g_assert_cmpfloat_with_epsilon (after[2], before[2], 1e-3);
  g_assert_cmpuint (count.out_of_gamut, ==, 1);
  converter->close (state);
}

#define CODE (1.0 / 255.0)

/* A row of random colours whose lightness (or, in Lab, chroma too) a step has moved; float and 8 bits. */
typedef struct {
  float rgb[3 * 4000], wanted[3 * 4000], out[3 * 4000];
  guint8 out_u8[3 * 4000];
  guint64 outside;
} Moved;

static Moved *
move_colours (IeSpace space, double shift, double stretch)
{
  Moved *moved = g_new0 (Moved, 1);
  const IeConverter *converter = ie_converter (space);
  IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_FLOAT);
  gpointer state = converter->open (&header, NULL);
  int channels = converter->channels (&header);
  GRand *random = g_rand_new_with_seed (5);
  for (int i = 0; i < 3 * 4000; i++)
    moved->rgb[i] = (float) g_rand_double (random);
  g_rand_free (random);
  IeRect rect = { 0, 0, 4000, 1 };
  IePixels in = view (moved->rgb, rect, 3, FALSE, IE_DEPTH_FLOAT),
           middle = view (moved->wanted, rect, channels, FALSE, IE_DEPTH_FLOAT),
           out = view (moved->out, rect, 3, FALSE, IE_DEPTH_FLOAT),
           out_u8 = view (moved->out_u8, rect, 3, FALSE, IE_DEPTH_U8);
  converter->enter (state, &in, &middle);
  for (int i = 0; i < 4000; i++)
    for (int c = 0; c < channels; c++)
      moved->wanted[i * channels + c] = c == 0 ? moved->wanted[i * channels] + (float) shift
                                               : moved->wanted[i * channels + c] * (float) stretch;
  IeConvertCount count = { 0 }, count_u8 = { 0 };
  converter->leave (state, &in, &middle, &out, &count);
  converter->leave (state, &in, &middle, &out_u8, &count_u8);
  g_assert_cmpuint (count.out_of_gamut, ==, count_u8.out_of_gamut);
  moved->outside = count.out_of_gamut;
  converter->close (state);
  return moved;
}

/* How one moved colour must have come out. TRUE when it was out of gamut. */
static gboolean
check_moved (const Moved *moved, int i, int channels, double shift, double stretch)
{
  double before[3], lab[3], rgb[3], out[3], low = 1.0, high = 0.0;
  for (int c = 0; c < 3; c++) {
    rgb[c] = (double) moved->rgb[3 * i + c];
    out[c] = (double) moved->out[3 * i + c];
    low = MIN (low, out[c]);
    high = MAX (high, out[c]);
    g_assert_cmpfloat (fabs (CLAMP (out[c], 0.0, 1.0) * 255.0 - moved->out_u8[3 * i + c]), <, 0.6);
  }
  ie_srgb_to_lab_exact (rgb, before);
  ie_srgb_to_lab_exact (out, lab);
  double target = before[0] + 100.0 * shift, a = before[1] * stretch, b = before[2] * stretch;
  g_assert_cmpfloat_with_epsilon (lab[0], target, 2e-3);
  g_assert_cmpfloat_with_epsilon (100.0 * (double) moved->wanted[i * channels], target, 2e-3);
  gboolean kept = fabs (lab[1] - a) < 5e-3 && fabs (lab[2] - b) < 5e-3;
  if (target >= 100.0 || target <= 0.0) { /* the neutral itself, from a little beyond on */
    g_assert_true (kept || (target > -2.0 && target < 102.0) || hypot (lab[1], lab[2]) < 1e-3);
    return !kept;
  }
  g_assert_cmpfloat (low, >=, -0.501 * CODE);
  g_assert_cmpfloat (high, <=, 1.0 + 0.501 * CODE);
  g_assert_cmpfloat (hypot (lab[1], lab[2]), <=, hypot (a, b) + 0.01);
  return !kept;
}

/* What leaves the gamut keeps L* and loses chroma; all else keeps a* and b*. */
static void
test_gamut (void)
{
  static const double shifts[] = { -0.3, -0.1, -0.02, 0.03, 0.1, 0.25 };
  for (gsize k = 0; k < G_N_ELEMENTS (shifts); k++)
    for (int in_lab = 0; in_lab <= 1; in_lab++) {
      double stretch = in_lab ? 1.5 : 1.0;
      Moved *moved = move_colours (in_lab ? IE_SPACE_LAB : IE_SPACE_LIGHTNESS, shifts[k], stretch);
      guint64 changed = 0;
      for (int i = 0; i < 4000; i++)
        changed += check_moved (moved, i, in_lab ? 3 : 1, shifts[k], stretch);
      g_assert_cmpuint (moved->outside, >, 100);
      g_assert_cmpuint (changed, <=, moved->outside);          /* nothing else is changed */
      g_assert_cmpuint (changed + moved->outside / 20, >, moved->outside); /* some by too little to see here */
      g_free (moved);
    }
}

/* Along a ramp of lightness nothing jumps where colours begin to leave the gamut, and the end is white. */
static void
test_gamut_ramp (void)
{
  enum { STEPS = 40000 };
  static const float colours[][3] = { { 1.0f, 0.0f, 0.0f }, { 0.1f, 0.2f, 0.9f }, { 0.2f, 0.9f, 0.3f },
                                     { 0.9f, 0.8f, 0.05f } };
  const IeConverter *converter = ie_converter (IE_SPACE_LIGHTNESS);
  IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_FLOAT);
  gpointer state = converter->open (&header, NULL);
  static float rgb[STEPS * 3], lightness[STEPS], out[STEPS * 3];
  for (gsize k = 0; k < G_N_ELEMENTS (colours); k++) {
    for (int i = 0; i < STEPS; i++) {
      memcpy (rgb + 3 * i, colours[k], sizeof colours[k]);
      lightness[i] = (float) i / (float) (STEPS - 1);
    }
    IeRect rect = { 0, 0, STEPS, 1 };
    IePixels in = view (rgb, rect, 3, FALSE, IE_DEPTH_FLOAT), middle = view (lightness, rect, 1, FALSE, IE_DEPTH_FLOAT),
             result = view (out, rect, 3, FALSE, IE_DEPTH_FLOAT);
    IeConvertCount count = { 0 };
    converter->leave (state, &in, &middle, &result, &count);
    for (int i = STEPS / 50; i < STEPS; i++) /* 0.0025 of L* a step; the darkest are steep in themselves */
      for (int c = 0; c < 3; c++)
        g_assert_cmpfloat (fabs ((double) out[3 * i + c] - (double) out[3 * i + c - 3]), <, 0.3 * CODE);
    for (int c = 0; c < 3; c++)
      g_assert_cmpfloat_with_epsilon (out[3 * STEPS - 3 + c], 1.0, 1e-5);
  }
  converter->close (state);
}

/* The same colours whatever the strip they fell into, and wherever the rectangle begins. */
static void
test_rectangles (void)
{
  enum { WIDTH = 701 };
  guint8 row[WIDTH * 3], whole[WIDTH * 3], part[WIDTH * 3];
  IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_U8);
  for (int i = 0; i < WIDTH * 3; i++)
    row[i] = (guint8) (i * 37 + i / 11);
  for (gsize s = 0; s < G_N_ELEMENTS (spaces); s++) {
    const IeConverter *converter = ie_converter (spaces[s]);
    gpointer state = converter->open (&header, NULL);
    int channels = converter->channels (&header);
    float worked[WIDTH * 3], piece[WIDTH * 3];
    IeRect rect = { 0, 0, WIDTH, 1 };
    IePixels in = view (row, rect, 3, FALSE, IE_DEPTH_U8), out = view (whole, rect, 3, FALSE, IE_DEPTH_U8),
             parts = view (part, rect, 3, FALSE, IE_DEPTH_U8),
             middle = view (worked, rect, channels, FALSE, IE_DEPTH_FLOAT),
             pieces = view (piece, rect, channels, FALSE, IE_DEPTH_FLOAT);
    IeConvertCount count = { 0 };
    converter->enter (state, &in, &middle);
    for (int x = 0; x < WIDTH; x += 97) {
      IeRect slice = { x, 0, MIN (97, WIDTH - x), 1 };
      IePixels a = ie_pixels_part (&in, slice), b = ie_pixels_part (&pieces, slice);
      converter->enter (state, &a, &b);
    }
    g_assert_cmpmem (worked, (gsize) WIDTH * (gsize) channels * 4, piece, (gsize) WIDTH * (gsize) channels * 4);
    for (int i = 0; i < WIDTH * channels; i++)
      worked[i] = worked[i] * 0.9f + 0.02f;
    converter->leave (state, &in, &middle, &out, &count);
    for (int x = 0; x < WIDTH; x += 97) {
      IeRect slice = { x, 0, MIN (97, WIDTH - x), 1 };
      IePixels a = ie_pixels_part (&in, slice), b = ie_pixels_part (&middle, slice), c = ie_pixels_part (&parts, slice);
      converter->leave (state, &a, &b, &c, &count);
    }
    g_assert_cmpmem (whole, sizeof whole, part, sizeof part);
    converter->close (state);
  }
}

static void
test_refused_models (void)
{
  static const struct {
    IeModel model;
    int channels;
  } refused[] = { { IE_MODEL_CMYK, 4 }, { IE_MODEL_LAB, 3 }, { IE_MODEL_OTHER, 2 } };
  for (gsize s = 0; s < G_N_ELEMENTS (spaces); s++)
    for (gsize i = 0; i < G_N_ELEMENTS (refused); i++) {
      IeHeader header = header_of (refused[i].model, refused[i].channels, FALSE, IE_DEPTH_U8);
      GError *error = NULL;
      g_assert_null (ie_converter (spaces[s])->open (&header, &error));
      g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
      g_error_free (error);
    }
  g_assert_null (ie_converter (IE_SPACE_NATIVE));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/colour/all-colours/lightness", test_all_lightness);
  g_test_add_func ("/colour/all-colours/lab", test_all_lab);
  g_test_add_func ("/colour/all-colours/linear", test_all_linear);
  g_test_add_func ("/colour/all-colours/value", test_all_value);
  g_test_add_func ("/colour/16-bits", test_sixteen_bits);
  g_test_add_func ("/colour/float", test_float);
  g_test_add_func ("/colour/against-double", test_against_double);
  g_test_add_func ("/colour/powers", test_powers);
  g_test_add_func ("/colour/curves", test_curves);
  g_test_add_func ("/colour/fused", test_fused);
  g_test_add_func ("/colour/gray-is-neutral", test_gray_is_neutral);
  g_test_add_func ("/colour/lightness-keeps-hue", test_lightness_keeps_hue);
  g_test_add_func ("/colour/gamut", test_gamut);
  g_test_add_func ("/colour/gamut-ramp", test_gamut_ramp);
  g_test_add_func ("/colour/rectangles", test_rectangles);
  g_test_add_func ("/colour/refused-models", test_refused_models);
  return g_test_run ();
}
