// SPDX-License-Identifier: GPL-3.0-or-later
/* What every writer's metadata go through: a set that agrees with itself and with the pixels, and the notes of the
 * fidelity report. */
#pragma once

#include "imageio/imageio.h"

/* A sink around a format's own (which it takes). In begin() it hands on the metadata with EXIF and XMP made to agree
 * with the picture (orientation, resolution, size) and with room for a new thumbnail, and notes what the format carries;
 * in finish() it puts the thumbnail, made of the rows that went by, into the block or, where that is written by then, into
 * the file, through a descriptor of its own.
 * Blobs that need no change go through as they are. With options->strict both fail once anything was dropped.
 * options are read now; options->fidelity (may be NULL) is kept. */
IeFileSink *ie_metadata_sink_new (IeFileSink *inner, int fd, const IeFormat *format, const IeWriteOptions *options);

/* Puts block `now` in the place of the equally long EXIF block `was` in a JPEG or PNG file, whose own framing
 * (checksums) is kept right. FALSE when it is not found there, or *number is set to the errno of reading or writing. */
gboolean ie_exif_replace_in_file (int fd, const IeFormat *format, GBytes *was, GBytes *now, int *number);
/* Whether it could. */
gboolean ie_exif_replaceable (const IeFormat *format);
