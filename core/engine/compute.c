// SPDX-License-Identifier: GPL-3.0-or-later
/* One rectangle through a chain of operations, in scratch that stays in cache. */
#include "core/dither.h"
#include "core/engine/internal.h"

#include <string.h>

static gsize
row_samples (const IePixels *pixels)
{
  return (gsize) pixels->rect.width * (gsize) pixels->channels;
}

static void *
row_of (const IePixels *pixels, int y)
{
  return (char *) pixels->data + (ptrdiff_t) y * pixels->stride;
}

static gboolean
make_pixels (IeWork *work, IeRect rect, const IeHeader *header, IePixels *pixels)
{
  *pixels = (IePixels){ .rect = rect,
                        .channels = header->channels,
                        .has_alpha = header->has_alpha,
                        .depth = header->depth,
                        .stride = (ptrdiff_t) ((gsize) rect.width * (gsize) header->channels * ie_depth_bytes (header->depth)) };
  pixels->data = ie_work_alloc (work, (gsize) pixels->stride * (gsize) rect.height);
  return pixels->data != NULL;
}

void
ie_extend (const IePixels *pixels, IeRect done, const IeHeader *header)
{
  IeRect box = pixels->rect;
  if (ie_rect_inside (box, done))
    return;
  gsize pixel = (gsize) pixels->channels * ie_depth_bytes (pixels->depth);
  for (int y = done.y; y < done.y + done.height; y++) {
    for (int x = box.x; x < done.x; x++)
      memcpy (ie_pixels_at (pixels, x, y), ie_pixels_at (pixels, ie_reflect (x, header->width), y), pixel);
    for (int x = done.x + done.width; x < box.x + box.width; x++)
      memcpy (ie_pixels_at (pixels, x, y), ie_pixels_at (pixels, ie_reflect (x, header->width), y), pixel);
  }
  for (int y = box.y; y < box.y + box.height; y++)
    if (y < done.y || y >= done.y + done.height)
      memcpy (ie_pixels_at (pixels, box.x, y), ie_pixels_at (pixels, box.x, ie_reflect (y, header->height)),
              (gsize) box.width * pixel);
}

void
ie_convert_pixels (const IePixels *in, const IePixels *out)
{
  const IeConvertKernels *convert = ie_convert ();
  gsize n = row_samples (out);
  for (int y = 0; y < out->rect.height; y++) {
    const void *from = row_of (in, y);
    void *to = row_of (out, y);
    if (in->depth == out->depth)
      memcpy (to, from, n * ie_depth_bytes (in->depth));
    else if (in->depth == IE_DEPTH_U8 && out->depth == IE_DEPTH_FLOAT)
      convert->u8_to_float (from, to, n);
    else if (in->depth == IE_DEPTH_U16 && out->depth == IE_DEPTH_FLOAT)
      convert->u16_to_float (from, to, n);
    else if (in->depth == IE_DEPTH_FLOAT && out->depth == IE_DEPTH_U8)
      convert->float_to_u8 (from, to, n);
    else if (in->depth == IE_DEPTH_FLOAT && out->depth == IE_DEPTH_U16)
      convert->float_to_u16 (from, to, n);
    else if (in->depth == IE_DEPTH_U8)
      convert->u8_to_u16 (from, to, n);
    else
      convert->u16_to_u8 (from, to, n);
  }
}

/* The last change of depth, to a smaller one than the picture had. */
static void
dither_pixels (const IePixels *in, const IePixels *out)
{
  const IeConvertKernels *convert = ie_convert ();
  int channels = out->channels;
  gsize n = row_samples (out), block = (gsize) IE_DITHER_SIZE * (gsize) channels;
  float thresholds[IE_DITHER_SIZE * IE_MAX_CHANNELS], values[IE_DITHER_SIZE * IE_MAX_CHANNELS];
  for (int y = 0; y < out->rect.height; y++) {
    ie_dither_row (out->rect.x, out->rect.y + y, channels, out->has_alpha, out->depth == IE_DEPTH_U8, thresholds);
    for (gsize i = 0; i < n; i += block) {
      gsize count = MIN (block, n - i);
      const float *from = in->depth == IE_DEPTH_FLOAT ? (const float *) row_of (in, y) + i : values;
      if (in->depth == IE_DEPTH_U16)
        convert->u16_to_float ((const guint16 *) row_of (in, y) + i, values, count);
      if (out->depth == IE_DEPTH_U8)
        convert->float_to_u8_dithered (from, (guint8 *) row_of (out, y) + i, count, thresholds);
      else
        convert->float_to_u16_dithered (from, (guint16 *) row_of (out, y) + i, count, thresholds);
    }
  }
}

static void
clean_nan (const IePixels *pixels)
{
  for (int y = 0; y < pixels->rect.height; y++) {
    float *row = row_of (pixels, y);
    for (gsize i = 0; i < row_samples (pixels); i++)
      if (row[i] != row[i])
        row[i] = 0;
  }
}

static gsize
count_nan (const IePixels *pixels)
{
  gsize count = 0;
  for (int y = 0; pixels->depth == IE_DEPTH_FLOAT && y < pixels->rect.height; y++)
    count += ie_convert ()->count_nan (row_of (pixels, y), row_samples (pixels));
  return count;
}

/* The source's pixels: a view where nothing must be changed, else a copy with the border and without NaN. */
static gboolean
run_source (const IeChain *chain, IeWork *work, IeRect box, IeRect need, IeRect out, IePixels *result, IeTally *tally)
{
  const IeHeader *header = &chain->ops[0].header;
  IePixels view;
  gboolean viewed = ie_window_view (chain->window, need, &view);
  gsize nan = viewed ? count_nan (&view) : 0;
  if (nan) {
    IeRect own = ie_rect_intersect (out, need);
    if (own.width > 0 && own.height > 0) {
      IePixels part = ie_pixels_part (&view, own);
      tally->nan += count_nan (&part);
    }
  }
  if (viewed && !nan && ie_rect_inside (box, need)) {
    *result = view;
    return TRUE;
  }
  if (!make_pixels (work, box, header, result))
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
    clean_nan (&part);
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
    const void *from = row_of (in, y);
    void *to = row_of (out, y);
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

/* Alpha as it came in, and colour as it came in where alpha is 0. */
static void
restore_alpha (const IePixels *in, const IePixels *out)
{
  gsize size = ie_depth_bytes (out->depth), pixel = size * (gsize) out->channels;
  static const guint8 zero[4];
  for (int y = out->rect.y; y < out->rect.y + out->rect.height; y++) {
    const char *from = ie_pixels_at (in, out->rect.x, y);
    char *to = ie_pixels_at (out, out->rect.x, y);
    for (int x = 0; x < out->rect.width; x++, from += pixel, to += pixel) {
      const char *alpha = from + pixel - size;
      gboolean clear = out->depth == IE_DEPTH_FLOAT ? *(const float *) alpha == 0 : memcmp (alpha, zero, size) == 0;
      if (clear)
        memcpy (to, from, pixel);
      else
        memcpy (to + pixel - size, alpha, size);
    }
  }
}

/* The same where the original may have another depth. */
static gboolean
restore_from (IeWork *work, const IePixels *original, const IePixels *out)
{
  IePixels same = *original;
  if (original->depth != out->depth) {
    IeHeader as = { .channels = out->channels, .has_alpha = out->has_alpha, .depth = out->depth };
    if (!make_pixels (work, out->rect, &as, &same))
      return FALSE;
    ie_convert_pixels (original, &same);
  }
  restore_alpha (&same, out);
  return TRUE;
}

static gboolean
run_apply (const IeOp *op, IeWork *work, const IePixels *before, IeRect in_rect, const IePixels *out)
{
  const IeStage *stage = op->stage;
  const IeFilter *filter = stage->step.filter;
  IePixels *in = g_newa (IePixels, 1 + stage->aux_count);
  in[0] = ie_pixels_part (before, in_rect);
  for (int a = 0; a < stage->aux_count; a++) {
    const IeHeader *header = &stage->aux[a]->header;
    IeRect want = filter->region ? filter->region (&stage->step, out->rect, a + 1) : out->rect;
    IeRect need = ie_rect_intersect (want, ie_rect_whole (header));
    IePixels view;
    IeHeader as = *header;
    as.depth = out->depth;
    if (!ie_window_view (stage->aux[a], need, &view) || !make_pixels (work, want, &as, &in[1 + a]))
      return FALSE;
    IePixels part = ie_pixels_part (&in[1 + a], need);
    ie_convert_pixels (&view, &part);
    ie_extend (&in[1 + a], need, header);
  }
  op->apply (&stage->step, work, in, out);
  if (out->has_alpha && filter->alpha != IE_ALPHA_FILTER)
    restore_alpha (&in[0], out);
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
    if (!make_pixels (work, out->rect, &as, &converted))
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
    if (!weights || !make_pixels (work, row, &as, &mask_float))
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
    ie_convert ()->mix (row_of (&original, y), row_of (after, y), row_of (out, y), (gsize) out->rect.width,
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
    const float *row = row_of (in, y);
    gsize n = row_samples (in);
    guint32 here = 0;
    for (gsize i = 0; i < n; i++)
      here += (guint32) (row[i] < -slack) + (guint32) (row[i] > 1 + slack);
    count += here;
  }
  return count;
}

static gboolean
run_op (const IeChain *chain, int i, IeWork *work, const IePixels *results, const IeOpRects *rects, const IePixels *out,
        IeTally *tally)
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
      dither_pixels (&in, out);
    else
      ie_convert_pixels (&in, out);
    break;
  case IE_OP_TABLE:
    run_table (op, &in, out);
    if (out->has_alpha)
      good = restore_from (work, &in, out);
    break;
  case IE_OP_ENTER:
    op->stage->converter->enter (op->stage->converter_state, &in, out);
    break;
  case IE_OP_LEAVE: {
    IePixels original = ie_pixels_part (&results[op->reference], out->rect);
    op->stage->converter->leave (op->stage->converter_state, &original, &in, out, &count);
    if (ie_rect_inside (out->rect, rects[chain->count - 1].want))
      tally->out_of_gamut += count.out_of_gamut;
    if (out->has_alpha && op->stage->step.filter->alpha != IE_ALPHA_FILTER)
      good = restore_from (work, &original, out);
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

gboolean
ie_chain_compute (const IeChain *chain, IeWork *work, IeRect out, IePixels *destination, IePixels *source, IeTally *tally)
{
  int last = chain->count - 1;
  IeOpRects *rects = ie_work_alloc (work, sizeof *rects * (gsize) chain->count);
  IePixels *results = ie_work_alloc (work, sizeof *results * (gsize) chain->count);
  if (!rects || !results)
    return FALSE;
  ie_chain_rects (chain, out, rects);
  IeRect nothing = { 0, 0, 0, 0 };
  for (int i = 0; i <= last; i++) {
    const IeOp *op = &chain->ops[i];
    IeRect want = rects[i].want, need = rects[i].need;
    /* What is asked of the picture's inside may lie beside what is asked of its outside (a small picture). */
    int x0 = MIN (want.x, need.x), y0 = MIN (want.y, need.y);
    IeRect box = { x0, y0, MAX (want.x + want.width, need.x + need.width) - x0,
                   MAX (want.y + want.height, need.y + need.height) - y0 };
    if (i == 0) {
      IeRect counted = same_geometry (chain) ? out : nothing;
      if (!run_source (chain, work, box, need, counted, &results[0], tally))
        return FALSE;
      continue;
    }
    if (i == last && destination->data)
      results[i] = *destination;
    else if (!make_pixels (work, box, &op->header, &results[i]))
      return FALSE;
    IePixels part = ie_pixels_part (&results[i], need);
    if (!run_op (chain, i, work, results, rects, &part, tally))
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
