// SPDX-License-Identifier: GPL-3.0-or-later
/* Texts that people read, in their language; for the source files of this tree, not for users of the library.
 *
 *   _("...")    the text in the language of the locale's messages; where the English text stands that is shown
 *   N_("...")   marks a text that stands in a table; whoever shows it calls ie_gettext()
 *   ie_ngettext ("%d page", "%d pages", count)
 *
 * What machines read is never translated: ids, units, recipes, JSON, the manual page. A descriptor holds English texts;
 * a face translates them where it shows them. Files with such texts stand in po/POTFILES (tests/test-po.sh).
 */
#pragma once

#include "core/image.h"

G_BEGIN_DECLS

#define _(text) ie_gettext (text)
#define N_(text) (text)

/* The domain of the catalogues, for those who must tell GIMP. */
#define IE_DOMAIN "imgenhance"

/* The text in the language of LC_MESSAGES (LANGUAGE before it), in UTF-8; the text itself when there is no catalogue, and
 * for "" and NULL. Never sets the locale: in a program that did not call setlocale() all is English. Any thread. */
IE_API const char *ie_gettext (const char *text) G_GNUC_FORMAT (1);

/* The same of a text that depends on a count. */
IE_API const char *ie_ngettext (const char *one, const char *many, gulong count) G_GNUC_FORMAT (1) G_GNUC_FORMAT (2);

/* The folder of the catalogues: $IMGENHANCE_LOCALE_DIR, else that of the installation. */
IE_API const char *ie_locale_folder (void);

G_END_DECLS
