// SPDX-License-Identifier: GPL-3.0-or-later
/* Finds an EXIF block again in a file that we wrote, and replaces it by one of the same length. Containers: JPEG (ITU-T
 * T.81, B.1), PNG (ISO/IEC 15948, 5.3). */
#include "imageio/internal.h"
#include "imageio/metadata/metadata.h"

#include <errno.h>
#include <zlib.h>

#define MOST_STEPS (1 << 20) /* segments or chunks that are passed over */

static const char exif_start[] = "Exif\0"; /* and the literal's own zero: 6 bytes */

typedef struct {
  int fd;
  int number; /* errno of a failure, or 0 */
  gsize size; /* of the block */
  guint64 at; /* where it is found */
} Search;

/* Bytes at an offset; FALSE at the end or on failure. */
static gboolean
look (Search *search, guint64 offset, void *data, gsize size)
{
  gssize got = ie_pread (search->fd, data, size, offset);
  if (got < 0)
    search->number = errno;
  return got == (gssize) size;
}

static gboolean
has_start (Search *search, guint64 offset)
{
  guint8 start[sizeof exif_start];
  return look (search, offset, start, sizeof start) && memcmp (start, exif_start, sizeof start) == 0;
}

static gboolean
find_in_jpeg (Search *search)
{
  guint8 head[4];
  guint64 offset = 2;
  for (int i = 0; i < MOST_STEPS && look (search, offset, head, 4) && head[0] == 0xff && head[1] != 0xda; i++) {
    gsize length = (gsize) (head[2] << 8 | head[3]);
    if (head[1] == 0xe1 && length == 2 + sizeof exif_start + search->size && has_start (search, offset + 4)) {
      search->at = offset + 4 + sizeof exif_start;
      return TRUE;
    }
    offset += 2 + length;
  }
  return FALSE;
}

static gboolean
find_in_png (Search *search)
{
  guint8 head[8];
  guint64 offset = 8;
  for (int i = 0; i < MOST_STEPS && look (search, offset, head, 8); i++) {
    guint32 length = (guint32) head[0] << 24 | (guint32) head[1] << 16 | (guint32) head[2] << 8 | head[3];
    search->at = offset + 8;
    if (memcmp (head + 4, "eXIf", 4) == 0)
      return length == search->size;
    offset += 12 + (guint64) length;
  }
  return FALSE;
}

/* CRC-32 of the chunk's type and data (ISO/IEC 15948, 5.3). */
static void
put_checksum (Search *search, const guint8 *data)
{
  uLong crc = crc32 (crc32 (0, (const Bytef *) "eXIf", 4), data, (uInt) search->size);
  guint8 bytes[4] = { (guint8) (crc >> 24), (guint8) (crc >> 16), (guint8) (crc >> 8), (guint8) crc };
  search->number = ie_pwrite (search->fd, bytes, sizeof bytes, search->at + search->size);
}

static const struct {
  const char *format;
  gboolean (*find) (Search *search);
  void (*complete) (Search *search, const guint8 *data); /* what follows from the new bytes; may be NULL */
} containers[] = { { "jpeg", find_in_jpeg, NULL }, { "png", find_in_png, put_checksum } };

gboolean
ie_exif_replaceable (const IeFormat *format)
{
  for (gsize i = 0; i < G_N_ELEMENTS (containers); i++)
    if (g_str_equal (format->name, containers[i].format))
      return TRUE;
  return FALSE;
}

gboolean
ie_exif_replace_in_file (int fd, const IeFormat *format, GBytes *was, GBytes *now, int *number)
{
  Search search = { .fd = fd, .size = g_bytes_get_size (was) };
  const guint8 *data = g_bytes_get_data (now, NULL);
  gsize which = 0;
  *number = 0;
  while (which < G_N_ELEMENTS (containers) && !g_str_equal (format->name, containers[which].format))
    which++;
  if (which == G_N_ELEMENTS (containers) || g_bytes_get_size (now) != search.size)
    return FALSE;
  guint8 *there = g_malloc (search.size);
  gboolean found = containers[which].find (&search) && look (&search, search.at, there, search.size) &&
                   memcmp (there, g_bytes_get_data (was, NULL), search.size) == 0;
  g_free (there);
  if (found) {
    search.number = ie_pwrite (fd, data, search.size, search.at);
    if (!search.number && containers[which].complete)
      containers[which].complete (&search, data);
  }
  *number = search.number;
  return found && !search.number;
}
