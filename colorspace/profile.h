// SPDX-License-Identifier: GPL-3.0-or-later
/* What conversion between a picture and a working space needs: the state of every converter of this folder.
 *
 * Pictures without a profile, with a broken one, with one that is not for their channels, or within 0.01 dE of sRGB
 * take the sRGB path: our own arithmetic, the same bits everywhere. So do, with their own numbers, profiles of a matrix
 * and curves, whatever the curves are, if these have an inverse (profile-space.c), and gray ones of a curve. They are
 * held to 0.01 dE of what lcms2 makes of the same matrix and curves in double, white being white: rounded primaries add
 * up to a white that is off by up to 0.02 dE, which is not kept, so that gray stays gray. All others, profiles made of
 * tables (LUT), go through lcms2: relative colorimetric, float. */
#pragma once

#include "colorspace/srgb.h"
#include "core/converter.h"

G_BEGIN_DECLS

typedef struct {
  int colours;         /* colour channels of the picture: 1, 3, or 4 (CMYK) */
  const IeRgbSpace *rgb;
  IeRgbSpace *own_rgb;     /* the same, when it is this picture's; else NULL */
  const float *decode_u16[3]; /* 16-bit pictures, not profiled; else NULL */
  float *own_decode_u16[3];
  gboolean profiled;   /* through lcms2: */
  float scale;         /* samples to what lcms2 takes: 1, or 100 for inks */
  gpointer into, from; /* cmsHTRANSFORM: to the space and back */
} IeColourState;

/* Largest profile that is looked at. */
#define IE_PROFILE_LIMIT (16 << 20)

/* Whether an embedded profile can be used for a picture of so many colour channels (1, 3, 4; without alpha). FALSE: the
 * picture counts as untagged, and *why (g_free(); may be NULL) says why, to go after "the profile is dropped: ". Never
 * fatal, whatever the bytes are. Any thread. */
gboolean ie_profile_check (GBytes *icc, int colours, char **why);

/* Whether a usable profile has no way from Lab back to the picture's channels (tables in one direction alone), so that
 * gray and RGB pictures count as sRGB where a filter needs their colour. Any thread. */
gboolean ie_profile_is_one_way (GBytes *icc, int colours);

/* Whether `into`, lcms2's transform of native floats to Lab, is sRGB within 0.01 dE. */
gboolean ie_profile_is_srgb (gpointer into, int colours);
/* The space that a profile (cmsHPROFILE) of a matrix and curves is; NULL when it is not, or has no inverse.
 * ie_rgb_space_free(). */
IeRgbSpace *ie_profile_space (gpointer profile, int colours, gpointer into);

/* States for the spaces named. NULL and IE_ERROR_INPUT when a picture of this model (or CMYK without a profile) has no
 * such space. Free with ie_colour_close(). Once made they are read-only: any number of threads. */
gpointer ie_colour_open_lab (const IeHeader *native, GError **error);
gpointer ie_colour_open_linear (const IeHeader *native, GError **error);
gpointer ie_colour_open_value (const IeHeader *native, GError **error);
void ie_colour_close (gpointer state);

/* `pixels` pixels of state->colours floats, native range, to CIELAB (L*, a*, b*) or linear light, by lcms2. */
void ie_colour_into (const IeColourState *state, const float *in, float *out, int pixels);
/* The other way. */
void ie_colour_from (const IeColourState *state, const float *in, float *out, int pixels);

G_END_DECLS
