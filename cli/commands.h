// SPDX-License-Identifier: GPL-3.0-or-later
/* The commands, each in the file of its name. */
#pragma once

#include "cli/options.h"

/* The whole command `imgenhance`; gives its exit code. The faces in GIMP carry it too, and are it when their first argument is
 * a command's name: a plug-in then needs nothing else to be installed, and its batches are the command's own. */
int cli_main (int argc, char **argv);
gboolean cli_is_command (const char *name);

extern const CliCommand cli_apply, cli_filters, cli_info, cli_compare, cli_index, cli_similar, cli_duplicates, cli_label,
  cli_models, cli_doctor;

/* Appends what `info` says of an opened picture: an object of JSON, or text for people. */
void cli_info_append (GString *out, const char *path, const IeFormat *format, const IeSource *source, gboolean json);

/* Prints the manual page (troff, man macros), made from the descriptors and the tables of the commands. */
int cli_manual (void);

/* A command line that uses the filter: its required parameters, and up to two of the others at their defaults.
 * g_free(). */
char *cli_filter_example (const IeFilter *filter);

/* "0.3 to 200", "box|disc", "on|off", ... what a parameter takes; and "default 2" or "required". g_free(). */
char *cli_param_range (const IeParam *param);
char *cli_param_default (const IeParam *param);

/* What every step takes beside its filter's own parameters; one table for help and manual, ended by an id of NULL. */
typedef struct {
  const char *id, *argument, *summary;
} CliStepWord;
extern const CliStepWord cli_step_words[];
