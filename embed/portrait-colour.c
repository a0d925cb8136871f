// SPDX-License-Identifier: GPL-3.0-or-later
#include "embed/portrait-colour.h"

#include "colorspace/spaces.h"
#include "colorspace/srgb.h"
#include "colorspace/transform.h"

typedef enum { KIND_PLAIN, KIND_TRANSFORM, KIND_INKS, KIND_LAB } Kind;

struct IePortraitColour {
  Kind kind;
  int channels; /* colour channels of the picture */
  int given;    /* channels that the transform gives: 1 or 3 */
  IeTransform *transform;
};

static gpointer
make_target (gpointer gray)
{
  return ie_profile_named ("srgb", gray != NULL);
}

/* The profile to convert to; made once. */
static GBytes *
target (gboolean gray)
{
  static GOnce colour_once = G_ONCE_INIT, gray_once = G_ONCE_INIT;
  return gray ? g_once (&gray_once, make_target, GINT_TO_POINTER (1)) : g_once (&colour_once, make_target, NULL);
}

static void
open_transform (IePortraitColour *colour, const IeHeader *header)
{
  gboolean gray = header->model == IE_MODEL_GRAY;
  GBytes *icc = target (gray);
  colour->transform = icc ? ie_transform_new (header, icc, IE_INTENT_RELATIVE, TRUE, NULL) : NULL;
  if (colour->transform && ie_transform_is_identity (colour->transform)) {
    ie_transform_free (colour->transform);
    colour->transform = NULL;
  }
  if (colour->transform)
    colour->kind = KIND_TRANSFORM;
  colour->given = gray ? 1 : 3;
}

IePortraitColour *
ie_portrait_colour_new (const IeHeader *header)
{
  IePortraitColour *colour = g_new0 (IePortraitColour, 1);
  gboolean tagged = header->metadata && header->metadata->icc;
  colour->channels = ie_colours (header->channels, header->has_alpha);
  switch (header->model) {
    case IE_MODEL_LAB:
      colour->kind = KIND_LAB;
      break;
    case IE_MODEL_CMYK:
      colour->kind = KIND_INKS;
      if (tagged)
        open_transform (colour, header);
      break;
    case IE_MODEL_GRAY:
    case IE_MODEL_RGB:
      if (tagged)
        open_transform (colour, header);
      break;
    default:
      break;
  }
  return colour;
}

void
ie_portrait_colour_free (IePortraitColour *colour)
{
  if (colour)
    ie_transform_free (colour->transform);
  g_free (colour);
}

gboolean
ie_portrait_colour_is_plain (const IePortraitColour *colour)
{
  return colour->kind == KIND_PLAIN;
}

/* Samples as imageio gives them: L* / 100, (a* + 128) / 255, (b* + 128) / 255. */
static void
lab_pixel (const float *in, float *out)
{
  static const double white[3] = { 1.0, 1.0, 1.0 };
  double lab[3] = { (double) in[0] * 100.0, (double) in[1] * 255.0 - 128.0, (double) in[2] * 255.0 - 128.0 };
  double xyz[3];
  ie_lab_to_xyz (lab, white, xyz);
  for (int c = 0; c < 3; c++) {
    const double *row = ie_srgb ()->to_rgb[c];
    out[c] = (float) ie_srgb_encode_exact (xyz[1] + row[0] * (xyz[0] - xyz[1]) + row[2] * (xyz[2] - xyz[1]));
  }
}

static void
plain_pixel (const IePortraitColour *colour, const float *in, float *out)
{
  for (int c = 0; c < 3; c++)
    out[c] = in[colour->channels < 3 ? 0 : c];
}

static void
transform_row (const IePortraitColour *colour, const float *in, float *out, int pixels)
{
  IeRect rect = { 0, 0, pixels, 1 };
  IePixels from = { (void *) (guintptr) in, 0, rect, colour->channels, FALSE, IE_DEPTH_FLOAT };
  IePixels to = { out, 0, rect, colour->given, FALSE, IE_DEPTH_FLOAT };
  ie_transform_pixels (colour->transform, &from, &to);
  for (int i = colour->given == 1 ? pixels - 1 : -1; i >= 0; i--)
    out[3 * i] = out[3 * i + 1] = out[3 * i + 2] = out[i];
}

void
ie_portrait_colour_row (const IePortraitColour *colour, const float *in, float *out, int pixels)
{
  if (colour->kind == KIND_TRANSFORM) {
    transform_row (colour, in, out, pixels);
    return;
  }
  for (int i = 0; i < pixels; i++, in += colour->channels, out += 3)
    if (colour->kind == KIND_LAB)
      lab_pixel (in, out);
    else if (colour->kind == KIND_INKS)
      for (int c = 0; c < 3; c++)
        out[c] = (1.0f - in[c]) * (1.0f - in[3]);
    else
      plain_pixel (colour, in, out);
}
