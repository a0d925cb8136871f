// SPDX-License-Identifier: GPL-3.0-or-later
/* The part of the work on one picture that touches its bytes: read, enhanced, encoded. It opens nothing by itself, so that
 * it runs alike in this process and in a worker without rights: descriptors come from a host. */
#pragma once

#include "cli/apply.h"
#include "cli/frames.h"

typedef enum { CLI_JOB_APPLY, CLI_JOB_INFO, CLI_JOB_PREPARE, CLI_JOB_LAST = CLI_JOB_PREPARE } CliJobKind;

typedef struct {
  int kind;               /* CliJobKind */
  const IeRecipe *recipe; /* borrowed */
  const IeFormat *format; /* of the result; NULL: the input's */
  int depth;              /* IeDepth; -1: the input's */
  int threads;
  int rect[2];
  guint64 memory;
  gboolean count_clipped, dry_run, json, dither;
  const char *name; /* INFO: as the text calls the file; borrowed */
  IeReadLimits limits;
  IeWriteOptions write;
} CliJob;

/* Who opens files. Every hook is called from the thread that does the job. */
typedef struct {
  gpointer data;
  int (*output) (gpointer data, GError **error);                    /* where to write; the job closes it */
  int (*picture) (gpointer data, const char *text, GError **error); /* that a step names; the job closes it */
  void (*progress) (gpointer data, double fraction);
  const gint *cancel; /* read atomically: other than 0 means stop */
} CliHost;

/* Does it; input (taken) is open for reading. Fills result's notes, plan (the text of INFO), memory, peak, report and
 * fidelity, which are made already; not its status. */
gboolean cli_job_run (const CliJob *job, int input, const CliHost *host, CliResult *result, GError **error);

/* A job as fields of a frame, without its input. The job that is read back owns its recipe and strings:
 * cli_job_clear(). */
GByteArray *cli_job_put (const CliJob *job);
gboolean cli_job_get (const CliFrame *frame, CliJob *job, GError **error);
void cli_job_clear (CliJob *job);

/* What cli_job_run() filled, but for the plan and the fidelity report. */
GByteArray *cli_result_put (const CliResult *result);
void cli_result_get (const CliFrame *frame, CliResult *result);
