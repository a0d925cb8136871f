// SPDX-License-Identifier: GPL-3.0-or-later
/* Area averaging. With s = source size / result size, pixel i of the result covers the interval i s .. (i + 1) s of the
 * source in both directions; its value is the integral of the source's samples over that rectangle divided by the
 * integral of the weights, which are 1, or alpha for the colours of a picture that has it. Sums are doubles in the order
 * of the source's rows and columns. */
#include "enhance/reduce.h"

#include "core/error.h"
#include "core/i18n.h"

#include <string.h>

typedef struct {
  IeSource source;
  IeSource *from;
  gboolean owned;
  void *row;      /* one row of `from` */
  int loaded;     /* its number, or -1 */
  double *line;   /* that row, reduced across: `cells` a pixel */
  double *sums;   /* of the rows so far of one row of the result */
  int cells;      /* channels; with alpha the first ones hold colour x alpha */
} Reduced;

static double
sample (const Reduced *reduced, gsize i)
{
  switch (reduced->from->header.depth) {
    case IE_DEPTH_U8:
      return ((const guint8 *) reduced->row)[i];
    case IE_DEPTH_U16:
      return ((const guint16 *) reduced->row)[i];
    default:
      return ((const float *) reduced->row)[i];
  }
}

/* Adds pixel x of the row, weighed. */
static void
add_pixel (const Reduced *reduced, gsize x, double weight, double *out)
{
  gsize channels = (gsize) reduced->cells;
  gsize colours = channels - (reduced->from->header.has_alpha ? 1 : 0);
  double by = weight;
  if (colours < channels) {
    double alpha = sample (reduced, x * channels + colours);
    out[colours] += weight * alpha;
    by *= alpha;
  }
  for (gsize c = 0; c < colours; c++)
    out[c] += by * sample (reduced, x * channels + c);
}

/* The row, reduced across into line. */
static void
reduce_across (Reduced *reduced)
{
  int width = reduced->source.header.width, from_width = reduced->from->header.width;
  double step = (double) from_width / width;
  memset (reduced->line, 0, (gsize) width * (gsize) reduced->cells * sizeof (double));
  for (int i = 0; i < width; i++) {
    double begin = i * step, end = (i + 1) * step;
    for (int x = (int) begin; x < from_width && x < end; x++) {
      double overlap = MIN (end, x + 1.0) - MAX (begin, x);
      if (overlap > 0)
        add_pixel (reduced, (gsize) x, overlap, reduced->line + (gsize) i * (gsize) reduced->cells);
    }
  }
}

static gboolean
load_row (Reduced *reduced, int y, GError **error)
{
  const IeHeader *header = &reduced->from->header;
  ptrdiff_t stride = (ptrdiff_t) ((gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth));
  if (reduced->loaded == y)
    return TRUE;
  reduced->loaded = -1;
  if (reduced->from->memory)
    memcpy (reduced->row, (const char *) reduced->from->memory + y * reduced->from->stride, (gsize) stride);
  else if (!reduced->from->read (reduced->from, (IeRect){ 0, y, header->width, 1 }, reduced->row, stride, error))
    return FALSE;
  reduced->loaded = y;
  reduce_across (reduced);
  return TRUE;
}

static void
put_sample (const Reduced *reduced, void *out, gsize i, double value)
{
  IeDepth depth = reduced->source.header.depth;
  if (depth == IE_DEPTH_FLOAT)
    ((float *) out)[i] = (float) value;
  else {
    double range = depth == IE_DEPTH_U8 ? 255 : 65535, code = CLAMP (value + 0.5, 0, range);
    if (depth == IE_DEPTH_U8)
      ((guint8 *) out)[i] = (guint8) code;
    else
      ((guint16 *) out)[i] = (guint16) code;
  }
}

/* Sums to samples. Where alpha is 0 everywhere the colour is unknown: 0. */
static void
finish_row (const Reduced *reduced, double area, void *out)
{
  gsize channels = (gsize) reduced->cells, colours = channels - (reduced->from->header.has_alpha ? 1 : 0);
  for (gsize x = 0; x < (gsize) reduced->source.header.width; x++) {
    const double *sums = reduced->sums + x * channels;
    double weight = colours < channels ? sums[colours] : area;
    for (gsize c = 0; c < channels; c++)
      put_sample (reduced, out, x * channels + c,
                  c == colours ? sums[c] / area : weight > 0 ? sums[c] / weight : 0);
  }
}

static gboolean
reduce_row (Reduced *reduced, int row, void *out, GError **error)
{
  int height = reduced->source.header.height, from_height = reduced->from->header.height;
  gsize cells = (gsize) reduced->source.header.width * (gsize) reduced->cells;
  double step = (double) from_height / height, begin = row * step, end = (row + 1) * step;
  memset (reduced->sums, 0, cells * sizeof (double));
  for (int y = (int) begin; y < from_height && y < end; y++) {
    double overlap = MIN (end, y + 1.0) - MAX (begin, y);
    if (overlap <= 0)
      continue;
    if (!load_row (reduced, y, error))
      return FALSE;
    for (gsize i = 0; i < cells; i++)
      reduced->sums[i] += overlap * reduced->line[i];
  }
  finish_row (reduced, step * ((double) reduced->from->header.width / reduced->source.header.width), out);
  return TRUE;
}

static gboolean
take_memory (Reduced *reduced, GError **error)
{
  const IeHeader *header = &reduced->from->header;
  gsize line = (gsize) reduced->source.header.width * (gsize) reduced->cells * sizeof (double);
  if (reduced->row)
    return TRUE;
  reduced->row = g_try_malloc ((gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth));
  reduced->line = g_try_malloc (line);
  reduced->sums = g_try_malloc (line);
  if (reduced->row && reduced->line && reduced->sums)
    return TRUE;
  g_clear_pointer (&reduced->row, g_free);
  g_clear_pointer (&reduced->line, g_free);
  g_clear_pointer (&reduced->sums, g_free);
  g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for a reduced picture"));
  return FALSE;
}

static gboolean
reduced_read (IeSource *base, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  Reduced *reduced = (Reduced *) base;
  if (!take_memory (reduced, error))
    return FALSE;
  for (int y = 0; y < rect.height; y++)
    if (!reduce_row (reduced, rect.y + y, (char *) data + y * stride, error))
      return FALSE;
  return TRUE;
}

static gboolean
reduced_rewind (IeSource *base, GError **error)
{
  Reduced *reduced = (Reduced *) base;
  reduced->loaded = -1;
  if (reduced->from->memory || reduced->from->random)
    return TRUE;
  return reduced->from->rewind && reduced->from->rewind (reduced->from, error);
}

static void
reduced_free (IeSource *base)
{
  Reduced *reduced = (Reduced *) base;
  if (reduced->owned)
    ie_source_free (reduced->from);
  g_free (reduced->row);
  g_free (reduced->line);
  g_free (reduced->sums);
  g_free (reduced);
}

IeSource *
ie_reduced_source_new (IeSource *source, gboolean owned, int width, int height, const IeMetadata *metadata)
{
  Reduced *reduced = g_new0 (Reduced, 1);
  reduced->source = (IeSource){ .header = source->header,
                                .read = reduced_read,
                                .rewind = source->memory || source->random || source->rewind ? reduced_rewind : NULL,
                                .free = reduced_free,
                                .read_cost = source->read_cost };
  reduced->source.header.width = width;
  reduced->source.header.height = height;
  reduced->source.header.metadata = metadata;
  reduced->from = source;
  reduced->owned = owned;
  reduced->loaded = -1;
  reduced->cells = source->header.channels;
  gsize line = (gsize) width * (gsize) reduced->cells * sizeof (double);
  reduced->source.memory_held =
    source->memory_held + 2 * line +
    (gsize) source->header.width * (gsize) source->header.channels * ie_depth_bytes (source->header.depth);
  return &reduced->source;
}
