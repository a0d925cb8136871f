// SPDX-License-Identifier: GPL-3.0-or-later
/* What the module imgenhance-faiss.so gives: FAISS IndexFlatIP (Facebook AI Similarity Search) behind a C interface. A module, so
 * that neither FAISS nor what it brings (C++, BLAS, OpenMP) is needed where nobody asks for it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows with every change of what is below. */
#define IE_FAISS_VERSION 1
#define IE_FAISS_SYMBOL "ie_faiss_module"

/* Where something fails, message (of `size` bytes) gets one line. */
typedef struct {
  int version;
  /* An empty index; NULL: failed. */
  void *(*open) (int dimensions, char *message, size_t size);
  /* Copies rows of `dimensions` floats. 0: failed. */
  int (*add) (void *index, const float *rows, size_t count, char *message, size_t size);
  /* The `top` best of each query, those of query q from q x top on; where there are fewer, rows of -1. 0: failed. */
  int (*search) (void *index, const float *queries, size_t count, size_t top, int threads, int64_t *rows, float *scores,
                 char *message, size_t size);
  void (*close) (void *index);
} IeFaissModule;

#ifdef __cplusplus
}
#endif
