// SPDX-License-Identifier: GPL-3.0-or-later
/* Both passes: over a rectangle, and over a whole plane by tiles. */
#include "filters/kernel/shrink.h"

#include <string.h>

#define THRESHOLD 2.7f /* of filters/denoise.c */
#define TILE_WIDTH 512
#define TILE_HEIGHT 128 /* even, so that blocks begin at the same rows in all tiles */

static gsize
plane_bytes (IeRect rect)
{
  return ((gsize) rect.width * (gsize) rect.height * sizeof (float) + 63) & ~(gsize) 63;
}

gsize
ie_shrink_twice_memory (IeRect out, int colours, gboolean has_visible)
{
  IeRect middle = ie_rect_grow (out, IE_SHRINK_MARGIN, IE_SHRINK_MARGIN);
  return (gsize) (2 * colours + (has_visible ? 1 : 0)) * plane_bytes (middle) +
         ie_shrink_memory (middle.width, colours, FALSE) + ie_shrink_memory (out.width, colours, TRUE);
}

/* The part of a plane that lies in a smaller rectangle. */
static float *
crop (const float *from, IeRect outer, IeRect inner, IeWork *work)
{
  float *to = ie_work_alloc (work, plane_bytes (inner));
  for (int y = 0; y < inner.height; y++)
    memcpy (to + (gsize) y * (gsize) inner.width,
            from + (gsize) (inner.y + y - outer.y) * (gsize) outer.width + (inner.x - outer.x),
            (gsize) inner.width * sizeof (float));
  return to;
}

void
ie_shrink_twice (const IeShrinkNoise *noise, IeWork *work, const IeShrinkPlanes *in, const IeShrinkPlanes *out)
{
  IeRect around = ie_rect_grow (out->rect, IE_SHRINK_MARGIN, IE_SHRINK_MARGIN);
  IeShrinkPlanes pilot = { .rect = around }, middle = { .rect = around };
  for (int c = 0; c < noise->colours; c++) {
    pilot.plane[c] = ie_work_alloc (work, plane_bytes (around));
    middle.plane[c] = crop (in->plane[c], in->rect, around, work);
  }
  if (in->visible)
    middle.visible = crop (in->visible, in->rect, around, work);
  ie_shrink_pass (noise, THRESHOLD, work, in, NULL, &pilot);
  ie_shrink_pass (noise, THRESHOLD, work, &middle, &pilot, out);
}

/* ---- A whole plane ---- */

typedef struct {
  const IeShrinkNoise *noise;
  const float *from;
  gsize pitch;
  float *to;
  ptrdiff_t stride;
  int width, height, across; /* across: tiles in a row */
} Plane;

static const IeRect largest = { 0, 0, TILE_WIDTH, TILE_HEIGHT };

gsize
ie_shrink_plane_memory (int threads)
{
  gsize tile = plane_bytes (ie_rect_grow (largest, IE_SHRINK_REACH, IE_SHRINK_REACH)) + plane_bytes (largest);
  return (gsize) threads * (tile + ie_shrink_twice_memory (largest, 1, FALSE));
}

/* Reflect-101, as often as needed. */
static int
fold (int i, int size)
{
  int period = MAX (2 * (size - 1), 1);
  i = ((i % period) + period) % period;
  return i < size ? i : period - i;
}

static void
do_tile (gpointer data, int i, IeWork *work)
{
  const Plane *plane = data;
  IeRect rect = { i % plane->across * TILE_WIDTH, i / plane->across * TILE_HEIGHT, 0, 0 };
  rect.width = MIN (TILE_WIDTH, plane->width - rect.x);
  rect.height = MIN (TILE_HEIGHT, plane->height - rect.y);
  IeShrinkPlanes in = { .rect = ie_rect_grow (rect, IE_SHRINK_REACH, IE_SHRINK_REACH) }, out = { .rect = rect };
  in.plane[0] = ie_work_alloc (work, plane_bytes (in.rect));
  out.plane[0] = ie_work_alloc (work, plane_bytes (rect));
  for (int y = 0; y < in.rect.height; y++) {
    const float *row = plane->from + (gsize) fold (in.rect.y + y, plane->height) * plane->pitch;
    for (int x = 0; x < in.rect.width; x++)
      in.plane[0][(gsize) y * (gsize) in.rect.width + (gsize) x] = row[fold (in.rect.x + x, plane->width)];
  }
  ie_shrink_twice (plane->noise, work, &in, &out);
  for (int y = 0; y < rect.height; y++)
    memcpy ((char *) (plane->to + rect.x) + (ptrdiff_t) (rect.y + y) * plane->stride,
            out.plane[0] + (gsize) y * (gsize) rect.width, (gsize) rect.width * sizeof (float));
}

void
ie_shrink_plane (const IeShrinkNoise *noise, IeWork *work, const float *from, gsize pitch, float *to, ptrdiff_t stride,
                 int width, int height)
{
  Plane plane = { noise, from, pitch, to, stride, width, height, (width + TILE_WIDTH - 1) / TILE_WIDTH };
  ie_work_parallel (work, plane.across * ((height + TILE_HEIGHT - 1) / TILE_HEIGHT), do_tile, &plane);
}
