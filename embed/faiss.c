// SPDX-License-Identifier: GPL-3.0-or-later
#include "embed/faiss.h"

#include "core/error.h"
#include "core/i18n.h"
#include "embed/faiss-module.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>

#define MESSAGE 256
/* Rows that are made floats at a time. */
#define PIECE 4096

struct IeFaiss {
  const IeFaissModule *module;
  void *index;
  int dimensions;
  guint32 count;
};

/* Loaded once, and kept: what it brings (OpenMP's threads) does not like to be unloaded. */
static const IeFaissModule *
find_module (GError **error)
{
  static GMutex mutex;
  static const IeFaissModule *loaded;
  const char *named = g_getenv ("IMGENHANCE_FAISS");
  const char *path = named && *named ? named : IE_MODULE_DIR "/imgenhance-faiss.so";
  g_mutex_lock (&mutex);
  if (!loaded) {
    gpointer handle = dlopen (path, RTLD_NOW | RTLD_LOCAL);
    const IeFaissModule *module = handle ? dlsym (handle, IE_FAISS_SYMBOL) : NULL;
    if (!module)
      g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("FAISS is not available: %s"), dlerror ());
    else if (module->version != IE_FAISS_VERSION)
      g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("FAISS is not available: %s is of another version"), path);
    else
      loaded = module;
    if (handle && !loaded)
      dlclose (handle);
  }
  g_mutex_unlock (&mutex);
  return loaded;
}

gboolean
ie_faiss_available (GError **error)
{
  return find_module (error) != NULL;
}

static gboolean
explain (const char *message, GError **error)
{
  char *text = g_utf8_make_valid (message, -1);
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("FAISS has failed: %s"), text);
  g_free (text);
  return FALSE;
}

/* To length 1; what has none stays 0. */
static void
normalise (float *row, int dimensions)
{
  double sum = 0;
  for (int i = 0; i < dimensions; i++)
    sum += (double) row[i] * row[i];
  double scale = sum > 0 ? 1 / sqrt (sum) : 0;
  for (int i = 0; i < dimensions; i++)
    row[i] = (float) (row[i] * scale);
}

static gboolean
add_all (IeFaiss *faiss, const IeVectors *v, GError **error)
{
  char message[MESSAGE] = "";
  int dimensions = v->dimensions;
  g_autofree float *rows = g_new (float, (gsize) PIECE *dimensions);
  for (guint64 at = 0; at < v->count; at += PIECE) {
    guint count = MIN (PIECE, v->count - at);
    gsize from = (gsize) at * dimensions, size = (gsize) count * dimensions;
    for (gsize i = 0; i < size; i++) /* lengths are made 1: no code needs its scale */
      rows[i] = v->floats ? v->floats[from + i] : v->codes[from + i];
    for (guint r = 0; r < count; r++)
      normalise (rows + (gsize) r * dimensions, dimensions);
    if (!faiss->module->add (faiss->index, rows, count, message, sizeof message))
      return explain (message, error);
  }
  return TRUE;
}

IeFaiss *
ie_faiss_new (const IeVectors *vectors, GError **error)
{
  g_return_val_if_fail (vectors->dimensions >= 1 && vectors->dimensions <= IE_SEARCH_DIMENSIONS, NULL);
  char message[MESSAGE] = "";
  const IeFaissModule *module = find_module (error);
  if (!module)
    return NULL;
  IeFaiss *faiss = g_new (IeFaiss, 1);
  *faiss = (IeFaiss){ module, module->open (vectors->dimensions, message, sizeof message), vectors->dimensions,
                      vectors->count };
  if (!faiss->index)
    explain (message, error);
  else if (add_all (faiss, vectors, error))
    return faiss;
  ie_faiss_free (faiss);
  return NULL;
}

void
ie_faiss_free (IeFaiss *faiss)
{
  if (!faiss)
    return;
  if (faiss->index)
    faiss->module->close (faiss->index);
  g_free (faiss);
}

static int
compare_hits (gconstpointer a, gconstpointer b)
{
  const IeHit *x = a, *y = b;
  if (x->score != y->score)
    return x->score > y->score ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

guint
ie_faiss_search (IeFaiss *faiss, const float *query, guint queries, guint top, int threads, IeHit *hits, GError **error)
{
  char message[MESSAGE] = "";
  top = MIN (top, faiss->count);
  if (!top || !queries)
    return 0;
  int dimensions = faiss->dimensions;
  gsize size = (gsize) queries * dimensions, found = (gsize) queries * top;
  g_autofree float *unit = g_memdup2 (query, size * sizeof *query);
  g_autofree float *scores = g_new (float, found);
  g_autofree gint64 *rows = g_new (gint64, found);
  for (guint q = 0; q < queries; q++)
    normalise (unit + (gsize) q * dimensions, dimensions);
  if (!faiss->module->search (faiss->index, unit, queries, top, MAX (threads, 1), rows, scores, message,
                              sizeof message)) {
    explain (message, error);
    return 0;
  }
  for (gsize i = 0; i < found; i++) {
    if (rows[i] < 0 || rows[i] >= faiss->count) { /* vectors that are no numbers */
      explain (_ ("not all vectors are numbers"), error);
      return 0;
    }
    hits[i] = (IeHit){ rows[i], scores[i] };
  }
  for (guint q = 0; q < queries; q++)
    qsort (hits + (gsize) q * top, top, sizeof *hits, compare_hits);
  return top;
}
