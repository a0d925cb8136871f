// SPDX-License-Identifier: GPL-3.0-or-later
#include "enhance/kernel/codes.h"

#include "core/simd-prefetch.h"

#include <string.h>

#define PAIRS (IE_CODES * IE_CODES)
#define CODES_APART 264 /* not 256: places that are 4096 bytes apart wait for each other */
#define MOST_SHORT 12   /* short histograms */
#define AHEAD 1024      /* bytes that are asked for in time */

/* Behind the codes of one colour. */
typedef struct {
  guint64 pending; /* counted in pairs */
  guint32 counts[PAIRS];
} Pairs;

gsize
ie_codes_numbers (int colours)
{
  return (gsize) colours * IE_CODES + (colours == 1 ? sizeof (Pairs) / sizeof (guint64) : 0);
}

/* Counts of both codes of the pairs. */
static void
take_pairs (const guint32 *restrict pairs, guint64 *restrict codes)
{
  for (int second = 0; second < IE_CODES; second++) {
    const guint32 *restrict row = pairs + (gsize) second * IE_CODES;
    guint64 sum = 0;
    for (int first = 0; first < IE_CODES; first++)
      sum += row[first];
    for (int first = 0; first < IE_CODES && sum; first++)
      codes[first] += row[first];
    codes[second] += sum;
  }
}

void
ie_codes_settle (guint64 *histogram, int colours)
{
  Pairs *pairs = (Pairs *) (histogram + IE_CODES);
  if (colours != 1 || pairs->pending == 0)
    return;
  take_pairs (pairs->counts, histogram);
  memset (pairs, 0, sizeof *pairs);
}

void
ie_codes_merge (guint64 *into, const guint64 *from, int colours)
{
  for (int i = 0; i < colours * IE_CODES; i++)
    into[i] += from[i];
  const Pairs *pairs = (const Pairs *) (from + IE_CODES);
  if (colours == 1 && pairs->pending)
    take_pairs (pairs->counts, into);
}

/* Eight samples. Where all pairs are the same they are counted at once, and do not wait for each other's store. */
static inline void
count_eight (const guint8 *restrict in, guint32 *restrict pairs)
{
  guint64 eight;
  memcpy (&eight, in, sizeof eight);
  if (eight >> 16 == (eight & 0xffffffffffff)) {
    pairs[eight & 0xffff] += 4;
    return;
  }
  pairs[eight & 0xffff]++;
  pairs[eight >> 16 & 0xffff]++;
  pairs[eight >> 32 & 0xffff]++;
  pairs[eight >> 48]++;
}

static void
count_pairs (const guint8 *restrict in, gsize samples, guint32 *restrict pairs, guint64 *restrict codes)
{
  gsize i = 0;
  for (; i + IE_CACHE_LINE <= samples; i += IE_CACHE_LINE) {
    ie_prefetch_read (in + i + AHEAD);
    for (gsize t = 0; t < IE_CACHE_LINE; t += 8)
      count_eight (in + i + t, pairs);
  }
  for (; i + 8 <= samples; i += 8)
    count_eight (in + i, pairs);
  for (; i < samples; i++)
    codes[in[i]]++;
}

static void
add_pairs (guint64 *histogram, const IePixels *pixels)
{
  Pairs *pairs = (Pairs *) (histogram + IE_CODES);
  gsize samples = (gsize) pixels->rect.width;
  for (int y = 0; y < pixels->rect.height; y++) {
    if (pairs->pending + samples > G_MAXUINT32)
      ie_codes_settle (histogram, 1);
    pairs->pending += samples / 2;
    count_pairs ((const guint8 *) pixels->data + (ptrdiff_t) y * pixels->stride, samples, pairs->counts, histogram);
  }
}

/* Sample i in short histogram i modulo `period`. */
static inline void
count_apart (const guint8 *restrict in, gsize samples, guint64 (*restrict counts)[CODES_APART], gsize period)
{
  gsize i = 0;
  for (; i + period <= samples; i += period)
    for (gsize t = 0; t < period; t++)
      counts[t][in[i + t]]++;
  for (gsize t = 0; i < samples; i++, t++)
    counts[t][in[i]]++;
}

void
ie_codes_add (guint64 *histogram, const IePixels *pixels, int colours)
{
  if (colours == 1) {
    add_pairs (histogram, pixels);
    return;
  }
  guint64 counts[MOST_SHORT][CODES_APART] = { 0 };
  gsize samples = (gsize) pixels->rect.width * (gsize) colours;
  int period = colours == 3 ? 12 : 2 * colours;
  for (int y = 0; y < pixels->rect.height; y++) {
    const guint8 *row = (const guint8 *) pixels->data + (ptrdiff_t) y * pixels->stride;
    if (colours == 3)
      count_apart (row, samples, counts, 12);
    else
      count_apart (row, samples, counts, (gsize) period);
  }
  for (int t = 0; t < period; t++)
    for (int code = 0; code < IE_CODES; code++)
      histogram[t % colours * IE_CODES + code] += counts[t][code];
}
