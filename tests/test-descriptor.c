// SPDX-License-Identifier: GPL-3.0-or-later
/* embed/descriptor.h: the same bytes everywhere, turns and parts as they are promised, frames left out, and edits nearer to
 * their picture than other pictures are. */
#include "embed/describe.h"
#include "embed/frame.h"
#include "embed/projection.h"

#include <string.h>

#define WIDTH 300
#define HEIGHT 200

/* Ramps, discs and a pattern, out of a seed: pictures that differ as photographs do. */
static IePortrait
picture (guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);
  IePortrait portrait = { WIDTH, HEIGHT, g_malloc (WIDTH * HEIGHT * 3) };
  double base[3], slope[3], tilt[3];
  for (int c = 0; c < 3; c++) {
    base[c] = g_rand_double_range (rand, 40, 200);
    slope[c] = g_rand_double_range (rand, -60, 60);
    tilt[c] = g_rand_double_range (rand, -60, 60);
  }
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      for (int c = 0; c < 3; c++) {
        double v = base[c] + slope[c] * x / WIDTH + tilt[c] * y / HEIGHT;
        portrait.rgb[(y * WIDTH + x) * 3 + c] = (guint8) CLAMP (v, 0, 255);
      }
  for (int disc = 0; disc < 25; disc++) {
    int cx = g_rand_int_range (rand, 0, WIDTH), cy = g_rand_int_range (rand, 0, HEIGHT), r = g_rand_int_range (rand, 5, 50);
    int colour[3];
    for (int c = 0; c < 3; c++)
      colour[c] = g_rand_int_range (rand, 0, 256);
    for (int y = MAX (cy - r, 0); y < MIN (cy + r, HEIGHT); y++)
      for (int x = MAX (cx - r, 0); x < MIN (cx + r, WIDTH); x++)
        if ((x - cx) * (x - cx) + (y - cy) * (y - cy) < r * r)
          for (int c = 0; c < 3; c++)
            portrait.rgb[(y * WIDTH + x) * 3 + c] = (guint8) CLAMP (colour[c] + (x * 7 + y * 3) % 13, 0, 255);
  }
  g_rand_free (rand);
  return portrait;
}

/* On a ground of one colour (gray), `left` and `top` pixels from its corner. */
static IePortrait
on_ground (const IePortrait *in, int width, int height, int left, int top, guint8 gray)
{
  IePortrait out = { width, height, g_malloc ((gsize) width * (gsize) height * 3) };
  memset (out.rgb, gray, (gsize) width * (gsize) height * 3);
  for (int y = 0; y < in->height; y++)
    memcpy (out.rgb + ((y + top) * width + left) * 3, in->rgb + y * in->width * 3, (gsize) in->width * 3);
  return out;
}

static int
product (const gint8 *a, const gint8 *b)
{
  int sum = 0;
  for (int i = 0; i < IE_DESCRIPTOR_BYTES; i++)
    sum += a[i] * b[i];
  return sum;
}

static double
cosine (const IePortrait *a, const IePortrait *b, IeDescriptorMode mode)
{
  gint8 first[IE_DESCRIPTOR_BYTES], second[IE_DESCRIPTOR_BYTES];
  ie_describe (a, NULL, 1, mode, first);
  ie_describe (b, NULL, 1, mode, second);
  return product (first, second) / ((double) IE_DESCRIPTOR_NORM * IE_DESCRIPTOR_NORM);
}

static void
test_length (void)
{
  for (guint32 seed = 0; seed < 20; seed++)
    for (int mode = 0; mode < 2; mode++) {
      IePortrait one = picture (seed);
      g_assert_cmpfloat (ABS (cosine (&one, &one, (IeDescriptorMode) mode) - 1), <=, 0.01);
      ie_portrait_clear (&one);
    }
  g_assert_true (g_str_has_prefix (ie_descriptor_id (IE_DESCRIPTOR_VISUAL), "visual-1-"));
  g_assert_cmpint ((int) strlen (ie_descriptor_id (IE_DESCRIPTOR_VISUAL)), ==, 17);
  g_assert_cmpstr (ie_descriptor_id (IE_DESCRIPTOR_LOOK), !=, ie_descriptor_id (IE_DESCRIPTOR_VISUAL));
}

/* Describing with a turn is describing the turned picture. */
static void
test_turns (void)
{
  IePortrait one = picture (5);
  IeRect whole = { 0, 0, WIDTH, HEIGHT };
  for (int turn = 1; turn <= 8; turn++)
    for (int mode = 0; mode < 2; mode++) {
      gint8 a[IE_DESCRIPTOR_BYTES], b[IE_DESCRIPTOR_BYTES];
      IePortrait turned;
      g_assert_true (ie_portrait_turn (&one, whole, turn, &turned));
      ie_describe (&one, NULL, turn, (IeDescriptorMode) mode, a);
      ie_describe (&turned, NULL, 1, (IeDescriptorMode) mode, b);
      g_assert_cmpmem (a, sizeof a, b, sizeof b);
      ie_portrait_clear (&turned);
    }
  ie_portrait_clear (&one);
}

static void
test_parts (void)
{
  IePortrait one = picture (6);
  for (int part = 0; part < IE_DESCRIPTOR_PARTS; part++) {
    gint8 a[IE_DESCRIPTOR_BYTES], b[IE_DESCRIPTOR_BYTES];
    IeRect rect = ie_descriptor_part (&one, part);
    g_assert_true (ie_rect_inside (rect, (IeRect){ 0, 0, WIDTH, HEIGHT }));
    g_assert_cmpint (rect.width * 10, >=, WIDTH * 5);
    IePortrait cut;
    g_assert_true (ie_portrait_turn (&one, rect, 1, &cut));
    ie_describe (&one, &rect, 3, IE_DESCRIPTOR_VISUAL, a);
    ie_describe (&cut, NULL, 3, IE_DESCRIPTOR_VISUAL, b);
    g_assert_cmpmem (a, sizeof a, b, sizeof b);
    ie_portrait_clear (&cut);
  }
  ie_portrait_clear (&one);
}

/* Any size, also ones that have no inside. */
static void
test_sizes (void)
{
  static const int sizes[][2] = { { 1, 1 }, { 1, 384 }, { 384, 1 }, { 2, 3 }, { 15, 16 }, { 17, 384 }, { 128, 128 }, { 5000, 40 } };
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (int fill = 0; fill < 3; fill++) {
      gsize bytes = (gsize) sizes[i][0] * (gsize) sizes[i][1] * 3;
      IePortrait one = { sizes[i][0], sizes[i][1], g_malloc (bytes) };
      for (gsize k = 0; k < bytes; k++)
        one.rgb[k] = fill == 0 ? 0 : fill == 1 ? 255 : (guint8) g_test_rand_int ();
      for (int turn = 1; turn <= 8; turn++) {
        gint8 vector[IE_DESCRIPTOR_BYTES];
        ie_describe (&one, NULL, turn, IE_DESCRIPTOR_VISUAL, vector);
        ie_describe (&one, NULL, turn, IE_DESCRIPTOR_LOOK, vector);
      }
      ie_portrait_clear (&one);
    }
}

static void
test_levels (void)
{
  for (guint32 seed = 0; seed < 10; seed++) {
    IePortrait one = picture (seed);
    IeFeatures wanted, found;
    ie_features_at (IE_CPU_BASE)->measure (&one, (IeRect){ 3, 5, 211, 170 }, &wanted);
    const IeProjection *matrix = ie_projection ();
    float sums[IE_DESCRIPTOR_BYTES] = { 0 };
    ie_features_at (IE_CPU_BASE)->project (wanted.layout, IE_FEATURES_LIGHT, matrix->kinds[0].codes, matrix->kinds[0].outputs, sums);
    for (int level = 1; level <= (int) ie_cpu_level (); level++) {
      const IeFeatureKernels *kernels = ie_features_at ((IeCpuLevel) level);
      float others[IE_DESCRIPTOR_BYTES] = { 0 };
      kernels->measure (&one, (IeRect){ 3, 5, 211, 170 }, &found);
      g_assert_cmpmem (&found, sizeof found, &wanted, sizeof wanted);
      kernels->project (wanted.layout, IE_FEATURES_LIGHT, matrix->kinds[0].codes, matrix->kinds[0].outputs, others);
      g_assert_cmpmem (others, sizeof others, sums, sizeof sums);
    }
    ie_portrait_clear (&one);
  }
}

static gpointer
describe_many (gpointer unused)
{
  gint8(*vectors)[IE_DESCRIPTOR_BYTES] = g_malloc (12 * sizeof *vectors);
  for (guint32 seed = 0; seed < 12; seed++) {
    IePortrait one = picture (seed);
    ie_describe (&one, NULL, 1 + (int) seed % 8, (IeDescriptorMode) (seed % 2), vectors[seed]);
    ie_portrait_clear (&one);
  }
  return vectors;
}

static void
test_threads (void)
{
  GThread *threads[8];
  gpointer wanted = describe_many (NULL);
  for (int i = 0; i < 8; i++)
    threads[i] = g_thread_new ("describe", describe_many, NULL);
  for (int i = 0; i < 8; i++) {
    gpointer found = g_thread_join (threads[i]);
    g_assert_cmpmem (found, 12 * IE_DESCRIPTOR_BYTES, wanted, 12 * IE_DESCRIPTOR_BYTES);
    g_free (found);
  }
  g_free (wanted);
}

/* Bars, a margin and a page are left out to the pixel; a pasted picture is found. */
static void
test_frames (void)
{
  static const struct {
    int width, height, left, top;
  } grounds[] = { { WIDTH, 300, 0, 50 }, { 400, HEIGHT, 50, 0 }, { 380, 260, 40, 30 }, { 384, 384, 20, 150 } };
  int found = 0, count = 0;
  for (guint32 seed = 0; seed < 10; seed++) {
    IePortrait one = picture (seed);
    for (gsize g = 0; g < G_N_ELEMENTS (grounds); g++, count++) {
      IePortrait framed = on_ground (&one, grounds[g].width, grounds[g].height, grounds[g].left, grounds[g].top, 255);
      IeRect inside = ie_frame_inside (&framed);
      found += ABS (inside.x - grounds[g].left) <= 1 && ABS (inside.y - grounds[g].top) <= 1 &&
               ABS (inside.width - WIDTH) <= 2 && ABS (inside.height - HEIGHT) <= 2;
      ie_portrait_clear (&framed);
    }
    ie_portrait_clear (&one);
  }
  g_test_message ("%d of %d frames", found, count);
  g_assert_cmpint (found * 10, >=, count * 9);
}

/* A gray copy, a darker one and a crop of 80 % are nearer to their picture than any other picture is. */
static void
test_edits (void)
{
  enum { PICTURES = 30 };
  IePortrait all[PICTURES];
  gint8 vectors[PICTURES][IE_DESCRIPTOR_BYTES];
  for (guint32 i = 0; i < PICTURES; i++) {
    all[i] = picture (i);
    ie_describe (&all[i], NULL, 1, IE_DESCRIPTOR_VISUAL, vectors[i]);
  }
  for (int i = 0; i < PICTURES; i++)
    for (int edit = 0; edit < 3; edit++) {
      IePortrait changed;
      IeRect part = edit == 2 ? (IeRect){ 10, 20, WIDTH * 9 / 10, HEIGHT * 9 / 10 } : (IeRect){ 0, 0, WIDTH, HEIGHT };
      g_assert_true (ie_portrait_turn (&all[i], part, 1, &changed));
      for (int k = 0; k < changed.width * changed.height; k++) {
        guint8 *p = changed.rgb + 3 * k;
        if (edit == 0)
          p[0] = p[1] = p[2] = (guint8) ((p[0] * 299 + p[1] * 587 + p[2] * 114 + 500) / 1000);
        for (int c = 0; edit == 1 && c < 3; c++)
          p[c] = (guint8) (p[c] * 7 / 10);
      }
      gint8 vector[IE_DESCRIPTOR_BYTES];
      ie_describe (&changed, NULL, 1, IE_DESCRIPTOR_VISUAL, vector);
      for (int j = 0; j < PICTURES; j++)
        if (j != i && product (vector, vectors[j]) >= product (vector, vectors[i]))
          g_error ("edit %d of picture %d is nearer to picture %d", edit, i, j);
      ie_portrait_clear (&changed);
    }
  for (int i = 0; i < PICTURES; i++)
    ie_portrait_clear (&all[i]);
}

/* LOOK sees colour and place, not what is drawn: another texture is the same look, another colour is not. */
static void
test_look (void)
{
  IePortrait one = picture (3), grained = picture (3), swapped = picture (3);
  for (int k = 0; k < WIDTH * HEIGHT; k++) {
    for (int c = 0; c < 3; c++)
      grained.rgb[3 * k + c] = (guint8) CLAMP (grained.rgb[3 * k + c] + (k * 37 % 41) - 20, 0, 255);
    guint8 red = swapped.rgb[3 * k];
    swapped.rgb[3 * k] = swapped.rgb[3 * k + 2];
    swapped.rgb[3 * k + 2] = red;
  }
  g_assert_cmpfloat (cosine (&one, &grained, IE_DESCRIPTOR_LOOK), >, 0.95);
  g_assert_cmpfloat (cosine (&one, &swapped, IE_DESCRIPTOR_LOOK), <, cosine (&one, &grained, IE_DESCRIPTOR_LOOK));
  ie_portrait_clear (&one);
  ie_portrait_clear (&grained);
  ie_portrait_clear (&swapped);
}

static void
test_broken_matrix (void)
{
  static const guint8 nothing[64] = "IEM2";
  g_assert_false (ie_projection_use (nothing, 3));
  g_assert_false (ie_projection_use (nothing, sizeof nothing));
}

static void
fill (IePortrait *portrait, guint8 red, guint8 green, guint8 blue)
{
  for (int i = 0; i < portrait->width * portrait->height; i++) {
    portrait->rgb[i * 3] = red;
    portrait->rgb[i * 3 + 1] = green;
    portrait->rgb[i * 3 + 2] = blue;
  }
}

static gboolean
is_blank (const IePortrait *portrait, int turn)
{
  gint8 vector[IE_DESCRIPTOR_BYTES];
  ie_describe (portrait, NULL, turn, IE_DESCRIPTOR_VISUAL, vector);
  return ie_descriptor_is_blank (vector);
}

/* Of one colour, whatever it is, and in whatever size; no picture with anything in it, be it a dot. */
static void
test_blank (void)
{
  IePortrait one = picture (1), small = { 1, 1, g_malloc (3) };
  for (int colour = 0; colour < 343; colour++) {
    guint8 red = (guint8) (colour % 7 * 42), green = (guint8) (colour / 7 % 7 * 42), blue = (guint8) (colour / 49 * 42);
    fill (&one, red, green, blue);
    fill (&small, red, green, blue);
    g_assert_true (is_blank (&one, 1));
    g_assert_true (is_blank (&one, 6));
    g_assert_true (is_blank (&small, 1));
  }
  fill (&one, 255, 255, 255);
  memset (one.rgb + (WIDTH * HEIGHT / 2 + WIDTH / 2) * 3, 0, 3);
  g_assert_false (is_blank (&one, 1));
  fill (&one, 255, 0, 0);
  for (int y = 0; y < HEIGHT / 2; y++)
    for (int x = 0; x < WIDTH; x++)
      memcpy (one.rgb + (y * WIDTH + x) * 3, (guint8[]) { 0, 130, 0 }, 3); /* of the same lightness */
  g_assert_false (is_blank (&one, 1));
  ie_portrait_clear (&one);
  ie_portrait_clear (&small);
  for (guint32 seed = 0; seed < 50; seed++) {
    one = picture (seed);
    g_assert_false (is_blank (&one, 1));
    ie_portrait_clear (&one);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/descriptor/length", test_length);
  g_test_add_func ("/descriptor/turns", test_turns);
  g_test_add_func ("/descriptor/parts", test_parts);
  g_test_add_func ("/descriptor/sizes", test_sizes);
  g_test_add_func ("/descriptor/levels", test_levels);
  g_test_add_func ("/descriptor/threads", test_threads);
  g_test_add_func ("/descriptor/frames", test_frames);
  g_test_add_func ("/descriptor/edits", test_edits);
  g_test_add_func ("/descriptor/look", test_look);
  g_test_add_func ("/descriptor/blank", test_blank);
  g_test_add_func ("/descriptor/broken-matrix", test_broken_matrix);
  return g_test_run ();
}
