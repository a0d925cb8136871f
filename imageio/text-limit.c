// SPDX-License-Identifier: GPL-3.0-or-later
/* Files whose texts and metadata are a bomb: refused by the lengths that their parts claim, before any is read.
 *
 * Texts between the limit of one (IeReadLimits.text) and this one are left out and said. */
#include "core/i18n.h"
#include "imageio/internal.h"

#define TIMES_TEXT 8 /* 64 MiB where one may have 8 */
#define MOST_PARTS 100000

gboolean
ie_check_text (guint64 bytes, const IeReadLimits *limits, GError **error)
{
  guint64 most = (guint64) limits->text * TIMES_TEXT;
  if (bytes <= most)
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
               _ ("more than %.4g MiB of text and metadata, which is %d times what --limit-text sets"),
               (double) most / (1 << 20), TIMES_TEXT);
  return FALSE;
}

gboolean
ie_is_one_of (const guint8 *name, const char *names)
{
  for (; *names; names += 4)
    if (memcmp (name, names, 4) == 0)
      return TRUE;
  return FALSE;
}

/* Bytes of the parts of that name. A part is what the head at `offset` says: of RIFF (name, then length without the head,
 * padded to even) or of boxes (ISO/IEC 14496-12, 4.2: length with the head, then name; length 1: a 64-bit one follows; 0: to
 * the end of the file). */
static guint64
named_bytes (int fd, guint64 offset, gboolean riff, const char *names)
{
  guint64 all = 0;
  for (int i = 0; i < MOST_PARTS; i++) {
    guint8 head[16] = { 0 };
    if (ie_pread (fd, head, sizeof head, offset) < 8)
      break;
    guint64 size = ie_big_endian_32 (head);
    if (riff) {
      guint64 data = (guint64) head[4] | (guint64) head[5] << 8 | (guint64) head[6] << 16 | (guint64) head[7] << 24;
      size = 8 + data + (data & 1);
    } else if (size == 1)
      size = (guint64) ie_big_endian_32 (head + 8) << 32 | ie_big_endian_32 (head + 12);
    if (ie_is_one_of (riff ? head : head + 4, names))
      all += size;
    if (size < 8 || offset + size < offset)
      break;
    offset += size;
  }
  return all;
}

gboolean
ie_check_container_text (int fd, const IeReadLimits *limits, GError **error)
{
  guint8 head[12] = { 0 };
  guint64 bytes = 0;
  if (ie_pread (fd, head, sizeof head, 0) < (gssize) sizeof head)
    return TRUE; /* too short for any; said by whoever reads it */
  if (memcmp (head, "RIFF", 4) == 0 && memcmp (head + 8, "WEBP", 4) == 0)
    bytes = named_bytes (fd, 12, TRUE, "EXIFXMP ");
  else if (ie_is_one_of (head + 4, "JXL jP  ftyp"))
    bytes = named_bytes (fd, 0, FALSE, "Exifxml uuidbrobjumb");
  return ie_check_text (bytes, limits, error);
}
