// SPDX-License-Identifier: GPL-3.0-or-later
/* The parts of OpenEXR that stand in files of their own. */
#pragma once

#include "imageio/internal.h"

#include <openexr.h>

/* Reads resolution and texts of the first part into metadata; what cannot be had is noted. FALSE and error: a bomb of text. */
gboolean ie_exr_read_attributes (exr_const_context_t context, const IeReadLimits *limits, IeMetadata *metadata,
                                 GError **error);
/* Puts resolution, texts and day of capture into the first part, before its header is written. Notes what has no
 * place. */
exr_result_t ie_exr_write_attributes (exr_context_t context, const IeMetadata *metadata, IeFidelity *fidelity);
/* Names the primaries and white of linear RGB: those of a space (colorspace/srgb.h) whose `to_xyz` is relative to
 * D50, to which `icc` (may be NULL: sRGB's) says how its white was adapted. */
exr_result_t ie_exr_write_primaries (exr_context_t context, double to_xyz[3][3], GBytes *icc);

IeFileSink *ie_exr_create (int fd, const IeWriteOptions *options, GError **error);
