// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/thumbnail.h"

guint8 *
cli_thumbnail (const CliWorkerOptions *options, const char *path, int side, int *width, int *height)
{
  IePrepare small = { .kind = IE_PREPARE_SMALL, .width = side };
  CliPrepared facts;
  GBytes *bytes = NULL;
  if (!cli_prepare_file (options, path, &small, 1, &bytes, &facts, NULL))
    return NULL;
  const guint8 *pixels = ie_prepare_small (&small, g_bytes_get_data (bytes, NULL), width, height);
  guint8 *copy = pixels ? g_memdup2 (pixels, (gsize)*width * (gsize)*height * 3) : NULL;
  g_bytes_unref (bytes);
  return copy;
}
