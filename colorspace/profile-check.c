// SPDX-License-Identifier: GPL-3.0-or-later
/* Whether an embedded profile can be used: its header (ICC.1:2010, 7.2), its tag table (7.3), and what lcms2 says. */
#include "colorspace/profile.h"
#include "core/i18n.h"

#include <lcms2.h>
#include <string.h>

enum { SIZE_AT = 0, CLASS_AT = 12, SPACE_AT = 16, SIGNATURE_AT = 36, TAGS_AT = 128, TABLE_AT = 132, TAG_BYTES = 12 };

static guint32
number_at (const guint8 *data, gsize at)
{
  return (guint32) data[at] << 24 | (guint32) data[at + 1] << 16 | (guint32) data[at + 2] << 8 | data[at + 3];
}

/* Four letters of a signature as text; what is not printable becomes '?'. */
static char *
letters (guint32 signature)
{
  char text[5] = { 0 };
  for (int i = 0; i < 4; i++) {
    char letter = (char) (signature >> (24 - 8 * i) & 0xff);
    text[i] = g_ascii_isprint (letter) ? letter : '?';
  }
  return g_strdup (g_strchomp (text));
}

/* NULL when the data can be a profile as far as its header and tag table say, else what is wrong. */
static char *
structure_fault (const guint8 *data, gsize size)
{
  if (size > IE_PROFILE_LIMIT)
    return g_strdup_printf (_ ("it has %zu bytes, more than %d MiB"), size, IE_PROFILE_LIMIT >> 20);
  if (size < TABLE_AT)
    return g_strdup_printf (_ ("its %zu bytes are less than a header"), size);
  if (memcmp (data + SIGNATURE_AT, "acsp", 4) != 0)
    return g_strdup (_ ("it has no profile signature"));
  guint32 stated = number_at (data, SIZE_AT), tags = number_at (data, TAGS_AT);
  if (stated > size)
    return g_strdup_printf (_ ("it states %u bytes and has %zu"), stated, size);
  if (stated < TABLE_AT)
    return g_strdup_printf (_ ("it states a size of %u bytes"), stated);
  if (tags == 0 || tags > (stated - TABLE_AT) / TAG_BYTES)
    return g_strdup_printf (_ ("its table of %u tags does not fit"), tags);
  for (guint32 i = 0; i < tags; i++) {
    gsize at = TABLE_AT + i * TAG_BYTES;
    guint64 offset = number_at (data, at + 4), bytes = number_at (data, at + 8);
    if (offset + bytes > stated) {
      char *tag = letters (number_at (data, at));
      char *fault = g_strdup_printf (_ ("its tag \"%s\" lies beyond its end"), tag);
      g_free (tag);
      return fault;
    }
  }
  return NULL;
}

static const char *
space_name (int colours)
{
  return colours == 1 ? _ ("gray") : colours == 3 ? "RGB" : "CMYK";
}

/* Whether it describes pictures of so many colours, and not the way between two devices or a list of names. */
static char *
purpose_fault (const guint8 *data, int colours)
{
  guint32 kind = number_at (data, CLASS_AT), space = number_at (data, SPACE_AT);
  if (kind == cmsSigLinkClass || kind == cmsSigAbstractClass || kind == cmsSigNamedColorClass)
    return g_strdup (_ ("it does not describe the colours of a picture"));
  gboolean fits = colours == 1   ? space == cmsSigGrayData
                  : colours == 3 ? space == cmsSigRgbData || space == cmsSigLabData
                  : colours == 4 ? space == cmsSigCmykData
                                 : TRUE;
  if (fits)
    return NULL;
  char *name = letters (space);
  char *fault = g_strdup_printf (_ ("it is for %s, the picture is %s"), name, space_name (colours));
  g_free (name);
  return fault;
}

/* Whether lcms2 can go from it to CIELAB. */
static char *
use_fault (const guint8 *data, gsize size, int colours)
{
  char *fault = NULL;
  cmsHPROFILE profile = cmsOpenProfileFromMem (data, (cmsUInt32Number) size);
  if (!profile)
    return g_strdup (_ ("lcms2 cannot read it"));
  cmsHPROFILE lab = cmsCreateLab4Profile (NULL);
  cmsUInt32Number format = FLOAT_SH (1) | CHANNELS_SH ((cmsUInt32Number) colours) | BYTES_SH (4);
  cmsHTRANSFORM into =
    cmsCreateTransform (profile, format, lab, TYPE_Lab_FLT, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
  if (into)
    cmsDeleteTransform (into);
  else
    fault = g_strdup (_ ("lcms2 cannot convert with it"));
  cmsCloseProfile (lab);
  cmsCloseProfile (profile);
  return fault;
}

gboolean
ie_profile_check (GBytes *icc, int colours, char **why)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (icc, &size);
  char *fault = structure_fault (data, size);
  if (!fault)
    fault = purpose_fault (data, colours);
  if (!fault)
    fault = use_fault (data, size, colours);
  gboolean usable = !fault;
  if (why)
    *why = g_steal_pointer (&fault);
  g_free (fault);
  return usable;
}

gboolean
ie_profile_is_one_way (GBytes *icc, int colours)
{
  gsize size;
  const void *data = g_bytes_get_data (icc, &size);
  cmsHPROFILE profile = cmsOpenProfileFromMem (data, (cmsUInt32Number) size);
  if (!profile)
    return FALSE;
  gboolean one_way = FALSE;
  if (!cmsIsMatrixShaper (profile)) {
    cmsHPROFILE lab = cmsCreateLab4Profile (NULL);
    cmsUInt32Number format = FLOAT_SH (1) | CHANNELS_SH ((cmsUInt32Number) colours) | BYTES_SH (4);
    cmsHTRANSFORM from =
      cmsCreateTransform (lab, TYPE_Lab_FLT, profile, format, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
    one_way = from == NULL;
    if (from)
      cmsDeleteTransform (from);
    cmsCloseProfile (lab);
  }
  cmsCloseProfile (profile);
  return one_way;
}
