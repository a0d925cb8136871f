// SPDX-License-Identifier: GPL-3.0-or-later
/* Bytes in and out of descriptors, and the checks and messages that all formats share. */
#include "core/i18n.h"
#include "imageio/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Linux moves at most this much in one call (man 2 write). */
#define MOST_AT_ONCE ((gsize) 0x7ffff000)

gssize
ie_pread (int fd, void *data, gsize size, guint64 offset)
{
  gsize done = 0;
  while (done < size) {
    gssize got = pread (fd, (char *) data + done, MIN (size - done, MOST_AT_ONCE), (off_t) (offset + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return -1;
    if (got == 0)
      break;
    done += (gsize) got;
  }
  return (gssize) done;
}

gssize
ie_read (int fd, void *data, gsize size)
{
  gsize done = 0;
  while (done < size) {
    gssize got = read (fd, (char *) data + done, MIN (size - done, MOST_AT_ONCE));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return -1;
    if (got == 0)
      break;
    done += (gsize) got;
  }
  return (gssize) done;
}

int
ie_write (int fd, const void *data, gsize size)
{
  gsize done = 0;
  while (done < size) {
    gssize put = write (fd, (const char *) data + done, MIN (size - done, MOST_AT_ONCE));
    if (put < 0 && errno != EINTR)
      return errno;
    if (put == 0)
      return EIO; /* a device that takes nothing would keep us here for ever */
    if (put > 0)
      done += (gsize) put;
  }
  return 0;
}

int
ie_pwrite (int fd, const void *data, gsize size, guint64 offset)
{
  gsize done = 0;
  while (done < size) {
    gssize put = pwrite (fd, (const char *) data + done, MIN (size - done, MOST_AT_ONCE), (off_t) (offset + done));
    if (put < 0 && errno != EINTR)
      return errno;
    if (put == 0)
      return EIO;
    if (put > 0)
      done += (gsize) put;
  }
  return 0;
}

IeInput *
ie_input_new (int fd)
{
  IeInput *input = g_new (IeInput, 1);
  struct stat status;
  input->fd = fd;
  input->seekable = fstat (fd, &status) == 0 && S_ISREG (status.st_mode);
  input->size = input->seekable ? (guint64) status.st_size : 0;
  input->offset = 0;
  input->begin = input->end = 0;
  input->failure = 0;
  return input;
}

void
ie_input_free (IeInput *input)
{
  close (input->fd);
  g_free (input);
}

gboolean
ie_input_fill (IeInput *input)
{
  gssize got;
  do {
    if (input->seekable)
      got = pread (input->fd, input->buffer, IE_BUFFER_BYTES, (off_t) input->offset);
    else
      got = read (input->fd, input->buffer, IE_BUFFER_BYTES);
  } while (got < 0 && errno == EINTR);
  if (got < 0)
    input->failure = errno;
  input->begin = 0;
  input->end = got > 0 ? (gsize) got : 0;
  input->offset += input->end;
  return got > 0;
}

gsize
ie_input_read (IeInput *input, void *data, gsize size)
{
  gsize done = MIN (size, input->end - input->begin);
  memcpy (data, input->buffer + input->begin, done);
  input->begin += done;
  if (size - done >= IE_BUFFER_BYTES) { /* large pieces go where they belong without a stop in the buffer */
    gsize rest = size - done;
    gssize got = input->seekable ? ie_pread (input->fd, (char *) data + done, rest, input->offset)
                                 : ie_read (input->fd, (char *) data + done, rest);
    if (got < 0) {
      input->failure = errno;
      got = 0;
    }
    input->offset += (guint64) got;
    return done + (gsize) got;
  }
  while (done < size && ie_input_fill (input)) {
    gsize part = MIN (size - done, input->end);
    memcpy ((char *) data + done, input->buffer, part);
    input->begin = part;
    done += part;
  }
  return done;
}

void
ie_input_seek (IeInput *input, guint64 offset)
{
  input->offset = offset;
  input->begin = input->end = 0;
  input->failure = 0;
}

IeWriter *
ie_writer_new (int fd)
{
  IeWriter *writer = g_new (IeWriter, 1);
  writer->fd = fd;
  writer->failure = 0;
  writer->used = 0;
  return writer;
}

void
ie_writer_free (IeWriter *writer)
{
  close (writer->fd);
  g_free (writer);
}

gboolean
ie_writer_flush (IeWriter *writer)
{
  if (!writer->failure)
    writer->failure = ie_write (writer->fd, writer->buffer, writer->used);
  writer->used = 0;
  return !writer->failure;
}

gboolean
ie_writer_put (IeWriter *writer, const void *data, gsize size)
{
  if (size > IE_BUFFER_BYTES - writer->used && !ie_writer_flush (writer))
    return FALSE;
  if (size >= IE_BUFFER_BYTES) {
    if (!writer->failure)
      writer->failure = ie_write (writer->fd, data, size);
    return !writer->failure;
  }
  memcpy (writer->buffer + writer->used, data, size);
  writer->used += size;
  return !writer->failure;
}

gboolean
ie_fail_write (GError **error, int number)
{
  gboolean place =
    number == ENOSPC || number == EDQUOT || number == EROFS || number == EIO || number == EFBIG;
  g_set_error (error, IE_ERROR, place ? IE_ERROR_PLACE : IE_ERROR_OUTPUT, _ ("cannot write: %s"), g_strerror (number));
  return FALSE;
}

gboolean
ie_fail_damaged (GError **error, const char *label, const char *message)
{
  char *line = g_strdup (message && *message ? message : _ ("no reason given"));
  guchar most = g_utf8_validate (line, -1, NULL) ? 0xff : 0x7f; /* a library may quote bytes of the file */
  for (char *c = line; *c; c++)
    if ((guchar) *c < 0x20 || (guchar) *c == 0x7f || (guchar) *c > most)
      *c = ' ';
  g_strchomp (line);
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("damaged %s: %s"), label, line);
  g_free (line);
  return FALSE;
}

gboolean
ie_fail_short (GError **error, int number)
{
  if (number)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("cannot read: %s"), g_strerror (number));
  else
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the file is cut short"));
  return FALSE;
}

gboolean
ie_check_rows (const IeHeader *header, int rows, GError **error)
{
  if (header->height > 0 && rows == header->height)
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("only %d of %d rows were written"), rows, header->height);
  return FALSE;
}

gboolean
ie_check_writable (const IeFormat *format, const IeHeader *header, GError **error)
{
  IeFormatCan depth = header->depth == IE_DEPTH_U8    ? IE_CAN_U8
                      : header->depth == IE_DEPTH_U16 ? IE_CAN_U16
                                                      : IE_CAN_FLOAT;
  int colours = ie_colours (header->channels, header->has_alpha);
  const char *text = NULL;
  if (!(format->can & depth))
    text = header->depth == IE_DEPTH_FLOAT ? _ ("%s files hold no float samples")
           : header->depth == IE_DEPTH_U16 ? _ ("%s files hold no 16-bit samples")
                                           : _ ("%s files hold no 8-bit samples");
  else if (header->has_alpha && !(format->can & IE_CAN_ALPHA))
    text = _ ("%s files hold no alpha");
  else if (header->model == IE_MODEL_CMYK && !(format->can & IE_CAN_CMYK))
    text = _ ("%s files hold no CMYK");
  else if (header->model == IE_MODEL_LAB && !(format->can & IE_CAN_LAB))
    text = _ ("%s files hold no Lab");
  if (text) {
    g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, text, format->label);
    return FALSE;
  }
  if (colours == (header->model == IE_MODEL_GRAY   ? 1
                  : header->model == IE_MODEL_RGB  ? 3
                  : header->model == IE_MODEL_CMYK ? 4
                  : header->model == IE_MODEL_LAB  ? 3
                  : colours == 3                   ? 3
                                                   : 1))
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("%s files hold no pictures of %d channels of this kind"),
               format->label, colours);
  return FALSE;
}

IeReadLimits
ie_limits (const IeReadLimits *limits)
{
  IeReadLimits filled = limits ? *limits : (IeReadLimits){ 0 };
  if (!filled.side)
    filled.side = 1000000;
  if (!filled.pixels)
    filled.pixels = G_GUINT64_CONSTANT (16000000000);
  if (!filled.icc)
    filled.icc = 16 << 20;
  if (!filled.text)
    filled.text = 8 << 20;
  if (!filled.text_all)
    filled.text_all = 16 << 20;
  if (!filled.scans)
    filled.scans = 100;
  if (!filled.pages)
    filled.pages = 1000;
  if (!filled.expansion)
    filled.expansion = 500; /* deflate of nothing but zeros comes to 1,030; real pictures do not come near */
  return filled;
}

gboolean
ie_check_size (guint64 width, guint64 height, const IeReadLimits *limits, GError **error)
{
  if (width == 0 || height == 0) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the picture has no pixels"));
    return FALSE;
  }
  if (width > (guint64) limits->side || height > (guint64) limits->side) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
                 _ ("%" PRIu64 " x %" PRIu64 " pixels are more than the limit of %d a side; --limit-side sets it"),
                 width,
                 height, limits->side);
    return FALSE;
  }
  if (width * height > limits->pixels) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
                 _ ("%" PRIu64 " x %" PRIu64 " pixels are more than the limit of %" PRIu64
                    "; --limit-pixels sets it"),
                 width, height, limits->pixels);
    return FALSE;
  }
  return TRUE;
}

void *
ie_try_alloc (guint64 bytes, GError **error)
{
  void *data = bytes <= G_MAXSSIZE ? g_try_malloc (bytes) : NULL;
  if (!data)
    g_set_error (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for %" PRIu64 " MiB of picture"),
                 (bytes >> 20) + 1);
  return data;
}
