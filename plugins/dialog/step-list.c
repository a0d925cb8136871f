// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/step-list.h"

#include <string.h>

enum { COLUMN_ON, COLUMN_TEXT, COLUMN_COUNT };

/* Width in which a step is read without the list being moved; rows that are seen at once. */
#define LIST_WIDTH 320
#define LIST_HEIGHT 120

typedef struct {
  IeStepListHooks hooks;
  IeRecipe *recipe; /* all steps, in the order of the rows */
  GtkListStore *store;
  GtkWidget *view, *remove, *up, *down;
  gboolean setting;
} List;

static List *
list_of (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), "ie-steps");
}

static void
list_free (gpointer data)
{
  List *list = data;
  ie_recipe_free (list->recipe);
  g_object_unref (list->store);
  g_free (list);
}

/* ---- rows ---- */

static int
count_of (const List *list)
{
  return (int) list->recipe->steps->len;
}

static GtkTreeSelection *
selection_of (const List *list)
{
  return gtk_tree_view_get_selection (GTK_TREE_VIEW (list->view));
}

static gboolean
row (const List *list, int i, GtkTreeIter *iter)
{
  return gtk_tree_model_iter_nth_child (GTK_TREE_MODEL (list->store), iter, NULL, i);
}

/* The index of the chosen row; -1: none. */
static int
chosen (const List *list)
{
  GtkTreeModel *model;
  GtkTreeIter iter;
  if (!gtk_tree_selection_get_selected (selection_of (list), &model, &iter))
    return -1;
  GtkTreePath *path = gtk_tree_model_get_path (model, &iter);
  int i = gtk_tree_path_get_indices (path)[0];
  gtk_tree_path_free (path);
  return i;
}

static void
choose (List *list, int i)
{
  GtkTreeIter iter;
  if (i < 0 || !row (list, i, &iter))
    return;
  GtkTreePath *path = gtk_tree_path_new_from_indices (i, -1);
  gtk_tree_view_set_cursor (GTK_TREE_VIEW (list->view), path, NULL, FALSE);
  gtk_tree_path_free (path);
}

/* "Unsharp mask", and what of it is not as always. g_free(). */
static char *
text_of (const IeRecipeStep *step)
{
  g_autofree char *words = ie_recipe_step_text (step);
  const char *values = strchr (words, ' ');
  return g_strconcat (_ (step->filter->label), values ? "  " : "", values ? values + 1 : "", NULL);
}

static void
write_row (List *list, int i)
{
  GtkTreeIter iter;
  g_autofree char *text = text_of (list->recipe->steps->pdata[i]);
  if (row (list, i, &iter))
    gtk_list_store_set (list->store, &iter, COLUMN_TEXT, text, -1);
}

static void
add_row (List *list, int i)
{
  GtkTreeIter iter;
  gtk_list_store_insert (list->store, &iter, i);
  gtk_list_store_set (list->store, &iter, COLUMN_ON, TRUE, -1);
  write_row (list, i);
}

static gboolean
is_on (const List *list, int i)
{
  GtkTreeIter iter;
  gboolean on = FALSE;
  if (row (list, i, &iter))
    gtk_tree_model_get (GTK_TREE_MODEL (list->store), &iter, COLUMN_ON, &on, -1);
  return on;
}

static void
set_sensitive (List *list)
{
  int i = chosen (list);
  gtk_widget_set_sensitive (list->remove, i >= 0);
  gtk_widget_set_sensitive (list->up, i > 0);
  gtk_widget_set_sensitive (list->down, i >= 0 && i + 1 < count_of (list));
}

/* ---- what the user does ---- */

static void
selection_changed (GtkTreeSelection *selection, gpointer data)
{
  List *list = data;
  set_sensitive (list);
  if (!list->setting)
    list->hooks.chosen (list->hooks.data);
}

static void
toggled (GtkCellRendererToggle *cell, char *path, gpointer data)
{
  List *list = data;
  GtkTreeIter iter;
  if (!gtk_tree_model_get_iter_from_string (GTK_TREE_MODEL (list->store), &iter, path))
    return;
  gtk_list_store_set (list->store, &iter, COLUMN_ON, !gtk_cell_renderer_toggle_get_active (cell), -1);
  list->hooks.changed (list->hooks.data);
}

static void
remove_clicked (GtkButton *button, gpointer data)
{
  List *list = data;
  GtkTreeIter iter;
  int i = chosen (list);
  if (i < 0 || !row (list, i, &iter))
    return;
  list->setting = TRUE;
  gtk_list_store_remove (list->store, &iter);
  g_ptr_array_remove_index (list->recipe->steps, (guint) i);
  choose (list, MIN (i, count_of (list) - 1));
  list->setting = FALSE;
  set_sensitive (list);
  list->hooks.chosen (list->hooks.data);
  list->hooks.changed (list->hooks.data);
}

static void
move (List *list, int from, int to)
{
  GtkTreeIter a, b;
  if (from < 0 || to < 0 || to >= count_of (list) || !row (list, from, &a) || !row (list, to, &b))
    return;
  gpointer step = list->recipe->steps->pdata[from];
  list->recipe->steps->pdata[from] = list->recipe->steps->pdata[to];
  list->recipe->steps->pdata[to] = step;
  gtk_list_store_swap (list->store, &a, &b);
  set_sensitive (list);
  list->hooks.changed (list->hooks.data);
}

static void
up_clicked (GtkButton *button, gpointer data)
{
  move (data, chosen (data), chosen (data) - 1);
}

static void
down_clicked (GtkButton *button, gpointer data)
{
  move (data, chosen (data), chosen (data) + 1);
}

/* A new step stands behind the chosen one. */
static void
filter_chosen (GtkMenuItem *item, gpointer data)
{
  List *list = data;
  const IeFilter *filter = g_object_get_data (G_OBJECT (item), "ie-filter");
  int at = chosen (list) >= 0 ? chosen (list) + 1 : count_of (list);
  ie_recipe_append (list->recipe, filter, ie_params_new (filter->params));
  gpointer step = g_ptr_array_steal_index (list->recipe->steps, list->recipe->steps->len - 1);
  g_ptr_array_insert (list->recipe->steps, at, step);
  add_row (list, at);
  choose (list, at);
  list->hooks.changed (list->hooks.data);
}

/* ---- the menu of all filters, a folder a group ---- */

static GtkWidget *
folder_of (GtkWidget *menu, GHashTable *folders, const char *group)
{
  GtkWidget *folder = g_hash_table_lookup (folders, group);
  if (folder)
    return folder;
  GtkWidget *item = gtk_menu_item_new_with_label (_ (group));
  folder = gtk_menu_new ();
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (item), folder);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
  g_hash_table_insert (folders, (gpointer) group, folder);
  return folder;
}

static GtkWidget *
menu_new (List *list)
{
  GtkWidget *menu = gtk_menu_new ();
  GHashTable *folders = g_hash_table_new (g_str_hash, g_str_equal);
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  for (int i = 0; i < count; i++) {
    GtkWidget *item = gtk_menu_item_new_with_label (_ (filters[i]->label));
    gtk_widget_set_tooltip_text (item, _ (filters[i]->summary));
    g_object_set_data (G_OBJECT (item), "ie-filter", (gpointer) filters[i]);
    g_signal_connect (item, "activate", G_CALLBACK (filter_chosen), list);
    gtk_menu_shell_append (GTK_MENU_SHELL (folder_of (menu, folders, filters[i]->group)), item);
  }
  g_hash_table_destroy (folders);
  gtk_widget_show_all (menu);
  return menu;
}

static void
add_clicked (GtkButton *button, gpointer data)
{
  GtkWidget *menu = g_object_get_data (G_OBJECT (button), "ie-menu");
  ie_menu_popup (menu, GTK_WIDGET (button));
}

/* ---- the widget ---- */

static GtkWidget *
button_new (GtkWidget *box, const char *text, const char *tip, GCallback clicked, List *list)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (text);
  gtk_widget_set_tooltip_text (button, tip);
  g_signal_connect (button, "clicked", clicked, list);
  gtk_box_pack_start (GTK_BOX (box), button, TRUE, TRUE, 0);
  return button;
}

static GtkWidget *
view_new (List *list)
{
  GtkWidget *view = gtk_tree_view_new_with_model (GTK_TREE_MODEL (list->store)), *scroll = ie_scrolled_new ();
  GtkCellRenderer *on = gtk_cell_renderer_toggle_new (), *text = gtk_cell_renderer_text_new ();
  list->view = view;
  gtk_tree_view_set_headers_visible (GTK_TREE_VIEW (view), FALSE);
  gtk_tree_view_insert_column_with_attributes (GTK_TREE_VIEW (view), -1, "", on, "active", COLUMN_ON, NULL);
  gtk_tree_view_insert_column_with_attributes (GTK_TREE_VIEW (view), -1, "", text, "text", COLUMN_TEXT, NULL);
  gtk_tree_view_set_search_column (GTK_TREE_VIEW (view), COLUMN_TEXT);
  g_signal_connect (on, "toggled", G_CALLBACK (toggled), list);
  gtk_tree_selection_set_mode (selection_of (list), GTK_SELECTION_BROWSE);
  g_signal_connect (selection_of (list), "changed", G_CALLBACK (selection_changed), list);
  ie_set_name (view, _ ("Steps"), _ ("The steps of the recipe, in the order in which they work; a check mark says which are on."));
  gtk_container_add (GTK_CONTAINER (scroll), view);
  gtk_widget_set_size_request (scroll, LIST_WIDTH, LIST_HEIGHT);
  return scroll;
}

GtkWidget *
ie_step_list_new (const IeRecipe *recipe, const IeStepListHooks *hooks)
{
  List *list = g_new0 (List, 1);
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_VERTICAL, IE_SPACING), *buttons = ie_box_new (GTK_ORIENTATION_HORIZONTAL, IE_SPACING);
  g_object_set_data_full (G_OBJECT (box), "ie-steps", list, list_free);
  list->hooks = *hooks;
  list->recipe = ie_recipe_new ();
  list->store = gtk_list_store_new (COLUMN_COUNT, G_TYPE_BOOLEAN, G_TYPE_STRING);
  gtk_box_pack_start (GTK_BOX (box), view_new (list), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), buttons, FALSE, FALSE, 0);
  GtkWidget *add = button_new (buttons, _ ("Add S_tep"), _ ("Add a step behind the chosen one."), G_CALLBACK (add_clicked), list);
  g_object_set_data_full (G_OBJECT (add), "ie-menu", g_object_ref_sink (menu_new (list)), g_object_unref);
  list->remove = button_new (buttons, _ ("Re_move"), _ ("Remove the chosen step."), G_CALLBACK (remove_clicked), list);
  list->up = button_new (buttons, _ ("_Up"), _ ("The chosen step works earlier."), G_CALLBACK (up_clicked), list);
  list->down = button_new (buttons, _ ("Do_wn"), _ ("The chosen step works later."), G_CALLBACK (down_clicked), list);
  ie_step_list_set (box, recipe);
  return box;
}

void
ie_step_list_set (GtkWidget *widget, const IeRecipe *recipe)
{
  List *list = list_of (widget);
  list->setting = TRUE;
  gtk_list_store_clear (list->store);
  g_ptr_array_set_size (list->recipe->steps, 0);
  ie_recipe_append_all (list->recipe, recipe);
  for (int i = 0; i < count_of (list); i++)
    add_row (list, i);
  choose (list, 0);
  list->setting = FALSE;
  set_sensitive (list);
}

IeRecipe *
ie_step_list_recipe (GtkWidget *widget)
{
  const List *list = list_of (widget);
  IeRecipe *recipe = ie_recipe_new ();
  ie_recipe_append_all (recipe, list->recipe);
  for (int i = count_of (list) - 1; i >= 0; i--)
    if (!is_on (list, i))
      g_ptr_array_remove_index (recipe->steps, (guint) i);
  return recipe;
}

IeRecipeStep *
ie_step_list_chosen (GtkWidget *widget)
{
  const List *list = list_of (widget);
  int i = chosen (list);
  return i >= 0 ? list->recipe->steps->pdata[i] : NULL;
}

void
ie_step_list_update (GtkWidget *widget)
{
  List *list = list_of (widget);
  if (chosen (list) >= 0)
    write_row (list, chosen (list));
}
