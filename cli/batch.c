// SPDX-License-Identifier: GPL-3.0-or-later
/* All pictures of a command, some at a time; what is said of them; the exit code. */
#include <string.h>

#include "cli/apply.h"
#include "cli/interrupt.h"
#include "cli/journal.h"
#include "cli/json.h"
#include "cli/memory.h"
#include "cli/terminal.h"
#include "core/i18n.h"

#define REFRESH_MICROSECONDS (100 * 1000)

/* Shared by the threads; what is not const or atomic is guarded by the lock. */
typedef struct {
  GPtrArray *pictures;
  const CliTask *task;
  gboolean to_stdout; /* the picture itself goes to standard output, so nothing else may */
  gint next;          /* atomic: index of the picture to be taken next */
  GMutex lock;
  GCond changed;
  int workers, finished;
  int counts[3]; /* by CliStatus */
  int wrong;     /* failures that are the recipe's */
  guint64 samples, clipped;
  double running; /* sum of the fractions of the pictures at work */
} Batch;

typedef struct {
  Batch *batch;
  double fraction;
} Running;

static const char *const status_names[] = { "done", "skipped", "failed" };

static double
share (guint64 part, guint64 whole)
{
  return whole > 0 ? (double)part / (double)whole : 0;
}

static void
append_fidelity (GString *out, const IeFidelity *fidelity)
{
  cli_json_key (out, "fidelity");
  cli_json_open (out, '[');
  for (int i = 0; i < ie_fidelity_count (fidelity); i++) {
    IeFidelityNote note = ie_fidelity_get (fidelity, i);
    cli_json_open (out, '{');
    cli_json_key (out, "item");
    cli_json_string (out, note.item);
    cli_json_key (out, "state");
    cli_json_string (out, ie_fidelity_state_name (note.state));
    cli_json_key (out, "note");
    cli_json_string (out, note.note);
    cli_json_close (out, '}');
  }
  cli_json_close (out, ']');
}

static void
print_json (const CliPicture *picture, const CliResult *result)
{
  GString *out = g_string_new (NULL);
  const char *reason = result->error ? result->error->message : result->notes->len > 0 ? result->notes->str : NULL;
  gboolean written = result->status == CLI_STATUS_DONE && !result->plan;
  cli_json_open (out, '{');
  cli_json_key (out, "input");
  cli_json_string (out, picture->input);
  cli_json_key (out, "output");
  cli_json_string (out, picture->output);
  cli_json_key (out, "status");
  cli_json_string (out, status_names[result->status]);
  cli_json_key (out, "reason");
  cli_json_string (out, reason);
  cli_json_key (out, "seconds");
  cli_json_number (out, result->seconds);
  cli_json_key (out, "memory_predicted");
  result->memory > 0 ? cli_json_integer (out, result->memory) : cli_json_null (out);
  cli_json_key (out, "memory_peak");
  cli_json_integer (out, result->peak ? result->peak : cli_memory_peak ());
  cli_json_key (out, "clipped");
  written ? cli_json_number (out, share (result->report.clipped, result->report.samples)) : cli_json_null (out);
  append_fidelity (out, result->fidelity);
  if (result->plan) {
    cli_json_key (out, "plan");
    cli_json_string (out, result->plan);
  }
  cli_json_close (out, '}');
  g_string_append_c (out, '\n');
  cli_print (out->str);
  g_string_free (out, TRUE);
}

static void
print_plan (const CliPicture *picture, const CliResult *result)
{
  char *input = cli_escape (picture->input), *output = cli_escape (picture->output);
  gsize length = strlen (result->plan);
  char *text = g_strdup_printf ("%s -> %s\n%s%s", input, output, result->plan,
                                length > 0 && result->plan[length - 1] == '\n' ? "" : "\n");
  cli_print (text);
  g_free (text);
  g_free (output);
  g_free (input);
}

static void
print_result (const Batch *batch, const CliPicture *picture, const CliResult *result)
{
  const ApplySettings *settings = batch->task->settings;
  gboolean stopped = g_error_matches (result->error, IE_ERROR, IE_ERROR_CANCELLED);
  if (result->error && !stopped) /* a stop is said once, at the end */
    cli_error (picture->input, result->error->message);
  else if (result->notes->len > 0 && result->status == CLI_STATUS_DONE && !settings->quiet && !settings->json)
    cli_error (picture->input, result->notes->str);
  if (settings->json)
    print_json (picture, result);
  else if (result->plan && !settings->quiet)
    print_plan (picture, result);
}

static void
on_progress (gpointer data, double fraction)
{
  Running *running = data;
  g_mutex_lock (&running->batch->lock);
  running->batch->running += fraction - running->fraction;
  running->fraction = fraction;
  g_mutex_unlock (&running->batch->lock);
}

static void
add_result (Batch *batch, const CliResult *result)
{
  batch->counts[result->status]++;
  if (g_error_matches (result->error, IE_ERROR, IE_ERROR_USAGE))
    batch->wrong++;
  if (result->status == CLI_STATUS_DONE) {
    batch->samples += result->report.samples;
    batch->clipped += result->report.clipped;
  }
}

static void
not_run (CliResult *result, const char *why, GError *error)
{
  *result = (CliResult){ .status = error ? CLI_STATUS_FAILED : CLI_STATUS_SKIPPED,
                         .error = error,
                         .notes = g_string_new (why),
                         .fidelity = ie_fidelity_new () };
}

/* Runs the picture unless there is a reason not to. */
static void
run_picture (Batch *batch, CliPicture *picture, Running *running, CliResult *result)
{
  GError *error = NULL;
  if (cli_stopped () != CLI_STOP_NONE)
    not_run (result, _ ("not begun: the batch was stopped"), NULL);
  else if (picture->skip)
    not_run (result, picture->skip, NULL);
  else if (picture->error || cli_record_begin (picture, batch->task, &error))
    cli_picture_run (picture, batch->task, on_progress, running, result);
  else
    not_run (result, error ? "" : _ ("done before"), error);
}

/* Tells the journal. One that cannot be written stops the batch: the results would not be known to the next run. */
static void
record_result (CliPicture *picture, const CliTask *task, const CliResult *result)
{
  GError *error = NULL;
  gboolean told = cli_record_end (picture, task, result, &error);
  if (!told && result->status == CLI_STATUS_DONE) { /* else the line of the failure says what is wrong */
    cli_error (NULL, error->message);
    cli_stop (CLI_STOP_PLACE);
  }
  g_clear_error (&error);
  g_clear_pointer (&picture->record, cli_record_free);
}

static void
do_picture (Batch *batch, CliPicture *picture)
{
  CliResult result;
  Running running = { batch, 0 };
  run_picture (batch, picture, &running, &result);
  if (g_error_matches (result.error, IE_ERROR, IE_ERROR_PLACE))
    cli_stop (CLI_STOP_PLACE);
  record_result (picture, batch->task, &result);
  print_result (batch, picture, &result);
  g_mutex_lock (&batch->lock);
  batch->running -= running.fraction;
  add_result (batch, &result);
  g_cond_signal (&batch->changed);
  g_mutex_unlock (&batch->lock);
  cli_result_clear (&result);
}

static gpointer
work (gpointer data)
{
  Batch *batch = data;
  for (gint i; (i = g_atomic_int_add (&batch->next, 1)) < (gint)batch->pictures->len;)
    do_picture (batch, batch->pictures->pdata[i]);
  g_mutex_lock (&batch->lock);
  batch->finished++;
  g_cond_signal (&batch->changed);
  g_mutex_unlock (&batch->lock);
  return NULL;
}

/* Draws the bar, at once and whenever something changed; the lock is held, and let go meanwhile. */
static void
draw_bar (Batch *batch, gint64 start)
{
  int over = batch->counts[0] + batch->counts[1] + batch->counts[2], total = (int)batch->pictures->len;
  double fraction = (over + batch->running) / total;
  g_mutex_unlock (&batch->lock);
  cli_progress_show (over, total, fraction, (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC);
  g_mutex_lock (&batch->lock);
}

static void
wait_for_workers (Batch *batch, gint64 start)
{
  gboolean bar = batch->pictures->len > 0 && cli_progress_wanted (batch->task->settings);
  g_mutex_lock (&batch->lock);
  do {
    if (bar)
      draw_bar (batch, start);
    if (batch->finished < batch->workers)
      g_cond_wait_until (&batch->changed, &batch->lock, g_get_monotonic_time () + REFRESH_MICROSECONDS);
  } while (batch->finished < batch->workers);
  g_mutex_unlock (&batch->lock);
  if (bar)
    cli_status (NULL);
}

static void
print_summary (const Batch *batch, double seconds)
{
  const ApplySettings *settings = batch->task->settings;
  int done = batch->counts[CLI_STATUS_DONE], skipped = batch->counts[CLI_STATUS_SKIPPED];
  if (settings->quiet || settings->json || settings->dry_run || batch->to_stdout)
    return;
  char *time = cli_fixed (seconds, 1), *clipped = cli_fixed (100 * share (batch->clipped, batch->samples), 2);
  GString *line = g_string_new (NULL);
  const char *text
      = ie_ngettext ("%d picture done in %s s, %d failed", "%d pictures done in %s s, %d failed", (gulong)done);
  g_string_append_printf (line, text, done, time, batch->counts[CLI_STATUS_FAILED]);
  if (skipped > 0)
    g_string_append_printf (line, _ (", %d skipped"), skipped);
  if (batch->samples > 0)
    g_string_append_printf (line, _ (", %s %% of samples newly clipped"), clipped);
  g_string_append_c (line, '\n');
  cli_print (line->str);
  g_string_free (line, TRUE);
  g_free (clipped);
  g_free (time);
}

static int
exit_code (const Batch *batch)
{
  if (cli_stopped () == CLI_STOP_INTERRUPTED) {
    char *reason = g_strdup_printf (_ ("interrupted; %d of %u pictures were done"), batch->counts[CLI_STATUS_DONE],
                                    batch->pictures->len);
    cli_error (NULL, reason);
    g_free (reason);
    return CLI_INTERRUPTED;
  }
  if (cli_stopped () == CLI_STOP_PLACE)
    return CLI_PLACE_FAILED;
  return batch->wrong > 0 ? CLI_USAGE : batch->counts[CLI_STATUS_FAILED] > 0 ? CLI_SOME_FAILED : CLI_DONE;
}

/* Temporary files of runs that were killed, in the folders where this one writes. */
static void
sweep (GPtrArray *pictures)
{
  GHashTable *folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < pictures->len; i++) {
    const CliPicture *picture = pictures->pdata[i];
    char *folder = picture->output && strcmp (picture->output, "-") != 0 ? g_path_get_dirname (picture->output) : NULL;
    if (folder && g_hash_table_add (folders, folder))
      ie_output_sweep (folder);
  }
  g_hash_table_unref (folders);
}

static gboolean
writes_to_stdout (GPtrArray *pictures)
{
  const CliPicture *first = pictures->len == 1 ? pictures->pdata[0] : NULL;
  return first && first->output && strcmp (first->output, "-") == 0;
}

int
cli_batch_run (GPtrArray *pictures, const CliTask *task)
{
  Batch batch = { .pictures = pictures, .task = task, .to_stdout = writes_to_stdout (pictures), .workers = task->jobs };
  GThread **threads = g_new (GThread *, task->jobs);
  gint64 start = g_get_monotonic_time ();
  if (!task->settings->dry_run)
    sweep (pictures);
  g_mutex_init (&batch.lock);
  g_cond_init (&batch.changed);
  for (int i = 0; i < task->jobs; i++)
    threads[i] = g_thread_new ("picture", work, &batch);
  wait_for_workers (&batch, start);
  for (int i = 0; i < task->jobs; i++)
    g_thread_join (threads[i]);
  print_summary (&batch, (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC);
  g_mutex_clear (&batch.lock);
  g_cond_clear (&batch.changed);
  g_free (threads);
  return exit_code (&batch);
}
