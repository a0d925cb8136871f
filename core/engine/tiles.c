// SPDX-License-Identifier: GPL-3.0-or-later
/* The size of the rectangles and bands of a pass: the fastest that fits the memory limit.
 *
 * Costs are rough constants, measured on one machine; only their ratios matter. */
#include "core/engine/internal.h"
#include "core/i18n.h"

/* What a rectangle touches should stay in the second-level cache, or little of it in the third: larger ones compute less
 * beyond their edges. */
#define CACHE_GOOD (1u << 20)
#define CACHE_FAIR (2u << 20)
#define CACHE_POOR (8u << 20)
/* Fixed costs of a rectangle and of each of its rows, in samples of simple work: measured with rectangles of 128 to 6000
 * by 8 to 512 pixels, where 512 to 1024 by 32 to 64 were fastest for most filters. */
#define TILE_COST 4000.0
#define ROW_COST 200.0
/* Less scratch than this is no picture, only what every rectangle takes. */
#define STREAMING 4096
/* What such a pass pays for rows that are cut: the processor's prefetcher begins anew in each piece. */
#define CUT_ROWS 1.15
/* A filter that reads its input once, in stretches of columns of its own, needs no narrow rectangles: full rows, although
 * they are copied for the sake of the border, take each page of memory once. Measured with 32 to 256 rows of 256 to 6000
 * pixels, 8 bits to float, box and Gaussian: more rows than 64, or than twice what the filter reaches, or more bytes of
 * all threads than part of the last cache holds, lost up to a third. */
#define OWN_ROWS 64
#define OWN_BYTES (12u << 20)
#define OWN_SCRATCH (1u << 20)
#define OWN_PENALTY 1.3
/* A band that streams in and out should stay in a cache too, and its buffers should take few fresh pages, which cost as
 * much as a copy: up to STREAM_PENALTY samples of simple work a sample for one of 16 times STREAM_GOOD and more. */
#define STREAM_GOOD (4u << 20)
#define STREAM_PENALTY 0.2
/* Rectangles larger than this, or than twice what a filter reaches, gain nothing. */
#define WIDEST 8192
#define HIGHEST 512

typedef struct {
  int width, height, band_rows;
  guint64 bytes;
  gsize scratch; /* of them, of each thread */
  double cost;
} Tiles;

static guint64
window_bytes (const IeWindow *window, int rows)
{
  return ie_window_streams (window) ? (guint64) window->stride * (guint64) MIN (rows, window->header.height) : 0;
}

static gboolean
add_window (IeWindow *window, IeRect need, gpointer data, GError **error)
{
  *(guint64 *) data += window_bytes (window, need.height);
  return TRUE;
}

static double
cache_penalty (double bytes)
{
  if (bytes <= CACHE_POOR)
    return bytes <= CACHE_GOOD ? 1 : bytes <= CACHE_FAIR ? 1.02 : 1.3;
  double penalty = 1.5;
  for (; bytes > CACHE_POOR; bytes /= 2)
    penalty += 0.1;
  return penalty;
}

static double
stream_penalty (guint64 bytes)
{
  double penalty = 0;
  for (; bytes > STREAM_GOOD && penalty < STREAM_PENALTY; bytes /= 2)
    penalty += STREAM_PENALTY / 4;
  return penalty;
}

/* Whether the chain is one filter that works in stretches of its own: those that look for NaN as they read. */
static gboolean
works_in_stretches (const IeChain *chain, IeRect out)
{
  if (chain->count != 2 || chain->ops[1].kind != IE_OP_APPLY)
    return FALSE;
  const IeStep *step = &chain->ops[1].stage->step;
  return (step->filter->flags & IE_LOOKS_FOR_NAN) && step->filter->memory &&
         step->filter->memory (step, out, chain->ops[1].header.depth) <= OWN_SCRATCH;
}

/* Bytes and cost of one size of rectangle. */
static void
judge (const IeTiling *tiling, int reach, Tiles *t)
{
  const IeHeader *out = ie_chain_output (tiling->chain), *in = &tiling->chain->ops[0].header;
  int columns = (out->width + t->width - 1) / t->width, threads = tiling->plan->threads;
  int rows = tiling->whole_bands ? (out->height + t->height - 1) / t->height : 1;
  if (!tiling->whole_bands) /* enough rectangles in a band for all threads */
    while (columns * rows < 3 * threads && rows * t->height < out->height && rows < 8)
      rows++;
  t->band_rows = MIN (rows * t->height, out->height);
  IeRect middle = { (out->width - t->width) / 2, (out->height - t->height) / 2, t->width, t->height };
  IeRect corner = { 0, 0, t->width, t->height }, end = { out->width - t->width, out->height - t->height, t->width, t->height };
  double samples;
  gsize scratch = ie_chain_bytes (tiling->chain, middle, tiling->result_pixel == 0 && !tiling->into_memory, &samples);
  gsize at_edge = MAX (ie_chain_bytes (tiling->chain, corner, tiling->result_pixel == 0 && !tiling->into_memory, NULL),
                       ie_chain_bytes (tiling->chain, end, tiling->result_pixel == 0 && !tiling->into_memory, NULL));
  IeRect band = { 0, (out->height - t->band_rows) / 2, out->width, t->band_rows };
  int y0, y1;
  ie_chain_source_rows (tiling->chain, band, &y0, &y1);
  gsize aside = tiling->plan->options.count_clipped && in->depth != out->depth
                    ? (gsize) t->width * (gsize) t->height * (gsize) out->channels * ie_depth_bytes (out->depth)
                    : 0;
  t->scratch = MAX (scratch, at_edge) + aside;
  guint64 others = 0;
  ie_chain_other_windows (tiling->chain, band, add_window, &others, NULL);
  guint64 streamed = window_bytes (tiling->chain->window, y1 - y0) + others +
                     (guint64) tiling->result_pixel * (guint64) out->width * (guint64) t->band_rows;
  t->bytes = tiling->fixed + t->scratch * (guint64) threads + streamed + ie_chain_tables (tiling->chain);
  if (tiling->surveyed)
    t->bytes += ie_survey_bytes (tiling->surveyed, threads, columns * rows);
  double area = (double) t->width * t->height;
  /* Where each pixel is looked at once and nothing lies between, all streams through the cache whatever the shape. */
  gboolean streams = reach == 0 && scratch < STREAMING;
  double pixels = area * ((double) in->channels * (double) ie_depth_bytes (in->depth) +
                          (double) out->channels * (double) ie_depth_bytes (out->depth));
  gboolean own = works_in_stretches (tiling->chain, middle);
  double touched = streams || own ? 0 : (double) scratch + pixels;
  double tiles = (double) columns * rows, per_thread = (tiles + threads - 1) / threads;
  t->cost = (samples + TILE_COST + ROW_COST * t->height) / area * cache_penalty (touched) +
            stream_penalty (streamed) * in->channels;
  t->cost *= (double) (int) per_thread * threads / tiles;
  if (own && (t->height > MAX (OWN_ROWS, reach) || pixels * threads > OWN_BYTES))
    t->cost *= OWN_PENALTY;
  if (streams && columns > 1)
    t->cost *= CUT_ROWS;
}

/* How far beyond a rectangle its source rectangle goes, both sides together. */
static void
find_reach (const IeChain *chain, int *x, int *y)
{
  const IeHeader *out = ie_chain_output (chain);
  IeOpRects *rects = g_newa (IeOpRects, chain->count);
  IeRect one = { out->width / 2, out->height / 2, 1, 1 };
  ie_chain_rects (chain, one, rects);
  *x = *y = 0;
  for (int i = 0; i < chain->count; i++) {
    *x = MAX (*x, rects[i].in.width - 1);
    *y = MAX (*y, rects[i].in.height - 1);
  }
}

gboolean
ie_tiles_choose (const IeTiling *tiling, IePassPlan *pass, GError **error)
{
  int reach_x, reach_y;
  find_reach (tiling->chain, &reach_x, &reach_y);
  const IeHeader *out = ie_chain_output (tiling->chain);
  const IeRunOptions *options = &tiling->plan->options;
  int cells = tiling->surveyed ? tiling->surveyed->step.filter->survey->cells : 0;
  Tiles best = { 0 }, least = { 0 };
  for (int width = 128; width <= MAX (WIDEST, 2 * reach_x); width *= 2)
    for (int height = 8; height <= MAX (HIGHEST, 2 * reach_y); height *= 2) {
      Tiles t = { .width = options->rect_width ? options->rect_width : width,
                  .height = options->rect_height ? options->rect_height : height };
      if (cells)
        t.width = t.height = cells;
      t.width = MIN (t.width, out->width);
      t.height = MIN (t.height, out->height);
      judge (tiling, MAX (reach_x, reach_y), &t);
      if (!least.width || t.bytes < least.bytes)
        least = t;
      if ((!options->memory || t.bytes <= options->memory) && (!best.width || t.cost < best.cost))
        best = t;
    }
  if (!best.width) {
    g_set_error (error, IE_ERROR, IE_ERROR_MEMORY,
                 _ ("needs at least %.0f MiB of memory, the limit is %.0f MiB: raise it with --memory"),
                 (double) least.bytes / 1048576, (double) options->memory / 1048576);
    return FALSE;
  }
  pass->tile_width = best.width;
  pass->tile_height = best.height;
  pass->band_rows = best.band_rows;
  pass->memory = best.bytes;
  pass->scratch = best.scratch;
  return TRUE;
}
