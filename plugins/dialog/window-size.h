// SPDX-License-Identifier: GPL-3.0-or-later
/* The size of our dialogs, one for all of them, kept from day to day. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

void ie_window_size_restore (GtkWidget *window);
void ie_window_size_keep (GtkWidget *window);

G_END_DECLS
