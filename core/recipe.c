// SPDX-License-Identifier: GPL-3.0-or-later
/* Recipes: text to steps and back. */
#include "core/recipe.h"

#include "core/error.h"
#include "core/i18n.h"
#include "core/registry.h"

#include <stdlib.h>
#include <string.h>

static void
step_free (gpointer data)
{
  IeRecipeStep *step = data;
  ie_params_free (step->params);
  g_free (step->mask);
  g_free (step);
}

IeRecipe *
ie_recipe_new (void)
{
  IeRecipe *recipe = g_new0 (IeRecipe, 1);
  recipe->steps = g_ptr_array_new_with_free_func (step_free);
  return recipe;
}

void
ie_recipe_free (IeRecipe *recipe)
{
  if (!recipe)
    return;
  g_ptr_array_free (recipe->steps, TRUE);
  g_free (recipe);
}

IeRecipeStep *
ie_recipe_append (IeRecipe *recipe, const IeFilter *filter, IeParams *params)
{
  IeRecipeStep *step = g_new0 (IeRecipeStep, 1);
  step->filter = filter;
  step->params = params;
  step->mix = 1;
  g_ptr_array_add (recipe->steps, step);
  return step;
}

/* The next word of *text, quotes taken off, comment ended; NULL at the end or, with error set, at an open quote. */
static char *
next_word (const char **text, GError **error)
{
  const char *p = *text;
  while (g_ascii_isspace (*p))
    p++;
  if (!*p || *p == '#') {
    *text = p + strlen (p);
    return NULL;
  }
  GString *word = g_string_new (NULL);
  char quote = 0;
  for (; *p && (quote || !g_ascii_isspace (*p)); p++) {
    if (quote == '"' && *p == '\\' && p[1])
      g_string_append_c (word, *++p);
    else if (quote && *p == quote)
      quote = 0;
    else if (!quote && (*p == '"' || *p == '\''))
      quote = *p;
    else
      g_string_append_c (word, *p);
  }
  *text = p;
  if (quote) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("a quote %c is not closed"), quote);
    g_string_free (word, TRUE);
    return NULL;
  }
  return g_string_free (word, FALSE);
}

static const IeFilter *
find_versioned (char *name, GError **error)
{
  char *at = strchr (name, '@');
  int version = 0;
  if (at) {
    char *end = NULL;
    long number = strtol (at + 1, &end, 10);
    if (!at[1] || *end || number < 1 || number > 1000000) {
      g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("'%s': a version is a whole number from 1"), name);
      return NULL;
    }
    version = (int) number;
    *at = 0;
  }
  return ie_filter_find (name, version, error);
}

static gboolean
set_mix (IeRecipeStep *step, const char *text, GError **error)
{
  char *end = NULL;
  step->mix = g_ascii_strtod (text, &end);
  if (*text && !*end && step->mix >= 0 && step->mix <= 1)
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("mix=%s is out of range: 0 to 1"), text);
  return FALSE;
}

static const struct {
  const char *word;
  int store;
} stores[] = { { "8", 8 }, { "16", 16 }, { "float", 32 } };

static gboolean
set_store (IeRecipeStep *step, const char *text, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (stores); i++)
    if (strcmp (text, stores[i].word) == 0) {
      step->store = stores[i].store;
      return TRUE;
    }
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("store=%s: takes 8, 16 or float"), text);
  return FALSE;
}

static gboolean
set_word (IeRecipeStep *step, char *word, GError **error)
{
  char *equals = strchr (word, '=');
  if (!equals || equals == word) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("'%s': a parameter is written KEY=VALUE"), word);
    return FALSE;
  }
  *equals = 0;
  if (strcmp (word, "mix") == 0)
    return set_mix (step, equals + 1, error);
  if (strcmp (word, "store") == 0)
    return set_store (step, equals + 1, error);
  if (strcmp (word, "mask") == 0) {
    g_free (step->mask);
    step->mask = equals[1] ? g_strdup (equals + 1) : NULL;
    return TRUE;
  }
  return ie_params_set (step->params, word, equals + 1, error);
}

static gboolean
check_required (const IeRecipeStep *step, GError **error)
{
  for (int i = 0; i < step->params->count; i++)
    if (step->params->params[i].required && !step->params->values[i].text && !step->params->values[i].count) {
      g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s=... is needed"), step->params->params[i].id);
      return FALSE;
    }
  return TRUE;
}

gboolean
ie_recipe_add (IeRecipe *recipe, const char *text, GError **error)
{
  GError *reason = NULL;
  char *name = next_word (&text, &reason);
  if (!name) {
    if (reason)
      g_propagate_error (error, reason);
    else
      g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("an empty step"));
    return FALSE;
  }
  const IeFilter *filter = find_versioned (name, error);
  if (!filter) {
    g_free (name);
    return FALSE;
  }
  IeRecipeStep *step = ie_recipe_append (recipe, filter, ie_params_new (filter->params));
  char *word;
  while (!reason && (word = next_word (&text, &reason))) {
    set_word (step, word, &reason);
    g_free (word);
  }
  if (!reason)
    check_required (step, &reason);
  if (reason) {
    g_propagate_prefixed_error (error, reason, "%s: ", name);
    g_ptr_array_remove_index (recipe->steps, recipe->steps->len - 1);
  }
  g_free (name);
  return reason == NULL;
}

IeRecipe *
ie_recipe_parse (const char *text, GError **error)
{
  IeRecipe *recipe = ie_recipe_new ();
  char **lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i]; i++) {
    char *line = g_strstrip (lines[i]);
    GError *reason = NULL;
    static const char heading[] = "# imgenhance recipe ";
    if (g_str_has_prefix (line, heading) && strcmp (line + strlen (heading), "1") != 0)
      g_set_error (&reason, IE_ERROR, IE_ERROR_USAGE,
                   _ ("recipe format '%s' is newer than this program"), line + strlen (heading));
    else if (*line && *line != '#')
      ie_recipe_add (recipe, line, &reason);
    if (reason) {
      g_propagate_prefixed_error (error, reason, _ ("line %d: "), i + 1);
      g_strfreev (lines);
      ie_recipe_free (recipe);
      return NULL;
    }
  }
  g_strfreev (lines);
  return recipe;
}

IeRecipe *
ie_recipe_load (const char *path, GError **error)
{
  char *text;
  GError *failed = NULL;
  if (g_file_get_contents (path, &text, NULL, &failed)) {
    IeRecipe *recipe = ie_recipe_parse (text, error);
    g_free (text);
    return recipe;
  }
  /* GLib's message names the file once more; the system's reason is enough. */
  const char *reason = failed->code == G_FILE_ERROR_NOENT   ? _ ("no such file")
                       : failed->code == G_FILE_ERROR_ISDIR ? _ ("is a folder")
                       : failed->code == G_FILE_ERROR_ACCES ? _ ("permission denied")
                                                            : _ ("cannot be read");
  g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, reason);
  g_error_free (failed);
  return NULL;
}

void
ie_recipe_append_all (IeRecipe *recipe, const IeRecipe *other)
{
  for (guint i = 0; i < other->steps->len; i++) {
    const IeRecipeStep *from = other->steps->pdata[i];
    IeRecipeStep *step = ie_recipe_append (recipe, from->filter, ie_params_copy (from->params));
    step->mix = from->mix;
    step->mask = g_strdup (from->mask);
    step->store = from->store;
  }
}

static void
append_pair (GString *out, const char *id, const char *value)
{
  g_string_append_printf (out, " %s=", id);
  if (*value && !strpbrk (value, " \t\n'\"#\\")) {
    g_string_append (out, value);
    return;
  }
  g_string_append_c (out, '"');
  for (; *value; value++) {
    if (*value == '"' || *value == '\\')
      g_string_append_c (out, '\\');
    g_string_append_c (out, *value);
  }
  g_string_append_c (out, '"');
}

char *
ie_recipe_step_text (const IeRecipeStep *step)
{
  GString *out = g_string_new (NULL);
  g_string_append_printf (out, "%s@%d", step->filter->name, step->filter->version);
  for (int i = 0; i < step->params->count; i++) {
    if (ie_params_is_initial (step->params, i))
      continue;
    char *value = ie_params_text (step->params, i);
    append_pair (out, step->params->params[i].id, value);
    g_free (value);
  }
  if (step->mix != 1) {
    char *number = ie_number_text (step->mix);
    append_pair (out, "mix", number);
    g_free (number);
  }
  if (step->mask)
    append_pair (out, "mask", step->mask);
  for (gsize i = 0; i < G_N_ELEMENTS (stores); i++)
    if (step->store == stores[i].store)
      append_pair (out, "store", stores[i].word);
  return g_string_free (out, FALSE);
}

char *
ie_recipe_text (const IeRecipe *recipe)
{
  GString *out = g_string_new ("# imgenhance recipe 1\n");
  for (guint i = 0; i < recipe->steps->len; i++) {
    char *step = ie_recipe_step_text (recipe->steps->pdata[i]);
    g_string_append_printf (out, "%s\n", step);
    g_free (step);
  }
  return g_string_free (out, FALSE);
}
