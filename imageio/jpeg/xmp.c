// SPDX-License-Identifier: GPL-3.0-or-later
/* XMP that is longer than a JPEG segment (Adobe XMP Specification, part 3, section 1.1.3.1 "Extended XMP in JPEG"): a
 * short packet names a longer one by its MD5. Both are taken as one packet, and split again when written. */
#include "imageio/jpeg/markers.h"

#define STUB                                                                                                           \
  "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"                                                 \
  "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"          \
  "<rdf:Description rdf:about=\"\" xmlns:xmpNote=\"http://ns.adobe.com/xmp/note/\" xmpNote:HasExtendedXMP=\"%s\"/>"    \
  "</rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>"
#define POINTER "xmpNote:HasExtendedXMP"
#define RDF_END "</rdf:RDF>"

char *
ie_jpeg_xmp_stub (const char *guid)
{
  return g_strdup_printf (STUB, guid);
}

/* Takes the property that points at the other packet out of the text, as attribute or as element. */
static void
remove_pointer (GString *text)
{
  char *found = strstr (text->str, POINTER);
  if (!found)
    return;
  gboolean element = found > text->str && found[-1] == '<';
  char *end = element ? strstr (found, "</" POINTER ">") : NULL;
  if (element && end)
    end += strlen ("</" POINTER ">");
  char *quote = element ? NULL : strpbrk (found, "\"'");
  if (quote)
    end = strchr (quote + 1, *quote);
  if (quote && end)
    end++;
  if (end)
    g_string_erase (text, (element ? found - 1 : found) - text->str, end - (element ? found - 1 : found));
}

GBytes *
ie_jpeg_xmp_join (GBytes *first, const guint8 *more, gsize size, const char *guid)
{
  gsize first_size;
  const char *first_text = g_bytes_get_data (first, &first_size);
  GString *text = g_string_new_len (first_text, (gssize) first_size);
  char *other = g_strndup ((const char *) more, size), *stub = ie_jpeg_xmp_stub (guid);
  GBytes *joined = NULL;
  char *begin = strstr (other, "<rdf:RDF"), *end = begin ? strstr (begin, RDF_END) : NULL;
  begin = begin ? strchr (begin, '>') : NULL;
  char *place = strstr (text->str, RDF_END);
  if (strcmp (text->str, stub) == 0)
    joined = g_bytes_new (more, size);
  else if (begin && end && begin < end && place && strstr (text->str, guid)) {
    g_string_insert_len (text, place - text->str, begin + 1, end - begin - 1);
    remove_pointer (text);
    joined = g_bytes_new (text->str, text->len);
  }
  g_string_free (text, TRUE);
  g_free (other);
  g_free (stub);
  return joined;
}
