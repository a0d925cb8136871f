// SPDX-License-Identifier: GPL-3.0-or-later
/* The GEGL module: every filter of the registry is an operation, whose result at its parameters is that of the library,
 * sample for sample, in every format that GIMP has, also where the graph asks for a part; wrong values and pictures that cannot be done leave
 * the picture as it is. */
#include "tests/gegl-graph.h"

typedef struct {
  const char *format;
  int channels;
  gboolean has_alpha;
  IeDepth depth;
} Kind;

static const Kind kinds[] = {
  { "R'G'B' u8", 3, FALSE, IE_DEPTH_U8 },       { "R'G'B'A u8", 4, TRUE, IE_DEPTH_U8 },     { "Y' u8", 1, FALSE, IE_DEPTH_U8 },
  { "R'G'B' u16", 3, FALSE, IE_DEPTH_U16 },     { "Y'A u16", 2, TRUE, IE_DEPTH_U16 },       { "Y' float", 1, FALSE, IE_DEPTH_FLOAT },
  { "R'G'B' float", 3, FALSE, IE_DEPTH_FLOAT }, { "R'G'B'A float", 4, TRUE, IE_DEPTH_FLOAT },
};

/* The pixels of `roi` as the graph gives them, in the format that came in. */
static void
run_graph (const Picture *in, const char *format, const IeFilter *filter, const char *step, GeglRectangle roi, void *out)
{
  GeglNode *graph = gegl_node_new ();
  GeglBuffer *buffer = buffer_of (in, format);
  GeglNode *source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
  GeglNode *node = node_of (graph, filter, step);
  gegl_node_link_many (source, node, NULL);
  gegl_node_blit (node, 1.0, &roi, babl_format (format), out, GEGL_AUTO_ROWSTRIDE, GEGL_BLIT_DEFAULT);
  g_object_unref (graph);
  g_object_unref (buffer);
}

static void
check (const IeFilter *filter, const char *step, const Kind *kind)
{
  Picture in = picture_new (150, 110, kind->channels, kind->has_alpha, kind->depth), expected;
  picture_fill (&in, 21);
  expected_of (&in, step, &expected);
  Picture out = picture_new (150, 110, kind->channels, kind->has_alpha, kind->depth);
  run_graph (&in, kind->format, filter, step, (GeglRectangle){ 0, 0, 150, 110 }, out.data);
  if (memcmp (out.data, expected.data, out.bytes) != 0)
    g_error ("%s on %s: other samples, up to %g of the range", step, kind->format, picture_difference (&out, &expected));
  /* A part in the middle. */
  gsize pixel = (gsize) kind->channels * ie_depth_bytes (kind->depth);
  run_graph (&in, kind->format, filter, step, (GeglRectangle){ 40, 30, 61, 47 }, out.data);
  for (gsize y = 0; y < 47; y++)
    if (memcmp ((guint8 *) out.data + y * 61 * pixel, (guint8 *) expected.data + ((y + 30) * 150 + 40) * pixel, 61 * pixel) != 0)
      g_error ("%s on %s: a part has other samples in its row %d", step, kind->format, (int) y);
  picture_free (&in);
  picture_free (&out);
  picture_free (&expected);
}

static void
test_filters (void)
{
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  for (int i = 0; i < count; i++) {
    g_autofree char *name = g_strconcat ("imgenhance:", filters[i]->name, NULL);
    g_assert_true (gegl_has_operation (name));
    if (has_picture (filters[i]))
      continue;
    g_autofree char *step = probe_step (filters[i]);
    g_test_message ("%s", step);
    for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
      check (filters[i], step, &kinds[k]);
  }
}

/* One pixel, and one row. */
static void
test_small (void)
{
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  static const int sizes[][2] = { { 1, 1 }, { 40, 1 }, { 1, 40 } };
  for (int i = 0; i < count; i++)
    for (int s = 0; s < 3; s++) {
      Picture in = picture_new (sizes[s][0], sizes[s][1], 3, FALSE, IE_DEPTH_U8), expected;
      picture_fill (&in, 3);
      Picture out = picture_new (sizes[s][0], sizes[s][1], 3, FALSE, IE_DEPTH_U8);
      run_graph (&in, "R'G'B' u8", filters[i], filters[i]->name, (GeglRectangle){ 0, 0, sizes[s][0], sizes[s][1] }, out.data);
      expected_of (&in, filters[i]->name, &expected);
      g_assert_cmpmem (out.data, out.bytes, expected.data, expected.bytes);
      picture_free (&in);
      picture_free (&out);
      picture_free (&expected);
    }
}

/* An older version of a filter, as a saved image names it. */
static void
test_version (void)
{
  Picture in = picture_new (80, 60, 3, FALSE, IE_DEPTH_U8), expected;
  picture_fill (&in, 4);
  Picture out = picture_new (80, 60, 3, FALSE, IE_DEPTH_U8);
  expected_of (&in, "unsharp@1", &expected);
  GeglNode *graph = gegl_node_new ();
  GeglBuffer *buffer = buffer_of (&in, "R'G'B' u8");
  GeglNode *source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
  GeglNode *node = gegl_node_new_child (graph, "operation", "imgenhance:unsharp", "filter-version", 1, NULL);
  gegl_node_link_many (source, node, NULL);
  gegl_node_blit (node, 1.0, &(GeglRectangle){ 0, 0, 80, 60 }, babl_format ("R'G'B' u8"), out.data, GEGL_AUTO_ROWSTRIDE,
                  GEGL_BLIT_DEFAULT);
  g_assert_cmpmem (out.data, out.bytes, expected.data, expected.bytes);
  g_object_unref (graph);
  g_object_unref (buffer);
  picture_free (&in);
  picture_free (&out);
  picture_free (&expected);
}

/* The second picture comes by the aux pad. */
static void
test_aux (void)
{
  Picture in = picture_new (90, 70, 3, FALSE, IE_DEPTH_U8), frame = picture_new (90, 70, 3, FALSE, IE_DEPTH_U8);
  picture_fill (&in, 4);
  memset (frame.data, 128, frame.bytes);
  for (int i = 0; i < 90 * 30 * 3; i++)
    ((guint8 *) frame.data)[i] = 200;
  Picture out = picture_new (90, 70, 3, FALSE, IE_DEPTH_U8), alone = picture_new (90, 70, 3, FALSE, IE_DEPTH_U8);
  for (int with = 0; with < 2; with++) {
    GeglNode *graph = gegl_node_new ();
    GeglBuffer *buffer = buffer_of (&in, "R'G'B' u8"), *second = buffer_of (&frame, "R'G'B' u8");
    GeglNode *source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
    GeglNode *other = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", second, NULL);
    GeglNode *node = gegl_node_new_child (graph, "operation", "imgenhance:flat-field", NULL);
    gegl_node_link_many (source, node, NULL);
    if (with)
      gegl_node_connect_to (other, "output", node, "aux");
    gegl_node_blit (node, 1.0, &(GeglRectangle){ 0, 0, 90, 70 }, babl_format ("R'G'B' u8"), with ? out.data : alone.data,
                    GEGL_AUTO_ROWSTRIDE, GEGL_BLIT_DEFAULT);
    g_object_unref (graph);
    g_object_unref (buffer);
    g_object_unref (second);
  }
  g_assert_cmpint (memcmp (out.data, alone.data, out.bytes), !=, 0);
  g_assert_cmpint (memcmp (out.data, in.data, out.bytes), !=, 0);
  picture_free (&in);
  picture_free (&frame);
  picture_free (&out);
  picture_free (&alone);
}

int
main (int argc, char **argv)
{
  g_setenv ("GEGL_PATH", IE_GEGL_PATH, TRUE);
  g_test_init (&argc, &argv, NULL);
  /* GEGL's own modules warn of each other. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  gegl_init (NULL, NULL);
  /* Operations under the GPL are there only for those who say that they are too; GIMP does. */
  g_object_set (gegl_config (), "application-license", "GPL3", NULL);
  g_test_add_func ("/gegl/filters", test_filters);
  g_test_add_func ("/gegl/small", test_small);
  g_test_add_func ("/gegl/version", test_version);
  g_test_add_func ("/gegl/aux", test_aux);
  int result = g_test_run ();
  gegl_exit ();
  return result;
}
