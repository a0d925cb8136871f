// SPDX-License-Identifier: GPL-3.0-or-later
/* The worker's side: imgenhance worker. One thread receives frames, the other does the jobs. */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/memory.h"
#include "cli/terminal.h"
#include "cli/worker-frames.h"
#include "core/i18n.h"
#include "core/temporary.h"

typedef struct {
  CliChannel channel;
  GAsyncQueue *jobs, *answers; /* of CliFrame *; the type of the last one is 0 */
  gint cancel;
  gboolean broken; /* what came was no frame */
  guint64 memory;  /* for messages */
} Worker;

static Worker worker;

/* ---- frames that come ---- */

static void
push (GAsyncQueue *queue, const CliFrame *frame)
{
  g_async_queue_push (queue, g_memdup2 (frame, sizeof *frame));
}

static void
frame_free (CliFrame *frame)
{
  if (frame->payload)
    cli_frame_clear (frame);
  g_free (frame);
}

static gpointer
receive (gpointer data)
{
  CliFrame frame;
  GError *error = NULL;
  CliReceived received;
  while ((received = cli_frame_receive (&worker.channel, &frame, &error)) == CLI_RECEIVED) {
    if (frame.type == CLI_FRAME_JOB) {
      g_atomic_int_set (&worker.cancel, 0);
      push (worker.jobs, &frame);
    } else if (frame.type == CLI_FRAME_ANSWER)
      push (worker.answers, &frame);
    else {
      if (frame.type == CLI_FRAME_CANCEL)
        g_atomic_int_set (&worker.cancel, 1);
      cli_frame_clear (&frame);
    }
  }
  if (received == CLI_RECEIVED_NOTHING) {
    cli_error ("worker", error->message);
    worker.broken = TRUE;
  }
  g_clear_error (&error);
  g_atomic_int_set (&worker.cancel, 1);
  CliFrame last = { .fd = -1 };
  push (worker.answers, &last);
  push (worker.jobs, &last);
  return NULL;
}

/* ---- what a job asks of the host ---- */

static int
open_path (const char *path, CliAsk kind)
{
  return kind == CLI_ASK_PICTURE ? open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
                                 : open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
}

/* A descriptor, or a path to open where descriptors cannot travel. */
static int
ask (CliAsk kind, const char *text, GError **error)
{
  GByteArray *fields = g_byte_array_new ();
  cli_put_number (fields, CLI_FIELD_KIND, kind);
  cli_put_text (fields, CLI_FIELD_TEXT, text);
  if (!cli_frame_send (&worker.channel, CLI_FRAME_ASK, fields, -1, error))
    return -1;
  CliFrame *answer = g_async_queue_pop (worker.answers);
  int fd = -1;
  if (!answer->payload) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("the host is gone"));
    push (worker.answers, answer); /* for whoever asks next */
  } else {
    char *message = cli_get_text (answer, CLI_FIELD_TEXT), *path = cli_get_text (answer, CLI_FIELD_PATH);
    fd = answer->fd;
    answer->fd = -1;
    if (fd < 0 && path)
      fd = open_path (path, kind);
    if (fd < 0)
      g_set_error_literal (error, IE_ERROR, cli_get_choice (answer, CLI_FIELD_CODE, IE_ERROR_CANCELLED),
                           message ? message : _ ("cannot be opened"));
    g_free (message);
    g_free (path);
  }
  frame_free (answer);
  return fd;
}

static int
ask_output (gpointer data, GError **error)
{
  return ask (CLI_ASK_OUTPUT, NULL, error);
}

static int
ask_picture (gpointer data, const char *text, GError **error)
{
  return ask (CLI_ASK_PICTURE, text, error);
}

static int
ask_temporary (const char *folder, GError **error)
{
  return ask (CLI_ASK_TEMPORARY, folder, error);
}

static void
send_progress (gpointer data, double fraction)
{
  GByteArray *fields = g_byte_array_new ();
  cli_put_real (fields, CLI_FIELD_FRACTION, fraction);
  cli_frame_send (&worker.channel, CLI_FRAME_PROGRESS, fields, -1, NULL);
}

/* ---- what a job gives ---- */

static void
send_error (const GError *error)
{
  GByteArray *fields = g_byte_array_new ();
  cli_put_number (fields, CLI_FIELD_CODE, error->domain == IE_ERROR ? (guint64)error->code : IE_ERROR_INPUT);
  cli_put_text (fields, CLI_FIELD_TEXT, error->message);
  cli_frame_send (&worker.channel, CLI_FRAME_ERROR, fields, -1, NULL);
}

static void
send_text (const char *text)
{
  for (gsize length = strlen (text); length > 0;) {
    gsize part = MIN (length, CLI_FRAME_MOST / 2);
    char *piece = g_strndup (text, part);
    GByteArray *fields = g_byte_array_new ();
    cli_put_text (fields, CLI_FIELD_TEXT, piece);
    cli_frame_send (&worker.channel, CLI_FRAME_TEXT, fields, -1, NULL);
    g_free (piece);
    text += part;
    length -= part;
  }
}

static void
send_fidelity (const IeFidelity *fidelity)
{
  for (int i = 0; i < ie_fidelity_count (fidelity); i++) {
    IeFidelityNote note = ie_fidelity_get (fidelity, i);
    GByteArray *fields = g_byte_array_new ();
    cli_put_text (fields, CLI_FIELD_ITEM, note.item);
    cli_put_number (fields, CLI_FIELD_CODE, note.state);
    cli_put_text (fields, CLI_FIELD_TEXT, note.note);
    cli_frame_send (&worker.channel, CLI_FRAME_FIDELITY, fields, -1, NULL);
  }
}

static gboolean
do_job (CliFrame *frame, CliResult *result, GError **error)
{
  CliJob job;
  CliHost host = { NULL, ask_output, ask_picture, send_progress, &worker.cancel };
  char *path = cli_get_text (frame, CLI_FIELD_INPUT_PATH);
  int input = frame->fd;
  frame->fd = -1;
  gboolean good = cli_job_get (frame, &job, error);
  if (good && input < 0)
    good = path ? (input = ie_open_file (path, error)) >= 0
                : (g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("a job without input")), FALSE);
  if (good)
    good = cli_job_run (&job, input, &host, result, error);
  else if (input >= 0)
    close (input);
  cli_job_clear (&job);
  g_free (path);
  return good;
}

static void
serve (CliFrame *frame)
{
  CliResult result;
  GError *error = NULL;
  cli_memory_restart ();
  cli_result_init (&result);
  gboolean good = do_job (frame, &result, &error);
  if (result.plan)
    send_text (result.plan);
  send_fidelity (result.fidelity);
  cli_frame_send (&worker.channel, CLI_FRAME_REPORT, cli_result_put (&result), -1, NULL);
  if (!good)
    send_error (error);
  cli_frame_send (&worker.channel, CLI_FRAME_DONE, NULL, -1, NULL);
  g_clear_error (&error);
  cli_result_clear (&result);
}

/* ---- the beginning ---- */

/* What GLib would end the process for: above all that there is no memory. The host gets the reason in place of a death
 * without one. */
static GLogWriterOutput
on_log (GLogLevelFlags level, const GLogField *fields, gsize count, gpointer data)
{
  if (!(level & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR)))
    return g_log_writer_default (level, fields, count, data);
  static gboolean again;
  if (again) /* no memory to say that there is no memory */
    _exit (CLI_SOME_FAILED);
  again = TRUE;
  const char *message = "";
  for (gsize i = 0; i < count; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      message = fields[i].value;
  GError error = { .domain = IE_ERROR, .code = IE_ERROR_INPUT };
  char text[200];
  if (strstr (message, "allocate") || strstr (message, "thread")) {
    error.code = IE_ERROR_MEMORY;
    g_snprintf (text, sizeof text, _ ("needed more memory than the limit of %" PRIu64 " MiB; raise it with --memory"),
                worker.memory >> 20);
  } else
    g_snprintf (text, sizeof text, _ ("the reader gave up: %s"), message);
  error.message = text;
  send_error (&error);
  _exit (CLI_SOME_FAILED);
}

/* Frames keep descriptors of their own, so that nothing that a library prints can get among them. */
static gboolean
take_streams (void)
{
  int in = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 3), out = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  int nothing = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  if (in < 0 || out < 0)
    return FALSE;
  if (nothing >= 0)
    dup2 (nothing, STDIN_FILENO);
  dup2 (STDERR_FILENO, STDOUT_FILENO);
  cli_channel_init (&worker.channel, in, out);
  return TRUE;
}

/* FALSE: the host is gone already. */
static gboolean
die_with (pid_t host)
{
  return !host || (prctl (PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid () == host);
}

static gboolean
set_up (const CliFrame *setup, GError **error)
{
  if (setup->type != CLI_FRAME_SETUP) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("the first frame must be SETUP"));
    return FALSE;
  }
  if (!die_with ((pid_t)cli_get_number (setup, CLI_FIELD_HOST, 0)))
    return FALSE;
  int threads = MAX (cli_get_choice (setup, CLI_FIELD_THREADS, 1024), 1);
  worker.memory = cli_get_number (setup, CLI_FIELD_MEMORY, 0);
  cli_memory_restart (); /* both open what they look at */
  cli_memory_program ();
  char *rights = cli_get_number (setup, CLI_FIELD_CONFINE, 0) ? cli_give_up_rights (worker.memory, threads) : NULL;
  GByteArray *fields = g_byte_array_new ();
  cli_put_text (fields, CLI_FIELD_TEXT, rights ? rights : _ ("no limits: not asked for"));
  if (worker.channel.socket)
    ie_set_temporary (ask_temporary);
  g_free (rights);
  return cli_frame_send (&worker.channel, CLI_FRAME_READY, fields, -1, error);
}

static gboolean
greet (GError **error)
{
  CliFrame setup;
  GByteArray *fields = g_byte_array_new ();
  cli_put_text (fields, CLI_FIELD_TEXT, "imgenhance " IE_VERSION);
  if (!cli_frame_send (&worker.channel, CLI_FRAME_HELLO, fields, -1, error)
      || cli_frame_receive (&worker.channel, &setup, error) != CLI_RECEIVED)
    return FALSE;
  gboolean good = set_up (&setup, error);
  cli_frame_clear (&setup);
  return good;
}

int
cli_worker_main (void)
{
  GError *error = NULL;
  signal (SIGINT, SIG_IGN); /* the terminal's goes to the host, which says CANCEL */
  signal (SIGTERM, SIG_DFL);
  g_log_set_writer_func (on_log, NULL, NULL);
  if (!take_streams () || !greet (&error)) {
    if (error)
      cli_error ("worker", error->message);
    gboolean wrong = error != NULL;
    g_clear_error (&error);
    return wrong ? CLI_USAGE : CLI_DONE;
  }
  worker.jobs = g_async_queue_new ();
  worker.answers = g_async_queue_new ();
  GThread *receiver = g_thread_new ("frames", receive, NULL);
  CliFrame *frame;
  for (; (frame = g_async_queue_pop (worker.jobs))->payload; frame_free (frame))
    serve (frame);
  frame_free (frame);
  g_thread_join (receiver);
  return worker.broken ? CLI_USAGE : CLI_DONE;
}
