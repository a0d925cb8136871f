// SPDX-License-Identifier: GPL-3.0-or-later
/* The controls of one step, made from its filter's descriptor. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

/* dragging: a slider is held, more changes follow. */
typedef void (*IeControlsChanged) (gpointer data, gboolean dragging);

/* A row for each parameter, with the values of params (NULL: defaults). Numbers have a slider over the descriptor's slider range
 * and a spin button over the hard one, choices a list in words, further pictures a list of the open drawables and a file; the
 * summary is the tooltip. Rows show and hide as visible_if says. Every control has a mnemonic that no button of our dialogs has, and
 * an accessible name. `changed` (may be NULL) is called for what the user does, not for ie_controls_set(). */
GtkWidget *ie_controls_new (const IeFilter *filter, const IeParams *params, IeControlsChanged changed, gpointer data);

/* A copy of the values. NULL and error (IE_ERROR_USAGE): a text is no value of its parameter (its entry is marked as long as it
 * is so), or a picture that is needed was not chosen. */
IeParams *ie_controls_params (GtkWidget *controls, GError **error);

/* Numbers keep all their digits until the user changes them, also those that are not shown. */
void ie_controls_set (GtkWidget *controls, const IeParams *params);

/* For tests: the label of parameter i (a check button has its own), its control that takes the focus, its row. */
typedef struct {
  GtkWidget *label, *control, *row;
} IeControl;
IeControl ie_controls_get (GtkWidget *controls, int i);

G_END_DECLS
