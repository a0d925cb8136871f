// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes the pages that Help opens, from the descriptors: make-help FOLDER PICTURES. PICTURES/NAME.jpg, where it is, is copied
 * beside the page of the filter NAME. */
#include <errno.h>

#include "plugins/common/help-page.h"

static gboolean
copy_picture (const char *from, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (from, name, NULL), *to = g_build_filename (folder, name, NULL);
  char *bytes;
  gsize length;
  if (!g_file_get_contents (path, &bytes, &length, NULL))
    return FALSE;
  gboolean good = g_file_set_contents (to, bytes, (gssize) length, NULL);
  g_free (bytes);
  return good;
}

static gboolean
write_page (const char *folder, const char *name, char *page, GError **error)
{
  g_autofree char *text = page, *file = g_strconcat (name, ".html", NULL), *path = g_build_filename (folder, file, NULL);
  return g_file_set_contents (path, text, -1, error);
}

int
main (int argc, char **argv)
{
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  GError *error = NULL;
  if (argc != 3 || g_mkdir_with_parents (argv[1], 0777) != 0) {
    g_printerr ("make-help FOLDER PICTURES: %s\n", argc == 3 ? g_strerror (errno) : "two arguments are needed");
    return 1;
  }
  gboolean good = write_page (argv[1], "index", ie_help_index (), &error);
  for (int i = 0; good && i < count; i++) {
    g_autofree char *picture = g_strconcat (filters[i]->name, ".jpg", NULL);
    gboolean has = copy_picture (argv[2], argv[1], picture);
    good = write_page (argv[1], filters[i]->name, ie_help_page (filters[i], has ? picture : NULL), &error);
  }
  if (!good)
    g_printerr ("make-help: %s\n", error->message);
  return good ? 0 : 1;
}
