// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/presets.h"

#include <errno.h>
#include <string.h>

#include "plugins/common/names.h"
#include "core/i18n.h"

char *
ie_presets_file (void)
{
  return g_build_filename (g_get_user_config_dir (), "imgenhance", "presets.ini", NULL);
}

/* ---- names as keys: a key has no bracket, no equals sign, no blank at its ends, and no '#' at its beginning ---- */

static char *
key_of (const char *name)
{
  GString *key = g_string_new (NULL);
  g_autofree char *stripped = g_strstrip (g_strdup (name));
  for (const char *p = stripped; *p; p++)
    if (strchr ("%=[]#", *p) || g_ascii_iscntrl (*p))
      g_string_append_printf (key, "%%%02X", (guint) (guchar) *p);
    else
      g_string_append_c (key, *p);
  return g_string_free (key, FALSE);
}

static char *
name_of (const char *key)
{
  char *name = g_uri_unescape_string (key, NULL);
  return name ? name : g_strdup (key);
}

/* ---- the file ---- */

/* A file that is not there is an empty one. */
static GKeyFile *
open_presets (GError **error)
{
  g_autofree char *path = ie_presets_file ();
  GError *problem = NULL;
  GKeyFile *file = g_key_file_new ();
  if (g_key_file_load_from_file (file, path, G_KEY_FILE_KEEP_COMMENTS, &problem) ||
      g_error_matches (problem, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
    g_clear_error (&problem);
    return file;
  }
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("presets %s: %s"), path, problem->message);
  g_error_free (problem);
  g_key_file_free (file);
  return NULL;
}

static gboolean
write_presets (GKeyFile *file, GError **error)
{
  g_autofree char *path = ie_presets_file (), *folder = g_path_get_dirname (path);
  GError *problem = NULL;
  if (g_mkdir_with_parents (folder, 0700) != 0)
    g_set_error (error, IE_ERROR, IE_ERROR_PLACE, _ ("folder %s cannot be made: %s"), folder, g_strerror (errno));
  else if (!g_key_file_save_to_file (file, path, &problem))
    g_set_error (error, IE_ERROR, IE_ERROR_PLACE, _ ("presets %s: %s"), path, problem->message);
  else
    return TRUE;
  g_clear_error (&problem);
  return FALSE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

char **
ie_presets_names (const IeFilter *filter)
{
  GPtrArray *names = g_ptr_array_new ();
  GKeyFile *file = open_presets (NULL);
  g_auto (GStrv) keys = file ? g_key_file_get_keys (file, filter->name, NULL, NULL) : NULL;
  for (int i = 0; keys && keys[i]; i++)
    g_ptr_array_add (names, name_of (keys[i]));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  g_clear_pointer (&file, g_key_file_free);
  return (char **) g_ptr_array_free (names, FALSE);
}

/* ---- one preset ---- */

IeParams *
ie_presets_load (const IeFilter *filter, const char *name, GError **error)
{
  GKeyFile *file = open_presets (error);
  if (!file)
    return NULL;
  g_autofree char *key = key_of (name);
  g_autofree char *text = g_key_file_get_string (file, filter->name, key, NULL);
  g_key_file_free (file);
  if (!text) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("there is no preset '%s'"), name);
    return NULL;
  }
  IeParams *params = NULL;
  IeRecipe *recipe = ie_recipe_new ();
  if (ie_recipe_add (recipe, text, error)) {
    const IeRecipeStep *step = recipe->steps->pdata[0];
    if (step->filter == filter)
      params = ie_params_copy (step->params);
    else
      g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the preset '%s' is of %s, version %d, and this is %s, version %d"), name,
                   step->filter->name, step->filter->version, filter->name, filter->version);
  }
  ie_recipe_free (recipe);
  return params;
}

gboolean
ie_presets_save (const IeFilter *filter, const char *name, const IeParams *params, GError **error)
{
  g_autofree char *key = key_of (name);
  if (!*key || !g_utf8_validate (key, -1, NULL)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("a preset needs a name"));
    return FALSE;
  }
  GKeyFile *file = open_presets (error);
  if (!file)
    return FALSE;
  g_autofree char *text = ie_step_text (filter, params);
  g_key_file_set_string (file, filter->name, key, text);
  gboolean good = write_presets (file, error);
  g_key_file_free (file);
  return good;
}

gboolean
ie_presets_remove (const IeFilter *filter, const char *name, GError **error)
{
  GKeyFile *file = open_presets (error);
  if (!file)
    return FALSE;
  g_autofree char *key = key_of (name);
  gboolean good = g_key_file_remove_key (file, filter->name, key, NULL);
  if (!good)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("there is no preset '%s'"), name);
  good = good && write_presets (file, error);
  g_key_file_free (file);
  return good;
}
