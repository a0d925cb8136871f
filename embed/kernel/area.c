// SPDX-License-Identifier: GPL-3.0-or-later
#include "embed/kernel/area.h"

static void
add_u8 (guint32 *restrict sums, const guint8 *restrict row, gsize samples, guint32 weight)
{
  for (gsize i = 0; i < samples; i++)
    sums[i] += weight * row[i];
}

extern const IeAreaKernels IE_LEVEL_NAME (ie_area_kernels);
const IeAreaKernels IE_LEVEL_NAME (ie_area_kernels) = { .add_u8 = add_u8 };
