// SPDX-License-Identifier: GPL-3.0-or-later
/* Files that a dialog asks for, and what went wrong with them. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

/* A file or folder, as `action` says; button: what the one that accepts says; name: proposed for a file that is saved, or NULL.
 * NULL: the user would rather not. g_free(). */
char *ie_ask_file (GtkWidget *window, const char *title, GtkFileChooserAction action, const char *button, const char *name);

/* A folder, beginning at `folder` (NULL: anywhere). NULL: the user would rather not. g_free(). */
char *ie_ask_folder (GtkWidget *window, const char *title, const char *button, const char *folder);

/* Says the error and waits. error is taken. */
void ie_complain (GtkWidget *window, const char *file, GError *error);

G_END_DECLS
