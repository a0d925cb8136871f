// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/dialog-test.h"

#include <gdk/gdkkeysyms.h>
#include <stdio.h>

#define POLL 50      /* ms */
#define SETTLED 6    /* polls with an exact preview before the picture is taken: sizes and focus have come to rest */
#define LATEST 2400  /* polls before it is given up */

typedef struct {
  GtkWidget *dialog, *of;
  gboolean (*is_exact) (GtkWidget *of);
  const char *name;
  char *table; /* where it is written */
  int polls, settled;
  gboolean by_keyboard;
  guint source;
} Watch;

char *
ie_dialog_test_path (const char *name, const char *ending)
{
  const char *folder = g_getenv ("IMGENHANCE_DIALOG_TEST");
  g_autofree char *file = g_strconcat (name, ending, NULL);
  return folder ? g_build_filename (folder, file, NULL) : NULL;
}

/* ---- the table ---- */

/* Tabs and line ends are what parts the table. */
static void
append_text (GString *out, const char *text)
{
  for (; text && *text; text++)
    g_string_append_c (out, *text == '\t' || *text == '\n' ? ' ' : *text);
}

static void
append_label (GString *out, GtkWidget *widget)
{
  GtkAllocation place;
  int width, height;
  PangoLayout *layout = gtk_label_get_layout (GTK_LABEL (widget));
  const char *text = gtk_label_get_text (GTK_LABEL (widget));
  if (!*text)
    return;
  gtk_widget_get_allocation (widget, &place);
  pango_layout_get_pixel_size (layout, &width, &height);
  gboolean clipped = width > place.width || height > place.height || pango_layout_is_ellipsized (layout);
  g_autofree char *tooltip = gtk_widget_get_tooltip_text (widget);
  gboolean whole_elsewhere = gtk_label_get_ellipsize (GTK_LABEL (widget)) != PANGO_ELLIPSIZE_NONE && g_strcmp0 (tooltip, text) == 0;
  g_string_append (out, "label\t");
  append_text (out, text);
  g_string_append_printf (out, "\t%dx%d\t%dx%d\t%s\n", place.width, place.height, width, height,
                          !clipped ? "whole" : whole_elsewhere ? "short" : "clipped");
}

static void find_label (GtkWidget *widget, gpointer data);

/* The first label inside a widget. */
static GtkWidget *
label_in (GtkWidget *widget)
{
  GtkWidget *label = NULL;
  if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), find_label, &label);
  return label;
}

static void
find_label (GtkWidget *widget, gpointer data)
{
  GtkWidget **label = data;
  if (!*label)
    *label = GTK_IS_LABEL (widget) ? widget : label_in (widget);
}

/* Its type and the name that a reader of the screen would say. */
static void
append_name (GString *out, GtkWidget *widget)
{
  const char *name = atk_object_get_name (gtk_widget_get_accessible (widget));
  GtkWidget *label = label_in (widget);
  /* A button's own label is its name; without a reader of the screen GTK 2 does not say so. */
  if ((!name || !*name) && GTK_IS_BUTTON (widget) && label)
    name = gtk_label_get_text (GTK_LABEL (label));
  g_string_append_printf (out, "%s\t", G_OBJECT_TYPE_NAME (widget));
  append_text (out, name);
}

static void
append_control (GString *out, GtkWidget *widget)
{
  GtkWidget *label = label_in (widget);
  GList *labels = gtk_widget_list_mnemonic_labels (widget);
  if (labels)
    label = labels->data;
  guint key = label && (labels || GTK_IS_BUTTON (widget)) ? gtk_label_get_mnemonic_keyval (GTK_LABEL (label)) : GDK_KEY_VoidSymbol;
  g_list_free (labels);
  g_string_append (out, "control\t");
  append_name (out, widget);
  g_string_append_printf (out, "\t%s\t", key == GDK_KEY_VoidSymbol ? "" : gdk_keyval_name (key));
  append_text (out, atk_object_get_description (gtk_widget_get_accessible (widget)));
  g_string_append (out, gtk_widget_is_sensitive (widget) ? "\ton\n" : "\toff\n");
}

/* The texts of a list, a line a row. */
static void
append_rows (GString *out, GtkWidget *view)
{
  GtkTreeModel *model = gtk_tree_view_get_model (GTK_TREE_VIEW (view));
  GtkTreeIter iter;
  for (gboolean more = gtk_tree_model_get_iter_first (model, &iter); more; more = gtk_tree_model_iter_next (model, &iter)) {
    g_string_append (out, "row\t");
    append_text (out, atk_object_get_name (gtk_widget_get_accessible (view)));
    for (int i = 0; i < gtk_tree_model_get_n_columns (model); i++)
      if (gtk_tree_model_get_column_type (model, i) == G_TYPE_STRING) {
        g_autofree char *text = NULL;
        gtk_tree_model_get (model, &iter, i, &text, -1);
        g_string_append_c (out, '\t');
        append_text (out, text);
      }
    g_string_append_c (out, '\n');
  }
}

/* A list's button is a part of it, as a chooser's is. */
static gboolean
is_whole (GtkWidget *widget)
{
  return GTK_IS_COMBO_BOX (widget) || GTK_IS_FILE_CHOOSER_BUTTON (widget);
}

/* The control that a widget belongs to. */
static GtkWidget *
control_of (GtkWidget *widget)
{
  GtkWidget *control = widget;
  for (; widget; widget = gtk_widget_get_parent (widget))
    if (is_whole (widget))
      control = widget;
  return control;
}

/* Whether all of it is inside what a window that scrolls shows. */
static gboolean
is_in_view (GtkWidget *widget)
{
  GtkWidget *port = gtk_widget_get_ancestor (widget, GTK_TYPE_VIEWPORT);
  GtkAllocation place, seen;
  int x, y;
  if (!port)
    return TRUE;
  gtk_widget_get_allocation (widget, &place);
  gtk_widget_get_allocation (port, &seen);
  gtk_widget_translate_coordinates (widget, port, 0, 0, &x, &y);
  return y >= 0 && y + place.height <= seen.height;
}

static void
append_focus (GString *out, GtkWidget *dialog)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (dialog));
  if (!focus)
    return;
  GtkWidget *control = control_of (focus);
  g_string_append (out, "focus\t");
  append_name (out, control);
  g_string_append_printf (out, "\t%s\n", is_in_view (control) ? "seen" : "hidden");
}

static void
append_widget (GtkWidget *widget, gpointer data)
{
  if (!gtk_widget_get_visible (widget) || !gtk_widget_get_child_visible (widget))
    return;
  if (GTK_IS_LABEL (widget))
    append_label (data, widget);
  gboolean whole = is_whole (widget);
  gboolean takes_focus = gtk_widget_get_can_focus (widget) && gtk_widget_is_sensitive (widget);
  if (whole || (takes_focus && !GTK_IS_LABEL (widget) && !GTK_IS_WINDOW (widget)))
    append_control (data, widget);
  if (GTK_IS_TREE_VIEW (widget))
    append_rows (data, widget);
  if (GTK_IS_CONTAINER (widget) && !whole)
    gtk_container_forall (GTK_CONTAINER (widget), append_widget, data);
}

static void
write_table (GtkWidget *dialog, const char *path, gboolean exact)
{
  GString *out = g_string_new (NULL);
  int width, height;
  GdkScreen *screen = gtk_widget_get_screen (dialog);
  gtk_window_get_size (GTK_WINDOW (dialog), &width, &height);
  g_string_append_printf (out, "window\t%s\t%dx%d\t%dx%d\n", gtk_window_get_title (GTK_WINDOW (dialog)), width, height,
                          gdk_screen_get_width (screen), gdk_screen_get_height (screen));
  append_widget (dialog, out);
  append_focus (out, dialog);
  g_string_append_printf (out, "preview\t%s\n", exact ? "exact" : "late");
  g_file_set_contents (path, out->str, -1, NULL);
  g_string_free (out, TRUE);
}

void
ie_dialog_test_write (GtkWidget *dialog, const char *name, gboolean exact)
{
  g_autofree char *table = ie_dialog_test_path (name, ".tsv"), *path = ie_dialog_test_path (name, ".png");
  GdkPixbuf *picture = ie_snapshot (dialog);
  if (picture) {
    gdk_pixbuf_save (picture, path, "png", NULL, NULL);
    g_object_unref (picture);
  }
  write_table (dialog, table, exact);
}

/* ---- by the keyboard ---- */

static void
free_path (gpointer path, GClosure *closure)
{
  g_free (path);
}

static void
focus_moved (GtkWindow *dialog, GtkWidget *focus, gpointer path)
{
  FILE *file = focus ? fopen (path, "a") : NULL;
  if (!file)
    return;
  GString *line = g_string_new (NULL);
  append_name (line, control_of (focus));
  fprintf (file, "%s\n", line->str);
  fclose (file);
  g_string_free (line, TRUE);
}

/* ---- the clock ---- */

static gboolean
look (gpointer data)
{
  Watch *watch = data;
  gboolean exact = watch->is_exact (watch->of), late = ++watch->polls >= LATEST;
  gboolean wanted = !watch->by_keyboard || !g_file_test (watch->table, G_FILE_TEST_EXISTS);
  watch->settled = exact && wanted ? watch->settled + 1 : 0;
  watch->polls = wanted ? watch->polls : 0;
  if (watch->settled < SETTLED && !late)
    return G_SOURCE_CONTINUE;
  ie_dialog_test_write (watch->dialog, watch->name, exact);
  if (watch->by_keyboard)
    return G_SOURCE_CONTINUE;
  watch->source = 0;
  gtk_dialog_response (GTK_DIALOG (watch->dialog), GTK_RESPONSE_OK);
  return G_SOURCE_REMOVE;
}

static void
watch_free (GtkWidget *dialog, gpointer data)
{
  Watch *watch = data;
  if (watch->source)
    g_source_remove (watch->source);
  g_free (watch->table);
  g_free (watch);
}

gboolean
ie_dialog_test_by_keyboard (void)
{
  g_autofree char *path = ie_dialog_test_path ("keyboard", "");
  return path && g_file_test (path, G_FILE_TEST_EXISTS);
}

void
ie_dialog_test_answer (GtkWidget *dialog, const char *name, gboolean (*is_exact) (GtkWidget *of), GtkWidget *of)
{
  if (!g_getenv ("IMGENHANCE_DIALOG_TEST"))
    return;
  Watch *watch = g_new0 (Watch, 1);
  *watch = (Watch){ .dialog = dialog, .of = of, .is_exact = is_exact, .name = name, .table = ie_dialog_test_path (name, ".tsv"),
                    .by_keyboard = ie_dialog_test_by_keyboard () };
  watch->source = g_timeout_add (POLL, look, watch);
  g_signal_connect (dialog, "destroy", G_CALLBACK (watch_free), watch);
  if (watch->by_keyboard)
    g_signal_connect_data (dialog, "set-focus", G_CALLBACK (focus_moved), ie_dialog_test_path (name, ".focus"), free_path, 0);
}

void
ie_dialog_test_watch (GtkWidget *dialog, GtkWidget *panel, const IeFilter *filter)
{
  g_autofree char *path = ie_dialog_test_path (filter->name, ".step"), *step = NULL;
  if (!path)
    return;
  IeRecipe *recipe = ie_recipe_new ();
  if (g_file_get_contents (path, &step, NULL, NULL) && ie_recipe_add (recipe, g_strstrip (step), NULL))
    ie_filter_panel_set (panel, ((IeRecipeStep *) recipe->steps->pdata[0])->params);
  ie_recipe_free (recipe);
  ie_dialog_test_answer (dialog, filter->name, ie_filter_panel_is_exact, panel);
}
