// SPDX-License-Identifier: GPL-3.0-or-later
/* Curves over 0..1 by table, as histograms give them. */
#pragma once

#include <glib.h>

#define IE_TONE_BINS 65536                /* centred on k / 65535 */
#define IE_TONE_LAST 65535.0f
#define IE_TONE_VALUES (IE_TONE_BINS + 1) /* of a table; the last has a right neighbour, itself, to interpolate with */

/* Between two centres a curve is interpolated; the first and last 1/128 of the way belong to the centre itself, because
 * k / 255 and k / 65535 as floats lie beside it by up to that much (65535 * 2^-23: the rounding of a float and of its
 * product with 65535), and the curve may jump there. */
#define IE_TONE_CENTRE (1.0f / 128.0f)
#define IE_TONE_PER_WAY (1.0f / (1.0f - 2.0f * IE_TONE_CENTRE))
