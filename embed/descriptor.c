// SPDX-License-Identifier: GPL-3.0-or-later
/* The picture inside its frame, brought to a square; numbers of its lightness and of its colours (kernel/features.h); each
 * kind through its part of the fitted matrix; both to their share of a unit vector; rounded. */
#include "embed/descriptor.h"

#include "core/elementary.h"
#include "embed/describe.h"
#include "embed/frame.h"
#include "embed/projection.h"
#include "embed/kernel/features.h"

#include <string.h>

#define LEAST_LENGTH 1e-6 /* below which there is no direction */
/* Pictures of one colour of all kinds reach 0.998 of each other in how their lightness is spread; of all others a dot of one
 * pixel on white comes nearest, with 0.8 (docs/similar-descriptor.md). */
#define BLANK 0.95

/* Brings numbers to length 1, or less where they are shorter than `floor`, times `length`. */
static void
scale (float *v, int count, double floor, double length)
{
  double sum = floor * floor;
  for (int i = 0; i < count; i++)
    sum += (double) v[i] * (double) v[i];
  float by = sum > 0.0 ? (float) (length / ie_sqrt (sum)) : 0.0f;
  for (int i = 0; i < count; i++)
    v[i] *= by;
}

/* Pseudo-random signs. */
static void
sign (float *v)
{
  guint32 state = 1;
  for (int i = 0; i < IE_DESCRIPTOR_BYTES; i++) {
    state = state * 1664525u + 1013904223u; /* Numerical Recipes, 2nd ed., 7.1 */
    v[i] = (state >> 31 ? -v[i] : v[i]) * 0.0625f; /* 1 / sqrt (256) */
  }
}

/* A Walsh-Hadamard transform, which is its own reverse. */
static void
transform (float *v)
{
  for (int half = 1; half < IE_DESCRIPTOR_BYTES; half *= 2)
    for (int i = 0; i < IE_DESCRIPTOR_BYTES; i += 2 * half)
      for (int k = i; k < i + half; k++) {
        float a = v[k], b = v[k + half];
        v[k] = a + b;
        v[k + half] = a - b;
      }
}

/* Signs, then the transform: a turn of the whole space, so that inner products stay, after which no number is much larger than
 * the others and a signed byte holds each. */
static void
round_vector (float *v, gint8 *vector)
{
  sign (v);
  transform (v);
  for (int i = 0; i < IE_DESCRIPTOR_BYTES; i++) {
    double code = ie_floor ((double) v[i] * IE_DESCRIPTOR_NORM + 0.5);
    vector[i] = (gint8) CLAMP (code, -127.0, 127.0);
  }
}

static void
visual (const IeFeatures *features, gint8 *vector)
{
  float v[IE_DESCRIPTOR_BYTES] = { 0 }, *out = v;
  const float *in = features->layout;
  const IeProjection *matrix = ie_projection ();
  for (int k = 0; k < IE_FEATURE_KINDS; k++) {
    const IeProjectionKind *kind = &matrix->kinds[k];
    ie_features ()->project (in, kind->features, kind->codes, kind->outputs, out);
    for (int i = 0; i < kind->outputs; i++)
      out[i] = out[i] * matrix->scale[out + i - v] - matrix->bias[out + i - v];
    scale (out, kind->outputs, (double) kind->floor, ie_sqrt ((double) kind->share));
    in += kind->features;
    out += kind->outputs;
  }
  scale (v, IE_DESCRIPTOR_BYTES, LEAST_LENGTH, 1.0);
  round_vector (v, vector);
}

static void
look (const IeFeatures *features, gint8 *vector)
{
  float v[IE_DESCRIPTOR_BYTES] = { 0 };
  v[0] = features->light - 0.5f;
  memcpy (v + 1, features->plain, sizeof features->plain);
  memcpy (v + 64, features->chroma, sizeof features->chroma);
  for (int k = 0; k < 49; k++)
    for (int step = 0; step < 5; step++)
      v[136 + k] += features->hues[step][k];
  /* Histograms of any two pictures have much in common: they get the least. */
  scale (v + 1, 63, 1e-6, 0.6);
  scale (v + 64, 72, 0.1, 0.6);
  scale (v + 136, 49, 0.1, 0.35);
  scale (v, IE_DESCRIPTOR_BYTES, 1e-6, 1.0);
  round_vector (v, vector);
}

void
ie_describe (const IePortrait *portrait, const IeRect *part, int turn, IeDescriptorMode mode,
             gint8 vector[IE_DESCRIPTOR_BYTES])
{
  IeFeatures features;
  ie_describe_features (portrait, part, turn, &features);
  if (mode == IE_DESCRIPTOR_LOOK)
    look (&features, vector);
  else
    visual (&features, vector);
}

void
ie_describe_features (const IePortrait *portrait, const IeRect *part, int turn, IeFeatures *features)
{
  IePortrait own = { 0 };
  const IePortrait *seen = portrait;
  IeRect whole = { 0, 0, portrait->width, portrait->height };
  if (part || (turn >= 2 && turn <= 8)) {
    if (!ie_portrait_turn (portrait, part ? *part : whole, turn, &own))
      g_error ("no memory for a part of a reduced picture");
    seen = &own;
  }
  ie_features ()->measure (seen, ie_frame_inside (seen), features);
  ie_portrait_clear (&own);
}

static gpointer
make_id (gpointer unused)
{
  return g_strdup_printf ("visual-1-%08x", ie_projection ()->hash);
}

const char *
ie_descriptor_id (IeDescriptorMode mode)
{
  static GOnce once = G_ONCE_INIT;
  return mode == IE_DESCRIPTOR_LOOK ? "look-1" : g_once (&once, make_id, NULL);
}

/* ---- Pictures of one colour ---------------------------------------------------------------------------------------- */

/* What says how lightness is spread, wherever it is: without any, that is the same whatever the colour. */
static int
lightness_anywhere (const gint8 *vector, float *v)
{
  const IeProjection *matrix = ie_projection ();
  for (int i = 0; i < IE_DESCRIPTOR_BYTES; i++)
    v[i] = vector[i];
  transform (v);
  sign (v);
  memmove (v, v + matrix->kinds[0].outputs, (gsize) matrix->kinds[1].outputs * sizeof *v);
  return matrix->kinds[1].outputs;
}

static gpointer
describe_blank (gpointer unused)
{
  guint8 gray[8 * 8 * 3];
  gint8 vector[IE_DESCRIPTOR_BYTES];
  memset (gray, 128, sizeof gray);
  ie_describe (&(IePortrait){ 8, 8, gray }, NULL, 1, IE_DESCRIPTOR_VISUAL, vector);
  float *v = g_new (float, IE_DESCRIPTOR_BYTES);
  lightness_anywhere (vector, v);
  return v;
}

gboolean
ie_descriptor_is_blank (const gint8 vector[IE_DESCRIPTOR_BYTES])
{
  static GOnce once = G_ONCE_INIT;
  const float *blank = g_once (&once, describe_blank, NULL);
  float v[IE_DESCRIPTOR_BYTES];
  double both = 0, own = 0, of_blank = 0;
  int count = lightness_anywhere (vector, v);
  for (int i = 0; i < count; i++) {
    both += (double) v[i] * (double) blank[i];
    own += (double) v[i] * (double) v[i];
    of_blank += (double) blank[i] * (double) blank[i];
  }
  return both >= BLANK * ie_sqrt (own * of_blank);
}

gboolean
ie_descriptor_pasted (const IePortrait *portrait, IeRect *part)
{
  return ie_frame_pasted (portrait, part);
}

IeRect
ie_descriptor_part (const IePortrait *portrait, int part)
{
  int width = portrait->width, height = portrait->height;
  if (part <= 0 || part >= IE_DESCRIPTOR_PARTS)
    return (IeRect){ 0, 0, width, height };
  int w = MAX (width * 3 / 5, 1), h = MAX (height * 3 / 5, 1), right = width - w, below = height - h;
  static const struct {
    int x, y; /* halves of what remains */
  } places[IE_DESCRIPTOR_PARTS] = { { 0, 0 }, { 1, 1 }, { 0, 0 }, { 2, 0 }, { 0, 2 }, { 2, 2 } };
  return (IeRect){ right * places[part].x / 2, below * places[part].y / 2, w, h };
}
