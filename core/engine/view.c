// SPDX-License-Identifier: GPL-3.0-or-later
/* A result of which any rectangle can be asked for: the passes before the last have run, the last one runs piece by piece. */
#include <string.h>

#include "core/engine/internal.h"
#include "core/i18n.h"

struct IeView {
  IePlan *plan;
  IeRunning running;
  IeChain *chain;
  int tile_width, tile_height;
};

typedef struct {
  IeView *view;
  IePixels into;
  int columns;
  gint failed; /* atomic: no memory */
} Piece;

/* ---- statistics of an earlier view ---- */

static gboolean
same_value (const IeStage *a, const IeStage *b, int i)
{
  g_autofree char *one = ie_params_text (a->step.params, i);
  g_autofree char *other = ie_params_text (b->step.params, i);
  return strcmp (one, other) == 0;
}

/* Whether two steps do the same to the same picture. */
static gboolean
same_stage (const IeStage *a, const IeStage *b)
{
  gboolean same = a->step.filter == b->step.filter && a->mix == b->mix && !a->mask && !b->mask;
  for (int i = 0; same && i < a->step.params->count; i++)
    same = same_value (a, b, i);
  return same;
}

static gboolean
same_statistic (const IeStage *a, const IeStage *b)
{
  const IeSurvey *survey = a->step.filter->survey;
  gboolean same = a->step.filter == b->step.filter && a->space == b->space;
  for (int i = 0; same && i < a->step.params->count; i++) {
    const IeParam *param = &a->step.params->params[i];
    if (g_strv_contains (survey->depends, param->id) || param->type == IE_PARAM_IMAGE)
      same = same_value (a, b, i);
  }
  return same;
}

static void
take_statistics (IePlan *plan, IePlan *previous)
{
  for (int i = 0; i < MIN (plan->stage_count, previous->stage_count); i++) {
    IeStage *stage = &plan->stages[i], *before = &previous->stages[i];
    if (stage->step.filter->survey && same_statistic (stage, before)) {
      stage->statistic = before->statistic;
      before->statistic = NULL;
    }
    if (!same_stage (stage, before))
      break;
  }
}

/* ---- the view ---- */

/* Further pictures are read whole: nobody knows which rectangle comes next. */
static gboolean
require_whole (IeWindow *window, IeRect need, gpointer data, GError **error)
{
  return ie_window_restart (window, error) && ie_window_require (window, 0, window->header.height, error);
}

IeView *
ie_view_new (IePlan *plan, IeView *previous, GError **error)
{
  IeView *view = g_new0 (IeView, 1);
  const IePassPlan *last = &g_array_index (plan->passes, IePassPlan, plan->passes->len - 1);
  view->plan = plan;
  view->tile_width = last->tile_width;
  view->tile_height = last->tile_height;
  if (previous)
    take_statistics (plan, previous->plan);
  gboolean good = ie_running_begin (&view->running, plan, error);
  if (good) {
    IeWindow *window = ie_running_window (&view->running);
    view->chain = ie_plan_chain (plan, last, window);
    if (ie_window_streams (window) && !window->source->random) {
      g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("only its rows from top to bottom can be read"));
      good = FALSE;
    }
  }
  good = good && ie_window_restart (view->chain->window, error) &&
         ie_chain_other_windows (view->chain, ie_rect_whole (&plan->output), require_whole, NULL, error) &&
         ie_chain_prepare (view->chain, plan->works[0], error);
  if (good)
    return view;
  ie_view_free (view);
  return NULL;
}

static void
run_tile (gpointer data, int i, int thread)
{
  Piece *piece = data;
  IeView *view = piece->view;
  IeRect all = piece->into.rect;
  IeRect rect = { all.x + i % piece->columns * view->tile_width, all.y + i / piece->columns * view->tile_height,
                  view->tile_width, view->tile_height };
  IePixels into = ie_pixels_part (&piece->into, ie_rect_intersect (rect, all));
  IeWork *work = view->plan->works[thread];
  if (g_atomic_int_get (&piece->failed) || ie_work_cancelled (work))
    return;
  IeTally tally = { 0 };
  IeWorkMark mark = ie_work_mark (work);
  if (!ie_chain_compute (view->chain, work, into.rect, &into, NULL, &tally))
    g_atomic_int_set (&piece->failed, 1);
  ie_work_release (work, mark);
}

IeRect
ie_view_need (const IeView *view, IeRect rect)
{
  const IeWindow *window = view->chain->window;
  if (window != view->plan->window || rect.width <= 0 || rect.height <= 0)
    return ie_rect_whole (&view->plan->window->header);
  g_autofree IeOpRects *rects = g_new (IeOpRects, view->chain->count);
  ie_chain_rects (view->chain, rect, rects);
  return rects[0].need;
}

gboolean
ie_view_read (IeView *view, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  const IeHeader *out = &view->plan->output;
  IeWindow *window = view->chain->window;
  g_return_val_if_fail (ie_rect_inside (rect, ie_rect_whole (out)), FALSE);
  if (rect.width <= 0 || rect.height <= 0)
    return TRUE;
  if (ie_window_streams (window)) {
    IeOpRects *rects = g_new (IeOpRects, view->chain->count);
    ie_chain_rects (view->chain, rect, rects);
    gboolean loaded = ie_window_load_block (window, rects[0].need, error);
    g_free (rects);
    if (!loaded)
      return FALSE;
  }
  Piece piece = { .view = view,
                  .into = { .data = data, .stride = stride, .rect = rect, .channels = out->channels,
                            .has_alpha = out->has_alpha, .depth = out->depth },
                  .columns = (rect.width + view->tile_width - 1) / view->tile_width };
  int rows = (rect.height + view->tile_height - 1) / view->tile_height;
  ie_pool_run (view->plan->pool, rows * piece.columns, run_tile, &piece);
  ie_window_drop (window);
  if (ie_work_cancelled (view->plan->works[0]))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("interrupted"));
  else if (piece.failed)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("the system has no memory left for a rectangle"));
  else
    return TRUE;
  return FALSE;
}

const IeHeader *
ie_view_header (const IeView *view)
{
  return &view->plan->output;
}

void
ie_view_free (IeView *view)
{
  if (!view)
    return;
  if (view->chain)
    ie_chain_free (view->chain);
  ie_running_end (&view->running, NULL);
  ie_plan_free (view->plan);
  g_free (view);
}
