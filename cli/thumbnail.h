// SPDX-License-Identifier: GPL-3.0-or-later
/* Small pictures to show, read by a process that may do nothing else. */
#pragma once

#include "cli/prepare.h"

/* The upright picture in sRGB, its longer side at most `side`: width x height x 3 bytes, rows without gaps. g_free(). NULL: it cannot be
 * read, or cli_stop_flag() was set. Any thread. */
guint8 *cli_thumbnail (const CliWorkerOptions *options, const char *path, int side, int *width, int *height);
