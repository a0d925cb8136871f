// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/memory.h"
#include "cli/worker.h"
#include "core/i18n.h"
#include "imageio/metadata/exif.h"

#define TAG_TAKEN 0x9003     /* DateTimeOriginal: Exif 2.32, 4.6.5, tables of time */
#define TAG_SUBSECONDS 0x9291 /* SubSecTimeOriginal: digits after the point */

/* ---- the worker's side ---- */

static char *
exif_text (const IeExif *exif, guint16 tag)
{
  const IeExifEntry *entry = ie_exif_find (exif, IE_EXIF_PHOTO, tag);
  return entry && entry->type == IE_EXIF_ASCII ? g_strndup ((const char *)exif->data + entry->value, entry->bytes) : NULL;
}

/* "2026:11:29 02:03:04" and the digits of the subseconds. */
static gint64
parse_time (const char *date, const char *digits)
{
  int year, month, day, hour, minute, second;
  if (sscanf (date, "%4d:%2d:%2d %2d:%2d:%2d", &year, &month, &day, &hour, &minute, &second) != 6)
    return CLI_NOT_KNOWN;
  GDateTime *time = g_date_time_new_utc (year, month, day, hour, minute, second);
  if (!time)
    return CLI_NOT_KNOWN;
  gint64 taken = g_date_time_to_unix (time) * 1000, place = 100;
  g_date_time_unref (time);
  for (; digits && g_ascii_isdigit (*digits) && place > 0; digits++, place /= 10)
    taken += (*digits - '0') * place;
  return taken;
}

static gint64
time_taken (const IeMetadata *metadata)
{
  gsize size = 0;
  gconstpointer data = metadata && metadata->exif ? g_bytes_get_data (metadata->exif, &size) : NULL;
  IeExif exif;
  gint64 taken = CLI_NOT_KNOWN;
  if (!data || !ie_exif_parse (&exif, data, size))
    return taken;
  char *date = exif_text (&exif, TAG_TAKEN), *digits = exif_text (&exif, TAG_SUBSECONDS);
  if (date)
    taken = parse_time (date, digits);
  g_free (date);
  g_free (digits);
  ie_exif_clear (&exif);
  return taken;
}

static CliPrepared
facts_of (const IeHeader *header)
{
  const IeMetadata *metadata = header->metadata;
  const IeLayout *layout = metadata ? metadata->layout : NULL;
  gboolean reduced = layout && layout->width > 0, turned = metadata && metadata->orientation >= 5 && metadata->orientation <= 8;
  int width = reduced ? layout->width : header->width, height = reduced ? layout->height : header->height;
  return (CliPrepared){ turned ? height : width, turned ? width : height, time_taken (metadata) };
}

static gboolean
write_all (int fd, gconstpointer data, gsize size)
{
  const char *at = data;
  while (size > 0) {
    gssize written = write (fd, at, size);
    if (written < 0 && errno != EINTR)
      return FALSE;
    size -= written > 0 ? (gsize)written : 0;
    at += written > 0 ? written : 0;
  }
  return TRUE;
}

int
cli_prepare_side (const char *words)
{
  IePrepare prepare;
  return ie_prepare_parse (words, &prepare, NULL) ? ie_prepare_side (&prepare) : 0;
}

gboolean
cli_prepare_write (const char *words, IeSource *source, const gint *cancel, int output, GError **error)
{
  IePrepare prepare;
  gsize size;
  if (!ie_prepare_parse (words, &prepare, error))
    return FALSE;
  CliPrepared facts = facts_of (&source->header);
  GBytes *bytes = ie_prepare_run (&prepare, source, cancel, error);
  if (!bytes)
    return FALSE;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  gboolean good = write_all (output, data, size) && write_all (output, &facts, sizeof facts);
  g_bytes_unref (bytes);
  if (!good)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, g_strerror (errno));
  return good;
}

/* ---- the host's side ---- */

static int
give_memory (gpointer data, GError **error)
{
  int fd = fcntl (*(const int *)data, F_DUPFD_CLOEXEC, 3);
  if (fd < 0)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("too many files are open"));
  return fd;
}

static int
give_no_picture (gpointer data, const char *text, GError **error)
{
  g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("no step names it"));
  return -1;
}

static void
ignore_progress (gpointer data, double fraction)
{
}

/* What the worker wrote. It may be anything but longer or shorter. */
static gboolean
take_back (int fd, gsize size, GBytes **bytes, CliPrepared *facts, GError **error)
{
  guint8 *data = g_malloc (size);
  gboolean good = pread (fd, data, size, 0) == (gssize)size
                  && pread (fd, facts, sizeof *facts, (off_t)size) == (gssize)sizeof *facts && facts->width > 0
                  && facts->height > 0;
  if (good)
    *bytes = g_bytes_new_take (data, size);
  else {
    g_free (data);
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the reader gave no answer"));
  }
  return good;
}

gboolean
cli_prepare_fd (const CliWorkerOptions *options, int input, const IePrepare *prepare, int jobs, GBytes **bytes,
                CliPrepared *facts, GError **error)
{
  char *words = ie_prepare_text (prepare);
  int answer = memfd_create ("imgenhance", MFD_CLOEXEC);
  if (answer < 0) {
    close (input);
    g_free (words);
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, g_strerror (errno));
    return FALSE;
  }
  CliResult result;
  CliHost host = { &answer, give_memory, give_no_picture, ignore_progress, cli_stop_flag () };
  CliJob job = { .kind = CLI_JOB_PREPARE, .depth = -1, .threads = 1, .name = words, .limits = cli_limits (options),
                 .memory = MAX (cli_memory_usual () / (guint64)MAX (jobs, 1), 1) };
  cli_result_init (&result);
  gboolean good = cli_job_run_isolated (options, &job, input, &host, &result, error)
                  && take_back (answer, ie_prepare_bytes (prepare), bytes, facts, error);
  cli_result_clear (&result);
  close (answer);
  g_free (words);
  return good;
}

gboolean
cli_prepare_file (const CliWorkerOptions *options, const char *path, const IePrepare *prepare, int jobs, GBytes **bytes,
                  CliPrepared *facts, GError **error)
{
  int input = ie_open_file (path, error);
  return input >= 0 && cli_prepare_fd (options, input, prepare, jobs, bytes, facts, error);
}
