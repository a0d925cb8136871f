// SPDX-License-Identifier: GPL-3.0-or-later
/* Depth conversion of rows of samples, and what the engine does to every rectangle. Compiled once per level; reached
 * through the table of the processor's level. */
#pragma once

#include "core/image.h"
#include "core/level.h"

/* The 16-bit code k / 65535 without division: k * HIGH is exact (HIGH has 1 bit), LOW is the rest; see convert.c. */
#define IE_INVERSE_65535_HIGH 0x1p-16f
#define IE_INVERSE_65535_LOW 0x1.0001p-32f

static inline float
ie_from_u16 (float k)
{
  return k * IE_INVERSE_65535_HIGH + k * IE_INVERSE_65535_LOW;
}

/* The same of the 8-bit code k / 255. */
#define IE_INVERSE_255_HIGH 0x1.01p-8f     /* 9 bits */
#define IE_INVERSE_255_LOW 0x1.010102p-24f /* 1 / 255 - HIGH */

static inline float
ie_from_u8 (float k)
{
  return k * IE_INVERSE_255_HIGH + k * IE_INVERSE_255_LOW;
}

typedef struct {
  /* k / 255 and k / 65535, correctly rounded. */
  void (*u8_to_float) (const guint8 *in, float *out, gsize samples);
  void (*u16_to_float) (const guint16 *in, float *out, gsize samples);
  /* Clamped to 0..1 (NaN: 0), times the range, rounded half up. */
  void (*float_to_u8) (const float *in, guint8 *out, gsize samples);
  void (*float_to_u16) (const float *in, guint16 *out, gsize samples);
  /* The same, with a threshold of its own for each sample in place of one half. */
  void (*float_to_u8_dithered) (const float *in, guint8 *out, gsize samples, const float *thresholds);
  void (*float_to_u16_dithered) (const float *in, guint16 *out, gsize samples, const float *thresholds);
  void (*u8_to_u16) (const guint8 *in, guint16 *out, gsize samples);
  void (*u16_to_u8) (const guint16 *in, guint8 *out, gsize samples);
  /* Number of NaN among the samples. */
  gsize (*count_nan) (const float *in, gsize samples);
  /* Samples that stand at 0 or at the range in b but not so in a. */
  gsize (*newly_clipped_u8) (const guint8 *a, const guint8 *b, gsize samples);
  gsize (*newly_clipped_u16) (const guint16 *a, const guint16 *b, gsize samples);
  gsize (*newly_clipped_float) (const float *a, const float *b, gsize samples);
  /* out = a + (b - a) * weight, weight one number for all, or one a pixel (of `channels` samples) when weights is set. */
  void (*mix) (const float *a, const float *b, float *out, gsize pixels, int channels, float weight,
               const float *weights);
  /* A table of 256 or 65536 entries for each channel, one after the other, entries as the output depth. */
  void (*table_u8_u8) (const guint8 *in, guint8 *out, gsize pixels, int channels, const guint8 *table);
  void (*table_u8_float) (const guint8 *in, float *out, gsize pixels, int channels, const float *table);
  void (*table_u16_u16) (const guint16 *in, guint16 *out, gsize pixels, int channels, const guint16 *table);
  void (*table_u16_float) (const guint16 *in, float *out, gsize pixels, int channels, const float *table);
} IeConvertKernels;

/* The kernels of the processor's level. */
const IeConvertKernels *ie_convert (void);
/* The kernels of a level (tests). */
const IeConvertKernels *ie_convert_at (IeCpuLevel level);
