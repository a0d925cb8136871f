// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/result-list.h"

enum { COLUMN_STATUS, COLUMN_PICTURE, COLUMN_DETAIL, COLUMN_COUNT };

#define WIDTH 520
#define HEIGHT 130

typedef struct {
  GtkListStore *store;
  int failed;
} Results;

static Results *
results_of (GtkWidget *list)
{
  return g_object_get_data (G_OBJECT (list), "ie-results");
}

static void
results_free (gpointer data)
{
  Results *results = data;
  g_object_unref (results->store);
  g_free (results);
}

GtkWidget *
ie_result_list_new (void)
{
  Results *results = g_new0 (Results, 1);
  GtkWidget *scroll = ie_scrolled_new ();
  const char *titles[] = { _ ("Outcome"), _ ("Picture"), _ ("Result, or why there is none") };
  results->store = gtk_list_store_new (COLUMN_COUNT, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  GtkWidget *view = gtk_tree_view_new_with_model (GTK_TREE_MODEL (results->store));
  g_object_set_data_full (G_OBJECT (scroll), "ie-results", results, results_free);
  for (int i = 0; i < COLUMN_COUNT; i++) {
    gtk_tree_view_insert_column_with_attributes (GTK_TREE_VIEW (view), -1, titles[i], gtk_cell_renderer_text_new (), "text", i, NULL);
    gtk_tree_view_column_set_resizable (gtk_tree_view_get_column (GTK_TREE_VIEW (view), i), TRUE);
  }
  ie_set_name (view, _ ("Results"), NULL);
  gtk_widget_set_size_request (scroll, WIDTH, HEIGHT);
  gtk_container_add (GTK_CONTAINER (scroll), view);
  return scroll;
}

void
ie_result_list_clear (GtkWidget *list)
{
  Results *results = results_of (list);
  gtk_list_store_clear (results->store);
  results->failed = 0;
}

void
ie_result_list_add (GtkWidget *list, IeBatchStatus status, const char *picture, const char *detail)
{
  Results *results = results_of (list);
  const char *words[] = { [IE_BATCH_DONE] = _ ("done"), [IE_BATCH_SKIPPED] = _ ("as before"), [IE_BATCH_FAILED] = _ ("failed") };
  g_autofree char *name = g_filename_display_basename (picture), *text = detail ? g_filename_display_name (detail) : NULL;
  GtkTreeIter iter;
  if (status == IE_BATCH_FAILED)
    gtk_list_store_insert (results->store, &iter, results->failed++);
  else
    gtk_list_store_append (results->store, &iter);
  gtk_list_store_set (results->store, &iter, COLUMN_STATUS, words[status], COLUMN_PICTURE, name, COLUMN_DETAIL, text, -1);
}
