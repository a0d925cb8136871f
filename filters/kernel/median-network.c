// SPDX-License-Identifier: GPL-3.0-or-later
/* Medians of small windows: median-network.h for each type of sample. */
#include "filters/kernel/median.h"

#define POLL_ROWS 16 /* rows between looks at cancellation; a multiple of four */
/* Pieces beside each other in a stretch of the 5 x 5. Their lists, 52 KiB, lie in the second-level cache, which costs
 * little; shorter runs of a row, that the processor's prefetcher has to find anew, cost more. Measured with 4 to 100. */
#define PIECES 32

#define SAMPLE guint8
#define NAME(x) u8_##x
#define NORMAL(v) (v)
#include "filters/kernel/median-network.h"

#define SAMPLE guint16
#define NAME(x) u16_##x
#define NORMAL(v) (v)
#include "filters/kernel/median-network.h"

/* Which of -0 and +0 comes out of a minimum depends on the order of comparisons, and that on the rectangle: store +0.
 */
#define SAMPLE float
#define NAME(x) float_##x
#define NORMAL(v) ((v) + 0.0f)
#include "filters/kernel/median-network.h"

void
ie_median_network (IeWork *work, const IePixels *in, const IePixels *out, int radius)
{
  if (in->depth == IE_DEPTH_U8)
    (radius == 1 ? u8_rectangle_3 : u8_rectangle_5) (work, in, out);
  else if (in->depth == IE_DEPTH_U16)
    (radius == 1 ? u16_rectangle_3 : u16_rectangle_5) (work, in, out);
  else
    (radius == 1 ? float_rectangle_3 : float_rectangle_5) (work, in, out);
}
