// SPDX-License-Identifier: GPL-3.0-or-later
/* From stored samples of TIFF to samples of the picture; the steps are told in source.h.
 *
 * Lab pictures here have L* / 100 and, at 8 bits and float, (a* + 128) / 255, (b* + 128) / 255 as samples, as in the profile
 * connection space of ICC version 4: 8-bit CIELab of TIFF (a*, b* as signed integers) only changes its offset. 16-bit CIELab
 * counts a* and b* in 1/256 up to 127.996, which that range does not hold: its codes change only their offset too (code =
 * 256 (a* + 128)), so that every code comes back; against the other depths they stand 0.4 % lower. */
#include "colorspace/srgb.h"
#include "imageio/tiff/source.h"

/* ---- Unpacking --------------------------------------------------------------------------------------------------- */

/* Samples of any number of bits up to 32, the first in the high bits (TIFF 6.0, FillOrder 1). */
static void
unpack_bits (const guint8 *stored, int bits, int cell_bytes, void *cells, gsize samples)
{
  guint64 pending = 0, mask = (G_GUINT64_CONSTANT (1) << bits) - 1;
  int have = 0;
  for (gsize i = 0; i < samples; i++) {
    for (; have < bits; have += 8)
      pending = pending << 8 | *stored++;
    have -= bits;
    guint32 code = (guint32) (pending >> have & mask);
    if (cell_bytes == 1)
      ((guint8 *) cells)[i] = (guint8) code;
    else if (cell_bytes == 2)
      ((guint16 *) cells)[i] = (guint16) code;
    else
      ((guint32 *) cells)[i] = code;
  }
}

/* 24 bits are three bytes in the machine's order (libtiff turns them as such). */
static void
unpack_triples (const guint8 *stored, guint32 *cells, gsize samples)
{
  for (gsize i = 0; i < samples; i++, stored += 3)
    cells[i] = G_BYTE_ORDER == G_LITTLE_ENDIAN ? stored[0] | (guint32) stored[1] << 8 | (guint32) stored[2] << 16
                                               : stored[2] | (guint32) stored[1] << 8 | (guint32) stored[0] << 16;
}

void
ie_tiff_unpack (const IeTiffSource *tiff, const guint8 *stored, void *cells, gsize samples)
{
  if (tiff->bits == 24)
    unpack_triples (stored, cells, samples);
  else
    unpack_bits (stored, tiff->bits, tiff->cell_bytes, cells, samples);
}

/* ---- Cells to samples -------------------------------------------------------------------------------------------- */

/* A float of `exponents` exponent and `fractions` fraction bits. */
static float
small_float (guint32 code, int exponents, int fractions)
{
  int exponent = (int) (code >> fractions & ((1u << exponents) - 1)), top = (1 << exponents) - 1, bias = top / 2;
  guint32 fraction = code & ((1u << fractions) - 1), sign = (code >> (exponents + fractions) & 1) << 31;
  if (exponent == 0) {
    float small = (float) fraction * ie_float_from_bits ((127 + 1 - bias - fractions) << 23);
    return sign ? -small : small;
  }
  guint32 wide = exponent == top ? 255u : (guint32) (exponent - bias + 127);
  return ie_float_from_bits ((gint32) (sign | wide << 23 | fraction << (23 - fractions)));
}

static double
cell_number (const void *cells, gsize i, int bytes, gboolean is_signed)
{
  switch (bytes) {
    case 1:
      return is_signed ? (double) ((const gint8 *) cells)[i] : (double) ((const guint8 *) cells)[i];
    case 2:
      return is_signed ? (double) ((const gint16 *) cells)[i] : (double) ((const guint16 *) cells)[i];
    case 4:
      return is_signed ? (double) ((const gint32 *) cells)[i] : (double) ((const guint32 *) cells)[i];
    default:
      return is_signed ? (double) ((const gint64 *) cells)[i] : (double) ((const guint64 *) cells)[i];
  }
}

/* Every step-th of count cells from `from` on becomes every out_step-th float from `to` on. */
static void
to_float (const IeTiffSource *tiff, const void *cells, gsize from, gsize step, float *out, gsize out_step, gsize count)
{
  gboolean is_signed = tiff->meaning == IE_TIFF_SIGNED;
  double full = ie_scale2 (1, tiff->bits - (is_signed ? 1 : 0)) - 1;
  /* Turned here, before anything is rounded. */
  gboolean turned = tiff->meaning == IE_TIFF_WIDE && tiff->white_is_zero && (int) from != tiff->alpha;
  for (gsize i = 0, s = from; i < count; i++, s += step, out += out_step)
    if (tiff->meaning == IE_TIFF_HALF)
      *out = small_float (((const guint16 *) cells)[s], 5, 10);
    else if (tiff->meaning == IE_TIFF_FLOAT24)
      *out = small_float (((const guint32 *) cells)[s], 7, 16);
    else if (tiff->meaning == IE_TIFF_DOUBLE)
      *out = (float) ((const double *) cells)[s];
    else {
      double number = cell_number (cells, s, tiff->cell_bytes, is_signed);
      *out = (float) ((turned ? full - number : number) / full);
    }
}

/* The same for integers: to full range, correctly rounded. At most 65535^2 + 32767: fits. */
static void
scale (const IeTiffSource *tiff, const void *cells, gsize from, gsize step, void *out, gsize out_step, gsize count)
{
  guint32 full = (1u << tiff->bits) - 1, range = tiff->source.header.depth == IE_DEPTH_U8 ? 255 : 65535;
  gboolean same = full == range, small = tiff->cell_bytes == 1, narrow = range == 255;
  for (gsize i = 0, s = from, o = 0; i < count; i++, s += step, o += out_step) {
    guint32 code = small ? ((const guint8 *) cells)[s] : ((const guint16 *) cells)[s];
    if (!same)
      code = (code * range + full / 2) / full;
    if (narrow)
      ((guint8 *) out)[o] = (guint8) code;
    else
      ((guint16 *) out)[o] = (guint16) code;
  }
}

static void
look_up (const IeTiffSource *tiff, const void *cells, void *row, gsize width)
{
  gsize samples = (gsize) tiff->samples, channels = (gsize) tiff->source.header.channels;
  for (gsize x = 0; x < width; x++) {
    guint code = tiff->cell_bytes == 1 ? ((const guint8 *) cells)[x * samples] : ((const guint16 *) cells)[x * samples];
    for (gsize c = 0; c < 3; c++)
      if (tiff->source.header.depth == IE_DEPTH_U8)
        ((guint8 *) row)[x * channels + c] = (guint8) tiff->palette[c][code];
      else
        ((guint16 *) row)[x * channels + c] = tiff->palette[c][code];
  }
}

static void
lab_16 (const IeTiffSource *tiff, const guint16 *cells, guint16 *row, gsize width)
{
  gsize samples = (gsize) tiff->samples, channels = (gsize) tiff->source.header.channels;
  gboolean icc = tiff->meaning == IE_TIFF_ICCLAB;
  for (gsize x = 0; x < width; x++)
    for (gsize c = 0; c < 3; c++) {
      guint32 code = cells[x * samples + c];
      if (c > 0)
        code = icc ? code : code ^ 0x8000;
      else if (icc) /* 0xff00 is L* 100 */
        code = (code * 257 + 128) / 256;
      row[x * channels + c] = (guint16) MIN (code, 65535);
    }
}

static void
lab (const IeTiffSource *tiff, const void *cells, void *row, gsize width)
{
  gsize samples = (gsize) tiff->samples, channels = (gsize) tiff->source.header.channels;
  guint8 turn = tiff->meaning == IE_TIFF_ICCLAB ? 0 : 0x80;
  if (tiff->source.header.depth == IE_DEPTH_U16)
    lab_16 (tiff, cells, row, width);
  else if (tiff->source.header.depth == IE_DEPTH_FLOAT)
    for (gsize x = 0; x < width; x++) {
      const float *in = (const float *) cells + x * samples;
      float *out = (float *) row + x * channels;
      out[0] = in[0] / 100;
      out[1] = (in[1] + 128) / 255;
      out[2] = (in[2] + 128) / 255;
    }
  else
    for (gsize x = 0; x < width; x++)
      for (gsize c = 0; c < 3; c++)
        ((guint8 *) row)[x * channels + c] =
          (guint8) (((const guint8 *) cells)[x * samples + c] ^ (c > 0 ? turn : 0));
}

static guint8
to_code (float value)
{
  return (guint8) (CLAMP (value, 0.0f, 255.0f) + 0.5f);
}

/* TIFF 6.0, sections 20 and 21: codes to full range by ReferenceBlackWhite (chroma to +-127), then by the luma
 * coefficients to RGB. */
static void
ycbcr (const IeTiffSource *tiff, const guint8 *cells, guint8 *row, gsize width)
{
  gsize samples = (gsize) tiff->samples, channels = (gsize) tiff->source.header.channels;
  const float *luma = tiff->luma, *reference = tiff->reference;
  float gain[3];
  for (int c = 0; c < 3; c++) {
    float range = reference[2 * c + 1] - reference[2 * c];
    gain[c] = (c == 0 ? 255.0f : 127.0f) / (range > 0 || range < 0 ? range : 1);
  }
  for (gsize x = 0; x < width; x++) {
    const guint8 *in = cells + x * samples;
    float y = (in[0] - reference[0]) * gain[0];
    float r = y + (in[2] - reference[4]) * gain[2] * (2 - 2 * luma[0]);
    float b = y + (in[1] - reference[2]) * gain[1] * (2 - 2 * luma[2]);
    row[x * channels] = to_code (r);
    row[x * channels + 1] = to_code ((y - luma[0] * r - luma[2] * b) / luma[1]);
    row[x * channels + 2] = to_code (b);
  }
}

/* X, Y, Z of LogLuv, whose white is equal energy (X = Y = Z = 1), to sRGB, whose white D65 takes its place; the matrix is
 * IEC 61966-2-1's with its columns times D65 (0.9505, 1, 1.0890). Y alone: gray. */
static void
xyz (const IeTiffSource *tiff, const float *cells, float *row, gsize width)
{
  static const double matrix[3][3] = { { 3.2406 * 0.9505, -1.5372, -0.4986 * 1.0890 },
                                       { -0.9689 * 0.9505, 1.8758, 0.0415 * 1.0890 },
                                       { 0.0557 * 0.9505, -0.2040, 1.0570 * 1.0890 } };
  gsize samples = (gsize) tiff->samples, channels = (gsize) tiff->source.header.channels;
  for (gsize x = 0; x < width; x++)
    for (gsize c = 0; c < (gsize) tiff->colours; c++) {
      const float *in = cells + x * samples;
      const double *m = matrix[c];
      double linear = tiff->colours == 1 ? in[0] : m[0] * in[0] + m[1] * in[1] + m[2] * in[2];
      row[x * channels + c] = (float) ie_srgb_encode_exact (linear);
    }
}

/* ---- After the samples are in place ------------------------------------------------------------------------------ */

static void
turn_white (void *row, const IeHeader *header)
{
  int channels = header->channels, colours = ie_colours (channels, header->has_alpha);
  for (gsize i = 0; i < (gsize) header->width * (gsize) channels; i += (gsize) channels)
    for (int c = 0; c < colours; c++)
      if (header->depth == IE_DEPTH_U8)
        ((guint8 *) row)[i + (gsize) c] ^= 0xff;
      else if (header->depth == IE_DEPTH_U16)
        ((guint16 *) row)[i + (gsize) c] ^= 0xffff;
      else
        ((float *) row)[i + (gsize) c] = 1 - ((float *) row)[i + (gsize) c];
}

/* colour * range / alpha, rounded; where alpha is 0 the colour is unknown and stays. */
static void
divide_alpha (void *row, const IeHeader *header)
{
  gsize channels = (gsize) header->channels, alpha = channels - 1;
  for (gsize i = 0; i < (gsize) header->width * channels; i += channels)
    for (gsize c = 0; c < alpha; c++)
      if (header->depth == IE_DEPTH_U8) {
        guint8 *p = (guint8 *) row + i;
        if (p[alpha])
          p[c] = (guint8) MIN ((p[c] * 255u + p[alpha] / 2u) / p[alpha], 255u);
      } else if (header->depth == IE_DEPTH_U16) {
        guint16 *p = (guint16 *) row + i;
        if (p[alpha])
          p[c] = (guint16) MIN ((p[c] * 65535u + p[alpha] / 2u) / p[alpha], 65535u);
      } else {
        float *p = (float *) row + i;
        if (p[alpha] > 0)
          p[c] /= p[alpha];
      }
}

/* One channel whose stored samples mean amounts: all but those of the colour models above, and their alpha. */
static void
amounts (const IeTiffSource *tiff, const void *cells, gsize from, void *row, gsize to)
{
  gsize samples = (gsize) tiff->samples, channels = (gsize) tiff->source.header.channels;
  gsize width = (gsize) tiff->source.header.width, size = ie_depth_bytes (tiff->source.header.depth);
  void *out = (char *) row + to * size;
  if (tiff->source.header.depth != IE_DEPTH_FLOAT)
    scale (tiff, cells, from, samples, out, channels, width);
  else if (tiff->format == SAMPLEFORMAT_IEEEFP && tiff->cell_bytes == 4 && tiff->bits == 32)
    for (gsize x = 0; x < width; x++)
      ((float *) out)[x * channels] = ((const float *) cells)[x * samples + from];
  else
    to_float (tiff, cells, from, samples, out, channels, width);
}

gboolean
ie_tiff_in_place (const IeTiffSource *tiff)
{
  return tiff->meaning == IE_TIFF_SAME && tiff->samples == tiff->source.header.channels;
}

static void
convert_colours (const IeTiffSource *tiff, const void *cells, void *row)
{
  gsize width = (gsize) tiff->source.header.width;
  switch (tiff->meaning) {
    case IE_TIFF_PALETTE:
      look_up (tiff, cells, row, width);
      break;
    case IE_TIFF_CIELAB:
    case IE_TIFF_ICCLAB:
      lab (tiff, cells, row, width);
      break;
    case IE_TIFF_YCBCR:
      ycbcr (tiff, cells, row, width);
      break;
    case IE_TIFF_XYZ:
      xyz (tiff, cells, row, width);
      break;
    default:
      for (int c = 0; c < tiff->colours; c++)
        amounts (tiff, cells, (gsize) c, row, (gsize) c);
  }
}

void
ie_tiff_convert (const IeTiffSource *tiff, const void *cells, void *row)
{
  const IeHeader *header = &tiff->source.header;
  if (!ie_tiff_in_place (tiff)) {
    convert_colours (tiff, cells, row);
    if (tiff->alpha >= 0)
      amounts (tiff, cells, (gsize) tiff->alpha, row, (gsize) header->channels - 1);
  } else if (cells != row)
    memcpy (row, cells, (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth));
  if (tiff->white_is_zero && tiff->meaning != IE_TIFF_WIDE)
    turn_white (row, header);
  if (tiff->associated)
    divide_alpha (row, header);
}
