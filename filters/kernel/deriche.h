// SPDX-License-Identifier: GPL-3.0-or-later
/* The kernels of Deriche: what his recursive filters of second order answer to an impulse.
 *
 *   smoothing   s (x) = k (a |x| + 1) exp (-a |x|),       sum of s = 1
 *   slope       d (x) = c x exp (-a |x|),                 sum over x > 0 of d = 1: a step from 0 to 1 answers 1
 *   curvature   l (x) = m (1 - n a |x|) exp (-a |x|),     sum of l = 0, sum of x^2 l = 2: the second derivative
 *
 * A recursion carries its state from pixel to pixel, so that samples would depend on the rectangle they are computed
 * in. The same kernels are summed directly instead, cut where (a x + 1) exp (-a x) < 1e-6 and made to keep the sums
 * above. What is cut off is below 4e-6 of the kernel's sum of sizes, for any a: the error in one dimension, in shares
 * of the range. The cost grows with 1 / a; at a = 1 the 35 weights take less time than the recursion's two directions,
 * which no compiler vectorises along a row.
 *
 * Sources: R. Deriche, "Using Canny's Criteria to Derive a Recursively Implemented Optimal Edge Detector",
 * International Journal of Computer Vision 1 (2), 1987; R. Deriche, "Fast Algorithms for Low-Level Vision", IEEE
 * Transactions on Pattern Analysis and Machine Intelligence 12 (1), 1990.
 */
#pragma once

#include "filters/kernel/stencil.h"

G_BEGIN_DECLS

#define ie_deriche_add_gradient IE_LEVEL_NAME (ie_deriche_add_gradient)
#define ie_deriche_add_laplacian IE_LEVEL_NAME (ie_deriche_add_laplacian)

#define IE_DERICHE_LEAST 0.1 /* alpha */
#define IE_DERICHE_MOST 10

/* Adds the kernels of the slope to the right and, or, downwards. */
void ie_deriche_add_gradient (IeStencils *stencils, double alpha, gboolean right, gboolean down);

/* Adds two kernels, whose sums are the second derivatives to the right and downwards. */
void ie_deriche_add_laplacian (IeStencils *stencils, double alpha);

G_END_DECLS
