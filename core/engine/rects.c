// SPDX-License-Identifier: GPL-3.0-or-later
/* The rectangles that the operations of a chain need for one of its output, what they cost, and the rows of sources. */
#include "core/engine/internal.h"

#include <string.h>

void
ie_chain_rects (const IeChain *chain, IeRect out, IeOpRects *rects)
{
  memset (rects, 0, sizeof *rects * (gsize) chain->count);
  rects[chain->count - 1].want = out;
  for (int i = chain->count - 1; i >= 0; i--) {
    const IeOp *op = &chain->ops[i];
    IeOpRects *r = &rects[i];
    r->need = ie_rect_reflected (r->want, &op->header);
    r->in = r->need;
    if (i == 0)
      break;
    const IeFilter *filter = op->kind == IE_OP_APPLY ? op->stage->step.filter : NULL;
    if (filter && filter->region)
      r->in = filter->region (&op->stage->step, r->need, 0);
    if (filter && filter->mirrors && filter->mirrors (&op->stage->step, op->header.depth))
      r->in = ie_rect_reflected (r->in, &chain->ops[i - 1].header);
    rects[i - 1].want = ie_rect_box (rects[i - 1].want, r->in);
    if (op->reference >= 0)
      rects[op->reference].want = ie_rect_box (rects[op->reference].want, r->need);
  }
}

/* What lies between the last operations, all together. */
#define TAIL_BYTES (24u << 10)

static gsize
op_row_bytes (const IeOp *op, int width)
{
  return (gsize) width * (gsize) op->header.channels * ie_depth_bytes (op->header.depth);
}

static gboolean
is_same (IeRect a, IeRect b)
{
  return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

/* A filter that asks for scratch prepares something for every rectangle: few rows at a time it would do so too often. */
static gboolean
is_pixelwise (const IeOp *op)
{
  const IeFilter *filter = op->kind == IE_OP_APPLY ? op->stage->step.filter : NULL;
  if (filter)
    return !filter->region && !filter->memory && op->stage->aligned_count == 0;
  return op->kind == IE_OP_LEAVE || op->kind == IE_OP_DEPTH;
}

int
ie_chain_tail (const IeChain *chain, const IeOpRects *rects, int *rows)
{
  int last = chain->count - 1, first = last;
  IeRect out = rects[last].need;
  gsize between = 0;
  for (int i = last; i > 0 && is_pixelwise (&chain->ops[i]) && is_same (rects[i].want, out) &&
                     is_same (rects[i].need, out); i--) {
    first = i;
    between += i < last ? op_row_bytes (&chain->ops[i], out.width) : 0;
  }
  *rows = between > 0 ? (int) CLAMP (TAIL_BYTES / between, 1, (gsize) MAX (out.height, 1)) : MAX (out.height, 1);
  return first;
}

gsize
ie_chain_bytes (const IeChain *chain, IeRect out, gboolean with_result, double *samples)
{
  IeOpRects *rects = g_newa (IeOpRects, chain->count);
  ie_chain_rects (chain, out, rects);
  gsize total = 0, scratch = 0;
  double work = 0;
  int rows, tail = ie_chain_tail (chain, rects, &rows);
  for (int i = 0; i < chain->count; i++) {
    const IeOp *op = &chain->ops[i];
    IeRect box = ie_rect_box (rects[i].want, rects[i].need);
    gsize bytes = ((gsize) box.width * (gsize) box.height * (gsize) op->header.channels * ie_depth_bytes (op->header.depth) + 63) & ~(gsize) 63;
    gboolean viewed = i == 0 && !chain->window->fill && ie_rect_inside (rects[i].want, ie_rect_whole (&op->header));
    if (i >= tail && i < chain->count - 1)
      total += (op_row_bytes (op, box.width) * (gsize) rows + 63) & ~(gsize) 63;
    else if (!viewed && (i < chain->count - 1 || with_result))
      total += bytes;
    double area = (double) rects[i].need.width * rects[i].need.height;
    total += ((gsize) area * (gsize) op->keeps * sizeof (float) + 63) & ~(gsize) 63;
    work += area * op->header.channels * (op->kind == IE_OP_SOURCE ? 0.1 : op->kind == IE_OP_APPLY ? 2 : 1);
    if (op->kind == IE_OP_APPLY) {
      const IeFilter *filter = op->stage->step.filter;
      IeDepth depth = chain->ops[i].header.depth;
      gsize asked = filter->memory ? filter->memory (&op->stage->step, rects[i].need, depth) : 0;
      /* Halo costs the filter too. */
      work += ((double) rects[i].in.width * rects[i].in.height - area) * op->header.channels;
      for (int a = 0; a < op->stage->aligned_count; a++)
        asked += ie_input_bytes (op->stage, a, rects[i].need);
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
ie_chain_other_windows (const IeChain *chain, IeRect out, IeEachWindow each, gpointer data, GError **error)
{
  IeOpRects *rects = g_newa (IeOpRects, chain->count);
  ie_chain_rects (chain, out, rects);
  for (int i = 1; i < chain->count; i++) {
    const IeOp *op = &chain->ops[i];
    if (op->kind == IE_OP_MIX && op->stage->mask && !each (op->stage->mask, rects[i].need, data, error))
      return FALSE;
    for (int a = 0; op->kind == IE_OP_APPLY && a < op->stage->aligned_count; a++) {
      IeWindow *window = op->stage->aligned[a]->window;
      if (window && !each (window, ie_input_need (op->stage, a, rects[i].need), data, error))
        return FALSE;
    }
  }
  return TRUE;
}
