// SPDX-License-Identifier: GPL-3.0-or-later
/* Sources over libraries that decode whole pictures from whole files. */
#include "core/i18n.h"
#include "imageio/whole.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_COST 8.0 /* nanoseconds a sample; libraries differ, and a second reading costs a copy alone */

static GBytes *
read_all (int fd, GError **error)
{
  struct stat status;
  if (fstat (fd, &status) != 0) {
    ie_fail_short (error, errno);
    return NULL;
  }
  gsize size = (gsize) MAX (status.st_size, 0);
  guint8 *data = ie_try_alloc (MAX (size, 1), error);
  gssize got = data ? ie_pread (fd, data, size, 0) : -1;
  if (data && got == (gssize) size)
    return g_bytes_new_take (data, size);
  if (data)
    ie_fail_short (error, got < 0 ? errno : 0);
  g_free (data);
  return NULL;
}

static gboolean
decode (IeWholeSource *whole, GError **error)
{
  const IeHeader *header = &whole->source.header;
  guint64 bytes = (guint64) whole->row_bytes * (guint64) header->height;
  whole->picture = ie_try_alloc (bytes, error);
  if (!whole->picture)
    return FALSE;
  memset (whole->picture, 0, bytes);
  gboolean good = whole->decode (whole, error);
  if (!good)
    g_clear_pointer (&whole->picture, g_free);
  if (whole->close && whole->decoder)
    whole->close (whole);
  whole->decoder = NULL;
  g_clear_pointer (&whole->file, g_bytes_unref);
  return good;
}

static gboolean
read_rect (IeSource *base, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  IeWholeSource *whole = (IeWholeSource *) base;
  gsize pixel = (gsize) base->header.channels * ie_depth_bytes (base->header.depth);
  if (!whole->picture && !whole->file)
    return ie_fail_damaged (error, "picture", _ ("it failed before"));
  if (!whole->picture && !decode (whole, error))
    return FALSE;
  for (int y = 0; y < rect.height; y++)
    memcpy ((char *) data + y * stride,
            whole->picture + whole->row_bytes * (gsize) (rect.y + y) + pixel * (gsize) rect.x, pixel * (gsize) rect.width);
  return TRUE;
}

static gboolean
rewind_picture (IeSource *base, GError **error)
{
  return TRUE;
}

static void
free_source (IeSource *base)
{
  IeWholeSource *whole = (IeWholeSource *) base;
  if (whole->close && whole->decoder)
    whole->close (whole);
  g_clear_pointer (&whole->file, g_bytes_unref);
  ie_metadata_clear (&whole->metadata);
  g_free (whole->picture);
  g_free (whole);
}

IeSource *
ie_whole_open (int fd, const IeReadLimits *limits, double working,
               gboolean (*read_header) (IeWholeSource *whole, GError **error),
               gboolean (*decode_picture) (IeWholeSource *whole, GError **error), void (*close_it) (IeWholeSource *whole),
               GError **error)
{
  IeWholeSource *whole = g_new0 (IeWholeSource, 1);
  IeSource *source = &whole->source;
  whole->limits = ie_limits (limits);
  whole->decode = decode_picture;
  whole->close = close_it;
  source->random = TRUE;
  source->read = read_rect;
  source->rewind = rewind_picture;
  source->free = free_source;
  source->header.metadata = &whole->metadata;
  if (ie_check_container_text (fd, &whole->limits, error))
    whole->file = read_all (fd, error);
  close (fd);
  if (!whole->file || !read_header (whole, error)) {
    free_source (source);
    return NULL;
  }
  const IeHeader *header = &source->header;
  ie_metadata_from_exif (&whole->metadata);
  whole->row_bytes = (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
  guint64 pixels = (guint64) header->width * (guint64) header->height;
  source->memory_held = g_bytes_get_size (whole->file) + whole->row_bytes * (guint64) header->height +
                        (guint64) (working * (double) pixels);
  source->read_cost = READ_COST;
  return source;
}

gboolean
ie_whole_set_size (IeWholeSource *whole, guint64 width, guint64 height, GError **error)
{
  if (!ie_check_size (width, height, &whole->limits, error))
    return FALSE;
  whole->source.header.width = (int) width;
  whole->source.header.height = (int) height;
  return TRUE;
}

void
ie_whole_keep (IeWholeSource *whole, GBytes **blob, const void *data, gsize size, const char *item)
{
  if (size == 0 || *blob)
    return;
  if (size <= whole->limits.text)
    *blob = g_bytes_new (data, size);
  else
    ie_fidelity_note (whole->limits.fidelity, item, IE_FIDELITY_DROPPED, _ ("longer than the limit"));
}

void
ie_whole_keep_exif (IeWholeSource *whole, const void *data, gsize size)
{
  gsize skip = size > 6 && memcmp (data, "Exif\0", 6) == 0 ? 6 : 0;
  ie_whole_keep (whole, &whole->metadata.exif, (const guint8 *) data + skip, size - skip, IE_ITEM_EXIF);
}

void
ie_whole_keep_icc (IeWholeSource *whole, const void *data, gsize size)
{
  if (size > whole->limits.icc)
    ie_fidelity_note (whole->limits.fidelity, IE_ITEM_PROFILE, IE_FIDELITY_DROPPED, _ ("longer than the limit"));
  else if (size > 0 && !whole->metadata.icc)
    whole->metadata.icc = g_bytes_new (data, size);
}

void
ie_whole_widen (IeWholeSource *whole, int bits)
{
  const IeHeader *header = &whole->source.header;
  gsize samples = whole->row_bytes / ie_depth_bytes (header->depth) * (gsize) header->height;
  guint32 most = (1u << bits) - 1;
  guint8 *narrow = whole->picture;
  guint16 *wide = (guint16 *) (gpointer) whole->picture;
  if (header->depth == IE_DEPTH_U8 && bits < 8)
    for (gsize i = 0; i < samples; i++)
      narrow[i] = (guint8) ((MIN (narrow[i], most) * 255 + most / 2) / most);
  if (header->depth == IE_DEPTH_U16 && bits < 16)
    for (gsize i = 0; i < samples; i++)
      wide[i] = (guint16) ((MIN (wide[i], most) * 65535 + most / 2) / most);
}
