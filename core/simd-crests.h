// SPDX-License-Identifier: GPL-3.0-or-later
/* Bits of crests, by hand: comparisons give bits at once there, which compilers turn into bytes first. The same bits as
 * filters/kernel/ridge.c gives. */
#pragma once

#include <glib.h>

/* As ie_ridge_crests() in filters/kernel/ridge.h, the tangent of 22.5 degrees included. FALSE, and nothing done, where this
 * processor has no such version. */
gboolean ie_simd_crests (const float *above, const float *here, const float *below, const float *across,
                         const float *down, guint64 *crests, guint64 *strong, int count, float low, float high,
                         float tangent);
