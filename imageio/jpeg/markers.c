// SPDX-License-Identifier: GPL-3.0-or-later
/* What a JPEG file carries beside its samples, found by walking from segment to segment (ITU-T T.81, B.1.1.4), within
 * limits. libjpeg would keep all of it in memory. What is wrong here is only left out, and said. */
#include "imageio/jpeg/markers.h"

#include "core/i18n.h"

#define MARKER_SOS 0xda
#define MARKER_EOI 0xd9
#define MARKER_COM 0xfe
#define MARKER_APP0 0xe0
#define MARKER_APP1 0xe1
#define MARKER_APP2 0xe2
#define MARKER_APP13 0xed
#define MARKER_APP15 0xef
#define MOST_SEGMENTS 100000
#define GUID_LENGTH 32

typedef struct {
  const IeReadLimits *limits;
  IeMetadata *metadata;
  guint64 taken; /* bytes kept so far */
  GByteArray *photoshop;
  /* The profile's parts, by number (1 ..), and how many there must be. */
  GBytes *icc[256];
  int icc_count;
  gsize icc_size;
  gboolean icc_broken;
  /* Extended XMP. */
  char guid[GUID_LENGTH + 1];
  guint8 *more;
  gsize more_size, more_filled;
} Walk;

static const char exif_start[] = "Exif\0"; /* and the literal's own zero: 6 bytes */
static const char icc_start[] = "ICC_PROFILE";

static gboolean
take (Walk *walk, gsize size, const char *what)
{
  gboolean fits = size <= walk->limits->text && walk->taken + size <= walk->limits->text_all;
  if (fits)
    walk->taken += size;
  else
    ie_fidelity_note (walk->limits->fidelity, what, IE_FIDELITY_DROPPED, _ ("beyond the limit"));
  return fits;
}

static gboolean
starts (const guint8 *data, gsize size, const char *name, gsize name_size)
{
  return size > name_size && memcmp (data, name, name_size) == 0;
}

/* A piece of extended XMP: GUID, whole length, offset, bytes. */
static void
read_more_xmp (Walk *walk, const guint8 *data, gsize size)
{
  if (size < GUID_LENGTH + 8)
    return;
  gsize whole = ie_big_endian_32 (data + GUID_LENGTH), offset = ie_big_endian_32 (data + GUID_LENGTH + 4);
  if (!walk->more) {
    if (whole == 0 || !take (walk, whole, IE_ITEM_XMP))
      return;
    walk->more = g_try_malloc0 (whole);
    walk->more_size = walk->more ? whole : 0;
    memcpy (walk->guid, data, GUID_LENGTH);
  }
  data += GUID_LENGTH + 8;
  size -= GUID_LENGTH + 8;
  if (whole != walk->more_size || memcmp (walk->guid, data - GUID_LENGTH - 8, GUID_LENGTH) != 0 || offset > whole ||
      size > whole - offset)
    return;
  memcpy (walk->more + offset, data, size);
  walk->more_filled += size;
}

static void
read_app1 (Walk *walk, const guint8 *data, gsize size)
{
  IeMetadata *metadata = walk->metadata;
  if (starts (data, size, exif_start, sizeof exif_start)) {
    if (!metadata->exif && take (walk, size, IE_ITEM_EXIF))
      metadata->exif = g_bytes_new (data + sizeof exif_start, size - sizeof exif_start);
  } else if (starts (data, size, IE_JPEG_XMP, sizeof IE_JPEG_XMP)) {
    if (!metadata->xmp && take (walk, size, IE_ITEM_XMP))
      metadata->xmp = g_bytes_new (data + sizeof IE_JPEG_XMP, size - sizeof IE_JPEG_XMP);
  } else if (starts (data, size, IE_JPEG_XMP_MORE, sizeof IE_JPEG_XMP_MORE))
    read_more_xmp (walk, data + sizeof IE_JPEG_XMP_MORE, size - sizeof IE_JPEG_XMP_MORE);
}

static void
read_app2 (Walk *walk, const guint8 *data, gsize size)
{
  if (size > 4 && memcmp (data, "MPF\0", 4) == 0)
    ie_fidelity_note (walk->limits->fidelity, IE_ITEM_PAGES, IE_FIDELITY_DROPPED,
                      _ ("further pictures (MPF) are not read"));
  if (starts (data, size, "urn:iso:std:iso:ts:21496:-1", 27))
    ie_fidelity_note (walk->limits->fidelity, IE_ITEM_GAIN_MAP, IE_FIDELITY_DROPPED, _ ("not read"));
  if (!starts (data, size, icc_start, sizeof icc_start) || size < sizeof icc_start + 2)
    return;
  int index = data[sizeof icc_start], count = data[sizeof icc_start + 1];
  gsize part = size - sizeof icc_start - 2;
  if (index < 1 || index > count || walk->icc[index] || (walk->icc_count && walk->icc_count != count))
    walk->icc_broken = TRUE;
  else if (walk->icc_size + part > walk->limits->icc)
    walk->icc_broken = TRUE;
  else {
    walk->icc_count = count;
    walk->icc_size += part;
    walk->icc[index] = g_bytes_new (data + sizeof icc_start + 2, part);
  }
}

static void
read_segment (Walk *walk, int marker, const guint8 *data, gsize size)
{
  if (marker == MARKER_APP1)
    read_app1 (walk, data, size);
  else if (marker == MARKER_APP2)
    read_app2 (walk, data, size);
  else if (marker == MARKER_APP13 && starts (data, size, IE_JPEG_PHOTOSHOP, sizeof IE_JPEG_PHOTOSHOP)) {
    gsize head = sizeof IE_JPEG_PHOTOSHOP;
    if (take (walk, size, IE_ITEM_IPTC))
      g_byte_array_append (walk->photoshop, data + head, (guint) (size - head));
  } else if (marker == MARKER_COM) {
    while (size > 0 && data[size - 1] == 0)
      size--;
    if (size > 0 && !memchr (data, 0, size) && take (walk, size, IE_ITEM_TEXT))
      ie_metadata_add_text (walk->metadata, "Comment", (const char *) data, size, FALSE);
  }
}

static void
finish_icc (Walk *walk)
{
  GByteArray *all = g_byte_array_new ();
  for (int i = 1; i <= walk->icc_count; i++) {
    gsize size = 0;
    const guint8 *part = walk->icc[i] ? g_bytes_get_data (walk->icc[i], &size) : NULL;
    walk->icc_broken |= !walk->icc[i];
    if (part)
      g_byte_array_append (all, part, (guint) size);
    g_clear_pointer (&walk->icc[i], g_bytes_unref);
  }
  if (walk->icc_broken)
    ie_fidelity_note (walk->limits->fidelity, IE_ITEM_PROFILE, IE_FIDELITY_DROPPED,
                      _ ("incomplete or beyond the limit"));
  if (!walk->icc_broken && all->len > 0 && !walk->metadata->icc)
    walk->metadata->icc = g_byte_array_free_to_bytes (all);
  else
    g_byte_array_free (all, TRUE);
}

static void
finish_xmp (Walk *walk)
{
  IeMetadata *metadata = walk->metadata;
  if (walk->more) {
    gboolean whole = metadata->xmp && walk->more_filled == walk->more_size;
    GBytes *joined = whole ? ie_jpeg_xmp_join (metadata->xmp, walk->more, walk->more_size, walk->guid) : NULL;
    if (joined) {
      g_bytes_unref (metadata->xmp);
      metadata->xmp = joined;
    } else
      ie_fidelity_note (walk->limits->fidelity, IE_ITEM_XMP, IE_FIDELITY_DROPPED, _ ("its second part is broken"));
    g_free (walk->more);
  }
  gsize size = 0;
  const char *text = metadata->xmp ? g_bytes_get_data (metadata->xmp, &size) : NULL;
  if (text && g_strstr_len (text, (gssize) size, "http://ns.adobe.com/hdr-gain-map/1.0/"))
    ie_fidelity_note (walk->limits->fidelity, IE_ITEM_GAIN_MAP, IE_FIDELITY_DROPPED, _ ("not read"));
}

/* Offset of the next marker's code at or after `offset`: bytes 0xff may be repeated. 0: none. */
static guint64
next_marker (IeInput *input)
{
  int byte = ie_input_byte (input);
  while (byte >= 0 && byte != 0xff)
    byte = ie_input_byte (input); /* libjpeg passes over foreign bytes too */
  while (byte == 0xff)
    byte = ie_input_byte (input);
  return byte < 0 ? 0 : (guint64) byte;
}

gboolean
ie_jpeg_check_text (int fd, const IeReadLimits *limits, GError **error)
{
  guint64 offset = 2, claimed = 0; /* behind SOI */
  guint8 head[4];
  gboolean good = TRUE;
  for (int i = 0; i < MOST_SEGMENTS && good && ie_pread (fd, head, sizeof head, offset) == sizeof head; i++) {
    int marker = head[1];
    if (head[0] != 0xff || marker == MARKER_SOS || marker == MARKER_EOI)
      break;
    if (marker == 0xff) { /* filling */
      offset++;
      continue;
    }
    gsize size = (gsize) head[2] << 8 | head[3];
    if (marker == MARKER_COM || (marker >= MARKER_APP0 && marker <= MARKER_APP15 && marker != MARKER_APP2))
      claimed += size;
    offset += 2 + size;
    good = ie_check_text (claimed, limits, error);
  }
  return good;
}

void
ie_jpeg_read_markers (int fd, const IeReadLimits *limits, IeMetadata *metadata)
{
  Walk *walk = g_new0 (Walk, 1);
  IeInput *input = ie_input_new (fd);
  guint8 *data = g_malloc (65536);
  walk->limits = limits;
  walk->metadata = metadata;
  walk->photoshop = g_byte_array_new ();
  for (int i = 0; i < MOST_SEGMENTS; i++) {
    int marker = (int) next_marker (input);
    if (marker == 0 || marker == MARKER_SOS || marker == MARKER_EOI)
      break;
    if (marker == 0xd8 || marker == 1 || (marker >= 0xd0 && marker <= 0xd7))
      continue; /* without length */
    int high = ie_input_byte (input), low = ie_input_byte (input);
    gsize size = high < 0 || low < 0 ? 0 : (gsize) high << 8 | (gsize) low;
    if (size < 2 || ie_input_read (input, data, size - 2) != size - 2)
      break;
    read_segment (walk, marker, data, size - 2);
  }
  finish_icc (walk);
  finish_xmp (walk);
  ie_photoshop_read (metadata, walk->photoshop->data, walk->photoshop->len, limits->fidelity);
  g_byte_array_free (walk->photoshop, TRUE);
  g_free (data);
  g_free (input); /* not its descriptor, which is the caller's */
  g_free (walk);
}
