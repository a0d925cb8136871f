// SPDX-License-Identifier: GPL-3.0-or-later
/* Area means, streamed: with w x h the picture's size and W x H the portrait's, source pixel x covers x W .. (x + 1) W of a
 * line of length w W, of which portrait pixel i is i w .. (i + 1) w: overlaps are integers, and w h is the area of a pixel.
 *
 * Rows are summed down first, which is the cheaper way on vectors, and across once for each row of the portrait. Samples of
 * 8 bits that are sRGB already stay integers up to the one rounding, half up; all others are sums of doubles in the order
 * of rows, then columns, the colours as products with alpha. */
#include "embed/portrait.h"

#include "core/error.h"
#include "core/i18n.h"
#include "embed/kernel/area.h"
#include "embed/portrait-colour.h"

#include <string.h>

#define BAND_BYTES (256 << 10) /* that are read at once, or one row */
#define BAND_ROWS 16

/* The columns that a pixel of the portrait covers: first with weight `before`, last with weight `after` (0: it is the
 * first one), those between with weight W. */
typedef struct {
  int first, last;
  guint32 before, after;
} Span;

typedef struct {
  IeSource *source;
  int width, height; /* of the portrait before it is turned */
  int channels, colours;
  gboolean plain; /* 8 bits, without alpha, sRGB */
  IePortraitColour *colour;
  Span *spans;
  guint8 *band;
  guint32 *sums;  /* plain: of one row of the portrait, width of the picture x channels */
  double *totals; /* the same of all others */
  double *across; /* of one row of the portrait, its width x channels */
  float *means, *mapped;
  guint8 *rgb;
} Reader;

static void
make_spans (Reader *reader)
{
  guint64 w = (guint64) reader->source->header.width, W = (guint64) reader->width;
  for (guint64 i = 0; i < W; i++) {
    Span *span = &reader->spans[i];
    guint64 begin = i * w, end = (i + 1) * w;
    span->first = (int) (begin / W);
    span->last = (int) ((end - 1) / W);
    span->before = (guint32) (MIN (end, (guint64) (span->first + 1) * W) - begin);
    span->after = span->last > span->first ? (guint32) (end - (guint64) span->last * W) : 0;
  }
}

/* ---- Plain pictures: integers -------------------------------------------------------------------------------------- */

/* sum / area, rounded half up. The quotient by a reciprocal is right or off by one, which no branch should depend on. */
static inline guint8
divide (gint64 sum, gint64 area, double reciprocal)
{
  gint64 quotient = (gint64) ((double) sum * reciprocal + 0.5), rest = 2 * sum + area - quotient * 2 * area;
  return (guint8) (quotient + (rest >= 2 * area) - (rest < 0));
}

static guint64
sum_span (const guint32 *sums, const Span *span, int channels, guint64 inner)
{
  guint64 total = 0;
  for (int x = span->first + 1; x < span->last; x++)
    total += sums[x * channels];
  return total * inner + (guint64) sums[span->first * channels] * span->before +
         (guint64) sums[span->last * channels] * span->after;
}

static void
finish_plain (Reader *reader, guint8 *out)
{
  gint64 area = (gint64) reader->source->header.width * reader->source->header.height;
  double reciprocal = 1.0 / (double) area;
  int channels = reader->channels;
  for (int i = 0; i < reader->width; i++, out += 3)
    for (int c = 0; c < 3; c++) {
      if (c > 0 && channels < 3)
        out[c] = out[0];
      else
        out[c] = divide ((gint64) sum_span (reader->sums + c, &reader->spans[i], channels, (guint64) reader->width), area, reciprocal);
    }
}

/* ---- All others: doubles ------------------------------------------------------------------------------------------- */

/* Of a float: 0..1, NaN 0. */
static double
within (float sample)
{
  return sample > 0.0f ? (sample < 1.0f ? (double) sample : 1.0) : 0.0;
}

static double
sample_at (const void *row, IeDepth depth, gsize i)
{
  return depth == IE_DEPTH_U8    ? ((const guint8 *) row)[i]
         : depth == IE_DEPTH_U16 ? ((const guint16 *) row)[i]
                                 : within (((const float *) row)[i]);
}

static void
add_general (Reader *reader, const guint8 *row, double weight)
{
  IeDepth depth = reader->source->header.depth;
  gsize channels = (gsize) reader->channels, colours = (gsize) reader->colours;
  double *totals = reader->totals;
  for (gsize x = 0; x < (gsize) reader->source->header.width; x++) {
    double by = weight;
    gsize at = x * channels;
    if (colours < channels) {
      by *= sample_at (row, depth, at + colours);
      totals[at + colours] += by;
    }
    for (gsize c = 0; c < colours; c++)
      totals[at + c] += by * sample_at (row, depth, at + c);
  }
}

static void
sum_across (Reader *reader)
{
  gsize channels = (gsize) reader->channels;
  for (int i = 0; i < reader->width; i++)
    for (gsize c = 0; c < channels; c++) {
      const Span *span = &reader->spans[i];
      const double *totals = reader->totals + c;
      double sum = totals[(gsize) span->first * channels] * span->before;
      for (int x = span->first + 1; x < span->last; x++)
        sum += totals[(gsize) x * channels] * reader->width;
      reader->across[(gsize) i * channels + c] = sum + totals[(gsize) span->last * channels] * span->after;
    }
}

/* Where the picture is sRGB but not of 8 bits, or has alpha: no quotient is rounded before the code is. */
static void
finish_alike (Reader *reader, double area, double range, guint8 *out)
{
  gsize channels = (gsize) reader->channels, colours = (gsize) reader->colours;
  double whole = colours < channels ? area * range : area;
  for (int i = 0; i < reader->width; i++, out += 3) {
    const double *sums = reader->across + (gsize) i * channels;
    double white = colours < channels ? (whole - sums[colours]) * range : 0.0;
    for (gsize c = 0; c < 3; c++) {
      double code = (2.0 * 255.0 * (sums[colours < 3 ? 0 : c] + white) + whole * range) / (2.0 * whole * range);
      out[c] = (guint8) CLAMP (code, 0.0, 255.0);
    }
  }
}

static void
finish_mapped (Reader *reader, double area, double range, guint8 *out)
{
  gsize channels = (gsize) reader->channels, colours = (gsize) reader->colours;
  for (int i = 0; i < reader->width; i++) {
    const double *sums = reader->across + (gsize) i * channels;
    double weight = colours < channels ? sums[colours] * range : area * range;
    for (gsize c = 0; c < colours; c++)
      reader->means[(gsize) i * colours + c] = weight > 0.0 ? (float) (sums[c] / weight) : 0.0f;
  }
  ie_portrait_colour_row (reader->colour, reader->means, reader->mapped, reader->width);
  for (int i = 0; i < reader->width; i++)
    for (gsize c = 0; c < 3; c++) {
      double value = within (reader->mapped[3 * i + (int) c]);
      if (colours < channels) {
        double alpha = reader->across[(gsize) i * channels + colours] / (area * range);
        value = 1.0 - alpha * (1.0 - value);
      }
      out[3 * i + (int) c] = (guint8) CLAMP (value * 255.0 + 0.5, 0.0, 255.0);
    }
}

static void
finish_general (Reader *reader, guint8 *out)
{
  const IeHeader *header = &reader->source->header;
  double area = (double) header->width * (double) header->height, range = (double) ie_depth_range (header->depth);
  sum_across (reader);
  if (ie_portrait_colour_is_plain (reader->colour))
    finish_alike (reader, area, range, out);
  else
    finish_mapped (reader, area, range, out);
}

/* ---- Rows ---------------------------------------------------------------------------------------------------------- */

static void
add_row (Reader *reader, const guint8 *row, guint32 weight)
{
  if (weight == 0)
    return;
  if (reader->plain)
    ie_area ()->add_u8 (reader->sums, row, (gsize) reader->source->header.width * (gsize) reader->channels, weight);
  else
    add_general (reader, row, weight);
}

static void
finish_row (Reader *reader, int row)
{
  guint8 *out = reader->rgb + (gsize) row * (gsize) reader->width * 3;
  gsize samples = (gsize) reader->source->header.width * (gsize) reader->channels;
  if (reader->plain) {
    finish_plain (reader, out);
    memset (reader->sums, 0, samples * sizeof *reader->sums);
  } else {
    finish_general (reader, out);
    memset (reader->totals, 0, samples * sizeof *reader->totals);
  }
}

/* Row y of the picture: into the row of the portrait that it belongs to, or the two. */
static void
take_row (Reader *reader, int y, const guint8 *row)
{
  guint64 h = (guint64) reader->source->header.height, H = (guint64) reader->height;
  guint64 begin = (guint64) y * H, end = begin + H, target = begin / h, border = (target + 1) * h;
  add_row (reader, row, (guint32) (MIN (end, border) - begin));
  if (end < border)
    return;
  finish_row (reader, (int) target);
  add_row (reader, row, (guint32) (end - border));
}

static gboolean
stopped (const gint *cancel, GError **error)
{
  if (!cancel || !g_atomic_int_get (cancel))
    return FALSE;
  g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("interrupted"));
  return TRUE;
}

static gboolean
read_rows (Reader *reader, int band, const gint *cancel, GError **error)
{
  IeSource *source = reader->source;
  const IeHeader *header = &source->header;
  ptrdiff_t stride = (ptrdiff_t) ((gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth));
  for (int y = 0; y < header->height; y += band) {
    int rows = MIN (band, header->height - y);
    if (stopped (cancel, error))
      return FALSE;
    if (!source->memory && !source->read (source, (IeRect){ 0, y, header->width, rows }, reader->band, stride, error))
      return FALSE;
    for (int i = 0; i < rows; i++)
      take_row (reader, y + i,
                source->memory ? (const guint8 *) source->memory + (ptrdiff_t) (y + i) * source->stride
                               : reader->band + i * stride);
  }
  return TRUE;
}

static void
set_size (Reader *reader, int longest)
{
  int width = reader->source->header.width, height = reader->source->header.height, side = MAX (width, height);
  reader->width = width;
  reader->height = height;
  if (longest <= 0 || side <= longest)
    return;
  gint64 half = side / 2;
  reader->width = (int) MAX (((gint64) width * longest + half) / side, 1);
  reader->height = (int) MAX (((gint64) height * longest + half) / side, 1);
}

static gboolean
take_memory (Reader *reader, int band)
{
  const IeHeader *header = &reader->source->header;
  gsize samples = (gsize) header->width * (gsize) header->channels, wide = (gsize) reader->width;
  reader->spans = g_try_new (Span, wide);
  reader->rgb = g_try_malloc_n (wide * 3, (gsize) reader->height);
  if (!reader->source->memory)
    reader->band = g_try_malloc_n (samples * ie_depth_bytes (header->depth), (gsize) band);
  if (!reader->spans || !reader->rgb || (!reader->source->memory && !reader->band))
    return FALSE;
  if (reader->plain)
    return (reader->sums = g_try_new0 (guint32, samples)) != NULL;
  reader->totals = g_try_new0 (double, samples);
  reader->across = g_try_new (double, wide * (gsize) reader->channels);
  reader->means = g_try_new (float, wide * (gsize) reader->channels);
  reader->mapped = g_try_new (float, wide * 3);
  return reader->totals && reader->across && reader->means && reader->mapped;
}

static gboolean
no_memory (GError **error)
{
  g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for a reduced picture"));
  return FALSE;
}

static gboolean
finish_portrait (Reader *reader, IePortrait *portrait, GError **error)
{
  IePortrait stored = { reader->width, reader->height, reader->rgb };
  const IeMetadata *metadata = reader->source->header.metadata;
  int orientation = metadata ? metadata->orientation : 0;
  if (orientation < 2 || orientation > 8) {
    *portrait = stored;
    reader->rgb = NULL;
    return TRUE;
  }
  return ie_portrait_turn (&stored, (IeRect){ 0, 0, stored.width, stored.height }, orientation, portrait) ||
         no_memory (error);
}

gboolean
ie_portrait_read (IeSource *source, int longest, const gint *cancel, IePortrait *portrait, GError **error)
{
  const IeHeader *header = &source->header;
  Reader reader = { .source = source,
                    .channels = header->channels,
                    .colours = ie_colours (header->channels, header->has_alpha),
                    .colour = ie_portrait_colour_new (header) };
  gsize row = (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
  int band = (int) CLAMP (BAND_BYTES / row, 1, BAND_ROWS);
  reader.plain = header->depth == IE_DEPTH_U8 && !header->has_alpha && ie_portrait_colour_is_plain (reader.colour) &&
                 header->height < (1 << 24); /* sums of 32 bits */
  set_size (&reader, longest);
  gboolean good = take_memory (&reader, band) || no_memory (error);
  if (good) {
    make_spans (&reader);
    good = read_rows (&reader, band, cancel, error) && finish_portrait (&reader, portrait, error);
  }
  ie_portrait_colour_free (reader.colour);
  g_free (reader.spans);
  g_free (reader.band);
  g_free (reader.sums);
  g_free (reader.totals);
  g_free (reader.across);
  g_free (reader.means);
  g_free (reader.mapped);
  g_free (reader.rgb);
  return good;
}

void
ie_portrait_clear (IePortrait *portrait)
{
  g_clear_pointer (&portrait->rgb, g_free);
}

/* ---- Turning ------------------------------------------------------------------------------------------------------- */

gboolean
ie_portrait_turn (const IePortrait *in, IeRect part, int orientation, IePortrait *out)
{
  /* 2, 3, 6, 7 run through columns backwards (6: the rows of the result), 3, 4, 7, 8 ... in the terms of TIFF 6.0: which side
   * of the picture the first row and the first column of the file are. */
  gboolean across = orientation >= 5;
  gboolean flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  gboolean flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  int width = across ? part.height : part.width, height = across ? part.width : part.height;
  ptrdiff_t right = flip_x ? -3 : 3, down = (ptrdiff_t) in->width * (flip_y ? -3 : 3);
  const guint8 *first = in->rgb + ((gsize) (flip_y ? part.y + part.height - 1 : part.y) * (gsize) in->width +
                                   (gsize) (flip_x ? part.x + part.width - 1 : part.x)) *
                                    3;
  guint8 *rgb = g_try_malloc_n ((gsize) width * 3, (gsize) height), *to = rgb;
  if (!rgb)
    return FALSE;
  for (int y = 0; y < height; y++) {
    const guint8 *from = first + y * (across ? right : down);
    for (int x = 0; x < width; x++, to += 3, from += across ? down : right) {
      to[0] = from[0];
      to[1] = from[1];
      to[2] = from[2];
    }
  }
  *out = (IePortrait){ width, height, rgb };
  return TRUE;
}
