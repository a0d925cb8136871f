// SPDX-License-Identifier: GPL-3.0-or-later
/* The output of one picture: opened where it belongs, given its name when all is well. */
#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "cli/apply.h"
#include "cli/journal.h"
#include "core/i18n.h"

#define FOLDER_MODE 0777 /* less the umask */
#define NANOSECONDS G_GINT64_CONSTANT (1000000000)

gboolean
cli_may_replace (const CliPicture *picture, const ApplySettings *settings)
{
  return settings->in_place || settings->existing == CLI_EXISTING_REPLACE
         || (picture->ours && settings->existing != CLI_EXISTING_SKIP);
}

static gboolean
make_folder (const char *output, GError **error)
{
  char *folder = g_path_get_dirname (output);
  gboolean made = strcmp (output, "-") == 0 || g_mkdir_with_parents (folder, FOLDER_MODE) == 0;
  if (!made)
    g_set_error (error, IE_ERROR, IE_ERROR_PLACE, _ ("folder %s cannot be made: %s"), folder, g_strerror (errno));
  g_free (folder);
  return made;
}

/* Whole seconds, downwards also before 1970, and the nanoseconds that remain. */
static gint64
seconds_of (gint64 time)
{
  return time / NANOSECONDS - (time % NANOSECONDS < 0);
}

static int
rest_of (gint64 time)
{
  return (int)(time - seconds_of (time) * NANOSECONDS);
}

IeOutput *
cli_output_open (const CliPicture *picture, const ApplySettings *settings, const IeFormat *format,
                 IeWriteOptions *options, GError **error)
{
  gboolean replace = cli_may_replace (picture, settings);
  const CliStamp *stamp = cli_record_input (picture);
  IeOutput *output = NULL;
  options->no_sync = settings->no_sync;
  if (picture->inside)
    output = ie_output_new_inside (picture->root, picture->inside, format, options, replace, error);
  else if (make_folder (picture->output, error))
    output = ie_output_new (picture->output, format, options, replace, error);
  if (output && settings->preserve_times && stamp)
    ie_output_set_times (output, seconds_of (stamp->access_ns), rest_of (stamp->access_ns),
                         seconds_of (stamp->change_ns), rest_of (stamp->change_ns));
  return output;
}

gboolean
cli_output_commit (const CliPicture *picture, IeOutput *output, GError **error)
{
  return ie_output_settle (output, error) && cli_record_settle (picture, output, error)
         && ie_output_commit (output, error);
}
