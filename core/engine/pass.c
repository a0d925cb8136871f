// SPDX-License-Identifier: GPL-3.0-or-later
/* One pass over a picture: band by band, each band's rectangles on all threads, into a consumer. */
#include "core/engine/internal.h"
#include "core/i18n.h"

/* Columns made apart at the left and right edges: whole lines of the cache at every depth, and little is read beside them by
 * windows that reach no more than EDGE_REACH, both sides together. */
#define EDGE 64
#define EDGE_REACH 8

typedef struct {
  IePass *pass;
  IeRect band;
  int columns;
  gint failed; /* atomic: no memory */
} Band;

static guint64
count_clipped (const IePixels *source, const IePixels *result, IeWork *work)
{
  const IeConvertKernels *convert = ie_convert ();
  IePixels same = *source;
  guint64 count = 0;
  if (source->depth != result->depth) {
    same.depth = result->depth;
    same.stride = (ptrdiff_t) ((gsize) result->rect.width * (gsize) result->channels * ie_depth_bytes (result->depth));
    same.data = ie_work_alloc (work, (gsize) same.stride * (gsize) result->rect.height);
    if (!same.data)
      return 0;
    ie_convert_pixels (source, &same);
  }
  gsize n = (gsize) result->rect.width * (gsize) result->channels;
  for (int y = 0; y < result->rect.height; y++) {
    const void *a = (const char *) same.data + y * same.stride, *b = (const char *) result->data + y * result->stride;
    count += result->depth == IE_DEPTH_U8    ? convert->newly_clipped_u8 (a, b, n)
             : result->depth == IE_DEPTH_U16 ? convert->newly_clipped_u16 (a, b, n)
                                             : convert->newly_clipped_float (a, b, n);
  }
  return count;
}

static void
report_progress (IePass *pass, double done)
{
  IePlan *plan = pass->plan;
  gint64 now = g_get_monotonic_time ();
  if (!plan->options.progress || now < plan->next_progress)
    return;
  plan->next_progress = now + 50 * 1000;
  plan->options.progress (plan->options.progress_data,
                          pass->progress_from + (pass->progress_to - pass->progress_from) * done);
}

/* Whether the chain is one filter with a small window that makes `rect` of pixels which are read where they lie. Filters
 * that work in stretches of their own want long rows: a box of 21 x 21 lost a tenth by being split. */
static gboolean
reads_in_place (const IeChain *chain, IeRect rect)
{
  if (chain->window->fill || chain->count != 2 || chain->ops[1].kind != IE_OP_APPLY ||
      (chain->ops[1].stage->step.filter->flags & IE_LOOKS_FOR_NAN))
    return FALSE;
  IeOpRects rects[2];
  ie_chain_rects (chain, rect, rects);
  return ie_rect_inside (rects[0].want, rects[0].need) && rects[0].want.width - rect.width <= EDGE_REACH;
}

/* A rectangle at the left or right edge is copied for the sake of what lies beyond the edge. The pixels near the edge are
 * made apart from the others, so that these are not copied too. */
static gboolean
compute_tile (const IePass *pass, IeWork *work, IeRect rect, IePixels *result, IePixels *source, IeTally *tally)
{
  const IeChain *chain = pass->chain;
  int left = rect.x == 0 ? EDGE : 0, right = rect.x + rect.width == ie_chain_output (chain)->width ? EDGE : 0;
  IeRect middle = { rect.x + left, rect.y, rect.width - left - right, rect.height };
  if (!(left || right) || middle.width < EDGE || !result->data || pass->count_clipped || !reads_in_place (chain, middle))
    return ie_chain_compute (chain, work, rect, result, source, tally);
  IeRect parts[] = { { rect.x, rect.y, left, rect.height },
                     middle,
                     { rect.x + rect.width - right, rect.y, right, rect.height } };
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++) {
    if (!parts[i].width)
      continue;
    IePixels part = ie_pixels_part (result, parts[i]);
    IeWorkMark mark = ie_work_mark (work);
    gboolean good = ie_chain_compute (chain, work, parts[i], &part, source, tally);
    ie_work_release (work, mark);
    if (!good)
      return FALSE;
  }
  source->data = NULL;
  return TRUE;
}

static void
run_tile (gpointer data, int i, int thread)
{
  Band *band = data;
  IePass *pass = band->pass;
  IeWork *work = pass->plan->works[thread];
  if (g_atomic_int_get (&band->failed) || ie_work_cancelled (work))
    return;
  IeRect rect = { (i % band->columns) * pass->tile_width, band->band.y + (i / band->columns) * pass->tile_height,
                  pass->tile_width, pass->tile_height };
  rect = ie_rect_intersect (rect, band->band);
  IePixels result = { .data = NULL }, source;
  if (pass->place)
    result = pass->place (pass, rect);
  IeTally tally = { 0 };
  IeWorkMark mark = ie_work_mark (work);
  if (compute_tile (pass, work, rect, &result, &source, &tally)) {
    if (pass->count_clipped && source.data)
      tally.clipped = count_clipped (&source, &result, work);
    pass->tile (pass, &result, i, work, thread);
    IeTally *sum = &pass->plan->tallies[thread];
    sum->nan += pass->first ? tally.nan : 0;
    sum->out_of_gamut += pass->count_clipped ? tally.out_of_gamut : 0;
    sum->clipped += tally.clipped;
  } else {
    g_atomic_int_set (&band->failed, 1);
  }
  ie_work_release (work, mark);
  if (thread == 0) {
    const IeHeader *out = ie_chain_output (pass->chain);
    report_progress (pass, (double) rect.y / out->height +
                               (double) rect.height / out->height * (rect.x + rect.width) / out->width);
  }
}

static gboolean
restart_window (IeWindow *window, IeRect need, gpointer data, GError **error)
{
  return ie_window_restart (window, error);
}

static gboolean
require_rows (IeWindow *window, IeRect need, gpointer data, GError **error)
{
  return ie_window_require (window, need.y, need.y + need.height, error);
}

static gboolean
drop_rows (IeWindow *window, IeRect need, gpointer data, GError **error)
{
  ie_window_drop (window);
  return TRUE;
}

static gboolean
run_bands (IePass *pass, GError **error)
{
  IePlan *plan = pass->plan;
  const IeHeader *out = ie_chain_output (pass->chain);
  if (!ie_window_restart (pass->chain->window, error) ||
      !ie_chain_other_windows (pass->chain, ie_rect_whole (out), restart_window, NULL, error))
    return FALSE;
  if (!ie_chain_prepare (pass->chain, plan->works[0], error))
    return FALSE;
  /* A band in the middle needs more rows than the first. */
  int from, until, height = MIN (pass->band_rows, out->height);
  ie_chain_source_rows (pass->chain, (IeRect){ 0, (out->height - height) / 2, out->width, height }, &from, &until);
  /* One piece of scratch a thread, instead of pieces that grow. */
  for (int i = 0; i < plan->threads; i++)
    ie_work_reserve (plan->works[i], pass->scratch);
  if (!ie_window_reserve (pass->chain->window, until - from, error))
    return FALSE;
  Band band = { .pass = pass, .columns = (out->width + pass->tile_width - 1) / pass->tile_width };
  for (int y = 0; y < out->height; y += pass->band_rows) {
    band.band = (IeRect){ 0, y, out->width, MIN (pass->band_rows, out->height - y) };
    int y0, y1, rows = (band.band.height + pass->tile_height - 1) / pass->tile_height;
    ie_chain_source_rows (pass->chain, band.band, &y0, &y1);
    if (!ie_window_require (pass->chain->window, y0, y1, error) ||
        !ie_chain_other_windows (pass->chain, band.band, require_rows, NULL, error))
      return FALSE;
    ie_pool_run (plan->pool, rows * band.columns, run_tile, &band);
    if (ie_work_cancelled (plan->works[0])) {
      g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("interrupted"));
      return FALSE;
    }
    if (band.failed) {
      g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("the system has no memory left for a rectangle"));
      return FALSE;
    }
    if (pass->band && !pass->band (pass, band.band, rows * band.columns, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
ie_pass_run (IePass *pass, GError **error)
{
  gboolean good = run_bands (pass, error);
  /* The next pass was predicted without these rows. */
  ie_window_drop (pass->chain->window);
  ie_chain_other_windows (pass->chain, ie_rect_whole (ie_chain_output (pass->chain)), drop_rows, NULL, NULL);
  return good;
}

/* Rows at a time: enough for any block of a JPEG, few enough to hear of a stop. */
#define COPIED_ROWS 64

gboolean
ie_pass_copies (const IePass *pass)
{
  const IeWindow *window = pass->chain->window;
  return pass->chain->count == 1 && ie_window_streams (window) && window->header.depth != IE_DEPTH_FLOAT;
}

gboolean
ie_pass_copy (IePass *pass, void *memory, ptrdiff_t stride, GError **error)
{
  IeWindow *window = pass->chain->window;
  int height = window->header.height;
  gboolean good = ie_window_restart (window, error);
  for (int y = 0; good && y < height; y += COPIED_ROWS) {
    good = ie_window_read_on (window, MIN (COPIED_ROWS, height - y), (char *) memory + y * stride, stride, error);
    if (good && ie_work_cancelled (pass->plan->works[0])) {
      g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("interrupted"));
      good = FALSE;
    }
    report_progress (pass, (double) y / height);
  }
  ie_window_drop (window);
  return good;
}
