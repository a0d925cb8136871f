// SPDX-License-Identifier: GPL-3.0-or-later
/* The search of FAISS, IndexFlatIP over normalised vectors, as another way to the hits of ie_search(): slower, but by others. It is a
 * module that is loaded when it is first asked for (embed/faiss-module.h); a build without FAISS has none. */
#pragma once

#include "embed/search.h"

G_BEGIN_DECLS

typedef struct IeFaiss IeFaiss;

/* Whether the module is there, is of this version and can be loaded; error (IE_ERROR_USAGE), one line, says why not. It is
 * looked for at $IMGENHANCE_FAISS, else where the library was installed. Any thread. */
IE_API gboolean ie_faiss_available (GError **error);

/* Copies the vectors (floats, or what codes stand for) as floats of length 1: count x dimensions x 4 bytes. NULL and error. */
IE_API IeFaiss *ie_faiss_new (const IeVectors *vectors, GError **error);
IE_API void ie_faiss_free (IeFaiss *faiss);

/* The `top` nearest of each of `queries` queries, as ie_search_many() gives them: cosines, whatever the queries' lengths. Rows
 * of equal score are in ascending order, but which of them are among the hits is FAISS's choice. Gives the number of hits of
 * each query, 0 and error when it failed. One thread at a time. */
IE_API guint ie_faiss_search (IeFaiss *faiss, const float *query, guint queries, guint top, int threads, IeHit *hits,
                              GError **error);

G_END_DECLS
