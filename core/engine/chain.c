// SPDX-License-Identifier: GPL-3.0-or-later
/* Chains: the operations a rectangle runs through, and the rectangles each of them needs. */
#include "core/engine/internal.h"

#include <string.h>

typedef struct {
  GArray *ops;
  IeHeader header; /* of the pixels so far: native or in the space */
  IeSpace space;
  int entered; /* index of the operation whose result was entered */
} Builder;

static int
push (Builder *b, IeOp op)
{
  if (op.kind != IE_OP_LEAVE && op.kind != IE_OP_MIX)
    op.reference = -1;
  b->header = op.header;
  g_array_append_val (b->ops, op);
  return (int) b->ops->len - 1;
}

static void
to_depth (Builder *b, IeDepth depth)
{
  if (b->header.depth == depth)
    return;
  IeHeader header = b->header;
  header.depth = depth;
  push (b, (IeOp){ .kind = IE_OP_DEPTH, .header = header });
}

static void
enter (Builder *b, IeStage *stage)
{
  if (stage->space == IE_SPACE_NATIVE)
    return;
  b->entered = (int) b->ops->len - 1;
  IeHeader header = stage->step.input;
  header.depth = IE_DEPTH_FLOAT;
  push (b, (IeOp){ .kind = IE_OP_ENTER, .stage = stage, .header = header });
  b->space = stage->space;
}

static void
leave (Builder *b, IeStage *stage, IeDepth depth)
{
  if (b->space == IE_SPACE_NATIVE)
    return;
  IeHeader header = stage->after;
  header.depth = depth;
  push (b, (IeOp){ .kind = IE_OP_LEAVE, .stage = stage, .header = header, .reference = b->entered });
  b->space = IE_SPACE_NATIVE;
}

/* A step of its own result that is then mixed with what came in. */
static gboolean
is_mixed (const IeStage *stage)
{
  return stage->mix != 1 || stage->mask;
}

/* Whether a stage maps every sample of integer pixels by itself: then a table holds it. In another space that is so
 * only for pictures of one colour channel. */
static gboolean
can_tabulate (const IeStage *stage, const IeHeader *header)
{
  const IeFilter *filter = stage->step.filter;
  return header->depth != IE_DEPTH_FLOAT && (filter->flags & IE_PER_CHANNEL) && !filter->region && !stage->mask &&
         stage->aux_count == 0 &&
         (stage->space == IE_SPACE_NATIVE || (header->model == IE_MODEL_GRAY && ie_colours (header->channels, header->has_alpha) == 1));
}

static IeApply
fast_path (const IeFilter *filter, IeDepth depth)
{
  return depth == IE_DEPTH_U8 ? filter->apply_u8 : depth == IE_DEPTH_U16 ? filter->apply_u16 : NULL;
}

static void
apply_native (Builder *b, IeStage *stage, gboolean is_last, IeDepth final)
{
  const IeFilter *filter = stage->step.filter;
  IeApply fast = fast_path (filter, b->header.depth);
  gboolean may_round = (filter->flags & IE_SELECTS) || (is_last && final == b->header.depth);
  int before = (int) b->ops->len - 1;
  IeHeader header = stage->after;
  if (fast && may_round && !is_mixed (stage)) {
    header.depth = b->header.depth;
    push (b, (IeOp){ .kind = IE_OP_APPLY, .stage = stage, .header = header, .apply = fast });
    return;
  }
  to_depth (b, IE_DEPTH_FLOAT);
  header.depth = IE_DEPTH_FLOAT;
  push (b, (IeOp){ .kind = IE_OP_APPLY, .stage = stage, .header = header, .apply = filter->apply });
  if (is_mixed (stage))
    push (b, (IeOp){ .kind = IE_OP_MIX, .stage = stage, .header = header, .reference = before });
}

/* Composes as many stages as can be tabulated together; returns how many. */
static int
tabulate (Builder *b, IeStage *stages, int first, int last, gboolean ends_native, IeDepth final)
{
  int count = 0;
  while (first + count < last && can_tabulate (&stages[first + count], &b->header))
    count++;
  if (count == 0)
    return 0;
  /* A filter that knows a quicker way for the very last step takes it. */
  if (count == 1 && first + 1 == last && ends_native && final == b->header.depth && !is_mixed (&stages[first]) &&
      stages[first].space == IE_SPACE_NATIVE && fast_path (stages[first].step.filter, b->header.depth))
    return 0;
  IeHeader header = b->header;
  gboolean is_last = ends_native && first + count == last && final == header.depth;
  if (!is_last)
    header.depth = IE_DEPTH_FLOAT;
  push (b, (IeOp){ .kind = IE_OP_TABLE, .stage = &stages[first], .stages = count, .header = header });
  return count;
}

IeChain *
ie_chain_new (IeStage *stages, int first, int last, IeWindow *window, IeChainEnd end, IeDepth depth)
{
  Builder b = { .ops = g_array_new (FALSE, TRUE, sizeof (IeOp)), .space = IE_SPACE_NATIVE };
  push (&b, (IeOp){ .kind = IE_OP_SOURCE, .header = window->header });
  gboolean native = end != IE_END_SPACE;
  for (int i = first; i < last;) {
    IeStage *stage = &stages[i];
    if (b.space == IE_SPACE_NATIVE) {
      int composed = tabulate (&b, stages, i, last, native, depth);
      if (composed) {
        i += composed;
        continue;
      }
    }
    if (stage->space != b.space || is_mixed (stage))
      leave (&b, stage - 1, IE_DEPTH_FLOAT);
    if (stage->space == IE_SPACE_NATIVE) {
      apply_native (&b, stage, native && i == last - 1, depth);
    } else {
      int before = (int) b.ops->len - 1;
      if (b.space != stage->space)
        enter (&b, stage);
      IeHeader header = stage->step.output;
      header.depth = IE_DEPTH_FLOAT;
      push (&b, (IeOp){ .kind = IE_OP_APPLY, .stage = stage, .header = header, .apply = stage->step.filter->apply });
      if (is_mixed (stage)) {
        leave (&b, stage, IE_DEPTH_FLOAT);
        header = stage->after;
        header.depth = IE_DEPTH_FLOAT;
        push (&b, (IeOp){ .kind = IE_OP_MIX, .stage = stage, .header = header, .reference = before });
      }
    }
    i++;
  }
  if (native) {
    leave (&b, &stages[last - 1], end == IE_END_DITHERED ? IE_DEPTH_FLOAT : depth);
    to_depth (&b, depth);
  } else {
    IeStage *target = &stages[last];
    if (b.space != target->space)
      leave (&b, &stages[last - 1], IE_DEPTH_FLOAT);
    if (target->space == IE_SPACE_NATIVE) {
      if (!target->step.filter->survey->native_depth)
        to_depth (&b, IE_DEPTH_FLOAT);
    } else if (b.space != target->space) {
      enter (&b, target);
    }
  }
  IeChain *chain = g_new0 (IeChain, 1);
  chain->window = window;
  chain->count = (int) b.ops->len;
  chain->dither = end == IE_END_DITHERED;
  chain->ops = (IeOp *) (gpointer) g_array_free (b.ops, FALSE);
  return chain;
}

IeDepth
ie_chain_flow_depth (const IeStage *stages, int first, int last, IeDepth depth)
{
  for (int i = first; i < last; i++) {
    const IeFilter *filter = stages[i].step.filter;
    if (stages[i].space != IE_SPACE_NATIVE || is_mixed (&stages[i]) || !(filter->flags & IE_SELECTS) ||
        !fast_path (filter, depth))
      return IE_DEPTH_FLOAT;
  }
  return depth;
}

void
ie_chain_free (IeChain *chain)
{
  if (!chain)
    return;
  for (int i = 0; i < chain->count; i++)
    ie_buffer_free (chain->ops[i].table);
  g_free (chain->ops);
  g_free (chain);
}

const IeHeader *
ie_chain_output (const IeChain *chain)
{
  return &chain->ops[chain->count - 1].header;
}

/* ---- tables ---- */

static gsize
table_bytes (const IeChain *chain, int i)
{
  const IeOp *op = &chain->ops[i];
  gsize codes = chain->ops[i - 1].header.depth == IE_DEPTH_U8 ? 256 : 65536;
  return codes * (gsize) op->header.channels * ie_depth_bytes (op->header.depth);
}

gsize
ie_chain_tables (const IeChain *chain)
{
  gsize bytes = 0;
  for (int i = 0; i < chain->count; i++)
    if (chain->ops[i].kind == IE_OP_TABLE)
      bytes += table_bytes (chain, i);
  return bytes;
}

/* Channel c of a row of results to its table; alpha's is the identity. */
static void
store_column (const IeOp *op, const IePixels *results, int c, int codes)
{
  gboolean is_alpha = results->has_alpha && c == results->channels - 1;
  gsize from = (gsize) c, to = (gsize) c * (gsize) codes;
  for (int k = 0; k < codes; k++, from += (gsize) results->channels, to++) {
    if (op->header.depth == IE_DEPTH_U8)
      ((guint8 *) op->table)[to] = is_alpha ? (guint8) k : ((const guint8 *) results->data)[from];
    else if (op->header.depth == IE_DEPTH_U16)
      ((guint16 *) op->table)[to] = is_alpha ? (guint16) k : ((const guint16 *) results->data)[from];
    else
      ((float *) op->table)[to] = is_alpha ? (float) k / (float) (codes - 1) : ((const float *) results->data)[from];
  }
}

/* Runs the stages over a picture of one row that holds every code, the same way pixels would go. */
static gboolean
make_table (IeChain *chain, int i, IeWork *work)
{
  IeOp *op = &chain->ops[i];
  const IeHeader *in = &chain->ops[i - 1].header;
  int codes = in->depth == IE_DEPTH_U8 ? 256 : 65536;
  IeHeader row_header = *in;
  row_header.width = codes;
  row_header.height = 1;
  gsize samples = (gsize) codes * (gsize) in->channels;
  guint16 *codes16 = ie_work_alloc (work, samples * 2);
  op->table = ie_buffer_new (table_bytes (chain, i));
  if (!codes16 || !op->table)
    return FALSE;
  for (gsize s = 0; s < samples; s++) {
    if (in->depth == IE_DEPTH_U8)
      ((guint8 *) codes16)[s] = (guint8) (s / (gsize) in->channels);
    else
      codes16[s] = (guint16) (s / (gsize) in->channels);
    /* Opaque: colour under alpha 0 would be put back. Alpha's own column is made the identity below. */
    if (in->has_alpha && s % (gsize) in->channels == (gsize) in->channels - 1) {
      if (in->depth == IE_DEPTH_U8)
        ((guint8 *) codes16)[s] = 255;
      else
        codes16[s] = 65535;
    }
  }
  IeSource *source = ie_memory_source_new (&row_header, codes16, (ptrdiff_t) (samples * ie_depth_bytes (in->depth)));
  IeWindow *window = ie_window_new (source, TRUE);
  IeChain *row = g_new0 (IeChain, 1);
  Builder b = { .ops = g_array_new (FALSE, TRUE, sizeof (IeOp)), .space = IE_SPACE_NATIVE };
  push (&b, (IeOp){ .kind = IE_OP_SOURCE, .header = row_header });
  for (int s = 0; s < op->stages; s++) {
    IeStage *stage = &op->stage[s];
    int before = (int) b.ops->len - 1;
    if (stage->space == IE_SPACE_NATIVE)
      to_depth (&b, IE_DEPTH_FLOAT);
    enter (&b, stage);
    push (&b, (IeOp){ .kind = IE_OP_APPLY, .stage = stage, .header = b.header, .apply = stage->step.filter->apply });
    leave (&b, stage, IE_DEPTH_FLOAT);
    if (is_mixed (stage))
      push (&b, (IeOp){ .kind = IE_OP_MIX, .stage = stage, .header = b.header, .reference = before });
  }
  to_depth (&b, op->header.depth);
  row->window = window;
  row->count = (int) b.ops->len;
  row->ops = (IeOp *) (gpointer) g_array_free (b.ops, FALSE);
  for (int o = 0; o < row->count; o++) {
    row->ops[o].header.width = codes;
    row->ops[o].header.height = 1;
  }
  IePixels into = { .data = ie_work_alloc (work, table_bytes (chain, i)),
                    .stride = (ptrdiff_t) table_bytes (chain, i),
                    .rect = { 0, 0, codes, 1 },
                    .channels = in->channels,
                    .has_alpha = in->has_alpha,
                    .depth = op->header.depth };
  IeTally tally = { 0 };
  gboolean good = into.data && ie_chain_compute (row, work, into.rect, &into, NULL, &tally);
  for (int c = 0; good && c < in->channels; c++)
    store_column (op, &into, c, codes);
  gsize column = (gsize) codes * ie_depth_bytes (op->header.depth);
  op->shared = good;
  for (int c = 1; op->shared && c < in->channels; c++)
    op->shared = memcmp (op->table, (char *) op->table + (gsize) c * column, column) == 0;
  ie_chain_free (row);
  ie_window_free (window);
  return good;
}

gboolean
ie_chain_prepare (IeChain *chain, IeWork *work)
{
  gboolean good = TRUE;
  IeWorkMark mark = ie_work_mark (work);
  for (int i = 0; good && i < chain->count; i++)
    if (chain->ops[i].kind == IE_OP_TABLE)
      good = make_table (chain, i, work);
  ie_work_release (work, mark);
  return good;
}

/* ---- rectangles ---- */

static IeRect
box_of (IeRect a, IeRect b)
{
  if (a.width <= 0)
    return b;
  if (b.width <= 0)
    return a;
  int x0 = MIN (a.x, b.x), y0 = MIN (a.y, b.y);
  int x1 = MAX (a.x + a.width, b.x + b.width), y1 = MAX (a.y + a.height, b.y + b.height);
  return (IeRect){ x0, y0, x1 - x0, y1 - y0 };
}

/* The indices that the border rule maps [start, start + length) to, as one span. */
static void
reflected_span (int start, int length, int size, int *from, int *to)
{
  int end = start + length - 1, low = CLAMP (start, 0, size - 1), high = CLAMP (end, 0, size - 1);
  if (start < 0)
    high = MAX (high, MIN (-start, size - 1));
  if (end >= size)
    low = MIN (low, MAX (2 * (size - 1) - end, 0));
  *from = low;
  *to = high + 1;
}

static IeRect
inside (IeRect want, const IeHeader *header)
{
  int x0, x1, y0, y1;
  reflected_span (want.x, want.width, header->width, &x0, &x1);
  reflected_span (want.y, want.height, header->height, &y0, &y1);
  return (IeRect){ x0, y0, x1 - x0, y1 - y0 };
}

void
ie_chain_rects (const IeChain *chain, IeRect out, IeOpRects *rects)
{
  memset (rects, 0, sizeof *rects * (gsize) chain->count);
  rects[chain->count - 1].want = out;
  for (int i = chain->count - 1; i >= 0; i--) {
    const IeOp *op = &chain->ops[i];
    IeOpRects *r = &rects[i];
    r->need = inside (r->want, &op->header);
    r->in = r->need;
    if (i == 0)
      break;
    const IeFilter *filter = op->kind == IE_OP_APPLY ? op->stage->step.filter : NULL;
    if (filter && filter->region)
      r->in = filter->region (&op->stage->step, r->need, 0);
    rects[i - 1].want = box_of (rects[i - 1].want, r->in);
    if (op->reference >= 0)
      rects[op->reference].want = box_of (rects[op->reference].want, r->need);
  }
}

gsize
ie_chain_bytes (const IeChain *chain, IeRect out, gboolean with_result, double *samples)
{
  IeOpRects *rects = g_newa (IeOpRects, chain->count);
  ie_chain_rects (chain, out, rects);
  gsize total = 0, scratch = 0;
  double work = 0;
  for (int i = 0; i < chain->count; i++) {
    const IeOp *op = &chain->ops[i];
    IeRect box = box_of (rects[i].want, rects[i].need);
    gsize bytes = ((gsize) box.width * (gsize) box.height * (gsize) op->header.channels * ie_depth_bytes (op->header.depth) + 63) & ~(gsize) 63;
    gboolean viewed = i == 0 && !chain->window->fill && ie_rect_inside (rects[i].want, ie_rect_whole (&op->header));
    if (!viewed && (i < chain->count - 1 || with_result))
      total += bytes;
    double area = (double) rects[i].need.width * rects[i].need.height;
    work += area * op->header.channels * (op->kind == IE_OP_SOURCE ? 0.1 : op->kind == IE_OP_APPLY ? 2 : 1);
    if (op->kind == IE_OP_APPLY) {
      const IeFilter *filter = op->stage->step.filter;
      IeDepth depth = chain->ops[i].header.depth;
      gsize asked = filter->memory ? filter->memory (&op->stage->step, rects[i].need, depth) : 0;
      /* Halo costs the filter too. */
      work += ((double) rects[i].in.width * rects[i].in.height - area) * op->header.channels;
      for (int a = 0; a < op->stage->aux_count; a++)
        asked += (gsize) rects[i].in.width * (gsize) rects[i].in.height * 4 * IE_MAX_CHANNELS;
      scratch = MAX (scratch, asked);
    } else if (op->header.has_alpha && (op->kind == IE_OP_LEAVE || op->kind == IE_OP_TABLE)) {
      scratch = MAX (scratch, bytes);
    } else if (op->kind == IE_OP_MIX) {
      gsize pixels = (gsize) rects[i].need.width * (gsize) rects[i].need.height;
      scratch = MAX (scratch, pixels * 4 * ((gsize) op->header.channels + (op->stage->mask ? 1 : 0)) + 4096);
    }
  }
  if (samples)
    *samples = work;
  return total + scratch + (gsize) chain->count * (sizeof (IeOpRects) + sizeof (IePixels) + 64);
}

/* ---- rows of sources ---- */

void
ie_chain_source_rows (const IeChain *chain, IeRect out, int *y0, int *y1)
{
  IeOpRects *rects = g_newa (IeOpRects, chain->count);
  ie_chain_rects (chain, out, rects);
  *y0 = rects[0].need.y;
  *y1 = rects[0].need.y + rects[0].need.height;
}

gboolean
ie_chain_require_aux (const IeChain *chain, IeRect out, GError **error)
{
  IeOpRects *rects = g_newa (IeOpRects, chain->count);
  ie_chain_rects (chain, out, rects);
  for (int i = 1; i < chain->count; i++) {
    const IeOp *op = &chain->ops[i];
    if (op->kind == IE_OP_MIX && op->stage->mask &&
        !ie_window_require (op->stage->mask, rects[i].need.y, rects[i].need.y + rects[i].need.height, error))
      return FALSE;
    for (int a = 0; op->kind == IE_OP_APPLY && a < op->stage->aux_count; a++) {
      const IeStep *step = &op->stage->step;
      IeRect want = step->filter->region ? step->filter->region (step, rects[i].need, a + 1) : rects[i].need;
      IeRect need = inside (want, &op->stage->aux[a]->header);
      if (!ie_window_require (op->stage->aux[a], need.y, need.y + need.height, error))
        return FALSE;
    }
  }
  return TRUE;
}

gboolean
ie_chain_restart_aux (const IeChain *chain, GError **error)
{
  for (int i = 1; i < chain->count; i++) {
    const IeOp *op = &chain->ops[i];
    if (op->kind == IE_OP_MIX && op->stage->mask && !ie_window_restart (op->stage->mask, error))
      return FALSE;
    for (int a = 0; op->kind == IE_OP_APPLY && a < op->stage->aux_count; a++)
      if (!ie_window_restart (op->stage->aux[a], error))
        return FALSE;
  }
  return TRUE;
}
