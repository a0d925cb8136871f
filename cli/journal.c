// SPDX-License-Identifier: GPL-3.0-or-later
/* The journal as a file: opened, locked, read, appended to. */
#include "cli/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "cli/json.h"
#include "core/i18n.h"

#define FIRST_WORDS "{\"journal\": 1"
#define JOURNAL_MODE 0666 /* less the umask */
#define FOLDER_MODE 0777
#define LOCK_ATTEMPTS 20
#define LOCK_PAUSE (50 * 1000) /* microseconds; helpers of a process that was killed take a moment to go */

struct CliJournal {
  char *path;
  int fd; /* -1: read, and not there or closed again */
  gboolean no_sync;
  CliLook look;
  GStringChunk *strings;      /* each string once */
  GHashTable *done, *writing; /* output -> CliEntry */
  GMutex lock;
  gint64 size; /* of what is whole in the file */
};

static gboolean
fail (GError **error, const char *path, IeErrorCode code, const char *reason)
{
  g_set_error (error, IE_ERROR, code, _ ("journal %s: %s"), path, reason);
  return FALSE;
}

static const char *
keep (CliJournal *journal, const char *text)
{
  return text ? g_string_chunk_insert_const (journal->strings, text) : NULL;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static gint64
number_of (GHashTable *members, const char *key)
{
  const char *text = g_hash_table_lookup (members, key);
  return text ? g_ascii_strtoll (text, NULL, 10) : 0;
}

static CliStamp
read_stamp (GHashTable *members, const char *const keys[4])
{
  return (CliStamp){ .size = (guint64)number_of (members, keys[0]),
                     .change_ns = number_of (members, keys[1]),
                     .status_ns = number_of (members, keys[2]),
                     .inode = (guint64)number_of (members, keys[3]) };
}

/* Takes in a line; what is no line of ours says nothing. */
static void
learn (CliJournal *journal, const char *line)
{
  static const char *const input_keys[] = { "input_size", "input_mtime_ns", "input_ctime_ns", "input_inode" };
  static const char *const output_keys[] = { "output_size", "output_mtime_ns", "output_ctime_ns", "output_inode" };
  GHashTable *members = cli_json_read (line);
  const char *status = members ? g_hash_table_lookup (members, "status") : NULL;
  const char *output = members ? g_hash_table_lookup (members, "output") : NULL;
  const char *hash = members ? g_hash_table_lookup (members, "output_hash") : NULL;
  gboolean done = g_strcmp0 (status, "done") == 0;
  if (output && hash && (done || g_strcmp0 (status, "writing") == 0)) {
    CliEntry *entry = g_new (CliEntry, 1);
    *entry = (CliEntry){ .input = keep (journal, g_hash_table_lookup (members, "input")),
                         .look.recipe = keep (journal, g_hash_table_lookup (members, "recipe")),
                         .look.options = keep (journal, g_hash_table_lookup (members, "options")),
                         .look.pictures = keep (journal, g_hash_table_lookup (members, "pictures")),
                         .input_stamp = read_stamp (members, input_keys),
                         .output_stamp = read_stamp (members, output_keys),
                         .input_hash = keep (journal, g_hash_table_lookup (members, "input_hash")),
                         .output_hash = keep (journal, hash) };
    g_hash_table_replace (done ? journal->done : journal->writing, (gpointer)keep (journal, output), entry);
    if (done)
      g_hash_table_remove (journal->writing, output);
  }
  if (members)
    g_hash_table_unref (members);
}

/* Reads all whole lines; journal->size becomes where they end. */
static gboolean
read_lines (CliJournal *journal, GError **error)
{
  int fd = fcntl (journal->fd, F_DUPFD_CLOEXEC, 3);
  FILE *file = fd >= 0 ? fdopen (fd, "r") : NULL;
  char *line = NULL;
  size_t room = 0;
  gboolean ours = file != NULL;
  for (gssize length; ours && (length = getline (&line, &room, file)) > 0;) {
    gboolean whole = line[length - 1] == '\n';
    if (journal->size == 0) /* somebody's else file is not to be written to, or cut */
      ours = strncmp (line, FIRST_WORDS, MIN ((gsize)length, strlen (FIRST_WORDS))) == 0;
    if (!ours || !whole)
      break;
    line[length - 1] = '\0';
    if (strlen (line) == (gsize)length - 1)
      learn (journal, line);
    journal->size += length;
  }
  int number = file && ferror (file) ? errno : !file ? errno : 0;
  if (file)
    fclose (file);
  else if (fd >= 0)
    close (fd);
  free (line);
  if (number)
    return fail (error, journal->path, IE_ERROR_PLACE, g_strerror (number));
  return ours || fail (error, journal->path, IE_ERROR_USAGE, _ ("is another file, not a journal of imgenhance"));
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static gboolean
lock_file (CliJournal *journal, GError **error)
{
  for (int i = 0; i < LOCK_ATTEMPTS; i++) {
    if (flock (journal->fd, LOCK_EX | LOCK_NB) == 0)
      return TRUE;
    if (errno != EWOULDBLOCK && errno != EINTR) /* a file system without locks: nobody else can be kept out */
      return TRUE;
    g_usleep (LOCK_PAUSE);
  }
  return fail (error, journal->path, IE_ERROR_USAGE,
               _ ("another imgenhance is at work with it; wait for that, or say --journal FILE or --no-journal"));
}

static gboolean
open_file (CliJournal *journal, gboolean reading, GError **error)
{
  /* NOFOLLOW: the journal that lies beside the outputs stays there. NONBLOCK: for a FIFO of its name. */
  const int always = O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW;
  struct stat status;
  if (!reading) {
    char *folder = g_path_get_dirname (journal->path);
    int made = g_mkdir_with_parents (folder, FOLDER_MODE), number = errno;
    g_free (folder);
    if (made != 0)
      return fail (error, journal->path, IE_ERROR_PLACE, g_strerror (number));
  }
  journal->fd = open (journal->path, always | (reading ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND), JOURNAL_MODE);
  if (journal->fd < 0)
    return (reading && errno == ENOENT) || fail (error, journal->path, IE_ERROR_PLACE, g_strerror (errno));
  if (fstat (journal->fd, &status) != 0 || !S_ISREG (status.st_mode))
    return fail (error, journal->path, IE_ERROR_USAGE, _ ("is not a regular file"));
  if (!reading && !lock_file (journal, error))
    return FALSE;
  if (!read_lines (journal, error))
    return FALSE;
  if (!reading && ftruncate (journal->fd, journal->size) != 0) /* a last line that was cut */
    return fail (error, journal->path, IE_ERROR_PLACE, g_strerror (errno));
  return TRUE;
}

CliJournal *
cli_journal_open (const char *path, const CliLook *look, gboolean reading, gboolean no_sync, GError **error)
{
  CliJournal *journal = g_new0 (CliJournal, 1);
  journal->path = g_strdup (path);
  journal->fd = -1;
  journal->no_sync = no_sync;
  journal->strings = g_string_chunk_new (1 << 16);
  journal->look = (CliLook){ keep (journal, look->recipe), keep (journal, look->options),
                             keep (journal, look->pictures) };
  journal->done = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  journal->writing = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_mutex_init (&journal->lock);
  if (open_file (journal, reading, error))
    return journal;
  cli_journal_close (journal);
  return NULL;
}

void
cli_journal_close (CliJournal *journal)
{
  if (!journal)
    return;
  if (journal->fd >= 0 && !journal->no_sync)
    fdatasync (journal->fd); /* the done lines; what they say can be found out again */
  if (journal->fd >= 0)
    close (journal->fd);
  g_hash_table_unref (journal->done);
  g_hash_table_unref (journal->writing);
  g_string_chunk_free (journal->strings);
  g_mutex_clear (&journal->lock);
  g_free (journal->path);
  g_free (journal);
}

const char *
cli_journal_path (const CliJournal *journal)
{
  return journal->path;
}

CliLook
cli_journal_look (const CliJournal *journal)
{
  return journal->look;
}

const CliEntry *
cli_journal_find (const CliJournal *journal, const char *status, const char *output)
{
  return g_hash_table_lookup (strcmp (status, "done") == 0 ? journal->done : journal->writing, output);
}

/* ---- appending --------------------------------------------------------------------------------------------------- */

/* One write(), unless the system takes but a part; when the rest fails the part is cut off again. 0 or errno. */
static int
append (CliJournal *journal, const char *line, gsize length)
{
  int number = 0;
  for (gsize done = 0; done < length && !number;) {
    gssize put = write (journal->fd, line + done, length - done);
    number = put < 0 && errno != EINTR ? errno : put == 0 ? EIO : 0;
    done += (gsize)MAX (put, 0);
  }
  if (!number)
    journal->size += (gint64)length;
  else if (ftruncate (journal->fd, journal->size) != 0)
    return number; /* the next opening cuts it */
  return number;
}

gboolean
cli_journal_append (CliJournal *journal, const char *line, gboolean sync, GError **error)
{
  g_mutex_lock (&journal->lock);
  int number = append (journal, line, strlen (line));
  g_mutex_unlock (&journal->lock);
  if (!number && sync && !journal->no_sync && fdatasync (journal->fd) != 0 && errno != EINVAL)
    number = errno;
  return !number || fail (error, journal->path, IE_ERROR_PLACE, g_strerror (number));
}
