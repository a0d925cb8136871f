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

static const char *
channels_name (int channels)
{
  return channels == 1 ? "gray" : "rgb";
}

static char *
picture_text (const BenchRow *row)
{
  return g_strdup_printf ("%s%s", channels_name (row->channels), bench_depth_name (row->depth));
}

/* What a reader of the line should not overlook. */
static const char *
remark (const BenchResult *result)
{
  if (result->peer->role == BENCH_LIMIT)
    return "  (lower limit)";
  if (!result->equal)
    return result->peer->role == BENCH_REFERENCE ? "  DIFFERS"
           : result->ratio < 1                   ? "  slower than other work"
                                                 : "  other work";
  return result->ratio < 1 ? "  SLOWER" : "";
}

void
bench_print_head (FILE *file)
{
  fprintf (file, "\n%-28s %-9s %3s  %-20s %9s %9s %7s %15s %5s %7s %10s %9s\n", "row", "picture", "thr", "peer",
           "ours ms", "peer ms", "ratio", "min..max", "pairs", "/memcpy", "max diff", "mean diff");
}

void
bench_print (FILE *file, const BenchResult *result)
{
  const BenchRow *row = result->row;
  g_autofree char *picture = picture_text (row);
  g_autofree char *range = g_strdup_printf ("%.2f..%.2f", result->lowest, result->highest);
  fprintf (file, "%-28s %-9s %3d  %-20s %9.1f %9.1f %7.2f %15s %5d %7.1f %10.4g %9.2g%s\n", row->name, picture,
           result->threads, result->peer->name, result->ours, result->theirs, result->ratio, range, result->pairs,
           result->ours / result->memcpy_time, result->max_difference, result->mean_difference, remark (result));
  fflush (file);
}

/* TRUE when the two are of one row and one number of threads. */
static gboolean
same_place (const BenchResult *a, const BenchResult *b)
{
  return a->row == b->row && a->threads == b->threads;
}

/* The fastest peer of equal work among the results first .. end - 1; NULL when there is none. */
static const BenchResult *
fastest_equal (const GArray *results, guint first, guint end)
{
  const BenchResult *fastest = NULL;
  for (guint i = first; i < end; i++) {
    const BenchResult *result = &g_array_index (results, BenchResult, i);
    if (result->equal && result->peer->role != BENCH_LIMIT && (!fastest || result->ratio < fastest->ratio))
      fastest = result;
  }
  return fastest;
}

static gboolean
agrees_with_reference (const GArray *results, guint first, guint end)
{
  for (guint i = first; i < end; i++) {
    const BenchResult *result = &g_array_index (results, BenchResult, i);
    if (result->peer->role == BENCH_REFERENCE && !result->equal)
      return FALSE;
  }
  return TRUE;
}

/* How many times as fast two threads are as one, in the same row's results before; 0: not known. */
static double
gain_of_threads (const GArray *results, guint first)
{
  const BenchResult *two = &g_array_index (results, BenchResult, first);
  for (guint i = 0; i < first && two->threads == 2; i++) {
    const BenchResult *one = &g_array_index (results, BenchResult, i);
    if (one->row == two->row && one->threads == 1 && one->peer == two->peer)
      return one->ours / two->ours;
  }
  return 0;
}

/* Each note of a peer once, with the rows that it holds for. */
static void
print_notes (FILE *file, const GArray *results)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  fprintf (file, "\nwhere a peer's work is not quite ours:\n");
  for (guint i = 0; i < results->len; i++) {
    const BenchResult *first = &g_array_index (results, BenchResult, i);
    if (!first->note[0])
      continue;
    char *line = g_strdup_printf ("  %s: %s:", first->peer->name, first->note);
    if (!g_hash_table_add (seen, line))
      continue;
    fprintf (file, "%s", line);
    const BenchRow *last = NULL;
    for (guint k = i; k < results->len; k++) {
      const BenchResult *result = &g_array_index (results, BenchResult, k);
      if (result->peer != first->peer || !g_str_equal (result->note, first->note) || result->row == last)
        continue;
      fprintf (file, "%s %s (%s)", last ? "," : "", result->row->name, bench_depth_name (result->row->depth));
      last = result->row;
    }
    fprintf (file, "\n");
  }
}

int
bench_print_summary (FILE *file, const GArray *results)
{
  int bad = 0, rows = 0;
  print_notes (file, results);
  fprintf (
      file,
      "\nratio: peer / ours, pair by pair, above 1 we are faster: median, lowest and highest; /memcpy: our time over "
      "that of copying\nthe same bytes; 2 thr: our time on one thread over that on two; differences in codes "
      "(float: share of the range).\nRow by row the fastest peer whose result differs by no more than the row "
      "allows, which decides --check:\n\n");
  fprintf (file, "%-28s %-9s %3s  %-20s %9s %7s %15s %6s\n", "row", "picture", "thr", "fastest peer", "ours ms",
           "ratio", "min..max", "2 thr");
  for (guint first = 0, end; first < results->len; first = end) {
    const BenchResult *head = &g_array_index (results, BenchResult, first);
    for (end = first + 1; end < results->len; end++)
      if (!same_place (head, &g_array_index (results, BenchResult, end)))
        break;
    const BenchResult *fastest = fastest_equal (results, first, end);
    gboolean agrees = agrees_with_reference (results, first, end);
    double gain = gain_of_threads (results, first);
    g_autofree char *picture = picture_text (head->row), *range = NULL;
    g_autofree char *gain_text = gain > 0 ? g_strdup_printf ("%.2f", gain) : g_strdup ("-");
    range = fastest ? g_strdup_printf ("%.2f..%.2f", fastest->lowest, fastest->highest) : g_strdup ("");
    fprintf (file, "%-28s %-9s %3d  %-20s %9.1f %7.2f %15s %6s%s%s\n", head->row->name, picture, head->threads,
             fastest ? fastest->peer->name : "(none)", fastest ? fastest->ours : head->ours,
             fastest ? fastest->ratio : 0, range, gain_text, fastest && fastest->ratio < 1 ? "  SLOWER" : "",
             agrees ? "" : "  DIFFERS from OpenCV");
    rows++;
    bad += !agrees || (fastest && fastest->ratio < 1);
  }
  fprintf (file, "%d of %d rows slower than the fastest peer of equal work, or different from OpenCV's\n", bad, rows);
  return bad;
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
  fprintf (file,
           "row\tchannels\tdepth\tthreads\tpeer\tours_ms\tpeer_ms\tratio\tratio_min\tratio_max\tpairs\tmemcpy_ms\t"
           "ours_per_memcpy\tpeer_per_memcpy\tmax_difference\tmean_difference\tequal\tnote\n");
  for (guint i = 0; i < results->len; i++) {
    const BenchResult *r = &g_array_index (results, BenchResult, i);
    fprintf (file, "%s\t%s\t%s\t%d\t%s\t%.3f\t%.3f\t%.4f\t%.4f\t%.4f\t%d\t%.3f\t%.3f\t%.3f\t%.6g\t%.6g\t%d\t%s\n",
             r->row->name, channels_name (r->row->channels), bench_depth_name (r->row->depth), r->threads,
             r->peer->name, r->ours, r->theirs, r->ratio, r->lowest, r->highest, r->pairs, r->memcpy_time,
             r->ours / r->memcpy_time, r->theirs / r->memcpy_time, r->max_difference, r->mean_difference, r->equal,
             r->note);
  }
  gboolean good = !ferror (file);
  return fclose (file) == 0 && good;
}
