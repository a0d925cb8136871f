// SPDX-License-Identifier: GPL-3.0-or-later
#include "filters/kernel/hysteresis.h"

#include <string.h>

#define BAND_ROWS 128

typedef struct {
  guint8 *map;
  int width, height, bands;
  gsize stride;
  guint8 *due;     /* bands to look at */
  guint8 *changed; /* bands that gained a pixel in their first (1) or last row (2) */
} Hysteresis;

gsize
ie_hysteresis_stride (int width)
{
  return (gsize) width + 2;
}

gsize
ie_hysteresis_bytes (int width, int height)
{
  return ie_hysteresis_stride (width) * ((gsize) height + 2) + sizeof (guint32); /* see take_row() */
}

static gsize
stack_bytes (int width)
{
  return (gsize) BAND_ROWS * (gsize) width * sizeof (guint32);
}

gsize
ie_hysteresis_scratch (int width, int height, int threads)
{
  return (gsize) threads * (stack_bytes (width) + 64) + 2 * ((gsize) height / BAND_ROWS + 65);
}

void
ie_hysteresis_clear_frame (guint8 *map, int width, int height)
{
  gsize stride = ie_hysteresis_stride (width);
  memset (map, IE_EDGE_NONE, stride);
  memset (map + ((gsize) height + 1) * stride, IE_EDGE_NONE, stride);
  for (gsize y = 1; y <= (gsize) height; y++)
    map[y * stride] = map[y * stride + stride - 1] = IE_EDGE_NONE;
}

typedef struct {
  guint8 *first;  /* of the band's rows in the map */
  guint32 bytes;  /* of them */
  guint32 stride;
  guint32 *stack; /* places in the band whose neighbours are to be looked at; each is put there once */
  gsize depth;
} Flood;

static inline void
keep (Flood *flood, gint64 place)
{
  flood->first[place] = IE_EDGE_KEPT;
  flood->stack[flood->depth++] = (guint32) place;
}

/* Takes the pixel at `middle` and its neighbours to both sides: four bytes are looked at at once, of which a weak or a
 * strong one has one of its two lowest bits set. */
static inline void
take_row (Flood *flood, gint64 middle)
{
  guint32 bytes;
  memcpy (&bytes, flood->first + middle - 1, sizeof bytes);
  bytes = GUINT32_FROM_LE (bytes);
  guint32 found = (bytes ^ bytes >> 1) & 0x00010101;
  if (!found)
    return;
  if (found & 0x00000001)
    keep (flood, middle - 1);
  if (found & 0x00000100)
    keep (flood, middle);
  if (found & 0x00010000)
    keep (flood, middle + 1);
}

static void
spread (Flood *flood)
{
  gint64 stride = flood->stride, last_row = (gint64) flood->bytes - stride;
  while (flood->depth > 0) {
    gint64 place = flood->stack[--flood->depth];
    if (place >= stride)
      take_row (flood, place - stride);
    take_row (flood, place);
    if (place < last_row)
      take_row (flood, place + stride);
  }
}

static void
flood_from_strong (Flood *flood)
{
  guint8 *end = flood->first + flood->bytes;
  for (guint8 *at = flood->first; (at = memchr (at, IE_EDGE_STRONG, (gsize) (end - at))); at++) {
    keep (flood, at - flood->first);
    spread (flood);
  }
}

/* From what is kept in a row of the neighbouring band into the row `into` of this one. */
static void
flood_from_row (Flood *flood, const guint8 *row, gint64 into)
{
  gsize stride = flood->stride;
  const guint8 *end = row + stride;
  for (const guint8 *at = row; (at = memchr (at, IE_EDGE_KEPT, (gsize) (end - at))); at++) {
    take_row (flood, into + (at - row));
    spread (flood);
  }
}

static int
kept_in_row (const guint8 *row, gsize stride)
{
  int count = 0;
  for (gsize x = 0; x < stride; x++)
    count += row[x] == IE_EDGE_KEPT;
  return count;
}

static Flood
flood_new (const Hysteresis *h, int band, IeWork *work)
{
  int rows = MIN (BAND_ROWS, h->height - band * BAND_ROWS);
  return (Flood){ .first = h->map + ((gsize) band * BAND_ROWS + 1) * h->stride,
                  .bytes = (guint32) ((gsize) rows * h->stride),
                  .stride = (guint32) h->stride,
                  .stack = ie_work_alloc (work, stack_bytes (h->width)) };
}

static void
flood_band (gpointer data, int band, IeWork *work)
{
  Hysteresis *h = data;
  Flood flood = flood_new (h, band, work);
  if (ie_work_cancelled (work))
    return;
  flood_from_strong (&flood);
}

/* Bands of one parity at a time: the rows that are looked at belong to bands that stand still. */
static void
join_band (Hysteresis *h, int band, IeWork *work)
{
  Flood flood = flood_new (h, band, work);
  guint8 *last = flood.first + flood.bytes - h->stride;
  int first_before = kept_in_row (flood.first, h->stride), last_before = kept_in_row (last, h->stride);
  if (band > 0)
    flood_from_row (&flood, flood.first - h->stride, 0);
  if (band + 1 < h->bands)
    flood_from_row (&flood, last + h->stride, last - flood.first);
  h->changed[band] = (guint8) ((kept_in_row (flood.first, h->stride) != first_before) |
                               (kept_in_row (last, h->stride) != last_before) << 1);
}

static void
join_even (gpointer data, int i, IeWork *work)
{
  Hysteresis *h = data;
  h->changed[2 * i] = 0;
  if (h->due[2 * i] && !ie_work_cancelled (work))
    join_band (h, 2 * i, work);
}

static void
join_odd (gpointer data, int i, IeWork *work)
{
  Hysteresis *h = data;
  h->changed[2 * i + 1] = 0;
  if (h->due[2 * i + 1] && !ie_work_cancelled (work))
    join_band (h, 2 * i + 1, work);
}

/* What the bands of a parity changed makes their neighbours due, and they themselves are done. */
static gboolean
pass_on (Hysteresis *h, int parity)
{
  gboolean any = FALSE;
  for (int band = parity; band < h->bands; band += 2)
    h->due[band] = FALSE;
  for (int band = parity; band < h->bands; band += 2) {
    if (h->changed[band] & 1 && band > 0)
      h->due[band - 1] = TRUE;
    if (h->changed[band] & 2 && band + 1 < h->bands)
      h->due[band + 1] = TRUE;
  }
  for (int band = 0; band < h->bands; band++)
    any |= h->due[band];
  return any;
}

void
ie_hysteresis_run (guint8 *map, int width, int height, IeWork *work)
{
  Hysteresis h = { .map = map, .width = width, .height = height, .stride = ie_hysteresis_stride (width) };
  h.bands = (height + BAND_ROWS - 1) / BAND_ROWS;
  h.due = ie_work_alloc (work, (gsize) h.bands);
  h.changed = ie_work_alloc (work, (gsize) h.bands);
  memset (h.due, TRUE, (gsize) h.bands);
  ie_work_parallel (work, h.bands, flood_band, &h);
  for (gboolean any = h.bands > 1; any && !ie_work_cancelled (work);) {
    ie_work_parallel (work, (h.bands + 1) / 2, join_even, &h);
    pass_on (&h, 0);
    ie_work_parallel (work, h.bands / 2, join_odd, &h);
    any = pass_on (&h, 1);
  }
}
