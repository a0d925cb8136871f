// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/options.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "cli/terminal.h"
#include "core/i18n.h"

static const CliOption help_option = { "help", 'h', CLI_FLAG, NULL, N_ ("Print this help."), 0 };

static const CliOption *
find_long (const CliCommand *command, const char *name, gsize length)
{
  for (const CliOption *option = command->options; option->name; option++)
    if (strlen (option->name) == length && strncmp (option->name, name, length) == 0)
      return option;
  return length == 4 && strncmp (name, "help", 4) == 0 ? &help_option : NULL;
}

static const CliOption *
find_letter (const CliCommand *command, char letter)
{
  for (const CliOption *option = command->options; option->name; option++)
    if (option->letter == letter)
      return option;
  return letter == 'h' ? &help_option : NULL;
}

static void
set_unknown (const CliCommand *command, const char *typed, GError **error)
{
  GPtrArray *names = g_ptr_array_new ();
  for (const CliOption *option = command->options; option->name; option++)
    g_ptr_array_add (names, (gpointer)option->name);
  g_ptr_array_add (names, NULL);
  char *bare = g_strndup (typed + strspn (typed, "-"), strcspn (typed + strspn (typed, "-"), "="));
  const char *nearest = ie_nearest (bare, (const char *const *)names->pdata);
  if (nearest)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("'%s' has no such option; did you mean --%s?"), command->name,
                 nearest);
  else
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE,
                 _ ("'%s' has no such option; see imgenhance %s --help"), command->name,
                 command->name);
  g_free (bare);
  g_ptr_array_unref (names);
}

static gboolean
parse_number (const CliOption *option, const char *text, gboolean whole, double *value, GError **error)
{
  char *end, *min = cli_number (option->min), *max = cli_number (option->max);
  *value = g_ascii_strtod (text, &end);
  gboolean number = end != text && *end == '\0' && isfinite (*value) && (!whole || *value == floor (*value));
  gboolean good = number && *value >= option->min && *value <= option->max;
  if (!good)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE,
                 number && whole ? _ ("'%s' is out of range; give a whole number from %s to %s")
                 : number        ? _ ("'%s' is out of range; give a number from %s to %s")
                 : whole         ? _ ("'%s' is not a whole number; give a whole number from %s to %s")
                                 : _ ("'%s' is not a number; give a number from %s to %s"),
                 text, min, max);
  g_free (min);
  g_free (max);
  return good;
}

static gboolean
parse_bytes (const char *text, guint64 *value, GError **error)
{
  static const char units[] = "KMGT";
  char *end;
  double number = g_ascii_strtod (text, &end);
  const char *unit = *end ? strchr (units, g_ascii_toupper (*end)) : NULL;
  gboolean good = end != text && isfinite (number) && number > 0;
  if (unit) {
    number *= (double)(G_GUINT64_CONSTANT (1) << (10 * (unit - units + 1)));
    end++;
    if (g_ascii_strcasecmp (end, "iB") == 0 || g_ascii_strcasecmp (end, "B") == 0)
      end += strlen (end);
  }
  if (!good || *end != '\0' || number < 1 || number >= 0x1p63) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("'%s' is not a size; write bytes, or a number with K, M, G or T"),
                 text);
    return FALSE;
  }
  *value = (guint64)number;
  return TRUE;
}

static gboolean
parse_size (const CliOption *option, const char *text, int *size, GError **error)
{
  const char *cross = strpbrk (text, "xX");
  char *first = g_strndup (text, cross ? (gsize)(cross - text) : strlen (text));
  double width, height;
  gboolean good = cross && parse_number (option, first, TRUE, &width, NULL)
                  && parse_number (option, cross + 1, TRUE, &height, NULL);
  g_free (first);
  if (!good) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE,
                 _ ("'%s' is not WxH with sides from %.0f to %.0f, like 512x256"), text,
                 option->min, option->max);
    return FALSE;
  }
  size[0] = (int)width;
  size[1] = (int)height;
  return TRUE;
}

static gboolean
parse_choice (const CliOption *option, const char *text, int *index, GError **error)
{
  for (int i = 0; option->choices[i]; i++)
    if (strcmp (option->choices[i], text) == 0) {
      *index = i;
      return TRUE;
    }
  const char *nearest = ie_nearest (text, option->choices);
  char *list = g_strjoinv (", ", (char **)option->choices);
  if (nearest)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("'%s' is none of %s; did you mean %s?"), text, list, nearest);
  else
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("'%s' is none of %s"), text, list);
  g_free (list);
  return FALSE;
}

/* Names of all formats, ended by NULL; the array only is owned. */
static const char **
format_names (void)
{
  int count;
  const IeFormat *const *formats = ie_formats (&count);
  const char **names = g_new0 (const char *, (gsize)count + 1);
  for (int i = 0; i < count; i++)
    names[i] = formats[i]->name;
  return names;
}

static gboolean
parse_format (const CliOption *option, const char *text, const IeFormat **format, GError **error)
{
  *format = ie_format_find (text);
  if (*format)
    return TRUE;
  CliOption as_choice = *option;
  int ignored;
  as_choice.choices = format_names ();
  parse_choice (&as_choice, text, &ignored, error);
  g_free ((gpointer)as_choice.choices);
  return FALSE;
}

static void
add_given (const CliOption *option, const char *text, GPtrArray **given)
{
  CliGiven *item = g_new (CliGiven, 1);
  *item = (CliGiven){ option, text };
  if (!*given)
    *given = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (*given, item);
}

static gboolean
store (const CliOption *option, const char *text, gpointer settings, GError **error)
{
  gpointer place = (char *)settings + option->place;
  double number;
  switch (option->type) {
  case CLI_FLAG:
    *(gboolean *)place = TRUE;
    if (strcmp (option->name, "json") == 0)
      cli_speak_plainly ();
    return TRUE;
  case CLI_TEXT:
    *(const char **)place = text;
    return TRUE;
  case CLI_GIVEN:
    add_given (option, text, place);
    return TRUE;
  case CLI_INT:
    if (!parse_number (option, text, TRUE, &number, error))
      return FALSE;
    *(int *)place = (int)number;
    return TRUE;
  case CLI_NUMBER:
    return parse_number (option, text, FALSE, place, error);
  case CLI_BYTES:
    return parse_bytes (text, place, error);
  case CLI_SIZE:
    return parse_size (option, text, place, error);
  case CLI_CHOICE:
    return parse_choice (option, text, place, error);
  case CLI_FORMAT:
    return parse_format (option, text, place, error);
  }
  g_assert_not_reached ();
}

/* Finds the option of argv[*i] and its argument, which may be the next word. */
static const CliOption *
take_option (const CliCommand *command, int argc, char **argv, int *i, const char **text, GError **error)
{
  const char *word = argv[*i], *value = NULL;
  const CliOption *option;
  if (word[1] == '-') {
    gsize length = strcspn (word + 2, "=");
    option = find_long (command, word + 2, length);
    value = word[2 + length] == '=' ? word + 2 + length + 1 : NULL;
  } else {
    option = find_letter (command, word[1]);
    value = word[2] ? word + 2 : NULL;
  }
  if (!option) {
    set_unknown (command, word, error);
    return NULL;
  }
  if (option->type == CLI_FLAG && value) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("--%s takes no value"), option->name);
    return NULL;
  }
  if (option->type != CLI_FLAG && !value) {
    if (*i + 1 >= argc) {
      g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("--%s needs %s"), option->name, option->argument);
      return NULL;
    }
    value = argv[++*i];
  }
  *text = value;
  return option;
}

/* One option and its argument. FALSE: parsing is over, *code is set. */
static gboolean
parse_option (const CliCommand *command, int argc, char **argv, int *i, gpointer settings, int *code)
{
  const char *text = NULL, *word = argv[*i];
  GError *error = NULL;
  const CliOption *option = take_option (command, argc, argv, i, &text, &error);
  if (option == &help_option) {
    cli_help (command);
    *code = CLI_DONE;
    return FALSE;
  }
  if (option && store (option, text, settings, &error))
    return TRUE;
  char *name = option ? g_strconcat ("--", option->name, NULL) : g_strdup (word);
  *code = cli_usage_error (name, error);
  g_free (name);
  return FALSE;
}

gboolean
cli_parse (const CliCommand *command, int argc, char **argv, gpointer settings, GPtrArray **operands, int *code)
{
  GPtrArray *found = g_ptr_array_new ();
  gboolean going = TRUE, options = TRUE;
  for (int i = 1; going && i < argc; i++)
    if (options && strcmp (argv[i], "--") == 0)
      options = FALSE;
    else if (!options || argv[i][0] != '-' || argv[i][1] == '\0')
      g_ptr_array_add (found, argv[i]);
    else
      going = parse_option (command, argc, argv, &i, settings, code);
  if (going)
    *operands = found;
  else
    g_ptr_array_unref (found);
  return going;
}

int
cli_usage_error (const char *name, GError *error)
{
  cli_error (name, error->message);
  g_error_free (error);
  return CLI_USAGE;
}

char *
cli_option_heading (const CliOption *option)
{
  char letter[] = { '-', option->letter, ',', ' ', '\0' };
  return g_strconcat (option->letter ? letter : "", "--", option->name, option->argument ? " " : "",
                      option->argument ? option->argument : "", NULL);
}

char *
cli_option_help (const CliOption *option)
{
  GString *help = g_string_new (_ (option->help));
  const char **formats = option->type == CLI_FORMAT ? format_names () : NULL;
  const char *const *choices = formats ? formats : option->choices;
  if (choices) {
    char *list = g_strjoinv (", ", (char **)choices);
    g_string_append_printf (help, _ (" One of %s."), list);
    g_free (list);
  }
  if (option->type == CLI_INT || option->type == CLI_NUMBER) {
    char *min = cli_number (option->min), *max = cli_number (option->max);
    g_string_append_printf (help, _ (" From %s to %s."), min, max);
    g_free (min);
    g_free (max);
  }
  g_free (formats);
  return g_string_free (help, FALSE);
}
