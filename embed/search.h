// SPDX-License-Identifier: GPL-3.0-or-later
/* The nearest of many vectors, exactly: every vector is looked at. */
#pragma once

#include "core/image.h"

G_BEGIN_DECLS

typedef struct {
  guint32 row;
  float score; /* inner product */
} IeHit;

/* Vectors one after the other, `dimensions` numbers each, at least 4-byte aligned; borrowed. Any may be NULL but one:
 * floats: unit vectors. codes: the vectors as signed bytes, value = code x scales[row] (scales NULL: all have the scale 1 /
 * IE_DESCRIPTOR_NORM). With both, codes are scanned and the best `rerank` of them judged again by floats. */
typedef struct {
  guint32 count;
  int dimensions;
  const float *floats;
  const gint8 *codes;
  const float *scales;
} IeVectors;

/* The `top` best rows for a query, best first, rows of equal score ascending; fewer when there are fewer. query: dimensions
 * floats (codes are made of it where codes are scanned) or, where query_codes is not NULL, that with query_scale. hits: room
 * for top. rerank: candidates of a scan of codes that floats judge again; 0: 10 x top, at least 100. threads: in all.
 * The hits do not depend on threads. Gives their number. Any thread. */
IE_API guint ie_search (const IeVectors *vectors, const float *query, guint top, guint rerank, int threads, IeHit *hits);
/* Codes against codes, integers all through: the inner product times 1 / IE_DESCRIPTOR_NORM^2. */
IE_API guint ie_search_codes (const IeVectors *vectors, const gint8 *query, guint top, int threads, IeHit *hits);

/* All pairs of rows first < second whose codes' inner product is at least `least`, in ascending order; the callback gives
 * FALSE to stop. For duplicates: blocks of rows that stay in cache against each other. */
typedef gboolean (*IePairFound) (gpointer data, guint32 first, guint32 second, gint32 product);
IE_API gboolean ie_search_pairs (const IeVectors *vectors, gint32 least, int threads, const gint *cancel, IePairFound found,
                                 gpointer data);

G_END_DECLS
