// SPDX-License-Identifier: GPL-3.0-or-later
/* From samples of the picture to samples stored in TIFF: the way back of convert.c. */
#pragma once

#include "imageio/internal.h"

typedef struct {
  IeHeader header; /* of the picture's rows */
  int bits, format; /* of a stored sample; format as in TIFF */
  gboolean white_is_zero;
} IeTiffType;

/* How a picture's samples are stored: as the layout that came with them says while the depth is still the same, else
 * with header->bits, else plainly. */
IeTiffType ie_tiff_choose_type (const IeHeader *header);
/* Whether rows are stored as they are. */
gboolean ie_tiff_type_is_plain (const IeTiffType *type);
/* Bytes of `samples` stored samples. */
gsize ie_tiff_packed_bytes (const IeTiffType *type, gsize samples);
/* Stores pixels of a row, the first at `row`; plane -1: all channels. cells: room for 8 bytes a sample. */
void ie_tiff_pack (const IeTiffType *type, const void *row, gsize pixels, int plane, void *cells, guint8 *out);
