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

/* What is looked for. Of one of floats, codes the other is NULL. */
typedef struct {
  const float *floats; /* padded with zeros to a multiple of IE_DOT_LANES */
  const gint16 *codes;
  gboolean scaled; /* products become scores by scales */
  float scale;     /* of the codes */
} Query;

typedef struct {
  const IeVectors *vectors;
  const IeDotKernels *kernels;
  const Query *queries;
  guint query_count;
  guint block, chunk; /* rows */
  Best *best;         /* of thread t for query q: t x query_count + q */
} Scan;

static void
make_keys (const Scan *scan, const Query *query, guint32 first, guint count, gint32 *keys)
{
  const IeVectors *v = scan->vectors;
  gsize at = (gsize) first * v->dimensions;
  if (query->floats) {
    scan->kernels->floats (v->floats + at, count, v->dimensions, query->floats, keys);
    return;
  }
  scan->kernels->codes (v->codes + at, count, v->dimensions, query->codes, keys);
  if (query->scaled)
    scan->kernels->scale (keys, count, v->scales ? v->scales + first : NULL, query->scale);
}

static void
scan_chunk (gpointer data, int i, int thread)
{
  const Scan *scan = data;
  guint32 first = (guint32) i * scan->chunk, end = first + MIN (scan->chunk, scan->vectors->count - first);
  gint32 keys[BLOCK_MOST];
  for (guint32 row = first; row < end; row += MIN (scan->block, end - row)) {
    guint count = MIN (scan->block, end - row);
    for (guint q = 0; q < scan->query_count; q++) {
      Best *best = &scan->best[thread * scan->query_count + q];
      make_keys (scan, &scan->queries[q], row, count, keys);
      if (!best->full || scan->kernels->most (keys, count) > best->threshold)
        best_take (best, keys, count, row);
    }
  }
}

/* The `most` best of each query (most <= the number of rows), one query's after the other's; g_free(). */
static Candidate *
scan_all (const IeVectors *vectors, const Query *queries, guint query_count, guint most, int threads)
{
  gsize row_bytes = (gsize) vectors->dimensions * (queries->floats ? sizeof (float) : sizeof (gint8));
  Scan scan = { vectors, ie_dot_at (ie_cpu_level ()), queries, query_count };
  scan.block = CLAMP (BLOCK_BYTES / row_bytes, BLOCK_LEAST, BLOCK_MOST);
  scan.chunk = MAX (CHUNK_BYTES / row_bytes / scan.block, 1) * scan.block;
  threads = CLAMP (row_bytes * query_count * vectors->count / THREAD_BYTES, 1, (gsize) MAX (threads, 1));
  IePool *pool = ie_pool_new (threads);
  threads = ie_pool_threads (pool);
  scan.best = g_new0 (Best, (gsize) threads * query_count);
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

static float *
pad_query (const float *query, int dimensions)
{
  gsize padded = (gsize) (dimensions + IE_DOT_LANES - 1) / IE_DOT_LANES * IE_DOT_LANES;
  float *copy = g_new0 (float, padded);
  memcpy (copy, query, dimensions * sizeof *copy);
  return copy;
}

/* The query in whole numbers; gives their scale. */
static gint16 *
round_query (const float *query, int dimensions, float *scale)
{
  gint16 *rounded = g_new0 (gint16, dimensions);
  float largest = 0;
  for (int i = 0; i < dimensions; i++)
    largest = fabsf (query[i]) > largest ? fabsf (query[i]) : largest;
  int most = MIN (QUERY_MOST, G_MAXINT32 / 128 / dimensions);
  *scale = largest / most;
  if (largest > 0 && largest < INFINITY)
    for (int i = 0; i < dimensions; i++) {
      double code = query[i] == query[i] ? (double) query[i] / largest * most : 0;
      rounded[i] = (gint16) (code < 0 ? code - 0.5 : code + 0.5);
    }
  return rounded;
}

static guint
judge_again (const IeVectors *vectors, const float *query, Candidate *candidates, guint count)
{
  for (guint c = 0; c < count; c++) {
    guint32 row = candidate_row (candidates[c]);
    gint32 key;
    ie_dot_at (ie_cpu_level ())
        ->floats (vectors->floats + (gsize) row * vectors->dimensions, 1, vectors->dimensions, query, &key);
    candidates[c] = candidate (key, row);
  }
  qsort (candidates, count, sizeof *candidates, compare_candidates);
  return count;
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
  gboolean both = vectors->floats && vectors->codes;
  guint most = top;
  if (both)
    most = MIN (vectors->count, MAX (top, rerank ? rerank : MAX (RERANK_LEAST, (guint64) RERANK_TIMES * top)));

  Query *asked = g_new0 (Query, queries);
  float **padded = g_new0 (float *, queries);
  gint16 **rounded = g_new0 (gint16 *, queries);
  for (guint q = 0; q < queries; q++) {
    const float *from = query + (gsize) q * dimensions;
    if (vectors->floats)
      asked[q].floats = padded[q] = pad_query (from, dimensions);
    if (vectors->codes) {
      float scale;
      asked[q].floats = NULL;
      asked[q].codes = rounded[q] = round_query (from, dimensions, &scale);
      asked[q].scaled = TRUE;
      asked[q].scale = vectors->scales ? scale : scale * (1.0f / IE_DESCRIPTOR_NORM);
    }
  }
  Candidate *found = scan_all (vectors, asked, queries, most, threads);
  for (guint q = 0; q < queries; q++) {
    Candidate *candidates = found + (gsize) q * most;
    if (both)
      judge_again (vectors, padded[q], candidates, most);
    for (guint c = 0; c < top; c++)
      hits[(gsize) q * top + c] =
          (IeHit){ candidate_row (candidates[c]), score_of_key (candidate_key (candidates[c])) };
    g_free (padded[q]);
    g_free (rounded[q]);
  }
  g_free (found);
  g_free (padded);
  g_free (rounded);
  g_free (asked);
  return top;
}

guint
ie_search (const IeVectors *vectors, const float *query, guint top, guint rerank, int threads, IeHit *hits)
{
  return ie_search_many (vectors, query, 1, top, rerank, threads, hits);
}

/* ---- codes ---------------------------------------------------------------------------------------------------------- */

static gint16 *
widen (const gint8 *codes, gsize count)
{
  gint16 *wide = g_new (gint16, count);
  for (gsize i = 0; i < count; i++)
    wide[i] = codes[i];
  return wide;
}

guint
ie_search_codes_many (const IeVectors *vectors, const gint8 *query, guint queries, guint top, int threads, IeHit *hits)
{
  int dimensions = vectors->dimensions;
  g_return_val_if_fail (dimensions >= 1 && dimensions <= IE_SEARCH_DIMENSIONS, 0);
  g_return_val_if_fail (vectors->codes || !vectors->count, 0);
  top = MIN (top, vectors->count);
  if (!top || !queries)
    return 0;
  gint16 *wide = widen (query, (gsize) queries * dimensions);
  Query *asked = g_new0 (Query, queries);
  for (guint q = 0; q < queries; q++)
    asked[q].codes = wide + (gsize) q * dimensions;
  Candidate *found = scan_all (vectors, asked, queries, top, threads);
  for (gsize c = 0; c < (gsize) queries * top; c++)
    hits[c] = (IeHit){ candidate_row (found[c]),
                       (float) (candidate_key (found[c]) / ((double) IE_DESCRIPTOR_NORM * IE_DESCRIPTOR_NORM)) };
  g_free (found);
  g_free (asked);
  g_free (wide);
  return top;
}

guint
ie_search_codes (const IeVectors *vectors, const gint8 *query, guint top, int threads, IeHit *hits)
{
  return ie_search_codes_many (vectors, query, 1, top, threads, hits);
}
