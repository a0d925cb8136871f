// SPDX-License-Identifier: GPL-3.0-or-later
/* The host's side of a worker: starts it, gives it jobs, opens what it asks for, ends it when it hangs, and says why it
 * died. Each thread has a worker of its own. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "cli/worker-frames.h"
#include "core/temporary.h"

#define PROGRAM "/proc/self/exe"
#define USUAL_TIMEOUT 120                     /* seconds */
#define TIMEOUT_BYTES (1 << 20)               /* of input, for each of which a second is added to the usual */
#define GRACE (2 * G_USEC_PER_SEC)            /* for a worker that was told to end */
#define LONGEST_STEP G_USEC_PER_SEC           /* that is counted as silence: longer ones were ours, not the worker's */
#define ARM_INTERVAL G_USEC_PER_SEC
#define MOST_TEXT ((gsize)64 << 20)

typedef struct {
  pid_t pid;
  int fd;
  CliChannel channel;
  guint64 memory; /* as it was set up */
  int threads;
  /* of the job at work */
  const CliHost *host;
  CliResult *result;
  GString *text;
  GError *failed;      /* what the worker says */
  gint64 timeout, silence, looked, armed, cancelled; /* microseconds; cancelled: when, or 0 */
  gboolean sending, hung, reported;
} Worker;

extern char **environ;

static void worker_free (gpointer data);
static GPrivate current = G_PRIVATE_INIT (worker_free);

/* ---- waiting ---- */

/* Lets the system end it after so much processor time more, should this process not be there to do it. */
static void
arm (Worker *worker, gint64 now)
{
  clockid_t clock;
  struct timespec used;
  if (now - worker->armed < ARM_INTERVAL || clock_getcpuclockid (worker->pid, &clock) != 0
      || clock_gettime (clock, &used) != 0)
    return;
  worker->armed = now;
  rlim_t more = (rlim_t)(worker->timeout / G_USEC_PER_SEC + 1) * (rlim_t)worker->threads;
  struct rlimit limit = { .rlim_cur = (rlim_t)used.tv_sec + more, .rlim_max = RLIM_INFINITY };
  prlimit (worker->pid, RLIMIT_CPU, &limit, NULL);
}

/* Called while nothing comes, and after each frame; FALSE: the worker is to be ended. */
static gboolean
look (gpointer data)
{
  Worker *worker = data;
  gint64 now = g_get_monotonic_time ();
  worker->silence += MIN (now - worker->looked, LONGEST_STEP);
  worker->looked = now;
  if (worker->host && g_atomic_int_get (worker->host->cancel) && !worker->cancelled) {
    worker->cancelled = now;
    if (worker->sending)
      return FALSE;
    worker->channel.wait = NULL; /* a socket has room for this frame, or the worker hangs */
    worker->sending = TRUE;
    gboolean sent = cli_frame_send (&worker->channel, CLI_FRAME_CANCEL, NULL, -1, NULL);
    worker->sending = FALSE;
    worker->channel.wait = look;
    if (!sent)
      return FALSE;
  }
  if (worker->cancelled && now - worker->cancelled > GRACE)
    return FALSE;
  worker->hung = worker->silence > worker->timeout;
  return !worker->hung;
}

static gboolean
send_frame (Worker *worker, CliFrameType type, GByteArray *fields, int fd)
{
  worker->sending = TRUE;
  gboolean sent = cli_frame_send (&worker->channel, type, fields, fd, NULL);
  worker->sending = FALSE;
  return sent;
}

static CliReceived
receive (Worker *worker, CliFrame *frame)
{
  CliReceived received = cli_frame_receive (&worker->channel, frame, NULL);
  gint64 now = g_get_monotonic_time ();
  if (received == CLI_RECEIVED) {
    if (!look (worker)) { /* the host wants to stop, however busy the worker is */
      cli_frame_clear (frame);
      return CLI_RECEIVED_NOTHING;
    }
    worker->silence = 0;
    arm (worker, now);
  }
  return received;
}

/* ---- beginning and end ---- */

static int
spawn (Worker *worker, int child)
{
  char *arguments[] = { "imgenhance", "worker", NULL };
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_adddup2 (&actions, child, STDIN_FILENO);
  posix_spawn_file_actions_adddup2 (&actions, child, STDOUT_FILENO);
  int failed = posix_spawn (&worker->pid, PROGRAM, &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy (&actions);
  return failed;
}

/* HELLO, SETUP, READY. */
static gboolean
shake_hands (Worker *worker, gboolean verbose)
{
  CliFrame frame;
  if (receive (worker, &frame) != CLI_RECEIVED)
    return FALSE;
  gboolean good = frame.type == CLI_FRAME_HELLO;
  cli_frame_clear (&frame);
  GByteArray *fields = g_byte_array_new ();
  cli_put_number (fields, CLI_FIELD_HOST, (guint64)getpid ());
  cli_put_number (fields, CLI_FIELD_MEMORY, worker->memory);
  cli_put_number (fields, CLI_FIELD_THREADS, (guint64)worker->threads);
  cli_put_number (fields, CLI_FIELD_CONFINE, 1);
  if (!send_frame (worker, CLI_FRAME_SETUP, fields, -1) || !good || receive (worker, &frame) != CLI_RECEIVED)
    return FALSE;
  good = frame.type == CLI_FRAME_READY;
  char *rights = cli_get_text (&frame, CLI_FIELD_TEXT);
  if (good && verbose && rights)
    cli_error ("worker", rights);
  g_free (rights);
  cli_frame_clear (&frame);
  return good;
}

/* Ends it at once and gives its status, of waitpid(). */
static int
reap (Worker *worker)
{
  int status = 0;
  kill (worker->pid, SIGKILL); /* changes nothing for one that is dead already, but not waited for */
  while (waitpid (worker->pid, &status, 0) < 0 && errno == EINTR)
    ;
  close (worker->fd);
  cli_channel_clear (&worker->channel);
  if (worker->text)
    g_string_free (worker->text, TRUE);
  g_clear_error (&worker->failed);
  g_free (worker);
  return status;
}

static void
worker_free (gpointer data)
{
  Worker *worker = data;
  /* It ends by itself when nobody speaks to it any more; the end of its own socket says that it has. */
  shutdown (worker->fd, SHUT_WR);
  worker->host = NULL;
  worker->silence = 0;
  worker->timeout = GRACE;
  worker->looked = g_get_monotonic_time ();
  CliFrame frame;
  while (cli_frame_receive (&worker->channel, &frame, NULL) == CLI_RECEIVED)
    cli_frame_clear (&frame);
  reap (worker);
}

void
cli_worker_end (void)
{
  g_private_replace (&current, NULL);
}

static Worker *
worker_new (guint64 memory, int threads, gboolean verbose, GError **error)
{
  int ends[2];
  Worker *worker = g_new0 (Worker, 1);
  worker->memory = memory;
  worker->threads = threads;
  worker->timeout = USUAL_TIMEOUT * G_USEC_PER_SEC;
  worker->looked = g_get_monotonic_time ();
  int failed = socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 ? errno : 0;
  if (!failed) {
    failed = spawn (worker, ends[1]);
    close (ends[1]);
    if (failed)
      close (ends[0]);
  }
  if (failed) {
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, "no worker process can be started (%s); --isolate none goes without",
                 g_strerror (failed));
    g_free (worker);
    return NULL;
  }
  worker->fd = ends[0];
  cli_channel_init (&worker->channel, ends[0], ends[0]);
  worker->channel.wait = look;
  worker->channel.wait_data = worker;
  if (shake_hands (worker, verbose))
    return worker;
  reap (worker);
  g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT,
                       "the worker process does not start; --isolate none goes without");
  return NULL;
}

/* ---- what the worker says ---- */

static int
open_for (Worker *worker, CliAsk kind, const char *text, GError **error)
{
  switch (kind) {
  case CLI_ASK_OUTPUT:
    return worker->host->output (worker->host->data, error);
  case CLI_ASK_PICTURE:
    return worker->host->picture (worker->host->data, text ? text : "", error);
  case CLI_ASK_TEMPORARY:
    return ie_temporary_file (NULL, error); /* never where the worker would have it */
  }
  g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, "nothing that is given");
  return -1;
}

static gboolean
answer (Worker *worker, const CliFrame *frame)
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
  gboolean sent = send_frame (worker, CLI_FRAME_ANSWER, fields, fd);
  if (fd >= 0)
    close (fd);
  g_clear_error (&error);
  g_free (text);
  return sent;
}

static void
take_error (Worker *worker, const CliFrame *frame)
{
  char *text = cli_get_text (frame, CLI_FIELD_TEXT);
  g_clear_error (&worker->failed);
  g_set_error_literal (&worker->failed, IE_ERROR, cli_get_choice (frame, CLI_FIELD_CODE, IE_ERROR_CANCELLED),
                       text ? text : "no reason given");
  g_free (text);
}

static gboolean
take_text (Worker *worker, const CliFrame *frame)
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
take_fidelity (Worker *worker, const CliFrame *frame)
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
take (Worker *worker, const CliFrame *frame)
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
listen_to (Worker *worker, gboolean *done)
{
  CliFrame frame;
  gboolean good = TRUE;
  while (good && !*done && receive (worker, &frame) == CLI_RECEIVED) {
    *done = frame.type == CLI_FRAME_DONE;
    good = *done || take (worker, &frame);
    cli_frame_clear (&frame);
  }
  return good && *done && !worker->cancelled;
}

/* ---- jobs ---- */

/* Why there is no answer. */
static void
explain (GError **error, const Worker *worker, int status)
{
  int code = IE_ERROR_INPUT, number = WIFSIGNALED (status) ? WTERMSIG (status) : 0;
  char *reason;
  if (worker->cancelled) {
    code = IE_ERROR_CANCELLED;
    reason = g_strdup ("interrupted");
  } else if (worker->hung)
    reason = g_strdup_printf ("took more than %" G_GINT64_FORMAT " s for one step; --timeout gives more",
                              worker->timeout / G_USEC_PER_SEC);
  else if (number == SIGXCPU)
    reason = g_strdup_printf ("took more than %" G_GINT64_FORMAT " s of processor time for one step; --timeout gives more",
                              worker->timeout / G_USEC_PER_SEC);
  else if (number == SIGKILL)
    reason = g_strdup ("the reader was killed (signal 9); the system may be out of memory");
  else if (number)
    reason = g_strdup_printf ("the reader crashed (signal %d)", number);
  else
    reason = g_strdup_printf ("the reader ended (exit code %d)", WEXITSTATUS (status));
  g_set_error_literal (error, IE_ERROR, code, reason);
  g_free (reason);
}

static gint64
timeout_for (const CliWorkerOptions *options, int input)
{
  struct stat status;
  gint64 seconds = options->timeout;
  if (!seconds) {
    seconds = USUAL_TIMEOUT;
    if (fstat (input, &status) == 0 && S_ISREG (status.st_mode))
      seconds += status.st_size / TIMEOUT_BYTES;
  }
  return seconds * G_USEC_PER_SEC;
}

/* Takes the worker of this thread out of its place, or starts one. */
static Worker *
get_worker (const CliWorkerOptions *options, const CliJob *job, GError **error)
{
  Worker *worker = g_private_get (&current);
  if (worker && worker->memory == job->memory && worker->threads == job->threads) {
    g_private_set (&current, NULL);
    return worker;
  }
  cli_worker_end ();
  return worker_new (job->memory, job->threads, options->verbose, error);
}

static gboolean
run_in_worker (const CliWorkerOptions *options, const CliJob *job, int input, const CliHost *host, CliResult *result,
               GError **error)
{
  gboolean done = FALSE;
  Worker *worker = get_worker (options, job, error);
  if (!worker) {
    close (input);
    return FALSE;
  }
  worker->host = host;
  worker->result = result;
  worker->timeout = timeout_for (options, input);
  worker->silence = worker->armed = 0;
  worker->reported = FALSE;
  worker->looked = g_get_monotonic_time ();
  arm (worker, worker->looked);
  gboolean sent = send_frame (worker, CLI_FRAME_JOB, cli_job_put (job), input);
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
    worker->host = NULL;
    g_private_set (&current, worker);
    return !failed;
  }
  Worker last = *worker; /* what it was when it ended */
  int status = reap (worker);
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
