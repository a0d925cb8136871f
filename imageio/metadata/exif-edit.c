// SPDX-License-Identifier: GPL-3.0-or-later
/* Edits EXIF blocks: in place where a value changes, at the end where something is new. */
#include "imageio/metadata/exif.h"

#include <math.h>
#include <string.h>

#define ENTRY_BYTES 12
#define USUAL_THUMBNAIL 160 /* pixels, the longer side (DCF 2.0: 160 x 120) */
#define LEAST_THUMBNAIL 32
#define MOST_THUMBNAIL 512
#define LARGEST_BLOCK 0xffffffff /* offsets have 32 bits */

/* ---- The block --------------------------------------------------------------------------------------------------- */

static void
read_again (IeExifEdit *edit)
{
  ie_exif_clear (&edit->exif);
  ie_exif_parse (&edit->exif, edit->bytes->data, edit->bytes->len);
}

gboolean
ie_exif_edit_begin (IeExifEdit *edit, GBytes *block)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (block, &size);
  *edit = (IeExifEdit){ .original = g_bytes_ref (block) };
  return ie_exif_parse (&edit->exif, data, size) && size <= LARGEST_BLOCK / 2;
}

GBytes *
ie_exif_edit_end (IeExifEdit *edit)
{
  GBytes *result = edit->bytes ? g_byte_array_free_to_bytes (edit->bytes) : g_bytes_ref (edit->original);
  ie_exif_clear (&edit->exif);
  g_bytes_unref (edit->original);
  return result;
}

static guint8 *
writable (IeExifEdit *edit)
{
  if (!edit->bytes) {
    gsize size;
    const guint8 *data = g_bytes_get_data (edit->original, &size);
    edit->bytes = g_byte_array_sized_new ((guint) size);
    g_byte_array_append (edit->bytes, data, (guint) size);
  }
  return edit->bytes->data;
}

/* Writes an unsigned integer that lies in the block. */
static void
put (IeExifEdit *edit, gsize offset, int bytes, guint32 value)
{
  guint8 *data = writable (edit) + offset;
  for (int i = 0; i < bytes; i++)
    data[i] = (guint8) (value >> 8 * (edit->exif.big_endian ? bytes - 1 - i : i));
}

/* Appends zeros, from an even offset on, which is returned. */
static gsize
grow (IeExifEdit *edit, gsize bytes)
{
  writable (edit);
  gsize at = (edit->bytes->len + 1) & ~(gsize) 1, old = edit->bytes->len;
  g_byte_array_set_size (edit->bytes, (guint) (at + bytes));
  memset (edit->bytes->data + old, 0, edit->bytes->len - old);
  return at;
}

/* ---- Values ------------------------------------------------------------------------------------------------------ */

gboolean
ie_exif_set_integer (IeExifEdit *edit, IeExifDirectory directory, guint tag, guint32 value)
{
  const IeExifEntry *entry = ie_exif_find (&edit->exif, directory, tag);
  if (!entry || entry->count != 1 || (entry->type != IE_EXIF_SHORT && entry->type != IE_EXIF_LONG) ||
      ie_exif_number (&edit->exif, entry, 0) == value)
    return FALSE;
  gsize at = entry->entry;
  gboolean is_short = entry->type == IE_EXIF_SHORT && value <= 0xffff;
  put (edit, at + 2, 2, is_short ? IE_EXIF_SHORT : IE_EXIF_LONG);
  put (edit, at + 8, is_short ? 2 : 4, value);
  read_again (edit);
  return TRUE;
}

/* The fraction of the smallest denominator (a power of ten) that has the value's first six digits. */
static void
make_fraction (double value, guint32 *numerator, guint32 *denominator)
{
  *denominator = 1;
  while (*denominator < 1000000 && value * *denominator * 10 < G_MAXUINT32 &&
         fabs (round (value * *denominator) / *denominator - value) > 1e-6 * value)
    *denominator *= 10;
  *numerator = (guint32) CLAMP (round (value * *denominator), 0, G_MAXUINT32);
}

gboolean
ie_exif_set_rational (IeExifEdit *edit, IeExifDirectory directory, guint tag, double value, double tolerance)
{
  const IeExifEntry *entry = ie_exif_find (&edit->exif, directory, tag);
  if (!entry || entry->count != 1 || entry->type != IE_EXIF_RATIONAL || !(value >= 0) ||
      fabs (ie_exif_number (&edit->exif, entry, 0) - value) <= tolerance)
    return FALSE;
  guint32 numerator, denominator;
  gsize at = entry->value;
  make_fraction (value, &numerator, &denominator);
  put (edit, at, 4, numerator);
  put (edit, at + 4, 4, denominator);
  read_again (edit);
  return TRUE;
}

/* Puts a copy of the first directory, with room for an entry more in the order of the tags, at the block's end. */
static void
add_orientation (IeExifEdit *edit, guint32 orientation)
{
  gsize from = edit->exif.at[IE_EXIF_IMAGE] + 2;
  guint count = edit->exif.listed[IE_EXIF_IMAGE], before = 0;
  gsize to = grow (edit, 2 + ENTRY_BYTES * ((gsize) count + 1) + 4) + 2;
  guint8 *data = edit->bytes->data;
  edit->exif.data = data;
  edit->exif.size = edit->bytes->len;
  while (before < count && ie_exif_at (&edit->exif, from + ENTRY_BYTES * (gsize) before, 2) < IE_TAG_ORIENTATION)
    before++;
  gsize middle = ENTRY_BYTES * (gsize) before;
  memcpy (data + to, data + from, middle);
  memcpy (data + to + middle + ENTRY_BYTES, data + from + middle, ENTRY_BYTES * (gsize) (count - before) + 4);
  put (edit, to - 2, 2, count + 1);
  put (edit, to + middle, 2, IE_TAG_ORIENTATION);
  put (edit, to + middle + 2, 2, IE_EXIF_SHORT);
  put (edit, to + middle + 4, 4, 1);
  put (edit, to + middle + 8, 2, orientation);
  put (edit, 4, 4, (guint32) (to - 2));
  read_again (edit);
}

gboolean
ie_exif_set_orientation (IeExifEdit *edit, int orientation)
{
  const IeExif *exif = &edit->exif;
  if (ie_exif_find (exif, IE_EXIF_IMAGE, IE_TAG_ORIENTATION))
    return ie_exif_set_integer (edit, IE_EXIF_IMAGE, IE_TAG_ORIENTATION, (guint32) orientation);
  /* A directory that is cut short has no room after it to copy. */
  guint listed = exif->listed[IE_EXIF_IMAGE];
  gsize end = exif->at[IE_EXIF_IMAGE] + 2 + ENTRY_BYTES * (gsize) listed + 4;
  if (listed == 0xffff || end > exif->size || ie_exif_at (exif, exif->at[IE_EXIF_IMAGE], 2) != listed)
    return FALSE;
  add_orientation (edit, (guint32) orientation);
  return TRUE;
}

/* ---- The thumbnail ----------------------------------------------------------------------------------------------- */

/* Longer side of a JPEG: from its frame header (ITU-T T.81, B.2.2). */
static int
longer_side (const guint8 *data, gsize size)
{
  for (gsize at = 2; at + 9 <= size && data[at] == 0xff;) {
    guint8 marker = data[at + 1];
    if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
      return MAX (data[at + 5] << 8 | data[at + 6], data[at + 7] << 8 | data[at + 8]);
    at += 2 + (gsize) (data[at + 2] << 8 | data[at + 3]);
  }
  return USUAL_THUMBNAIL;
}

/* Where the thumbnail's pixels are; FALSE: nowhere that could be said. */
static gboolean
find_pixels (const IeExif *exif, gsize *at, gsize *bytes, gboolean *is_jpeg)
{
  const IeExifEntry *offset = ie_exif_find (exif, IE_EXIF_THUMBNAIL, IE_TAG_THUMBNAIL_OFFSET),
                    *length = ie_exif_find (exif, IE_EXIF_THUMBNAIL, IE_TAG_THUMBNAIL_BYTES);
  *is_jpeg = offset && length && offset->type == IE_EXIF_LONG && length->type == IE_EXIF_LONG;
  if (!*is_jpeg) {
    offset = ie_exif_find (exif, IE_EXIF_THUMBNAIL, IE_TAG_STRIP_OFFSETS);
    length = ie_exif_find (exif, IE_EXIF_THUMBNAIL, IE_TAG_STRIP_BYTES);
  }
  if (!offset || !length || offset->count != 1 || length->count != 1)
    return FALSE;
  *at = (gsize) ie_exif_number (exif, offset, 0);
  *bytes = (gsize) ie_exif_number (exif, length, 0);
  return *at >= 8 && *at <= exif->size && *bytes <= exif->size - *at;
}

int
ie_exif_thumbnail_kind (const IeExif *exif)
{
  gsize at, bytes;
  gboolean is_jpeg;
  if (!exif->at[IE_EXIF_THUMBNAIL])
    return 0;
  if (!find_pixels (exif, &at, &bytes, &is_jpeg) || !is_jpeg)
    return -1;
  return CLAMP (longer_side (exif->data + at, bytes), LEAST_THUMBNAIL, MOST_THUMBNAIL);
}

/* How far what directories and their values take reaches past `at`, and whether any of it lies within `bytes` from it. */
static gboolean
is_used (const IeExif *exif, gsize at, gsize bytes, gsize *last)
{
  gboolean used = FALSE;
  *last = 0;
  for (int i = 0; i < IE_EXIF_DIRECTORIES; i++) {
    gsize begin = exif->at[i], end = begin + 2 + ENTRY_BYTES * (gsize) exif->listed[i] + 4;
    if (!begin)
      continue;
    used |= begin < at + bytes && end > at;
    *last = MAX (*last, end);
  }
  for (guint i = 0; i < exif->entries->len; i++) {
    const IeExifEntry *entry = &g_array_index (exif->entries, IeExifEntry, i);
    used |= entry->value < at + bytes && entry->value + entry->bytes > at;
    *last = MAX (*last, entry->value + entry->bytes);
  }
  return used;
}

/* The old pixels would show what the picture no longer does: cut off where they end the block, else cleared. */
static void
remove_pixels (IeExifEdit *edit)
{
  gsize at, bytes, last;
  gboolean is_jpeg;
  if (!find_pixels (&edit->exif, &at, &bytes, &is_jpeg) || is_used (&edit->exif, at, bytes, &last))
    return;
  writable (edit);
  if (last <= at && edit->bytes->len - (at + bytes) <= 3)
    g_byte_array_set_size (edit->bytes, (guint) at);
  else
    memset (edit->bytes->data + at, 0, bytes);
  read_again (edit);
}

static void
unlink_thumbnail (IeExifEdit *edit)
{
  const IeExif *exif = &edit->exif;
  gsize next = exif->at[IE_EXIF_IMAGE] + 2 + ENTRY_BYTES * (gsize) exif->listed[IE_EXIF_IMAGE];
  if (next + 4 <= exif->size)
    put (edit, next, 4, 0);
  read_again (edit);
}

void
ie_exif_remove_thumbnail (IeExifEdit *edit)
{
  if (!edit->exif.at[IE_EXIF_THUMBNAIL])
    return;
  writable (edit);
  remove_pixels (edit);
  unlink_thumbnail (edit);
}

void
ie_exif_reserve_thumbnail (IeExifEdit *edit, gsize room)
{
  writable (edit);
  remove_pixels (edit);
  gsize at = grow (edit, room);
  read_again (edit);
  ie_exif_set_integer (edit, IE_EXIF_THUMBNAIL, IE_TAG_THUMBNAIL_OFFSET, (guint32) at);
  ie_exif_set_integer (edit, IE_EXIF_THUMBNAIL, IE_TAG_THUMBNAIL_BYTES, (guint32) room);
}

void
ie_exif_fill_thumbnail (IeExifEdit *edit, gsize room, GBytes *jpeg, int width, int height)
{
  gsize size = 0, all = edit->exif.size;
  const void *data = jpeg ? g_bytes_get_data (jpeg, &size) : NULL;
  if (room > all || size > room)
    return;
  memset (writable (edit) + (all - room), 0, room);
  if (jpeg)
    memcpy (edit->bytes->data + (all - room), data, size);
  read_again (edit);
  if (jpeg) {
    ie_exif_set_integer (edit, IE_EXIF_THUMBNAIL, IE_TAG_THUMBNAIL_BYTES, (guint32) size);
    ie_exif_set_integer (edit, IE_EXIF_THUMBNAIL, IE_TAG_WIDTH, (guint32) width);
    ie_exif_set_integer (edit, IE_EXIF_THUMBNAIL, IE_TAG_HEIGHT, (guint32) height);
  } else
    unlink_thumbnail (edit);
}
