// SPDX-License-Identifier: GPL-3.0-or-later
/* Photoshop's image resources, in which JPEG (APP13), PNG and TIFF hold IPTC and what Photoshop keeps beside a picture:
 * paths, guides, marks of copyright. Layout: Adobe Photoshop File Formats Specification, "Image Resource Blocks": "8BIM",
 * number, Pascal string padded to even, length, data padded to even. */
#include "core/i18n.h"
#include "imageio/internal.h"

#define RESOURCE_IPTC 0x0404
#define LEAST_BYTES 12 /* of a resource */

/* Resources that are made anew or said elsewhere: IPTC itself, thumbnails, EXIF, XMP. */
static gboolean
is_elsewhere (guint number)
{
  static const guint16 numbers[] = { RESOURCE_IPTC, 0x0409, 0x040c, 0x0422, 0x0423, 0x0424 };
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i] == number)
      return TRUE;
  return FALSE;
}

typedef struct {
  guint number;
  const guint8 *data;
  gsize size;
  gsize whole; /* bytes from its "8BIM" to the next */
} Resource;

/* The resource at the start of data; FALSE: none that lies in it. */
static gboolean
read_resource (const guint8 *data, gsize size, Resource *resource)
{
  if (size < LEAST_BYTES || memcmp (data, "8BIM", 4) != 0)
    return FALSE;
  gsize head = 6 + ((2 + (gsize) data[6]) & ~(gsize) 1);
  if (size < head + 4)
    return FALSE;
  const guint8 *length = data + head;
  resource->number = (guint) data[4] << 8 | data[5];
  resource->data = length + 4;
  resource->size = (gsize) length[0] << 24 | (gsize) length[1] << 16 | (gsize) length[2] << 8 | length[3];
  if (resource->size > size - head - 4)
    return FALSE;
  resource->whole = MIN (head + 4 + ((resource->size + 1) & ~(gsize) 1), size);
  return TRUE;
}

void
ie_photoshop_read (IeMetadata *metadata, const guint8 *data, gsize size, IeFidelity *fidelity)
{
  Resource resource;
  if (size > 0 && data[0] == 0x1c) { /* a bare IPTC block */
    if (!metadata->iptc)
      metadata->iptc = g_bytes_new (data, size);
    return;
  }
  GByteArray *others = g_byte_array_new ();
  while (read_resource (data, size, &resource)) {
    if (resource.number == RESOURCE_IPTC && resource.size > 0 && !metadata->iptc)
      metadata->iptc = g_bytes_new (resource.data, resource.size);
    if (!is_elsewhere (resource.number))
      g_byte_array_append (others, data, (guint) resource.whole);
    if (!is_elsewhere (resource.number) && others->len & 1) /* the last one, whose padding was left out */
      g_byte_array_append (others, (const guint8 *) "", 1);
    data += resource.whole;
    size -= resource.whole;
  }
  if (size >= LEAST_BYTES && memcmp (data, "8BIM", 4) == 0)
    ie_fidelity_note (fidelity, IE_ITEM_PHOTOSHOP, IE_FIDELITY_DROPPED, _ ("a resource is cut short"));
  GBytes *rest = g_byte_array_free_to_bytes (others);
  if (g_bytes_get_size (rest) > 0 && !metadata->photoshop)
    metadata->photoshop = g_bytes_ref (rest);
  g_bytes_unref (rest);
}

GBytes *
ie_photoshop_join (GBytes *iptc, GBytes *others)
{
  GByteArray *out = g_byte_array_new ();
  gsize size = 0;
  const guint8 *data = iptc ? g_bytes_get_data (iptc, &size) : NULL;
  if (iptc) {
    guint8 head[LEAST_BYTES] = { '8', 'B', 'I', 'M', RESOURCE_IPTC >> 8, RESOURCE_IPTC & 255, 0, 0 };
    for (int i = 0; i < 4; i++)
      head[8 + i] = (guint8) (size >> (24 - 8 * i));
    g_byte_array_append (out, head, sizeof head);
    g_byte_array_append (out, data, (guint) size);
    if (size & 1)
      g_byte_array_append (out, (const guint8 *) "", 1);
  }
  data = others ? g_bytes_get_data (others, &size) : NULL;
  if (others)
    g_byte_array_append (out, data, (guint) size);
  if (iptc || others)
    return g_byte_array_free_to_bytes (out);
  g_byte_array_unref (out);
  return NULL;
}
