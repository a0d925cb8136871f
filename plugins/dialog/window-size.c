// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/window-size.h"

/* One key file for both GIMPs, beside the presets. */
static char *
size_file (void)
{
  return g_build_filename (g_get_user_cache_dir (), "imgenhance", "dialog.ini", NULL);
}

#define GROUP "dialog"

void
ie_window_size_restore (GtkWidget *window)
{
  GKeyFile *file = g_key_file_new ();
  g_autofree char *path = size_file ();
  if (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL)) {
    int width = g_key_file_get_integer (file, GROUP, "width", NULL), height = g_key_file_get_integer (file, GROUP, "height", NULL);
    GdkScreen *screen = gtk_widget_get_screen (window);
    /* The screen may have become a smaller one. */
    if (width > 0 && height > 0)
      gtk_window_set_default_size (GTK_WINDOW (window), MIN (width, gdk_screen_get_width (screen)),
                                   MIN (height, gdk_screen_get_height (screen)));
  }
  g_key_file_free (file);
}

void
ie_window_size_keep (GtkWidget *window)
{
  int width, height;
  GKeyFile *file = g_key_file_new ();
  g_autofree char *path = size_file (), *folder = g_path_get_dirname (path);
  gtk_window_get_size (GTK_WINDOW (window), &width, &height);
  g_key_file_set_integer (file, GROUP, "width", width);
  g_key_file_set_integer (file, GROUP, "height", height);
  g_mkdir_with_parents (folder, 0700);
  /* Without a place to keep it the next one opens as the first did. */
  g_key_file_save_to_file (file, path, NULL);
  g_key_file_free (file);
}
