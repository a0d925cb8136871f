// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance-bench: our filters beside OpenCV, libvips, GEGL and FFTW, on one picture, in one process (and beside the OpenCV
 * of PyPI, in a second one). */
#include "bench/harness.h"
#include "core/level.h"

#include <string.h>

#define SEED 20261u
#define PATIENCE 0.4
#define QUICK_DIVISOR 2 /* of width and height */

static int pairs = 5, only_threads, width = 6000, height = 4000;
static gboolean quick, check, no_vips;
static char *only, *depth, *peers, *photos, *tsv_path, *pypi_python, *pypi_script;
static const char *pypi_version = "not measured";

static const GOptionEntry entries[] = {
  { "quick", 0, 0, G_OPTION_ARG_NONE, &quick, "A quarter of the pixels, 3 pairs, without libvips and GEGL", NULL },
  { "only", 0, 0, G_OPTION_ARG_STRING, &only, "Only rows whose name matches ('median*')", "PATTERN" },
  { "depth", 0, 0, G_OPTION_ARG_STRING, &depth, "Only this depth", "8|16|float" },
  { "threads", 0, 0, G_OPTION_ARG_INT, &only_threads, "Only this number of threads (else 1 and 2)", "N" },
  { "pairs", 0, 0, G_OPTION_ARG_INT, &pairs, "Interleaved pairs a row (5)", "N" },
  { "width", 0, 0, G_OPTION_ARG_INT, &width, "Width of the photograph (6000)", "PIXELS" },
  { "height", 0, 0, G_OPTION_ARG_INT, &height, "Height of the photograph (4000)", "PIXELS" },
  { "photos", 0, 0, G_OPTION_ARG_FILENAME, &photos, "Folder of photographs for the mosaic", "FOLDER" },
  { "tsv", 0, 0, G_OPTION_ARG_FILENAME, &tsv_path, "Write the figures there too", "FILE" },
  { "peers", 0, 0, G_OPTION_ARG_STRING, &peers, "Only peers whose name matches ('opencv*')", "PATTERN" },
  { "no-vips", 0, 0, G_OPTION_ARG_NONE, &no_vips, "Leave libvips out", NULL },
  { "pypi", 0, 0, G_OPTION_ARG_FILENAME, &pypi_python, "Python that has the OpenCV of PyPI: one peer more", "PYTHON" },
  { "pypi-script", 0, 0, G_OPTION_ARG_FILENAME, &pypi_script, "bench/peer-pypi.py", "FILE" },
  { "check", 0, 0, G_OPTION_ARG_NONE, &check,
    "Exit 1 when a row is slower than the fastest peer of equal work, or differs from OpenCV", NULL },
  { NULL },
};

static const BenchSide *const sides[] = {
  &bench_opencv,
  &bench_opencv_accurate,
  &bench_pypi,
  &bench_pypi_accurate,
#ifdef BENCH_VIPS
  &bench_vips,
  &bench_vips_accurate,
#endif
#ifdef BENCH_GEGL
  &bench_gegl,
#endif
  &bench_fftw,
  &bench_fftw_measured,
};

static gboolean
side_is_wanted (const BenchSide *side)
{
  gboolean vips = g_str_has_prefix (side->name, "vips"), gegl = g_str_equal (side->name, "gegl");
  if ((no_vips && vips) || (quick && (vips || gegl)) || (!pypi_python && g_str_has_prefix (side->name, "opencv pypi")))
    return FALSE;
  return !peers || g_pattern_match_simple (peers, side->name);
}

static char *
processor_name (void)
{
  g_autofree char *text = NULL;
  if (g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL)) {
    g_auto (GStrv) lines = g_strsplit (text, "\n", 64);
    for (char **line = lines; *line; line++)
      if (g_str_has_prefix (*line, "model name") && strchr (*line, ':'))
        return g_strstrip (g_strdup (strchr (*line, ':') + 1));
  }
  return g_strdup ("unknown processor");
}

static char *
machine_text (const char *scene)
{
  g_autofree char *processor = processor_name ();
  const char *vips = "not built in", *gegl = "not built in";
#ifdef BENCH_VIPS
  vips = side_is_wanted (&bench_vips) ? bench_vips_version () : "not measured";
#endif
#ifdef BENCH_GEGL
  gegl = side_is_wanted (&bench_gegl) ? bench_gegl_version () : "not measured";
#endif
  const char *fftw = side_is_wanted (&bench_fftw) ? bench_fftw_version () : "not measured";
  return g_strdup_printf ("%s, %u processors, our level %s; OpenCV %s, OpenCV of PyPI %s, libvips %s, GEGL %s, FFTW %s; "
                          "%d x %d, %s",
                          processor, g_get_num_processors (), ie_cpu_level_name (ie_cpu_level ()), bench_opencv_version (),
                          pypi_version, vips, gegl, fftw, width, height, scene);
}

static gboolean
row_is_wanted (const BenchRow *row)
{
  if (depth && strcmp (depth, bench_depth_name (row->depth)) != 0)
    return FALSE;
  return !only || g_pattern_match_simple (only, row->name);
}

typedef struct {
  BenchPicture in, ours, theirs;
  int part;
  double memcpy_time;
} Pictures;

static void
pictures_free (Pictures *pictures)
{
  bench_picture_free (&pictures->in);
  bench_picture_free (&pictures->ours);
  bench_picture_free (&pictures->theirs);
}

/* The pictures of this row's kind, kept from row to row. */
static void
pictures_for_row (Pictures *pictures, const BenchPicture *scene, const BenchRow *row)
{
  if (pictures->in.data && pictures->in.channels == row->channels && pictures->in.depth == row->depth &&
      pictures->part == row->part)
    return;
  pictures_free (pictures);
  BenchPicture middle = { .data = NULL };
  if (row->part > 1) {
    middle = bench_scene_middle (scene, row->part);
    scene = &middle;
  }
  pictures->part = row->part;
  pictures->in = bench_scene_as (scene, row->channels, row->depth);
  pictures->ours = bench_picture_new (scene->width, scene->height, row->channels, row->depth);
  pictures->theirs = bench_picture_new (scene->width, scene->height, row->channels, row->depth);
  bench_picture_free (&middle);
  pictures->memcpy_time = bench_measure_memcpy (&pictures->in, &pictures->ours);
  printf ("# memcpy %s%s, %d x %d: %.1f ms, %.1f GB/s of payload\n", row->channels == 1 ? "gray" : "rgb",
          bench_depth_name (row->depth), pictures->in.width, pictures->in.height, pictures->memcpy_time,
          (double) bench_picture_bytes (&pictures->in) / pictures->memcpy_time / 1e6);
}

/* FALSE: our side cannot do this row. */
static gboolean
measure_row (const BenchRow *row, Pictures *pictures, int threads, GArray *results)
{
  BenchMeasure measure = { .pairs = pairs, .patience = PATIENCE };
  BenchJob ours = { 0 };
  if (!bench_ours.open (row, &pictures->in, &pictures->ours, threads, &ours)) {
    printf ("%-28s %-9s %3d  not measured: %s\n", row->name, bench_depth_name (row->depth), threads, ours.note);
    return FALSE;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (sides); i++) {
    BenchJob theirs = { 0 };
    if (!side_is_wanted (sides[i]) || !sides[i]->open (row, &pictures->in, &pictures->theirs, threads, &theirs))
      continue;
    BenchResult result = { .threads = threads, .memcpy_time = pictures->memcpy_time };
    bench_measure (&measure, row, sides[i], &ours, &pictures->ours, &theirs, &pictures->theirs, &result);
    theirs.close (theirs.state);
    bench_print (stdout, &result);
    g_array_append_val (results, result);
  }
  ours.close (ours.state);
  return TRUE;
}

/* Rows of one kind of picture one after the other: three pictures are in memory at a time. Returns rows not done. */
static int
measure_all (const BenchPicture *scene, GArray *results)
{
  static const struct { int channels; BenchDepth depth; } kinds[] = {
    { 1, BENCH_U8 }, { 1, BENCH_U16 }, { 3, BENCH_U8 }, { 3, BENCH_U16 }, { 3, BENCH_FLOAT }, { 1, BENCH_FLOAT },
  };
  Pictures pictures = { 0 };
  int missing = 0;
  bench_print_head (stdout);
  for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (int i = 0; i < bench_row_count; i++) {
      const BenchRow *row = &bench_rows[i];
      if (row->channels != kinds[k].channels || row->depth != kinds[k].depth || !row_is_wanted (row))
        continue;
      pictures_for_row (&pictures, scene, row);
      for (int threads = 1; threads <= 2; threads++)
        if (!only_threads || threads == only_threads)
          missing += !measure_row (row, &pictures, threads, results);
    }
  pictures_free (&pictures);
  return missing;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1 || pairs < 1 || width < 64 || height < 64) {
    fprintf (stderr, "imgenhance-bench: %s\n", error ? error->message : "wrong option or value; see --help");
    return 2;
  }
  if (quick) {
    width /= QUICK_DIVISOR;
    height /= QUICK_DIVISOR;
    pairs = MIN (pairs, 3);
  }
  gint64 began = g_get_monotonic_time ();
  if (pypi_python && !(pypi_version = bench_pypi_start (pypi_python, pypi_script)))
    return 2;
  g_autofree char *what = NULL;
  BenchPicture scene = bench_scene_new (photos, width, height, SEED, &what);
  g_autofree char *machine = machine_text (what);
  printf ("# %s\n", machine);

  g_autoptr (GArray) results = g_array_new (FALSE, FALSE, sizeof (BenchResult));
  int missing = measure_all (&scene, results);
  bench_picture_free (&scene);
  int bad = bench_print_summary (stdout, results);
  if (missing)
    printf ("%d rows not measured\n", missing);
  printf ("%.0f seconds in all\n", (double) (g_get_monotonic_time () - began) / 1e6);
  if (tsv_path && !bench_write_tsv (tsv_path, results, machine))
    return 3;
  return check && (bad || missing || !results->len) ? 1 : 0;
}
