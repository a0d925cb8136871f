// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/filter-dialog.h"

#include "plugins/common/names.h"
#include "plugins/dialog/dialog-test.h"
#include "plugins/dialog/help.h"
#include "plugins/dialog/window-size.h"

#define RESPONSE_RESET 1

static const IeFilter *helped; /* GIMP hands a help function nothing but an id */

static void
show_help (const char *id, gpointer dialog)
{
  ie_help_show (helped, GTK_IS_WIDGET (dialog) ? dialog : NULL);
}

static void
panel_changed (gpointer dialog, const char *wrong)
{
  gtk_dialog_set_response_sensitive (GTK_DIALOG (dialog), GTK_RESPONSE_OK, !wrong);
}

static GtkWidget *
dialog_new (const IeFilter *filter)
{
  g_autofree char *name = ie_procedure_name (filter);
  helped = filter;
  GtkWidget *dialog = gimp_dialog_new (_ (filter->label), name, NULL, 0, show_help, name, _ ("_Reset"), RESPONSE_RESET,
                                       _ ("_Cancel"), GTK_RESPONSE_CANCEL, _ ("_OK"), GTK_RESPONSE_OK, NULL);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_OK);
  gtk_dialog_set_alternative_button_order (GTK_DIALOG (dialog), GTK_RESPONSE_OK, RESPONSE_RESET, GTK_RESPONSE_CANCEL, -1);
  gimp_window_set_transient (GTK_WINDOW (dialog));
  return dialog;
}

static void
reset (GtkWidget *panel, const IeFilter *filter)
{
  IeParams *initial = ie_params_new (filter->params);
  ie_filter_panel_set (panel, initial);
  ie_params_free (initial);
}

gboolean
ie_filter_dialog_run (const IeDialogPlace *place, const IeFilter *filter, IeParams **params)
{
  GtkWidget *dialog = dialog_new (filter);
  GtkWidget *panel = ie_filter_panel_new (place, filter, *params, panel_changed, dialog);
  GtkWidget *content = gtk_dialog_get_content_area (GTK_DIALOG (dialog));
  gtk_container_set_border_width (GTK_CONTAINER (panel), IE_BORDER);
  gtk_box_pack_start (GTK_BOX (content), panel, TRUE, TRUE, 0);
  gtk_widget_show_all (panel);
  ie_window_size_restore (dialog);
  gtk_widget_show (dialog);
  ie_mnemonics_settle (dialog);
  ie_dialog_test_watch (dialog, panel, filter);
  IeParams *chosen = NULL;
  int answer = RESPONSE_RESET;
  /* Values that are none stay where they can be mended. */
  while (!chosen && (answer == RESPONSE_RESET || answer == GTK_RESPONSE_OK)) {
    answer = gimp_dialog_run (GIMP_DIALOG (dialog));
    if (answer == RESPONSE_RESET)
      reset (panel, filter);
    else if (answer == GTK_RESPONSE_OK)
      chosen = ie_filter_panel_params (panel, NULL);
  }
  ie_window_size_keep (dialog);
  gtk_widget_destroy (dialog);
  if (!chosen)
    return FALSE;
  ie_params_free (*params);
  *params = chosen;
  return TRUE;
}
