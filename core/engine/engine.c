// SPDX-License-Identifier: GPL-3.0-or-later
/* Runs the passes of a plan. */
#include "core/engine/internal.h"
#include "core/i18n.h"

IeWindow *
ie_running_window (const IeRunning *running)
{
  return running->whole ? ie_whole_window (running->whole)
         : running->spool_window ? running->spool_window
                                 : running->plan->window;
}

/* ---- passes that write rows ---- */

typedef struct {
  IeSink *sink;   /* or */
  IeSpool *spool;
  void *memory;   /* of the whole result, or NULL */
  guint8 *band;
  int band_y;
  ptrdiff_t stride;
  IeHeader header;
} Rows;

static IePixels
place_rows (IePass *pass, IeRect rect)
{
  Rows *rows = pass->data;
  IePixels all = { .data = rows->memory ? rows->memory : rows->band,
                   .stride = rows->stride,
                   .rect = { 0, 0, rows->header.width, rows->header.height },
                   .channels = rows->header.channels,
                   .has_alpha = rows->header.has_alpha,
                   .depth = rows->header.depth };
  if (!rows->memory)
    all.rect.y = rect.y - rect.y % pass->band_rows;
  return ie_pixels_part (&all, rect);
}

static void
rows_tile (IePass *pass, const IePixels *pixels, int slot, IeWork *work, int thread)
{
}

static gboolean
rows_band (IePass *pass, IeRect rect, int slots, GError **error)
{
  Rows *rows = pass->data;
  if (rows->memory)
    return TRUE;
  return rows->sink ? rows->sink->write (rows->sink, rect, rows->band, rows->stride, error)
                    : ie_spool_write (rows->spool, rect, rows->band, rows->stride, error);
}

static gboolean
run_rows (IePass *pass, Rows *rows, GError **error)
{
  rows->header = *ie_chain_output (pass->chain);
  if (!rows->memory) {
    rows->stride = (ptrdiff_t) ((gsize) rows->header.width * (gsize) rows->header.channels * ie_depth_bytes (rows->header.depth));
    rows->band = ie_buffer_new ((gsize) rows->stride * (gsize) MIN (pass->band_rows, rows->header.height));
    if (!rows->band) {
      g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for the rows of the result"));
      return FALSE;
    }
  }
  pass->data = rows;
  pass->place = place_rows;
  pass->tile = rows_tile;
  pass->band = rows_band;
  gboolean good = ie_pass_run (pass, error);
  ie_buffer_free (rows->band);
  return good;
}

static gboolean
run_sink (IeRunning *run, IeSink *sink, IePass *pass, GError **error)
{
  if (sink->begin && !sink->begin (sink, &run->plan->output, error))
    return FALSE;
  Rows rows = { .sink = sink, .memory = sink->memory, .stride = sink->stride };
  gboolean count = run->plan->options.count_clipped;
  pass->count_clipped = count && pass->chain->window == run->plan->window;
  /* Far from the source there is nothing to compare with: what rounding clamps is counted instead. */
  pass->chain->count_clamped = count && !pass->count_clipped;
  return run_rows (pass, &rows, error);
}

static gboolean
run_spool (IeRunning *run, IePass *pass, const IePassPlan *plan, GError **error)
{
  IeSpool *spool = ie_spool_new (ie_chain_output (pass->chain), plan->spool_file, run->plan->options.spool_folder, error);
  if (!spool)
    return FALSE;
  IeSource *source = ie_spool_source (spool);
  Rows rows = { .spool = spool, .memory = (void *) source->memory, .stride = source->stride };
  gboolean direct = rows.memory && ie_pass_copies (pass);
  gboolean good = direct ? ie_pass_copy (pass, rows.memory, rows.stride, error) : run_rows (pass, &rows, error);
  ie_window_free (run->spool_window);
  ie_spool_free (run->spool);
  ie_whole_free (run->whole);
  run->whole = NULL;
  run->spool = spool;
  run->spool_window = ie_window_new (source, TRUE);
  return good;
}

static gboolean
run_whole (IeRunning *run, IePass *pass, IeStage *stage, GError **error)
{
  IeWhole *whole = ie_whole_run (pass, stage, error);
  ie_whole_free (run->whole);
  run->whole = whole;
  return whole != NULL;
}

static IePass
make_pass (IeRunning *run, int number)
{
  IePlan *plan = run->plan;
  const IePassPlan *pass_plan = &g_array_index (plan->passes, IePassPlan, number);
  return (IePass){ .plan = plan, .chain = ie_plan_chain (plan, pass_plan, ie_running_window (run)),
                   .tile_width = pass_plan->tile_width, .tile_height = pass_plan->tile_height,
                   .band_rows = pass_plan->band_rows, .scratch = pass_plan->scratch, .first = number == 0 && !pass_plan->input,
                   .progress_from = (double) number / plan->passes->len,
                   .progress_to = (number + 1.0) / plan->passes->len };
}

/* The passes of one survey from `number` on, one a picture. */
static gboolean
run_survey (IeRunning *run, int number, int count, IeStage *stage, GError **error)
{
  IePass *passes = g_new (IePass, count);
  int *inputs = g_new (int, count);
  for (int i = 0; i < count; i++) {
    passes[i] = make_pass (run, number + i);
    inputs[i] = g_array_index (run->plan->passes, IePassPlan, number + i).input;
  }
  gboolean good = ie_survey_run (passes, inputs, count, stage, error);
  for (int i = 0; i < count; i++)
    ie_chain_free (passes[i].chain);
  g_free (passes);
  g_free (inputs);
  return good;
}

/* How many passes from `number` on belong together: all of a survey. */
static int
passes_at (const IePlan *plan, int number)
{
  const IePassPlan *first = &g_array_index (plan->passes, IePassPlan, number);
  int count = 1;
  while (first->kind == IE_PASS_SURVEY && first[count].kind == IE_PASS_SURVEY && first[count].last == first->last)
    count++; /* the SINK pass is last */
  return count;
}

/* *number: the pass to run; then the next one. */
static gboolean
run_pass (IeRunning *run, int *number, GError **error)
{
  IePlan *plan = run->plan;
  const IePassPlan *pass_plan = &g_array_index (plan->passes, IePassPlan, *number);
  IeStage *stage = &plan->stages[pass_plan->last];
  int here = *number, count = passes_at (plan, here);
  *number += count;
  if (pass_plan->kind == IE_PASS_SURVEY)
    return run_survey (run, here, count, stage, error);
  IePass pass = make_pass (run, here);
  gboolean good = pass_plan->kind == IE_PASS_WHOLE ? run_whole (run, &pass, stage, error)
                                                   : run_spool (run, &pass, pass_plan, error);
  ie_chain_free (pass.chain);
  return good;
}

static void
start_threads (IePlan *plan)
{
  plan->pool = ie_pool_new (plan->threads);
  plan->works = g_new0 (IeWork *, plan->threads);
  plan->tallies = g_new0 (IeTally, plan->threads);
  for (int i = 0; i < plan->threads; i++) {
    plan->works[i] = ie_work_new ();
    plan->works[i]->cancel = plan->options.cancel;
    plan->works[i]->pool = plan->pool;
    plan->works[i]->works = plan->works;
  }
}

static void
stop_threads (IePlan *plan, IeReport *report)
{
  IeReport sum = { .memory = plan->memory };
  const IeHeader *out = &plan->output;
  sum.samples = (guint64) out->width * (guint64) out->height * (guint64) ie_colours (out->channels, out->has_alpha);
  for (int i = 0; i < plan->threads; i++) {
    sum.clipped += plan->tallies[i].clipped;
    sum.out_of_gamut += plan->tallies[i].out_of_gamut;
    sum.nan += plan->tallies[i].nan;
    ie_work_free (plan->works[i]);
  }
  ie_pool_free (plan->pool);
  g_free (plan->works);
  g_free (plan->tallies);
  plan->pool = NULL;
  if (report)
    *report = sum;
}

gboolean
ie_running_begin (IeRunning *running, IePlan *plan, GError **error)
{
  *running = (IeRunning){ .plan = plan };
  start_threads (plan);
  gboolean good = TRUE;
  for (int next = 0; good && next < (int) plan->passes->len - 1;) {
    good = run_pass (running, &next, error);
    /* The passes' buffers differ: what one leaves was not predicted for the next. */
    ie_buffer_trim (plan->memory - g_array_index (plan->passes, IePassPlan, next).memory);
  }
  return good;
}

void
ie_running_end (IeRunning *running, IeReport *report)
{
  ie_window_free (running->spool_window);
  ie_spool_free (running->spool);
  ie_whole_free (running->whole);
  stop_threads (running->plan, report);
}

gboolean
ie_plan_run (IePlan *plan, IeSink *sink, IeReport *report, GError **error)
{
  IeRunning running;
  gboolean good = ie_running_begin (&running, plan, error);
  if (good) {
    IePass pass = make_pass (&running, (int) plan->passes->len - 1);
    good = run_sink (&running, sink, &pass, error);
    ie_chain_free (pass.chain);
  }
  ie_running_end (&running, report);
  return good;
}

gboolean
ie_run (const IeRecipe *recipe, IeSource *source, IeSink *sink, const IeRunOptions *options, IeReport *report,
        GError **error)
{
  IeRunOptions own = options ? *options : (IeRunOptions){ 0 };
  own.result_in_memory = sink->memory != NULL;
  IePlan *plan = ie_plan_new (recipe, source, &own, error);
  gboolean good = plan && ie_plan_run (plan, sink, report, error);
  ie_plan_free (plan);
  return good;
}
