// SPDX-License-Identifier: GPL-3.0-or-later
/* Weights exp(-x) for averages over many neighbours: a power of two of a number that is never positive, cheaper than
 * ie_exp2f() of core/elementary.h and as reproducible.
 *
 * Between -1/2 and 1/2, 2^f is the polynomial of degree 4 with p(0) = 1 whose largest relative error is least (Lawson's
 * iteration, C. L. Lawson, "Contributions to the theory of linear least maximum approximation", 1961): 2.9e-6. An
 * average whose weights are off by that is off by less than 2.9e-6 of the largest difference to it, 0.2 of a code at 16
 * bits. tests/test-bilateral.c holds it to that. */
#pragma once

#include "core/elementary.h"
#include "core/simd-vector.h"

#define IE_WEIGHT_LEAST (-126.0f)
#define IE_WEIGHT_ROUND 12582912.0f /* 1.5 * 2^23: the last bits of a sum with it are those of the nearest integer */
#define IE_WEIGHT_AT(f) \
  (1.0f + (f) * (0.6931241933678398f + \
                 (f) * (0.24024098611259417f + (f) * (0.05590642503646033f + (f) * 0.009582853168914832f))))

/* 2^x for x <= 0; 1 exactly for 0. From -126 down it is 2^-126: 1e-38 is as good as nothing beside a weight of 1. */
static inline float
ie_weight_exp2 (float x)
{
  x = x > IE_WEIGHT_LEAST ? x : IE_WEIGHT_LEAST;
  float rounded = x + IE_WEIGHT_ROUND;
  float f = x - (rounded - IE_WEIGHT_ROUND), p = IE_WEIGHT_AT (f);
  return ie_float_from_bits ((int32_t) ((uint32_t) ie_float_bits (p) + ((uint32_t) ie_float_bits (rounded) << 23)));
}

/* The same in each lane. */
static inline IeVector
ie_weight_exp2_vector (IeVector x)
{
  x = ie_vector_larger (x, ie_vector_all (IE_WEIGHT_LEAST));
  IeVector rounded = x + IE_WEIGHT_ROUND;
  IeVector f = x - (rounded - IE_WEIGHT_ROUND), p = IE_WEIGHT_AT (f);
  return (IeVector) ((IeVectorBits) p + ((IeVectorBits) rounded << 23));
}
