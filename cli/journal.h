// SPDX-License-Identifier: GPL-3.0-or-later
/* The journal of a batch: a line of JSON for what happened to each picture, so that the same command continues where it
 * ended, and does nothing twice.
 *
 * Each line is appended by one write() and begins with {"journal": 1. "status" is
 *   writing  the output is complete under a temporary name and is about to get its own; on the disk before it does
 *   done     the output has its name
 *   failed   "reason" says why; such a picture is tried again
 * The last writing and the last done line of an output count: what is on the disk is one of the two, whatever moment the
 * process died at. A line that was cut by that is dropped when the journal is opened. One process at a time: the file is
 * locked (flock).
 */
#pragma once

#include "cli/apply.h"
#include "cli/stamp.h"

#define CLI_JOURNAL_NAME ".imgenhance-journal.jsonl"

/* What decides an output: the text of the recipe, the options that change a result, hashes of the pictures that steps
 * name. */
typedef struct {
  const char *recipe, *options, *pictures;
} CliLook;

/* What the journal says of an output. Strings belong to the journal. */
typedef struct {
  const char *input; /* as cli_place_of() names it */
  CliLook look;      /* equal strings are the same pointer */
  CliStamp input_stamp, output_stamp;
  const char *input_hash, *output_hash;
} CliEntry;

/* Opens or makes the journal, locks it, reads it. look is copied. reading: nothing is made, locked or mended, and a
 * journal that is not there is empty. IE_ERROR_USAGE: locked by another process, or not a journal; IE_ERROR_PLACE: the
 * system's reason. */
CliJournal *cli_journal_open (const char *path, const CliLook *look, gboolean reading, gboolean no_sync,
                              GError **error);
void cli_journal_close (CliJournal *journal);

const char *cli_journal_path (const CliJournal *journal);
/* Of this run, as pointers that compare with those of entries. */
CliLook cli_journal_look (const CliJournal *journal);
/* The last line of that status ("done" or "writing") for the output as cli_place_of() names it, as it was when the
 * journal was opened; NULL. */
const CliEntry *cli_journal_find (const CliJournal *journal, const char *status, const char *output);

/* Appends a line (with its end), and waits for the disk if `sync` and the journal was not opened with no_sync. Any
 * thread. IE_ERROR_PLACE: nothing of it is in the journal. */
gboolean cli_journal_append (CliJournal *journal, const char *line, gboolean sync, GError **error);

/* ---- One picture ------------------------------------------------------------------------------------------------- */

/* Looks at the input before it is read, and for the picture in the journal (NULL: there is none). TRUE: it is to be
 * done, and picture->record is set where its input is a file; FALSE: done before, or error. */
gboolean cli_record_begin (CliPicture *picture, const CliTask *task, GError **error);
/* The output is complete but for its name: the input is still the one it was, else IE_ERROR_INPUT; the journal learns
 * what is about to appear. */
gboolean cli_record_settle (const CliPicture *picture, IeOutput *output, GError **error);
/* Writes the line of a picture that is done or failed. FALSE and error: the journal cannot be written. */
gboolean cli_record_end (const CliPicture *picture, const CliTask *task, const CliResult *result, GError **error);
/* The input's stamp from before it was read; NULL: it is no file. */
const CliStamp *cli_record_input (const CliPicture *picture);
void cli_record_free (CliRecord *record);

/* "--format png --depth 16": every option of apply that is not as `defaults` says, without those that change no sample
 * and no byte of an output. g_free(). */
char *cli_options_text (const CliOption *options, gconstpointer settings, gconstpointer defaults);
/* "mask.png=xxh128:...": the pictures and files that steps name, with their contents. g_free(). */
char *cli_pictures_text (const IeRecipe *recipe);
