// SPDX-License-Identifier: GPL-3.0-or-later
/* One pass of non-local means over a block, behind filters/nlmeans.c, which has the formula. */
#pragma once

#include "core/filter.h"

G_BEGIN_DECLS

#define ie_nlmeans_pass IE_LEVEL_NAME (ie_nlmeans_pass)
#define ie_nlmeans_memory IE_LEVEL_NAME (ie_nlmeans_memory)

/* Units of a guide that are one standard deviation of the noise. */
#define IE_NLMEANS_UNIT 16
/* Samples beyond the end of a block's planes that may be read, whatever they hold. */
#define IE_NLMEANS_SPARE 64

typedef struct {
  int patch;     /* radius of a patch, pixels */
  int search;    /* radius of the window that is searched */
  double offset; /* mean squared difference, in variances of the noise, that counts as none */
  double reach;  /* what above it makes a patch weigh nothing */
} IeNlmeansShape;

/* Planes of a block; plane c of pixel (x, y) of the picture is at [c][(y - rect.y) * pitch + x - rect.x]. */
typedef struct {
  IeRect rect;
  gsize pitch; /* samples */
  int colours;
  const gint16 *guide[IE_MAX_CHANNELS]; /* what patches are compared by, in 1 / IE_NLMEANS_UNIT of the noise */
  const float *value[IE_MAX_CHANNELS];  /* what is averaged */
  const float *alpha;                   /* weight of a pixel; NULL: 1 */
} IeNlmeansBlock;

/* Averages of the pixels of `out`, whose rectangle grown by search + 2 patch lies in the block, into planes of the
 * pitch `out_pitch`; to[c][0] is its top left pixel. Where no pixel weighs anything the value stays. Thread-safe;
 * returns early when cancelled. */
void ie_nlmeans_pass (const IeNlmeansShape *shape, IeWork *work, const IeNlmeansBlock *block, IeRect out,
                      float *const *to, gsize out_pitch);
/* Bytes of scratch of a pass over so large a rectangle, the result not included. */
gsize ie_nlmeans_memory (const IeNlmeansShape *shape, IeRect out, int colours);

G_END_DECLS
