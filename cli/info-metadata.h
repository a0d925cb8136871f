// SPDX-License-Identifier: GPL-3.0-or-later
/* All that a picture's metadata say, for imgenhance info: tags of EXIF, properties of XMP, datasets of IPTC, texts. Any
 * bytes are safe; long values and long lists are cut. */
#pragma once

#include "core/image.h"

/* Appends the members "exif", "xmp", "iptc" and "text" of an open JSON object. */
void cli_info_metadata_json (GString *out, const IeMetadata *metadata);
/* Appends a line a value. */
void cli_info_metadata_text (GString *out, const IeMetadata *metadata);
