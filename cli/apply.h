// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance apply, in four parts: gather.c finds the pictures, naming.c names the outputs, picture.c does one picture,
 * batch.c does them all. */
#pragma once

#include "cli/options.h"

typedef enum { CLI_ISOLATE_PROCESS, CLI_ISOLATE_NONE } CliIsolate;

/* What the options say about reading, for apply and info: the table is in reading-options.h. 0: as usual. */
typedef struct {
  int isolate; /* CliIsolate */
  int timeout; /* seconds */
  int side, pages, scans, expansion;
  double pixels;
  guint64 icc, text;
  gboolean salvage, verbose;
} CliWorkerOptions;

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
  const char *compression; /* of TIFF; NULL: not given */
  int tile[2];             /* of TIFF; 0: not given */
  guint64 memory; /* 0: not given */
  int existing;   /* CliExisting */
  const char *subsampling; /* of JPEG; NULL: not given */
  int loss;                /* IeLoss */
  gboolean no_dither;
  gboolean recursive, in_place, dry_run, json, quiet, strict;
  const char *journal; /* NULL: beside the outputs, where they have a folder */
  gboolean no_journal, verify, preserve_times, no_sync;
  CliWorkerOptions worker;
} ApplySettings;

typedef struct CliJournal CliJournal;
typedef struct CliRecord CliRecord;

/* One picture of the batch. */
typedef struct {
  char *input;   /* "-": standard input */
  char *under;   /* path of the folder it was found in, relative to the folder typed; "" otherwise */
  char *output;  /* "-": standard output; NULL when error or skip is set */
  char *root;    /* the folder that output may not leave, and the path of output in it; NULL: output stands anywhere */
  char *inside;
  char *skip;    /* why it is passed over; NULL: it is not */
  gboolean found;   /* by walking a folder, not typed */
  gboolean ours;    /* the output is what the journal says we made of this input, unchanged */
  CliRecord *record; /* while it is at work (journal.h) */
  GError *error; /* known before the work: a folder without --recursive, a folder that cannot be read */
} CliPicture;

/* All pictures of the operands: folders are walked (sorted by bytes; hidden files, names without a picture's extension
 * and the folder of the output are passed over). Links to folders, links to files outside the operand, and what looks
 * like the output of an earlier run (or is one, by the journal, which may be NULL) are in the list with their `skip`
 * set. *any_folder: an operand is a folder and walked. */
GPtrArray *cli_gather (const ApplySettings *settings, GPtrArray *operands, const CliJournal *journal,
                       gboolean *any_folder);

/* Gives every picture its output. FALSE and error (IE_ERROR_USAGE) when the template is wrong, two pictures would get
 * one output, or an output is one of the inputs. */
gboolean cli_name_outputs (const ApplySettings *settings, GPtrArray *pictures, gboolean folder, GError **error);

/* What the names of outputs look like, as the end of a path; NULL where they cannot be told from others. Free with
 * g_regex_unref(). */
GRegex *cli_output_names (const ApplySettings *settings);

/* The absolute path that all names of one file have in common, also of a file or folder that does not exist yet; a link
 * as the last part is itself. g_free(). */
char *cli_place_of (const char *path);

/* What all pictures share while they are done. */
typedef struct {
  const ApplySettings *settings;
  const IeRecipe *recipe;
  CliJournal *journal; /* NULL: none */
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
  guint64 peak;   /* the most that the process doing it held, in bytes; 0: not known */
  IeReport report;
  IeFidelity *fidelity; /* what was kept, changed, dropped; owned */
} CliResult;

/* Does one picture, in the caller's thread and task->threads of the engine's. progress as in IeRunOptions. The result
 * is cleared by cli_result_clear(). */
void cli_picture_run (const CliPicture *picture, const CliTask *task, void (*progress) (gpointer data, double fraction),
                      gpointer data, CliResult *result);
void cli_result_clear (CliResult *result);
/* A result of nothing yet: done, with its notes and its report empty. */
void cli_result_init (CliResult *result);
/* Adds to the notes, as in printf. */
void cli_note (CliResult *result, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The output of a picture, and what is done with it once it is written: whether it may replace what stands there; opened
 * (options->no_sync is set here); given its name when the input did not change meanwhile, known to the journal. */
gboolean cli_may_replace (const CliPicture *picture, const ApplySettings *settings);
IeOutput *cli_output_open (const CliPicture *picture, const ApplySettings *settings, const IeFormat *format,
                           IeWriteOptions *options, GError **error);
gboolean cli_output_commit (const CliPicture *picture, IeOutput *output, GError **error);

/* Does all pictures; prints results and the summary; gives the exit code. */
int cli_batch_run (GPtrArray *pictures, const CliTask *task);

/* The bar on the terminal of standard error, if it is one. */
void cli_progress_show (int done, int total, double fraction, double seconds);
gboolean cli_progress_wanted (const ApplySettings *settings);
