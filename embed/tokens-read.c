// SPDX-License-Identifier: GPL-3.0-or-later
/* vocab.json, one flat object of tokens and numbers, and merges.txt, a pair a line, the first first. */
#include "embed/tokens-read.h"

#include <string.h>

#include "core/error.h"
#include "core/i18n.h"
#include "embed/sidecar.h"

#define MOST_FILE (64 << 20)
#define MOST_TOKEN (1 << 24)

/* ---- JSON, as much as there is of it ---- */

static void
skip_blanks (const char **at)
{
  *at += strspn (*at, " \t\r\n");
}

static gboolean
take_character (const char **at, char c)
{
  skip_blanks (at);
  gboolean is = **at == c;
  *at += is;
  return is;
}

/* The four digits of \uXXXX; -1: they are not there. */
static int
take_hex (const char **at)
{
  int value = 0;
  for (int i = 0; i < 4; i++, (*at)++) {
    int digit = g_ascii_xdigit_value (**at);
    if (digit < 0)
      return -1;
    value = 16 * value + digit;
  }
  return value;
}

static gboolean
take_unicode (const char **at, GString *out)
{
  int first = take_hex (at);
  if (first >= 0xd800 && first < 0xdc00 && (*at)[0] == '\\' && (*at)[1] == 'u') {
    *at += 2;
    int second = take_hex (at);
    if (second < 0xdc00 || second > 0xdfff)
      return FALSE;
    first = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
  }
  gboolean good = first > 0 && (first < 0xd800 || first > 0xdfff);
  if (good)
    g_string_append_unichar (out, (gunichar) first);
  return good;
}

static gboolean
take_escape (const char **at, GString *out)
{
  static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  char letter = *(*at)++;
  if (letter == 'u')
    return take_unicode (at, out);
  const char *found = letter ? strchr (letters, letter) : NULL;
  if (found)
    g_string_append_c (out, meant[found - letters]);
  return found != NULL;
}

static gboolean
take_string (const char **at, GString *out)
{
  g_string_truncate (out, 0);
  if (!take_character (at, '"'))
    return FALSE;
  while (**at && **at != '"') {
    if (**at != '\\')
      g_string_append_c (out, *(*at)++);
    else if ((*at)++, !take_escape (at, out))
      return FALSE;
  }
  return take_character (at, '"');
}

static gboolean
take_number (const char **at, int *number)
{
  skip_blanks (at);
  char *end;
  guint64 value = g_ascii_isdigit (**at) ? g_ascii_strtoull (*at, &end, 10) : MOST_TOKEN + 1;
  if (value > MOST_TOKEN)
    return FALSE;
  *at = end;
  *number = (int) value;
  return TRUE;
}

static gboolean
take_vocab (const char *text, GHashTable *ids)
{
  GString *token = g_string_new (NULL);
  const char *at = text;
  int number;
  gboolean good = take_character (&at, '{');
  for (gboolean more = good; good && more; more = take_character (&at, ',')) {
    good = take_string (&at, token) && take_character (&at, ':') && take_number (&at, &number);
    if (good)
      g_hash_table_insert (ids, g_strdup (token->str), GINT_TO_POINTER (number + 1));
  }
  good = good && take_character (&at, '}');
  skip_blanks (&at);
  g_string_free (token, TRUE);
  return good && !*at;
}

/* ---- both files ---- */

static gboolean
take_merges (char *text, GHashTable *merges)
{
  int rank = 0;
  for (char *line = text, *next; line; line = next) {
    next = strchr (line, '\n');
    if (next)
      *next++ = '\0';
    g_strchomp (line);
    char *blank = strchr (line, ' ');
    if (!*line || g_str_has_prefix (line, "#version"))
      continue;
    if (!blank || blank == line || !blank[1] || strchr (blank + 1, ' '))
      return FALSE;
    if (!g_hash_table_contains (merges, line))
      g_hash_table_insert (merges, g_strdup (line), GINT_TO_POINTER (++rank));
  }
  return rank > 0;
}

static int
number_of (const IeTokens *tokens, const char *token)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (tokens->ids, token)) - 1;
}

static gboolean
take_file (const char *path, GHashTable *table, gboolean vocab, GError **error)
{
  gsize length = 0;
  const char *name = vocab ? _ ("the tokenizer's vocabulary") : _ ("the tokenizer's merges");
  char *text = ie_read_small (path, MOST_FILE, &length, error);
  if (!text) {
    g_prefix_error (error, "%s: ", name);
    return FALSE;
  }
  gboolean good = !memchr (text, '\0', length) && g_utf8_validate (text, -1, NULL) &&
                  (vocab ? take_vocab (text, table) : take_merges (text, table));
  if (!good)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s: the file is no such thing"), name);
  g_free (text);
  return good;
}

IeTokens *
ie_tokens_read (const char *vocab, const char *merges, GError **error)
{
  IeTokens *tokens = g_new0 (IeTokens, 1);
  tokens->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  tokens->merges = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean good = take_file (vocab, tokens->ids, TRUE, error) && take_file (merges, tokens->merges, FALSE, error);
  tokens->begin = number_of (tokens, IE_TOKEN_BEGIN);
  tokens->end = number_of (tokens, IE_TOKEN_END);
  if (good && (tokens->begin < 0 || tokens->end < 0)) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("the tokenizer's vocabulary: has no %s and %s"), IE_TOKEN_BEGIN,
                 IE_TOKEN_END);
    good = FALSE;
  }
  if (good)
    return tokens;
  ie_tokens_free (tokens);
  return NULL;
}

void
ie_tokens_free (IeTokens *tokens)
{
  if (!tokens)
    return;
  g_hash_table_unref (tokens->ids);
  g_hash_table_unref (tokens->merges);
  g_free (tokens);
}
