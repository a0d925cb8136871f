// SPDX-License-Identifier: GPL-3.0-or-later
/* Profiles through lcms2. A profile that cannot be used is taken as sRGB, silently for now: the converter interface has
 * no way yet to put it into the report. lcms2 computes with the C library's pow(): on this path the last bits may
 * depend on it. */
#include "colorspace/profile.h"

#include "colorspace/difference.h"
#include "core/error.h"

#include <lcms2.h>

#define FLAGS (cmsFLAGS_NOCACHE | cmsFLAGS_NOOPTIMIZE)
/* dE 1976 of a profile from what it is taken for: sRGB, or its own primaries with a curve by formula. The second is
 * what tables of 16 bits leave: the usual sRGB profile of 1998 is 0.016 from its own primaries with the exact curve. */
#define SRGB_TOLERANCE 0.01
#define SPACE_TOLERANCE 0.03
#define GRID 9       /* points a channel at which they are compared */
#define STEEPEST 2.6 /* power up to which a table over the square root of linear light is fine enough for 8 bits */

static const cmsTagSignature colorants[3] = { cmsSigRedColorantTag, cmsSigGreenColorantTag, cmsSigBlueColorantTag };
static const cmsTagSignature curves[3] = { cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag };

static cmsUInt32Number
float_format (int colours)
{
  return colours == 1 ? TYPE_GRAY_FLT : colours == 3 ? TYPE_RGB_FLT : TYPE_CMYK_FLT;
}

/* The embedded profile if it can be read and is for this number of channels; else NULL. */
static cmsHPROFILE
open_profile (const IeHeader *native, int colours)
{
  if (!native->metadata || !native->metadata->icc)
    return NULL;
  gsize size;
  gconstpointer data = g_bytes_get_data (native->metadata->icc, &size);
  cmsHPROFILE profile = size > 0 && size <= G_MAXUINT32 ? cmsOpenProfileFromMem (data, (cmsUInt32Number) size) : NULL;
  if (!profile)
    return NULL;
  cmsColorSpaceSignature wanted = colours == 1 ? cmsSigGrayData : colours == 3 ? cmsSigRgbData : cmsSigCmykData;
  if (cmsGetColorSpace (profile) != wanted) {
    cmsCloseProfile (profile);
    return NULL;
  }
  return profile;
}

/* Lab of one colour by lcms2, float; seen under `white` unless that is NULL. */
static void
lcms_lab (cmsHTRANSFORM into, const double rgb[3], const cmsCIEXYZ *white, double lab[3])
{
  float in[3] = { (float) rgb[0], (float) rgb[1], (float) rgb[2] }, out[3];
  cmsDoTransform (into, in, out, 1);
  cmsCIELab found = { (double) out[0], (double) out[1], (double) out[2] };
  if (white) {
    cmsCIEXYZ xyz;
    cmsLab2XYZ (NULL, &xyz, &found);
    cmsXYZ2Lab (white, &found, &xyz);
  }
  lab[0] = found.L;
  lab[1] = found.a;
  lab[2] = found.b;
}

/* Whether `into` (native -> Lab) is this space, over a grid of the whole range that is denser in the dark. */
static gboolean
is_space (cmsHTRANSFORM into, int colours, const IeRgbSpace *space, const cmsCIEXYZ *white, double tolerance)
{
  int steps = colours == 1 ? 1 : GRID, points = GRID * steps * steps;
  for (int i = 0; i < points; i++) {
    int step[3] = { i % GRID, i / GRID % GRID, i / GRID / GRID };
    double rgb[3], ours[3], theirs[3];
    for (int c = 0; c < 3; c++) {
      double root = step[colours == 1 ? 0 : c] / (double) (GRID - 1);
      rgb[c] = root * root;
    }
    ie_rgb_to_lab_exact (space, rgb, ours);
    lcms_lab (into, rgb, white, theirs);
    if (!(ie_delta_e_76 (ours, theirs) < tolerance))
      return FALSE;
  }
  return TRUE;
}

/* Linear RGB to XYZ of a matrix profile; sRGB's for gray. FALSE when the profile is of another kind. */
static gboolean
read_matrix (cmsHPROFILE profile, int colours, double matrix[3][3])
{
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      matrix[i][j] = ie_srgb ()->to_xyz[i][j];
  if (colours == 1)
    return TRUE;
  if (!cmsIsMatrixShaper (profile))
    return FALSE;
  for (int j = 0; j < 3; j++) {
    const cmsCIEXYZ *colorant = cmsReadTag (profile, colorants[j]);
    if (!colorant)
      return FALSE;
    matrix[0][j] = colorant->X;
    matrix[1][j] = colorant->Y;
    matrix[2][j] = colorant->Z;
  }
  for (int i = 0; i < 3; i++)
    if (!(matrix[i][0] + matrix[i][1] + matrix[i][2] > 0.1))
      return FALSE;
  return TRUE;
}

/* The profile's primaries with one curve for all channels, when that is what it is within the tolerance; else NULL. */
static IeRgbSpace *
find_space (cmsHPROFILE profile, int colours, cmsHTRANSFORM into)
{
  double matrix[3][3], white_lab[3];
  const cmsToneCurve *curve = cmsReadTag (profile, colours == 1 ? cmsSigGrayTRCTag : curves[1]);
  if (!curve || !read_matrix (profile, colours, matrix))
    return NULL;
  lcms_lab (into, (const double[3]){ 1.0, 1.0, 1.0 }, NULL, white_lab);
  cmsCIELab lab = { white_lab[0], white_lab[1], white_lab[2] };
  cmsCIEXYZ white;
  cmsLab2XYZ (NULL, &white, &lab);
  double estimate = cmsEstimateGamma (curve, 0.1);
  /* As profiles store it, in 1/256. */
  double gammas[2] = { 0.0, estimate >= 1.0 && estimate <= STEEPEST ? ie_round_even (estimate * 256.0) / 256.0 : 0.0 };
  for (int i = 0; i < 2; i++) {
    IeRgbSpace *space = ie_rgb_space_new (matrix, gammas[i]);
    if (is_space (into, colours, space, &white, SPACE_TOLERANCE))
      return space;
    g_free (space);
  }
  return NULL;
}

static cmsHTRANSFORM
transform (cmsHPROFILE in, cmsUInt32Number in_format, cmsHPROFILE out, cmsUInt32Number out_format)
{
  return cmsCreateTransform (in, in_format, out, out_format, INTENT_RELATIVE_COLORIMETRIC, FLAGS);
}

/* The linear twin of a profile: gray -> luminance; a matrix profile -> the same primaries without its curves; a profile
 * made of tables has no primaries of its own and gets those of sRGB, unbounded. */
static cmsHPROFILE
linear_twin (cmsHPROFILE profile, int colours)
{
  cmsToneCurve *straight = cmsBuildGamma (NULL, 1.0);
  cmsHPROFILE twin;
  if (colours == 1) {
    twin = cmsCreateGrayProfile (cmsD50_xyY (), straight);
  } else {
    cmsCIExyY d65 = { 0.3127, 0.3290, 1.0 };
    cmsCIExyYTRIPLE primaries = { { 0.64, 0.33, 1.0 }, { 0.30, 0.60, 1.0 }, { 0.15, 0.06, 1.0 } };
    cmsToneCurve *three[3] = { straight, straight, straight };
    twin = cmsCreateRGBProfile (&d65, &primaries, three);
    if (twin && cmsIsMatrixShaper (profile))
      for (int c = 0; c < 3; c++) {
        cmsWriteTag (twin, colorants[c], cmsReadTag (profile, colorants[c]));
        cmsWriteTag (twin, curves[c], straight);
      }
  }
  cmsFreeToneCurve (straight);
  return twin;
}

static gboolean
set_transforms (IeColourState *state, cmsHPROFILE profile, cmsHPROFILE space, cmsUInt32Number space_format)
{
  cmsUInt32Number format = float_format (state->colours);
  state->into = space ? transform (profile, format, space, space_format) : NULL;
  state->from = space ? transform (space, space_format, profile, format) : NULL;
  state->scale = state->colours == 4 ? 100.0f : 1.0f;
  state->residual = state->colours > 1 && !cmsIsMatrixShaper (profile);
  state->profiled = state->into && state->from;
  return state->profiled;
}

static void
drop_transforms (IeColourState *state)
{
  if (state->into)
    cmsDeleteTransform (state->into);
  if (state->from)
    cmsDeleteTransform (state->from);
  state->into = state->from = NULL;
  state->profiled = FALSE;
}

/* A state of sRGB. NULL and error unless the picture is gray, RGB or, where allowed, CMYK. */
static IeColourState *
new_state (const IeHeader *native, gboolean with_cmyk, const char *space, GError **error)
{
  int colours = ie_colours (native->channels, native->has_alpha);
  gboolean fits = (native->model == IE_MODEL_GRAY && colours == 1) || (native->model == IE_MODEL_RGB && colours == 3) ||
                  (with_cmyk && native->model == IE_MODEL_CMYK && colours == 4);
  if (!fits) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, "a picture that is not gray or RGB has no %s", space);
    return NULL;
  }
  IeColourState *state = g_new0 (IeColourState, 1);
  state->colours = colours;
  state->rgb = ie_srgb ();
  state->scale = 1.0f;
  return state;
}

static IeColourState *
finish_state (IeColourState *state, const IeHeader *native)
{
  if (state->profiled || native->depth != IE_DEPTH_U16)
    return state;
  if (state->rgb->gamma != 0.0)
    state->decode_u16 = state->own_decode_u16 = ie_rgb_space_decode_u16 (state->rgb);
  else
    state->decode_u16 = ie_srgb_decode_u16 ();
  return state;
}

/* Sets the transforms to Lab; leaves them off when we can do better: the profile is sRGB or like it, or useless. */
static void
use_profile_for_lab (IeColourState *state, cmsHPROFILE profile)
{
  cmsHPROFILE lab = cmsCreateLab4Profile (NULL);
  if (!set_transforms (state, profile, lab, TYPE_Lab_FLT)) {
    drop_transforms (state);
  } else if (state->colours < 4) {
    gboolean srgb = is_space (state->into, state->colours, ie_srgb (), NULL, SRGB_TOLERANCE);
    if (!srgb && (state->own_rgb = find_space (profile, state->colours, state->into)))
      state->rgb = state->own_rgb;
    if (srgb || state->own_rgb)
      drop_transforms (state);
  }
  if (lab)
    cmsCloseProfile (lab);
}

gpointer
ie_colour_open_lab (const IeHeader *native, GError **error)
{
  IeColourState *state = new_state (native, TRUE, "lightness", error);
  if (!state)
    return NULL;
  cmsHPROFILE profile = open_profile (native, state->colours);
  if (profile) {
    use_profile_for_lab (state, profile);
    cmsCloseProfile (profile);
  }
  if (state->colours == 4 && !state->profiled) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, "a CMYK picture without a usable profile has no lightness");
    ie_colour_close (state);
    return NULL;
  }
  return finish_state (state, native);
}

gpointer
ie_colour_open_linear (const IeHeader *native, GError **error)
{
  IeColourState *state = new_state (native, FALSE, "linear light", error);
  if (!state)
    return NULL;
  cmsHPROFILE profile = open_profile (native, state->colours);
  if (profile) {
    use_profile_for_lab (state, profile); /* tells whether it needs lcms2 */
    if (state->profiled) {
      drop_transforms (state);
      cmsHPROFILE twin = linear_twin (profile, state->colours);
      if (!set_transforms (state, profile, twin, float_format (state->colours)))
        drop_transforms (state);
      if (twin)
        cmsCloseProfile (twin);
    }
    cmsCloseProfile (profile);
  }
  return finish_state (state, native);
}

gpointer
ie_colour_open_value (const IeHeader *native, GError **error)
{
  return new_state (native, FALSE, "value (the largest of red, green and blue)", error);
}

void
ie_colour_close (gpointer data)
{
  IeColourState *state = data;
  if (!state)
    return;
  drop_transforms (state);
  g_free (state->own_rgb);
  g_free (state->own_decode_u16);
  g_free (state);
}

void
ie_colour_into (const IeColourState *state, const float *in, float *out, int pixels)
{
  cmsDoTransform (state->into, in, out, (cmsUInt32Number) pixels);
}

void
ie_colour_from (const IeColourState *state, const float *in, float *out, int pixels)
{
  cmsDoTransform (state->from, in, out, (cmsUInt32Number) pixels);
}
