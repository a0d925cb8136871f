// SPDX-License-Identifier: GPL-3.0-or-later
/* The vectors of a catalogue in one file that is mapped, as search wants them. Derived: whoever finds it missing, stale or
 * damaged makes it anew from the catalogue. */
#pragma once

#include "embed/search.h"

G_BEGIN_DECLS

typedef struct IeMatrix IeMatrix;

#define IE_MATRIX_ID 63 /* bytes of an id at most */

typedef enum {
  IE_MATRIX_ABSENT,  /* no such file */
  IE_MATRIX_STALE,   /* of another generation or other vectors, or of another version or kind of machine */
  IE_MATRIX_DAMAGED, /* cut short, changed, or no such file at all */
  IE_MATRIX_REFUSED, /* the system would not open or map it: making it anew may help or not */
} IeMatrixState;

/* Maps the file at `path`, read-only, if it holds the vectors `id` of the catalogue's `generation`. Reads header, ids,
 * parts and scales and compares their checksums, not those of codes and floats (ie_matrix_check). NULL, *state (may be
 * NULL) and error, one line. A file that was opened stays whole: a writer puts another in its place. Any thread. */
IE_API IeMatrix *ie_matrix_open (const char *path, guint64 generation, const char *id, IeMatrixState *state,
                                 GError **error);
IE_API void ie_matrix_free (IeMatrix *matrix);

/* Compares the checksums of codes and, if `floats`, floats, with `threads` threads: as fast as memory or disk. FALSE and
 * error when some differ: damaged. cancel (may be NULL) is read atomically: IE_ERROR_CANCELLED. Any thread. */
IE_API gboolean ie_matrix_check (const IeMatrix *matrix, gboolean floats, int threads, const gint *cancel,
                                 GError **error);

/* All borrowed from the matrix. Of each row: the vectors, whose they are, and of which part of it. */
IE_API const IeVectors *ie_matrix_vectors (const IeMatrix *matrix);
IE_API const gint64 *ie_matrix_ids (const IeMatrix *matrix);
IE_API const guint8 *ie_matrix_parts (const IeMatrix *matrix);

/* Writes vectors with an id and a part (parts NULL: all 0) each. id: at most IE_MATRIX_ID bytes. The file is written beside
 * `path` (its name and ".new"), synchronised and then renamed: it is there whole or not at all. One writer at a time: others
 * wait for it. What a writer left that died, the next takes over. FALSE and error: IE_ERROR_PLACE. Any thread. */
IE_API gboolean ie_matrix_write (const char *path, guint64 generation, const char *id, const IeVectors *vectors,
                                 const gint64 *ids, const guint8 *parts, GError **error);

G_END_DECLS
