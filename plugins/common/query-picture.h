// SPDX-License-Identifier: GPL-3.0-or-later
/* Pixels of GIMP as a file that a command can read. */
#pragma once

#include "plugins/common/buffer.h"

G_BEGIN_DECLS

/* Writes the pixels of `extent` as a PNG among the temporary files, which nobody else may read: with 16 bits where the buffer has more
 * than 8, without an alpha channel that says nothing. icc (may be NULL): as ie_buffer_kind_init() takes it. The path, which the caller
 * unlinks; g_free(). NULL and error. */
char *ie_query_picture_write (GeglBuffer *buffer, const GeglRectangle *extent, GBytes *icc, GError **error);

G_END_DECLS
