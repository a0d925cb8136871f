// SPDX-License-Identifier: GPL-3.0-or-later
/* A damaged catalogue made anew: whatever rows can be read go into a new file, the old one is kept aside. */
#include "embed/catalogue-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/i18n.h"

typedef struct {
  const char *name, *columns;
  int count;
  const char *forwards, *backwards;
} Table;

/* What people said comes first, since nothing else can bring it back. */
static const Table tables[] = {
  { "apart", "first, second", 2, "first, second", "first DESC, second DESC" },
  { "folders", "path", 1, "path", "path DESC" },
  { "embeddings", "id, name, label, kind, dimensions", 5, "id", "id DESC" },
  { "pictures", "id, content, width, height, taken", 5, "id", "id DESC" },
  { "files", "path, size, mtime, picture", 4, "path", "path DESC" },
  { "vectors", "embedding, picture, part, vector", 4, "embedding, picture, part", "embedding DESC, picture DESC, part DESC" },
  { "failures", "path, size, mtime, reason", 4, "path", "path DESC" },
};

/* Reading stops at the first page that cannot be read: what lies behind it is reached from the other end. */
static void
copy_rows (sqlite3 *from, sqlite3 *into, const Table *table, const char *order)
{
  char *select = g_strdup_printf ("SELECT %s FROM %s ORDER BY %s", table->columns, table->name, order);
  GString *insert = g_string_new (NULL);
  sqlite3_stmt *read = NULL, *write = NULL;
  g_string_printf (insert, "INSERT OR IGNORE INTO %s (%s) VALUES (?", table->name, table->columns);
  for (int i = 1; i < table->count; i++)
    g_string_append (insert, ", ?");
  g_string_append_c (insert, ')');
  if (sqlite3_prepare_v2 (from, select, -1, &read, NULL) == SQLITE_OK
      && sqlite3_prepare_v2 (into, insert->str, -1, &write, NULL) == SQLITE_OK)
    while (sqlite3_step (read) == SQLITE_ROW) {
      for (int i = 0; i < table->count; i++)
        sqlite3_bind_value (write, i + 1, sqlite3_column_value (read, i));
      sqlite3_step (write);
      sqlite3_reset (write);
    }
  sqlite3_finalize (read);
  sqlite3_finalize (write);
  g_string_free (insert, TRUE);
  g_free (select);
}

/* What hangs in the air after that: a file whose content is not known is new for the next run. */
static const char *const prune =
  "DELETE FROM pictures WHERE typeof (content) <> 'blob' OR length (content) <> 16;"
  "DELETE FROM files WHERE typeof (path) <> 'blob' OR picture NOT IN (SELECT id FROM pictures);"
  "DELETE FROM pictures WHERE id NOT IN (SELECT picture FROM files);"
  "DELETE FROM vectors WHERE picture NOT IN (SELECT id FROM pictures) OR embedding NOT IN (SELECT id FROM embeddings);";

static gboolean
fill (const char *damaged, sqlite3 *into, gint64 *saved, GError **error)
{
  sqlite3 *from = NULL;
  sqlite3_stmt *statement = NULL;
  if (!ie_catalogue_execute (into, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE", error))
    return FALSE;
  if (sqlite3_open_v2 (damaged, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
    for (gsize i = 0; i < G_N_ELEMENTS (tables); i++) {
      copy_rows (from, into, &tables[i], tables[i].forwards);
      copy_rows (from, into, &tables[i], tables[i].backwards);
    }
  sqlite3_close (from);
  if (!ie_catalogue_execute (into, prune, error) || !ie_catalogue_execute (into, "COMMIT", error)
      || !ie_catalogue_execute (into, "PRAGMA wal_checkpoint (TRUNCATE)", error))
    return FALSE;
  if (sqlite3_prepare_v2 (into, "SELECT count (*) FROM files", -1, &statement, NULL) == SQLITE_OK
      && sqlite3_step (statement) == SQLITE_ROW)
    *saved = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return TRUE;
}

/* The log of a database belongs to it and to nothing else. */
static void
move_log (const char *path, const char *to)
{
  static const char *const ends[] = { "-wal", "-shm" };
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++) {
    char *from = g_strconcat (path, ends[i], NULL), *into = to ? g_strconcat (to, ends[i], NULL) : NULL;
    if (into)
      g_rename (from, into);
    else
      g_unlink (from);
    g_free (from);
    g_free (into);
  }
}

static char *
name_aside (const char *path)
{
  char *aside = NULL;
  for (int i = 1; !aside; i++) {
    aside = g_strdup_printf ("%s.damaged-%d", path, i);
    if (g_file_test (aside, G_FILE_TEST_EXISTS))
      g_clear_pointer (&aside, g_free);
  }
  return aside;
}

static gboolean
replace (const char *path, const char *anew, char **aside, GError **error)
{
  *aside = name_aside (path);
  /* The old log goes first: it must not be found beside the new file. */
  move_log (path, *aside);
  if (g_rename (path, *aside) == 0 && g_rename (anew, path) == 0)
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_PLACE, _ ("the catalogue cannot be replaced: %s"), g_strerror (errno));
  g_clear_pointer (aside, g_free);
  return FALSE;
}

static gboolean
repair (const char *path, char **aside, gint64 *saved, GError **error)
{
  char *anew = g_strdup_printf ("%s.anew-%d", path, (int) getpid ());
  sqlite3 *into = ie_catalogue_open_db (anew, IE_CATALOGUE_WRITE, error);
  gboolean good = into && fill (path, into, saved, error);
  sqlite3_close (into);
  good = good && replace (path, anew, aside, error);
  if (!good)
    g_unlink (anew);
  move_log (anew, NULL);
  g_free (anew);
  return good;
}

/* Whether somebody else repaired it while we waited. */
static gboolean
is_sound (const char *path)
{
  IeCatalogue *catalogue = ie_catalogue_open (path, IE_CATALOGUE_READ, NULL);
  gboolean sound = catalogue && ie_catalogue_check (catalogue, NULL);
  ie_catalogue_close (catalogue);
  return sound;
}

gboolean
ie_catalogue_repair (const char *path, char **aside, gint64 *saved, GError **error)
{
  char *name = g_strconcat (path, ".lock", NULL);
  int lock = g_open (name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  *aside = NULL;
  *saved = 0;
  if (lock >= 0)
    while (flock (lock, LOCK_EX) != 0 && errno == EINTR)
      ;
  gboolean good = is_sound (path) || repair (path, aside, saved, error);
  if (lock >= 0) {
    g_unlink (name);
    close (lock);
  }
  g_free (name);
  return good;
}
