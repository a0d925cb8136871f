// SPDX-License-Identifier: GPL-3.0-or-later
/* Worker processes: pictures are read by a process that may do nothing but that, so that no file can do more than end it.
 * worker-host.c and worker-process.c are this side, worker.c the other, limits.c what the other may; docs/protocol.md says how
 * they speak. */
#pragma once

#include "cli/job.h"

/* Does the job in the worker of the calling thread, which is started when there is none, or in this process when the
 * options say so. As cli_job_run(); besides, a worker that died or was ended is an error of this job alone
 * (IE_ERROR_INPUT or IE_ERROR_MEMORY). */
gboolean cli_job_run_isolated (const CliWorkerOptions *options, const CliJob *job, int input, const CliHost *host,
                               CliResult *result, GError **error);

/* Ends the worker of the calling thread; that of a GThread ends with the thread by itself. */
void cli_worker_end (void);

/* `imgenhance worker`: serves a host on standard input and output until that closes. Gives the exit code. */
int cli_worker_main (void);

/* ---- limits.c ---- */

/* What the options say about reading, for readers. */
IeReadLimits cli_limits (const CliWorkerOptions *options);

/* Takes from this process what a worker does not need, for good: more than `memory` bytes of address space besides what
 * it has now and what `threads` need, core files, new rights, and, where the system can, every system call but those of
 * reading, computing and writing to what is open. Gives what could be done, in a few words. g_free(). */
char *cli_give_up_rights (guint64 memory, int threads);

/* The same for the process of a model, limits-model.c: memory 0 means all that the system has. Besides, where the system can, no file
 * can be read but those below the folders (ended by NULL), the system's own libraries and data, and nothing written by name. */
char *cli_give_up_rights_of_model (guint64 memory, int threads, const char *const *folders);
