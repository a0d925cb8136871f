// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/help.h"

#include "plugins/common/help-page.h"

#define TEXT_WIDTH 480
#define TEXT_HEIGHT 360

static void
show_text (const IeFilter *filter, GtkWidget *window)
{
  g_autofree char *title = g_strdup_printf (_ ("Help: %s"), _ (filter->label)), *text = ie_help_text (filter);
  GtkWidget *dialog = gtk_dialog_new_with_buttons (title, GTK_WINDOW (window), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                                   _ ("_Close"), GTK_RESPONSE_CLOSE, NULL);
  GtkWidget *scrolled = gtk_scrolled_window_new (NULL, NULL), *view = gtk_text_view_new ();
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), text, -1);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), IE_SPACING);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), IE_SPACING);
  ie_set_name (view, title, NULL);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scrolled), GTK_SHADOW_IN);
  gtk_widget_set_size_request (scrolled, TEXT_WIDTH, TEXT_HEIGHT);
  gtk_container_set_border_width (GTK_CONTAINER (scrolled), IE_BORDER);
  gtk_container_add (GTK_CONTAINER (scrolled), view);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (dialog))), scrolled, TRUE, TRUE, 0);
  gtk_widget_show_all (scrolled);
  gtk_dialog_run (GTK_DIALOG (dialog));
  gtk_widget_destroy (dialog);
}

void
ie_help_show (const IeFilter *filter, GtkWidget *window)
{
  GError *error = NULL;
  g_autofree char *uri = ie_help_uri (filter);
  if (!uri || !ie_show_uri (window, uri, &error))
    show_text (filter, window);
  g_clear_error (&error);
}
