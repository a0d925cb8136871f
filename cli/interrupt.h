// SPDX-License-Identifier: GPL-3.0-or-later
/* Why work is to stop: a signal, or an output place that failed. */
#pragma once

#include <glib.h>

typedef enum { CLI_STOP_NONE, CLI_STOP_INTERRUPTED, CLI_STOP_PLACE } CliStop;

/* SIGINT, SIGTERM and SIGHUP ask to stop; a second one ends the process at once. SIGPIPE and SIGXFSZ become errors of write().
 */
void cli_catch_signals (void);

/* The flag that the engine polls: a CliStop, read and written atomically. */
gint *cli_stop_flag (void);
CliStop cli_stopped (void);
/* Sets the flag unless it is set. */
void cli_stop (CliStop why);
