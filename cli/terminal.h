// SPDX-License-Identifier: GPL-3.0-or-later
/* What the command says to people: one line an error, a status line on a terminal, text wrapped to the terminal's
 * width.
 *
 * All of it may be called from any thread; lines never mix. Bytes of file names go out as they are, except that control
 * characters are written \xNN, so that a name can neither end a line nor drive the terminal.
 */
#pragma once

#include <glib.h>
#include <stdio.h>

/* Copy of `bytes` with every control character (C0, DEL, and C1 in UTF-8) written \xNN a byte. g_free(). */
char *cli_escape (const char *bytes);

/* Prints "imgenhance: NAME: reason" on standard error; name NULL leaves its part out. */
void cli_error (const char *name, const char *reason);

/* Writes text to standard output whole, and flushes it. Failures are found at the end by cli_close_output(). */
void cli_print (const char *text);

/* Shows `line` in place of the last status line on standard error; NULL erases it. Only for terminals. */
void cli_status (const char *line);

/* Flushes standard output. FALSE when something written to it was lost; the error line is printed (not for a closed
 * pipe). */
gboolean cli_close_output (void);

/* For what machines read: from here on messages are English, whatever the locale, also those of the processes that are
 * started. Before any thread. */
void cli_speak_plainly (void);

/* Columns that the text takes on a terminal: Chinese characters take two each. */
int cli_columns (const char *text);

/* Columns of standard output's terminal, else $COLUMNS, else 80; between 40 and 120. */
int cli_width (void);

/* Appends `text`, words wrapped at `width` (between Chinese characters, too), lines after the first begun by `indent`
 * blanks. The cursor is taken to stand at column `column`. A newline in text ends a line. No newline at the end. */
void cli_wrap (GString *out, const char *text, int column, int indent, int width);

/* Appends `text` and blanks up to column `width`, at least one. */
void cli_pad (GString *out, const char *text, int width);

/* value with up to 6 significant digits and a decimal point in every locale. g_free(). */
char *cli_number (double value);

/* value with `decimals` digits after the point. g_free(). */
char *cli_fixed (double value, int decimals);

/* bytes as "12.5 MiB". g_free(). */
char *cli_bytes (guint64 bytes);
