// SPDX-License-Identifier: GPL-3.0-or-later
/* Help, without a network: the filter's page in the system's browser; where there is no page or no browser, its text in a window. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

void ie_help_show (const IeFilter *filter, GtkWidget *window);

G_END_DECLS
