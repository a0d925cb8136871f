// SPDX-License-Identifier: GPL-3.0-or-later
/* What the process holds, by the system's own account. */
#pragma once

#include <glib.h>

/* The most the process has held since it began or since cli_memory_restart(), in bytes. */
guint64 cli_memory_peak (void);

/* What the program itself holds before it works on pictures: read once, at the first call. */
guint64 cli_memory_program (void);

/* Counts the peak from now on, where the system can (Linux: clear_refs(5) in proc(5)). For a process that does one picture
 * at a time. The first call opens what later ones write to. */
void cli_memory_restart (void);

/* What pictures may take where no --memory is given, in bytes. */
guint64 cli_memory_usual (void);
