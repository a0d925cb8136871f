// SPDX-License-Identifier: GPL-3.0-or-later
/* What the tests of the GEGL module share: buffers of pictures, operations with the values of a step, and what must come of them. */
#pragma once

#include <gegl.h>

#include "tests/run-recipe.h"

static inline GeglBuffer *
buffer_of (const Picture *picture, const char *format)
{
  GeglRectangle extent = { 0, 0, picture->header.width, picture->header.height };
  GeglBuffer *buffer = gegl_buffer_new (&extent, babl_format (format));
  gegl_buffer_set (buffer, &extent, 0, babl_format (format), picture->data, GEGL_AUTO_ROWSTRIDE);
  return buffer;
}

/* Sets the properties of a step that is written as on the command line. */
static inline GeglNode *
node_of (GeglNode *graph, const IeFilter *filter, const char *step)
{
  g_autofree char *name = g_strconcat ("imgenhance:", filter->name, NULL);
  GeglNode *node = gegl_node_new_child (graph, "operation", name, NULL);
  GError *error = NULL;
  IeRecipe *recipe = ie_recipe_new ();
  ie_recipe_add (recipe, step, &error);
  g_assert_no_error (error);
  const IeParams *params = ((IeRecipeStep *) recipe->steps->pdata[0])->params;
  for (int i = 0; i < params->count; i++) {
    if (params->params[i].type == IE_PARAM_FLOAT)
      gegl_node_set (node, params->params[i].id, params->values[i].number, NULL);
    else if (params->params[i].type == IE_PARAM_INT)
      gegl_node_set (node, params->params[i].id, (int) params->values[i].number, NULL);
  }
  ie_recipe_free (recipe);
  return node;
}

/* What the library gives, brought into the picture's layout as a layer has to be. FALSE: a layer cannot hold it. */
static inline gboolean
expected_of (const Picture *in, const char *step, Picture *expected)
{
  GError *error = NULL;
  IeRecipe *recipe = ie_recipe_new ();
  ie_recipe_add (recipe, step, &error);
  g_assert_no_error (error);
  char *why = NULL;
  Picture result = picture_run (in, recipe, (IeRunOptions){ .threads = 1 }, NULL, &why);
  ie_recipe_free (recipe);
  const IeHeader *a = &in->header, *b = &result.header;
  int colours = ie_colours (a->channels, a->has_alpha), given = result.data ? ie_colours (b->channels, b->has_alpha) : 0;
  gboolean fits = result.data && a->width == b->width && a->height == b->height && (colours == given || given == 1) &&
                  (a->has_alpha || !b->has_alpha);
  *expected = picture_new (a->width, a->height, a->channels, a->has_alpha, a->depth);
  if (!fits) {
    memcpy (expected->data, in->data, in->bytes);
  } else {
    gsize size = ie_depth_bytes (a->depth);
    for (gsize i = 0; i < (gsize) a->width * (gsize) a->height; i++)
      for (int c = 0; c < a->channels; c++) {
        guint8 *to = (guint8 *) expected->data + (i * (gsize) a->channels + (gsize) c) * size;
        int from = a->has_alpha && c == colours ? given : given == 1 ? 0 : c;
        const guint8 *sample = (const guint8 *) result.data + (i * (gsize) b->channels + (gsize) from) * size;
        static const float one = 1;
        memcpy (to, a->has_alpha && c == colours && !b->has_alpha ? (a->depth == IE_DEPTH_FLOAT ? (const void *) &one : "\377\377") : (const void *) sample, size);
      }
  }
  picture_free (&result);
  g_free (why);
  return fits;
}

static inline gboolean
has_picture (const IeFilter *filter)
{
  for (const IeParam *param = filter->params; param->id; param++)
    if (param->type == IE_PARAM_IMAGE && param->required)
      return TRUE;
  return FALSE;
}
