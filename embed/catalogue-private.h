// SPDX-License-Identifier: GPL-3.0-or-later
/* What the files of the catalogue share: an open database and its statements. */
#pragma once

#include <sqlite3.h>

#include "embed/catalogue.h"

struct IeCatalogue {
  sqlite3 *db;
  char *path;
  GHashTable *statements; /* text (static) -> sqlite3_stmt *, kept */
  int depth;              /* of ie_catalogue_begin() */
};

/* Version of the tables; a catalogue of a higher one is not touched. */
#define IE_CATALOGUE_SCHEMA 1

/* The error of the last call: IE_ERROR_PLACE, or that of ie_catalogue_is_damaged(). Gives FALSE. */
gboolean ie_catalogue_fail (sqlite3 *db, GError **error);

/* The statement of a text that is the program's own, ready for values. NULL and error. */
sqlite3_stmt *ie_catalogue_statement (IeCatalogue *catalogue, const char *sql, GError **error);
/* One row of it: 1; none (any more), and the statement is reset: 0; -1 and error, and it is reset. */
int ie_catalogue_step (IeCatalogue *catalogue, sqlite3_stmt *statement, GError **error);
/* Runs it to its end. */
gboolean ie_catalogue_run (IeCatalogue *catalogue, sqlite3_stmt *statement, GError **error);
/* Several statements without values. */
gboolean ie_catalogue_execute (sqlite3 *db, const char *sql, GError **error);

/* Paths and contents are blobs; borrowed until the statement is reset. */
void ie_catalogue_bind_path (sqlite3_stmt *statement, int place, const char *path);
/* A copy of a blob as bytes with a NUL behind. g_free(). */
char *ie_catalogue_path_at (sqlite3_stmt *statement, int column);

/* Ends a transaction: kept when good, else undone (where it is part of another one: left to that). Gives whether it was kept. */
gboolean ie_catalogue_settle (IeCatalogue *catalogue, gboolean good, GError **error);
/* The vectors of an embedding (0: of all) are others from now on. */
gboolean ie_catalogue_changed (IeCatalogue *catalogue, gint64 embedding, GError **error);

/* Opens the database, sets it up (WRITE makes the tables). */
sqlite3 *ie_catalogue_open_db (const char *path, IeCatalogueMode mode, GError **error);
