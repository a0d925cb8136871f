// SPDX-License-Identifier: GPL-3.0-or-later
/* From operands to pictures. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "cli/apply.h"

typedef struct {
  GPtrArray *pictures;
  struct stat output; /* the folder of the output, not to be walked into */
  gboolean has_output;
} Walk;

static void
picture_free (gpointer data)
{
  CliPicture *picture = data;
  g_free (picture->input);
  g_free (picture->under);
  g_free (picture->output);
  g_clear_error (&picture->error);
  g_free (picture);
}

static CliPicture *
add_picture (Walk *walk, const char *input, const char *under)
{
  CliPicture *picture = g_new0 (CliPicture, 1);
  picture->input = g_strdup (input);
  picture->under = g_strdup (under);
  g_ptr_array_add (walk->pictures, picture);
  return picture;
}

static gboolean
has_picture_extension (const char *name)
{
  const char *dot = strrchr (name, '.');
  return dot && dot != name && ie_format_find (dot + 1);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Names in the folder that are not hidden, sorted; NULL with errno. */
static GPtrArray *
list_folder (const char *path)
{
  errno = 0;
  GDir *folder = g_dir_open (path, 0, NULL);
  if (!folder)
    return NULL;
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  for (const char *name; (name = g_dir_read_name (folder));)
    if (name[0] != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_dir_close (folder);
  g_ptr_array_sort (names, compare_names);
  return names;
}

static void
walk_folder (Walk *walk, const char *path, const char *under)
{
  struct stat status;
  if (walk->has_output && g_stat (path, &status) == 0 && status.st_dev == walk->output.st_dev
      && status.st_ino == walk->output.st_ino)
    return;
  GPtrArray *names = list_folder (path);
  if (!names) {
    g_set_error_literal (&add_picture (walk, path, under)->error, IE_ERROR, IE_ERROR_INPUT,
                         errno ? g_strerror (errno) : "cannot be read");
    return;
  }
  for (guint i = 0; i < names->len; i++) {
    const char *name = names->pdata[i];
    char *inside = g_build_filename (path, name, NULL);
    struct stat link;
    if (g_lstat (inside, &link) == 0 && S_ISDIR (link.st_mode)) {
      char *deeper = under[0] ? g_build_filename (under, name, NULL) : g_strdup (name);
      walk_folder (walk, inside, deeper);
      g_free (deeper);
    } else if (has_picture_extension (name) && !g_file_test (inside, G_FILE_TEST_IS_DIR))
      add_picture (walk, inside, under);
    g_free (inside);
  }
  g_ptr_array_unref (names);
}

GPtrArray *
cli_gather (const ApplySettings *settings, GPtrArray *operands, gboolean *any_folder)
{
  Walk walk = { .pictures = g_ptr_array_new_with_free_func (picture_free) };
  *any_folder = FALSE;
  walk.has_output = settings->output && g_stat (settings->output, &walk.output) == 0;
  for (guint i = 0; i < operands->len; i++) {
    const char *operand = operands->pdata[i];
    gboolean folder = strcmp (operand, "-") != 0 && g_file_test (operand, G_FILE_TEST_IS_DIR);
    if (folder && settings->recursive) {
      *any_folder = TRUE;
      walk_folder (&walk, operand, "");
    } else {
      CliPicture *picture = add_picture (&walk, operand, "");
      if (folder)
        g_set_error_literal (&picture->error, IE_ERROR, IE_ERROR_INPUT,
                             "is a folder; --recursive does the pictures in it");
    }
  }
  return walk.pictures;
}
