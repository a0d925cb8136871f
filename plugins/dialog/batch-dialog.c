// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/batch-dialog.h"

#include <string.h>

#include "plugins/common/batch.h"
#include "plugins/dialog/dialog-test.h"
#include "plugins/dialog/file-list.h"
#include "plugins/dialog/files.h"
#include "plugins/dialog/recipe-dialog.h"
#include "plugins/dialog/result-list.h"
#include "plugins/dialog/window-size.h"

#define RESPONSE_START 1
#define RESPONSE_STOP 2

typedef struct {
  const char *id;
  GtkWidget *dialog, *files, *steps, *output, *format, *replace, *bar, *results;
  GtkWidget *settings; /* what cannot be changed while it runs */
  IeRecipe *recipe;
  IeBatch *batch;      /* at work; NULL: not */
  int total, done, skipped, failed;
  gboolean test;
} Window;

/* ---- what is seen ---- */

static void
set_sensitive (Window *window)
{
  gboolean runs = window->batch != NULL;
  g_autofree char *output = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (window->output));
  gboolean ready = !runs && ie_file_list_count (window->files) > 0 && window->recipe->steps->len > 0 && output;
  gtk_widget_set_sensitive (window->settings, !runs);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (window->dialog), RESPONSE_START, ready);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (window->dialog), RESPONSE_STOP, runs);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (window->dialog), GTK_RESPONSE_CLOSE, !runs);
}

static void
something_changed (gpointer data)
{
  set_sensitive (data);
}

/* The steps' names, one behind the other. */
static void
show_steps (Window *window)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < window->recipe->steps->len; i++) {
    const IeRecipeStep *step = window->recipe->steps->pdata[i];
    g_string_append_printf (text, "%s%s", i ? ", " : "", _ (step->filter->label));
  }
  gtk_label_set_text (GTK_LABEL (window->steps), text->len ? text->str : _ ("No steps yet"));
  gtk_widget_set_tooltip_text (window->steps, text->len ? text->str : NULL);
  g_string_free (text, TRUE);
}

static void
show_progress (Window *window)
{
  int ended = window->done + window->skipped + window->failed;
  g_autofree char *text = g_strdup_printf (_ ("%d of %d, %d failed"), ended, MAX (window->total, ended), window->failed);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (window->bar), (double) ended / MAX (MAX (window->total, ended), 1));
  gtk_progress_bar_set_text (GTK_PROGRESS_BAR (window->bar), text);
}

/* ---- the batch ---- */

static void
picture_ended (gpointer data, const char *input, const char *output, IeBatchStatus status, const char *reason)
{
  Window *window = data;
  window->done += status == IE_BATCH_DONE;
  window->skipped += status == IE_BATCH_SKIPPED;
  window->failed += status == IE_BATCH_FAILED;
  /* The command says it to machines, in English. */
  ie_result_list_add (window->results, status, input, status == IE_BATCH_DONE && !reason ? output : ie_gettext (reason));
  show_progress (window);
}

static void end_test (Window *window);

static gboolean
let_go (gpointer data)
{
  Window *window = data;
  ie_batch_free (window->batch);
  window->batch = NULL;
  set_sensitive (window);
  if (window->test)
    end_test (window);
  return G_SOURCE_REMOVE;
}

static void
batch_ended (gpointer data, gboolean stopped, const char *error)
{
  Window *window = data;
  g_autofree char *text = NULL;
  if (stopped)
    text = g_strdup (_ ("Stopped; the same batch started again continues where it ended"));
  else if (error && window->failed == 0)
    text = g_strdup (error);
  else if (window->failed > 0)
    text = g_strdup_printf (_ ("%d done, %d as before, %d failed"), window->done, window->skipped, window->failed);
  else
    text = g_strdup_printf (_ ("%d done, %d as before"), window->done, window->skipped);
  gtk_progress_bar_set_text (GTK_PROGRESS_BAR (window->bar), text);
  g_idle_add (let_go, window);
}

static void
start (Window *window)
{
  GError *error = NULL;
  g_auto (GStrv) inputs = ie_file_list_get (window->files);
  g_autofree char *output = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (window->output));
  int format = gtk_combo_box_get_active (GTK_COMBO_BOX (window->format)), count;
  const IeFormat *const *formats = ie_formats (&count);
  IeBatchJob job = { .inputs = inputs, .recipe = window->recipe, .output = output,
                     .replace = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (window->replace)),
                     .format = format > 0 ? formats[format - 1]->name : NULL };
  IeBatchHooks hooks = { picture_ended, batch_ended, window };
  ie_result_list_clear (window->results);
  window->done = window->skipped = window->failed = 0;
  window->total = ie_batch_count (&job);
  window->batch = ie_batch_new (&job, &hooks, &error);
  if (error)
    ie_complain (window->dialog, output, error);
  else
    show_progress (window);
  set_sensitive (window);
}

/* ---- the recipe ---- */

static void
edit_clicked (GtkButton *button, gpointer data)
{
  Window *window = data;
  if (ie_recipe_dialog_run (NULL, _ ("Steps of the Batch"), window->id, &window->recipe))
    show_steps (window);
  set_sensitive (window);
}

static void
load_clicked (GtkButton *button, gpointer data)
{
  Window *window = data;
  GError *error = NULL;
  g_autofree char *file = ie_ask_file (window->dialog, _ ("Load Recipe"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), NULL);
  IeRecipe *recipe = file ? ie_recipe_load (file, &error) : NULL;
  if (recipe) {
    ie_recipe_free (window->recipe);
    window->recipe = recipe;
    show_steps (window);
  } else if (error) {
    ie_complain (window->dialog, file, error);
  }
  set_sensitive (window);
}

static void
output_chosen (GtkFileChooserButton *button, gpointer data)
{
  set_sensitive (data);
}

/* ---- the window ---- */

static GtkWidget *
recipe_row_new (Window *window)
{
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_HORIZONTAL, IE_SPACING);
  GtkWidget *edit = gtk_button_new_with_mnemonic (_ ("_Edit...")), *load = gtk_button_new_with_mnemonic (_ ("_Load..."));
  window->steps = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (window->steps), PANGO_ELLIPSIZE_END);
  ie_label_align (window->steps);
  g_signal_connect (edit, "clicked", G_CALLBACK (edit_clicked), window);
  g_signal_connect (load, "clicked", G_CALLBACK (load_clicked), window);
  gtk_box_pack_start (GTK_BOX (box), window->steps, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), edit, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), load, FALSE, FALSE, 0);
  show_steps (window);
  return box;
}

static GtkWidget *
format_new (void)
{
  GtkWidget *combo = gtk_combo_box_text_new ();
  int count;
  const IeFormat *const *formats = ie_formats (&count);
  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), _ ("As each picture has it"));
  for (int i = 0; i < count; i++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), formats[i]->name);
  gtk_combo_box_set_active (GTK_COMBO_BOX (combo), 0);
  ie_set_name (combo, _ ("Format of the results"), NULL);
  return combo;
}

static void
add_row (GtkWidget *grid, int row, const char *text, GtkWidget *target, GtkWidget *control)
{
  g_autofree char *label = g_strconcat (text, IE_LABEL_END, NULL);
  ie_grid_attach (grid, ie_label_new (label, target), 0, row, 1, FALSE);
  ie_grid_attach (grid, control, 1, row, 1, TRUE);
}

static GtkWidget *
settings_new (Window *window)
{
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_VERTICAL, IE_SPACING), *grid = ie_grid_new (IE_SPACING, IE_BORDER);
  window->files = ie_file_list_new (something_changed, window);
  window->output = gtk_file_chooser_button_new (_ ("Folder for the Results"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER);
  window->replace = gtk_check_button_new_with_mnemonic (_ ("Re_place results that are there already"));
  window->format = format_new ();
  ie_set_name (window->output, _ ("Folder for the results"), NULL);
  g_signal_connect (window->output, "file-set", G_CALLBACK (output_chosen), window);
  g_signal_connect (window->output, "selection-changed", G_CALLBACK (output_chosen), window);
  gtk_box_pack_start (GTK_BOX (box), window->files, TRUE, TRUE, 0);
  add_row (grid, 0, _ ("Steps"), NULL, recipe_row_new (window));
  add_row (grid, 1, _ ("_Folder"), window->output, window->output);
  add_row (grid, 2, _ ("Forma_t"), window->format, window->format);
  gtk_box_pack_start (GTK_BOX (box), grid, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), window->replace, FALSE, FALSE, 0);
  return box;
}

static void
build (Window *window)
{
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_VERTICAL, IE_BORDER);
  window->settings = settings_new (window);
  window->bar = ie_progress_bar_new ();
  window->results = ie_result_list_new ();
  ie_set_name (window->bar, _ ("Progress"), NULL);
  gtk_container_set_border_width (GTK_CONTAINER (box), IE_BORDER);
  gtk_box_pack_start (GTK_BOX (box), window->settings, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), window->bar, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), window->results, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (window->dialog))), box, TRUE, TRUE, 0);
  gtk_widget_show_all (box);
  set_sensitive (window);
}

/* ---- for tests (dialog-test.h): batch.txt says the folder for the results, a recipe, and what there is to do, a line each ---- */

static gboolean
is_at_rest (GtkWidget *dialog)
{
  const Window *window = g_object_get_data (G_OBJECT (dialog), "ie-batch");
  return !window->batch;
}

static gboolean
close_test (gpointer data)
{
  Window *window = data;
  ie_dialog_test_write (window->dialog, "batch", TRUE);
  gtk_dialog_response (GTK_DIALOG (window->dialog), GTK_RESPONSE_CLOSE);
  return G_SOURCE_REMOVE;
}

static void
end_test (Window *window)
{
  g_timeout_add (500, close_test, window);
}

static gboolean
start_test (gpointer data)
{
  gtk_dialog_response (GTK_DIALOG (((Window *) data)->dialog), RESPONSE_START);
  return G_SOURCE_REMOVE;
}

static void
begin_test (Window *window)
{
  g_autofree char *path = ie_dialog_test_path ("batch", ".txt"), *text = NULL;
  if (ie_dialog_test_by_keyboard ()) {
    g_object_set_data (G_OBJECT (window->dialog), "ie-batch", window);
    ie_dialog_test_answer (window->dialog, "batch", is_at_rest, window->dialog);
    return;
  }
  if (!path || !g_file_get_contents (path, &text, NULL, NULL))
    return;
  g_auto (GStrv) lines = g_strsplit (g_strchomp (text), "\n", -1);
  window->test = g_strv_length (lines) >= 3;
  if (!window->test)
    return;
  gtk_file_chooser_set_filename (GTK_FILE_CHOOSER (window->output), lines[0]);
  IeRecipe *recipe = ie_recipe_load (lines[1], NULL);
  if (recipe) {
    ie_recipe_free (window->recipe);
    window->recipe = recipe;
    show_steps (window);
  }
  for (int i = 2; lines[i]; i++)
    ie_file_list_add (window->files, lines[i]);
  /* The toolkit finds the folder in its own time. */
  g_timeout_add (1500, start_test, window);
}

char *
ie_batch_dialog_run (const char *id, const char *recipe_text)
{
  Window window = { .id = id };
  window.recipe = recipe_text ? ie_recipe_parse (recipe_text, NULL) : NULL;
  window.recipe = window.recipe ? window.recipe : ie_recipe_new ();
  window.dialog = gimp_dialog_new (_ ("Batch Enhance"), id, NULL, 0, NULL, NULL, _ ("_Close"), GTK_RESPONSE_CLOSE, _ ("Sto_p"), RESPONSE_STOP,
                                   _ ("_Start"), RESPONSE_START, NULL);
  gtk_dialog_set_default_response (GTK_DIALOG (window.dialog), RESPONSE_START);
  build (&window);
  ie_mnemonics_settle (window.dialog);
  ie_window_size_restore (window.dialog);
  gtk_widget_show (window.dialog);
  begin_test (&window);
  int answer;
  do {
    answer = gimp_dialog_run (GIMP_DIALOG (window.dialog));
    if (answer == RESPONSE_START && !window.batch)
      start (&window);
    else if (window.batch)
      ie_batch_stop (window.batch);
  } while (answer == RESPONSE_START || answer == RESPONSE_STOP);
  /* The window went while it was running: what is begun is given up, and can be continued. */
  ie_batch_free (window.batch);
  ie_window_size_keep (window.dialog);
  gtk_widget_destroy (window.dialog);
  char *text = ie_recipe_text (window.recipe);
  ie_recipe_free (window.recipe);
  return text;
}
