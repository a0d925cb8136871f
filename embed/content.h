// SPDX-License-Identifier: GPL-3.0-or-later
/* What a file holds, as a number. */
#pragma once

#include "embed/catalogue.h"

G_BEGIN_DECLS

/* XXH3 (128 bits, big-endian as xxHash prints it) of all bytes of an open file, read from its start with pread(). FALSE and error
 * (IE_ERROR_INPUT). cancel as in ie_portrait_read(). */
IE_API gboolean ie_content_hash (int fd, const gint *cancel, guint8 content[IE_CONTENT_BYTES], GError **error);

G_END_DECLS
