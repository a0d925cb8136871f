// SPDX-License-Identifier: GPL-3.0-or-later
/* Whether a model works, and how fast. */
#include <stdlib.h>
#include <sys/resource.h>

#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/models-command.h"
#include "cli/terminal.h"

#define LEAST_RUNS 5
#define MOST_RUNS 200
#define LONGEST (5 * G_USEC_PER_SEC) /* of all runs */

/* A picture without meaning: not uniform, so that nothing in a model becomes 0 / 0. */
static guint8 *
some_pixels (const IePrepare *prepare)
{
  gsize bytes = ie_prepare_bytes (prepare);
  guint8 *pixels = g_malloc (bytes);
  for (gsize i = 0; i < bytes; i++)
    pixels[i] = (guint8) ((i * 2654435761u) >> 13);
  return pixels;
}

int
cli_models_check (const ModelsSettings *settings, const char *name)
{
  GError *error = NULL;
  ie_model_set_runtime (settings->model.runtime);
  char *path = cli_models_find (name, &error), *runtime = path ? ie_model_runtime (&error) : NULL;
  IeNetwork *network = runtime ? cli_models_open (&settings->model, name, &error) : NULL;
  const IeModelInfo *info = network ? ie_model_info (network) : NULL;
  guint8 *pixels = info ? some_pixels (&info->prepare) : NULL;
  float *vector = info ? g_new (float, info->dimensions) : NULL;
  gboolean good = info && ie_model_run (network, pixels, vector, &error) &&
                  (!info->text || ie_model_run_text (network, "a photograph", vector, &error));
  if (good) {
    GString *out = g_string_new (NULL);
    char *prepare = ie_prepare_text (&info->prepare);
    if (settings->json) {
      cli_json_open (out, '{');
      const char *const rows[][2] = {
        { "name", info->name }, { "id", info->id }, { "runtime", runtime }, { "prepare", prepare }
      };
      for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        cli_json_key (out, rows[i][0]);
        cli_json_string (out, rows[i][1]);
      }
      cli_json_key (out, "dimensions");
      cli_json_integer (out, (guint64) info->dimensions);
      cli_json_key (out, "text");
      cli_json_bool (out, info->text);
      cli_json_close (out, '}');
      g_string_append_c (out, '\n');
    } else
      g_string_append_printf (out, _ ("%s: works, %d numbers a picture%s; %s\n"), info->name, info->dimensions,
                              info->text ? _ (", texts too") : "", runtime);
    cli_print (out->str);
    g_string_free (out, TRUE);
    g_free (prepare);
  }
  g_free (pixels);
  g_free (vector);
  g_free (runtime);
  g_free (path);
  ie_model_free (network);
  return good ? CLI_DONE : cli_models_failed (name, error);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;
  return x < y ? -1 : x > y;
}

/* The median of some runs, microseconds; -1 and error. */
static gint64
median_time (IeNetwork *network, const guint8 *pixels, float *vector, GError **error)
{
  gint64 times[MOST_RUNS], began = g_get_monotonic_time ();
  int runs = 0;
  if (!ie_model_run (network, pixels, vector, error)) /* the first one warms up */
    return -1;
  while (runs < MOST_RUNS && (runs < LEAST_RUNS || g_get_monotonic_time () - began < LONGEST) &&
         cli_stopped () == CLI_STOP_NONE) {
    gint64 at = g_get_monotonic_time ();
    if (!ie_model_run (network, pixels, vector, error))
      return -1;
    times[runs++] = g_get_monotonic_time () - at;
  }
  qsort (times, (gsize) runs, sizeof *times, compare_times);
  return runs ? times[runs / 2] : 0;
}

int
cli_models_time (const ModelsSettings *settings, const char *name)
{
  GError *error = NULL;
  gint64 began = g_get_monotonic_time ();
  IeNetwork *network = cli_models_open (&settings->model, name, &error);
  if (!network)
    return cli_models_failed (name, error);
  double opened = (double) (g_get_monotonic_time () - began) / 1e6;
  const IeModelInfo *info = ie_model_info (network);
  guint8 *pixels = some_pixels (&info->prepare);
  float *vector = g_new (float, info->dimensions);
  gint64 time = median_time (network, pixels, vector, &error);
  int threads = settings->model.threads ? settings->model.threads : (int) g_get_num_processors ();
  ie_model_free (network);
  g_free (pixels);
  g_free (vector);
  if (time < 0)
    return cli_models_failed (name, error);
  struct rusage used = { 0 };
  getrusage (RUSAGE_CHILDREN, &used); /* of the largest of the processes that ended: the model's */
  char *seconds = cli_number (opened), *milliseconds = cli_number ((double) time / 1e3),
       *memory = cli_bytes ((guint64) used.ru_maxrss << 10);
  GString *out = g_string_new (NULL);
  if (settings->json) {
    cli_json_open (out, '{');
    cli_json_key (out, "threads");
    cli_json_integer (out, (guint64) threads);
    cli_json_key (out, "open_seconds");
    cli_json_number (out, opened);
    cli_json_key (out, "picture_milliseconds");
    cli_json_number (out, (double) time / 1e3);
    cli_json_key (out, "memory");
    cli_json_integer (out, (guint64) used.ru_maxrss << 10);
    cli_json_close (out, '}');
    g_string_append_c (out, '\n');
  } else
    g_string_append_printf (out,
                            ie_ngettext ("%s ms a picture with %d thread, opened in %s s, %s of memory\n",
                                         "%s ms a picture with %d threads, opened in %s s, %s of memory\n",
                                         (gulong) threads),
                            milliseconds, threads, seconds, memory);
  cli_print (out->str);
  g_string_free (out, TRUE);
  g_free (seconds);
  g_free (milliseconds);
  g_free (memory);
  return cli_stopped () == CLI_STOP_NONE ? CLI_DONE : CLI_INTERRUPTED;
}
