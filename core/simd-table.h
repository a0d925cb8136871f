// SPDX-License-Identifier: GPL-3.0-or-later
/* Byte tables by vector instructions: hand-written, as measured ahead of what the compiler makes (a scalar load a sample):
 * 24 million bytes in a quarter of the time with AVX-512 VBMI, in half of it with AVX2. */
#pragma once

#include <glib.h>

/* out[i] = table[in[i]] for 256 entries. FALSE, and nothing done, where this processor or the level in use has no such
 * instructions. Any thread; in and out may be the same. */
gboolean ie_simd_table_u8 (const guint8 *in, guint8 *out, gsize samples, const guint8 *table);

/* A table of 256 floats, taken apart for the function below: byte k of entry i is planes[k][i]. */
typedef struct {
  guint8 planes[4][256];
} IeSimdTable;

void ie_simd_table_init (IeSimdTable *split, const float *table);

/* Pixels of three bytes, through one table, to planes of floats. The pixels that were done, the first ones: all but the
 * last 63 at most, or none as above. */
gsize ie_simd_table_rgb (const guint8 *in, float *r, float *g, float *b, gsize pixels, const IeSimdTable *split);
