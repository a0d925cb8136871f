// SPDX-License-Identifier: GPL-3.0-or-later
// The only C++ outside bench/: no exception leaves it.
#include "embed/faiss-module.h"

#include <faiss/IndexFlat.h>
#include <omp.h>

#include <cstdio>
#include <exception>

namespace {

void
tell (const char *what, char *message, size_t size)
{
  std::snprintf (message, size, "%s", what);
  for (char *at = message; size && *at; at++)
    if (*at == '\n')
      *at = ' ';
}

template <typename Work>
bool
guarded (char *message, size_t size, Work work)
{
  try {
    work ();
    return true;
  } catch (const std::exception &e) {
    tell (e.what (), message, size);
  } catch (...) {
    tell ("unknown exception", message, size);
  }
  return false;
}

void *
open_index (int dimensions, char *message, size_t size)
{
  faiss::IndexFlatIP *index = nullptr;
  guarded (message, size, [&] { index = new faiss::IndexFlatIP (dimensions); });
  return index;
}

int
add (void *index, const float *rows, size_t count, char *message, size_t size)
{
  return guarded (message, size,
                  [&] { static_cast<faiss::IndexFlatIP *> (index)->add (static_cast<int64_t> (count), rows); });
}

int
search (void *index, const float *queries, size_t count, size_t top, int threads, int64_t *rows, float *scores,
        char *message, size_t size)
{
  return guarded (message, size, [&] {
    // Of the calling thread alone; put back, since the program may have other uses for OpenMP.
    int before = omp_get_max_threads ();
    omp_set_num_threads (threads);
    try {
      static_cast<faiss::IndexFlatIP *> (index)->search (static_cast<int64_t> (count), queries,
                                                         static_cast<int64_t> (top), scores, rows);
    } catch (...) {
      omp_set_num_threads (before);
      throw;
    }
    omp_set_num_threads (before);
  });
}

void
close_index (void *index)
{
  delete static_cast<faiss::IndexFlatIP *> (index);
}

} // namespace

extern "C" __attribute__ ((visibility ("default"))) const IeFaissModule ie_faiss_module;
const IeFaissModule ie_faiss_module = { IE_FAISS_VERSION, open_index, add, search, close_index };
