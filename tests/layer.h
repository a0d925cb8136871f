// SPDX-License-Identifier: GPL-3.0-or-later
/* For tests of previews: layers as GEGL buffers, and what the plug-ins make of them. */
#pragma once

#include "plugins/common/apply.h"
#include "plugins/common/render.h"
#include "tests/run-recipe.h"

typedef struct {
  GeglBuffer *buffer;
  GeglRectangle extent;
  IeBufferKind kind;
} Layer;

static inline Layer *
layer_new (int width, int height, int colours, gboolean has_alpha, IeDepth depth, guint32 seed)
{
  static const char *const types[] = { "u8", "u16", "float" };
  GError *error = NULL;
  Picture p = picture_new (width, height, colours + (has_alpha ? 1 : 0), has_alpha, depth);
  picture_fill (&p, seed);
  g_autofree char *format = g_strdup_printf ("%s'%s %s", colours == 1 ? "Y" : "R'G'B", has_alpha ? "A" : "", types[depth]);
  /* A layer need not begin at 0, 0. */
  Layer *layer = g_new0 (Layer, 1);
  layer->extent = (GeglRectangle){ 7, -3, width, height };
  layer->buffer = gegl_buffer_new (&layer->extent, babl_format (format));
  gegl_buffer_set (layer->buffer, &layer->extent, 0, babl_format (format), p.data, (int) picture_stride (&p.header));
  ie_buffer_kind_init (&layer->kind, babl_format (format), width, height, NULL, &error);
  g_assert_no_error (error);
  picture_free (&p);
  return layer;
}

static inline void
layer_free (Layer *layer)
{
  g_object_unref (layer->buffer);
  ie_buffer_kind_clear (&layer->kind);
  g_free (layer);
}

static inline IeRecipe *
recipe_of (const char *text)
{
  GError *error = NULL;
  g_autofree char *lines = g_strconcat (text, "\n", NULL);
  IeRecipe *recipe = ie_recipe_parse (lines, &error);
  g_assert_no_error (error);
  return recipe;
}

/* Every further picture is this layer. */
static Layer *further;

static inline IeSource *
resolve (gpointer data, const char *text, GError **error)
{
  if (further && strcmp (text, "other") == 0)
    return ie_buffer_picture_new (further->buffer, NULL, NULL, NULL, error);
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, "picture %s cannot be read", text);
  return NULL;
}

/* What the plug-ins make of the layer, in its own layout; NULL and its reason. */
static inline guint8 *
applied (const Layer *layer, const char *text, char **why)
{
  GError *error = NULL;
  IeRecipe *recipe = recipe_of (text);
  GeglBuffer *out = gegl_buffer_new (&layer->extent, layer->kind.format);
  IeBufferJob job = { .recipe = recipe, .in = layer->buffer, .out = out, .extent = layer->extent, .kind = &layer->kind,
                      .only = ie_rect_whole (&layer->kind.header), .options = { .threads = 1, .resolve = resolve } };
  guint8 *data = NULL;
  if (ie_buffer_apply (&job, NULL, &error)) {
    gsize row = (gsize) picture_stride (&layer->kind.header);
    data = g_malloc (row * (gsize) layer->extent.height);
    gegl_buffer_get (out, &layer->extent, 1, layer->kind.format, data, (int) row, GEGL_ABYSS_NONE);
  }
  *why = error ? g_strdup (error->message) : NULL;
  g_clear_error (&error);
  g_object_unref (out);
  ie_recipe_free (recipe);
  return data;
}

static inline void
same_pixels (const Layer *layer, const IePiece *piece, const guint8 *whole, const char *what)
{
  gsize pixel = (gsize) layer->kind.header.channels * ie_depth_bytes (layer->kind.header.depth);
  gsize row = (gsize) layer->extent.width * pixel;
  for (int y = 0; y < piece->height; y++)
    if (memcmp (piece->data + y * piece->stride, whole + (gsize) (piece->rect.y + y) * row + (gsize) piece->rect.x * pixel,
                (gsize) piece->width * pixel) != 0)
      g_error ("%s: row %d of %d x %d at %d, %d is not the result's", what, y, piece->width, piece->height, piece->rect.x,
               piece->rect.y);
}

static inline IeRect
random_rect (const Layer *layer)
{
  int width = g_test_rand_int_range (1, layer->extent.width + 1), height = g_test_rand_int_range (1, layer->extent.height + 1);
  return (IeRect){ g_test_rand_int_range (0, layer->extent.width - width + 1),
                   g_test_rand_int_range (0, layer->extent.height - height + 1), width, height };
}
