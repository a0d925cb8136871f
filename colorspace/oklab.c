// SPDX-License-Identifier: GPL-3.0-or-later
/* Oklab: B. Ottosson, A perceptual color space for image processing (2020, matrices of 2021-01-25), linear light of
 * sRGB to cone responses, their cube roots, and Lab of these; CSS Color Module Level 4, 9.2, uses the same. The way
 * back is by the inverse matrices, so that there and back is exact to rounding. */
#include "colorspace/spaces.h"
#include "core/elementary.h"

void
ie_oklab_matrices (double to_cones[3][3], double to_lab[3][3], double from_cones[3][3], double from_lab[3][3])
{
  static const double cones[3][3] = { { 0.4122214708, 0.5363325363, 0.0514459929 },
                                      { 0.2119034982, 0.6806995451, 0.1073969566 },
                                      { 0.0883024619, 0.2817188376, 0.6299787005 } };
  static const double lab[3][3] = { { 0.2104542553, 0.7936177850, -0.0040720468 },
                                    { 1.9779984951, -2.4285922050, 0.4505937099 },
                                    { 0.0259040371, 0.7827717662, -0.8086757660 } };
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      to_cones[i][j] = cones[i][j];
      to_lab[i][j] = lab[i][j];
    }
  ie_matrix_invert (to_cones, from_cones);
  ie_matrix_invert (to_lab, from_lab);
}

void
ie_linear_srgb_to_oklab (const double rgb[3], double oklab[3])
{
  double to_cones[3][3], to_lab[3][3], from_cones[3][3], from_lab[3][3], cones[3];
  ie_oklab_matrices (to_cones, to_lab, from_cones, from_lab);
  ie_matrix_apply (to_cones, rgb, cones);
  for (int i = 0; i < 3; i++)
    cones[i] = ie_cbrt (cones[i]);
  ie_matrix_apply (to_lab, cones, oklab);
}

void
ie_oklab_to_linear_srgb (const double oklab[3], double rgb[3])
{
  double to_cones[3][3], to_lab[3][3], from_cones[3][3], from_lab[3][3], cones[3];
  ie_oklab_matrices (to_cones, to_lab, from_cones, from_lab);
  ie_matrix_apply (from_lab, oklab, cones);
  for (int i = 0; i < 3; i++)
    cones[i] = cones[i] * cones[i] * cones[i];
  ie_matrix_apply (from_cones, cones, rgb);
}
