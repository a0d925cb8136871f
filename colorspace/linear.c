// SPDX-License-Identifier: GPL-3.0-or-later
/* Linear light: the picture's own primaries, without its transfer curves. Pictures whose profile is made of tables come
 * as linear light of sRGB's primaries, unbounded (profile.c). Compiled once per level. */
#include "colorspace/strip.h"

#define SAMPLES (IE_STRIP * IE_MAX_CHANNELS)

/* Whether all channels, alpha among them (put right afterwards), can be taken in one go. */
static gboolean
is_uniform (const IeRgbSpace *rgb)
{
  return !rgb->curve[0] && !rgb->curve[1] && !rgb->curve[2];
}

/* Encoded samples to linear light. */
static void
decode_samples (const IeColourState *state, const IePixels *native, IeSpan span, float *restrict out)
{
  const void *at = ie_pixels_at (native, span.x, span.y);
  int samples = span.count * native->channels;
  if (!is_uniform (state->rgb)) {
    IePlanes planes;
    ie_load_linear (state, native, span, &planes);
    const float *plane[3] = { planes.r, planes.g, planes.b };
    for (int c = 0; c < state->colours; c++)
      ie_store_plane (plane[c], IE_DEPTH_FLOAT, out + c, native->channels, span.count);
  } else if (native->depth == IE_DEPTH_U8) {
    ie_convert ()->table_u8_float (at, out, (gsize) samples, 1, state->rgb->decode_u8[0]);
  } else if (native->depth == IE_DEPTH_U16) {
    ie_convert ()->table_u16_float (at, out, (gsize) samples, 1, state->decode_u16[0]);
  } else {
    ie_decode_samples (state->rgb, 0, at, out, samples);
  }
}

static void
encode_by_channel (const IeColourState *state, const float *in, const IePixels *out, IeSpan span)
{
  IePlanes planes;
  float *plane[3] = { planes.r, planes.g, planes.b };
  for (int c = 0; c < state->colours; c++)
    for (int i = 0; i < span.count; i++)
      plane[c][i] = in[i * out->channels + c];
  ie_store_linear (state, &planes, out, span);
}

static void
encode_samples (const IeColourState *state, const float *restrict in, const IePixels *out, IeSpan span)
{
  void *at = ie_pixels_at (out, span.x, span.y);
  int samples = span.count * out->channels;
  if (!is_uniform (state->rgb)) {
    encode_by_channel (state, in, out, span);
  } else if (out->depth == IE_DEPTH_U8) {
    guint16 index[SAMPLES];
    guint8 *codes = at;
    ie_encode_indices (in, index, samples);
    for (int i = 0; i < samples; i++)
      codes[i] = state->rgb->encode_u8[0][index[i]];
  } else {
    float encoded[SAMPLES];
    ie_encode_samples (state->rgb, 0, in, encoded, samples);
    ie_samples_from_float (out->depth, encoded, at, samples);
  }
}

/* Colours of interleaved pixels of `channels`, without their alpha. */
static void
pack (const float *in, float *out, int pixels, int channels, int colours)
{
  for (int i = 0; i < pixels; i++)
    for (int c = 0; c < colours; c++)
      out[i * colours + c] = in[i * channels + c];
}

static void
unpack (const float *in, float *out, int pixels, int channels, int colours)
{
  for (int i = 0; i < pixels; i++)
    for (int c = 0; c < colours; c++)
      out[i * channels + c] = in[i * colours + c] == in[i * colours + c] ? in[i * colours + c] : 0.0f;
}

static void
enter_profiled (const IeColourState *state, const IePixels *native, IeSpan span, float *out)
{
  float samples[SAMPLES], colours[SAMPLES], linear[SAMPLES];
  int count = span.count * native->channels;
  ie_samples_to_float (native->depth, ie_pixels_at (native, span.x, span.y), samples, count);
  for (int i = 0; i < count; i++)
    samples[i] = ie_limit (samples[i], IE_SRGB_LIMIT);
  pack (samples, colours, span.count, native->channels, state->colours);
  ie_colour_into (state, colours, linear, span.count);
  unpack (linear, out, span.count, native->channels, state->colours);
}

static void
leave_profiled (const IeColourState *state, const IePixels *original, const float *in, const IePixels *out, IeSpan span)
{
  float linear[SAMPLES], encoded[SAMPLES], samples[SAMPLES] = { 0 };
  int channels = out->channels, count = span.count * state->colours;
  pack (in, linear, span.count, channels, state->colours);
  ie_colour_from (state, linear, encoded, span.count);
  /* The change alone, so that what did not change stays as it was. */
  float before[SAMPLES], back[SAMPLES], native[SAMPLES];
  ie_samples_to_float (original->depth, ie_pixels_at (original, span.x, span.y), samples,
                       span.count * original->channels);
  pack (samples, native, span.count, original->channels, state->colours);
  ie_colour_into (state, native, before, span.count);
  ie_colour_from (state, before, back, span.count);
  for (int i = 0; i < count; i++)
    encoded[i] = native[i] + (encoded[i] - back[i]);
  unpack (encoded, samples, span.count, channels, state->colours);
  ie_samples_from_float (out->depth, samples, ie_pixels_at (out, span.x, span.y), span.count * channels);
}

static void
enter_linear (gconstpointer data, const IePixels *native, const IePixels *worked)
{
  const IeColourState *state = data;
  IE_FOR_STRIPS (span, native->rect) {
    float *out = ie_pixels_at (worked, span.x, span.y);
    if (state->profiled)
      enter_profiled (state, native, span, out);
    else
      decode_samples (state, native, span, out);
    ie_copy_alpha (native, worked, span);
  }
}

static void
leave_linear (gconstpointer data, const IePixels *original, const IePixels *worked, const IePixels *out,
              IeConvertCount *count)
{
  const IeColourState *state = data;
  IE_FOR_STRIPS (span, original->rect) {
    const float *in = ie_pixels_at (worked, span.x, span.y);
    if (state->profiled)
      leave_profiled (state, original, in, out, span);
    else
      encode_samples (state, in, out, span);
    ie_copy_alpha (worked, out, span);
  }
}

/* As many as the picture has. */
static int
own_channels (const IeHeader *native)
{
  return ie_colours (native->channels, native->has_alpha);
}

extern const IeConverter IE_LEVEL_NAME (ie_converter_linear);

const IeConverter IE_LEVEL_NAME (ie_converter_linear) = {
  .space = IE_SPACE_LINEAR,
  .open = ie_colour_open_linear,
  .close = ie_colour_close,
  .channels = own_channels,
  .enter = enter_linear,
  .leave = leave_linear,
};
