// SPDX-License-Identifier: GPL-3.0-or-later
/* Preloaded into the command and, through the environment, into its workers: at the end each process writes the most
 * memory that it had resident, in KiB (VmHWM of /proc), as a line to the file that PEAK_FILE names. The file is opened at the
 * beginning, for a worker may open nothing for writing later. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int out = -1;

__attribute__ ((constructor)) static void
begin (void)
{
  const char *name = getenv ("PEAK_FILE");
  if (name)
    out = open (name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

__attribute__ ((destructor)) static void
end (void)
{
  char text[8192], line[40];
  int fd = out < 0 ? -1 : open ("/proc/self/status", O_RDONLY | O_CLOEXEC);
  ssize_t size = fd < 0 ? 0 : read (fd, text, sizeof text - 1);
  text[size > 0 ? size : 0] = '\0';
  const char *peak = strstr (text, "VmHWM:");
  if (peak) {
    int length = snprintf (line, sizeof line, "%lu\n", strtoul (peak + strlen ("VmHWM:"), NULL, 10));
    if (write (out, line, (size_t)length) != length)
      abort ();
  }
}
