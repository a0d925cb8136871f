// SPDX-License-Identifier: GPL-3.0-or-later
/* One picture: read, enhanced, written. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "cli/memory.h"
#include "cli/apply.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"

#define FOLDER_MODE 0777 /* less the umask */

static gboolean
is_pipe (const char *path)
{
  return strcmp (path, "-") == 0;
}

/* A mask or another picture that a step names. */
static IeSource *
resolve (gpointer data, const char *text, GError **error)
{
  IeSource *source = ie_read_file (text, NULL, NULL, error);
  if (!source)
    g_prefix_error (error, "picture %s: ", text);
  return source;
}

static const IeFormat *
choose_format (const CliPicture *picture, const ApplySettings *settings, const IeFormat *input)
{
  char *name = g_path_get_basename (picture->output), *dot = strrchr (name, '.');
  const IeFormat *by_name = dot && dot != name ? ie_format_find (dot + 1) : NULL;
  g_free (name);
  /* In place a file keeps its format, also when its name says another. */
  return settings->format ? settings->format : by_name && !settings->in_place ? by_name : input;
}

static const char *
depth_name (IeDepth depth)
{
  return depth == IE_DEPTH_U8 ? "8 bits" : depth == IE_DEPTH_U16 ? "16 bits" : "float";
}

G_GNUC_PRINTF (2, 3) static void note (CliResult *result, const char *format, ...)
{
  va_list arguments;
  if (result->notes->len > 0)
    g_string_append (result->notes, "; ");
  va_start (arguments, format);
  g_string_append_vprintf (result->notes, format, arguments);
  va_end (arguments);
}

/* Depth of the output; what is lost by it is noted. */
static IeDepth
choose_depth (const ApplySettings *settings, const IeFormat *format, IeDepth input, CliResult *result)
{
  IeDepth wished = settings->depth >= 0 ? (IeDepth)settings->depth : input;
  IeDepth depth = ie_format_depth (format, wished);
  if (depth < wished)
    note (result, "written with %s: %s holds no more", depth_name (depth), format->label);
  return depth;
}

static gboolean
check_fits (const IeHeader *header, const IeFormat *format, GError **error)
{
  if (header->has_alpha && !(format->can & IE_CAN_ALPHA))
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, "has transparency (alpha), which %s cannot hold; write PNG or TIFF",
                 format->label);
  else if (header->model == IE_MODEL_CMYK && !(format->can & IE_CAN_CMYK))
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, "is CMYK, which %s cannot hold; write TIFF", format->label);
  else
    return TRUE;
  return FALSE;
}

/* Looks for the output before any work. TRUE: go on. */
static gboolean
check_existing (const CliPicture *picture, const ApplySettings *settings, CliResult *result, GError **error)
{
  struct stat status;
  if (is_pipe (picture->output) || settings->in_place || settings->existing == CLI_EXISTING_REPLACE
      || g_lstat (picture->output, &status) != 0)
    return TRUE;
  if (settings->existing == CLI_EXISTING_SKIP) {
    result->status = CLI_STATUS_SKIPPED;
    note (result, "%s exists", picture->output);
  } else
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, "%s exists; --existing skip or replace says what to do",
                 picture->output);
  return FALSE;
}

static gboolean
make_folder (const char *output, GError **error)
{
  char *folder = g_path_get_dirname (output);
  gboolean made = is_pipe (output) || g_mkdir_with_parents (folder, FOLDER_MODE) == 0;
  if (!made)
    g_set_error (error, IE_ERROR, IE_ERROR_PLACE, "folder %s cannot be made: %s", folder, g_strerror (errno));
  g_free (folder);
  return made;
}

/* Errors of the library name no file; those of the output name it here, for the line begins with the input. */
static void
name_the_output (const CliPicture *picture, GError **error)
{
  if (g_error_matches (*error, IE_ERROR, IE_ERROR_OUTPUT) || g_error_matches (*error, IE_ERROR, IE_ERROR_PLACE))
    g_prefix_error (error, "%s: ", is_pipe (picture->output) ? "standard output" : picture->output);
}

static gboolean
write_output (const CliPicture *picture, const ApplySettings *settings, const IeFormat *format, IePlan *plan,
              IeReport *report, GError **error)
{
  IeWriteOptions options = { .quality = settings->quality };
  gboolean replace = settings->in_place || settings->existing == CLI_EXISTING_REPLACE;
  if (!make_folder (picture->output, error))
    return FALSE;
  IeOutput *output = ie_output_new (picture->output, format, &options, replace, error);
  gboolean good
      = output && ie_plan_run (plan, ie_output_sink (output), report, error) && ie_output_commit (output, error);
  ie_output_free (output);
  if (!good)
    name_the_output (picture, error);
  return good;
}

static void
note_report (CliResult *result)
{
  if (result->report.nan > 0)
    note (result, "%" G_GUINT64_FORMAT " samples were NaN and taken as 0", result->report.nan);
}

static gboolean
enhance (const CliPicture *picture, const CliTask *task, IeSource *source, const IeFormat *input, IeRunOptions *run,
         CliResult *result, GError **error)
{
  const ApplySettings *settings = task->settings;
  const IeFormat *format = choose_format (picture, settings, input);
  run->out_depth_set = TRUE;
  run->out_depth = choose_depth (settings, format, source->header.depth, result);
  IePlan *plan = ie_plan_new (task->recipe, source, run, error);
  if (!plan)
    return FALSE;
  result->memory = cli_memory_program () + ie_plan_memory (plan);
  gboolean good = check_fits (ie_plan_output (plan), format, error);
  if (good && settings->dry_run)
    result->plan = ie_plan_describe (plan);
  else if (good)
    good = write_output (picture, settings, format, plan, &result->report, error);
  ie_plan_free (plan);
  note_report (result);
  return good;
}

static gboolean
read_and_enhance (const CliPicture *picture, const CliTask *task, IeRunOptions *run, CliResult *result, GError **error)
{
  const IeFormat *input = NULL;
  if (picture->error) {
    *error = g_error_copy (picture->error);
    return FALSE;
  }
  if (!check_existing (picture, task->settings, result, error))
    return result->status == CLI_STATUS_SKIPPED;
  IeSource *source = ie_read_file (picture->input, NULL, &input, error);
  if (!source)
    return FALSE;
  gboolean good = enhance (picture, task, source, input, run, result, error);
  ie_source_free (source);
  return good;
}

void
cli_picture_run (const CliPicture *picture, const CliTask *task, void (*progress) (gpointer data, double fraction),
                 gpointer data, CliResult *result)
{
  gint64 start = g_get_monotonic_time ();
  IeRunOptions run = {
    .threads = task->threads,
    .rect_width = task->settings->rect[0],
    .rect_height = task->settings->rect[1],
    .memory = task->memory,
    .count_clipped = !task->settings->quiet || task->settings->json,
    .resolve = resolve,
    .progress = progress,
    .progress_data = data,
    .cancel = cli_stop_flag (),
  };
  cli_memory_program (); /* before the picture is opened */
  *result = (CliResult){ .status = CLI_STATUS_DONE, .notes = g_string_new (NULL) };
  if (!read_and_enhance (picture, task, &run, result, &result->error))
    result->status = CLI_STATUS_FAILED;
  result->seconds = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

void
cli_result_clear (CliResult *result)
{
  g_clear_error (&result->error);
  g_string_free (result->notes, TRUE);
  g_free (result->plan);
}
