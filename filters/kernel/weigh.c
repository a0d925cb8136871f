// SPDX-License-Identifier: GPL-3.0-or-later
#include "filters/kernel/weigh.h"

#include "core/convert.h"
#include "core/elementary.h"

#include <string.h>

/* k / 65535, correctly rounded: the product in double is within 2^-52 of the quotient, and no quotient lies
 * that near to the middle of two floats (tests/test-gaussian.c tries them all). */
#define RECIPROCAL_U16 (1.0 / 65535.0)

/* Samples of which whole vectors are made: the last ones of a row are done from its end backwards, some for a second
 * time, instead of one by one. */
#define WHOLE 32

static void
load_u8 (const guint8 *restrict in, float *restrict out, int samples, IeUnit unit)
{
  if (unit == IE_UNIT_CODE)
    for (int i = 0; i < samples; i++)
      out[i] = in[i];
  else
    for (int i = 0; i < samples; i++)
      out[i] = ie_from_u8 ((float) in[i]);
}

static void
load_u16 (const guint16 *restrict in, float *restrict out, int samples, IeUnit unit)
{
  if (unit == IE_UNIT_CODE)
    for (int i = 0; i < samples; i++)
      out[i] = in[i];
  else
    for (int i = 0; i < samples; i++)
      out[i] = (float) (in[i] * RECIPROCAL_U16);
}

static void
multiply (float *row, int pixels, int channels)
{
  int colours = channels - 1;
  for (int c = 0; c < colours; c++)
    for (int i = 0; i < pixels; i++) {
      float alpha = row[i * channels + colours], colour = row[i * channels + c];
      row[i * channels + c] = alpha == 0 ? 0 : colour * alpha;
    }
}

void
ie_weigh_load (const IePixels *in, int x, int y, int pixels, IeUnit unit, float *out)
{
  const void *row = ie_pixels_at (in, x, y);
  int samples = pixels * in->channels;
  if (in->depth == IE_DEPTH_U8 && samples >= WHOLE) {
    const guint8 *codes = row;
    load_u8 (codes, out, samples / WHOLE * WHOLE, unit);
    load_u8 (codes + samples - WHOLE, out + samples - WHOLE, WHOLE, unit);
  } else if (in->depth == IE_DEPTH_U8)
    load_u8 (row, out, samples, unit);
  else if (in->depth == IE_DEPTH_U16 && samples >= WHOLE) {
    const guint16 *codes = row;
    load_u16 (codes, out, samples / WHOLE * WHOLE, unit);
    load_u16 (codes + samples - WHOLE, out + samples - WHOLE, WHOLE, unit);
  } else if (in->depth == IE_DEPTH_U16)
    load_u16 (row, out, samples, unit);
  else
    memcpy (out, row, (gsize) samples * sizeof *out);
  if (in->has_alpha)
    multiply (out, pixels, in->channels);
}

void
ie_weigh_divide (float *row, int pixels, int channels)
{
  int colours = channels - 1;
  for (int c = 0; c < colours; c++)
    for (int i = 0; i < pixels; i++) {
      float alpha = row[i * channels + colours], colour = row[i * channels + c];
      row[i * channels + c] = alpha == 0 ? 0 : colour / alpha;
    }
}

/* Clamps to least .. most (in units of 1 / scale), of which the first is 0, and rounds half up; written so that NaN gives 0. */
static inline int
quantise (float value, float scale, float least, float most)
{
  float code = value * scale;
  code = code > least ? code : least;
  code = code < most ? code : most;
  return (int) (code + 0.5f);
}

static void
store_u8 (const float *restrict row, guint8 *restrict out, int samples, float scale)
{
  float least = ie_unknown (0), most = ie_unknown (255);
  for (int i = 0; i < samples; i++)
    out[i] = (guint8) quantise (row[i], scale, least, most);
}

static void
store_u16 (const float *restrict row, guint16 *restrict out, int samples, float scale)
{
  float least = ie_unknown (0), most = ie_unknown (65535);
  for (int i = 0; i < samples; i++)
    out[i] = (guint16) quantise (row[i], scale, least, most);
}

void
ie_weigh_store (const float *row, const IePixels *out, int x, int y, int pixels, IeUnit unit)
{
  void *to = ie_pixels_at (out, x, y);
  int samples = pixels * out->channels;
  float scale = unit == IE_UNIT_RANGE ? ie_depth_range (out->depth) : 1.0f;
  if (out->depth == IE_DEPTH_U8)
    store_u8 (row, to, samples, scale);
  else if (out->depth == IE_DEPTH_U16)
    store_u16 (row, to, samples, scale);
  else
    memcpy (to, row, (gsize) samples * sizeof *row);
}
