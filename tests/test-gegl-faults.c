// SPDX-License-Identifier: GPL-3.0-or-later
/* The GEGL module lives inside GIMP: whichever of its allocations fails, it does not end the program, the operation gives its result or
 * leaves the picture as it is and says why, and the next time it works; what may not fail is small; what does not fit is refused.
 * With a build that has sanitizers they look on, for leaks too. */
#include "tests/fault-allocation.h"
#include "tests/gegl-graph.h"

#include <unistd.h>

/* What GLib may be asked for without a way back: tables of 65536 numbers and the like, whatever the picture is; and 4 bytes for each row of
 * it (the gain of a column, fourier-notch). */
#define LARGEST_CERTAIN (320u << 10)
#define BYTES_A_ROW 4
#define WORTH 8192

static int messages;

static void
count_message (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  if (g_str_has_prefix (message, "imgenhance:"))
    messages++;
  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    g_log_default_handler (domain, level, message, data);
}

typedef struct {
  GeglNode *graph, *node;
  GeglBuffer *buffer, *aux;
  const char *format;
} Graph;

/* aux: give the second picture, too (the same one). */
static Graph
graph_new (const Picture *in, const char *format, const IeFilter *filter, const char *step, gboolean aux)
{
  Graph graph = { gegl_node_new (), NULL, buffer_of (in, format), NULL, format };
  GeglNode *source = gegl_node_new_child (graph.graph, "operation", "gegl:buffer-source", "buffer", graph.buffer, NULL);
  graph.node = node_of (graph.graph, filter, step);
  gegl_node_link_many (source, graph.node, NULL);
  if (aux) {
    graph.aux = buffer_of (in, format);
    GeglNode *other = gegl_node_new_child (graph.graph, "operation", "gegl:buffer-source", "buffer", graph.aux, NULL);
    gegl_node_connect_to (other, "output", graph.node, "aux");
  }
  return graph;
}

static void
graph_run (const Graph *graph, const Picture *out)
{
  GeglRectangle all = { 0, 0, out->header.width, out->header.height };
  /* The source's pixels are said to have changed, or GEGL would answer from its cache. */
  gegl_node_blit (graph->node, 1.0, &all, babl_format (graph->format), out->data, GEGL_AUTO_ROWSTRIDE, GEGL_BLIT_DEFAULT);
}

static void
graph_free (Graph *graph)
{
  g_object_unref (graph->graph);
  g_object_unref (graph->buffer);
  g_clear_object (&graph->aux);
}

static gboolean
same (const Picture *a, const Picture *b)
{
  return a->bytes == b->bytes && memcmp (a->data, b->data, a->bytes) == 0;
}

/* Lets each allocation of a run fail, one after the other; how many there were. */
static int
sweep (const IeFilter *filter, const char *step, const Picture *in, const char *format, gboolean aux)
{
  const IeHeader *h = &in->header;
  Picture want = picture_new (h->width, h->height, h->channels, h->has_alpha, h->depth);
  Picture out = picture_new (h->width, h->height, h->channels, h->has_alpha, h->depth);
  Graph graph = graph_new (in, format, filter, step, aux);
  graph_run (&graph, &want);
  graph_free (&graph);
  int n = 0;
  gboolean hit = TRUE;
  while (hit) {
    messages = 0;
    ie_faults_arm (++n);
    graph = graph_new (in, format, filter, step, aux);
    graph_run (&graph, &out);
    hit = ie_faults_struck ();
    ie_faults_arm (0);
    gboolean good = same (&out, &want), unchanged = same (&out, in);
    if (!good && !unchanged)
      g_error ("%s on %s: with allocation %d failing there is neither the result nor the picture", step, format, n);
    if (!good && messages == 0)
      g_error ("%s on %s: with allocation %d failing nothing was done and nothing said", step, format, n);
    /* The same operation, asked again for all of it. */
    double number;
    const char *id = filter->params->id;
    gboolean numeric = id && filter->params->type == IE_PARAM_FLOAT;
    if (hit && numeric) {
      gegl_node_get (graph.node, id, &number, NULL);
      gegl_node_set (graph.node, id, number == filter->params->min ? filter->params->max : filter->params->min, NULL);
      gegl_node_set (graph.node, id, number, NULL);
      graph_run (&graph, &out);
      if (!same (&out, &want))
        g_error ("%s on %s: after allocation %d failed once there is no result any more", step, format, n);
    }
    graph_free (&graph);
  }
  picture_free (&want);
  picture_free (&out);
  return n - 1;
}

static gboolean
takes_picture (const IeFilter *filter)
{
  for (const IeParam *param = filter->params; param->id; param++)
    if (param->type == IE_PARAM_IMAGE)
      return TRUE;
  return FALSE;
}

static void
test_sweep (void)
{
  static const struct {
    const char *format;
    int channels;
    gboolean has_alpha;
    IeDepth depth;
  } kinds[] = { { "R'G'B'A u8", 4, TRUE, IE_DEPTH_U8 }, { "RGB float", 3, FALSE, IE_DEPTH_FLOAT }, { "Y u16", 1, FALSE, IE_DEPTH_U16 } };
  int count, all = 0;
  const IeFilter *const *filters = ie_filters (&count);
  for (int i = 0; i < count; i++) {
    g_autofree char *step = probe_step (filters[i]);
    int own = 0;
    for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++) {
      Picture in = picture_new (61, 37, kinds[k].channels, kinds[k].has_alpha, kinds[k].depth);
      picture_fill (&in, 5);
      if (!has_picture (filters[i]))
        own += sweep (filters[i], step, &in, kinds[k].format, FALSE);
      if (takes_picture (filters[i]))
        own += sweep (filters[i], step, &in, kinds[k].format, TRUE);
      picture_free (&in);
    }
    g_test_message ("%s: %d allocations", step, own);
    all += own;
  }
  g_test_message ("%d allocations failed in turn", all);
  g_assert_cmpint (all, >, count);
}

/* What may not fail does not grow with the picture beyond some numbers for each row and column. */
static void
test_certain (void)
{
#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("malloc() is the sanitizer's");
  return;
#endif
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  static const int sizes[][2] = { { 60, 50 }, { 8009, 20 }, { 20, 8009 } };
  for (int i = 0; i < count; i++) {
    gpointer where;
    gsize largest[3];
    for (int s = 0; s < 3; s++) {
      Picture in = picture_new (sizes[s][0], sizes[s][1], 3, FALSE, IE_DEPTH_U16), out = in;
      out = picture_new (sizes[s][0], sizes[s][1], 3, FALSE, IE_DEPTH_U16);
      picture_fill (&in, 6);
      Graph graph = graph_new (&in, "R'G'B' u16", filters[i], filters[i]->name, FALSE);
      ie_faults_largest (NULL);
      graph_run (&graph, &out);
      largest[s] = ie_faults_largest (&where);
      gsize bound = MAX (largest[0], (gsize) MAX (sizes[s][0], sizes[s][1]) * BYTES_A_ROW + WORTH);
      if (largest[s] > LARGEST_CERTAIN || largest[s] > bound)
        g_error ("%s, %d x %d: %" G_GSIZE_FORMAT " bytes that must not fail, at %p of the module; %" G_GSIZE_FORMAT " where it is small",
                 filters[i]->name, sizes[s][0], sizes[s][1], largest[s], where, largest[0]);
      graph_free (&graph);
      picture_free (&in);
      picture_free (&out);
    }
  }
}

/* Formats that the library does not know pass as float, or as they are. */
static void
test_formats (void)
{
  static const char *const formats[] = { "RaGaBaA float", "R'aG'aB'aA u8",  "YaA float",    "R'G'B' half",   "RGBA double", "CIE Lab float",
                                         "CIE LCH(ab) float", "HSVA float", "HSLA float", "Y'CbCr float", "CMYK float", "cmyk u8",
                                         "R'G'B' u32", "Y u32", "CIE XYZ float", "R'G'B'A u15", "Y u8", "YA half" };
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  for (gsize f = 0; f < G_N_ELEMENTS (formats) + 1; f++) {
    const Babl *format;
    if (f == G_N_ELEMENTS (formats)) {
      static const guint8 colours[] = { 0, 0, 0, 255, 0, 0, 0, 255, 0, 255, 255, 255 };
      babl_new_palette ("ie-test-palette", &format, NULL);
      babl_palette_set_palette (format, babl_format ("R'G'B' u8"), (void *) (gsize) colours, 4);
    } else if (!babl_format_exists (formats[f])) {
      continue;
    } else {
      format = babl_format (formats[f]);
    }
    GeglRectangle all = { -3, 4, 40, 30 };
    gsize bytes = (gsize) babl_format_get_bytes_per_pixel (format) * 40 * 30;
    g_autofree guint8 *pixels = g_malloc0 (bytes);
    GeglBuffer *buffer = gegl_buffer_new (&all, format);
    gegl_buffer_set (buffer, &all, 0, format, pixels, GEGL_AUTO_ROWSTRIDE);
    for (int i = 0; i < count; i++) {
      GeglNode *graph = gegl_node_new ();
      GeglNode *source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
      g_autofree char *name = g_strconcat ("imgenhance:", filters[i]->name, NULL);
      GeglNode *node = gegl_node_new_child (graph, "operation", name, NULL);
      gegl_node_link_many (source, node, NULL);
      float out[40 * 30 * 4];
      gegl_node_blit (node, 1.0, &all, babl_format ("R'G'B'A float"), out, GEGL_AUTO_ROWSTRIDE, GEGL_BLIT_DEFAULT);
      g_object_unref (graph);
    }
    g_object_unref (buffer);
  }
}

/* No input at all, an empty one, and one without an end. */
static void
test_edges (void)
{
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  GeglRectangle roi = { 0, 0, 16, 16 }, nothing = { 0, 0, 0, 0 };
  guint8 out[16 * 16 * 4];
  for (int i = 0; i < count; i++)
    for (int kind = 0; kind < 3; kind++) {
      GeglNode *graph = gegl_node_new ();
      g_autofree char *name = g_strconcat ("imgenhance:", filters[i]->name, NULL);
      GeglNode *node = gegl_node_new_child (graph, "operation", name, NULL);
      GeglBuffer *buffer = gegl_buffer_new (&nothing, babl_format ("R'G'B' u8"));
      if (kind == 1)
        gegl_node_link_many (gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", buffer, NULL), node, NULL);
      else if (kind == 2)
        gegl_node_link_many (gegl_node_new_child (graph, "operation", "gegl:checkerboard", NULL), node, NULL);
      gegl_node_blit (node, 1.0, &roi, babl_format ("R'G'B'A u8"), out, GEGL_AUTO_ROWSTRIDE, GEGL_BLIT_DEFAULT);
      g_object_unref (graph);
      g_object_unref (buffer);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  begin_few_modules ();
  /* In the place of GLib's own handler for tests, which newer versions do not pass to a writer. */
  g_log_set_default_handler (count_message, NULL);
  g_assert_true (ie_faults_in ("imgenhance-gegl.so"));
  g_test_add_func ("/gegl-faults/sweep", test_sweep);
  g_test_add_func ("/gegl-faults/certain", test_certain);
  g_test_add_func ("/gegl-faults/formats", test_formats);
  g_test_add_func ("/gegl-faults/edges", test_edges);
  int result = g_test_run ();
  gegl_exit ();
  return result;
}
