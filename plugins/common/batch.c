// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/batch.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/apply.h"
#include "cli/json.h"
#include "core/i18n.h"

/* The plug-in itself is the command, too. */
#define PROGRAM "/proc/self/exe"

struct IeBatch {
  IeBatchHooks hooks;
  GPid pid;
  char *recipe; /* a file of ours that holds the steps */
  GIOChannel *out, *err;
  guint out_watch, err_watch, child_watch;
  GString *said; /* on standard error */
  int exit_status;
  gboolean stopped;
  int open; /* of: the two streams, the process */
};

/* ---- what it will do ---- */

static GPtrArray *
operands_of (const IeBatchJob *job)
{
  GPtrArray *operands = g_ptr_array_new ();
  for (int i = 0; job->inputs[i]; i++)
    g_ptr_array_add (operands, job->inputs[i]);
  return operands;
}

int
ie_batch_count (const IeBatchJob *job)
{
  ApplySettings settings = { .recursive = TRUE, .output = (char *) job->output };
  gboolean any_folder;
  GPtrArray *operands = operands_of (job), *pictures = cli_gather (&settings, operands, NULL, &any_folder);
  int count = (int) pictures->len;
  g_ptr_array_unref (pictures);
  g_ptr_array_unref (operands);
  return count;
}

/* ---- what it says ---- */

/* The line is flat up to its "seconds"; what follows is not wanted here. */
static GHashTable *
read_line (const char *line)
{
  const char *end = strstr (line, ", \"seconds\"");
  if (!end)
    end = strstr (line, ",\"seconds\"");
  g_autofree char *flat = end ? g_strdup_printf ("%.*s}", (int) (end - line), line) : g_strdup (line);
  return cli_json_read (flat);
}

static void
say_picture (IeBatch *batch, const char *line)
{
  GHashTable *values = read_line (line);
  const char *status = values ? g_hash_table_lookup (values, "status") : NULL;
  if (status) {
    IeBatchStatus what = strcmp (status, "done") == 0      ? IE_BATCH_DONE
                         : strcmp (status, "skipped") == 0 ? IE_BATCH_SKIPPED
                                                           : IE_BATCH_FAILED;
    const char *input = g_hash_table_lookup (values, "input");
    batch->hooks.picture (batch->hooks.data, input ? input : "", g_hash_table_lookup (values, "output"), what,
                          g_hash_table_lookup (values, "reason"));
  }
  g_clear_pointer (&values, g_hash_table_unref);
}

/* The last line on standard error is why the whole ended early. */
static char *
last_line (const IeBatch *batch)
{
  g_autofree char *text = g_strchomp (g_strdup (batch->said->str));
  const char *line = strrchr (text, '\n');
  line = line ? line + 1 : text;
  return g_strdup (g_str_has_prefix (line, "imgenhance: ") ? line + strlen ("imgenhance: ") : line);
}

static void
close_one (IeBatch *batch)
{
  if (--batch->open > 0)
    return;
  g_autofree char *why = batch->exit_status == 0 ? NULL : last_line (batch);
  if (batch->exit_status != 0 && !*why) {
    g_free (why);
    why = g_strdup (_ ("the command that does the work ended without a word"));
  }
  batch->hooks.ended (batch->hooks.data, batch->stopped, why);
}

static gboolean
read_out (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  IeBatch *batch = data;
  char *line;
  GIOStatus status = g_io_channel_read_line (channel, &line, NULL, NULL, NULL);
  if (status == G_IO_STATUS_NORMAL && line) {
    say_picture (batch, line);
    g_free (line);
  }
  if (status != G_IO_STATUS_EOF && status != G_IO_STATUS_ERROR)
    return G_SOURCE_CONTINUE;
  batch->out_watch = 0;
  close_one (batch);
  return G_SOURCE_REMOVE;
}

static gboolean
read_err (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  IeBatch *batch = data;
  char part[512];
  gsize length = 0;
  GIOStatus status = g_io_channel_read_chars (channel, part, sizeof part, &length, NULL);
  g_string_append_len (batch->said, part, (gssize) length);
  if (status != G_IO_STATUS_EOF && status != G_IO_STATUS_ERROR)
    return G_SOURCE_CONTINUE;
  batch->err_watch = 0;
  close_one (batch);
  return G_SOURCE_REMOVE;
}

static void
child_ended (GPid pid, int status, gpointer data)
{
  IeBatch *batch = data;
  batch->exit_status = status;
  batch->child_watch = 0;
  g_spawn_close_pid (pid);
  batch->pid = 0;
  close_one (batch);
}

/* ---- beginning and end ---- */

static gboolean
write_recipe (IeBatch *batch, const IeRecipe *recipe, GError **error)
{
  int file = g_file_open_tmp ("imgenhance-XXXXXX.recipe", &batch->recipe, error);
  if (file < 0)
    return FALSE;
  close (file);
  g_autofree char *text = ie_recipe_text (recipe);
  return g_file_set_contents (batch->recipe, text, -1, error);
}

static char **
arguments_of (const IeBatch *batch, const IeBatchJob *job)
{
  GPtrArray *all = g_ptr_array_new ();
  const char *first[] = { PROGRAM, "apply", "--json", "--recursive", "--recipe", batch->recipe, "--output" };
  for (gsize i = 0; i < G_N_ELEMENTS (first); i++)
    g_ptr_array_add (all, g_strdup (first[i]));
  /* With the slash it is a folder, also for a single picture. */
  g_ptr_array_add (all, g_strconcat (job->output, "/", NULL));
  if (job->format) {
    g_ptr_array_add (all, g_strdup ("--format"));
    g_ptr_array_add (all, g_strdup (job->format));
  }
  if (job->replace) {
    g_ptr_array_add (all, g_strdup ("--existing"));
    g_ptr_array_add (all, g_strdup ("replace"));
  }
  g_ptr_array_add (all, g_strdup ("--"));
  for (int i = 0; job->inputs[i]; i++)
    g_ptr_array_add (all, g_strdup (job->inputs[i]));
  g_ptr_array_add (all, NULL);
  return (char **) g_ptr_array_free (all, FALSE);
}

static GIOChannel *
channel_new (int file)
{
  GIOChannel *channel = g_io_channel_unix_new (file);
  g_io_channel_set_encoding (channel, NULL, NULL);
  g_io_channel_set_close_on_unref (channel, TRUE);
  g_io_channel_set_flags (channel, G_IO_FLAG_NONBLOCK, NULL);
  return channel;
}

static gboolean
start (IeBatch *batch, const IeBatchJob *job, GError **error)
{
  int out, err;
  g_auto (GStrv) arguments = arguments_of (batch, job);
  if (!g_spawn_async_with_pipes (NULL, arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &batch->pid, NULL, &out, &err, error))
    return FALSE;
  batch->out = channel_new (out);
  batch->err = channel_new (err);
  g_io_channel_set_buffered (batch->err, FALSE);
  batch->open = 3;
  batch->out_watch = g_io_add_watch (batch->out, G_IO_IN | G_IO_HUP | G_IO_ERR, read_out, batch);
  batch->err_watch = g_io_add_watch (batch->err, G_IO_IN | G_IO_HUP | G_IO_ERR, read_err, batch);
  batch->child_watch = g_child_watch_add (batch->pid, child_ended, batch);
  return TRUE;
}

IeBatch *
ie_batch_new (const IeBatchJob *job, const IeBatchHooks *hooks, GError **error)
{
  IeBatch *batch = g_new0 (IeBatch, 1);
  batch->hooks = *hooks;
  batch->said = g_string_new (NULL);
  if (write_recipe (batch, job->recipe, error) && start (batch, job, error))
    return batch;
  ie_batch_free (batch);
  return NULL;
}

void
ie_batch_stop (IeBatch *batch)
{
  batch->stopped = TRUE;
  if (batch->pid)
    kill (batch->pid, SIGINT);
}

void
ie_batch_free (IeBatch *batch)
{
  if (!batch)
    return;
  if (batch->pid)
    kill (batch->pid, SIGINT);
  guint watches[] = { batch->out_watch, batch->err_watch, batch->child_watch };
  for (gsize i = 0; i < G_N_ELEMENTS (watches); i++)
    if (watches[i])
      g_source_remove (watches[i]);
  g_clear_pointer (&batch->out, g_io_channel_unref);
  g_clear_pointer (&batch->err, g_io_channel_unref);
  if (batch->recipe)
    unlink (batch->recipe);
  g_free (batch->recipe);
  g_string_free (batch->said, TRUE);
  g_free (batch);
}
