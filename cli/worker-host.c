// SPDX-License-Identifier: GPL-3.0-or-later
/* The host's side of a job in a worker: hands it over, opens what the worker asks for, takes what it says, and says why
 * it died. */
#include <inttypes.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/worker-process.h"
#include "core/i18n.h"
#include "core/temporary.h"

#define TIMEOUT_BYTES (1 << 20) /* of input, for each of which a second is added to the usual */
#define MOST_TEXT ((gsize)64 << 20)

/* ---- what the worker says ---- */

static int
open_for (CliWorker *worker, CliAsk kind, const char *text, GError **error)
{
  switch (kind) {
  case CLI_ASK_OUTPUT:
    return worker->host->output (worker->host->data, error);
  case CLI_ASK_PICTURE:
    return worker->host->picture (worker->host->data, text ? text : "", error);
  case CLI_ASK_TEMPORARY:
    return ie_temporary_file (NULL, error); /* never where the worker would have it */
  }
  g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("nothing that is given"));
  return -1;
}

static gboolean
answer (CliWorker *worker, const CliFrame *frame)
{
  GError *error = NULL;
  char *text = cli_get_text (frame, CLI_FIELD_TEXT);
  int fd = open_for (worker, (CliAsk)cli_get_choice (frame, CLI_FIELD_KIND, CLI_ASK_LAST), text, &error);
  GByteArray *fields = g_byte_array_new ();
  if (error) {
    cli_put_number (fields, CLI_FIELD_CODE, (guint64)error->code);
    cli_put_text (fields, CLI_FIELD_TEXT, error->message);
  }
  worker->looked = g_get_monotonic_time (); /* the time that this took is ours */
  gboolean sent = cli_worker_send (worker, CLI_FRAME_ANSWER, fields, fd);
  if (fd >= 0)
    close (fd);
  g_clear_error (&error);
  g_free (text);
  return sent;
}

static void
take_error (CliWorker *worker, const CliFrame *frame)
{
  char *text = cli_get_text (frame, CLI_FIELD_TEXT);
  g_clear_error (&worker->failed);
  g_set_error_literal (&worker->failed, IE_ERROR, cli_get_choice (frame, CLI_FIELD_CODE, IE_ERROR_CANCELLED),
                       text ? text : _ ("no reason given"));
  g_free (text);
}

static gboolean
take_text (CliWorker *worker, const CliFrame *frame)
{
  char *text = cli_get_text (frame, CLI_FIELD_TEXT);
  if (!worker->text)
    worker->text = g_string_new (NULL);
  if (text)
    g_string_append (worker->text, text);
  g_free (text);
  return worker->text->len <= MOST_TEXT;
}

static void
take_fidelity (CliWorker *worker, const CliFrame *frame)
{
  char *item = cli_get_text (frame, CLI_FIELD_ITEM), *text = cli_get_text (frame, CLI_FIELD_TEXT);
  if (item)
    ie_fidelity_note (worker->result->fidelity, item, cli_get_choice (frame, CLI_FIELD_CODE, IE_FIDELITY_DROPPED), "%s",
                      text ? text : "");
  g_free (item);
  g_free (text);
}

/* FALSE: what it says makes no sense, or it cannot be spoken to. */
static gboolean
take (CliWorker *worker, const CliFrame *frame)
{
  switch (frame->type) {
  case CLI_FRAME_PROGRESS:
    worker->host->progress (worker->host->data, CLAMP (cli_get_real (frame, CLI_FIELD_FRACTION, 0), 0, 1));
    return TRUE;
  case CLI_FRAME_ASK:
    return answer (worker, frame);
  case CLI_FRAME_TEXT:
    return take_text (worker, frame);
  case CLI_FRAME_FIDELITY:
    take_fidelity (worker, frame);
    return TRUE;
  case CLI_FRAME_REPORT:
    if (worker->reported) /* one job has one */
      return FALSE;
    cli_result_get (frame, worker->result);
    return worker->reported = TRUE;
  case CLI_FRAME_ERROR:
    take_error (worker, frame);
    return TRUE;
  default:
    return FALSE;
  }
}

/* Frames until the job is over; FALSE: the worker is not to be used again. */
static gboolean
listen_to (CliWorker *worker, gboolean *done)
{
  CliFrame frame;
  gboolean good = TRUE;
  while (good && !*done && cli_worker_receive (worker, &frame) == CLI_RECEIVED) {
    *done = frame.type == CLI_FRAME_DONE;
    good = *done || take (worker, &frame);
    cli_frame_clear (&frame);
  }
  return good && *done && !worker->cancelled;
}

/* ---- jobs ---- */

/* Why there is no answer. */
static void
explain (GError **error, const CliWorker *worker, int status)
{
  int code = IE_ERROR_INPUT, number = WIFSIGNALED (status) ? WTERMSIG (status) : 0;
  char *reason;
  if (worker->cancelled) {
    code = IE_ERROR_CANCELLED;
    reason = g_strdup (_ ("interrupted"));
  } else if (worker->hung)
    reason = g_strdup_printf (_ ("took more than %" PRId64 " s for one step; --timeout gives more"),
                              worker->timeout / G_USEC_PER_SEC);
  else if (number == SIGXCPU)
    reason = g_strdup_printf (_ ("took more than %" PRId64 " s of processor time for one step; --timeout gives more"),
                              worker->timeout / G_USEC_PER_SEC);
  else if (number == SIGKILL)
    reason = g_strdup (_ ("the reader was killed (signal 9); the system may be out of memory"));
  else if (number)
    reason = g_strdup_printf (_ ("the reader crashed (signal %d)"), number);
  else
    reason = g_strdup_printf (_ ("the reader ended (exit code %d)"), WEXITSTATUS (status));
  g_set_error_literal (error, IE_ERROR, code, reason);
  g_free (reason);
}

static gint64
timeout_for (const CliWorkerOptions *options, int input)
{
  struct stat status;
  gint64 seconds = options->timeout;
  if (!seconds) {
    seconds = CLI_USUAL_TIMEOUT;
    if (fstat (input, &status) == 0 && S_ISREG (status.st_mode))
      seconds += status.st_size / TIMEOUT_BYTES;
  }
  return seconds * G_USEC_PER_SEC;
}

static gboolean
run_in_worker (const CliWorkerOptions *options, const CliJob *job, int input, const CliHost *host, CliResult *result,
               GError **error)
{
  gboolean done = FALSE;
  CliWorker *worker = cli_worker_take (job->memory, job->threads, options->verbose, error);
  if (!worker) {
    close (input);
    return FALSE;
  }
  worker->host = host;
  worker->result = result;
  worker->timeout = timeout_for (options, input);
  worker->reported = FALSE;
  cli_worker_watch (worker);
  gboolean sent = cli_worker_send (worker, CLI_FRAME_JOB, cli_job_put (job), input);
  close (input);
  gboolean reuse = sent && listen_to (worker, &done);
  GError *failed = g_steal_pointer (&worker->failed);
  if (worker->text && done)
    result->plan = g_strdup (worker->text->str);
  if (worker->text)
    g_string_truncate (worker->text, 0);
  if (failed)
    g_propagate_error (error, failed);
  if (reuse) {
    cli_worker_keep (worker);
    return !failed;
  }
  CliWorker last = *worker; /* what it was when it ended */
  int status = cli_worker_reap (worker);
  if (!failed && !(done && last.cancelled))
    explain (error, &last, status);
  return done && !failed;
}

gboolean
cli_job_run_isolated (const CliWorkerOptions *options, const CliJob *job, int input, const CliHost *host,
                      CliResult *result, GError **error)
{
  return options->isolate == CLI_ISOLATE_NONE ? cli_job_run (job, input, host, result, error)
                                              : run_in_worker (options, job, input, host, result, error);
}
