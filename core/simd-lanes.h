// SPDX-License-Identifier: GPL-3.0-or-later
/* Vectors of bytes as wide as the level's registers, for loops that must keep running sums of many independent lanes in
 * registers from step to step: left to itself the compiler stores them and waits for them at each step. The vector
 * extension of gcc and clang; what is computed does not depend on the width. */
#pragma once

#include <glib.h>

/* Vectors of 64 bytes gain nothing on processors that take two steps for one. */
#ifdef __AVX2__
#define IE_LANES 32
#else
#define IE_LANES 16
#endif

typedef guint8 IeLanes __attribute__ ((vector_size (IE_LANES), may_alias));

/* 255 where a <= b, else 0. */
static inline IeLanes
ie_lanes_at_most (IeLanes a, IeLanes b)
{
  return (IeLanes) (a <= b);
}

static inline IeLanes
ie_lanes_high (IeLanes a, IeLanes b)
{
  IeLanes more = (IeLanes) (a > b);
  return (more & a) | (~more & b);
}

static inline IeLanes
ie_lanes_low (IeLanes a, IeLanes b)
{
  return ~ie_lanes_high (~a, ~b);
}

/* a where mask is 255, b where it is 0. */
static inline IeLanes
ie_lanes_choose (IeLanes mask, IeLanes a, IeLanes b)
{
  return (mask & a) | (~mask & b);
}

static inline IeLanes
ie_lanes_all (guint8 value)
{
  return (IeLanes){ 0 } + value;
}
