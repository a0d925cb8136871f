// SPDX-License-Identifier: GPL-3.0-or-later
/* IPTC in Photoshop's image resources, as JPEG (APP13) and others hold it. Layout: Adobe Photoshop File Formats
 * Specification, "Image Resource Blocks": "8BIM", number, Pascal string padded to even, length, data padded to even. */
#include "imageio/internal.h"

#define RESOURCE_IPTC 0x0404
#define RESOURCE_IPTC_DIGEST 0x0425 /* only about the former */

/* Resources that say nothing that the picture does not say elsewhere: resolution, thumbnail, EXIF, XMP, caption digest. */
static gboolean
is_derived (guint number)
{
  return number == RESOURCE_IPTC_DIGEST || number == 0x03ed || number == 0x0409 || number == 0x040c ||
         number == 0x0422 || number == 0x0424;
}

void
ie_photoshop_read (IeMetadata *metadata, const guint8 *data, gsize size, IeFidelity *fidelity)
{
  gsize at = 0;
  gboolean others = FALSE;
  if (size > 0 && data[0] == 0x1c) { /* a bare IPTC block */
    if (!metadata->iptc)
      metadata->iptc = g_bytes_new (data, size);
    return;
  }
  while (at + 12 <= size && memcmp (data + at, "8BIM", 4) == 0) {
    guint number = (guint) data[at + 4] << 8 | data[at + 5];
    gsize name = (1 + (gsize) data[at + 6] + 1) & ~(gsize) 1;
    at += 6 + name;
    if (at + 4 > size)
      break;
    gsize length = (gsize) data[at] << 24 | (gsize) data[at + 1] << 16 | (gsize) data[at + 2] << 8 | data[at + 3];
    at += 4;
    if (length > size - at)
      break;
    if (number == RESOURCE_IPTC && length > 0 && !metadata->iptc)
      metadata->iptc = g_bytes_new (data + at, length);
    else if (number != RESOURCE_IPTC && !is_derived (number))
      others = TRUE;
    at += MIN ((length + 1) & ~(gsize) 1, size - at);
  }
  if (others)
    ie_fidelity_note (fidelity, IE_ITEM_CHUNKS, IE_FIDELITY_DROPPED, "Photoshop resources other than IPTC");
}

GBytes *
ie_photoshop_wrap (GBytes *iptc)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (iptc, &size);
  GByteArray *out = g_byte_array_sized_new ((guint) size + 13);
  guint8 head[12] = { '8', 'B', 'I', 'M', RESOURCE_IPTC >> 8, RESOURCE_IPTC & 255, 0, 0 };
  for (int i = 0; i < 4; i++)
    head[8 + i] = (guint8) (size >> (24 - 8 * i));
  g_byte_array_append (out, head, sizeof head);
  g_byte_array_append (out, data, (guint) size);
  if (size & 1)
    g_byte_array_append (out, (const guint8 *) "", 1);
  return g_byte_array_free_to_bytes (out);
}
