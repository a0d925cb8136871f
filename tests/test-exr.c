// SPDX-License-Identifier: GPL-3.0-or-later
/* Samples of OpenEXR: linear ones are read back bit by bit (half stays half), others as their curve says; what cannot
 * be kept is noted. */
#include "exr.h"
#include "profile.h"

#include "colorspace/srgb.h"

#include <math.h>

/* Numbers that half holds: 11 bits, small and large, of both signs. */
static float
half_number (void)
{
  return ldexpf ((float) g_test_rand_int_range (-2047, 2048), g_test_rand_int_range (-24, 5));
}

static void
fill_half (const IeHeader *header, float *samples)
{
  for (gsize i = 0; i < count_of (header); i++) {
    gboolean alpha = header->has_alpha && i % (gsize) header->channels == (gsize) header->channels - 1;
    samples[i] = alpha ? (float) (g_test_rand_int_range (0, 1025) / 1024.0) : half_number ();
  }
}

/* Makes alpha 0 or more and, where `all`, colours what the reader makes of such products. */
static void
divide_by_alpha (const IeHeader *header, float *pixel, gboolean all)
{
  int colours = header->channels - 1;
  for (int i = 0; i < header->width * header->height; i++, pixel += header->channels) {
    pixel[colours] = MAX (pixel[colours], 0.0f);
    for (int c = 0; c < colours && all && pixel[colours] > 0; c++)
      pixel[c] /= pixel[colours];
  }
}

/* Linear samples, float or half, every kind of picture, every compression that is kept (OpenEXR's 0 none, 1 run
 * lengths, 2 ZIP by line, 3 ZIP, 4 PIZ): the same bits. Division by alpha and multiplication round once each: with
 * float alpha the bound is an ulp of the product, with half nothing is left of it. */
static void
test_linear (void)
{
  char *path = place ("linear.exr");
  for (int kind = 0; kind < 8; kind++)
    for (int compression = 0; compression <= 4; compression++) {
      gboolean half = kind & 1, alpha = kind >> 1 & 1;
      int colours = kind & 4 ? 1 : 3;
      IeHeader header = make_header (colours, alpha, IE_DEPTH_FLOAT);
      IeLayout layout = { .exr = { .known = TRUE, .half = half, .compression = compression } };
      IeMetadata metadata = { .icc = linear_profile (colours), .layout = &layout };
      float *samples = make_samples (&header, FALSE);
      if (half)
        fill_half (&header, samples);
      if (alpha)
        divide_by_alpha (&header, samples, half);
      header.metadata = &metadata;
      write_file (path, &header, samples, NULL);
      IeSource *source;
      float *again = samples_of (path, &source);
      g_assert_cmpint (source->header.channels, ==, header.channels);
      g_assert_cmpint (source->header.model, ==, header.model);
      g_assert_true (g_bytes_equal (source->header.metadata->icc, metadata.icc));
      g_assert_cmpint (source->header.metadata->layout->exr.half, ==, half);
      g_assert_cmpint (source->header.metadata->layout->exr.compression, ==, compression);
      gsize bytes = count_of (&header) * sizeof (float);
      if (!alpha || half)
        g_assert_cmpmem (again, bytes, samples, bytes);
      for (gsize i = 0; i < count_of (&header); i++)
        g_assert_true (fabsf (again[i] - samples[i]) <= ldexpf (fabsf (samples[i]), -23) * 1.001f);
      g_free (again);
      ie_source_free (source);
      g_free (samples);
      g_bytes_unref (metadata.icc);
    }
  g_free (path);
}

/* Samples of sRGB become linear light by its formula; 8 bits come back as the codes that they were, from half. */
static void
test_encoded (void)
{
  char *path = place ("encoded.exr");
  for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_FLOAT; depth++) {
    IeHeader header = make_header (3, 0, (IeDepth) depth);
    void *samples = make_samples (&header, FALSE);
    for (gsize i = 0; depth == IE_DEPTH_U8 && i < 256; i++)
      ((guint8 *) samples)[i] = (guint8) i;
    write_file (path, &header, samples, NULL);
    IeSource *source;
    float *again = samples_of (path, &source);
    g_assert_cmpint (source->header.metadata->layout->exr.half, ==, depth == IE_DEPTH_U8);
    for (gsize i = 0; i < count_of (&header); i++) {
      double was = depth == IE_DEPTH_U8    ? ((guint8 *) samples)[i] / 255.0
                   : depth == IE_DEPTH_U16 ? ((guint16 *) samples)[i] / 65535.0
                                           : (double) ((float *) samples)[i];
      double linear = copysign (ie_srgb_decode_exact (fabs (was)), was);
      double bound = depth == IE_DEPTH_U8 ? 0x1p-11 : 1e-6; /* half's rounding; that of the curve in float */
      g_assert_cmpfloat_with_epsilon ((double) again[i], linear, bound * fabs (linear) + 1e-9);
      if (depth == IE_DEPTH_U8)
        g_assert_cmpint ((int) floor (ie_srgb_encode_exact ((double) again[i]) * 255 + 0.5), ==,
                         ((guint8 *) samples)[i]);
    }
    ie_source_free (source);
    g_free (again);
    g_free (samples);
  }
  g_free (path);
}

/* A profile made of tables: linear light of sRGB's primaries, which is said. Neutral colours stay neutral within a
 * step of the tables' 16 bits and grid. */
static void
test_tables (void)
{
  char *path = place ("tables.exr");
  IeHeader header = make_header (3, 0, IE_DEPTH_FLOAT);
  IeMetadata metadata = { .icc = lut_profile () };
  IeWriteOptions options = { .fidelity = ie_fidelity_new () };
  float *samples = make_samples (&header, FALSE);
  for (gsize i = 0; i < count_of (&header); i++)
    samples[i] = (float) (i / 3 % WIDTH) / (WIDTH - 1);
  header.metadata = &metadata;
  write_file (path, &header, samples, &options);
  g_assert_cmpint (state_of (options.fidelity, IE_ITEM_PROFILE), ==, IE_FIDELITY_CHANGED);
  float *again = samples_of (path, NULL);
  for (gsize i = 0; i < count_of (&header); i += 3)
    for (gsize c = 0; c < 3; c++) {
      g_assert_cmpfloat_with_epsilon (again[i + c], again[i], 0.01f);
      g_assert_true (i / 3 % WIDTH == 0 || again[i + c] > again[i + c - 3]);
    }
  ie_fidelity_free (options.fidelity);
  g_bytes_unref (metadata.icc);
  g_free (samples);
  g_free (again);
  g_free (path);
}

/* Colours under an alpha of 0 do not shine in the file, which is said; what came from OpenEXR keeps them. */
static void
test_hidden (void)
{
  char *path = place ("hidden.exr");
  IeHeader header = {
    .width = 3, .height = 1, .channels = 4, .has_alpha = TRUE, .depth = IE_DEPTH_FLOAT, .model = IE_MODEL_RGB
  };
  IeLayout layout = { .exr = { .known = TRUE } };
  IeMetadata metadata = { .icc = linear_profile (3) };
  float samples[] = { 1, 2, 3, 0, 0, 0, 0, 0, 0.5f, 0.25f, 4, 0.5f };
  header.metadata = &metadata;
  for (int known = 0; known < 2; known++) {
    IeWriteOptions options = { .fidelity = ie_fidelity_new () };
    metadata.layout = known ? &layout : NULL;
    write_file (path, &header, samples, &options);
    float *again = samples_of (path, NULL);
    for (int i = 0; i < 12; i++)
      g_assert_cmpfloat (again[i], ==, i < 4 && !known ? 0 : samples[i]);
    g_assert_cmpint (state_of (options.fidelity, IE_ITEM_SAMPLES), ==, known ? UNKNOWN : (int) IE_FIDELITY_DROPPED);
    ie_fidelity_free (options.fidelity);
    g_free (again);
  }
  g_bytes_unref (metadata.icc);
  g_free (path);
}

/* Finite samples beyond half's largest number become that number, and are counted; a level of ZIP that is asked makes
 * ZIP. */
static void
test_half_range (void)
{
  char *path = place ("range.exr");
  IeHeader header = { .width = 4, .height = 1, .channels = 1, .depth = IE_DEPTH_FLOAT, .model = IE_MODEL_GRAY };
  IeLayout layout = { .exr = { .known = TRUE, .half = TRUE, .compression = 4 } };
  IeMetadata metadata = { .icc = linear_profile (1), .layout = &layout };
  IeWriteOptions options = { .compression = 9, .fidelity = ie_fidelity_new () };
  float samples[] = { 1e6f, -1e6f, INFINITY, 65504 }, wanted[] = { 65504, -65504, INFINITY, 65504 };
  header.metadata = &metadata;
  write_file (path, &header, samples, &options);
  IeSource *source;
  float *again = samples_of (path, &source);
  g_assert_cmpmem (again, sizeof wanted, wanted, sizeof wanted);
  g_assert_cmpint (source->header.metadata->layout->exr.compression, ==, 3);
  g_assert_cmpint (state_of (options.fidelity, IE_ITEM_SAMPLES), ==, IE_FIDELITY_CHANGED);
  g_assert_cmpint (state_of (options.fidelity, IE_ITEM_COMPRESSION), ==, IE_FIDELITY_CHANGED);
  ie_source_free (source);
  ie_fidelity_free (options.fidelity);
  g_bytes_unref (metadata.icc);
  g_free (again);
  g_free (path);
}

int
main (int argc, char **argv)
{
  static const ExrTest tests[] = {
    { "/exr/linear", test_linear }, { "/exr/encoded", test_encoded },       { "/exr/tables", test_tables },
    { "/exr/hidden", test_hidden }, { "/exr/half-range", test_half_range },
  };
  return run_tests (argc, argv, tests, G_N_ELEMENTS (tests));
}
