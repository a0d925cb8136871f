// SPDX-License-Identifier: GPL-3.0-or-later
/* libtiff over a descriptor of ours: reads and writes at offsets, and keeps the errors of each handle apart, so that
 * several threads may have files open. */
#pragma once

#include "imageio/internal.h"

#include <tiffio.h>

typedef struct {
  TIFF *tiff;       /* NULL: closed */
  int fd;           /* owned by whoever embeds this */
  guint64 position; /* of libtiff's file pointer */
  guint64 size;
  int failure;       /* errno of a read or write that failed, else 0 */
  char message[256]; /* libtiff's first error, "" when there is none */
  GArray *hidden;    /* of entries of directories that libtiff does not see; NULL: none */
} IeTiffHandle;

/* Opens handle->fd. mode: as TIFFOpen's. FALSE: see message and failure. The handle must not move while open. */
gboolean ie_tiff_open (IeTiffHandle *handle, int fd, const char *mode);
/* libtiff will read an unknown tag of one byte in place of the entry of a directory at that offset. swapped: the file's
 * byte order is not this machine's. */
void ie_tiff_hide (IeTiffHandle *handle, guint64 offset, gsize entry_bytes, gboolean swapped);
/* Closes libtiff, not fd. When writing: handle->failure tells whether that went well. */
void ie_tiff_close (IeTiffHandle *handle);
/* Error for a reading call that failed. Always FALSE. */
gboolean ie_tiff_fail_read (IeTiffHandle *handle, GError **error);
/* Error for a writing call that failed. Always FALSE. */
gboolean ie_tiff_fail_write (IeTiffHandle *handle, GError **error);
