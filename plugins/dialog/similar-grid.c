// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/similar-grid.h"

#include <string.h>

#include "plugins/common/similar.h"
#include "plugins/common/thumbnails.h"

/* Paths in the encoding of the file system, and as they are shown. */
enum { COLUMN_PICTURE, COLUMN_TEXT, COLUMN_TIP, COLUMN_PATH, COLUMN_COUNT };

#define SIDE 128 /* of a thumbnail */
#define ITEM_WIDTH 160
#define NAME_LETTERS 20 /* of a file's name: what fits */
#define WIDTH 710
#define HEIGHT 390
#define EMPTY 0x80808030 /* a gray veil, on dark themes and light ones */

typedef struct {
  GtkListStore *store;
  GtkWidget *view;
  IeThumbnails *thumbnails;
  guint made;
  IeSimilarGridHooks hooks;
} Grid;

static Grid *
grid_of (GtkWidget *grid)
{
  return g_object_get_data (G_OBJECT (grid), "ie-similar-grid");
}

static void
grid_free (gpointer data)
{
  Grid *grid = data;
  ie_thumbnails_free (grid->thumbnails);
  g_object_unref (grid->store);
  g_free (grid);
}

/* ---- thumbnails ---- */

/* In the middle of a square, so that all items are of one height. */
static GdkPixbuf *
in_square (const guint8 *pixels, int width, int height)
{
  GdkPixbuf *square = gdk_pixbuf_new (GDK_COLORSPACE_RGB, TRUE, 8, SIDE, SIDE);
  if (!pixels) {
    gdk_pixbuf_fill (square, EMPTY);
    return square;
  }
  gdk_pixbuf_fill (square, 0);
  GdkPixbuf *picture = gdk_pixbuf_new_from_data (pixels, GDK_COLORSPACE_RGB, FALSE, 8, width, height, width * 3, NULL, NULL);
  gdk_pixbuf_copy_area (picture, 0, 0, width, height, square, (SIDE - width) / 2, (SIDE - height) / 2);
  g_object_unref (picture);
  return square;
}

static void
thumbnail_made (gpointer data, guint i, guint8 *pixels, int width, int height)
{
  Grid *grid = data;
  GtkTreeIter iter;
  if (gtk_tree_model_iter_nth_child (GTK_TREE_MODEL (grid->store), &iter, NULL, (int) i)) {
    if (pixels) {
      GdkPixbuf *picture = in_square (pixels, width, height);
      gtk_list_store_set (grid->store, &iter, COLUMN_PICTURE, picture, -1);
      g_object_unref (picture);
    } else {
      g_autofree char *path = NULL, *shown = NULL, *tip = NULL;
      gtk_tree_model_get (GTK_TREE_MODEL (grid->store), &iter, COLUMN_PATH, &path, -1);
      shown = g_filename_display_name (path);
      tip = g_strdup_printf (_ ("%s (cannot be read)"), shown);
      g_autofree char *escaped = g_markup_escape_text (tip, -1);
      gtk_list_store_set (grid->store, &iter, COLUMN_TIP, escaped, -1);
    }
  }
  g_free (pixels);
  if (++grid->made == (guint) gtk_tree_model_iter_n_children (GTK_TREE_MODEL (grid->store), NULL))
    grid->hooks.shown (grid->hooks.data);
}

/* ---- what is found ---- */

static const char *
kind_word (const char *kind)
{
  return strcmp (kind, "exact") == 0     ? _ ("exact")
         : strcmp (kind, "near") == 0    ? _ ("near")
         : strcmp (kind, "similar") == 0 ? _ ("similar")
                                         : _ ("different");
}

/* A name that is too long loses its middle: beginnings and endings tell files apart. */
static char *
short_name (const char *path)
{
  char *name = g_filename_display_basename (path);
  glong letters = g_utf8_strlen (name, -1);
  if (letters <= NAME_LETTERS)
    return name;
  glong half = (NAME_LETTERS - 1) / 2;
  g_autofree char *begin = g_utf8_substring (name, 0, half), *end = g_utf8_substring (name, letters - half, letters);
  g_free (name);
  return g_strconcat (begin, "\342\200\246", end, NULL);
}

static void
add (Grid *grid, const IeSimilar *one, GdkPixbuf *empty)
{
  GtkTreeIter iter;
  g_autofree char *name = short_name (one->path), *shown = g_filename_display_name (one->path);
  g_autofree char *text = g_strdup_printf ("%.2f  %s\n%s", one->score, kind_word (one->kind), name), *tip = g_markup_escape_text (shown, -1);
  gtk_list_store_append (grid->store, &iter);
  gtk_list_store_set (grid->store, &iter, COLUMN_PICTURE, empty, COLUMN_TEXT, text, COLUMN_TIP, tip, COLUMN_PATH, one->path, -1);
}

static void
choose_first (Grid *grid)
{
  GtkTreePath *first = gtk_tree_path_new_first ();
  gtk_icon_view_select_path (GTK_ICON_VIEW (grid->view), first);
  gtk_icon_view_set_cursor (GTK_ICON_VIEW (grid->view), first, NULL, FALSE);
  gtk_icon_view_scroll_to_path (GTK_ICON_VIEW (grid->view), first, FALSE, 0, 0);
  gtk_tree_path_free (first);
  gtk_widget_grab_focus (grid->view);
}

void
ie_similar_grid_set (GtkWidget *widget, GPtrArray *found)
{
  Grid *grid = grid_of (widget);
  g_clear_pointer (&grid->thumbnails, ie_thumbnails_free);
  gtk_list_store_clear (grid->store);
  grid->made = 0;
  if (!found || found->len == 0) {
    grid->hooks.chosen (grid->hooks.data);
    return;
  }
  GdkPixbuf *empty = in_square (NULL, 0, 0);
  GPtrArray *paths = g_ptr_array_new ();
  for (guint i = 0; i < found->len; i++) {
    const IeSimilar *one = found->pdata[i];
    add (grid, one, empty);
    g_ptr_array_add (paths, one->path);
  }
  g_ptr_array_add (paths, NULL);
  grid->thumbnails = ie_thumbnails_new ((const char *const *) paths->pdata, SIDE, thumbnail_made, grid);
  g_ptr_array_unref (paths);
  g_object_unref (empty);
  choose_first (grid);
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return gtk_tree_path_compare (a, b);
}

char **
ie_similar_grid_chosen (GtkWidget *widget)
{
  Grid *grid = grid_of (widget);
  GPtrArray *paths = g_ptr_array_new ();
  GList *items = g_list_sort (gtk_icon_view_get_selected_items (GTK_ICON_VIEW (grid->view)), compare_paths);
  for (GList *one = items; one; one = one->next) {
    GtkTreeIter iter;
    char *path;
    if (!gtk_tree_model_get_iter (GTK_TREE_MODEL (grid->store), &iter, one->data))
      continue;
    gtk_tree_model_get (GTK_TREE_MODEL (grid->store), &iter, COLUMN_PATH, &path, -1);
    g_ptr_array_add (paths, path);
  }
  g_list_free_full (items, (GDestroyNotify) gtk_tree_path_free);
  g_ptr_array_add (paths, NULL);
  return (char **) g_ptr_array_free (paths, FALSE);
}

/* ---- the widget ---- */

static void
selection_changed (GtkIconView *view, gpointer data)
{
  Grid *grid = data;
  grid->hooks.chosen (grid->hooks.data);
}

static void
item_activated (GtkIconView *view, GtkTreePath *path, gpointer data)
{
  Grid *grid = data;
  /* What is opened is what is seen to be chosen. */
  if (!gtk_icon_view_path_is_selected (view, path)) {
    gtk_icon_view_unselect_all (view);
    gtk_icon_view_select_path (view, path);
  }
  grid->hooks.activated (grid->hooks.data);
}

GtkWidget *
ie_similar_grid_new (const IeSimilarGridHooks *hooks)
{
  Grid *grid = g_new0 (Grid, 1);
  GtkWidget *scroll = gtk_scrolled_window_new (NULL, NULL);
  grid->hooks = *hooks;
  grid->store = gtk_list_store_new (COLUMN_COUNT, GDK_TYPE_PIXBUF, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  grid->view = gtk_icon_view_new_with_model (GTK_TREE_MODEL (grid->store));
  g_object_set_data_full (G_OBJECT (scroll), "ie-similar-grid", grid, grid_free);
  GtkIconView *view = GTK_ICON_VIEW (grid->view);
  gtk_icon_view_set_pixbuf_column (view, COLUMN_PICTURE);
  gtk_icon_view_set_text_column (view, COLUMN_TEXT);
  gtk_icon_view_set_tooltip_column (view, COLUMN_TIP);
  ie_icon_view_set_width (grid->view, ITEM_WIDTH);
  gtk_icon_view_set_selection_mode (view, GTK_SELECTION_MULTIPLE);
  ie_set_name (grid->view, _ ("Similar pictures"), _ ("The most similar first; Enter opens what is chosen."));
  g_signal_connect (view, "selection-changed", G_CALLBACK (selection_changed), grid);
  g_signal_connect (view, "item-activated", G_CALLBACK (item_activated), grid);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_can_focus (scroll, FALSE);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scroll), GTK_SHADOW_IN);
  gtk_widget_set_size_request (scroll, WIDTH, HEIGHT);
  gtk_container_add (GTK_CONTAINER (scroll), grid->view);
  return scroll;
}
