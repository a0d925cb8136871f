// SPDX-License-Identifier: GPL-3.0-or-later
/* Medians of small windows: median-network.h for each type of sample. */
#include "filters/kernel/median.h"

#define POLL_ROWS 16 /* rows between looks at cancellation; a multiple of four */
/* A piece is a vector of the level: of two vectors the second one's addresses would be computed and spilled (AVX2: 5 x 5 of bytes
 * 30 -> 21 ms, of 16 bits 69 -> 42). */
#if defined __AVX512BW__
#define PIECE_BYTES 64
#elif defined __AVX2__
#define PIECE_BYTES 32
#else
#define PIECE_BYTES 16
#endif
/* Pieces beside each other in a stretch of the 5 x 5: 2 KiB. Their lists, 52 KiB, lie in the second-level cache, which costs
 * little; shorter runs of a row, that the processor's prefetcher has to find anew, cost more. Measured with 256 bytes to 6 KiB. */
#define PIECES (2048 / PIECE_BYTES)

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
