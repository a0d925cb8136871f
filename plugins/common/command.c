// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/command.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "core/i18n.h"

/* The plug-in itself is the command, too. */
#define PROGRAM "/proc/self/exe"
#define PREFIX "imgenhance: "

struct IeCommand {
  IeCommandHooks hooks;
  GPid pid;
  GIOChannel *out, *err;
  guint out_watch, err_watch, child_watch;
  char *last; /* line of standard error */
  int code;
  gboolean stopped;
  int open; /* of: the two streams, the process */
};

static void
close_one (IeCommand *command)
{
  if (--command->open > 0)
    return;
  const char *last = command->last && *command->last ? command->last : _ ("the command that does the work ended without a word");
  g_autofree char *why = command->code == 0 ? NULL : g_strdup (g_str_has_prefix (last, PREFIX) ? last + strlen (PREFIX) : last);
  command->hooks.ended (command->hooks.data, command->code, why);
}

/* The next line, without its end; *over: there is none to come. NULL: none now. */
static char *
next_line (GIOChannel *channel, gboolean *over)
{
  char *line = NULL;
  gsize end = 0;
  GIOStatus status = g_io_channel_read_line (channel, &line, NULL, &end, NULL);
  *over = status == G_IO_STATUS_EOF || status == G_IO_STATUS_ERROR;
  if (line)
    line[end] = '\0';
  return line;
}

static gboolean
read_out (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  IeCommand *command = data;
  gboolean over;
  g_autofree char *line = next_line (channel, &over);
  if (line && command->hooks.out)
    command->hooks.out (command->hooks.data, line);
  if (!over)
    return G_SOURCE_CONTINUE;
  command->out_watch = 0;
  close_one (command);
  return G_SOURCE_REMOVE;
}

static gboolean
read_err (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  IeCommand *command = data;
  gboolean over;
  char *line = next_line (channel, &over);
  if (line && command->hooks.err)
    command->hooks.err (command->hooks.data, line);
  if (line) {
    g_free (command->last);
    command->last = line;
  }
  if (!over)
    return G_SOURCE_CONTINUE;
  command->err_watch = 0;
  close_one (command);
  return G_SOURCE_REMOVE;
}

static void
child_ended (GPid pid, int status, gpointer data)
{
  IeCommand *command = data;
  command->code = WIFEXITED (status) ? WEXITSTATUS (status) : -1;
  command->child_watch = 0;
  g_spawn_close_pid (pid);
  command->pid = 0;
  close_one (command);
}

static GIOChannel *
channel_new (int file)
{
  GIOChannel *channel = g_io_channel_unix_new (file);
  g_io_channel_set_encoding (channel, NULL, NULL);
  g_io_channel_set_close_on_unref (channel, TRUE);
  g_io_channel_set_flags (channel, G_IO_FLAG_NONBLOCK, NULL);
  return channel;
}

IeCommand *
ie_command_new (const char *const *arguments, const IeCommandHooks *hooks, GError **error)
{
  int out, err;
  GPid pid;
  GPtrArray *all = g_ptr_array_new ();
  g_ptr_array_add (all, (char *) PROGRAM);
  for (int i = 0; arguments[i]; i++)
    g_ptr_array_add (all, (char *) arguments[i]);
  g_ptr_array_add (all, NULL);
  gboolean good = g_spawn_async_with_pipes (NULL, (char **) all->pdata, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL, &out,
                                            &err, error);
  g_ptr_array_unref (all);
  if (!good)
    return NULL;
  IeCommand *command = g_new0 (IeCommand, 1);
  command->hooks = *hooks;
  command->pid = pid;
  command->out = channel_new (out);
  command->err = channel_new (err);
  command->open = 3;
  command->out_watch = g_io_add_watch (command->out, G_IO_IN | G_IO_HUP | G_IO_ERR, read_out, command);
  command->err_watch = g_io_add_watch (command->err, G_IO_IN | G_IO_HUP | G_IO_ERR, read_err, command);
  command->child_watch = g_child_watch_add (pid, child_ended, command);
  return command;
}

void
ie_command_stop (IeCommand *command)
{
  command->stopped = TRUE;
  if (command->pid)
    kill (command->pid, SIGINT);
}

gboolean
ie_command_stopped (const IeCommand *command)
{
  return command->stopped;
}

static void
reap (GPid pid, int status, gpointer data)
{
  g_spawn_close_pid (pid);
}

void
ie_command_free (IeCommand *command)
{
  if (!command)
    return;
  guint watches[] = { command->out_watch, command->err_watch, command->child_watch };
  for (gsize i = 0; i < G_N_ELEMENTS (watches); i++)
    if (watches[i])
      g_source_remove (watches[i]);
  if (command->pid) {
    kill (command->pid, SIGINT);
    g_child_watch_add (command->pid, reap, NULL);
  }
  g_clear_pointer (&command->out, g_io_channel_unref);
  g_clear_pointer (&command->err, g_io_channel_unref);
  g_free (command->last);
  g_free (command);
}
