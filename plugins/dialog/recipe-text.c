// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/recipe-text.h"

#include "plugins/dialog/files.h"

#define RESPONSE_COPY 1
#define RESPONSE_SAVE 2

/* Room for a recipe of ten steps. */
#define WIDTH 480
#define HEIGHT 200

void
ie_recipe_text_save (GtkWidget *window, const char *text)
{
  GError *error = NULL;
  g_autofree char *file = ie_ask_file (window, _ ("Save Recipe"), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), "look.recipe");
  if (file && !g_file_set_contents (file, text, -1, &error))
    ie_complain (window, file, error);
}

void
ie_recipe_text_show (const char *title, const char *id, const char *text)
{
  GtkWidget *dialog = gimp_dialog_new (title, id, NULL, 0, NULL, NULL, _ ("Cop_y"), RESPONSE_COPY, _ ("_Save..."), RESPONSE_SAVE,
                                       _ ("_Close"), GTK_RESPONSE_CLOSE, NULL);
  GtkWidget *view = gtk_text_view_new (), *scroll = gtk_scrolled_window_new (NULL, NULL);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), text, -1);
  ie_set_name (view, _ ("Recipe"), NULL);
  gtk_container_add (GTK_CONTAINER (scroll), view);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scroll), GTK_SHADOW_IN);
  gtk_container_set_border_width (GTK_CONTAINER (scroll), IE_BORDER);
  gtk_widget_set_size_request (scroll, WIDTH, HEIGHT);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (dialog))), scroll, TRUE, TRUE, 0);
  gtk_widget_show_all (scroll);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_CLOSE);
  gtk_widget_show (dialog);
  int answer;
  while ((answer = gimp_dialog_run (GIMP_DIALOG (dialog))) == RESPONSE_COPY || answer == RESPONSE_SAVE) {
    if (answer == RESPONSE_COPY)
      ie_copy (dialog, text);
    else
      ie_recipe_text_save (dialog, text);
  }
  gtk_widget_destroy (dialog);
}
