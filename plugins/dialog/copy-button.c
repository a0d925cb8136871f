// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/copy-button.h"

typedef struct {
  char *(*text) (gpointer data, IeCopyKind kind);
  gpointer data;
  GtkWidget *menu;
} Copy;

static void
copy_free (gpointer data)
{
  Copy *copy = data;
  gtk_widget_destroy (copy->menu);
  g_object_unref (copy->menu);
  g_free (copy);
}

static void
chosen (GtkMenuItem *item, gpointer data)
{
  Copy *copy = data;
  IeCopyKind kind = (IeCopyKind) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (item), "ie-kind"));
  g_autofree char *text = copy->text (copy->data, kind);
  if (text)
    ie_copy (GTK_WIDGET (item), text);
}

static void
clicked (GtkWidget *button, gpointer data)
{
  ie_menu_popup (((Copy *) data)->menu, button);
}

static void
add_item (Copy *copy, const char *label, IeCopyKind kind)
{
  GtkWidget *item = gtk_menu_item_new_with_mnemonic (label);
  g_object_set_data (G_OBJECT (item), "ie-kind", GINT_TO_POINTER (kind));
  g_signal_connect (item, "activate", G_CALLBACK (chosen), copy);
  gtk_menu_shell_append (GTK_MENU_SHELL (copy->menu), item);
}

GtkWidget *
ie_copy_button_new (char *(*text) (gpointer data, IeCopyKind kind), gpointer data)
{
  Copy *copy = g_new0 (Copy, 1);
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("Cop_y As..."));
  *copy = (Copy){ text, data, g_object_ref_sink (gtk_menu_new ()) };
  add_item (copy, _ ("_Command"), IE_COPY_COMMAND);
  add_item (copy, _ ("_Script-Fu"), IE_SCRIPT_KIND);
  add_item (copy, _ ("_Recipe"), IE_COPY_RECIPE);
  gtk_widget_show_all (copy->menu);
  gtk_widget_set_tooltip_text (button, _ ("Copy what does the same elsewhere: a command, a call in Script-Fu, a recipe."));
  g_object_set_data_full (G_OBJECT (button), "ie-copy", copy, copy_free);
  g_signal_connect (button, "clicked", G_CALLBACK (clicked), copy);
  return button;
}
