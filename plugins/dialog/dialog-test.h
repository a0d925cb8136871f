// SPDX-License-Identifier: GPL-3.0-or-later
/* For tests: a dialog that answers by itself.
 *
 * With IMGENHANCE_DIALOG_TEST=FOLDER in the environment a filter's dialog takes its values from FOLDER/NAME.step (a step as in a
 * recipe; without the file they stay), waits until its preview is exact, writes FOLDER/NAME.png (itself as the screen shows it) and
 * FOLDER/NAME.tsv, and answers OK. Lines of the table, by what is seen in the dialog:
 *   window    TITLE  WIDTHxHEIGHT  SCREENxSCREEN
 *   label     TEXT   WIDTHxHEIGHT  NATURALxNATURAL  whole|clipped
 *   control   TYPE   ACCESSIBLE NAME (empty: none)  MNEMONIC (empty: none)
 *   preview   exact|late
 */
#pragma once

#include "plugins/dialog/filter-panel.h"

G_BEGIN_DECLS

/* Does nothing without that variable. */
void ie_dialog_test_watch (GtkWidget *dialog, GtkWidget *panel, const IeFilter *filter);

G_END_DECLS
