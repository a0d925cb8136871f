// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/files.h"

static GtkWidget *
chooser_new (GtkWidget *window, const char *title, GtkFileChooserAction action, const char *button)
{
  GtkWidget *box = gtk_file_chooser_dialog_new (title, GTK_WINDOW (window), action, _ ("_Cancel"), GTK_RESPONSE_CANCEL, button,
                                                GTK_RESPONSE_ACCEPT, NULL);
  gtk_dialog_set_default_response (GTK_DIALOG (box), GTK_RESPONSE_ACCEPT);
  return box;
}

/* The answer; the box goes. */
static char *
answer_of (GtkWidget *box)
{
  char *file = gtk_dialog_run (GTK_DIALOG (box)) == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (box)) : NULL;
  gtk_widget_destroy (box);
  return file;
}

char *
ie_ask_file (GtkWidget *window, const char *title, GtkFileChooserAction action, const char *button, const char *name)
{
  GtkWidget *box = chooser_new (window, title, action, button);
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (box), TRUE);
  if (name)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (box), name);
  return answer_of (box);
}

char *
ie_ask_folder (GtkWidget *window, const char *title, const char *button, const char *folder)
{
  GtkWidget *box = chooser_new (window, title, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, button);
  if (folder)
    gtk_file_chooser_set_filename (GTK_FILE_CHOOSER (box), folder);
  return answer_of (box);
}

void
ie_complain (GtkWidget *window, const char *file, GError *error)
{
  GtkWidget *box = gtk_message_dialog_new (GTK_WINDOW (window), GTK_DIALOG_MODAL, GTK_MESSAGE_ERROR, GTK_BUTTONS_CLOSE, "%s: %s", file,
                                           error->message);
  gtk_dialog_run (GTK_DIALOG (box));
  gtk_widget_destroy (box);
  g_error_free (error);
}
