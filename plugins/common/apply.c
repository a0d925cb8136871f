// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/apply.h"

#include "core/i18n.h"

#include <unistd.h>

/* Rows of a part that are computed at once: as many as GIMP's tiles are high, twice. */
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
  for (int y = job->only.y; good && y < end; y += PART_ROWS) {
    IeRect part = { job->only.x, y, job->only.width, MIN (PART_ROWS, end - y) };
    good = ie_view_read (view, part, rows, (ptrdiff_t) row, error) &&
           sink->write (sink, part, rows, (ptrdiff_t) row, error);
    if (job->options.progress)
      job->options.progress (job->options.progress_data, (double) (part.y + part.height - job->only.y) / job->only.height);
  }
  return good;
}

gboolean
ie_buffer_apply (const IeBufferJob *job, IeReport *report, GError **error)
{
  IeRect all = ie_rect_whole (&job->kind->header);
  gboolean part = !ie_rect_inside (all, job->only);
  IeRunOptions options = job->options;
  options.piecewise = part;
  if (report)
    *report = (IeReport){ 0 };
  IeSource *source = ie_buffer_source_new (job->in, &job->extent, job->kind);
  IeSink *sink = ie_buffer_sink_new (job->out, &job->extent, job->kind, &job->only);
  IePlan *plan = ie_plan_new (job->recipe, source, &options, error);
  gboolean good = plan && ie_buffer_takes (job->kind, ie_plan_output (plan), error);
  if (good && part) {
    IeView *view = ie_view_new (plan, NULL, error);
    plan = NULL;
    good = view && write_part (job, view, sink, error);
    ie_view_free (view);
  } else if (good) {
    good = ie_plan_run (plan, sink, report, error);
  }
  ie_plan_free (plan);
  ie_sink_free (sink);
  ie_source_free (source);
  return good;
}

guint64
ie_face_memory (void)
{
  long pages = sysconf (_SC_PHYS_PAGES), size = sysconf (_SC_PAGESIZE);
  guint64 physical = pages > 0 && size > 0 ? (guint64) pages * (guint64) size : 0;
  return MAX (physical / 2, (guint64) 1 << 29);
}
