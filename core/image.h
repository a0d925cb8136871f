// SPDX-License-Identifier: GPL-3.0-or-later
/* Images: sample depth, rectangles, the header of a picture, a view of its pixels.
 *
 * Conventions that hold in the whole library:
 * - Pixels are interleaved: `channels` samples a pixel, alpha (if any) last and straight (not premultiplied).
 * - u8 0..255, u16 0..65535 and float 0..1 are the same range; float may leave it.
 * - x grows to the right, y down; a rectangle holds x .. x + width - 1. Strides are in bytes.
 */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

#define IE_API __attribute__((visibility("default")))

#define IE_MAX_CHANNELS 5 /* four colour channels and alpha */

typedef enum { IE_DEPTH_U8, IE_DEPTH_U16, IE_DEPTH_FLOAT } IeDepth;

/* How the colour channels are to be read. OTHER: no colour meaning is known; filters treat each channel alone. */
typedef enum { IE_MODEL_GRAY, IE_MODEL_RGB, IE_MODEL_CMYK, IE_MODEL_LAB, IE_MODEL_OTHER } IeModel;

typedef struct {
  int x, y, width, height;
} IeRect;

/* A text with a name: PNG's text chunks, a JPEG's comment (name "Comment"). */
typedef struct {
  char *name;       /* ASCII or UTF-8, 1..79 characters */
  char *text;       /* UTF-8 */
  gboolean latin1;  /* the file held Latin-1, which the text still fits */
} IeText;

/* What a picture carries beside its samples. Owned by whoever made it (a reader, a face); headers only point at it, and
 * the owner outlives every header that does. NULL members: absent. */
typedef struct {
  GBytes *icc;              /* embedded ICC profile, as stored */
  GBytes *exif, *xmp, *iptc; /* blobs as stored, without the container's own framing */
  GBytes *photoshop; /* Photoshop's image resources ("8BIM...") that are not told by the members here */
  double x_resolution, y_resolution; /* pixels per inch; 0 when unknown */
  int orientation;          /* EXIF orientation 1..8; 0 when unknown. Pixels stay in stored orientation. */
  GPtrArray *texts;         /* of IeText: comments and named texts; NULL: none */
  struct IeLayout *layout;  /* how the file stores its samples (imageio/imageio.h); NULL: nothing worth keeping */
} IeMetadata;

typedef struct {
  int width, height;
  int channels;      /* samples a pixel, alpha included: 1..IE_MAX_CHANNELS */
  gboolean has_alpha; /* the last channel is straight alpha */
  IeDepth depth;
  int bits;          /* significant bits of an integer sample where the file says fewer than the depth holds; else 0 */
  IeModel model;
  const IeMetadata *metadata; /* borrowed; may be NULL */
} IeHeader;

/* A view of the pixels of `rect`. `data` points at the first sample of its top left pixel; memory is not owned. */
typedef struct {
  void *data;
  ptrdiff_t stride; /* bytes from a row to the next */
  IeRect rect;      /* where these pixels lie, in picture coordinates; may reach beyond the picture for inputs */
  int channels;
  gboolean has_alpha;
  IeDepth depth;
} IePixels;

static inline size_t
ie_depth_bytes (IeDepth depth)
{
  return depth == IE_DEPTH_U8 ? 1 : depth == IE_DEPTH_U16 ? 2 : 4;
}

/* The largest code of an integer depth, 1 for float. */
static inline float
ie_depth_range (IeDepth depth)
{
  return depth == IE_DEPTH_U8 ? 255.0f : depth == IE_DEPTH_U16 ? 65535.0f : 1.0f;
}

static inline int
ie_colours (int channels, gboolean has_alpha)
{
  return channels - (has_alpha ? 1 : 0);
}

static inline int
ie_header_colours (const IeHeader *header)
{
  return ie_colours (header->channels, header->has_alpha);
}

/* Address of pixel (x, y) of the picture, which must lie in pixels->rect. */
static inline void *
ie_pixels_at (const IePixels *pixels, int x, int y)
{
  return (char *) pixels->data + (ptrdiff_t) (y - pixels->rect.y) * pixels->stride +
         (ptrdiff_t) (x - pixels->rect.x) * (ptrdiff_t) ((size_t) pixels->channels * ie_depth_bytes (pixels->depth));
}

/* The same pixels, seen through a smaller rectangle inside theirs. */
static inline IePixels
ie_pixels_part (const IePixels *pixels, IeRect part)
{
  IePixels view = *pixels;
  view.data = ie_pixels_at (pixels, part.x, part.y);
  view.rect = part;
  return view;
}

static inline IeRect
ie_rect_whole (const IeHeader *header)
{
  return (IeRect){ 0, 0, header->width, header->height };
}

static inline IeRect
ie_rect_grow (IeRect r, int dx, int dy)
{
  return (IeRect){ r.x - dx, r.y - dy, r.width + 2 * dx, r.height + 2 * dy };
}

static inline gboolean
ie_rect_inside (IeRect inner, IeRect outer)
{
  return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width &&
         inner.y + inner.height <= outer.y + outer.height;
}

static inline IeRect
ie_rect_intersect (IeRect a, IeRect b)
{
  int x0 = MAX (a.x, b.x), y0 = MAX (a.y, b.y);
  int x1 = MIN (a.x + a.width, b.x + b.width), y1 = MIN (a.y + a.height, b.y + b.height);
  return (IeRect){ x0, y0, MAX (x1 - x0, 0), MAX (y1 - y0, 0) };
}

/* The border rule of the whole library: reflect-101 (dcb|abcd|cba), folded as often as needed.
 * Any i maps into 0 .. size - 1; size 1 maps everything to 0. */
static inline int
ie_reflect (int i, int size)
{
  if ((unsigned) i < (unsigned) size)
    return i;
  if (size == 1)
    return 0;
  int period = 2 * (size - 1);
  i %= period;
  if (i < 0)
    i += period;
  return i < size ? i : period - i;
}

G_END_DECLS
