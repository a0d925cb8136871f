// SPDX-License-Identifier: GPL-3.0-or-later
/* The catalogue: which files there are, what is in them, and their vectors. One SQLite file; several processes may work on
 * it at once (write-ahead log, every change a transaction of its own).
 *
 * A *picture* is a content, known by the hash of the file's bytes; a *file* is a path that holds one. So a moved file keeps its
 * vectors, and ten copies have one. A vector belongs to a picture, an embedding (what made it) and a part of the picture.
 * Paths are bytes, absolute. Every function but the first two may fail with IE_ERROR_PLACE (disk, lock, a catalogue that is
 * damaged: ie_catalogue_is_damaged()). A catalogue is used by one thread at a time.
 */
#pragma once

#include "core/error.h"
#include "embed/matrix.h"

G_BEGIN_DECLS

#define IE_CONTENT_BYTES 16

typedef struct IeCatalogue IeCatalogue;

/* $XDG_DATA_HOME/imgenhance/catalogue.db. g_free(). */
IE_API char *ie_catalogue_usual_path (void);

typedef enum { IE_CATALOGUE_READ, IE_CATALOGUE_WRITE } IeCatalogueMode;

/* WRITE makes it, and the folders of its path, when it is not there. NULL and error: READ and not there (IE_ERROR_INPUT),
 * not to be opened, of a newer version, damaged. */
IE_API IeCatalogue *ie_catalogue_open (const char *path, IeCatalogueMode mode, GError **error);
IE_API void ie_catalogue_close (IeCatalogue *catalogue);

/* Whether the error says that the file is no catalogue any more. */
IE_API gboolean ie_catalogue_is_damaged (const GError *error);
/* Looks through the whole file. FALSE and error when something in it is damaged. */
IE_API gboolean ie_catalogue_check (IeCatalogue *catalogue, GError **error);
/* Makes a damaged catalogue anew from all rows that can still be read; what was there is kept as *aside (PATH.damaged-N,
 * g_free()). *saved: files in the new one. The catalogue is not open in this process meanwhile. */
IE_API gboolean ie_catalogue_repair (const char *path, char **aside, gint64 *saved, GError **error);

/* ---- what made a vector ---- */

typedef enum { IE_VECTOR_CODES, IE_VECTOR_FLOATS } IeVectorKind;

/* The number of an embedding in the catalogue: made when it is not there. id: as ie_descriptor_id() or IeModelInfo.id; label: what
 * people call it. -1 and error. */
IE_API gint64 ie_catalogue_embedding (IeCatalogue *catalogue, const char *id, const char *label, IeVectorKind kind,
                                      int dimensions, GError **error);
/* The same, not made: 0 when it is not there. */
IE_API gint64 ie_catalogue_find_embedding (IeCatalogue *catalogue, const char *id, GError **error);

/* ---- files ---- */

typedef struct {
  char *path; /* g_free() with the rest: ie_catalogue_file_clear() */
  guint64 size;
  gint64 mtime; /* ns */
  gint64 picture;
  guint8 content[IE_CONTENT_BYTES];
  int width, height;
  gint64 taken; /* ms; G_MININT64: not known */
} IeCatalogueFile;

IE_API void ie_catalogue_file_clear (IeCatalogueFile *file);

typedef enum {
  IE_FILE_NEW,       /* to be hashed */
  IE_FILE_UNCHANGED, /* and all vectors of this embedding and these parts are there */
  IE_FILE_INCOMPLETE, /* unchanged, but vectors are missing */
  IE_FILE_FAILED,    /* unchanged, and could not be read the last time: *reason says why */
} IeFileState;

/* What is known of a file as it is now. */
IE_API IeFileState ie_catalogue_look (IeCatalogue *catalogue, const char *path, guint64 size, gint64 mtime, gint64 embedding,
                                      int parts, char **reason, GError **error);
/* Whether a content is known with all these vectors: then a file of it needs no decoding. */
IE_API gboolean ie_catalogue_has (IeCatalogue *catalogue, const guint8 content[IE_CONTENT_BYTES], gint64 embedding, int parts);

/* The picture of a content; 0: there is none, or error. */
IE_API gint64 ie_catalogue_find_content (IeCatalogue *catalogue, const guint8 content[IE_CONTENT_BYTES], GError **error);

/* Puts a file, its content, and (parts > 0) its vectors one after the other, `bytes` in all; in one transaction. width 0: size
 * and time of the content are known already, or not at all. */
IE_API gboolean ie_catalogue_put (IeCatalogue *catalogue, const IeCatalogueFile *file, gint64 embedding, int parts,
                                  gconstpointer vectors, gsize bytes, GError **error);
/* Notes that a file could not be read. */
IE_API gboolean ie_catalogue_put_failure (IeCatalogue *catalogue, const char *path, guint64 size, gint64 mtime,
                                          const char *reason, GError **error);
/* Begins and ends a transaction around many of these (for speed); nested ones are part of it. */
IE_API gboolean ie_catalogue_begin (IeCatalogue *catalogue, GError **error);
IE_API gboolean ie_catalogue_end (IeCatalogue *catalogue, GError **error);

/* Notes a folder that was indexed; all of them, g_ptr_array_unref(). */
IE_API gboolean ie_catalogue_put_folder (IeCatalogue *catalogue, const char *path, GError **error);
IE_API gboolean ie_catalogue_remove_folder (IeCatalogue *catalogue, const char *path, GError **error);
IE_API GPtrArray *ie_catalogue_folders (IeCatalogue *catalogue, GError **error);

/* Forgets the files at or below `path` that keep() does not want; contents without files go with their vectors. Their number,
 * -1 and error. */
IE_API gint64 ie_catalogue_forget (IeCatalogue *catalogue, const char *path, gboolean (*keep) (gpointer data, const char *path),
                                   gpointer data, GError **error);

/* Calls found() for every file, in the order of paths' bytes; found() gives FALSE to stop. The file is the catalogue's. */
IE_API gboolean ie_catalogue_each (IeCatalogue *catalogue, gboolean (*found) (gpointer data, const IeCatalogueFile *file),
                                   gpointer data, GError **error);
/* The files of a picture, of IeCatalogueFile, in the order of paths. NULL and error. */
IE_API GPtrArray *ie_catalogue_files_of (IeCatalogue *catalogue, gint64 picture, GError **error);
/* The file at a path. FALSE without error: not there. */
IE_API gboolean ie_catalogue_find (IeCatalogue *catalogue, const char *path, IeCatalogueFile *file, GError **error);
/* The vector of a picture; NULL without error: not there. */
IE_API GBytes *ie_catalogue_vector (IeCatalogue *catalogue, gint64 embedding, gint64 picture, int part, GError **error);

typedef struct {
  gint64 files, pictures, failures, vectors;
} IeCatalogueCounts;
IE_API gboolean ie_catalogue_count (IeCatalogue *catalogue, gint64 embedding, IeCatalogueCounts *counts, GError **error);

/* ---- what people said ---- */

/* Remembers that two contents are not duplicates of each other; asks for it, and whether there is any such pair. */
IE_API gboolean ie_catalogue_put_distinct (IeCatalogue *catalogue, const guint8 first[IE_CONTENT_BYTES],
                                           const guint8 second[IE_CONTENT_BYTES], GError **error);
IE_API gboolean ie_catalogue_is_distinct (IeCatalogue *catalogue, const guint8 first[IE_CONTENT_BYTES],
                                          const guint8 second[IE_CONTENT_BYTES]);

IE_API gboolean ie_catalogue_has_distinct (IeCatalogue *catalogue);

/* ---- all vectors ---- */

/* The vectors of an embedding as a mapped matrix (embed/matrix.h), whose ids are pictures: from the cache beside the catalogue
 * when it is of now, else made anew, and kept there if that can be written. *made (may be NULL): what was wrong with a
 * cache that was damaged, g_free(); else NULL. */
IE_API IeMatrix *ie_catalogue_matrix (IeCatalogue *catalogue, gint64 embedding, char **made, GError **error);

G_END_DECLS
