// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/job.h"

#include <unistd.h>

#include "cli/commands.h"
#include "cli/memory.h"
#include "cli/prepare.h"
#include "core/i18n.h"
#include "enhance/reduce.h"

typedef struct {
  const CliJob *job;
  const CliHost *host;
  CliResult *result;
} Running;

/* A mask or another picture that a step names. */
static IeSource *
resolve (gpointer data, const char *text, GError **error)
{
  Running *running = data;
  /* What is lost of a mask is no loss of the picture; a damaged one is an error. */
  IeReadLimits limits = running->job->limits;
  limits.fidelity = NULL;
  limits.salvage = FALSE;
  int fd = running->host->picture (running->host->data, text, error);
  IeSource *source = fd < 0 ? NULL : ie_read_fd (fd, &limits, NULL, error);
  if (!source)
    g_prefix_error (error, _ ("picture %s: "), text);
  return source;
}

static const char *
depth_name (IeDepth depth)
{
  return depth == IE_DEPTH_U8 ? _ ("8 bits") : depth == IE_DEPTH_U16 ? _ ("16 bits") : _ ("float");
}

/* Depth of the output; what is lost by it is noted. */
static IeDepth
choose_depth (const CliJob *job, const IeFormat *format, IeDepth input, CliResult *result)
{
  IeDepth wished = job->depth >= 0 ? (IeDepth)job->depth : input;
  IeDepth depth = ie_format_depth (format, wished);
  if (depth < wished)
    cli_note (result, _ ("written with %s: %s holds no more"), depth_name (depth), format->label);
  return depth;
}

static gboolean
check_fits (const IeHeader *header, const IeFormat *format, GError **error)
{
  if (header->has_alpha && !(format->can & IE_CAN_ALPHA))
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT,
                 _ ("has transparency (alpha), which %s cannot hold; write PNG or TIFF"),
                 format->label);
  else if (header->model == IE_MODEL_LAB && !(format->can & IE_CAN_LAB))
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("is CIELab, which %s cannot hold; write TIFF"), format->label);
  else if (header->model == IE_MODEL_CMYK && !(format->can & IE_CAN_CMYK))
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("is CMYK, which %s cannot hold; write TIFF"), format->label);
  else
    return TRUE;
  return FALSE;
}

/* Whether nothing was lost that had to be kept. */
static gboolean
check_strict (const CliJob *job, const CliResult *result, GError **error)
{
  char *dropped = job->write.strict ? ie_fidelity_lost (result->fidelity) : NULL;
  if (dropped)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, dropped);
  gboolean good = !dropped;
  g_free (dropped);
  return good;
}

/* ---- further pages ---- */

static void
add_report (IeReport *sum, const IeReport *page)
{
  sum->samples += page->samples;
  sum->clipped += page->clipped;
  sum->out_of_gamut += page->out_of_gamut;
  sum->nan += page->nan;
  sum->memory = MAX (sum->memory, page->memory);
}

/* One page after the first: pictures are enhanced, masks copied, reduced ones made from what was written before. */
static gboolean
write_page (Running *running, IeSource *page, IePageKind kind, const IeFormat *format, IeRunOptions run,
            IeFileSink *sink, GError **error)
{
  IeRecipe *nothing = ie_recipe_new ();
  IeReport report = { 0 };
  IeSource *large = NULL, *source = page;
  gboolean good = ie_file_sink_next_page (sink, kind, error);
  if (good && kind == IE_PAGE_REDUCED) {
    large = ie_file_sink_reread (sink, error);
    source = large ? ie_reduced_source_new (large, TRUE, page->header.width, page->header.height, page->header.metadata)
                   : NULL;
    good = source != NULL;
  }
  if (good) {
    run.out_depth = choose_depth (running->job, format, source->header.depth, running->result);
    IePlan *plan = ie_plan_new (kind == IE_PAGE_PICTURE ? running->job->recipe : nothing, source, &run, error);
    good = plan && check_fits (ie_plan_output (plan), format, error) && ie_plan_run (plan, &sink->sink, &report, error);
    ie_plan_free (plan);
    add_report (&running->result->report, &report);
  }
  if (source != page)
    ie_source_free (source);
  ie_recipe_free (nothing);
  return good;
}

static gboolean
write_pages (Running *running, IeSource *first, const IeFormat *input, const IeFormat *format, const IeRunOptions *run,
             IeFileSink *sink, GError **error)
{
  int count = ie_page_count (input, first);
  gboolean good = TRUE;
  if (count > 1 && !ie_file_sink_has_pages (sink)) {
    ie_fidelity_note (running->result->fidelity, IE_ITEM_PAGES, IE_FIDELITY_DROPPED, _ ("%d of %d: %s holds one"),
                      count - 1, count, format->label);
    return TRUE;
  }
  for (int i = 1; good && i < count; i++) {
    IeSource *page = ie_page_open (input, first, i, error);
    good = page && write_page (running, page, ie_page_kind (input, first, i), format, *run, sink, error);
    if (!good)
      g_prefix_error (error, _ ("page %d: "), i + 1);
    ie_source_free (page);
  }
  return good;
}

static gboolean
write_output (Running *running, IeSource *source, const IeFormat *input, const IeFormat *format,
              const IeRunOptions *run, IePlan *plan, GError **error)
{
  IeWriteOptions options = running->job->write;
  options.fidelity = running->result->fidelity;
  if (ie_page_count (input, source) > 1)
    options.page_bytes = ie_page_samples (input, source) * ie_depth_bytes (run->out_depth);
  int fd = running->host->output (running->host->data, error);
  IeFileSink *sink = fd < 0 ? NULL : ie_file_sink_new (fd, format, &options, error);
  gboolean good = sink && ie_plan_run (plan, &sink->sink, &running->result->report, error)
                  && write_pages (running, source, input, format, run, sink, error) && sink->finish (sink, error) && check_strict (running->job, running->result, error);
  if (sink)
    ie_sink_free (&sink->sink);
  return good;
}

static gboolean
enhance (Running *running, IeSource *source, const IeFormat *input, GError **error)
{
  const CliJob *job = running->job;
  CliResult *result = running->result;
  const IeFormat *format = job->format ? job->format : input;
  IeRunOptions run = {
    .threads = job->threads,
    .rect_width = job->rect[0],
    .rect_height = job->rect[1],
    .memory = job->memory,
    .out_depth_set = TRUE,
    .out_depth = choose_depth (job, format, source->header.depth, result),
    .count_clipped = job->count_clipped,
    .dither = job->dither,
    .resolve = resolve,
    .resolve_data = running,
    .progress = running->host->progress,
    .progress_data = running->host->data,
    .cancel = running->host->cancel,
  };
  IePlan *plan = ie_plan_new (job->recipe, source, &run, error);
  if (!plan)
    return FALSE;
  result->memory = cli_memory_program () + ie_plan_memory (plan);
  gboolean good = check_fits (ie_plan_output (plan), format, error);
  if (good && job->dry_run)
    result->plan = ie_plan_describe (plan);
  else if (good)
    good = write_output (running, source, input, format, &run, plan, error);
  ie_plan_free (plan);
  return good;
}

static gboolean
prepare (const CliJob *job, IeSource *source, const CliHost *host, GError **error)
{
  int fd = host->output (host->data, error);
  gboolean good = fd >= 0 && cli_prepare_write (job->name, source, host->cancel, fd, error);
  if (fd >= 0)
    close (fd);
  return good;
}

gboolean
cli_job_run (const CliJob *job, int input, const CliHost *host, CliResult *result, GError **error)
{
  Running running = { job, host, result };
  const IeFormat *format = NULL;
  IeReadLimits limits = job->limits;
  limits.fidelity = result->fidelity;
  if (job->kind == CLI_JOB_PREPARE)
    limits.least_side = cli_prepare_side (job->name);
  cli_memory_program (); /* before the picture is opened */
  IeSource *source = ie_read_fd (input, &limits, &format, error);
  gboolean good = source != NULL;
  if (good && job->kind == CLI_JOB_INFO) {
    GString *text = g_string_new (NULL);
    cli_info_append (text, job->name, format, source, job->json);
    result->plan = g_string_free (text, FALSE);
  } else if (good && job->kind == CLI_JOB_PREPARE)
    good = prepare (job, source, host, error);
  else if (good)
    good = enhance (&running, source, format, error);
  ie_source_free (source);
  result->peak = cli_memory_peak ();
  return good;
}
