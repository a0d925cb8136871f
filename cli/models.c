// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance models: lists, adds, checks, times and removes models of the user's own. */
#include "cli/models-command.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/terminal.h"
#include "embed/sidecar.h"

static const CliOption options[] = {
  { "preset", 0, CLI_TEXT, "PRESET",
    N_ ("How the added model is fed and read: vit-l-16, clip-vit-b-32, dinov2-b, blip2-qformer, efficientnet-b7, "
        "vgg16."),
    offsetof (ModelsSettings, preset) },
  { "name", 0, CLI_TEXT, "NAME", N_ ("Name of the added model; that of its file by default."),
    offsetof (ModelsSettings, name) },
  { "set", 0, CLI_GIVEN, "KEY=VALUE",
    N_ ("A line of the added model's sidecar, like labels=labels.txt or size=384x384; docs/models.md lists them."),
    offsetof (ModelsSettings, set) },
  { "json", 0, CLI_FLAG, NULL, N_ ("Print the list, the check or the times as JSON."),
    offsetof (ModelsSettings, json) },
  CLI_MODEL_OPTIONS (offsetof (ModelsSettings, model)),
  { NULL },
};

int
cli_models_failed (const char *name, GError *error)
{
  int code = error->code == IE_ERROR_USAGE   ? CLI_USAGE
             : error->code == IE_ERROR_PLACE ? CLI_PLACE_FAILED
                                             : CLI_SOME_FAILED;
  cli_error (name, error->message);
  g_error_free (error);
  return code;
}

/* ---- list ---- */

static void
append_json (GString *out, const char *name, const IeSidecar *sidecar)
{
  cli_json_open (out, '{');
  cli_json_key (out, "name");
  cli_json_string (out, name);
  cli_json_key (out, "sidecar");
  cli_json_string (out, sidecar->file);
  cli_json_key (out, "model");
  cli_json_string (out, sidecar->model);
  cli_json_key (out, "preset");
  cli_json_string (out, sidecar->preset);
  cli_json_key (out, "dimensions");
  if (sidecar->dimensions)
    cli_json_integer (out, (guint64) sidecar->dimensions);
  else
    cli_json_null (out);
  cli_json_key (out, "text");
  cli_json_bool (out, sidecar->text.model != NULL);
  cli_json_key (out, "labels");
  cli_json_bool (out, sidecar->labels != NULL);
  cli_json_close (out, '}');
}

#define NAME_WIDTH 20

static void
append_text (GString *out, const char *name, const IeSidecar *sidecar)
{
  cli_pad (out, name, NAME_WIDTH);
  cli_pad (out, sidecar->preset ? sidecar->preset : "-", NAME_WIDTH);
  g_string_append_printf (out, "%dx%d", sidecar->prepare.width, sidecar->prepare.height);
  if (sidecar->dimensions)
    g_string_append_printf (out, _ (", %d numbers"), sidecar->dimensions);
  if (sidecar->text.model)
    g_string_append (out, _ (", texts"));
  if (sidecar->labels)
    g_string_append (out, _ (", labels"));
  if (!g_file_test (sidecar->model, G_FILE_TEST_EXISTS))
    g_string_append (out, _ (", its file is gone"));
  char *safe = cli_escape (sidecar->model);
  g_string_append_printf (out, "  %s\n", safe);
  g_free (safe);
}

static int
list (const ModelsSettings *settings)
{
  GPtrArray *names = cli_models_names ();
  GString *out = g_string_new (NULL);
  int code = CLI_DONE;
  if (settings->json)
    cli_json_open (out, '[');
  for (guint i = 0; i < names->len; i++) {
    GError *error = NULL;
    char *path = cli_models_place (names->pdata[i], &error);
    IeSidecar *sidecar = path ? ie_sidecar_read (path, &error) : NULL;
    if (!sidecar) {
      cli_models_failed (names->pdata[i], error);
      code = CLI_SOME_FAILED;
    } else
      (settings->json ? append_json : append_text) (out, names->pdata[i], sidecar);
    ie_sidecar_free (sidecar);
    g_free (path);
  }
  if (settings->json) {
    cli_json_close (out, ']');
    g_string_append_c (out, '\n');
  } else if (names->len == 0)
    g_string_append (out, _ ("There are no models; imgenhance models add FILE takes one.\n"));
  cli_print (out->str);
  g_string_free (out, TRUE);
  g_ptr_array_unref (names);
  return code;
}

/* ---- add ---- */

/* The lines of --set: paths as seen from here. */
static void
append_set (GString *text, const GPtrArray *set)
{
  static const char *const paths[] = { "labels", "text-model", "text-vocab", "text-merges", NULL };
  for (guint i = 0; set && i < set->len; i++) {
    const char *line = ((CliGiven *) set->pdata[i])->text, *value = strchr (line, '=');
    char *key = g_strndup (line, value ? (gsize) (value - line) : strlen (line));
    char *path = value && g_strv_contains (paths, g_strstrip (key)) ? g_canonicalize_filename (value + 1, NULL) : NULL;
    if (path)
      g_string_append_printf (text, "%s = %s\n", key, path);
    else
      g_string_append_printf (text, "%s\n", line);
    g_free (path);
    g_free (key);
  }
}

/* What the new sidecar says; NULL and error. */
static IeSidecar *
sidecar_for (const ModelsSettings *settings, const char *file, GError **error)
{
  gboolean onnx = g_str_has_suffix (file, ".onnx");
  GString *text = g_string_new (NULL);
  if (!settings->preset && !(onnx && settings->set)) {
    IeSidecar *beside = ie_sidecar_read (file, error);
    if (!beside) {
      g_string_free (text, TRUE);
      return NULL;
    }
    char *own = ie_sidecar_text (beside);
    g_string_append (text, own);
    g_free (own);
    ie_sidecar_free (beside);
  } else {
    char *path = g_canonicalize_filename (file, NULL);
    if (settings->preset)
      g_string_append_printf (text, "preset = %s\n", settings->preset);
    g_string_append_printf (text, "model = %s\n", path);
    g_free (path);
  }
  append_set (text, settings->set);
  IeSidecar *sidecar = ie_sidecar_parse (text->str, NULL, error);
  g_string_free (text, TRUE);
  return sidecar;
}

/* Opens the new model, where there is a runtime, before it is kept. */
static gboolean
try_it (const ModelsSettings *settings, const char *place, GError **error)
{
  GError *absent = NULL;
  ie_model_set_runtime (settings->model.runtime);
  char *runtime = ie_model_runtime (&absent);
  if (!runtime) {
    char *line = g_strdup_printf (_ ("added without having been opened; %s"), absent->message);
    cli_error (place, line);
    g_free (line);
    g_error_free (absent);
    return TRUE;
  }
  g_free (runtime);
  IeNetwork *network = cli_models_open (&settings->model, place, error);
  gboolean good = network != NULL;
  if (good) {
    const IeModelInfo *info = ie_model_info (network);
    char *line = g_strdup_printf (_ ("%s: %d numbers a picture\n"), info->name, info->dimensions);
    cli_print (line);
    g_free (line);
  }
  ie_model_free (network);
  return good;
}

static gboolean
write_sidecar (const IeSidecar *sidecar, const char *place, GError **error)
{
  char *text = ie_sidecar_text (sidecar), *folder = g_path_get_dirname (place);
  GError *failure = NULL;
  gboolean good = g_mkdir_with_parents (folder, 0777) == 0 && g_file_set_contents (place, text, -1, &failure);
  if (!good)
    g_set_error (error, IE_ERROR, IE_ERROR_PLACE, _ ("cannot be written: %s"),
                 failure ? failure->message : g_strerror (errno));
  g_clear_error (&failure);
  g_free (text);
  g_free (folder);
  return good;
}

static int
add (const ModelsSettings *settings, const char *file)
{
  GError *error = NULL;
  IeSidecar *sidecar = sidecar_for (settings, file, &error);
  if (!sidecar)
    return cli_models_failed (file, error);
  char *base = g_path_get_basename (file), *dot = strrchr (base, '.');
  if (dot && dot != base)
    *dot = '\0';
  g_free (sidecar->name);
  sidecar->name = g_strdup (settings->name ? settings->name : base);
  g_free (base);
  char *place = cli_models_place (sidecar->name, &error);
  int code = CLI_DONE;
  if (place && g_file_test (place, G_FILE_TEST_EXISTS))
    g_set_error (&error, IE_ERROR, IE_ERROR_USAGE,
                 _ ("there is a model of that name; imgenhance models remove %s, or --name"), sidecar->name);
  else if (place && write_sidecar (sidecar, place, &error) && !try_it (settings, place, &error))
    g_unlink (place);
  if (error)
    code = cli_models_failed (error->code == IE_ERROR_USAGE ? sidecar->name : file, error);
  g_free (place);
  ie_sidecar_free (sidecar);
  return code;
}

static int
remove_model (const ModelsSettings *settings, const char *name)
{
  GError *error = NULL;
  char *place = cli_models_place (name, &error);
  if (place && !g_file_test (place, G_FILE_TEST_EXISTS)) {
    g_free (place);
    place = cli_models_find (name, &error); /* says what there is */
  } else if (place && g_unlink (place) != 0)
    g_set_error (&error, IE_ERROR, IE_ERROR_PLACE, _ ("cannot be removed: %s"), g_strerror (errno));
  g_free (place);
  return error ? cli_models_failed (name, error) : CLI_DONE;
}

/* ---- the command ---- */

static const struct {
  const char *word;
  int (*run) (const ModelsSettings *settings, const char *about);
} verbs[] = { { "add", add }, { "check", cli_models_check }, { "time", cli_models_time }, { "remove", remove_model } };

static int
run_verb (const ModelsSettings *settings, const GPtrArray *words)
{
  const char *verb = words->len ? words->pdata[0] : "list";
  if (strcmp (verb, "list") == 0 && words->len <= 1)
    return list (settings);
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (verbs[i].word, verb) == 0 && words->len > 1) {
      int code = CLI_DONE;
      for (guint k = 1; k < words->len && cli_stopped () == CLI_STOP_NONE; k++) {
        int one = verbs[i].run (settings, words->pdata[k]);
        code = MAX (code, one);
      }
      return code;
    }
  cli_error (NULL,
             _ ("models takes list, add FILE, check NAME, time NAME or remove NAME; see imgenhance models --help"));
  return CLI_USAGE;
}

static int
run (const CliCommand *command, int argc, char **argv)
{
  ModelsSettings settings = { NULL };
  GPtrArray *words;
  int code;
  if (cli_parse (command, argc, argv, &settings, &words, &code)) {
    code = run_verb (&settings, words);
    g_ptr_array_unref (words);
  }
  if (settings.set)
    g_ptr_array_unref (settings.set);
  return code;
}

static const char *const examples[] = { "imgenhance models", "imgenhance models add dinov2.onnx --preset dinov2-b",
                                        "imgenhance models time dinov2", NULL };

const CliCommand cli_models = {
  .name = "models",
  .arguments = "[list|add FILE|check NAME|time NAME|remove NAME]",
  .summary = N_ ("Keep models of your own, by which pictures are found and named."),
  .description =
      N_ ("A model is an ONNX file and a sidecar, a text that says how pictures are fed to it and what of its outputs "
          "is the "
          "vector. Added ones are known by their name to index, similar and label; the ONNX file stays where it is. A "
          "model is run by ONNX Runtime, in a process of its own with limits on memory and threads.\n\n"
          "add takes an ONNX file with --preset or --set, or a sidecar, or an ONNX file with a sidecar of its name "
          "(.model) beside it. check opens a model and runs it once; time says how long a picture takes, and how much "
          "memory. docs/models.md shows how models are exported from their usual homes."),
  .options = options,
  .examples = examples,
  .run = run,
};
