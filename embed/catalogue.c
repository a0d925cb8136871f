// SPDX-License-Identifier: GPL-3.0-or-later
/* The database itself: opened, set up, its statements kept. What stands in it is in catalogue-files.c and
 * catalogue-vectors.c; catalogue-repair.c makes it anew. */
#include "embed/catalogue-private.h"

#include <glib/gstdio.h>
#include <string.h>

#include "core/i18n.h"

/* Another process may hold the lock while it puts what one picture gave; hours of waiting help nobody. */
#define PATIENCE_MS 60000

/* A content hash, a vector for each embedding and part; paths are bytes. The generation of an embedding changes with its set of
 * vectors; it begins anywhere, so that a cache of another catalogue does not fit by chance. */
static const char *const tables =
  "CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS folders (path BLOB PRIMARY KEY) WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS embeddings (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, label TEXT NOT NULL,"
  " kind INTEGER NOT NULL, dimensions INTEGER NOT NULL, generation INTEGER NOT NULL DEFAULT (abs (random () >> 16)));"
  "CREATE TABLE IF NOT EXISTS pictures (id INTEGER PRIMARY KEY, content BLOB NOT NULL UNIQUE, width INTEGER NOT NULL,"
  " height INTEGER NOT NULL, taken INTEGER);"
  "CREATE TABLE IF NOT EXISTS files (path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime INTEGER NOT NULL,"
  " picture INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE INDEX IF NOT EXISTS files_of_picture ON files (picture);"
  "CREATE TABLE IF NOT EXISTS vectors (embedding INTEGER NOT NULL, picture INTEGER NOT NULL, part INTEGER NOT NULL,"
  " vector BLOB NOT NULL, PRIMARY KEY (embedding, picture, part)) WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS failures (path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime INTEGER NOT NULL,"
  " reason TEXT NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS apart (first BLOB NOT NULL, second BLOB NOT NULL, PRIMARY KEY (first, second)) WITHOUT ROWID;"
  "INSERT OR IGNORE INTO about VALUES ('schema', 1);";

static G_DEFINE_QUARK (ie-catalogue-damaged, damaged)

char *
ie_catalogue_usual_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "imgenhance", "catalogue.db", NULL);
}

gboolean
ie_catalogue_is_damaged (const GError *error)
{
  return error && error->domain == damaged_quark ();
}

gboolean
ie_catalogue_fail (sqlite3 *db, GError **error)
{
  int code = sqlite3_errcode (db) & 0xff;
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    g_set_error_literal (error, damaged_quark (), 0, _ ("the catalogue is damaged"));
  else if (code == SQLITE_BUSY)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_PLACE, _ ("the catalogue is in use by another process"));
  else if (code == SQLITE_FULL)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_PLACE, _ ("no space left for the catalogue"));
  else
    g_set_error (error, IE_ERROR, IE_ERROR_PLACE, _ ("the catalogue cannot be used: %s"), sqlite3_errmsg (db));
  return FALSE;
}

gboolean
ie_catalogue_execute (sqlite3 *db, const char *sql, GError **error)
{
  return sqlite3_exec (db, sql, NULL, NULL, NULL) == SQLITE_OK || ie_catalogue_fail (db, error);
}

/* 0: there is no table of that name yet. -1 and error. */
static int
schema_of (sqlite3 *db, GError **error)
{
  sqlite3_stmt *statement = NULL;
  int schema = -1;
  if (sqlite3_prepare_v2 (db, "SELECT count (*) FROM sqlite_master WHERE name = 'about'", -1, &statement, NULL) == SQLITE_OK
      && sqlite3_step (statement) == SQLITE_ROW)
    schema = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  statement = NULL;
  if (schema > 0) {
    schema = -1;
    if (sqlite3_prepare_v2 (db, "SELECT value FROM about WHERE key = 'schema'", -1, &statement, NULL) == SQLITE_OK
        && sqlite3_step (statement) == SQLITE_ROW)
      schema = sqlite3_column_int (statement, 0);
    sqlite3_finalize (statement);
  }
  if (schema < 0)
    ie_catalogue_fail (db, error);
  return schema;
}

/* To change to a log SQLite takes the file for itself, and for that it does not wait: where two make a catalogue at once, one of
 * them is refused. */
static gboolean
use_log (sqlite3 *db, GError **error)
{
  for (int waited = 0; sqlite3_exec (db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) != SQLITE_OK; waited += 10) {
    if ((sqlite3_errcode (db) & 0xff) != SQLITE_BUSY || waited >= PATIENCE_MS)
      return ie_catalogue_fail (db, error);
    sqlite3_sleep (10);
  }
  return ie_catalogue_execute (db, "PRAGMA synchronous = NORMAL", error);
}

static gboolean
set_up (sqlite3 *db, IeCatalogueMode mode, GError **error)
{
  sqlite3_extended_result_codes (db, 0);
  sqlite3_busy_timeout (db, PATIENCE_MS);
  int schema = schema_of (db, error);
  if (schema < 0)
    return FALSE;
  if (schema > IE_CATALOGUE_SCHEMA) {
    g_set_error (error, IE_ERROR, IE_ERROR_PLACE, _ ("the catalogue is of a newer imgenhance (version %d)"), schema);
    return FALSE;
  }
  if (schema == 0 && mode == IE_CATALOGUE_READ) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("is not a catalogue"));
    return FALSE;
  }
  if (mode == IE_CATALOGUE_READ)
    return TRUE;
  return use_log (db, error)
         && (schema > 0
             || (ie_catalogue_execute (db, "BEGIN IMMEDIATE", error) && ie_catalogue_execute (db, tables, error)
                 && ie_catalogue_execute (db, "COMMIT", error)));
}

static sqlite3 *
open_as (const char *name, int flags, IeCatalogueMode mode, int *code, GError **error)
{
  sqlite3 *db = NULL;
  *code = sqlite3_open_v2 (name, &db, flags | SQLITE_OPEN_NOMUTEX, NULL);
  if (*code != SQLITE_OK)
    ie_catalogue_fail (db, error);
  else if (set_up (db, mode, error))
    return db;
  *code = sqlite3_errcode (db) & 0xff;
  sqlite3_close (db);
  return NULL;
}

/* Where nothing may be written (a disc, another's folder), not even the lock, the file is read as it is: SQLite's "immutable"
 * (https://www.sqlite.org/c3ref/open.html). */
static sqlite3 *
open_immutable (const char *path, GError **error)
{
  char *whole = g_canonicalize_filename (path, NULL), *uri = g_filename_to_uri (whole, NULL, NULL);
  char *name = g_strconcat (uri ? uri : "", "?immutable=1", NULL);
  int code;
  sqlite3 *db = open_as (name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, IE_CATALOGUE_READ, &code, error);
  g_free (name);
  g_free (uri);
  g_free (whole);
  return db;
}

sqlite3 *
ie_catalogue_open_db (const char *path, IeCatalogueMode mode, GError **error)
{
  int code, flags = SQLITE_OPEN_READWRITE | (mode == IE_CATALOGUE_WRITE ? SQLITE_OPEN_CREATE : 0);
  GError *failed = NULL;
  sqlite3 *db = open_as (path, flags, mode, &code, &failed);
  if (!db && mode == IE_CATALOGUE_READ && (code == SQLITE_READONLY || code == SQLITE_CANTOPEN)) {
    g_clear_error (&failed);
    db = open_immutable (path, &failed);
  }
  if (!db)
    g_propagate_error (error, failed);
  return db;
}

static void
finalize (gpointer statement)
{
  sqlite3_finalize (statement);
}

IeCatalogue *
ie_catalogue_open (const char *path, IeCatalogueMode mode, GError **error)
{
  GError *failed = NULL;
  if (mode == IE_CATALOGUE_READ && !g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("there is no catalogue yet; imgenhance index FOLDER makes it"));
    return NULL;
  }
  if (mode == IE_CATALOGUE_WRITE) {
    char *folder = g_path_get_dirname (path);
    g_mkdir_with_parents (folder, 0700);
    g_free (folder);
  }
  sqlite3 *db = ie_catalogue_open_db (path, mode, &failed);
  if (!db) {
    g_propagate_error (error, failed);
    return NULL;
  }
  IeCatalogue *catalogue = g_new0 (IeCatalogue, 1);
  catalogue->db = db;
  catalogue->path = g_strdup (path);
  catalogue->statements = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, finalize);
  return catalogue;
}

void
ie_catalogue_close (IeCatalogue *catalogue)
{
  if (!catalogue)
    return;
  g_hash_table_unref (catalogue->statements);
  sqlite3_close (catalogue->db);
  g_free (catalogue->path);
  g_free (catalogue);
}

gboolean
ie_catalogue_check (IeCatalogue *catalogue, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (catalogue, "PRAGMA quick_check (1)", error);
  if (!statement || ie_catalogue_step (catalogue, statement, error) != 1)
    return FALSE;
  gboolean good = strcmp ((const char *) sqlite3_column_text (statement, 0), "ok") == 0;
  sqlite3_reset (statement);
  if (!good)
    g_set_error_literal (error, damaged_quark (), 0, _ ("the catalogue is damaged"));
  return good;
}

/* ---- statements ---- */

sqlite3_stmt *
ie_catalogue_statement (IeCatalogue *catalogue, const char *sql, GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (catalogue->statements, sql);
  if (!statement) {
    if (sqlite3_prepare_v3 (catalogue->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
      ie_catalogue_fail (catalogue->db, error);
      return NULL;
    }
    g_hash_table_insert (catalogue->statements, (gpointer) sql, statement);
  }
  sqlite3_clear_bindings (statement);
  return statement;
}

int
ie_catalogue_step (IeCatalogue *catalogue, sqlite3_stmt *statement, GError **error)
{
  int code = sqlite3_step (statement);
  if (code == SQLITE_ROW)
    return 1;
  if (code != SQLITE_DONE)
    ie_catalogue_fail (catalogue->db, error);
  sqlite3_reset (statement);
  return code == SQLITE_DONE ? 0 : -1;
}

gboolean
ie_catalogue_run (IeCatalogue *catalogue, sqlite3_stmt *statement, GError **error)
{
  int left = 1;
  while (statement && (left = ie_catalogue_step (catalogue, statement, error)) == 1)
    ;
  return statement && left == 0;
}

void
ie_catalogue_bind_path (sqlite3_stmt *statement, int place, const char *path)
{
  sqlite3_bind_blob (statement, place, path, (int) strlen (path), SQLITE_STATIC);
}

char *
ie_catalogue_path_at (sqlite3_stmt *statement, int column)
{
  const char *bytes = sqlite3_column_blob (statement, column);
  return g_strndup (bytes ? bytes : "", (gsize) sqlite3_column_bytes (statement, column));
}

/* ---- transactions ---- */

gboolean
ie_catalogue_begin (IeCatalogue *catalogue, GError **error)
{
  if (catalogue->depth == 0 && !ie_catalogue_run (catalogue, ie_catalogue_statement (catalogue, "BEGIN IMMEDIATE", error), error))
    return FALSE;
  catalogue->depth++;
  return TRUE;
}

gboolean
ie_catalogue_end (IeCatalogue *catalogue, GError **error)
{
  if (--catalogue->depth > 0)
    return TRUE;
  gboolean good = ie_catalogue_run (catalogue, ie_catalogue_statement (catalogue, "COMMIT", error), error);
  if (!good)
    sqlite3_exec (catalogue->db, "ROLLBACK", NULL, NULL, NULL);
  return good;
}

gboolean
ie_catalogue_settle (IeCatalogue *catalogue, gboolean good, GError **error)
{
  if (good)
    return ie_catalogue_end (catalogue, error);
  if (--catalogue->depth == 0)
    sqlite3_exec (catalogue->db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}
