// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance filters: what the descriptors say, as a list, a page or JSON. */
#include <math.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/json.h"
#include "cli/terminal.h"
#include "core/i18n.h"

typedef struct {
  gboolean json;
} FiltersSettings;

static const CliOption options[] = {
  { "json", 0, CLI_FLAG, NULL, N_ ("Print an array of {name, version, label, group, summary, class, params}."),
    offsetof (FiltersSettings, json) },
  { NULL },
};

const CliStepWord cli_step_words[] = {
  { "mix", "0..1", N_ ("Share of the step's result in its output; 1 by default.") },
  { "mask", "FILE",
    N_ ("A picture of the same size; where it is light the step works, where it is black nothing changes.") },
  { "store", "8|16|float",
    N_ ("The result is stored at this depth before the next step, as if a file lay between them; by default values stay unrounded.") },
  { NULL, NULL, NULL },
};

static gboolean
has_range (const IeParam *param)
{
  return (param->type == IE_PARAM_FLOAT || param->type == IE_PARAM_INT || param->type == IE_PARAM_LIST
          || param->type == IE_PARAM_MATRIX || param->type == IE_PARAM_POINT)
         && param->min < param->max;
}

char *
cli_param_range (const IeParam *param)
{
  GString *out = g_string_new (NULL);
  if (param->type == IE_PARAM_BOOL)
    g_string_append (out, "yes|no");
  else if (param->type == IE_PARAM_ENUM)
    for (const IeChoice *choice = param->choices; choice->id; choice++)
      g_string_append_printf (out, "%s%s", out->len > 0 ? "|" : "", choice->id);
  else if (has_range (param)) {
    char *min = cli_number (param->min), *max = cli_number (param->max);
    g_string_append_printf (out, isfinite (param->max) ? _ ("%s to %s") : _ ("from %s%.0s"), min, max);
    g_free (min);
    g_free (max);
  } else if (param->type == IE_PARAM_COLOUR)
    g_string_append (out, _ ("red,green,blue from 0 to 1"));
  else if (param->type == IE_PARAM_CURVE)
    g_string_append (out, _ ("pairs x,y from 0 to 1"));
  else
    g_string_append (out, ie_param_type_name (param->type));
  if (param->unit && param->unit[0])
    g_string_append_printf (out, " %s", ie_param_unit (param));
  return g_string_free (out, FALSE);
}

/* The default as recipe text; NULL when there is none. */
static char *
initial_text (const IeFilter *filter, int i)
{
  IeParams *params = ie_params_new (filter->params);
  char *text = ie_params_text (params, i);
  ie_params_free (params);
  return text;
}

char *
cli_param_default (const IeParam *param)
{
  if (param->required)
    return g_strdup (_ ("required"));
  switch (param->type) {
  case IE_PARAM_FLOAT:
  case IE_PARAM_INT:
    return cli_number (param->initial);
  case IE_PARAM_BOOL:
    return g_strdup (param->initial != 0 ? "yes" : "no");
  case IE_PARAM_ENUM:
    return g_strdup (param->choices[(int)param->initial].id);
  default:
    return g_strdup (param->initial_text && param->initial_text[0] ? param->initial_text : _ ("none"));
  }
}

#define EXAMPLE_PARAMS 2

char *
cli_filter_example (const IeFilter *filter)
{
  GString *step = g_string_new (filter->name);
  int optional = 0;
  for (int i = 0; filter->params[i].id; i++) {
    const IeParam *param = &filter->params[i];
    char *text = initial_text (filter, i);
    if (param->required)
      g_string_append_printf (step, " %s=%s", param->id,
                              param->type == IE_PARAM_IMAGE || param->type == IE_PARAM_FILE ? "FILE" : "VALUE");
    else if (text && text[0] && !strpbrk (text, " '\"") && optional++ < EXAMPLE_PARAMS)
      g_string_append_printf (step, " %s=%s", param->id, text);
    g_free (text);
  }
  char *line = g_strdup_printf ("imgenhance apply -f '%s' -o out.png in.png", step->str);
  g_string_free (step, TRUE);
  return line;
}

/* ---- text ---- */

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const IeFilter *first = *(const IeFilter *const *)a, *second = *(const IeFilter *const *)b;
  int order = strcmp (first->group, second->group);
  return order ? order : strcmp (first->name, second->name);
}

static void
append_list (GString *out, GPtrArray *filters, int width)
{
  g_ptr_array_sort (filters, compare_groups);
  int column = 0;
  const char *group = "";
  for (guint i = 0; i < filters->len; i++)
    column = MAX (column, (int)strlen (((const IeFilter *)filters->pdata[i])->name) + 4);
  for (guint i = 0; i < filters->len; i++) {
    const IeFilter *filter = filters->pdata[i];
    if (strcmp (group, filter->group) != 0)
      g_string_append_printf (out, "%s%s\n", i > 0 ? "\n" : "", _ (filter->group));
    group = filter->group;
    g_string_append (out, "  ");
    cli_pad (out, filter->name, column - 2);
    cli_wrap (out, _ (filter->summary), column, column, width);
    g_string_append_c (out, '\n');
  }
  g_string_append (out, _ ("\nimgenhance filters NAME explains one.\n"));
}

#define WORD_COLUMN 16

static void
append_param (GString *out, const IeParam *param, int width)
{
  char *range = cli_param_range (param), *initial = cli_param_default (param);
  char *line = g_strdup_printf (param->required ? "%s; %s" : _ ("%s; default %s"), range, initial);
  g_string_append (out, "  ");
  cli_pad (out, param->id, WORD_COLUMN - 2);
  cli_wrap (out, line, MAX (WORD_COLUMN, (int)strlen (param->id) + 3), WORD_COLUMN, width);
  g_string_append_printf (out, "\n%*s", WORD_COLUMN, "");
  cli_wrap (out, _ (param->summary), WORD_COLUMN, WORD_COLUMN, width);
  g_string_append_c (out, '\n');
  g_free (line);
  g_free (range);
  g_free (initial);
}

static void
append_page (GString *out, const IeFilter *filter, int width)
{
  char *example = cli_filter_example (filter);
  g_string_append_printf (out, "%s@%d: %s (%s)\n", filter->name, filter->version, _ (filter->label),
                          _ (filter->group));
  cli_wrap (out, _ (filter->summary), 0, 0, width);
  g_string_append (out, _ ("\n\nParameters:\n"));
  for (const IeParam *param = filter->params; param->id; param++)
    append_param (out, param, width);
  g_string_append (out, _ ("\nCommon to every step:\n"));
  for (const CliStepWord *word = cli_step_words; word->id; word++) {
    char *heading = g_strdup_printf ("%s=%s", word->id, word->argument);
    g_string_append (out, "  ");
    cli_pad (out, heading, WORD_COLUMN - 2);
    cli_wrap (out, _ (word->summary), WORD_COLUMN, WORD_COLUMN, width);
    g_string_append_c (out, '\n');
    g_free (heading);
  }
  g_string_append_printf (out, _ ("\nExample:\n  %s\n"), example);
  if (filter->citation) {
    const char *source = _ ("Source: ");
    g_string_append_printf (out, "\n%s", source);
    cli_wrap (out, filter->citation, cli_columns (source), cli_columns (source), width);
    g_string_append_c (out, '\n');
  }
  g_free (example);
}

/* ---- JSON ---- */

static void
append_json_param (GString *out, const IeFilter *filter, int i)
{
  const IeParam *param = &filter->params[i];
  char *text = initial_text (filter, i);
  cli_json_open (out, '{');
  cli_json_key (out, "name");
  cli_json_string (out, param->id);
  cli_json_key (out, "type");
  cli_json_string (out, ie_param_type_name (param->type));
  cli_json_key (out, "unit");
  cli_json_string (out, param->unit ? param->unit : "");
  cli_json_key (out, "default");
  if (param->required)
    cli_json_null (out);
  else if (param->type == IE_PARAM_FLOAT || param->type == IE_PARAM_INT)
    cli_json_number (out, param->initial);
  else if (param->type == IE_PARAM_BOOL)
    cli_json_bool (out, param->initial != 0);
  else
    cli_json_string (out, text && text[0] ? text : NULL);
  cli_json_key (out, "min");
  cli_json_number (out, has_range (param) ? param->min : NAN);
  cli_json_key (out, "max");
  cli_json_number (out, has_range (param) ? param->max : NAN);
  cli_json_key (out, "choices");
  if (param->choices) {
    cli_json_open (out, '[');
    for (const IeChoice *choice = param->choices; choice->id; choice++)
      cli_json_string (out, choice->id);
    cli_json_close (out, ']');
  } else
    cli_json_null (out);
  cli_json_key (out, "summary");
  cli_json_string (out, param->summary);
  cli_json_close (out, '}');
  g_free (text);
}

static void
append_json (GString *out, const IeFilter *filter)
{
  cli_json_open (out, '{');
  cli_json_key (out, "name");
  cli_json_string (out, filter->name);
  cli_json_key (out, "version");
  cli_json_integer (out, (guint64)filter->version);
  cli_json_key (out, "label");
  cli_json_string (out, filter->label);
  cli_json_key (out, "group");
  cli_json_string (out, filter->group);
  cli_json_key (out, "summary");
  cli_json_string (out, filter->summary);
  cli_json_key (out, "class");
  cli_json_string (out, ie_class_name (filter->filter_class));
  cli_json_key (out, "params");
  cli_json_open (out, '[');
  for (int i = 0; filter->params[i].id; i++)
    append_json_param (out, filter, i);
  cli_json_close (out, ']');
  cli_json_close (out, '}');
}

static void
print_filters (GPtrArray *filters, gboolean json, gboolean list)
{
  GString *out = g_string_new (NULL);
  int width = cli_width ();
  if (json)
    cli_json_open (out, '[');
  if (list && !json)
    append_list (out, filters, width);
  else
    for (guint i = 0; i < filters->len; i++)
      if (json)
        append_json (out, filters->pdata[i]);
      else {
        g_string_append (out, i > 0 ? "\n" : "");
        append_page (out, filters->pdata[i], width);
      }
  if (json)
    g_string_append (out, "]\n");
  cli_print (out->str);
  g_string_free (out, TRUE);
}

/* The named filters, or all. NULL: the error line is printed. */
static GPtrArray *
choose_filters (GPtrArray *names)
{
  GPtrArray *chosen = g_ptr_array_new ();
  GError *error = NULL;
  int count;
  const IeFilter *const *all = ie_filters (&count);
  for (int i = 0; names->len == 0 && i < count; i++)
    g_ptr_array_add (chosen, (gpointer)all[i]);
  for (guint i = 0; i < names->len; i++) {
    const IeFilter *filter = ie_filter_find (names->pdata[i], 0, &error);
    if (!filter) {
      cli_usage_error (NULL, error);
      g_ptr_array_unref (chosen);
      return NULL;
    }
    g_ptr_array_add (chosen, (gpointer)filter);
  }
  return chosen;
}

static int
run (const CliCommand *command, int argc, char **argv)
{
  FiltersSettings settings = { FALSE };
  GPtrArray *names;
  int code;
  if (!cli_parse (command, argc, argv, &settings, &names, &code))
    return code;
  GPtrArray *chosen = choose_filters (names);
  if (chosen) {
    print_filters (chosen, settings.json, names->len == 0);
    g_ptr_array_unref (chosen);
  }
  g_ptr_array_unref (names);
  return chosen ? CLI_DONE : CLI_USAGE;
}

static const char *const examples[]
    = { "imgenhance filters", "imgenhance filters gaussian", "imgenhance filters --json", NULL };

const CliCommand cli_filters = {
  .name = "filters",
  .arguments = "[NAME...]",
  .summary = N_ ("List the filters, or explain one and its parameters."),
  .description
  = N_ ("Lists the filters by group. With a name it explains that filter: each parameter with its range, unit and "
        "default, what every step takes beside them, and an example."),
  .options = options,
  .examples = examples,
  .run = run,
};
