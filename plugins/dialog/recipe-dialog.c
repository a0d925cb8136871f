// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/recipe-dialog.h"

#include "plugins/common/step-words.h"
#include "plugins/dialog/dialog-test.h"
#include "plugins/dialog/files.h"
#include "plugins/dialog/recipe-text.h"
#include "plugins/dialog/screen-colour.h"
#include "plugins/dialog/step-list.h"
#include "plugins/dialog/window-size.h"

#define PREVIEW_WIDTH 520
#define PREVIEW_HEIGHT 430
/* Room for the controls of a step: more is reached by scrolling. */
#define CONTROLS_HEIGHT 220

#define RESPONSE_LOAD 1
#define RESPONSE_SAVE 2

typedef struct {
  GtkWidget *dialog, *preview, *steps;
  GtkWidget *place; /* where the controls of the chosen step are */
  GtkWidget *controls, *words;
} Editor;

/* ---- what is seen ---- */

static void
show (Editor *editor, gboolean dragging)
{
  IeRecipe *recipe = ie_step_list_recipe (editor->steps);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (editor->dialog), GTK_RESPONSE_OK, recipe->steps->len > 0);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (editor->dialog), RESPONSE_SAVE, recipe->steps->len > 0);
  if (editor->preview)
    ie_preview_set (editor->preview, recipe, dragging);
  ie_recipe_free (recipe);
}

/* ---- the chosen step ---- */

static void
values_changed (gpointer data, gboolean dragging)
{
  Editor *editor = data;
  IeRecipeStep *step = ie_step_list_chosen (editor->steps);
  GError *error = NULL;
  IeParams *params = step ? ie_controls_params (editor->controls, &error) : NULL;
  IeParams *words = params ? ie_controls_params (editor->words, &error) : NULL;
  if (words) {
    ie_params_free (step->params);
    step->params = g_steal_pointer (&params);
    ie_step_words_take (step, words);
    ie_step_list_update (editor->steps);
    show (editor, dragging);
  } else if (error && editor->preview) {
    ie_preview_set_message (editor->preview, error->message);
  }
  gtk_dialog_set_response_sensitive (GTK_DIALOG (editor->dialog), GTK_RESPONSE_OK, words != NULL);
  ie_params_free (words);
  ie_params_free (params);
  g_clear_error (&error);
}

static void
step_chosen (gpointer data)
{
  Editor *editor = data;
  const IeRecipeStep *step = ie_step_list_chosen (editor->steps);
  if (editor->controls) {
    gtk_widget_destroy (editor->controls);
    gtk_widget_destroy (editor->words);
  }
  editor->controls = editor->words = NULL;
  if (!step)
    return;
  IeParams *words = ie_step_words_of (step);
  editor->controls = ie_controls_new (step->filter, step->params, values_changed, editor);
  editor->words = ie_controls_new (&ie_step_words, words, values_changed, editor);
  ie_params_free (words);
  gtk_box_pack_start (GTK_BOX (editor->place), editor->controls, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (editor->place), editor->words, FALSE, FALSE, 0);
  gtk_widget_show (editor->controls);
  gtk_widget_show (editor->words);
  ie_mnemonics_settle (editor->dialog);
}

static void
steps_changed (gpointer data)
{
  show (data, FALSE);
}

static void
set_recipe (Editor *editor, const IeRecipe *recipe)
{
  ie_step_list_set (editor->steps, recipe);
  step_chosen (editor);
  show (editor, FALSE);
}

/* ---- files ---- */

static void
load (Editor *editor)
{
  GError *error = NULL;
  g_autofree char *file = ie_ask_file (editor->dialog, _ ("Load Recipe"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), NULL);
  IeRecipe *recipe = file ? ie_recipe_load (file, &error) : NULL;
  if (recipe)
    set_recipe (editor, recipe);
  else if (error)
    ie_complain (editor->dialog, file, error);
  ie_recipe_free (recipe);
}

static void
save (Editor *editor)
{
  IeRecipe *recipe = ie_step_list_recipe (editor->steps);
  g_autofree char *text = ie_recipe_text (recipe);
  ie_recipe_free (recipe);
  ie_recipe_text_save (editor->dialog, text);
}

/* ---- the window ---- */

static GtkWidget *
side_new (Editor *editor, const IeRecipe *recipe)
{
  GtkWidget *side = ie_box_new (GTK_ORIENTATION_VERTICAL, IE_BORDER), *scroll = ie_scrolled_new ();
  IeStepListHooks hooks = { step_chosen, steps_changed, editor };
  editor->place = ie_box_new (GTK_ORIENTATION_VERTICAL, IE_BORDER);
  gtk_container_set_border_width (GTK_CONTAINER (editor->place), IE_SPACING);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scroll), GTK_SHADOW_NONE);
  ie_scrolled_add (scroll, editor->place);
  gtk_widget_set_size_request (scroll, -1, CONTROLS_HEIGHT);
  editor->steps = ie_step_list_new (recipe, &hooks);
  gtk_box_pack_start (GTK_BOX (side), editor->steps, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (side), scroll, TRUE, TRUE, 0);
  gtk_widget_show_all (side);
  return side;
}

static void
build (Editor *editor, const IeDialogPlace *place, IeScreenColour *colour, const IeRecipe *recipe)
{
  GtkWidget *box = ie_box_new (GTK_ORIENTATION_HORIZONTAL, IE_BORDER);
  gtk_container_set_border_width (GTK_CONTAINER (box), IE_BORDER);
  if (place) {
    IePreviewHooks hooks = { .resolve = place->resolve, .resolve_data = place->resolve_data, .to_screen = ie_screen_colour_show,
                             .screen_data = colour };
    editor->preview = ie_preview_new (place->buffer, &place->extent, place->kind, &hooks);
    gtk_widget_set_size_request (editor->preview, PREVIEW_WIDTH, PREVIEW_HEIGHT);
    gtk_box_pack_start (GTK_BOX (box), editor->preview, TRUE, TRUE, 0);
    gtk_widget_show_all (editor->preview);
  }
  gtk_box_pack_start (GTK_BOX (box), side_new (editor, recipe), place == NULL, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (editor->dialog))), box, TRUE, TRUE, 0);
  gtk_widget_show (box);
  step_chosen (editor);
  show (editor, FALSE);
}

/* For tests (dialog-test.h). */
static gboolean
is_at_rest (GtkWidget *preview)
{
  return !preview || ie_preview_is_exact (preview);
}

static void
begin_test (Editor *editor)
{
  g_autofree char *path = ie_dialog_test_path ("recipe", ".recipe");
  IeRecipe *recipe = path ? ie_recipe_load (path, NULL) : NULL;
  if (recipe)
    set_recipe (editor, recipe);
  ie_recipe_free (recipe);
  if (editor->preview || ie_dialog_test_by_keyboard ())
    ie_dialog_test_answer (editor->dialog, "recipe", is_at_rest, editor->preview);
}

gboolean
ie_recipe_dialog_run (const IeDialogPlace *place, const char *title, const char *id, IeRecipe **recipe)
{
  Editor editor = { .dialog = gimp_dialog_new (title, id, NULL, 0, NULL, NULL, _ ("_Load..."), RESPONSE_LOAD, _ ("_Save..."),
                                               RESPONSE_SAVE, _ ("_Cancel"), GTK_RESPONSE_CANCEL, _ ("_OK"), GTK_RESPONSE_OK, NULL) };
  IeScreenColour *colour = place ? ie_screen_colour_new (place->kind) : NULL;
  gtk_dialog_set_default_response (GTK_DIALOG (editor.dialog), GTK_RESPONSE_OK);
  gimp_window_set_transient (GTK_WINDOW (editor.dialog));
  build (&editor, place, colour, *recipe);
  ie_window_size_restore (editor.dialog);
  gtk_widget_show (editor.dialog);
  begin_test (&editor);
  int answer;
  while ((answer = gimp_dialog_run (GIMP_DIALOG (editor.dialog))) == RESPONSE_LOAD || answer == RESPONSE_SAVE)
    (answer == RESPONSE_LOAD ? load : save) (&editor);
  if (answer == GTK_RESPONSE_OK) {
    ie_recipe_free (*recipe);
    *recipe = ie_step_list_recipe (editor.steps);
  }
  ie_window_size_keep (editor.dialog);
  gtk_widget_destroy (editor.dialog);
  ie_screen_colour_free (colour);
  return answer == GTK_RESPONSE_OK;
}
