// SPDX-License-Identifier: GPL-3.0-or-later
/* Datasets: IPTC-NAA Information Interchange Model 4.2, chapters 1.6 and 6. Properties that mean the same: IPTC Photo
 * Metadata Standard, "IIM to XMP mapping", and Metadata Working Group, Guidelines for Handling Image Metadata 2.0, 5. */
#include "imageio/metadata/iptc.h"
#include "core/i18n.h"
#include "imageio/metadata/xmp.h"

#include <string.h>

#define MARK 0x1c
#define HEAD_BYTES 5
#define MOST_DATASETS 2000
#define RECORD_ENVELOPE 1
#define RECORD_APPLICATION 2
#define ENVELOPE_CHARACTER_SET 90

enum { DATE_CREATED = 55, TIME_CREATED = 60, DATE_DIGITAL = 62, TIME_DIGITAL = 63 };

static const struct {
  guint8 dataset;
  IeXmpKind kind;
  const char *tag;
} known[] = {
  { 4, IE_XMP_TEXT, "Xmp.iptc.IntellectualGenre" },
  { 5, IE_XMP_LANGUAGES, "Xmp.dc.title" },
  { 10, IE_XMP_TEXT, "Xmp.photoshop.Urgency" },
  { 12, IE_XMP_BAG, "Xmp.iptc.SubjectCode" },
  { 15, IE_XMP_TEXT, "Xmp.photoshop.Category" },
  { 20, IE_XMP_BAG, "Xmp.photoshop.SupplementalCategories" },
  { 25, IE_XMP_BAG, "Xmp.dc.subject" },
  { 40, IE_XMP_TEXT, "Xmp.photoshop.Instructions" },
  { DATE_CREATED, IE_XMP_TEXT, "Xmp.photoshop.DateCreated" },
  { DATE_DIGITAL, IE_XMP_TEXT, "Xmp.xmp.CreateDate" },
  { 80, IE_XMP_SEQUENCE, "Xmp.dc.creator" },
  { 85, IE_XMP_TEXT, "Xmp.photoshop.AuthorsPosition" },
  { 90, IE_XMP_TEXT, "Xmp.photoshop.City" },
  { 92, IE_XMP_TEXT, "Xmp.iptc.Location" },
  { 95, IE_XMP_TEXT, "Xmp.photoshop.State" },
  { 100, IE_XMP_TEXT, "Xmp.iptc.CountryCode" },
  { 101, IE_XMP_TEXT, "Xmp.photoshop.Country" },
  { 103, IE_XMP_TEXT, "Xmp.photoshop.TransmissionReference" },
  { 105, IE_XMP_TEXT, "Xmp.photoshop.Headline" },
  { 110, IE_XMP_TEXT, "Xmp.photoshop.Credit" },
  { 115, IE_XMP_TEXT, "Xmp.photoshop.Source" },
  { 116, IE_XMP_LANGUAGES, "Xmp.dc.rights" },
  { 120, IE_XMP_LANGUAGES, "Xmp.dc.description" },
  { 122, IE_XMP_TEXT, "Xmp.photoshop.CaptionWriter" },
};

typedef struct {
  guint8 record, dataset;
  const guint8 *data;
  gsize size;
} Dataset;

/* The next dataset that can be read; extended ones (longer than 32,767 bytes) end the block for us. */
static gboolean
next_dataset (const guint8 *data, gsize size, gsize *at, Dataset *dataset)
{
  if (size - *at < HEAD_BYTES || data[*at] != MARK)
    return FALSE;
  gsize length = (gsize) data[*at + 3] << 8 | data[*at + 4];
  if (length >= 0x8000 || length > size - *at - HEAD_BYTES)
    return FALSE;
  *dataset = (Dataset){ data[*at + 1], data[*at + 2], data + *at + HEAD_BYTES, length };
  *at += HEAD_BYTES + length;
  return TRUE;
}

/* Text as XML may hold it. UTF-8 where the block says so or the bytes are; else taken as Latin-1. NULL: empty. g_free(). */
static char *
text_of (const Dataset *dataset)
{
  const char *bytes = (const char *) dataset->data;
  gsize size = dataset->size;
  while (size > 0 && bytes[size - 1] == 0)
    size--;
  char *text = g_utf8_validate (bytes, (gssize) size, NULL)
                 ? g_strndup (bytes, size)
                 : g_convert (bytes, (gssize) size, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
  for (char *c = text; c && *c; c++)
    if ((guchar) *c < 0x20 && *c != '\n' && *c != '\t')
      *c = ' ';
  if (text && *text)
    return text;
  g_free (text);
  return NULL;
}

static gboolean
all_digits (const char *text, gsize count)
{
  gsize i = 0;
  while (i < count && g_ascii_isdigit (text[i]))
    i++;
  return i == count;
}

/* CCYYMMDD and HHMMSS+HHMM (or NULL) as ISO 8601, without what is not known (00). NULL: not a date. g_free(). */
static char *
join_date (const char *date, const char *time)
{
  if (strlen (date) != 8 || !all_digits (date, 8))
    return NULL;
  GString *joined = g_string_new_len (date, 4);
  gboolean month = strncmp (date + 4, "00", 2) != 0, day = month && strncmp (date + 6, "00", 2) != 0;
  if (month)
    g_string_append_printf (joined, "-%.2s", date + 4);
  if (day)
    g_string_append_printf (joined, "-%.2s", date + 6);
  if (day && time && strlen (time) >= 6 && all_digits (time, 6)) {
    g_string_append_printf (joined, "T%.2s:%.2s:%.2s", time, time + 2, time + 4);
    if (strlen (time) == 11 && (time[6] == '+' || time[6] == '-') && all_digits (time + 7, 4))
      g_string_append_printf (joined, "%.3s:%.2s", time + 6, time + 9);
  }
  return g_string_free (joined, FALSE);
}

/* ---- From datasets to properties --------------------------------------------------------------------------------- */

typedef struct {
  GPtrArray *properties; /* of IeXmpProperty */
  IeIptcCarried *carried;
  char *times[2];        /* of creation and digitisation */
} Mapping;

static void
free_property (gpointer data)
{
  IeXmpProperty *property = data;
  g_ptr_array_unref (property->values);
  g_free (property);
}

/* Takes text. FALSE: the property holds one value and has one. */
static gboolean
add_value (Mapping *mapping, gsize which, char *text)
{
  IeXmpProperty *property = NULL;
  for (guint i = 0; i < mapping->properties->len; i++)
    if (((IeXmpProperty *) mapping->properties->pdata[i])->tag == known[which].tag)
      property = mapping->properties->pdata[i];
  if (property && (known[which].kind == IE_XMP_TEXT || known[which].kind == IE_XMP_LANGUAGES)) {
    g_free (text);
    return FALSE;
  }
  if (!property) {
    property = g_new0 (IeXmpProperty, 1);
    property->tag = known[which].tag;
    property->kind = known[which].kind;
    property->values = g_ptr_array_new_with_free_func (g_free);
    g_ptr_array_add (mapping->properties, property);
  }
  g_ptr_array_add (property->values, text);
  return TRUE;
}

static void
lose (Mapping *mapping, const Dataset *dataset)
{
  GString *lost = mapping->carried->lost;
  g_string_append_printf (lost, "%s%u:%u", lost->len ? ", " : "", dataset->record, dataset->dataset);
}

static void
map_dataset (Mapping *mapping, const Dataset *dataset)
{
  gboolean about_itself = dataset->dataset == 0 || (dataset->record == RECORD_ENVELOPE &&
                                                    dataset->dataset == ENVELOPE_CHARACTER_SET);
  gboolean is_time = dataset->record == RECORD_APPLICATION &&
                     (dataset->dataset == TIME_CREATED || dataset->dataset == TIME_DIGITAL);
  char *text = about_itself ? NULL : text_of (dataset);
  if (!text)
    return;
  mapping->carried->datasets++;
  gsize which = 0;
  while (which < G_N_ELEMENTS (known) && (dataset->record != RECORD_APPLICATION || known[which].dataset != dataset->dataset))
    which++;
  gboolean is_date = dataset->dataset == DATE_CREATED || dataset->dataset == DATE_DIGITAL;
  if (which < G_N_ELEMENTS (known) && is_date) {
    char *date = join_date (text, mapping->times[dataset->dataset == DATE_DIGITAL]);
    g_free (text);
    text = date;
  }
  if (is_time) {
    mapping->carried->carried++; /* with its date */
    g_free (text);
  } else if (which == G_N_ELEMENTS (known) || !text || !add_value (mapping, which, text)) {
    if (which == G_N_ELEMENTS (known))
      g_free (text);
    lose (mapping, dataset);
  }
}

/* Times are wanted when their dates come, wherever they stand. */
static void
find_times (Mapping *mapping, const guint8 *data, gsize size)
{
  Dataset dataset;
  gsize at = 0;
  for (int i = 0; i < MOST_DATASETS && next_dataset (data, size, &at, &dataset); i++)
    for (int t = 0; t < 2; t++)
      if (dataset.record == RECORD_APPLICATION && dataset.dataset == (t ? TIME_DIGITAL : TIME_CREATED) && !mapping->times[t])
        mapping->times[t] = text_of (&dataset);
}

GBytes *
ie_iptc_to_xmp (GBytes *iptc, GBytes *xmp, IeIptcCarried *carried, const char **failed)
{
  Mapping mapping = { g_ptr_array_new_with_free_func (free_property), carried, { NULL, NULL } };
  gsize size, at = 0;
  const guint8 *data = g_bytes_get_data (iptc, &size);
  Dataset dataset;
  GBytes *result = NULL;
  *carried = (IeIptcCarried){ .lost = carried->lost };
  *failed = _ ("none of it has a place in XMP");
  find_times (&mapping, data, size);
  for (int i = 0; i < MOST_DATASETS && next_dataset (data, size, &at, &dataset); i++)
    map_dataset (&mapping, &dataset);
  if (mapping.properties->len > 0)
    result = ie_xmp_add (xmp, (IeXmpProperty **) mapping.properties->pdata, mapping.properties->len, failed);
  for (guint i = 0; result && i < mapping.properties->len; i++) {
    const IeXmpProperty *property = mapping.properties->pdata[i];
    carried->carried += property->differs ? 0 : (int) property->values->len;
    carried->different += property->differs ? (int) property->values->len : 0;
  }
  g_ptr_array_unref (mapping.properties);
  g_free (mapping.times[0]);
  g_free (mapping.times[1]);
  return result;
}
