// SPDX-License-Identifier: GPL-3.0-or-later
/* Workers as processes: started, watched, ended. */
#include "cli/worker-process.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "core/i18n.h"

#define PROGRAM "/proc/self/exe"
#define GRACE (2 * G_USEC_PER_SEC)       /* for a worker that was told to end */
#define LONGEST_STEP G_USEC_PER_SEC      /* that is counted as silence: longer ones were ours, not the worker's */
#define ARM_INTERVAL G_USEC_PER_SEC

extern char **environ;

static void worker_free (gpointer data);
static GPrivate current = G_PRIVATE_INIT (worker_free);

/* ---- waiting ---- */

/* Lets the system end it after so much processor time more, should this process not be there to do it. */
static void
arm (CliWorker *worker, gint64 now)
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
  CliWorker *worker = data;
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

gboolean
cli_worker_send (CliWorker *worker, CliFrameType type, GByteArray *fields, int fd)
{
  worker->sending = TRUE;
  gboolean sent = cli_frame_send (&worker->channel, type, fields, fd, NULL);
  worker->sending = FALSE;
  return sent;
}

CliReceived
cli_worker_receive (CliWorker *worker, CliFrame *frame)
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
spawn (CliWorker *worker, int child)
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
shake_hands (CliWorker *worker, gboolean verbose)
{
  CliFrame frame;
  if (cli_worker_receive (worker, &frame) != CLI_RECEIVED)
    return FALSE;
  gboolean good = frame.type == CLI_FRAME_HELLO;
  cli_frame_clear (&frame);
  GByteArray *fields = g_byte_array_new ();
  cli_put_number (fields, CLI_FIELD_HOST, (guint64)getpid ());
  cli_put_number (fields, CLI_FIELD_MEMORY, worker->memory);
  cli_put_number (fields, CLI_FIELD_THREADS, (guint64)worker->threads);
  cli_put_number (fields, CLI_FIELD_CONFINE, 1);
  if (!cli_worker_send (worker, CLI_FRAME_SETUP, fields, -1) || !good || cli_worker_receive (worker, &frame) != CLI_RECEIVED)
    return FALSE;
  good = frame.type == CLI_FRAME_READY;
  char *rights = cli_get_text (&frame, CLI_FIELD_TEXT);
  if (good && verbose && rights)
    cli_error ("worker", rights);
  g_free (rights);
  cli_frame_clear (&frame);
  return good;
}

int
cli_worker_reap (CliWorker *worker)
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
  CliWorker *worker = data;
  /* It ends by itself when nobody speaks to it any more; the end of its own socket says that it has. */
  shutdown (worker->fd, SHUT_WR);
  worker->host = NULL;
  worker->silence = 0;
  worker->timeout = GRACE;
  worker->looked = g_get_monotonic_time ();
  CliFrame frame;
  while (cli_frame_receive (&worker->channel, &frame, NULL) == CLI_RECEIVED)
    cli_frame_clear (&frame);
  cli_worker_reap (worker);
}

void
cli_worker_end (void)
{
  g_private_replace (&current, NULL);
}

static CliWorker *
worker_new (guint64 memory, int threads, gboolean verbose, GError **error)
{
  int ends[2];
  CliWorker *worker = g_new0 (CliWorker, 1);
  worker->memory = memory;
  worker->threads = threads;
  worker->timeout = CLI_USUAL_TIMEOUT * G_USEC_PER_SEC;
  worker->looked = g_get_monotonic_time ();
  int failed = socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 ? errno : 0;
  if (!failed) {
    failed = spawn (worker, ends[1]);
    close (ends[1]);
    if (failed)
      close (ends[0]);
  }
  if (failed) {
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT,
                 _ ("no worker process can be started (%s); --isolate none goes without"),
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
  cli_worker_reap (worker);
  g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT,
                       _ ("the worker process does not start; --isolate none goes without"));
  return NULL;
}

CliWorker *
cli_worker_take (guint64 memory, int threads, gboolean verbose, GError **error)
{
  CliWorker *worker = g_private_get (&current);
  if (worker && worker->memory == memory && worker->threads == threads) {
    g_private_set (&current, NULL);
    return worker;
  }
  cli_worker_end ();
  return worker_new (memory, threads, verbose, error);
}

void
cli_worker_keep (CliWorker *worker)
{
  worker->host = NULL;
  g_private_set (&current, worker);
}

void
cli_worker_watch (CliWorker *worker)
{
  worker->silence = worker->armed = 0;
  worker->looked = g_get_monotonic_time ();
  arm (worker, worker->looked);
}
