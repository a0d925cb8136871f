// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/i18n.h"

#include <libintl.h>

static gboolean
has_catalogues (const char *folder)
{
  gboolean found = FALSE;
  GDir *languages = g_dir_open (folder, 0, NULL);
  for (const char *name; languages && !found && (name = g_dir_read_name (languages));) {
    char *path = g_build_filename (folder, name, "LC_MESSAGES", IE_DOMAIN ".mo", NULL);
    found = g_file_test (path, G_FILE_TEST_IS_REGULAR);
    g_free (path);
  }
  if (languages)
    g_dir_close (languages);
  return found;
}

/* Where GIMP is all that has the filters, their catalogues lie in a folder of their own: so a package for GIMP can have them
 * beside that of the command, and a user without the rights of root can. It comes first, since GIMP 2.10 remembers the folder
 * that the plug-in names: it must stay for as long as the plug-in does, also when the command goes. */
static const char *
find_folder (void)
{
  const char *wished = g_getenv ("IMGENHANCE_LOCALE_DIR");
  if (wished && *wished)
    return g_strdup (wished);
  char *own = g_build_filename (g_get_user_data_dir (), "gimp-imgenhance", "locale", NULL);
  const char *const places[] = { IE_GIMP_LOCALE_DIR, IE_LOCALE_DIR, own };
  const char *found = IE_LOCALE_DIR;
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    if (has_catalogues (places[i])) {
      found = places[i];
      break;
    }
  if (found != own)
    g_free (own);
  return found;
}

const char *
ie_locale_folder (void)
{
  static gsize folder;
  if (g_once_init_enter (&folder))
    g_once_init_leave (&folder, (gsize) find_folder ());
  return (const char *) folder;
}

/* Every face shares the library's domain, so that none of them has to bind it. */
static void
bind_once (void)
{
  static gsize bound;
  if (!g_once_init_enter (&bound))
    return;
  bindtextdomain (IE_DOMAIN, ie_locale_folder ());
  bind_textdomain_codeset (IE_DOMAIN, "UTF-8");
  g_once_init_leave (&bound, 1);
}

const char *
ie_gettext (const char *text)
{
  if (!text || !*text) /* "" has the catalogue's own head as its translation */
    return text;
  bind_once ();
  return dgettext (IE_DOMAIN, text);
}

const char *
ie_ngettext (const char *one, const char *many, gulong count)
{
  bind_once ();
  return dngettext (IE_DOMAIN, one, many, count);
}
