// SPDX-License-Identifier: GPL-3.0-or-later
/* Reading back the lines that cli/json.h writes: objects of strings, numbers, true, false and null. Library readers do
 * not serve here: they refuse or mend the \udcXX that stand for bytes which are not UTF-8, and names would change. */
#include <string.h>

#include "cli/json.h"

static const char *
skip_blanks (const char *p)
{
  while (*p == ' ' || *p == '\t')
    p++;
  return p;
}

/* Four hexadecimal digits, or -1. */
static int
read_hex (const char *p)
{
  int value = 0;
  for (int i = 0; i < 4; i++) {
    int digit = g_ascii_xdigit_value (p[i]);
    if (digit < 0)
      return -1;
    value = value * 16 + digit;
  }
  return value;
}

/* What follows "\u"; gives the end, or NULL. */
static const char *
read_unicode (const char *p, GString *out)
{
  int unit = read_hex (p);
  if (unit <= 0)
    return NULL;
  p += 4;
  if (unit >= 0xdc80 && unit <= 0xdcff) {
    g_string_append_c (out, (char)(unit - 0xdc00));
    return p;
  }
  if (unit >= 0xd800 && unit < 0xdc00) {
    int low = p[0] == '\\' && p[1] == 'u' ? read_hex (p + 2) : -1;
    if (low < 0xdc00 || low > 0xdfff)
      return NULL;
    g_string_append_unichar (out, 0x10000 + (gunichar)(unit - 0xd800) * 0x400 + (gunichar)(low - 0xdc00));
    return p + 6;
  }
  if (unit >= 0xdc00 && unit <= 0xdfff)
    return NULL;
  g_string_append_unichar (out, (gunichar)unit);
  return p;
}

/* A string after its opening quote; gives what follows the closing one, or NULL. */
static const char *
read_string (const char *p, GString *out)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  while (*p != '"') {
    if ((guchar)*p < 0x20)
      return NULL;
    if (*p != '\\') {
      g_string_append_c (out, *p++);
      continue;
    }
    const char *plain = p[1] ? strchr (from, p[1]) : NULL;
    if (plain)
      g_string_append_c (out, to[plain - from]);
    p = plain ? p + 2 : p[1] == 'u' ? read_unicode (p + 2, out) : NULL;
    if (!p)
      return NULL;
  }
  return p + 1;
}

/* The value into *value: a string's characters, a number's or word's text, NULL for null. Gives the end, or NULL. */
static const char *
read_value (const char *p, char **value)
{
  *value = NULL;
  if (*p == '"') {
    GString *text = g_string_new (NULL);
    const char *end = read_string (p + 1, text);
    *value = g_string_free (text, !end);
    return end;
  }
  gsize length = strcspn (p, " ,}");
  if (length == 0 || strspn (p, "+-.0123456789Eabcdefghijklmnopqrstuvwxyz") < length)
    return NULL;
  if (length != 4 || strncmp (p, "null", 4) != 0)
    *value = g_strndup (p, length);
  return p + length;
}

static const char *
read_member (const char *p, GHashTable *into)
{
  char *key = NULL, *value = NULL;
  p = *p == '"' ? read_value (p, &key) : NULL;
  p = p ? skip_blanks (p) : NULL;
  p = p && *p == ':' ? read_value (skip_blanks (p + 1), &value) : NULL;
  if (p && value)
    g_hash_table_replace (into, g_steal_pointer (&key), g_steal_pointer (&value));
  g_free (key);
  g_free (value);
  return p ? skip_blanks (p) : NULL;
}

GHashTable *
cli_json_read (const char *line)
{
  GHashTable *members = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const char *p = skip_blanks (line);
  p = *p == '{' ? skip_blanks (p + 1) : NULL;
  while (p && *p != '}') {
    p = read_member (p, members);
    if (p && *p == ',')
      p = skip_blanks (p + 1);
    else if (p && *p != '}')
      p = NULL;
  }
  if (p && *skip_blanks (p + 1) == '\0')
    return members;
  g_hash_table_unref (members);
  return NULL;
}
