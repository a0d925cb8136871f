// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads TIFF 6.0 and BigTIFF, a page at a time; how is told in source.h. */
#include "imageio/tiff/source.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static gboolean
tiff_read (IeSource *base, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  return ie_tiff_read_rows ((IeTiffSource *) base, rect, data, stride, error);
}

/* Nothing to do: every way of fetching finds row 0 again by its number. */
static gboolean
tiff_rewind (IeSource *base, GError **error)
{
  return TRUE;
}

static void
tiff_free (IeSource *base)
{
  IeTiffSource *tiff = (IeTiffSource *) base;
  ie_tiff_close (&tiff->handle);
  close (tiff->handle.fd);
  ie_metadata_clear (&tiff->metadata);
  g_clear_pointer (&tiff->pages, g_array_unref);
  g_free (tiff->block);
  g_free (tiff->band);
  g_free (tiff->cells);
  g_free (tiff->stored);
  g_free (tiff->palette[0]);
  g_free (tiff);
}

/* Takes fd and a reference of pages. */
static IeSource *
open_page (int fd, guint64 size, GArray *pages, guint page, const IeReadLimits *limits, GError **error)
{
  IeTiffSource *tiff = g_new0 (IeTiffSource, 1);
  tiff->handle.size = size;
  tiff->limits = *limits;
  tiff->pages = pages;
  tiff->source.read = tiff_read;
  tiff->source.rewind = tiff_rewind;
  tiff->source.free = tiff_free;
  guint64 directory = g_array_index (pages, IeTiffPage, page).offset;
  tiff->handle.fd = fd;
  if (!ie_tiff_hide_large (&tiff->handle, directory, limits, error)) {
    tiff_free (&tiff->source);
    return NULL;
  }
  /* c: one strip stays one strip; m: never mapped (a file that shrinks would kill us); h: no directory yet. */
  if (!ie_tiff_open (&tiff->handle, fd, "rcmh") ||
      !TIFFSetSubDirectory (tiff->handle.tiff, directory))
    ie_tiff_fail_read (&tiff->handle, error);
  else if (ie_tiff_read_page (tiff, error) && ie_tiff_read_metadata (tiff, page, error))
    return &tiff->source;
  tiff_free (&tiff->source);
  return NULL;
}

static IeSource *
tiff_open (int fd, const IeReadLimits *given, GError **error)
{
  IeReadLimits limits = ie_limits (given);
  off_t size = lseek (fd, 0, SEEK_END);
  GArray *pages = ie_tiff_chain (fd, size > 0 ? (guint64) size : 0, &limits, error);
  if (pages)
    return open_page (fd, size > 0 ? (guint64) size : 0, pages, 0, &limits, error);
  close (fd);
  return NULL;
}

static int
tiff_pages (const IeSource *source)
{
  return (int) ((const IeTiffSource *) source)->pages->len;
}

static IePageKind
tiff_page_kind (const IeSource *source, int page)
{
  return g_array_index (((const IeTiffSource *) source)->pages, IeTiffPage, page).kind;
}

static guint64
tiff_page_samples (const IeSource *source, int page)
{
  return g_array_index (((const IeTiffSource *) source)->pages, IeTiffPage, page).samples;
}

static IeSource *
tiff_open_page (const IeSource *source, int page, GError **error)
{
  const IeTiffSource *tiff = (const IeTiffSource *) source;
  int fd = fcntl (tiff->handle.fd, F_DUPFD_CLOEXEC, 3);
  if (fd < 0) {
    ie_fail_short (error, errno);
    return NULL;
  }
  IeSource *opened = open_page (fd, tiff->handle.size, g_array_ref (tiff->pages), (guint) page, &tiff->limits, error);
  if (opened)
    ie_drop_broken_profile (opened, tiff->limits.fidelity);
  return opened;
}

/* Byte order, then 42 (TIFF) or 43 (BigTIFF). */
static gboolean
tiff_sniff (const guint8 *head, gsize size)
{
  return size >= 4 && (memcmp (head, "II*\0", 4) == 0 || memcmp (head, "MM\0*", 4) == 0 ||
                       memcmp (head, "II+\0", 4) == 0 || memcmp (head, "MM\0+", 4) == 0);
}

static const char *const extensions[] = { "tif", "tiff", NULL };

static const IePages tiff_page_hooks = {
  .count = tiff_pages,
  .kind = tiff_page_kind,
  .samples = tiff_page_samples,
  .open = tiff_open_page,
};

const IeFormat ie_format_tiff = {
  .name = "tiff",
  .label = "TIFF",
  .extensions = extensions,
  .can = IE_CAN_U8 | IE_CAN_U16 | IE_CAN_FLOAT | IE_CAN_ALPHA | IE_CAN_CMYK | IE_CAN_LAB,
  .carries = IE_CARRIES_PROFILE | IE_CARRIES_EXIF | IE_CARRIES_XMP | IE_CARRIES_IPTC | IE_CARRIES_RESOLUTION |
             IE_CARRIES_ORIENTATION | IE_CARRIES_PHOTOSHOP,
  .sniff = tiff_sniff,
  .open = tiff_open,
  .create = ie_tiff_create,
  .pages = &tiff_page_hooks,
};
