// SPDX-License-Identifier: GPL-3.0-or-later
#include "imageio/tiff/pack.h"

#include "core/elementary.h"

#include <tiff.h>

static gboolean
holds_float (int bits, int format)
{
  return (format == SAMPLEFORMAT_INT && (bits == 8 || bits == 16 || bits == 32)) ||
         (format == SAMPLEFORMAT_UINT && ((bits > 16 && bits <= 32) || bits == 64)) ||
         (format == SAMPLEFORMAT_IEEEFP && bits == 16);
}

IeTiffType
ie_tiff_choose_type (const IeHeader *header)
{
  IeTiffType type = { .header = *header, .bits = 8 * (int) ie_depth_bytes (header->depth) };
  const IeLayout *layout = header->metadata ? header->metadata->layout : NULL;
  gboolean keep = layout && layout->tiff.bits && layout->tiff.depth == header->depth;
  gboolean lab = header->model == IE_MODEL_LAB;
  type.format = header->depth == IE_DEPTH_FLOAT ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT;
  if (header->depth == IE_DEPTH_FLOAT && keep && !lab && holds_float (layout->tiff.bits, layout->tiff.format)) {
    type.bits = layout->tiff.bits;
    type.format = layout->tiff.format;
  }
  if (header->depth != IE_DEPTH_FLOAT && !lab && header->bits > type.bits - 8 && header->bits < type.bits)
    type.bits = header->bits;
  type.white_is_zero = keep && layout->tiff.white_is_zero && header->depth != IE_DEPTH_FLOAT &&
                       header->model == IE_MODEL_GRAY;
  return type;
}

gboolean
ie_tiff_type_is_plain (const IeTiffType *type)
{
  return type->bits == 8 * (int) ie_depth_bytes (type->header.depth) && !type->white_is_zero &&
         type->header.model != IE_MODEL_LAB && (type->format == SAMPLEFORMAT_IEEEFP || type->bits != 32);
}

gsize
ie_tiff_packed_bytes (const IeTiffType *type, gsize samples)
{
  return (samples * (gsize) type->bits + 7) / 8;
}

/* ---- Codes of samples -------------------------------------------------------------------------------------------- */

/* IEEE 754 binary16, rounded to nearest, ties to even. */
static guint16
to_half (float number)
{
  guint32 bits = (guint32) ie_float_bits (number), sign = bits >> 16 & 0x8000, rest = bits & 0x7fffffff;
  if (rest > 0x7f800000) /* NaN */
    return (guint16) (sign | 0x7e00);
  if (rest >= 0x47800000) /* 65536 and above */
    return (guint16) (sign | 0x7c00);
  if (rest < 0x38800000) /* below 2^-14: multiples of 2^-24 */
    return (guint16) (sign | (guint32) ie_round_even ((double) ie_float_from_bits ((gint32) rest) * 0x1p24));
  guint32 rebiased = rest - 0x38000000;
  return (guint16) (sign | (rebiased + 0xfff + (rebiased >> 13 & 1)) >> 13); /* may carry into infinity: right */
}

/* x times the full range of the code, rounded, within the code. */
static double
to_number (const IeTiffType *type, float x)
{
  gboolean is_signed = type->format == SAMPLEFORMAT_INT;
  double full = ie_scale2 (1, type->bits - (is_signed ? 1 : 0)) - 1, low = is_signed ? -full - 1 : 0;
  double number = x == x ? ie_floor ((double) x * full + 0.5) : 0;
  return CLAMP (number, low, full);
}

/* The same as an integer of 64 bits: the largest of them, which no double is, needs care. */
static guint64
to_integer (const IeTiffType *type, float x)
{
  double number = to_number (type, x);
  if (number < 0)
    return (guint64) (gint64) number;
  return number >= 0x1p64 ? G_MAXUINT64 : (guint64) number;
}

static guint32
lab_code (const IeTiffType *type, guint32 code, int channel)
{
  if (channel == 0 || channel > 2)
    return code;
  return code ^ (type->bits == 8 ? 0x80 : 0x8000);
}

/* The code of an integer sample. */
static guint32
integer_code (const IeTiffType *type, guint32 code, int channel)
{
  const IeHeader *header = &type->header;
  guint32 range = header->depth == IE_DEPTH_U8 ? 255 : 65535, full = (1u << type->bits) - 1;
  if (header->model == IE_MODEL_LAB)
    return lab_code (type, code, channel);
  if (full != range)
    code = (code * full + range / 2) / range;
  return type->white_is_zero && channel < ie_colours (header->channels, header->has_alpha) ? full - code : code;
}

static float
lab_number (const IeTiffType *type, float x, int channel)
{
  if (type->header.model != IE_MODEL_LAB || channel > 2)
    return x;
  return channel == 0 ? x * 100 : x * 255 - 128;
}

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

static void
put_cell (void *cells, gsize i, int bits, guint64 code)
{
  if (bits <= 8)
    ((guint8 *) cells)[i] = (guint8) code;
  else if (bits <= 16)
    ((guint16 *) cells)[i] = (guint16) code;
  else if (bits <= 32)
    ((guint32 *) cells)[i] = (guint32) code;
  else
    ((guint64 *) cells)[i] = code;
}

static guint64
sample_code (const IeTiffType *type, const void *row, gsize i, int channel)
{
  if (type->header.depth == IE_DEPTH_U8)
    return integer_code (type, ((const guint8 *) row)[i], channel);
  if (type->header.depth == IE_DEPTH_U16)
    return integer_code (type, ((const guint16 *) row)[i], channel);
  float x = ((const float *) row)[i];
  if (type->format != SAMPLEFORMAT_IEEEFP)
    return to_integer (type, x);
  return type->bits == 16 ? to_half (x) : (guint32) ie_float_bits (lab_number (type, x, channel));
}

/* Codes one after the other, the first in the high bits. */
static void
pack_bits (const void *cells, int bits, gsize samples, guint8 *out)
{
  guint64 pending = 0;
  int have = 0;
  for (gsize i = 0; i < samples; i++) {
    guint64 code = bits <= 8    ? ((const guint8 *) cells)[i]
                   : bits <= 16 ? ((const guint16 *) cells)[i]
                                : ((const guint32 *) cells)[i];
    pending = pending << bits | code;
    for (have += bits; have >= 8; have -= 8)
      *out++ = (guint8) (pending >> (have - 8));
  }
  if (have > 0)
    *out = (guint8) (pending << (8 - have));
}

static void
pack_triples (const guint32 *cells, gsize samples, guint8 *out)
{
  for (gsize i = 0; i < samples; i++, out += 3)
    for (int b = 0; b < 3; b++)
      out[b] = (guint8) (cells[i] >> (G_BYTE_ORDER == G_LITTLE_ENDIAN ? 8 * b : 16 - 8 * b));
}

void
ie_tiff_pack (const IeTiffType *type, const void *row, gsize pixels, int plane, void *cells, guint8 *out)
{
  gsize channels = (gsize) type->header.channels, count = plane < 0 ? pixels * channels : pixels;
  int bits = type->bits;
  if (plane < 0 && ie_tiff_type_is_plain (type)) {
    memcpy (out, row, ie_tiff_packed_bytes (type, count));
    return;
  }
  if (bits == 8 || bits == 16 || bits == 32 || bits == 64)
    cells = out;
  if (plane >= 0)
    for (gsize i = 0; i < pixels; i++)
      put_cell (cells, i, bits, sample_code (type, row, i * channels + (gsize) plane, plane));
  else
    for (gsize i = 0; i < count; i++)
      put_cell (cells, i, bits, sample_code (type, row, i, (int) (i % channels)));
  if (bits == 24)
    pack_triples (cells, count, out);
  else if (cells != out)
    pack_bits (cells, bits, count, out);
}
