// SPDX-License-Identifier: GPL-3.0-or-later
/* Hysteresis over a map of a whole picture: crests stay where a path of crests leads to a strong one.
 *
 * The map has two bits a pixel, in two planes of 64-bit words: `crests`, and of these `strong`. What stays does not
 * depend on the order in which it is found: bands of rows are flooded on all threads, then again where a neighbouring
 * band has reached their edge, until nothing changes. No stack is larger than a band. */
#pragma once

#include "core/level.h"
#include "core/work.h"

G_BEGIN_DECLS

#define ie_hysteresis_words IE_LEVEL_NAME (ie_hysteresis_words)
#define ie_hysteresis_bytes IE_LEVEL_NAME (ie_hysteresis_bytes)
#define ie_hysteresis_scratch IE_LEVEL_NAME (ie_hysteresis_scratch)
#define ie_hysteresis_new IE_LEVEL_NAME (ie_hysteresis_new)
#define ie_hysteresis_draw IE_LEVEL_NAME (ie_hysteresis_draw)
#define ie_hysteresis_run IE_LEVEL_NAME (ie_hysteresis_run)

#define IE_HYSTERESIS_PIXELS 64 /* of a word, the first in its lowest bit */

/* Pixel (x, y) is bit x % 64 of word y * words + x / 64. */
typedef struct {
  guint64 *crests, *strong;
  int width, height;
  gsize words; /* of a row of each plane */
} IeHysteresis;

/* Bytes of scratch that ie_hysteresis_new() takes, and ie_hysteresis_run() on so many threads. */
gsize ie_hysteresis_bytes (int width, int height);
gsize ie_hysteresis_scratch (int width, int height, int threads);

/* A map whose rows the caller fills, every word of each: bits beyond the width are 0. crests NULL: no memory. */
IeHysteresis ie_hysteresis_new (IeWork *work, int width, int height);

/* Makes every crest strong that is joined to a strong one through its 8 neighbours: `strong` is the result, `crests`
 * what is left over. Returns early when cancelled. */
void ie_hysteresis_run (const IeHysteresis *map, IeWork *work);

/* Writes white where a pixel is strong and black elsewhere into `count` planes of the map's size, of 8 bits or float, rows
 * `stride` bytes apart. */
void ie_hysteresis_draw (const IeHysteresis *map, void *const *planes, int count, ptrdiff_t stride, IeDepth depth,
                         IeWork *work);

G_END_DECLS
