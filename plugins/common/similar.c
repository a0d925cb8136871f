// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/similar.h"

#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/find.h"
#include "cli/json.h"
#include "embed/catalogue.h"
#include "plugins/common/command.h"

/* What `similar --json` says, in English whatever the language, when the model is new to the catalogue. */
#define NOT_INDEXED "nothing is indexed by "

/* ---- what the commands print ---- */

/* The flat objects of an array, of GHashTable. NULL: it is none. */
static GPtrArray *
read_array (const char *text)
{
  GPtrArray *objects = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  const char *begin = NULL, *p = text + strspn (text, " \n\t");
  gboolean good = *p == '[', quoted = FALSE;
  for (; good && *p; p++) {
    if (quoted && *p == '\\' && p[1])
      p++;
    else if (*p == '"')
      quoted = !quoted;
    else if (!quoted && *p == '{')
      begin = p;
    else if (!quoted && *p == '}' && begin) {
      g_autofree char *one = g_strndup (begin, (gsize) (p + 1 - begin));
      GHashTable *members = cli_json_read (one);
      begin = NULL;
      good = members != NULL;
      if (good)
        g_ptr_array_add (objects, members);
    }
  }
  if (good)
    return objects;
  g_ptr_array_unref (objects);
  return NULL;
}

static void
similar_free (gpointer data)
{
  IeSimilar *similar = data;
  g_free (similar->path);
  g_free (similar->kind);
  g_free (similar);
}

static GPtrArray *
read_found (const char *text)
{
  GPtrArray *objects = read_array (text), *found = objects ? g_ptr_array_new_with_free_func (similar_free) : NULL;
  for (guint i = 0; objects && i < objects->len; i++) {
    const char *path = g_hash_table_lookup (objects->pdata[i], "path"), *score = g_hash_table_lookup (objects->pdata[i], "score");
    const char *kind = g_hash_table_lookup (objects->pdata[i], "kind");
    if (!path || !score)
      continue;
    IeSimilar *one = g_new (IeSimilar, 1);
    *one = (IeSimilar){ g_strdup (path), g_ascii_strtod (score, NULL), g_strdup (kind ? kind : "") };
    g_ptr_array_add (found, one);
  }
  g_clear_pointer (&objects, g_ptr_array_unref);
  return found;
}

static gboolean
is_given (const char *text)
{
  return text && *text;
}

static void
add_option (GPtrArray *arguments, const char *name, const char *value)
{
  if (!is_given (value))
    return;
  g_ptr_array_add (arguments, g_strdup (name));
  g_ptr_array_add (arguments, g_strdup (value));
}

/* ---- the search ---- */

struct IeSimilarSearch {
  IeCommand *command;
  GString *said;
  gboolean not_indexed, blank;
  IeSimilarEnded ended;
  gpointer data;
};

static void
take_line (gpointer data, const char *line)
{
  IeSimilarSearch *search = data;
  g_string_append (search->said, line);
}

static void
look_at_error (gpointer data, const char *line)
{
  IeSimilarSearch *search = data;
  search->not_indexed = search->not_indexed || strstr (line, NOT_INDEXED);
  search->blank = search->blank || strstr (line, CLI_BLANK);
}

static void
search_ended (gpointer data, int code, const char *why)
{
  IeSimilarSearch *search = data;
  GPtrArray *found = code == CLI_DONE ? read_found (search->said->str) : NULL;
  IeSimilarOutcome outcome = ie_command_stopped (search->command)       ? IE_SIMILAR_STOPPED
                             : found && search->blank && found->len == 0 ? IE_SIMILAR_BLANK
                             : found                                     ? IE_SIMILAR_FOUND
                             : code == CLI_USAGE && search->not_indexed  ? IE_SIMILAR_NOT_INDEXED
                                                                         : IE_SIMILAR_FAILED;
  if (outcome == IE_SIMILAR_FAILED && !why)
    why = _ ("the command that does the work gave no list");
  search->ended (search->data, outcome, found && outcome != IE_SIMILAR_STOPPED ? found : NULL, outcome == IE_SIMILAR_FAILED ? why : NULL);
  g_clear_pointer (&found, g_ptr_array_unref);
}

static GPtrArray *
search_arguments (const IeSimilarJob *job)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (g_free);
  char threshold[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *top = g_strdup_printf ("%d", job->top);
  g_ascii_dtostr (threshold, sizeof threshold, job->threshold);
  g_ptr_array_add (all, g_strdup ("similar"));
  g_ptr_array_add (all, g_strdup ("--json"));
  add_option (all, "--top", top);
  add_option (all, "--threshold", threshold);
  add_option (all, "--model", job->model);
  add_option (all, "--catalogue", job->catalogue);
  add_option (all, "--instead-of", job->instead_of);
  if (job->turned)
    g_ptr_array_add (all, g_strdup ("--turned"));
  /* Without a file of its own the picture's folder would be that of temporary files. */
  if (job->elsewhere && is_given (job->instead_of))
    g_ptr_array_add (all, g_strdup ("--elsewhere"));
  g_ptr_array_add (all, g_strdup ("--"));
  g_ptr_array_add (all, g_strdup (job->picture));
  g_ptr_array_add (all, NULL);
  return all;
}

IeSimilarSearch *
ie_similar_search_new (const IeSimilarJob *job, IeSimilarEnded ended, gpointer data, GError **error)
{
  IeSimilarSearch *search = g_new0 (IeSimilarSearch, 1);
  g_autoptr (GPtrArray) arguments = search_arguments (job);
  IeCommandHooks hooks = { take_line, look_at_error, search_ended, search };
  search->said = g_string_new (NULL);
  search->ended = ended;
  search->data = data;
  search->command = ie_command_new ((const char *const *) arguments->pdata, &hooks, error);
  if (!search->command)
    g_clear_pointer (&search, ie_similar_search_free);
  return search;
}

void
ie_similar_search_stop (IeSimilarSearch *search)
{
  ie_command_stop (search->command);
}

void
ie_similar_search_free (IeSimilarSearch *search)
{
  if (!search)
    return;
  ie_command_free (search->command);
  g_string_free (search->said, TRUE);
  g_free (search);
}

gboolean
ie_similar_has_catalogue (const char *catalogue)
{
  g_autofree char *path = is_given (catalogue) ? g_strdup (catalogue) : ie_catalogue_usual_path ();
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* ---- the same for scripts ---- */

typedef struct {
  GMainLoop *loop;
  const IeSimilarJob *job;
  GPtrArray *found;
  GError *error;
} Waiting;

static void
waiting_ended (gpointer data, IeSimilarOutcome outcome, GPtrArray *found, const char *why)
{
  Waiting *waiting = data;
  if (found)
    waiting->found = g_ptr_array_ref (found);
  else if (outcome == IE_SIMILAR_NOT_INDEXED)
    g_set_error (&waiting->error, IE_ERROR, IE_ERROR_INPUT, _ ("nothing in the catalogue is described by %s yet; imgenhance index does it"),
                 is_given (waiting->job->model) ? waiting->job->model : "visual");
  else
    g_set_error_literal (&waiting->error, IE_ERROR, IE_ERROR_INPUT, why ? why : _ ("interrupted"));
  g_main_loop_quit (waiting->loop);
}

gboolean
ie_similar_check (const IeSimilarJob *job, GError **error)
{
  if (job->top < 1 || job->top > IE_SIMILAR_TOP_MOST)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("top is %d; it is 1 to %d"), job->top, IE_SIMILAR_TOP_MOST);
  else if (!(job->threshold >= 0 && job->threshold <= 1))
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("threshold is %g; it is 0 to 1"), job->threshold);
  else
    return TRUE;
  return FALSE;
}

GPtrArray *
ie_similar_run (const IeSimilarJob *job, GError **error)
{
  if (!ie_similar_has_catalogue (job->catalogue)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("there is no catalogue yet; imgenhance index FOLDER makes it"));
    return NULL;
  }
  Waiting waiting = { .loop = g_main_loop_new (NULL, FALSE), .job = job };
  IeSimilarSearch *search = ie_similar_search_new (job, waiting_ended, &waiting, error);
  if (search)
    g_main_loop_run (waiting.loop);
  ie_similar_search_free (search);
  g_main_loop_unref (waiting.loop);
  if (waiting.error)
    g_propagate_error (error, waiting.error);
  return waiting.found;
}

void
ie_similar_values (const GPtrArray *found, char ***paths, double **scores)
{
  *paths = g_new0 (char *, found->len + 1);
  *scores = g_new0 (double, found->len + 1);
  for (guint i = 0; i < found->len; i++) {
    const IeSimilar *one = found->pdata[i];
    (*paths)[i] = g_strdup (one->path);
    (*scores)[i] = one->score;
  }
}

/* ---- the catalogue ---- */

struct IeIndexing {
  IeCommand *command;
  GString *said;
  IeIndexingHooks hooks;
};

static void
take_counts (gpointer data, const char *line)
{
  IeIndexing *indexing = data;
  g_string_append (indexing->said, line);
}

static void
take_progress (gpointer data, const char *line)
{
  IeIndexing *indexing = data;
  int done, total;
  if (sscanf (line, "progress %d of %d", &done, &total) == 2)
    indexing->hooks.progress (indexing->hooks.data, done, total);
}

static int
count_of (GHashTable *counts, const char *key)
{
  const char *text = g_hash_table_lookup (counts, key);
  return text ? (int) g_ascii_strtoll (text, NULL, 10) : 0;
}

/* The object is flat up to its "failures", whose reasons are not wanted here. FALSE: it is none. */
static gboolean
read_counts (const char *text, IeIndexed *indexed)
{
  const char *end = strstr (text, "\"seconds\"");
  g_autofree char *flat = end ? g_strdup_printf ("%.*s\"seconds\": 0}", (int) (end - text), text) : g_strdup (text);
  GHashTable *counts = cli_json_read (flat);
  if (!counts)
    return FALSE;
  indexed->good = count_of (counts, "new") + count_of (counts, "known") + count_of (counts, "unchanged");
  indexed->failed = count_of (counts, "failed") + count_of (counts, "failed_before");
  g_hash_table_unref (counts);
  return TRUE;
}

static void
indexing_ended (gpointer data, int code, const char *why)
{
  IeIndexing *indexing = data;
  IeIndexed indexed = { 0 };
  gboolean stopped = ie_command_stopped (indexing->command), counted = read_counts (indexing->said->str, &indexed);
  /* Pictures that could not be read are counted, and are no reason against the others. */
  gboolean good = stopped || code == CLI_DONE || (code == CLI_SOME_FAILED && counted && indexed.good > 0);
  indexing->hooks.ended (indexing->hooks.data, stopped, indexed, good ? NULL : why);
}

IeIndexing *
ie_indexing_new (const char *folder, const char *model, const char *catalogue, const IeIndexingHooks *hooks, GError **error)
{
  IeIndexing *indexing = g_new0 (IeIndexing, 1);
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
  IeCommandHooks lines = { take_counts, take_progress, indexing_ended, indexing };
  g_ptr_array_add (arguments, g_strdup ("index"));
  g_ptr_array_add (arguments, g_strdup ("--json"));
  g_ptr_array_add (arguments, g_strdup ("--progress"));
  add_option (arguments, "--model", model);
  add_option (arguments, "--catalogue", catalogue);
  add_option (arguments, "--", folder);
  g_ptr_array_add (arguments, NULL);
  indexing->said = g_string_new (NULL);
  indexing->hooks = *hooks;
  indexing->command = ie_command_new ((const char *const *) arguments->pdata, &lines, error);
  if (!indexing->command)
    g_clear_pointer (&indexing, ie_indexing_free);
  return indexing;
}

void
ie_indexing_stop (IeIndexing *indexing)
{
  ie_command_stop (indexing->command);
}

void
ie_indexing_free (IeIndexing *indexing)
{
  if (!indexing)
    return;
  ie_command_free (indexing->command);
  g_string_free (indexing->said, TRUE);
  g_free (indexing);
}

/* ---- models ---- */

char **
ie_similar_models (void)
{
  char *arguments[] = { "/proc/self/exe", "models", "list", "--json", NULL };
  g_autofree char *text = NULL;
  GPtrArray *names = g_ptr_array_new ();
  if (cli_is_command ("models"))
    g_spawn_sync (NULL, arguments, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &text, NULL, NULL, NULL);
  GPtrArray *models = text ? read_array (text) : NULL;
  for (guint i = 0; models && i < models->len; i++) {
    const char *name = g_hash_table_lookup (models->pdata[i], "name");
    if (name)
      g_ptr_array_add (names, g_strdup (name));
  }
  g_clear_pointer (&models, g_ptr_array_unref);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}
