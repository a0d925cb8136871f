// SPDX-License-Identifier: GPL-3.0-or-later
/* Y'CbCr of encoded R'G'B'. Weights of luma: BT.601-7, 2.5.1; BT.709-6, 3.2; BT.2020-2, table 4 (non-constant
 * luminance). Studio range: BT.601-7, 2.5.2, BT.709-6, 4.6, BT.2020-2, table 5: at n bits black is 16, white 235, no
 * colour 128, the largest colour 240, all times 2^(n - 8). Full range: ITU-T T.871 (JFIF), 7: white is 2^n - 1, no
 * colour 2^(n - 1).
 *
 * Y' = Kr R' + Kg G' + Kb B', Cb = (B' - Y') / (2 (1 - Kb)), Cr = (R' - Y') / (2 (1 - Kr)). */
#include "colorspace/spaces.h"

IeYcbcr
ie_ycbcr (IeYcbcrMatrix matrix, IeYcbcrRange range, int bits)
{
  static const double weights[IE_YCBCR_COUNT][2] = { { 0.299, 0.114 }, { 0.2126, 0.0722 }, { 0.2627, 0.0593 } };
  double kr = weights[matrix][0], kb = weights[matrix][1];
  double unit = (double) (1 << (bits - 8)), largest = 256.0 * unit - 1.0;
  IeYcbcr encoding = { .kr = kr, .kg = 1.0 - kr - kb, .kb = kb, .y_scale = 1.0, .c_scale = 1.0 };
  encoding.c_zero = 128.0 * unit / largest;
  if (range == IE_RANGE_STUDIO) {
    encoding.y_zero = 16.0 * unit / largest;
    encoding.y_scale = 219.0 * unit / largest;
    encoding.c_scale = 224.0 * unit / largest;
  }
  return encoding;
}

void
ie_rgb_to_ycbcr (const IeYcbcr *e, const double rgb[3], double ycbcr[3])
{
  double r = rgb[0], b = rgb[2], y = e->kr * r + e->kg * rgb[1] + e->kb * b;
  ycbcr[0] = e->y_zero + e->y_scale * y;
  ycbcr[1] = e->c_zero + e->c_scale * ((b - y) / (2.0 * (1.0 - e->kb)));
  ycbcr[2] = e->c_zero + e->c_scale * ((r - y) / (2.0 * (1.0 - e->kr)));
}

void
ie_ycbcr_to_rgb (const IeYcbcr *e, const double ycbcr[3], double rgb[3])
{
  double y = (ycbcr[0] - e->y_zero) / e->y_scale;
  double b = y + 2.0 * (1.0 - e->kb) * ((ycbcr[1] - e->c_zero) / e->c_scale);
  double r = y + 2.0 * (1.0 - e->kr) * ((ycbcr[2] - e->c_zero) / e->c_scale);
  rgb[0] = r;
  rgb[1] = (y - e->kr * r - e->kb * b) / e->kg;
  rgb[2] = b;
}
