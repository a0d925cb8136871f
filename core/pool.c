// SPDX-License-Identifier: GPL-3.0-or-later
/* Threads that wait for loops to share, and buffers that are kept for the next picture. */
#include "core/pool.h"

#include <stdlib.h>
#include <sys/mman.h>

struct IePool {
  int threads;
  GThread **workers;
  GMutex mutex;
  GCond work_waits, work_done;
  guint64 generation; /* counts runs: a worker takes part in each once */
  int active;         /* workers still in the run */
  gboolean quit;
  IePoolBody body;
  gpointer data;
  int count;
  gint next; /* atomic */
};

typedef struct {
  IePool *pool;
  int thread;
} Worker;

static void
take_part (IePool *pool, int thread)
{
  for (;;) {
    int i = g_atomic_int_add (&pool->next, 1);
    if (i >= pool->count)
      return;
    pool->body (pool->data, i, thread);
  }
}

static gpointer
worker_main (gpointer data)
{
  Worker worker = *(Worker *) data;
  IePool *pool = worker.pool;
  g_free (data);
  guint64 seen = 0;
  g_mutex_lock (&pool->mutex);
  for (;;) {
    while (!pool->quit && pool->generation == seen)
      g_cond_wait (&pool->work_waits, &pool->mutex);
    if (pool->quit)
      break;
    seen = pool->generation;
    g_mutex_unlock (&pool->mutex);
    take_part (pool, worker.thread);
    g_mutex_lock (&pool->mutex);
    if (--pool->active == 0)
      g_cond_signal (&pool->work_done);
  }
  g_mutex_unlock (&pool->mutex);
  return NULL;
}

IePool *
ie_pool_new (int threads)
{
  IePool *pool = g_new0 (IePool, 1);
  g_mutex_init (&pool->mutex);
  g_cond_init (&pool->work_waits);
  g_cond_init (&pool->work_done);
  pool->threads = 1;
  pool->workers = g_new0 (GThread *, MAX (threads, 1));
  for (int i = 1; i < threads; i++) {
    Worker *worker = g_new (Worker, 1);
    *worker = (Worker){ pool, i };
    pool->workers[i] = g_thread_try_new ("imgenhance", worker_main, worker, NULL);
    if (!pool->workers[i]) { /* no more threads to be had: fewer do the same work */
      g_free (worker);
      break;
    }
    pool->threads++;
  }
  return pool;
}

void
ie_pool_free (IePool *pool)
{
  if (!pool)
    return;
  g_mutex_lock (&pool->mutex);
  pool->quit = TRUE;
  g_cond_broadcast (&pool->work_waits);
  g_mutex_unlock (&pool->mutex);
  for (int i = 1; i < pool->threads; i++)
    g_thread_join (pool->workers[i]);
  g_mutex_clear (&pool->mutex);
  g_cond_clear (&pool->work_waits);
  g_cond_clear (&pool->work_done);
  g_free (pool->workers);
  g_free (pool);
}

int
ie_pool_threads (const IePool *pool)
{
  return pool->threads;
}

void
ie_pool_run (IePool *pool, int count, IePoolBody body, gpointer data)
{
  if (pool->threads == 1 || count <= 1) {
    for (int i = 0; i < count; i++)
      body (data, i, 0);
    return;
  }
  g_mutex_lock (&pool->mutex);
  pool->body = body;
  pool->data = data;
  pool->count = count;
  g_atomic_int_set (&pool->next, 0);
  pool->active = pool->threads - 1;
  pool->generation++;
  g_cond_broadcast (&pool->work_waits);
  g_mutex_unlock (&pool->mutex);
  take_part (pool, 0);
  g_mutex_lock (&pool->mutex);
  while (pool->active > 0)
    g_cond_wait (&pool->work_done, &pool->mutex);
  g_mutex_unlock (&pool->mutex);
}

/* ---- buffers ----
 *
 * Large ones are mapped by themselves, on huge pages where the system has them (the first touch of fresh memory is then
 * several times cheaper), and go back to the system when freed: what the process holds stays what was predicted. */

#define ALIGNMENT 64
#define HEADER ALIGNMENT              /* room before a buffer for its size */
#define MAPPED_LEAST (2u << 20)       /* smaller ones the C library makes again without fresh pages */
#define HUGE_LEAST (16u << 20)        /* rounding up to huge pages is then at most an eighth */
#define KEPT_BUFFERS 16               /* at most so many are kept for the next picture */
#define KEPT_BYTES (16u << 20)        /* and so many bytes */
#define KEPT_LEAST (64u << 10)        /* smaller ones are cheap to make */

static GMutex kept_mutex;
static void *kept[KEPT_BUFFERS];
static int kept_count;
static gsize kept_bytes;

static gsize *
size_of (void *buffer)
{
  return (gsize *) ((char *) buffer - HEADER);
}

static void *
make_block (gsize bytes)
{
  if (bytes > G_MAXSSIZE / 2)
    return NULL;
  bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  char *block;
  if (bytes < MAPPED_LEAST) {
    block = aligned_alloc (ALIGNMENT, bytes + HEADER);
  } else {
    block = mmap (NULL, bytes + HEADER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
      block = NULL;
    else if (bytes >= HUGE_LEAST)
      madvise (block, bytes + HEADER, MADV_HUGEPAGE); /* a wish: without huge pages all works too */
  }
  if (!block)
    return NULL;
  *(gsize *) block = bytes;
  return block + HEADER;
}

static void
free_block (void *buffer)
{
  gsize bytes = *size_of (buffer);
  char *block = (char *) buffer - HEADER;
  if (bytes < MAPPED_LEAST)
    free (block);
  else
    munmap (block, bytes + HEADER);
}

void *
ie_buffer_new (gsize bytes)
{
  void *buffer = NULL;
  g_mutex_lock (&kept_mutex);
  int best = -1;
  for (int i = 0; i < kept_count; i++) {
    gsize size = *size_of (kept[i]);
    /* One that is far larger would hold memory that was not predicted. */
    if (size >= bytes && size <= bytes + bytes / 8 && (best < 0 || size < *size_of (kept[best])))
      best = i;
  }
  if (best >= 0) {
    buffer = kept[best];
    kept_bytes -= *size_of (buffer);
    kept[best] = kept[--kept_count];
  }
  g_mutex_unlock (&kept_mutex);
  if (buffer)
    return buffer;
  buffer = make_block (bytes);
  if (!buffer) {
    ie_buffer_trim (0);
    buffer = make_block (bytes);
  }
  return buffer;
}

void
ie_buffer_free (void *buffer)
{
  if (!buffer)
    return;
  gsize size = *size_of (buffer);
  g_mutex_lock (&kept_mutex);
  gboolean keep = size >= KEPT_LEAST && kept_count < KEPT_BUFFERS && kept_bytes + size <= KEPT_BYTES;
  if (keep) {
    kept[kept_count++] = buffer;
    kept_bytes += size;
  }
  g_mutex_unlock (&kept_mutex);
  if (!keep)
    free_block (buffer);
}

void
ie_buffer_trim (guint64 most)
{
  g_mutex_lock (&kept_mutex);
  while (kept_bytes > most) {
    void *last = kept[--kept_count];
    kept_bytes -= *size_of (last);
    free_block (last);
  }
  g_mutex_unlock (&kept_mutex);
}
