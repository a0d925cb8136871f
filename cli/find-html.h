// SPDX-License-Identifier: GPL-3.0-or-later
/* What `similar` and `duplicates` show as a page with thumbnails. */
#pragma once

#include "cli/find.h"

/* Writes the page (whole or not at all; an existing file is replaced). FALSE and error. */
gboolean cli_find_html (const char *file, const CliQuery *query, const CliFound *found, GError **error);

/* A file as an <img> of a small JPEG inside the page; in words where it cannot be read. */
void cli_html_thumbnail (GString *out, const CliWorkerOptions *options, const char *path);
/* Text of any bytes as text of a page. */
void cli_html_text (GString *out, const char *bytes);
