// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Code and tables of the libraries that are only touched while a picture is read, worked on and written; measured as
 * the peak of copying a picture of 1 x 1 pixels, over the peak at start. */
#define TOUCHED_LATER (2u << 20)

#define SMALLEST_MEMORY (256 * G_GUINT64_CONSTANT (1048576))
#define MEMORY_SHARE 4 /* of physical memory, one part */

/* Opened once, for a worker may open nothing for writing later. */
static int
opened (const char *path, int flags, gsize *place)
{
  if (g_once_init_enter (place))
    g_once_init_leave (place, (gsize)(open (path, flags | O_CLOEXEC) + 2));
  return (int)*place - 2;
}

guint64
cli_memory_peak (void)
{
  static gsize place;
  /* Unlike getrusage(), it does not count what the parent held when it started this process. */
  char text[4096];
  int fd = opened ("/proc/self/status", O_RDONLY, &place);
  gssize size = fd >= 0 ? pread (fd, text, sizeof text - 1, 0) : 0;
  text[MAX (size, 0)] = '\0';
  const char *line = strstr (text, "VmHWM:");
  if (line)
    return (guint64)strtoull (line + strlen ("VmHWM:"), NULL, 10) * 1024;
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  return (guint64)usage.ru_maxrss * 1024;
}

guint64
cli_memory_program (void)
{
  static gsize program;
  if (g_once_init_enter (&program))
    g_once_init_leave (&program, (gsize)cli_memory_peak () + TOUCHED_LATER);
  return program;
}

void
cli_memory_restart (void)
{
  static gsize place;
  int fd = opened ("/proc/self/clear_refs", O_WRONLY, &place);
  if (fd >= 0 && pwrite (fd, "5", 1, 0) != 1)
    return; /* the peak is then that of the whole process */
}

guint64
cli_memory_usual (void)
{
  long pages = sysconf (_SC_PHYS_PAGES), size = sysconf (_SC_PAGESIZE);
  guint64 physical = pages > 0 && size > 0 ? (guint64)pages * (guint64)size : 0;
  return MAX (physical / MEMORY_SHARE, SMALLEST_MEMORY);
}
