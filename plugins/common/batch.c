// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/batch.h"

#include <string.h>
#include <unistd.h>

#include "cli/apply.h"
#include "cli/json.h"
#include "core/i18n.h"
#include "plugins/common/command.h"

struct IeBatch {
  IeBatchHooks hooks;
  IeCommand *command;
  char *recipe; /* a file of ours that holds the steps */
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
say_picture (gpointer data, const char *line)
{
  IeBatch *batch = data;
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

static void
command_ended (gpointer data, int code, const char *why)
{
  IeBatch *batch = data;
  batch->hooks.ended (batch->hooks.data, ie_command_stopped (batch->command), why);
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
  const char *first[] = { "apply", "--json", "--recursive", "--recipe", batch->recipe, "--output" };
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

static gboolean
start (IeBatch *batch, const IeBatchJob *job, GError **error)
{
  g_auto (GStrv) arguments = arguments_of (batch, job);
  IeCommandHooks hooks = { .out = say_picture, .ended = command_ended, .data = batch };
  batch->command = ie_command_new ((const char *const *) arguments, &hooks, error);
  return batch->command != NULL;
}

IeBatch *
ie_batch_new (const IeBatchJob *job, const IeBatchHooks *hooks, GError **error)
{
  IeBatch *batch = g_new0 (IeBatch, 1);
  batch->hooks = *hooks;
  if (write_recipe (batch, job->recipe, error) && start (batch, job, error))
    return batch;
  ie_batch_free (batch);
  return NULL;
}

void
ie_batch_stop (IeBatch *batch)
{
  ie_command_stop (batch->command);
}

void
ie_batch_free (IeBatch *batch)
{
  if (!batch)
    return;
  ie_command_free (batch->command);
  if (batch->recipe)
    unlink (batch->recipe);
  g_free (batch->recipe);
  g_free (batch);
}
