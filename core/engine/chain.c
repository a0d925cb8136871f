// SPDX-License-Identifier: GPL-3.0-or-later
/* Chains: the operations a rectangle runs through. */
#include "core/engine/internal.h"

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

/* Whether the stage's converter takes such pixels through its space in one go. */
static gboolean
tones (const IeStage *stage, const IeHeader *native)
{
  return native->depth == IE_DEPTH_U8 && !native->has_alpha && stage->converter->tones &&
         stage->converter->tones (stage->converter_state);
}

/* Whether all that was done in the space was to map 8-bit pixels by one curve, and they stay such: then one operation does
 * it, whose numbers stay in registers and the first cache. */
static gboolean
is_tone (const Builder *b, const IeStage *stage, IeDepth depth)
{
  return (int) b->ops->len == b->entered + 3 && stage->step.filter->curve && !ie_stage_is_mixed (stage) &&
         depth == IE_DEPTH_U8 && tones (stage, &g_array_index (b->ops, IeOp, b->entered).header);
}

static void
leave (Builder *b, IeStage *stage, IeDepth depth)
{
  if (b->space == IE_SPACE_NATIVE)
    return;
  IeHeader header = stage->after;
  header.depth = depth;
  if (is_tone (b, stage, depth)) {
    g_array_set_size (b->ops, (guint) b->entered + 1);
    push (b, (IeOp){ .kind = IE_OP_TONE, .stage = stage, .header = header });
    b->space = IE_SPACE_NATIVE;
    return;
  }
  IeOp *entering = &g_array_index (b->ops, IeOp, b->entered + 1);
  const IeConverter *converter = entering->stage->converter;
  entering->keeps = converter->keeps ? converter->keeps (entering->stage->converter_state) : 0;
  push (b, (IeOp){ .kind = IE_OP_LEAVE, .stage = stage, .header = header, .reference = b->entered });
  b->space = IE_SPACE_NATIVE;
}

gboolean
ie_stage_is_mixed (const IeStage *stage)
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
         stage->aligned_count == 0 &&
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
  if (fast && may_round && !ie_stage_is_mixed (stage)) {
    header.depth = b->header.depth;
    push (b, (IeOp){ .kind = IE_OP_APPLY, .stage = stage, .header = header, .apply = fast });
    return;
  }
  to_depth (b, IE_DEPTH_FLOAT);
  header.depth = IE_DEPTH_FLOAT;
  push (b, (IeOp){ .kind = IE_OP_APPLY, .stage = stage, .header = header, .apply = filter->apply });
  if (ie_stage_is_mixed (stage))
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
  if (count == 1 && first + 1 == last && ends_native && final == b->header.depth && !ie_stage_is_mixed (&stages[first]) &&
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
  const IeStage *counted = NULL;
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
    if (stage->space != b.space || ie_stage_is_mixed (stage))
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
      if (ie_stage_is_mixed (stage)) {
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
      if (target->step.filter->survey->counts && tones (target, &b.header))
        counted = target;
      else
        enter (&b, target);
    }
  }
  IeChain *chain = g_new0 (IeChain, 1);
  chain->window = window;
  chain->count = (int) b.ops->len;
  chain->dither = end == IE_END_DITHERED;
  chain->counted = counted;
  chain->ops = (IeOp *) (gpointer) g_array_free (b.ops, FALSE);
  return chain;
}

IeDepth
ie_chain_flow_depth (const IeStage *stages, int first, int last, IeDepth depth)
{
  for (int i = first; i < last; i++) {
    const IeFilter *filter = stages[i].step.filter;
    if (stages[i].space != IE_SPACE_NATIVE || ie_stage_is_mixed (&stages[i]) || !(filter->flags & IE_SELECTS) ||
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
