// SPDX-License-Identifier: GPL-3.0-or-later
#include "filters/kernel/hysteresis.h"

#include <string.h>

#define BAND_ROWS 128
#define PIXELS IE_HYSTERESIS_PIXELS

static gsize
row_words (int width)
{
  return ((gsize) width + PIXELS - 1) / PIXELS;
}

static gsize
plane_bytes (int width, int height)
{
  return row_words (width) * (gsize) height * sizeof (guint64);
}

static gsize
stack_bytes (int width)
{
  return (gsize) BAND_ROWS * (gsize) width * sizeof (guint32);
}

gsize
ie_hysteresis_bytes (int width, int height)
{
  return 2 * (plane_bytes (width, height) + 64);
}

gsize
ie_hysteresis_scratch (int width, int height, int threads)
{
  return (gsize) threads * (stack_bytes (width) + 64) + 2 * ((gsize) height / BAND_ROWS + 65);
}

IeHysteresis
ie_hysteresis_new (IeWork *work, int width, int height)
{
  IeHysteresis map = { .width = width, .height = height, .words = row_words (width) };
  map.crests = ie_work_alloc (work, plane_bytes (width, height));
  map.strong = ie_work_alloc (work, plane_bytes (width, height));
  if (!map.strong)
    map.crests = NULL;
  return map;
}

/* ---- one band ---------------------------------------------------------------------------------------------------- */

typedef struct {
  guint64 *crests, *strong; /* of the band's rows */
  guint32 pixels;           /* bits of a row */
  guint32 last_row;         /* its first bit */
  guint32 *stack;           /* bits that were taken and whose neighbours are to be looked at; each is put there once */
  gsize depth;
  int edges;                /* 1: a bit of the first row was taken, 2: of the last */
} Flood;

static Flood
flood_new (const IeHysteresis *map, int band, IeWork *work)
{
  int rows = MIN (BAND_ROWS, map->height - band * BAND_ROWS);
  gsize first = (gsize) band * BAND_ROWS * map->words;
  guint32 pixels = (guint32) (map->words * PIXELS);
  return (Flood){ .crests = map->crests + first,
                  .strong = map->strong + first,
                  .pixels = pixels,
                  .last_row = (guint32) (rows - 1) * pixels,
                  .stack = ie_work_alloc (work, stack_bytes (map->width)) };
}

static inline void
take (Flood *flood, gsize word, guint64 bits, guint32 first)
{
  flood->crests[word] &= ~bits;
  flood->strong[word] |= bits;
  for (; bits; bits &= bits - 1)
    flood->stack[flood->depth++] = first + (guint32) __builtin_ctzll (bits);
}

/* The same of bits at `middle` and beside it. A place is written in any case and counted if it is wanted: there is always
 * room for one more, since the bit whose neighbours these are has left the stack. */
static inline void
take_three (Flood *flood, gsize word, guint64 bits, guint32 middle)
{
  guint32 bit = middle % PIXELS, three = (guint32) (bit > 0 ? bits >> (bit - 1) : bits << 1);
  guint32 *stack = flood->stack;
  gsize depth = flood->depth;
  flood->crests[word] &= ~bits;
  flood->strong[word] |= bits;
  stack[depth] = middle - 1;
  depth += three & 1;
  stack[depth] = middle;
  depth += three >> 1 & 1;
  stack[depth] = middle + 1;
  depth += three >> 2 & 1;
  flood->depth = depth;
}

/* Takes the crests at `middle` and beside it. Rows are multiples of 64 bits, so that only the bits at the ends of a
 * word have a neighbour in another one, and those at the ends of a row none. */
static inline void
take_row (Flood *flood, guint32 middle, gboolean at_start, gboolean at_end)
{
  gsize word = middle / PIXELS;
  guint32 bit = middle % PIXELS, first = middle - bit;
  guint64 around = bit > 0 ? (guint64) 7 << (bit - 1) : 3;
  guint64 found = flood->crests[word] & around;
  if (found)
    take_three (flood, word, found, middle);
  if (bit == 0 && !at_start && flood->crests[word - 1] >> (PIXELS - 1))
    take (flood, word - 1, (guint64) 1 << (PIXELS - 1), first - PIXELS);
  if (bit == PIXELS - 1 && !at_end && flood->crests[word + 1] & 1)
    take (flood, word + 1, 1, first + PIXELS);
}

static void
spread (Flood *flood)
{
  while (flood->depth > 0) {
    guint32 place = flood->stack[--flood->depth];
    gboolean at_start = FALSE, at_end = FALSE;
    if (place % PIXELS == 0)
      at_start = place % flood->pixels == 0;
    else if (place % PIXELS == PIXELS - 1)
      at_end = (place + 1) % flood->pixels == 0;
    if (place >= flood->pixels)
      take_row (flood, place - flood->pixels, at_start, at_end);
    else
      flood->edges |= 1;
    take_row (flood, place, at_start, at_end);
    if (place < flood->last_row)
      take_row (flood, place + flood->pixels, at_start, at_end);
    else
      flood->edges |= 2;
  }
}

static void
flood_from_strong (Flood *flood)
{
  gsize words = ((gsize) flood->last_row + flood->pixels) / PIXELS;
  for (gsize word = 0; word < words; word++) {
    guint64 seeds;
    while ((seeds = flood->crests[word] & flood->strong[word])) {
      take (flood, word, seeds & (~seeds + 1), (guint32) (word * PIXELS));
      spread (flood);
    }
  }
}

/* From what is strong in `row` of the neighbouring band into the row of this one that begins at bit `into`. */
static void
flood_from_row (Flood *flood, const guint64 *row, guint32 into)
{
  gsize words = flood->pixels / PIXELS, first = into / PIXELS;
  for (gsize word = 0; word < words; word++) {
    guint64 here = row[word], before = word > 0 ? row[word - 1] : 0, after = word + 1 < words ? row[word + 1] : 0;
    guint64 reached = here | here << 1 | here >> 1 | before >> (PIXELS - 1) | after << (PIXELS - 1);
    guint64 found = flood->crests[first + word] & reached;
    if (!found)
      continue;
    take (flood, first + word, found, into + (guint32) (word * PIXELS));
    spread (flood);
  }
}

/* ---- all bands --------------------------------------------------------------------------------------------------- */

typedef struct {
  const IeHysteresis *map;
  int bands;
  guint8 *due;     /* bands to look at */
  guint8 *changed; /* bands that gained a pixel in their first (1) or last row (2) */
} Joining;

static void
flood_band (gpointer data, int band, IeWork *work)
{
  const Joining *j = data;
  Flood flood = flood_new (j->map, band, work);
  if (!ie_work_cancelled (work))
    flood_from_strong (&flood);
}

/* Bands of one parity at a time: the rows that are looked at belong to bands that stand still. */
static void
join_band (const Joining *j, int band, IeWork *work)
{
  j->changed[band] = 0;
  if (!j->due[band] || ie_work_cancelled (work))
    return;
  Flood flood = flood_new (j->map, band, work);
  gsize words = j->map->words;
  if (band > 0)
    flood_from_row (&flood, flood.strong - words, 0);
  if (band + 1 < j->bands)
    flood_from_row (&flood, flood.strong + BAND_ROWS * words, flood.last_row);
  j->changed[band] = (guint8) flood.edges;
}

static void
join_even (gpointer data, int i, IeWork *work)
{
  join_band (data, 2 * i, work);
}

static void
join_odd (gpointer data, int i, IeWork *work)
{
  join_band (data, 2 * i + 1, work);
}

/* The bands of a parity are done; what they changed makes their neighbours due. TRUE: there are such. */
static gboolean
pass_on (Joining *j, int parity)
{
  gboolean any = FALSE;
  for (int band = parity; band < j->bands; band += 2) {
    j->due[band] = FALSE;
    if (j->changed[band] & 1 && band > 0)
      j->due[band - 1] = TRUE;
    if (j->changed[band] & 2 && band + 1 < j->bands)
      j->due[band + 1] = TRUE;
  }
  for (int band = 0; band < j->bands; band++)
    any |= j->due[band];
  return any;
}

void
ie_hysteresis_run (const IeHysteresis *map, IeWork *work)
{
  Joining j = { .map = map, .bands = (map->height + BAND_ROWS - 1) / BAND_ROWS };
  j.due = ie_work_alloc (work, (gsize) j.bands);
  j.changed = ie_work_alloc (work, (gsize) j.bands);
  memset (j.due, TRUE, (gsize) j.bands);
  ie_work_parallel (work, j.bands, flood_band, &j);
  for (gboolean any = j.bands > 1; any && !ie_work_cancelled (work);) {
    ie_work_parallel (work, (j.bands + 1) / 2, join_even, &j);
    pass_on (&j, 0);
    ie_work_parallel (work, j.bands / 2, join_odd, &j);
    any = pass_on (&j, 1);
  }
}

/* ---- the result -------------------------------------------------------------------------------------------------- */

typedef struct {
  const IeHysteresis *map;
  void *const *planes;
  int count;        /* of planes */
  ptrdiff_t stride; /* bytes */
  IeDepth depth;
} Drawing;

#define DRAWN_ROWS 64
#define HALF 32

#define DRAW_HALF(name, type, white)                                                                                   \
  static inline void name (guint32 bits, type *restrict out, int count)                                                \
  {                                                                                                                    \
    for (int i = 0; i < count; i++)                                                                                    \
      out[i] = bits & (guint32) 1 << i ? white : 0;                                                                    \
  }
DRAW_HALF (draw_half_u8, guint8, 255)
DRAW_HALF (draw_half_float, float, 1.0f)

/* Most halves of words are empty. */
#define DRAW_ROW(name, type, draw_half)                                                                                \
  static void name (const guint64 *words, type *out, int width)                                                        \
  {                                                                                                                    \
    for (int x = 0; x < width; x += HALF) {                                                                            \
      guint32 bits = (guint32) (words[x / PIXELS] >> x % PIXELS);                                                      \
      int count = MIN (HALF, width - x);                                                                               \
      if (bits == 0)                                                                                                   \
        memset (out + x, 0, (gsize) count * sizeof *out);                                                              \
      else if (count == HALF)                                                                                          \
        draw_half (bits, out + x, HALF);                                                                               \
      else                                                                                                             \
        draw_half (bits, out + x, count);                                                                              \
    }                                                                                                                  \
  }
DRAW_ROW (draw_row_u8, guint8, draw_half_u8)
DRAW_ROW (draw_row_float, float, draw_half_float)

static void
draw_rows (gpointer data, int i, IeWork *work)
{
  const Drawing *d = data;
  int end = MIN ((i + 1) * DRAWN_ROWS, d->map->height);
  for (int y = i * DRAWN_ROWS; y < end; y++)
    for (int c = 0; c < d->count; c++) {
      const guint64 *words = d->map->strong + (gsize) y * d->map->words;
      void *row = (char *) d->planes[c] + y * d->stride;
      if (d->depth == IE_DEPTH_U8)
        draw_row_u8 (words, row, d->map->width);
      else
        draw_row_float (words, row, d->map->width);
    }
}

void
ie_hysteresis_draw (const IeHysteresis *map, void *const *planes, int count, ptrdiff_t stride, IeDepth depth,
                    IeWork *work)
{
  Drawing drawing = { map, planes, count, stride, depth };
  ie_work_parallel (work, (map->height + DRAWN_ROWS - 1) / DRAWN_ROWS, draw_rows, &drawing);
}
