// SPDX-License-Identifier: GPL-3.0-or-later
/* What became of each picture of a batch. */
#pragma once

#include "plugins/common/batch.h"
#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

GtkWidget *ie_result_list_new (void);
void ie_result_list_clear (GtkWidget *list);
/* detail: where the result is, or why there is none; may be NULL. Those that failed stand first. */
void ie_result_list_add (GtkWidget *list, IeBatchStatus status, const char *picture, const char *detail);

G_END_DECLS
