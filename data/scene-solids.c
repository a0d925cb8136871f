// SPDX-License-Identifier: GPL-3.0-or-later
/* Two scenes of solids: spheres, traced by rays, and balloons, shaded as spheres. */
#include "data/scene.h"
#include "core/elementary.h"

#include <math.h>

static double
clamp (double x)
{
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

typedef struct {
  double x, y, z;
} Vector;

static double
dot (Vector a, Vector b)
{
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

static Vector
along (Vector from, Vector direction, double t)
{
  return (Vector){ from.x + direction.x * t, from.y + direction.y * t, from.z + direction.z * t };
}

static Vector
unit (Vector a)
{
  double length = sqrt (dot (a, a));
  return (Vector){ a.x / length, a.y / length, a.z / length };
}

/* ---- Spheres on tiles -------------------------------------------------------------------------------------------- */

static const struct {
  Vector centre;
  double radius, shade, gloss;
} spheres[] = {
  { { -1.15, 1.0, 4.6 }, 1.0, 0.80, 0.35 },   { { 0.95, 0.75, 3.6 }, 0.75, 0.35, 0.45 },
  { { -0.15, 0.38, 2.7 }, 0.38, 0.62, 0.25 }, { { 2.35, 1.15, 6.0 }, 1.15, 0.55, 0.30 },
  { { -2.6, 0.55, 3.7 }, 0.55, 0.25, 0.40 },
};
enum { SPHERES = sizeof spheres / sizeof *spheres };

/* Nearest sphere that the ray meets, or -1; *t its distance. */
static int
meet (Vector from, Vector direction, double *t)
{
  int nearest = -1;
  *t = 1e9;
  for (int i = 0; i < SPHERES; i++) {
    Vector to = { from.x - spheres[i].centre.x, from.y - spheres[i].centre.y, from.z - spheres[i].centre.z };
    double b = dot (to, direction), c = dot (to, to) - spheres[i].radius * spheres[i].radius;
    double root = b * b - c;
    if (root <= 0)
      continue;
    double hit = -b - sqrt (root);
    if (hit > 1e-4 && hit < *t) {
      *t = hit;
      nearest = i;
    }
  }
  return nearest;
}

static double
trace (Vector from, Vector direction, int bounces)
{
  const Vector sun = unit ((Vector){ -0.55, 0.8, -0.45 });
  double t, ignored;
  int i = meet (from, direction, &t);
  if (i >= 0) {
    Vector at = along (from, direction, t);
    Vector normal
        = unit ((Vector){ at.x - spheres[i].centre.x, at.y - spheres[i].centre.y, at.z - spheres[i].centre.z });
    double lit = meet (at, sun, &ignored) < 0 ? clamp (dot (normal, sun)) : 0;
    double light = spheres[i].shade * (0.22 + 0.78 * lit) + 0.08 * normal.y;
    Vector mirrored = along (direction, normal, -2 * dot (direction, normal));
    double shine = ie_pow (clamp (dot (mirrored, sun)), 40) * (lit > 0);
    if (bounces > 0)
      light += (trace (at, mirrored, bounces - 1) - light) * spheres[i].gloss;
    return light + 0.7 * shine;
  }
  if (direction.y < -1e-6) {
    t = -from.y / direction.y;
    Vector at = along (from, direction, t);
    double lit = meet (at, sun, &ignored) < 0 ? 1 : 0.42;
    int dark = ((int) floor (at.x * 0.9) + (int) floor (at.z * 0.9)) & 1;
    double vein = scene_fractal (at.x * 3, at.z * 3, 5, 61);
    double tile = (dark ? 0.30 : 0.78) + 0.22 * (vein - 0.5);
    return 0.62 + (tile * lit - 0.62) * ie_exp (-t * 0.05);
  }
  double haze = ie_exp (-direction.y * 4);
  return 0.30 + 0.34 * haze + 0.25 * (scene_fractal (direction.x * 3, direction.y * 7, 5, 62) - 0.5);
}

Colour
scene_spheres (double x, double y)
{
  Vector eye = { 0, 1.25, 0 };
  double gray = clamp (trace (eye, unit ((Vector){ (x - 0.667) * 1.35, (0.42 - y) * 1.35, 1.1 }), 2));
  return colour (gray, gray, gray);
}

/* ---- Balloons over fields ---------------------------------------------------------------------------------------- */

static const struct {
  double x, y, radius;
  uint32_t one, other;
  int gores; /* stripes from pole to pole */
} balloons[] = {
  { 0.93, 0.50, 0.045, 0xf4d35e, 0xee964b, 10 }, { 0.12, 0.42, 0.055, 0x3d5a80, 0xe0fbfc, 8 },
  { 0.80, 0.22, 0.085, 0x2a9d8f, 0xf4f1de, 10 }, { 0.42, 0.33, 0.20, 0xd62828, 0xfcbf49, 12 },
  { 1.16, 0.27, 0.13, 0x5a3d8a, 0xf2c4d0, 12 },
};

static Colour
balloon (Colour c, int i, double x, double y)
{
  double radius = balloons[i].radius;
  double u = (x - balloons[i].x) / radius, v = (y - balloons[i].y) / radius;
  double narrow = v > 0 ? 1 - 0.42 * v * v : 1; /* the envelope tapers to its mouth */
  double w = u / (narrow > 0.1 ? narrow : 0.1);
  if (v < 1.22 && w * w + (v > 0 ? v * v / 1.5 : v * v) < 1) {
    double across = ie_atan2 (w, sqrt (clamp (1 - w * w - v * v * (v > 0 ? 0.6 : 1))) + 1e-6);
    int gore = (int) floor (across / 3.14159265358979 * balloons[i].gores + 100);
    Colour skin = colour_hex (gore & 1 ? balloons[i].one : balloons[i].other);
    if (fabs (v - 0.12) < 0.10)
      skin = colour_blend (skin, colour_hex (0xffffff), 0.75);
    double light = 0.45 + 0.62 * clamp (0.35 - 0.55 * w - 0.45 * v + 0.5 * sqrt (clamp (1 - w * w)));
    return colour_scale (skin, light);
  }
  if (v > 1.45 && v < 1.72 && fabs (u) < 0.15 - 0.05 * (v - 1.45))
    return colour_scale (colour_hex (0x8a5a2b), 0.7 + 1.2 * scene_noise (x * 300, y * 300, 71) * 0.5);
  if (v > 1.1 && v <= 1.45 && fabs (fabs (u) - (0.13 + 0.25 * (1.45 - v))) < 0.014)
    return colour_hex (0x3b2f2f);
  return c;
}

static Colour
fields (double x, double y, double horizon)
{
  double depth = 0.06 / (y - horizon + 0.012);
  double across = (x - 0.667) * depth * 9, forth = depth * 6;
  double bend = scene_noise (across * 0.35, forth * 0.35, 72) * 2;
  double i = floor (across * 0.55 + bend), j = floor (forth * 0.8 + bend * 0.5);
  static const uint32_t crops[] = { 0x7a9e3f, 0xc9b458, 0x5b8638, 0xa7b55a, 0x8c7a46, 0xe0c95f };
  uint32_t h = scene_hash ((uint32_t) (int32_t) i, (uint32_t) (int32_t) j, 73);
  double rows = ie_sin ((h & 1 ? across : forth) * 28) * 0.09 / (1 + depth * 0.6);
  double grain = scene_fractal (x * 50, y * 80, 3, 74);
  Colour c = colour_scale (colour_hex (crops[h % 6]), 0.72 + rows + 0.4 * grain);
  return colour_blend (c, colour_hex (0xbfd0d8), 0.75 * ie_exp (-(y - horizon) * 9));
}

Colour
scene_balloons (double x, double y)
{
  const double horizon = 0.66 + 0.025 * (scene_fractal (x * 3, 0, 5, 75) - 0.5);
  Colour c = colour_blend (colour_hex (0x3a78bd), colour_hex (0xf1dfc8), clamp (y / horizon));
  double cloud = scene_fractal (x * 2.5, y * 9, 6, 76);
  c = colour_blend (c, colour_hex (0xfff8ee), 0.8 * clamp ((cloud - 0.5) * 4));
  if (y > horizon)
    c = fields (x, y, horizon);
  for (int i = 0; i < 5; i++)
    c = balloon (c, i, x, y);
  return c;
}
