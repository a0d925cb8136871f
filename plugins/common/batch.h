// SPDX-License-Identifier: GPL-3.0-or-later
/* A batch: the command `imgenhance apply`, which the plug-in's own executable is too, run as a child. What it prints is read line
 * by line; the engine, the journal and the writing of files are the command's. No toolkit: events come through the main loop. */
#pragma once

#include "core/i18n.h"
#include "core/imgenhance.h"

G_BEGIN_DECLS

#define IE_BATCH_PROCEDURE "plug-in-imgenhance-batch"
#define IE_BATCH_LABEL N_ ("Batch Enhance...")
#define IE_BATCH_SUMMARY N_ ("Takes many files through a recipe")
#define IE_BATCH_HELP \
  N_ ("Runs the command imgenhance apply on files and folders: what it wrote, and what failed and why, is listed; profiles and " \
      "metadata are kept; started again it continues where it ended.")
#define IE_BATCH_PICTURES_HELP N_ ("Files and folders, a line each")
#define IE_BATCH_OUTPUT_HELP N_ ("The folder for the results; made when it is not there")

typedef struct {
  char *const *inputs;    /* files and folders (with all that is in them), ended by NULL */
  const IeRecipe *recipe;
  const char *output;     /* a folder; made when it is not there */
  const char *format;     /* as the command calls it; NULL: that of each input */
  gboolean replace;       /* outputs that are there */
} IeBatchJob;

typedef enum { IE_BATCH_DONE, IE_BATCH_SKIPPED, IE_BATCH_FAILED } IeBatchStatus;

typedef struct {
  /* One picture has come to an end. reason: of one that was skipped or failed, or a note; may be NULL. */
  void (*picture) (gpointer data, const char *input, const char *output, IeBatchStatus status, const char *reason);
  /* The whole has. error: why nothing or not all was done, one line; NULL: every picture has its result. */
  void (*ended) (gpointer data, gboolean stopped, const char *error);
  gpointer data;
} IeBatchHooks;

typedef struct IeBatch IeBatch;

/* How many pictures there will be; a look at folders, not into files. */
int ie_batch_count (const IeBatchJob *job);
/* Begins; job is not looked at afterwards. NULL and error: it cannot be started. */
IeBatch *ie_batch_new (const IeBatchJob *job, const IeBatchHooks *hooks, GError **error);
/* Stops soon: what is not finished can be continued by the same batch again. ended() is still called. */
void ie_batch_stop (IeBatch *batch);
/* After ended(); or before, then the child is stopped and nothing more is called. */
void ie_batch_free (IeBatch *batch);

/* For scripts: does the whole and waits. pictures: lines. FALSE and error: how many failed, and why the first did. */
gboolean ie_batch_run (const char *pictures, const IeRecipe *recipe, const char *output, GError **error);

G_END_DECLS
