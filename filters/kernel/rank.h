// SPDX-License-Identifier: GPL-3.0-or-later
/* The methods of filters/kernel/median.h for any rank: shapes, threads, cancelling as there, and scratch as the
 * function ie_median_..._memory of the same method says. `rank` counts from 0, the smallest, of the window's (2 radius
 * + 1)^2. */
#pragma once

#include "filters/kernel/median.h"

#define ie_rank_bytes IE_LEVEL_NAME (ie_rank_bytes)
#define ie_rank_bytes_memory IE_LEVEL_NAME (ie_rank_bytes_memory)
#define ie_rank_histogram IE_LEVEL_NAME (ie_rank_histogram)
#define ie_rank_sorted IE_LEVEL_NAME (ie_rank_sorted)
#define ie_rank_weighted IE_LEVEL_NAME (ie_rank_weighted)

/* 8 bits, radius 1 and more: by thresholds up to radius 10, by histograms beyond and in rectangles that are too small for it. */
void ie_rank_bytes (IeWork *work, const IePixels *in, const IePixels *out, int radius, guint32 rank);
gsize ie_rank_bytes_memory (IeRect out, int radius, int channels);
/* 8 bits by histograms; scratch: ie_median_histogram_memory(). */
void ie_rank_histogram (IeWork *work, const IePixels *in, const IePixels *out, int radius, guint32 rank);
/* 16 bits and float; scratch: ie_median_rank_memory(). */
void ie_rank_sorted (IeWork *work, const IePixels *in, const IePixels *out, int radius, guint32 rank);
/* Every depth, weighed by alpha: the smallest value such that at least `share` (0 .. 1) of all alpha lies at it or
 * below, and some; scratch: ie_median_weighted_memory(). */
void ie_rank_weighted (IeWork *work, const IePixels *in, const IePixels *out, int radius, double share);

/* How many of `total` > 0 equal weights must lie at the answer or below: share of them, rounded up, one at least. */
static inline guint64
ie_rank_count (double share, guint64 total)
{
  double wanted = share * (double) total;
  guint64 count = (guint64) wanted;
  count += (double) count < wanted;
  return CLAMP (count, 1, total);
}
