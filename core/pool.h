// SPDX-License-Identifier: GPL-3.0-or-later
/* A pool of threads, a pool of buffers, and the scratch of a thread: private to core. */
#pragma once

#include "core/work.h"

typedef struct IePool IePool;

/* `threads` in all, the caller's among them; 1 starts none. */
IePool *ie_pool_new (int threads);
void ie_pool_free (IePool *pool);
int ie_pool_threads (const IePool *pool);

/* Calls body (data, i, thread) for 0 <= i < count, thread in 0 .. threads - 1 (0 is the caller), and returns when all are
 * done. i ascends as threads take it. One run at a time. */
typedef void (*IePoolBody) (gpointer data, int i, int thread);
void ie_pool_run (IePool *pool, int count, IePoolBody body, gpointer data);

/* Big buffers, 64-byte aligned. Kept for reuse when given back, since fresh memory costs ten times a copy. Thread-safe.
 * NULL when the system has no more. */
void *ie_buffer_new (gsize bytes);
void ie_buffer_free (void *buffer);
/* Gives what is kept back to the system, but for `most` bytes. */
void ie_buffer_trim (guint64 most);

/* The scratch of thread `index` of the pool. works: all threads' works (for ie_work_parallel); may be NULL. */
struct IeWork {
  GPtrArray *chunks;  /* buffers, in order of use */
  GArray *sizes;      /* of each, gsize */
  guint chunk;        /* in use */
  gsize used;         /* of it */
  const gint *cancel;
  gboolean found_nan; /* by a hook that looks for it */
  IePool *pool;
  IeWork **works;
};

/* Makes sure that the next allocations, `bytes` in all, lie in one chunk. FALSE: no memory. */
gboolean ie_work_reserve (IeWork *work, gsize bytes);

typedef struct {
  guint chunk;
  gsize used;
} IeWorkMark;

/* Allocations after a mark are given back by releasing it. */
IeWorkMark ie_work_mark (const IeWork *work);
void ie_work_release (IeWork *work, IeWorkMark mark);
