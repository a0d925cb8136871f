// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"

static void
separate (GString *out)
{
  char last = out->len > 0 ? out->str[out->len - 1] : '[';
  if (last == ' ') /* after a key */
    return;
  if (last != '{' && last != '[' && last != '\n')
    g_string_append (out, ", ");
}

void
cli_json_open (GString *out, char bracket)
{
  separate (out);
  g_string_append_c (out, bracket);
}

void
cli_json_close (GString *out, char bracket)
{
  g_string_append_c (out, bracket);
}

static void
append_quoted (GString *out, const char *bytes)
{
  g_string_append_c (out, '"');
  for (const char *p = bytes; *p;) {
    gunichar c = g_utf8_get_char_validated (p, -1);
    if (c == (gunichar)-1 || c == (gunichar)-2) {
      g_string_append_printf (out, "\\udc%02x", (guchar)*p++);
      continue;
    }
    const char *next = g_utf8_next_char (p);
    if (c == '"' || c == '\\')
      g_string_append_printf (out, "\\%c", (char)c);
    else if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
      g_string_append_printf (out, "\\u%04x", c);
    else
      g_string_append_len (out, p, next - p);
    p = next;
  }
  g_string_append_c (out, '"');
}

void
cli_json_key (GString *out, const char *key)
{
  separate (out);
  append_quoted (out, key);
  g_string_append (out, ": ");
}

void
cli_json_string (GString *out, const char *bytes)
{
  separate (out);
  if (bytes)
    append_quoted (out, bytes);
  else
    g_string_append (out, "null");
}

void
cli_json_number (GString *out, double value)
{
  separate (out);
  if (!isfinite (value)) {
    g_string_append (out, "null");
    return;
  }
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  g_ascii_formatd (buffer, sizeof buffer, "%.15g", value);
  if (g_ascii_strtod (buffer, NULL) != value)
    g_ascii_formatd (buffer, sizeof buffer, "%.17g", value);
  g_string_append (out, buffer);
}

void
cli_json_integer (GString *out, guint64 value)
{
  separate (out);
  g_string_append_printf (out, "%" G_GUINT64_FORMAT, value);
}

void
cli_json_bool (GString *out, gboolean value)
{
  separate (out);
  g_string_append (out, value ? "true" : "false");
}

void
cli_json_null (GString *out)
{
  cli_json_string (out, NULL);
}

void
cli_json_path_and_score (GString *out, const char *path, double score)
{
  cli_json_key (out, "path");
  cli_json_string (out, path);
  cli_json_key (out, "score");
  cli_json_number (out, score);
}

void
cli_json_print (GString *out)
{
  g_string_append_c (out, '\n');
  cli_print (out->str);
  g_string_free (out, TRUE);
}
