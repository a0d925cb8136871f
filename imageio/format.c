// SPDX-License-Identifier: GPL-3.0-or-later
/* The table of formats, and how a file finds its own. */
#include "colorspace/profile.h"
#include "core/i18n.h"
#include "imageio/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES 32
#define EXPANSION_FROM_BYTES ((guint64) 512 << 20)

static const IeFormat *const formats[] = { &ie_format_tiff, &ie_format_png, &ie_format_jpeg,
                                           &ie_format_raw,  &ie_format_webp, &ie_format_heif,
                                           &ie_format_avif, &ie_format_jxl,  &ie_format_jp2,
                                           &ie_format_exr,  &ie_format_pnm,  &ie_format_pam,  &ie_format_pfm };

const IeFormat *const *
ie_formats (int *count)
{
  if (count)
    *count = G_N_ELEMENTS (formats);
  return formats;
}

const IeFormat *
ie_format_find (const char *name_or_extension)
{
  for (gsize i = 0; name_or_extension && i < G_N_ELEMENTS (formats); i++) {
    if (g_ascii_strcasecmp (formats[i]->name, name_or_extension) == 0)
      return formats[i];
    for (const char *const *extension = formats[i]->extensions; *extension; extension++)
      if (g_ascii_strcasecmp (*extension, name_or_extension) == 0)
        return formats[i];
  }
  return NULL;
}

IeDepth
ie_format_depth (const IeFormat *format, IeDepth wished)
{
  static const IeFormatCan can[] = { IE_CAN_U8, IE_CAN_U16, IE_CAN_FLOAT };
  for (int depth = (int) wished; depth <= IE_DEPTH_FLOAT; depth++)
    if (format->can & can[depth])
      return (IeDepth) depth;
  for (int depth = (int) wished - 1; depth > IE_DEPTH_U8; depth--)
    if (format->can & can[depth])
      return (IeDepth) depth;
  return IE_DEPTH_U8;
}

static const IeFormat *
sniff (const guint8 *head, gsize size, GError **error)
{
  if (size == 0)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the file is empty"));
  for (gsize i = 0; size && i < G_N_ELEMENTS (formats); i++)
    if (formats[i]->sniff (head, size))
      return formats[i];
  if (size)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("not a picture in a known format"));
  return NULL;
}

/* A bomb is a small file of a picture that would fill the disk. Blank scans stay below the bytes that are looked at. */
static gboolean
check_expansion (const IeHeader *header, guint64 file_bytes, const IeReadLimits *limits, GError **error)
{
  guint64 pixels = (guint64) header->width * (guint64) header->height;
  guint64 bytes = pixels * (guint64) header->channels * ie_depth_bytes (header->depth);
  if (bytes <= EXPANSION_FROM_BYTES || bytes / (guint64) limits->expansion <= file_bytes)
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
               _ ("%d x %d pixels in a file of %" PRIu64 " bytes unpack to more than the limit of %d times "
                  "that; --limit-expansion sets it"),
               header->width, header->height, file_bytes, limits->expansion);
  return FALSE;
}

/* Takes fd. */
static IeSource *
open_found (const IeFormat *found, int fd, const IeReadLimits *limits, GError **error)
{
  struct stat status;
  guint64 file_bytes = fstat (fd, &status) == 0 ? (guint64) status.st_size : G_MAXUINT64;
  IeSource *source = found->open (fd, limits, error);
  if (source && !check_expansion (&source->header, file_bytes, limits, error)) {
    ie_source_free (source);
    return NULL;
  }
  return source;
}

/* Copies head and the rest of a stream into a temporary file, which replaces it. -1 and error on failure. Takes fd. */
static int
slurp (int fd, const guint8 *head, gsize size, GError **error)
{
  int file = ie_temporary_file (NULL, error);
  guint8 *piece = g_malloc (IE_BUFFER_BYTES);
  int failure = file >= 0 ? ie_write (file, head, size) : 0;
  gssize got = 0;
  while (file >= 0 && !failure && (got = ie_read (fd, piece, IE_BUFFER_BYTES)) > 0)
    failure = ie_write (file, piece, (gsize) got);
  if (got < 0)
    ie_fail_short (error, errno);
  else if (failure)
    ie_fail_write (error, failure);
  g_free (piece);
  close (fd);
  if (file >= 0 && (got < 0 || failure)) {
    close (file);
    file = -1;
  }
  return file;
}

/* Takes fd, whose bytes can be read only once. */
static IeSource *
open_stream (int fd, const IeReadLimits *limits, const IeFormat **format, GError **error)
{
  guint8 head[HEAD_BYTES];
  gssize size = ie_read (fd, head, sizeof head);
  const IeFormat *found = NULL;
  if (size < 0)
    ie_fail_short (error, errno);
  else
    found = sniff (head, (gsize) size, error);
  if (!found) {
    close (fd);
    return NULL;
  }
  if (format)
    *format = found;
  if (found->open == ie_pnm_open)
    return ie_pnm_open_stream (fd, head, (gsize) size, limits, error);
  int file = slurp (fd, head, (gsize) size, error);
  return file < 0 ? NULL : open_found (found, file, limits, error);
}

/* Takes fd, a regular file. */
static IeSource *
open_regular (int fd, const IeReadLimits *limits, const IeFormat **format, GError **error)
{
  guint8 head[HEAD_BYTES];
  gssize size = ie_pread (fd, head, sizeof head, 0);
  const IeFormat *found = NULL;
  if (size < 0)
    ie_fail_short (error, errno);
  else
    found = sniff (head, (gsize) size, error);
  if (found == &ie_format_tiff && ie_raw_in_tiff (fd))
    found = &ie_format_raw;
  if (!found) {
    close (fd);
    return NULL;
  }
  if (format)
    *format = found;
  return open_found (found, fd, limits, error);
}

int
ie_open_file (const char *path, GError **error)
{
  gboolean standard = strcmp (path, "-") == 0;
  /* O_NONBLOCK: opening a FIFO that nobody writes to must not wait; it has no effect on regular files. */
  int fd = standard ? fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                    : open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status;
  if (fd < 0 || fstat (fd, &status) != 0)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("cannot open: %s"), g_strerror (errno));
  else if (S_ISDIR (status.st_mode) || (!standard && !S_ISREG (status.st_mode)))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         S_ISDIR (status.st_mode) ? _ ("is a directory") : _ ("not a regular file"));
  else
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

void
ie_drop_broken_profile (IeSource *source, IeFidelity *fidelity)
{
  IeMetadata *metadata = (IeMetadata *) source->header.metadata; /* the reader's, which has just made it */
  const IeHeader *header = &source->header;
  char *why = NULL;
  int colours = ie_colours (header->channels, header->has_alpha);
  if (!metadata || !metadata->icc || header->model == IE_MODEL_OTHER)
    return;
  if (ie_profile_check (metadata->icc, colours, &why)) {
    if ((header->model == IE_MODEL_GRAY || header->model == IE_MODEL_RGB) && ie_profile_is_one_way (metadata->icc, colours))
      ie_fidelity_note (fidelity, IE_ITEM_PROFILE, IE_FIDELITY_CHANGED,
                        _ ("kept, but it leads from the samples to colours alone: filters of colour take sRGB"));
    return;
  }
  ie_fidelity_note (fidelity, IE_ITEM_PROFILE, IE_FIDELITY_DROPPED, "%s", why);
  g_clear_pointer (&metadata->icc, g_bytes_unref);
  g_free (why);
}

IeSource *
ie_read_fd (int fd, const IeReadLimits *limits, const IeFormat **format, GError **error)
{
  IeReadLimits filled = ie_limits (limits);
  struct stat status;
  /* Of standard input a part may have been read already. */
  gboolean whole = fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && lseek (fd, 0, SEEK_CUR) == 0;
  IeSource *source = whole ? open_regular (fd, &filled, format, error) : open_stream (fd, &filled, format, error);
  if (source)
    ie_drop_broken_profile (source, filled.fidelity);
  return source && filled.salvage ? ie_salvage_source_new (source, filled.fidelity) : source;
}

IeSource *
ie_read_file (const char *path, const IeReadLimits *limits, const IeFormat **format, GError **error)
{
  int fd = ie_open_file (path, error);
  return fd < 0 ? NULL : ie_read_fd (fd, limits, format, error);
}
