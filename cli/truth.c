// SPDX-License-Identifier: GPL-3.0-or-later
/* Pictures whose label is known. */
#include <string.h>

#include "cli/apply.h"
#include "cli/label.h"
#include "core/i18n.h"
#include "embed/sidecar.h"

#define MOST_CSV (256 << 20)

static void
truth_free (gpointer data)
{
  CliTruth *truth = data;
  g_free (truth->path);
  g_free (truth->label);
  g_free (truth);
}

static void
add (GPtrArray *truths, char *path, const char *label)
{
  CliTruth *truth = g_new0 (CliTruth, 1);
  truth->path = path;
  truth->label = g_strdup (label);
  g_ptr_array_add (truths, truth);
}

/* ---- folders ---- */

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
add_folder (GPtrArray *truths, char *folder, const char *label)
{
  ApplySettings settings = { .recursive = TRUE };
  gboolean any;
  GPtrArray *operands = g_ptr_array_new ();
  g_ptr_array_add (operands, folder);
  GPtrArray *pictures = cli_gather (&settings, operands, NULL, &any);
  for (guint i = 0; i < pictures->len; i++) {
    const CliPicture *picture = pictures->pdata[i];
    if (!picture->skip && !picture->error)
      add (truths, g_strdup (picture->input), label);
  }
  g_ptr_array_unref (pictures);
  g_ptr_array_unref (operands);
}

static void
read_folder (GPtrArray *truths, const char *path)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GDir *dir = g_dir_open (path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    if (name[0] != '.')
      g_ptr_array_add (names, g_strdup (name));
  if (dir)
    g_dir_close (dir);
  g_ptr_array_sort (names, compare);
  for (guint i = 0; i < names->len; i++) {
    char *folder = g_build_filename (path, names->pdata[i], NULL);
    if (g_file_test (folder, G_FILE_TEST_IS_DIR))
      add_folder (truths, folder, names->pdata[i]);
    g_free (folder);
  }
  g_ptr_array_unref (names);
}

/* ---- CSV (RFC 4180) ---- */

/* The next field into `field`; *last: it is the line's last. Gives what follows; NULL: a quote has no end. */
static const char *
take_field (const char *at, GString *field, gboolean *last)
{
  g_string_truncate (field, 0);
  if (*at == '"') {
    for (at++;; at++) {
      if (!*at)
        return NULL;
      if (*at == '"' && *++at != '"')
        break;
      g_string_append_c (field, *at);
    }
  }
  gsize rest = strcspn (at, ",\r\n");
  g_string_append_len (field, at, (gssize) rest);
  at += rest;
  *last = *at != ',';
  if (!*last)
    return at + 1;
  at += *at == '\r';
  return at + (*at == '\n');
}

static gboolean
is_heading (const char *path)
{
  static const char *const words[] = { "path", "file", "filename", "picture", "image", NULL };
  char *lower = g_ascii_strdown (path, -1);
  gboolean is = g_strv_contains (words, lower);
  g_free (lower);
  return is;
}

static gboolean
read_csv (GPtrArray *truths, const char *text, const char *folder, GError **error)
{
  GString *path = g_string_new (NULL), *label = g_string_new (NULL), *more = g_string_new (NULL);
  int line = 0;
  for (const char *at = text; at && *at;) {
    gboolean last = FALSE;
    line++;
    g_string_truncate (label, 0);
    at = take_field (at, path, &last);
    if (at && !last)
      at = take_field (at, label, &last);
    while (at && !last)
      at = take_field (at, more, &last);
    if (at && path->len == 0 && label->len == 0) /* an empty line */
      continue;
    if (!at || path->len == 0 || label->len == 0) {
      g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("line %d: no path and label"), line);
      break;
    }
    if (line > 1 || !is_heading (path->str))
      add (truths, g_path_is_absolute (path->str) ? g_strdup (path->str) : g_build_filename (folder, path->str, NULL),
           label->str);
  }
  g_string_free (path, TRUE);
  g_string_free (label, TRUE);
  g_string_free (more, TRUE);
  return !*error;
}

GPtrArray *
cli_truth_read (const char *path, GError **error)
{
  GError *wrong = NULL;
  GPtrArray *truths = g_ptr_array_new_with_free_func (truth_free);
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    read_folder (truths, path);
  else {
    gsize length;
    char *text = ie_read_small (path, MOST_CSV, &length, &wrong), *folder = g_path_get_dirname (path);
    if (text && memchr (text, '\0', length))
      g_set_error_literal (&wrong, IE_ERROR, IE_ERROR_USAGE, _ ("is no CSV"));
    else if (text)
      read_csv (truths, text, folder, &wrong);
    g_free (text);
    g_free (folder);
  }
  if (!wrong && truths->len == 0)
    g_set_error_literal (&wrong, IE_ERROR, IE_ERROR_USAGE, _ ("has no pictures in folders named by label"));
  if (!wrong)
    return truths;
  g_propagate_error (error, wrong);
  g_ptr_array_unref (truths);
  return NULL;
}
