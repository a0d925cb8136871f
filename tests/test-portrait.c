// SPDX-License-Identifier: GPL-3.0-or-later
/* embed/portrait.h: area means against the plainest sums, what every kind of picture becomes, and that nothing depends on how
 * it is read. */
#include "embed/portrait.h"

#include "colorspace/transform.h"
#include "core/error.h"
#include "embed/kernel/area.h"

#include <string.h>

/* A source that gives rows in order, from memory. */
typedef struct {
  IeSource source;
  const guint8 *data;
  gsize row;
  int next;
} Stream;

static gboolean
stream_read (IeSource *base, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  Stream *stream = (Stream *) base;
  g_assert_cmpint (rect.x, ==, 0);
  g_assert_cmpint (rect.width, ==, base->header.width);
  g_assert_cmpint (rect.y, ==, stream->next);
  for (int y = 0; y < rect.height; y++)
    memcpy ((char *) data + y * stride, stream->data + (gsize) (rect.y + y) * stream->row, stream->row);
  stream->next += rect.height;
  return TRUE;
}

static void *
samples (const IeHeader *header)
{
  gsize count = (gsize) header->width * (gsize) header->height * (gsize) header->channels;
  void *data = g_malloc (count * ie_depth_bytes (header->depth));
  for (gsize i = 0; i < count; i++)
    if (header->depth == IE_DEPTH_U8)
      ((guint8 *) data)[i] = (guint8) g_test_rand_int ();
    else if (header->depth == IE_DEPTH_U16)
      ((guint16 *) data)[i] = (guint16) g_test_rand_int ();
    else
      ((float *) data)[i] = (float) g_test_rand_double_range (-0.2, 1.2);
  return data;
}

static IePortrait
portrait_of (const IeHeader *header, const void *data, int longest)
{
  gsize row = (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
  IeSource *memory = ie_memory_source_new (header, data, (ptrdiff_t) row);
  Stream stream = { .source = { .header = *header, .read = stream_read }, .data = data, .row = row };
  IePortrait portrait, again;
  GError *error = NULL;
  g_assert_true (ie_portrait_read (memory, longest, NULL, &portrait, &error));
  g_assert_no_error (error);
  g_assert_true (ie_portrait_read (&stream.source, longest, NULL, &again, &error));
  g_assert_cmpint (stream.next, ==, header->height);
  g_assert_cmpint (again.width, ==, portrait.width);
  g_assert_cmpint (again.height, ==, portrait.height);
  g_assert_cmpmem (again.rgb, (gsize) again.width * (gsize) again.height * 3, portrait.rgb,
                   (gsize) portrait.width * (gsize) portrait.height * 3);
  ie_portrait_clear (&again);
  ie_source_free (memory);
  return portrait;
}

static double
value_at (const IeHeader *header, const void *data, int x, int y, int c)
{
  gsize i = ((gsize) y * (gsize) header->width + (gsize) x) * (gsize) header->channels + (gsize) c;
  if (header->depth == IE_DEPTH_U8)
    return ((const guint8 *) data)[i] / 255.0;
  if (header->depth == IE_DEPTH_U16)
    return ((const guint16 *) data)[i] / 65535.0;
  return CLAMP ((double) ((const float *) data)[i], 0.0, 1.0);
}

/* Gray or RGB, alpha or not: the mean over the pixel's rectangle. */
static double
oracle (const IeHeader *header, const void *data, const IePortrait *portrait, int i, int j, int c)
{
  double step_x = (double) header->width / portrait->width, step_y = (double) header->height / portrait->height;
  int colours = ie_colours (header->channels, header->has_alpha);
  double sum = 0, area = 0;
  for (int y = 0; y < header->height; y++)
    for (int x = 0; x < header->width; x++) {
      double over_x = MIN ((i + 1) * step_x, x + 1.0) - MAX (i * step_x, x);
      double over_y = MIN ((j + 1) * step_y, y + 1.0) - MAX (j * step_y, y);
      if (over_x <= 0 || over_y <= 0)
        continue;
      double alpha = header->has_alpha ? value_at (header, data, x, y, colours) : 1;
      area += over_x * over_y;
      sum += over_x * over_y * (alpha * value_at (header, data, x, y, colours < 3 ? 0 : c) + 1 - alpha);
    }
  return sum / area * 255;
}

static void
test_means (void)
{
  static const int sizes[][3] = { { 61, 47, 20 }, { 40, 90, 33 }, { 17, 5, 400 }, { 200, 3, 7 }, { 64, 64, 16 }, { 1, 50, 9 } };
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (int kind = 0; kind < 12; kind++) {
      IeHeader header = { .width = sizes[s][0], .height = sizes[s][1], .has_alpha = kind % 2, .depth = (IeDepth) (kind / 4) };
      header.channels = (kind / 2 % 2 ? 3 : 1) + (header.has_alpha ? 1 : 0);
      header.model = kind / 2 % 2 ? IE_MODEL_RGB : IE_MODEL_GRAY;
      void *data = samples (&header);
      IePortrait portrait = portrait_of (&header, data, sizes[s][2]);
      int side = MAX (header.width, header.height);
      g_assert_cmpint (MAX (portrait.width, portrait.height), ==, MIN (side, sizes[s][2]));
      for (int j = 0; j < portrait.height; j++)
        for (int i = 0; i < portrait.width; i++)
          for (int c = 0; c < 3; c++) {
            double wanted = oracle (&header, data, &portrait, i, j, c);
            double found = portrait.rgb[(j * portrait.width + i) * 3 + c];
            if (found - wanted > 0.5 + 1e-6 || wanted - found > 0.5 + 1e-6)
              g_error ("size %d kind %d at %d %d %d: %g, not %g", (int) s, kind, i, j, c, found, wanted);
          }
      ie_portrait_clear (&portrait);
      g_free (data);
    }
}

static void
assert_equal (const IePortrait *a, const IePortrait *b)
{
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpmem (a->rgb, (gsize) a->width * (gsize) a->height * 3, b->rgb, (gsize) b->width * (gsize) b->height * 3);
}

/* The same colours in another depth, with full alpha, with a profile that says sRGB. */
static void
test_same_colours (void)
{
  IeHeader header = { .width = 100, .height = 70, .channels = 3, .depth = IE_DEPTH_U8, .model = IE_MODEL_RGB };
  guint8 *data = samples (&header);
  gsize count = 100 * 70 * 3;
  IePortrait plain = portrait_of (&header, data, 31), other;
  IeHeader deep = header;
  guint16 *wide = g_new (guint16, count);
  deep.depth = IE_DEPTH_U16;
  for (gsize i = 0; i < count; i++)
    wide[i] = (guint16) (data[i] * 257);
  other = portrait_of (&deep, wide, 31);
  assert_equal (&plain, &other);
  ie_portrait_clear (&other);
  IeHeader clear = header;
  guint8 *alpha = g_new (guint8, 100 * 70 * 4);
  clear.channels = 4;
  clear.has_alpha = TRUE;
  for (gsize i = 0; i < 100 * 70; i++) {
    memcpy (alpha + i * 4, data + i * 3, 3);
    alpha[i * 4 + 3] = 255;
  }
  other = portrait_of (&clear, alpha, 31);
  assert_equal (&plain, &other);
  ie_portrait_clear (&other);
  IeMetadata metadata = { .icc = ie_profile_named ("srgb", FALSE) };
  IeHeader tagged = header;
  tagged.metadata = &metadata;
  other = portrait_of (&tagged, data, 31);
  assert_equal (&plain, &other);
  ie_portrait_clear (&other);
  g_bytes_unref (metadata.icc);
  ie_portrait_clear (&plain);
  g_free (data);
  g_free (wide);
  g_free (alpha);
}

static void
assert_colour (IeModel model, int channels, IeDepth depth, const void *pixel, const char *profile, const int wanted[3])
{
  enum { SIDE = 12 };
  IeMetadata metadata = { .icc = profile ? ie_profile_named (profile, FALSE) : NULL };
  IeHeader header = { .width = SIDE, .height = SIDE, .channels = channels, .depth = depth, .model = model,
                      .metadata = &metadata };
  gsize bytes = (gsize) channels * ie_depth_bytes (depth);
  guint8 *data = g_malloc (SIDE * SIDE * bytes);
  for (gsize i = 0; i < SIDE * SIDE; i++)
    memcpy (data + i * bytes, pixel, bytes);
  IePortrait portrait = portrait_of (&header, data, 5);
  for (int i = 0; i < 5 * 5; i++)
    for (int c = 0; c < 3; c++)
      g_assert_cmpint (ABS (portrait.rgb[3 * i + c] - wanted[c]), <=, 1);
  ie_portrait_clear (&portrait);
  g_free (data);
  if (metadata.icc)
    g_bytes_unref (metadata.icc);
}

/* Colours whose sRGB is known. */
static void
test_colours (void)
{
  /* Adobe RGB (1998) to sRGB by the two standards' own formulas: the green leaves the gamut, red is clipped at 0. */
  assert_colour (IE_MODEL_RGB, 3, IE_DEPTH_U8, (guint8[]){ 128, 128, 128 }, "adobe-rgb", (int[]){ 128, 128, 128 });
  assert_colour (IE_MODEL_RGB, 3, IE_DEPTH_U8, (guint8[]){ 0, 255, 0 }, "adobe-rgb", (int[]){ 0, 255, 0 });
  /* L* 50 is 118.9 in every channel; the red of sRGB is L* 54.29, a* 80.81, b* 69.89 at D50. */
  assert_colour (IE_MODEL_LAB, 3, IE_DEPTH_FLOAT, (float[]){ 0.5f, 128 / 255.0f, 128 / 255.0f }, NULL, (int[]){ 119, 119, 119 });
  assert_colour (IE_MODEL_LAB, 3, IE_DEPTH_FLOAT, (float[]){ 0.5429f, 208.81f / 255, 197.89f / 255 }, NULL, (int[]){ 255, 0, 0 });
  assert_colour (IE_MODEL_CMYK, 4, IE_DEPTH_U8, (guint8[]){ 255, 0, 0, 0 }, NULL, (int[]){ 0, 255, 255 });
  assert_colour (IE_MODEL_CMYK, 4, IE_DEPTH_U8, (guint8[]){ 0, 0, 0, 255 }, NULL, (int[]){ 0, 0, 0 });
  assert_colour (IE_MODEL_OTHER, 2, IE_DEPTH_U8, (guint8[]){ 77, 200 }, NULL, (int[]){ 77, 77, 77 });
  assert_colour (IE_MODEL_GRAY, 1, IE_DEPTH_FLOAT, (float[]){ 0.0f / 0.0f }, NULL, (int[]){ 0, 0, 0 });
}

/* EXIF 2.32, 4.6.4: which side of the picture the first row and the first column are. */
static void
test_orientations (void)
{
  /* Where the stored corner (0, 0) and its neighbour along the row come to lie: right (+1) or left of it, or below, above. */
  static const struct {
    int right, below, dx, dy;
  } wanted[9] = { { 0 },          { 0, 0, 1, 0 }, { 1, 0, -1, 0 }, { 1, 1, -1, 0 }, { 0, 1, 1, 0 },
                  { 0, 0, 0, 1 }, { 1, 0, 0, 1 }, { 1, 1, 0, -1 }, { 0, 1, 0, -1 } };
  for (int orientation = 1; orientation <= 8; orientation++) {
    IeMetadata metadata = { .orientation = orientation };
    IeHeader header = { .width = 7, .height = 4, .channels = 3, .depth = IE_DEPTH_U8, .model = IE_MODEL_RGB,
                        .metadata = &metadata };
    guint8 *data = samples (&header);
    IePortrait portrait = portrait_of (&header, data, 0);
    g_assert_cmpint (portrait.width, ==, orientation < 5 ? 7 : 4);
    g_assert_cmpint (portrait.height, ==, orientation < 5 ? 4 : 7);
    int x = wanted[orientation].right ? portrait.width - 1 : 0, y = wanted[orientation].below ? portrait.height - 1 : 0;
    for (int i = 0; i < 7; i++) {
      int at = (y + i * wanted[orientation].dy) * portrait.width + x + i * wanted[orientation].dx;
      g_assert_cmpmem (portrait.rgb + 3 * at, 3, data + 3 * i, 3);
    }
    ie_portrait_clear (&portrait);
    g_free (data);
  }
}

static void
test_levels (void)
{
  guint8 row[1000];
  guint32 wanted[1000];
  for (int i = 0; i < 1000; i++)
    row[i] = (guint8) g_test_rand_int ();
  for (int level = 0; level <= (int) ie_cpu_level (); level++)
    for (gsize n = 0; n < 70; n++) {
      guint32 sums[1000];
      for (int i = 0; i < 1000; i++)
        wanted[i] = sums[i] = (guint32) i * 4000000u;
      for (gsize i = 0; i < n * 13; i++)
        wanted[i] += 16000000u * row[i];
      ie_area_at ((IeCpuLevel) level)->add_u8 (sums, row, n * 13, 16000000u);
      g_assert_cmpmem (sums, sizeof sums, wanted, sizeof wanted);
    }
}

static void
test_cancel (void)
{
  IeHeader header = { .width = 30, .height = 30, .channels = 1, .depth = IE_DEPTH_U8, .model = IE_MODEL_GRAY };
  void *data = samples (&header);
  IeSource *source = ie_memory_source_new (&header, data, 30);
  IePortrait portrait = { .width = 5 };
  GError *error = NULL;
  gint stop = 1;
  g_assert_false (ie_portrait_read (source, 0, &stop, &portrait, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_CANCELLED);
  g_assert_cmpint (portrait.width, ==, 5);
  g_error_free (error);
  ie_source_free (source);
  g_free (data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/portrait/means", test_means);
  g_test_add_func ("/portrait/same-colours", test_same_colours);
  g_test_add_func ("/portrait/colours", test_colours);
  g_test_add_func ("/portrait/orientations", test_orientations);
  g_test_add_func ("/portrait/levels", test_levels);
  g_test_add_func ("/portrait/cancel", test_cancel);
  return g_test_run ();
}
