// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define NANOSECONDS G_GINT64_CONSTANT (1000000000)
#define PIECE_BYTES (256 * 1024)

static gint64
nanoseconds (struct timespec time)
{
  return time.tv_sec * NANOSECONDS + time.tv_nsec;
}

static gboolean
take (const struct stat *status, CliStamp *stamp)
{
  if (!S_ISREG (status->st_mode)) {
    errno = EINVAL;
    return FALSE;
  }
  *stamp = (CliStamp){ .device = status->st_dev,
                       .inode = status->st_ino,
                       .size = (guint64)status->st_size,
                       .access_ns = nanoseconds (status->st_atim),
                       .change_ns = nanoseconds (status->st_mtim),
                       .status_ns = nanoseconds (status->st_ctim) };
  return TRUE;
}

gboolean
cli_stamp_path (const char *path, CliStamp *stamp)
{
  struct stat status;
  return stat (path, &status) == 0 && take (&status, stamp);
}

gboolean
cli_stamp_fd (int fd, CliStamp *stamp)
{
  struct stat status;
  return fstat (fd, &status) == 0 && take (&status, stamp);
}

gboolean
cli_stamp_unchanged (const CliStamp *then, const CliStamp *now)
{
  return then->inode == now->inode && then->size == now->size && then->change_ns == now->change_ns
         && then->status_ns == now->status_ns;
}

gboolean
cli_stamp_same (const CliStamp *before, const CliStamp *after)
{
  return before->device == after->device && before->inode == after->inode && before->size == after->size
         && before->change_ns == after->change_ns;
}

/* Feeds the whole file; 0 or errno. */
static int
feed (XXH3_state_t *state, int fd, gint *cancel)
{
  guint8 *piece = g_malloc (PIECE_BYTES);
  int number = 0;
  for (off_t at = 0; !number;) {
    gssize got = pread (fd, piece, PIECE_BYTES, at);
    if (got == 0)
      break;
    if (cancel && g_atomic_int_get (cancel))
      number = ECANCELED;
    else if (got > 0)
      XXH3_128bits_update (state, piece, (gsize)got);
    else if (errno != EINTR)
      number = errno;
    at += MAX (got, 0);
  }
  g_free (piece);
  return number;
}

char *
cli_hash_fd (int fd, gint *cancel)
{
  XXH3_state_t *state = XXH3_createState ();
  XXH3_128bits_reset (state);
  int number = feed (state, fd, cancel);
  XXH128_hash_t hash = XXH3_128bits_digest (state);
  XXH3_freeState (state);
  errno = number;
  return number ? NULL
                : g_strdup_printf ("xxh128:%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x", (guint64)hash.high64,
                                   (guint64)hash.low64);
}

char *
cli_hash_path (const char *path, gint *cancel)
{
  CliStamp stamp;
  /* O_NONBLOCK: a FIFO in its place must not keep us. */
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return NULL;
  char *hash = cli_stamp_fd (fd, &stamp) ? cli_hash_fd (fd, cancel) : NULL;
  int number = errno;
  close (fd);
  errno = number;
  return hash;
}
