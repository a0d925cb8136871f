// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads EXIF blocks; and what the formats need to know of them: orientation and resolution. */
#include "imageio/metadata/exif.h"
#include "imageio/internal.h"

#define ENTRY_BYTES 12
#define MOST_ENTRIES 2048  /* of all directories; real ones have less than 300 */
#define CENTIMETRES_PER_INCH 2.54

guint32
ie_exif_at (const IeExif *exif, gsize offset, int bytes)
{
  if (offset > exif->size || exif->size - offset < (gsize) bytes)
    return 0;
  guint32 number = 0;
  for (int i = 0; i < bytes; i++)
    number = number << 8 | exif->data[offset + (gsize) (exif->big_endian ? i : bytes - 1 - i)];
  return number;
}

gsize
ie_exif_type_bytes (guint type)
{
  static const guint8 bytes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4 };
  return type < G_N_ELEMENTS (bytes) ? bytes[type] : 0;
}

static double
rational_at (const IeExif *exif, gsize offset, gboolean is_signed)
{
  guint32 numerator = ie_exif_at (exif, offset, 4), denominator = ie_exif_at (exif, offset + 4, 4);
  if (denominator == 0)
    return 0;
  return is_signed ? (double) (gint32) numerator / (double) (gint32) denominator : (double) numerator / denominator;
}

static double
real_at (const IeExif *exif, gsize offset, gboolean twice)
{
  guint32 first = ie_exif_at (exif, offset, 4), second = twice ? ie_exif_at (exif, offset + 4, 4) : 0;
  if (!twice) {
    float value;
    memcpy (&value, &first, sizeof value);
    return value;
  }
  guint64 bits = exif->big_endian ? (guint64) first << 32 | second : (guint64) second << 32 | first;
  double value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

double
ie_exif_number (const IeExif *exif, const IeExifEntry *entry, guint32 i)
{
  gsize step = ie_exif_type_bytes (entry->type), offset = entry->value + step * i;
  if (i >= entry->count)
    return 0;
  switch (entry->type) {
    case IE_EXIF_BYTE:
    case IE_EXIF_SHORT:
    case IE_EXIF_LONG:
    case IE_EXIF_IFD:
      return ie_exif_at (exif, offset, (int) step);
    case IE_EXIF_SBYTE:
      return (gint8) ie_exif_at (exif, offset, 1);
    case IE_EXIF_SSHORT:
      return (gint16) ie_exif_at (exif, offset, 2);
    case IE_EXIF_SLONG:
      return (gint32) ie_exif_at (exif, offset, 4);
    case IE_EXIF_RATIONAL:
    case IE_EXIF_SRATIONAL:
      return rational_at (exif, offset, entry->type == IE_EXIF_SRATIONAL);
    case IE_EXIF_FLOAT:
    case IE_EXIF_DOUBLE:
      return real_at (exif, offset, entry->type == IE_EXIF_DOUBLE);
    default:
      return 0;
  }
}

static void
read_entry (IeExif *exif, IeExifDirectory directory, gsize at)
{
  IeExifEntry entry = { directory, (guint16) ie_exif_at (exif, at, 2), (guint16) ie_exif_at (exif, at + 2, 2),
                        ie_exif_at (exif, at + 4, 4), at, at + 8, 0 };
  guint64 bytes = (guint64) entry.count * ie_exif_type_bytes (entry.type);
  if (bytes > 4)
    entry.value = ie_exif_at (exif, at + 8, 4);
  if (bytes == 0 || entry.value > exif->size || bytes > exif->size - entry.value
      || exif->entries->len >= MOST_ENTRIES) {
    exif->unreadable++;
    return;
  }
  entry.bytes = (gsize) bytes;
  g_array_append_val (exif->entries, entry);
}

/* Reads one directory; gives the offset of the next of the chain, or 0. */
static gsize
read_directory (IeExif *exif, IeExifDirectory directory, gsize at)
{
  gboolean again = FALSE;
  for (int i = 0; i < IE_EXIF_DIRECTORIES; i++)
    again |= at != 0 && exif->at[i] == at;
  if (at == 0)
    return 0;
  if (again || at < 8 || at > exif->size || exif->size - at < 2) {
    exif->unreadable++;
    return 0;
  }
  guint claimed = ie_exif_at (exif, at, 2), most = (guint) MIN ((exif->size - at - 2) / ENTRY_BYTES, 0xffff);
  exif->at[directory] = at;
  exif->listed[directory] = MIN (claimed, most);
  exif->unreadable += claimed > most;
  for (guint i = 0; i < exif->listed[directory]; i++)
    read_entry (exif, directory, at + 2 + ENTRY_BYTES * (gsize) i);
  return claimed > most ? 0 : ie_exif_at (exif, at + 2 + ENTRY_BYTES * (gsize) claimed, 4);
}

static gsize
offset_in (const IeExif *exif, IeExifDirectory directory, guint tag)
{
  const IeExifEntry *entry = ie_exif_find (exif, directory, tag);
  return entry && (entry->type == IE_EXIF_LONG || entry->type == IE_EXIF_IFD) ? ie_exif_at (exif, entry->value, 4) : 0;
}

gboolean
ie_exif_parse (IeExif *exif, const void *data, gsize size)
{
  *exif = (IeExif){ .data = data, .size = size };
  exif->entries = g_array_new (FALSE, FALSE, sizeof (IeExifEntry));
  if (size < 14 || (memcmp (data, "II*\0", 4) && memcmp (data, "MM\0*", 4)))
    return FALSE;
  exif->big_endian = exif->data[0] == 'M';
  gsize next = read_directory (exif, IE_EXIF_IMAGE, ie_exif_at (exif, 4, 4));
  if (!exif->at[IE_EXIF_IMAGE])
    return FALSE;
  read_directory (exif, IE_EXIF_PHOTO, offset_in (exif, IE_EXIF_IMAGE, IE_TAG_PHOTO));
  read_directory (exif, IE_EXIF_GPS, offset_in (exif, IE_EXIF_IMAGE, IE_TAG_GPS));
  read_directory (exif, IE_EXIF_INTEROP, offset_in (exif, IE_EXIF_PHOTO, IE_TAG_INTEROP));
  read_directory (exif, IE_EXIF_THUMBNAIL, next);
  return TRUE;
}

void
ie_exif_clear (IeExif *exif)
{
  g_clear_pointer (&exif->entries, g_array_unref);
}

const IeExifEntry *
ie_exif_find (const IeExif *exif, IeExifDirectory directory, guint tag)
{
  for (guint i = 0; i < exif->entries->len; i++) {
    const IeExifEntry *entry = &g_array_index (exif->entries, IeExifEntry, i);
    if (entry->directory == directory && entry->tag == tag)
      return entry;
  }
  return NULL;
}

gboolean
ie_exif_maker_note_is_bound (GBytes *block)
{
  /* These count their offsets from their own start (Exiv2, "Makernote formats and specifications"). */
  static const struct {
    const char *start;
    gsize bytes;
  } free_ones[] = { { "Nikon\0\2", 7 },    { "FUJIFILM", 8 },      { "OLYMPUS\0", 8 }, { "OM SYSTEM\0", 10 },
                    { "Apple iOS\0", 10 }, { "PENTAX \0", 8 },     { "DJI\0", 4 },     { "SAMSUNG\0", 8 } };
  IeExif exif;
  gsize size;
  const void *data = g_bytes_get_data (block, &size);
  const IeExifEntry *note = ie_exif_parse (&exif, data, size)
                              ? ie_exif_find (&exif, IE_EXIF_PHOTO, IE_TAG_MAKER_NOTE)
                              : NULL;
  gboolean bound = note != NULL;
  for (gsize i = 0; note && i < G_N_ELEMENTS (free_ones); i++)
    if (note->bytes >= free_ones[i].bytes && memcmp (exif.data + note->value, free_ones[i].start, free_ones[i].bytes) == 0)
      bound = FALSE;
  ie_exif_clear (&exif);
  return bound;
}

/* ---- What the formats ask ---------------------------------------------------------------------------------------- */

void
ie_metadata_from_exif (IeMetadata *metadata)
{
  IeExif exif;
  gsize size;
  if (!metadata->exif)
    return;
  const void *data = g_bytes_get_data (metadata->exif, &size);
  if (ie_exif_parse (&exif, data, size)) {
    const IeExifEntry *orientation = ie_exif_find (&exif, IE_EXIF_IMAGE, IE_TAG_ORIENTATION),
                      *x = ie_exif_find (&exif, IE_EXIF_IMAGE, IE_TAG_X_RESOLUTION),
                      *y = ie_exif_find (&exif, IE_EXIF_IMAGE, IE_TAG_Y_RESOLUTION),
                      *unit = ie_exif_find (&exif, IE_EXIF_IMAGE, IE_TAG_RESOLUTION_UNIT);
    double turned = orientation && orientation->type == IE_EXIF_SHORT ? ie_exif_number (&exif, orientation, 0) : 0;
    double x_resolution = x && x->type == IE_EXIF_RATIONAL ? ie_exif_number (&exif, x, 0) : 0;
    double y_resolution = y && y->type == IE_EXIF_RATIONAL ? ie_exif_number (&exif, y, 0) : 0;
    double kind = unit && unit->type == IE_EXIF_SHORT ? ie_exif_number (&exif, unit, 0) : 2;
    double per_inch = kind == 2 ? 1 : kind == 3 ? CENTIMETRES_PER_INCH : 0;
    if (turned >= 1 && turned <= 8 && !metadata->orientation)
      metadata->orientation = (int) turned;
    if (!metadata->x_resolution && !metadata->y_resolution && x_resolution > 0 && y_resolution > 0) {
      metadata->x_resolution = x_resolution * per_inch;
      metadata->y_resolution = y_resolution * per_inch;
    }
  }
  ie_exif_clear (&exif);
}

GBytes *
ie_metadata_exif (const IeMetadata *metadata)
{
  if (!metadata)
    return NULL;
  if (metadata->exif)
    return g_bytes_ref (metadata->exif);
  if (metadata->orientation < 1 || metadata->orientation > 8)
    return NULL;
  /* Little-endian TIFF header, one directory of one entry: Orientation, SHORT, count 1. */
  guint8 block[26] = { 'I', 'I', '*', 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, IE_EXIF_SHORT, 0, 1, 0, 0, 0 };
  block[18] = (guint8) metadata->orientation;
  return g_bytes_new (block, sizeof block);
}

void
ie_metadata_clear (IeMetadata *metadata)
{
  g_clear_pointer (&metadata->icc, g_bytes_unref);
  g_clear_pointer (&metadata->exif, g_bytes_unref);
  g_clear_pointer (&metadata->xmp, g_bytes_unref);
  g_clear_pointer (&metadata->iptc, g_bytes_unref);
  g_clear_pointer (&metadata->photoshop, g_bytes_unref);
  g_clear_pointer (&metadata->texts, g_ptr_array_unref);
  if (metadata->layout && metadata->layout->tiff.tags)
    g_ptr_array_unref (metadata->layout->tiff.tags);
  g_clear_pointer (&metadata->layout, g_free);
}
