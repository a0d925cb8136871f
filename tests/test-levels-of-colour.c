// SPDX-License-Identifier: GPL-3.0-or-later
/* Contract: the conversions to linear light, L* and CIELAB give the same bits at every level of the processor, for every
 * length of a row: whole vectors, their rests, and strips (colorspace/strip.h, core/simd-rgb.h, core/simd-table.h). The base
 * level, plain C, is the judge. */
#include "tests/colour.h"

#include "core/level.h"
#include "core/tone.h"

#include <math.h>
#include <string.h>

#define WIDEST 600 /* two strips and a rest */
#define GUARD 64   /* bytes behind a row that nobody may touch */

#ifdef IE_X86_LEVELS

#define DECLARE(name) extern const IeConverter name##_base, name##_v2, name##_v3, name##_v4;
#define LEVELS(name) { &name##_base, &name##_v2, &name##_v3, &name##_v4 }
DECLARE (ie_converter_linear)
DECLARE (ie_converter_lightness)
DECLARE (ie_converter_lab)

static const struct {
  const char *name;
  const IeConverter *levels[IE_CPU_LEVELS];
} converters[] = { { "linear", LEVELS (ie_converter_linear) },
                   { "lightness", LEVELS (ie_converter_lightness) },
                   { "lab", LEVELS (ie_converter_lab) } };

typedef struct {
  float worked[WIDEST * 4 + GUARD];
  guint8 out[WIDEST * 4 * sizeof (float) + GUARD];
} Result;

/* Samples of all kinds; float ones also beyond 0..1. */
static void
fill (GRand *rand, IeDepth depth, void *data, int samples)
{
  for (int i = 0; i < samples; i++)
    if (depth == IE_DEPTH_U8)
      ((guint8 *) data)[i] = (guint8) g_rand_int (rand);
    else if (depth == IE_DEPTH_U16)
      ((guint16 *) data)[i] = (guint16) g_rand_int (rand);
    else
      ((float *) data)[i] = (float) g_rand_double_range (rand, -0.2, 1.2);
}

/* Into the space, moved a little (so that colours leave the gamut), and out. */
static void
convert (const IeConverter *converter, const IeHeader *header, void *native, int width, Result *result)
{
  gpointer state = converter->open (header, NULL);
  int channels = converter->channels (header) + (header->has_alpha ? 1 : 0);
  IeRect rect = { 3, 5, width, 1 };
  memset (result, 0x55, sizeof *result);
  IePixels in = view (native, rect, header->channels, header->has_alpha, header->depth);
  IePixels middle = view (result->worked, rect, channels, header->has_alpha, IE_DEPTH_FLOAT);
  IePixels out = view (result->out, rect, header->channels, header->has_alpha, header->depth);
  IeConvertCount count = { 0 };
  converter->enter (state, &in, &middle);
  for (int i = 0; i < width; i++)
    result->worked[i * channels] += (float) (i % 5 - 2) * 0.1f;
  converter->leave (state, &in, &middle, &out, &count);
  converter->close (state);
}

/* Counted, and mapped by a curve, in one go. */
static void
test_tones (void)
{
  static guint8 native[WIDEST * 3], base[WIDEST * 3 + GUARD], other[WIDEST * 3 + GUARD];
  static guint32 base_counts[IE_TONE_BINS], counts[IE_TONE_BINS];
  guint16 *curve = g_new (guint16, IE_TONE_VALUES);
  IeHeader header = header_of (IE_MODEL_RGB, 3, FALSE, IE_DEPTH_U8);
  for (int k = 0; k < IE_TONE_VALUES; k++)
    curve[k] = (guint16) (sqrt (MIN (k, IE_TONE_BINS - 1) / 65535.0) * 65535.0);
  for (int width = 1; width <= WIDEST; width += width < 200 ? 1 : 37) {
    GRand *rand = g_rand_new_with_seed ((guint32) width);
    fill (rand, IE_DEPTH_U8, native, width * 3);
    g_rand_free (rand);
    for (IeCpuLevel level = IE_CPU_BASE; level <= ie_cpu_level (); level++) {
      const IeConverter *converter = converters[1].levels[level];
      guint8 *result = level == IE_CPU_BASE ? base : other;
      gpointer state = converter->open (&header, NULL);
      IeRect rect = { 3, 5, width, 1 };
      IePixels in = view (native, rect, 3, FALSE, IE_DEPTH_U8), out = view (result, rect, 3, FALSE, IE_DEPTH_U8);
      IeConvertCount count = { 0 };
      memset (result, 0x55, sizeof base);
      converter->count (state, &in, level == IE_CPU_BASE ? base_counts : counts);
      converter->tone (state, &in, curve, &out, &count);
      converter->close (state);
      if (level != IE_CPU_BASE && (memcmp (base, other, sizeof base) != 0 || memcmp (base_counts, counts, sizeof counts) != 0))
        g_error ("tone, level %s, width %d: differs from the base level", ie_cpu_level_name (level), width);
      memset (counts, 0, sizeof counts);
    }
    memset (base_counts, 0, sizeof base_counts);
  }
  g_free (curve);
}

static void
test_levels (gconstpointer data)
{
  IeDepth depth = (IeDepth) GPOINTER_TO_INT (data);
  static guint64 native[WIDEST * 4];
  static Result base, other;
  for (gsize c = 0; c < G_N_ELEMENTS (converters); c++)
    for (int channels = 3; channels <= 4; channels++)
      for (int width = 1; width <= WIDEST; width += width < 200 ? 1 : 37) {
        guint32 seed = (guint32) (width * 10 + channels);
        GRand *rand = g_rand_new_with_seed (seed);
        IeHeader header = header_of (IE_MODEL_RGB, channels, channels == 4, depth);
        fill (rand, depth, native, width * channels);
        g_rand_free (rand);
        convert (converters[c].levels[IE_CPU_BASE], &header, native, width, &base);
        for (IeCpuLevel level = IE_CPU_V2; level <= ie_cpu_level (); level++) {
          convert (converters[c].levels[level], &header, native, width, &other);
          if (memcmp (&base, &other, sizeof base) != 0)
            g_error ("%s, level %s, depth %d, %d channels, width %d, seed %u: differs from the base level", converters[c].name,
                     ie_cpu_level_name (level), depth, channels, width, seed);
        }
      }
}

#else

static void
test_tones (void)
{
  g_test_skip ("one level alone on this processor");
}

static void
test_levels (gconstpointer data)
{
  g_test_skip ("one level alone on this processor");
}

#endif

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/levels-of-colour/u8", GINT_TO_POINTER (IE_DEPTH_U8), test_levels);
  g_test_add_data_func ("/levels-of-colour/u16", GINT_TO_POINTER (IE_DEPTH_U16), test_levels);
  g_test_add_data_func ("/levels-of-colour/float", GINT_TO_POINTER (IE_DEPTH_FLOAT), test_levels);
  g_test_add_func ("/levels-of-colour/tones", test_tones);
  return g_test_run ();
}
