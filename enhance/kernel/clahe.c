// SPDX-License-Identifier: GPL-3.0-or-later
#include "enhance/kernel/clahe.h"

#include "core/simd-vector.h"

#include <string.h>

#define LAST_BIN 255.0f
#define CODES_A_BIN 257 /* of a 16-bit sample: bin k is centred on code 257 k */
#define BLOCK 512       /* samples at a time */
#define NARROW 16       /* pixels: for fewer no table of the row is made; the samples are the same */

/* The curves of the left and of the right tiles at bin k, interpolated for the row: what lies at 2 k and 2 k + 1. */
static inline void
pair_at (const IeClaheCorners *corners, gsize k, float *pair)
{
  float left = corners->top_left[k], right = corners->top_right[k];
  pair[0] = left + corners->way * (corners->bottom_left[k] - left);
  pair[1] = right + corners->way * (corners->bottom_right[k] - right);
}

/* A pair of curves in 16 bits each, left below. */
static inline guint32
packed (const float *pair, float range)
{
  return (guint32) (gint32) (pair[0] * range + 0.5f) | (guint32) (gint32) (pair[1] * range + 0.5f) << 16;
}

static void
make_pairs (const IeClaheCorners *corners, float *restrict pairs)
{
  IeClaheCorners own = *corners; /* where the compiler sees that no pair is one of these */
  for (gsize k = 0; k < IE_CLAHE_CURVE; k++)
    pair_at (&own, k, pairs + 2 * k);
}

static void
make_packed (const IeClaheCorners *corners, float range, guint32 *restrict pairs)
{
  IeClaheCorners own = *corners;
  for (gsize k = 0; k < IE_CLAHE_CURVE; k++) {
    float pair[2];
    pair_at (&own, k, pair);
    pairs[k] = packed (pair, range);
  }
}

/* A run of up to BLOCK samples of one colour, `apart` samples from each other. ways: from the left tiles to the right
 * ones. pairs: of the row, as made above; NULL: the run is so short that they are made where they are needed. */
typedef void (*MapRun) (const void *in, void *out, int apart, int samples, const float *ways,
                        const IeClaheCorners *corners, const void *pairs);

/* A vector of samples of a row whose pairs are there. */
static inline __attribute__ ((always_inline)) IeVector
map_vector (IeVector v, IeVector way, const float *pairs)
{
  IeVector near[4], zero = { 0 }, inside = ie_vector_smaller (ie_vector_larger (v, zero), ie_vector_all (1.0f));
  IeVector x = inside * LAST_BIN;
  IeVectorInts bin = __builtin_convertvector (x, IeVectorInts);
  IeVector part = x - __builtin_convertvector (bin, IeVector);
  IePlaces places = ie_places ((IeVectorBits) (bin + bin));
  ie_vector_fours (pairs, &places, near);
  IeVector left = near[0] + part * (near[2] - near[0]), right = near[1] + part * (near[3] - near[1]);
  return left + way * (right - left) + (v - inside);
}

/* The same for one sample, without pairs. */
static inline float
map_one (float v, float way, const IeClaheCorners *corners)
{
  float near[4], inside = v > 0.0f ? v : 0.0f;
  inside = inside < 1.0f ? inside : 1.0f;
  float x = inside * LAST_BIN;
  gint32 bin = (gint32) x;
  float part = x - (float) bin;
  pair_at (corners, (gsize) bin, near);
  pair_at (corners, (gsize) bin + 1, near + 2);
  float left = near[0] + part * (near[2] - near[0]), right = near[1] + part * (near[3] - near[1]);
  return left + way * (right - left) + (v - inside);
}

/* The last vector is that of the last samples, some of them done twice: loaded before and stored after all others, since in and
 * out may be the same. */
static inline void
map_float_plane (const float *in, float *out, int samples, const float *ways, const float *pairs)
{
  int last = samples - IE_VECTOR;
  if (last < 0) {
    float v[IE_VECTOR] = { 0.0f }, way[IE_VECTOR] = { 0.0f };
    memcpy (v, in, sizeof (float) * (gsize) samples);
    memcpy (way, ways, sizeof (float) * (gsize) samples);
    ie_vector_store (map_vector (ie_vector_load (v), ie_vector_load (way), pairs), v);
    memcpy (out, v, sizeof (float) * (gsize) samples);
    return;
  }
  IeVector end = map_vector (ie_vector_load (in + last), ie_vector_load (ways + last), pairs);
  for (int i = 0; i < last; i += IE_VECTOR)
    ie_vector_store (map_vector (ie_vector_load (in + i), ie_vector_load (ways + i), pairs), out + i);
  ie_vector_store (end, out + last);
}

static void
map_float (const void *in, void *out, int apart, int samples, const float *ways, const IeClaheCorners *corners,
           const void *pairs)
{
  const float *from = in;
  float *to = out, plane[BLOCK];
  if (!pairs) {
    for (int i = 0; i < samples; i++)
      to[(gsize) (i * apart)] = map_one (from[(gsize) (i * apart)], ways[i], corners);
  } else if (apart == 1) {
    map_float_plane (from, to, samples, ways, pairs);
  } else {
    for (int i = 0; i < samples; i++)
      plane[i] = from[(gsize) (i * apart)];
    map_float_plane (plane, plane, samples, ways, pairs);
    for (int i = 0; i < samples; i++)
      to[(gsize) (i * apart)] = plane[i];
  }
}

/* 8-bit results have 8 bits more until they are rounded. */
#define RANGE_U8 65280.0f
#define RANGE_U16 65535.0f

static inline void
map_u8_apart (const guint8 *restrict in, guint8 *restrict out, gsize apart, int samples, const float *restrict ways,
              const IeClaheCorners *corners, const guint32 *restrict pairs)
{
  guint32 near[BLOCK];
  for (int i = 0; i < samples; i++)
    if (pairs) {
      near[i] = pairs[in[(gsize) i * apart]];
    } else {
      float pair[2];
      pair_at (corners, in[(gsize) i * apart], pair);
      near[i] = packed (pair, RANGE_U8);
    }
  for (int i = 0; i < samples; i++) {
    float left = (float) (gint32) (near[i] & 65535), right = (float) (gint32) (near[i] >> 16);
    out[(gsize) i * apart] = (guint8) ((gint32) (left + ways[i] * (right - left) + 128.0f) >> 8);
  }
}

static void
map_u8 (const void *in, void *out, int apart, int samples, const float *ways, const IeClaheCorners *corners,
        const void *pairs)
{
  if (apart == 1)
    map_u8_apart (in, out, 1, samples, ways, corners, pairs);
  else
    map_u8_apart (in, out, (gsize) apart, samples, ways, corners, pairs);
}

static inline void
map_u16_apart (const guint16 *restrict in, guint16 *restrict out, gsize apart, int samples, const float *restrict ways,
               const IeClaheCorners *corners, const guint32 *restrict pairs)
{
  guint32 lower[BLOCK], upper[BLOCK];
  guint16 bins[BLOCK];
  for (int i = 0; i < samples; i++)
    bins[i] = (guint16) (in[(gsize) i * apart] / CODES_A_BIN);
  for (int i = 0; i < samples; i++)
    if (pairs) {
      lower[i] = pairs[bins[i]];
      upper[i] = pairs[bins[i] + 1];
    } else {
      float pair[4];
      pair_at (corners, bins[i], pair);
      pair_at (corners, bins[i] + 1u, pair + 2);
      lower[i] = packed (pair, RANGE_U16);
      upper[i] = packed (pair + 2, RANGE_U16);
    }
  for (int i = 0; i < samples; i++) {
    float part = (float) ((gint32) in[(gsize) i * apart] - bins[i] * CODES_A_BIN) * (1.0f / CODES_A_BIN);
    float left = (float) (gint32) (lower[i] & 65535), right = (float) (gint32) (lower[i] >> 16);
    left += part * ((float) (gint32) (upper[i] & 65535) - left);
    right += part * ((float) (gint32) (upper[i] >> 16) - right);
    out[(gsize) i * apart] = (guint16) (gint32) (left + ways[i] * (right - left) + 0.5f);
  }
}

static void
map_u16 (const void *in, void *out, int apart, int samples, const float *ways, const IeClaheCorners *corners,
         const void *pairs)
{
  if (apart == 1)
    map_u16_apart (in, out, 1, samples, ways, corners, pairs);
  else
    map_u16_apart (in, out, (gsize) apart, samples, ways, corners, pairs);
}

void
ie_clahe_map (const void *in, void *out, const IePixels *pixels, int samples, const float *ways,
              const IeClaheCorners *corners, void *pairs)
{
  static const MapRun runs[] = { map_u8, map_u16, map_float };
  gboolean is_narrow = samples < NARROW;
  if (!is_narrow && pixels->depth == IE_DEPTH_FLOAT)
    make_pairs (corners, pairs);
  else if (!is_narrow)
    make_packed (corners, pixels->depth == IE_DEPTH_U8 ? RANGE_U8 : RANGE_U16, pairs);
  gsize pixel = (gsize) pixels->channels * ie_depth_bytes (pixels->depth);
  for (int first = 0; first < samples; first += BLOCK)
    runs[pixels->depth]((const char *) in + (gsize) first * pixel, (char *) out + (gsize) first * pixel,
                        pixels->channels, MIN (BLOCK, samples - first), ways + first, corners,
                        is_narrow ? NULL : pairs);
}
