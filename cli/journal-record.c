// SPDX-License-Identifier: GPL-3.0-or-later
/* One picture and the journal: whether it was done before, and the lines that say what became of it. */
#include <errno.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/journal.h"
#include "cli/json.h"
#include "core/i18n.h"

struct CliRecord {
  CliJournal *journal;       /* NULL: none */
  char *input, *output;      /* as cli_place_of() names them; for the journal */
  CliStamp stamp;            /* of the input, before it was read */
  char *hash;                /* of the input; for the journal */
  CliStamp output_stamp;     /* of the complete output */
  char *output_hash;         /* NULL: not complete yet */
};

static gboolean
is_pipe (const char *path)
{
  return strcmp (path, "-") == 0;
}

static gboolean
same_look (const CliLook *a, const CliLook *b)
{
  return a->recipe == b->recipe && a->options == b->options && a->pictures == b->pictures;
}

/* Whether the file at `path` still is what the journal says. */
static gboolean
holds (const char *path, const CliStamp *now, const CliStamp *then, const char *hash, gboolean look)
{
  if (!hash || now->size != then->size)
    return FALSE;
  if (!look && cli_stamp_unchanged (then, now))
    return TRUE;
  char *found = cli_hash_path (path, cli_stop_flag ());
  gboolean same = g_strcmp0 (found, hash) == 0;
  g_free (found);
  return same;
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static void
add_text (GString *line, const char *key, const char *text)
{
  cli_json_key (line, key);
  cli_json_string (line, text);
}

static void
add_stamp (GString *line, const char *side, const CliStamp *stamp, const char *hash)
{
  const struct {
    const char *name;
    guint64 value;
  } numbers[] = { { "size", stamp->size },
                  { "mtime_ns", (guint64)stamp->change_ns },
                  { "ctime_ns", (guint64)stamp->status_ns },
                  { "inode", stamp->inode } };
  for (guint i = 0; hash && i < G_N_ELEMENTS (numbers); i++) {
    char *key = g_strdup_printf ("%s_%s", side, numbers[i].name);
    cli_json_key (line, key);
    cli_json_integer (line, numbers[i].value);
    g_free (key);
  }
  char *key = g_strdup_printf ("%s_hash", side);
  add_text (line, key, hash);
  g_free (key);
}

static gboolean
append (const CliRecord *record, const char *status, const char *reason, double seconds, GError **error)
{
  CliLook look = cli_journal_look (record->journal);
  GDateTime *now = g_date_time_new_now_utc ();
  char *time = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  GString *line = g_string_new (NULL);
  cli_json_open (line, '{');
  cli_json_key (line, "journal");
  cli_json_integer (line, 1);
  add_text (line, "status", status);
  add_text (line, "time", time);
  add_text (line, "input", record->input);
  add_text (line, "output", record->output);
  add_text (line, "reason", reason);
  cli_json_key (line, "seconds");
  cli_json_number (line, seconds);
  add_text (line, "recipe", look.recipe);
  add_text (line, "options", look.options);
  add_text (line, "pictures", look.pictures);
  add_stamp (line, "input", &record->stamp, record->hash);
  add_stamp (line, "output", &record->output_stamp, record->output_hash);
  add_text (line, "program", "imgenhance " IE_VERSION);
  cli_json_close (line, '}');
  g_string_append_c (line, '\n');
  gboolean good = cli_journal_append (record->journal, line->str, strcmp (status, "writing") == 0, error);
  g_string_free (line, TRUE);
  g_free (time);
  g_date_time_unref (now);
  return good;
}

/* ---- before ------------------------------------------------------------------------------------------------------ */

/* An earlier process died between giving the output its name and saying so; it is said now. */
static void
adopt (CliRecord *record, const CliEntry *entry, const CliStamp *output)
{
  GError *error = NULL;
  record->hash = g_strdup (entry->input_hash);
  record->output_hash = g_strdup (entry->output_hash);
  record->output_stamp = *output;
  if (!append (record, "done", "finished by an earlier run", 0, &error))
    g_clear_error (&error); /* the writing line says enough for the next run too */
}

/* TRUE: done before. picture->ours: the output is what the journal says it made of this input. */
static gboolean
done_before (CliPicture *picture, CliRecord *record, const CliTask *task)
{
  CliLook look = cli_journal_look (record->journal);
  gboolean verify = task->settings->verify, in_place = task->settings->in_place;
  const CliEntry *entry = NULL;
  CliStamp output;
  if (!cli_stamp_path (picture->output, &output))
    return FALSE;
  const CliEntry *writing = cli_journal_find (record->journal, "writing", record->output);
  if (writing && holds (picture->output, &output, &writing->output_stamp, writing->output_hash, TRUE))
    entry = writing;
  const CliEntry *done = cli_journal_find (record->journal, "done", record->output);
  if (!entry && done && holds (picture->output, &output, &done->output_stamp, done->output_hash, verify))
    entry = done;
  if (!entry || g_strcmp0 (entry->input, record->input) != 0)
    return FALSE;
  picture->ours = TRUE;
  if (!same_look (&entry->look, &look))
    return FALSE;
  /* In place the input is gone; that the file is what we made of it is all there is to know. */
  if (!in_place && !holds (picture->input, &record->stamp, &entry->input_stamp, entry->input_hash, verify))
    return FALSE;
  if (entry == writing && !task->settings->dry_run)
    adopt (record, entry, &output);
  return TRUE;
}

gboolean
cli_record_begin (CliPicture *picture, const CliTask *task, GError **error)
{
  gboolean pipe = is_pipe (picture->input);
  CliRecord *record = g_new0 (CliRecord, 1);
  picture->record = record;
  record->journal = is_pipe (picture->output) ? NULL : task->journal;
  if (!pipe && !cli_stamp_path (picture->input, &record->stamp)) {
    g_clear_pointer (&picture->record, cli_record_free); /* the reader says why */
    return TRUE;
  }
  if (!record->journal)
    return TRUE;
  record->input = pipe ? g_strdup ("-") : cli_place_of (picture->input);
  record->output = cli_place_of (picture->output);
  if (pipe)
    return TRUE;
  if (done_before (picture, record, task))
    return FALSE;
  if (task->settings->dry_run)
    return TRUE;
  record->hash = cli_hash_path (picture->input, cli_stop_flag ());
  if (!record->hash && errno == ECANCELED) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("interrupted"));
    return FALSE;
  }
  return TRUE;
}

/* ---- after ------------------------------------------------------------------------------------------------------- */

static gboolean
hash_output (CliRecord *record, IeOutput *output, GError **error)
{
  int fd = ie_output_fd (output);
  record->output_hash = cli_stamp_fd (fd, &record->output_stamp) ? cli_hash_fd (fd, cli_stop_flag ()) : NULL;
  if (record->output_hash)
    return TRUE;
  if (errno == ECANCELED)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("interrupted"));
  else
    g_set_error (error, IE_ERROR, IE_ERROR_PLACE, _ ("cannot be read again: %s"), g_strerror (errno));
  return FALSE;
}

gboolean
cli_record_settle (const CliPicture *picture, IeOutput *output, GError **error)
{
  CliRecord *record = picture->record;
  CliStamp now;
  if (!record)
    return TRUE;
  if (!is_pipe (picture->input)
      && (!cli_stamp_path (picture->input, &now) || !cli_stamp_same (&record->stamp, &now))) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("changed while it was being read"));
    return FALSE;
  }
  return !record->journal || (hash_output (record, output, error) && append (record, "writing", NULL, 0, error));
}

gboolean
cli_record_end (const CliPicture *picture, const CliTask *task, const CliResult *result, GError **error)
{
  CliRecord *record = picture->record;
  gboolean done = result->status == CLI_STATUS_DONE;
  if (!record || !record->journal || task->settings->dry_run || result->status == CLI_STATUS_SKIPPED
      || g_error_matches (result->error, IE_ERROR, IE_ERROR_CANCELLED))
    return TRUE;
  CliStamp now;
  /* The name changed the time of the status; another file under it is not ours. */
  if (done && cli_stamp_path (picture->output, &now) && cli_stamp_same (&record->output_stamp, &now))
    record->output_stamp = now;
  if (!done)
    g_clear_pointer (&record->output_hash, g_free);
  const char *reason = done ? result->notes->len > 0 ? result->notes->str : NULL : result->error->message;
  return append (record, done ? "done" : "failed", reason, result->seconds, error);
}

const CliStamp *
cli_record_input (const CliPicture *picture)
{
  return picture->record && strcmp (picture->input, "-") != 0 ? &picture->record->stamp : NULL;
}

void
cli_record_free (CliRecord *record)
{
  if (!record)
    return;
  g_free (record->input);
  g_free (record->output);
  g_free (record->hash);
  g_free (record->output_hash);
  g_free (record);
}
