// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/batch.h"

typedef struct {
  GMainLoop *loop;
  int failed;
  char *first, *wrong;
} Run;

static void
picture_ended (gpointer data, const char *input, const char *output, IeBatchStatus status, const char *reason)
{
  Run *run = data;
  if (status != IE_BATCH_FAILED)
    return;
  if (run->failed++ == 0)
    run->first = g_strdup_printf ("%s: %s", input, reason ? reason : "");
}

static void
batch_ended (gpointer data, gboolean stopped, const char *error)
{
  Run *run = data;
  run->wrong = g_strdup (error);
  g_main_loop_quit (run->loop);
}

/* The lines that say something. g_strfreev(). */
static char **
lines_of (const char *text)
{
  GPtrArray *lines = g_ptr_array_new ();
  g_auto (GStrv) all = g_strsplit (text, "\n", -1);
  for (int i = 0; all[i]; i++)
    if (*g_strchomp (all[i]))
      g_ptr_array_add (lines, g_strdup (all[i]));
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}

gboolean
ie_batch_run (const char *pictures, const IeRecipe *recipe, const char *output, GError **error)
{
  g_auto (GStrv) inputs = lines_of (pictures ? pictures : "");
  if (!inputs[0] || !output || !*output) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE,
                         inputs[0] ? _ ("no folder for the results was given") : _ ("no picture was given"));
    return FALSE;
  }
  Run run = { .loop = g_main_loop_new (NULL, FALSE) };
  IeBatchJob job = { .inputs = inputs, .recipe = recipe, .output = output };
  IeBatchHooks hooks = { picture_ended, batch_ended, &run };
  IeBatch *batch = ie_batch_new (&job, &hooks, error);
  if (batch)
    g_main_loop_run (run.loop);
  if (batch && run.wrong) {
    if (run.failed > 1)
      g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("%d pictures failed; the first: %s"), run.failed, run.first);
    else
      g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, run.first ? run.first : run.wrong);
  }
  gboolean good = batch && !run.wrong;
  ie_batch_free (batch);
  g_main_loop_unref (run.loop);
  g_free (run.first);
  g_free (run.wrong);
  return good;
}
