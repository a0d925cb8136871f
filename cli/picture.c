// SPDX-License-Identifier: GPL-3.0-or-later
/* One picture of a batch. This side opens the input, makes, names and removes the output; what touches bytes that others
 * wrote is the job's (job.c), in a worker (worker-host.c) unless --isolate none. */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "cli/interrupt.h"
#include "cli/worker.h"
#include "core/i18n.h"

/* What the hooks of the host work on. */
typedef struct {
  const CliPicture *picture;
  const CliTask *task;
  IeOutput *output;
  gboolean asked; /* for the output */
  void (*progress) (gpointer data, double fraction);
  gpointer progress_data;
} Hosting;

static gboolean
is_pipe (const char *path)
{
  return strcmp (path, "-") == 0;
}

void
cli_note (CliResult *result, const char *format, ...)
{
  va_list arguments;
  if (result->notes->len > 0)
    g_string_append (result->notes, "; ");
  va_start (arguments, format);
  g_string_append_vprintf (result->notes, format, arguments);
  va_end (arguments);
}

/* NULL: the input's. */
static const IeFormat *
choose_format (const CliPicture *picture, const ApplySettings *settings)
{
  char *name = g_path_get_basename (picture->output), *dot = strrchr (name, '.');
  const IeFormat *by_name = dot && dot != name ? ie_format_find (dot + 1) : NULL;
  g_free (name);
  /* In place a file keeps its format, also when its name says another. */
  return settings->format ? settings->format : settings->in_place ? NULL : by_name;
}

/* Looks for the output before any work. TRUE: go on. */
static gboolean
check_existing (const CliPicture *picture, const ApplySettings *settings, CliResult *result, GError **error)
{
  struct stat status;
  if (is_pipe (picture->output) || cli_may_replace (picture, settings)
      || g_lstat (picture->output, &status) != 0)
    return TRUE;
  if (settings->existing == CLI_EXISTING_SKIP) {
    result->status = CLI_STATUS_SKIPPED;
    cli_note (result, _ ("%s exists"), picture->output);
  } else
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("%s exists; --existing skip or replace says what to do"),
                 picture->output);
  return FALSE;
}

/* Errors of the library name no file; those of the output name it here, for the line begins with the input. */
static void
name_the_output (const CliPicture *picture, GError **error)
{
  if (g_error_matches (*error, IE_ERROR, IE_ERROR_OUTPUT) || g_error_matches (*error, IE_ERROR, IE_ERROR_PLACE))
    g_prefix_error (error, "%s: ", is_pipe (picture->output) ? _ ("standard output") : picture->output);
}

/* ---- what the job asks for ---- */

static int
open_output (gpointer data, GError **error)
{
  Hosting *hosting = data;
  IeWriteOptions options = { 0 };
  hosting->asked = TRUE;
  if (!hosting->output)
    hosting->output = cli_output_open (hosting->picture, hosting->task->settings, NULL, &options, error);
  if (!hosting->output)
    return -1;
  int fd = ie_output_fd (hosting->output);
  fd = fcntl (fd < 0 ? STDOUT_FILENO : fd, F_DUPFD_CLOEXEC, 3);
  if (fd < 0)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("too many files are open"));
  return fd;
}

/* Whether the step names this picture: a worker gets no other. */
static gboolean
is_named (const IeRecipeStep *step, const char *text)
{
  if (step->mask && strcmp (step->mask, text) == 0)
    return TRUE;
  for (int i = 0; i < step->params->count; i++) {
    const char *value = step->params->values[i].text;
    if (step->params->params[i].type == IE_PARAM_IMAGE && value && strcmp (value, text) == 0)
      return TRUE;
  }
  return FALSE;
}

static int
open_picture (gpointer data, const char *text, GError **error)
{
  const Hosting *hosting = data;
  const GPtrArray *steps = hosting->task->recipe->steps;
  for (guint i = 0; i < steps->len; i++)
    if (is_named (steps->pdata[i], text))
      return ie_open_file (text, error);
  g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("no step names it"));
  return -1;
}

static void
on_progress (gpointer data, double fraction)
{
  const Hosting *hosting = data;
  if (hosting->progress)
    hosting->progress (hosting->progress_data, fraction);
}

/* ---- the job ---- */

static CliJob
make_job (const CliPicture *picture, const CliTask *task)
{
  const ApplySettings *settings = task->settings;
  return (CliJob){
    .kind = CLI_JOB_APPLY,
    .recipe = task->recipe,
    .format = choose_format (picture, settings),
    .depth = settings->depth,
    .threads = task->threads,
    .rect = { settings->rect[0], settings->rect[1] },
    .memory = task->memory,
    .count_clipped = !settings->quiet || settings->json,
    .dry_run = settings->dry_run,
    .dither = !settings->no_dither,
    .limits = cli_limits (&settings->worker),
    .write = { .quality = settings->quality,
               .loss = (IeLoss)settings->loss,
               .subsampling = settings->subsampling,
               .strict = settings->strict,
               .tiff_compression = settings->compression,
               .tile_width = settings->tile[0],
               .tile_height = settings->tile[1] },
  };
}

static gboolean
run_job (Hosting *hosting, CliResult *result, GError **error)
{
  const CliTask *task = hosting->task;
  CliJob job = make_job (hosting->picture, task);
  CliHost host = { hosting, open_output, open_picture, on_progress, cli_stop_flag () };
  int input = ie_open_file (hosting->picture->input, error);
  if (input < 0)
    return FALSE;
  gboolean good = cli_job_run_isolated (&task->settings->worker, &job, input, &host, result, error);
  if (good && hosting->output)
    good = cli_output_commit (hosting->picture, hosting->output, error);
  if (!good && hosting->asked)
    name_the_output (hosting->picture, error);
  return good;
}

static gboolean
read_and_enhance (Hosting *hosting, CliResult *result, GError **error)
{
  const CliPicture *picture = hosting->picture;
  if (picture->error) {
    *error = g_error_copy (picture->error);
    return FALSE;
  }
  if (!check_existing (picture, hosting->task->settings, result, error))
    return result->status == CLI_STATUS_SKIPPED;
  gboolean good = run_job (hosting, result, error);
  ie_output_free (hosting->output);
  return good;
}

static void
note_report (CliResult *result)
{
  if (result->report.nan > 0)
    cli_note (result, _ ("%" PRIu64 " samples were NaN and taken as 0"), result->report.nan);
}

/* What was lost is said in the file's line; the whole report is --json's. */
static void
note_fidelity (CliResult *result)
{
  char *dropped = result->status == CLI_STATUS_DONE ? ie_fidelity_dropped (result->fidelity) : NULL;
  if (dropped)
    cli_note (result, "%s", dropped);
  g_free (dropped);
}

void
cli_result_init (CliResult *result)
{
  *result = (CliResult){ .status = CLI_STATUS_DONE, .notes = g_string_new (NULL), .fidelity = ie_fidelity_new () };
}

void
cli_picture_run (const CliPicture *picture, const CliTask *task, void (*progress) (gpointer data, double fraction),
                 gpointer data, CliResult *result)
{
  gint64 start = g_get_monotonic_time ();
  Hosting hosting = { .picture = picture, .task = task, .progress = progress, .progress_data = data };
  cli_result_init (result);
  if (!read_and_enhance (&hosting, result, &result->error))
    result->status = CLI_STATUS_FAILED;
  note_report (result);
  note_fidelity (result);
  result->seconds = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

void
cli_result_clear (CliResult *result)
{
  g_clear_error (&result->error);
  g_string_free (result->notes, TRUE);
  ie_fidelity_free (result->fidelity);
  g_free (result->plan);
}
