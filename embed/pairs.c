// SPDX-License-Identifier: GPL-3.0-or-later
/* All pairs: bands of rows, widened once, against all rows after them. Threads share the rows after the band in chunks; what
 * they find is put in order and told band by band, so that little is held at a time. */
#include "embed/search.h"

#include "core/pool.h"
#include "embed/kernel/dot.h"

#include <string.h>

#define BAND 64
#define BLOCK 64
#define CHUNK 1024

typedef struct {
  guint32 first, second;
  gint32 product;
} Pair;

typedef struct {
  const IeVectors *vectors;
  const IeDotKernels *kernels;
  const gint *cancel;
  gint32 least;
  guint32 first;  /* of the band */
  guint rows;     /* in it */
  gint16 *wide;   /* the band */
  GArray **found; /* Pair, of each thread */
} Band;

static void
search_chunk (gpointer data, int i, int thread)
{
  const Band *band = data;
  if (band->cancel && g_atomic_int_get (band->cancel))
    return;
  int dimensions = band->vectors->dimensions;
  guint64 from = (guint64) band->first + (guint64) i * CHUNK, end = MIN (from + CHUNK, band->vectors->count);
  gint32 products[BLOCK];
  for (guint64 block = from; block < end; block += BLOCK) {
    guint count = MIN (BLOCK, end - block);
    for (guint r = 0; r < band->rows; r++) {
      guint64 row = (guint64) band->first + r;
      if (row + 1 >= block + count)
        break;
      band->kernels->codes (band->vectors->codes + block * dimensions, count, dimensions,
                            band->wide + (gsize) r * dimensions, products);
      if (band->kernels->most (products, count) < band->least)
        continue;
      for (guint c = 0; c < count; c++)
        if (products[c] >= band->least && block + c > row) {
          Pair pair = { row, block + c, products[c] };
          g_array_append_val (band->found[thread], pair);
        }
    }
  }
}

static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  const Pair *x = a, *y = b;
  if (x->first != y->first)
    return x->first < y->first ? -1 : 1;
  return x->second < y->second ? -1 : x->second > y->second ? 1 : 0;
}

/* Tells what the threads found; FALSE to stop. */
static gboolean
tell (const Band *band, int threads, IePairFound found, gpointer data)
{
  GArray *all = band->found[0];
  for (int t = 1; t < threads; t++) {
    g_array_append_vals (all, band->found[t]->data, band->found[t]->len);
    g_array_set_size (band->found[t], 0);
  }
  g_array_sort (all, compare_pairs);
  gboolean on = TRUE;
  for (guint i = 0; on && i < all->len; i++) {
    const Pair *pair = &g_array_index (all, Pair, i);
    on = found (data, pair->first, pair->second, pair->product);
  }
  g_array_set_size (all, 0);
  return on;
}

gboolean
ie_search_pairs (const IeVectors *vectors, gint32 least, int threads, const gint *cancel, IePairFound found,
                 gpointer data)
{
  int dimensions = vectors->dimensions;
  g_return_val_if_fail (dimensions >= 1 && dimensions <= IE_SEARCH_DIMENSIONS, FALSE);
  g_return_val_if_fail (vectors->codes || !vectors->count, FALSE);
  IePool *pool = ie_pool_new (vectors->count > CHUNK ? threads : 1);
  threads = ie_pool_threads (pool);
  Band band = { vectors, ie_dot_at (ie_cpu_level ()), cancel, least };
  band.wide = g_new (gint16, (gsize) BAND * dimensions);
  band.found = g_new (GArray *, threads);
  for (int t = 0; t < threads; t++)
    band.found[t] = g_array_new (FALSE, FALSE, sizeof (Pair));
  gboolean on = TRUE;
  for (guint64 first = 0; on && first < vectors->count; first += BAND) {
    band.first = first;
    band.rows = MIN (BAND, vectors->count - first);
    for (gsize i = 0; i < (gsize) band.rows * dimensions; i++)
      band.wide[i] = vectors->codes[first * dimensions + i];
    ie_pool_run (pool, (vectors->count - first + CHUNK - 1) / CHUNK, search_chunk, &band);
    on = !(cancel && g_atomic_int_get (cancel)) && tell (&band, threads, found, data);
  }
  for (int t = 0; t < threads; t++)
    g_array_free (band.found[t], TRUE);
  g_free (band.found);
  g_free (band.wide);
  ie_pool_free (pool);
  return on;
}
