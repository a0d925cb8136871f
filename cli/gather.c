// SPDX-License-Identifier: GPL-3.0-or-later
/* From operands to pictures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "cli/apply.h"
#include "cli/journal.h"
#include "core/i18n.h"

typedef struct {
  GPtrArray *pictures;
  struct stat output; /* the folder of the output, not to be walked into */
  gboolean has_output;
  const CliJournal *journal;
  GRegex *earlier; /* names of outputs that stand beside their inputs; NULL */
  char *real;      /* of the operand that is being walked, with a '/' at its end */
} Walk;

static void
picture_free (gpointer data)
{
  CliPicture *picture = data;
  g_free (picture->input);
  g_free (picture->under);
  g_free (picture->output);
  g_free (picture->root);
  g_free (picture->inside);
  g_free (picture->skip);
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

/* Whether the journal knows the file as an output. */
static gboolean
is_known_output (const CliJournal *journal, const char *path)
{
  char *place = journal ? cli_place_of (path) : NULL;
  gboolean known = place && (cli_journal_find (journal, "done", place) || cli_journal_find (journal, "writing", place));
  g_free (place);
  return known;
}

static gboolean
leads_out (const Walk *walk, const char *link)
{
  char *real = realpath (link, NULL);
  gboolean out = real && !g_str_has_prefix (real, walk->real);
  free (real);
  return out; /* one that leads nowhere fails by itself */
}

/* A file with the extension of a picture, or a link. */
static void
add_found (Walk *walk, const char *path, const char *under, const char *name, gboolean link)
{
  CliPicture *picture = add_picture (walk, path, under);
  char *relative = g_build_filename (under, name, NULL);
  picture->found = TRUE;
  if (link && g_file_test (path, G_FILE_TEST_IS_DIR))
    picture->skip = g_strdup (_ ("a symbolic link to a folder is not followed"));
  else if (link && leads_out (walk, path))
    picture->skip = g_strdup (_ ("a symbolic link that leads out of the folder is not followed"));
  else if (walk->earlier && g_regex_match (walk->earlier, relative, 0, NULL))
    picture->skip = g_strdup (_ ("has the name of a result; to do it all the same, name the file itself"));
  else if (is_known_output (walk->journal, path))
    picture->skip = g_strdup (_ ("is a result, by the journal; to do it all the same, name the file itself"));
  g_free (relative);
}

static void
walk_folder (Walk *walk, const char *path, const char *under)
{
  struct stat status;
  if (walk->has_output && under[0] && g_stat (path, &status) == 0 && status.st_dev == walk->output.st_dev
      && status.st_ino == walk->output.st_ino)
    return;
  GPtrArray *names = list_folder (path);
  if (!names) {
    g_set_error_literal (&add_picture (walk, path, under)->error, IE_ERROR, IE_ERROR_INPUT,
                         errno ? g_strerror (errno) : _ ("cannot be read"));
    return;
  }
  for (guint i = 0; i < names->len; i++) {
    const char *name = names->pdata[i];
    char *inside = g_build_filename (path, name, NULL);
    struct stat link;
    gboolean there = g_lstat (inside, &link) == 0, is_link = there && S_ISLNK (link.st_mode);
    if (there && S_ISDIR (link.st_mode)) {
      char *deeper = under[0] ? g_build_filename (under, name, NULL) : g_strdup (name);
      walk_folder (walk, inside, deeper);
      g_free (deeper);
    } else if (has_picture_extension (name) || (is_link && g_file_test (inside, G_FILE_TEST_IS_DIR)))
      add_found (walk, inside, under, name, is_link);
    g_free (inside);
  }
  g_ptr_array_unref (names);
}

/* A folder that somebody typed. */
static void
walk_operand (Walk *walk, const ApplySettings *settings, const char *operand)
{
  struct stat status;
  char *real = realpath (operand, NULL);
  /* Results stand among the inputs unless they have a folder of their own. */
  gboolean beside = !walk->has_output
                    || (g_stat (operand, &status) == 0 && status.st_dev == walk->output.st_dev
                        && status.st_ino == walk->output.st_ino);
  walk->earlier = beside && settings->steps ? cli_output_names (settings) : NULL; /* without steps nothing is written */
  walk->real = g_strconcat (real ? real : operand, real && strcmp (real, "/") == 0 ? "" : "/", NULL);
  walk_folder (walk, operand, "");
  g_clear_pointer (&walk->earlier, g_regex_unref);
  g_clear_pointer (&walk->real, g_free);
  free (real);
}

GPtrArray *
cli_gather (const ApplySettings *settings, GPtrArray *operands, const CliJournal *journal, gboolean *any_folder)
{
  Walk walk = { .pictures = g_ptr_array_new_with_free_func (picture_free), .journal = journal };
  *any_folder = FALSE;
  walk.has_output = settings->output && g_stat (settings->output, &walk.output) == 0;
  for (guint i = 0; i < operands->len; i++) {
    const char *operand = operands->pdata[i];
    gboolean folder = strcmp (operand, "-") != 0 && g_file_test (operand, G_FILE_TEST_IS_DIR);
    if (folder && settings->recursive) {
      *any_folder = TRUE;
      walk_operand (&walk, settings, operand);
    } else {
      CliPicture *picture = add_picture (&walk, operand, "");
      if (folder)
        g_set_error_literal (&picture->error, IE_ERROR, IE_ERROR_INPUT,
                             _ ("is a folder; --recursive does the pictures in it"));
    }
  }
  return walk.pictures;
}
