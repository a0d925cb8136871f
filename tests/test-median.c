// SPDX-License-Identifier: GPL-3.0-or-later
/* median: equal to a slow plain oracle at every depth, level, radius, size and kind of picture, with and without alpha.
 */
#include "core/pool.h"
#include "tests/step.h"

#include <math.h>
#include <stdlib.h>

#define GUARD 0x5a /* bytes around and between the rows of an output, to see that nobody writes there */

typedef enum { NOISE, FEW_VALUES, ENDS, SMOOTH, CONSTANT, ZEROS, KINDS } Kind;
typedef enum { NO_ALPHA, EVEN_ALPHA, MIXED_ALPHA, CLEAR_ALPHA, ALPHAS } Alpha;
static const char *const kind_names[] = { "noise", "few values", "ends", "smooth", "constant", "zeros" };
static const char *const alpha_names[] = { "none", "even", "mixed", "clear" };

typedef struct {
  int width, height, radius, channels;
  Alpha alpha;
  IeDepth depth;
  Kind kind;
  guint32 seed;
} Case;

/* A view of its own memory: rows with a gap between them, the first one not aligned. */
typedef struct {
  IePixels pixels;
  guint8 *memory;
  gsize bytes;
} View;

static View
view_new (IeRect rect, int channels, gboolean has_alpha, IeDepth depth)
{
  gsize sample = ie_depth_bytes (depth);
  ptrdiff_t stride = (ptrdiff_t)(((gsize)rect.width * channels + 3) * sample);
  View view = { .bytes = (gsize)stride * rect.height + 2 * sample };
  view.memory = g_malloc (view.bytes);
  memset (view.memory, GUARD, view.bytes);
  view.pixels = (IePixels){ view.memory + sample, stride, rect, channels, has_alpha, depth };
  return view;
}

/* ---- samples -------------------------------------------------------------------------------------------------- */

static double
get (const IePixels *view, int x, int y, int channel)
{
  const void *pixel = ie_pixels_at (view, x, y);
  return view->depth == IE_DEPTH_U8    ? ((const guint8 *)pixel)[channel]
         : view->depth == IE_DEPTH_U16 ? ((const guint16 *)pixel)[channel]
                                       : ((const float *)pixel)[channel];
}

/* share: 0..1 of the range; float goes beyond it, to infinity and to both zeros. */
static void
set (const IePixels *view, int x, int y, int channel, double share, gboolean wild)
{
  void *pixel = ie_pixels_at (view, x, y);
  if (view->depth == IE_DEPTH_U8)
    ((guint8 *)pixel)[channel] = (guint8)(share * 255 + 0.5);
  else if (view->depth == IE_DEPTH_U16)
    ((guint16 *)pixel)[channel] = (guint16)(share * 65535 + 0.5);
  else if (wild)
    ((float *)pixel)[channel] = share > 0.98   ? INFINITY
                                : share < 0.02 ? -INFINITY
                                : share < 0.1  ? -0.0f
                                : share < 0.2  ? 0.0f
                                               : (float)(share * 3 - 1);
  else
    ((float *)pixel)[channel] = (float)share;
}

static double
share_of (Kind kind, GRand *random, int x, int y)
{
  switch (kind) {
  case NOISE:
    return g_rand_double (random);
  case FEW_VALUES:
    return g_rand_int_range (random, 0, 4) / 3.0;
  case ENDS:
    return g_rand_boolean (random);
  case ZEROS: /* of both signs, in float */
    return g_rand_boolean (random) ? 0.05 : 0.15;
  case SMOOTH:
    return 0.5 + 0.3 * sin (x * 0.07 + y * 0.05) + 0.1 * (g_rand_double (random) - 0.5);
  default:
    return 0.4;
  }
}

static void
fill (const Case *c, const IePixels *view)
{
  GRand *random = g_rand_new_with_seed (c->seed);
  int colours = c->channels - (c->alpha != NO_ALPHA);
  IeRect r = view->rect;
  for (int y = r.y; y < r.y + r.height; y++)
    for (int x = r.x; x < r.x + r.width; x++) {
      for (int channel = 0; channel < colours; channel++)
        set (view, x, y, channel, share_of (c->kind, random, x + 31 * channel, y), c->kind != SMOOTH);
      double alpha = c->alpha == EVEN_ALPHA ? 0.6 : c->alpha == CLEAR_ALPHA ? 0 : g_rand_double (random);
      if (c->alpha == MIXED_ALPHA && g_rand_double (random) < 0.4)
        alpha = g_rand_boolean (random);
      if (c->alpha != NO_ALPHA)
        set (view, x, y, colours, alpha, FALSE);
    }
  g_rand_free (random);
}

/* ---- the oracle ----------------------------------------------------------------------------------------------- */

typedef struct {
  double value;
  guint64 weight;
} Weighed;

static int
by_value (gconstpointer a, gconstpointer b)
{
  double x = ((const Weighed *)a)->value, y = ((const Weighed *)b)->value;
  return (x > y) - (x < y);
}

static guint64
weight_at (const IePixels *in, int x, int y)
{
  if (!in->has_alpha)
    return 1;
  double alpha = get (in, x, y, in->channels - 1);
  return (guint64)floor (alpha / ie_depth_range (in->depth) * 65535 + 0.5);
}

static double
oracle (const IePixels *in, int x, int y, int channel, int radius, Weighed *window)
{
  int count = 0;
  guint64 total = 0, sum = 0;
  for (int v = y - radius; v <= y + radius; v++)
    for (int u = x - radius; u <= x + radius; u++) {
      window[count] = (Weighed){ get (in, u, v, channel), weight_at (in, u, v) };
      total += window[count++].weight;
    }
  if (total == 0)
    return get (in, x, y, channel);
  qsort (window, (gsize)count, sizeof *window, by_value);
  for (int i = 0;; i++) {
    sum += window[i].weight;
    if (2 * sum >= total)
      return window[i].value;
  }
}

/* ---- one case ------------------------------------------------------------------------------------------------- */

static TestStep
step_of (const Case *c, IeCpuLevel level)
{
  char radius[32];
  g_snprintf (radius, sizeof radius, "radius=%d", c->radius);
  TestStep test = test_step ("median", level, c->width, c->height, c->channels, c->alpha != NO_ALPHA,
                             (const char *[]){ radius, NULL });
  test.step.input.depth = test.step.output.depth = c->depth;
  return test;
}

static void
run (const Case *c, IeCpuLevel level, const IePixels *in, const IePixels *out)
{
  TestStep test = step_of (c, level);
  const IeFilter *filter = test.step.filter;
  IeRect needed = filter->region (&test.step, out->rect, 0);
  g_assert_true (ie_rect_inside (needed, in->rect));
  IePixels view = ie_pixels_part (in, needed);
  IeApply apply = c->depth == IE_DEPTH_U8    ? filter->apply_u8
                  : c->depth == IE_DEPTH_U16 ? filter->apply_u16
                                             : filter->apply;
  /* All scratch in one chunk with room for what is predicted, so that `used` says what was taken. */
  gsize predicted = filter->memory (&test.step, out->rect, c->depth);
  g_assert_true (ie_work_reserve (test.work, predicted));
  apply (&test.step, test.work, &view, out);
  if (test.work->chunk != 0 || test.work->used > predicted)
    g_error ("radius %d, %d x %d: takes more scratch than the %" G_GSIZE_FORMAT " bytes predicted", c->radius,
             out->rect.width, out->rect.height, predicted);
  test_step_clear (&test);
}

static void
check_guard (const View *view)
{
  const IePixels *p = &view->pixels;
  gsize row = (gsize)p->rect.width * p->channels * ie_depth_bytes (p->depth);
  for (gsize i = 0; i < view->bytes; i++) {
    ptrdiff_t at = (ptrdiff_t)i - (ptrdiff_t)ie_depth_bytes (p->depth);
    gboolean inside = at >= 0 && at / p->stride < p->rect.height && (gsize)(at % p->stride) < row;
    if (!inside)
      g_assert_cmpint (view->memory[i], ==, GUARD);
  }
}

static void
compare_with_oracle (const Case *c, IeCpuLevel level, const IePixels *in, const IePixels *out)
{
  int side = 2 * c->radius + 1, colours = c->channels - (c->alpha != NO_ALPHA);
  Weighed *window = g_new (Weighed, (gsize)side * side);
  IeRect r = out->rect;
  for (int y = r.y; y < r.y + r.height; y++)
    for (int x = r.x; x < r.x + r.width; x++)
      for (int channel = 0; channel < colours; channel++) {
        double wanted = oracle (in, x, y, channel, c->radius, window), is = get (out, x, y, channel);
        if (is != wanted)
          g_error (
              "level %s depth %d radius %d, %d x %d x %d, %s, alpha %s, seed %u: (%d, %d) channel %d is %.9g, not %.9g",
              ie_cpu_level_name (level), c->depth, c->radius, c->width, c->height, c->channels, kind_names[c->kind],
              alpha_names[c->alpha], c->seed, x, y, channel, is, wanted);
      }
  g_free (window);
}

/* Every level against the oracle (the base level) or against the base level (the others, bit for bit). */
static void
check (const Case *c)
{
  IeRect rect = { 7, -3, c->width, c->height };
  gboolean has_alpha = c->alpha != NO_ALPHA;
  View in = view_new (ie_rect_grow (rect, c->radius, c->radius), c->channels, has_alpha, c->depth);
  View first = view_new (rect, c->channels, has_alpha, c->depth);
  fill (c, &in.pixels);
  run (c, IE_CPU_BASE, &in.pixels, &first.pixels);
  compare_with_oracle (c, IE_CPU_BASE, &in.pixels, &first.pixels);
  check_guard (&first);
  for (IeCpuLevel level = IE_CPU_V2; level <= ie_cpu_level (); level++) {
    View out = view_new (rect, c->channels, has_alpha, c->depth);
    run (c, level, &in.pixels, &out.pixels);
    if (memcmp (first.memory, out.memory, out.bytes) != 0) {
      compare_with_oracle (c, level, &in.pixels, &out.pixels);
      g_error ("level %s differs from the base level: depth %d radius %d", ie_cpu_level_name (level), c->depth,
               c->radius);
    }
    g_free (out.memory);
  }
  g_free (first.memory);
  g_free (in.memory);
}

static void
check_depths (Case c)
{
  for (c.depth = IE_DEPTH_U8; c.depth <= IE_DEPTH_FLOAT; c.depth++)
    check (&c);
}

/* ---- tests ---------------------------------------------------------------------------------------------------- */

static void
test_small_windows (void)
{
  const int widths[] = { 1, 2, 3, 5, 17, 63, 350 }, heights[] = { 1, 2, 5 };
  for (int radius = 1; radius <= 4; radius++)
    for (gsize w = 0; w < G_N_ELEMENTS (widths); w++)
      for (gsize h = 0; h < G_N_ELEMENTS (heights); h++)
        for (int channels = 1; channels <= 3; channels += 2)
          check_depths (
              (Case){ widths[w], heights[h], radius, channels, NO_ALPHA, 0, (w + h) % KINDS, 100 * radius + w });
}

static void
test_kinds (void)
{
  for (Kind kind = 0; kind < KINDS; kind++)
    for (int radius = 1; radius <= 11; radius += radius < 3 ? 1 : 4)
      check_depths ((Case){ 70, 19, radius, 1, NO_ALPHA, 0, kind, 7 });
}

/* Every order of nine and many of 25 values of 0 and 1: a network that sorts these sorts everything (the 0-1
 * principle). */
static void
test_zero_one (void)
{
  check_depths ((Case){ 400, 60, 1, 1, NO_ALPHA, 0, ENDS, 11 });
  check_depths ((Case){ 400, 60, 2, 1, NO_ALPHA, 0, ENDS, 12 });
}

static void
test_large_windows (void)
{
  check_depths ((Case){ 40, 3, 30, 1, NO_ALPHA, 0, NOISE, 1 });
  check_depths ((Case){ 9, 3, 50, 2, NO_ALPHA, 0, SMOOTH, 2 });
  check_depths ((Case){ 5, 2, 127, 1, NO_ALPHA, 0, CONSTANT, 3 }); /* the last radius of the narrow counts */
  check_depths ((Case){ 5, 2, 127, 1, NO_ALPHA, 0, NOISE, 3 });
  check_depths ((Case){ 3, 2, 128, 1, NO_ALPHA, 0, CONSTANT, 4 }); /* the first one of the wide ones */
  check_depths ((Case){ 3, 2, 128, 1, NO_ALPHA, 0, NOISE, 4 });
  check_depths ((Case){ 1, 1, 500, 1, NO_ALPHA, 0, NOISE, 5 });
}

/* Several strips and blocks, and a last one that is narrow. */
static void
test_blocks (void)
{
  check_depths ((Case){ 1030, 5, 3, 1, NO_ALPHA, 0, SMOOTH, 21 });
  check_depths ((Case){ 5, 260, 3, 3, NO_ALPHA, 0, NOISE, 22 });
}

/* Rectangles that the method by thresholds takes (8 bits, radius 3 to 10, 32 x 32 pixels at least): one tile, tiles that
 * overlap, more tiles than a vector has lanes; and the first radius beyond it. */
static void
test_tiles (void)
{
  for (Kind kind = 0; kind < KINDS; kind++) {
    check (&(Case){ 32, 32, 10, 1, NO_ALPHA, IE_DEPTH_U8, kind, 51 });
    check (&(Case){ 33, 65, 3, 3, NO_ALPHA, IE_DEPTH_U8, kind, 52 });
    check (&(Case){ 47, 34, 7, 4, EVEN_ALPHA, IE_DEPTH_U8, kind, 53 });
    check (&(Case){ 32, 33, 11, 1, NO_ALPHA, IE_DEPTH_U8, kind, 54 });
  }
  check (&(Case){ 70, 200, 10, 3, NO_ALPHA, IE_DEPTH_U8, SMOOTH, 55 });
  check (&(Case){ 70, 200, 4, 3, NO_ALPHA, IE_DEPTH_U8, FEW_VALUES, 56 });
}

static void
test_alpha (void)
{
  for (Alpha alpha = EVEN_ALPHA; alpha < ALPHAS; alpha++)
    for (int radius = 1; radius <= 7; radius += radius < 3 ? 1 : 4)
      for (int channels = 2; channels <= 4; channels += 2) {
        check_depths ((Case){ 33, 9, radius, channels, alpha, 0, NOISE, 31 });
        check_depths ((Case){ 5, 4, radius, channels, alpha, 0, FEW_VALUES, 32 });
        check_depths ((Case){ 1, 1, radius, channels, alpha, 0, ENDS, 33 });
      }
  check_depths ((Case){ 270, 3, 2, 2, MIXED_ALPHA, 0, SMOOTH, 34 });
  check_depths ((Case){ 3, 140, 1, 2, MIXED_ALPHA, 0, SMOOTH, 35 });
  check_depths ((Case){ 4, 3, 40, 2, MIXED_ALPHA, 0, NOISE, 36 });
}

/* The same bits in rectangles of any place and size: what zeros of both signs would break. */
static void
test_rectangles (void)
{
  for (IeDepth depth = IE_DEPTH_U8; depth <= IE_DEPTH_FLOAT; depth++)
    for (Alpha alpha = NO_ALPHA; alpha <= MIXED_ALPHA; alpha += 2)
      for (int radius = 1; radius <= 5; radius += radius < 3 ? 1 : 2) {
        Case c = { 41, 23, radius, 2, alpha, depth, ZEROS, 41 };
        IeRect rect = { 0, 0, c.width, c.height };
        View in = view_new (ie_rect_grow (rect, radius, radius), 2, alpha != NO_ALPHA, depth);
        View whole = view_new (rect, 2, alpha != NO_ALPHA, depth), parts = view_new (rect, 2, alpha != NO_ALPHA, depth);
        fill (&c, &in.pixels);
        run (&c, ie_cpu_level (), &in.pixels, &whole.pixels);
        for (int y = 0; y < rect.height; y += 5)
          for (int x = 0; x < rect.width; x += 7) {
            IePixels part = ie_pixels_part (&parts.pixels, ie_rect_intersect (rect, (IeRect){ x, y, 7, 5 }));
            run (&c, ie_cpu_level (), &in.pixels, &part);
          }
        g_assert_cmpmem (whole.memory, whole.bytes, parts.memory, parts.bytes);
        g_free (in.memory);
        g_free (whole.memory);
        g_free (parts.memory);
      }
}

static void
test_neutral (void)
{
  Case c = { 20, 10, 0, 4, MIXED_ALPHA, IE_DEPTH_FLOAT, NOISE, 51 };
  TestStep test = step_of (&c, ie_cpu_level ());
  g_assert_true (test.step.filter->neutral (test.params));
  test_step_clear (&test);
  check_depths (c);
  c.radius = 1;
  test = step_of (&c, ie_cpu_level ());
  g_assert_false (test.step.filter->neutral (test.params));
  test_step_clear (&test);
}

/* A run that is stopped returns early. */
static void
test_cancel (void)
{
  const gint stop = 1;
  Case c = { 64, 64, 3, 2, NO_ALPHA, 0, NOISE, 61 };
  for (c.alpha = NO_ALPHA; c.alpha <= MIXED_ALPHA; c.alpha += 2)
    for (c.radius = 1; c.radius <= 3; c.radius += 2)
      for (c.depth = IE_DEPTH_U8; c.depth <= IE_DEPTH_FLOAT; c.depth++) {
        IeRect rect = { 0, 0, c.width, c.height };
        View in = view_new (ie_rect_grow (rect, c.radius, c.radius), 2, c.alpha != NO_ALPHA, c.depth);
        View out = view_new (rect, 2, c.alpha != NO_ALPHA, c.depth);
        fill (&c, &in.pixels);
        TestStep test = step_of (&c, ie_cpu_level ());
        test.work->cancel = &stop;
        test.step.filter->apply (&test.step, test.work, &in.pixels, &out.pixels);
        g_assert_cmpint (*(guint8 *)out.pixels.data, ==, GUARD);
        test_step_clear (&test);
        g_free (in.memory);
        g_free (out.memory);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/median/small-windows", test_small_windows);
  g_test_add_func ("/median/kinds", test_kinds);
  g_test_add_func ("/median/zero-one", test_zero_one);
  g_test_add_func ("/median/large-windows", test_large_windows);
  g_test_add_func ("/median/blocks", test_blocks);
  g_test_add_func ("/median/tiles", test_tiles);
  g_test_add_func ("/median/alpha", test_alpha);
  g_test_add_func ("/median/rectangles", test_rectangles);
  g_test_add_func ("/median/neutral", test_neutral);
  g_test_add_func ("/median/cancel", test_cancel);
  return g_test_run ();
}
