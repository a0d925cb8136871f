// SPDX-License-Identifier: GPL-3.0-or-later
/* --help, made from the tables of the commands. */
#include "cli/options.h"

#include "cli/terminal.h"
#include "core/i18n.h"

#define HEADING_WIDTH 24

const CliExitCode cli_exit_codes[] = {
  { CLI_DONE, N_ ("All is done.") },
  { CLI_SOME_FAILED, N_ ("Some file failed and the rest is done; for 'compare', the pictures differ.") },
  { CLI_USAGE, N_ ("The command line or the recipe is wrong; nothing was done.") },
  { CLI_PLACE_FAILED, N_ ("The place of the output failed (disk full, read-only); the batch was stopped.") },
  { CLI_INTERRUPTED, N_ ("Interrupted; nothing half written was left.") },
  { 0, NULL },
};

static void
append_item (GString *out, const char *heading, const char *help, int width)
{
  g_string_append (out, "  ");
  if (cli_columns (heading) + 3 > HEADING_WIDTH)
    g_string_append_printf (out, "%s\n%*s", heading, HEADING_WIDTH, "");
  else
    cli_pad (out, heading, HEADING_WIDTH - 2);
  cli_wrap (out, help, HEADING_WIDTH, HEADING_WIDTH, width);
  g_string_append_c (out, '\n');
}

static void
append_command (GString *out, const CliCommand *command, int width)
{
  const char *heading = _ ("Usage: ");
  g_string_append (out, heading);
  char *usage = g_strdup_printf ("imgenhance %s [OPTION...] %s", command->name, command->arguments);
  cli_wrap (out, usage, cli_columns (heading), cli_columns (heading) + 2, width);
  g_free (usage);
  g_string_append (out, "\n\n");
  cli_wrap (out, _ (command->description), 0, 0, width);
  g_string_append (out, _ ("\n\nOptions:\n"));
  for (const CliOption *option = command->options; option->name; option++) {
    char *heading = cli_option_heading (option), *help = cli_option_help (option);
    append_item (out, heading, help, width);
    g_free (heading);
    g_free (help);
  }
  append_item (out, "-h, --help", _ ("Print this help."), width);
  g_string_append (out, _ ("\nExamples:\n"));
  for (int i = 0; command->examples[i]; i++)
    g_string_append_printf (out, "  %s\n", command->examples[i]);
}

static void
append_program (GString *out, int width)
{
  g_string_append (out, _ ("Usage: imgenhance COMMAND [OPTION...] ...\n\nEnhances pictures. Commands:\n"));
  for (int i = 0; cli_commands[i]; i++)
    append_item (out, cli_commands[i]->name, _ (cli_commands[i]->summary), width);
  g_string_append (out,
                   _ ("\nimgenhance COMMAND --help explains a command; imgenhance --version prints the version.\n"
                      "\nExit codes:\n"));
  for (const CliExitCode *exit = cli_exit_codes; exit->meaning; exit++) {
    char *code = g_strdup_printf ("%d", exit->code);
    append_item (out, code, _ (exit->meaning), width);
    g_free (code);
  }
}

void
cli_help (const CliCommand *command)
{
  GString *out = g_string_new (NULL);
  if (command)
    append_command (out, command, cli_width ());
  else
    append_program (out, cli_width ());
  cli_print (out->str);
  g_string_free (out, TRUE);
}
