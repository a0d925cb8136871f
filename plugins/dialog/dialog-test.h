// SPDX-License-Identifier: GPL-3.0-or-later
/* For tests: windows that answer by themselves.
 *
 * With IMGENHANCE_DIALOG_TEST=FOLDER in the environment a window takes what it starts with from a file in FOLDER, waits until its
 * preview is exact (or, without one, until its work is done), writes FOLDER/NAME.png (itself as the screen shows it) and
 * FOLDER/NAME.tsv, and answers:
 *   a filter's dialog      NAME: the filter's; values from NAME.step (a step as in a recipe; without the file they stay); OK
 *   the editor of recipes  NAME: "recipe"; steps from recipe.recipe (without the file they stay); OK
 *   the batch's window     NAME: "batch"; batch.txt (batch-dialog.c); Close
 * Where there is a file FOLDER/keyboard nothing is filled in or answered: keys do it. The table is written again whenever it is not
 * there and the window is at rest, and FOLDER/NAME.focus gets a line (type and name, as in the table) each time the focus moves.
 * Lines of the table, by what is seen in the window:
 *   window    TITLE  WIDTHxHEIGHT  SCREENxSCREEN
 *   label     TEXT   WIDTHxHEIGHT  NATURALxNATURAL  whole|clipped|short (made so on purpose: its tooltip is the whole)
 *   control   TYPE   ACCESSIBLE NAME (empty: none)  MNEMONIC (empty: none)  ACCESSIBLE DESCRIPTION (empty: none)  on|off
 *   row       ACCESSIBLE NAME of the list  TEXT ...
 *   focus     TYPE   ACCESSIBLE NAME  seen|hidden (it is outside of what a part that scrolls shows)
 *   preview   exact|late
 */
#pragma once

#include "plugins/dialog/filter-panel.h"

G_BEGIN_DECLS

/* The path of a file in the folder; NULL: there is no test. g_free() */
char *ie_dialog_test_path (const char *name, const char *ending);

/* Whether keys fill in and answer. */
gboolean ie_dialog_test_by_keyboard (void);

/* Picture and table of a window, now. */
void ie_dialog_test_write (GtkWidget *dialog, const char *name, gboolean exact);

/* Does so when is_exact (of) has been true for a while, and answers OK. Nothing where there is no test. */
void ie_dialog_test_answer (GtkWidget *dialog, const char *name, gboolean (*is_exact) (GtkWidget *of), GtkWidget *of);

/* The same for the dialog of a filter, with the values of NAME.step. */
void ie_dialog_test_watch (GtkWidget *dialog, GtkWidget *panel, const IeFilter *filter);

G_END_DECLS
