// SPDX-License-Identifier: GPL-3.0-or-later
/* Walks the chain of TIFF directories without decoding them: what pages there are is known, and too many are refused,
 * before any work. TIFF 6.0, section 2; BigTIFF: Adobe's and libtiff's description of 2004. */
#include "core/i18n.h"
#include "imageio/tiff/source.h"

#include <errno.h>
#include <inttypes.h>

#define MOST_ENTRIES 4096 /* libtiff refuses more */
#define TAG_IMAGE_SOURCE_DATA 37724 /* Photoshop's layers (Adobe Photoshop TIFF Technical Notes, 2002) */

typedef struct {
  int fd;
  guint64 size;
  gboolean big, swapped;
} Walker;

static guint64
number (const Walker *walker, const guint8 *at, int bytes)
{
  guint64 value = 0;
  gboolean little = (G_BYTE_ORDER == G_LITTLE_ENDIAN) != walker->swapped;
  for (int i = 0; i < bytes; i++)
    value = value << 8 | at[little ? bytes - 1 - i : i];
  return value;
}

static gboolean
fetch (const Walker *walker, guint64 offset, void *data, gsize size)
{
  return offset <= walker->size && ie_pread (walker->fd, data, size, offset) == (gssize) size;
}

/* The first value of an entry of type BYTE, SHORT, LONG, IFD or their 8-byte kin, which stands in the entry itself. */
static guint64
entry_value (const Walker *walker, const guint8 *entry)
{
  static const int sizes[] = { [1] = 1, [3] = 2, [4] = 4, [13] = 4, [16] = 8, [18] = 8 };
  guint64 type = number (walker, entry + 2, 2);
  int size = type < G_N_ELEMENTS (sizes) ? sizes[type] : 0;
  return size > (walker->big ? 8 : 4) ? 0 : number (walker, entry + (walker->big ? 12 : 8), size);
}

static void
judge_entry (const Walker *walker, const guint8 *entry, IeTiffPage *page, guint64 *size)
{
  guint64 value = entry_value (walker, entry);
  switch (number (walker, entry, 2)) {
    case TIFFTAG_SUBFILETYPE:
      if (value & FILETYPE_MASK)
        page->kind = IE_PAGE_MASK;
      else if (value & FILETYPE_REDUCEDIMAGE)
        page->kind = IE_PAGE_REDUCED;
      break;
    case TIFFTAG_OSUBFILETYPE:
      if (value == OFILETYPE_REDUCEDIMAGE && page->kind == IE_PAGE_PICTURE)
        page->kind = IE_PAGE_REDUCED;
      break;
    case TIFFTAG_PHOTOMETRIC:
      if (value == PHOTOMETRIC_MASK)
        page->kind = IE_PAGE_MASK;
      break;
    case TIFFTAG_IMAGEWIDTH:
      size[0] = value;
      break;
    case TIFFTAG_IMAGELENGTH:
      size[1] = value;
      break;
    case TIFFTAG_SAMPLESPERPIXEL:
      size[2] = MAX (value, 3);
      break;
    case TAG_IMAGE_SOURCE_DATA:
      page->layered = TRUE;
      break;
    case TIFFTAG_SUBIFD:
      page->subifds = (guint) MIN (number (walker, entry + 4, walker->big ? 8 : 4), 65535);
      break;
    default:
      break;
  }
}

/* The directory at page->offset; *next: offset of the one after it. FALSE: none can be read there. */
static gboolean
read_directory (const Walker *walker, IeTiffPage *page, guint64 *next)
{
  gsize count_bytes = walker->big ? 8 : 2, entry_bytes = walker->big ? 20 : 12, next_bytes = walker->big ? 8 : 4;
  guint8 head[8];
  guint64 size[3] = { 0, 0, 3 };
  if (!fetch (walker, page->offset, head, count_bytes))
    return FALSE;
  guint64 count = number (walker, head, (int) count_bytes);
  if (count == 0 || count > MOST_ENTRIES)
    return FALSE;
  gsize bytes = (gsize) count * entry_bytes;
  guint8 *entries = g_malloc (bytes);
  gboolean ok = fetch (walker, page->offset + count_bytes, entries, bytes);
  for (guint64 i = 0; ok && i < count; i++)
    judge_entry (walker, entries + i * entry_bytes, page, size);
  g_free (entries);
  gboolean saturated = size[0] > G_MAXUINT32 || size[1] > G_MAXUINT32 || size[2] > 65535;
  page->samples = saturated ? 0 : (guint64) MIN ((double) size[0] * (double) size[1] * (double) size[2], 1e18);
  if (ok && !fetch (walker, page->offset + count_bytes + bytes, head, next_bytes))
    *next = 0; /* the last directory may lack the offset that says so */
  else if (ok)
    *next = number (walker, head, (int) next_bytes);
  return ok;
}

static guint64
first_offset (Walker *walker)
{
  guint8 head[16] = "";
  if (ie_pread (walker->fd, head, sizeof head, 0) < 8)
    return 0;
  walker->swapped = (head[0] == 'I') != (G_BYTE_ORDER == G_LITTLE_ENDIAN);
  walker->big = number (walker, head + 2, 2) == 43;
  return walker->big ? number (walker, head + 8, 8) : number (walker, head + 4, 4);
}

GArray *
ie_tiff_chain (int fd, guint64 size, const IeReadLimits *limits, GError **error)
{
  Walker walker = { .fd = fd, .size = size };
  GArray *pages = g_array_new (FALSE, TRUE, sizeof (IeTiffPage));
  GHashTable *seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  guint64 offset = first_offset (&walker), next = 0;
  const char *broken = NULL;
  for (gboolean first = TRUE; first || (offset && !broken); first = FALSE, offset = next) {
    IeTiffPage page = { .offset = offset, .kind = IE_PAGE_PICTURE };
    next = 0;
    if (!g_hash_table_add (seen, g_memdup2 (&offset, sizeof offset)))
      broken = _ ("the chain of pages returns to an earlier page after page %u");
    else if (!read_directory (&walker, &page, &next) && !first)
      broken = _ ("the chain of pages leads to no page after page %u");
    else /* also a first directory that is none: libtiff says what is wrong with it */
      g_array_append_val (pages, page);
    if (pages->len > (guint) limits->pages)
      break;
  }
  g_hash_table_unref (seen);
  if (broken)
    ie_fidelity_note (limits->fidelity, IE_ITEM_PAGES, IE_FIDELITY_CHANGED, broken, pages->len);
  if (pages->len <= (guint) limits->pages)
    return pages;
  g_array_unref (pages);
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
               _ ("more pages than the limit of %d; --limit-pages sets it"), limits->pages);
  return NULL;
}

/* ---- Tags that are too long -------------------------------------------------------------------------------------- */

/* Whether a tag describes the picture: texts, and all from XMP on. The others say how to decode it; without one of them the
 * samples would be wrong. */
static gboolean
is_description (guint64 tag)
{
  static const guint16 texts[] = { TIFFTAG_DOCUMENTNAME, TIFFTAG_IMAGEDESCRIPTION, TIFFTAG_MAKE,         TIFFTAG_MODEL,
                                   TIFFTAG_PAGENAME,     TIFFTAG_SOFTWARE,         TIFFTAG_DATETIME,     TIFFTAG_ARTIST,
                                   TIFFTAG_HOSTCOMPUTER, TIFFTAG_INKNAMES,         TIFFTAG_TARGETPRINTER };
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (tag == texts[i])
      return TRUE;
  return tag >= TIFFTAG_XMLPACKET;
}

static const char *
item_of (guint64 tag)
{
  return tag == TIFFTAG_ICCPROFILE     ? IE_ITEM_PROFILE
         : tag == TIFFTAG_XMLPACKET    ? IE_ITEM_XMP
         : tag == TIFFTAG_RICHTIFFIPTC ? IE_ITEM_IPTC
         : tag == TIFFTAG_PHOTOSHOP    ? IE_ITEM_PHOTOSHOP
                                       : IE_ITEM_TEXT;
}

gboolean
ie_tiff_hide_large (IeTiffHandle *handle, guint64 directory, const IeReadLimits *limits, GError **error)
{
  static const guint8 sizes[] = { 1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 1, 1, 8, 8, 8 }; /* by type; BigTIFF: 16..18 */
  Walker walker = { .fd = handle->fd, .size = handle->size };
  guint8 entry[20];
  first_offset (&walker);
  gsize count_bytes = walker.big ? 8 : 2, entry_bytes = walker.big ? 20 : 12;
  if (!fetch (&walker, directory, entry, count_bytes))
    return TRUE;
  guint64 entries = MIN (number (&walker, entry, (int) count_bytes), MOST_ENTRIES), text = 0;
  for (guint64 i = 0; i < entries; i++) {
    guint64 at = directory + count_bytes + i * entry_bytes;
    if (!fetch (&walker, at, entry, entry_bytes))
      return TRUE;
    guint64 tag = number (&walker, entry, 2), type = number (&walker, entry + 2, 2);
    guint64 count = number (&walker, entry + 4, walker.big ? 8 : 4);
    gsize limit = tag == TIFFTAG_ICCPROFILE ? limits->icc : limits->text;
    guint64 size = type < G_N_ELEMENTS (sizes) ? sizes[type] : 1;
    if (count <= limit / size || !is_description (tag))
      continue;
    ie_tiff_hide (handle, at, entry_bytes, walker.swapped);
    if (tag != TAG_IMAGE_SOURCE_DATA) /* which is said with the layers */
      ie_fidelity_note (limits->fidelity, item_of (tag), IE_FIDELITY_DROPPED,
                        _ ("tag %u of %" PRIu64 " values is longer than the limit"), (guint) tag, count);
    if (limit == limits->text && tag != TAG_IMAGE_SOURCE_DATA) /* layers may be long */
      text += MIN (MIN (count, handle->size) * size, handle->size); /* what is not there is damage, not a bomb */
  }
  return ie_check_text (text, limits, error);
}

GBytes *
ie_tiff_raw_tag (int fd, guint64 size, guint64 directory, guint tag, gsize limit)
{
  Walker walker = { .fd = fd, .size = size };
  guint8 head[8], *data = NULL;
  first_offset (&walker); /* for the byte order */
  gsize count_bytes = walker.big ? 8 : 2, entry_bytes = walker.big ? 20 : 12, inside = walker.big ? 8 : 4;
  if (!fetch (&walker, directory, head, count_bytes))
    return NULL;
  guint64 entries = MIN (number (&walker, head, (int) count_bytes), MOST_ENTRIES), bytes = 0;
  for (guint64 i = 0; i < entries && !data; i++) {
    guint8 entry[20];
    guint64 at = directory + count_bytes + i * entry_bytes;
    if (!fetch (&walker, at, entry, entry_bytes))
      return NULL;
    if (number (&walker, entry, 2) != tag)
      continue;
    guint64 type = number (&walker, entry + 2, 2), count = number (&walker, entry + 4, (int) inside);
    guint64 each = type == TIFF_LONG ? 4 : type == TIFF_BYTE || type == TIFF_UNDEFINED || type == TIFF_ASCII ? 1 : 0;
    bytes = count > limit ? 0 : each * count;
    if (bytes == 0 || bytes > limit)
      return NULL;
    guint64 from = bytes <= inside ? at + entry_bytes - inside : number (&walker, entry + entry_bytes - inside, (int) inside);
    data = g_try_malloc (bytes);
    if (!data || !fetch (&walker, from, data, bytes))
      g_clear_pointer (&data, g_free);
    break;
  }
  return data ? g_bytes_new_take (data, bytes) : NULL;
}
