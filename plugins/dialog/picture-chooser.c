// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/picture-chooser.h"

#include <stdlib.h>
#include <string.h>

#include "plugins/common/names.h"

/* Beside the ids of drawables, which are positive. */
enum { NONE = -2, FROM_FILE = -3 };

typedef struct {
  GtkWidget *combo, *file;
  char *path; /* what the file button was set to: it does not know at once */
  gboolean setting;
  void (*changed) (gpointer data);
  gpointer data;
} Chooser;

static void
chooser_free (gpointer data)
{
  g_free (((Chooser *) data)->path);
  g_free (data);
}

static Chooser *
chooser_of (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), "ie-picture-chooser");
}

static int
chosen (const Chooser *chooser)
{
  int value = NONE;
  gimp_int_combo_box_get_active (GIMP_INT_COMBO_BOX (chooser->combo), &value);
  return value;
}

static void
combo_changed (GtkWidget *combo, gpointer data)
{
  Chooser *chooser = data;
  gtk_widget_set_visible (chooser->file, chosen (chooser) == FROM_FILE);
  if (!chooser->setting)
    chooser->changed (chooser->data);
}

static void
file_chosen (GtkWidget *button, gpointer data)
{
  Chooser *chooser = data;
  if (chooser->setting)
    return;
  g_free (chooser->path);
  chooser->path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (button));
  chooser->changed (chooser->data);
}

GtkWidget *
ie_picture_chooser_new (gboolean optional, const char *name, void (*changed) (gpointer data), gpointer data)
{
  Chooser *chooser = g_new0 (Chooser, 1);
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_VERTICAL, IE_SPACING);
  g_object_set_data_full (G_OBJECT (box), "ie-picture-chooser", chooser, chooser_free);
  chooser->changed = changed;
  chooser->data = data;
  chooser->combo = ie_drawable_combo_new ();
  gimp_int_combo_box_prepend (GIMP_INT_COMBO_BOX (chooser->combo), GIMP_INT_STORE_VALUE, FROM_FILE, GIMP_INT_STORE_LABEL,
                              _ ("A file"), -1);
  gimp_int_combo_box_prepend (GIMP_INT_COMBO_BOX (chooser->combo), GIMP_INT_STORE_VALUE, NONE, GIMP_INT_STORE_LABEL,
                              optional ? _ ("None") : _ ("Choose a layer or a file"), -1);
  chooser->file = gtk_file_chooser_button_new (_ ("Choose a Picture"), GTK_FILE_CHOOSER_ACTION_OPEN);
  g_autofree char *file_name = g_strdup_printf ("%s, %s", name, _ ("A file"));
  ie_set_name (chooser->combo, name, NULL);
  ie_set_name (chooser->file, file_name, NULL);
  gimp_int_combo_box_set_active (GIMP_INT_COMBO_BOX (chooser->combo), NONE);
  gtk_box_pack_start (GTK_BOX (box), chooser->combo, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), chooser->file, FALSE, FALSE, 0);
  gtk_widget_show (chooser->combo);
  g_signal_connect (chooser->combo, "changed", G_CALLBACK (combo_changed), chooser);
  g_signal_connect (chooser->file, "file-set", G_CALLBACK (file_chosen), chooser);
  return box;
}

GtkWidget *
ie_picture_chooser_focus (GtkWidget *widget)
{
  return chooser_of (widget)->combo;
}

char *
ie_picture_chooser_text (GtkWidget *widget)
{
  Chooser *chooser = chooser_of (widget);
  int value = chosen (chooser);
  if (value > 0)
    return g_strdup_printf (IE_DRAWABLE_PREFIX "%d", value);
  return g_strdup (value == FROM_FILE && chooser->path ? chooser->path : "");
}

void
ie_picture_chooser_set (GtkWidget *widget, const char *text)
{
  Chooser *chooser = chooser_of (widget);
  gboolean drawable = text && g_str_has_prefix (text, IE_DRAWABLE_PREFIX);
  gboolean file = text && *text && !drawable;
  chooser->setting = TRUE;
  g_free (chooser->path);
  chooser->path = file ? g_strdup (text) : NULL;
  if (file)
    gtk_file_chooser_set_filename (GTK_FILE_CHOOSER (chooser->file), text);
  int value = file ? FROM_FILE : drawable ? atoi (text + strlen (IE_DRAWABLE_PREFIX)) : NONE;
  /* A drawable that is gone by now is none. */
  if (!gimp_int_combo_box_set_active (GIMP_INT_COMBO_BOX (chooser->combo), value))
    gimp_int_combo_box_set_active (GIMP_INT_COMBO_BOX (chooser->combo), NONE);
  chooser->setting = FALSE;
}

gboolean
ie_picture_chooser_has (GtkWidget *widget)
{
  return chosen (chooser_of (widget)) != NONE;
}
