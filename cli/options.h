// SPDX-License-Identifier: GPL-3.0-or-later
/* Commands and their options: one table a command, from which the command line is parsed, --help is printed and the
 * manual page is made. */
#pragma once

#include <glib.h>
#include <stddef.h>

#include "core/imgenhance.h"

/* Exit codes; cli_exit_codes says what they mean. */
enum { CLI_DONE = 0, CLI_SOME_FAILED = 1, CLI_USAGE = 2, CLI_PLACE_FAILED = 3, CLI_INTERRUPTED = 130 };

typedef struct {
  int code;
  const char *meaning;
} CliExitCode;
extern const CliExitCode cli_exit_codes[]; /* ended by a meaning of NULL */

/* What an option's value is, and what stands at its place in the command's settings. */
typedef enum {
  CLI_FLAG,   /* gboolean; takes no argument */
  CLI_TEXT,   /* const char *, not owned */
  CLI_GIVEN,  /* GPtrArray * of CliGiven, owned: repeatable; options that share a place keep the order typed */
  CLI_INT,    /* int, min to max */
  CLI_NUMBER, /* double, min to max */
  CLI_BYTES,  /* guint64: a number with K, M, G or T (powers of 1024) */
  CLI_SIZE,   /* int[2]: WxH, each min to max */
  CLI_CHOICE, /* int: index into choices */
  CLI_FORMAT  /* const IeFormat * */
} CliOptionType;

typedef struct {
  const char *name; /* without the dashes; NULL ends a table */
  char letter;      /* 0: none */
  CliOptionType type;
  const char *argument; /* as help shows it; NULL for flags */
  const char *help;     /* full sentences; range and choices are added to it */
  size_t place;         /* offset in the command's settings */
  const char *const *choices;
  double min, max;
} CliOption;

typedef struct {
  const CliOption *option;
  const char *text; /* of argv */
} CliGiven;

typedef struct CliCommand CliCommand;
struct CliCommand {
  const char *name;
  const char *arguments;   /* what follows the name, as help shows it */
  const char *summary;     /* one line */
  const char *description; /* paragraphs, separated by an empty line */
  const CliOption *options;
  const char *const *examples; /* whole command lines, ended by NULL */
  int (*run) (const CliCommand *command, int argc, char **argv);
};

/* Every command, ended by NULL. */
extern const CliCommand *const cli_commands[];

/* Parses argv[1..] by the command's table into `settings`, which holds the defaults; what is no option goes to
 * *operands (of const char *, not owned; free with g_ptr_array_unref()). FALSE: *code is the exit code, and help or the
 * error line has been printed. Option letters may not be bundled; "--" ends the options; "-" is an operand. */
gboolean cli_parse (const CliCommand *command, int argc, char **argv, gpointer settings, GPtrArray **operands,
                    int *code);

/* Help of a command; NULL: of the program. */
void cli_help (const CliCommand *command);

/* "-o, --output OUT" and the help sentence with range and choices. g_free(). */
char *cli_option_heading (const CliOption *option);
char *cli_option_help (const CliOption *option);

/* Prints the usage error (taken) as one line and gives the exit code. */
int cli_usage_error (const char *name, GError *error);
