// SPDX-License-Identifier: GPL-3.0-or-later
/* The courier between a plug-in and GIMP: whatever is read, and in whatever order, is what the source has; what is written arrives,
 * in order; one conversation at a time; an error is said once, by who waits for it. */
#include <string.h>

#include "plugins/common/courier.h"

#define WIDTH 37
#define HEIGHT 1000

static gint talking; /* atomic */

static guint8
sample (int x, int y)
{
  return (guint8) (x * 31 + y * 17 + (y >> 8) * 5);
}

typedef struct {
  IeSource source;
  int bad_row; /* cannot be read */
  int reads;
} Made;

static gboolean
made_read (IeSource *source, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  Made *made = (Made *) source;
  g_assert_cmpint (g_atomic_int_add (&talking, 1), ==, 0);
  made->reads++;
  for (int y = 0; y < rect.height; y++)
    for (int x = 0; x < rect.width; x++)
      ((guint8 *) data)[y * stride + x] = sample (rect.x + x, rect.y + y);
  g_atomic_int_add (&talking, -1);
  if (made->bad_row < rect.y || made->bad_row >= rect.y + rect.height)
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, "row %d", made->bad_row);
  return FALSE;
}

static void
made_free (IeSource *source)
{
}

static Made
made_new (int bad_row)
{
  return (Made){ .source = { .header = { .width = WIDTH, .height = HEIGHT, .channels = 1, .depth = IE_DEPTH_U8, .model = IE_MODEL_GRAY },
                             .random = TRUE, .read = made_read, .free = made_free },
                 .bad_row = bad_row };
}

static gboolean
reads (IeSource *source, IeRect rect, GError **error)
{
  int stride = rect.width + 3;
  g_autofree guint8 *data = g_malloc0 ((gsize) stride * (gsize) rect.height);
  if (!source->read (source, rect, data, stride, error))
    return FALSE;
  for (int y = 0; y < rect.height; y++)
    for (int x = 0; x < rect.width; x++)
      g_assert_cmpint (data[y * stride + x], ==, sample (rect.x + x, rect.y + y));
  return TRUE;
}

static void
test_source (void)
{
  Made made = made_new (-1);
  IeCourier *courier = ie_courier_new ();
  IeSource *source = ie_courier_source_new (courier, &made.source);
  /* As a pass reads: a halo more the first time. */
  for (int pass = 0; pass < 2; pass++)
    for (int y = 0; y < HEIGHT;) {
      int rows = MIN (y ? 190 : 200, HEIGHT - y);
      g_assert_true (reads (source, (IeRect){ 0, y, WIDTH, rows }, NULL));
      y += rows;
    }
  g_assert_cmpint (made.reads, ==, 2 * ((HEIGHT + 127) / 128));
  /* As nobody should. */
  GRand *chance = g_rand_new_with_seed (1);
  for (int i = 0; i < 500; i++) {
    IeRect rect = { 0, g_rand_int_range (chance, 0, HEIGHT), WIDTH, 0 };
    rect.height = g_rand_int_range (chance, 1, MIN (HEIGHT - rect.y, 300) + 1);
    if (g_rand_boolean (chance)) {
      rect.x = g_rand_int_range (chance, 0, WIDTH);
      rect.width = g_rand_int_range (chance, 1, WIDTH - rect.x + 1);
    }
    g_assert_true (reads (source, rect, NULL));
  }
  g_rand_free (chance);
  ie_courier_stop (courier);
  ie_source_free (source);
  ie_courier_free (courier);
}

static void
test_bad_source (void)
{
  Made made = made_new (300);
  IeCourier *courier = ie_courier_new ();
  IeSource *source = ie_courier_source_new (courier, &made.source);
  GError *error = NULL;
  g_assert_true (reads (source, (IeRect){ 0, 0, WIDTH, 200 }, &error));
  g_assert_false (reads (source, (IeRect){ 0, 200, WIDTH, 200 }, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_false (reads (source, (IeRect){ 1, 300, 2, 1 }, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_true (reads (source, (IeRect){ 0, 500, WIDTH, 200 }, &error));
  ie_courier_stop (courier);
  ie_source_free (source);
  ie_courier_free (courier);
}

typedef struct {
  IeSink sink;
  int rows, bad_row;
} Taker;

static gboolean
taker_begin (IeSink *sink, const IeHeader *header, GError **error)
{
  return TRUE;
}

static gboolean
taker_write (IeSink *sink, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  Taker *taker = (Taker *) sink;
  g_assert_cmpint (g_atomic_int_add (&talking, 1), ==, 0);
  g_assert_cmpint (rect.y, ==, taker->rows);
  for (int y = 0; y < rect.height; y++)
    for (int x = 0; x < rect.width; x++)
      g_assert_cmpint (((const guint8 *) data)[y * stride + x], ==, sample (rect.x + x, rect.y + y));
  taker->rows += rect.height;
  g_atomic_int_add (&talking, -1);
  if (taker->rows <= taker->bad_row)
    return TRUE;
  g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, "full");
  return FALSE;
}

static void
taker_free (IeSink *sink)
{
}

/* Copies all in bands of some rows. */
static gboolean
copies (int rows, int bad_row, GError **error)
{
  Made made = made_new (-1);
  Taker taker = { .sink = { .begin = taker_begin, .write = taker_write, .free = taker_free }, .bad_row = bad_row };
  IeCourier *courier = ie_courier_new ();
  IeSource *source = ie_courier_source_new (courier, &made.source);
  IeSink *sink = ie_courier_sink_new (courier, &taker.sink);
  guint8 *data = g_malloc ((gsize) rows * WIDTH);
  gboolean good = sink->begin (sink, &source->header, error);
  for (int y = 0; good && y < HEIGHT; y += rows) {
    IeRect rect = { 0, y, WIDTH, MIN (rows, HEIGHT - y) };
    good = source->read (source, rect, data, WIDTH, error) && sink->write (sink, rect, data, WIDTH, error);
    memset (data, 0, (gsize) rows * WIDTH);
  }
  g_free (data);
  ie_courier_stop (courier);
  good = good && ie_courier_sink_good (sink, error);
  g_assert_true (!good || taker.rows == HEIGHT);
  ie_sink_free (sink);
  ie_source_free (source);
  ie_courier_free (courier);
  return good;
}

static void
test_sink (void)
{
  static const int rows[] = { 1, 64, 190, HEIGHT };
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    GError *error = NULL;
    g_assert_true (copies (rows[i], HEIGHT, &error));
    g_assert_no_error (error);
    for (int bad = 0; bad < HEIGHT; bad += 333) {
      g_assert_false (copies (rows[i], bad, &error));
      g_assert_error (error, IE_ERROR, IE_ERROR_OUTPUT);
      g_clear_error (&error);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/courier/source", test_source);
  g_test_add_func ("/courier/bad-source", test_bad_source);
  g_test_add_func ("/courier/sink", test_sink);
  return g_test_run ();
}
