// SPDX-License-Identifier: GPL-3.0-or-later
/* A process for a model: the program itself, started once more (model.h: ie_model_set_program()). */
#include "embed/model-process.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "core/i18n.h"
#include "embed/model.h"

#define SET_UP_SECONDS 60

extern char **environ;

static const char *const usual_program[] = { "/proc/self/exe", "model-process", NULL };
static const char *const *program = usual_program;
static char *runtime_file;

void
ie_model_set_program (const char *const *arguments)
{
  program = arguments;
}

void
ie_model_set_runtime (const char *library)
{
  g_free (runtime_file);
  runtime_file = library && strchr (library, '/') ? g_canonicalize_filename (library, NULL) : g_strdup (library);
}

/* ---- its end ---- */

/* Its status, of waitpid(). */
static int
reap (IeModelProcess *process)
{
  int status = 0;
  kill (process->pid, SIGKILL); /* of no consequence where it is dead already, but not waited for */
  while (waitpid (process->pid, &status, 0) < 0 && errno == EINTR)
    ;
  close (process->socket);
  g_free (process);
  return status;
}

void
ie_model_process_end (IeModelProcess *process)
{
  if (process)
    reap (process);
}

/* Why there is no answer; the process is ended. */
static void
explain (IeModelProcess *process, gboolean hung, int seconds, GError **error)
{
  guint64 memory = process->memory;
  if (!hung) { /* dead, or about to be: let it say how */
    gint64 until = g_get_monotonic_time () + G_USEC_PER_SEC;
    siginfo_t info = { 0 };
    while (waitid (P_PID, (id_t) process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && !info.si_pid &&
           g_get_monotonic_time () < until)
      g_usleep (1000);
  }
  int status = reap (process), number = WIFSIGNALED (status) ? WTERMSIG (status) : 0;
  if (hung)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the model took more than %d s; --model-timeout gives more"),
                 seconds);
  else if (memory && (number == SIGABRT || number == SIGTRAP || number == SIGSEGV))
    g_set_error (
        error, IE_ERROR, IE_ERROR_MEMORY,
        _ ("the model's process crashed (signal %d); it may need more memory than %u MiB, --model-memory gives more"),
        number, (guint) (memory >> 20));
  else if (number == SIGKILL)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY,
                         _ ("the model's process was killed (signal 9); the system may be out of memory"));
  else if (number)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the model's process crashed (signal %d)"), number);
  else
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the model's process ended (exit code %d)"), WEXITSTATUS (status));
}

/* ---- questions ---- */

static void
take_error (const IeSaid *said, GError **error)
{
  guint32 code;
  memcpy (&code, said->bytes, sizeof code);
  char *text = g_utf8_make_valid ((const char *) said->bytes + sizeof code, -1);
  for (char *c = text; *c; c++) /* names in an ONNX file are any bytes */
    if ((guchar) *c < ' ' || *c == 0x7f)
      *c = ' ';
  g_set_error_literal (error, IE_ERROR, (int) MIN (code, IE_ERROR_CANCELLED), text);
  g_free (text);
}

gboolean
ie_model_process_ask (IeModelProcess **process, IeSay kind, gconstpointer first, gsize first_size, gconstpointer rest,
                      gsize rest_size, int seconds, IeSay wanted, IeSaid *said, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  int socket = (*process)->socket;
  errno = 0;
  gboolean heard =
      ie_say (socket, kind, first, first_size, rest, rest_size, deadline) && ie_hear (socket, said, deadline);
  if (heard && said->kind == wanted)
    return TRUE;
  if (heard && said->kind == IE_SAY_ERROR && said->size >= sizeof (guint32))
    take_error (said, error);
  else
    explain (g_steal_pointer (process), !heard && errno == ETIMEDOUT, seconds, error);
  if (heard)
    g_free (said->bytes);
  return FALSE;
}

/* ---- its beginning ---- */

static int
spawn (int child, pid_t *pid)
{
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init (&actions);
  posix_spawn_file_actions_adddup2 (&actions, child, STDIN_FILENO);
  posix_spawn_file_actions_adddup2 (&actions, STDERR_FILENO, STDOUT_FILENO);
  int failed = posix_spawn (pid, program[0], &actions, NULL, (char *const *) program, environ);
  posix_spawn_file_actions_destroy (&actions);
  return failed;
}

/* NULL and error. */
static IeModelProcess *
start (guint64 memory, GError **error)
{
  int ends[2];
  IeModelProcess *process = g_new0 (IeModelProcess, 1);
  int failed = socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 ? errno : 0;
  if (!failed) {
    failed = spawn (ends[1], &process->pid);
    close (ends[1]);
    if (failed)
      close (ends[0]);
  }
  if (failed) {
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("no process for the model can be started (%s)"),
                 g_strerror (failed));
    g_free (process);
    return NULL;
  }
  process->socket = ends[0];
  process->memory = memory;
  return process;
}

IeModelProcess *
ie_model_process_start (int threads, guint64 memory, const char *const *folders, char **runtime, GError **error)
{
  IeModelProcess *process = start (memory, error);
  if (!process)
    return NULL;
  IeSetup setup = { memory, (guint32) MAX (threads, 1) };
  GString *names = g_string_new (runtime_file);
  for (int i = 0; folders && folders[i]; i++) {
    g_string_append_c (names, '\0');
    g_string_append (names, folders[i]);
  }
  IeSaid said;
  gboolean good = ie_model_process_ask (&process, IE_SAY_SETUP, &setup, sizeof setup, names->str, names->len,
                                        SET_UP_SECONDS, IE_SAY_READY, &said, error);
  g_string_free (names, TRUE);
  if (!good) {
    ie_model_process_end (process);
    return NULL;
  }
  if (runtime)
    *runtime = g_utf8_make_valid ((const char *) said.bytes, -1);
  g_free (said.bytes);
  return process;
}
