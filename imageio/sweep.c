// SPDX-License-Identifier: GPL-3.0-or-later
/* Temporary files of outputs whose writers died. */
#include "imageio/internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ".NAME.XXXXXX.imgenhance-part" */
static gboolean
is_part_name (const char *name)
{
  gsize length = strlen (name), tail = 1 + IE_PART_RANDOM + strlen (IE_PART_SUFFIX);
  if (name[0] != '.' || length < 1 + tail || !g_str_has_suffix (name, IE_PART_SUFFIX))
    return FALSE;
  const char *random = name + length - tail;
  for (int i = 1; i <= IE_PART_RANDOM; i++)
    if (!g_ascii_isdigit (random[i]) && !g_ascii_islower (random[i]))
      return FALSE;
  return random[0] == '.';
}

/* Removes the file when it is certain that nobody writes it. Its lock is held meanwhile, and a writer that comes between
 * sees that its file is gone (hold_part() in output.c). */
static gboolean
sweep_file (int folder, const char *name)
{
  struct stat status;
  /* O_NONBLOCK: a FIFO of that name must not keep us. */
  int fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return FALSE;
  gboolean dead = fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_uid == geteuid ()
                  && flock (fd, LOCK_EX | LOCK_NB) == 0;
  gboolean swept = dead && unlinkat (folder, name, 0) == 0;
  close (fd);
  return swept;
}

int
ie_output_sweep (const char *path)
{
  int swept = 0, fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *folder = fd >= 0 ? fdopendir (fd) : NULL;
  if (!folder) {
    if (fd >= 0)
      close (fd);
    return 0;
  }
  for (const struct dirent *entry; (entry = readdir (folder));)
    if (is_part_name (entry->d_name))
      swept += sweep_file (fd, entry->d_name);
  closedir (folder);
  return swept;
}
