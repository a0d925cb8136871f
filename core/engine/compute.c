// SPDX-License-Identifier: GPL-3.0-or-later
/* One rectangle through a chain of operations, in scratch that stays in cache. */
#include "core/engine/internal.h"

/* The source's pixels: a view where nothing must be changed, else a copy with the border and without NaN; unless looked at
 * by what comes next, when a view may have them. */
static gboolean
run_source (const IeChain *chain, IeWork *work, IeRect box, IeRect need, IeRect out, gboolean look, IePixels *result,
            IeTally *tally)
{
  const IeHeader *header = &chain->ops[0].header;
  IePixels view;
  gboolean viewed = ie_window_view (chain->window, need, &view);
  gsize nan = viewed && look ? ie_count_nan (&view) : 0;
  if (nan) {
    IeRect own = ie_rect_intersect (out, need);
    if (own.width > 0 && own.height > 0) {
      IePixels part = ie_pixels_part (&view, own);
      tally->nan += ie_count_nan (&part);
    }
  }
  if (viewed && !nan && ie_rect_inside (box, need)) {
    *result = view;
    return TRUE;
  }
  if (!ie_scratch_pixels (work, box, header, result))
    return FALSE;
  IePixels part = ie_pixels_part (result, need);
  if (!viewed) {
    IeWorkMark mark = ie_work_mark (work);
    if (!chain->window->fill (chain->window->fill_data, work, &part))
      return FALSE;
    ie_work_release (work, mark);
  } else {
    ie_convert_pixels (&view, &part);
  }
  if (nan)
    ie_clean_nan (&part);
  ie_extend (result, need, header);
  return TRUE;
}

static void
run_table (const IeOp *op, const IePixels *in, const IePixels *out)
{
  const IeConvertKernels *convert = ie_convert ();
  int channels = op->shared ? 1 : out->channels;
  gsize n = (gsize) out->rect.width * (gsize) (op->shared ? out->channels : 1);
  for (int y = 0; y < out->rect.height; y++) {
    const void *from = ie_row (in, y);
    void *to = ie_row (out, y);
    if (in->depth == IE_DEPTH_U8 && out->depth == IE_DEPTH_U8)
      convert->table_u8_u8 (from, to, n, channels, op->table);
    else if (in->depth == IE_DEPTH_U8)
      convert->table_u8_float (from, to, n, channels, op->table);
    else if (out->depth == IE_DEPTH_U16)
      convert->table_u16_u16 (from, to, n, channels, op->table);
    else
      convert->table_u16_float (from, to, n, channels, op->table);
  }
}

/* The same where the original may have another depth. */
static gboolean
restore_from (IeWork *work, const IePixels *original, const IePixels *out)
{
  IePixels same = *original;
  if (original->depth != out->depth) {
    IeHeader as = { .channels = out->channels, .has_alpha = out->has_alpha, .depth = out->depth };
    if (!ie_scratch_pixels (work, out->rect, &as, &same))
      return FALSE;
    ie_convert_pixels (original, &same);
  }
  ie_restore_alpha (&same, out);
  return TRUE;
}

static gboolean
run_apply (const IeOp *op, IeWork *work, const IePixels *before, IeRect in_rect, const IePixels *out)
{
  const IeStage *stage = op->stage;
  const IeFilter *filter = stage->step.filter;
  IePixels *in = g_newa (IePixels, 1 + stage->aligned_count);
  in[0] = ie_pixels_part (before, in_rect);
  for (int a = 0; a < stage->aligned_count; a++)
    if (!ie_input_fetch (stage, a, work, out->rect, out->depth, &in[1 + a]))
      return FALSE;
  op->apply (&stage->step, work, in, out);
  if (out->has_alpha && filter->alpha != IE_ALPHA_FILTER)
    ie_restore_alpha (&in[0], out);
  return TRUE;
}

/* How strongly a mask's pixel lets the step through: gray as it is, colour by its luma (Rec. 709, coded values). */
static void
mask_row (const float *mask, int channels, gboolean has_alpha, int width, float *weights)
{
  gboolean colour = ie_colours (channels, has_alpha) == 3;
  for (int x = 0; x < width; x++, mask += channels) {
    float w = colour ? 0.2126f * mask[0] + 0.7152f * mask[1] + 0.0722f * mask[2] : mask[0];
    weights[x] = w > 0 ? (w < 1 ? w : 1) : 0;
  }
}

gboolean
ie_mix_pixels (const IeStage *stage, IeWork *work, const IePixels *before, const IePixels *after, const IePixels *out)
{
  IePixels original = ie_pixels_part (before, out->rect), converted, mask, mask_float;
  IeHeader as = { .channels = out->channels, .has_alpha = out->has_alpha, .depth = IE_DEPTH_FLOAT };
  if (original.depth != IE_DEPTH_FLOAT) {
    if (!ie_scratch_pixels (work, out->rect, &as, &converted))
      return FALSE;
    ie_convert_pixels (&original, &converted);
    original = converted;
  }
  float *weights = NULL;
  IeRect row = out->rect;
  row.height = 1;
  if (stage->mask) {
    as = stage->mask->header;
    as.depth = IE_DEPTH_FLOAT;
    weights = ie_work_alloc (work, sizeof (float) * (gsize) out->rect.width);
    if (!weights || !ie_scratch_pixels (work, row, &as, &mask_float))
      return FALSE;
  }
  for (int y = 0; y < out->rect.height; y++) {
    if (weights) {
      mask_float.rect.y = row.y = out->rect.y + y;
      ie_window_view (stage->mask, row, &mask);
      ie_convert_pixels (&mask, &mask_float);
      mask_row (mask_float.data, mask_float.channels, mask_float.has_alpha, row.width, weights);
      for (int x = 0; x < row.width; x++)
        weights[x] *= (float) stage->mix;
    }
    ie_convert ()->mix (ie_row (&original, y), ie_row (after, y), ie_row (out, y), (gsize) out->rect.width,
                        out->channels, (float) stage->mix, weights);
  }
  return TRUE;
}

/* Samples that rounding to an integer depth must clamp by more than half a code. */
static guint64
count_clamped (const IePixels *in, IeDepth depth)
{
  float slack = 0.5f / ie_depth_range (depth);
  guint64 count = 0;
  for (int y = 0; y < in->rect.height; y++) {
    const float *row = ie_row (in, y);
    gsize n = ie_row_samples (in);
    guint32 here = 0;
    for (gsize i = 0; i < n; i++)
      here += (guint32) (row[i] < -slack) + (guint32) (row[i] > 1 + slack);
    count += here;
  }
  return count;
}

/* kept: what the last ENTER put aside. */
static gboolean
run_op (const IeChain *chain, int i, IeWork *work, const IePixels *results, const IeOpRects *rects, const IePixels *kept,
        const IePixels *out, IeTally *tally)
{
  const IeOp *op = &chain->ops[i];
  IePixels in = op->kind == IE_OP_APPLY ? results[i - 1] : ie_pixels_part (&results[i - 1], out->rect);
  IeConvertCount count = { 0 };
  IeWorkMark mark = ie_work_mark (work);
  gboolean good = TRUE;
  switch (op->kind) {
  case IE_OP_DEPTH:
    if (chain->count_clamped && in.depth == IE_DEPTH_FLOAT && i == chain->count - 1)
      tally->clipped += count_clamped (&in, out->depth);
    if (chain->dither && i == chain->count - 1)
      ie_dither_pixels (&in, out);
    else
      ie_convert_pixels (&in, out);
    break;
  case IE_OP_TABLE:
    run_table (op, &in, out);
    if (out->has_alpha)
      good = restore_from (work, &in, out);
    break;
  case IE_OP_ENTER:
    if (op->keeps)
      op->stage->converter->enter_keeping (op->stage->converter_state, &in, out, kept);
    else
      op->stage->converter->enter (op->stage->converter_state, &in, out);
    break;
  case IE_OP_LEAVE: {
    IePixels original = ie_pixels_part (&results[op->reference], out->rect);
    if (chain->ops[op->reference + 1].keeps)
      op->stage->converter->leave_kept (op->stage->converter_state, &original, &in, kept, out, &count);
    else
      op->stage->converter->leave (op->stage->converter_state, &original, &in, out, &count);
    if (ie_rect_inside (out->rect, rects[chain->count - 1].want))
      tally->out_of_gamut += count.out_of_gamut;
    if (out->has_alpha && op->stage->step.filter->alpha != IE_ALPHA_FILTER)
      good = restore_from (work, &original, out);
    break;
  }
  case IE_OP_TONE: {
    const guint16 *curve = op->stage->step.filter->curve (&op->stage->step);
    if (curve)
      op->stage->converter->tone (op->stage->converter_state, &in, curve, out, &count);
    else
      ie_convert_pixels (&in, out);
    tally->out_of_gamut += count.out_of_gamut;
    break;
  }
  case IE_OP_APPLY:
    good = run_apply (op, work, &in, rects[i].in, out);
    break;
  case IE_OP_MIX:
    good = ie_mix_pixels (op->stage, work, &results[op->reference], &in, out);
    break;
  case IE_OP_SOURCE:
    break;
  }
  ie_work_release (work, mark);
  return good && !ie_work_cancelled (work);
}

static gboolean
same_geometry (const IeChain *chain)
{
  const IeHeader *a = &chain->ops[0].header, *b = ie_chain_output (chain);
  return a->width == b->width && a->height == b->height && a->channels == b->channels;
}

/* Operations first .. of the chain, a few rows at a time; the result lies where results says. */
static gboolean
run_tail (const IeChain *chain, int first, int rows, IeWork *work, IePixels *results, IeOpRects *rects,
          const IePixels *kept, IeTally *tally)
{
  int last = chain->count - 1;
  IeRect out = rects[last].need, piece = out;
  piece.height = MIN (rows, out.height);
  for (int i = first; i < last; i++)
    if (!ie_scratch_pixels (work, piece, &chain->ops[i].header, &results[i]))
      return FALSE;
  for (int y = out.y; y < out.y + out.height; y += rows) {
    piece.y = y;
    piece.height = MIN (rows, out.y + out.height - y);
    for (int i = first; i <= last; i++) {
      IePixels part = results[i];
      if (i < last)
        results[i].rect = part.rect = piece;
      else
        part = ie_pixels_part (&results[i], piece);
      rects[i].in = piece;
      if (!run_op (chain, i, work, results, rects, kept, &part, tally))
        return FALSE;
    }
  }
  return TRUE;
}

/* Whether the first operation looks for NaN itself, and is the only one that sees the source. */
static gboolean
looks_itself (const IeChain *chain)
{
  if (chain->count < 2 || chain->ops[1].kind != IE_OP_APPLY ||
      !(chain->ops[1].stage->step.filter->flags & IE_LOOKS_FOR_NAN))
    return FALSE;
  for (int i = 1; i < chain->count; i++)
    if (chain->ops[i].reference == 0)
      return FALSE;
  return TRUE;
}

/* Of what operation `enter` enters, the rows that are left again; the others are seen by windows alone. */
static IeRect
left_rows (const IeChain *chain, const IeOpRects *rects, int enter)
{
  IeRect rect = rects[enter].need;
  for (int i = enter + 1; i < chain->count; i++)
    if (chain->ops[i].kind == IE_OP_LEAVE && chain->ops[i].reference == enter - 1) {
      rect.y = rects[i].need.y;
      rect.height = rects[i].need.height;
    }
  return rect;
}

static gboolean
compute (const IeChain *chain, IeWork *work, IeRect out, gboolean look, IePixels *destination, IePixels *source,
         IeTally *tally)
{
  int last = chain->count - 1;
  IeOpRects *rects = ie_work_alloc (work, sizeof *rects * (gsize) chain->count);
  IePixels *results = ie_work_alloc (work, sizeof *results * (gsize) chain->count);
  if (!rects || !results)
    return FALSE;
  ie_chain_rects (chain, out, rects);
  IeRect nothing = { 0, 0, 0, 0 };
  IePixels kept = { .data = NULL };
  int rows, tail = ie_chain_tail (chain, rects, &rows);
  for (int i = 0; i <= last; i++) {
    const IeOp *op = &chain->ops[i];
    IeRect want = rects[i].want, need = rects[i].need;
    /* What is asked of the picture's inside may lie beside what is asked of its outside (a small picture). */
    IeRect box = ie_rect_box (want, need);
    if (i == 0) {
      IeRect counted = same_geometry (chain) ? out : nothing;
      if (!run_source (chain, work, box, need, counted, look, &results[0], tally))
        return FALSE;
      continue;
    }
    if (i == tail && tail < last) {
      results[last] = *destination;
      if ((!destination->data && !ie_scratch_pixels (work, out, &chain->ops[last].header, &results[last])) ||
          !run_tail (chain, tail, rows, work, results, rects, &kept, tally))
        return FALSE;
      break;
    }
    if (i == last && destination->data)
      results[i] = *destination;
    else if (!ie_scratch_pixels (work, box, &op->header, &results[i]))
      return FALSE;
    IeHeader aside = { .channels = op->keeps, .depth = IE_DEPTH_FLOAT };
    if (op->keeps && !ie_scratch_pixels (work, left_rows (chain, rects, i), &aside, &kept))
      return FALSE;
    IePixels part = ie_pixels_part (&results[i], need);
    if (!run_op (chain, i, work, results, rects, &kept, &part, tally))
      return FALSE;
    ie_extend (&results[i], need, &op->header);
  }
  if (last == 0 && destination->data) {
    IePixels view = ie_pixels_part (&results[0], out);
    ie_convert_pixels (&view, destination);
  } else {
    *destination = ie_pixels_part (&results[last], out);
  }
  if (source) {
    source->data = NULL;
    if (same_geometry (chain) && ie_rect_inside (out, results[0].rect))
      *source = ie_pixels_part (&results[0], out);
  }
  return TRUE;
}

gboolean
ie_chain_compute (const IeChain *chain, IeWork *work, IeRect out, IePixels *destination, IePixels *source, IeTally *tally)
{
  if (!looks_itself (chain))
    return compute (chain, work, out, TRUE, destination, source, tally);
  IePixels place = *destination;
  IeTally before = *tally;
  IeWorkMark mark = ie_work_mark (work);
  work->found_nan = FALSE;
  gboolean good = compute (chain, work, out, FALSE, destination, source, tally);
  if (!good || !work->found_nan)
    return good;
  ie_work_release (work, mark);
  *destination = place;
  *tally = before;
  return compute (chain, work, out, TRUE, destination, source, tally);
}
