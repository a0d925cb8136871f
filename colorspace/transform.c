// SPDX-License-Identifier: GPL-3.0-or-later
/* Profiles by name, and pictures from profile to profile.
 *
 * Named profiles are written by lcms2 from the numbers of their standards: sRGB (IEC 61966-2-1), Adobe RGB (1998), gamma
 * 563/256, Display P3 (SMPTE RP 431-2 primaries at D65, the curve of sRGB), ROMM RGB (ISO 22028-2, its linear part below
 * 1/512 included), BT.2020 (its curve for 12 bits). The day in their header is always the same one.
 *
 * Between profiles of a matrix and curves all intents but the absolute one are the same: linear light, one matrix, and
 * the other curve. */
#include "colorspace/transform.h"

#include "colorspace/profile.h"
#include "colorspace/spaces.h"
#include "core/error.h"
#include "core/i18n.h"

#include <lcms2.h>
#include <string.h>

#define STRIP 256 /* pixels at a time */
#define DATE_PLACE 24
#define DATE_BYTES 12

typedef enum { CURVE_SRGB, CURVE_ADOBE, CURVE_ROMM, CURVE_2020, CURVES } Curve;

static const struct {
  const char *name, *description;
  cmsCIExyYTRIPLE primaries;
  gboolean is_d50;
  Curve curve;
} named[] = {
  { "srgb", "sRGB", { { 0.64, 0.33, 1 }, { 0.30, 0.60, 1 }, { 0.15, 0.06, 1 } }, FALSE, CURVE_SRGB },
  { "adobe-rgb",
    "Compatible with Adobe RGB (1998)",
    { { 0.64, 0.33, 1 }, { 0.21, 0.71, 1 }, { 0.15, 0.06, 1 } },
    FALSE,
    CURVE_ADOBE },
  { "display-p3", "Display P3", { { 0.680, 0.320, 1 }, { 0.265, 0.690, 1 }, { 0.150, 0.060, 1 } }, FALSE, CURVE_SRGB },
  { "prophoto", "ROMM RGB", { { 0.7347, 0.2653, 1 }, { 0.1596, 0.8404, 1 }, { 0.0366, 0.0001, 1 } }, TRUE, CURVE_ROMM },
  { "rec2020", "BT.2020", { { 0.708, 0.292, 1 }, { 0.170, 0.797, 1 }, { 0.131, 0.046, 1 } }, FALSE, CURVE_2020 },
};

/* ICC's parametric curve of type 3: (a x + b)^g from d on, c x below. */
static cmsToneCurve *
make_curve (Curve curve)
{
  static const double numbers[CURVES][5] = {
    [CURVE_SRGB] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 },
    [CURVE_ROMM] = { 1.8, 1, 0, 1.0 / 16, 1.0 / 32 },
    [CURVE_2020] = { 1 / 0.45, 1 / 1.0993, 0.0993 / 1.0993, 1 / 4.5, 4.5 * 0.0181 },
  };
  return curve == CURVE_ADOBE ? cmsBuildGamma (NULL, 563.0 / 256.0)
                              : cmsBuildParametricToneCurve (NULL, 4, numbers[curve]);
}

static gboolean
describe (cmsHPROFILE profile, const char *description)
{
  cmsMLU *text = cmsMLUalloc (NULL, 1), *rights = cmsMLUalloc (NULL, 1);
  gboolean good = text && rights && cmsMLUsetASCII (text, "en", "US", description) &&
                  cmsMLUsetASCII (rights, "en", "US", "No copyright, use freely") &&
                  cmsWriteTag (profile, cmsSigProfileDescriptionTag, text) &&
                  cmsWriteTag (profile, cmsSigCopyrightTag, rights);
  cmsMLUfree (text);
  cmsMLUfree (rights);
  return good;
}

static GBytes *
saved (cmsHPROFILE profile)
{
  cmsUInt32Number size = 0;
  if (!cmsSaveProfileToMem (profile, NULL, &size) || size < DATE_PLACE + DATE_BYTES)
    return NULL;
  guint8 *bytes = g_malloc0 (size);
  if (!cmsSaveProfileToMem (profile, bytes, &size)) {
    g_free (bytes);
    return NULL;
  }
  static const guint8 day[DATE_BYTES] = { 2000 >> 8, 2000 & 255, 0, 1, 0, 1 }; /* 2000-01-01 00:00:00 */
  memcpy (bytes + DATE_PLACE, day, sizeof day);
  return g_bytes_new_take (bytes, size);
}

GBytes *
ie_profile_named (const char *name, gboolean gray)
{
  GBytes *icc = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (named); i++) {
    if (strcmp (name, named[i].name) != 0)
      continue;
    cmsCIExyY d65 = { 0.3127, 0.3290, 1 }, romm = { 0.3457, 0.3585, 1 };
    cmsToneCurve *curve = make_curve (named[i].curve);
    cmsToneCurve *curves[3] = { curve, curve, curve };
    cmsHPROFILE profile = gray ? cmsCreateGrayProfile (cmsD50_xyY (), curve)
                               : cmsCreateRGBProfile (named[i].is_d50 ? &romm : &d65, &named[i].primaries, curves);
    if (profile && describe (profile, named[i].description))
      icc = saved (profile);
    if (profile)
      cmsCloseProfile (profile);
    cmsFreeToneCurve (curve);
  }
  return icc;
}

static cmsHPROFILE
opened (GBytes *icc)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (icc, &size);
  return cmsOpenProfileFromMem (data, (cmsUInt32Number) size);
}

gboolean
ie_profile_target (GBytes *icc, IeModel *model, int *colours, GError **error)
{
  cmsHPROFILE profile = g_bytes_get_size (icc) <= IE_PROFILE_LIMIT ? opened (icc) : NULL;
  cmsColorSpaceSignature space = profile ? cmsGetColorSpace (profile) : (cmsColorSpaceSignature) 0;
  if (profile)
    cmsCloseProfile (profile);
  *model = space == cmsSigGrayData ? IE_MODEL_GRAY : space == cmsSigCmykData ? IE_MODEL_CMYK : IE_MODEL_RGB;
  *colours = *model == IE_MODEL_GRAY ? 1 : *model == IE_MODEL_CMYK ? 4 : 3;
  char *why = NULL;
  if (!profile)
    why = g_strdup (_ ("is no ICC profile"));
  else if (space != cmsSigGrayData && space != cmsSigCmykData && space != cmsSigRgbData)
    why = g_strdup (_ ("is no profile of gray, RGB or CMYK colours"));
  else if (ie_profile_check (icc, *colours, &why))
    return TRUE;
  g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, why ? why : _ ("is a broken profile"));
  g_free (why);
  return FALSE;
}

struct IeTransform {
  const IeConverter *linear;
  IeColourState *enter, *leave; /* our own arithmetic; else NULL: */
  float matrix[9];              /* identity is not applied */
  gboolean same;
  cmsHTRANSFORM lcms;
  int in_colours, out_colours;
  float in_scale, out_scale; /* samples to what lcms2 takes and back: inks go from 0 to 100 */
};

/* A header of the pixels that the converters see: float, without alpha. */
static IeHeader
plain_header (IeModel model, int colours, const IeMetadata *metadata)
{
  return (IeHeader){
    .width = STRIP, .height = 1, .channels = colours, .depth = IE_DEPTH_FLOAT, .model = model, .metadata = metadata
  };
}

static gboolean
open_own (IeTransform *transform, const IeHeader *in, const IeHeader *out)
{
  transform->linear = ie_converter (IE_SPACE_LINEAR);
  if (in->model == IE_MODEL_CMYK || out->model == IE_MODEL_CMYK || in->channels != out->channels)
    return FALSE;
  transform->enter = transform->linear->open (in, NULL);
  transform->leave = transform->linear->open (out, NULL);
  if (!transform->enter || !transform->leave || transform->enter->profiled || transform->leave->profiled)
    return FALSE;
  double from[3][3], to[3][3], product[3][3];
  memcpy (from, transform->enter->rgb->to_xyz, sizeof from);
  memcpy (to, transform->leave->rgb->to_rgb, sizeof to);
  ie_matrix_multiply (to, from, product);
  transform->same = in->channels == 1 || transform->enter->rgb == transform->leave->rgb;
  for (int i = 0; i < 9; i++)
    transform->matrix[i] = (float) product[i / 3][i % 3];
  return TRUE;
}

static void
drop_own (IeTransform *transform)
{
  ie_colour_close (transform->enter);
  ie_colour_close (transform->leave);
  transform->enter = transform->leave = NULL;
}

static cmsUInt32Number
format_of (int colours)
{
  return colours == 1 ? TYPE_GRAY_FLT : colours == 3 ? TYPE_RGB_FLT : TYPE_CMYK_FLT;
}

static gboolean
open_lcms (IeTransform *transform, GBytes *source, GBytes *target, IeIntent intent, gboolean black_point)
{
  cmsHPROFILE from = opened (source), to = opened (target);
  cmsUInt32Number flags = cmsFLAGS_NOCACHE | cmsFLAGS_NOOPTIMIZE | (black_point ? cmsFLAGS_BLACKPOINTCOMPENSATION : 0);
  if (from && to)
    transform->lcms = cmsCreateTransform (from, format_of (transform->in_colours), to,
                                          format_of (transform->out_colours), (cmsUInt32Number) intent, flags);
  if (from)
    cmsCloseProfile (from);
  if (to)
    cmsCloseProfile (to);
  return transform->lcms != NULL;
}

IeTransform *
ie_transform_new (const IeHeader *in, GBytes *icc, IeIntent intent, gboolean black_point, GError **error)
{
  int colours = ie_colours (in->channels, in->has_alpha), out_colours;
  IeModel model;
  if (!ie_profile_target (icc, &model, &out_colours, error))
    return NULL;
  gboolean known = (in->model == IE_MODEL_GRAY && colours == 1) || (in->model == IE_MODEL_RGB && colours == 3) ||
                   (in->model == IE_MODEL_CMYK && colours == 4);
  GBytes *own = in->metadata && in->metadata->icc && ie_profile_check (in->metadata->icc, colours, NULL)
                    ? g_bytes_ref (in->metadata->icc)
                    : NULL;
  if (!known || (!own && colours == 4)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         known ? _ ("a CMYK picture without a usable profile has no known colours")
                               : _ ("a picture that is not gray, RGB or CMYK has no profile to convert from"));
    return NULL;
  }
  if (!own)
    own = ie_profile_named ("srgb", colours == 1);
  IeTransform *transform = g_new0 (IeTransform, 1);
  *transform = (IeTransform){ .in_colours = colours,
                              .out_colours = out_colours,
                              .in_scale = colours == 4 ? 100.0f : 1.0f,
                              .out_scale = out_colours == 4 ? 0.01f : 1.0f };
  IeMetadata from = { .icc = own }, to = { .icc = icc };
  IeHeader in_header = plain_header (in->model, colours, &from), out_header = plain_header (model, out_colours, &to);
  gboolean good = intent != IE_INTENT_ABSOLUTE && open_own (transform, &in_header, &out_header);
  if (!good) {
    drop_own (transform);
    good = own && open_lcms (transform, own, icc, intent, black_point);
  }
  g_bytes_unref (own);
  if (good)
    return transform;
  g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the picture's profile cannot be converted to that one"));
  ie_transform_free (transform);
  return NULL;
}

void
ie_transform_free (IeTransform *transform)
{
  if (!transform)
    return;
  drop_own (transform);
  if (transform->lcms)
    cmsDeleteTransform (transform->lcms);
  g_free (transform);
}

gboolean
ie_transform_is_identity (const IeTransform *transform)
{
  return !transform->lcms && transform->in_colours == transform->out_colours && transform->enter->rgb == ie_srgb () &&
         transform->leave->rgb == ie_srgb ();
}

static void
map_colours (const IeTransform *transform, float *in, float *out, int pixels)
{
  if (transform->lcms) {
    for (int i = 0; i < pixels * transform->in_colours; i++)
      in[i] *= transform->in_scale;
    cmsDoTransform (transform->lcms, in, out, (cmsUInt32Number) pixels);
    for (int i = 0; i < pixels * transform->out_colours; i++)
      out[i] *= transform->out_scale;
    return;
  }
  float linear[STRIP * 3];
  IePixels native = { in, 0, { 0, 0, pixels, 1 }, transform->in_colours, FALSE, IE_DEPTH_FLOAT };
  IePixels worked = native, result = native;
  worked.data = linear;
  result.data = out;
  IeConvertCount count = { 0 };
  transform->linear->enter (transform->enter, &native, &worked);
  if (!transform->same)
    ie_space_rows ()->matrix (linear, linear, (gsize) pixels, 3, transform->matrix);
  transform->linear->leave (transform->leave, &native, &worked, &result, &count);
}

void
ie_transform_pixels (const IeTransform *transform, const IePixels *in, const IePixels *out)
{
  float from[STRIP * 4], to[STRIP * 4];
  IeRect rect = out->rect;
  for (int y = rect.y; y < rect.y + rect.height; y++)
    for (int x = rect.x; x < rect.x + rect.width; x += STRIP) {
      int pixels = MIN (STRIP, rect.x + rect.width - x);
      const float *source = ie_pixels_at (in, x, y);
      float *target = ie_pixels_at (out, x, y);
      for (int i = 0; i < pixels; i++)
        for (int c = 0; c < transform->in_colours; c++)
          from[i * transform->in_colours + c] = source[i * in->channels + c];
      map_colours (transform, from, to, pixels);
      for (int i = 0; i < pixels; i++) {
        for (int c = 0; c < transform->out_colours; c++)
          target[i * out->channels + c] = to[i * transform->out_colours + c];
        if (out->has_alpha)
          target[i * out->channels + transform->out_colours] = source[i * in->channels + transform->in_colours];
      }
    }
}
