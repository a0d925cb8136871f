// SPDX-License-Identifier: GPL-3.0-or-later
/* What a filter's dialog shows between its title and its buttons, in both GIMPs: the preview, the controls, presets, "Copy As...". */
#pragma once

#include "plugins/dialog/controls.h"
#include "plugins/dialog/preview.h"

G_BEGIN_DECLS

/* Where a dialog is called: the pixels, and how further pictures are found. */
typedef struct {
  GeglBuffer *buffer;
  GeglRectangle extent;
  const IeBufferKind *kind;
  IeResolve resolve; /* called in the main thread */
  gpointer resolve_data;
  const char *file;                     /* the picture's own, for "Copy As..."; NULL: none */
  char *(*file_of) (const char *text);  /* see ie_copy_text() */
} IeDialogPlace;

/* wrong: why the values are none; NULL: they are good. Called for every change, also by presets, not for ie_filter_panel_set(). */
typedef void (*IePanelChanged) (gpointer data, const char *wrong);

/* The place is looked at only now. */
GtkWidget *ie_filter_panel_new (const IeDialogPlace *place, const IeFilter *filter, const IeParams *params, IePanelChanged changed,
                                gpointer data);
IeParams *ie_filter_panel_params (GtkWidget *panel, GError **error);
void ie_filter_panel_set (GtkWidget *panel, const IeParams *params);
/* Whether the preview shows the result of the values, or says why there is none. */
gboolean ie_filter_panel_is_exact (GtkWidget *panel);

G_END_DECLS
