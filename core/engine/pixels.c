// SPDX-License-Identifier: GPL-3.0-or-later
/* A rectangle of pixels: scratch for it, the border around it, its depth, NaN and alpha. */
#include "core/dither.h"
#include "core/engine/internal.h"

#include <string.h>

IeRect
ie_rect_box (IeRect a, IeRect b)
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

IeRect
ie_rect_reflected (IeRect want, const IeHeader *header)
{
  int x0, x1, y0, y1;
  reflected_span (want.x, want.width, header->width, &x0, &x1);
  reflected_span (want.y, want.height, header->height, &y0, &y1);
  return (IeRect){ x0, y0, x1 - x0, y1 - y0 };
}

gboolean
ie_scratch_pixels (IeWork *work, IeRect rect, const IeHeader *header, IePixels *pixels)
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
  gsize n = ie_row_samples (out);
  for (int y = 0; y < out->rect.height; y++) {
    const void *from = ie_row (in, y);
    void *to = ie_row (out, y);
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

void
ie_dither_pixels (const IePixels *in, const IePixels *out)
{
  const IeConvertKernels *convert = ie_convert ();
  int channels = out->channels;
  gsize n = ie_row_samples (out), block = (gsize) IE_DITHER_SIZE * (gsize) channels;
  float thresholds[IE_DITHER_SIZE * IE_MAX_CHANNELS], values[IE_DITHER_SIZE * IE_MAX_CHANNELS];
  for (int y = 0; y < out->rect.height; y++) {
    ie_dither_row (out->rect.x, out->rect.y + y, channels, out->has_alpha, out->depth == IE_DEPTH_U8, thresholds);
    for (gsize i = 0; i < n; i += block) {
      gsize count = MIN (block, n - i);
      const float *from = in->depth == IE_DEPTH_FLOAT ? (const float *) ie_row (in, y) + i : values;
      if (in->depth == IE_DEPTH_U16)
        convert->u16_to_float ((const guint16 *) ie_row (in, y) + i, values, count);
      if (out->depth == IE_DEPTH_U8)
        convert->float_to_u8_dithered (from, (guint8 *) ie_row (out, y) + i, count, thresholds);
      else
        convert->float_to_u16_dithered (from, (guint16 *) ie_row (out, y) + i, count, thresholds);
    }
  }
}

void
ie_clean_nan (const IePixels *pixels)
{
  for (int y = 0; y < pixels->rect.height; y++) {
    float *row = ie_row (pixels, y);
    for (gsize i = 0; i < ie_row_samples (pixels); i++)
      if (row[i] != row[i])
        row[i] = 0;
  }
}

gsize
ie_count_nan (const IePixels *pixels)
{
  gsize count = 0;
  for (int y = 0; pixels->depth == IE_DEPTH_FLOAT && y < pixels->rect.height; y++)
    count += ie_convert ()->count_nan (ie_row (pixels, y), ie_row_samples (pixels));
  return count;
}

void
ie_restore_alpha (const IePixels *in, const IePixels *out)
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
