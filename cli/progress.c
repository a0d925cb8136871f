// SPDX-License-Identifier: GPL-3.0-or-later
#include <unistd.h>

#include "cli/apply.h"
#include "cli/terminal.h"
#include "core/i18n.h"

#define BAR_WIDTH 24

gboolean
cli_progress_wanted (const ApplySettings *settings)
{
  return !settings->quiet && !settings->dry_run && isatty (STDERR_FILENO);
}

void
cli_progress_show (int done, int total, double fraction, double seconds)
{
  char bar[BAR_WIDTH + 1];
  int filled = CLAMP ((int)(fraction * BAR_WIDTH + 0.5), 0, BAR_WIDTH);
  for (int i = 0; i < BAR_WIDTH; i++)
    bar[i] = i < filled ? '#' : '-';
  bar[BAR_WIDTH] = '\0';
  char *percent = cli_fixed (100 * fraction, 0), *rate = cli_fixed (seconds > 0 ? done / seconds : 0, 1);
  char *line = g_strdup_printf (_ ("[%s] %d/%d  %s %%  %s pictures/s"), bar, done, total, percent, rate);
  cli_status (line);
  g_free (line);
  g_free (percent);
  g_free (rate);
}
