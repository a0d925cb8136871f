// SPDX-License-Identifier: GPL-3.0-or-later
/* The manual page, in troff's man macros: made from the tables of the commands and the descriptors of the filters. */
#include <string.h>

#include "cli/commands.h"
#include "cli/terminal.h"

/* Text as troff prints it unchanged: hyphens stay ASCII, nothing is a request. One line. */
static void
append_text (GString *out, const char *text)
{
  if (*text == '.' || *text == '\'')
    g_string_append (out, "\\&");
  for (; *text; text++)
    if (*text == '\\')
      g_string_append (out, "\\e");
    else if (*text == '-')
      g_string_append (out, "\\-");
    else if (*text == '\'')
      g_string_append (out, "\\(aq");
    else if (*text == '\n')
      g_string_append (out, "\n.br\n");
    else
      g_string_append_c (out, *text);
}

static void
append_line (GString *out, const char *text)
{
  append_text (out, text);
  g_string_append_c (out, '\n');
}

/* A request with one argument. */
static void
append_request (GString *out, const char *request, const char *argument)
{
  g_string_append_printf (out, ".%s ", request);
  append_line (out, argument);
}

/* A hanging paragraph: heading in bold, then its text. */
static void
append_item (GString *out, const char *heading, const char *text)
{
  g_string_append (out, ".TP\n\\fB");
  append_text (out, heading);
  g_string_append (out, "\\fR\n");
  append_line (out, text);
}

/* Paragraphs separated by an empty line. */
static void
append_paragraphs (GString *out, const char *text)
{
  char **paragraphs = g_strsplit (text, "\n\n", -1);
  for (int i = 0; paragraphs[i]; i++) {
    g_string_append (out, i > 0 ? ".PP\n" : "");
    append_line (out, paragraphs[i]);
  }
  g_strfreev (paragraphs);
}

static void
append_example (GString *out, const char *line)
{
  g_string_append (out, ".nf\n.RS\n");
  append_line (out, line);
  g_string_append (out, ".RE\n.fi\n");
}

static void
append_command (GString *out, const CliCommand *command)
{
  char *usage = g_strdup_printf ("imgenhance %s [OPTION...] %s", command->name, command->arguments);
  append_request (out, "SS", usage);
  append_paragraphs (out, command->description);
  for (const CliOption *option = command->options; option->name; option++) {
    char *heading = cli_option_heading (option), *help = cli_option_help (option);
    append_item (out, heading, help);
    g_free (heading);
    g_free (help);
  }
  append_item (out, "-h, --help", "Print help on this command.");
  g_free (usage);
}

static void
append_filter (GString *out, const IeFilter *filter)
{
  char *heading = g_strdup_printf ("%s (%s)", filter->name, filter->label), *example = cli_filter_example (filter);
  append_request (out, "SS", heading);
  append_line (out, filter->summary);
  for (const IeParam *param = filter->params; param->id; param++) {
    char *range = cli_param_range (param), *initial = cli_param_default (param);
    char *text
        = g_strdup_printf (param->required ? "%s (%s; %s)" : "%s (%s; default %s)", param->summary, range, initial);
    append_item (out, param->id, text);
    g_free (text);
    g_free (initial);
    g_free (range);
  }
  g_string_append (out, ".PP\n");
  append_example (out, example);
  if (filter->citation) {
    g_string_append (out, ".PP\nSource: ");
    append_line (out, filter->citation);
  }
  g_free (example);
  g_free (heading);
}

static void
append_filters (GString *out)
{
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  g_string_append (out, ".SH FILTERS\nEvery step takes, besides the parameters of its filter:\n");
  for (const CliStepWord *word = cli_step_words; word->id; word++) {
    char *heading = g_strdup_printf ("%s=%s", word->id, word->argument);
    append_item (out, heading, word->summary);
    g_free (heading);
  }
  for (int i = 0; i < count; i++)
    append_filter (out, filters[i]);
}

static void
append_recipes (GString *out)
{
  g_string_append (out, ".SH RECIPES\n");
  append_paragraphs (
      out, "A recipe is text, one step a line, in the words of -f: NAME, then KEY=VALUE. '#' starts a comment. "
           "A value with blanks stands in quotes. NAME@VERSION asks for that version of a filter, so that a "
           "saved look never changes; without a version the newest is taken.");
}

static void
append_exits_and_environment (GString *out)
{
  g_string_append (out, ".SH EXIT STATUS\n");
  for (const CliExitCode *exit = cli_exit_codes; exit->meaning; exit++) {
    char *code = g_strdup_printf ("%d", exit->code);
    append_item (out, code, exit->meaning);
    g_free (code);
  }
  g_string_append (out, ".SH ENVIRONMENT\n");
  append_item (
      out, "IMGENHANCE_CPU",
      "Forces a level of the processor: x86-64, v2, v3 or v4. The samples are the same at each; the speed is not.");
  append_item (out, "LC_ALL, LC_MESSAGES, LANG, LANGUAGE",
               "The language of messages and help. With --json, and in recipes and this page, all is English.");
  append_item (out, "IMGENHANCE_LOCALE_DIR", "Folder of the message catalogues, where it is not that of the installation.");
  append_item (out, "TMPDIR", "Folder for the temporary files that work past the memory limit needs.");
  append_item (out, "COLUMNS", "Width of help and lists where standard output is no terminal.");
  g_string_append (out, ".SH NOTES\n");
  append_paragraphs (
      out, "File names are bytes and pass unchanged; in messages control characters are written \\xNN. In JSON a "
           "byte that is not UTF-8 is written \\udcNN, as Python's surrogateescape does.\n\n"
           "Numbers have a decimal point in every locale.");
}

int
cli_manual (void)
{
  cli_speak_plainly ();
  GString *out = g_string_new (".\\\" Made by imgenhance from its descriptors and option tables; not to be edited.\n");
  g_string_append (out, ".TH IMGENHANCE 1 \"\" \"imgenhance " IE_VERSION "\" \"User Commands\"\n"
                        ".SH NAME\nimgenhance \\- enhances pictures\n.SH SYNOPSIS\n");
  for (int i = 0; cli_commands[i]; i++) {
    g_string_append_printf (out, "%s\\fBimgenhance %s\\fR ", i > 0 ? ".br\n" : "", cli_commands[i]->name);
    append_text (out, "[OPTION...] ");
    append_line (out, cli_commands[i]->arguments);
  }
  g_string_append (out, ".SH DESCRIPTION\n");
  append_paragraphs (
      out, "imgenhance enhances pictures: filters and corrections for TIFF, PNG, JPEG and PNM at 8 and 16 bits and "
           "in floating point, one picture or thousands in a command.");
  g_string_append (out, ".SH COMMANDS\n");
  for (int i = 0; cli_commands[i]; i++)
    append_command (out, cli_commands[i]);
  append_filters (out);
  append_recipes (out);
  append_exits_and_environment (out);
  g_string_append (out, ".SH EXAMPLES\n");
  for (int i = 0; cli_commands[i]; i++)
    for (int e = 0; cli_commands[i]->examples[e]; e++) {
      g_string_append (out, ".PP\n");
      append_example (out, cli_commands[i]->examples[e]);
    }
  cli_print (out->str);
  g_string_free (out, TRUE);
  return CLI_DONE;
}
