// SPDX-License-Identifier: GPL-3.0-or-later
#include "imageio/report.h"

#include "core/i18n.h"

#include <string.h>

#define MOST_ITEMS 64
#define MOST_NOTE 300 /* bytes */
#define MOST_ITEM 40

typedef struct {
  char *item;
  IeFidelityState state;
  GString *note;
} Entry;

struct IeFidelity {
  GArray *entries;
};

static void
clear_entry (gpointer data)
{
  Entry *entry = data;
  g_free (entry->item);
  g_string_free (entry->note, TRUE);
}

IeFidelity *
ie_fidelity_new (void)
{
  IeFidelity *fidelity = g_new (IeFidelity, 1);
  fidelity->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (fidelity->entries, clear_entry);
  return fidelity;
}

void
ie_fidelity_free (IeFidelity *fidelity)
{
  if (!fidelity)
    return;
  g_array_unref (fidelity->entries);
  g_free (fidelity);
}

/* One printable line of at most `most` bytes, cut between characters. g_free(). */
static char *
make_line (const char *text, gsize most)
{
  char *valid = g_utf8_make_valid (text, -1);
  GString *line = g_string_new (NULL);
  for (const char *p = valid; *p; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    gsize bytes = (gsize) (g_utf8_next_char (p) - p);
    if (line->len + bytes > most)
      break;
    if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029)
      g_string_append_c (line, ' ');
    else
      g_string_append_len (line, p, (gssize) bytes);
  }
  g_free (valid);
  return g_string_free (line, FALSE);
}

static Entry *
find_entry (const IeFidelity *fidelity, const char *item)
{
  for (guint i = 0; i < fidelity->entries->len; i++) {
    Entry *entry = &g_array_index (fidelity->entries, Entry, i);
    if (g_str_equal (entry->item, item))
      return entry;
  }
  return NULL;
}

static void
add_reason (Entry *entry, const char *reason)
{
  if (!*reason || strstr (entry->note->str, reason) || entry->note->len + strlen (reason) + 2 > MOST_NOTE)
    return;
  if (entry->note->len > 0)
    g_string_append (entry->note, ", ");
  g_string_append (entry->note, reason);
}

static void
add (IeFidelity *fidelity, const char *item, IeFidelityState state, const char *reason)
{
  Entry *entry = find_entry (fidelity, item);
  if (!entry && fidelity->entries->len >= MOST_ITEMS) {
    item = "more";
    entry = find_entry (fidelity, item);
  }
  if (!entry) {
    Entry fresh = { g_strdup (item), state, g_string_new (reason) };
    g_array_append_val (fidelity->entries, fresh);
    return;
  }
  if (state > entry->state) {
    entry->state = state;
    g_string_truncate (entry->note, 0);
  }
  if (state == entry->state)
    add_reason (entry, reason);
}

void
ie_fidelity_note (IeFidelity *fidelity, const char *item, IeFidelityState state, const char *format, ...)
{
  if (!fidelity)
    return;
  va_list arguments;
  va_start (arguments, format);
  char *text = format ? g_strdup_vprintf (format, arguments) : NULL;
  va_end (arguments);
  char *reason = make_line (text ? text : "", MOST_NOTE), *name = make_line (item, MOST_ITEM);
  add (fidelity, name, state, reason);
  g_free (name);
  g_free (reason);
  g_free (text);
}

int
ie_fidelity_count (const IeFidelity *fidelity)
{
  return fidelity ? (int) fidelity->entries->len : 0;
}

IeFidelityNote
ie_fidelity_get (const IeFidelity *fidelity, int i)
{
  const Entry *entry = &g_array_index (fidelity->entries, Entry, i);
  return (IeFidelityNote){ entry->item, entry->state, entry->note->str };
}

const char *
ie_fidelity_state_name (IeFidelityState state)
{
  static const char *const names[] = { "kept", "changed", "dropped" };
  return names[state];
}

static char *
list_dropped (const IeFidelity *fidelity, gboolean derived)
{
  GString *line = NULL;
  for (int i = 0; i < ie_fidelity_count (fidelity); i++) {
    IeFidelityNote note = ie_fidelity_get (fidelity, i);
    if (note.state != IE_FIDELITY_DROPPED || (!derived && strcmp (note.item, IE_ITEM_THUMBNAIL) == 0))
      continue;
    if (!line)
      line = g_string_new (_ ("not kept: "));
    else
      g_string_append (line, ", ");
    g_string_append (line, note.item);
    if (*note.note)
      g_string_append_printf (line, " (%s)", note.note);
  }
  return line ? g_string_free (line, FALSE) : NULL;
}

char *
ie_fidelity_dropped (const IeFidelity *fidelity)
{
  return list_dropped (fidelity, TRUE);
}

char *
ie_fidelity_lost (const IeFidelity *fidelity)
{
  return list_dropped (fidelity, FALSE);
}
