// SPDX-License-Identifier: GPL-3.0-or-later
/* Names of tags: Exif 2.32 (CIPA DC-008), TIFF 6.0; of datasets: IPTC IIM 4.2. */
#include "cli/info-metadata.h"

#include <string.h>

#include "cli/json.h"
#include "cli/terminal.h"
#include "core/i18n.h"
#include "imageio/metadata/exif.h"
#include "imageio/metadata/xmp.h"

#define MOST_NUMBERS 16
#define MOST_TEXT 1000 /* bytes of a value */
#define MOST_VALUES 500 /* of a block */

typedef struct {
  GString *out;
  gboolean json;
  char *prefix;
} Printer;

static const struct {
  guint16 tag;
  const char *name;
} tag_names[] = {
  { 0x0100, "ImageWidth" }, { 0x0101, "ImageLength" }, { 0x0103, "Compression" }, { 0x010d, "DocumentName" },
  { 0x010e, "ImageDescription" }, { 0x010f, "Make" }, { 0x0110, "Model" }, { 0x0112, "Orientation" },
  { 0x011a, "XResolution" }, { 0x011b, "YResolution" }, { 0x0128, "ResolutionUnit" }, { 0x0131, "Software" },
  { 0x0132, "DateTime" }, { 0x013b, "Artist" }, { 0x0201, "JPEGInterchangeFormat" },
  { 0x0202, "JPEGInterchangeFormatLength" }, { 0x0213, "YCbCrPositioning" }, { 0x4746, "Rating" },
  { 0x8298, "Copyright" }, { 0x829a, "ExposureTime" }, { 0x829d, "FNumber" }, { 0x8769, "ExifIFD" },
  { 0x8822, "ExposureProgram" }, { 0x8825, "GPSIFD" }, { 0x8827, "PhotographicSensitivity" }, { 0x9000, "ExifVersion" },
  { 0x9003, "DateTimeOriginal" }, { 0x9004, "DateTimeDigitized" }, { 0x9010, "OffsetTime" },
  { 0x9011, "OffsetTimeOriginal" }, { 0x9012, "OffsetTimeDigitized" }, { 0x9201, "ShutterSpeedValue" },
  { 0x9202, "ApertureValue" }, { 0x9204, "ExposureBiasValue" }, { 0x9205, "MaxApertureValue" },
  { 0x9207, "MeteringMode" }, { 0x9208, "LightSource" }, { 0x9209, "Flash" }, { 0x920a, "FocalLength" },
  { 0x927c, "MakerNote" }, { 0x9286, "UserComment" }, { 0x9291, "SubSecTimeOriginal" }, { 0xa000, "FlashpixVersion" },
  { 0xa001, "ColorSpace" }, { 0xa002, "PixelXDimension" }, { 0xa003, "PixelYDimension" }, { 0xa005, "InteropIFD" },
  { 0xa402, "ExposureMode" }, { 0xa403, "WhiteBalance" }, { 0xa405, "FocalLengthIn35mmFilm" },
  { 0xa406, "SceneCaptureType" }, { 0xa431, "BodySerialNumber" }, { 0xa432, "LensSpecification" },
  { 0xa433, "LensMake" }, { 0xa434, "LensModel" }, { 0xa435, "LensSerialNumber" },
};

static const char *const gps_names[] = {
  "GPSVersionID",  "GPSLatitudeRef",  "GPSLatitude",  "GPSLongitudeRef", "GPSLongitude",  "GPSAltitudeRef",
  "GPSAltitude",   "GPSTimeStamp",    "GPSSatellites", "GPSStatus",      "GPSMeasureMode", "GPSDOP",
  "GPSSpeedRef",   "GPSSpeed",        "GPSTrackRef",  "GPSTrack",        "GPSImgDirectionRef", "GPSImgDirection",
};

static const struct {
  guint8 dataset;
  const char *name;
} dataset_names[] = {
  { 5, "ObjectName" }, { 15, "Category" }, { 25, "Keywords" }, { 55, "DateCreated" }, { 60, "TimeCreated" },
  { 80, "By-line" }, { 85, "By-lineTitle" }, { 90, "City" }, { 95, "Province-State" }, { 101, "Country" },
  { 105, "Headline" }, { 110, "Credit" }, { 115, "Source" }, { 116, "CopyrightNotice" }, { 120, "Caption-Abstract" },
};

static void
print_value (Printer *printer, const char *name, const char *value, gsize length)
{
  char *whole = g_strndup (value, MIN (length, MOST_TEXT)), *valid = g_utf8_make_valid (whole, -1);
  if (printer->json) {
    cli_json_open (printer->out, '{');
    cli_json_key (printer->out, "name");
    cli_json_string (printer->out, name);
    cli_json_key (printer->out, "value");
    cli_json_string (printer->out, valid);
    cli_json_close (printer->out, '}');
  } else {
    char *safe_name = cli_escape (name), *safe = cli_escape (valid);
    g_string_append_printf (printer->out, "    %s%s: %s\n", printer->prefix, safe_name, safe);
    g_free (safe_name);
    g_free (safe);
  }
  g_free (valid);
  g_free (whole);
}

/* ---- EXIF -------------------------------------------------------------------------------------------------------- */

static char *
name_tag (const IeExifEntry *entry)
{
  if (entry->directory == IE_EXIF_GPS && entry->tag < G_N_ELEMENTS (gps_names))
    return g_strdup (gps_names[entry->tag]);
  for (gsize i = 0; i < G_N_ELEMENTS (tag_names) && entry->directory != IE_EXIF_GPS; i++)
    if (tag_names[i].tag == entry->tag && entry->directory != IE_EXIF_INTEROP)
      return g_strdup (tag_names[i].name);
  return g_strdup_printf ("0x%04x", entry->tag);
}

static void
print_entry (Printer *printer, const IeExif *exif, const IeExifEntry *entry)
{
  static const char *const directories[] = { "IFD0.", "IFD1.", "Exif.", "GPS.", "Interop." };
  char *tag = name_tag (entry), *name = g_strconcat (directories[entry->directory], tag, NULL);
  GString *value = g_string_new (NULL);
  if (entry->type == IE_EXIF_ASCII)
    g_string_append_len (value, (const char *)exif->data + entry->value, (gssize)MIN (entry->bytes, MOST_TEXT));
  else if (entry->type == IE_EXIF_UNDEFINED)
    g_string_append_printf (value, _ ("%zu bytes"), entry->bytes);
  else
    for (guint32 i = 0; i < MIN (entry->count, MOST_NUMBERS); i++) {
      char *number = cli_number (ie_exif_number (exif, entry, i));
      g_string_append_printf (value, "%s%s", i ? " " : "", number);
      g_free (number);
    }
  if (entry->type != IE_EXIF_ASCII && entry->type != IE_EXIF_UNDEFINED && entry->count > MOST_NUMBERS)
    g_string_append_printf (value, " ... (%u)", entry->count);
  print_value (printer, name, value->str, strlen (value->str));
  g_string_free (value, TRUE);
  g_free (name);
  g_free (tag);
}

static void
print_exif (Printer *printer, GBytes *block)
{
  IeExif exif;
  gsize size;
  gconstpointer data = g_bytes_get_data (block, &size);
  if (ie_exif_parse (&exif, data, size))
    for (guint i = 0; i < MIN (exif.entries->len, MOST_VALUES); i++)
      print_entry (printer, &exif, &g_array_index (exif.entries, IeExifEntry, i));
  ie_exif_clear (&exif);
}

/* ---- IPTC, XMP, texts -------------------------------------------------------------------------------------------- */

/* Datasets: 0x1c, record, dataset, length of 16 bits (IIM 4.2, 1.6); longer ones are passed by. */
static void
print_iptc (Printer *printer, GBytes *block)
{
  gsize size, at = 0;
  const guint8 *data = g_bytes_get_data (block, &size);
  for (guint count = 0; count < MOST_VALUES && at + 5 <= size && data[at] == 0x1c; count++) {
    gsize length = (gsize)(data[at + 3] << 8 | data[at + 4]);
    char *name = g_strdup_printf ("%u:%u", data[at + 1], data[at + 2]);
    if (length >= 0x8000 || length > size - at - 5) {
      g_free (name);
      return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS (dataset_names) && data[at + 1] == 2; i++)
      if (dataset_names[i].dataset == data[at + 2]) {
        g_free (name);
        name = g_strdup (dataset_names[i].name);
      }
    print_value (printer, name, (const char *)data + at + 5, length);
    g_free (name);
    at += 5 + length;
  }
}

static void
print_property (gpointer data, const char *name, const char *value)
{
  print_value (data, name, value, strlen (value));
}

static void
print_xmp (Printer *printer, GBytes *packet)
{
  const char *failed;
  if (!ie_xmp_list (packet, MOST_VALUES, print_property, printer, &failed))
    print_value (printer, _ ("unread"), failed, strlen (failed));
}

static void
print_texts (Printer *printer, const GPtrArray *texts)
{
  for (guint i = 0; texts && i < MIN (texts->len, MOST_VALUES); i++) {
    const IeText *text = texts->pdata[i];
    print_value (printer, text->name, text->text, strlen (text->text));
  }
}

/* ---- All --------------------------------------------------------------------------------------------------------- */

static void
print_part (Printer *printer, int part, const IeMetadata *metadata)
{
  if (part == 0 && metadata->exif)
    print_exif (printer, metadata->exif);
  else if (part == 1 && metadata->xmp)
    print_xmp (printer, metadata->xmp);
  else if (part == 2 && metadata->iptc)
    print_iptc (printer, metadata->iptc);
  else if (part == 3)
    print_texts (printer, metadata->texts);
}

void
cli_info_metadata_json (GString *out, const IeMetadata *metadata)
{
  static const char *const keys[] = { "exif", "xmp", "iptc", "text" };
  Printer printer = { out, TRUE, "" };
  for (int part = 0; part < 4; part++) {
    cli_json_key (out, keys[part]);
    cli_json_open (out, '[');
    print_part (&printer, part, metadata);
    cli_json_close (out, ']');
  }
}

void
cli_info_metadata_text (GString *out, const IeMetadata *metadata)
{
  static const char *const prefixes[] = { "", "", "Iptc.", "Text." };
  for (int part = 0; part < 4; part++) {
    Printer printer = { out, FALSE, (char *)prefixes[part] };
    print_part (&printer, part, metadata);
  }
}
