// SPDX-License-Identifier: GPL-3.0-or-later
/* A row to choose, save and delete presets of a filter. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

typedef struct {
  IeParams *(*get) (gpointer data, GError **error); /* what to save; NULL: not now */
  void (*set) (gpointer data, const IeParams *params);
  gpointer data;
} IePresetHooks;

GtkWidget *ie_preset_row_new (const IeFilter *filter, const IePresetHooks *hooks);
/* The values are no preset's any more. */
void ie_preset_row_forget (GtkWidget *row);

G_END_DECLS
