// SPDX-License-Identifier: GPL-3.0-or-later
/* The dialog of a filter in GIMP 2.10. */
#pragma once

#include "plugins/dialog/filter-panel.h"

G_BEGIN_DECLS

/* Opens it with the values of *params and waits. TRUE: OK; *params was replaced by what was chosen. FALSE: it was cancelled. */
gboolean ie_filter_dialog_run (const IeDialogPlace *place, const IeFilter *filter, IeParams **params);

G_END_DECLS
