// SPDX-License-Identifier: GPL-3.0-or-later
/* The nearest of many vectors, exactly: every vector is looked at. */
#pragma once

#include "core/image.h"

G_BEGIN_DECLS

typedef struct {
  guint32 row;
  float score; /* inner product */
} IeHit;

/* Vectors may have so many numbers: inner products of codes then fit 32 bits. */
#define IE_SEARCH_DIMENSIONS 65536

/* Vectors one after the other, `dimensions` numbers each, at least 4-byte aligned; borrowed. Any may be NULL but one:
 * floats: unit vectors. codes: the vectors as signed bytes, value = code x scales[row], scales positive (NULL: all have the
 * scale 1 / IE_DESCRIPTOR_NORM). With both, codes are scanned and the best `rerank` of them judged again by floats. */
typedef struct {
  guint32 count;
  int dimensions;
  const float *floats;
  const gint8 *codes;
  const float *scales;
} IeVectors;

/* The `top` best rows for a query, best first, rows of equal score ascending; fewer when there are fewer. query: dimensions
 * floats (where codes are scanned, it is rounded to 12 bits, not to 8). hits: room for top. rerank: candidates of a scan of
 * codes that floats judge again; 0: 10 x top, at least 100. threads: in all. The hits depend neither on threads nor on the
 * processor. A score that is no number counts as minus infinity. Gives the number of hits. Any thread. */
IE_API guint ie_search (const IeVectors *vectors, const float *query, guint top, guint rerank, int threads,
                        IeHit *hits);
/* Codes against codes, integers all through: the inner product times 1 / IE_DESCRIPTOR_NORM^2. */
IE_API guint ie_search_codes (const IeVectors *vectors, const gint8 *query, guint top, int threads, IeHit *hits);

/* The same for `queries` queries, one after the other, while vectors are read from memory once. hits: room for queries x
 * top, those of query q from hits[q x top] on; each has as many as are returned. */
IE_API guint ie_search_many (const IeVectors *vectors, const float *query, guint queries, guint top, guint rerank,
                             int threads, IeHit *hits);
IE_API guint ie_search_codes_many (const IeVectors *vectors, const gint8 *query, guint queries, guint top, int threads,
                                   IeHit *hits);

/* All pairs of rows first < second whose codes' inner product is at least `least`, in ascending order; the callback, called
 * in the caller's thread, gives FALSE to stop. For duplicates: blocks of rows that stay in cache against each other. cancel
 * (may be NULL) is read atomically. FALSE when it was cancelled or stopped. */
typedef gboolean (*IePairFound) (gpointer data, guint32 first, guint32 second, gint32 product);
IE_API gboolean ie_search_pairs (const IeVectors *vectors, gint32 least, int threads, const gint *cancel,
                                 IePairFound found, gpointer data);

G_END_DECLS
