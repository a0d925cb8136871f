// SPDX-License-Identifier: GPL-3.0-or-later
/* Pixels of a face as a file that the command reads. */
#pragma once

#include "core/source.h"

/* Writes the source (full rows, ascending, its profile with them) as a PNG for a moment: little compression, not
 * synchronised. fd is taken. FALSE and error. */
gboolean cli_png_write (int fd, IeSource *source, GError **error);
