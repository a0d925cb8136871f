// SPDX-License-Identifier: GPL-3.0-or-later
/* What a JPEG carries beside its samples, as segments: EXIF, XMP, IPTC, profile, comments. */
#include "imageio/jpeg/write-markers.h"

#include "core/i18n.h"
#include "imageio/jpeg/markers.h"

#define ICC_START_BYTES 14   /* "ICC_PROFILE", its zero, number and count */
#define GUID_LENGTH 32
#define MORE_XMP_BYTES 65000 /* of extended XMP a segment */

static const char exif_start[] = "Exif\0"; /* and the literal's own zero: 6 bytes */

/* A segment of two parts, together at most IE_JPEG_MOST_SEGMENT bytes. */
static void
write_segment (j_compress_ptr jpeg, int marker, const void *head, gsize head_size, const void *data, gsize size)
{
  const guint8 *first = head, *second = data;
  jpeg_write_m_header (jpeg, marker, (unsigned) (head_size + size));
  for (gsize i = 0; i < head_size; i++)
    jpeg_write_m_byte (jpeg, first[i]);
  for (gsize i = 0; i < size; i++)
    jpeg_write_m_byte (jpeg, second[i]);
}

/* As many segments as the data take, each with the same head. */
static void
write_segments (j_compress_ptr jpeg, int marker, const char *head, gsize head_size, const guint8 *data, gsize size)
{
  for (gsize done = 0; done < size;) {
    gsize part = MIN (size - done, IE_JPEG_MOST_SEGMENT - head_size);
    write_segment (jpeg, marker, head, head_size, data + done, part);
    done += part;
  }
}

static void
write_exif (j_compress_ptr jpeg, GBytes *exif)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (exif, &size);
  write_segment (jpeg, JPEG_APP0 + 1, exif_start, sizeof exif_start, data, size);
}

/* Longer than a segment: a short packet that names the long one, which follows in pieces. */
static void
write_long_xmp (j_compress_ptr jpeg, const guint8 *data, gsize size)
{
  char *sum = g_compute_checksum_for_data (G_CHECKSUM_MD5, data, size), *guid = g_ascii_strup (sum, -1);
  char *stub = ie_jpeg_xmp_stub (guid);
  write_segment (jpeg, JPEG_APP0 + 1, IE_JPEG_XMP, sizeof IE_JPEG_XMP, stub, strlen (stub));
  guint8 head[sizeof IE_JPEG_XMP_MORE + GUID_LENGTH + 8];
  memcpy (head, IE_JPEG_XMP_MORE, sizeof IE_JPEG_XMP_MORE);
  memcpy (head + sizeof IE_JPEG_XMP_MORE, guid, GUID_LENGTH);
  for (gsize done = 0; done < size; done += MORE_XMP_BYTES) {
    guint8 *numbers = head + sizeof IE_JPEG_XMP_MORE + GUID_LENGTH;
    for (int i = 0; i < 4; i++) {
      numbers[i] = (guint8) (size >> (24 - 8 * i));
      numbers[4 + i] = (guint8) (done >> (24 - 8 * i));
    }
    write_segment (jpeg, JPEG_APP0 + 1, head, sizeof head, data + done, MIN (size - done, MORE_XMP_BYTES));
  }
  g_free (stub);
  g_free (guid);
  g_free (sum);
}

static void
write_xmp (j_compress_ptr jpeg, GBytes *xmp)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (xmp, &size);
  if (size + sizeof IE_JPEG_XMP <= IE_JPEG_MOST_SEGMENT)
    write_segment (jpeg, JPEG_APP0 + 1, IE_JPEG_XMP, sizeof IE_JPEG_XMP, data, size);
  else if (size <= G_MAXUINT32)
    write_long_xmp (jpeg, data, size);
}

static void
write_icc (j_compress_ptr jpeg, GBytes *icc, IeFidelity *fidelity)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (icc, &size);
  /* At most 255 segments (ICC.1, annex B.4). */
  if (size > 255 * (gsize) (IE_JPEG_MOST_SEGMENT - ICC_START_BYTES))
    ie_fidelity_note (fidelity, IE_ITEM_PROFILE, IE_FIDELITY_DROPPED, _ ("%zu bytes are more than JPEG holds"),
                      size);
  else if (size > 0)
    jpeg_write_icc_profile (jpeg, data, (unsigned) size);
}

/* Texts become comments; all but "Comment" itself keep their name before them. */
static void
write_text (j_compress_ptr jpeg, const IeText *text, IeFidelity *fidelity)
{
  gboolean plain = strcmp (text->name, "Comment") == 0;
  char *line = plain ? g_strdup (text->text) : g_strdup_printf ("%s: %s", text->name, text->text);
  gsize size = strlen (line);
  char *latin1 = text->latin1 ? g_convert (line, -1, "ISO-8859-1", "UTF-8", NULL, &size, NULL) : NULL;
  if (!latin1)
    size = strlen (line);
  if (size <= IE_JPEG_MOST_SEGMENT)
    write_segment (jpeg, JPEG_COM, NULL, 0, latin1 ? latin1 : line, size);
  else
    ie_fidelity_note (fidelity, IE_ITEM_TEXT, IE_FIDELITY_DROPPED, _ ("\"%s\" is longer than JPEG holds"), text->name);
  g_free (latin1);
  g_free (line);
}

void
ie_jpeg_write_metadata (j_compress_ptr jpeg, const IeMetadata *metadata, GBytes *exif, IeFidelity *fidelity)
{
  if (exif)
    write_exif (jpeg, exif);
  if (!metadata)
    return;
  if (metadata->xmp)
    write_xmp (jpeg, metadata->xmp);
  GBytes *resources = ie_photoshop_join (metadata->iptc, metadata->photoshop);
  if (resources) {
    gsize size;
    const guint8 *data = g_bytes_get_data (resources, &size);
    write_segments (jpeg, JPEG_APP0 + 13, IE_JPEG_PHOTOSHOP, sizeof IE_JPEG_PHOTOSHOP, data, size);
    g_bytes_unref (resources);
  }
  if (metadata->icc)
    write_icc (jpeg, metadata->icc, fidelity);
  for (guint i = 0; metadata->texts && i < metadata->texts->len; i++)
    write_text (jpeg, metadata->texts->pdata[i], fidelity);
}

GBytes *
ie_jpeg_choose_exif (const IeMetadata *metadata, IeFidelity *fidelity)
{
  GBytes *exif = ie_metadata_exif (metadata);
  gsize size = exif ? g_bytes_get_size (exif) : 0;
  if (size + sizeof exif_start <= IE_JPEG_MOST_SEGMENT)
    return exif;
  ie_fidelity_note (fidelity, IE_ITEM_EXIF, IE_FIDELITY_DROPPED, _ ("%zu bytes are more than JPEG holds"), size);
  g_bytes_unref (exif);
  return ie_metadata_exif (&(IeMetadata){ .orientation = metadata->orientation });
}
