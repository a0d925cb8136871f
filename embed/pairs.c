// SPDX-License-Identifier: GPL-3.0-or-later
/* All pairs: bands of rows against blocks of all rows after them. Threads share the blocks; what they find is put in order and
 * told band by band, so that little is held at a time.
 *
 * Most pairs are far apart, and the first numbers of their vectors show it: by Cauchy and Schwarz the inner product is at
 * most that of the heads and the product of the lengths of the tails. Only where this bound reaches `least` the whole product
 * is computed. Nothing is left out; how long a head is changes the time alone. */
#include "embed/search.h"

#include "core/pool.h"
#include "embed/kernel/dot.h"
#include "embed/kernel/pairs.h"

#include <math.h>
#include <string.h>

/* What a thread takes at a time. */
#define CHUNK (16 * IE_PAIRS_BLOCK)
#define HEAD_STEP 16
#define SAMPLE 4096 /* pairs */
#define WHOLE 1000  /* measured: a whole product takes the time of about so many numbers of heads */
/* No product is beyond it: 128 x 128 x IE_SEARCH_DIMENSIONS. */
#define BEYOND (1 << 30)

#ifdef IE_X86_LEVELS
static const IePairsKernels *const kernels[IE_CPU_LEVELS] = { &ie_pairs_kernels_base, &ie_pairs_kernels_v2,
                                                              &ie_pairs_kernels_v3, &ie_pairs_kernels_v4 };
#else
static const IePairsKernels *const kernels[IE_CPU_LEVELS] = { &ie_pairs_kernels_base, &ie_pairs_kernels_base,
                                                              &ie_pairs_kernels_base, &ie_pairs_kernels_base };
#endif

typedef struct {
  guint32 first, second;
  gint32 product;
} Pair;

/* What a thread works with. */
typedef struct {
  gint16 *heads; /* of a block */
  gint32 tails[IE_PAIRS_BLOCK];
  guint16 listed[IE_PAIRS_BAND * IE_PAIRS_BLOCK + 1];
  GArray *found; /* Pair */
} Bench;

typedef struct {
  const IeVectors *vectors;
  const gint *cancel;
  gint32 least;
  int head;            /* even */
  const gint32 *tails; /* at least the length of each row's tail */
  guint32 first;       /* row of the band */
  guint rows;          /* in it */
  gint16 *wide;        /* the band: whole rows */
  gint16 *heads;       /* and its heads, */
  gint32 *lanes;       /* laid out as kernels want them */
  gint32 band_tails[IE_PAIRS_BAND];
  Bench *benches; /* of each thread */
} Band;

/* ---- heads ---------------------------------------------------------------------------------------------------------- */

/* Counts for each step whether the bound of heads of that length reaches `least`. */
static void
try_heads (const gint8 *a, const gint8 *b, int dimensions, gint32 least, guint *reached)
{
  double head = 0, tail_a = 0, tail_b = 0;
  for (int i = 0; i < dimensions; i++) {
    tail_a += a[i] * a[i];
    tail_b += b[i] * b[i];
  }
  for (int i = 0; i < dimensions; i++) {
    if (i % HEAD_STEP == 0)
      reached[i / HEAD_STEP] += head + sqrt (tail_a) * sqrt (tail_b) >= least;
    head += a[i] * b[i];
    tail_a -= a[i] * a[i];
    tail_b -= b[i] * b[i];
  }
}

/* The length that costs least, by what some pairs would have cost: each number of a head, and WHOLE numbers more where the
 * whole product is needed. */
static int
choose_head (const IeVectors *v, gint32 least)
{
  int best = (v->dimensions + 1) / 2 * 2, steps = (v->dimensions - 1) / HEAD_STEP + 1;
  if (least <= 0 || steps < 2 || v->count < 2)
    return best;
  g_autofree guint *reached = g_new0 (guint, steps);
  guint64 state = 1;
  for (int sample = 0; sample < SAMPLE; sample++) {
    guint32 rows[2];
    for (int i = 0; i < 2; i++) {
      state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
      rows[i] = (state >> 32) * v->count >> 32;
    }
    if (rows[0] != rows[1])
      try_heads (v->codes + (gsize) rows[0] * v->dimensions, v->codes + (gsize) rows[1] * v->dimensions, v->dimensions,
                 least, reached);
  }
  double cost = best;
  for (int s = 1; s < steps; s++) {
    double this = s * HEAD_STEP + (double) reached[s] / SAMPLE * WHOLE;
    if (this < cost) {
      cost = this;
      best = s * HEAD_STEP;
    }
  }
  return best;
}

/* Whole numbers, not below the lengths. */
static gint32 *
bound_tails (const IeVectors *v, int head)
{
  gint32 *tails = g_new (gint32, v->count + 1);
  for (guint64 row = 0; row < v->count; row++) {
    gint32 sum = 0;
    for (int i = head; i < v->dimensions; i++) {
      gint32 code = v->codes[row * v->dimensions + i];
      sum += code * code;
    }
    tails[row] = (gint32) ceil (sqrt (sum));
  }
  return tails;
}

/* ---- a band --------------------------------------------------------------------------------------------------------- */

static void
set_band (Band *band, guint64 first)
{
  const IeVectors *v = band->vectors;
  const IePairsKernels *k = kernels[ie_cpu_level ()];
  const gint8 *codes = v->codes + first * v->dimensions;
  band->first = first;
  band->rows = MIN (IE_PAIRS_BAND, v->count - first);
  k->widen (codes, band->rows, v->dimensions, v->dimensions, band->wide);
  k->widen (codes, band->rows, v->dimensions, band->head, band->heads);
  for (guint l = 0; l < IE_PAIRS_BAND; l++) {
    gboolean there = l < band->rows;
    band->band_tails[l] = there ? band->tails[first + l] : 0;
    for (int pair = 0; pair < band->head / 2; pair++) {
      gint32 numbers = 0;
      if (there)
        memcpy (&numbers, band->heads + (gsize) l * band->head + 2 * pair, sizeof numbers);
      band->lanes[(gsize) pair * IE_PAIRS_BAND + l] = numbers;
    }
  }
}

static void
search_block (const Band *band, Bench *bench, guint64 block, guint count)
{
  const IeVectors *v = band->vectors;
  const IePairsKernels *k = kernels[ie_cpu_level ()];
  int dimensions = v->dimensions;
  k->widen (v->codes + block * dimensions, count, dimensions, band->head, bench->heads);
  memcpy (bench->tails, band->tails + block, count * sizeof *bench->tails);
  if (count < IE_PAIRS_BLOCK) {
    memset (bench->heads + (gsize) count * band->head, 0, (IE_PAIRS_BLOCK - count) * sizeof (gint16) * band->head);
    memset (bench->tails + count, 0, (IE_PAIRS_BLOCK - count) * sizeof *bench->tails);
  }
  guint listed =
      k->list (band->lanes, band->band_tails, bench->heads, bench->tails, band->head, band->least, bench->listed);
  for (guint i = 0; i < listed; i++) {
    guint l = bench->listed[i] / IE_PAIRS_BLOCK, r = bench->listed[i] % IE_PAIRS_BLOCK;
    if (l >= band->rows || r >= count || block + r <= (guint64) band->first + l)
      continue;
    gint32 product;
    ie_dot_at (ie_cpu_level ())
        ->codes (v->codes + (block + r) * dimensions, 1, dimensions, band->wide + (gsize) l * dimensions, 0, 1,
                 &product);
    if (product >= band->least) {
      Pair pair = { band->first + l, block + r, product };
      g_array_append_val (bench->found, pair);
    }
  }
}

static void
search_chunk (gpointer data, int i, int thread)
{
  const Band *band = data;
  guint64 from = (guint64) band->first + (guint64) i * CHUNK, end = MIN (from + CHUNK, band->vectors->count);
  for (guint64 block = from; block < end; block += IE_PAIRS_BLOCK) {
    if (band->cancel && g_atomic_int_get (band->cancel))
      return;
    search_block (band, &band->benches[thread], block, MIN (IE_PAIRS_BLOCK, end - block));
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
  GArray *all = band->benches[0].found;
  for (int t = 1; t < threads; t++) {
    GArray *more = band->benches[t].found;
    g_array_append_vals (all, more->data, more->len);
    g_array_set_size (more, 0);
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

/* ---- all ------------------------------------------------------------------------------------------------------------ */

gboolean
ie_search_pairs (const IeVectors *vectors, gint32 least, int threads, const gint *cancel, IePairFound found,
                 gpointer data)
{
  int dimensions = vectors->dimensions;
  g_return_val_if_fail (dimensions >= 1 && dimensions <= IE_SEARCH_DIMENSIONS, FALSE);
  g_return_val_if_fail (vectors->codes || !vectors->count, FALSE);
  if (least > BEYOND)
    return !(cancel && g_atomic_int_get (cancel));
  IePool *pool = ie_pool_new (vectors->count > CHUNK ? threads : 1);
  threads = ie_pool_threads (pool);
  least = MAX (least, 1 - BEYOND); /* so that a sum less `least` fits */
  int head = choose_head (vectors, least);
  g_autofree gint32 *tails = bound_tails (vectors, head);
  gsize heads = (gsize) IE_PAIRS_BAND * head;
  Band band = { vectors, cancel, least, head, tails };
  band.wide = g_new (gint16, (gsize) IE_PAIRS_BAND * dimensions);
  band.heads = g_new (gint16, heads);
  band.lanes = g_new (gint32, heads / 2);
  band.benches = g_new (Bench, threads);
  for (int t = 0; t < threads; t++) {
    band.benches[t].heads = g_new (gint16, (gsize) IE_PAIRS_BLOCK * head);
    band.benches[t].found = g_array_new (FALSE, FALSE, sizeof (Pair));
  }
  gboolean on = TRUE;
  for (guint64 first = 0; on && first < vectors->count; first += IE_PAIRS_BAND) {
    set_band (&band, first);
    ie_pool_run (pool, (vectors->count - first + CHUNK - 1) / CHUNK, search_chunk, &band);
    on = !(cancel && g_atomic_int_get (cancel)) && tell (&band, threads, found, data);
  }
  for (int t = 0; t < threads; t++) {
    g_array_free (band.benches[t].found, TRUE);
    g_free (band.benches[t].heads);
  }
  g_free (band.benches);
  g_free (band.lanes);
  g_free (band.heads);
  g_free (band.wide);
  ie_pool_free (pool);
  return on;
}
