// SPDX-License-Identifier: GPL-3.0-or-later
/* The scan: threads take chunks of rows in ascending order; of each block of a chunk a kernel makes keys (scores as integers
 * of the same order), and what is above the threshold of the thread's best so far is kept. A block's keys are looked at only
 * when the best of them is above it. */
#include "embed/search.h"

#include "core/pool.h"
#include "embed/descriptor.h"
#include "embed/kernel/dot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows whose keys are made at once: with a query they stay in the first cache. */
#define BLOCK_BYTES (16 << 10)
#define BLOCK_LEAST 4
#define BLOCK_MOST 256
/* What a thread takes at a time: long beside the cost of taking it, short beside a whole scan. */
#define CHUNK_BYTES (1 << 20)
/* Below so much, starting a thread costs more than it saves. */
#define THREAD_BYTES (1 << 20)
/* Kept beyond the best before they are sorted out. */
#define SPARE 1024
/* Codes of a query: 12 bits, unless the sum of so many products would not fit. */
#define QUERY_MOST 2047
#define RERANK_TIMES 10
#define RERANK_LEAST 100

#ifdef IE_X86_LEVELS
static const IeDotKernels *const kernels[IE_CPU_LEVELS] = { &ie_dot_kernels_base, &ie_dot_kernels_v2,
                                                            &ie_dot_kernels_v3, &ie_dot_kernels_v4 };
#else
static const IeDotKernels *const kernels[IE_CPU_LEVELS] = { &ie_dot_kernels_base, &ie_dot_kernels_base,
                                                            &ie_dot_kernels_base, &ie_dot_kernels_base };
#endif

const IeDotKernels *
ie_dot_at (IeCpuLevel level)
{
  return kernels[level];
}

/* ---- the best ------------------------------------------------------------------------------------------------------- */

/* A row and its key in one number: the better, the larger; of equal keys the lower row. */
typedef guint64 Candidate;

static inline Candidate
candidate (gint32 key, guint32 row)
{
  return (Candidate) ((guint32) key ^ 0x80000000u) << 32 | (guint32) ~row;
}

static inline gint32
candidate_key (Candidate c)
{
  return (gint32) ((guint32) (c >> 32) ^ 0x80000000u);
}

static inline guint32
candidate_row (Candidate c)
{
  return ~(guint32) c;
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  Candidate x = *(const Candidate *) a, y = *(const Candidate *) b;
  return x < y ? 1 : x > y ? -1 : 0;
}

typedef struct {
  Candidate *kept; /* room for most + SPARE */
  guint count, most;
  gint32 threshold; /* keys up to it are no longer of interest, once `full` */
  gboolean full;
} Best;

static void
best_sort (Best *best)
{
  qsort (best->kept, best->count, sizeof *best->kept, compare_candidates);
  best->count = MIN (best->count, best->most);
  if (best->count == best->most) {
    best->full = TRUE;
    best->threshold = candidate_key (best->kept[best->most - 1]);
  }
}

/* Rows come in ascending order: one of equal key that comes later is not better. */
static void
best_take (Best *best, const gint32 *keys, guint count, guint32 first)
{
  for (guint i = 0; i < count; i++)
    if (!best->full || keys[i] > best->threshold) {
      best->kept[best->count++] = candidate (keys[i], first + i);
      if (best->count == best->most + SPARE)
        best_sort (best);
    }
}

/* ---- the scan ------------------------------------------------------------------------------------------------------- */

/* What is looked for: queries `stride` numbers apart. Of floats and codes one is NULL. */
typedef struct {
  guint count;
  int stride;
  float *floats; /* each padded with zeros to a multiple of IE_DOT_LANES */
  gint16 *codes;
  float *scales; /* of the codes, one a query; NULL: products are scores */
} Queries;

typedef struct {
  const IeVectors *vectors;
  const IeDotKernels *kernels;
  const Queries *queries;
  guint block, chunk; /* rows */
  Best *best;         /* of thread t for query q: t x queries->count + q */
  gint32 *keys;       /* of thread t: from t x block x queries->count on */
} Scan;

/* keys[q x count + i] of row first + i and query q */
static void
make_keys (const Scan *scan, guint32 first, guint count, gint32 *keys)
{
  const IeVectors *v = scan->vectors;
  const Queries *queries = scan->queries;
  gsize at = (gsize) first * v->dimensions;
  if (queries->floats) {
    scan->kernels->floats (v->floats + at, count, v->dimensions, queries->floats, queries->stride, queries->count,
                           keys);
    return;
  }
  scan->kernels->codes (v->codes + at, count, v->dimensions, queries->codes, queries->stride, queries->count, keys);
  for (guint q = 0; queries->scales && q < queries->count; q++)
    scan->kernels->scale (keys + (gsize) q * count, count, v->scales ? v->scales + first : NULL, queries->scales[q]);
}

static void
scan_chunk (gpointer data, int i, int thread)
{
  const Scan *scan = data;
  guint queries = scan->queries->count;
  guint32 first = (guint32) i * scan->chunk, end = first + MIN (scan->chunk, scan->vectors->count - first);
  gint32 *keys = scan->keys + (gsize) thread * scan->block * queries;
  for (guint32 row = first; row < end; row += MIN (scan->block, end - row)) {
    guint count = MIN (scan->block, end - row);
    make_keys (scan, row, count, keys);
    for (guint q = 0; q < queries; q++) {
      Best *best = &scan->best[thread * queries + q];
      const gint32 *here = keys + (gsize) q * count;
      if (!best->full || scan->kernels->most (here, count) > best->threshold)
        best_take (best, here, count, row);
    }
  }
}

/* The `most` best of each query (most <= the number of rows), one query's after the other's; g_free(). */
static Candidate *
scan_all (const IeVectors *vectors, const Queries *queries, guint most, int threads)
{
  gsize row_bytes = (gsize) vectors->dimensions * (queries->floats ? sizeof (float) : sizeof (gint8));
  guint query_count = queries->count;
  Scan scan = { vectors, ie_dot_at (ie_cpu_level ()), queries };
  scan.block = CLAMP (BLOCK_BYTES / row_bytes, BLOCK_LEAST, BLOCK_MOST);
  scan.chunk = MAX (CHUNK_BYTES / row_bytes / scan.block, 1) * scan.block;
  threads = CLAMP (row_bytes * query_count * vectors->count / THREAD_BYTES, 1, (gsize) MAX (threads, 1));
  IePool *pool = ie_pool_new (threads);
  threads = ie_pool_threads (pool);
  scan.best = g_new0 (Best, (gsize) threads * query_count);
  scan.keys = g_new (gint32, (gsize) threads * query_count * scan.block);
  gsize room = (gsize) most + SPARE;
  Candidate *kept = g_new (Candidate, room * threads * query_count);
  for (guint b = 0; b < threads * query_count; b++) {
    scan.best[b].kept = kept + b * room;
    scan.best[b].most = most;
  }
  ie_pool_run (pool, (vectors->count + scan.chunk - 1) / scan.chunk, scan_chunk, &scan);
  ie_pool_free (pool);

  Candidate *result = g_new (Candidate, (gsize) most * query_count), *all = g_new (Candidate, (gsize) most * threads);
  for (guint q = 0; q < query_count; q++) {
    guint count = 0;
    for (int t = 0; t < threads; t++) {
      Best *best = &scan.best[t * query_count + q];
      best_sort (best);
      memcpy (all + count, best->kept, best->count * sizeof *all);
      count += best->count;
    }
    qsort (all, count, sizeof *all, compare_candidates);
    memcpy (result + (gsize) q * most, all, most * sizeof *all);
  }
  g_free (all);
  g_free (kept);
  g_free (scan.keys);
  g_free (scan.best);
  return result;
}

/* ---- floats --------------------------------------------------------------------------------------------------------- */

static float
score_of_key (gint32 key)
{
  gint32 bits = ie_dot_key_of_bits (key);
  float score;
  memcpy (&score, &bits, sizeof score);
  return score;
}

static Queries
pad_queries (const float *query, guint count, int dimensions)
{
  int stride = (dimensions + IE_DOT_LANES - 1) / IE_DOT_LANES * IE_DOT_LANES;
  Queries queries = { count, stride, g_new0 (float, (gsize) count *stride) };
  for (guint q = 0; q < count; q++)
    memcpy (queries.floats + (gsize) q * stride, query + (gsize) q * dimensions, dimensions * sizeof *query);
  return queries;
}

/* A query in whole numbers; gives their scale. */
static float
round_query (const float *query, int dimensions, gint16 *rounded)
{
  float largest = 0;
  for (int i = 0; i < dimensions; i++)
    largest = fabsf (query[i]) > largest ? fabsf (query[i]) : largest;
  int most = MIN (QUERY_MOST, G_MAXINT32 / 128 / dimensions);
  gboolean good = largest > 0 && largest < INFINITY;
  for (int i = 0; i < dimensions; i++) {
    double code = good && query[i] == query[i] ? (double) query[i] / largest * most : 0;
    rounded[i] = (gint16) (code < 0 ? code - 0.5 : code + 0.5);
  }
  return largest / most;
}

static Queries
round_queries (const float *query, guint count, int dimensions, gboolean scaled)
{
  Queries queries = { count, dimensions, .codes = g_new (gint16, (gsize) count * dimensions),
                      .scales = g_new (float, count) };
  for (guint q = 0; q < count; q++) {
    gsize at = (gsize) q * dimensions;
    queries.scales[q] =
        round_query (query + at, dimensions, queries.codes + at) * (scaled ? 1 : 1.0f / IE_DESCRIPTOR_NORM);
  }
  return queries;
}

static void
clear_queries (Queries *queries)
{
  g_free (queries->floats);
  g_free (queries->codes);
  g_free (queries->scales);
}

static void
judge_again (const IeVectors *vectors, const float *query, Candidate *candidates, guint count)
{
  for (guint c = 0; c < count; c++) {
    guint32 row = candidate_row (candidates[c]);
    const float *floats = vectors->floats + (gsize) row * vectors->dimensions;
    gint32 key;
    ie_dot_at (ie_cpu_level ())->floats (floats, 1, vectors->dimensions, query, 0, 1, &key);
    candidates[c] = candidate (key, row);
  }
  qsort (candidates, count, sizeof *candidates, compare_candidates);
}

guint
ie_search_many (const IeVectors *vectors, const float *query, guint queries, guint top, guint rerank, int threads,
                IeHit *hits)
{
  int dimensions = vectors->dimensions;
  g_return_val_if_fail (dimensions >= 1 && dimensions <= IE_SEARCH_DIMENSIONS, 0);
  g_return_val_if_fail (vectors->floats || vectors->codes || !vectors->count, 0);
  top = MIN (top, vectors->count);
  if (!top || !queries)
    return 0;
  guint most = top;
  if (vectors->floats && vectors->codes)
    most = MIN (vectors->count, MAX (top, rerank ? rerank : MAX (RERANK_LEAST, (guint64) RERANK_TIMES * top)));
  Queries padded = { 0 }, rounded = { 0 };
  if (vectors->floats)
    padded = pad_queries (query, queries, dimensions);
  if (vectors->codes)
    rounded = round_queries (query, queries, dimensions, vectors->scales != NULL);
  Candidate *found = scan_all (vectors, vectors->codes ? &rounded : &padded, most, threads);
  for (guint q = 0; q < queries; q++) {
    Candidate *candidates = found + (gsize) q * most;
    if (vectors->floats && vectors->codes)
      judge_again (vectors, padded.floats + (gsize) q * padded.stride, candidates, most);
    for (guint c = 0; c < top; c++)
      hits[(gsize) q * top + c] =
          (IeHit){ candidate_row (candidates[c]), score_of_key (candidate_key (candidates[c])) };
  }
  g_free (found);
  clear_queries (&padded);
  clear_queries (&rounded);
  return top;
}

guint
ie_search (const IeVectors *vectors, const float *query, guint top, guint rerank, int threads, IeHit *hits)
{
  return ie_search_many (vectors, query, 1, top, rerank, threads, hits);
}

/* ---- codes ---------------------------------------------------------------------------------------------------------- */

guint
ie_search_codes_many (const IeVectors *vectors, const gint8 *query, guint queries, guint top, int threads, IeHit *hits)
{
  int dimensions = vectors->dimensions;
  g_return_val_if_fail (dimensions >= 1 && dimensions <= IE_SEARCH_DIMENSIONS, 0);
  g_return_val_if_fail (vectors->codes || !vectors->count, 0);
  top = MIN (top, vectors->count);
  if (!top || !queries)
    return 0;
  gsize size = (gsize) queries * dimensions;
  Queries asked = { queries, dimensions, .codes = g_new (gint16, size) };
  for (gsize i = 0; i < size; i++)
    asked.codes[i] = query[i];
  Candidate *found = scan_all (vectors, &asked, top, threads);
  for (gsize c = 0; c < (gsize) queries * top; c++) {
    double product = candidate_key (found[c]);
    hits[c] =
        (IeHit){ candidate_row (found[c]), (float) (product / ((double) IE_DESCRIPTOR_NORM * IE_DESCRIPTOR_NORM)) };
  }
  g_free (found);
  clear_queries (&asked);
  return top;
}

guint
ie_search_codes (const IeVectors *vectors, const gint8 *query, guint top, int threads, IeHit *hits)
{
  return ie_search_codes_many (vectors, query, 1, top, threads, hits);
}
