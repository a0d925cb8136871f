// SPDX-License-Identifier: GPL-3.0-or-later
#include "imageio/tiff/tags.h"

#include "core/i18n.h"
#include "imageio/tiff/source.h"

#define CENTIMETRES_PER_INCH 2.54
#define IPTC_MARK 0x1c /* begins every IPTC record (IIM 4.2, 1.6) */

/* How libtiff hands a tag out and takes it. */
typedef enum { TEXT, PAIR, REAL, WORDS, DOUBLES } Shape;

typedef struct {
  guint32 tag;
  Shape shape;
  const char *name; /* of those that libtiff does not know */
} Known;

/* TIFF 6.0, section 8 and 12; GeoTIFF 1.1, annex; GDAL. */
static const Known known[] = {
  { TIFFTAG_DOCUMENTNAME, TEXT, NULL },
  { TIFFTAG_IMAGEDESCRIPTION, TEXT, NULL },
  { TIFFTAG_MAKE, TEXT, NULL },
  { TIFFTAG_MODEL, TEXT, NULL },
  { TIFFTAG_PAGENAME, TEXT, NULL },
  { TIFFTAG_XPOSITION, REAL, NULL },
  { TIFFTAG_YPOSITION, REAL, NULL },
  { TIFFTAG_PAGENUMBER, PAIR, NULL },
  { TIFFTAG_SOFTWARE, TEXT, NULL },
  { TIFFTAG_DATETIME, TEXT, NULL },
  { TIFFTAG_ARTIST, TEXT, NULL },
  { TIFFTAG_HOSTCOMPUTER, TEXT, NULL },
  { TIFFTAG_TARGETPRINTER, TEXT, NULL },
  { TIFFTAG_COPYRIGHT, TEXT, NULL },
  { 33550, DOUBLES, "ModelPixelScale" },
  { 33922, DOUBLES, "ModelTiepoint" },
  { 34264, DOUBLES, "ModelTransformation" },
  { 34735, WORDS, "GeoKeyDirectory" },
  { 34736, DOUBLES, "GeoDoubleParams" },
  { 34737, TEXT, "GeoAsciiParams" },
  { 42112, TEXT, "GDAL_METADATA" },
  { 42113, TEXT, "GDAL_NODATA" },
};

typedef struct {
  const Known *known;
  guint32 count; /* of values */
  GBytes *data;  /* texts with their 0 */
} Tag;

static void
free_tag (gpointer data)
{
  Tag *tag = data;
  g_bytes_unref (tag->data);
  g_free (tag);
}

/* Tells libtiff of the tags that it does not know. */
static void
declare (TIFF *tiff)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++) {
    if (!known[i].name || TIFFFindField (tiff, known[i].tag, TIFF_ANY))
      continue;
    gboolean text = known[i].shape == TEXT;
    TIFFFieldInfo info = { .field_tag = known[i].tag,
                           .field_readcount = text ? TIFF_VARIABLE : TIFF_VARIABLE2,
                           .field_writecount = text ? TIFF_VARIABLE : TIFF_VARIABLE2,
                           .field_type = text                         ? TIFF_ASCII
                                         : known[i].shape == WORDS ? TIFF_SHORT
                                                                      : TIFF_DOUBLE,
                           .field_bit = FIELD_CUSTOM,
                           .field_oktochange = 1,
                           .field_passcount = !text,
                           .field_name = (char *) (guintptr) known[i].name };
    TIFFMergeFieldInfo (tiff, &info, 1);
  }
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

/* Values of a tag whose count libtiff tells beforehand; 16 or 32 bits wide, as the field has it. */
static gconstpointer
get_array (TIFF *tiff, const Known *item, guint32 *count)
{
  const TIFFField *field = TIFFFieldWithTag (tiff, item->tag);
  gconstpointer data = NULL;
  uint16_t few = 0;
  uint32_t many = 0;
  /* Unknown tags that libtiff met in the file have its own idea of their type. */
  TIFFDataType type = field ? TIFFFieldDataType (field) : TIFF_NOTYPE;
  TIFFDataType wanted = item->shape == WORDS ? TIFF_SHORT : TIFF_DOUBLE;
  if (!field || !TIFFFieldPassCount (field) || type != wanted)
    return NULL;
  gboolean wide = TIFFFieldReadCount (field) == TIFF_VARIABLE2;
  if (!(wide ? TIFFGetField (tiff, item->tag, &many, &data) : TIFFGetField (tiff, item->tag, &few, &data)))
    return NULL;
  *count = wide ? many : few;
  return data;
}

static GBytes *
get_text (TIFF *tiff, const Known *item)
{
  const TIFFField *field = TIFFFieldWithTag (tiff, item->tag);
  const char *text = NULL;
  uint32_t many = 0;
  uint16_t few = 0;
  if (!field || TIFFFieldDataType (field) != TIFF_ASCII)
    return NULL;
  gboolean ok = !TIFFFieldPassCount (field)                    ? TIFFGetField (tiff, item->tag, &text)
                : TIFFFieldReadCount (field) == TIFF_VARIABLE2 ? TIFFGetField (tiff, item->tag, &many, &text)
                                                               : TIFFGetField (tiff, item->tag, &few, &text);
  return ok && text ? g_bytes_new (text, strlen (text) + 1) : NULL;
}

static GBytes *
get_tag (TIFF *tiff, const Known *item, guint32 *count)
{
  uint16_t pair[2];
  float real;
  gconstpointer data;
  *count = 1;
  switch (item->shape) {
    case TEXT:
      return get_text (tiff, item);
    case PAIR:
      return TIFFGetField (tiff, item->tag, &pair[0], &pair[1]) ? g_bytes_new (pair, sizeof pair) : NULL;
    case REAL:
      return TIFFGetField (tiff, item->tag, &real) ? g_bytes_new (&real, sizeof real) : NULL;
    default:
      data = get_array (tiff, item, count);
      return data ? g_bytes_new (data, *count * (item->shape == WORDS ? 2 : 8)) : NULL;
  }
}

GPtrArray *
ie_tiff_read_tags (TIFF *tiff, gsize limit)
{
  GPtrArray *tags = g_ptr_array_new_with_free_func (free_tag);
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++) {
    guint32 count;
    GBytes *data = get_tag (tiff, &known[i], &count);
    if (!data || g_bytes_get_size (data) > limit) {
      g_clear_pointer (&data, g_bytes_unref);
      continue;
    }
    Tag *tag = g_new (Tag, 1);
    *tag = (Tag){ &known[i], count, data };
    g_ptr_array_add (tags, tag);
  }
  if (tags->len > 0)
    return tags;
  g_ptr_array_unref (tags);
  return NULL;
}

static gboolean
read_profile (TIFF *tiff, const IeReadLimits *limits, IeMetadata *metadata, GError **error)
{
  uint32_t size = 0;
  void *data = NULL;
  if (!TIFFGetField (tiff, TIFFTAG_ICCPROFILE, &size, &data) || size == 0)
    return TRUE;
  if (size > limits->icc) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
                 _ ("TIFF with an ICC profile of %u bytes (limit %zu) is not supported"), size, limits->icc);
    return FALSE;
  }
  metadata->icc = g_bytes_new (data, size);
  return TRUE;
}

/* IPTC is said to be of 32-bit words by some, and then in the file's byte order by a few. */
static GBytes *
straighten_iptc (GBytes *block)
{
  gsize size;
  const guint8 *data = block ? g_bytes_get_data (block, &size) : NULL;
  if (!block || size < 4 || data[0] == IPTC_MARK || data[3] != IPTC_MARK)
    return block;
  guint8 *turned = g_malloc (size);
  for (gsize i = 0; i < size; i++)
    turned[i] = (i ^ 3) < size ? data[i ^ 3] : 0;
  g_bytes_unref (block);
  return g_bytes_new_take (turned, size);
}

static void
read_xmp (TIFF *tiff, const IeReadLimits *limits, IeMetadata *metadata)
{
  uint32_t size = 0;
  void *data = NULL;
  if (!TIFFGetField (tiff, TIFFTAG_XMLPACKET, &size, &data) || size == 0)
    return;
  if (size <= limits->text)
    metadata->xmp = g_bytes_new (data, size);
  else
    ie_fidelity_note (limits->fidelity, IE_ITEM_XMP, IE_FIDELITY_DROPPED, _ ("%u bytes are more than the limit"), size);
}

/* Photoshop's own tag, in which IPTC may stand alone. */
static void
read_photoshop (IeTiffHandle *handle, guint64 directory, const IeReadLimits *limits, IeMetadata *metadata)
{
  GBytes *resources = ie_tiff_raw_tag (handle->fd, handle->size, directory, TIFFTAG_PHOTOSHOP, limits->text);
  gsize size;
  if (!resources)
    return;
  const guint8 *data = g_bytes_get_data (resources, &size);
  ie_photoshop_read (metadata, data, size, limits->fidelity);
  g_bytes_unref (resources);
}

static void
read_resolution (TIFF *tiff, IeMetadata *metadata)
{
  uint16_t unit;
  float x = 0, y = 0;
  TIFFGetFieldDefaulted (tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
  if (unit == RESUNIT_NONE || !TIFFGetField (tiff, TIFFTAG_XRESOLUTION, &x) ||
      !TIFFGetField (tiff, TIFFTAG_YRESOLUTION, &y) || !(x > 0 && y > 0 && x < 1e9f && y < 1e9f))
    return;
  double per_inch = unit == RESUNIT_CENTIMETER ? CENTIMETRES_PER_INCH : 1;
  metadata->x_resolution = x * per_inch;
  metadata->y_resolution = y * per_inch;
}

gboolean
ie_tiff_read_blocks (IeTiffHandle *handle, guint64 directory, const IeReadLimits *limits, IeMetadata *metadata,
                     GError **error)
{
  uint16_t orientation;
  declare (handle->tiff);
  if (!read_profile (handle->tiff, limits, metadata, error))
    return FALSE;
  if (TIFFGetField (handle->tiff, TIFFTAG_ORIENTATION, &orientation) && orientation >= 1 && orientation <= 8)
    metadata->orientation = orientation;
  read_resolution (handle->tiff, metadata);
  read_xmp (handle->tiff, limits, metadata);
  metadata->iptc =
    straighten_iptc (ie_tiff_raw_tag (handle->fd, handle->size, directory, TIFFTAG_RICHTIFFIPTC, limits->text));
  read_photoshop (handle, directory, limits, metadata);
  return TRUE;
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

gboolean
ie_tiff_write_blocks (TIFF *tiff, const IeMetadata *metadata)
{
  gsize size;
  gboolean ok = TRUE;
  if (metadata->icc) {
    gconstpointer data = g_bytes_get_data (metadata->icc, &size);
    ok = TIFFSetField (tiff, TIFFTAG_ICCPROFILE, (uint32_t) size, data);
  }
  if (ok && metadata->xmp) {
    gconstpointer data = g_bytes_get_data (metadata->xmp, &size);
    ok = TIFFSetField (tiff, TIFFTAG_XMLPACKET, (uint32_t) size, data);
  }
  if (ok && metadata->iptc) { /* whole 32-bit words, filled up with zeros */
    gconstpointer data = g_bytes_get_data (metadata->iptc, &size);
    gsize words = (size + 3) / 4;
    guint32 *copy = g_new0 (guint32, words);
    memcpy (copy, data, size);
    /* LONG up to libtiff 4.2, UNDEFINED in later ones, whose count is of bytes. */
    const TIFFField *field = TIFFFindField (tiff, TIFFTAG_RICHTIFFIPTC, TIFF_ANY);
    gboolean longs = field && TIFFFieldDataType (field) == TIFF_LONG;
    ok = TIFFSetField (tiff, TIFFTAG_RICHTIFFIPTC, (uint32_t) (longs ? words : size), copy);
    g_free (copy);
  }
  if (ok && metadata->photoshop) {
    gconstpointer data = g_bytes_get_data (metadata->photoshop, &size);
    ok = TIFFSetField (tiff, TIFFTAG_PHOTOSHOP, (uint32_t) size, data);
  }
  if (ok && metadata->x_resolution > 0 && metadata->y_resolution > 0)
    ok = TIFFSetField (tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH) &&
         TIFFSetField (tiff, TIFFTAG_XRESOLUTION, metadata->x_resolution) &&
         TIFFSetField (tiff, TIFFTAG_YRESOLUTION, metadata->y_resolution);
  if (ok && metadata->orientation >= 1 && metadata->orientation <= 8)
    ok = TIFFSetField (tiff, TIFFTAG_ORIENTATION, metadata->orientation);
  return ok;
}

void
ie_tiff_write_tags (TIFF *tiff, const GPtrArray *tags)
{
  declare (tiff);
  for (guint i = 0; i < tags->len; i++) {
    const Tag *tag = tags->pdata[i];
    gconstpointer data = g_bytes_get_data (tag->data, NULL);
    guint32 number = tag->known->tag;
    switch (tag->known->shape) {
      case TEXT:
        TIFFSetField (tiff, number, (const char *) data);
        break;
      case PAIR:
        TIFFSetField (tiff, number, ((const uint16_t *) data)[0], ((const uint16_t *) data)[1]);
        break;
      case REAL:
        TIFFSetField (tiff, number, (double) *(const float *) data);
        break;
      default:
        TIFFSetField (tiff, number, tag->count, data);
    }
  }
}
