// SPDX-License-Identifier: GPL-3.0-or-later
/* Lays out directories of tags, as EXIF blocks and TIFF files hold them. */
#include "imageio/metadata/exif.h"

#include <string.h>

#define TYPE_LONG8 16 /* BigTIFF */
#define HEADER_BYTES 8
#define MOST_GAP (32 << 10)

static void
clear_field (gpointer data)
{
  g_bytes_unref (((IeExifField *) data)->value);
}

GArray *
ie_exif_fields_new (void)
{
  GArray *fields = g_array_new (FALSE, FALSE, sizeof (IeExifField));
  g_array_set_clear_func (fields, clear_field);
  return fields;
}

/* Bytes of the numbers that a value of the type is made of. */
static gsize
number_bytes (guint type)
{
  return type == IE_EXIF_RATIONAL || type == IE_EXIF_SRATIONAL ? 4 : ie_exif_type_bytes (type);
}

void
ie_exif_fields_add (GArray *fields, IeExifDirectory directory, guint16 tag, guint16 type, guint32 count,
                    const void *value, gboolean turn)
{
  gsize step = number_bytes (type), size = (gsize) count * ie_exif_type_bytes (type);
  guint8 *bytes = g_malloc (size);
  memcpy (bytes, value, size);
  for (gsize at = 0; turn && step > 1 && at + step <= size; at += step)
    for (gsize i = 0; i < step / 2; i++) {
      guint8 byte = bytes[at + i];
      bytes[at + i] = bytes[at + step - 1 - i];
      bytes[at + step - 1 - i] = byte;
    }
  IeExifField field = { directory, tag, type, count, g_bytes_new_take (bytes, size) };
  g_array_append_val (fields, field);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const IeExifField *first = a, *second = b;
  if (first->directory != second->directory)
    return first->directory < second->directory ? -1 : 1;
  return first->tag < second->tag ? -1 : first->tag > second->tag;
}

static void
store (guint8 *to, gsize bytes, guint64 value, gboolean big_endian)
{
  for (gsize i = 0; i < bytes; i++)
    to[i] = (guint8) (value >> 8 * (big_endian ? bytes - 1 - i : i));
}

/* ---- Layout ------------------------------------------------------------------------------------------------------ */

/* Directories below others; what is not listed stands alone. */
static const struct {
  IeExifDirectory below, directory;
  guint16 tag;
} pointers[] = { { IE_EXIF_PHOTO, IE_EXIF_INTEROP, IE_TAG_INTEROP },
                 { IE_EXIF_IMAGE, IE_EXIF_PHOTO, IE_TAG_PHOTO },
                 { IE_EXIF_IMAGE, IE_EXIF_GPS, IE_TAG_GPS } };

/* Takes out pointers and thumbnails that came along, and those that come again with the same tag. */
static void
tidy (GArray *fields)
{
  g_array_sort (fields, compare);
  for (guint i = fields->len; i-- > 0;) {
    const IeExifField *field = &g_array_index (fields, IeExifField, i);
    gboolean out = field->directory == IE_EXIF_THUMBNAIL || (i > 0 && compare (field - 1, field) == 0);
    for (gsize p = 0; p < G_N_ELEMENTS (pointers); p++)
      out |= field->directory == pointers[p].below && field->tag == pointers[p].tag;
    if (out)
      g_array_remove_index (fields, i);
  }
}

static guint
count_in (const GArray *fields, IeExifDirectory directory)
{
  guint count = 0;
  for (guint i = 0; i < fields->len; i++)
    count += g_array_index (fields, IeExifField, i).directory == directory;
  return count;
}

/* Puts pointers (to 0, for now) where a directory has something to point at. */
static void
add_pointers (GArray *fields, const IeExifShape *shape, gboolean with_image)
{
  static const guint8 nothing[8];
  for (gsize p = 0; p < G_N_ELEMENTS (pointers); p++)
    if (count_in (fields, pointers[p].directory) > 0 && (pointers[p].below != IE_EXIF_IMAGE || with_image)) {
      guint16 type = shape->big_tiff ? TYPE_LONG8 : IE_EXIF_LONG;
      IeExifField field = { pointers[p].below, pointers[p].tag, type, 1,
                            g_bytes_new (nothing, shape->big_tiff ? 8 : 4) };
      g_array_append_val (fields, field);
    }
  g_array_sort (fields, compare);
}

/* Offset that a field points at; 0: it is no pointer. */
static guint64
pointed (const IeExifField *field, const guint64 *at)
{
  for (gsize p = 0; p < G_N_ELEMENTS (pointers); p++)
    if (field->directory == pointers[p].below && field->tag == pointers[p].tag)
      return at[pointers[p].directory];
  return 0;
}

static void
write_field (GByteArray *out, gsize entry, const IeExifField *field, const IeExifShape *shape, const guint64 *at)
{
  gsize word = shape->big_tiff ? 8 : 4, size, place = entry + 4 + word;
  const guint8 *value = g_bytes_get_data (field->value, &size);
  guint64 pointer = pointed (field, at);
  store (out->data + entry, 2, field->tag, shape->big_endian);
  store (out->data + entry + 2, 2, field->type, shape->big_endian);
  store (out->data + entry + 4, word, field->count, shape->big_endian);
  if (pointer) {
    store (out->data + place, word, pointer, shape->big_endian);
  } else if (size <= word) {
    memcpy (out->data + place, value, size);
  } else {
    store (out->data + place, word, shape->base + out->len, shape->big_endian);
    g_byte_array_append (out, value, (guint) size);
    if (out->len & 1)
      g_byte_array_append (out, (const guint8 *) "", 1);
  }
}

/* Whether the value is stored outside its entry. */
static gboolean
is_outside (const IeExifField *field, const IeExifShape *shape)
{
  return g_bytes_get_size (field->value) > (shape->big_tiff ? 8 : 4);
}

static gboolean
is_note (const IeExifField *field)
{
  return field->directory == IE_EXIF_PHOTO && field->tag == IE_TAG_MAKER_NOTE;
}

/* Where the directories begin, and the maker note: behind all the rest when there is room before its place, else before
 * it; anywhere (0) when it has no place, or too far a one. */
static gsize
choose_start (const GArray *fields, const IeExifShape *shape, gsize directories, guint64 *note_at)
{
  guint64 rest = shape->base + directories;
  const IeExifField *note = NULL;
  for (guint i = 0; i < fields->len; i++) {
    const IeExifField *field = &g_array_index (fields, IeExifField, i);
    if (is_note (field))
      note = field;
    else if (is_outside (field, shape))
      rest += (g_bytes_get_size (field->value) + 1) & ~(gsize) 1;
  }
  gboolean placed = note && is_outside (note, shape) && shape->note_at >= shape->base &&
                    shape->note_at - shape->base <= MOST_GAP + (rest - shape->base);
  *note_at = placed ? shape->note_at : 0;
  if (!placed || shape->note_at >= rest)
    return 0;
  return (gsize) (shape->note_at - shape->base + g_bytes_get_size (note->value) + 1) & ~(gsize) 1;
}

/* Puts the maker note at its place and points its entry there. */
static void
place_note (GByteArray *out, gsize entry, const IeExifField *field, const IeExifShape *shape, guint64 note_at)
{
  gsize word = shape->big_tiff ? 8 : 4, size, at = (gsize) (note_at - shape->base), old = out->len;
  const guint8 *value = g_bytes_get_data (field->value, &size);
  if (old < at + size) {
    g_byte_array_set_size (out, (guint) (at + size));
    memset (out->data + old, 0, at + size - old);
  }
  memcpy (out->data + at, value, size);
  store (out->data + entry + 2, 2, field->type, shape->big_endian);
  store (out->data + entry, 2, field->tag, shape->big_endian);
  store (out->data + entry + 4, word, field->count, shape->big_endian);
  store (out->data + entry + 4 + word, word, note_at, shape->big_endian);
}

static gsize
entry_bytes (const IeExifShape *shape)
{
  return shape->big_tiff ? 20 : 12;
}

/* Offsets of the directories when they begin at `start`; gives the bytes that they take. */
static gsize
place_directories (const GArray *fields, const IeExifShape *shape, gsize start, guint64 *places)
{
  gsize number = shape->big_tiff ? 8 : 2, next = shape->big_tiff ? 8 : 4, size = 0;
  for (int d = 0; d < IE_EXIF_DIRECTORIES; d++) {
    guint count = count_in (fields, (IeExifDirectory) d);
    places[d] = count > 0 ? shape->base + start + size : 0;
    size += count > 0 ? number + entry_bytes (shape) * count + next : 0;
  }
  return size;
}

GByteArray *
ie_exif_build (GArray *fields, const IeExifShape *shape, guint64 at[IE_EXIF_DIRECTORIES])
{
  guint64 places[IE_EXIF_DIRECTORIES], note_at;
  gsize number = shape->big_tiff ? 8 : 2, entry = 0, note_entry = 0;
  const IeExifField *note = NULL;
  tidy (fields);
  add_pointers (fields, shape, count_in (fields, IE_EXIF_IMAGE) > 0);
  gsize size = place_directories (fields, shape, 0, places);
  gsize start = choose_start (fields, shape, size, &note_at);
  place_directories (fields, shape, start, places);
  GByteArray *out = g_byte_array_new ();
  g_byte_array_set_size (out, (guint) (start + size));
  if (out->len > 0)
    memset (out->data, 0, out->len);
  for (guint i = 0; i < fields->len; i++) {
    const IeExifField *field = &g_array_index (fields, IeExifField, i);
    if (i == 0 || field[-1].directory != field->directory) {
      entry = (gsize) (places[field->directory] - shape->base);
      store (out->data + entry, number, count_in (fields, field->directory), shape->big_endian);
      entry += number;
    }
    if (note_at && is_note (field)) {
      note = field;
      note_entry = entry;
    } else
      write_field (out, entry, field, shape, places);
    entry += entry_bytes (shape);
  }
  if (note)
    place_note (out, note_entry, note, shape, note_at); /* last, for what comes after it must not be in its place */
  if (at)
    memcpy (at, places, sizeof places);
  return out;
}

GBytes *
ie_exif_build_block (GArray *fields, gboolean big_endian, guint64 note_at)
{
  IeExifShape shape = { big_endian, FALSE, HEADER_BYTES, note_at };
  guint64 at[IE_EXIF_DIRECTORIES];
  /* The first directory must be there to hold the pointers. */
  if (count_in (fields, IE_EXIF_IMAGE) == 0)
    ie_exif_fields_add (fields, IE_EXIF_IMAGE, IE_TAG_ORIENTATION, IE_EXIF_SHORT, 1,
                        big_endian ? "\0\1" : "\1\0", FALSE);
  GByteArray *body = ie_exif_build (fields, &shape, at);
  guint8 header[HEADER_BYTES];
  memcpy (header, big_endian ? "MM\0*" : "II*\0", 4);
  store (header + 4, 4, at[IE_EXIF_IMAGE], big_endian);
  g_byte_array_prepend (body, header, HEADER_BYTES);
  return g_byte_array_free_to_bytes (body);
}
