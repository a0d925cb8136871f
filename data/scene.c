// SPDX-License-Identifier: GPL-3.0-or-later
/* Five scenes. Each is painted back to front: sky, far, near; all numbers are coordinates and colours chosen by eye. */
#include "data/scene.h"
#include "core/elementary.h"

#include <math.h>

static double
clamp (double x)
{
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

/* 0 below a, 1 above b, smooth between. */
static double
ramp (double a, double b, double x)
{
  double t = clamp ((x - a) / (b - a));
  return t * t * (3 - 2 * t);
}

static double
distance (double x, double y, double x0, double y0)
{
  return sqrt ((x - x0) * (x - x0) + (y - y0) * (y - y0));
}

/* Clouds: fractal noise drawn out along the horizon, above a threshold. */
static double
cloud (double x, double y, double cover, uint32_t seed)
{
  double n = scene_fractal (x * 3, y * 8, 6, seed);
  return ramp (1 - cover, 1.25 - cover, n);
}

/* ---- Mountains --------------------------------------------------------------------------------------------------- */

/* Height of ridge i at x, as y of its upper edge. */
static double
ridge (double x, int i)
{
  static const double base[] = { 0.38, 0.46, 0.54, 0.60 };
  static const double height[] = { 0.26, 0.18, 0.13, 0.09 };
  double n = scene_fractal (x * (1.6 + i * 0.7), i * 7.7, 7, 40 + (uint32_t) i);
  double peak = 1 - fabs (2 * scene_fractal (x * (2.1 + i) + 0.4, i * 3.1, 6, 50 + (uint32_t) i) - 1);
  return base[i] + height[i] * (1.1 - 0.9 * n - 0.95 * peak * peak);
}

/* The near shore, as y of its edge. */
static double
bank (double x)
{
  return 0.86 + 0.08 * (scene_fractal (x * 3, 1, 5, 92) - 0.5) - 0.10 * ramp (0.9, 0.2, x);
}

/* Whether a pine stands at a point. */
static int
pine (double x, double y)
{
  /* Trees stand in cells along the shore; a cell's hash gives place and height. */
  double cell = floor (x * 26);
  for (double c = cell - 1; c <= cell + 1; c++) {
    uint32_t h = scene_hash ((uint32_t) (int32_t) c, 3, 77);
    double grove = scene_noise (c * 0.16, 0.5, 78);
    if (grove < 0.45)
      continue;
    double middle = (c + 0.25 + 0.5 * (h & 255) / 255.0) / 26;
    double foot = bank (middle) + 0.015;
    double tall = 0.09 + 0.13 * (h >> 8 & 255) / 255.0;
    double up = (foot - y) / tall;
    if (up < 0 || up > 1)
      continue;
    double tier = up * 7 - floor (up * 7);
    double half = 0.20 * tall * (1.02 - up) * (0.62 + 0.38 * (1 - tier));
    if (fabs (x - middle) < half)
      return 1;
  }
  return 0;
}

static Colour
mountain_sky (double x, double y)
{
  Colour c = colour_blend (colour_hex (0x4a6fa5), colour_hex (0xf6c79b), ramp (0, 0.5, y));
  double sun = distance (x, y, 1.02, 0.27);
  c = colour_blend (c, colour_hex (0xfff0d0), 0.75 * ie_exp (-sun * 6));
  c = colour_blend (c, colour_hex (0xfffbe8), 1 - ramp (0.045, 0.052, sun));
  return colour_blend (c, colour_hex (0xf9dcc4), 0.6 * cloud (x, y, 0.52, 11) * (1 - ramp (0.25, 0.45, y)));
}

static Colour
mountain_land (double x, double y)
{
  static const uint32_t tint[] = { 0x8d93ab, 0x6b7694, 0x4a5f70, 0x2f4a45 };
  Colour c = mountain_sky (x, y);
  for (int i = 0; i < 4; i++) {
    double top = ridge (x, i);
    if (y < top)
      continue;
    /* The light follows the ridge line above, led astray the further down. */
    double rock = scene_fractal (x * 14, y * 22, 5, 60 + (uint32_t) i);
    double astray = x + (y - top) * (1.6 * scene_fractal (x * 5, y * 9, 4, 64) - 0.3) + 0.02 * (rock - 0.5);
    double slope = ridge (astray + 0.012, i) - ridge (astray, i);
    double light = 1 + 9 * clamp (0.06 + slope) * (0.4 + 0.6 * rock) - 0.38 + 0.25 * (rock - 0.5);
    Colour here = colour_scale (colour_hex (tint[i]), light);
    double snow = i < 2 ? 1 - ramp (0.015, 0.10 - 0.03 * i, y - top + 0.08 * (rock - 0.55)) : 0;
    here = colour_blend (here, colour_scale (colour_hex (0xf4f1ee), 0.8 + 4.5 * slope), snow * (0.75 - 0.2 * i));
    c = colour_blend (here, colour_hex (0xe3c4ae), 0.55 * ramp (0, 0.22, y - top) * (1 - 0.2 * i));
  }
  return c;
}

Colour
scene_mountains (double x, double y)
{
  const double shore = 0.64;
  Colour c;
  if (y < shore) {
    c = mountain_land (x, y);
  } else {
    /* The lake mirrors the land, disturbed by ripples that shorten with distance. */
    double depth = (y - shore) / (1 - shore);
    double ripple = (scene_fractal (x * 6, 40 * ie_pow (depth, 0.6), 4, 91) - 0.5) * (0.01 + 0.05 * depth);
    c = mountain_land (x + ripple, shore - (y - shore) * 1.3 + ripple);
    c = colour_blend (colour_scale (c, 0.86), colour_hex (0x29415a), 0.15 + 0.45 * depth);
  }
  if (y > bank (x))
    c = colour_scale (colour_hex (0x2a3320), 0.6 + 0.9 * scene_fractal (x * 60, y * 40, 4, 93));
  if (pine (x, y))
    c = colour_scale (colour_hex (0x1d2b22), 0.75 + 0.6 * scene_fractal (x * 80, y * 80, 2, 94));
  return c;
}

/* ---- Lighthouse -------------------------------------------------------------------------------------------------- */

static Colour
lighthouse_sea (double x, double y)
{
  double depth = (y - 0.6) / 0.4;
  double wave = scene_fractal (x * 8 / (0.25 + depth), 9 / (0.12 + depth), 4, 21);
  Colour c = colour_blend (colour_hex (0x4fa3b8), colour_hex (0x14506e), ramp (0, 0.8, depth));
  c = colour_scale (c, 0.8 + 0.4 * wave);
  return colour_blend (c, colour_hex (0xe9f6f7), 0.7 * ramp (0.66, 0.78, wave));
}

/* A boat: a hull between two parabolas and two sails. */
static Colour
boat (Colour c, double x, double y, double x0, double y0, double size, uint32_t sail)
{
  double u = (x - x0) / size, v = (y - y0) / size;
  if (v > 0 && v < 0.22 && fabs (u) < 0.55 - 0.6 * v * v * 8)
    return v < 0.05 ? colour_hex (0xf2ede2) : colour_hex (0x7b2d26);
  if (v <= 0 && v > -1.15 && u > 0.03 && u < 0.03 + 0.45 * (1 + v / 1.15))
    return colour_scale (colour_hex (sail), 1 - 0.25 * u);
  if (v <= -0.05 && v > -1.0 && u < -0.02 && u > -0.02 - 0.36 * (1 + v))
    return colour_scale (colour_hex (0xfbf7ee), 1 + 0.3 * u);
  if (v <= 0 && v > -1.2 && fabs (u) < 0.018)
    return colour_hex (0x4b3621);
  return c;
}

static Colour
tower (Colour c, double x, double y)
{
  const double middle = 0.38, foot = 0.66, top = 0.23;
  double up = (foot - y) / (foot - top);
  double u = (x - middle) / (0.062 - 0.022 * clamp (up));
  double shade = sqrt (clamp (1 - (u + 0.25) * (u + 0.25) / 1.6)) * 0.75 + 0.28;
  if (up >= 0 && up <= 1 && fabs (u) <= 1) {
    int band = (int) (up * 6);
    c = colour_scale (band % 2 ? colour_hex (0xc8322f) : colour_hex (0xf7f3ea), shade);
    if (fabs (u + 0.1) < 0.13 && (fabs (up - 0.33) < 0.028 || fabs (up - 0.68) < 0.028))
      c = colour_hex (0x26333d);
  }
  double lamp = (top - y) / 0.085;
  u = (x - middle) / 0.03;
  if (lamp > 0 && lamp < 1 && fabs (u) < 1)
    c = fabs (u) > 0.86 || fabs (u) < 0.08 ? colour_hex (0x2d3b44)
                                           : colour_blend (colour_hex (0xffe9a8), colour_hex (0x8fb6c9), lamp);
  if (y > top - 0.006 && y < top + 0.012 && fabs (x - middle) < 0.055)
    c = colour_hex (0x2d3b44);
  double roof = (top - 0.085 - y) / 0.06;
  if (roof >= 0 && roof <= 1 && fabs (x - middle) < 0.04 * (1 - roof) + 0.002)
    c = colour_scale (colour_hex (0xb02a28), 0.8 + 6 * (middle + 0.03 - x));
  return c;
}

Colour
scene_lighthouse (double x, double y)
{
  Colour c;
  if (y < 0.6) {
    c = colour_blend (colour_hex (0x2f7fc4), colour_hex (0xcfe8f2), ramp (0, 0.6, y));
    c = colour_blend (c, colour_hex (0xfdfefe), 0.9 * cloud (x, y, 0.58, 5));
    double hill = 0.575 - 0.05 * scene_fractal (x * 2.2, 0, 5, 6) * ramp (0.6, 1.3, x);
    if (y > hill)
      c = colour_scale (colour_hex (0x6f9a8d), 0.9 + 0.3 * scene_fractal (x * 20, y * 30, 3, 7));
  } else {
    c = lighthouse_sea (x, y);
  }
  c = boat (c, x, y, 0.86, 0.66, 0.13, 0xf2b134);
  c = boat (c, x, y, 1.12, 0.625, 0.06, 0xe4572e);
  double rock = 0.64 + 0.06 * scene_fractal (x * 5, 0, 5, 8) + 0.9 * ramp (0.42, 0.95, x) * ramp (0.42, 0.95, x) - 0.02;
  if (y > rock) {
    double grain = scene_fractal (x * 18 + y * 8, y * 26, 6, 9);
    c = colour_scale (colour_hex (0x8a7860), 0.35 + 1.2 * grain);
    c = colour_blend (c, colour_scale (colour_hex (0x6b8f3c), 0.6 + 0.8 * grain),
                      1 - ramp (0.01, 0.05, y - rock + 0.04 * grain - 0.02));
  }
  return tower (c, x, y);
}

/* ---- Village ----------------------------------------------------------------------------------------------------- */

typedef struct {
  double x, y, width, height; /* left, foot */
  uint32_t wall, roof;
} House;

static const House houses[] = {
  { 0.10, 0.56, 0.17, 0.13, 0xf6f4ef, 0xb5533c }, { 0.34, 0.53, 0.14, 0.16, 0xf3efe4, 0x9c4a3a },
  { 0.55, 0.55, 0.20, 0.12, 0xfbfaf6, 0xc0634a }, { 0.84, 0.54, 0.13, 0.17, 0xf2ede6, 0x8f4436 },
  { 1.06, 0.56, 0.19, 0.13, 0xf8f6f1, 0xb85a41 }, { 0.02, 0.74, 0.24, 0.17, 0xfbfaf7, 0xa84c39 },
  { 0.36, 0.72, 0.21, 0.15, 0xf4f1ea, 0xbf5d44 }, { 0.68, 0.74, 0.23, 0.18, 0xfcfbf8, 0x95473a },
  { 1.02, 0.73, 0.25, 0.15, 0xf5f2ec, 0xb1523d },
};

static Colour
house (Colour c, const House *h, double x, double y)
{
  double u = (x - h->x) / h->width, v = (h->y - y) / h->height;
  if (u >= 0 && u <= 1 && v >= 0 && v <= 1) {
    double plaster = scene_fractal (x * 50, y * 50, 3, 31);
    c = colour_scale (colour_hex (h->wall), (u > 0.62 ? 0.72 : 0.97) * (0.94 + 0.1 * plaster));
    double wu = u * 4 - floor (u * 4), wv = v * 2.2 - floor (v * 2.2);
    int row = (int) (v * 2.2), column = (int) (u * 4);
    if (row < 2 && fabs (wu - 0.5) < 0.2 && fabs (wv - 0.55) < 0.24 && !(row == 0 && column == 1)) {
      c = fabs (wu - 0.5) > 0.16 || fabs (wv - 0.55) > 0.2 || fabs (wu - 0.5) < 0.02 ? colour_hex (0x2c6e8f)
                                                                                     : colour_hex (0x39434d);
    } else if (row == 0 && column == 1 && fabs (wu - 0.5) < 0.26 && wv < 0.7) {
      c = colour_hex (0x31698a);
    }
  }
  double slant = (v - 1) / 0.45;
  if (slant >= 0 && slant <= 1 && u > -0.06 + 0.22 * slant && u < 1.06 - 0.22 * slant) {
    double tile = ie_sin (u * 90) * 0.06 + ie_sin (slant * 30) * 0.07;
    c = colour_scale (colour_hex (h->roof), 0.95 - 0.2 * (u > 0.62) + tile + 0.2 * scene_noise (x * 60, y * 60, 33));
  }
  return c;
}

static Colour
tree (Colour c, double x, double y, double x0, double y0, double radius, uint32_t seed)
{
  double wobble = scene_fractal (x * 30, y * 30, 4, seed);
  double d = distance (x, y * 0.9, x0, y0 * 0.9) / (radius * (0.7 + 0.6 * wobble));
  if (d > 1)
    return c;
  double light = 0.75 + 0.6 * ((x0 - x) + (y0 - y)) / radius * 0.5 + 0.9 * (wobble - 0.5);
  return colour_scale (colour_hex (0x4f7d36), clamp (light) + 0.12);
}

Colour
scene_village (double x, double y)
{
  Colour c = colour_blend (colour_hex (0x3f8fd2), colour_hex (0xdcecf4), ramp (0, 0.42, y));
  c = colour_blend (c, colour_hex (0xffffff), 0.8 * cloud (x, y, 0.55, 51));
  double hill = 0.36 - 0.16 * ie_sin (x * 2.1) * scene_noise (x * 1.5, 0, 52) - 0.05 * scene_fractal (x * 4, 1, 5, 53);
  if (y > hill) {
    double field = scene_fractal (x * 9, y * 16, 5, 54);
    c = colour_scale (colour_blend (colour_hex (0x7da05a), colour_hex (0xb9a86a), ramp (0.4, 0.7, field)),
                      0.75 + 0.5 * field);
  }
  for (int i = 0; i < 9; i++) {
    if (i == 5)
      for (int t = 0; t < 6; t++)
        c = tree (c, x, y, 0.07 + 0.26 * t, 0.60 - 0.015 * (t % 3), 0.05, 300 + (uint32_t) t);
    c = house (c, &houses[i], x, y);
  }
  double street = 0.745 + 0.02 * scene_noise (x * 3, 0, 55);
  if (y > street) {
    double n = scene_fractal (x * 24, (y - street) * 40 + 3, 5, 56);
    double joints
        = ramp (0.0, 0.06, fabs (ie_sin (x * 34 / (0.5 + y)))) * ramp (0, 0.1, fabs (ie_sin (90 / (0.3 + y))));
    c = colour_scale (colour_hex (0xcfc6b5), (0.6 + 0.5 * n) * (0.78 + 0.22 * joints));
  }
  c = tree (c, x, y, 0.30, 0.70, 0.08, 401);
  c = tree (c, x, y, 0.63, 0.73, 0.07, 402);
  return tree (c, x, y, 1.36, 0.66, 0.16, 403);
}
