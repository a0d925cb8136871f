// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance label: a classifier names what is in pictures. */
#include "cli/label.h"

#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/models.h"
#include "cli/prepare.h"
#include "cli/reading-options.h"
#include "cli/terminal.h"

#define MOST_CLASSES 4096 /* that --evaluate counts against each other */

typedef struct {
  const char *model, *evaluate;
  int top;
  double threshold;
  gboolean json;
  CliModelOptions run;
  CliWorkerOptions worker;
} LabelSettings;

static const CliOption options[] = {
  { "model", 'm', CLI_TEXT, "NAME", N_ ("A classifier: a model with a file of labels; see imgenhance models."),
    offsetof (LabelSettings, model) },
  { "top", 0, CLI_INT, "N", N_ ("Labels a picture; 3 by default."), offsetof (LabelSettings, top), .min = 1,
    .max = 1000 },
  { "threshold", 0, CLI_NUMBER, "P", N_ ("Leave out labels less likely than this; 0 by default."),
    offsetof (LabelSettings, threshold), .min = 0, .max = 1 },
  { "evaluate", 0, CLI_TEXT, "FOLDER|CSV",
    N_ ("Say how often the model is right about pictures whose label is known: those of folders named by label in "
        "FOLDER, or those of "
        "a CSV file with the columns path and label. Prints accuracy, and precision, recall and F1 of each label and "
        "their mean."),
    offsetof (LabelSettings, evaluate) },
  { "json", 0, CLI_FLAG, NULL,
    N_ ("Print an array of {path, labels: [{label, score}]}, or with --evaluate one object of the measures and how "
        "often each label "
        "was called which."),
    offsetof (LabelSettings, json) },
  CLI_MODEL_OPTIONS (offsetof (LabelSettings, run)),
  CLI_WORKER_OPTIONS (offsetof (LabelSettings, worker)),
  { NULL },
};

static int
failed (const char *name, GError *error)
{
  int code = error->code == IE_ERROR_USAGE       ? CLI_USAGE
             : error->code == IE_ERROR_CANCELLED ? CLI_INTERRUPTED
                                                 : CLI_SOME_FAILED;
  if (code != CLI_INTERRUPTED)
    cli_error (name, error->message);
  g_error_free (error);
  return code;
}

/* ---- one picture ---- */

/* The score of each label. FALSE: the picture's line has been printed, or the work was stopped. */
static gboolean
score (const LabelSettings *settings, IeNetwork *network, const char *path, float *scores)
{
  GError *error = NULL;
  GBytes *pixels = NULL;
  CliPrepared facts;
  gboolean good =
      cli_prepare_file (&settings->worker, path, &ie_model_info (network)->prepare, 1, &pixels, &facts, &error) &&
      ie_model_run (network, g_bytes_get_data (pixels, NULL), scores, &error);
  g_clear_pointer (&pixels, g_bytes_unref);
  if (error)
    failed (path, error);
  return good;
}

static int
compare_scores (gconstpointer a, gconstpointer b, gpointer data)
{
  const float *scores = data;
  int x = *(const int *) a, y = *(const int *) b;
  return scores[x] > scores[y] ? -1 : scores[x] < scores[y] ? 1 : x - y;
}

/* Places of the labels, the likeliest first. */
static void
sort_labels (int *order, int count, float *scores)
{
  for (int i = 0; i < count; i++)
    order[i] = i;
  g_qsort_with_data (order, count, sizeof *order, compare_scores, scores);
}

static void
append_json (GString *out, const LabelSettings *settings, const IeModelInfo *info, const char *path, const int *order,
             const float *scores)
{
  cli_json_open (out, '{');
  cli_json_key (out, "path");
  cli_json_string (out, path);
  cli_json_key (out, "labels");
  cli_json_open (out, '[');
  for (int i = 0; i < MIN (settings->top, info->dimensions) && (double) scores[order[i]] >= settings->threshold; i++) {
    cli_json_open (out, '{');
    cli_json_key (out, "label");
    cli_json_string (out, info->labels[order[i]]);
    cli_json_key (out, "score");
    cli_json_number (out, (double) scores[order[i]]);
    cli_json_close (out, '}');
  }
  cli_json_close (out, ']');
  cli_json_close (out, '}');
}

static void
append_text (GString *out, const LabelSettings *settings, const IeModelInfo *info, const char *path, const int *order,
             const float *scores)
{
  char *safe = cli_escape (path);
  int shown = 0;
  g_string_append_printf (out, "%s:", safe);
  for (; shown < MIN (settings->top, info->dimensions) && (double) scores[order[shown]] >= settings->threshold;
       shown++) {
    char *percent = cli_fixed (100 * (double) scores[order[shown]], 1);
    g_string_append_printf (out, "%s %s %s %%", shown ? "," : "", info->labels[order[shown]], percent);
    g_free (percent);
  }
  g_string_append (out, shown ? "\n" : _ (" nothing that is likely enough\n"));
  g_free (safe);
}

/* ---- many ---- */

static int
label_all (const LabelSettings *settings, IeNetwork *network, GPtrArray *operands)
{
  const IeModelInfo *info = ie_model_info (network);
  ApplySettings gathering = { .recursive = TRUE };
  gboolean any, good = TRUE;
  GPtrArray *pictures = cli_gather (&gathering, operands, NULL, &any);
  float *scores = g_new (float, info->dimensions);
  int *order = g_new (int, info->dimensions);
  GString *out = g_string_new (NULL);
  if (settings->json)
    cli_json_open (out, '[');
  for (guint i = 0; i < pictures->len && cli_stopped () == CLI_STOP_NONE; i++) {
    const CliPicture *picture = pictures->pdata[i];
    if (picture->error)
      cli_error (picture->input, picture->error->message);
    if (picture->skip)
      continue;
    if (picture->error || !score (settings, network, picture->input, scores)) {
      good = FALSE;
      continue;
    }
    sort_labels (order, info->dimensions, scores);
    (settings->json ? append_json : append_text) (out, settings, info, picture->input, order, scores);
    if (!settings->json) {
      cli_print (out->str);
      g_string_truncate (out, 0);
    }
  }
  if (settings->json) {
    cli_json_close (out, ']');
    g_string_append_c (out, '\n');
    cli_print (out->str);
  }
  g_string_free (out, TRUE);
  g_free (scores);
  g_free (order);
  g_ptr_array_unref (pictures);
  return cli_stopped () != CLI_STOP_NONE ? CLI_INTERRUPTED : good ? CLI_DONE : CLI_SOME_FAILED;
}

/* The label's place; -1: there is none. */
static int
place_of (GHashTable *places, const char *label)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (places, label)) - 1;
}

static int
likeliest (const float *scores, int count)
{
  int best = 0;
  for (int i = 1; i < count; i++)
    best = scores[i] > scores[best] ? i : best;
  return best;
}

/* Fills the counts; the exit code. */
static int
count_all (const LabelSettings *settings, IeNetwork *network, const GPtrArray *truths, CliConfusion *confusion)
{
  const IeModelInfo *info = ie_model_info (network);
  GHashTable *places = g_hash_table_new (g_str_hash, g_str_equal);
  float *scores = g_new (float, info->dimensions);
  int code = CLI_DONE;
  for (int k = info->dimensions - 1; k >= 0; k--)
    g_hash_table_insert (places, info->labels[k], GINT_TO_POINTER (k + 1));
  for (guint i = 0; i < truths->len && code != CLI_USAGE; i++) {
    const CliTruth *truth = truths->pdata[i];
    if (place_of (places, truth->label) < 0) {
      cli_error (truth->label, _ ("the model has no such label"));
      code = CLI_USAGE;
    }
  }
  for (guint i = 0; i < truths->len && code != CLI_USAGE && cli_stopped () == CLI_STOP_NONE; i++) {
    const CliTruth *truth = truths->pdata[i];
    if (score (settings, network, truth->path, scores))
      confusion->counts[(gsize) place_of (places, truth->label) * (gsize) confusion->classes +
                        (gsize) likeliest (scores, info->dimensions)]++;
    else
      code = CLI_SOME_FAILED;
  }
  g_free (scores);
  g_hash_table_unref (places);
  return cli_stopped () != CLI_STOP_NONE ? CLI_INTERRUPTED : code;
}

static int
evaluate (const LabelSettings *settings, IeNetwork *network)
{
  const IeModelInfo *info = ie_model_info (network);
  GError *error = NULL;
  if (info->dimensions > MOST_CLASSES) {
    cli_error (settings->model, _ ("has too many labels to be counted against each other"));
    return CLI_USAGE;
  }
  GPtrArray *truths = cli_truth_read (settings->evaluate, &error);
  if (!truths)
    return failed (settings->evaluate, error);
  gsize classes = (gsize) info->dimensions;
  CliConfusion confusion = { info->dimensions, (const char *const *) info->labels,
                             g_new0 (guint64, classes * classes) };
  int code = count_all (settings, network, truths, &confusion);
  if (code == CLI_DONE || code == CLI_SOME_FAILED) {
    CliMeasures measures = cli_measures_of (&confusion);
    GString *out = g_string_new (NULL);
    cli_measures_append (out, &confusion, &measures, settings->json);
    cli_print (out->str);
    g_string_free (out, TRUE);
    g_free (measures.classes);
  }
  g_free (confusion.counts);
  g_ptr_array_unref (truths);
  return code;
}

static int
label (const LabelSettings *settings, GPtrArray *operands)
{
  GError *error = NULL;
  if (!settings->model || (operands->len == 0) == !settings->evaluate) {
    cli_error (NULL, !settings->model ? _ ("label needs --model NAME; see imgenhance models")
                                      : _ ("label needs pictures, or --evaluate; see imgenhance label --help"));
    return CLI_USAGE;
  }
  IeNetwork *network = cli_models_open (&settings->run, settings->model, &error);
  if (!network)
    return failed (settings->model, error);
  int code = CLI_USAGE;
  if (!ie_model_info (network)->labels)
    cli_error (settings->model, _ ("has no labels: its sidecar says no labels = FILE"));
  else
    code = settings->evaluate ? evaluate (settings, network) : label_all (settings, network, operands);
  ie_model_free (network);
  return code;
}

static int
run (const CliCommand *command, int argc, char **argv)
{
  LabelSettings settings = { .top = 3 };
  GPtrArray *operands;
  int code;
  if (!cli_parse (command, argc, argv, &settings, &operands, &code))
    return code;
  code = label (&settings, operands);
  g_ptr_array_unref (operands);
  return code;
}

static const char *const examples[] = { "imgenhance label --model birds garden/*.jpg",
                                        "imgenhance label --model digits --evaluate digits-test/", NULL };

const CliCommand cli_label = {
  .name = "label",
  .arguments = "PICTURE|FOLDER... | --evaluate FOLDER|CSV",
  .summary = N_ ("Name what is in pictures, by a classifier of your own."),
  .description =
      N_ ("Prints for each picture the likeliest labels of the model and how likely they are. The model comes from "
          "imgenhance models; its sidecar names a file of labels. Folders are walked. A picture that cannot be "
          "read costs one line on standard error."),
  .options = options,
  .examples = examples,
  .run = run,
};
