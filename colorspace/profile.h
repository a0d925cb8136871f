// SPDX-License-Identifier: GPL-3.0-or-later
/* What conversion between a picture and a working space needs: the state of every converter of this folder.
 *
 * Pictures without a profile, with a broken one, with one that is not for their channels, or within 0.01 dE of sRGB
 * take the sRGB path: our own arithmetic, the same bits everywhere. So do, with their own numbers, profiles of three
 * primaries and one curve that is sRGB's or a power. These are most profiles in the wild; the commonest sRGB profile is
 * 0.03 dE from the standard. They are held to 0.03 dE of what lcms2 says, white being white: their rounded primaries
 * add up to a white that is off by up to 0.02 dE, which is not kept. All others go through lcms2: relative
 * colorimetric, float, unbounded where the profile's curves are formulas. */
#pragma once

#include "colorspace/srgb.h"
#include "core/converter.h"

G_BEGIN_DECLS

typedef struct {
  int colours;         /* colour channels of the picture: 1, 3, or 4 (CMYK) */
  const IeRgbSpace *rgb;
  IeRgbSpace *own_rgb;     /* the same, when it is this picture's; else NULL */
  const float *decode_u16; /* 16-bit pictures, not profiled; else NULL */
  float *own_decode_u16;
  gboolean profiled;   /* through lcms2: */
  gboolean residual;   /* the profile's way back is not exact: what it loses is measured and added again */
  float scale;         /* samples to what lcms2 takes: 1, or 100 for inks */
  gpointer into, from; /* cmsHTRANSFORM: to the space and back */
} IeColourState;

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
