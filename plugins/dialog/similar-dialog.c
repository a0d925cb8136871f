// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/similar-dialog.h"

#include <string.h>
#include <unistd.h>

#include "plugins/common/similar-settings.h"
#include "plugins/common/similar.h"
#include "plugins/dialog/dialog-test.h"
#include "plugins/dialog/files.h"
#include "plugins/dialog/similar-grid.h"
#include "plugins/dialog/window-size.h"

#define RESPONSE_FIND 1
#define RESPONSE_STOP 2
#define PULSE 100      /* ms */
#define TEXT_WIDTH 460 /* of what is said, which may take two lines */
#define BAR_WIDTH 180

typedef struct {
  const IeSimilarPlace *place;
  GtkWidget *dialog, *options, *text, *bar, *grid;
  GtkWidget *models, *threshold, *top, *turned, *elsewhere, *selection;
  GtkWidget *open, *open_layers, *copy, *add, *update;
  char **names; /* of what pictures are compared by, as `models` lists them */
  IeSimilarSettings settings;
  IeSimilarSearch *search; /* at work; NULL: not */
  IeIndexing *indexing;    /* likewise */
  char *picture;           /* the file that is looked for */
  guint pulse, ready;
  gboolean closed; /* its widgets are going */
} Window;

/* ---- what is seen ---- */

static gboolean
is_busy (const Window *window)
{
  return window->search || window->indexing;
}

static void
set_sensitive (Window *window)
{
  gboolean busy = is_busy (window), has_catalogue = ie_similar_has_catalogue (NULL);
  g_auto (GStrv) chosen = ie_similar_grid_chosen (window->grid);
  GtkWidget *for_chosen[] = { window->open, window->open_layers, window->copy };
  for (gsize i = 0; i < G_N_ELEMENTS (for_chosen); i++)
    gtk_widget_set_sensitive (for_chosen[i], !busy && chosen[0]);
  gtk_widget_set_sensitive (window->options, !busy);
  gtk_widget_set_sensitive (window->add, !busy);
  gtk_widget_set_sensitive (window->update, !busy && has_catalogue);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (window->dialog), RESPONSE_FIND, !busy && has_catalogue);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (window->dialog), RESPONSE_STOP, busy);
}

static void
chosen_changed (gpointer data)
{
  if (!((Window *) data)->closed)
    set_sensitive (data);
}

static void
say (Window *window, const char *text)
{
  gtk_label_set_text (GTK_LABEL (window->text), text);
}

static gboolean
pulse (gpointer data)
{
  gtk_progress_bar_pulse (GTK_PROGRESS_BAR (((Window *) data)->bar));
  return G_SOURCE_CONTINUE;
}

static void
stop_pulse (Window *window)
{
  if (window->pulse)
    g_source_remove (window->pulse);
  window->pulse = 0;
}

static void
begin_work (Window *window, const char *text)
{
  say (window, text);
  stop_pulse (window);
  window->pulse = g_timeout_add (PULSE, pulse, window);
  gtk_widget_show (window->bar);
  set_sensitive (window);
}

static void
end_work (Window *window)
{
  stop_pulse (window);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (window->bar), 0);
  gtk_widget_hide (window->bar);
  set_sensitive (window);
}

/* ---- for tests: with IMGENHANCE_DIALOG_TEST=FOLDER the window, whenever it has come to rest, writes FOLDER/similar.png and .tsv
 * (dialog-test.h) ---- */

#define REST 400 /* ms */

static gboolean
write_test (gpointer data)
{
  Window *window = data;
  window->ready = 0;
  ie_dialog_test_write (window->dialog, "similar", TRUE);
  return G_SOURCE_REMOVE;
}

static void
came_to_rest (gpointer data)
{
  Window *window = data;
  if (!g_getenv ("IMGENHANCE_DIALOG_TEST"))
    return;
  if (window->ready)
    g_source_remove (window->ready);
  window->ready = g_timeout_add (REST, write_test, window);
}

/* ---- the search ---- */

static const char *
chosen_model (const Window *window)
{
  int i = gtk_combo_box_get_active (GTK_COMBO_BOX (window->models));
  return i >= 0 ? window->names[i] : "visual";
}

static gboolean
is_on (GtkWidget *check)
{
  return gtk_widget_get_sensitive (check) && gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (check));
}

static void
say_nothing_similar (Window *window)
{
  if (gtk_spin_button_get_value (GTK_SPIN_BUTTON (window->threshold)) > 0)
    say (window, _ ("Nothing in the catalogue is similar to this image. A lower minimum score lists what is less so."));
  else
    say (window, _ ("There is no other picture in the catalogue."));
}

static void
search_ended (gpointer data, IeSimilarOutcome outcome, GPtrArray *found, const char *why)
{
  Window *window = data;
  g_autofree char *text = NULL;
  g_clear_pointer (&window->search, ie_similar_search_free);
  unlink (window->picture);
  g_clear_pointer (&window->picture, g_free);
  end_work (window);
  if (outcome == IE_SIMILAR_FOUND && found->len > 0)
    text = g_strdup_printf (ie_ngettext ("%d picture, the most similar first", "%d pictures, the most similar first", found->len),
                            (int) found->len);
  else if (outcome == IE_SIMILAR_FOUND)
    say_nothing_similar (window);
  else if (outcome == IE_SIMILAR_BLANK)
    say (window, _ ("This is all of one colour, and there is nothing to compare. \"Colours and layout\" finds others of this colour."));
  else if (outcome == IE_SIMILAR_NOT_INDEXED)
    text = g_strdup_printf (_ ("Nothing in the catalogue is described by %s yet; Update does it."), chosen_model (window));
  else
    text = g_strdup (outcome == IE_SIMILAR_STOPPED ? _ ("Stopped") : why);
  if (text)
    say (window, text);
  ie_similar_grid_set (window->grid, found);
  if (!found || found->len == 0)
    came_to_rest (window);
}

static void
find (Window *window)
{
  GError *error = NULL;
  if (is_busy (window))
    return;
  ie_similar_grid_set (window->grid, NULL);
  if (!ie_similar_has_catalogue (NULL)) {
    say (window, _ ("There is no catalogue yet. Add a folder, and its pictures are found from then on."));
    set_sensitive (window);
    gtk_widget_grab_focus (window->add);
    came_to_rest (window);
    return;
  }
  window->picture = window->place->write (window->place->data, is_on (window->selection), &error);
  IeSimilarJob job = { .picture = window->picture, .instead_of = window->place->file, .model = chosen_model (window),
                       .top = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (window->top)),
                       .threshold = gtk_spin_button_get_value (GTK_SPIN_BUTTON (window->threshold)),
                       .turned = is_on (window->turned), .elsewhere = is_on (window->elsewhere) };
  if (window->picture)
    window->search = ie_similar_search_new (&job, search_ended, window, &error);
  if (window->search) {
    begin_work (window, _ ("Searching..."));
    return;
  }
  say (window, error->message);
  g_error_free (error);
  if (window->picture)
    unlink (window->picture);
  g_clear_pointer (&window->picture, g_free);
  came_to_rest (window);
}

/* ---- the catalogue ---- */

static void
show_progress (gpointer data, int done, int total)
{
  Window *window = data;
  g_autofree char *text = g_strdup_printf (_ ("Reading pictures: %d of %d"), done, total);
  stop_pulse (window);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (window->bar), (double) done / MAX (total, 1));
  say (window, text);
}

static void
indexing_ended (gpointer data, gboolean stopped, IeIndexed indexed, const char *why)
{
  Window *window = data;
  g_autofree char *text = NULL;
  g_clear_pointer (&window->indexing, ie_indexing_free);
  end_work (window);
  if (why || stopped) {
    say (window, why ? why : _ ("Stopped; what was read stays in the catalogue, and the same again goes on from there."));
    came_to_rest (window);
    return;
  }
  find (window);
  /* What could not be read is said first: the search has its own line in a moment. */
  if (indexed.failed > 0) {
    text = g_strdup_printf (ie_ngettext ("%d file could not be read; imgenhance index lists it. Searching...",
                                         "%d files could not be read; imgenhance index lists them. Searching...", (gulong) indexed.failed),
                            indexed.failed);
    say (window, text);
  }
}

/* folder: NULL: all that are in the catalogue. */
static void
begin_indexing (Window *window, const char *folder)
{
  GError *error = NULL;
  IeIndexingHooks hooks = { show_progress, indexing_ended, window };
  if (is_busy (window))
    return;
  window->indexing = ie_indexing_new (folder, chosen_model (window), NULL, &hooks, &error);
  if (window->indexing)
    begin_work (window, _ ("Looking for pictures..."));
  else
    ie_complain (window->dialog, folder ? folder : "imgenhance", error);
}

static void
add_clicked (GtkButton *button, gpointer data)
{
  Window *window = data;
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES), *usual = pictures ? pictures : g_get_home_dir ();
  char *folder = ie_ask_folder (window->dialog, _ ("Add a Folder"), _ ("_Add"), window->settings.folder ? window->settings.folder : usual);
  if (!folder)
    return;
  g_free (window->settings.folder);
  window->settings.folder = folder;
  begin_indexing (window, folder);
}

static void
update_clicked (GtkButton *button, gpointer data)
{
  begin_indexing (data, NULL);
}

/* ---- what was found ---- */

/* What is said where it fails; NULL: it does not. g_free(). */
static char *
open_all (const IeSimilarPlace *place, char *const *paths, gboolean as_layers)
{
  char *failed = NULL;
  if (as_layers && !place->begin (place->data))
    return g_strdup_printf (_ ("the image cannot take layers: %s"), place->why ());
  for (int i = 0; !failed && paths[i]; i++)
    if (!place->open (place->data, paths[i], as_layers)) {
      g_autofree char *shown = g_filename_display_name (paths[i]);
      failed = g_strdup_printf ("%s: %s", shown, place->why ());
    }
  if (as_layers)
    place->end (place->data);
  gimp_displays_flush ();
  return failed;
}

static void
open_chosen (Window *window, gboolean as_layers)
{
  g_auto (GStrv) chosen = ie_similar_grid_chosen (window->grid);
  g_autofree char *failed = chosen[0] ? open_all (window->place, chosen, as_layers) : NULL;
  if (failed)
    say (window, failed);
}

static void
open_clicked (GtkButton *button, gpointer data)
{
  open_chosen (data, FALSE);
}

static void
open_layers_clicked (GtkButton *button, gpointer data)
{
  open_chosen (data, TRUE);
}

static void
activated (gpointer data)
{
  open_chosen (data, FALSE);
}

static void
copy_clicked (GtkButton *button, gpointer data)
{
  Window *window = data;
  g_auto (GStrv) chosen = ie_similar_grid_chosen (window->grid);
  for (int i = 0; chosen[i]; i++) {
    char *shown = g_filename_display_name (chosen[i]);
    g_free (chosen[i]);
    chosen[i] = shown;
  }
  g_autofree char *text = g_strjoinv ("\n", chosen);
  ie_copy (window->dialog, text);
}

/* ---- the window ---- */

static GtkWidget *
models_new (Window *window)
{
  GtkWidget *combo = gtk_combo_box_text_new ();
  GPtrArray *names = g_ptr_array_new ();
  g_auto (GStrv) models = ie_similar_models ();
  int at = 0;
  g_ptr_array_add (names, g_strdup ("visual"));
  g_ptr_array_add (names, g_strdup ("look"));
  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), _ ("What is seen, also after edits"));
  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), _ ("Colours and layout"));
  for (int i = 0; models[i]; i++) {
    g_ptr_array_add (names, g_strdup (models[i]));
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (combo), models[i]);
  }
  for (guint i = 0; i < names->len; i++)
    at = strcmp (names->pdata[i], window->settings.model) == 0 ? (int) i : at;
  g_ptr_array_add (names, NULL);
  window->names = (char **) g_ptr_array_free (names, FALSE);
  gtk_combo_box_set_active (GTK_COMBO_BOX (combo), at);
  ie_set_name (combo, _ ("Similar by"), NULL);
  return combo;
}

static GtkWidget *
spin_new (double value, double low, double high, double step, guint digits, const char *name)
{
  GtkWidget *spin = gtk_spin_button_new (ie_adjustment_new (value, low, high, step, step * 10), step, digits);
  gtk_entry_set_activates_default (GTK_ENTRY (spin), TRUE);
  ie_set_name (spin, name, NULL);
  return spin;
}

static void
add_row (GtkWidget *grid, int row, const char *text, GtkWidget *control)
{
  g_autofree char *label = g_strconcat (text, IE_LABEL_END, NULL);
  ie_grid_attach (grid, ie_label_new (label, control), 0, row, 1, FALSE);
  ie_grid_attach (grid, control, 1, row, 1, FALSE);
}

static GtkWidget *
check_new (const char *text, gboolean on, gboolean possible, const char *why_not)
{
  GtkWidget *check = gtk_check_button_new_with_mnemonic (text);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (check), on);
  gtk_widget_set_sensitive (check, possible);
  if (!possible)
    gtk_widget_set_tooltip_text (check, why_not);
  return check;
}

static GtkWidget *
options_new (Window *window)
{
  const IeSimilarPlace *place = window->place;
  const IeSimilarSettings *settings = &window->settings;
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_HORIZONTAL, 3 * IE_BORDER), *checks = ie_box_new (GTK_ORIENTATION_VERTICAL, IE_SPACING);
  GtkWidget *grid = ie_grid_new (IE_SPACING, IE_BORDER);
  window->models = models_new (window);
  window->threshold = spin_new (settings->threshold, 0, 1, 0.05, 2, _ ("Minimum score"));
  window->top = spin_new (settings->top, 1, IE_SIMILAR_TOP_MOST, 1, 0, _ ("Pictures at most"));
  gtk_widget_set_tooltip_text (window->threshold, _ ("1 is equal, from 0.9 on a copy, from 0.5 on a relative; "
                                                    "0 is no more alike than any two pictures."));
  add_row (grid, 0, _ ("_Similar by"), window->models);
  add_row (grid, 1, _ ("Mi_nimum score"), window->threshold);
  add_row (grid, 2, _ ("Pictures at _most"), window->top);
  window->turned = check_new (_ ("Mi_rrored and turned ones, too"), settings->turned, TRUE, NULL);
  window->elsewhere = check_new (_ ("None from the image's own fold_er"), settings->elsewhere, place->file != NULL,
                                 _ ("The image has no file yet."));
  window->selection = check_new (_ ("Look for what is se_lected only"), settings->selection, place->has_selection,
                                 _ ("Nothing is selected."));
  gtk_box_pack_start (GTK_BOX (checks), window->turned, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (checks), window->elsewhere, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (checks), window->selection, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), grid, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), checks, FALSE, FALSE, 0);
  return box;
}

static GtkWidget *
button_new (GtkWidget *box, const char *text, const char *tip, GCallback clicked, Window *window)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (text);
  gtk_widget_set_tooltip_text (button, tip);
  g_signal_connect (button, "clicked", clicked, window);
  gtk_box_pack_start (GTK_BOX (box), button, FALSE, FALSE, 0);
  return button;
}

static GtkWidget *
buttons_new (Window *window)
{
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_HORIZONTAL, IE_SPACING), *space = gtk_label_new (NULL);
  window->open = button_new (box, _ ("Open as _Image"), _ ("Open what is chosen, each as an image."), G_CALLBACK (open_clicked), window);
  window->open_layers = button_new (box, _ ("Open as La_yers"), _ ("Put what is chosen into this image, each as a layer on top."),
                                    G_CALLBACK (open_layers_clicked), window);
  window->copy = button_new (box, _ ("Copy Pa_th"), _ ("Copy where what is chosen lies."), G_CALLBACK (copy_clicked), window);
  gtk_box_pack_start (GTK_BOX (box), space, TRUE, TRUE, 0);
  window->add = button_new (box, _ ("_Add a Folder..."), _ ("Put a folder's pictures into the catalogue, with all folders in it."),
                            G_CALLBACK (add_clicked), window);
  window->update = button_new (box, _ ("_Update"), _ ("Read what is new or has changed in the folders of the catalogue."),
                               G_CALLBACK (update_clicked), window);
  return box;
}

/* What is said, and beside it, while there is work, how far it is. */
static GtkWidget *
state_new (Window *window)
{
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_HORIZONTAL, IE_BORDER);
  window->text = gtk_label_new (NULL);
  gtk_label_set_line_wrap (GTK_LABEL (window->text), TRUE);
  gtk_widget_set_size_request (window->text, TEXT_WIDTH, -1);
  ie_label_align (window->text);
  window->bar = gtk_progress_bar_new ();
  gtk_widget_set_size_request (window->bar, BAR_WIDTH, -1);
  gtk_widget_set_no_show_all (window->bar, TRUE);
  ie_set_name (window->bar, _ ("Progress"), NULL);
  gtk_box_pack_start (GTK_BOX (box), window->text, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), window->bar, FALSE, FALSE, 0);
  return box;
}

static void
build (Window *window)
{
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_VERTICAL, IE_BORDER);
  IeSimilarGridHooks hooks = { chosen_changed, activated, came_to_rest, window };
  window->options = options_new (window);
  window->grid = ie_similar_grid_new (&hooks);
  gtk_container_set_border_width (GTK_CONTAINER (box), IE_BORDER);
  gtk_box_pack_start (GTK_BOX (box), window->options, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), state_new (window), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), window->grid, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), buttons_new (window), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (window->dialog))), box, TRUE, TRUE, 0);
  gtk_widget_show_all (box);
}

static void
keep_settings (Window *window)
{
  IeSimilarSettings *settings = &window->settings;
  g_free (settings->model);
  settings->model = g_strdup (chosen_model (window));
  settings->top = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (window->top));
  settings->threshold = gtk_spin_button_get_value (GTK_SPIN_BUTTON (window->threshold));
  /* What could not be chosen this time stays as it was. */
  settings->turned = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (window->turned));
  settings->elsewhere = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (window->elsewhere));
  settings->selection = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (window->selection));
  ie_similar_settings_save (settings);
}

/* Both commands end in order, which takes them a moment. */
static void
stop (Window *window)
{
  if (!is_busy (window))
    return;
  say (window, _ ("Stopping..."));
  if (window->search)
    ie_similar_search_stop (window->search);
  else
    ie_indexing_stop (window->indexing);
}

static gboolean
begin (gpointer data)
{
  find (data);
  return G_SOURCE_REMOVE;
}

static void
clear (Window *window)
{
  ie_similar_search_free (window->search);
  ie_indexing_free (window->indexing);
  stop_pulse (window);
  if (window->ready)
    g_source_remove (window->ready);
  if (window->picture)
    unlink (window->picture);
  g_free (window->picture);
  g_strfreev (window->names);
  ie_similar_settings_clear (&window->settings);
}

void
ie_similar_dialog_run (const char *id, const IeSimilarPlace *place)
{
  Window window = { .place = place };
  int answer;
  ie_similar_settings_load (&window.settings);
  window.dialog = gimp_dialog_new (_ (IE_SIMILAR_TITLE), id, NULL, 0, NULL, NULL, _ ("_Close"), GTK_RESPONSE_CLOSE, _ ("Sto_p"),
                                   RESPONSE_STOP, _ ("_Find"), RESPONSE_FIND, NULL);
  gtk_dialog_set_default_response (GTK_DIALOG (window.dialog), RESPONSE_FIND);
  build (&window);
  set_sensitive (&window);
  ie_window_size_restore (window.dialog);
  gtk_widget_show (window.dialog);
  guint begins = g_idle_add (begin, &window);
  do {
    answer = gimp_dialog_run (GIMP_DIALOG (window.dialog));
    if (answer == RESPONSE_FIND)
      find (&window);
    else if (answer == RESPONSE_STOP)
      stop (&window);
  } while (answer == RESPONSE_FIND || answer == RESPONSE_STOP);
  if (g_main_context_find_source_by_id (NULL, begins))
    g_source_remove (begins);
  keep_settings (&window);
  ie_window_size_keep (window.dialog);
  window.closed = TRUE;
  gtk_widget_destroy (window.dialog);
  clear (&window);
}
