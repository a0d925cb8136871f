// SPDX-License-Identifier: GPL-3.0-or-later
/* A button with a menu: "Copy as" command, Script-Fu, recipe, to the clipboard. */
#pragma once

#include "plugins/common/copy-text.h"
#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

/* text: what to copy, g_free(); NULL: not now. It is kept by the clipboard when the plug-in ends, as far as the desktop does so. */
GtkWidget *ie_copy_button_new (char *(*text) (gpointer data, IeCopyKind kind), gpointer data);

G_END_DECLS
