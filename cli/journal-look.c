// SPDX-License-Identifier: GPL-3.0-or-later
/* What decides an output beside its input, as text that can be compared. */
#include <errno.h>
#include <string.h>

#include "cli/journal.h"

/* Options of apply that say where to write, what to say or how to work, but not what is written. The recipe stands in
 * the journal by itself. */
static const char *const without[]
    = { "filter",     "recipe",  "output",   "name",    "recursive", "existing", "in-place",       "jobs",
        "threads",    "memory",  "rect",     "dry-run", "json",      "quiet",    "journal",        "no-journal",
        "verify",     "no-sync", "timeout", "isolate", "verbose",   NULL };

/* The option's value as text, NULL when it is the default's. */
static char *
value_text (const CliOption *option, const char *settings, const char *defaults)
{
  const char *now = settings + option->place, *usual = defaults + option->place;
  switch (option->type) {
  case CLI_FLAG:
    return *(const gboolean *)now == *(const gboolean *)usual ? NULL : g_strdup ("");
  case CLI_TEXT:
    return g_strdup (*(const char *const *)now);
  case CLI_GIVEN: {
    const GPtrArray *given = *(GPtrArray *const *)now;
    GString *text = given ? g_string_new (NULL) : NULL;
    for (guint i = 0; given && i < given->len; i++)
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", ((const CliGiven *)given->pdata[i])->text);
    return text ? g_string_free (text, FALSE) : NULL;
  }
  case CLI_INT:
    return *(const int *)now == *(const int *)usual ? NULL : g_strdup_printf ("%d", *(const int *)now);
  case CLI_NUMBER:
    return *(const double *)now == *(const double *)usual ? NULL : ie_number_text (*(const double *)now);
  case CLI_BYTES:
    return *(const guint64 *)now == *(const guint64 *)usual
               ? NULL
               : g_strdup_printf ("%" G_GUINT64_FORMAT, *(const guint64 *)now);
  case CLI_SIZE:
    return memcmp (now, usual, 2 * sizeof (int)) == 0
               ? NULL
               : g_strdup_printf ("%dx%d", ((const int *)now)[0], ((const int *)now)[1]);
  case CLI_CHOICE:
    return *(const int *)now == *(const int *)usual ? NULL : g_strdup (option->choices[*(const int *)now]);
  case CLI_FORMAT: {
    const IeFormat *format = *(const IeFormat *const *)now;
    return format ? g_strdup (format->name) : NULL;
  }
  }
  return NULL;
}

char *
cli_options_text (const CliOption *options, gconstpointer settings, gconstpointer defaults)
{
  GString *text = g_string_new (NULL);
  for (const CliOption *option = options; option->name; option++) {
    char *value = g_strv_contains (without, option->name) ? NULL : value_text (option, settings, defaults);
    if (value)
      g_string_append_printf (text, "%s--%s%s%s", text->len > 0 ? " " : "", option->name, value[0] ? " " : "", value);
    g_free (value);
  }
  return g_string_free (text, FALSE);
}

static void
append_picture (GString *text, const char *path)
{
  if (!path || !path[0])
    return;
  char *hash = cli_hash_path (path, NULL);
  g_string_append_printf (text, "%s%s=%s", text->len > 0 ? " " : "", path, hash ? hash : g_strerror (errno));
  g_free (hash);
}

char *
cli_pictures_text (const IeRecipe *recipe)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < recipe->steps->len; i++) {
    const IeRecipeStep *step = recipe->steps->pdata[i];
    append_picture (text, step->mask);
    for (int k = 0; k < step->params->count; k++) {
      IeParamType type = step->params->params[k].type;
      if (type == IE_PARAM_IMAGE || type == IE_PARAM_FILE)
        append_picture (text, ie_text (step->params, k));
    }
  }
  return g_string_free (text, FALSE);
}
