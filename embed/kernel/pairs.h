// SPDX-License-Identifier: GPL-3.0-or-later
/* Which pairs of rows may have a large inner product, for embed/pairs.c: rows of a band in lanes against rows of a block. */
#pragma once

#include "core/level.h"

#define IE_PAIRS_BAND 128
#define IE_PAIRS_BLOCK 64

typedef struct {
  /* The first `head` (even) numbers of some rows as 16 bits, row after row, zeros where a row is shorter. */
  void (*widen) (const gint8 *rows, guint count, int dimensions, int head, gint16 *wide);
  /* Lists pairs for which the inner product of the heads and the product of the bounds of the tails come to `least`: found[]
   * gets l x IE_PAIRS_BLOCK + r for row l of the band and r of the block, in any order, IE_PAIRS_BAND x IE_PAIRS_BLOCK + 1 at
   * most; gives their number. band: pair k of numbers of row l at k x IE_PAIRS_BAND + l. All rows of band and block are
   * there; those that are too many have zeros. */
  guint (*list) (const gint32 *band, const gint32 *band_tails, const gint16 *block, const gint32 *block_tails, int head,
                 gint32 least, guint16 *found);
} IePairsKernels;

extern const IePairsKernels ie_pairs_kernels_base;
#ifdef IE_X86_LEVELS
extern const IePairsKernels ie_pairs_kernels_v2, ie_pairs_kernels_v3, ie_pairs_kernels_v4;
#endif
