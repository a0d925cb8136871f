// SPDX-License-Identifier: GPL-3.0-or-later
/* What the tests of the GEGL module share: buffers of pictures, operations with the values of a step, and what must come of them. */
#pragma once

#include <dlfcn.h>
#include <gegl.h>
#include <unistd.h>

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

/* Begins GEGL with the module that was built and GEGL's own plain ones alone: those that bring other libraries, which keep memory of
 * their own, would make noise under sanitizers. All stay loaded to the end, so that these can name them. */
static inline void
begin_few_modules (void)
{
  static const char *const names[] = { "gegl-core.so", "gegl-common.so", "gegl-generated.so" };
  g_autofree char *folder = g_dir_make_tmp ("imgenhance-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_autofree char *own = g_build_filename (folder, "imgenhance-gegl.so", NULL);
  g_assert_cmpint (symlink (IE_MODULE, own), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *from = g_build_filename (IE_GEGL_PLUGINS, names[i], NULL), *to = g_build_filename (folder, names[i], NULL);
    g_assert_cmpint (symlink (from, to), ==, 0);
    dlopen (to, RTLD_LAZY | RTLD_NODELETE);
  }
  g_assert_nonnull (dlopen (own, RTLD_NOW | RTLD_NODELETE));
  g_setenv ("GEGL_PATH", folder, TRUE);
  /* Operations under the GPL are there only for those who say that they are too; GIMP does. (Said later, all would be loaded twice.) */
  g_object_set (gegl_config (), "application-license", "GPL3", "use-opencl", FALSE, NULL);
  gegl_init (NULL, NULL);
  gegl_has_operation ("imgenhance:gaussian");
  unlink (own);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *to = g_build_filename (folder, names[i], NULL);
    unlink (to);
  }
  rmdir (folder);
}
