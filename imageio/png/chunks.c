// SPDX-License-Identifier: GPL-3.0-or-later
/* What a PNG file carries beside its samples and libpng's own concern, the profile: texts, XMP, EXIF, IPTC, also behind
 * the samples, found by walking from chunk to chunk (ISO/IEC 15948, section 5.3).
 *
 * libpng takes memory of the length that a chunk claims, and knows what follows the samples only once they are decoded;
 * here nothing is taken that is not in the file, and a compressed text ends at its limit. Damage is left for libpng to
 * judge: what is wrong here is only left out, and said. */
#include "imageio/png/chunks.h"

#include "core/i18n.h"

#include <stdlib.h>
#include <zlib.h>

#define HEADER_BYTES 8     /* length and name */
#define CHUNK_BYTES 12     /* the same and the CRC */
#define SIGNATURE_BYTES 8
#define MOST_CHUNKS 4000000
#define NAMES_SAID 8       /* of chunks that are not carried */
#define PIECE_BYTES 4096
#define WANTED "tEXtzTXtiTXteXIfacTL" /* chunks that are read here */
#define PROFILE_KEY "Raw profile type "
/* Compressed texts of a file may unpack to so much, or to so many times their bytes. Deflate of a single repeated byte
 * comes to 1,030; XMP with its padding, the emptiest that is in use, stays below 20. */
#define UNPACKED_BYTES (1u << 20)
#define UNPACKED_TIMES 100

typedef struct {
  int fd;
  const IeReadLimits *limits;
  IeMetadata *metadata;
  guint64 claimed; /* bytes that the chunks of texts and blocks say to have */
  guint64 taken;  /* bytes of all texts and blocks that are kept */
  guint64 packed, unpacked; /* bytes of compressed texts, and what became of them */
  gboolean full;  /* their limit was met: the rest is not looked at */
  guint64 piece_at;
  gsize piece_size;
  guint8 piece[PIECE_BYTES];
  GPtrArray *unknown; /* names of ancillary chunks that nobody here knows */
} Walk;

static const guint8 *
chunk_header (Walk *walk, guint64 offset)
{
  if (offset < walk->piece_at || offset + HEADER_BYTES > walk->piece_at + walk->piece_size) {
    gssize got = ie_pread (walk->fd, walk->piece, PIECE_BYTES, offset);
    walk->piece_at = offset;
    walk->piece_size = got > 0 ? (gsize) got : 0;
  }
  return walk->piece_size - (offset - walk->piece_at) >= HEADER_BYTES ? walk->piece + (offset - walk->piece_at) : NULL;
}

/* format: of one string, `what`. */
static void
note (Walk *walk, const char *what, const char *format)
{
  ie_fidelity_note (walk->limits->fidelity, IE_ITEM_TEXT, IE_FIDELITY_DROPPED, format, what);
}

/* Whether `size` more bytes may be kept; else the loss is noted. */
static gboolean
take (Walk *walk, gsize size, const char *what)
{
  char *safe = g_utf8_make_valid (what, -1);
  const char *reason = size > walk->limits->text                        ? _ ("%s is longer than the limit")
                       : walk->taken + size > walk->limits->text_all ? _ ("%s is beyond the limit of all texts")
                                                                       : NULL;
  walk->full |= walk->taken + size > walk->limits->text_all;
  if (reason)
    note (walk, safe, reason);
  else
    walk->taken += size;
  g_free (safe);
  return !reason;
}

/* The chunk's data; NULL when it is too long, cut short or fails its CRC. g_free(). */
static guint8 *
chunk_data (Walk *walk, guint64 offset, const guint8 *name, gsize size)
{
  char label[] = "chunk NAME";
  memcpy (label + 6, name, 4);
  guint8 kept_name[4];
  memcpy (kept_name, name, 4);
  if (!take (walk, size, label))
    return NULL;
  guint8 *data = g_try_malloc (size + 4);
  if (data && ie_pread (walk->fd, data, size + 4, offset + HEADER_BYTES) == (gssize) size + 4) {
    uLong sum = crc32 (crc32 (0, kept_name, 4), data, (uInt) size);
    if (sum == ie_big_endian_32 (data + size)) {
      data[size] = 0;
      return data;
    }
    note (walk, label, "damaged");
  }
  g_free (data);
  return NULL;
}

/* Whether the compressed texts so far, one that has come to `size` bytes among them, may be what somebody wrote. */
static gboolean
is_credible (Walk *walk, gsize size)
{
  guint64 bytes = walk->unpacked + size;
  return bytes <= UNPACKED_BYTES || bytes / UNPACKED_TIMES <= walk->packed;
}

/* Bytes of a zlib stream, ended by a zero that is not counted; NULL when damaged or longer than a text may be. */
static guint8 *
expand (Walk *walk, const guint8 *data, gsize size, gsize *result, const char *what)
{
  z_stream stream = { .next_in = (Bytef *) data, .avail_in = (uInt) size };
  GByteArray *out = g_byte_array_new ();
  guint8 piece[PIECE_BYTES];
  int status = inflateInit (&stream);
  gboolean fits = TRUE, credible = TRUE;
  walk->packed += size;
  while (status == Z_OK && fits && credible) {
    stream.next_out = piece;
    stream.avail_out = sizeof piece;
    status = inflate (&stream, Z_NO_FLUSH);
    g_byte_array_append (out, piece, (guint) (sizeof piece - stream.avail_out));
    fits = out->len <= walk->limits->text;
    credible = is_credible (walk, out->len);
  }
  inflateEnd (&stream);
  walk->unpacked += out->len;
  if (!credible) {
    note (walk, what, _ ("%s is unpacked to more than 100 times its bytes"));
    walk->full = TRUE;
  } else if (fits && status != Z_STREAM_END)
    note (walk, what, "damaged");
  if (!credible || status != Z_STREAM_END || !take (walk, out->len, what)) {
    if (credible && !fits && status != Z_STREAM_END)
      take (walk, out->len, what);
    g_byte_array_free (out, TRUE);
    return NULL;
  }
  *result = out->len;
  g_byte_array_append (out, (const guint8 *) "", 1);
  return g_byte_array_free (out, FALSE);
}

static void
keep_blob (GBytes **blob, const void *data, gsize size)
{
  if (!*blob && size > 0)
    *blob = g_bytes_new (data, size);
}

/* What ImageMagick made a custom before PNG had chunks for it: "\nNAME\n  LENGTH\nHEXADECIMAL". TRUE: it was one. */
static gboolean
take_raw_profile (Walk *walk, const char *key, const char *text, gsize size)
{
  if (!g_str_has_prefix (key, PROFILE_KEY))
    return FALSE;
  const char *kind = key + strlen (PROFILE_KEY), *end = text + size;
  const char *line = size > 1 ? memchr (text + 1, '\n', size - 1) : NULL;
  char *digits = NULL;
  guint64 length = line ? g_ascii_strtoull (line + 1, &digits, 10) : 0;
  if (!length || !digits || length > size / 2)
    return FALSE;
  GByteArray *bytes = g_byte_array_sized_new ((guint) length);
  int high = -1;
  for (; digits < end && bytes->len < length; digits++) {
    int digit = g_ascii_xdigit_value (*digits);
    if (digit < 0)
      continue;
    if (high >= 0)
      g_byte_array_append (bytes, &(guint8){ (guint8) (high << 4 | digit) }, 1);
    high = high < 0 ? digit : -1;
  }
  gboolean whole = bytes->len == length, known = TRUE;
  if (whole && (strcmp (kind, "exif") == 0 || (strcmp (kind, "APP1") == 0 && memcmp (bytes->data, "Exif", MIN (4, length)) == 0))) {
    gsize skip = length > 6 && memcmp (bytes->data, "Exif\0", 6) == 0 ? 6 : 0;
    keep_blob (&walk->metadata->exif, bytes->data + skip, length - skip);
  } else if (whole && (strcmp (kind, "iptc") == 0 || strcmp (kind, "8bim") == 0))
    ie_photoshop_read (walk->metadata, bytes->data, length, walk->limits->fidelity);
  else if (whole && strcmp (kind, "xmp") == 0)
    keep_blob (&walk->metadata->xmp, bytes->data, length);
  else
    known = whole && (strcmp (kind, "icc") == 0 || strcmp (kind, "icm") == 0); /* beside the true one, a copy */
  g_byte_array_free (bytes, TRUE);
  return known;
}

static void
keep_text (Walk *walk, const char *key, const char *text, gsize size, gboolean latin1)
{
  if (!take_raw_profile (walk, key, text, size))
    ie_metadata_add_text (walk->metadata, key, text, size, latin1);
}

static void
read_text (Walk *walk, const guint8 *data, gsize size, gboolean compressed)
{
  const char *key = (const char *) data;
  gsize start = strlen (key) + 1 + (compressed ? 1 : 0), length;
  if (start > size || !*key)
    return;
  if (!compressed) {
    keep_text (walk, key, key + start, size - start, TRUE);
    return;
  }
  guint8 *text = expand (walk, data + start, size - start, &length, key);
  if (text)
    keep_text (walk, key, (char *) text, length, TRUE);
  g_free (text);
}

static void
read_international_text (Walk *walk, const guint8 *data, gsize size)
{
  const char *key = (const char *) data;
  gsize at = strlen (key) + 1, length = 0;
  if (at + 2 > size || !*key)
    return;
  gboolean compressed = data[at];
  at += 2;
  for (int i = 0; i < 2 && at < size; i++) /* language and translated keyword */
    at += strlen ((const char *) data + at) + 1;
  if (at > size)
    return;
  guint8 *expanded = compressed ? expand (walk, data + at, size - at, &length, key) : NULL;
  const guint8 *text = compressed ? expanded : data + at;
  if (!compressed)
    length = size - at;
  if (text && strcmp (key, IE_PNG_XMP_KEY) == 0)
    keep_blob (&walk->metadata->xmp, text, length);
  else if (text)
    keep_text (walk, key, (const char *) text, length, FALSE);
  g_free (expanded);
}

static void
note_animation (Walk *walk, const guint8 *data, gsize size)
{
  if (size >= 8 && ie_big_endian_32 (data) > 1)
    ie_fidelity_note (walk->limits->fidelity, IE_ITEM_ANIMATION, IE_FIDELITY_DROPPED,
                      _ ("only the first of %u frames is read"),
                      ie_big_endian_32 (data));
}

static void
read_chunk (Walk *walk, guint64 offset, const guint8 *name, gsize size)
{
  gboolean wanted = ie_is_one_of (name, WANTED);
  walk->claimed += wanted ? size : 0;
  if (walk->full)
    return;
  if (!wanted) {
    /* Read by libpng, of no meaning once samples have changed, or parts of the animation that acTL announces. */
    gboolean known = ie_is_one_of (name, "iCCPsRGBgAMAcHRMsBITtRNSbKGDhISTpHYstIMEfcTLfdAT");
    if ((name[0] & 0x20) && !known && walk->unknown->len < NAMES_SAID) {
      char *text = g_strndup ((const char *) name, 4);
      if (g_ptr_array_find_with_equal_func (walk->unknown, text, g_str_equal, NULL))
        g_free (text);
      else
        g_ptr_array_add (walk->unknown, text);
    }
    return;
  }
  char kind = (char) name[0], second = (char) name[1];
  guint8 *data = chunk_data (walk, offset, name, size);
  if (!data)
    return;
  if (kind == 'e')
    keep_blob (&walk->metadata->exif, data, size);
  else if (kind == 'a')
    note_animation (walk, data, size);
  else if (kind == 'i')
    read_international_text (walk, data, size);
  else
    read_text (walk, data, size, kind == 'z' && second == 'T');
  g_free (data);
}

/* The same as the walk below, of lengths alone and up to the samples, before which texts usually stand: a bomb is then
 * refused before anything of it is read. */
static gboolean
check_first_texts (Walk *walk, GError **error)
{
  guint64 offset = SIGNATURE_BYTES, claimed = 0;
  for (int i = 0; i < MOST_CHUNKS; i++) {
    const guint8 *header = chunk_header (walk, offset);
    if (!header || memcmp (header + 4, "IDAT", 4) == 0)
      break;
    claimed += ie_is_one_of (header + 4, WANTED) ? ie_big_endian_32 (header) : 0;
    if (!ie_check_text (claimed, walk->limits, error))
      return FALSE;
    offset += CHUNK_BYTES + (guint64) ie_big_endian_32 (header);
  }
  return TRUE;
}

static gboolean
is_name (const guint8 *name)
{
  return g_ascii_isalpha (name[0]) && g_ascii_isalpha (name[1]) && g_ascii_isalpha (name[2]) &&
         g_ascii_isalpha (name[3]);
}

gboolean
ie_png_read_chunks (int fd, const IeReadLimits *limits, IeMetadata *metadata, GError **error)
{
  Walk *walk = g_new0 (Walk, 1);
  walk->fd = fd;
  walk->limits = limits;
  walk->metadata = metadata;
  walk->unknown = g_ptr_array_new_with_free_func (g_free);
  guint64 offset = SIGNATURE_BYTES;
  gboolean good = check_first_texts (walk, error);
  for (int i = 0; i < MOST_CHUNKS && good; i++) {
    const guint8 *header = chunk_header (walk, offset);
    if (!header || !is_name (header + 4) || memcmp (header + 4, "IEND", 4) == 0)
      break;
    guint32 size = ie_big_endian_32 (header);
    if (size > G_MAXINT32)
      break;
    read_chunk (walk, offset, header + 4, size);
    good = ie_check_text (walk->claimed, limits, error);
    offset += CHUNK_BYTES + (guint64) size;
  }
  if (walk->unknown->len > 0) {
    g_ptr_array_add (walk->unknown, NULL);
    char *names = g_strjoinv (", ", (char **) walk->unknown->pdata);
    ie_fidelity_note (limits->fidelity, IE_ITEM_CHUNKS, IE_FIDELITY_DROPPED, "%s", names);
    g_free (names);
  }
  g_ptr_array_unref (walk->unknown);
  g_free (walk);
  return good;
}
