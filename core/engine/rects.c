// SPDX-License-Identifier: GPL-3.0-or-later
/* The rectangles that the operations of a chain need for one of its output, what they cost, and the rows of sources. */
#include "core/engine/internal.h"

#include <string.h>

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
