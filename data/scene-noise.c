// SPDX-License-Identifier: GPL-3.0-or-later
/* Value noise on a lattice and its fractal sum (after Perlin, An Image Synthesizer, SIGGRAPH 1985). */
#include "data/scene.h"

#include <math.h>

/* Multiplication and shifts that spread every bit (the finaliser of MurmurHash3). */
uint32_t
scene_hash (uint32_t x, uint32_t y, uint32_t seed)
{
  uint32_t h = seed * 0x9e3779b9u ^ x * 0x85ebca6bu ^ (y * 0xc2b2ae35u + 0x27d4eb2fu);
  h ^= h >> 16;
  h *= 0x85ebca6bu;
  h ^= h >> 13;
  h *= 0xc2b2ae35u;
  return h ^ h >> 16;
}

static double
lattice (double x, double y, uint32_t seed)
{
  return scene_hash ((uint32_t) (int32_t) x, (uint32_t) (int32_t) y, seed) / 4294967296.0;
}

double
scene_noise (double x, double y, uint32_t seed)
{
  double x0 = floor (x), y0 = floor (y);
  double u = x - x0, v = y - y0;
  u = u * u * (3 - 2 * u);
  v = v * v * (3 - 2 * v);
  double top = lattice (x0, y0, seed) * (1 - u) + lattice (x0 + 1, y0, seed) * u;
  double bottom = lattice (x0, y0 + 1, seed) * (1 - u) + lattice (x0 + 1, y0 + 1, seed) * u;
  return top * (1 - v) + bottom * v;
}

double
scene_fractal (double x, double y, int octaves, uint32_t seed)
{
  double sum = 0, weight = 0, amplitude = 1;
  for (int i = 0; i < octaves; i++) {
    sum += amplitude * scene_noise (x, y, seed + (uint32_t) i * 101);
    weight += amplitude;
    amplitude *= 0.5;
    x = 2 * x + 17.3;
    y = 2 * y + 5.7;
  }
  return sum / weight;
}
