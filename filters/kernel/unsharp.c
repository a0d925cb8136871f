// SPDX-License-Identifier: GPL-3.0-or-later
/* Unsharp masking as in Gonzalez, Woods, Digital Image Processing, 4th ed., section 3.6; see unsharp.h. Colour under
 * alpha: the blur weighs it by alpha. */
#include "filters/kernel/unsharp.h"

#include "core/elementary.h"
#include "filters/kernel/rows.h"

/* Up to here amount times the error of the Gaussian in 16-bit integers (0.15 of a code) leaves the result within one
 * code of the float result; it is also the largest amount whose half is a fraction of 15 bits. */
#define INTEGER_AMOUNT 1.99

IeUnsharp *
ie_unsharp_new (const IeStep *step, const IeFilter *blur, IeParams *values, GError **error)
{
  IeUnsharp *unsharp = g_new0 (IeUnsharp, 1);
  if (!blur) {
    unsharp->gaussian = ie_gaussian_new (ie_number (step->params, IE_UNSHARP_RADIUS));
    return unsharp;
  }
  unsharp->values = values;
  unsharp->blur = (IeStep){ .filter = blur, .params = values, .input = step->input, .output = step->input };
  GError *reason = NULL;
  if (blur->prepare)
    unsharp->blur.prepared = blur->prepare (&unsharp->blur, &reason);
  if (!reason)
    return unsharp;
  g_propagate_error (error, reason);
  ie_unsharp_free (unsharp);
  return NULL;
}

void
ie_unsharp_free (gpointer data)
{
  IeUnsharp *unsharp = data;
  if (!unsharp)
    return;
  ie_gaussian_free (unsharp->gaussian);
  if (unsharp->blur.prepared)
    (unsharp->blur.filter->release ? unsharp->blur.filter->release : g_free) (unsharp->blur.prepared);
  ie_params_free (unsharp->values);
  g_free (unsharp);
}

IeRect
ie_unsharp_region (const IeStep *step, IeRect output, int input)
{
  const IeUnsharp *unsharp = step->prepared;
  if (unsharp->blur.filter)
    return unsharp->blur.filter->region (&unsharp->blur, output, 0);
  return ie_gaussian_region (&unsharp->gaussian->shape, output);
}

static gboolean
may_be_integer (const IeParams *values)
{
  return ie_number (values, IE_UNSHARP_THRESHOLD) == 0 && ie_number (values, IE_UNSHARP_AMOUNT) <= INTEGER_AMOUNT;
}

/* Whether the Gaussian of this step is one of 16-bit integers. */
static gboolean
is_integer (const IeStep *step, IeDepth depth)
{
  return depth == IE_DEPTH_U8 && !step->input.has_alpha && may_be_integer (step->params);
}

gboolean
ie_unsharp_mirrors (const IeStep *step, IeDepth depth)
{
  const IeUnsharp *unsharp = step->prepared;
  return !unsharp->blur.filter && ie_gaussian_mirrors (&unsharp->gaussian->shape, depth, is_integer (step, depth));
}

/* The depth in which another blur works: its own where it selects samples, else float, so that nothing is rounded. */
static IeDepth
blur_depth (const IeFilter *blur, IeDepth depth)
{
  return blur->flags & IE_SELECTS ? depth : IE_DEPTH_FLOAT;
}

static gsize
view_bytes (IeRect rect, int channels, IeDepth depth)
{
  gsize row = (gsize) rect.width * (gsize) channels * ie_depth_bytes (depth);
  return ((row + 63) & ~(gsize) 63) * (gsize) rect.height + 64;
}

gsize
ie_unsharp_memory (const IeStep *step, IeRect output, IeDepth depth)
{
  const IeUnsharp *unsharp = step->prepared;
  const IeFilter *blur = unsharp->blur.filter;
  int channels = step->input.channels;
  gsize rows = 3 * ((gsize) output.width * (gsize) channels * sizeof (float) + 64);
  if (blur) {
    IeDepth as = blur_depth (blur, depth);
    IeRect need = blur->region (&unsharp->blur, output, 0);
    gsize copy = as == depth ? 0 : view_bytes (need, channels, as);
    return rows + copy + view_bytes (output, channels, as) +
           (blur->memory ? blur->memory (&unsharp->blur, output, as) : 0);
  }
  gboolean integer = is_integer (step, depth);
  gsize row = 2 * IE_GAUSSIAN_STRETCH_MOST * sizeof (float) + 64;
  return ie_gaussian_memory (&unsharp->gaussian->shape, output, channels, integer) + row;
}

typedef struct {
  IePixels in;  /* seen without alpha: loaded as it is */
  IePixels out;
  gboolean has_alpha;
  IeUnit unit;
  float amount, threshold; /* threshold in the unit; above 0 only with IE_UNIT_RANGE */
  gint16 half_amount;      /* 1 / 32768 */
  float *original;         /* one stretch of the input */
} Sharpening;

static void
sharpen (const float *restrict in, const float *restrict blurred, float *restrict out, int samples, float amount)
{
  for (int i = 0; i < samples; i++)
    out[i] = in[i] + amount * (in[i] - blurred[i]);
}

/* sharpen() from codes to codes, clamped and rounded half up. */
static void
sharpen_u16 (const guint16 *restrict in, const float *restrict blurred, guint16 *restrict out, int samples, float amount)
{
  float least = ie_unknown (0), most = ie_unknown (65535);
  for (int i = 0; i < samples; i++) {
    float original = in[i], code = original + amount * (original - blurred[i]);
    code = code > least ? code : least;
    code = code < most ? code : most;
    out[i] = (guint16) (gint32) (code + 0.5f);
  }
}

static void
sharpen_above (const float *restrict in, const float *restrict blurred, float *restrict out, int samples, float amount,
               float threshold)
{
  for (int i = 0; i < samples; i++) {
    float difference = in[i] - blurred[i], size = difference < 0 ? -difference : difference;
    out[i] = in[i] + amount * (size >= threshold ? difference : 0);
  }
}

static void
sharpen_row (gpointer data, int x, int y, int pixels, float *blurred)
{
  const Sharpening *s = data;
  int samples = pixels * s->out.channels;
  gboolean is_float = s->out.depth == IE_DEPTH_FLOAT;
  if (s->out.depth == IE_DEPTH_U16 && !s->has_alpha && !(s->threshold > 0)) {
    sharpen_u16 (ie_pixels_at (&s->in, x, y), blurred, ie_pixels_at (&s->out, x, y), samples, s->amount);
    return;
  }
  const float *in = is_float ? ie_pixels_at (&s->in, x, y) : s->original;
  float *out = is_float ? ie_pixels_at (&s->out, x, y) : s->original + IE_GAUSSIAN_STRETCH_MOST;
  if (!is_float)
    ie_weigh_load (&s->in, x, y, pixels, s->unit, s->original);
  if (s->has_alpha)
    ie_weigh_divide (blurred, pixels, s->out.channels);
  if (s->threshold > 0)
    sharpen_above (in, blurred, out, samples, s->amount, s->threshold);
  else
    sharpen (in, blurred, out, samples, s->amount);
  if (!is_float)
    ie_weigh_store (out, &s->out, x, y, pixels, s->unit);
}

/* 8 bits: the difference in 1 / 128, the result in 1 / 32 of a code, so that everything is an int16. */
static void
sharpen_row_int16 (gpointer data, int x, int y, int pixels, const gint16 *restrict blurred)
{
  const Sharpening *s = data;
  const guint8 *restrict in = ie_pixels_at (&s->in, x, y);
  guint8 *restrict out = ie_pixels_at (&s->out, x, y);
  gint16 half_amount = s->half_amount;
  int samples = pixels * s->out.channels;
  for (int i = 0; i < samples; i++) {
    gint16 difference = (gint16) (IE_GAUSSIAN_INT16 (in[i]) - blurred[i]);
    gint16 added = ie_multiply_high (difference, half_amount); /* amount * difference in 1 / 64 */
    gint16 half = (gint16) ((gint16) (added + 1) >> 1); /* every number in 16 bits, or compilers widen the lot */
    gint16 code = (gint16) ((gint16) (in[i] * 32 + half + 16) >> 5);
    code = code > 0 ? code : 0;
    code = code < 255 ? code : 255;
    out[i] = (guint8) code;
  }
}

/* Thresholds decide: they see the values that the picture has as float, so that they fall alike at every depth. */
static Sharpening
sharpening (const IeStep *step, const IePixels *in, const IePixels *out)
{
  double amount = ie_number (step->params, IE_UNSHARP_AMOUNT);
  double threshold = ie_number (step->params, IE_UNSHARP_THRESHOLD) / 100;
  Sharpening s = { .in = *in, .out = *out, .has_alpha = in->has_alpha, .amount = (float) amount };
  s.in.has_alpha = FALSE;
  s.unit = threshold > 0 ? IE_UNIT_RANGE : IE_UNIT_CODE;
  s.threshold = (float) threshold;
  s.half_amount = (gint16) (MIN (amount, INTEGER_AMOUNT) * 16384 + 0.5);
  return s;
}

/* ---- another blur than the Gaussian ------------------------------------------------------------------------------ */

static IePixels
view_new (IeWork *work, const IePixels *like, IeRect rect, IeDepth depth)
{
  gsize row = (gsize) rect.width * (gsize) like->channels * ie_depth_bytes (depth);
  row = (row + 63) & ~(gsize) 63;
  IePixels view = { .rect = rect, .channels = like->channels, .has_alpha = like->has_alpha, .depth = depth };
  view.stride = (ptrdiff_t) row;
  view.data = ie_work_alloc (work, row * (gsize) rect.height);
  return view;
}

/* The blur's own input: the same view, or float with straight colour. */
static IePixels
blur_input (const IePixels *in, IeDepth depth, IeWork *work)
{
  if (in->depth == depth)
    return *in;
  IePixels view = view_new (work, in, in->rect, depth), plain = *in;
  plain.has_alpha = FALSE;
  for (int y = in->rect.y; y < in->rect.y + in->rect.height; y++)
    ie_weigh_load (&plain, in->rect.x, y, in->rect.width, IE_UNIT_RANGE, ie_pixels_at (&view, in->rect.x, y));
  return view;
}

static void
sharpen_with (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const IeUnsharp *unsharp = step->prepared;
  const IeFilter *blur = unsharp->blur.filter;
  IeDepth depth = blur_depth (blur, in->depth);
  ie_work_look_for_nan (work, in);
  IePixels from = blur_input (in, depth, work), blurred = view_new (work, out, out->rect, depth), plain = *in;
  IeApply fast = depth == IE_DEPTH_U8 ? blur->apply_u8 : depth == IE_DEPTH_U16 ? blur->apply_u16 : NULL;
  (fast ? fast : blur->apply) (&unsharp->blur, work, &from, &blurred);
  Sharpening s = sharpening (step, in, out);
  plain.has_alpha = blurred.has_alpha = FALSE;
  gsize row = (gsize) out->rect.width * (gsize) out->channels * sizeof (float);
  float *original = ie_work_alloc (work, row), *soft = ie_work_alloc (work, row), *sharp = ie_work_alloc (work, row);
  int x = out->rect.x, pixels = out->rect.width;
  for (int y = out->rect.y; y < out->rect.y + out->rect.height && !ie_work_cancelled (work); y++) {
    ie_weigh_load (&plain, x, y, pixels, IE_UNIT_RANGE, original);
    ie_weigh_load (&blurred, x, y, pixels, IE_UNIT_RANGE, soft);
    sharpen_above (original, soft, sharp, pixels * out->channels, s.amount, s.threshold);
    ie_weigh_store (sharp, out, x, y, pixels, IE_UNIT_RANGE);
  }
}

/* ---- hooks ------------------------------------------------------------------------------------------------------- */

void
ie_unsharp_apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const IeUnsharp *unsharp = step->prepared;
  if (unsharp->blur.filter) {
    sharpen_with (step, work, in, out);
    return;
  }
  Sharpening s = sharpening (step, in, out);
  if (out->depth == IE_DEPTH_FLOAT && !out->has_alpha && s.threshold == 0 && unsharp->gaussian->shape.factor == 1) {
    ie_gaussian_sharpen (unsharp->gaussian, work, in, out, s.amount);
    return;
  }
  s.original = ie_work_alloc (work, 2 * IE_GAUSSIAN_STRETCH_MOST * sizeof *s.original);
  ie_gaussian_rows (unsharp->gaussian, work, in, out, s.unit, sharpen_row, &s);
}

void
ie_unsharp_apply_u8 (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const IeUnsharp *unsharp = step->prepared;
  Sharpening s = sharpening (step, in, out);
  if (!unsharp->blur.filter && !out->has_alpha && may_be_integer (step->params) &&
      ie_gaussian_is_integer (&unsharp->gaussian->shape))
    ie_gaussian_rows_int16 (unsharp->gaussian, work, in, out, sharpen_row_int16, &s);
  else
    ie_unsharp_apply (step, work, in, out);
}
