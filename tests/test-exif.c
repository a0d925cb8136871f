// SPDX-License-Identifier: GPL-3.0-or-later
/* EXIF blocks in memory: reading, edits that move nothing, hostile bytes; and their way through TIFF files. */
#include "imageio/metadata/exif.h"
#include "imageio/internal.h"
#include "imageio/metadata/metadata.h"
#include "imageio/tiff/exif.h"
#include "tests/pictures.h"

#define MAKER_NOTE "TESTNOTE with some bytes in it"
#define LOOP_ROUNDS 20000

static void
add (GArray *fields, IeExifDirectory directory, guint16 tag, guint16 type, guint32 count, const void *value,
     gboolean big_endian)
{
  ie_exif_fields_add (fields, directory, tag, type, count, value, big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN));
}

static guint64 note_place; /* asked of the next block; 0: anywhere */

/* A block with all directories but the thumbnail's. */
static GBytes *
make_block (gboolean big_endian)
{
  GArray *fields = ie_exif_fields_new ();
  add (fields, IE_EXIF_IMAGE, 0x010f, IE_EXIF_ASCII, 7, "Camera", big_endian);
  add (fields, IE_EXIF_IMAGE, 0x0131, IE_EXIF_ASCII, 4, "Fox", big_endian);
  add (fields, IE_EXIF_IMAGE, IE_TAG_X_RESOLUTION, IE_EXIF_RATIONAL, 1, (guint32[]){ 600, 2 }, big_endian);
  add (fields, IE_EXIF_IMAGE, IE_TAG_Y_RESOLUTION, IE_EXIF_RATIONAL, 1, (guint32[]){ 600, 2 }, big_endian);
  add (fields, IE_EXIF_IMAGE, IE_TAG_RESOLUTION_UNIT, IE_EXIF_SHORT, 1, (guint16[]){ 2 }, big_endian);
  add (fields, IE_EXIF_PHOTO, 0x829a, IE_EXIF_RATIONAL, 1, (guint32[]){ 10, 2500 }, big_endian);
  add (fields, IE_EXIF_PHOTO, 0x9003, IE_EXIF_ASCII, 20, "2021:03:04 05:06:07", big_endian);
  add (fields, IE_EXIF_PHOTO, IE_TAG_MAKER_NOTE, IE_EXIF_UNDEFINED, sizeof MAKER_NOTE, MAKER_NOTE, big_endian);
  add (fields, IE_EXIF_PHOTO, IE_TAG_PIXEL_WIDTH, IE_EXIF_SHORT, 1, (guint16[]){ 640 }, big_endian);
  add (fields, IE_EXIF_PHOTO, IE_TAG_PIXEL_HEIGHT, IE_EXIF_LONG, 1, (guint32[]){ 480 }, big_endian);
  add (fields, IE_EXIF_PHOTO, 0xfde8, IE_EXIF_DOUBLE, 1, (double[]){ 1.25 }, big_endian); /* of no standard */
  add (fields, IE_EXIF_GPS, 2, IE_EXIF_RATIONAL, 3, (guint32[]){ 51, 1, 30, 1, 1234, 100 }, big_endian);
  add (fields, IE_EXIF_INTEROP, 1, IE_EXIF_ASCII, 4, "R98", big_endian);
  GBytes *block = ie_exif_build_block (fields, big_endian, note_place);
  g_array_unref (fields);
  return block;
}

/* The same with a thumbnail directory and `size` bytes of a thumbnail at its end. */
static GBytes *
add_thumbnail (GBytes *block, gboolean big_endian, gsize size)
{
  GByteArray *bytes = g_byte_array_new ();
  gsize length;
  const guint8 *data = g_bytes_get_data (block, &length);
  g_byte_array_append (bytes, data, (guint) length);
  IeExif exif;
  g_assert_true (ie_exif_parse (&exif, data, length));
  gsize next = exif.at[IE_EXIF_IMAGE] + 2 + 12 * (gsize) exif.listed[IE_EXIF_IMAGE];
  ie_exif_clear (&exif);
  IeExifShape shape = { big_endian, FALSE, length };
  GArray *fields = ie_exif_fields_new ();
  /* Laid out as a GPS directory, which nothing points at, so that it stays alone. */
  add (fields, IE_EXIF_GPS, IE_TAG_COMPRESSION, IE_EXIF_SHORT, 1, (guint16[]){ 6 }, big_endian);
  add (fields, IE_EXIF_GPS, IE_TAG_THUMBNAIL_OFFSET, IE_EXIF_LONG, 1, (guint32[]){ (guint32) length + 42 }, big_endian);
  add (fields, IE_EXIF_GPS, IE_TAG_THUMBNAIL_BYTES, IE_EXIF_LONG, 1, (guint32[]){ (guint32) size }, big_endian);
  GByteArray *directory = ie_exif_build (fields, &shape, NULL);
  g_assert_cmpuint (directory->len, ==, 42);
  g_byte_array_append (bytes, directory->data, directory->len);
  for (int i = 0; i < 4; i++)
    bytes->data[next + (gsize) i] = (guint8) (length >> 8 * (big_endian ? 3 - i : i));
  guint8 *pixels = g_malloc (size);
  memset (pixels, 0xd8, size);
  g_byte_array_append (bytes, pixels, (guint) size);
  g_free (pixels);
  g_byte_array_unref (directory);
  g_array_unref (fields);
  return g_byte_array_free_to_bytes (bytes);
}

static double
value_in (GBytes *block, IeExifDirectory directory, guint tag)
{
  IeExif exif;
  gsize size;
  gconstpointer data = g_bytes_get_data (block, &size);
  g_assert_true (ie_exif_parse (&exif, data, size));
  const IeExifEntry *entry = ie_exif_find (&exif, directory, tag);
  double value = entry ? ie_exif_number (&exif, entry, 0) : -1;
  ie_exif_clear (&exif);
  return value;
}

/* Offset of the maker note, whose bytes are right. */
static gsize
note_at (GBytes *block)
{
  IeExif exif;
  gsize size;
  gconstpointer data = g_bytes_get_data (block, &size);
  g_assert_true (ie_exif_parse (&exif, data, size));
  const IeExifEntry *entry = ie_exif_find (&exif, IE_EXIF_PHOTO, IE_TAG_MAKER_NOTE);
  g_assert_nonnull (entry);
  g_assert_cmpmem (exif.data + entry->value, entry->bytes, MAKER_NOTE, sizeof MAKER_NOTE);
  gsize at = entry->value;
  ie_exif_clear (&exif);
  return at;
}

static void
test_reading (void)
{
  for (int big = 0; big < 2; big++) {
    GBytes *block = make_block (big);
    IeMetadata metadata = { .exif = block };
    ie_metadata_from_exif (&metadata);
    g_assert_cmpfloat (metadata.x_resolution, ==, 300);
    g_assert_cmpint (metadata.orientation, ==, 0);
    g_assert_cmpfloat (value_in (block, IE_EXIF_PHOTO, 0x829a), ==, 10.0 / 2500);
    g_assert_cmpfloat (value_in (block, IE_EXIF_PHOTO, 0xfde8), ==, 1.25);
    g_assert_cmpfloat (value_in (block, IE_EXIF_GPS, 2), ==, 51);
    g_assert_cmpfloat (value_in (block, IE_EXIF_PHOTO, IE_TAG_PIXEL_HEIGHT), ==, 480);
    note_at (block);
    g_bytes_unref (block);
  }
}

/* A maker note goes where it is asked to stand, before or behind the rest, unless that is too far. */
static void
test_note_place (void)
{
  static const guint64 places[] = { 8, 10, 137, 600, 9001, 70000, 10000000 };
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++) {
    note_place = places[i];
    GBytes *block = make_block (i & 1);
    note_place = 0;
    g_assert_cmpint (note_at (block) == places[i], ==, i < 5);
    g_assert_cmpfloat (value_in (block, IE_EXIF_PHOTO, IE_TAG_PIXEL_HEIGHT), ==, 480);
    g_assert_cmpfloat (value_in (block, IE_EXIF_PHOTO, 0xfde8), ==, 1.25);
    g_assert_cmpfloat (value_in (block, IE_EXIF_GPS, 2), ==, 51);
    g_assert_cmpuint (g_bytes_get_size (block), <, 12000);
    g_bytes_unref (block);
  }
}

static void
test_edits (void)
{
  for (int big = 0; big < 2; big++) {
    GBytes *block = make_block (big);
    IeExifEdit edit;
    g_assert_true (ie_exif_edit_begin (&edit, block));
    g_assert_false (ie_exif_set_integer (&edit, IE_EXIF_PHOTO, IE_TAG_PIXEL_WIDTH, 640));
    g_assert_false (ie_exif_set_rational (&edit, IE_EXIF_IMAGE, IE_TAG_X_RESOLUTION, 300.4, 0.5));
    GBytes *same = ie_exif_edit_end (&edit);
    g_assert_true (same == block); /* the very blob */
    g_bytes_unref (same);

    g_assert_true (ie_exif_edit_begin (&edit, block));
    g_assert_true (ie_exif_set_integer (&edit, IE_EXIF_PHOTO, IE_TAG_PIXEL_WIDTH, 100000));
    g_assert_true (ie_exif_set_rational (&edit, IE_EXIF_IMAGE, IE_TAG_X_RESOLUTION, 72.009, 0));
    g_assert_true (ie_exif_set_orientation (&edit, 6));
    GBytes *changed = ie_exif_edit_end (&edit);
    g_assert_cmpfloat (value_in (changed, IE_EXIF_PHOTO, IE_TAG_PIXEL_WIDTH), ==, 100000);
    g_assert_cmpfloat_with_epsilon (value_in (changed, IE_EXIF_IMAGE, IE_TAG_X_RESOLUTION), 72.009, 1e-4);
    g_assert_cmpfloat (value_in (changed, IE_EXIF_IMAGE, IE_TAG_ORIENTATION), ==, 6);
    g_assert_cmpfloat (value_in (changed, IE_EXIF_GPS, 2), ==, 51);
    g_assert_cmpuint (note_at (changed), ==, note_at (block)); /* its offsets stay right */
    g_bytes_unref (changed);
    g_bytes_unref (block);
  }
}

static void
test_thumbnail (void)
{
  for (int big = 0; big < 2; big++) {
    GBytes *bare = make_block (big), *block = add_thumbnail (bare, big, 5000);
    GBytes *jpeg = g_bytes_new_static ("\xff\xd8 new \xff\xd9", 9);
    IeExifEdit edit;
    g_assert_true (ie_exif_edit_begin (&edit, block));
    g_assert_cmpint (ie_exif_thumbnail_kind (&edit.exif), >, 0);
    ie_exif_reserve_thumbnail (&edit, 3000);
    GBytes *reserved = ie_exif_edit_end (&edit);
    /* The old pixels ended the block, so they are cut off. */
    g_assert_cmpuint (g_bytes_get_size (reserved), ==, g_bytes_get_size (block) - 5000 + 3000);
    g_assert_cmpfloat (value_in (reserved, IE_EXIF_THUMBNAIL, IE_TAG_THUMBNAIL_BYTES), ==, 3000);

    g_assert_true (ie_exif_edit_begin (&edit, reserved));
    ie_exif_fill_thumbnail (&edit, 3000, jpeg, 160, 120);
    GBytes *filled = ie_exif_edit_end (&edit);
    gsize size, at = (gsize) value_in (filled, IE_EXIF_THUMBNAIL, IE_TAG_THUMBNAIL_OFFSET);
    const guint8 *data = g_bytes_get_data (filled, &size);
    g_assert_cmpuint (size, ==, g_bytes_get_size (reserved));
    g_assert_cmpfloat (value_in (filled, IE_EXIF_THUMBNAIL, IE_TAG_THUMBNAIL_BYTES), ==, 9);
    g_assert_cmpmem (data + at, 9, "\xff\xd8 new \xff\xd9", 9);
    g_assert_cmpuint (note_at (filled), ==, note_at (block));

    g_assert_true (ie_exif_edit_begin (&edit, block));
    ie_exif_remove_thumbnail (&edit);
    GBytes *removed = ie_exif_edit_end (&edit);
    g_assert_cmpfloat (value_in (removed, IE_EXIF_THUMBNAIL, IE_TAG_THUMBNAIL_OFFSET), ==, -1);
    g_assert_null (memmem (g_bytes_get_data (removed, NULL), g_bytes_get_size (removed), "\xd8\xd8\xd8\xd8", 4));
    g_assert_cmpuint (note_at (removed), ==, note_at (block));
    GBytes *all[] = { bare, block, jpeg, reserved, filled, removed };
    for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
      g_bytes_unref (all[i]);
  }
}

/* ---- TIFF -------------------------------------------------------------------------------------------------------- */

static GBytes *
through_tiff (GBytes *block, const char *mode)
{
  char *path = place ("exif.tif");
  GError *error = NULL;
  guint8 row[8] = { 0 };
  TIFF *tiff = TIFFOpen (path, mode);
  g_assert_nonnull (tiff);
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, 8);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, 1);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  ie_tiff_exif_write (tiff, block, &error);
  g_assert_no_error (error);
  g_assert_cmpint (TIFFWriteEncodedStrip (tiff, 0, row, 8), ==, 8);
  TIFFClose (tiff);
  tiff = TIFFOpen (path, "r");
  g_assert_nonnull (tiff);
  g_assert_cmpint (TIFFReadEncodedStrip (tiff, 0, row, 8), ==, 8);
  GBytes *read = ie_tiff_exif_read (tiff);
  TIFFClose (tiff);
  g_free (path);
  return read;
}

static void
test_tiff (void)
{
  static const char *const modes[] = { "w", "w8", "wb", "wb8" };
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (modes); i++) {
    GBytes *block = make_block (i & 1), *after = through_tiff (block, modes[i / 2]);
    IeExif first, second;
    gsize size;
    g_assert_nonnull (after);
    g_assert_cmpuint (note_at (after), ==, note_at (block)); /* through the file, at the same offset */
    gconstpointer data = g_bytes_get_data (block, &size);
    g_assert_true (ie_exif_parse (&first, data, size));
    data = g_bytes_get_data (after, &size);
    g_assert_true (ie_exif_parse (&second, data, size));
    for (guint e = 0; e < first.entries->len; e++) {
      const IeExifEntry *was = &g_array_index (first.entries, IeExifEntry, e);
      const IeExifEntry *is = ie_exif_find (&second, was->directory, was->tag);
      if (was->tag == IE_TAG_PHOTO || was->tag == IE_TAG_GPS || was->tag == IE_TAG_INTEROP ||
          (was->directory == IE_EXIF_IMAGE && (was->tag == IE_TAG_X_RESOLUTION || was->tag == IE_TAG_Y_RESOLUTION ||
                                               was->tag == IE_TAG_RESOLUTION_UNIT)))
        continue; /* offsets; and what the page tells */
      g_test_message ("%s: directory %d, tag %04x", modes[i / 2], was->directory, was->tag);
      g_assert_nonnull (is);
      g_assert_cmpuint (is->type, ==, was->type);
      g_assert_cmpuint (is->count, ==, was->count);
      if (first.big_endian == second.big_endian || ie_exif_type_bytes (was->type) == 1)
        g_assert_cmpmem (second.data + is->value, is->bytes, first.data + was->value, was->bytes);
      for (guint32 n = 0; n < was->count; n++)
        g_assert_cmpfloat (ie_exif_number (&second, is, n), ==, ie_exif_number (&first, was, n));
    }
    ie_exif_clear (&first);
    ie_exif_clear (&second);
    g_bytes_unref (after);
    g_bytes_unref (block);
  }
}

/* ---- Hostile bytes ----------------------------------------------------------------------------------------------- */

/* All that is ever done with a block; reports of sanitizers and crashes are what is looked for. */
static void
torture (const guint8 *data, gsize size)
{
  GBytes *block = g_bytes_new (data, size), *jpeg = g_bytes_new_static ("\xff\xd8\xff\xd9", 4);
  IeMetadata metadata = { .exif = block };
  IeExifEdit edit;
  ie_metadata_from_exif (&metadata);
  ie_exif_maker_note_is_bound (block);
  gboolean good = ie_exif_edit_begin (&edit, block);
  if (good) {
    g_assert_cmpuint (edit.exif.entries->len, <=, 2048);
    ie_exif_set_orientation (&edit, g_test_rand_int_range (1, 9));
    ie_exif_set_rational (&edit, IE_EXIF_IMAGE, IE_TAG_X_RESOLUTION, 99.5, 0.1);
    ie_exif_set_integer (&edit, IE_EXIF_PHOTO, IE_TAG_PIXEL_WIDTH, 70000);
    if (ie_exif_thumbnail_kind (&edit.exif) > 0) {
      gsize room = (gsize) g_test_rand_int_range (4, 100);
      ie_exif_reserve_thumbnail (&edit, room);
      ie_exif_fill_thumbnail (&edit, room, g_test_rand_bit () ? jpeg : NULL, 16, 16);
    } else
      ie_exif_remove_thumbnail (&edit);
  }
  GBytes *result = ie_exif_edit_end (&edit);
  g_assert_true (good || result == block);
  g_assert_cmpuint (g_bytes_get_size (result), <, size + 30000);
  g_bytes_unref (result);
  g_bytes_unref (jpeg);
  g_bytes_unref (block);
}

static void
test_hostile (void)
{
  static const struct {
    const char *bytes;
    gsize size;
  } blocks[] = {
#define BLOCK(text) { text, sizeof text - 1 }
    BLOCK (""),
    BLOCK ("II*\0"),
    BLOCK ("II*\0\xff\xff\xff\xff\0\0\0\0\0\0"),                    /* directory beyond the end */
    BLOCK ("II*\0\x08\0\0\0\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0"),        /* far more entries than bytes */
    BLOCK ("II*\0\x08\0\0\0\0\0\x08\0\0\0"),                         /* next directory: itself */
    BLOCK ("MM\0*\0\0\0\x08\0\1\x87\x69\0\4\0\0\0\1\0\0\0\x08\0\0\0\x08"), /* EXIF directory: the first again */
    BLOCK ("MM\0*\0\0\0\x08\0\1\x01\x1a\0\5\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0"), /* count and offset at their most */
    BLOCK ("MM\0*\0\0\0\x08\0\1\x01\x1a\0\5\0\0\0\1\0\0\0\x1b\0\0\0\0"), /* a value that ends after the end */
    BLOCK ("MM\0*\0\0\0\x00\0\1\x01\x1a\0\5\0\0\0\1\0\0\0\x1b\0\0\0\0"), /* directory on the header */
  };
  for (gsize i = 0; i < G_N_ELEMENTS (blocks); i++)
    torture ((const guint8 *) blocks[i].bytes, blocks[i].size);
}

/* Bits flipped, numbers made extreme, ends cut off. */
static void
test_flipped (void)
{
  for (int big = 0; big < 2; big++) {
    GBytes *bare = make_block (big), *block = add_thumbnail (bare, big, 64);
    gsize size;
    const guint8 *data = g_bytes_get_data (block, &size);
    guint8 *copy = g_malloc (size);
    for (int round = 0; round < LOOP_ROUNDS; round++) {
      memcpy (copy, data, size);
      for (int i = g_test_rand_int_range (1, 6); i > 0; i--) {
        gsize at = (gsize) g_test_rand_int_range (0, (gint32) size);
        if (g_test_rand_bit ())
          copy[at] ^= (guint8) (1 << g_test_rand_int_range (0, 8));
        else
          copy[at] = g_test_rand_bit () ? 0xff : 0;
      }
      torture (copy, g_test_rand_int_range (0, 4) ? size : (gsize) g_test_rand_int_range (0, (gint32) size + 1));
    }
    g_free (copy);
    g_bytes_unref (block);
    g_bytes_unref (bare);
  }
}

static void
ignore (const char *module, const char *format, va_list arguments)
{
}

/* The same for a TIFF's directories. */
static void
test_flipped_tiff (void)
{
  char *path = place ("exif.tif"), *contents;
  gsize size;
  GBytes *block = make_block (FALSE), *after = through_tiff (block, "w");
  g_bytes_unref (after);
  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  TIFFSetWarningHandler (ignore);
  TIFFSetErrorHandler (ignore);
  for (int round = 0; round < 1000; round++) {
    char *copy = g_memdup2 (contents, size);
    for (int i = g_test_rand_int_range (1, 6); i > 0; i--)
      copy[g_test_rand_int_range (8, (gint32) size)] ^= (char) (1 << g_test_rand_int_range (0, 8));
    put_contents (path, copy, size);
    TIFF *tiff = TIFFOpen (path, "r");
    GBytes *read = tiff ? ie_tiff_exif_read (tiff) : NULL;
    if (read) {
      torture (g_bytes_get_data (read, NULL), g_bytes_get_size (read));
      g_bytes_unref (read);
    }
    if (tiff)
      TIFFClose (tiff);
    g_free (copy);
  }
  g_bytes_unref (block);
  g_free (contents);
  g_free (path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exif/reading", test_reading);
  g_test_add_func ("/exif/note-place", test_note_place);
  g_test_add_func ("/exif/edits", test_edits);
  g_test_add_func ("/exif/thumbnail", test_thumbnail);
  g_test_add_func ("/exif/tiff", test_tiff);
  g_test_add_func ("/exif/hostile", test_hostile);
  g_test_add_func ("/exif/flipped", test_flipped);
  g_test_add_func ("/exif/flipped-tiff", test_flipped_tiff);
  return run_in_folder ();
}
