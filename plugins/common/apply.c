// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/apply.h"

#include "core/i18n.h"
#include "plugins/common/courier.h"

#include <unistd.h>

/* ---- a whole picture: GIMP's tiles come and go beside the work ---- */

typedef struct {
  const IeBufferJob *job;
  IeCourier *courier;
  IeErrand progress;
  gboolean progressed;
  double fraction;
  /* resolve() */
  const char *text;
  IeSource *picture;
  GError **error;
} Delivery;

static void
show_progress (gpointer data)
{
  Delivery *delivery = data;
  const IeRunOptions *options = &delivery->job->options;
  options->progress (options->progress_data, delivery->fraction);
}

/* Word of it travels with the tiles: libgimp 2.10 has one conversation at a time. */
static void
send_progress (gpointer data, double fraction)
{
  Delivery *delivery = data;
  if (delivery->progressed && !ie_courier_is_back (&delivery->progress))
    return;
  delivery->progressed = TRUE;
  delivery->fraction = fraction;
  delivery->progress = (IeErrand){ show_progress, delivery };
  ie_courier_send (delivery->courier, &delivery->progress);
}

static void
find_picture (gpointer data)
{
  Delivery *delivery = data;
  const IeRunOptions *options = &delivery->job->options;
  delivery->picture = options->resolve (options->resolve_data, delivery->text, delivery->error);
}

static IeSource *
send_for_picture (gpointer data, const char *text, GError **error)
{
  Delivery *delivery = data;
  IeErrand errand = { find_picture, delivery };
  delivery->text = text;
  delivery->error = error;
  ie_courier_send (delivery->courier, &errand);
  ie_courier_wait (delivery->courier, &errand);
  return delivery->picture ? ie_courier_source_new (delivery->courier, delivery->picture) : NULL;
}

static gboolean
apply_to_all (const IeBufferJob *job, IeReport *report, GError **error)
{
  IeRunOptions options = job->options;
  IeSource *source = ie_buffer_source_new (job->in, &job->extent, job->kind);
  IeSink *sink = ie_buffer_sink_new (job->out, &job->extent, job->kind, NULL);
  Delivery delivery = { .job = job, .courier = ie_courier_new () };
  if (delivery.courier) {
    source = ie_courier_source_new (delivery.courier, source);
    sink = ie_courier_sink_new (delivery.courier, sink);
    options.progress = job->options.progress ? send_progress : NULL;
    options.resolve = job->options.resolve ? send_for_picture : NULL;
    options.progress_data = options.resolve_data = &delivery;
  }
  IePlan *plan = ie_plan_new (job->recipe, source, &options, error);
  gboolean good = plan && ie_buffer_takes (job->kind, ie_plan_output (plan), error) && ie_plan_run (plan, sink, report, error);
  ie_courier_stop (delivery.courier);
  if (delivery.courier)
    good = good && ie_courier_sink_good (sink, error);
  ie_plan_free (plan);
  ie_sink_free (sink);
  ie_source_free (source);
  ie_courier_free (delivery.courier);
  return good;
}

/* ---- a part ---- */

/* Rows of a part that are computed at once: whole rows of GIMP's tiles, which are 64 or 128 high. */
#define PART_ROWS 128

static gboolean
write_part (const IeBufferJob *job, IeView *view, IeSink *sink, GError **error)
{
  const IeHeader *header = ie_view_header (view);
  gsize row = (gsize) job->only.width * (gsize) header->channels * ie_depth_bytes (header->depth);
  g_autofree void *rows = g_try_malloc (row * PART_ROWS);
  if (!rows) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for the rows of the result"));
    return FALSE;
  }
  gboolean good = sink->begin (sink, header, error);
  int end = job->only.y + job->only.height;
  for (int y = job->only.y, rows_here; good && y < end; y += rows_here) {
    rows_here = MIN (PART_ROWS - y % PART_ROWS, end - y);
    IeRect part = { job->only.x, y, job->only.width, rows_here };
    good = ie_view_read (view, part, rows, (ptrdiff_t) row, error) &&
           sink->write (sink, part, rows, (ptrdiff_t) row, error);
    if (job->options.progress)
      job->options.progress (job->options.progress_data, (double) (part.y + part.height - job->only.y) / job->only.height);
  }
  return good;
}

static gboolean
apply_to_part (const IeBufferJob *job, GError **error)
{
  IeRunOptions options = job->options;
  options.piecewise = TRUE;
  IeSource *source = ie_buffer_source_new (job->in, &job->extent, job->kind);
  IeSink *sink = ie_buffer_sink_new (job->out, &job->extent, job->kind, &job->only);
  IePlan *plan = ie_plan_new (job->recipe, source, &options, error);
  IeView *view = NULL;
  if (plan && ie_buffer_takes (job->kind, ie_plan_output (plan), error)) {
    view = ie_view_new (plan, NULL, error);
    plan = NULL;
  }
  gboolean good = view && write_part (job, view, sink, error);
  ie_view_free (view);
  ie_plan_free (plan);
  ie_sink_free (sink);
  ie_source_free (source);
  return good;
}

gboolean
ie_buffer_apply (const IeBufferJob *job, IeReport *report, GError **error)
{
  if (report)
    *report = (IeReport){ 0 };
  gboolean all = ie_rect_inside (ie_rect_whole (&job->kind->header), job->only);
  return all ? apply_to_all (job, report, error) : apply_to_part (job, error);
}

guint64
ie_face_memory (void)
{
  long pages = sysconf (_SC_PHYS_PAGES), size = sysconf (_SC_PAGESIZE);
  guint64 physical = pages > 0 && size > 0 ? (guint64) pages * (guint64) size : 0;
  return MAX (physical / 2, (guint64) 1 << 29);
}
