// SPDX-License-Identifier: GPL-3.0-or-later
/* The command `imgenhance`, which the plug-in's own executable is too, run as a child. What it prints is handed on line by line.
 * No toolkit: events come through the main loop. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  /* Lines of standard output and of standard error, without their ends. NULL: not wanted. */
  void (*out) (gpointer data, const char *line);
  void (*err) (gpointer data, const char *line);
  /* It has come to an end, and nothing more is called: the command may be freed here. code: its exit code (cli/options.h), -1: a
   * signal ended it. why: its last line of standard error when the code is not 0, never empty; else NULL. */
  void (*ended) (gpointer data, int code, const char *why);
  gpointer data;
} IeCommandHooks;

typedef struct IeCommand IeCommand;

/* Begins. arguments: from the command's name on, ended by NULL; not looked at afterwards. NULL and error: it cannot be started. */
IeCommand *ie_command_new (const char *const *arguments, const IeCommandHooks *hooks, GError **error);
/* As an interrupt from the keyboard: it ends soon and in order; ended() is still called. */
void ie_command_stop (IeCommand *command);
gboolean ie_command_stopped (const IeCommand *command);
/* After ended(); or before, then it is stopped and nothing more is called. NULL is fine. */
void ie_command_free (IeCommand *command);

G_END_DECLS
