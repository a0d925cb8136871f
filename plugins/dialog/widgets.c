// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/widgets.h"

#include <string.h>

static guint32
bit_of (gunichar letter)
{
  gunichar small = g_unichar_tolower (letter);
  return small >= 'a' && small <= 'z' ? 1u << (small - 'a') : 0;
}

void
ie_mnemonics_take_buttons (IeMnemonics *taken)
{
  const char *const texts[] = { _ ("_OK"),     _ ("_Cancel"),     _ ("_Reset"),    _ ("_Presets"), _ ("Save _As..."),
                                _ ("_Delete"), _ ("Cop_y As..."), _ ("_Fit"),      _ ("_Before"),  _ ("_Split"),
                                /* GIMP's own, in its words. */
                                "_Help",       "_Load",           "_Save" };
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    const char *at = strchr (texts[i], '_');
    *taken |= at ? bit_of (g_utf8_get_char (at + 1)) : 0;
  }
}

/* Where in the text the first free letter stands: the first of a word before all others. NULL: nowhere. */
static const char *
free_letter (IeMnemonics taken, const char *text)
{
  for (int firsts = 1; firsts >= 0; firsts--)
    for (const char *at = text; *at; at = g_utf8_next_char (at)) {
      guint32 bit = bit_of (g_utf8_get_char (at));
      if (bit && !(taken & bit) && (!firsts || at == text || at[-1] == ' '))
        return at;
    }
  return NULL;
}

static gboolean
has_latin (const char *text)
{
  for (; *text; text++)
    if (g_ascii_isalpha (*text))
      return TRUE;
  return FALSE;
}

char *
ie_mnemonic_text (IeMnemonics *taken, const char *text)
{
  const char *at = free_letter (*taken, text);
  GString *out = g_string_new (NULL);
  for (const char *p = text; *p; p++) {
    if (p == at)
      g_string_append_c (out, '_');
    /* An underscore of the text is no mnemonic. */
    if (*p == '_')
      g_string_append_c (out, '_');
    g_string_append_c (out, *p);
  }
  if (at) {
    *taken |= bit_of (g_utf8_get_char (at));
  } else if (!has_latin (text)) {
    for (char letter = 'A'; letter <= 'Z'; letter++)
      if (!(*taken & bit_of ((gunichar) letter))) {
        *taken |= bit_of ((gunichar) letter);
        g_string_append_printf (out, "(_%c)", letter);
        break;
      }
  }
  return g_string_free (out, FALSE);
}

GtkWidget *
ie_scrolled_new (void)
{
  GtkWidget *scroll = gtk_scrolled_window_new (NULL, NULL);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scroll), GTK_SHADOW_IN);
  gtk_widget_set_can_focus (scroll, FALSE);
  return scroll;
}

GtkWidget *
ie_label_new (const char *text, GtkWidget *control)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (text);
  ie_label_align (label);
  if (control)
    gtk_label_set_mnemonic_widget (GTK_LABEL (label), control);
  return label;
}

void
ie_copy (GtkWidget *widget, const char *text)
{
  GtkClipboard *clipboard = gtk_widget_get_clipboard (widget, GDK_SELECTION_CLIPBOARD);
  gtk_clipboard_set_text (clipboard, text, -1);
  gtk_clipboard_set_can_store (clipboard, NULL, 0);
  gtk_clipboard_store (clipboard);
}
