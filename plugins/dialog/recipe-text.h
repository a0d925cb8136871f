// SPDX-License-Identifier: GPL-3.0-or-later
/* A recipe as text, to be read, copied or saved. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

/* Shows it and waits until the window is closed. */
void ie_recipe_text_show (const char *title, const char *id, const char *text);

/* Asks for a file and writes the text to it; says what went wrong. */
void ie_recipe_text_save (GtkWidget *window, const char *text);

G_END_DECLS
