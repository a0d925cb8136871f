// SPDX-License-Identifier: GPL-3.0-or-later
/* Histograms of 8-bit samples (enhance/kernel/codes.h) are those that one addition a sample gives: of gray, which is counted by
 * pairs, and of colours; of rows of any width and what lies beside them; settled or merged, in one go or in several. */
#include "enhance/kernel/codes.h"

#include <string.h>

#define MOST_WIDTH 200
#define HEIGHT 3
#define BEYOND 5 /* samples of a row that belong to no picture */

typedef enum { NOISE, ONE_CODE, TWO_CODES, SLOPE, KINDS } Kind;

static void
fill (Kind kind, guint8 *samples, int count)
{
  for (int i = 0; i < count; i++)
    samples[i] = (guint8) (kind == NOISE      ? g_test_rand_int_range (0, 256)
                           : kind == ONE_CODE ? 77
                           : kind == TWO_CODES ? (i & 1 ? 255 : 3)
                                              : i / 3);
}

static IePixels
pixels_of (guint8 *samples, int width, int colours)
{
  return (IePixels){ samples, width * colours + BEYOND, { 0, 0, width, HEIGHT }, colours, FALSE, IE_DEPTH_U8 };
}

static void
count_slowly (const IePixels *pixels, guint64 *codes)
{
  for (int y = 0; y < pixels->rect.height; y++)
    for (int i = 0; i < pixels->rect.width * pixels->channels; i++) {
      guint8 code = ((const guint8 *) pixels->data)[(ptrdiff_t) y * pixels->stride + i];
      codes[i % pixels->channels * IE_CODES + code]++;
    }
}

/* Both ways to what is counted: three times into one histogram, which is settled; and merged from there before that. */
static void
compare (Kind kind, int width, int colours)
{
  g_autofree guint8 *samples = g_malloc ((gsize) (width * colours + BEYOND) * HEIGHT);
  gsize numbers = ie_codes_numbers (colours), bytes = (gsize) colours * IE_CODES * sizeof (guint64);
  g_autofree guint64 *want = g_malloc0 (bytes);
  g_autofree guint64 *direct = g_new0 (guint64, numbers), *merged = g_new0 (guint64, numbers);
  for (int turn = 0; turn < 3; turn++) {
    fill (kind, samples, (width * colours + BEYOND) * HEIGHT);
    IePixels pixels = pixels_of (samples, width, colours);
    count_slowly (&pixels, want);
    ie_codes_add (direct, &pixels, colours);
  }
  ie_codes_merge (merged, direct, colours);
  ie_codes_settle (merged, colours);
  ie_codes_settle (direct, colours);
  g_assert_cmpmem (merged, bytes, want, bytes);
  g_assert_cmpmem (direct, bytes, want, bytes);
  for (gsize i = (gsize) colours * IE_CODES; i < numbers; i++)
    g_assert_cmpuint (direct[i], ==, 0); /* nothing is left to be counted twice */
}

static void
test_all (gconstpointer data)
{
  int colours = GPOINTER_TO_INT (data);
  for (Kind kind = NOISE; kind < KINDS; kind++)
    for (int width = 1; width <= MOST_WIDTH; width += width < 20 ? 1 : 13)
      compare (kind, width, colours);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/codes/gray", GINT_TO_POINTER (1), test_all);
  g_test_add_data_func ("/codes/two", GINT_TO_POINTER (2), test_all);
  g_test_add_data_func ("/codes/colour", GINT_TO_POINTER (3), test_all);
  g_test_add_data_func ("/codes/five", GINT_TO_POINTER (5), test_all);
  return g_test_run ();
}
