// SPDX-License-Identifier: GPL-3.0-or-later
#include "imageio/tiff/handle.h"

#include "core/i18n.h"

#include <errno.h>

#define HIDDEN_TAG 65534 /* nobody's: private tags begin at 32768, and libtiff knows none there */

typedef struct {
  guint64 offset;
  gsize size;
  guint8 bytes[20];
} Hidden;

/* Puts what is seen in place of hidden entries into `size` bytes that were read at `offset`. */
static void
cover (const IeTiffHandle *handle, guint8 *data, gsize size, guint64 offset)
{
  for (guint i = 0; handle->hidden && i < handle->hidden->len; i++) {
    const Hidden *hidden = &g_array_index (handle->hidden, Hidden, i);
    for (gsize k = 0; k < hidden->size; k++)
      if (hidden->offset + k >= offset && hidden->offset + k - offset < size)
        data[hidden->offset + k - offset] = hidden->bytes[k];
  }
}

static tmsize_t
handle_read (thandle_t data, void *buffer, tmsize_t size)
{
  IeTiffHandle *handle = data;
  gssize got = ie_pread (handle->fd, buffer, (gsize) size, handle->position);
  if (got < 0) {
    handle->failure = errno;
    return -1;
  }
  cover (handle, buffer, (gsize) got, handle->position);
  handle->position += (guint64) got;
  return got;
}

static tmsize_t
handle_write (thandle_t data, void *buffer, tmsize_t size)
{
  IeTiffHandle *handle = data;
  int failure = handle->failure ? handle->failure : ie_pwrite (handle->fd, buffer, (gsize) size, handle->position);
  if (failure) {
    handle->failure = failure;
    return -1;
  }
  handle->position += (guint64) size;
  handle->size = MAX (handle->size, handle->position);
  return size;
}

static toff_t
handle_seek (thandle_t data, toff_t offset, int whence)
{
  IeTiffHandle *handle = data;
  handle->position = whence == SEEK_SET   ? offset
                     : whence == SEEK_CUR ? handle->position + offset
                                          : handle->size + offset;
  return handle->position;
}

static int
handle_close (thandle_t data)
{
  return 0;
}

static toff_t
handle_size (thandle_t data)
{
  return ((IeTiffHandle *) data)->size;
}

static int
keep_error (TIFF *tiff, void *data, const char *module, const char *format, va_list arguments)
{
  IeTiffHandle *handle = data;
  if (!*handle->message)
    g_vsnprintf (handle->message, sizeof handle->message, format, arguments);
  if (handle->message[0] == ':') /* libtiff puts the file's name, which is empty here, before some messages */
    memmove (handle->message, handle->message + 2, strlen (handle->message) - 1);
  return 1;
}

static int
drop_warning (TIFF *tiff, void *data, const char *module, const char *format, va_list arguments)
{
  return 1;
}

gboolean
ie_tiff_open (IeTiffHandle *handle, int fd, const char *mode)
{
  handle->fd = fd;
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc ();
  TIFFOpenOptionsSetErrorHandlerExtR (options, keep_error, handle);
  TIFFOpenOptionsSetWarningHandlerExtR (options, drop_warning, handle);
  handle->tiff = TIFFClientOpenExt ("", mode, handle, handle_read, handle_write, handle_seek, handle_close, handle_size,
                                    NULL, NULL, options);
  TIFFOpenOptionsFree (options);
  return handle->tiff != NULL;
}

void
ie_tiff_hide (IeTiffHandle *handle, guint64 offset, gsize entry_bytes, gboolean swapped)
{
  Hidden hidden = { .offset = offset, .size = entry_bytes };
  guint16 tag = swapped ? GUINT16_SWAP_LE_BE (HIDDEN_TAG) : HIDDEN_TAG;
  guint16 type = swapped ? GUINT16_SWAP_LE_BE (TIFF_BYTE) : TIFF_BYTE;
  memcpy (hidden.bytes, &tag, 2);
  memcpy (hidden.bytes + 2, &type, 2);
  gsize count_bytes = entry_bytes == 20 ? 8 : 4;
  gboolean little = (G_BYTE_ORDER == G_LITTLE_ENDIAN) != swapped;
  hidden.bytes[little ? 4 : 4 + count_bytes - 1] = 1;
  if (!handle->hidden)
    handle->hidden = g_array_new (FALSE, FALSE, sizeof (Hidden));
  g_array_append_val (handle->hidden, hidden);
}

void
ie_tiff_close (IeTiffHandle *handle)
{
  g_clear_pointer (&handle->hidden, g_array_unref);
  if (handle->tiff)
    TIFFClose (handle->tiff);
  handle->tiff = NULL;
}

gboolean
ie_tiff_fail_read (IeTiffHandle *handle, GError **error)
{
  if (handle->failure)
    return ie_fail_short (error, handle->failure);
  return ie_fail_damaged (error, "TIFF", handle->message);
}

gboolean
ie_tiff_fail_write (IeTiffHandle *handle, GError **error)
{
  if (handle->failure)
    return ie_fail_write (error, handle->failure);
  g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("cannot write TIFF: %s"),
               *handle->message ? handle->message : _ ("no reason given"));
  return FALSE;
}
