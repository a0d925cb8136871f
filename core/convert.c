// SPDX-License-Identifier: GPL-3.0-or-later
/* Depth conversion of rows of samples, mixing and tables. Compiled once per level.
 *
 * Integer to float without division: k / 255 = k * HIGH + k * LOW, where HIGH is 1 / 255 cut to so few bits that
 * k * HIGH is exact and LOW is the rest. The sum is then the correctly rounded quotient; tests/test-elementary.c
 * compares every code. */
#include "core/convert.h"

#include "core/simd-table.h"

#include <string.h>

static inline float
from_u8 (guint8 code)
{
  return ie_from_u8 ((float) code);
}

/* v clamped to 0..1, NaN to 0. On the bits, as integers, which for positive floats are in the same order: compilers
 * turn these into a minimum and a maximum, but a chain of comparisons of floats into one branch or mask for each. */
static inline float
clamp_unit (float v)
{
  gint32 bits;
  memcpy (&bits, &v, sizeof bits);
  bits = bits > 0x7f800000 ? 0 : bits;
  bits = MAX (bits, 0);
  bits = MIN (bits, 0x3f800000);
  memcpy (&v, &bits, sizeof v);
  return v;
}

static void
u8_to_float (const guint8 *restrict in, float *restrict out, gsize samples)
{
  for (gsize i = 0; i < samples; i++)
    out[i] = from_u8 (in[i]);
}

static void
u16_to_float (const guint16 *restrict in, float *restrict out, gsize samples)
{
  for (gsize i = 0; i < samples; i++)
    out[i] = ie_from_u16 ((float) in[i]);
}

static void
float_to_u8 (const float *restrict in, guint8 *restrict out, gsize samples)
{
  for (gsize i = 0; i < samples; i++)
    out[i] = (guint8) (gint32) (clamp_unit (in[i]) * 255.0f + 0.5f);
}

static void
float_to_u16 (const float *restrict in, guint16 *restrict out, gsize samples)
{
  for (gsize i = 0; i < samples; i++)
    out[i] = (guint16) (gint32) (clamp_unit (in[i]) * 65535.0f + 0.5f);
}

static void
float_to_u8_dithered (const float *restrict in, guint8 *restrict out, gsize samples, const float *restrict thresholds)
{
  for (gsize i = 0; i < samples; i++)
    out[i] = (guint8) (gint32) (clamp_unit (in[i]) * 255.0f + thresholds[i]);
}

static void
float_to_u16_dithered (const float *restrict in, guint16 *restrict out, gsize samples, const float *restrict thresholds)
{
  for (gsize i = 0; i < samples; i++)
    out[i] = (guint16) (gint32) (clamp_unit (in[i]) * 65535.0f + thresholds[i]);
}

static void
u8_to_u16 (const guint8 *restrict in, guint16 *restrict out, gsize samples)
{
  for (gsize i = 0; i < samples; i++)
    out[i] = (guint16) (in[i] * 257u);
}

/* k / 257 rounded, in 16 bits. With k = 257 q + r, |r| <= 128, k - k / 256 is 256 q + r, one less where q + r >= 256,
 * one more where q + r < 0; what is added brings each of them into 256 q .. 256 q + 255. */
static void
u16_to_u8 (const guint16 *restrict in, guint8 *restrict out, gsize samples)
{
  for (gsize i = 0; i < samples; i++)
    out[i] = (guint8) ((guint16) (in[i] - (in[i] >> 8) + 127 + (in[i] >> 15)) >> 8);
}

/* Counts are taken over blocks, in lanes as narrow as the samples, so that they cannot overflow. */
#define BLOCK_FLOAT 4096
#define BLOCK_U16 4096
#define BLOCK_U8 192

static gsize
count_nan (const float *in, gsize samples)
{
  gsize total = 0;
  for (gsize start = 0; start < samples; start += BLOCK_FLOAT) {
    gsize end = MIN (start + BLOCK_FLOAT, samples);
    guint32 count = 0;
    for (gsize i = start; i < end; i++)
      count += in[i] != in[i];
    total += count;
  }
  return total;
}

static gsize
newly_clipped_u8 (const guint8 *a, const guint8 *b, gsize samples)
{
  gsize total = 0;
  for (gsize start = 0; start < samples; start += BLOCK_U8) {
    gsize end = MIN (start + BLOCK_U8, samples);
    guint8 count = 0;
    for (gsize i = start; i < end; i++)
      count += (guint8) (((b[i] == 0) | (b[i] == 255)) & (a[i] != b[i]));
    total += count;
  }
  return total;
}

static gsize
newly_clipped_u16 (const guint16 *a, const guint16 *b, gsize samples)
{
  gsize total = 0;
  for (gsize start = 0; start < samples; start += BLOCK_U16) {
    gsize end = MIN (start + BLOCK_U16, samples);
    guint16 count = 0;
    for (gsize i = start; i < end; i++)
      count += (guint16) (((b[i] == 0) | (b[i] == 65535)) & (a[i] != b[i]));
    total += count;
  }
  return total;
}

static gsize
newly_clipped_float (const float *a, const float *b, gsize samples)
{
  gsize total = 0;
  for (gsize start = 0; start < samples; start += BLOCK_FLOAT) {
    gsize end = MIN (start + BLOCK_FLOAT, samples);
    guint32 count = 0;
    for (gsize i = start; i < end; i++)
      count += ((b[i] <= 0.0f) & (a[i] > 0.0f)) | ((b[i] >= 1.0f) & (a[i] < 1.0f));
    total += count;
  }
  return total;
}

/* Pixels whose weights are spread to their samples at a time. */
#define STRIP 256

static inline void
spread (const float *restrict weights, float *restrict spread_out, gsize pixels, int channels)
{
  for (gsize i = 0; i < pixels; i++)
    for (int c = 0; c < channels; c++)
      spread_out[i * (gsize) channels + (gsize) c] = weights[i];
}

static void
mix_one (const float *restrict a, const float *restrict b, float *restrict out, gsize samples, float weight)
{
  for (gsize i = 0; i < samples; i++)
    out[i] = a[i] + (b[i] - a[i]) * weight;
}

static void
mix_each (const float *restrict a, const float *restrict b, float *restrict out, gsize samples,
          const float *restrict weights)
{
  for (gsize i = 0; i < samples; i++)
    out[i] = a[i] + (b[i] - a[i]) * weights[i];
}

static void
mix (const float *a, const float *b, float *out, gsize pixels, int channels, float weight, const float *weights)
{
  float of_samples[STRIP * IE_MAX_CHANNELS];
  if (!weights) {
    mix_one (a, b, out, pixels * (gsize) channels, weight);
    return;
  }
  if (channels == 1) {
    mix_each (a, b, out, pixels, weights);
    return;
  }
  for (gsize start = 0; start < pixels; start += STRIP) {
    gsize count = MIN (pixels - start, STRIP), first = start * (gsize) channels;
    if (channels == 3)
      spread (weights + start, of_samples, count, 3);
    else if (channels == 4)
      spread (weights + start, of_samples, count, 4);
    else
      spread (weights + start, of_samples, count, channels);
    mix_each (a + first, b + first, out + first, count * (gsize) channels, of_samples);
  }
}

/* One loop a table kind; `channels` and `next` (from the table of a channel to the following one's) are constants where
 * that matters, so that the inner loop is unrolled; one channel is taken as four that share their table. Without
 * `restrict`, so that it is not vectorised: putting vectors together from single entries is up to 3 times slower. */
#define DEFINE_TABLE(name, input, output, entries)                                                                     \
  static inline void name##_of (const input *in, output *out, gsize pixels, int channels, const output *table,         \
                                int next)                                                                              \
  {                                                                                                                    \
    for (gsize i = 0; i < pixels; i++)                                                                                 \
      for (int c = 0; c < channels; c++)                                                                               \
        out[i * (gsize) channels + (gsize) c] = table[c * next + in[i * (gsize) channels + (gsize) c]];                \
  }                                                                                                                    \
  static void name (const input *in, output *out, gsize pixels, int channels, const output *table)                     \
  {                                                                                                                    \
    gsize fours = pixels / 4 * 4;                                                                                      \
    if (channels == 1) {                                                                                               \
      name##_of (in, out, pixels / 4, 4, table, 0);                                                                    \
      name##_of (in + fours, out + fours, pixels - fours, 1, table, 0);                                                \
    } else if (channels == 3)                                                                                          \
      name##_of (in, out, pixels, 3, table, entries);                                                                  \
    else if (channels == 4)                                                                                            \
      name##_of (in, out, pixels, 4, table, entries);                                                                  \
    else                                                                                                               \
      name##_of (in, out, pixels, channels, table, entries);                                                           \
  }

DEFINE_TABLE (table_u8_u8_plain, guint8, guint8, 256)
DEFINE_TABLE (table_u8_float, guint8, float, 256)
DEFINE_TABLE (table_u16_u16, guint16, guint16, 65536)
DEFINE_TABLE (table_u16_float, guint16, float, 65536)

static void
table_u8_u8 (const guint8 *in, guint8 *out, gsize pixels, int channels, const guint8 *table)
{
  if (channels != 1 || !ie_simd_table_u8 (in, out, pixels, table))
    table_u8_u8_plain (in, out, pixels, channels, table);
}

extern const IeConvertKernels IE_LEVEL_NAME (ie_convert_kernels);
const IeConvertKernels IE_LEVEL_NAME (ie_convert_kernels) = {
  .u8_to_float = u8_to_float,
  .u16_to_float = u16_to_float,
  .float_to_u8 = float_to_u8,
  .float_to_u16 = float_to_u16,
  .float_to_u8_dithered = float_to_u8_dithered,
  .float_to_u16_dithered = float_to_u16_dithered,
  .u8_to_u16 = u8_to_u16,
  .u16_to_u8 = u16_to_u8,
  .count_nan = count_nan,
  .newly_clipped_u8 = newly_clipped_u8,
  .newly_clipped_u16 = newly_clipped_u16,
  .newly_clipped_float = newly_clipped_float,
  .mix = mix,
  .table_u8_u8 = table_u8_u8,
  .table_u8_float = table_u8_float,
  .table_u16_u16 = table_u16_u16,
  .table_u16_float = table_u16_float,
};
