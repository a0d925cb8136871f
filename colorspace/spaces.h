// SPDX-License-Identifier: GPL-3.0-or-later
/* Colour spaces, each conversion in double with its source at the head of its file (xyz.c, lab.c, hsv.c, ycbcr.c,
 * oklab.c), and as loops over rows of float pixels (rows.c) that are compiled once per level and have the same bits at
 * each. A colour is three numbers; in and out may be the same array. Any thread, no errors; NaN gives NaN or anything.
 *
 * Ranges of colours that a picture can have:
 *   R'G'B' encoded, RGB linear light   0..1 each; beyond passes, odd below 0 where there is a curve
 *   XYZ                                relative to a white with Y = 1
 *   L* a* b*                           0..100, about -130..130; L* C* h  C* from 0, h in degrees 0 <= h < 360, gray 0
 *   H S V, H S L                       degrees 0 <= H < 360, gray 0; the others 0..1
 *   Y' Cb Cr                           codes divided by the largest code of their depth (see ie_ycbcr())
 *   Oklab L a b                        0..1, about -0.4..0.4; L C h as above
 * Whites: sRGB, BT.709, BT.2020, Display P3 and Oklab are defined at D65; the library's Lab, like ICC's, is at D50:
 * adapt by ie_bradford(). */
#pragma once

#include "core/level.h"

#include <glib.h>

G_BEGIN_DECLS

/* ---- XYZ, whites, primaries: xyz.c ------------------------------------------------------------------------------- */

extern const double ie_white_d50[3]; /* ICC's: 0.9642, 1, 0.8249 */
extern const double ie_white_d65[3]; /* of x = 0.3127, y = 0.3290 */

typedef enum {
  IE_PRIMARIES_SRGB, /* BT.709's too */
  IE_PRIMARIES_ADOBE_RGB,
  IE_PRIMARIES_DISPLAY_P3,
  IE_PRIMARIES_BT2020,
  IE_PRIMARIES_PROPHOTO, /* ROMM RGB: white D50 of x = 0.3457, y = 0.3585 */
  IE_PRIMARIES_COUNT
} IePrimaries;

/* XYZ with Y = 1 of a chromaticity, y > 0. */
void ie_xyz_of_chromaticity (double x, double y, double xyz[3]);
/* Linear RGB to XYZ under the primaries' own white. */
void ie_primaries_matrix (IePrimaries primaries, double matrix[3][3]);
/* XYZ as seen under the white `from` to XYZ as seen under `to`: Bradford's linear model. */
void ie_bradford (const double from[3], const double to[3], double matrix[3][3]);

void ie_matrix_multiply (double a[3][3], double b[3][3], double product[3][3]); /* product is neither a nor b */
void ie_matrix_invert (double m[3][3], double inverse[3][3]);                   /* m is not singular */
void ie_matrix_apply (double m[3][3], const double in[3], double out[3]);

/* ---- CIELAB: lab.c ----------------------------------------------------------------------------------------------- */

void ie_xyz_to_lab (const double xyz[3], const double white[3], double lab[3]);
void ie_lab_to_xyz (const double lab[3], const double white[3], double xyz[3]);
/* L a b to L C h: CIELAB's and Oklab's. */
void ie_lab_to_lch (const double lab[3], double lch[3]);
void ie_lch_to_lab (const double lch[3], double lab[3]);

/* ---- HSV, HSL: hsv.c --------------------------------------------------------------------------------------------- */

void ie_rgb_to_hsv (const double rgb[3], double hsv[3]);
void ie_hsv_to_rgb (const double hsv[3], double rgb[3]);
void ie_rgb_to_hsl (const double rgb[3], double hsl[3]);
void ie_hsl_to_rgb (const double hsl[3], double rgb[3]);

/* ---- Y'CbCr: ycbcr.c --------------------------------------------------------------------------------------------- */

typedef enum { IE_YCBCR_601, IE_YCBCR_709, IE_YCBCR_2020, IE_YCBCR_COUNT } IeYcbcrMatrix;
typedef enum { IE_RANGE_FULL, IE_RANGE_STUDIO } IeYcbcrRange;

typedef struct {
  double kr, kg, kb; /* weights of luma; their sum is 1 */
  /* Codes / largest code: of black, of white less black, of no colour, of the whole range of Cb and Cr. */
  double y_zero, y_scale, c_zero, c_scale;
} IeYcbcr;

/* The encoding of that matrix, range and depth (8..16 bits). 8 bits, full range, 601 is JPEG's (JFIF). */
IeYcbcr ie_ycbcr (IeYcbcrMatrix matrix, IeYcbcrRange range, int bits);
void ie_rgb_to_ycbcr (const IeYcbcr *encoding, const double rgb[3], double ycbcr[3]);
void ie_ycbcr_to_rgb (const IeYcbcr *encoding, const double ycbcr[3], double rgb[3]);

/* ---- Oklab: oklab.c ---------------------------------------------------------------------------------------------- */

/* From and to linear light of sRGB's primaries, white D65. */
void ie_linear_srgb_to_oklab (const double rgb[3], double oklab[3]);
void ie_oklab_to_linear_srgb (const double oklab[3], double rgb[3]);
/* The matrix of ie_linear_srgb_to_oklab() before its cube roots and the one after them, and their inverses. */
void ie_oklab_matrices (double to_cones[3][3], double to_lab[3][3], double from_cones[3][3], double from_lab[3][3]);

/* ---- Rows of float pixels: rows.c -------------------------------------------------------------------------------- */

/* `pixels` pixels, `step` samples from one to the next (3 or more); of each the first three samples are the colour, the
 * others are left alone. in and out may be the same, else they do not overlap; both have this step. Finite samples
 * within 1e9, hues within 1e5 degrees. Hue, chroma and the rest in the units of the head of this file. */
typedef void (*IeRow) (const float *in, float *out, gsize pixels, int step);

typedef struct {
  /* Any matrix: XYZ, other primaries, adaptation; row after row. */
  void (*matrix) (const float *in, float *out, gsize pixels, int step, const float matrix[9]);
  IeRow srgb_decode, srgb_encode; /* R'G'B' to linear light and back */
  IeRow xyz_to_lab, lab_to_xyz;   /* XYZ divided by its white */
  IeRow lab_to_lch, lch_to_lab;   /* Oklab's too */
  IeRow rgb_to_hsv, hsv_to_rgb, rgb_to_hsl, hsl_to_rgb;
  void (*rgb_to_ycbcr) (const float *in, float *out, gsize pixels, int step, const IeYcbcr *encoding);
  void (*ycbcr_to_rgb) (const float *in, float *out, gsize pixels, int step, const IeYcbcr *encoding);
  IeRow linear_srgb_to_oklab, oklab_to_linear_srgb;
} IeSpaceRows;

/* The loops of the processor's level. */
const IeSpaceRows *ie_space_rows (void);
/* Those of a level (tests). */
const IeSpaceRows *ie_space_rows_at (IeCpuLevel level);

G_END_DECLS
