// SPDX-License-Identifier: GPL-3.0-or-later
/* Whether a file is still the one it was. */
#pragma once

#include <glib.h>

/* What the system says of a regular file. The time of the last change of status (ctime) cannot be set by programs, so
 * that equal stamps mean equal contents unless somebody turns back the clock. */
typedef struct {
  guint64 device, inode, size;
  gint64 access_ns, change_ns, status_ns; /* since 1970: last access, change of contents, change of status */
} CliStamp;

/* Of the file at the path, links followed; of an open file. FALSE with errno; EINVAL: not a regular file. */
gboolean cli_stamp_path (const char *path, CliStamp *stamp);
gboolean cli_stamp_fd (int fd, CliStamp *stamp);

/* Whether the contents are surely the same, now and in an earlier run: size, change, status, inode (numbers of devices
 * change from boot to boot). FALSE means nothing but that one has to look. */
gboolean cli_stamp_unchanged (const CliStamp *then, const CliStamp *now);

/* Whether a file that is being read is still the same: not replaced, not written to. */
gboolean cli_stamp_same (const CliStamp *before, const CliStamp *after);

/* "xxh128:" and 32 hexadecimal digits: XXH3 with 128 bits of all bytes (by libxxhash). A checksum against mistakes, not
 * against forgery; it reads at the speed of the page cache (measured 3.4 GB/s; SHA-256 by GLib 0.13 GB/s).
 * NULL with errno; ECANCELED: *cancel (may be NULL, read atomically) became other than 0. g_free(). */
char *cli_hash_fd (int fd, gint *cancel);
/* Of the regular file at the path. */
char *cli_hash_path (const char *path, gint *cancel);
