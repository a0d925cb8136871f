// SPDX-License-Identifier: GPL-3.0-or-later
/* tool-gegl FILE...: pictures of any kind through every operation of the GEGL module, for a look at them with sanitizers. Of a large
 * picture a part. A line for each file: how many operations ran, or why it was not read. Where a picture has no profile of its
 * own, the results are compared with the library's. Exit code 1: some differ. */
#include "tests/gegl-graph.h"

#include "imageio/imageio.h"

/* No picture is taken further. Under sanitizers all is slow: less of it, and what comes out is compared without them. */
#ifdef __SANITIZE_ADDRESS__
#define SIDE 72
#define COMPARES FALSE
#else
#define SIDE 160
#define COMPARES TRUE
#endif
#define LARGEST (1u << 24) /* pixels of a file */

static const char *
format_of (const IeHeader *h)
{
  static const char *const models[] = { "Y'", "Y'A", "R'G'B'", "R'G'B'A" };
  static const char *const types[] = { "u8", "u16", "float" };
  static char name[32];
  if ((h->model != IE_MODEL_GRAY && h->model != IE_MODEL_RGB) || h->channels < 1 || h->channels > 4 ||
      (h->channels % 2 == 0) != h->has_alpha)
    return NULL;
  g_snprintf (name, sizeof name, "%s %s", models[h->channels - 1], types[h->depth]);
  return name;
}

/* A picture's part in the middle. */
static Picture
part_of (const Picture *p)
{
  const IeHeader *h = &p->header;
  int width = MIN (h->width, SIDE), height = MIN (h->height, SIDE), x = (h->width - width) / 2, y = (h->height - height) / 2;
  Picture part = picture_new (width, height, h->channels, h->has_alpha, h->depth);
  gsize pixel = (gsize) h->channels * ie_depth_bytes (h->depth);
  for (int row = 0; row < height; row++)
    memcpy ((guint8 *) part.data + (gsize) row * (gsize) width * pixel,
            (const guint8 *) p->data + ((gsize) (y + row) * (gsize) h->width + (gsize) x) * pixel, (gsize) width * pixel);
  return part;
}

/* The file's pixels; NULL data and *why (g_free()) else. */
static Picture
read_picture (const char *path, GBytes **icc, char **why)
{
  GError *error = NULL;
  Picture whole = { 0 };
  *icc = NULL;
  IeSource *source = ie_read_file (path, NULL, NULL, &error);
  if (source && (guint64) source->header.width * (guint64) source->header.height > LARGEST) {
    g_set_error_literal (&error, IE_ERROR, IE_ERROR_INPUT, "too large for this test");
  } else if (source) {
    IeRecipe *recipe = ie_recipe_new ();
    IeRunOptions options = { .threads = 1 };
    IePlan *plan = ie_plan_new (recipe, source, &options, &error);
    if (plan) {
      const IeHeader *h = ie_plan_output (plan);
      whole = picture_new (h->width, h->height, h->channels, h->has_alpha, h->depth);
      whole.header.model = h->model;
      IeSink *sink = ie_memory_sink_new (&whole.header, whole.data, picture_stride (&whole.header));
      if (!ie_plan_run (plan, sink, NULL, &error))
        picture_free (&whole);
      else if (h->metadata && h->metadata->icc)
        *icc = g_bytes_ref (h->metadata->icc);
      ie_sink_free (sink);
    }
    ie_plan_free (plan);
    ie_recipe_free (recipe);
  }
  ie_source_free (source);
  *why = error ? g_strdup (error->message) : NULL;
  g_clear_error (&error);
  return whole;
}

/* Runs one operation over all of a buffer that does not begin at 0; whether the result is the library's. */
static gboolean
run (const Picture *in, const Babl *format, const IeFilter *filter, gboolean compare)
{
  const IeHeader *h = &in->header;
  GeglRectangle all = { -7, 5, h->width, h->height };
  GeglBuffer *buffer = gegl_buffer_new (&all, format);
  gegl_buffer_set (buffer, &all, 0, format, in->data, GEGL_AUTO_ROWSTRIDE);
  GeglNode *graph = gegl_node_new ();
  GeglNode *source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
  GeglNode *node = node_of (graph, filter, filter->name);
  gegl_node_link_many (source, node, NULL);
  /* A second picture: the same one. */
  if (has_picture (filter))
    gegl_node_connect_to (source, "output", node, "aux");
  Picture out = picture_new (h->width, h->height, h->channels, h->has_alpha, h->depth), expected;
  gegl_node_blit (node, 1.0, &all, format, out.data, GEGL_AUTO_ROWSTRIDE, GEGL_BLIT_DEFAULT);
  gboolean same = TRUE;
  if (compare) {
    expected_of (in, filter->name, &expected);
    same = memcmp (out.data, expected.data, out.bytes) == 0;
    picture_free (&expected);
  }
  picture_free (&out);
  g_object_unref (graph);
  g_object_unref (buffer);
  return same;
}

static gboolean
run_all (const char *path)
{
  char *why;
  GBytes *icc;
  gboolean good = TRUE;
  Picture whole = read_picture (path, &icc, &why);
  const char *name = whole.data ? format_of (&whole.header) : NULL;
  if (!name) {
    g_print ("%s: %s\n", path, whole.data ? "not gray or RGB" : why);
  } else {
    Picture part = part_of (&whole);
    const Babl *space = NULL, *format = babl_format (name);
    gsize length;
    if (icc) {
      const char *error = NULL, *data = g_bytes_get_data (icc, &length);
      space = babl_space_from_icc (data, (int) length, BABL_ICC_INTENT_RELATIVE_COLORIMETRIC, &error);
      if (space)
        format = babl_format_with_space (name, space);
    }
    int count, differ = 0;
    const IeFilter *const *filters = ie_filters (&count);
    for (int i = 0; i < count; i++)
      if (!run (&part, format, filters[i], COMPARES && !icc && !has_picture (filters[i]))) {
        g_print ("%s: %s differs from the library\n", path, filters[i]->name);
        differ++;
      }
    g_print ("%s: %s%s, %d operations, %d differ\n", path, babl_get_name (format), icc ? space ? ", its profile" : ", a profile that babl has not" : "",
             count, differ);
    good = differ == 0;
    picture_free (&part);
  }
  picture_free (&whole);
  g_clear_pointer (&icc, g_bytes_unref);
  g_free (why);
  return good;
}

int
main (int argc, char **argv)
{
  begin_few_modules ();
  gboolean good = TRUE;
  for (int i = 1; i < argc; i++)
    good = run_all (argv[i]) && good;
  gegl_exit ();
  return good ? 0 : 1;
}
