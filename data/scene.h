// SPDX-License-Identifier: GPL-3.0-or-later
/* The pictures of data/samples before anything spoils them: painted by formulas, the same bits everywhere. */
#pragma once

#include <stdint.h>

typedef struct {
  double r, g, b; /* as stored: sRGB-coded, 0..1 */
} Colour;

/* Colour at a point: y grows downwards from 0 to 1, x runs from 0 to the ratio of the sides. */
typedef Colour (*Scene) (double x, double y);

Colour scene_mountains (double x, double y);  /* ridges in evening light, a lake */
Colour scene_lighthouse (double x, double y); /* a lighthouse and boats by day */
Colour scene_village (double x, double y);    /* white houses on a hill */
Colour scene_spheres (double x, double y);    /* polished spheres on tiles, gray */
Colour scene_balloons (double x, double y);   /* hot-air balloons over fields */

/* Noise that scenes are made of, also for what spoils them. */
uint32_t scene_hash (uint32_t x, uint32_t y, uint32_t seed);
/* Smooth noise of grain 1, and a sum of `octaves` of it with halved grain and amplitude; both 0..1. */
double scene_noise (double x, double y, uint32_t seed);
double scene_fractal (double x, double y, int octaves, uint32_t seed);

static inline Colour
colour (double r, double g, double b)
{
  return (Colour){ r, g, b };
}

static inline Colour
colour_hex (uint32_t rgb)
{
  return colour ((rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0);
}

static inline Colour
colour_blend (Colour a, Colour b, double share)
{
  return colour (a.r + (b.r - a.r) * share, a.g + (b.g - a.g) * share, a.b + (b.b - a.b) * share);
}

static inline Colour
colour_scale (Colour a, double factor)
{
  return colour (a.r * factor, a.g * factor, a.b * factor);
}
