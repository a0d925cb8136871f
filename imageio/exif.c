// SPDX-License-Identifier: GPL-3.0-or-later
/* The little that the formats need to know of EXIF blocks: orientation and resolution of the first directory.
 * Layout: TIFF 6.0, section 2 ("TIFF structure"); tags: Exif 2.32, table 4. Any bytes are safe. */
#include "imageio/internal.h"

#define TAG_ORIENTATION 0x0112
#define TAG_X_RESOLUTION 0x011a
#define TAG_Y_RESOLUTION 0x011b
#define TAG_RESOLUTION_UNIT 0x0128
#define TYPE_SHORT 3
#define TYPE_RATIONAL 5

typedef struct {
  const guint8 *data;
  gsize size;
  gboolean big_endian;
} Block;

/* Number of `bytes` bytes at `offset`; 0 beyond the end. */
static guint32
number_at (const Block *block, gsize offset, int bytes)
{
  if (offset > block->size || block->size - offset < (gsize) bytes)
    return 0;
  guint32 number = 0;
  for (int i = 0; i < bytes; i++)
    number = number << 8 | block->data[offset + (gsize) (block->big_endian ? i : bytes - 1 - i)];
  return number;
}

static double
rational_at (const Block *block, gsize offset)
{
  guint32 numerator = number_at (block, offset, 4), denominator = number_at (block, offset + 4, 4);
  return denominator ? (double) numerator / denominator : 0;
}

void
ie_metadata_from_exif (IeMetadata *metadata)
{
  if (!metadata->exif)
    return;
  Block block;
  block.data = g_bytes_get_data (metadata->exif, &block.size);
  if (block.size < 14 || (memcmp (block.data, "II*\0", 4) && memcmp (block.data, "MM\0*", 4)))
    return;
  block.big_endian = block.data[0] == 'M';

  gsize directory = number_at (&block, 4, 4);
  guint32 entries = number_at (&block, directory, 2), unit = 2;
  double x_resolution = 0, y_resolution = 0;
  for (guint32 i = 0; i < entries; i++) {
    gsize entry = directory + 2 + 12 * (gsize) i;
    if (entry + 12 > block.size)
      break;
    guint32 tag = number_at (&block, entry, 2), type = number_at (&block, entry + 2, 2);
    guint32 small = number_at (&block, entry + 8, 2);
    if (tag == TAG_ORIENTATION && type == TYPE_SHORT && small >= 1 && small <= 8 && !metadata->orientation)
      metadata->orientation = (int) small;
    else if (tag == TAG_X_RESOLUTION && type == TYPE_RATIONAL)
      x_resolution = rational_at (&block, number_at (&block, entry + 8, 4));
    else if (tag == TAG_Y_RESOLUTION && type == TYPE_RATIONAL)
      y_resolution = rational_at (&block, number_at (&block, entry + 8, 4));
    else if (tag == TAG_RESOLUTION_UNIT && type == TYPE_SHORT)
      unit = small;
  }
  double per_inch = unit == 2 ? 1 : unit == 3 ? 2.54 : 0;
  if (!metadata->x_resolution && !metadata->y_resolution && x_resolution > 0 && y_resolution > 0) {
    metadata->x_resolution = x_resolution * per_inch;
    metadata->y_resolution = y_resolution * per_inch;
  }
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
  guint8 block[26] = { 'I', 'I', '*', 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, TYPE_SHORT, 0, 1, 0, 0, 0 };
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
}
