// SPDX-License-Identifier: GPL-3.0-or-later
/* Surveys: a statistic of the whole picture, gathered rectangle by rectangle.
 *
 * Integer statistics: one a thread, the first thread's being the total, the others merged into it at the end in any order.
 * Floating ones: one a lattice cell, merged in the order of the cells, so that threads and timing cannot change a bit. */
#include "core/engine/internal.h"
#include "core/i18n.h"

#include <string.h>

typedef struct {
  IeStage *stage;
  const IeSurvey *survey;
  gsize size;
  guint8 *total;
  guint8 *parts; /* one a thread but the first or, with cells, one a rectangle of a band; NULL: none */
  int part_count;
  int input; /* which picture is being read */
  guint8 *kept; /* what finish() was given, or NULL */
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
  return (guint64) rounded (survey->size (&stage->step)) * (guint64) (survey->cells ? 1 + cells : threads);
}

static guint8 *
part_of (const Survey *s, int slot, int thread)
{
  if (s->survey->cells)
    return s->parts + (gsize) slot * s->size;
  return thread ? s->parts + (gsize) (thread - 1) * s->size : s->total;
}

static void
survey_tile (IePass *pass, const IePixels *pixels, int slot, IeWork *work, int thread)
{
  Survey *s = pass->data;
  guint8 *part = part_of (s, slot, thread);
  const IeStage *counted = pass->chain->counted;
  if (counted) {
    gsize count = (gsize) pixels->rect.width * (gsize) pixels->rect.height;
    counted->converter->count (counted->converter_state, pixels, s->survey->counts (&s->stage->step, part, count));
    return;
  }
  IeWorkMark mark = ie_work_mark (work);
  s->survey->add (&s->stage->step, part, s->input, pixels, work);
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

/* How many statistics are filled beside the total in this pass. */
static int
parts_of (const IePass *pass, const IeSurvey *survey)
{
  const IeHeader *out = ie_chain_output (pass->chain);
  int columns = (out->width + pass->tile_width - 1) / pass->tile_width;
  int rows = (MIN (pass->band_rows, out->height) + pass->tile_height - 1) / pass->tile_height;
  return survey->cells ? columns * rows : pass->plan->threads - 1;
}

/* One picture into the total. */
static gboolean
add_picture (Survey *s, IePass *pass, GError **error)
{
  pass->tile = survey_tile;
  pass->band = survey_band;
  pass->data = s;
  if (s->parts)
    memset (s->parts, 0, s->size * (gsize) s->part_count);
  gboolean good = ie_pass_run (pass, error);
  for (int i = 0; good && !s->survey->cells && i < s->part_count; i++)
    s->survey->merge (&s->stage->step, s->total, s->parts + (gsize) i * s->size);
  pass->first = FALSE;
  return good;
}

static gboolean
finish (Survey *s, gboolean *again, GError **error)
{
  GError *reason = NULL;
  *again = FALSE;
  if (s->kept)
    memcpy (s->kept, s->total, s->size);
  s->stage->step.tables = s->survey->finish (&s->stage->step, s->total, again, &reason);
  if (reason)
    g_propagate_error (error, reason);
  return !reason;
}

/* The statistic is there: a copy of it, since finish() may change what it is given. */
static gboolean
finish_kept (Survey *s, GError **error)
{
  gboolean again = FALSE;
  s->total = ie_buffer_new (s->size);
  if (!s->total)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for statistics"));
  else
    memcpy (s->total, s->stage->statistic, s->size);
  gboolean good = s->total && finish (s, &again, error);
  ie_buffer_free (s->total);
  return good;
}

gboolean
ie_survey_run (IePass *passes, const int *inputs, int count, IeStage *stage, GError **error)
{
  const IeSurvey *survey = stage->step.filter->survey;
  Survey s = { .stage = stage, .survey = survey, .size = rounded (survey->size (&stage->step)) };
  if (stage->statistic)
    return finish_kept (&s, error);
  for (int i = 0; i < count; i++)
    s.part_count = MAX (s.part_count, parts_of (&passes[i], survey));
  s.total = ie_buffer_new (s.size);
  if (s.part_count)
    s.parts = ie_buffer_new (s.size * (gsize) s.part_count);
  gboolean good = s.total && (s.parts || !s.part_count), again = TRUE;
  if (!good)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for statistics"));
  else
    memset (s.total, 0, s.size);
  if (good && passes[0].plan->options.piecewise)
    s.kept = ie_buffer_new (s.size);
  while (good && again) {
    for (int i = 0; good && i < count; i++) {
      s.input = inputs[i];
      good = add_picture (&s, &passes[i], error);
    }
    good = good && finish (&s, &again, error);
    /* Of several turns the last statistic says nothing about the first. */
    if (good && again && s.kept)
      g_clear_pointer (&s.kept, ie_buffer_free);
  }
  if (good)
    stage->statistic = s.kept;
  else
    ie_buffer_free (s.kept);
  ie_buffer_free (s.total);
  ie_buffer_free (s.parts);
  return good;
}
