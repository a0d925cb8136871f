// SPDX-License-Identifier: GPL-3.0-or-later
/* Hysteresis over a map of a whole picture: weak pixels stay where a path of weak ones leads to a strong one.
 *
 * The set that stays does not depend on the order in which it is found: bands of rows are flooded on all threads, then
 * again where a neighbouring band has reached their edge, until nothing changes. No stack is larger than a band. */
#pragma once

#include "core/level.h"
#include "core/work.h"

G_BEGIN_DECLS

#define ie_hysteresis_stride IE_LEVEL_NAME (ie_hysteresis_stride)
#define ie_hysteresis_bytes IE_LEVEL_NAME (ie_hysteresis_bytes)
#define ie_hysteresis_scratch IE_LEVEL_NAME (ie_hysteresis_scratch)
#define ie_hysteresis_clear_frame IE_LEVEL_NAME (ie_hysteresis_clear_frame)
#define ie_hysteresis_run IE_LEVEL_NAME (ie_hysteresis_run)

enum { IE_EDGE_NONE, IE_EDGE_WEAK, IE_EDGE_STRONG, IE_EDGE_KEPT };

/* The map of width x height pixels with a frame of one pixel that holds IE_EDGE_NONE: pixel (x, y) lies at
 * (y + 1) * stride + x + 1. */
gsize ie_hysteresis_stride (int width);
gsize ie_hysteresis_bytes (int width, int height);

/* Bytes of scratch that a run takes, on so many threads. */
gsize ie_hysteresis_scratch (int width, int height, int threads);

void ie_hysteresis_clear_frame (guint8 *map, int width, int height);

/* Turns every strong pixel, and every weak one joined to a strong one through its 8 neighbours, into IE_EDGE_KEPT.
 * Returns early when cancelled. */
void ie_hysteresis_run (guint8 *map, int width, int height, IeWork *work);

G_END_DECLS
