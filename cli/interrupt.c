// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/interrupt.h"

#include <signal.h>
#include <string.h>

static gint stop;

static void
on_signal (int number)
{
  (void)number;
  g_atomic_int_set (&stop, CLI_STOP_INTERRUPTED);
}

/* A signal that the parent had ignored (a job in the background) stays ignored. */
static void catch (int number, const struct sigaction *action)
{
  struct sigaction before;
  if (sigaction (number, NULL, &before) != 0 || before.sa_handler != SIG_IGN)
    sigaction (number, action, NULL);
}

void
cli_catch_signals (void)
{
  struct sigaction action;
  memset (&action, 0, sizeof action);
  sigemptyset (&action.sa_mask);
  action.sa_handler = on_signal;
  /* RESETHAND: whoever presses twice means it. RESTART: codecs take EINTR for a damaged file. */
  action.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
  catch (SIGINT, &action);
  catch (SIGTERM, &action);
  catch (SIGHUP, &action);
  action.sa_handler = SIG_IGN;
  action.sa_flags = 0;
  sigaction (SIGPIPE, &action, NULL);
  sigaction (SIGXFSZ, &action, NULL);
}

gint *
cli_stop_flag (void)
{
  return &stop;
}

CliStop
cli_stopped (void)
{
  return (CliStop)g_atomic_int_get (&stop);
}

void
cli_stop (CliStop why)
{
  g_atomic_int_compare_and_exchange (&stop, CLI_STOP_NONE, (gint)why);
}
