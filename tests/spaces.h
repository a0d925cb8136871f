// SPDX-License-Identifier: GPL-3.0-or-later
/* What the tests of colour spaces share. */
#pragma once

#include "colorspace/spaces.h"
#include "colorspace/srgb.h"

#include <lcms2.h>
#include <math.h>
#include <string.h>

/* Random colours, 0..1 each unless scaled; every eighth is gray, every 64th black or white. */
static inline void
colour (GRand *random, int i, double out[3])
{
  for (int c = 0; c < 3; c++)
    out[c] = g_rand_double (random);
  if (i % 8 == 0)
    out[1] = out[2] = out[0];
  if (i % 64 == 0)
    out[0] = out[1] = out[2] = i % 128 == 0 ? 0.0 : 1.0;
}
