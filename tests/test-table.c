// SPDX-License-Identifier: GPL-3.0-or-later
/* Tables by vector instructions (core/simd-table.h) give what a load a sample gives, at the level in use and all of its
 * lengths, and touch nothing beside the output. Below level v3 there are none, which is said by the answer alone. */
#include "core/level.h"
#include "core/simd-table.h"

#include <string.h>

#define MOST 300
#define BEYOND 64

static void
fill (guint8 *bytes, gsize count)
{
  for (gsize i = 0; i < count; i++)
    bytes[i] = (guint8) g_test_rand_int_range (0, 256);
}

static void
test_bytes (void)
{
  guint8 table[256], in[MOST], out[MOST + BEYOND], before[MOST + BEYOND];
  gboolean has = ie_cpu_level () >= IE_CPU_V3;
  for (gsize samples = 0; samples <= MOST; samples++) {
    fill (table, sizeof table);
    for (gsize i = 0; i < MOST; i++)
      in[i] = (guint8) (i + samples); /* every code in every place of a vector */
    fill (out, sizeof out);
    memcpy (before, out, sizeof out);
    g_assert_cmpint (ie_simd_table_u8 (in, out, samples, table), ==, has);
    for (gsize i = 0; i < sizeof out; i++)
      g_assert_cmpuint (out[i], ==, has && i < samples ? table[in[i]] : before[i]);
    memcpy (out, in, MOST); /* and where it lies */
    if (ie_simd_table_u8 (out, out, samples, table))
      for (gsize i = 0; i < MOST; i++)
        g_assert_cmpuint (out[i], ==, i < samples ? table[in[i]] : in[i]);
  }
}

static void
test_rgb (void)
{
  float table[256], planes[3][MOST];
  guint8 in[3 * MOST];
  IeSimdTable split;
  for (int i = 0; i < 256; i++)
    table[i] = (float) g_test_rand_double_range (-1, 1);
  ie_simd_table_init (&split, table);
  for (gsize pixels = 0; pixels <= MOST; pixels += 7) {
    fill (in, sizeof in);
    gsize done = ie_simd_table_rgb (in, planes[0], planes[1], planes[2], pixels, &split);
    g_assert_cmpuint (done, <=, pixels);
    for (gsize i = 0; i < done; i++)
      for (int c = 0; c < 3; c++)
        g_assert_cmpfloat (planes[c][i], ==, table[in[3 * i + (gsize) c]]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/table/bytes", test_bytes);
  g_test_add_func ("/table/rgb", test_rgb);
  return g_test_run ();
}
