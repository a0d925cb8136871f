// SPDX-License-Identifier: GPL-3.0-or-later
/* The table for people and the TSV for the plot. */
#include "bench/harness.h"

#include <errno.h>
#include <string.h>

const char *
bench_depth_name (BenchDepth depth)
{
  static const char *const names[] = { "8", "16", "float" };
  return names[depth];
}

gboolean
bench_result_is_good (const BenchResult *result)
{
  if (!result->peer->decides)
    return TRUE;
  if (result->row->agree >= 0 && !(result->max_difference <= result->row->agree))
    return FALSE;
  return result->ratio >= 1;
}

static const char *
channels_name (int channels)
{
  return channels == 1 ? "gray" : "rgb";
}

void
bench_print_head (FILE *file)
{
  fprintf (file, "\n%-28s %-9s %3s  %-15s %9s %9s %7s %15s %5s %7s %10s %9s\n", "row", "picture", "thr", "peer", "ours ms",
           "peer ms", "ratio", "min..max", "pairs", "/memcpy", "max diff", "mean diff");
}

void
bench_print (FILE *file, const BenchResult *result)
{
  const BenchRow *row = result->row;
  g_autofree char *picture = g_strdup_printf ("%s%s", channels_name (row->channels), bench_depth_name (row->depth));
  g_autofree char *range = g_strdup_printf ("%.2f..%.2f", result->lowest, result->highest);
  fprintf (file, "%-28s %-9s %3d  %-15s %9.1f %9.1f %7.2f %15s %5d %7.1f %10.4g %9.2g%s\n", row->name, picture,
           result->threads, result->peer->name, result->ours, result->theirs, result->ratio, range, result->pairs,
           result->ours / result->memcpy_time, result->max_difference, result->mean_difference,
           bench_result_is_good (result) ? "" : result->ratio < 1 ? "  SLOWER" : "  DIFFERS");
  fflush (file);
}

gboolean
bench_write_tsv (const char *path, const GArray *results, const char *machine)
{
  FILE *file = fopen (path, "w");
  if (!file) {
    fprintf (stderr, "imgenhance-bench: %s: %s\n", path, g_strerror (errno));
    return FALSE;
  }
  fprintf (file, "# %s\n", machine);
  fprintf (file, "row\tchannels\tdepth\tthreads\tpeer\tours_ms\tpeer_ms\tratio\tratio_min\tratio_max\tpairs\tmemcpy_ms\t"
                 "ours_per_memcpy\tpeer_per_memcpy\tmax_difference\tmean_difference\tnote\n");
  for (guint i = 0; i < results->len; i++) {
    const BenchResult *r = &g_array_index (results, BenchResult, i);
    fprintf (file, "%s\t%s\t%s\t%d\t%s\t%.3f\t%.3f\t%.4f\t%.4f\t%.4f\t%d\t%.3f\t%.3f\t%.3f\t%.6g\t%.6g\t%s\n", r->row->name,
             channels_name (r->row->channels), bench_depth_name (r->row->depth), r->threads, r->peer->name, r->ours,
             r->theirs, r->ratio, r->lowest, r->highest, r->pairs, r->memcpy_time, r->ours / r->memcpy_time,
             r->theirs / r->memcpy_time, r->max_difference, r->mean_difference, r->note);
  }
  gboolean good = !ferror (file);
  return fclose (file) == 0 && good;
}
