// SPDX-License-Identifier: GPL-3.0-or-later
/* A list of files and folders that the user puts together. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

GtkWidget *ie_file_list_new (void (*changed) (gpointer data), gpointer data);
int ie_file_list_count (GtkWidget *list);
/* g_strfreev(). */
char **ie_file_list_get (GtkWidget *list);
void ie_file_list_add (GtkWidget *list, const char *path);

G_END_DECLS
