// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance index: puts the pictures of folders into the catalogue. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/embedding.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/reading-options.h"
#include "cli/similar-options.h"
#include "cli/terminal.h"
#include "core/i18n.h"
#include "embed/content.h"

typedef struct {
  const char *catalogue, *model;
  gboolean crops, retry, forget, json, progress, quiet;
  int jobs, export; /* export: 0 none, 1 csv */
  CliModelOptions running;
  CliWorkerOptions worker;
} IndexSettings;

static const char *const export_choices[] = { "none", "csv", NULL };

#define AT(member) offsetof (IndexSettings, member)

static const CliOption options[] = {
  CLI_CATALOGUE_OPTION (AT (catalogue)),
  CLI_MODEL_OPTION (AT (model)),
  { "crops", 0, CLI_FLAG, NULL,
    N_ ("Describe the centre and the quadrants of each picture, too, so that crops are found: six times the space. For the "
        "built-in descriptors."),
    AT (crops) },
  { "jobs", 'j', CLI_INT, "N", N_ ("Pictures at a time; by default as many as there are processors."), AT (jobs), .min = 1,
    .max = 1024 },
  { "retry", 0, CLI_FLAG, NULL,
    N_ ("Try again what could not be read the last time and has not changed since; by default such files are passed over."),
    AT (retry) },
  { "forget", 0, CLI_FLAG, NULL,
    N_ ("Take the named files and folders out of the catalogue. What vanished from a folder that is there is forgotten "
        "even without this option."),
    AT (forget) },
  { "export", 0, CLI_CHOICE, "FORMAT",
    N_ ("Print the catalogue when it is up to date: path, size, time of change, pixels, content hash, model and vector."),
    AT (export), export_choices },
  { "json", 0, CLI_FLAG, NULL, N_ ("Print the counts, and the files that could not be read with the reasons, as an object."),
    AT (json) },
  { "progress", 0, CLI_FLAG, NULL,
    N_ ("Print a line like \"progress 12 of 340\" on standard error now and then, for programs."), AT (progress) },
  { "quiet", 'q', CLI_FLAG, NULL, N_ ("Print errors only."), AT (quiet) },
  CLI_MODEL_OPTIONS (AT (running)),
  CLI_WORKER_OPTIONS (AT (worker)),
  { NULL },
};

typedef enum { FOUND_NEW, FOUND_KNOWN, FOUND_UNCHANGED, FOUND_FAILED, FOUND_FAILED_BEFORE, FOUND_LAST } Found;

typedef struct {
  const IndexSettings *settings;
  CliEmbedding *embedding;
  IeCatalogue *catalogue;
  const char *path;   /* of the catalogue */
  gint64 number;      /* of the embedding */
  GPtrArray *pictures; /* of CliPicture: input is absolute */
  int jobs;
  gint next;
  GMutex lock; /* of what follows, and of the catalogue */
  GCond changed;
  int counts[FOUND_LAST], over, ended;
  GString *failures; /* of JSON */
  GError *error;     /* of the catalogue: ends it all */
} Indexing;

/* ---- one picture ---- */

static void
note_failure (Indexing *indexing, const char *path, const char *reason)
{
  cli_error (path, reason);
  if (!indexing->failures)
    return;
  cli_json_open (indexing->failures, '{');
  cli_json_key (indexing->failures, "path");
  cli_json_string (indexing->failures, path);
  cli_json_key (indexing->failures, "reason");
  cli_json_string (indexing->failures, reason);
  cli_json_close (indexing->failures, '}');
}

static gint64
change_time (const struct stat *status)
{
  return (gint64)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

/* Describes what is open at fd (not taken) and puts it. TRUE with *found; FALSE and error. */
static gboolean
describe (Indexing *indexing, int fd, IeCatalogueFile *file, Found *found, GError **error)
{
  CliEmbedding *embedding = indexing->embedding;
  CliPrepared facts;
  GBytes *prepared = NULL, *vectors = NULL;
  int again = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  if (again < 0) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, g_strerror (errno));
    return FALSE;
  }
  gboolean good = cli_prepare_fd (&indexing->settings->worker, again, &embedding->prepare, indexing->jobs, &prepared, &facts,
                                  error)
                  && (vectors = cli_embedding_vectors (embedding, prepared, error));
  if (good) {
    file->width = facts.width;
    file->height = facts.height;
    file->taken = facts.taken;
    g_mutex_lock (&indexing->lock);
    if (!indexing->error)
      ie_catalogue_put (indexing->catalogue, file, indexing->number, embedding->prepare.parts,
                        g_bytes_get_data (vectors, NULL), g_bytes_get_size (vectors), &indexing->error);
    g_mutex_unlock (&indexing->lock);
    *found = FOUND_NEW;
  }
  if (prepared)
    g_bytes_unref (prepared);
  if (vectors)
    g_bytes_unref (vectors);
  return good;
}

/* Hashes what is open; a content that is known is only noted, any other described. */
static gboolean
take_in (Indexing *indexing, int fd, IeCatalogueFile *file, Found *found, GError **error)
{
  int parts = indexing->embedding->prepare.parts;
  if (!ie_content_hash (fd, cli_stop_flag (), file->content, error))
    return FALSE;
  g_mutex_lock (&indexing->lock);
  gboolean known = !indexing->error && ie_catalogue_has (indexing->catalogue, file->content, indexing->number, parts);
  if (known) /* the content has its size and its time already */
    ie_catalogue_put (indexing->catalogue, file, indexing->number, 0, NULL, 0, &indexing->error);
  g_mutex_unlock (&indexing->lock);
  *found = FOUND_KNOWN;
  return known || describe (indexing, fd, file, found, error);
}

static IeFileState
look (Indexing *indexing, const IeCatalogueFile *file)
{
  IeFileState state = IE_FILE_NEW;
  g_mutex_lock (&indexing->lock);
  if (!indexing->error)
    state = ie_catalogue_look (indexing->catalogue, file->path, file->size, file->mtime, indexing->number,
                               indexing->embedding->prepare.parts, NULL, &indexing->error);
  g_mutex_unlock (&indexing->lock);
  return state;
}

/* TRUE with *found; FALSE: the error is the picture's own. */
static gboolean
index_file (Indexing *indexing, IeCatalogueFile *file, Found *found, GError **error)
{
  struct stat status;
  int fd = ie_open_file (file->path, error);
  if (fd < 0)
    return FALSE;
  gboolean good = fstat (fd, &status) == 0;
  if (!good)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, g_strerror (errno));
  else {
    file->size = (guint64)status.st_size;
    file->mtime = change_time (&status);
    IeFileState state = look (indexing, file);
    if (state == IE_FILE_UNCHANGED)
      *found = FOUND_UNCHANGED;
    else if (state == IE_FILE_FAILED && !indexing->settings->retry)
      *found = FOUND_FAILED_BEFORE;
    else
      good = take_in (indexing, fd, file, found, error);
  }
  close (fd);
  return good;
}

static void
index_picture (Indexing *indexing, const CliPicture *picture)
{
  GError *error = picture->error ? g_error_copy (picture->error) : NULL;
  IeCatalogueFile file = { .path = picture->input, .taken = G_MININT64 };
  Found found = FOUND_FAILED;
  gboolean good = !error && index_file (indexing, &file, &found, &error);
  gboolean stopped = g_error_matches (error, IE_ERROR, IE_ERROR_CANCELLED);
  g_mutex_lock (&indexing->lock);
  if (!good && !stopped) {
    found = FOUND_FAILED;
    note_failure (indexing, picture->input, error->message);
    if (!picture->error && file.mtime && g_error_matches (error, IE_ERROR, IE_ERROR_INPUT) && !indexing->error)
      ie_catalogue_put_failure (indexing->catalogue, file.path, file.size, file.mtime, error->message, &indexing->error);
  }
  if (!stopped)
    indexing->counts[found]++;
  indexing->over++;
  if (indexing->error)
    cli_stop (CLI_STOP_PLACE);
  g_cond_signal (&indexing->changed);
  g_mutex_unlock (&indexing->lock);
  g_clear_error (&error);
}

/* ---- all of them ---- */

static gpointer
work (gpointer data)
{
  Indexing *indexing = data;
  for (gint i; cli_stopped () == CLI_STOP_NONE
               && (i = g_atomic_int_add (&indexing->next, 1)) < (gint)indexing->pictures->len;) {
    const CliPicture *picture = indexing->pictures->pdata[i];
    if (picture->skip)
      g_atomic_int_inc (&indexing->over);
    else
      index_picture (indexing, picture);
  }
  g_mutex_lock (&indexing->lock);
  indexing->ended++;
  g_cond_signal (&indexing->changed);
  g_mutex_unlock (&indexing->lock);
  return NULL;
}

static void
wait_for_workers (Indexing *indexing, gint64 start)
{
  gboolean lines = indexing->settings->progress, bar = !lines && !indexing->settings->quiet && isatty (STDERR_FILENO);
  int total = (int)indexing->pictures->len;
  gint64 next = 0; /* line of --progress */
  g_mutex_lock (&indexing->lock);
  while (indexing->ended < indexing->jobs) {
    int over = indexing->over;
    g_mutex_unlock (&indexing->lock);
    if (bar && total > 0)
      cli_progress_show (over, total, (double)over / total, (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC);
    if (lines && g_get_monotonic_time () >= next) {
      fprintf (stderr, "progress %d of %d\n", over, total); /* one write: lines never mix */
      next = g_get_monotonic_time () + G_USEC_PER_SEC / 5;
    }
    g_mutex_lock (&indexing->lock);
    if (indexing->ended < indexing->jobs)
      g_cond_wait_until (&indexing->changed, &indexing->lock, g_get_monotonic_time () + G_USEC_PER_SEC / 5);
  }
  if (lines)
    fprintf (stderr, "progress %d of %d\n", indexing->over, total);
  g_mutex_unlock (&indexing->lock);
  if (bar)
    cli_status (NULL);
}

static void
run_workers (Indexing *indexing)
{
  gint64 start = g_get_monotonic_time ();
  GThread **threads = g_new (GThread *, indexing->jobs);
  for (int i = 0; i < indexing->jobs; i++)
    threads[i] = g_thread_new ("index", work, indexing);
  wait_for_workers (indexing, start);
  for (int i = 0; i < indexing->jobs; i++)
    g_thread_join (threads[i]);
  g_free (threads);
}

/* ---- folders ---- */

typedef struct {
  GHashTable *seen;
  GPtrArray *unread; /* folders with a '/' at the end whose contents are not known */
} Kept;

static gboolean
is_kept (gpointer data, const char *path)
{
  const Kept *kept = data;
  if (g_hash_table_contains (kept->seen, path))
    return TRUE;
  for (guint i = 0; i < kept->unread->len; i++)
    if (g_str_has_prefix (path, kept->unread->pdata[i]))
      return TRUE;
  return FALSE;
}

static gboolean
keep_none (gpointer data, const char *path)
{
  return FALSE;
}

/* Forgets what vanished from the folders that were walked. -1 and indexing->error. */
static gint64
forget_vanished (Indexing *indexing, GPtrArray *folders)
{
  Kept kept = { g_hash_table_new (g_str_hash, g_str_equal), g_ptr_array_new_with_free_func (g_free) };
  gint64 all = 0, some = 0;
  for (guint i = 0; i < indexing->pictures->len; i++) {
    const CliPicture *picture = indexing->pictures->pdata[i];
    if (picture->error)
      g_ptr_array_add (kept.unread, g_strconcat (picture->input, "/", NULL));
    else
      g_hash_table_add (kept.seen, picture->input);
  }
  for (guint i = 0; i < folders->len && some >= 0; i++) {
    some = ie_catalogue_forget (indexing->catalogue, folders->pdata[i], is_kept, &kept, &indexing->error);
    if (some >= 0 && ie_catalogue_put_folder (indexing->catalogue, folders->pdata[i], &indexing->error))
      all += some;
  }
  g_hash_table_unref (kept.seen);
  g_ptr_array_unref (kept.unread);
  return some < 0 ? -1 : all;
}

/* The pictures of the operands, each once. A folder that is not there is an error and forgets nothing. */
static GPtrArray *
gather (GPtrArray *operands, GPtrArray *folders)
{
  ApplySettings walk = { .recursive = TRUE };
  gboolean any;
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < operands->len; i++) {
    char *path = cli_absolute (operands->pdata[i]);
    g_ptr_array_add (paths, path);
    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      g_ptr_array_add (folders, g_strdup (path));
  }
  GPtrArray *pictures = cli_gather (&walk, paths, NULL, &any);
  GHashTable *seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < pictures->len;) {
    const CliPicture *picture = pictures->pdata[i];
    if (g_hash_table_add (seen, picture->input))
      i++;
    else
      g_ptr_array_remove_index (pictures, i);
  }
  g_hash_table_unref (seen);
  g_ptr_array_unref (paths);
  return pictures;
}

/* Several processes on one folder begin at different places: what another has put meanwhile is then found unchanged. */
static void
rotate (GPtrArray *pictures)
{
  guint count = pictures->len, by = count > 1 ? (guint)getpid () * 2654435761u % count : 0;
  gpointer *turned = g_new (gpointer, count + 1);
  for (guint i = 0; i < count; i++)
    turned[i] = pictures->pdata[(i + by) % count];
  if (count > 0)
    memcpy (pictures->pdata, turned, count * sizeof *turned);
  g_free (turned);
}

/* ---- what is said ---- */

static void
print_json (const Indexing *indexing, gint64 forgotten, double seconds)
{
  GString *out = g_string_new (NULL);
  const struct {
    const char *key;
    int count;
  } counts[] = { { "new", indexing->counts[FOUND_NEW] },
                 { "known", indexing->counts[FOUND_KNOWN] },
                 { "unchanged", indexing->counts[FOUND_UNCHANGED] },
                 { "failed", indexing->counts[FOUND_FAILED] },
                 { "failed_before", indexing->counts[FOUND_FAILED_BEFORE] },
                 { "forgotten", (int)forgotten } };
  cli_json_open (out, '{');
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
    cli_json_key (out, counts[i].key);
    cli_json_integer (out, (guint64)counts[i].count);
  }
  cli_json_key (out, "seconds");
  cli_json_number (out, seconds);
  cli_json_key (out, "failures");
  g_string_append (out, indexing->failures->str);
  cli_json_close (out, '}');
  cli_json_print (out);
}

static void
print_summary (const Indexing *indexing, gint64 forgotten, double seconds)
{
  const int *counts = indexing->counts;
  int good = counts[FOUND_NEW] + counts[FOUND_KNOWN] + counts[FOUND_UNCHANGED];
  char *time = cli_fixed (seconds, 1);
  GString *line = g_string_new (NULL);
  IeCatalogueCounts all = { 0 };
  g_string_append_printf (line, ie_ngettext ("%d picture gone through in %s s", "%d pictures gone through in %s s", (gulong)good),
                          good, time);
  g_string_append_printf (line, _ (": %d new, %d copied or moved, %d unchanged"), counts[FOUND_NEW], counts[FOUND_KNOWN],
                          counts[FOUND_UNCHANGED]);
  if (counts[FOUND_FAILED])
    g_string_append_printf (line, _ (", %d could not be read"), counts[FOUND_FAILED]);
  if (counts[FOUND_FAILED_BEFORE])
    g_string_append_printf (line, _ (", %d could not be read before (--retry tries again)"), counts[FOUND_FAILED_BEFORE]);
  if (forgotten)
    g_string_append_printf (line, _ (", %d forgotten"), (int)forgotten);
  /* What was gone through may be one folder of many. */
  if (ie_catalogue_count (indexing->catalogue, indexing->number, &all, NULL))
    g_string_append_printf (line, ie_ngettext ("; the catalogue holds %d file", "; the catalogue holds %d files", (gulong)all.files),
                            (int)all.files);
  g_string_append_c (line, '\n');
  cli_print (line->str);
  g_string_free (line, TRUE);
  g_free (time);
}

/* ---- the runs ---- */

static int
exit_code (Indexing *indexing)
{
  if (indexing->error)
    return cli_catalogue_failed (indexing->path, g_steal_pointer (&indexing->error));
  if (cli_stopped () == CLI_STOP_INTERRUPTED) {
    cli_error (NULL, _ ("interrupted; the same command goes on"));
    return CLI_INTERRUPTED;
  }
  return indexing->counts[FOUND_FAILED] > 0 ? CLI_SOME_FAILED : CLI_DONE;
}

static int
index_operands (Indexing *indexing, GPtrArray *operands)
{
  gint64 start = g_get_monotonic_time (), forgotten = 0;
  GPtrArray *folders = g_ptr_array_new_with_free_func (g_free);
  indexing->pictures = gather (operands, folders);
  rotate (indexing->pictures);
  int cores = (int)g_get_num_processors ();
  indexing->jobs = MAX (MIN (indexing->settings->jobs ? indexing->settings->jobs : cores, (int)indexing->pictures->len), 1);
  indexing->failures = indexing->settings->json ? g_string_new ("[") : NULL;
  run_workers (indexing);
  if (!indexing->error && cli_stopped () == CLI_STOP_NONE)
    forgotten = forget_vanished (indexing, folders);
  double seconds = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  if (indexing->failures)
    cli_json_close (indexing->failures, ']');
  if (!indexing->error && indexing->settings->json)
    print_json (indexing, forgotten, seconds);
  else if (!indexing->error && !indexing->settings->quiet && !indexing->settings->export)
    print_summary (indexing, forgotten, seconds);
  if (indexing->failures)
    g_string_free (indexing->failures, TRUE);
  g_ptr_array_unref (indexing->pictures);
  g_ptr_array_unref (folders);
  return exit_code (indexing);
}

static int
forget_operands (Indexing *indexing, GPtrArray *operands)
{
  gint64 all = 0, some = 0;
  for (guint i = 0; i < operands->len && some >= 0; i++) {
    char *path = cli_absolute (operands->pdata[i]);
    some = ie_catalogue_forget (indexing->catalogue, path, keep_none, NULL, &indexing->error);
    all += MAX (some, 0);
    if (some >= 0)
      ie_catalogue_remove_folder (indexing->catalogue, path, &indexing->error);
    g_free (path);
  }
  if (!indexing->error && !indexing->settings->quiet) {
    char *line = g_strdup_printf (ie_ngettext ("%d file forgotten\n", "%d files forgotten\n", (gulong)all), (int)all);
    cli_print (line);
    g_free (line);
  }
  return exit_code (indexing);
}

static int
run_in_catalogue (const IndexSettings *settings, CliEmbedding *embedding, const char *path, GPtrArray *operands)
{
  Indexing indexing = { .settings = settings, .embedding = embedding, .path = path };
  indexing.catalogue = cli_catalogue_open (path, IE_CATALOGUE_WRITE, TRUE);
  if (!indexing.catalogue)
    return CLI_PLACE_FAILED;
  g_mutex_init (&indexing.lock);
  g_cond_init (&indexing.changed);
  indexing.number = cli_embedding_in (embedding, indexing.catalogue, TRUE, &indexing.error);
  GPtrArray *all = operands->len == 0 && !settings->export ? ie_catalogue_folders (indexing.catalogue, &indexing.error) : NULL;
  int code;
  if (indexing.error)
    code = exit_code (&indexing);
  else if (settings->forget)
    code = forget_operands (&indexing, operands);
  else if (all && all->len == 0) {
    cli_error (NULL, _ ("index needs a FOLDER the first time; see imgenhance index --help"));
    code = CLI_USAGE;
  } else if (all || operands->len > 0)
    code = index_operands (&indexing, all ? all : operands);
  else
    code = CLI_DONE;
  if (settings->export && (code == CLI_DONE || code == CLI_SOME_FAILED)
      && !cli_export_csv (embedding, indexing.catalogue, indexing.number, &indexing.error))
    code = exit_code (&indexing);
  if (all)
    g_ptr_array_unref (all);
  ie_catalogue_close (indexing.catalogue);
  g_mutex_clear (&indexing.lock);
  g_cond_clear (&indexing.changed);
  return code;
}

static int
run (const CliCommand *command, int argc, char **argv)
{
  IndexSettings settings = { 0 };
  GPtrArray *operands;
  int code;
  if (!cli_parse (command, argc, argv, &settings, &operands, &code))
    return code;
  const char *conflict = NULL;
  if (settings.forget && operands->len == 0)
    conflict = _ ("--forget needs a FILE or FOLDER");
  else if (settings.json && settings.export)
    conflict = _ ("--json and --export cannot both go to standard output");
  CliEmbedding *embedding = cli_embedding_of_command (settings.model, &settings.running, conflict);
  code = CLI_USAGE;
  if (embedding && settings.crops && embedding->model)
    cli_error (NULL, _ ("--crops goes with the built-in descriptors"));
  else if (embedding) {
    char *path = cli_catalogue_path (settings.catalogue);
    embedding->prepare.parts = settings.crops ? IE_DESCRIPTOR_PARTS : 1;
    code = run_in_catalogue (&settings, embedding, path, operands);
    g_free (path);
  }
  cli_embedding_free (embedding);
  g_ptr_array_unref (operands);
  return code;
}

static const char *const examples[]
    = { "imgenhance index ~/Pictures", "imgenhance index", "imgenhance index --export csv > vectors.csv", NULL };

const CliCommand cli_index = {
  .name = "index",
  .arguments = "[FOLDER...]",
  .summary = N_ ("Put the pictures of folders into the catalogue, for similar and duplicates."),
  .description
  = N_ ("Describes each picture in a few hundred bytes and notes them in the catalogue, a file of its own; the pictures are only "
        "read. Run again, it reads what is new or has changed; a moved or copied file is known by its content, and what "
        "vanished from a folder is forgotten. Without a FOLDER it brings all folders up to date that were ever named. A file "
        "that cannot be read costs one line. Several may run at once, and one that was interrupted goes on the next time.\n"
        "\n"
        "The catalogue is the user's own (imgenhance/catalogue.db where the desktop keeps data) unless --catalogue names "
        "another."),
  .options = options,
  .examples = examples,
  .run = run,
};
