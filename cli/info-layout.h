// SPDX-License-Identifier: GPL-3.0-or-later
/* How a file stores its pages, for imgenhance info: size, samples, strips or tiles, compression, subsampling of each. */
#pragma once

#include "imageio/imageio.h"

/* Appends the member "pages" of an open JSON object: an object a page, the first being `source` itself. Opens the other
 * pages of the file; one that cannot be read has a member "error". */
void cli_info_layout_json (GString *out, const IeFormat *format, const IeSource *source);
/* Appends a line of what the first page's storage is, and, where there are more, a line a page. */
void cli_info_layout_text (GString *out, const IeFormat *format, const IeSource *source);
