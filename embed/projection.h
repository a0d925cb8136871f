// SPDX-License-Identifier: GPL-3.0-or-later
/* The fitted data of the descriptor (embed/visual.matrix, made by embed/fit/fit.py): numbers of 4 bytes, the lowest first.
 * "IEM2"; for each of the four kinds of features how many there are and how many outputs are made of them (unsigned); then
 * for each its share of a vector's length, squared, and the length of its outputs that is taken for none (float); for each
 * output, kind after kind, a scale, then for each a bias (float); for each kind, for each feature its signed bytes for the
 * outputs of that kind. */
#pragma once

#include "embed/descriptor.h"
#include "embed/kernel/features.h"

typedef struct {
  int features, outputs; /* the outputs of all kinds together are IE_DESCRIPTOR_BYTES */
  float share, floor;
  const gint8 *codes;
} IeProjectionKind;

typedef struct {
  IeProjectionKind kinds[IE_FEATURE_KINDS];
  float scale[IE_DESCRIPTOR_BYTES], bias[IE_DESCRIPTOR_BYTES];
  guint32 hash; /* FNV-1a of all bytes */
} IeProjection;

/* The library's own. */
const IeProjection *ie_projection (void);
/* Another one, for tools: borrowed for good, before anything is described. FALSE: not such data. */
gboolean ie_projection_use (const guint8 *data, gsize size);
