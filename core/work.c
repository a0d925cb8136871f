// SPDX-License-Identifier: GPL-3.0-or-later
/* Scratch memory of a thread: chunks that grow to what a run needs and are then used again and again. */
#include "core/work.h"

#include "core/convert.h"
#include "core/pool.h"

#define CHUNK_LEAST (256u << 10)
#define ALIGN(bytes) (((bytes) + 63) & ~(gsize) 63)

IeWork *
ie_work_new (void)
{
  IeWork *work = g_new0 (IeWork, 1);
  work->chunks = g_ptr_array_new_with_free_func (ie_buffer_free);
  work->sizes = g_array_new (FALSE, FALSE, sizeof (gsize));
  return work;
}

void
ie_work_free (IeWork *work)
{
  if (!work)
    return;
  g_ptr_array_free (work->chunks, TRUE);
  g_array_free (work->sizes, TRUE);
  g_free (work);
}

void
ie_work_reset (IeWork *work)
{
  ie_work_release (work, (IeWorkMark){ 0, 0 });
}

static gsize
chunk_size (const IeWork *work, guint chunk)
{
  return g_array_index (work->sizes, gsize, chunk);
}

/* Moves on to a chunk with room for `bytes`, made if there is none. */
static gboolean
find_room (IeWork *work, gsize bytes)
{
  for (guint chunk = work->chunk; chunk < work->chunks->len; chunk++) {
    gsize used = chunk == work->chunk ? work->used : 0;
    if (chunk_size (work, chunk) - used >= bytes) {
      work->chunk = chunk;
      work->used = used;
      return TRUE;
    }
  }
  gsize size = MAX (bytes, CHUNK_LEAST);
  void *buffer = ie_buffer_new (size);
  if (!buffer)
    return FALSE;
  g_ptr_array_add (work->chunks, buffer);
  g_array_append_val (work->sizes, size);
  work->chunk = work->chunks->len - 1;
  work->used = 0;
  return TRUE;
}

gboolean
ie_work_reserve (IeWork *work, gsize bytes)
{
  return find_room (work, ALIGN (bytes));
}

void *
ie_work_alloc (IeWork *work, gsize bytes)
{
  bytes = ALIGN (MAX (bytes, 1));
  if (!find_room (work, bytes))
    return NULL;
  void *place = (char *) work->chunks->pdata[work->chunk] + work->used;
  work->used += bytes;
  return place;
}

IeWorkMark
ie_work_mark (const IeWork *work)
{
  return (IeWorkMark){ work->chunk, work->used };
}

void
ie_work_release (IeWork *work, IeWorkMark mark)
{
  work->chunk = mark.chunk;
  work->used = mark.used;
}

gboolean
ie_work_cancelled (IeWork *work)
{
  return work->cancel && g_atomic_int_get (work->cancel);
}

void
ie_work_found_nan (IeWork *work)
{
  work->found_nan = TRUE;
}

void
ie_work_look_for_nan (IeWork *work, const IePixels *pixels)
{
  gsize samples = (gsize) pixels->rect.width * (gsize) pixels->channels;
  for (int y = 0; pixels->depth == IE_DEPTH_FLOAT && y < pixels->rect.height; y++)
    if (ie_convert ()->count_nan (ie_pixels_at (pixels, pixels->rect.x, pixels->rect.y + y), samples))
      work->found_nan = TRUE;
}

typedef struct {
  IeWork *work;
  IeBody body;
  gpointer data;
} Loop;

static void
loop_body (gpointer data, int i, int thread)
{
  Loop *loop = data;
  IeWork *work = loop->work->works ? loop->work->works[thread] : loop->work;
  IeWorkMark mark = ie_work_mark (work);
  loop->body (loop->data, i, work);
  ie_work_release (work, mark);
}

void
ie_work_parallel (IeWork *work, int count, IeBody body, gpointer data)
{
  Loop loop = { work, body, data };
  if (work->pool)
    ie_pool_run (work->pool, count, loop_body, &loop);
  else
    for (int i = 0; i < count; i++)
      loop_body (&loop, i, 0);
}
