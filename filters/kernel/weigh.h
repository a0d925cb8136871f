// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows of samples in and out of float for filters that weigh colour by alpha: loaded with colour times alpha, summed by
 * the filter, divided by the summed alpha, stored at the depth of the output. */
#pragma once

#include "core/image.h"
#include "core/level.h"

G_BEGIN_DECLS

#define ie_weigh_load IE_LEVEL_NAME (ie_weigh_load)
#define ie_weigh_divide IE_LEVEL_NAME (ie_weigh_divide)
#define ie_weigh_store IE_LEVEL_NAME (ie_weigh_store)

/* In which unit samples of integer depths become float. Float samples stay as they are. */
typedef enum {
  IE_UNIT_CODE, /* 0 .. 255 or 65535: exact and cheap */
  IE_UNIT_RANGE /* 0 .. 1, correctly rounded: the values that the picture has as float, bit for bit */
} IeUnit;

/* Pixels x .. x + pixels - 1 of row y, which must lie in in->rect, as float into out[pixels * channels]; with alpha,
 * colour is multiplied by it (0 where alpha is 0, whatever the colour). */
void ie_weigh_load (const IePixels *in, int x, int y, int pixels, IeUnit unit, float *out);

/* Undoes the multiplication in a row of `pixels` pixels whose last channel is alpha, in place; 0 where alpha is 0. */
void ie_weigh_divide (float *row, int pixels, int channels);

/* row[pixels * channels] in the given unit into pixels x .. of row y of `out`, clamped and rounded half up once where
 * out's depth is an integer. */
void ie_weigh_store (const float *row, const IePixels *out, int x, int y, int pixels, IeUnit unit);

G_END_DECLS
