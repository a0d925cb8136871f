// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows in strips short enough for the first cache: between interleaved pixels of any depth and planes of floats. For
 * the files of this folder that are compiled once per level; everything is static. */
#pragma once

#include "colorspace/planes.h"
#include "colorspace/profile.h"
#include "core/convert.h"
#include "core/simd-prefetch.h"
#include "core/simd-rgb.h"

#define IE_STRIP 256 /* pixels */

/* One strip of a row. */
typedef struct {
  int x, y, count;
} IeSpan;

/* A loop over the strips of `rect`, row after row. */
#define IE_FOR_STRIPS(span, rect)                                                                                      \
  for (IeSpan span = { (rect).x, (rect).y, 0 }; ie_strip_next (&span, (rect)); span.x += span.count)

static inline gboolean
ie_strip_next (IeSpan *span, IeRect rect)
{
  if (span->x >= rect.x + rect.width) {
    span->x = rect.x;
    span->y++;
  }
  span->count = MIN (IE_STRIP, rect.x + rect.width - span->x);
  return span->count > 0 && span->y < rect.y + rect.height;
}

/* The memory of the strip below, to be asked for on the way: each strip is so short that the processor's own prefetcher has
 * hardly begun when it ends. */
static inline IeAhead
ie_ahead_below (const IePixels *pixels, IeSpan span, gboolean to_write)
{
  gboolean last = span.y + 1 >= pixels->rect.y + pixels->rect.height;
  int bytes = pixels->channels * (int) ie_depth_bytes (pixels->depth);
  return (IeAhead){ ie_pixels_at (pixels, span.x, last ? span.y : span.y + 1), last ? 0 : IE_VECTOR * bytes, to_write };
}

/* The same at once. */
static inline void
ie_prefetch_below (const IePixels *pixels, IeSpan span, gboolean to_write)
{
  if (span.y + 1 >= pixels->rect.y + pixels->rect.height)
    return;
  char *at = ie_pixels_at (pixels, span.x, span.y + 1);
  gsize bytes = (gsize) (span.count * pixels->channels) * ie_depth_bytes (pixels->depth);
  for (gsize i = 0; i < bytes; i += IE_CACHE_LINE) {
    if (to_write)
      ie_prefetch_write (at + i);
    else
      ie_prefetch_read (at + i);
  }
}

/* `samples` interleaved samples of any depth, contiguous, to float. */
static inline void
ie_samples_to_float (IeDepth depth, const void *in, float *out, int samples)
{
  if (depth == IE_DEPTH_U8)
    ie_convert ()->u8_to_float (in, out, (gsize) samples);
  else if (depth == IE_DEPTH_U16)
    ie_convert ()->u16_to_float (in, out, (gsize) samples);
  else
    memcpy (out, in, (size_t) samples * sizeof (float));
}

static inline void
ie_samples_from_float (IeDepth depth, const float *in, void *out, int samples)
{
  if (depth == IE_DEPTH_U8)
    ie_convert ()->float_to_u8 (in, out, (gsize) samples);
  else if (depth == IE_DEPTH_U16)
    ie_convert ()->float_to_u16 (in, out, (gsize) samples);
  else
    memcpy (out, in, (size_t) samples * sizeof (float));
}

/* Alpha of a strip of pixels, any depths; nothing when either has none. */
static inline void
ie_copy_alpha (const IePixels *from, const IePixels *to, IeSpan span)
{
  if (!from->has_alpha || !to->has_alpha)
    return;
  int in_step = from->channels, out_step = to->channels;
  const char *in = (const char *) ie_pixels_at (from, span.x, span.y) +
                   (size_t) (in_step - 1) * ie_depth_bytes (from->depth);
  char *out = (char *) ie_pixels_at (to, span.x, span.y) + (size_t) (out_step - 1) * ie_depth_bytes (to->depth);
  size_t in_bytes = ie_depth_bytes (from->depth), out_bytes = ie_depth_bytes (to->depth);
  float alpha[IE_STRIP];
  float packed[IE_STRIP]; /* of either depth */
  for (int i = 0; i < span.count; i++)
    memcpy ((char *) packed + (size_t) i * in_bytes, in + (size_t) (i * in_step) * in_bytes, in_bytes);
  ie_samples_to_float (from->depth, packed, alpha, span.count);
  ie_samples_from_float (to->depth, alpha, packed, span.count);
  for (int i = 0; i < span.count; i++)
    memcpy (out + (size_t) (i * out_step) * out_bytes, (char *) packed + (size_t) i * out_bytes, out_bytes);
}

/* Planes of one colour (gray: r alone) or three. */
typedef struct {
  _Alignas (64) float r[IE_STRIP], g[IE_STRIP], b[IE_STRIP];
} IePlanes;

/* Zeroes behind them, up to whole vectors. */
static inline void
ie_pad_planes (IePlanes *planes, int count)
{
  ie_pad (planes->r, count);
  ie_pad (planes->g, count);
  ie_pad (planes->b, count);
}

/* Whether all channels have the curve of sRGB by formula. */
static inline gboolean
ie_is_srgb_curve (const IeRgbSpace *space)
{
  return space->gamma == 0.0 && !space->curve[0] && !space->curve[1] && !space->curve[2];
}

/* Whether X, Y and Z of all pixels of that depth are within 0..1, or rounding of it. */
static inline gboolean
ie_within_unit (const IeRgbSpace *space, IeDepth depth)
{
  const float *row[3] = { space->to_x, space->to_y, space->to_z };
  gboolean mean = TRUE;
  for (int i = 0; i < 3; i++)
    mean &= (row[i][0] >= 0.0f) & (row[i][1] >= 0.0f) & (row[i][0] + row[i][1] <= 1.0f);
  return mean && depth != IE_DEPTH_FLOAT;
}

/* Encoded to linear light by the space's curve of that channel; in and out do not overlap. */
static inline void
ie_decode_samples (const IeRgbSpace *space, int channel, const float *in, float *out, int count)
{
  float gamma = (float) space->gamma;
  const IeCurve *curve = space->curve[channel];
  if (curve)
    for (int i = 0; i < count; i++)
      out[i] = ie_curve_decode (curve, ie_limit (in[i], IE_SRGB_LIMIT));
  else if (space->gamma == 0.0)
    ie_decode_row (in, out, count);
  else
    for (int i = 0; i < count; i++)
      out[i] = ie_with_sign (ie_powf (ie_magnitude (ie_limit (in[i], IE_SRGB_LIMIT)), gamma), in[i]);
}

/* The other way. */
static inline void
ie_encode_samples (const IeRgbSpace *space, int channel, const float *in, float *out, int count)
{
  float inverse = (float) (1.0 / space->gamma);
  const IeCurve *curve = space->curve[channel];
  if (curve)
    for (int i = 0; i < count; i++)
      out[i] = ie_curve_encode (curve, ie_limit (in[i], IE_SRGB_LINEAR_LIMIT));
  else if (space->gamma == 0.0)
    ie_encode_row (in, out, count);
  else
    for (int i = 0; i < count; i++)
      out[i] = ie_with_sign (ie_powf (ie_magnitude (ie_limit (in[i], IE_SRGB_LINEAR_LIMIT)), inverse), in[i]);
}

/* Made three times, with 1, 3 and any number of samples from pixel to pixel: with a constant
 * the compiler turns them into vectors and shuffles. */
#define IE_BY_STEP(step, loop)                                                                                         \
  do {                                                                                                                 \
    if ((step) == 3)                                                                                                   \
      loop (3);                                                                                                        \
    else if ((step) == 1)                                                                                              \
      loop (1);                                                                                                        \
    else                                                                                                               \
      loop (step);                                                                                                     \
  } while (0)

/* Copies two numbers of 32 bits, which lie anywhere, side by side: stored at once, since stores are what loops that fetch
 * numbers one by one wait for. It also keeps compilers from building vectors of them, or from gathering. */
static inline void
ie_put_two (const void *first, const void *second, void *to)
{
  guint32 a, b;
  memcpy (&a, first, sizeof a);
  memcpy (&b, second, sizeof b);
  guint64 both = G_BYTE_ORDER == G_LITTLE_ENDIAN ? a | (guint64) b << 32 : b | (guint64) a << 32;
  memcpy (to, &both, sizeof both);
}

/* Entries of a table for four codes, `step` codes from each other, side by side. A load an entry: gathers, which the compiler
 * would make of the plain loop, are slower, and so are stores of single entries. */
#define IE_LOOK_UP_FOUR(name, Code) \
  static inline void name (const float *table, const Code *at, int step, float *to) \
  { \
    IE_PUT_FOUR (table + at[0], table + at[step], table + at[2 * step], table + at[3 * step], to); \
  }
#ifdef __SSE4_1__
#define IE_PUT_FOUR(a, b, c, d, to) \
  _mm_storeu_ps (to, _mm_insert_ps (_mm_insert_ps (_mm_insert_ps (_mm_load_ss (a), _mm_load_ss (b), 0x10), \
                                                   _mm_load_ss (c), 0x20), _mm_load_ss (d), 0x30))
#else
#define IE_PUT_FOUR(a, b, c, d, to) (ie_put_two (a, b, to), ie_put_two (c, d, (to) + 2))
#endif
IE_LOOK_UP_FOUR (ie_look_up_four_u8, guint8)
IE_LOOK_UP_FOUR (ie_look_up_four_u16, guint16)

/* Codes to planes by tables, from pixel `from` on. */
#define IE_LOOK_UP(name, Code, four) \
  static inline void name (const Code *at, int step, const float *const table[3], IePlanes *planes, int from, int count) \
  { \
    float *plane[3] = { planes->r, planes->g, planes->b }; \
    int i = from; \
    at += i * step; \
    for (; i + 4 <= count; i += 4, at += 4 * step) \
      for (int c = 0; c < 3; c++) \
        four (table[c], at + c, step, plane[c] + i); \
    for (; i < count; i++, at += step) \
      for (int c = 0; c < 3; c++) \
        plane[c][i] = table[c][at[c]]; \
  }
IE_LOOK_UP (ie_look_up_u8, guint8, ie_look_up_four_u8)
IE_LOOK_UP (ie_look_up_u16, guint16, ie_look_up_four_u16)

/* 16-bit codes of sRGB to planes of linear light by arithmetic, which gives the entries of the table bit for bit. */
static inline void
ie_decode_srgb_u16 (const guint16 *restrict at, IePlanes *planes, int count)
{
  float *restrict r = planes->r, *restrict g = planes->g, *restrict b = planes->b;
  ie_simd_part_u16 (at, r, g, b, count);
  float *const plane[3] = { r, g, b };
  for (int c = 0; c < 3; c++) {
    ie_pad (plane[c], count);
    ie_decode_codes (plane[c], count);
  }
}

/* Whether that is done instead of looking up the table, whose 256 KiB are more than a first cache holds: with vectors of 16. */
#ifdef __AVX512F__
#define IE_DECODE_BY_ARITHMETIC TRUE
#else
#define IE_DECODE_BY_ARITHMETIC FALSE
#endif

/* Three of `step` interleaved samples to planes. */
static inline void
ie_part (const float *restrict at, int step, float *restrict r, float *restrict g, float *restrict b, int count)
{
  for (int i = 0; i < count; i++) {
    r[i] = at[i * step];
    g[i] = at[i * step + 1];
    b[i] = at[i * step + 2];
  }
}

/* The first three of `step` interleaved samples a pixel to planes. */
static inline void
ie_load_float (const float *at, int step, IePlanes *planes, int count)
{
  if (step == 3) {
    ie_simd_part_float (at, planes->r, planes->g, planes->b, count);
    return;
  }
#define PART(step) ie_part (at, step, planes->r, planes->g, planes->b, count)
  IE_BY_STEP (step, PART);
#undef PART
}

static inline void
ie_load_linear_float (const IeColourState *state, const float *at, int step, IePlanes *planes, int count)
{
  IePlanes encoded;
  ie_load_float (at, step, &encoded, count);
  ie_decode_samples (state->rgb, 0, encoded.r, planes->r, count);
  ie_decode_samples (state->rgb, 1, encoded.g, planes->g, count);
  ie_decode_samples (state->rgb, 2, encoded.b, planes->b, count);
}

/* Gray pixels to three equal planes of linear light. */
static inline void
ie_load_linear_gray (const IeColourState *state, const IePixels *pixels, const void *at, IePlanes *planes, int count)
{
  int step = pixels->channels;
  for (int i = 0; i < count; i++)
    planes->g[i] = pixels->depth == IE_DEPTH_U8    ? state->rgb->decode_u8[0][((const guint8 *) at)[i * step]]
                   : pixels->depth == IE_DEPTH_U16 ? state->decode_u16[0][((const guint16 *) at)[i * step]]
                                                   : ((const float *) at)[i * step];
  if (pixels->depth == IE_DEPTH_FLOAT)
    ie_decode_samples (state->rgb, 0, planes->g, planes->r, count);
  else
    memcpy (planes->r, planes->g, sizeof planes->r);
  memcpy (planes->g, planes->r, sizeof planes->r);
  memcpy (planes->b, planes->r, sizeof planes->r);
}

static inline void
ie_load_linear_u8 (const IeRgbSpace *rgb, const guint8 *at, int step, IePlanes *planes, int count)
{
  const float *table[3] = { rgb->decode_u8[0], rgb->decode_u8[1], rgb->decode_u8[2] };
  int done = 0;
  if (step == 3 && rgb->split_u8)
    done = (int) ie_simd_table_rgb (at, planes->r, planes->g, planes->b, (gsize) count, rgb->split_u8);
  ie_look_up_u8 (at, step, table, planes, done, count);
}

/* Pixels to planes of linear light. */
static inline void
ie_load_linear (const IeColourState *state, const IePixels *pixels, IeSpan span, IePlanes *planes)
{
  const void *at = ie_pixels_at (pixels, span.x, span.y);
  int step = pixels->channels, count = span.count;
  if (state->colours == 1) {
    ie_load_linear_gray (state, pixels, at, planes, count);
    return;
  }
  if (pixels->depth == IE_DEPTH_FLOAT) {
    ie_load_linear_float (state, at, step, planes, count);
    return;
  }
  if (pixels->depth == IE_DEPTH_U8)
    ie_load_linear_u8 (state->rgb, at, step, planes, count);
  else if (IE_DECODE_BY_ARITHMETIC && step == 3 && ie_is_srgb_curve (state->rgb))
    ie_decode_srgb_u16 (at, planes, count);
  else
    ie_look_up_u16 (at, step, state->decode_u16, planes, 0, count);
}

/* Linear light to entries of the table of 8-bit codes. */
static inline void
ie_encode_indices (const float *restrict plane, guint16 *restrict index, int count)
{
  for (int i = 0; i < count; i++)
    index[i] = (guint16) ie_encode_index (plane[i]);
}

static inline void
ie_look_up_codes (const guint16 *const index[3], guint8 *const table[3], guint8 *out, int step, int count)
{
  const guint16 *r = index[0], *g = index[1], *b = index[2];
  for (int i = 0; i < count; i++, out += step) {
    out[0] = table[0][r[i]];
    out[1] = table[1][g[i]];
    out[2] = table[2][b[i]];
  }
}

static inline void
ie_store_linear_u8 (const IeColourState *state, const IePlanes *planes, guint8 *out, int step, int count)
{
  guint16 r[IE_STRIP], g[IE_STRIP], b[IE_STRIP];
  if (state->colours == 3 && step == 3 && ie_is_srgb_curve (state->rgb)) {
    ie_codes_u8 (planes->r, planes->g, planes->b, out, count);
    return;
  }
  ie_encode_indices (planes->r, r, count);
  if (state->colours == 1) {
    for (int i = 0; i < count; i++)
      out[i * step] = state->rgb->encode_u8[0][r[i]];
    return;
  }
  ie_encode_indices (planes->g, g, count);
  ie_encode_indices (planes->b, b, count);
  ie_look_up_codes ((const guint16 *const[]){ r, g, b }, state->rgb->encode_u8, out, step, count);
}

static inline void
ie_code_integer (const float *restrict plane, guint16 *restrict code, int count, float range)
{
  for (int i = 0; i < count; i++)
    code[i] = (guint16) (gint32) (ie_unit (plane[i]) * range + 0.5f);
}

static inline void
ie_join_float (const float *restrict r, const float *restrict g, const float *restrict b, float *restrict out,
               int count)
{
  for (int i = 0; i < count; i++) {
    out[3 * i] = r[i];
    out[3 * i + 1] = g[i];
    out[3 * i + 2] = b[i];
  }
}

/* Planes of encoded samples to pixels of three 16-bit or float samples. */
static inline void
ie_store_three (const IePlanes *planes, IeDepth depth, void *at, int count)
{
  guint16 r[IE_STRIP], g[IE_STRIP], b[IE_STRIP];
  if (depth == IE_DEPTH_FLOAT) {
    ie_join_float (planes->r, planes->g, planes->b, at, count);
    return;
  }
  ie_code_integer (planes->r, r, count, 65535.0f);
  ie_code_integer (planes->g, g, count, 65535.0f);
  ie_code_integer (planes->b, b, count, 65535.0f);
  ie_simd_join_u16 (r, g, b, at, count);
}

/* A plane of encoded samples to one channel of pixels. */
static inline void
ie_store_plane (const float *plane, IeDepth depth, void *at, int step, int count)
{
  guint16 code[IE_STRIP], *u16 = at;
  guint8 *u8 = at;
  float *f = at;
  if (depth == IE_DEPTH_FLOAT) {
    for (int i = 0; i < count; i++)
      f[i * step] = plane[i];
    return;
  }
  ie_code_integer (plane, code, count, (float) ie_depth_range (depth));
  if (depth == IE_DEPTH_U16)
    for (int i = 0; i < count; i++)
      u16[i * step] = code[i];
  else
    for (int i = 0; i < count; i++)
      u8[i * step] = (guint8) code[i];
}

static inline gboolean
ie_has_encode_u8 (const IeRgbSpace *space)
{
  return space->encode_u8[0] && space->encode_u8[1] && space->encode_u8[2];
}

/* Planes of linear light to pixels; overwrites the planes. */
static inline void
ie_store_linear (const IeColourState *state, IePlanes *planes, const IePixels *pixels, IeSpan span)
{
  char *at = ie_pixels_at (pixels, span.x, span.y);
  float *plane[3] = { planes->r, planes->g, planes->b };
  if (pixels->depth == IE_DEPTH_U8 && ie_has_encode_u8 (state->rgb)) {
    ie_store_linear_u8 (state, planes, (guint8 *) at, pixels->channels, span.count);
    return;
  }
  if (pixels->channels == 3 && state->colours == 3 && pixels->depth == IE_DEPTH_U16 && ie_is_srgb_curve (state->rgb)) {
    ie_codes_u16 (planes->r, planes->g, planes->b, (guint16 *) at, span.count);
    return;
  }
  IePlanes encoded;
  float *code[3] = { encoded.r, encoded.g, encoded.b };
  for (int c = 0; c < state->colours; c++)
    ie_encode_samples (state->rgb, c, plane[c], code[c], span.count);
  if (pixels->channels == 3 && state->colours == 3 && pixels->depth != IE_DEPTH_U8) {
    ie_store_three (&encoded, pixels->depth, at, span.count);
    return;
  }
  for (int c = 0; c < state->colours; c++)
    ie_store_plane (code[c], pixels->depth, at + (size_t) c * ie_depth_bytes (pixels->depth), pixels->channels,
                    span.count);
}
