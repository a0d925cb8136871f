// SPDX-License-Identifier: GPL-3.0-or-later
/* Sums of rows for area means (embed/portrait.c). Integers: the same sums at every level. */
#pragma once

#include "core/level.h"

typedef struct {
  /* sums[i] += weight * row[i]; the caller sees to it that no sum overflows. */
  void (*add_u8) (guint32 *sums, const guint8 *row, gsize samples, guint32 weight);
} IeAreaKernels;

/* The kernels of the processor's level; of a level (tests). */
const IeAreaKernels *ie_area (void);
const IeAreaKernels *ie_area_at (IeCpuLevel level);
