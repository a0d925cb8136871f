// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/controls.h"

#include <string.h>

#include "plugins/common/names.h"
#include "plugins/dialog/picture-chooser.h"
#include "plugins/dialog/slider.h"

typedef struct Controls Controls;

typedef struct {
  Controls *controls;
  const IeParam *param;
  int index;
  GtkWidget *row, *label, *control; /* control: a picture chooser is a box */
  IeSlider slider;                  /* float and int */
  char *wrong;                      /* why the text in the entry is no value; NULL: it is one */
} Row;

struct Controls {
  const IeFilter *filter;
  IeParams *params; /* what is shown, with all digits */
  Row *rows;
  IeMnemonics mnemonics;
  GtkSizeGroup *labels, *spins, *units;
  gboolean setting;
  IeControlsChanged changed;
  gpointer data;
};

static void
controls_free (gpointer data)
{
  Controls *controls = data;
  for (int i = 0; i < controls->params->count; i++)
    g_free (controls->rows[i].wrong);
  g_free (controls->rows);
  ie_params_free (controls->params);
  g_object_unref (controls->labels);
  g_object_unref (controls->spins);
  g_object_unref (controls->units);
  g_free (controls);
}

static Controls *
controls_of (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), "ie-controls");
}

/* ---- which rows are seen ---- */

/* visible_if is "id=choice|choice". */
static gboolean
is_visible (const Controls *controls, const IeParam *param)
{
  const char *words = param->visible_if ? strchr (param->visible_if, '=') : NULL;
  if (!words)
    return TRUE;
  g_autofree char *id = g_strndup (param->visible_if, (gsize) (words - param->visible_if));
  g_auto (GStrv) choices = g_strsplit (words + 1, "|", -1);
  for (int i = 0; i < controls->params->count; i++)
    if (strcmp (controls->params->params[i].id, id) == 0) {
      g_autofree char *value = ie_params_text (controls->params, i);
      return g_strv_contains ((const char *const *) choices, value);
    }
  return TRUE;
}

static void
show_rows (Controls *controls)
{
  for (int i = 0; i < controls->params->count; i++)
    gtk_widget_set_visible (controls->rows[i].row, is_visible (controls, controls->rows[i].param));
}

/* ---- what the user does ---- */

static void
tell (Controls *controls, gboolean dragging)
{
  show_rows (controls);
  if (controls->changed)
    controls->changed (controls->data, dragging);
}

static void
number_changed (gpointer data, double value, gboolean dragging)
{
  Row *row = data;
  row->controls->params->values[row->index].number = value;
  tell (row->controls, dragging);
}

static void
mark (Row *row)
{
  if (!GTK_IS_ENTRY (row->control))
    return;
  gtk_entry_set_icon_from_icon_name (GTK_ENTRY (row->control), GTK_ENTRY_ICON_SECONDARY, row->wrong ? "dialog-warning" : NULL);
  if (row->wrong)
    gtk_entry_set_icon_tooltip_text (GTK_ENTRY (row->control), GTK_ENTRY_ICON_SECONDARY, row->wrong);
}

static void
text_changed (Row *row, const char *text)
{
  GError *error = NULL;
  if (row->controls->setting)
    return;
  g_clear_pointer (&row->wrong, g_free);
  if (!*text && row->param->type >= IE_PARAM_COLOUR && !(row->param->initial_text && *row->param->initial_text)) {
    /* No numbers at all are the default here, which a recipe writes by leaving the parameter out. */
    IeValue *value = &row->controls->params->values[row->index];
    g_clear_pointer (&value->numbers, g_free);
    value->count = value->columns = 0;
  } else if (!ie_params_set (row->controls->params, row->param->id, text, &error)) {
    row->wrong = g_strdup (error->message);
    g_error_free (error);
  }
  mark (row);
  tell (row->controls, FALSE);
}

static void
check_toggled (GtkToggleButton *check, gpointer data)
{
  text_changed (data, gtk_toggle_button_get_active (check) ? "yes" : "no");
}

static void
combo_changed (GtkComboBox *combo, gpointer data)
{
  Row *row = data;
  int chosen = gtk_combo_box_get_active (combo);
  if (chosen >= 0)
    text_changed (row, row->param->choices[chosen].id);
}

static void
entry_changed (GtkEditable *entry, gpointer data)
{
  text_changed (data, gtk_entry_get_text (GTK_ENTRY (entry)));
}

/* A file may be a word, too ("srgb"): it is an entry, and this helps to fill it. */
static void
browse_clicked (GtkButton *button, gpointer data)
{
  Row *row = data;
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (button));
  GtkWidget *chooser = gtk_file_chooser_dialog_new (_ (row->param->label), GTK_WINDOW (window), GTK_FILE_CHOOSER_ACTION_OPEN,
                                                    _ ("_Cancel"), GTK_RESPONSE_CANCEL, _ ("_Open"), GTK_RESPONSE_OK, NULL);
  const char *text = gtk_entry_get_text (GTK_ENTRY (row->control));
  if (g_path_is_absolute (text))
    gtk_file_chooser_set_filename (GTK_FILE_CHOOSER (chooser), text);
  gtk_dialog_set_default_response (GTK_DIALOG (chooser), GTK_RESPONSE_OK);
  if (gtk_dialog_run (GTK_DIALOG (chooser)) == GTK_RESPONSE_OK) {
    g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (chooser));
    gtk_entry_set_text (GTK_ENTRY (row->control), path ? path : "");
  }
  gtk_widget_destroy (chooser);
}

static void
picture_changed (gpointer data)
{
  Row *row = data;
  g_autofree char *text = ie_picture_chooser_text (row->control);
  text_changed (row, text);
}

/* ---- rows ---- */

/* How a text is written, for its tooltip. */
static const char *
syntax_of (IeParamType type)
{
  switch (type) {
  case IE_PARAM_COLOUR:
    return _ ("Red, green, blue from 0 to 1: 1,0.5,0");
  case IE_PARAM_POINT:
    return _ ("x,y in pixels: 100,50");
  case IE_PARAM_CURVE:
    return _ ("Pairs of numbers from 0 to 1, x ascending: 0,0,0.5,0.6,1,1");
  case IE_PARAM_LIST:
    return _ ("Numbers with commas between them: 1,2,1");
  case IE_PARAM_MATRIX:
    return _ ("Numbers with commas between them, rows with semicolons: 1,2,1;2,4,2;1,2,1");
  default:
    return NULL;
  }
}

static GtkWidget *
combo_new (const IeParam *param)
{
  GtkWidget *combo = gtk_combo_box_text_new ();
  for (const IeChoice *choice = param->choices; choice->id; choice++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), _ (choice->label));
  return combo;
}

static void
make_control (Row *row)
{
  const IeParam *param = row->param;
  switch (param->type) {
  case IE_PARAM_BOOL: {
    g_autofree char *text = ie_mnemonic_text (&row->controls->mnemonics, _ (param->label));
    row->control = gtk_check_button_new_with_mnemonic (text);
    g_signal_connect (row->control, "toggled", G_CALLBACK (check_toggled), row);
    break;
  }
  case IE_PARAM_ENUM:
    row->control = combo_new (param);
    g_signal_connect (row->control, "changed", G_CALLBACK (combo_changed), row);
    break;
  case IE_PARAM_IMAGE:
    row->control = ie_picture_chooser_new (!param->required, _ (param->label), picture_changed, row);
    break;
  default:
    row->control = gtk_entry_new ();
    gtk_entry_set_activates_default (GTK_ENTRY (row->control), TRUE);
    g_signal_connect (row->control, "changed", G_CALLBACK (entry_changed), row);
  }
}

static GtkWidget *
focus_of (const Row *row)
{
  gboolean number = row->param->type <= IE_PARAM_INT;
  return number ? row->slider.spin : row->param->type == IE_PARAM_IMAGE ? ie_picture_chooser_focus (row->control) : row->control;
}

static void
add_label (Row *row)
{
  g_autofree char *text = ie_mnemonic_text (&row->controls->mnemonics, _ (row->param->label));
  g_autofree char *whole = g_strconcat (text, IE_LABEL_END, NULL);
  row->label = ie_label_new (whole, focus_of (row));
  gtk_size_group_add_widget (row->controls->labels, row->label);
  gtk_box_pack_start (GTK_BOX (row->row), row->label, FALSE, FALSE, 0);
}

static void
add_number (Row *row, const char *tip)
{
  Controls *controls = row->controls;
  ie_slider_init (&row->slider, row->param, number_changed, row);
  add_label (row);
  gtk_box_pack_start (GTK_BOX (row->row), row->slider.scale, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (row->row), row->slider.spin, FALSE, FALSE, 0);
  GtkWidget *unit = ie_label_new (ie_param_unit (row->param), NULL);
  gtk_label_set_use_underline (GTK_LABEL (unit), FALSE);
  gtk_size_group_add_widget (controls->spins, row->slider.spin);
  gtk_size_group_add_widget (controls->units, unit);
  gtk_box_pack_start (GTK_BOX (row->row), unit, FALSE, FALSE, 0);
  gtk_widget_set_tooltip_text (row->slider.scale, tip);
  gtk_widget_set_tooltip_text (row->slider.spin, tip);
  ie_set_name (row->slider.scale, _ (row->param->label), tip);
  ie_set_name (row->slider.spin, _ (row->param->label), tip);
}

static void
add_browse (Row *row)
{
  g_autofree char *text = ie_mnemonic_text (&row->controls->mnemonics, _ ("Browse..."));
  g_autofree char *name = g_strdup_printf ("%s, %s", _ (row->param->label), _ ("Browse..."));
  GtkWidget *button = gtk_button_new_with_mnemonic (text);
  ie_set_name (button, name, NULL);
  g_signal_connect (button, "clicked", G_CALLBACK (browse_clicked), row);
  gtk_box_pack_start (GTK_BOX (row->row), button, FALSE, FALSE, 0);
}

static void
make_row (Row *row)
{
  const char *syntax = syntax_of (row->param->type);
  g_autofree char *tip = syntax ? g_strdup_printf ("%s\n%s", _ (row->param->summary), syntax) : g_strdup (_ (row->param->summary));
  row->row = ie_box_new (GTK_ORIENTATION_HORIZONTAL, IE_SPACING);
  if (row->param->type <= IE_PARAM_INT) {
    add_number (row, tip);
  } else {
    make_control (row);
    if (row->param->type != IE_PARAM_BOOL)
      add_label (row);
    gtk_box_pack_start (GTK_BOX (row->row), row->control, TRUE, TRUE, 0);
    if (row->param->type == IE_PARAM_FILE)
      add_browse (row);
    gtk_widget_set_tooltip_text (row->control, tip);
    ie_set_name (focus_of (row), _ (row->param->label), tip);
  }
  if (row->label)
    gtk_widget_set_tooltip_text (row->label, tip);
  gtk_widget_show_all (row->row);
  gtk_widget_set_no_show_all (row->row, TRUE);
}

GtkWidget *
ie_controls_new (const IeFilter *filter, const IeParams *params, IeControlsChanged changed, gpointer data)
{
  Controls *controls = g_new0 (Controls, 1);
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_VERTICAL, IE_SPACING);
  g_object_set_data_full (G_OBJECT (box), "ie-controls", controls, controls_free);
  controls->filter = filter;
  controls->params = ie_params_new (filter->params);
  controls->rows = g_new0 (Row, MAX (controls->params->count, 1));
  controls->labels = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);
  controls->spins = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);
  controls->units = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);
  controls->changed = changed;
  controls->data = data;
  ie_mnemonics_take (&controls->mnemonics, IE_MNEMONICS_OF_BUTTONS);
  for (int i = 0; i < controls->params->count; i++) {
    controls->rows[i] = (Row){ .controls = controls, .param = &filter->params[i], .index = i };
    make_row (&controls->rows[i]);
    gtk_box_pack_start (GTK_BOX (box), controls->rows[i].row, FALSE, FALSE, 0);
  }
  ie_controls_set (box, params ? params : controls->params);
  return box;
}

/* ---- values ---- */

IeParams *
ie_controls_params (GtkWidget *widget, GError **error)
{
  Controls *controls = controls_of (widget);
  for (int i = 0; i < controls->params->count; i++) {
    const Row *row = &controls->rows[i];
    if (row->wrong && is_visible (controls, row->param)) {
      g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, row->wrong);
      return NULL;
    }
    g_autofree char *text = ie_params_text (controls->params, i);
    if (row->param->required && (!text || !*text)) {
      g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s is needed: %s"), _ (row->param->label), _ (row->param->summary));
      return NULL;
    }
  }
  return ie_params_copy (controls->params);
}

static void
set_row (Row *row)
{
  IeValue *value = &row->controls->params->values[row->index];
  g_clear_pointer (&row->wrong, g_free);
  switch (row->param->type) {
  case IE_PARAM_FLOAT:
  case IE_PARAM_INT:
    ie_slider_set (&row->slider, value->number);
    break;
  case IE_PARAM_BOOL:
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (row->control), value->number != 0);
    break;
  case IE_PARAM_ENUM:
    gtk_combo_box_set_active (GTK_COMBO_BOX (row->control), (int) value->number);
    break;
  case IE_PARAM_IMAGE:
    ie_picture_chooser_set (row->control, value->text);
    /* A layer of an earlier run that is gone by now. */
    if (!ie_picture_chooser_has (row->control))
      g_clear_pointer (&value->text, g_free);
    break;
  default: {
    g_autofree char *whole = ie_params_text (row->controls->params, row->index);
    gtk_entry_set_text (GTK_ENTRY (row->control), whole ? whole : "");
  }
  }
  mark (row);
}

void
ie_controls_set (GtkWidget *widget, const IeParams *params)
{
  Controls *controls = controls_of (widget);
  IeParams *copy = ie_params_copy (params);
  ie_params_free (controls->params);
  controls->params = copy;
  controls->setting = TRUE;
  for (int i = 0; i < controls->params->count; i++)
    set_row (&controls->rows[i]);
  controls->setting = FALSE;
  show_rows (controls);
}

IeControl
ie_controls_get (GtkWidget *widget, int i)
{
  const Row *row = &controls_of (widget)->rows[i];
  return (IeControl){ row->label, focus_of (row), row->row };
}
