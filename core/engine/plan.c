// SPDX-License-Identifier: GPL-3.0-or-later
/* A plan: which passes a recipe takes over a picture, what is kept between them, the size of rectangles, the memory.
 *
 * Costs are rough constants, in nanoseconds a sample, measured on one machine; only their ratios matter. */
#include "core/engine/internal.h"

#define NS_WORK 0.6         /* a sample through a simple operation */
#define NS_SPOOL_MEMORY 1.0 /* a float sample written to memory and read again */
#define NS_SPOOL_FILE 8.0   /* ... to a file */

/* What a rectangle touches should stay in the second-level cache. */
#define CACHE_GOOD (1u << 20)
#define CACHE_FAIR (2u << 20)
#define CACHE_POOR (8u << 20)
/* Fixed costs of a rectangle and of each of its rows, in samples of simple work: measured with rectangles of 128 to 6000
 * by 8 to 512 pixels, where 512 to 1024 by 32 to 64 were fastest for most filters. */
#define TILE_COST 4000.0
#define ROW_COST 200.0
/* Less scratch than this is no picture, only what every rectangle takes. */
#define STREAMING 4096
/* Rectangles larger than this, or than twice what a filter reaches, gain nothing. */
#define WIDEST 8192
#define HIGHEST 512

typedef struct {
  int width, height, band_rows;
  guint64 bytes;
  gsize scratch; /* of them, of each thread */
  double cost;
} Tiles;

typedef struct {
  const IePlan *plan;
  IeChain *chain;
  gboolean into_memory;    /* the result needs no band buffer */
  gboolean whole_bands;    /* source and result lie in memory: one band */
  gsize result_pixel;      /* bytes of a pixel of the band buffer, 0 without one */
  const IeStage *surveyed; /* or NULL */
  guint64 fixed;           /* held all the while */
  int reach;               /* how far beyond a rectangle its source goes */
} Layout;

static guint64
window_bytes (const IeWindow *window, int rows)
{
  return ie_window_streams (window) ? (guint64) window->stride * (guint64) MIN (rows, window->header.height) : 0;
}

static guint64
aux_bytes (const IeChain *chain, IeRect band)
{
  IeOpRects *rects = g_newa (IeOpRects, chain->count);
  ie_chain_rects (chain, band, rects);
  guint64 bytes = 0;
  for (int i = 1; i < chain->count; i++) {
    const IeOp *op = &chain->ops[i];
    if (op->kind == IE_OP_MIX && op->stage->mask)
      bytes += window_bytes (op->stage->mask, rects[i].need.height);
    for (int a = 0; op->kind == IE_OP_APPLY && a < op->stage->aux_count; a++)
      bytes += window_bytes (op->stage->aux[a], rects[i].in.height);
  }
  return bytes;
}

static double
cache_penalty (double bytes)
{
  if (bytes <= CACHE_POOR)
    return bytes <= CACHE_GOOD ? 1 : bytes <= CACHE_FAIR ? 1.08 : 1.3;
  double penalty = 1.5;
  for (; bytes > CACHE_POOR; bytes /= 2)
    penalty += 0.1;
  return penalty;
}

/* Bytes and cost of one size of rectangle. */
static void
judge (const Layout *l, Tiles *t)
{
  const IeHeader *out = ie_chain_output (l->chain), *in = &l->chain->ops[0].header;
  int columns = (out->width + t->width - 1) / t->width, threads = l->plan->threads;
  int rows = l->whole_bands ? (out->height + t->height - 1) / t->height : 1;
  if (!l->whole_bands) /* enough rectangles in a band for all threads */
    while (columns * rows < 3 * threads && rows * t->height < out->height && rows < 8)
      rows++;
  t->band_rows = MIN (rows * t->height, out->height);
  IeRect middle = { (out->width - t->width) / 2, (out->height - t->height) / 2, t->width, t->height };
  IeRect corner = { 0, 0, t->width, t->height }, end = { out->width - t->width, out->height - t->height, t->width, t->height };
  double samples;
  gsize scratch = ie_chain_bytes (l->chain, middle, l->result_pixel == 0 && !l->into_memory, &samples);
  gsize at_edge = MAX (ie_chain_bytes (l->chain, corner, l->result_pixel == 0 && !l->into_memory, NULL),
                       ie_chain_bytes (l->chain, end, l->result_pixel == 0 && !l->into_memory, NULL));
  IeRect band = { 0, (out->height - t->band_rows) / 2, out->width, t->band_rows };
  int y0, y1;
  ie_chain_source_rows (l->chain, band, &y0, &y1);
  gsize aside = l->plan->options.count_clipped && in->depth != out->depth
                    ? (gsize) t->width * (gsize) t->height * (gsize) out->channels * ie_depth_bytes (out->depth)
                    : 0;
  t->scratch = MAX (scratch, at_edge) + aside;
  t->bytes = l->fixed + t->scratch * (guint64) threads +
             window_bytes (l->chain->window, y1 - y0) + aux_bytes (l->chain, band) +
             (guint64) l->result_pixel * (guint64) out->width * (guint64) t->band_rows + ie_chain_tables (l->chain);
  if (l->surveyed)
    t->bytes += ie_survey_bytes (l->surveyed, threads, columns * rows);
  double area = (double) t->width * t->height;
  /* Where each pixel is looked at once and nothing lies between, all streams through the cache whatever the shape. */
  double touched = l->reach == 0 && scratch < STREAMING ? 0 : (double) scratch + area * ((double) in->channels * (double) ie_depth_bytes (in->depth) +
                                              (double) out->channels * (double) ie_depth_bytes (out->depth));
  double tiles = (double) columns * rows, per_thread = (tiles + threads - 1) / threads;
  t->cost = (samples + TILE_COST + ROW_COST * t->height) / area * cache_penalty (touched);
  t->cost *= (double) (int) per_thread * threads / tiles;
}

/* How far beyond a rectangle its source rectangle goes, both sides together. */
static void
reach (const IeChain *chain, int *x, int *y)
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

static gboolean
choose_tiles (Layout *l, IePassPlan *pass, GError **error)
{
  int reach_x, reach_y;
  reach (l->chain, &reach_x, &reach_y);
  l->reach = MAX (reach_x, reach_y);
  const IeHeader *out = ie_chain_output (l->chain);
  const IeRunOptions *options = &l->plan->options;
  int cells = l->surveyed ? l->surveyed->step.filter->survey->cells : 0;
  Tiles best = { 0 }, least = { 0 };
  for (int width = 128; width <= MAX (WIDEST, 2 * reach_x); width *= 2)
    for (int height = 8; height <= MAX (HIGHEST, 2 * reach_y); height *= 2) {
      Tiles t = { .width = options->rect_width ? options->rect_width : width,
                  .height = options->rect_height ? options->rect_height : height };
      if (cells)
        t.width = t.height = cells;
      t.width = MIN (t.width, out->width);
      t.height = MIN (t.height, out->height);
      judge (l, &t);
      if (!least.width || t.bytes < least.bytes)
        least = t;
      if ((!options->memory || t.bytes <= options->memory) && (!best.width || t.cost < best.cost))
        best = t;
    }
  if (!best.width) {
    g_set_error (error, IE_ERROR, IE_ERROR_MEMORY,
                 "needs at least %.0f MiB of memory, the limit is %.0f MiB: raise it with --memory",
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

/* ---- passes ---- */

typedef struct {
  IePlan *plan;
  IeWindow *window;   /* what the coming passes read */
  IeWindow stand_in;  /* for windows that are made when the plan runs */
  IeSource stand_in_source;
  int first;          /* stages before are done when the window is read */
  guint64 held;       /* spools and planes that stay */
} Cursor;

static gboolean
add_pass (Cursor *c, IePassPlan pass, IeChainEnd end, gboolean sink_in_memory, GError **error)
{
  IePlan *plan = c->plan;
  pass.first = c->first;
  IeChain *chain = ie_chain_new (plan->stages, pass.first, pass.last, c->window, end, pass.depth);
  const IeHeader *out = ie_chain_output (chain);
  Layout layout = { .plan = plan, .chain = chain, .fixed = c->held + plan->window->source->memory_held };
  gboolean in_memory = !ie_window_streams (c->window);
  gsize pixel = (gsize) out->channels * ie_depth_bytes (out->depth);
  if (pass.kind == IE_PASS_SPOOL || pass.kind == IE_PASS_SINK) {
    layout.into_memory = sink_in_memory;
    layout.result_pixel = sink_in_memory ? 0 : pixel;
    layout.whole_bands = in_memory && sink_in_memory;
  } else {
    layout.whole_bands = in_memory;
    layout.surveyed = pass.kind == IE_PASS_SURVEY ? &plan->stages[pass.last] : NULL;
  }
  gboolean good = choose_tiles (&layout, &pass, error);
  if (good) {
    plan->memory = MAX (plan->memory, pass.memory);
    g_array_append_val (plan->passes, pass);
  }
  ie_chain_free (chain);
  return good;
}

static void
stand_in (Cursor *c, const IeHeader *header, gboolean streams, gboolean fills)
{
  static const guint8 somewhere[1];
  c->stand_in_source = (IeSource){ .header = *header, .random = TRUE, .memory = streams ? NULL : somewhere };
  c->stand_in = (IeWindow){ .source = &c->stand_in_source, .header = *header,
                            .stride = (ptrdiff_t) ((gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth)) };
  if (fills)
    c->stand_in.fill = (gboolean (*) (gpointer, IeWork *, const IePixels *)) (void (*) (void)) abort;
  c->window = &c->stand_in;
}

static double
samples_of (const IeHeader *header)
{
  return (double) header->width * header->height * header->channels;
}

/* Whether what reaches stage `last` is better kept than made again; in_file: where. */
static gboolean
better_spooled (const Cursor *c, int last, IeDepth depth, gboolean *in_file)
{
  const IePlan *plan = c->plan;
  const IeHeader *header = &plan->stages[last].before;
  const IeSource *source = c->window->source;
  guint64 bytes = (guint64) samples_of (header) * ie_depth_bytes (depth);
  *in_file = plan->options.memory && c->held + bytes > plan->options.memory / 2;
  if (c->window->fill)
    return FALSE; /* planes in memory */
  gboolean again = !ie_window_streams (c->window) || source->random || source->rewind;
  if (!again)
    return TRUE;
  IeChain *chain = ie_chain_new (plan->stages, c->first, last, c->window, IE_END_NATIVE, depth);
  IeRect rect = { 0, 0, MIN (header->width, 1024), MIN (header->height, 128) };
  double work;
  ie_chain_bytes (chain, rect, FALSE, &work);
  ie_chain_free (chain);
  double recompute = work / ((double) rect.width * rect.height) * (double) header->width * header->height * NS_WORK;
  if (ie_window_streams (c->window))
    recompute += source->read_cost * samples_of (&source->header);
  double scale = (double) ie_depth_bytes (depth) / 4;
  return recompute > samples_of (header) * scale * (*in_file ? NS_SPOOL_FILE : NS_SPOOL_MEMORY);
}

static gboolean
plan_survey (Cursor *c, int last, GError **error)
{
  IePlan *plan = c->plan;
  gboolean in_file;
  IeDepth depth = ie_chain_flow_depth (plan->stages, c->first, last, c->window->header.depth);
  /* Straight from memory there is nothing to keep. */
  gboolean direct = c->first == last && !ie_window_streams (c->window);
  if (!direct && better_spooled (c, last, depth, &in_file)) {
    IePassPlan spool = { .kind = IE_PASS_SPOOL, .last = last, .spool_file = in_file, .depth = depth };
    IeHeader header = plan->stages[last].before;
    header.depth = depth;
    if (!in_file)
      c->held += (guint64) samples_of (&header) * ie_depth_bytes (depth);
    if (!add_pass (c, spool, IE_END_NATIVE, !in_file, error))
      return FALSE;
    stand_in (c, &header, in_file, FALSE);
    c->first = last;
  }
  return add_pass (c, (IePassPlan){ .kind = IE_PASS_SURVEY, .last = last }, IE_END_SPACE, TRUE, error);
}

static gboolean
plan_whole (Cursor *c, int last, GError **error)
{
  IeStage *stage = &c->plan->stages[last];
  c->held += ie_whole_bytes (stage);
  if (!add_pass (c, (IePassPlan){ .kind = IE_PASS_WHOLE, .last = last, .depth = IE_DEPTH_FLOAT }, IE_END_NATIVE, TRUE, error))
    return FALSE;
  IeHeader header = stage->after;
  header.depth = IE_DEPTH_FLOAT;
  stand_in (c, &header, FALSE, TRUE);
  c->first = last + 1;
  return TRUE;
}

static gboolean
plan_passes (IePlan *plan, GError **error)
{
  Cursor c = { .plan = plan, .window = plan->window };
  for (int i = 0; i < plan->stage_count; i++) {
    IeClass class = plan->stages[i].step.filter->filter_class;
    if (class == IE_SURVEY && !plan_survey (&c, i, error))
      return FALSE;
    if (class == IE_WHOLE && !plan_whole (&c, i, error))
      return FALSE;
  }
  IePassPlan sink = { .kind = IE_PASS_SINK, .last = plan->stage_count, .depth = plan->output.depth };
  return add_pass (&c, sink, plan->end, plan->options.result_in_memory, error);
}

IePlan *
ie_plan_new (const IeRecipe *recipe, IeSource *source, const IeRunOptions *options, GError **error)
{
  IePlan *plan = g_new0 (IePlan, 1);
  if (options)
    plan->options = *options;
  plan->threads = plan->options.threads > 0 ? plan->options.threads : (int) g_get_num_processors ();
  plan->window = ie_window_new (source, FALSE);
  plan->passes = g_array_new (FALSE, TRUE, sizeof (IePassPlan));
  gboolean good = ie_stages_make (plan, recipe, error);
  if (good) {
    if (plan->options.out_depth_set)
      plan->output.depth = plan->options.out_depth;
    if (plan->output.depth != source->header.depth)
      plan->output.bits = 0;
    plan->end = plan->options.dither && plan->output.depth < source->header.depth ? IE_END_DITHERED : IE_END_NATIVE;
    good = plan_passes (plan, error);
  }
  if (good)
    return plan;
  ie_plan_free (plan);
  return NULL;
}

void
ie_plan_free (IePlan *plan)
{
  if (!plan)
    return;
  ie_stages_free (plan);
  ie_window_free (plan->window);
  g_array_free (plan->passes, TRUE);
  g_free (plan);
}

const IeHeader *
ie_plan_output (const IePlan *plan)
{
  return &plan->output;
}

guint64
ie_plan_memory (const IePlan *plan)
{
  return plan->memory;
}

static void
describe_pass (GString *text, const IePlan *plan, const IePassPlan *pass, int number)
{
  static const char *const depths[] = { "8-bit", "16-bit", "float" };
  g_string_append_printf (text, "pass %d: ", number);
  for (int i = pass->first; i < pass->last; i++)
    g_string_append_printf (text, "%s > ", plan->stages[i].step.filter->name);
  if (pass->kind == IE_PASS_SURVEY)
    g_string_append_printf (text, "statistics of %s", plan->stages[pass->last].step.filter->name);
  else if (pass->kind == IE_PASS_WHOLE)
    g_string_append_printf (text, "%s on whole planes", plan->stages[pass->last].step.filter->name);
  else if (pass->kind == IE_PASS_SPOOL)
    g_string_append_printf (text, "kept at %s in %s", depths[pass->depth], pass->spool_file ? "a temporary file" : "memory");
  else
    g_string_append_printf (text, "%s result", depths[pass->depth]);
  g_string_append_printf (text, "; rectangles %d x %d, bands of %d rows, %.1f MiB\n", pass->tile_width, pass->tile_height,
                          pass->band_rows, (double) pass->memory / 1048576);
}

char *
ie_plan_describe (const IePlan *plan)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < plan->passes->len; i++)
    describe_pass (text, plan, &g_array_index (plan->passes, IePassPlan, i), (int) i + 1);
  g_string_append_printf (text, "memory: %.1f MiB beside the program, %d thread%s\n", (double) plan->memory / 1048576,
                          plan->threads, plan->threads == 1 ? "" : "s");
  return g_string_free (text, FALSE);
}
