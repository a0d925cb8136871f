// SPDX-License-Identifier: GPL-3.0-or-later
/* Search over vectors: the hits are those of a plain double loop, in its order, for odd dimensions and counts, with ties and
 * scores that are no numbers; they depend neither on threads, on the number of queries at a time nor on the processor's level.
 * All pairs against a plain loop. */
#include "embed/descriptor.h"
#include "embed/kernel/dot.h"
#include "embed/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  IeVectors v; /* with floats, codes and scales */
  float *floats, *scales;
  gint8 *codes;
} Set;

static guint32
noise (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* Unit vectors, their codes of 8 bits and the scales of those. */
static Set
make_set (guint32 count, int dimensions, guint32 seed)
{
  gsize size = MAX ((gsize) count * dimensions, 1);
  Set set = { { count, dimensions }, g_new (float, size), g_new (float, count + 1), g_new (gint8, size) };
  for (guint32 i = 0; i < count; i++) {
    float *row = set.floats + (gsize) i * dimensions, largest = 0;
    double sum = 1e-30;
    for (int d = 0; d < dimensions; d++) {
      row[d] = (float) noise (&seed) / (1 << 23) - 1;
      sum += (double) row[d] * row[d];
    }
    for (int d = 0; d < dimensions; d++) {
      row[d] = (float) (row[d] / sqrt (sum));
      largest = fmaxf (largest, fabsf (row[d]));
    }
    set.scales[i] = largest / 127;
    for (int d = 0; d < dimensions; d++)
      set.codes[(gsize) i * dimensions + d] = (gint8) lrintf (row[d] / set.scales[i]);
  }
  set.v.floats = set.floats;
  set.v.codes = set.codes;
  set.v.scales = set.scales;
  return set;
}

static void
clear_set (Set *set)
{
  g_free (set->floats);
  g_free (set->scales);
  g_free (set->codes);
}

/* ---- the plain loop ------------------------------------------------------------------------------------------------- */

/* The documented order of additions: 16 lanes, neighbours added until one is left. */
static float
plain_floats (const float *a, const float *b, int dimensions)
{
  float lanes[IE_DOT_LANES] = { 0 };
  for (int d = 0; d < dimensions; d++)
    lanes[d % IE_DOT_LANES] += a[d] * b[d];
  for (int half = IE_DOT_LANES / 2; half; half /= 2)
    for (int l = 0; l < half; l++)
      lanes[l] = lanes[2 * l] + lanes[2 * l + 1];
  return lanes[0] == lanes[0] ? lanes[0] : -INFINITY;
}

static int
compare_hits (gconstpointer a, gconstpointer b)
{
  const IeHit *x = a, *y = b;
  if (x->score != y->score)
    return x->score > y->score ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

static IeHit *
plain_search (const IeVectors *v, const float *query)
{
  IeHit *hits = g_new (IeHit, v->count + 1);
  for (guint32 i = 0; i < v->count; i++)
    hits[i] = (IeHit){ i, plain_floats (v->floats + (gsize) i * v->dimensions, query, v->dimensions) };
  qsort (hits, v->count, sizeof *hits, compare_hits);
  return hits;
}

static IeHit *
plain_search_codes (const IeVectors *v, const gint8 *query)
{
  IeHit *hits = g_new (IeHit, v->count + 1);
  for (guint32 i = 0; i < v->count; i++) {
    gint64 sum = 0;
    for (int d = 0; d < v->dimensions; d++)
      sum += v->codes[(gsize) i * v->dimensions + d] * query[d];
    hits[i] = (IeHit){ i, (float) (sum / ((double) IE_DESCRIPTOR_NORM * IE_DESCRIPTOR_NORM)) };
  }
  qsort (hits, v->count, sizeof *hits, compare_hits);
  return hits;
}

static void
assert_hits (const char *what, const IeVectors *v, guint top, int threads, const IeHit *got, guint count,
             const IeHit *wanted)
{
  if (count != MIN (top, v->count))
    g_error ("%s: %u vectors of %d, top %u, %d threads: %u hits", what, v->count, v->dimensions, top, threads, count);
  for (guint i = 0; i < count; i++)
    if (got[i].row != wanted[i].row || got[i].score != wanted[i].score)
      g_error ("%s: %u vectors of %d, top %u, %d threads: hit %u is row %u with %.9g, not row %u with %.9g", what,
               v->count, v->dimensions, top, threads, i, got[i].row, got[i].score, wanted[i].row, wanted[i].score);
}

/* ---- contracts ------------------------------------------------------------------------------------------------------ */

static const int dimensions[] = { 1, 2, 3, 15, 16, 17, 31, 64, 255, 256, 768, 2560 };
static const guint32 counts[] = { 0, 1, 2, 3, 63, 64, 65, 1000, 5003 };
static const guint tops[] = { 1, 10, 1000, 10000 };
static const int thread_counts[] = { 1, 2, 7 };

static void
check_set (const Set *set, const float *query, const gint8 *query_codes)
{
  IeVectors floats = set->v, codes = set->v;
  floats.codes = NULL;
  codes.floats = NULL;
  IeHit *wanted = plain_search (&set->v, query), *wanted_codes = plain_search_codes (&set->v, query_codes);
  for (gsize t = 0; t < G_N_ELEMENTS (tops); t++)
    for (gsize n = 0; n < G_N_ELEMENTS (thread_counts); n++) {
      guint top = tops[t];
      int threads = thread_counts[n];
      IeHit *got = g_new (IeHit, top);
      guint count = ie_search (&floats, query, top, 0, threads, got);
      assert_hits ("floats", &floats, top, threads, got, count, wanted);
      count = ie_search_codes (&codes, query_codes, top, threads, got);
      assert_hits ("codes", &codes, top, threads, got, count, wanted_codes);
      /* With every row judged again, the codes cannot leave out any. */
      count = ie_search (&set->v, query, top, G_MAXUINT, threads, got);
      assert_hits ("both", &set->v, top, threads, got, count, wanted);
      g_free (got);
    }
  g_free (wanted);
  g_free (wanted_codes);
}

static void
test_exact (void)
{
  for (gsize d = 0; d < G_N_ELEMENTS (dimensions); d++)
    for (gsize c = 0; c < G_N_ELEMENTS (counts); c++) {
      Set set = make_set (counts[c], dimensions[d], 7 + 31 * d + c), query = make_set (1, dimensions[d], 99);
      check_set (&set, query.floats, query.codes);
      clear_set (&set);
      clear_set (&query);
    }
}

static void
test_many_rows (void)
{
  Set set = make_set (100000, 256, 1), query = make_set (1, 256, 2);
  check_set (&set, query.floats, query.codes);
  clear_set (&set);
  clear_set (&query);
}

/* Few different vectors, each there many times: of equal scores the lower row comes first. */
static void
test_ties (void)
{
  Set set = make_set (20000, 24, 1), query = make_set (1, 24, 2);
  for (guint32 i = 5; i < set.v.count; i++) {
    memcpy (set.floats + i * 24, set.floats + i % 5 * 24, 24 * sizeof (float));
    memcpy (set.codes + i * 24, set.codes + i % 5 * 24, 24);
    set.scales[i] = set.scales[i % 5];
  }
  check_set (&set, query.floats, query.codes);
  memset (set.floats, 0, 20000 * 24 * sizeof (float));
  for (guint32 i = 0; i < set.v.count; i++)
    set.floats[i * 24] = i % 2 ? -0.0f : 0.0f;
  memset (set.codes, 0, 20000 * 24);
  check_set (&set, query.floats, query.codes);
  clear_set (&set);
  clear_set (&query);
}

static void
test_no_numbers (void)
{
  Set set = make_set (3000, 40, 1), query = make_set (1, 40, 2);
  set.v.codes = NULL;
  for (guint32 i = 0; i < set.v.count; i += 3)
    set.floats[i * 40 + i % 40] = i % 2 ? NAN : i % 4 ? INFINITY : -INFINITY;
  IeHit *wanted = plain_search (&set.v, query.floats), got[3000];
  guint count = ie_search (&set.v, query.floats, 3000, 0, 2, got);
  assert_hits ("no numbers", &set.v, 3000, 2, got, count, wanted);
  g_free (wanted);
  clear_set (&set);
  clear_set (&query);
}

/* A score of codes is what the header says it is, within the rounding of the query to 12 bits. */
static void
test_codes_scores (void)
{
  for (gsize d = 0; d < G_N_ELEMENTS (dimensions); d++) {
    int size = dimensions[d];
    Set set = make_set (500, size, 3), query = make_set (1, size, 4);
    IeVectors codes = set.v;
    codes.floats = NULL;
    for (int scaled = 0; scaled < 2; scaled++) {
      codes.scales = scaled ? set.scales : NULL;
      IeHit got[500];
      g_assert_cmpuint (ie_search (&codes, query.floats, 500, 0, 2, got), ==, 500);
      for (guint i = 0; i < 500; i++) {
        double sum = 0, scale = scaled ? set.scales[got[i].row] : 1.0 / IE_DESCRIPTOR_NORM, length = 0;
        for (int k = 0; k < size; k++) {
          double value = set.codes[(gsize) got[i].row * size + k] * scale;
          sum += value * query.floats[k];
          length += fabs (value);
        }
        if (!(fabs (sum - got[i].score) <= length * 0.5 / 2047 + 1e-6))
          g_error ("%d numbers: row %u has %.9g, not %.9g", size, got[i].row, got[i].score, sum);
        g_assert_true (!i || got[i - 1].score > got[i].score ||
                       (got[i - 1].score == got[i].score && got[i - 1].row < got[i].row));
      }
    }
    clear_set (&set);
    clear_set (&query);
  }
}

/* Extremes do not overflow. */
static void
test_extremes (void)
{
  int size = IE_SEARCH_DIMENSIONS;
  gint8 *codes = g_new (gint8, 3 * size);
  memset (codes, -128, size);
  memset (codes + size, 127, size);
  memset (codes + 2 * size, 0, size);
  IeVectors v = { .count = 3, .dimensions = size, .codes = codes };
  IeHit got[3];
  g_assert_cmpuint (ie_search_codes (&v, codes, 3, 1, got), ==, 3);
  g_assert_cmpuint (got[0].row, ==, 0);
  g_assert_cmpfloat (got[0].score, ==, (float) (16384.0 * size / (508.0 * 508)));
  g_assert_cmpuint (got[2].row, ==, 1);
  g_assert_cmpfloat (got[2].score, ==, (float) (-16256.0 * size / (508.0 * 508)));
  float *query = g_new (float, size);
  for (int i = 0; i < size; i++)
    query[i] = -0.5f;
  g_assert_cmpuint (ie_search (&v, query, 3, 0, 1, got), ==, 3);
  g_assert_cmpuint (got[0].row, ==, 0);
  g_assert_cmpfloat_with_epsilon (got[0].score, 64.0f * size / 508, 0.01);
  g_free (query);
  g_free (codes);
}

static void
test_many_queries (void)
{
  Set set = make_set (7001, 100, 5), queries = make_set (9, 100, 6);
  IeHit together[9 * 20], alone[20];
  for (int kind = 0; kind < 3; kind++) {
    IeVectors v = set.v;
    if (kind == 0)
      v.codes = NULL;
    if (kind == 1)
      v.floats = NULL;
    guint count = ie_search_many (&v, queries.floats, 9, 20, 0, 2, together);
    g_assert_cmpuint (count, ==, 20);
    for (guint q = 0; q < 9; q++) {
      g_assert_cmpuint (ie_search (&v, queries.floats + q * 100, 20, 0, 1, alone), ==, 20);
      assert_hits ("many", &v, 20, 2, together + q * 20, count, alone);
    }
  }
  guint count = ie_search_codes_many (&set.v, queries.codes, 9, 20, 2, together);
  for (guint q = 0; q < 9; q++) {
    g_assert_cmpuint (ie_search_codes (&set.v, queries.codes + q * 100, 20, 1, alone), ==, 20);
    assert_hits ("many codes", &set.v, 20, 2, together + q * 20, count, alone);
  }
  clear_set (&set);
  clear_set (&queries);
}

/* Kernels of all levels that this processor has, bit for bit. */
static void
test_levels (void)
{
  for (gsize d = 0; d < G_N_ELEMENTS (dimensions); d++) {
    int size = dimensions[d];
    guint count = 67;
    Set set = make_set (count, size, 8), query = make_set (1, size, 9);
    g_autofree float *padded = g_new0 (float, size + IE_DOT_LANES);
    g_autofree gint16 *wide = g_new (gint16, size);
    memcpy (padded, query.floats, size * sizeof *padded);
    for (int i = 0; i < size; i++)
      wide[i] = query.codes[i] * 16;
    gint32 wanted[67], got[67];
    for (int level = 0; level <= (int) ie_cpu_level (); level++) {
      const IeDotKernels *kernels = ie_dot_at (level), *first = ie_dot_at (IE_CPU_BASE);
      first->floats (set.floats, count, size, padded, 0, 1, wanted);
      kernels->floats (set.floats, count, size, padded, 0, 1, got);
      g_assert_cmpmem (got, sizeof got, wanted, sizeof wanted);
      for (int s = 0; s < 3; s++) {
        first->codes (set.codes, count, size, wide, 0, 1, wanted);
        kernels->codes (set.codes, count, size, wide, 0, 1, got);
        if (s) {
          first->scale (wanted, count, s == 1 ? set.scales : NULL, 0.37f);
          kernels->scale (got, count, s == 1 ? set.scales : NULL, 0.37f);
        }
        g_assert_cmpmem (got, sizeof got, wanted, sizeof wanted);
        g_assert_cmpint (kernels->most (got, count), ==, first->most (wanted, count));
      }
    }
    clear_set (&set);
    clear_set (&query);
  }
}

/* ---- pairs ---------------------------------------------------------------------------------------------------------- */

typedef struct {
  guint32 first, second;
  gint32 product;
} Pair;

typedef struct {
  GArray *pairs;
  guint most;
} Found;

static gboolean
found_pair (gpointer data, guint32 first, guint32 second, gint32 product)
{
  Found *found = data;
  Pair pair = { first, second, product };
  g_array_append_val (found->pairs, pair);
  return found->pairs->len < found->most;
}

static void
check_pairs (const IeVectors *v, gint32 least)
{
  GArray *wanted = g_array_new (FALSE, FALSE, sizeof (Pair));
  for (guint32 i = 0; i < v->count; i++)
    for (guint32 j = i + 1; j < v->count; j++) {
      Pair pair = { i, j, 0 };
      for (int d = 0; d < v->dimensions; d++)
        pair.product += v->codes[(gsize) i * v->dimensions + d] * v->codes[(gsize) j * v->dimensions + d];
      if (pair.product >= least)
        g_array_append_val (wanted, pair);
    }
  for (gsize n = 0; n < G_N_ELEMENTS (thread_counts); n++) {
    Found found = { g_array_new (FALSE, FALSE, sizeof (Pair)), G_MAXUINT };
    g_assert_true (ie_search_pairs (v, least, thread_counts[n], NULL, found_pair, &found));
    if (found.pairs->len != wanted->len ||
        (wanted->len && memcmp (found.pairs->data, wanted->data, wanted->len * sizeof (Pair))))
      g_error ("%u vectors of %d, at least %d, %d threads: %u pairs, not %u, or others", v->count, v->dimensions, least,
               thread_counts[n], found.pairs->len, wanted->len);
    g_array_free (found.pairs, TRUE);
  }
  g_array_free (wanted, TRUE);
}

static void
test_pairs (void)
{
  static const guint32 pair_counts[] = { 0, 1, 2, 63, 64, 65, 130, 1500 };
  for (gsize d = 0; d < G_N_ELEMENTS (dimensions); d++)
    for (gsize c = 0; c < G_N_ELEMENTS (pair_counts); c++) {
      if (pair_counts[c] > 500 && dimensions[d] != 64 && dimensions[d] != 255) /* the plain loop takes long */
        continue;
      Set set = make_set (pair_counts[c], dimensions[d], 11);
      /* Copies, some with small changes, and vectors of nothing. */
      for (guint32 i = 40; i < set.v.count; i += 7) {
        memcpy (set.codes + (gsize) i * dimensions[d], set.codes + (gsize) (i / 3) * dimensions[d], dimensions[d]);
        set.codes[(gsize) i * dimensions[d]] /= 2;
      }
      if (set.v.count > 20)
        memset (set.codes + 20 * dimensions[d], 0, dimensions[d]);
      int norm = 0;
      for (int k = 0; set.v.count && k < dimensions[d]; k++)
        norm += set.codes[k] * set.codes[k];
      const gint32 leasts[] = { norm * 95 / 100, norm / 2, norm / 5, 1, G_MAXINT32 };
      for (gsize l = 0; l < G_N_ELEMENTS (leasts); l++)
        check_pairs (&set.v, leasts[l]);
      if (set.v.count <= 130) {
        check_pairs (&set.v, 0);
        check_pairs (&set.v, -norm);
        check_pairs (&set.v, G_MININT32);
      }
      clear_set (&set);
    }
}

static void
test_pairs_stop (void)
{
  Set set = make_set (3000, 8, 11);
  Found found = { g_array_new (FALSE, FALSE, sizeof (Pair)), 5 };
  g_assert_false (ie_search_pairs (&set.v, G_MININT32, 2, NULL, found_pair, &found));
  g_assert_cmpuint (found.pairs->len, ==, 5);
  for (guint i = 0; i < 5; i++) {
    const Pair *pair = &g_array_index (found.pairs, Pair, i);
    g_assert_cmpuint (pair->first, ==, 0);
    g_assert_cmpuint (pair->second, ==, i + 1);
  }
  gint cancel = 1;
  found.most = G_MAXUINT;
  g_assert_false (ie_search_pairs (&set.v, G_MININT32, 2, &cancel, found_pair, &found));
  g_assert_cmpuint (found.pairs->len, ==, 5);
  g_array_free (found.pairs, TRUE);
  clear_set (&set);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/search/exact", test_exact);
  g_test_add_func ("/search/many-rows", test_many_rows);
  g_test_add_func ("/search/ties", test_ties);
  g_test_add_func ("/search/no-numbers", test_no_numbers);
  g_test_add_func ("/search/scores-of-codes", test_codes_scores);
  g_test_add_func ("/search/extremes", test_extremes);
  g_test_add_func ("/search/many-queries", test_many_queries);
  g_test_add_func ("/search/levels", test_levels);
  g_test_add_func ("/search/pairs", test_pairs);
  g_test_add_func ("/search/pairs-stop", test_pairs_stop);
  return g_test_run ();
}
