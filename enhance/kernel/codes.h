// SPDX-License-Identifier: GPL-3.0-or-later
/* Histograms of 8-bit samples.
 *
 * One colour is counted by pairs of neighbours, in 65,536 counts: half as many counts to write as there are samples, and the
 * pairs of a photograph, which are alike, stay in the first cache. Where they are settled, each counts for both of its codes.
 * Of several colours each sample is counted by itself, in short histograms of the first cache. */
#pragma once

#include "core/image.h"
#include "core/level.h"

#define IE_CODES 256

#define ie_codes_add IE_LEVEL_NAME (ie_codes_add)
#define ie_codes_merge IE_LEVEL_NAME (ie_codes_merge)
#define ie_codes_settle IE_LEVEL_NAME (ie_codes_settle)
#define ie_codes_numbers IE_LEVEL_NAME (ie_codes_numbers)

/* Numbers of a histogram: IE_CODES for each colour, and of one colour the pairs. All 0 to begin with. */
gsize ie_codes_numbers (int colours);

/* Counts the samples of 8-bit pixels without alpha. */
void ie_codes_add (guint64 *histogram, const IePixels *pixels, int colours);

/* Adds to the codes of `into` all that `from` has counted. */
void ie_codes_merge (guint64 *into, const guint64 *from, int colours);

/* After it the first IE_CODES * colours numbers are the counts, colour by colour. */
void ie_codes_settle (guint64 *histogram, int colours);
