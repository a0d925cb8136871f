// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/i18n.h"

#include <libintl.h>

const char *
ie_locale_folder (void)
{
  const char *folder = g_getenv ("IMGENHANCE_LOCALE_DIR");
  return folder && *folder ? folder : IE_LOCALE_DIR;
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
