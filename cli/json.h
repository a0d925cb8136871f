// SPDX-License-Identifier: GPL-3.0-or-later
/* A little JSON, written into a GString. The commas come by themselves: a value or key that follows another gets one.
 *
 * File names are bytes, JSON strings are characters. A byte that is not part of UTF-8 is written \udcXX (XX the byte),
 * as Python's "surrogateescape" reads and writes it: os.fsencode (json.loads (line)["input"]) is the name again.
 */
#pragma once

#include <glib.h>

void cli_json_open (GString *out, char bracket);  /* '{' or '[' */
void cli_json_close (GString *out, char bracket); /* '}' or ']' */
void cli_json_key (GString *out, const char *key);
/* NULL: null. */
void cli_json_string (GString *out, const char *bytes);
/* The fewest digits that read back to the same double; null for what is not finite. */
void cli_json_number (GString *out, double value);
void cli_json_integer (GString *out, guint64 value);
void cli_json_bool (GString *out, gboolean value);
void cli_json_null (GString *out);

/* The members "path" and "score", which everything has that was compared. */
void cli_json_path_and_score (GString *out, const char *path, double score);

/* Ends the line, prints it on standard output, and frees it. */
void cli_json_print (GString *out);

/* The members of one line that holds one flat object: keys and values as bytes (a number as its text), null left out.
 * NULL when the line is anything else. Free with g_hash_table_unref(). */
GHashTable *cli_json_read (const char *line);
