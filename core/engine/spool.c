// SPDX-License-Identifier: GPL-3.0-or-later
/* A picture kept between two passes, in memory or in an unlinked file: nothing is left behind by a crash. */
#include "core/engine/internal.h"
#include "core/i18n.h"
#include "core/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

struct IeSpool {
  IeHeader header;
  gsize stride;
  guint8 *memory;
  int fd;
};

IeSpool *
ie_spool_new (const IeHeader *header, gboolean in_file, const char *folder, GError **error)
{
  IeSpool *spool = g_new0 (IeSpool, 1);
  spool->header = *header;
  spool->stride = (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
  spool->fd = -1;
  gsize bytes = spool->stride * (gsize) header->height;
  if (in_file)
    spool->fd = ie_temporary_file (folder, error);
  else if (!(spool->memory = ie_buffer_new (bytes)))
    g_set_error (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for a spool of %zu bytes"), bytes);
  if (spool->fd >= 0 || spool->memory)
    return spool;
  g_free (spool);
  return NULL;
}

void
ie_spool_free (IeSpool *spool)
{
  if (!spool)
    return;
  ie_buffer_free (spool->memory);
  if (spool->fd >= 0)
    close (spool->fd);
  g_free (spool);
}

/* Reads or writes all bytes at an offset, going on after interruptions and short counts. */
static gboolean
transfer (int fd, guint8 *data, gsize bytes, gsize offset, gboolean writes, GError **error)
{
  while (bytes > 0) {
    ssize_t n = writes ? pwrite (fd, data, bytes, (off_t) offset) : pread (fd, data, bytes, (off_t) offset);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      g_set_error (error, IE_ERROR, IE_ERROR_PLACE, _ ("spool file: %s"), n < 0 ? g_strerror (errno) : _ ("cut short"));
      return FALSE;
    }
    data += n;
    bytes -= (gsize) n;
    offset += (gsize) n;
  }
  return TRUE;
}

gboolean
ie_spool_write (IeSpool *spool, IeRect rows, const void *data, ptrdiff_t stride, GError **error)
{
  for (int y = 0; y < rows.height; y++) {
    const guint8 *row = (const guint8 *) data + y * stride;
    gsize offset = (gsize) (rows.y + y) * spool->stride;
    if (spool->memory)
      memcpy (spool->memory + offset, row, spool->stride);
    else if (!transfer (spool->fd, (guint8 *) row, spool->stride, offset, TRUE, error))
      return FALSE;
  }
  return TRUE;
}

typedef struct {
  IeSource source;
  IeSpool *spool;
} SpoolSource;

static gboolean
spool_read (IeSource *source, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  IeSpool *spool = ((SpoolSource *) source)->spool;
  gsize pixel = (gsize) spool->header.channels * ie_depth_bytes (spool->header.depth);
  for (int y = 0; y < rect.height; y++)
    if (!transfer (spool->fd, (guint8 *) data + y * stride, (gsize) rect.width * pixel,
                   (gsize) (rect.y + y) * spool->stride + (gsize) rect.x * pixel, FALSE, error))
      return FALSE;
  return TRUE;
}

static void
spool_source_free (IeSource *source)
{
  g_free (source);
}

IeSource *
ie_spool_source (IeSpool *spool)
{
  SpoolSource *source = g_new0 (SpoolSource, 1);
  source->spool = spool;
  source->source.header = spool->header;
  source->source.memory = spool->memory;
  source->source.stride = (ptrdiff_t) spool->stride;
  source->source.random = TRUE;
  source->source.read = spool_read;
  source->source.free = spool_source_free;
  return &source->source;
}
