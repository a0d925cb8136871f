// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/preset-row.h"

#include <string.h>

#include "plugins/common/presets.h"

typedef struct {
  const IeFilter *filter;
  IePresetHooks hooks;
  GtkWidget *combo, *remove;
  char **names; /* as the combo lists them */
  gboolean setting;
} Presets;

static void
presets_free (gpointer data)
{
  Presets *presets = data;
  g_strfreev (presets->names);
  g_free (presets);
}

static GtkWindow *
window_of (Presets *presets)
{
  return GTK_WINDOW (gtk_widget_get_toplevel (presets->combo));
}

/* ---- the list ---- */

static const char *
chosen (const Presets *presets)
{
  int i = gtk_combo_box_get_active (GTK_COMBO_BOX (presets->combo));
  return i >= 0 ? presets->names[i] : NULL;
}

static void
fill (Presets *presets, const char *active)
{
  presets->setting = TRUE;
  gtk_list_store_clear (GTK_LIST_STORE (gtk_combo_box_get_model (GTK_COMBO_BOX (presets->combo))));
  g_strfreev (presets->names);
  presets->names = ie_presets_names (presets->filter);
  int at = -1;
  for (int i = 0; presets->names[i]; i++) {
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (presets->combo), presets->names[i]);
    at = active && strcmp (active, presets->names[i]) == 0 ? i : at;
  }
  gtk_combo_box_set_active (GTK_COMBO_BOX (presets->combo), at);
  gtk_widget_set_sensitive (presets->combo, presets->names[0] != NULL);
  gtk_widget_set_sensitive (presets->remove, at >= 0);
  presets->setting = FALSE;
}

/* ---- questions ---- */

static void
complain (Presets *presets, GError *error)
{
  GtkWidget *box = gtk_message_dialog_new (window_of (presets), GTK_DIALOG_MODAL, GTK_MESSAGE_ERROR, GTK_BUTTONS_CLOSE, "%s",
                                           error->message);
  gtk_dialog_run (GTK_DIALOG (box));
  gtk_widget_destroy (box);
  g_error_free (error);
}

/* A window title would say the program's name otherwise. */
static gboolean
ask (Presets *presets, const char *question, const char *name, const char *action)
{
  g_autofree char *text = g_strdup_printf (question, name);
  GtkWidget *box = gtk_message_dialog_new (window_of (presets), GTK_DIALOG_MODAL, GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE, "%s", text);
  gtk_window_set_title (GTK_WINDOW (box), _ ("Presets"));
  gtk_dialog_add_buttons (GTK_DIALOG (box), _ ("_Cancel"), GTK_RESPONSE_CANCEL, action, GTK_RESPONSE_OK, NULL);
  int answer = gtk_dialog_run (GTK_DIALOG (box));
  gtk_widget_destroy (box);
  return answer == GTK_RESPONSE_OK;
}

/* The name to save under; NULL: the user would rather not. g_free(). */
static char *
ask_name (Presets *presets)
{
  GtkWidget *box = gtk_dialog_new_with_buttons (_ ("Save Preset"), window_of (presets), GTK_DIALOG_MODAL, _ ("_Cancel"),
                                                GTK_RESPONSE_CANCEL, _ ("_Save"), GTK_RESPONSE_OK, NULL);
  GtkWidget *row = ie_box_new (GTK_ORIENTATION_HORIZONTAL, IE_SPACING), *entry = gtk_entry_new ();
  g_autofree char *text = g_strconcat (_ ("_Name"), IE_LABEL_END, NULL);
  gtk_dialog_set_default_response (GTK_DIALOG (box), GTK_RESPONSE_OK);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_entry_set_text (GTK_ENTRY (entry), chosen (presets) ? chosen (presets) : "");
  ie_set_name (entry, _ ("Name of the preset"), NULL);
  gtk_box_pack_start (GTK_BOX (row), ie_label_new (text, entry), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), entry, TRUE, TRUE, 0);
  gtk_container_set_border_width (GTK_CONTAINER (row), IE_BORDER);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (box))), row, TRUE, TRUE, 0);
  gtk_widget_show_all (row);
  char *name = gtk_dialog_run (GTK_DIALOG (box)) == GTK_RESPONSE_OK
                   ? g_strstrip (g_strdup (gtk_entry_get_text (GTK_ENTRY (entry))))
                   : NULL;
  gtk_widget_destroy (box);
  return name;
}

/* ---- what the user does ---- */

static void
preset_chosen (GtkComboBox *combo, gpointer data)
{
  Presets *presets = data;
  const char *name = chosen (presets);
  GError *error = NULL;
  gtk_widget_set_sensitive (presets->remove, name != NULL);
  if (presets->setting || !name)
    return;
  IeParams *params = ie_presets_load (presets->filter, name, &error);
  if (params) {
    presets->setting = TRUE;
    presets->hooks.set (presets->hooks.data, params);
    presets->setting = FALSE;
    ie_params_free (params);
  } else {
    complain (presets, error);
  }
}

static void
save_clicked (GtkButton *button, gpointer data)
{
  Presets *presets = data;
  GError *error = NULL;
  IeParams *params = presets->hooks.get (presets->hooks.data, &error);
  if (params) {
    g_autofree char *name = ask_name (presets);
    gboolean taken = name && g_strv_contains ((const char *const *) presets->names, name);
    if (name && (!taken || ask (presets, _ ("There is a preset '%s' already. Replace it?"), name, _ ("_Replace"))) &&
        ie_presets_save (presets->filter, name, params, &error))
      fill (presets, name);
    ie_params_free (params);
  }
  if (error)
    complain (presets, error);
}

static void
remove_clicked (GtkButton *button, gpointer data)
{
  Presets *presets = data;
  GError *error = NULL;
  const char *name = chosen (presets);
  if (!name || !ask (presets, _ ("Delete the preset '%s'?"), name, _ ("_Delete")))
    return;
  if (ie_presets_remove (presets->filter, name, &error))
    fill (presets, NULL);
  else
    complain (presets, error);
}

void
ie_preset_row_forget (GtkWidget *row)
{
  Presets *presets = g_object_get_data (G_OBJECT (row), "ie-presets");
  if (!presets->setting)
    gtk_combo_box_set_active (GTK_COMBO_BOX (presets->combo), -1);
}

static GtkWidget *
button_new (const char *text, const char *tip, GCallback clicked, gpointer data)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (text);
  gtk_widget_set_tooltip_text (button, tip);
  g_signal_connect (button, "clicked", clicked, data);
  return button;
}

GtkWidget *
ie_preset_row_new (const IeFilter *filter, const IePresetHooks *hooks)
{
  Presets *presets = g_new0 (Presets, 1);
  GtkWidget *row = ie_box_new (GTK_ORIENTATION_HORIZONTAL, IE_SPACING);
  g_autofree char *text = g_strconcat (_ ("_Presets"), IE_LABEL_END, NULL);
  g_object_set_data_full (G_OBJECT (row), "ie-presets", presets, presets_free);
  presets->filter = filter;
  presets->hooks = *hooks;
  presets->combo = gtk_combo_box_text_new ();
  presets->remove = button_new (_ ("_Delete"), _ ("Delete the chosen preset."), G_CALLBACK (remove_clicked), presets);
  ie_set_name (presets->combo, _ ("Presets"), _ ("Values that you saved under a name."));
  gtk_widget_set_tooltip_text (presets->combo, _ ("Values that you saved under a name."));
  gtk_box_pack_start (GTK_BOX (row), ie_label_new (text, presets->combo), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), presets->combo, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (row), button_new (_ ("Save _As..."), _ ("Save these values under a name."), G_CALLBACK (save_clicked), presets),
                      FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), presets->remove, FALSE, FALSE, 0);
  g_signal_connect (presets->combo, "changed", G_CALLBACK (preset_chosen), presets);
  fill (presets, NULL);
  return row;
}
