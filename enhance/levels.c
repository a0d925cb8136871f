// SPDX-License-Identifier: GPL-3.0-or-later
/* Levels: the range black .. white is stretched to the full range and bent by gamma.
 *
 *   t = (v - black) / (white - black)
 *   y = t^(1 / gamma) for t > 0,  y = t for t <= 0
 *
 * as in the Levels dialogs of GIMP and Photoshop: gamma above 1 brightens. Below black the line goes on unbent, so that
 * the curve is continuous and float samples outside 0..1 pass unclamped.
 */
#include "core/convert.h"
#include "core/elementary.h"
#include "core/error.h"
#include "core/filter.h"
#include "core/i18n.h"

#define CHUNK 1024 /* samples converted together; divides 65536 */

#define STREAMS 4
#define PIECE 256 /* samples: a few cache lines */

#define TOGETHER (1u << 20) /* samples: a millisecond of work */

#define STEEPEST 10000.0 /* a line of this slope maps 65535 well below 2^31 */

enum { BLACK, WHITE, GAMMA };

#define PERCENT 0.01

static const IeParam params[] = {
  { .id = "black", .label = N_ ("Black point"), .type = IE_PARAM_FLOAT, .unit = "% of range",
    .initial = 0, .min = 0, .max = 100,
    .summary = N_ ("What becomes black; darker samples are clipped at the output.") },
  { .id = "white", .label = N_ ("White point"), .type = IE_PARAM_FLOAT, .unit = "% of range",
    .initial = 100, .min = 0, .max = 100,
    .summary = N_ ("What becomes white; brighter samples are clipped at the output.") },
  { .id = "gamma", .label = N_ ("Gamma"), .type = IE_PARAM_FLOAT, .unit = "",
    .initial = 1, .min = 0.1, .max = 10, .curve = IE_SLIDER_LOGARITHMIC,
    .summary = N_ ("Bends the middle: above 1 brightens, below 1 darkens.") },
  IE_PARAMS_END
};

static gboolean
neutral (const IeParams *values)
{
  return ie_number (values, BLACK) == 0.0 && ie_number (values, WHITE) == 100.0 && ie_number (values, GAMMA) == 1.0;
}

static gboolean
header (const IeStep *step, IeHeader *output, GError **error)
{
  double black = ie_number (step->params, BLACK), white = ie_number (step->params, WHITE);
  *output = step->input;
  if ((float) (white * PERCENT) > (float) (black * PERCENT))
    return TRUE;
  char black_text[G_ASCII_DTOSTR_BUF_SIZE], white_text[G_ASCII_DTOSTR_BUF_SIZE];
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("levels: white (%s) must be greater than black (%s)"),
               g_ascii_formatd (white_text, sizeof white_text, "%g", white),
               g_ascii_formatd (black_text, sizeof black_text, "%g", black));
  return FALSE;
}

static void
stretch (const float *restrict in, float *restrict out, gsize samples, float black, float scale)
{
  for (gsize i = 0; i < samples; i++)
    out[i] = (in[i] - black) * scale;
}

static void
stretch_and_bend (const float *restrict in, float *restrict out, gsize samples, float black, float scale,
                  float exponent)
{
  for (gsize i = 0; i < samples; i++) {
    float t = (in[i] - black) * scale;
    float bent = ie_powf (t, exponent);
    out[i] = t > 0.0f ? bent : t;
  }
}

static void
map (const IeParams *values, const float *from, float *to, gsize samples)
{
  double gamma = ie_number (values, GAMMA);
  float black = (float) (ie_number (values, BLACK) * PERCENT);
  float white = (float) (ie_number (values, WHITE) * PERCENT);
  float scale = 1.0f / (white - black);
  if (gamma == 1.0)
    stretch (from, to, samples, black, scale);
  else
    stretch_and_bend (from, to, samples, black, scale, (float) (1.0 / gamma));
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  IeRect rect = out->rect;
  gsize samples = (gsize) rect.width * (gsize) out->channels;
  for (int y = rect.y; y < rect.y + rect.height && !ie_work_cancelled (work); y++)
    map (step->params, ie_pixels_at (in, rect.x, y), ie_pixels_at (out, rect.x, y), samples);
}

/* 16 bits: a straight line is quicker computed than looked up in 65,536 entries, in codes without a way through 0..1; a
 * bent one is looked up in one table for all channels. */
static inline void
stretch_piece_u16 (const guint16 *restrict in, guint16 *restrict out, gsize samples, float scale, float offset)
{
  /* Clamped as integers, which have a minimum and a maximum of their own; STEEPEST keeps them from overflowing. */
  for (gsize i = 0; i < samples; i++) {
    int code = (int) ((float) in[i] * scale + offset);
    code = code > 0 ? code : 0;
    out[i] = (guint16) (code < 65535 ? code : 65535);
  }
}

/* As fast as memory gives and takes. The processor's prefetcher begins anew on every page; in four places in turns, one
 * runs while another begins. */
static void
stretch_u16 (const guint16 *in, guint16 *out, gsize samples, float scale, float offset)
{
  gsize part = samples / STREAMS / PIECE * PIECE;
  for (gsize done = 0; done < part; done += PIECE)
    for (gsize at = done; at < STREAMS * part; at += part)
      stretch_piece_u16 (in + at, out + at, PIECE, scale, offset);
  stretch_piece_u16 (in + STREAMS * part, out + STREAMS * part, samples - STREAMS * part, scale, offset);
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  double range = (ie_number (step->params, WHITE) - ie_number (step->params, BLACK)) * PERCENT;
  if (step->input.depth != IE_DEPTH_U16 || (ie_number (step->params, GAMMA) == 1.0 && range > 1.0 / STEEPEST))
    return NULL;
  guint16 *table = g_new (guint16, 65536);
  for (int start = 0; start < 65536; start += CHUNK) {
    guint16 codes[CHUNK];
    float from[CHUNK], to[CHUNK];
    for (int i = 0; i < CHUNK; i++)
      codes[i] = (guint16) (start + i);
    ie_convert ()->u16_to_float (codes, from, CHUNK);
    map (step->params, from, to, CHUNK);
    ie_convert ()->float_to_u16 (to, table + start, CHUNK);
  }
  return table;
}

static void
apply_u16 (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  IeRect rect = out->rect;
  gsize samples = (gsize) rect.width * (gsize) out->channels;
  double black = ie_number (step->params, BLACK) * PERCENT, white = ie_number (step->params, WHITE) * PERCENT;
  float scale = (float) (1.0 / (white - black)), offset = (float) (0.5 - 65535.0 * black / (white - black));
  /* Rows that lie one behind the other are one, as far as looking for a cancellation now and then allows. */
  ptrdiff_t row_bytes = (ptrdiff_t) (samples * sizeof (guint16));
  int rows = in->stride == row_bytes && out->stride == row_bytes ? MAX (1, (int) (TOGETHER / samples)) : 1;
  for (int y = rect.y, end = rect.y + rect.height; y < end && !ie_work_cancelled (work); y += rows) {
    const guint16 *from = ie_pixels_at (in, rect.x, y);
    guint16 *to = ie_pixels_at (out, rect.x, y);
    gsize here = samples * (gsize) MIN (rows, end - y);
    if (step->prepared)
      ie_convert ()->table_u16_u16 (from, to, here, 1, step->prepared);
    else
      stretch_u16 (from, to, here, scale, offset);
  }
}

IE_FILTER (levels) = {
  .name = "levels",
  .version = 1,
  .label = N_ ("Levels"),
  .summary = N_ ("Sets the black point, the white point and the gamma of every channel"),
  .group = N_ ("Tone"),
  .filter_class = IE_POINT,
  .flags = IE_PER_CHANNEL,
  .alpha = IE_ALPHA_IGNORE,
  .params = params,
  .neutral = neutral,
  .header = header,
  .prepare = prepare,
  .apply = apply,
  .apply_u16 = apply_u16,
};
