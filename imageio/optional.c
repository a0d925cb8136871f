// SPDX-License-Identifier: GPL-3.0-or-later
/* Formats whose library may be absent: how they are recognised is known in every build, and one that was built without the
 * library says which package brings it. */
#include "core/i18n.h"
#include "imageio/internal.h"

#include <unistd.h>

const char *const ie_extensions_webp[] = { "webp", NULL };
const char *const ie_extensions_heif[] = { "heic", "heif", "hif", NULL };
const char *const ie_extensions_avif[] = { "avif", NULL };
const char *const ie_extensions_jxl[] = { "jxl", NULL };
const char *const ie_extensions_jp2[] = { "jp2", "j2k", "jpx", "j2c", "jpc", NULL };
const char *const ie_extensions_exr[] = { "exr", NULL };
const char *const ie_extensions_raw[] = { "dng", "cr2", "cr3", "crw", "nef", "nrw", "arw", "sr2", "srf", "raf", "orf",
                                          "rw2", "rwl", "pef", "srw", "3fr", "fff", "iiq", "mrw", "x3f", "erf", "mef",
                                          "mos", "kdc", "dcr", NULL };

gboolean
ie_sniff_webp (const guint8 *head, gsize size)
{
  return size >= 12 && memcmp (head, "RIFF", 4) == 0 && memcmp (head + 8, "WEBP", 4) == 0;
}

/* Whether an ISO base media file names one of the brands (of four letters each) as its own or among the compatible ones
 * that the head shows. */
static gboolean
has_brand (const guint8 *head, gsize size, const char *brands)
{
  if (size < 12 || memcmp (head + 4, "ftyp", 4) != 0)
    return FALSE;
  gsize box = (gsize) head[2] << 8 | head[3], end = MIN (size, MAX (box, 12));
  for (gsize at = 8; at + 4 <= end; at += at == 8 ? 8 : 4)
    for (const char *brand = brands; *brand; brand += 4)
      if (memcmp (head + at, brand, 4) == 0)
        return TRUE;
  return FALSE;
}

gboolean
ie_sniff_avif (const guint8 *head, gsize size)
{
  return has_brand (head, size, "avifavis");
}

gboolean
ie_sniff_heif (const guint8 *head, gsize size)
{
  return !ie_sniff_avif (head, size) && has_brand (head, size, "heicheixhevchevxheimheismif1msf1");
}

gboolean
ie_sniff_jxl (const guint8 *head, gsize size)
{
  static const guint8 box[12] = { 0, 0, 0, 12, 'J', 'X', 'L', ' ', '\r', '\n', 0x87, '\n' };
  return (size >= 2 && head[0] == 0xff && head[1] == 0x0a) || (size >= 12 && memcmp (head, box, 12) == 0);
}

gboolean
ie_sniff_jp2 (const guint8 *head, gsize size)
{
  static const guint8 box[12] = { 0, 0, 0, 12, 'j', 'P', ' ', ' ', '\r', '\n', 0x87, '\n' };
  static const guint8 stream[4] = { 0xff, 0x4f, 0xff, 0x51 };
  return (size >= 12 && memcmp (head, box, 12) == 0) || (size >= 4 && memcmp (head, stream, 4) == 0);
}

gboolean
ie_sniff_exr (const guint8 *head, gsize size)
{
  static const guint8 magic[4] = { 0x76, 0x2f, 0x31, 0x01 };
  return size >= 4 && memcmp (head, magic, 4) == 0;
}

/* Raw files with a head of their own; the many that begin like a TIFF are told by their name. */
gboolean
ie_sniff_raw (const guint8 *head, gsize size)
{
  if (size < 16)
    return FALSE;
  return memcmp (head, "FUJIFILMCCD-RAW", 15) == 0 || memcmp (head, "IIU\0", 4) == 0 || memcmp (head, "IIRO", 4) == 0 ||
         memcmp (head, "IIRS", 4) == 0 || memcmp (head, "MMOR", 4) == 0 || memcmp (head, "FOVb", 4) == 0 ||
         memcmp (head, "\0MRM", 4) == 0 || memcmp (head + 6, "HEAPCCDR", 8) == 0 ||
         (memcmp (head, "II*\0", 4) == 0 && memcmp (head + 8, "CR\2", 3) == 0) || has_brand (head, size, "crx ");
}

#define TAG_PHOTOMETRIC 0x0106
#define TAG_SUBDIRECTORIES 0x014a
#define TAG_DNG_VERSION 0xc612
#define PHOTOMETRIC_FILTER_ARRAY 32803 /* TIFF/EP */
#define PHOTOMETRIC_LINEAR_RAW 34892   /* DNG 1.4 */
#define MOST_ENTRIES 256
#define MOST_SUBDIRECTORIES 8

static guint32
number_at (const guint8 *bytes, int count, gboolean big_endian)
{
  guint32 number = 0;
  for (int i = 0; i < count; i++)
    number = number << 8 | bytes[big_endian ? i : count - 1 - i];
  return number;
}

/* Whether a directory of a TIFF says that its samples come from a sensor; gathers where directories below it are. */
static gboolean
is_sensor_directory (int fd, guint32 offset, gboolean big_endian, guint32 *below, int *count)
{
  guint8 entries[2 + 12 * MOST_ENTRIES], list[4 * MOST_SUBDIRECTORIES];
  gssize got = ie_pread (fd, entries, sizeof entries, offset);
  gsize number = got >= 2 ? number_at (entries, 2, big_endian) : 0;
  for (gsize i = 0; i < number && (gssize) (2 + 12 * (i + 1)) <= got; i++) {
    const guint8 *entry = entries + 2 + 12 * i;
    guint32 tag = number_at (entry, 2, big_endian), values = number_at (entry + 4, 4, big_endian);
    guint32 value = number_at (entry + 8, 2, big_endian), place = number_at (entry + 8, 4, big_endian);
    if (tag == TAG_DNG_VERSION ||
        (tag == TAG_PHOTOMETRIC && (value == PHOTOMETRIC_FILTER_ARRAY || value == PHOTOMETRIC_LINEAR_RAW)))
      return TRUE;
    if (tag != TAG_SUBDIRECTORIES || !below)
      continue;
    values = MIN (values, MOST_SUBDIRECTORIES);
    if (values == 1)
      below[(*count)++] = place;
    else if (ie_pread (fd, list, 4 * values, place) == (gssize) (4 * values))
      for (guint32 k = 0; k < values; k++)
        below[(*count)++] = number_at (list + 4 * k, 4, big_endian);
    below = NULL; /* once */
  }
  return FALSE;
}

gboolean
ie_raw_in_tiff (int fd)
{
  guint8 head[8];
  guint32 below[MOST_SUBDIRECTORIES];
  int count = 0;
  if (ie_pread (fd, head, sizeof head, 0) != sizeof head || (memcmp (head, "II*\0", 4) && memcmp (head, "MM\0*", 4)))
    return FALSE;
  gboolean big_endian = head[0] == 'M';
  if (is_sensor_directory (fd, number_at (head + 4, 4, big_endian), big_endian, below, &count))
    return TRUE;
  for (int i = 0; i < count; i++)
    if (is_sensor_directory (fd, below[i], big_endian, NULL, NULL))
      return TRUE;
  return FALSE;
}

/* A format that this build does not have. */
#define MISSING(id, text, library, package)                                                                            \
  static gboolean missing_##id (GError **error, IeErrorCode code)                                                      \
  {                                                                                                                    \
    g_set_error (error, IE_ERROR, code, _ ("%s needs %s: install %s and build again"), text, library, package);        \
    return FALSE;                                                                                                      \
  }                                                                                                                    \
  static IeSource *open_##id (int fd, const IeReadLimits *limits, GError **error)                                      \
  {                                                                                                                    \
    close (fd);                                                                                                        \
    missing_##id (error, IE_ERROR_INPUT);                                                                              \
    return NULL;                                                                                                       \
  }                                                                                                                    \
  static IeFileSink *create_##id (int fd, const IeWriteOptions *options, GError **error)                               \
  {                                                                                                                    \
    close (fd);                                                                                                        \
    missing_##id (error, IE_ERROR_OUTPUT);                                                                             \
    return NULL;                                                                                                       \
  }                                                                                                                    \
  const IeFormat ie_format_##id = { .name = #id,                                                                       \
                                    .label = text,                                                                     \
                                    .extensions = ie_extensions_##id,                                                  \
                                    .can = IE_CAN_U8 | IE_CAN_U16 | IE_CAN_FLOAT | IE_CAN_ALPHA | IE_CAN_CMYK,         \
                                    .missing = package,                                                                \
                                    .sniff = ie_sniff_##id,                                                            \
                                    .open = open_##id,                                                                 \
                                    .create = create_##id };

#ifndef HAVE_WEBP
MISSING (webp, "WebP", "libwebp", "libwebp-dev")
#endif
#ifndef HAVE_HEIF
MISSING (heif, "HEIF", "libheif", "libheif-dev")
MISSING (avif, "AVIF", "libheif", "libheif-dev")
#endif
#ifndef HAVE_JXL
MISSING (jxl, "JPEG XL", "libjxl", "libjxl-dev")
#endif
#ifndef HAVE_JP2
MISSING (jp2, "JPEG 2000", "OpenJPEG", "libopenjp2-7-dev")
#endif
#ifndef HAVE_EXR
MISSING (exr, "OpenEXR", "OpenEXR", "libopenexr-dev")
#endif
#ifndef HAVE_RAW
MISSING (raw, "camera raw", "LibRaw", "libraw-dev")
#endif
