// SPDX-License-Identifier: GPL-3.0-or-later
/* The fitted data of the descriptor (embed/visual.matrix, made by embed/fit/fit.py): numbers of 4 bytes, the lowest first.
 * "IEM1"; how many features of lightness and of colour there are, and outputs of each (unsigned); the share of lightness and
 * the floor of colour (float); a scale for each output, and a bias for each of lightness (float); then for each feature of
 * lightness, and of colour, its signed bytes for the outputs of that kind. */
#pragma once

#include "embed/descriptor.h"
#include "embed/kernel/features.h"

typedef struct {
  int light_outputs, colour_outputs; /* IE_DESCRIPTOR_BYTES together */
  float light_share, colour_floor;
  float scale[IE_DESCRIPTOR_BYTES], bias[IE_DESCRIPTOR_BYTES]; /* those of lightness first */
  const gint8 *light, *colour;
  guint32 hash; /* FNV-1a of all bytes */
} IeProjection;

/* The library's own. */
const IeProjection *ie_projection (void);
/* Another one, for tools: borrowed for good, before anything is described. FALSE: not such data. */
gboolean ie_projection_use (const guint8 *data, gsize size);
