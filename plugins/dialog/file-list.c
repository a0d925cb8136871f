// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/file-list.h"

/* Paths in the encoding of the file system, and as they are shown. */
enum { COLUMN_PATH, COLUMN_SHOWN, COLUMN_COUNT };

#define WIDTH 520
#define HEIGHT 110

typedef struct {
  GtkListStore *store;
  GtkWidget *view, *remove;
  void (*changed) (gpointer data);
  gpointer data;
} Files;

static Files *
files_of (GtkWidget *list)
{
  return g_object_get_data (G_OBJECT (list), "ie-files");
}

static void
files_free (gpointer data)
{
  Files *files = data;
  g_object_unref (files->store);
  g_free (files);
}

static void
add (Files *files, const char *path)
{
  GtkTreeIter iter;
  g_autofree char *shown = g_filename_display_name (path);
  gtk_list_store_append (files->store, &iter);
  gtk_list_store_set (files->store, &iter, COLUMN_PATH, path, COLUMN_SHOWN, shown, -1);
}

static void
ask (Files *files, const char *title, GtkFileChooserAction action)
{
  GtkWidget *window = gtk_widget_get_toplevel (files->view);
  GtkWidget *box = gtk_file_chooser_dialog_new (title, GTK_WINDOW (window), action, _ ("_Cancel"), GTK_RESPONSE_CANCEL, _ ("_Add"),
                                                GTK_RESPONSE_ACCEPT, NULL);
  gtk_dialog_set_default_response (GTK_DIALOG (box), GTK_RESPONSE_ACCEPT);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (box), TRUE);
  GSList *paths = gtk_dialog_run (GTK_DIALOG (box)) == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_filenames (GTK_FILE_CHOOSER (box)) : NULL;
  for (GSList *one = paths; one; one = one->next)
    add (files, one->data);
  g_slist_free_full (paths, g_free);
  gtk_widget_destroy (box);
  files->changed (files->data);
}

static void
files_clicked (GtkButton *button, gpointer data)
{
  ask (data, _ ("Add Pictures"), GTK_FILE_CHOOSER_ACTION_OPEN);
}

static void
folder_clicked (GtkButton *button, gpointer data)
{
  ask (data, _ ("Add a Folder"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER);
}

static void
remove_clicked (GtkButton *button, gpointer data)
{
  Files *files = data;
  GtkTreeModel *model;
  GtkTreeSelection *selection = gtk_tree_view_get_selection (GTK_TREE_VIEW (files->view));
  GList *rows = gtk_tree_selection_get_selected_rows (selection, &model);
  for (GList *one = g_list_last (rows); one; one = one->prev) {
    GtkTreeIter iter;
    if (gtk_tree_model_get_iter (model, &iter, one->data))
      gtk_list_store_remove (files->store, &iter);
  }
  g_list_free_full (rows, (GDestroyNotify) gtk_tree_path_free);
  files->changed (files->data);
}

static void
selection_changed (GtkTreeSelection *selection, gpointer data)
{
  gtk_widget_set_sensitive (((Files *) data)->remove, gtk_tree_selection_count_selected_rows (selection) > 0);
}

static GtkWidget *
button_new (GtkWidget *box, const char *text, GCallback clicked, Files *files)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (text);
  g_signal_connect (button, "clicked", clicked, files);
  gtk_box_pack_start (GTK_BOX (box), button, FALSE, FALSE, 0);
  return button;
}

GtkWidget *
ie_file_list_new (void (*changed) (gpointer data), gpointer data)
{
  Files *files = g_new0 (Files, 1);
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_HORIZONTAL, IE_SPACING), *buttons = ie_box_new (GTK_ORIENTATION_VERTICAL, IE_SPACING);
  GtkWidget *scroll = ie_scrolled_new ();
  g_object_set_data_full (G_OBJECT (box), "ie-files", files, files_free);
  files->store = gtk_list_store_new (COLUMN_COUNT, G_TYPE_STRING, G_TYPE_STRING);
  files->view = gtk_tree_view_new_with_model (GTK_TREE_MODEL (files->store));
  files->changed = changed;
  files->data = data;
  gtk_tree_view_insert_column_with_attributes (GTK_TREE_VIEW (files->view), -1, _ ("Pictures, and folders with all that is in them"), gtk_cell_renderer_text_new (),
                                               "text", COLUMN_SHOWN, NULL);
  ie_set_name (files->view, _ ("Pictures, and folders with all that is in them"), NULL);
  GtkTreeSelection *selection = gtk_tree_view_get_selection (GTK_TREE_VIEW (files->view));
  gtk_tree_selection_set_mode (selection, GTK_SELECTION_MULTIPLE);
  g_signal_connect (selection, "changed", G_CALLBACK (selection_changed), files);
  gtk_widget_set_size_request (scroll, WIDTH, HEIGHT);
  gtk_container_add (GTK_CONTAINER (scroll), files->view);
  button_new (buttons, _ ("_Add Files..."), G_CALLBACK (files_clicked), files);
  button_new (buttons, _ ("Add Fol_der..."), G_CALLBACK (folder_clicked), files);
  files->remove = button_new (buttons, _ ("Re_move"), G_CALLBACK (remove_clicked), files);
  gtk_widget_set_sensitive (files->remove, FALSE);
  gtk_box_pack_start (GTK_BOX (box), scroll, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), buttons, FALSE, FALSE, 0);
  return box;
}

int
ie_file_list_count (GtkWidget *list)
{
  return gtk_tree_model_iter_n_children (GTK_TREE_MODEL (files_of (list)->store), NULL);
}

char **
ie_file_list_get (GtkWidget *list)
{
  GtkTreeModel *model = GTK_TREE_MODEL (files_of (list)->store);
  int count = ie_file_list_count (list);
  char **paths = g_new0 (char *, (gsize) count + 1);
  GtkTreeIter iter;
  for (int i = 0; i < count && gtk_tree_model_iter_nth_child (model, &iter, NULL, i); i++)
    gtk_tree_model_get (model, &iter, COLUMN_PATH, &paths[i], -1);
  return paths;
}

void
ie_file_list_add (GtkWidget *list, const char *path)
{
  add (files_of (list), path);
}
