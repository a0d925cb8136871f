// SPDX-License-Identifier: GPL-3.0-or-later
/* The Gaussian as two weighted sums, down and then across, in float and in 16-bit integers; see gaussian.h.
 *
 * The rectangle is worked on in stretches of columns. Rows of a stretch enter a block of lines in the second-level cache;
 * four rows at a time are summed down, so that each row that is loaded serves four; each sum is then summed across while it
 * is in the first-level cache. When the block is full, the rows that are needed again move to its beginning. All loops run
 * over whole vectors: what stands behind the end of a row is computed too and never looked at. */
#include <string.h>

#include "core/simd-across.h"
#include "core/simd-prefetch.h"
#include "filters/kernel/gaussian.h"
#include "filters/kernel/rows-down.h"
#include "filters/kernel/rows.h"

#define COLUMNS 64 /* a stretch is a multiple of so many pixels: whole vectors at any number of channels */
#define AHEAD 4    /* rows that are asked for before those that are loaded next */
#define FRESH 44   /* rows that enter a block until others move; a multiple of IE_DOWN_ROWS */
#define ROWS(radius) (2 * (radius) + FRESH)

/* Pixels of a stretch: of nearly equal width, and with the pixels on both sides and a vector (core/simd-across.h reads so
 * far) within a line. */
static int
stretch_of (int width, int channels)
{
  int most = MAX (IE_GAUSSIAN_STRETCH_MOST / channels / COLUMNS * COLUMNS, COLUMNS);
  int count = (width + most - 1) / most;
  return ((width + count - 1) / count + COLUMNS - 1) / COLUMNS * COLUMNS;
}

/* Samples of a row with the pixels that the kernel needs on both sides. */
static gsize
line_samples (int stretch, int radius, int channels)
{
  return IE_ROWS_PAD (((gsize) stretch + 2 * (gsize) radius) * (gsize) channels);
}

/* Lines: of the block, of the sums down, and a result; some room behind them. */
static gsize
block_bytes (int radius, gsize sample_bytes)
{
  return ((gsize) ROWS (radius) + IE_DOWN_ROWS + 1) * IE_DOWN_LINE * sample_bytes + IE_CACHE_LINE;
}

gsize
ie_gaussian_direct_memory (int width, int channels, int radius, gsize sample_bytes)
{
  return block_bytes (radius, sample_bytes) + (2 * (gsize) radius + 1) * sizeof (gpointer) + 2 * 64;
}

/* Rows of the input as they enter, sums down, a result: lines of IE_DOWN_LINE samples. */
typedef struct {
  int radius, channels, stretch;
  void *rows, *sums, *results;
  gconstpointer *shifts; /* 2 * radius + 1: a sum, shifted by whole pixels */
} Block;

static Block
block_new (IeWork *work, int width, int radius, int channels, gsize sample_bytes)
{
  Block b = { .radius = radius, .channels = channels, .stretch = stretch_of (width, channels) };
  gsize line = IE_DOWN_LINE * sample_bytes, bytes = block_bytes (radius, sample_bytes);
  char *lines = ie_work_alloc (work, bytes);
  /* What is behind the end of rows must be numbers that do not slow the processor down. */
  memset (lines, 0, bytes);
  b.rows = lines;
  b.sums = lines + (gsize) ROWS (radius) * line;
  b.results = lines + ((gsize) ROWS (radius) + IE_DOWN_ROWS) * line;
  b.shifts = ie_work_alloc (work, (2 * (gsize) radius + 1) * sizeof *b.shifts);
  return b;
}

/* The level that has versions written by hand; the others are tested against it. */
#ifdef __AVX512BW__
#define BY_HAND TRUE
#else
#define BY_HAND FALSE
#endif

/* The pixels of a row that a stretch needs and the input has; the rest is beyond the edge of the picture. */
typedef struct {
  int x, y, before, pixels, after;
  const void *from; /* x, y */
} Piece;

static Piece
piece_of (const Block *b, const IePixels *in, int x, int y, int pixels)
{
  int left = x - b->radius, right = x + pixels + b->radius, end = in->rect.x + in->rect.width;
  int first = MAX (left, in->rect.x), last = MIN (right, end);
  y = in->rect.y + ie_reflect (y - in->rect.y, in->rect.height);
  return (Piece){ first, y, first - left, last - first, right - last, ie_pixels_at (in, first, y) };
}

/* Mirrors what is loaded about the edges of the picture. line: begins `radius` pixels before x. */
static void
mirror (const Block *b, const IePixels *in, int x, int pixels, void *line, gsize sample_bytes)
{
  int left = x - b->radius, right = x + pixels + b->radius, end = in->rect.x + in->rect.width;
  gsize pixel = (gsize) b->channels * sample_bytes;
  for (int at = left; at < right; at++)
    if (at < in->rect.x || at >= end) {
      int from = in->rect.x + ie_reflect (at - in->rect.x, in->rect.width);
      memcpy ((char *) line + (gsize) (at - left) * pixel, (char *) line + (gsize) (from - left) * pixel, pixel);
    } else {
      at = MAX (at, end - 1); /* what lies between needs nothing */
    }
}

/* Rows lie far apart, each on other pages: the processor does not foresee them. */
static void
ask_for_input (const Block *b, const IePixels *in, int x, int y, int pixels)
{
  Piece piece = piece_of (b, in, x, y, pixels);
  gsize bytes = (gsize) piece.pixels * (gsize) in->channels * ie_depth_bytes (in->depth);
  for (gsize i = 0; i < bytes + IE_CACHE_LINE - 1; i += IE_CACHE_LINE)
    ie_prefetch_read ((const char *) piece.from + i);
}

static void
ask_for_output (const IePixels *out, int x, int y, int pixels)
{
  gsize bytes = (gsize) pixels * (gsize) out->channels * ie_depth_bytes (out->depth);
  if (y < out->rect.y + out->rect.height)
    for (gsize i = 0; i < bytes; i += IE_CACHE_LINE)
      ie_prefetch_write ((char *) ie_pixels_at (out, x, y) + i);
}

/* One stretch from x on: load (i, y) loads row y of the picture into line i, finish (k, y) takes sum k for row y. */
typedef void (*Load) (gconstpointer job, const Block *b, int line, int x, int y, int pixels);
typedef void (*Sum) (gconstpointer job, const Block *b, int line, int samples);
typedef void (*Finish) (gconstpointer job, const Block *b, int sum, int x, int y, int pixels);

/* Memory is asked for a little between any two rows, so that it and arithmetic take their time together: the rows that come
 * next, the lines that are written next, and the rows with which the next stretch begins. Rows of float, four
 * times the bytes, are left to the processor: asking took a twentieth more time. */
static void
run_stretch (gconstpointer job, const Block *b, IeWork *work, const IePixels *in, const IePixels *out, int x, int pixels,
             gsize sample_bytes, Load load, Sum sum, Finish finish)
{
  int radius = b->radius, top = out->rect.y, bottom = top + out->rect.height, last = bottom + radius;
  int filled = 0, next = top - radius, wide = (int) line_samples (pixels, radius, b->channels);
  int after = x + pixels, wide_after = MIN (b->stretch, out->rect.x + out->rect.width - after);
  gboolean asks = in->depth != IE_DEPTH_FLOAT;
  int begins = asks && wide_after > 0 ? MIN (2 * radius + IE_DOWN_ROWS, last - next) : 0, begun = 0;
  gsize line = IE_DOWN_LINE * sample_bytes;
  for (int y = top; y < bottom && !ie_work_cancelled (work); y += IE_DOWN_ROWS) {
    if (filled + IE_DOWN_ROWS > ROWS (radius)) {
      memmove (b->rows, (char *) b->rows + (gsize) (filled - 2 * radius) * line, 2 * (gsize) radius * line);
      filled = 2 * radius;
    }
    for (; next < MIN (y + IE_DOWN_ROWS + radius, last); next++)
      load (job, b, filled++, x, next, pixels);
    int rows = MIN (y + IE_DOWN_ROWS, bottom) - y;
    sum (job, b, filled - rows - radius, wide);
    for (int k = 0; k < rows; k++) {
      if (asks)
        ask_for_output (out, x, y + IE_DOWN_ROWS + k, pixels);
      if (asks && next + k + AHEAD < last)
        ask_for_input (b, in, x, next + k + AHEAD, pixels);
      for (int due = (int) ((gint64) begins * (y + k + 1 - top) / (bottom - top)); begun < due; begun++)
        ask_for_input (b, in, after, top - radius + begun, wide_after);
      finish (job, b, k, x, y + k, pixels);
    }
  }
}

static void
point_shifts (const Block *b, gconstpointer line, gsize sample_bytes)
{
  for (int t = 0; t <= 2 * b->radius; t++)
    b->shifts[t] = (const char *) line + (gsize) t * (gsize) b->channels * sample_bytes;
}

/* ---- float ------------------------------------------------------------------------------------------------------- */

typedef struct {
  const IeGaussian *gaussian;
  const IePixels *in, *out;
  IeUnit unit;
  IeGaussianRow row;
  gpointer data;
  IeWork *work;
  gboolean sharpens;
  float amount;
} Direct;

/* Copies, and says whether there is NaN. */
static gboolean
copy_looking (const float *restrict in, float *restrict out, int samples)
{
  guint32 any = 0;
  for (int i = 0; i < samples; i++) {
    out[i] = in[i];
    any |= in[i] != in[i];
  }
  return any;
}

static void
load_row (gconstpointer job, const Block *b, int line, int x, int y, int pixels)
{
  enum { WHOLE = IE_ROWS_VECTOR };
  const Direct *d = job;
  float *to = (float *) b->rows + (gsize) line * IE_DOWN_LINE;
  Piece piece = piece_of (b, d->in, x, y, pixels);
  float *first = to + piece.before * b->channels;
  if (d->in->depth != IE_DEPTH_FLOAT || d->in->has_alpha) {
    ie_weigh_load (d->in, piece.x, piece.y, piece.pixels, d->unit, first);
  } else {
    const float *from = piece.from;
    int samples = piece.pixels * b->channels;
    gboolean nan = copy_looking (from, first, samples / WHOLE * WHOLE);
    /* The last vector from the end backwards. */
    int rest = MIN (samples, WHOLE);
    nan |= copy_looking (from + samples - rest, first + samples - rest, rest);
    if (nan)
      ie_work_found_nan (d->work);
  }
  if (piece.before || piece.after)
    mirror (b, d->in, x, pixels, to, sizeof *to);
}

static void
sum_rows (gconstpointer job, const Block *b, int line, int samples)
{
  const Direct *d = job;
  ie_down_float ((const float *) b->rows + (gsize) line * IE_DOWN_LINE, d->gaussian->taps, b->radius, b->sums, samples);
}

static void
across_float (const Block *b, const float *sums, const float *taps, float *out, int samples)
{
  const float *centre = sums + b->radius * b->channels;
  if (BY_HAND && ie_simd_across_float (centre, out, taps, b->radius, b->channels, samples))
    return;
  point_shifts (b, sums, sizeof *sums);
  ie_rows_fold_float (out, (const float *const *) b->shifts + b->radius, taps, b->radius, samples);
}

static void
finish_row (gconstpointer job, const Block *b, int sum, int x, int y, int pixels)
{
  const Direct *d = job;
  int samples = pixels * b->channels;
  gboolean straight = !d->row && samples % IE_ROWS_VECTOR == 0;
  float *to = straight ? ie_pixels_at (d->out, x, y) : b->results;
  across_float (b, (const float *) b->sums + (gsize) sum * IE_DOWN_LINE, d->gaussian->taps, to, (int) IE_ROWS_PAD (samples));
  if (d->row)
    d->row (d->data, x, y, pixels, b->results);
  else if (!straight)
    memcpy (ie_pixels_at (d->out, x, y), b->results, (gsize) samples * sizeof (float));
}

static void
sharpen (const float *restrict in, const float *restrict blurred, float *restrict out, int samples, float amount)
{
  for (int i = 0; i < samples; i++)
    out[i] = in[i] + amount * (in[i] - blurred[i]);
}

static void
finish_sharp_row (gconstpointer job, const Block *b, int sum, int x, int y, int pixels)
{
  const Direct *d = job;
  int samples = pixels * b->channels;
  const float *taps = d->gaussian->taps, *original = ie_pixels_at (d->in, x, y);
  const float *sums = (const float *) b->sums + (gsize) sum * IE_DOWN_LINE, *centre = sums + b->radius * b->channels;
  float *out = ie_pixels_at (d->out, x, y);
  if (BY_HAND && samples % IE_ROWS_VECTOR == 0 &&
      ie_simd_across_sharpen (centre, out, taps, b->radius, b->channels, samples, original, d->amount))
    return;
  across_float (b, sums, taps, b->results, (int) IE_ROWS_PAD (samples));
  sharpen (original, b->results, out, samples, d->amount);
}

static void
run_direct (const Direct *d)
{
  int end = d->out->rect.x + d->out->rect.width;
  if (d->in->depth == IE_DEPTH_FLOAT && d->in->has_alpha)
    ie_work_look_for_nan (d->work, d->in);
  Block b = block_new (d->work, d->out->rect.width, d->gaussian->shape.radius, d->out->channels, sizeof (float));
  for (int x = d->out->rect.x; x < end; x += b.stretch)
    run_stretch (d, &b, d->work, d->in, d->out, x, MIN (b.stretch, end - x), sizeof (float), load_row, sum_rows,
                 d->sharpens ? finish_sharp_row : finish_row);
}

void
ie_gaussian_direct (const IeGaussian *gaussian, IeWork *work, const IePixels *in, const IePixels *out, IeUnit unit,
                    IeGaussianRow row, gpointer data)
{
  Direct d = { gaussian, in, out, unit, row, data, work, FALSE, 0 };
  run_direct (&d);
}

void
ie_gaussian_sharpen (const IeGaussian *gaussian, IeWork *work, const IePixels *in, const IePixels *out, float amount)
{
  Direct d = { gaussian, in, out, IE_UNIT_CODE, NULL, NULL, work, TRUE, amount };
  run_direct (&d);
}

/* ---- 16-bit integers --------------------------------------------------------------------------------------------- */

typedef struct {
  const gint16 *taps;
  const IePixels *in;
  IeGaussianRowInt16 row;
  gpointer data;
} DirectInt16;

static void
load_int16 (const guint8 *restrict in, gint16 *restrict out, int samples)
{
  for (int i = 0; i < samples; i++)
    out[i] = (gint16) IE_GAUSSIAN_INT16 (in[i]);
}

static void
load_row_int16 (gconstpointer job, const Block *b, int line, int x, int y, int pixels)
{
  enum { WHOLE = IE_ROWS_VECTOR };
  const DirectInt16 *d = job;
  Piece piece = piece_of (b, d->in, x, y, pixels);
  const guint8 *from = piece.from;
  gint16 *line_at = (gint16 *) b->rows + (gsize) line * IE_DOWN_LINE, *to = line_at + piece.before * b->channels;
  int samples = piece.pixels * b->channels;
  load_int16 (from, to, samples / WHOLE * WHOLE);
  /* The last vector from the end backwards. */
  if (samples >= WHOLE)
    load_int16 (from + samples - WHOLE, to + samples - WHOLE, WHOLE);
  else
    load_int16 (from, to, samples);
  if (piece.before || piece.after)
    mirror (b, d->in, x, pixels, line_at, sizeof *line_at);
}

static void
sum_rows_int16 (gconstpointer job, const Block *b, int line, int samples)
{
  const DirectInt16 *d = job;
  ie_down_int16 ((const gint16 *) b->rows + (gsize) line * IE_DOWN_LINE, d->taps, b->radius, b->sums, samples);
}

static void
across_int16 (const Block *b, const gint16 *sums, const gint16 *taps, gint16 *out, int samples)
{
  const gint16 *centre = sums + b->radius * b->channels;
  if (BY_HAND && ie_simd_across_int16 (centre, out, taps, b->radius, b->channels, samples))
    return;
  point_shifts (b, sums, sizeof *sums);
  ie_rows_fold_int16 (out, (const gint16 *const *) b->shifts + b->radius, taps, b->radius, samples);
}

static void
finish_row_int16 (gconstpointer job, const Block *b, int sum, int x, int y, int pixels)
{
  const DirectInt16 *d = job;
  across_int16 (b, (const gint16 *) b->sums + (gsize) sum * IE_DOWN_LINE, d->taps, b->results,
                (int) IE_ROWS_PAD (pixels * b->channels));
  d->row (d->data, x, y, pixels, b->results);
}

void
ie_gaussian_rows_int16 (const IeGaussian *gaussian, IeWork *work, const IePixels *in, const IePixels *out,
                        IeGaussianRowInt16 row, gpointer data)
{
  DirectInt16 d = { gaussian->integer_taps, in, row, data };
  int end = out->rect.x + out->rect.width;
  Block b = block_new (work, out->rect.width, gaussian->shape.integer_radius, out->channels, sizeof (gint16));
  for (int x = out->rect.x; x < end; x += b.stretch)
    run_stretch (&d, &b, work, in, out, x, MIN (b.stretch, end - x), sizeof (gint16), load_row_int16, sum_rows_int16,
                 finish_row_int16);
}
