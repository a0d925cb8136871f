// SPDX-License-Identifier: GPL-3.0-or-later
/* The process of a model: loads the runtime, gives up rights, opens what it is told to, and answers. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/i18n.h"
#include "embed/model-pipe.h"
#include "embed/model-tower.h"
#include "embed/model.h"

typedef struct {
  int socket;
  IeModelConfine confine;
  IeOnnx *onnx;
  int threads;
  IeModelTower *towers[2]; /* by IeTower; NULL: not open */
} Server;

/* Ends the process with its program, whatever it is at: a model may compute for ever. */
static gpointer
watch (gpointer data)
{
  struct pollfd end = { .fd = GPOINTER_TO_INT (data), .events = POLLRDHUP };
  while (poll (&end, 1, -1) <= 0 || !(end.revents & (POLLRDHUP | POLLHUP | POLLERR)))
    ;
  _exit (0);
}

static gboolean
answer_error (const Server *server, GError *error)
{
  guint32 code = error->domain == IE_ERROR ? (guint32) error->code : IE_ERROR_INPUT;
  gboolean said = ie_say (server->socket, IE_SAY_ERROR, &code, sizeof code, error->message, strlen (error->message), 0);
  g_error_free (error);
  return said;
}

static gboolean
set_up (Server *server, const IeSaid *said)
{
  IeSetup setup;
  GError *error = NULL;
  if (said->size < sizeof setup || server->onnx)
    return FALSE;
  memcpy (&setup, said->bytes, sizeof setup);
  server->threads = (int) CLAMP (setup.threads, 1, 1024);
  const char *library = (const char *) said->bytes + sizeof setup, *end = (const char *) said->bytes + said->size;
  server->onnx = ie_onnx_load (library, &error);
  if (!server->onnx)
    return answer_error (server, error);
  GPtrArray *folders = g_ptr_array_new ();
  for (const char *at = library + strlen (library) + 1; at < end; at += strlen (at) + 1)
    g_ptr_array_add (folders, (gpointer) at);
  g_ptr_array_add (folders, NULL);
  if (server->confine)
    g_free (server->confine (setup.memory, server->threads, (const char *const *) folders->pdata));
  g_ptr_array_unref (folders);
  char *text = g_strdup_printf ("%s\n%s", ie_onnx_version (server->onnx), ie_onnx_file (server->onnx));
  gboolean good = ie_say (server->socket, IE_SAY_READY, text, strlen (text), NULL, 0, 0);
  g_free (text);
  return good;
}

static gboolean
open_tower (Server *server, const IeSaid *said)
{
  guint32 tower;
  GError *error = NULL;
  if (said->size < sizeof tower || !server->onnx)
    return FALSE;
  memcpy (&tower, said->bytes, sizeof tower);
  if (tower > IE_TOWER_TEXT || server->towers[tower])
    return FALSE;
  server->towers[tower] = ie_model_tower_open (server->onnx, (const char *) said->bytes + sizeof tower,
                                               tower == IE_TOWER_TEXT, server->threads, &error);
  if (!server->towers[tower])
    return answer_error (server, error);
  guint32 dimensions = (guint32) ie_model_tower_dimensions (server->towers[tower]);
  return ie_say (server->socket, IE_SAY_OPENED, &dimensions, sizeof dimensions, NULL, 0, 0);
}

static gboolean
compute (Server *server, const IeSaid *said)
{
  IeModelTower *tower = server->towers[said->kind == IE_SAY_TEXT ? IE_TOWER_TEXT : IE_TOWER_PICTURE];
  GError *error = NULL;
  int dimensions = 0;
  if (!tower)
    return FALSE;
  float *vector = ie_model_tower_run (tower, said->bytes, said->size, &dimensions, &error);
  if (!vector)
    return answer_error (server, error);
  gboolean good = ie_say (server->socket, IE_SAY_VECTOR, vector, (gsize) dimensions * sizeof *vector, NULL, 0, 0);
  g_free (vector);
  return good;
}

static gboolean
serve (Server *server, const IeSaid *said)
{
  switch (said->kind) {
  case IE_SAY_SETUP:
    return set_up (server, said);
  case IE_SAY_OPEN:
    return open_tower (server, said);
  case IE_SAY_PICTURE:
  case IE_SAY_TEXT:
    return compute (server, said);
  default:
    return FALSE;
  }
}

int
ie_model_serve (int socket, IeModelConfine confine)
{
  Server server = { socket, confine };
  IeSaid said;
  gboolean good = TRUE;
  signal (SIGINT, SIG_IGN); /* the terminal's: the program decides */
  signal (SIGPIPE, SIG_IGN);
  dup2 (STDERR_FILENO, STDOUT_FILENO); /* what a library prints */
  g_thread_unref (g_thread_new ("program", watch, GINT_TO_POINTER (socket)));
  while (good && ie_hear (socket, &said, 0)) {
    good = serve (&server, &said);
    g_free (said.bytes);
  }
  fflush (NULL);
  _exit (good ? 0 : 1); /* the runtime's threads and destructors are of no use any more */
}
