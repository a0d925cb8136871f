// SPDX-License-Identifier: GPL-3.0-or-later
/* Value: V = max (R, G, B) of the encoded channels, as in the hexcone model (A. R. Smith, SIGGRAPH 1978). Leaving
 * scales the channels by V' / V, which keeps hue and saturation; V = 0 becomes gray of V'. Compiled once per level. */
#include "colorspace/strip.h"

#define LARGEST 0x1.fffffep127f

/* Keeps V' / V finite for all but tiny V; see IE_SRGB_LIMIT. */
static inline float
limited (float v)
{
  return ie_limit (v, 1e18f);
}

static void
load_samples (const IePixels *pixels, IeSpan span, float *samples)
{
  int count = span.count * pixels->channels;
  ie_samples_to_float (pixels->depth, ie_pixels_at (pixels, span.x, span.y), samples, count);
  if (pixels->depth == IE_DEPTH_FLOAT)
    for (int i = 0; i < count; i++)
      samples[i] = limited (samples[i]);
}

static inline void
find_value (const float *restrict samples, float *restrict value, int pixels, int channels, int colours)
{
  if (colours == 1) {
    for (int i = 0; i < pixels; i++)
      value[i] = samples[i * channels];
    return;
  }
  for (int i = 0; i < pixels; i++) {
    float r = samples[i * channels], g = samples[i * channels + 1], b = samples[i * channels + 2];
    float larger = r > g ? r : g;
    value[i] = larger > b ? larger : b;
  }
}

/* The loop once for each usual number of channels, so that it is vectorised. */
static void
value_of (const float *samples, float *value, int pixels, int channels, int colours)
{
  if (channels == 3 && colours == 3)
    find_value (samples, value, pixels, 3, 3);
  else if (channels == 4 && colours == 3)
    find_value (samples, value, pixels, 4, 3);
  else
    find_value (samples, value, pixels, channels, colours);
}

/* ratio = V' / V; where V is 0, 0, and `gray` is what is added instead. */
static void
find_ratio (const float *restrict value, const float *restrict target, float *restrict ratio, float *restrict gray,
            int pixels)
{
  for (int i = 0; i < pixels; i++) {
    float v = value[i], divisor = v == 0.0f ? 1.0f : v;
    float quotient = ie_limit (target[i] / divisor, LARGEST);
    ratio[i] = v == 0.0f ? 0.0f : quotient;
    gray[i] = v == 0.0f ? target[i] : 0.0f;
  }
}

static inline void
scale_samples (float *restrict samples, const float *restrict ratio, const float *restrict gray, int pixels,
               int channels, int colours)
{
  for (int i = 0; i < pixels; i++)
    for (int c = 0; c < colours; c++)
      samples[i * channels + c] = samples[i * channels + c] * ratio[i] + gray[i];
}

static void
scale (float *samples, const float *ratio, const float *gray, int pixels, int channels, int colours)
{
  if (channels == 3 && colours == 3)
    scale_samples (samples, ratio, gray, pixels, 3, 3);
  else if (channels == 4 && colours == 3)
    scale_samples (samples, ratio, gray, pixels, 4, 3);
  else
    scale_samples (samples, ratio, gray, pixels, channels, colours);
}

static void
enter_value (gconstpointer data, const IePixels *native, const IePixels *worked)
{
  const IeColourState *state = data;
  float samples[IE_STRIP * IE_MAX_CHANNELS], value[IE_STRIP];
  IE_FOR_STRIPS (span, native->rect) {
    float *out = ie_pixels_at (worked, span.x, span.y);
    load_samples (native, span, samples);
    value_of (samples, value, span.count, native->channels, state->colours);
    for (int i = 0, step = worked->channels; i < span.count; i++)
      out[i * step] = value[i];
    ie_copy_alpha (native, worked, span);
  }
}

static void
leave_value (gconstpointer data, const IePixels *original, const IePixels *worked, const IePixels *out,
             IeConvertCount *count)
{
  const IeColourState *state = data;
  float samples[IE_STRIP * IE_MAX_CHANNELS], value[IE_STRIP], target[IE_STRIP], ratio[IE_STRIP], gray[IE_STRIP];
  IE_FOR_STRIPS (span, original->rect) {
    const float *in = ie_pixels_at (worked, span.x, span.y);
    load_samples (original, span, samples);
    value_of (samples, value, span.count, original->channels, state->colours);
    for (int i = 0, step = worked->channels; i < span.count; i++)
      target[i] = limited (in[i * step]);
    find_ratio (value, target, ratio, gray, span.count);
    if (state->colours == 1) /* the value itself, unrounded */
      for (int i = 0; i < span.count; i++)
        samples[i * original->channels] = target[i];
    else
      scale (samples, ratio, gray, span.count, original->channels, state->colours);
    ie_samples_from_float (out->depth, samples, ie_pixels_at (out, span.x, span.y), span.count * out->channels);
    ie_copy_alpha (worked, out, span);
  }
}

static int
one_channel (const IeHeader *native)
{
  return 1;
}

extern const IeConverter IE_LEVEL_NAME (ie_converter_value);

const IeConverter IE_LEVEL_NAME (ie_converter_value) = {
  .space = IE_SPACE_VALUE,
  .open = ie_colour_open_value,
  .close = ie_colour_close,
  .channels = one_channel,
  .enter = enter_value,
  .leave = leave_value,
};
