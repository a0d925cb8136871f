// SPDX-License-Identifier: GPL-3.0-or-later
/* A worker as the host sees it: a process, a channel to it, and the watch over both. Each thread has one of its own. */
#pragma once

#include "cli/worker-frames.h"

#define CLI_USUAL_TIMEOUT 120 /* seconds */

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
  GError *failed; /* what the worker says */
  gint64 timeout, silence, looked, armed, cancelled; /* microseconds; cancelled: when, or 0 */
  gboolean sending, hung, reported;
} CliWorker;

/* Takes the worker of this thread, set up with these limits, out of its place, or starts one; verbose: prints what it may
 * not do. NULL and error (IE_ERROR_OUTPUT). To be given to cli_worker_keep() or cli_worker_reap(). */
CliWorker *cli_worker_take (guint64 memory, int threads, gboolean verbose, GError **error);
/* Puts it back for the next job. */
void cli_worker_keep (CliWorker *worker);
/* Ends it at once and gives its status, of waitpid(). */
int cli_worker_reap (CliWorker *worker);

/* A job begins: the watch starts anew with worker->timeout. */
void cli_worker_watch (CliWorker *worker);
/* Takes fields. FALSE: the worker is gone, hangs, or is not wanted any more. */
gboolean cli_worker_send (CliWorker *worker, CliFrameType type, GByteArray *fields, int fd);
/* The next frame. CLI_RECEIVED_NOTHING also when the worker hangs (worker->hung), or the host wants to stop. */
CliReceived cli_worker_receive (CliWorker *worker, CliFrame *frame);
