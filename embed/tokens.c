// SPDX-License-Identifier: GPL-3.0-or-later
/* Byte pair encoding (Sennrich, Haddow, Birch 2016) as CLIP does it (Radford et al. 2021): the text in lower case is cut into
 * words, each byte of a word is written as one printable character, the last with "</w>" after it, and of all neighbours those
 * that stand first among the merges are joined until none stands there. */
#include "embed/tokens.h"

#include <string.h>

#include "embed/tokens-read.h"

#define MOST_TEXT 4096 /* bytes; the rest of a text is not looked at */
#define WORD_END "</w>"

/* ---- words ---- */

static gboolean
is_blank (gunichar c)
{
  return g_unichar_isspace (c) || c == 0x0b || c == 0x85;
}

static gboolean
is_number (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);
  return type == G_UNICODE_DECIMAL_NUMBER || type == G_UNICODE_LETTER_NUMBER || type == G_UNICODE_OTHER_NUMBER;
}

static gboolean
is_other (gunichar c)
{
  return !is_blank (c) && !is_number (c) && !g_unichar_isalpha (c);
}

/* Composed and in lower case, character by character: no locale has a say. g_free(). */
static char *
plain (const char *text)
{
  char *valid = g_utf8_make_valid (text, (gssize) strnlen (text, MOST_TEXT));
  char *composed = g_utf8_normalize (valid, -1, G_NORMALIZE_NFC);
  GString *lower = g_string_new (NULL);
  for (const char *at = composed; *at; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);
    if (c == 0x130) /* I with a dot: Unicode's own lower case is two characters */
      g_string_append (lower, "i\xcc\x87");
    else
      g_string_append_unichar (lower, g_unichar_tolower (c));
  }
  g_free (valid);
  g_free (composed);
  return g_string_free (lower, FALSE);
}

/* Bytes of the word that begins here: a special token, the end of a contraction, letters, a digit, or others. */
static gsize
word_length (const char *at)
{
  static const char *const whole[] = { IE_TOKEN_BEGIN, IE_TOKEN_END, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d" };
  for (guint i = 0; i < G_N_ELEMENTS (whole); i++)
    if (g_str_has_prefix (at, whole[i]))
      return strlen (whole[i]);
  gunichar first = g_utf8_get_char (at);
  const char *end = g_utf8_next_char (at);
  if (g_unichar_isalpha (first))
    while (*end && g_unichar_isalpha (g_utf8_get_char (end)))
      end = g_utf8_next_char (end);
  else if (is_other (first))
    while (*end && is_other (g_utf8_get_char (end)))
      end = g_utf8_next_char (end);
  return (gsize) (end - at);
}

/* ---- pairs ---- */

/* The printable character that stands for a byte: itself where Latin-1 has a visible one, else one from U+0100 on. */
static gunichar
shown (guint8 byte)
{
#define VISIBLE(b) (((b) >= '!' && (b) <= '~') || ((b) >= 0xa1 && (b) <= 0xac) || (b) >= 0xae)
  if (VISIBLE (byte))
    return byte;
  gunichar hidden = 0x100;
  for (int b = 0; b < byte; b++)
    hidden += !VISIBLE (b);
#undef VISIBLE
  return hidden;
}

static GPtrArray *
split (const char *word, gsize length)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; i < length; i++) {
    char bytes[6 + sizeof WORD_END];
    int end = g_unichar_to_utf8 (shown ((guint8) word[i]), bytes);
    strcpy (bytes + end, i + 1 < length ? "" : WORD_END);
    g_ptr_array_add (parts, g_strdup (bytes));
  }
  return parts;
}

static int
rank_of (const IeTokens *tokens, GString *pair, const char *left, const char *right)
{
  g_string_assign (pair, left);
  g_string_append_c (pair, ' ');
  g_string_append (pair, right);
  int rank = GPOINTER_TO_INT (g_hash_table_lookup (tokens->merges, pair->str));
  return rank ? rank : G_MAXINT;
}

/* Joins every occurrence of the pair at `best`, from left to right. */
static void
join (GPtrArray *parts, guint best)
{
  char *left = g_strdup (parts->pdata[best]), *right = g_strdup (parts->pdata[best + 1]);
  for (guint i = best; i + 1 < parts->len; i++)
    if (strcmp (parts->pdata[i], left) == 0 && strcmp (parts->pdata[i + 1], right) == 0) {
      g_free (parts->pdata[i]);
      parts->pdata[i] = g_strconcat (left, right, NULL);
      g_ptr_array_remove_index (parts, i + 1);
    }
  g_free (left);
  g_free (right);
}

static void
merge (const IeTokens *tokens, GPtrArray *parts)
{
  GString *pair = g_string_new (NULL);
  for (int least = 0; least < G_MAXINT;) {
    guint best = 0;
    least = G_MAXINT;
    for (guint i = 0; i + 1 < parts->len; i++) {
      int rank = rank_of (tokens, pair, parts->pdata[i], parts->pdata[i + 1]);
      if (rank < least) {
        least = rank;
        best = i;
      }
    }
    if (least < G_MAXINT)
      join (parts, best);
  }
  g_string_free (pair, TRUE);
}

/* Appends the word's tokens; gives how many ids there are now. */
static int
add_word (const IeTokens *tokens, const char *word, gsize length, int most, int count, gint32 *ids)
{
  if (length > 2 && word[0] == '<' && word[1] == '|') {
    char *whole = g_strndup (word, length);
    int special = strcmp (whole, IE_TOKEN_BEGIN) == 0 ? tokens->begin
                  : strcmp (whole, IE_TOKEN_END) == 0 ? tokens->end
                                                      : -1;
    g_free (whole);
    if (special >= 0) {
      ids[count] = special;
      return count + 1;
    }
  }
  GPtrArray *parts = split (word, length);
  merge (tokens, parts);
  for (guint i = 0; i < parts->len && count < most; i++) {
    int id = GPOINTER_TO_INT (g_hash_table_lookup (tokens->ids, parts->pdata[i])) - 1;
    ids[count++] = id >= 0 ? id : tokens->end; /* what is unknown */
  }
  g_ptr_array_unref (parts);
  return count;
}

int
ie_tokens_of (const IeTokens *tokens, const char *text, int length, int pad, gint32 *ids)
{
  char *lower = plain (text);
  int count = 0, most = length - 1;
  ids[count++] = tokens->begin;
  for (const char *at = lower; *at && count < most;) {
    gsize bytes = is_blank (g_utf8_get_char (at)) ? 0 : word_length (at);
    if (bytes)
      count = add_word (tokens, at, bytes, most, count, ids);
    at = bytes ? at + bytes : g_utf8_next_char (at);
  }
  ids[count++] = tokens->end;
  for (int i = count; i < length; i++)
    ids[i] = pad < 0 ? tokens->end : pad;
  g_free (lower);
  return count;
}
