// SPDX-License-Identifier: GPL-3.0-or-later
/* Files, the pictures in them, what could not be read, what people said. */
#include "embed/catalogue-private.h"

#include <string.h>

#include "core/i18n.h"

void
ie_catalogue_file_clear (IeCatalogueFile *file)
{
  g_clear_pointer (&file->path, g_free);
}

static void
bind_content (sqlite3_stmt *statement, int place, const guint8 *content)
{
  sqlite3_bind_blob (statement, place, content, IE_CONTENT_BYTES, SQLITE_STATIC);
}

/* path, size, mtime, picture, content, width, height, taken. */
#define FILE_COLUMNS                                                                                                    \
  "SELECT path, size, mtime, picture, content, width, height, taken FROM files JOIN pictures ON pictures.id = picture "

static IeCatalogueFile
file_at (sqlite3_stmt *statement)
{
  IeCatalogueFile file = {
    .path = ie_catalogue_path_at (statement, 0),
    .size = (guint64) sqlite3_column_int64 (statement, 1),
    .mtime = sqlite3_column_int64 (statement, 2),
    .picture = sqlite3_column_int64 (statement, 3),
    .width = sqlite3_column_int (statement, 5),
    .height = sqlite3_column_int (statement, 6),
    .taken = sqlite3_column_type (statement, 7) == SQLITE_NULL ? G_MININT64 : sqlite3_column_int64 (statement, 7),
  };
  if (sqlite3_column_bytes (statement, 4) == IE_CONTENT_BYTES)
    memcpy (file.content, sqlite3_column_blob (statement, 4), IE_CONTENT_BYTES);
  return file;
}

/* ---- looking ---- */

/* The vectors of a picture by an embedding; -1 and error. */
static int
count_vectors (IeCatalogue *catalogue, gint64 embedding, gint64 picture, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (
    catalogue, "SELECT count (*) FROM vectors WHERE embedding = ? AND picture = ?", error);
  if (!statement)
    return -1;
  sqlite3_bind_int64 (statement, 1, embedding);
  sqlite3_bind_int64 (statement, 2, picture);
  int count = ie_catalogue_step (catalogue, statement, error) == 1 ? sqlite3_column_int (statement, 0) : -1;
  sqlite3_reset (statement);
  return count;
}

/* TRUE: the file failed as it is. */
static gboolean
look_failure (IeCatalogue *catalogue, const char *path, guint64 size, gint64 mtime, char **reason, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (
    catalogue, "SELECT reason FROM failures WHERE path = ? AND size = ? AND mtime = ?", error);
  if (!statement)
    return FALSE;
  ie_catalogue_bind_path (statement, 1, path);
  sqlite3_bind_int64 (statement, 2, (gint64) size);
  sqlite3_bind_int64 (statement, 3, mtime);
  gboolean failed = ie_catalogue_step (catalogue, statement, error) == 1;
  if (failed && reason)
    *reason = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_reset (statement);
  return failed;
}

IeFileState
ie_catalogue_look (IeCatalogue *catalogue, const char *path, guint64 size, gint64 mtime, gint64 embedding, int parts,
                   char **reason, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (
    catalogue, "SELECT picture FROM files WHERE path = ? AND size = ? AND mtime = ?", error);
  if (!statement)
    return IE_FILE_NEW;
  ie_catalogue_bind_path (statement, 1, path);
  sqlite3_bind_int64 (statement, 2, (gint64) size);
  sqlite3_bind_int64 (statement, 3, mtime);
  gint64 picture = ie_catalogue_step (catalogue, statement, error) == 1 ? sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_reset (statement);
  if (picture)
    return count_vectors (catalogue, embedding, picture, error) >= parts ? IE_FILE_UNCHANGED : IE_FILE_INCOMPLETE;
  return look_failure (catalogue, path, size, mtime, reason, error) ? IE_FILE_FAILED : IE_FILE_NEW;
}

gint64
ie_catalogue_find_content (IeCatalogue *catalogue, const guint8 content[IE_CONTENT_BYTES], GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (catalogue, "SELECT id FROM pictures WHERE content = ?", error);
  if (!statement)
    return 0;
  bind_content (statement, 1, content);
  gint64 picture = ie_catalogue_step (catalogue, statement, error) == 1 ? sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_reset (statement);
  return picture;
}

gboolean
ie_catalogue_has (IeCatalogue *catalogue, const guint8 content[IE_CONTENT_BYTES], gint64 embedding, int parts)
{
  gint64 picture = ie_catalogue_find_content (catalogue, content, NULL);
  return picture && count_vectors (catalogue, embedding, picture, NULL) >= parts;
}

gboolean
ie_catalogue_find (IeCatalogue *catalogue, const char *path, IeCatalogueFile *file, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (catalogue, FILE_COLUMNS "WHERE path = ?", error);
  if (!statement)
    return FALSE;
  ie_catalogue_bind_path (statement, 1, path);
  gboolean found = ie_catalogue_step (catalogue, statement, error) == 1;
  if (found)
    *file = file_at (statement);
  sqlite3_reset (statement);
  return found;
}

GPtrArray *
ie_catalogue_files_of (IeCatalogue *catalogue, gint64 picture, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (catalogue, FILE_COLUMNS "WHERE picture = ? ORDER BY path", error);
  if (!statement)
    return NULL;
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  int left;
  sqlite3_bind_int64 (statement, 1, picture);
  while ((left = ie_catalogue_step (catalogue, statement, error)) == 1) {
    IeCatalogueFile file = file_at (statement);
    g_ptr_array_add (files, g_memdup2 (&file, sizeof file));
  }
  if (left == 0)
    return files;
  g_ptr_array_unref (files);
  return NULL;
}

gboolean
ie_catalogue_each (IeCatalogue *catalogue, gboolean (*found) (gpointer data, const IeCatalogueFile *file), gpointer data,
                   GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (catalogue, FILE_COLUMNS "ORDER BY path", error);
  int left = -1;
  gboolean more = TRUE;
  while (statement && more && (left = ie_catalogue_step (catalogue, statement, error)) == 1) {
    IeCatalogueFile file = file_at (statement);
    more = found (data, &file);
    ie_catalogue_file_clear (&file);
  }
  if (statement && !more)
    sqlite3_reset (statement);
  return statement && (left == 0 || !more);
}

/* ---- putting ---- */

static gboolean
put_picture (IeCatalogue *catalogue, const IeCatalogueFile *file, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (
    catalogue,
    "INSERT INTO pictures (content, width, height, taken) VALUES (?, ?, ?, ?) ON CONFLICT (content) DO UPDATE SET"
    " width = excluded.width, height = excluded.height, taken = excluded.taken WHERE excluded.width > 0",
    error);
  if (!statement)
    return FALSE;
  bind_content (statement, 1, file->content);
  sqlite3_bind_int (statement, 2, file->width);
  sqlite3_bind_int (statement, 3, file->height);
  if (file->taken != G_MININT64)
    sqlite3_bind_int64 (statement, 4, file->taken);
  return ie_catalogue_run (catalogue, statement, error);
}

static gboolean
put_file (IeCatalogue *catalogue, const IeCatalogueFile *file, gint64 picture, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (
    catalogue,
    "INSERT INTO files (path, size, mtime, picture) VALUES (?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET"
    " size = excluded.size, mtime = excluded.mtime, picture = excluded.picture",
    error);
  if (!statement)
    return FALSE;
  ie_catalogue_bind_path (statement, 1, file->path);
  sqlite3_bind_int64 (statement, 2, (gint64) file->size);
  sqlite3_bind_int64 (statement, 3, file->mtime);
  sqlite3_bind_int64 (statement, 4, picture);
  return ie_catalogue_run (catalogue, statement, error);
}

static gboolean
put_vectors (IeCatalogue *catalogue, gint64 picture, gint64 embedding, int parts, const guint8 *vectors, gsize bytes,
             GError **error)
{
  gboolean good = TRUE;
  for (int part = 0; good && part < parts; part++) {
    sqlite3_stmt *statement = ie_catalogue_statement (
      catalogue, "INSERT OR REPLACE INTO vectors (embedding, picture, part, vector) VALUES (?, ?, ?, ?)", error);
    if (!statement)
      return FALSE;
    sqlite3_bind_int64 (statement, 1, embedding);
    sqlite3_bind_int64 (statement, 2, picture);
    sqlite3_bind_int (statement, 3, part);
    sqlite3_bind_blob64 (statement, 4, vectors + (gsize) part * (bytes / (gsize) parts), bytes / (gsize) parts, SQLITE_STATIC);
    good = ie_catalogue_run (catalogue, statement, error);
  }
  return good;
}

gboolean
ie_catalogue_changed (IeCatalogue *catalogue, gint64 embedding, GError **error)
{
  sqlite3_stmt *statement
    = ie_catalogue_statement (catalogue, "UPDATE embeddings SET generation = generation + 1 WHERE id = ? OR ? = 0", error);
  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, embedding);
  sqlite3_bind_int64 (statement, 2, embedding);
  return ie_catalogue_run (catalogue, statement, error);
}

static gboolean
delete_path (IeCatalogue *catalogue, const char *sql, const char *path, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (catalogue, sql, error);
  if (!statement)
    return FALSE;
  ie_catalogue_bind_path (statement, 1, path);
  return ie_catalogue_run (catalogue, statement, error);
}

gboolean
ie_catalogue_put (IeCatalogue *catalogue, const IeCatalogueFile *file, gint64 embedding, int parts, gconstpointer vectors,
                  gsize bytes, GError **error)
{
  if (!ie_catalogue_begin (catalogue, error))
    return FALSE;
  gboolean good = put_picture (catalogue, file, error);
  gint64 picture = good ? ie_catalogue_find_content (catalogue, file->content, error) : 0;
  good = picture && put_file (catalogue, file, picture, error)
         && delete_path (catalogue, "DELETE FROM failures WHERE path = ?", file->path, error)
         && (parts == 0
             || (put_vectors (catalogue, picture, embedding, parts, vectors, bytes, error)
                 && ie_catalogue_changed (catalogue, embedding, error)));
  return ie_catalogue_settle (catalogue, good, error);
}

gboolean
ie_catalogue_put_failure (IeCatalogue *catalogue, const char *path, guint64 size, gint64 mtime, const char *reason,
                          GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (
    catalogue, "INSERT OR REPLACE INTO failures (path, size, mtime, reason) VALUES (?, ?, ?, ?)", error);
  if (!statement)
    return FALSE;
  ie_catalogue_bind_path (statement, 1, path);
  sqlite3_bind_int64 (statement, 2, (gint64) size);
  sqlite3_bind_int64 (statement, 3, mtime);
  sqlite3_bind_text (statement, 4, reason, -1, SQLITE_STATIC);
  gboolean good = ie_catalogue_begin (catalogue, error);
  return good
         && ie_catalogue_settle (catalogue,
                                 ie_catalogue_run (catalogue, statement, error)
                                   && delete_path (catalogue, "DELETE FROM files WHERE path = ?", path, error),
                                 error);
}

/* ---- folders ---- */

gboolean
ie_catalogue_put_folder (IeCatalogue *catalogue, const char *path, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (catalogue, "INSERT OR IGNORE INTO folders (path) VALUES (?)", error);
  if (!statement)
    return FALSE;
  ie_catalogue_bind_path (statement, 1, path);
  return ie_catalogue_run (catalogue, statement, error);
}

gboolean
ie_catalogue_remove_folder (IeCatalogue *catalogue, const char *path, GError **error)
{
  return delete_path (catalogue, "DELETE FROM folders WHERE path = ?", path, error);
}

static GPtrArray *
paths_of (IeCatalogue *catalogue, sqlite3_stmt *statement, GError **error)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  int left = -1;
  while (statement && (left = ie_catalogue_step (catalogue, statement, error)) == 1)
    g_ptr_array_add (paths, ie_catalogue_path_at (statement, 0));
  if (left == 0)
    return paths;
  g_ptr_array_unref (paths);
  return NULL;
}

GPtrArray *
ie_catalogue_folders (IeCatalogue *catalogue, GError **error)
{
  return paths_of (catalogue, ie_catalogue_statement (catalogue, "SELECT path FROM folders ORDER BY path", error), error);
}

/* The paths of a table at or below `path`. Bytes are compared: what is below begins with "PATH/" and comes before "PATH0". */
static GPtrArray *
paths_below (IeCatalogue *catalogue, const char *sql, const char *path, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (catalogue, sql, error);
  if (!statement)
    return NULL;
  gboolean root = strcmp (path, "/") == 0;
  char *below = root ? g_strdup ("/") : g_strconcat (path, "/", NULL), *after = root ? g_strdup ("0") : g_strconcat (path, "0", NULL);
  ie_catalogue_bind_path (statement, 1, path);
  ie_catalogue_bind_path (statement, 2, below);
  ie_catalogue_bind_path (statement, 3, after);
  GPtrArray *paths = paths_of (catalogue, statement, error);
  sqlite3_clear_bindings (statement);
  g_free (below);
  g_free (after);
  return paths;
}

/* Deletes those that are not to be kept; their number, -1 and error. */
static gint64
delete_paths (IeCatalogue *catalogue, const char *select, const char *sql, const char *path,
              gboolean (*keep) (gpointer data, const char *path), gpointer data, GError **error)
{
  GPtrArray *paths = paths_below (catalogue, select, path, error);
  gint64 deleted = paths ? 0 : -1;
  for (guint i = 0; paths && i < paths->len && deleted >= 0; i++) {
    if (!keep (data, paths->pdata[i]))
      deleted = delete_path (catalogue, sql, paths->pdata[i], error) ? deleted + 1 : -1;
  }
  if (paths)
    g_ptr_array_unref (paths);
  return deleted;
}

/* Contents that no file has any more, with their vectors. */
static gboolean
forget_pictures (IeCatalogue *catalogue, GError **error)
{
  if (!ie_catalogue_run (catalogue,
                         ie_catalogue_statement (
                           catalogue, "DELETE FROM pictures WHERE id NOT IN (SELECT picture FROM files)", error),
                         error))
    return FALSE;
  return sqlite3_changes (catalogue->db) == 0
         || (ie_catalogue_run (catalogue,
                               ie_catalogue_statement (
                                 catalogue, "DELETE FROM vectors WHERE picture NOT IN (SELECT id FROM pictures)", error),
                               error)
             && ie_catalogue_changed (catalogue, 0, error));
}

gint64
ie_catalogue_forget (IeCatalogue *catalogue, const char *path, gboolean (*keep) (gpointer data, const char *path),
                     gpointer data, GError **error)
{
  if (!ie_catalogue_begin (catalogue, error))
    return -1;
  gint64 files = delete_paths (catalogue, "SELECT path FROM files WHERE path = ? OR (path > ? AND path < ?)",
                               "DELETE FROM files WHERE path = ?", path, keep, data, error);
  gboolean good
    = files >= 0
      && delete_paths (catalogue, "SELECT path FROM failures WHERE path = ? OR (path > ? AND path < ?)",
                       "DELETE FROM failures WHERE path = ?", path, keep, data, error) >= 0;
  return ie_catalogue_settle (catalogue, good && forget_pictures (catalogue, error), error) ? files : -1;
}

/* ---- what people said ---- */

static sqlite3_stmt *
apart_statement (IeCatalogue *catalogue, const char *sql, const guint8 *first, const guint8 *second, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (catalogue, sql, error);
  gboolean ordered = memcmp (first, second, IE_CONTENT_BYTES) <= 0;
  if (statement) {
    bind_content (statement, 1, ordered ? first : second);
    bind_content (statement, 2, ordered ? second : first);
  }
  return statement;
}

gboolean
ie_catalogue_put_distinct (IeCatalogue *catalogue, const guint8 first[IE_CONTENT_BYTES],
                           const guint8 second[IE_CONTENT_BYTES], GError **error)
{
  return ie_catalogue_run (
    catalogue, apart_statement (catalogue, "INSERT OR IGNORE INTO apart VALUES (?, ?)", first, second, error), error);
}

gboolean
ie_catalogue_is_distinct (IeCatalogue *catalogue, const guint8 first[IE_CONTENT_BYTES],
                          const guint8 second[IE_CONTENT_BYTES])
{
  sqlite3_stmt *statement
    = apart_statement (catalogue, "SELECT 1 FROM apart WHERE first = ? AND second = ?", first, second, NULL);
  gboolean apart = statement && ie_catalogue_step (catalogue, statement, NULL) == 1;
  if (statement)
    sqlite3_reset (statement);
  return apart;
}

gboolean
ie_catalogue_has_distinct (IeCatalogue *catalogue)
{
  sqlite3_stmt *statement = ie_catalogue_statement (catalogue, "SELECT 1 FROM apart LIMIT 1", NULL);
  gboolean any = statement && ie_catalogue_step (catalogue, statement, NULL) == 1;
  if (statement)
    sqlite3_reset (statement);
  return any;
}

gboolean
ie_catalogue_count (IeCatalogue *catalogue, gint64 embedding, IeCatalogueCounts *counts, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (
    catalogue,
    "SELECT (SELECT count (*) FROM files), (SELECT count (*) FROM pictures), (SELECT count (*) FROM failures),"
    " (SELECT count (*) FROM vectors WHERE embedding = ?)",
    error);
  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, embedding);
  gboolean good = ie_catalogue_step (catalogue, statement, error) == 1;
  if (good)
    *counts = (IeCatalogueCounts){ sqlite3_column_int64 (statement, 0), sqlite3_column_int64 (statement, 1),
                                   sqlite3_column_int64 (statement, 2), sqlite3_column_int64 (statement, 3) };
  sqlite3_reset (statement);
  return good;
}
