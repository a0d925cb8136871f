// SPDX-License-Identifier: GPL-3.0-or-later
/* Pictures in memory for tests of the engine: made from seeds, run through a recipe, compared. */
#pragma once

#include "core/convert.h"
#include "core/imgenhance.h"

#include <string.h>

typedef struct {
  IeHeader header;
  void *data;
  gsize bytes;
} Picture;

static inline ptrdiff_t
picture_stride (const IeHeader *header)
{
  return (ptrdiff_t) ((gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth));
}

static inline Picture
picture_new (int width, int height, int channels, gboolean has_alpha, IeDepth depth)
{
  Picture p = { .header = { .width = width, .height = height, .channels = channels, .has_alpha = has_alpha, .depth = depth,
                            .model = ie_colours (channels, has_alpha) == 1 ? IE_MODEL_GRAY : IE_MODEL_RGB } };
  p.bytes = (gsize) picture_stride (&p.header) * (gsize) height;
  p.data = g_malloc0 (MAX (p.bytes, 1));
  return p;
}

static inline void
picture_free (Picture *p)
{
  g_free (p->data);
  p->data = NULL;
}

static inline guint32
next_random (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* A scene in 8-bit codes with soft gradients, edges and noise, so that every depth can hold it exactly. */
static inline void
picture_fill (Picture *p, guint32 seed)
{
  guint32 state = seed;
  const IeHeader *h = &p->header;
  for (int y = 0; y < h->height; y++)
    for (int x = 0; x < h->width; x++)
      for (int c = 0; c < h->channels; c++) {
        int code = (x * 3 + y * 2 + c * 40) % 200 + (int) (next_random (&state) % 56);
        if ((x / 9 + y / 7) % 5 == 0)
          code = 255 - code;
        if (h->has_alpha && c == h->channels - 1)
          code = next_random (&state) % 3 ? (int) (next_random (&state) % 256) : 255;
        gsize at = ((gsize) y * (gsize) h->width + (gsize) x) * (gsize) h->channels + (gsize) c;
        if (h->depth == IE_DEPTH_U8)
          ((guint8 *) p->data)[at] = (guint8) code;
        else if (h->depth == IE_DEPTH_U16)
          ((guint16 *) p->data)[at] = (guint16) (code * 257);
        else
          ((float *) p->data)[at] = (float) code / 255.0f;
      }
}

static inline double
picture_sample (const Picture *p, gsize at)
{
  if (p->header.depth == IE_DEPTH_U8)
    return ((const guint8 *) p->data)[at] / 255.0;
  if (p->header.depth == IE_DEPTH_U16)
    return ((const guint16 *) p->data)[at] / 65535.0;
  return ((const float *) p->data)[at];
}

static inline gsize
picture_samples (const Picture *p)
{
  return p->bytes / ie_depth_bytes (p->header.depth);
}

/* The largest difference of samples, as a fraction of the range; G_MAXDOUBLE when the sizes differ. */
static inline double
picture_difference (const Picture *a, const Picture *b)
{
  if (picture_samples (a) != picture_samples (b))
    return G_MAXDOUBLE;
  double most = 0;
  for (gsize i = 0; i < picture_samples (a); i++) {
    double d = picture_sample (a, i) - picture_sample (b, i);
    most = MAX (most, d < 0 ? -d : d);
  }
  return most;
}

/* Runs a step over a picture; the result is new. NULL data and the error's text in *why (g_free) when it fails. */
static inline Picture
picture_run (const Picture *in, const IeRecipe *recipe, IeRunOptions options, IeReport *report, char **why)
{
  GError *error = NULL;
  Picture out = { 0 };
  IeSource *source = ie_memory_source_new (&in->header, in->data, picture_stride (&in->header));
  IePlan *plan = ie_plan_new (recipe, source, &options, &error);
  if (plan) {
    const IeHeader *h = ie_plan_output (plan);
    out = picture_new (h->width, h->height, h->channels, h->has_alpha, h->depth);
    IeSink *sink = ie_memory_sink_new (&out.header, out.data, picture_stride (&out.header));
    if (!ie_plan_run (plan, sink, report, &error))
      picture_free (&out);
    ie_sink_free (sink);
  }
  ie_plan_free (plan);
  ie_source_free (source);
  if (why)
    *why = error ? g_strdup (error->message) : NULL;
  else if (error)
    g_error ("%s", error->message);
  g_clear_error (&error);
  return out;
}

static inline Picture
picture_step (const Picture *in, const char *step, IeRunOptions options)
{
  GError *error = NULL;
  IeRecipe *recipe = ie_recipe_new ();
  if (!ie_recipe_add (recipe, step, &error))
    g_error ("%s: %s", step, error->message);
  Picture out = picture_run (in, recipe, options, NULL, NULL);
  ie_recipe_free (recipe);
  return out;
}

/* Parameters that make a filter do something, made from its descriptor alone: each number three tenths of the way from its
 * default to the far end of its slider. g_free() the step's text. */
static inline char *
probe_step (const IeFilter *filter)
{
  GString *text = g_string_new (filter->name);
  for (const IeParam *p = filter->params; p->id; p++) {
    if (p->type != IE_PARAM_FLOAT && p->type != IE_PARAM_INT)
      continue;
    gboolean slider = p->slider_min != 0 || p->slider_max != 0;
    double low = slider ? p->slider_min : p->min, high = slider ? p->slider_max : p->max;
    double far = high - p->initial > p->initial - low ? high : low;
    double value = p->initial + 0.1 * (far - p->initial);
    if (p->type == IE_PARAM_INT)
      value = (double) (int) value;
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf (text, " %s=%s", p->id, g_ascii_dtostr (number, sizeof number, value));
  }
  return g_string_free (text, FALSE);
}
