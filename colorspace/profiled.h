// SPDX-License-Identifier: GPL-3.0-or-later
/* Lightness and Lab of pictures whose profile is no matrix and curves: strips by way of lcms2. For lightness.c, once per
 * level. */
#pragma once

#include "colorspace/gamut.h"

/* Colours of a strip, contiguous, float, within the limit. */
static void
load_colours (const IeColourState *state, const IePixels *native, IeSpan span, float *colours)
{
  float samples[IE_STRIP * IE_MAX_CHANNELS];
  int channels = native->channels, wanted = state->colours;
  ie_samples_to_float (native->depth, ie_pixels_at (native, span.x, span.y), samples, span.count * channels);
  for (int i = 0; i < span.count; i++)
    for (int c = 0; c < wanted; c++)
      colours[i * wanted + c] = ie_limit (samples[i * channels + c], IE_SRGB_LIMIT);
}

static void
colours_to_lab (const IeColourState *state, const float *colours, float *lab, int count)
{
  float scaled[IE_STRIP * 4];
  for (int i = 0; i < count * state->colours; i++)
    scaled[i] = colours[i] * state->scale;
  ie_colour_into (state, scaled, lab, count);
  for (int i = 0; i < 3 * count; i++)
    lab[i] = lab[i] == lab[i] ? lab[i] : 0.0f;
}

static void
lab_to_colours (const IeColourState *state, const float *lab, float *colours, int count)
{
  ie_colour_from (state, lab, colours, count);
  for (int i = 0; i < count * state->colours; i++)
    colours[i] = colours[i] == colours[i] ? colours[i] / state->scale : 0.0f;
}

static gboolean
is_outside (const float *colour, int colours)
{
  for (int c = 0; c < colours; c++)
    if (colour[c] < -HALF_CODE || colour[c] > 1.0f + HALF_CODE)
      return TRUE;
  return FALSE;
}

/* Writes the colours of `changed`, a Lab strip, given those of the original. The profile's way back is not exact: what
 * it loses on the original is measured and added again, so that what did not change stays as it was. Its tables map
 * into the gamut themselves. */
static void
store_profiled (const IeColourState *state, const float *original, const float *lab, const float *changed,
                const IePixels *out, IeSpan span, IeConvertCount *count)
{
  float result[IE_STRIP * 4], back[IE_STRIP * 4], samples[IE_STRIP * IE_MAX_CHANNELS] = { 0 };
  int colours = state->colours, channels = out->channels;
  lab_to_colours (state, changed, result, span.count);
  lab_to_colours (state, lab, back, span.count);
  for (int i = 0; i < span.count * colours; i++)
    result[i] = original[i] + (result[i] - back[i]);
  for (int i = 0; i < span.count; i++) {
    count->out_of_gamut += is_outside (result + i * colours, colours) && !is_outside (original + i * colours, colours);
    for (int c = 0; c < colours; c++)
      samples[i * channels + c] = result[i * colours + c];
  }
  ie_samples_from_float (out->depth, samples, ie_pixels_at (out, span.x, span.y), span.count * channels);
}

/* `used` channels of the strip's Lab: 1 for lightness. */
static void
enter_profiled_strip (const IeColourState *state, const IePixels *native, const IePixels *worked, IeSpan span,
                      int used)
{
  float colours[IE_STRIP * 4], lab[IE_STRIP * 3], *out = ie_pixels_at (worked, span.x, span.y);
  load_colours (state, native, span, colours);
  colours_to_lab (state, colours, lab, span.count);
  for (int i = 0; i < span.count; i++)
    for (int c = 0; c < used; c++)
      out[i * worked->channels + c] = lab[3 * i + c] / 100.0f;
}

static void
leave_profiled_strip (const IeColourState *state, const IePixels *original, const IePixels *worked,
                      const IePixels *out, IeSpan span, int used, IeConvertCount *count)
{
  float colours[IE_STRIP * 4], lab[IE_STRIP * 3], changed[IE_STRIP * 3];
  const float *in = ie_pixels_at (worked, span.x, span.y);
  load_colours (state, original, span, colours);
  colours_to_lab (state, colours, lab, span.count);
  for (int i = 0; i < span.count; i++)
    for (int c = 0; c < 3; c++)
      changed[3 * i + c] = c < used ? 100.0f * ie_limit (in[i * worked->channels + c], IE_SRGB_LIMIT) : lab[3 * i + c];
  store_profiled (state, colours, lab, changed, out, span, count);
}
