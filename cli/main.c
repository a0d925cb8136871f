// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance: finds the command and runs it. */
#include <locale.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "cli/worker.h"
#include "core/i18n.h"
#include "embed/model.h"

const CliCommand *const cli_commands[] = { &cli_apply,   &cli_filters,    &cli_info,  &cli_compare, &cli_index,
                                           &cli_similar, &cli_duplicates, &cli_label, &cli_models,  &cli_doctor, NULL };

static const char *const examples =
  N_ ("imgenhance enhances pictures: one command, many pictures. Three examples:\n"
      "\n"
      "  imgenhance apply -f 'equalize mix=0.4' -f 'unsharp radius=1.5' -o out/ *.jpg\n"
      "      spreads the tones a little, sharpens, and writes the results into out/\n"
      "  imgenhance filters unsharp\n"
      "      explains a filter and its parameters; without a name it lists all filters\n"
      "  imgenhance compare before.png after.png\n"
      "      measures how far two pictures are apart\n"
      "\n"
      "imgenhance --help lists the commands, imgenhance COMMAND --help explains one.\n");

static const CliCommand *
find_command (const char *name)
{
  for (int i = 0; cli_commands[i]; i++)
    if (strcmp (cli_commands[i]->name, name) == 0)
      return cli_commands[i];
  return NULL;
}

static int
unknown_command (const char *name)
{
  const char *names[G_N_ELEMENTS (cli_commands)];
  for (guint i = 0; i < G_N_ELEMENTS (cli_commands); i++)
    names[i] = cli_commands[i] ? cli_commands[i]->name : NULL;
  const char *nearest = ie_nearest (name, names);
  char *reason;
  if (ie_filter_find (name, 0, NULL))
    reason = g_strdup_printf (_ ("is a filter, not a command; use imgenhance apply -f %s FILE"), name);
  else if (nearest)
    reason = g_strdup_printf (_ ("no such command; did you mean %s?"), nearest);
  else
    reason = g_strdup (_ ("no such command; see imgenhance --help"));
  cli_error (name, reason);
  g_free (reason);
  return CLI_USAGE;
}

static int
unknown_option (const char *name)
{
  static const char *const names[] = { "--help", "--version", NULL };
  const char *nearest = ie_nearest (name, names);
  char *reason = nearest ? g_strdup_printf (_ ("no such option; did you mean %s?"), nearest)
                         : g_strdup (_ ("no such option before a command; see imgenhance --help"));
  cli_error (name, reason);
  g_free (reason);
  return CLI_USAGE;
}

static int
help_about (const char *name)
{
  const CliCommand *command = name ? find_command (name) : NULL;
  if (name && !command)
    return unknown_command (name);
  cli_help (command);
  return CLI_DONE;
}

static int
dispatch (int argc, char **argv)
{
  const char *name = argc > 1 ? argv[1] : NULL;
  if (!name) {
    cli_print (_ (examples));
    return CLI_DONE;
  }
  if (strcmp (name, "--help") == 0 || strcmp (name, "-h") == 0 || strcmp (name, "help") == 0)
    return help_about (argc > 2 ? argv[2] : NULL);
  if (strcmp (name, "--version") == 0) {
    cli_print ("imgenhance " IE_VERSION "\n");
    return CLI_DONE;
  }
  if (strcmp (name, "worker") == 0) /* for this program alone, likewise */
    return cli_worker_main ();
  if (strcmp (name, "model-process") == 0) /* likewise: runs a model */
    return ie_model_serve (0, cli_give_up_rights_of_model);
  if (strcmp (name, "manual") == 0) /* for the build alone, hence in no list */
    return cli_manual ();
  if (name[0] == '-')
    return unknown_option (name);
  const CliCommand *command = find_command (name);
  return command ? command->run (command, argc - 1, argv + 1) : unknown_command (name);
}

gboolean
cli_is_command (const char *name)
{
  return strcmp (name, "worker") == 0 || strcmp (name, "model-process") == 0 || strcmp (name, "--help") == 0 || strcmp (name, "--version") == 0 || find_command (name);
}

int
cli_main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  const char *charset;
  if (!g_get_charset (&charset))
    setlocale (LC_MESSAGES, "C"); /* texts are UTF-8: where that cannot be shown, English can */
  setlocale (LC_NUMERIC, "C"); /* a decimal point in every locale */
  cli_catch_signals ();
  int code = dispatch (argc, argv);
  cli_worker_end ();
  if (!cli_close_output () && code == CLI_DONE)
    code = CLI_PLACE_FAILED;
  return code;
}
