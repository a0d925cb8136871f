// SPDX-License-Identifier: GPL-3.0-or-later
/* The Gaussian as two weighted sums, down and then across, in float and in 16-bit integers; see gaussian.h.
 *
 * The rectangle is worked on in stretches of columns. Rows of a stretch enter a ring; two rows at a time are summed down,
 * so that each row that is loaded serves both; each sum is then summed across while it is in the first-level cache. All
 * loops run over whole vectors: what stands behind the end of a row is computed too and never looked at. */
#include <string.h>

#include "core/simd-across.h"
#include "core/simd-prefetch.h"
#include "filters/kernel/gaussian.h"
#include "filters/kernel/rows.h"

/* The rows of a ring together; measured with 16 to 48 KiB. Smaller ones make the columns that stretches share weigh more,
 * and since two rows are summed at once, a first-level cache that holds half of them serves. */
#define RING_BYTES 49152
#define COLUMNS 64 /* a stretch is a multiple of so many pixels: whole vectors at any number of channels */
#define AHEAD 4    /* rows that are asked for before they are loaded */

static int
stretch_of (int width, int channels, int radius, gsize sample_bytes)
{
  int room = (int) (RING_BYTES / ((2 * (gsize) radius + 2) * (gsize) channels * sample_bytes)) - 2 * radius;
  int most = MAX (room, 2 * radius) / COLUMNS * COLUMNS;
  most = MIN (most, IE_GAUSSIAN_STRETCH_MOST / channels / COLUMNS * COLUMNS);
  most = MAX (most, COLUMNS);
  int count = (width + most - 1) / most;
  return ((width + count - 1) / count + COLUMNS - 1) / COLUMNS * COLUMNS;
}

/* Samples of a row with the pixels that the kernel needs on both sides. */
static gsize
line_samples (int stretch, int radius, int channels)
{
  return IE_ROWS_PAD (((gsize) stretch + 2 * (gsize) radius) * (gsize) channels);
}

gsize
ie_gaussian_direct_memory (int width, int channels, int radius, gsize sample_bytes)
{
  int stretch = stretch_of (width, channels, radius, sample_bytes);
  gsize line = (line_samples (stretch, radius, channels) + IE_ROWS_VECTOR) * sample_bytes;
  gsize rows = 2 * (gsize) radius + 2;
  return (rows + 4) * (line + 64) + (3 * rows + 2) * sizeof (gpointer) + 2 * 64;
}

/* Rows of the input as they enter, two sums down, two results. */
typedef struct {
  int radius, channels, stretch;
  int beside; /* pixels to the next rectangle */
  gsize stride;          /* samples of a row */
  int count;             /* rows of the ring */
  gpointer *rows;        /* them, twice: so many in a row from any of them on */
  gconstpointer *shifts; /* 2 * radius + 1: a sum, shifted by whole pixels */
  char *sums, *results;
} Block;

static Block
block_new (IeWork *work, int width, int radius, int channels, gsize sample_bytes)
{
  Block b = { .radius = radius, .channels = channels, .beside = width, .count = 2 * radius + 2 };
  b.stretch = stretch_of (width, channels, radius, sample_bytes);
  b.stride = line_samples (b.stretch, radius, channels) + IE_ROWS_VECTOR; /* core/simd-across.h reads so far */
  gsize row = b.stride * sample_bytes, count = (gsize) b.count;
  char *ring = ie_work_alloc (work, (count + 2) * row + 2 * 64);
  /* What is behind the end of rows must be numbers that do not slow the processor down. */
  memset (ring, 0, (count + 2) * row + 2 * 64);
  b.sums = ring + count * row;
  b.results = ie_work_alloc (work, 2 * row);
  b.rows = ie_work_alloc (work, 2 * count * sizeof *b.rows);
  b.shifts = ie_work_alloc (work, (count - 1) * sizeof *b.shifts);
  for (gsize i = 0; i < 2 * count; i++)
    b.rows[i] = ring + i % count * row;
  return b;
}

/* The level that has versions written by hand; the others are tested against it. */
#ifdef __AVX512BW__
#define BY_HAND TRUE
#else
#define BY_HAND FALSE
#endif

static void
point_shifts (const Block *b, gconstpointer line, gsize sample_bytes)
{
  for (int t = 0; t <= 2 * b->radius; t++)
    b->shifts[t] = (const char *) line + (gsize) t * (gsize) b->channels * sample_bytes;
}

/* Rows lie far apart, each on other pages: the processor does not foresee them. Float has been looked at already, for NaN:
 * there the rectangle to the right, which often comes next, is asked for, so that memory and sums are at work together. */
static void
ask_for_input (const Block *b, const IePixels *in, int x, int y, int pixels)
{
  if (in->depth == IE_DEPTH_FLOAT)
    x += b->beside;
  const char *at = ie_pixels_at (in, x - b->radius, y);
  gsize bytes = (gsize) (pixels + 2 * b->radius) * (gsize) in->channels * ie_depth_bytes (in->depth);
  if (y < in->rect.y + in->rect.height)
    for (gsize i = 0; i < bytes + IE_CACHE_LINE - 1; i += IE_CACHE_LINE)
      ie_prefetch_read (at + i);
}

static void
ask_for_output (const IePixels *out, int x, int y, int pixels)
{
  char *at = ie_pixels_at (out, x, y);
  gsize bytes = (gsize) pixels * (gsize) out->channels * ie_depth_bytes (out->depth);
  if (y < out->rect.y + out->rect.height)
    for (gsize i = 0; i < bytes; i += IE_CACHE_LINE)
      ie_prefetch_write (at + i);
}

/* ---- float ------------------------------------------------------------------------------------------------------- */

typedef struct {
  const IeGaussian *gaussian;
  const IePixels *in, *out;
  IeUnit unit;
  IeGaussianRow row;
  gpointer data;
} Direct;

static void
load_row (const Direct *d, const Block *b, int x, int pixels, int i)
{
  int y = d->out->rect.y - b->radius + i;
  ask_for_input (b, d->in, x, y + AHEAD, pixels);
  ie_weigh_load (d->in, x - b->radius, y, pixels + 2 * b->radius, d->unit, b->rows[i % b->count]);
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
finish_row (const Direct *d, const Block *b, int x, int y, int pixels, const float *sums)
{
  int samples = pixels * b->channels;
  float *results = (float *) b->results;
  gboolean straight = !d->row && samples % IE_ROWS_VECTOR == 0;
  float *to = straight ? ie_pixels_at (d->out, x, y) : results;
  across_float (b, sums, d->gaussian->taps, to, (int) IE_ROWS_PAD (samples));
  if (d->row)
    d->row (d->data, x, y, pixels, results);
  else if (!straight)
    memcpy (ie_pixels_at (d->out, x, y), results, (gsize) samples * sizeof *results);
}

void
ie_gaussian_direct (const IeGaussian *gaussian, IeWork *work, const IePixels *in, const IePixels *out, IeUnit unit,
                    IeGaussianRow row, gpointer data)
{
  Direct d = { gaussian, in, out, unit, row, data };
  int radius = gaussian->shape.radius, end = out->rect.x + out->rect.width, height = out->rect.height;
  Block b = block_new (work, out->rect.width, radius, out->channels, sizeof (float));
  float *sums = (float *) b.sums, *next = sums + b.stride;
  for (int x = out->rect.x; x < end; x += b.stretch) {
    int pixels = MIN (b.stretch, end - x), wide = (int) line_samples (pixels, radius, b.channels);
    for (int i = 0; i < AHEAD; i++)
      ask_for_input (&b, in, x, out->rect.y - radius + i, pixels);
    for (int i = 0; i < 2 * radius; i++)
      load_row (&d, &b, x, pixels, i);
    for (int top = 0; top < height; top += 2) {
      if (ie_work_cancelled (work))
        return;
      int y = out->rect.y + top;
      const float *const *rows = (const float *const *) b.rows + top % b.count + radius;
      gboolean both = top + 1 < height;
      ask_for_output (out, x, y + 2, pixels);
      ask_for_output (out, x, y + 3, pixels);
      load_row (&d, &b, x, pixels, top + 2 * radius);
      if (both)
        load_row (&d, &b, x, pixels, top + 2 * radius + 1);
      if (both)
        ie_rows_fold_two_float (sums, next, rows, gaussian->taps, radius, wide);
      else
        ie_rows_fold_float (sums, rows, gaussian->taps, radius, wide);
      finish_row (&d, &b, x, y, pixels, sums);
      if (both)
        finish_row (&d, &b, x, y + 1, pixels, next);
    }
  }
}

/* ---- 16-bit integers --------------------------------------------------------------------------------------------- */

static void
load_int16 (const guint8 *restrict in, gint16 *restrict out, int samples)
{
  for (int i = 0; i < samples; i++)
    out[i] = (gint16) IE_GAUSSIAN_INT16 (in[i]);
}

static void
load_row_int16 (const Block *b, const IePixels *in, int x, int y, int pixels, int i)
{
  enum { LAST = IE_ROWS_VECTOR };
  const guint8 *from = ie_pixels_at (in, x - b->radius, y);
  gint16 *to = b->rows[i % b->count];
  int samples = (pixels + 2 * b->radius) * b->channels;
  ask_for_input (b, in, x, y + AHEAD, pixels);
  load_int16 (from, to, samples / LAST * LAST);
  /* The last vector from the end backwards. */
  if (samples >= LAST)
    load_int16 (from + samples - LAST, to + samples - LAST, LAST);
  else
    load_int16 (from, to, samples);
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

void
ie_gaussian_rows_int16 (const IeGaussian *gaussian, IeWork *work, const IePixels *in, const IePixels *out,
                        IeGaussianRowInt16 row, gpointer data)
{
  int radius = gaussian->shape.integer_radius, end = out->rect.x + out->rect.width, height = out->rect.height;
  Block b = block_new (work, out->rect.width, radius, out->channels, sizeof (gint16));
  gint16 *sums = (gint16 *) b.sums, *results = (gint16 *) b.results;
  for (int x = out->rect.x; x < end; x += b.stretch) {
    int pixels = MIN (b.stretch, end - x), wide = (int) line_samples (pixels, radius, b.channels);
    int samples = (int) IE_ROWS_PAD (pixels * b.channels), y = out->rect.y;
    for (int i = 0; i < AHEAD; i++)
      ask_for_input (&b, in, x, y - radius + i, pixels);
    for (int i = 0; i < 2 * radius; i++)
      load_row_int16 (&b, in, x, y - radius + i, pixels, i);
    for (int top = 0; top < height; top += 2, y += 2) {
      if (ie_work_cancelled (work))
        return;
      const gint16 *const *rows = (const gint16 *const *) b.rows + top % b.count + radius;
      int both = MIN (height - top, 2);
      ask_for_output (out, x, y + 2, pixels);
      ask_for_output (out, x, y + 3, pixels);
      for (int i = 0; i < both; i++)
        load_row_int16 (&b, in, x, y + radius + i, pixels, top + 2 * radius + i);
      if (both == 2)
        ie_rows_fold_two_int16 (sums, sums + b.stride, rows, gaussian->integer_taps, radius, wide);
      else
        ie_rows_fold_int16 (sums, rows, gaussian->integer_taps, radius, wide);
      for (int i = 0; i < both; i++) {
        across_int16 (&b, sums + (gsize) i * b.stride, gaussian->integer_taps, results, samples);
        row (data, x, y + i, pixels, results);
      }
    }
  }
}
