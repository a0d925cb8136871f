// SPDX-License-Identifier: GPL-3.0-or-later
/* The side of GEGL: a graph of a buffer over our memory and one operation, made anew for each run, so that nothing comes
 * from a cache. The samples are called linear, which they are not: GEGL then works on the numbers themselves, as we do,
 * and spends no time on a conversion. Gray rows, and what takes it ten seconds a run (bilateral), are left out. */
#include "bench/harness.h"

#include <gegl.h>
#include <math.h>

#define TILE_CACHE ((guint64) 4 << 30) /* bytes */
#define SQUARE 0 /* of GEGL's neighborhoods; a disc otherwise */
#define BUDGET 3
#define FAR 10
#define BLUR_REACH 4 /* sigma from the border: GEGL repeats its pixels, we mirror */

typedef struct {
  const BenchRow *row;
  const BenchPicture *in;
  BenchPicture *out;
  const Babl *format;
} Gegl;

/* The operation of a row, a child of graph; NULL: GEGL has none that does this. */
static GeglNode *
operation_for (const BenchRow *row, GeglNode *graph)
{
  double first = row->numbers[0];
  switch (row->operation) {
  case BENCH_GAUSSIAN:
    return gegl_node_new_child (graph, "operation", "gegl:gaussian-blur", "std-dev-x", first, "std-dev-y", first, NULL);
  case BENCH_MEDIAN:
    return gegl_node_new_child (graph, "operation", "gegl:median-blur", "neighborhood", SQUARE, "radius", (int) first,
                                NULL);
  case BENCH_UNSHARP:
    return gegl_node_new_child (graph, "operation", "gegl:unsharp-mask", "std-dev", first, "scale", row->numbers[1],
                                NULL);
  case BENCH_BOX:
    return gegl_node_new_child (graph, "operation", "gegl:box-blur", "radius", (int) first, NULL);
  case BENCH_SOBEL:
    return gegl_node_new_child (graph, "operation", "gegl:edge-sobel", "keep-sign", FALSE, NULL);
  default:
    return NULL;
  }
}

static const char *
note_for (const BenchRow *row)
{
  switch (row->operation) {
  case BENCH_MEDIAN:
    return "histograms of 256 bins; border pixels repeated";
  case BENCH_SOBEL:
    return "its own scale";
  case BENCH_BOX:
    return "float inside; border pixels repeated";
  default:
    return "a recursive filter in float; border pixels repeated";
  }
}

static int
margin_for (const BenchRow *row)
{
  double first = row->numbers[0];
  return (int) (row->operation == BENCH_GAUSSIAN || row->operation == BENCH_UNSHARP ? ceil (BLUR_REACH * first)
                : row->operation == BENCH_SOBEL                                     ? 1
                                                                                    : first);
}

static void
run_gegl (gpointer state)
{
  const Gegl *gegl = state;
  GeglRectangle whole = { 0, 0, gegl->in->width, gegl->in->height };
  GeglBuffer *buffer =
      gegl_buffer_linear_new_from_data (gegl->in->data, gegl->format, &whole, GEGL_AUTO_ROWSTRIDE, NULL, NULL);
  GeglNode *graph = gegl_node_new ();
  GeglNode *source = gegl_node_new_child (graph, "operation", "gegl:buffer-source", "buffer", buffer, NULL);
  GeglNode *operation = operation_for (gegl->row, graph);
  gegl_node_link (source, operation);
  gegl_node_blit (operation, 1.0, &whole, gegl->format, gegl->out->data, GEGL_AUTO_ROWSTRIDE, GEGL_BLIT_DEFAULT);
  g_object_unref (graph);
  g_object_unref (buffer);
}

static gboolean
open_gegl (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, BenchJob *job)
{
  static const char *const formats[] = { "RGB u8", "RGB u16", "RGB float" };
  static gsize started = 0;
  if (g_once_init_enter (&started)) {
    gegl_init (NULL, NULL);
    g_once_init_leave (&started, 1);
  }
  GeglNode *trial = gegl_node_new ();
  gboolean known = in->channels == 3 && operation_for (row, trial);
  g_object_unref (trial);
  if (!known)
    return FALSE;
  /* Room for pictures in float: past the cache's limit GEGL writes tiles to a file, and a run takes minutes. No folder for such files:
   * tiles stay in memory. (A folder by the name of "RAM" would be made: that word is for GEGL_SWAP alone.) */
  g_object_set (gegl_config (), "threads", threads, "use-opencl", FALSE, "tile-cache-size", TILE_CACHE, "swap", NULL, NULL);
  Gegl *gegl = g_new (Gegl, 1);
  *gegl = (Gegl){ row, in, out, babl_format (formats[in->depth]) };
  *job = (BenchJob){ .run = run_gegl, .close = g_free, .state = gegl, .margin = margin_for (row) };
  g_strlcpy (job->note, note_for (row), sizeof job->note);
  return TRUE;
}

const BenchSide bench_gegl = { "gegl", BENCH_PEER, BUDGET, FAR, 0, open_gegl };

const char *
bench_gegl_version (void)
{
  static char text[32];
  int major, minor, micro;
  gegl_get_version (&major, &minor, &micro);
  g_snprintf (text, sizeof text, "%d.%d.%d", major, minor, micro);
  return text;
}
