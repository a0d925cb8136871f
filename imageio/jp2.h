// SPDX-License-Identifier: GPL-3.0-or-later
/* What the reader and the writer of JPEG 2000 share. */
#pragma once

#include "imageio/whole.h"

#include <openjpeg.h>

typedef enum { IE_JP2_XMP, IE_JP2_EXIF, IE_JP2_IPTC } IeJp2Block;
/* The 16 bytes that name the box of such a block. */
const guint8 *ie_jp2_uuid (IeJp2Block block);
