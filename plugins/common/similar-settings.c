// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/similar-settings.h"

#include "plugins/common/similar.h"

#define GROUP "similar"

static char *
settings_file (void)
{
  return g_build_filename (g_get_user_config_dir (), "imgenhance", "similar.ini", NULL);
}

void
ie_similar_settings_load (IeSimilarSettings *settings)
{
  g_autofree char *path = settings_file ();
  GKeyFile *file = g_key_file_new ();
  GError *absent = NULL;
  g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL);
  *settings = (IeSimilarSettings){ .model = g_key_file_get_string (file, GROUP, "model", NULL) };
  /* Folders are bytes, key files are not. */
  g_autofree char *uri = g_key_file_get_string (file, GROUP, "folder", NULL);
  settings->folder = uri ? g_filename_from_uri (uri, NULL, NULL) : NULL;
  settings->turned = g_key_file_get_boolean (file, GROUP, "turned", NULL);
  settings->elsewhere = g_key_file_get_boolean (file, GROUP, "elsewhere", NULL);
  settings->selection = g_key_file_get_boolean (file, GROUP, "selection", NULL);
  settings->top = g_key_file_get_integer (file, GROUP, "top", NULL);
  settings->threshold = g_key_file_get_double (file, GROUP, "threshold", &absent);
  if (!settings->model || !*settings->model) {
    g_free (settings->model);
    settings->model = g_strdup ("visual");
  }
  if (settings->top < 1 || settings->top > IE_SIMILAR_TOP_MOST)
    settings->top = IE_SIMILAR_TOP;
  if (absent || !(settings->threshold >= 0 && settings->threshold <= 1))
    settings->threshold = IE_SIMILAR_THRESHOLD;
  g_clear_error (&absent);
  g_key_file_free (file);
}

void
ie_similar_settings_save (const IeSimilarSettings *settings)
{
  g_autofree char *path = settings_file (), *place = g_path_get_dirname (path);
  g_autofree char *uri = settings->folder ? g_filename_to_uri (settings->folder, NULL, NULL) : NULL;
  GKeyFile *file = g_key_file_new ();
  g_key_file_set_string (file, GROUP, "model", settings->model);
  if (uri)
    g_key_file_set_string (file, GROUP, "folder", uri);
  g_key_file_set_boolean (file, GROUP, "turned", settings->turned);
  g_key_file_set_boolean (file, GROUP, "elsewhere", settings->elsewhere);
  g_key_file_set_boolean (file, GROUP, "selection", settings->selection);
  g_key_file_set_integer (file, GROUP, "top", settings->top);
  g_key_file_set_double (file, GROUP, "threshold", settings->threshold);
  g_mkdir_with_parents (place, 0700);
  g_key_file_save_to_file (file, path, NULL);
  g_key_file_free (file);
}

void
ie_similar_settings_clear (IeSimilarSettings *settings)
{
  g_free (settings->model);
  g_free (settings->folder);
}
