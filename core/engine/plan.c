// SPDX-License-Identifier: GPL-3.0-or-later
/* A plan: which passes a recipe takes over a picture, what is kept between them, the memory they take.
 *
 * Costs are rough constants, in nanoseconds a sample, measured on one machine; only their ratios matter. */
#include "core/engine/internal.h"
#include "core/i18n.h"

#define NS_WORK 0.6         /* a sample through a simple operation */
#define NS_SPOOL_MEMORY 1.0 /* a float sample written to memory and read again */
#define NS_SPOOL_FILE 8.0   /* ... to a file */

typedef struct {
  IePlan *plan;
  IeWindow *window;   /* what the coming passes read */
  IeWindow stand_in;  /* for windows that are made when the plan runs */
  IeSource stand_in_source;
  int first;          /* stages before are done when the window is read */
  guint64 held;       /* spools and planes that stay */
} Cursor;

IeChain *
ie_plan_chain (const IePlan *plan, const IePassPlan *pass, IeWindow *window)
{
  if (pass->input > 0) {
    IeInput *input = plan->stages[pass->last].surveyed[pass->input - 1];
    return ie_chain_new (&input->as, 0, 0, input->window, IE_END_SPACE, pass->depth);
  }
  IeChainEnd end = pass->kind == IE_PASS_SURVEY ? IE_END_SPACE : pass->kind == IE_PASS_SINK ? plan->end : IE_END_NATIVE;
  return ie_chain_new (plan->stages, pass->first, pass->last, window, end, pass->depth);
}

/* The largest that a pass holds decides what the plan holds. */
static gboolean
add_pass (Cursor *c, IePassPlan pass, gboolean sink_in_memory, GError **error)
{
  IePlan *plan = c->plan;
  pass.first = c->first;
  IeChain *chain = ie_plan_chain (plan, &pass, c->window);
  const IeHeader *out = ie_chain_output (chain);
  IeTiling tiling = { .plan = plan, .chain = chain,
                      .fixed = c->held + plan->window->source->memory_held + plan->inputs_held };
  gboolean in_memory = !ie_window_streams (chain->window);
  gsize pixel = (gsize) out->channels * ie_depth_bytes (out->depth);
  if (pass.kind == IE_PASS_SPOOL || pass.kind == IE_PASS_SINK) {
    tiling.into_memory = sink_in_memory;
    tiling.result_pixel = sink_in_memory ? 0 : pixel;
    tiling.whole_bands = in_memory && sink_in_memory;
  } else {
    tiling.whole_bands = in_memory;
    tiling.surveyed = pass.kind == IE_PASS_SURVEY ? &plan->stages[pass.last] : NULL;
  }
  gboolean good = ie_tiles_choose (&tiling, &pass, error);
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
  if (!again || plan->options.piecewise)
    return !again;
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

/* Keeps what reaches stage `last` at that depth. */
static gboolean
add_spool (Cursor *c, int last, IeDepth depth, gboolean in_file, GError **error)
{
  IeHeader header = c->plan->stages[last].before;
  header.depth = depth;
  if (!in_file)
    c->held += (guint64) samples_of (&header) * ie_depth_bytes (depth);
  if (!add_pass (c, (IePassPlan){ .kind = IE_PASS_SPOOL, .last = last, .spool_file = in_file, .depth = depth }, !in_file, error))
    return FALSE;
  stand_in (c, &header, in_file, FALSE);
  c->first = last;
  return TRUE;
}

/* A step whose result is to be stored before the next. */
static gboolean
plan_store (Cursor *c, int last, GError **error)
{
  const IePlan *plan = c->plan;
  IeDepth depth = plan->stages[last - 1].store;
  guint64 bytes = (guint64) samples_of (&plan->stages[last].before) * ie_depth_bytes (depth);
  gboolean in_file = plan->options.memory && c->held + bytes > plan->options.memory / 2;
  return add_spool (c, last, depth, in_file, error);
}

static gboolean
plan_own_survey (Cursor *c, int last, GError **error)
{
  IePlan *plan = c->plan;
  gboolean in_file;
  IeDepth depth = ie_chain_flow_depth (plan->stages, c->first, last, c->window->header.depth);
  /* Straight from memory there is nothing to keep. */
  gboolean direct = c->first == last && !ie_window_streams (c->window);
  if (!direct && better_spooled (c, last, depth, &in_file) && !add_spool (c, last, depth, in_file, error))
    return FALSE;
  return add_pass (c, (IePassPlan){ .kind = IE_PASS_SURVEY, .last = last }, TRUE, error);
}

static gboolean
plan_survey (Cursor *c, int last, GError **error)
{
  const IeStage *stage = &c->plan->stages[last];
  gboolean given = FALSE;
  for (int i = 0; i < stage->surveyed_count; i++)
    given = given || stage->surveyed[i]->window;
  if (!(given && stage->step.filter->survey->instead) && !plan_own_survey (c, last, error))
    return FALSE;
  for (int i = 0; i < stage->surveyed_count; i++) {
    IePassPlan pass = { .kind = IE_PASS_SURVEY, .last = last, .input = i + 1 };
    if (stage->surveyed[i]->window && !add_pass (c, pass, TRUE, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
plan_whole (Cursor *c, int last, GError **error)
{
  IeStage *stage = &c->plan->stages[last];
  IeDepth depth = ie_whole_depth (stage, ie_chain_flow_depth (c->plan->stages, c->first, last, c->window->header.depth));
  c->held += ie_whole_bytes (stage, depth);
  if (!add_pass (c, (IePassPlan){ .kind = IE_PASS_WHOLE, .last = last, .depth = depth }, TRUE, error)) {
    g_prefix_error (error, _ ("%s works on the whole picture at once: "), stage->step.filter->name);
    return FALSE;
  }
  IeHeader header = stage->after;
  header.depth = depth;
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
    if (i > 0 && plan->stages[i - 1].stored && !plan_store (&c, i, error))
      return FALSE;
    if (class == IE_SURVEY && !plan_survey (&c, i, error))
      return FALSE;
    if (class == IE_WHOLE && !plan_whole (&c, i, error))
      return FALSE;
  }
  IePassPlan sink = { .kind = IE_PASS_SINK, .last = plan->stage_count, .depth = plan->output.depth };
  return add_pass (&c, sink, plan->options.result_in_memory, error);
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
  static const char *const depths[] = { N_ ("8-bit"), N_ ("16-bit"), N_ ("float") };
  g_string_append_printf (text, _ ("pass %d: "), number);
  for (int i = pass->first; i < pass->last && pass->input == 0; i++)
    g_string_append_printf (text, "%s > ", plan->stages[i].step.filter->name);
  if (pass->kind == IE_PASS_SURVEY)
    g_string_append_printf (text, _ ("statistics of %s"), plan->stages[pass->last].step.filter->name);
  if (pass->input > 0)
    g_string_append_printf (text, _ (" over %s"), plan->stages[pass->last].surveyed[pass->input - 1]->window->name);
  if (pass->kind == IE_PASS_WHOLE)
    g_string_append_printf (text, _ ("%s on whole planes"), plan->stages[pass->last].step.filter->name);
  else if (pass->kind == IE_PASS_SPOOL)
    g_string_append_printf (text, pass->spool_file ? _ ("kept at %s in a temporary file") : _ ("kept at %s in memory"),
                            _ (depths[pass->depth]));
  else if (pass->kind == IE_PASS_SINK)
    g_string_append_printf (text, _ ("%s result"), _ (depths[pass->depth]));
  g_string_append_printf (text, _ ("; rectangles %d x %d, bands of %d rows, %.1f MiB\n"), pass->tile_width,
                          pass->tile_height, pass->band_rows, (double) pass->memory / 1048576);
}

char *
ie_plan_describe (const IePlan *plan)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < plan->passes->len; i++)
    describe_pass (text, plan, &g_array_index (plan->passes, IePassPlan, i), (int) i + 1);
  const char *memory = ie_ngettext ("memory: %.1f MiB beside the program, %d thread\n",
                                    "memory: %.1f MiB beside the program, %d threads\n", (gulong) plan->threads);
  g_string_append_printf (text, memory, (double) plan->memory / 1048576, plan->threads);
  return g_string_free (text, FALSE);
}
