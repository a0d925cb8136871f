// SPDX-License-Identifier: GPL-3.0-or-later
/* Surveys: a statistic of the whole picture, gathered rectangle by rectangle.
 *
 * Integer statistics: one a thread, merged at the end in any order. Floating ones: one a lattice cell, merged in the order
 * of the cells, so that threads and timing cannot change a bit. */
#include "core/engine/internal.h"

#include <string.h>

typedef struct {
  IeStage *stage;
  const IeSurvey *survey;
  gsize size;
  guint8 *total;
  guint8 *parts; /* one a thread or, with cells, one a rectangle of a band */
  int part_count;
} Survey;

static gsize
rounded (gsize size)
{
  return (size + 63) & ~(gsize) 63;
}

guint64
ie_survey_bytes (const IeStage *stage, int threads, int cells)
{
  const IeSurvey *survey = stage->step.filter->survey;
  return (guint64) rounded (survey->size (&stage->step)) * (guint64) (1 + (survey->cells ? cells : threads));
}

static void
survey_tile (IePass *pass, const IePixels *pixels, int slot, IeWork *work, int thread)
{
  Survey *s = pass->data;
  guint8 *part = s->parts + (gsize) (s->survey->cells ? slot : thread) * s->size;
  IeWorkMark mark = ie_work_mark (work);
  s->survey->add (&s->stage->step, part, 0, pixels, work);
  ie_work_release (work, mark);
}

static gboolean
survey_band (IePass *pass, IeRect rect, int slots, GError **error)
{
  Survey *s = pass->data;
  for (int i = 0; s->survey->cells && i < slots; i++) {
    s->survey->merge (&s->stage->step, s->total, s->parts + (gsize) i * s->size);
    memset (s->parts + (gsize) i * s->size, 0, s->size);
  }
  return TRUE;
}

gboolean
ie_survey_run (IePass *pass, IeStage *stage, GError **error)
{
  const IeSurvey *survey = stage->step.filter->survey;
  const IeHeader *out = ie_chain_output (pass->chain);
  int columns = (out->width + pass->tile_width - 1) / pass->tile_width;
  int rows = (MIN (pass->band_rows, out->height) + pass->tile_height - 1) / pass->tile_height;
  Survey s = { .stage = stage, .survey = survey, .size = rounded (survey->size (&stage->step)) };
  s.part_count = survey->cells ? columns * rows : pass->plan->threads;
  s.total = ie_buffer_new (s.size);
  s.parts = ie_buffer_new (s.size * (gsize) s.part_count);
  gboolean good = s.total && s.parts, again = TRUE;
  if (!good)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, "no memory for statistics");
  else
    memset (s.total, 0, s.size);
  pass->tile = survey_tile;
  pass->band = survey_band;
  pass->data = &s;
  while (good && again) {
    again = FALSE;
    memset (s.parts, 0, s.size * (gsize) s.part_count);
    good = ie_pass_run (pass, error);
    for (int i = 0; good && !survey->cells && i < s.part_count; i++)
      survey->merge (&stage->step, s.total, s.parts + (gsize) i * s.size);
    if (good) {
      GError *reason = NULL;
      stage->step.tables = survey->finish (&stage->step, s.total, &again, &reason);
      if (reason) {
        g_propagate_error (error, reason);
        good = FALSE;
      }
    }
    pass->first = FALSE;
  }
  stage->surveyed = good;
  ie_buffer_free (s.total);
  ie_buffer_free (s.parts);
  return good;
}
