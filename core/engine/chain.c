// SPDX-License-Identifier: GPL-3.0-or-later
/* Chains: the operations a rectangle runs through, and the tables that stand in for some of them. */
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
