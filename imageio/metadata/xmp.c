// SPDX-License-Identifier: GPL-3.0-or-later
#include "imageio/metadata/xmp.h"

#include "core/i18n.h"

#include <string.h>

#ifdef IE_HAVE_GEXIV2
#include <gexiv2/gexiv2.h>
#include <math.h>

#define DEEPEST 64                /* elements within elements; real packets have about 12 */
#define MOST_BYTES (8 << 20)
#define RESOLUTION_TOLERANCE 0.51 /* pixels per inch: containers hold integers, of an inch or a metre */
#define CENTIMETRES_PER_INCH 2.54

static GMutex lock;

/* ---- Judging a packet before the library sees it ----------------------------------------------------------------- */

static void
enter (GMarkupParseContext *context, const char *name, const char **names, const char **values, gpointer depth,
       GError **error)
{
  if (++*(int *) depth > DEEPEST)
    g_set_error_literal (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, _ ("too deep"));
}

static void
leave (GMarkupParseContext *context, const char *name, gpointer depth, GError **error)
{
  --*(int *) depth;
}

/* Where the XML begins: after white space and a byte order mark; NULL: not an XMP packet that can be read. */
static const char *
judge (GBytes *packet, gsize *size, const char **failed)
{
  static const GMarkupParser parser = { .start_element = enter, .end_element = leave };
  const char *text = g_bytes_get_data (packet, size);
  *failed = _ ("not well-formed");
  if (*size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0) {
    text += 3;
    *size -= 3;
  }
  while (*size > 0 && (g_ascii_isspace (text[*size - 1]) || text[*size - 1] == 0))
    --*size;
  while (*size > 0 && g_ascii_isspace (*text)) {
    text++;
    --*size;
  }
  if (*size == 0 || *size > MOST_BYTES || !g_utf8_validate (text, (gssize) *size, NULL) ||
      g_strstr_len (text, (gssize) *size, "<!DOCTYPE") || g_strstr_len (text, (gssize) *size, "<!ENTITY"))
    return NULL;
  int depth = 0;
  GMarkupParseContext *context = g_markup_parse_context_new (&parser, 0, &depth, NULL);
  gboolean good = g_markup_parse_context_parse (context, text, (gssize) *size, NULL) &&
                  g_markup_parse_context_end_parse (context, NULL);
  g_markup_parse_context_free (context);
  return good ? text : NULL;
}

/* The lock is held. g_object_unref(). */
static GExiv2Metadata *
load (const char *text, gsize size, const char **failed)
{
  static gboolean begun;
  if (!begun) {
    begun = gexiv2_initialize ();
    gexiv2_log_set_level (GEXIV2_LOG_LEVEL_MUTE);
  }
  GExiv2Metadata *metadata = gexiv2_metadata_new ();
  GError *error = NULL;
  /* A packet by itself is what the library takes for a sidecar file. */
  if (!gexiv2_metadata_open_buf (metadata, (const guint8 *) text, (glong) size, &error)) {
    *failed = _ ("cannot be read");
    g_clear_error (&error);
    g_clear_object (&metadata);
  }
  return metadata;
}

/* ---- Edits ------------------------------------------------------------------------------------------------------- */

/* Value of a property as a number, rationals too; -1: it has none. */
static double
number (GExiv2Metadata *metadata, const char *tag)
{
  char *text = gexiv2_metadata_try_has_tag (metadata, tag, NULL) ? gexiv2_metadata_try_get_tag_string (metadata, tag, NULL) : NULL;
  char *end = NULL;
  double value = text && *text ? g_ascii_strtod (text, &end) : -1;
  if (end && *end == '/') {
    double below = g_ascii_strtod (end + 1, NULL);
    value = below > 0 ? value / below : -1;
  }
  g_free (text);
  return isfinite (value) ? value : -1;
}

static gboolean
set (GExiv2Metadata *metadata, const char *tag, double value, double tolerance, double unit)
{
  double old = number (metadata, tag);
  if (value <= 0 || old < 0 || fabs (old * unit - value) <= tolerance)
    return FALSE;
  char *text = unit == 1 && tolerance == 0 ? g_strdup_printf ("%d", (int) value)
                                           : g_strdup_printf ("%d/1000", (int) (value / unit * 1000 + 0.5));
  gboolean changed = gexiv2_metadata_try_set_tag_string (metadata, tag, text, NULL);
  g_free (text);
  return changed;
}

static gboolean
set_facts (GExiv2Metadata *metadata, const IeXmpFacts *facts)
{
  double unit = number (metadata, "Xmp.tiff.ResolutionUnit") == 3 ? CENTIMETRES_PER_INCH : 1;
  gboolean changed = FALSE;
  changed |= set (metadata, "Xmp.tiff.Orientation", facts->orientation, 0, 1);
  changed |= set (metadata, "Xmp.tiff.ImageWidth", facts->width, 0, 1);
  changed |= set (metadata, "Xmp.tiff.ImageLength", facts->height, 0, 1);
  changed |= set (metadata, "Xmp.exif.PixelXDimension", facts->width, 0, 1);
  changed |= set (metadata, "Xmp.exif.PixelYDimension", facts->height, 0, 1);
  changed |= set (metadata, "Xmp.tiff.XResolution", facts->x_resolution, RESOLUTION_TOLERANCE, unit);
  changed |= set (metadata, "Xmp.tiff.YResolution", facts->y_resolution, RESOLUTION_TOLERANCE, unit);
  return changed;
}

static gboolean
may_say (GBytes *packet)
{
  static const char *const names[] = { "Orientation", "ImageWidth",      "ImageLength",     "PixelXDimension",
                                       "PixelYDimension", "XResolution", "YResolution" };
  gsize size;
  const char *text = g_bytes_get_data (packet, &size);
  gboolean found = FALSE;
  for (gsize i = 0; size > 0 && i < G_N_ELEMENTS (names); i++)
    found |= memmem (text, size, names[i], strlen (names[i])) != NULL;
  return found;
}

GBytes *
ie_xmp_update (GBytes *packet, const IeXmpFacts *facts, const char **failed)
{
  gsize size;
  GBytes *result = NULL;
  *failed = NULL;
  const char *text = may_say (packet) ? judge (packet, &size, failed) : NULL;
  if (!text)
    return g_bytes_ref (packet);
  *failed = NULL;
  g_mutex_lock (&lock);
  GExiv2Metadata *metadata = load (text, size, failed);
  if (metadata && set_facts (metadata, facts)) {
    char *out = gexiv2_metadata_try_generate_xmp_packet (metadata, GEXIV2_USE_COMPACT_FORMAT, 0, NULL);
    if (out)
      result = g_bytes_new_take (out, strlen (out));
    else
      *failed = _ ("cannot be written anew");
  }
  g_clear_object (&metadata);
  g_mutex_unlock (&lock);
  return result ? result : g_bytes_ref (packet);
}

/* ---- Additions --------------------------------------------------------------------------------------------------- */

#define EMPTY "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/></x:xmpmeta>"
#define DEFAULT_LANGUAGE "lang=\"x-default\" "

/* TRUE: the packet has changed. */
static gboolean
add_text (GExiv2Metadata *metadata, IeXmpProperty *property)
{
  const char *value = property->values->pdata[0];
  gboolean there = gexiv2_metadata_try_has_tag (metadata, property->tag, NULL);
  char *old = there ? gexiv2_metadata_try_get_tag_string (metadata, property->tag, NULL) : NULL;
  gboolean languages = property->kind == IE_XMP_LANGUAGES;
  property->differs = there && (!old || (languages ? !strstr (old, value) : strcmp (old, value) != 0));
  g_free (old);
  if (there)
    return FALSE;
  char *text = g_strconcat (languages ? DEFAULT_LANGUAGE : "", value, NULL);
  gboolean set = gexiv2_metadata_try_set_tag_string (metadata, property->tag, text, NULL);
  property->differs = !set;
  g_free (text);
  return set;
}

static gboolean
add_list (GExiv2Metadata *metadata, IeXmpProperty *property)
{
  gboolean there = gexiv2_metadata_try_has_tag (metadata, property->tag, NULL);
  char **old = there ? gexiv2_metadata_try_get_tag_multiple (metadata, property->tag, NULL) : NULL;
  GPtrArray *all = g_ptr_array_new ();
  gboolean more = FALSE;
  for (guint i = 0; old && old[i]; i++)
    g_ptr_array_add (all, old[i]);
  for (guint i = 0; i < property->values->len; i++)
    if (!g_ptr_array_find_with_equal_func (all, property->values->pdata[i], g_str_equal, NULL)) {
      g_ptr_array_add (all, property->values->pdata[i]);
      more = TRUE;
    }
  g_ptr_array_add (all, NULL);
  gboolean set = more && gexiv2_metadata_try_set_tag_multiple (metadata, property->tag, (const char **) all->pdata, NULL);
  property->differs = more && !set;
  g_ptr_array_unref (all);
  g_strfreev (old);
  return set;
}

GBytes *
ie_xmp_add (GBytes *packet, IeXmpProperty **properties, guint count, const char **failed)
{
  gsize size = sizeof EMPTY - 1;
  const char *text = packet ? judge (packet, &size, failed) : EMPTY;
  GBytes *result = NULL;
  gboolean changed = FALSE;
  if (!text)
    return NULL;
  g_mutex_lock (&lock);
  GExiv2Metadata *metadata = load (text, size, failed);
  for (guint i = 0; metadata && i < count; i++) {
    gboolean list = properties[i]->kind == IE_XMP_BAG || properties[i]->kind == IE_XMP_SEQUENCE;
    changed |= list ? add_list (metadata, properties[i]) : add_text (metadata, properties[i]);
  }
  char *out = changed ? gexiv2_metadata_try_generate_xmp_packet (metadata, GEXIV2_USE_COMPACT_FORMAT, 0, NULL) : NULL;
  if (out)
    result = g_bytes_new_take (out, strlen (out));
  else if (metadata && !changed && packet)
    result = g_bytes_ref (packet);
  else if (metadata)
    *failed = _ ("cannot be written anew");
  g_clear_object (&metadata);
  g_mutex_unlock (&lock);
  return result;
}

gboolean
ie_xmp_list (GBytes *packet, guint most, IeXmpFound found, gpointer data, const char **failed)
{
  gsize size;
  const char *text = judge (packet, &size, failed);
  if (!text)
    return FALSE;
  g_mutex_lock (&lock);
  GExiv2Metadata *metadata = load (text, size, failed);
  char **tags = metadata ? gexiv2_metadata_get_xmp_tags (metadata) : NULL;
  for (guint i = 0; tags && tags[i] && i < most; i++) {
    char *value = gexiv2_metadata_try_get_tag_string (metadata, tags[i], NULL);
    found (data, tags[i], value ? value : "");
    g_free (value);
  }
  g_strfreev (tags);
  gboolean good = metadata != NULL;
  g_clear_object (&metadata);
  g_mutex_unlock (&lock);
  return good;
}

#else

GBytes *
ie_xmp_update (GBytes *packet, const IeXmpFacts *facts, const char **failed)
{
  *failed = _ ("left as it is: this build has no gexiv2 (libgexiv2-dev)");
  return g_bytes_ref (packet);
}

GBytes *
ie_xmp_add (GBytes *packet, IeXmpProperty **properties, guint count, const char **failed)
{
  *failed = _ ("this build has no gexiv2 (libgexiv2-dev)");
  return NULL;
}

gboolean
ie_xmp_list (GBytes *packet, guint most, IeXmpFound found, gpointer data, const char **failed)
{
  *failed = _ ("this build has no gexiv2 (libgexiv2-dev)");
  return FALSE;
}

#endif
