// SPDX-License-Identifier: GPL-3.0-or-later
/* What the process holds, by the system's own account. */
#pragma once

#include <glib.h>

/* The most the process has held so far, in bytes. */
guint64 cli_memory_peak (void);

/* What the program itself holds before it works on pictures: read once, at the first call. */
guint64 cli_memory_program (void);
