// SPDX-License-Identifier: GPL-3.0-or-later
/* Layout: TIFF 6.0, section 2; BigTIFF: Adobe Photoshop TIFF technical notes and libtiff's "The BigTIFF file format". */
#include "imageio/tiff/exif.h"
#include "core/i18n.h"
#include "imageio/metadata/exif.h"
#include "imageio/internal.h"

#include <stdio.h>

#define MOST_BYTES (16 << 20) /* of all values */
#define MOST_ENTRIES 2048     /* of all directories */
#define TYPE_LONG8 16
#define TYPE_IFD8 18
#define CLASSIC_MOST G_GUINT64_CONSTANT (0xfffffff0)

/* Tags of a page's directory that belong to the picture and not to how it is stored, and that stay right in a picture
 * of the same content: TIFF 6.0 and Exif 2.32; Microsoft's XP tags and ratings; GeoTIFF 1.1; GDAL. */
static const guint16 descriptive[] = {
  0x010d, /* DocumentName */    0x010e, /* ImageDescription */ 0x010f, /* Make */        0x0110, /* Model */
  0x011d, /* PageName */        0x0131, /* Software */         0x0132, /* DateTime */    0x013b, /* Artist */
  0x013c, /* HostComputer */    0x4746, /* Rating */           0x4749, /* RatingPercent */
  0x8298, /* Copyright */       0x830e, /* ModelPixelScale */  0x8482, /* ModelTiepoint */
  0x85d8, /* ModelTransformation */                            0x87af, /* GeoKeyDirectory */
  0x87b0, /* GeoDoubleParams */ 0x87b1, /* GeoAsciiParams */
  0x9c9b, /* XPTitle */         0x9c9c, /* XPComment */        0x9c9d, /* XPAuthor */
  0x9c9e, /* XPKeywords */      0x9c9f, /* XPSubject */
  0xa480, /* GDAL_METADATA */   0xa481, /* GDAL_NODATA */      0xc4a5, /* PrintImageMatching */
};
/* Tags that come along into a block where others do, but are the page's own in a TIFF. */
static const guint16 of_the_page[] = { IE_TAG_ORIENTATION, IE_TAG_X_RESOLUTION, IE_TAG_Y_RESOLUTION,
                                       IE_TAG_RESOLUTION_UNIT };

static gboolean
is_among (guint tag, const guint16 *tags, gsize count)
{
  for (gsize i = 0; i < count; i++)
    if (tags[i] == tag)
      return TRUE;
  return FALSE;
}

#define IS_AMONG(tag, tags) is_among (tag, tags, G_N_ELEMENTS (tags))

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

typedef struct {
  TIFF *tiff;
  gboolean big_endian, big_tiff;
  GArray *fields;
  gsize bytes, entries; /* taken so far */
  guint64 photo, gps, interop, note_at;
} Reader;

static gboolean
read_at (const Reader *reader, guint64 offset, void *data, gsize size)
{
  thandle_t handle = TIFFClientdata (reader->tiff);
  return TIFFGetSeekProc (reader->tiff) (handle, offset, SEEK_SET) == offset &&
         TIFFGetReadProc (reader->tiff) (handle, data, (tmsize_t) size) == (tmsize_t) size;
}

static guint64
number (const Reader *reader, const guint8 *bytes, gsize count)
{
  guint64 value = 0;
  for (gsize i = 0; i < count; i++)
    value = value << 8 | bytes[reader->big_endian ? i : count - 1 - i];
  return value;
}

static void
take_value (Reader *reader, IeExifDirectory directory, guint16 tag, guint16 type, guint64 count, const guint8 *inside)
{
  guint64 bytes = count * ie_exif_type_bytes (type), word = reader->big_tiff ? 8 : 4;
  if (bytes == 0 || count > MOST_BYTES || bytes > MOST_BYTES - reader->bytes)
    return;
  guint8 *value = g_malloc (bytes);
  gboolean good = TRUE;
  if (bytes <= word)
    memcpy (value, inside, bytes);
  else
    good = read_at (reader, number (reader, inside, word), value, bytes);
  if (directory == IE_EXIF_PHOTO && tag == IE_TAG_MAKER_NOTE && bytes > word)
    reader->note_at = number (reader, inside, word);
  if (good) {
    ie_exif_fields_add (reader->fields, directory, tag, type, (guint32) count, value, FALSE);
    reader->bytes += bytes;
  }
  g_free (value);
}

static void
take_entry (Reader *reader, IeExifDirectory directory, const guint8 *entry)
{
  gsize word = reader->big_tiff ? 8 : 4;
  guint16 tag = (guint16) number (reader, entry, 2), type = (guint16) number (reader, entry + 2, 2);
  guint64 count = number (reader, entry + 4, word);
  const guint8 *inside = entry + 4 + word;
  gboolean image = directory == IE_EXIF_IMAGE;
  gsize pointer = type == TYPE_LONG8 || type == TYPE_IFD8 ? 8 : 4;
  guint64 *pointed = image && tag == IE_TAG_PHOTO                             ? &reader->photo
                     : image && tag == IE_TAG_GPS                             ? &reader->gps
                     : directory == IE_EXIF_PHOTO && tag == IE_TAG_INTEROP ? &reader->interop
                                                                             : NULL;
  if (pointed)
    *pointed = pointer <= word ? number (reader, inside, pointer) : 0;
  else if (!image || IS_AMONG (tag, descriptive) || IS_AMONG (tag, of_the_page))
    take_value (reader, directory, tag, type, count, inside);
}

static void
take_directory (Reader *reader, IeExifDirectory directory, guint64 offset)
{
  gsize head = reader->big_tiff ? 8 : 2, step = reader->big_tiff ? 20 : 12;
  guint8 count_bytes[8];
  if (offset == 0 || !read_at (reader, offset, count_bytes, head))
    return;
  guint64 count = MIN (number (reader, count_bytes, head), MOST_ENTRIES - reader->entries);
  guint8 *entries = g_malloc (step * count + 1);
  /* A directory that the file's end cuts off gives nothing. */
  if (count > 0 && read_at (reader, offset + head, entries, step * count))
    for (guint64 i = 0; i < count; i++)
      take_entry (reader, directory, entries + step * i);
  reader->entries += count;
  g_free (entries);
}

static gboolean
has_something (const GArray *fields)
{
  for (guint i = 0; i < fields->len; i++) {
    const IeExifField *field = &g_array_index (fields, IeExifField, i);
    if (field->directory != IE_EXIF_IMAGE || IS_AMONG (field->tag, descriptive))
      return TRUE;
  }
  return FALSE;
}

GBytes *
ie_tiff_exif_read (TIFF *tiff)
{
  Reader reader = { .tiff = tiff, .big_endian = TIFFIsBigEndian (tiff) != 0, .fields = ie_exif_fields_new () };
  guint8 version[2];
  guint64 position = TIFFGetSeekProc (tiff) (TIFFClientdata (tiff), 0, SEEK_CUR);
  if (read_at (&reader, 2, version, 2)) {
    reader.big_tiff = number (&reader, version, 2) == 43;
    take_directory (&reader, IE_EXIF_IMAGE, TIFFCurrentDirOffset (tiff));
    take_directory (&reader, IE_EXIF_PHOTO, reader.photo);
    take_directory (&reader, IE_EXIF_GPS, reader.gps);
    take_directory (&reader, IE_EXIF_INTEROP, reader.interop);
  }
  TIFFGetSeekProc (tiff) (TIFFClientdata (tiff), position, SEEK_SET);
  GBytes *block = has_something (reader.fields) ? ie_exif_build_block (reader.fields, reader.big_endian,
                                                                         reader.note_at)
                                                  : NULL;
  g_array_unref (reader.fields);
  return block;
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

/* A tag that this libtiff does not know can be written once it has been described. */
static const TIFFField *
describe (TIFF *tiff, const IeExifField *field)
{
  const TIFFField *known = TIFFFindField (tiff, field->tag, TIFF_ANY);
  char name[24];
  if (known)
    return known;
  g_snprintf (name, sizeof name, "Tag %u", field->tag);
  /* libtiff keeps the name's address as long as the file is open. */
  TIFFFieldInfo info = { field->tag, TIFF_VARIABLE2, TIFF_VARIABLE2, (TIFFDataType) field->type, FIELD_CUSTOM, 1, 1,
                         (char *) g_intern_string (name) };
  return TIFFMergeFieldInfo (tiff, &info, 1) == 0 ? TIFFFindField (tiff, field->tag, TIFF_ANY) : NULL;
}

/* Fields are in the machine's byte order. */
static gboolean
set_descriptive (TIFF *tiff, const IeExifField *field)
{
  const TIFFField *known = describe (tiff, field);
  gconstpointer value = g_bytes_get_data (field->value, NULL);
  if (!known)
    return TRUE; /* left out, as the page's own tags are none of ours */
  int counted = TIFFFieldPassCount (known), wide = TIFFFieldWriteCount (known) == TIFF_VARIABLE2;
  if (!counted && TIFFFieldDataType (known) == TIFF_ASCII) {
    char *text = g_strndup (value, field->count); /* ended by zero, also where the block's is not */
    gboolean set = TIFFSetField (tiff, field->tag, text) == 1;
    g_free (text);
    return set;
  }
  if (!counted || TIFFFieldDataType (known) != (TIFFDataType) field->type)
    return TRUE;
  return (wide ? TIFFSetField (tiff, field->tag, field->count, value)
               : TIFFSetField (tiff, field->tag, (int) MIN (field->count, 0xffff), value)) == 1;
}

static gboolean
fail (GError **error, const char *text)
{
  if (error && !*error)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, text);
  return FALSE;
}

/* TIFFIsBigTIFF() compares the header as it lies in memory, which is wrong while a file of the other byte order is being
 * written (libtiff 4.5): what is in the file counts. */
static gboolean
is_big_tiff (TIFF *tiff, gboolean big_endian)
{
  Reader reader = { .tiff = tiff, .big_endian = big_endian };
  guint8 version[2];
  return read_at (&reader, 2, version, 2) ? number (&reader, version, 2) == 43 : TIFFIsBigTIFF (tiff) != 0;
}

/* Writes the directories that are not the page's own to the file's end, and points at them. */
static gboolean
write_directories (TIFF *tiff, GArray *fields, gboolean big_endian, guint64 note_at, GError **error)
{
  thandle_t handle = TIFFClientdata (tiff);
  TIFFSeekProc seek = TIFFGetSeekProc (tiff);
  guint64 at[IE_EXIF_DIRECTORIES], position = seek (handle, 0, SEEK_CUR), end = seek (handle, 0, SEEK_END);
  IeExifShape shape = { big_endian, is_big_tiff (tiff, big_endian), (end + 1) & ~(guint64) 1, note_at };
  GByteArray *bytes = ie_exif_build (fields, &shape, at);
  gboolean fits = shape.big_tiff || shape.base + bytes->len < CLASSIC_MOST;
  gboolean good = fits && seek (handle, shape.base, SEEK_SET) == shape.base &&
                  TIFFGetWriteProc (tiff) (handle, bytes->data, (tmsize_t) bytes->len) == (tmsize_t) bytes->len;
  g_byte_array_unref (bytes);
  seek (handle, position, SEEK_SET);
  if (!good)
    return fail (error, _ ("cannot write the EXIF directories of TIFF"));
  if (at[IE_EXIF_PHOTO] && !TIFFSetField (tiff, TIFFTAG_EXIFIFD, at[IE_EXIF_PHOTO]))
    return fail (error, _ ("cannot write the EXIF pointer of TIFF"));
  if (at[IE_EXIF_GPS] && !TIFFSetField (tiff, TIFFTAG_GPSIFD, at[IE_EXIF_GPS]))
    return fail (error, _ ("cannot write the GPS pointer of TIFF"));
  return TRUE;
}

static gboolean
is_big_endian (TIFF *tiff)
{
  /* A file being written is in the machine's order unless libtiff swaps. */
  return (G_BYTE_ORDER == G_BIG_ENDIAN) != (TIFFIsByteSwapped (tiff) != 0);
}

gboolean
ie_tiff_exif_write (TIFF *tiff, GBytes *exif, GError **error)
{
  IeExif block;
  gsize size;
  gconstpointer data = g_bytes_get_data (exif, &size);
  gboolean good = TRUE, to_big = is_big_endian (tiff), machine = G_BYTE_ORDER == G_BIG_ENDIAN;
  guint64 note_at = 0;
  GArray *others = ie_exif_fields_new (), *own = ie_exif_fields_new ();
  if (ie_exif_parse (&block, data, size))
    for (guint i = 0; i < block.entries->len; i++) {
      const IeExifEntry *entry = &g_array_index (block.entries, IeExifEntry, i);
      gboolean image = entry->directory == IE_EXIF_IMAGE;
      if (entry->directory == IE_EXIF_THUMBNAIL || (image && !IS_AMONG (entry->tag, descriptive)))
        continue;
      if (entry->directory == IE_EXIF_PHOTO && entry->tag == IE_TAG_MAKER_NOTE)
        note_at = entry->value;
      ie_exif_fields_add (image ? own : others, entry->directory, entry->tag, entry->type, entry->count,
                          block.data + entry->value, block.big_endian != (image ? machine : to_big));
    }
  ie_exif_clear (&block);
  for (guint i = 0; good && i < own->len; i++)
    good = set_descriptive (tiff, &g_array_index (own, IeExifField, i)) || fail (error, _ ("cannot write a descriptive "
                                                                                           "tag of TIFF"));
  if (good && others->len > 0)
    good = write_directories (tiff, others, to_big, note_at, error);
  g_array_unref (own);
  g_array_unref (others);
  return good;
}
