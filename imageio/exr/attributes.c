// SPDX-License-Identifier: GPL-3.0-or-later
/* What belongs to an OpenEXR picture beside its samples, in its standard attributes: xDensity and pixelAspectRatio
 * are the resolution, comments is the text "Comment", owner is "Copyright", capDate the day of capture; other texts
 * are attributes of their own name. */
#include "core/i18n.h"
#include "imageio/exr/exr.h"

#include "colorspace/spaces.h"
#include "imageio/metadata/exif.h"

#include <lcms2.h>
#include <math.h>

#define MOST_NAME 31 /* bytes of an attribute's name that every reader takes */
#define TAG_DATE_TIME_ORIGINAL 0x9003
#define DATE_BYTES 20      /* "YYYY:MM:DD hh:mm:ss", in EXIF as in OpenEXR */
#define DIGITS 1e4         /* standards give chromaticities to so many units */
#define NEAR_STANDARD 5e-5 /* profiles store numbers to 1.5e-5 */

static const struct {
  const char *attribute, *text;
} known[] = { { "comments", "Comment" }, { "owner", "Copyright" } };

/* Strings that say how the file is made. */
static gboolean
is_structure (const char *name)
{
  return g_str_equal (name, "name") || g_str_equal (name, "type") || g_str_equal (name, "view");
}

static const char *
text_of (const char *attribute)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].attribute, attribute))
      return known[i].text;
  return attribute;
}

static const char *
attribute_of (const char *text)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].text, text))
      return known[i].attribute;
  return text;
}

gboolean
ie_exr_read_attributes (exr_const_context_t context, const IeReadLimits *limits, IeMetadata *metadata, GError **error)
{
  int32_t count = 0;
  gsize all = 0;
  float density = 0, aspect = 1;
  if (exr_get_attribute_count (context, 0, &count) != EXR_ERR_SUCCESS)
    return TRUE;
  for (int32_t i = 0; i < count; i++) {
    const exr_attribute_t *attribute;
    if (exr_get_attribute_by_index (context, 0, EXR_ATTR_LIST_SORTED_ORDER, i, &attribute) != EXR_ERR_SUCCESS ||
        attribute->type != EXR_ATTR_STRING || is_structure (attribute->name) || attribute->string->length <= 0)
      continue;
    gsize size = (gsize) attribute->string->length;
    all += size;
    if (size > limits->text || all > limits->text_all)
      ie_fidelity_note (limits->fidelity, IE_ITEM_TEXT, IE_FIDELITY_DROPPED, _ ("longer than the limit"));
    else
      ie_metadata_add_text (metadata, text_of (attribute->name), attribute->string->str, size, FALSE);
  }
  if (exr_get_pixel_aspect_ratio (context, 0, &aspect) != EXR_ERR_SUCCESS || !(aspect > 0))
    aspect = 1;
  if (exr_attr_get_float (context, 0, "xDensity", &density) == EXR_ERR_SUCCESS && density > 0 && density < 1e9f) {
    metadata->x_resolution = (double) density;
    metadata->y_resolution = (double) density * (double) aspect;
  } else if (aspect != 1)
    ie_fidelity_note (limits->fidelity, IE_ITEM_RESOLUTION, IE_FIDELITY_DROPPED,
                      _ ("pixels of the ratio %g, without a density"), (double) aspect);
  return ie_check_text (all, limits, error);
}

static exr_result_t
write_resolution (exr_context_t context, const IeMetadata *metadata)
{
  double x = metadata->x_resolution, y = metadata->y_resolution;
  if (!(x > 0 && y > 0 && x < 1e9 && y < 1e9))
    return EXR_ERR_SUCCESS;
  exr_result_t code = exr_attr_set_float (context, 0, "xDensity", (float) x);
  return code == EXR_ERR_SUCCESS ? exr_set_pixel_aspect_ratio (context, 0, (float) (y / x)) : code;
}

/* All texts of the name that text `first` has, when it is the first of them: an attribute is there once. */
static void
write_text (exr_context_t context, const GPtrArray *texts, guint first, IeFidelity *fidelity)
{
  const IeText *text = texts->pdata[first];
  const char *name = attribute_of (text->name);
  int several = 0;
  for (guint i = 0; i < first; i++)
    if (g_str_equal (((const IeText *) texts->pdata[i])->name, text->name))
      return;
  GString *joined = g_string_new (text->text);
  for (guint i = first + 1; i < texts->len; i++) {
    const IeText *other = texts->pdata[i];
    if (!g_str_equal (other->name, text->name))
      continue;
    g_string_append_printf (joined, "\n%s", other->text);
    several++;
  }
  const exr_attribute_t *taken;
  if (is_structure (name) || !*name || strlen (name) > MOST_NAME ||
      exr_get_attribute_by_name (context, 0, name, &taken) == EXR_ERR_SUCCESS ||
      exr_attr_set_string (context, 0, name, joined->str) != EXR_ERR_SUCCESS)
    ie_fidelity_note (fidelity, IE_ITEM_TEXT, IE_FIDELITY_DROPPED, _ ("its name is not one for OpenEXR"));
  else if (several)
    ie_fidelity_note (fidelity, IE_ITEM_TEXT, IE_FIDELITY_CHANGED, _ ("several of one name made one"));
  g_string_free (joined, TRUE);
}

/* The one thing of EXIF that has a place of its own. */
static exr_result_t
write_day (exr_context_t context, GBytes *block)
{
  IeExif exif;
  gsize size;
  const char *data = g_bytes_get_data (block, &size);
  const exr_attribute_t *there;
  char date[DATE_BYTES] = "";
  const IeExifEntry *entry =
      ie_exif_parse (&exif, data, size) ? ie_exif_find (&exif, IE_EXIF_PHOTO, TAG_DATE_TIME_ORIGINAL) : NULL;
  if (entry && entry->type == IE_EXIF_ASCII && entry->bytes == DATE_BYTES)
    g_strlcpy (date, data + entry->value, sizeof date);
  ie_exif_clear (&exif);
  gboolean is_date = strlen (date) == DATE_BYTES - 1 && g_ascii_isdigit (*date);
  if (!is_date || exr_get_attribute_by_name (context, 0, "capDate", &there) == EXR_ERR_SUCCESS)
    return EXR_ERR_SUCCESS;
  return exr_attr_set_string (context, 0, "capDate", date);
}

exr_result_t
ie_exr_write_attributes (exr_context_t context, const IeMetadata *metadata, IeFidelity *fidelity)
{
  exr_result_t code = write_resolution (context, metadata);
  for (guint i = 0; metadata->texts && i < metadata->texts->len; i++)
    write_text (context, metadata->texts, i, fidelity);
  if (code == EXR_ERR_SUCCESS && metadata->exif)
    code = write_day (context, metadata->exif);
  return code;
}

/* The white that a profile's colours were adapted from to D50: by its chad tag, else (version 2) by its white point. */
static cmsCIEXYZ
white_of (GBytes *icc)
{
  gsize size;
  const void *data = g_bytes_get_data (icc, &size);
  cmsHPROFILE profile = cmsOpenProfileFromMem (data, (cmsUInt32Number) size);
  cmsCIEXYZ white = *cmsD50_XYZ ();
  const double *adaptation = profile ? cmsReadTag (profile, cmsSigChromaticAdaptationTag) : NULL;
  const cmsCIEXYZ *tag = profile && !adaptation ? cmsReadTag (profile, cmsSigMediaWhitePointTag) : NULL;
  if (adaptation) {
    double m[3][3], inverse[3][3], d50[3] = { white.X, white.Y, white.Z }, native[3];
    memcpy (m, adaptation, sizeof m);
    ie_matrix_invert (m, inverse);
    ie_matrix_apply (inverse, d50, native);
    if (native[0] > 0.1 && native[1] > 0.1 && native[2] > 0.1)
      white = (cmsCIEXYZ){ native[0], native[1], native[2] };
  } else if (tag && tag->X > 0.1 && tag->Y > 0.1 && tag->Z > 0.1)
    white = *tag;
  if (profile)
    cmsCloseProfile (profile);
  return white;
}

static float
settle (double number)
{
  double nearest = floor (number * DIGITS + 0.5) / DIGITS;
  return (float) (fabs (number - nearest) < NEAR_STANDARD ? nearest : number);
}

exr_result_t
ie_exr_write_primaries (exr_context_t context, double to_xyz[3][3], GBytes *icc)
{
  const cmsCIEXYZ *d50 = cmsD50_XYZ ();
  cmsCIEXYZ d65 = { 0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290 };
  cmsCIEXYZ white = icc ? white_of (icc) : d65;
  exr_attr_chromaticities_t c;
  float *points[4][2] = {
    { &c.red_x, &c.red_y }, { &c.green_x, &c.green_y }, { &c.blue_x, &c.blue_y }, { &c.white_x, &c.white_y }
  };
  for (int i = 0; i < 4; i++) {
    cmsCIEXYZ xyz = white;
    cmsCIEXYZ colorant = { i < 3 ? to_xyz[0][i] * d50->X : 0, i < 3 ? to_xyz[1][i] * d50->Y : 0,
                           i < 3 ? to_xyz[2][i] * d50->Z : 0 };
    if (i < 3)
      cmsAdaptToIlluminant (&xyz, d50, &white, &colorant);
    double sum = xyz.X + xyz.Y + xyz.Z;
    *points[i][0] = settle (xyz.X / sum);
    *points[i][1] = settle (xyz.Y / sum);
  }
  return exr_attr_set_chromaticities (context, 0, "chromaticities", &c);
}
