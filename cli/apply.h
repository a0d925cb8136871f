// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance apply, in four parts: gather.c finds the pictures, naming.c names the outputs, picture.c does one picture,
 * batch.c does them all. */
#pragma once

#include "cli/options.h"

typedef enum { CLI_EXISTING_FAIL, CLI_EXISTING_SKIP, CLI_EXISTING_REPLACE } CliExisting;

/* What the options say; the table is in apply.c. */
typedef struct {
  GPtrArray *steps;           /* of CliGiven: -f and --recipe, in the order typed */
  const char *output;         /* NULL: beside the input */
  const char *name;           /* template; NULL: as output asks */
  const IeFormat *format;     /* NULL: as the output's name says, else the input's */
  int depth;                  /* IeDepth; -1: the input's */
  int quality, jobs, threads; /* 0: not given */
  int rect[2];
  guint64 memory; /* 0: not given */
  int existing;   /* CliExisting */
  gboolean recursive, in_place, dry_run, json, quiet;
} ApplySettings;

/* One picture of the batch. */
typedef struct {
  char *input;   /* "-": standard input */
  char *under;   /* path of the folder it was found in, relative to the folder typed; "" otherwise */
  char *output;  /* "-": standard output; NULL when error is set */
  GError *error; /* known before the work: a folder without --recursive, a folder that cannot be read */
} CliPicture;

/* All pictures of the operands: folders are walked (sorted by bytes; hidden files, names without a picture's extension
 * and links to folders are passed over; so is the folder of the output). *any_folder: an operand is a folder and
 * walked. */
GPtrArray *cli_gather (const ApplySettings *settings, GPtrArray *operands, gboolean *any_folder);

/* Gives every picture its output. FALSE and error (IE_ERROR_USAGE) when the template is wrong, two pictures would get
 * one output, or an output is one of the inputs. */
gboolean cli_name_outputs (const ApplySettings *settings, GPtrArray *pictures, gboolean folder, GError **error);

/* What all pictures share while they are done. */
typedef struct {
  const ApplySettings *settings;
  const IeRecipe *recipe;
  int jobs, threads;
  guint64 memory; /* for one picture */
} CliTask;

typedef enum { CLI_STATUS_DONE, CLI_STATUS_SKIPPED, CLI_STATUS_FAILED } CliStatus;

typedef struct {
  CliStatus status;
  GError *error;  /* failed */
  GString *notes; /* why skipped; what was done otherwise than asked; "" when there is nothing to say */
  char *plan;     /* --dry-run */
  double seconds;
  guint64 memory; /* predicted bytes; 0: not known */
  IeReport report;
} CliResult;

/* Does one picture, in the caller's thread and task->threads of the engine's. progress as in IeRunOptions. The result
 * is cleared by cli_result_clear(). */
void cli_picture_run (const CliPicture *picture, const CliTask *task, void (*progress) (gpointer data, double fraction),
                      gpointer data, CliResult *result);
void cli_result_clear (CliResult *result);

/* Does all pictures; prints results and the summary; gives the exit code. */
int cli_batch_run (GPtrArray *pictures, const CliTask *task);

/* The bar on the terminal of standard error, if it is one. */
void cli_progress_show (int done, int total, double fraction, double seconds);
gboolean cli_progress_wanted (const ApplySettings *settings);
