// SPDX-License-Identifier: GPL-3.0-or-later
/* Where the user's models are, and which one is meant. */
#include "cli/models.h"

#include <string.h>
#include <unistd.h>

#define END ".model"
#define MOST_NAME 100

char *
cli_models_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "imgenhance", "models", NULL);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
cli_models_names (void)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  char *folder = cli_models_folder ();
  GDir *dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    if (g_str_has_suffix (name, END) && name[0] != '.')
      g_ptr_array_add (names, g_strndup (name, strlen (name) - strlen (END)));
  if (dir)
    g_dir_close (dir);
  g_free (folder);
  g_ptr_array_sort (names, compare);
  return names;
}

char *
cli_models_place (const char *name, GError **error)
{
  gboolean good = *name && *name != '.' && *name != '-' && strlen (name) <= MOST_NAME;
  for (const char *c = name; *c && good; c++)
    good = g_ascii_isalnum (*c) || strchr ("._-+", *c) || (guchar)*c >= 0x80;
  if (!good || !g_utf8_validate (name, -1, NULL)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("is no name for a model: letters, digits, '.', '_', '-' and '+'"));
    return NULL;
  }
  char *folder = cli_models_folder (), *file = g_strconcat (name, END, NULL);
  char *path = g_build_filename (folder, file, NULL);
  g_free (folder);
  g_free (file);
  return path;
}

static void
unknown (const char *text, GError **error)
{
  GPtrArray *names = cli_models_names ();
  g_ptr_array_add (names, NULL);
  const char *nearest = ie_nearest (text, (const char *const *)names->pdata);
  char *all = g_strjoinv (", ", (char **)names->pdata);
  if (nearest)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("there is no such model; did you mean %s?"), nearest);
  else if (*all)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("there is no such model; there are: %s"), all);
  else
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("there is no such model; imgenhance models add takes one"));
  g_free (all);
  g_ptr_array_unref (names);
}

char *
cli_models_find (const char *text, GError **error)
{
  if (strchr (text, '/') || g_str_has_suffix (text, END) || g_str_has_suffix (text, ".onnx"))
    return g_strdup (text);
  char *path = cli_models_place (text, error);
  if (path && !g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_clear_pointer (&path, g_free);
    unknown (text, error);
  }
  return path;
}

IeNetwork *
cli_models_open (const CliModelOptions *options, const char *text, GError **error)
{
  char *path = cli_models_find (text, error);
  if (!path)
    return NULL;
  guint64 all = (guint64)sysconf (_SC_PHYS_PAGES) * (guint64)sysconf (_SC_PAGESIZE);
  ie_model_set_runtime (options->runtime);
  ie_model_set_timeout (options->timeout);
  IeNetwork *network = ie_model_open (path, options->threads ? options->threads : (int)g_get_num_processors (),
                                      options->memory ? options->memory : all / 2, error);
  g_free (path);
  return network;
}
