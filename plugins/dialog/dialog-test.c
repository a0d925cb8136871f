// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/dialog-test.h"

#include <gdk/gdkkeysyms.h>

#define POLL 50      /* ms */
#define SETTLED 6    /* polls with an exact preview before the picture is taken: sizes and focus have come to rest */
#define LATEST 2400  /* polls before it is given up */

typedef struct {
  GtkWidget *dialog, *panel;
  const IeFilter *filter;
  const char *folder;
  int polls, settled;
} Watch;

static char *
file_of (const Watch *watch, const char *ending)
{
  g_autofree char *name = g_strconcat (watch->filter->name, ending, NULL);
  return g_build_filename (watch->folder, name, NULL);
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
  g_string_append (out, "label\t");
  append_text (out, text);
  g_string_append_printf (out, "\t%dx%d\t%dx%d\t%s\n", place.width, place.height, width, height, clipped ? "clipped" : "whole");
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

static void
append_control (GString *out, GtkWidget *widget)
{
  const char *name = atk_object_get_name (gtk_widget_get_accessible (widget));
  GtkWidget *label = label_in (widget);
  /* A button's own label is its name; without a reader of the screen GTK 2 does not say so. */
  if ((!name || !*name) && GTK_IS_BUTTON (widget) && label)
    name = gtk_label_get_text (GTK_LABEL (label));
  GList *labels = gtk_widget_list_mnemonic_labels (widget);
  if (labels)
    label = labels->data;
  guint key = label && (labels || GTK_IS_BUTTON (widget)) ? gtk_label_get_mnemonic_keyval (GTK_LABEL (label)) : GDK_KEY_VoidSymbol;
  g_list_free (labels);
  g_string_append_printf (out, "control\t%s\t", G_OBJECT_TYPE_NAME (widget));
  append_text (out, name);
  g_string_append_printf (out, "\t%s\n", key == GDK_KEY_VoidSymbol ? "" : gdk_keyval_name (key));
}

static void
append_widget (GtkWidget *widget, gpointer data)
{
  if (!gtk_widget_get_visible (widget) || !gtk_widget_get_child_visible (widget))
    return;
  if (GTK_IS_LABEL (widget))
    append_label (data, widget);
  /* A list's button is a part of it, as a chooser's is. */
  gboolean whole = GTK_IS_COMBO_BOX (widget) || GTK_IS_FILE_CHOOSER_BUTTON (widget);
  if (whole || (gtk_widget_get_can_focus (widget) && gtk_widget_is_sensitive (widget) && !GTK_IS_LABEL (widget) && !GTK_IS_WINDOW (widget)))
    append_control (data, widget);
  if (GTK_IS_CONTAINER (widget) && !whole)
    gtk_container_forall (GTK_CONTAINER (widget), append_widget, data);
}

static void
write_table (const Watch *watch, gboolean exact)
{
  GString *out = g_string_new (NULL);
  g_autofree char *path = file_of (watch, ".tsv");
  int width, height;
  GdkScreen *screen = gtk_widget_get_screen (watch->dialog);
  gtk_window_get_size (GTK_WINDOW (watch->dialog), &width, &height);
  g_string_append_printf (out, "window\t%s\t%dx%d\t%dx%d\n", gtk_window_get_title (GTK_WINDOW (watch->dialog)), width, height,
                          gdk_screen_get_width (screen), gdk_screen_get_height (screen));
  append_widget (watch->dialog, out);
  g_string_append_printf (out, "preview\t%s\n", exact ? "exact" : "late");
  g_file_set_contents (path, out->str, -1, NULL);
  g_string_free (out, TRUE);
}

/* ---- the clock ---- */

static gboolean
look (gpointer data)
{
  Watch *watch = data;
  gboolean exact = ie_filter_panel_is_exact (watch->panel), late = ++watch->polls >= LATEST;
  watch->settled = exact ? watch->settled + 1 : 0;
  if (watch->settled < SETTLED && !late)
    return G_SOURCE_CONTINUE;
  g_autofree char *path = file_of (watch, ".png");
  GdkPixbuf *picture = ie_snapshot (watch->dialog);
  if (picture) {
    gdk_pixbuf_save (picture, path, "png", NULL, NULL);
    g_object_unref (picture);
  }
  write_table (watch, exact);
  gtk_dialog_response (GTK_DIALOG (watch->dialog), GTK_RESPONSE_OK);
  g_free (watch);
  return G_SOURCE_REMOVE;
}

static void
take_step (Watch *watch)
{
  g_autofree char *path = file_of (watch, ".step"), *step = NULL;
  IeRecipe *recipe = ie_recipe_new ();
  if (g_file_get_contents (path, &step, NULL, NULL) && ie_recipe_add (recipe, g_strstrip (step), NULL))
    ie_filter_panel_set (watch->panel, ((IeRecipeStep *) recipe->steps->pdata[0])->params);
  ie_recipe_free (recipe);
}

void
ie_dialog_test_watch (GtkWidget *dialog, GtkWidget *panel, const IeFilter *filter)
{
  const char *folder = g_getenv ("IMGENHANCE_DIALOG_TEST");
  if (!folder)
    return;
  Watch *watch = g_new0 (Watch, 1);
  *watch = (Watch){ .dialog = dialog, .panel = panel, .filter = filter, .folder = folder };
  take_step (watch);
  g_timeout_add (POLL, look, watch);
}
