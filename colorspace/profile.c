// SPDX-License-Identifier: GPL-3.0-or-later
/* The states of converters, and profiles that need lcms2. A profile that cannot be used (ie_profile_check()) is as
 * none. lcms2 computes with the C library's pow(): on its path the last bits may depend on it. */
#include "colorspace/profile.h"

#include "core/error.h"
#include "core/i18n.h"

#include <lcms2.h>

#define FLAGS (cmsFLAGS_NOCACHE | cmsFLAGS_NOOPTIMIZE)

static const cmsTagSignature colorants[3] = { cmsSigRedColorantTag, cmsSigGreenColorantTag, cmsSigBlueColorantTag };
static const cmsTagSignature curves[3] = { cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag };

static cmsUInt32Number
float_format (int colours)
{
  return colours == 1 ? TYPE_GRAY_FLT : colours == 3 ? TYPE_RGB_FLT : TYPE_CMYK_FLT;
}

/* The embedded profile if it can be used; else NULL. */
static cmsHPROFILE
open_profile (const IeHeader *native, int colours)
{
  GBytes *icc = native->metadata ? native->metadata->icc : NULL;
  if (!icc || !ie_profile_check (icc, colours, NULL))
    return NULL;
  gsize size;
  gconstpointer data = g_bytes_get_data (icc, &size);
  return cmsOpenProfileFromMem (data, (cmsUInt32Number) size);
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
new_state (const IeHeader *native, gboolean with_cmyk, const char *refusal, GError **error)
{
  int colours = ie_colours (native->channels, native->has_alpha);
  gboolean fits = (native->model == IE_MODEL_GRAY && colours == 1) || (native->model == IE_MODEL_RGB && colours == 3) ||
                  (with_cmyk && native->model == IE_MODEL_CMYK && colours == 4);
  if (!fits) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, refusal);
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
  for (int c = 0; c < 3; c++) {
    if (!state->own_rgb)
      state->decode_u16[c] = ie_srgb_decode_u16 ();
    else if (c > 0 && state->rgb->curve[c] == state->rgb->curve[c - 1])
      state->decode_u16[c] = state->decode_u16[c - 1];
    else
      state->decode_u16[c] = state->own_decode_u16[c] = ie_rgb_space_decode_u16 (state->rgb, c);
  }
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
    gboolean srgb = ie_profile_is_srgb (state->into, state->colours);
    if (!srgb && (state->own_rgb = ie_profile_space (profile, state->colours, state->into)))
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
  IeColourState *state = new_state (native, TRUE, _ ("a picture that is not gray or RGB has no lightness"), error);
  if (!state)
    return NULL;
  cmsHPROFILE profile = open_profile (native, state->colours);
  if (profile) {
    use_profile_for_lab (state, profile);
    cmsCloseProfile (profile);
  }
  if (state->colours == 4 && !state->profiled) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         _ ("a CMYK picture without a usable profile has no lightness"));
    ie_colour_close (state);
    return NULL;
  }
  return finish_state (state, native);
}

gpointer
ie_colour_open_linear (const IeHeader *native, GError **error)
{
  IeColourState *state = new_state (native, FALSE, _ ("a picture that is not gray or RGB has no linear light"), error);
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
  return new_state (native, FALSE, _ ("a picture that is not gray or RGB has no value (the largest of red, green and "
                                      "blue)"), error);
}

void
ie_colour_close (gpointer data)
{
  IeColourState *state = data;
  if (!state)
    return;
  drop_transforms (state);
  ie_rgb_space_free (state->own_rgb);
  for (int c = 0; c < 3; c++)
    g_free (state->own_decode_u16[c]);
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
