// SPDX-License-Identifier: GPL-3.0-or-later
/* Scores: what a cosine means. A cosine of 0.6 is a near copy with one model and a stranger with another; a score means the
 * same with all of them:
 *
 *   0     as far apart as two pictures that have nothing to do with each other (the middle of such pairs), or farther
 *   0.5   one of 1,000 such pairs comes as near
 *   0.9   a copy: resized, re-encoded, toned, a little cropped
 *   1     equal
 *
 * and linear in the cosine between them. */
#pragma once

#include "embed/search.h"

G_BEGIN_DECLS

#define IE_SCORE_SIMILAR 0.5
#define IE_SCORE_NEAR 0.9

/* The cosines at 0, 0.5 and 0.9. */
typedef struct {
  double unrelated, similar, near;
} IeScale;

IE_API double ie_score (const IeScale *scale, double cosine);
IE_API double ie_score_cosine (const IeScale *scale, double score);

/* Of the built-in descriptor: measured on pictures (docs/similar.md). */
IE_API IeScale ie_scale_of_descriptor (gboolean look);

/* Of another embedding, from the vectors themselves: `pairs` of rows drawn at random (the same for the same vectors) are taken as
 * unrelated; few of them are not, so that the middle and the spread are those of unrelated ones (median, and median of the
 * distances from it); similar is where one of 1,000 of a normal distribution of that spread lies, near halfway (0.8) from
 * there to 1. Of fewer than IE_SCALE_LEAST rows nothing can be said: the scale is then that of the usual models, which is a
 * guess, and *guessed (may be NULL) says so. */
#define IE_SCALE_LEAST 50
IE_API IeScale ie_scale_measure (const IeVectors *vectors, gboolean *guessed);

G_END_DECLS
