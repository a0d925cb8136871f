// SPDX-License-Identifier: GPL-3.0-or-later
/* EXIF blocks ("II*\0..." or "MM\0*...", without "Exif\0\0"), read and edited in memory.
 *
 * Edits never move what is there: values change in place, what is new goes to the end. So the offsets that maker notes
 * hold stay right, and all bytes that need no change stay as they are. Any bytes are safe: everything is looked for
 * within the block, each directory is visited once, and the number of entries is bounded.
 *
 * Layout: TIFF 6.0, section 2; tags: Exif 2.32 (CIPA DC-008), 4.6. One thread at a time.
 */
#pragma once

#include <glib.h>

/* IMAGE and THUMBNAIL are the first and second directory of the chain, the others hang below IMAGE and PHOTO. */
typedef enum {
  IE_EXIF_IMAGE,
  IE_EXIF_THUMBNAIL,
  IE_EXIF_PHOTO,
  IE_EXIF_GPS,
  IE_EXIF_INTEROP,
  IE_EXIF_DIRECTORIES
} IeExifDirectory;

enum {
  IE_EXIF_BYTE = 1,
  IE_EXIF_ASCII,
  IE_EXIF_SHORT,
  IE_EXIF_LONG,
  IE_EXIF_RATIONAL,
  IE_EXIF_SBYTE,
  IE_EXIF_UNDEFINED,
  IE_EXIF_SSHORT,
  IE_EXIF_SLONG,
  IE_EXIF_SRATIONAL,
  IE_EXIF_FLOAT,
  IE_EXIF_DOUBLE,
  IE_EXIF_IFD
};

enum {
  IE_TAG_WIDTH = 0x0100,
  IE_TAG_HEIGHT = 0x0101,
  IE_TAG_COMPRESSION = 0x0103,
  IE_TAG_STRIP_OFFSETS = 0x0111,
  IE_TAG_ORIENTATION = 0x0112,
  IE_TAG_STRIP_BYTES = 0x0117,
  IE_TAG_X_RESOLUTION = 0x011a,
  IE_TAG_Y_RESOLUTION = 0x011b,
  IE_TAG_RESOLUTION_UNIT = 0x0128,
  IE_TAG_THUMBNAIL_OFFSET = 0x0201,
  IE_TAG_THUMBNAIL_BYTES = 0x0202,
  IE_TAG_PHOTO = 0x8769,
  IE_TAG_GPS = 0x8825,
  IE_TAG_MAKER_NOTE = 0x927c,
  IE_TAG_PIXEL_WIDTH = 0xa002,
  IE_TAG_PIXEL_HEIGHT = 0xa003,
  IE_TAG_INTEROP = 0xa005,
};

typedef struct {
  IeExifDirectory directory;
  guint16 tag, type;
  guint32 count;
  gsize entry; /* offset of the 12 bytes of the entry */
  gsize value; /* offset of the value; all `bytes` of it lie in the block */
  gsize bytes;
} IeExifEntry;

typedef struct {
  const guint8 *data; /* borrowed */
  gsize size;
  gboolean big_endian;
  gsize at[IE_EXIF_DIRECTORIES];    /* offset of each directory; 0: absent */
  guint listed[IE_EXIF_DIRECTORIES]; /* entries whose 12 bytes lie in the block */
  GArray *entries;                  /* of IeExifEntry, those that can be read, in the order of the block */
  int unreadable;                   /* entries and directories that are not within the block, or of unknown type */
} IeExif;

/* FALSE when there is no such block. data is borrowed until ie_exif_clear(). */
gboolean ie_exif_parse (IeExif *exif, const void *data, gsize size);
void ie_exif_clear (IeExif *exif);

/* Borrowed; NULL: absent. */
const IeExifEntry *ie_exif_find (const IeExif *exif, IeExifDirectory directory, guint tag);
/* Bytes of one value of the type; 0: no such type. */
gsize ie_exif_type_bytes (guint type);
/* Value i of an entry of integers (signed ones as they are), floats or rationals; 0 for other types, and for x/0. */
double ie_exif_number (const IeExif *exif, const IeExifEntry *entry, guint32 i);
/* Unsigned integer of `bytes` (1..4) bytes at an offset; 0 where it does not lie in the block. */
guint32 ie_exif_at (const IeExif *exif, gsize offset, int bytes);

/* Whether a maker note's inner offsets count from the block's start, so that it is only right where it was. */
gboolean ie_exif_maker_note_is_bound (GBytes *block);

/* ---- Edits (exif-edit.c) ----------------------------------------------------------------------------------------- */

/* A block being edited: starts as a copy, which is made with the first change. */
typedef struct {
  GBytes *original;  /* owned */
  GByteArray *bytes; /* NULL: nothing changed */
  IeExif exif;       /* of what is there now */
} IeExifEdit;

/* FALSE when the block cannot be read. ie_exif_edit_end() in both cases. */
gboolean ie_exif_edit_begin (IeExifEdit *edit, GBytes *block);
/* The result: the original itself when nothing changed. g_bytes_unref(). */
GBytes *ie_exif_edit_end (IeExifEdit *edit);

/* Sets a single integer; TRUE when it was there, of an integer type, and different (and so the block changed). */
gboolean ie_exif_set_integer (IeExifEdit *edit, IeExifDirectory directory, guint tag, guint32 value);
/* The same for a RATIONAL, where the value differs by more than `tolerance`. */
gboolean ie_exif_set_rational (IeExifEdit *edit, IeExifDirectory directory, guint tag, double value, double tolerance);
/* Sets Orientation of the first directory, adding the entry where it is not there. TRUE when the block changed. */
gboolean ie_exif_set_orientation (IeExifEdit *edit, int orientation);

/* Longest side of the thumbnail where it is JPEG and can be made anew; 0: there is none; -1: one of another kind. */
int ie_exif_thumbnail_kind (const IeExif *exif);
/* Takes the thumbnail's directory out of the chain and its pixels out of the block. */
void ie_exif_remove_thumbnail (IeExifEdit *edit);
/* Replaces a JPEG thumbnail by `room` bytes of zero at the end of the block. */
void ie_exif_reserve_thumbnail (IeExifEdit *edit, gsize room);
/* Puts a JPEG of a size into that room; the block keeps its length. jpeg NULL: there is no thumbnail after all. */
void ie_exif_fill_thumbnail (IeExifEdit *edit, gsize room, GBytes *jpeg, int width, int height);

/* ---- Directories made anew (exif-build.c) ------------------------------------------------------------------------ */

typedef struct {
  IeExifDirectory directory;
  guint16 tag, type;
  guint32 count;
  GBytes *value; /* owned; count x ie_exif_type_bytes (type) bytes */
} IeExifField;

/* How directories are laid out. */
typedef struct {
  gboolean big_endian;
  gboolean big_tiff; /* entries of 20 bytes with offsets of 64 bits (BigTIFF) */
  guint64 base;      /* offset of the first byte of the result in its file; even */
  /* Offset at which a maker note is to stand, since those of most makers hold offsets that count from the start of file
   * or block; honoured when it leaves no gap of more than 32 KiB. 0: anywhere. */
  guint64 note_at;
} IeExifShape;

/* An array of IeExifField that clears itself. */
GArray *ie_exif_fields_new (void);
/* value is copied, the bytes of each number reversed when `turn`. */
void ie_exif_fields_add (GArray *fields, IeExifDirectory directory, guint16 tag, guint16 type, guint32 count,
                         const void *value, gboolean turn);
/* Lays out directories and values; fields (in the shape's byte order) get sorted. Pointers from one directory to another
 * are made here; at[] (may be NULL) gets the offset of each directory that has fields, else 0. Thumbnails are left out.
 * g_byte_array_unref(). */
GByteArray *ie_exif_build (GArray *fields, const IeExifShape *shape, guint64 at[IE_EXIF_DIRECTORIES]);
/* A whole block of these fields; note_at as in the shape. g_bytes_unref(). */
GBytes *ie_exif_build_block (GArray *fields, gboolean big_endian, guint64 note_at);
