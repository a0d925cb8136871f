// SPDX-License-Identifier: GPL-3.0-or-later
/* The control of a further picture: none, a drawable of an open image, or a file. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

/* optional: "none" is a choice. The widget is a box; ie_picture_chooser_focus() is what a mnemonic leads to. */
GtkWidget *ie_picture_chooser_new (gboolean optional, const char *name, void (*changed) (gpointer data), gpointer data);
GtkWidget *ie_picture_chooser_focus (GtkWidget *chooser);
/* In the words of a picture parameter; empty: none. g_free(). */
char *ie_picture_chooser_text (GtkWidget *chooser);
void ie_picture_chooser_set (GtkWidget *chooser, const char *text);
/* Whether there is one: not after a drawable was set that is not open any more. */
gboolean ie_picture_chooser_has (GtkWidget *chooser);

G_END_DECLS
