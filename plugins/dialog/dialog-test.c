// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/dialog-test.h"

#include <gdk/gdkkeysyms.h>

#define POLL 50      /* ms */
#define SETTLED 6    /* polls with an exact preview before the picture is taken: sizes and focus have come to rest */
#define LATEST 2400  /* polls before it is given up */

typedef struct {
  GtkWidget *dialog, *of;
  gboolean (*is_exact) (GtkWidget *of);
  const char *name;
  int polls, settled;
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
  gboolean takes_focus = gtk_widget_get_can_focus (widget) && gtk_widget_is_sensitive (widget);
  if (whole || (takes_focus && !GTK_IS_LABEL (widget) && !GTK_IS_WINDOW (widget)))
    append_control (data, widget);
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

/* ---- the clock ---- */

static gboolean
look (gpointer data)
{
  Watch *watch = data;
  gboolean exact = watch->is_exact (watch->of), late = ++watch->polls >= LATEST;
  watch->settled = exact ? watch->settled + 1 : 0;
  if (watch->settled < SETTLED && !late)
    return G_SOURCE_CONTINUE;
  ie_dialog_test_write (watch->dialog, watch->name, exact);
  gtk_dialog_response (GTK_DIALOG (watch->dialog), GTK_RESPONSE_OK);
  g_free (watch);
  return G_SOURCE_REMOVE;
}

void
ie_dialog_test_answer (GtkWidget *dialog, const char *name, gboolean (*is_exact) (GtkWidget *of), GtkWidget *of)
{
  if (!g_getenv ("IMGENHANCE_DIALOG_TEST"))
    return;
  Watch *watch = g_new0 (Watch, 1);
  *watch = (Watch){ .dialog = dialog, .of = of, .is_exact = is_exact, .name = name };
  g_timeout_add (POLL, look, watch);
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
