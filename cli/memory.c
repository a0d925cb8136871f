// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/memory.h"

#include <sys/resource.h>

/* Code and tables of the libraries that are only touched while a picture is read, worked on and written; measured as
 * the peak of copying a picture of 1 x 1 pixels, over the peak at start. */
#define TOUCHED_LATER (2u << 20)

guint64
cli_memory_peak (void)
{
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  return (guint64) usage.ru_maxrss * 1024;
}

guint64
cli_memory_program (void)
{
  static gsize program;
  if (g_once_init_enter (&program))
    g_once_init_leave (&program, (gsize) cli_memory_peak () + TOUCHED_LATER);
  return program;
}
