// SPDX-License-Identifier: GPL-3.0-or-later
/* Measuring: interleaved pairs, medians, agreement of results. */
#include "bench/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PAIRS 200
#define MEMCPY_ROUNDS 9

static const gsize sample_bytes[] = { [BENCH_U8] = 1, [BENCH_U16] = 2, [BENCH_FLOAT] = 4 };

gsize
bench_picture_samples (const BenchPicture *picture)
{
  return (gsize) picture->width * (gsize) picture->height * (gsize) picture->channels;
}

gsize
bench_picture_bytes (const BenchPicture *picture)
{
  return bench_picture_samples (picture) * sample_bytes[picture->depth];
}

BenchPicture
bench_picture_new (int width, int height, int channels, BenchDepth depth)
{
  BenchPicture picture = { width, height, channels, depth, NULL };
  gsize bytes = bench_picture_bytes (&picture);
  picture.data = aligned_alloc (64, (bytes + 63) / 64 * 64);
  if (!picture.data)
    g_error ("no memory for a picture of %" G_GSIZE_FORMAT " bytes", bytes);
  memset (picture.data, 1, bytes);
  return picture;
}

void
bench_picture_free (BenchPicture *picture)
{
  free (picture->data);
  picture->data = NULL;
}

static double
seconds_now (void)
{
  return (double) g_get_monotonic_time () / 1e6;
}

static double
run_timed (const BenchJob *job)
{
  double start = seconds_now ();
  job->run (job->state);
  return seconds_now () - start;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

/* Sorts values. */
static double
median (double *values, int count)
{
  qsort (values, (size_t) count, sizeof *values, compare_doubles);
  return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static double
sample_at (const BenchPicture *picture, gsize i)
{
  switch (picture->depth) {
  case BENCH_U8:
    return ((const guint8 *) picture->data)[i];
  case BENCH_U16:
    return ((const guint16 *) picture->data)[i];
  default:
    return ((const float *) picture->data)[i];
  }
}

/* A NaN on either side counts as the largest difference there is. */
static void
compare_pictures (const BenchPicture *a, const BenchPicture *b, int margin, BenchResult *result)
{
  double largest = 0, sum = 0;
  gsize count = 0;
  for (int y = margin; y < a->height - margin; y++) {
    gsize row = (gsize) y * (gsize) a->width;
    gsize end = (row + (gsize) (a->width - margin)) * (gsize) a->channels;
    for (gsize i = (row + (gsize) margin) * (gsize) a->channels; i < end; i++, count++) {
      double difference = fabs (sample_at (a, i) - sample_at (b, i));
      if (!(difference <= largest))
        largest = isnan (difference) ? INFINITY : difference;
      sum += difference;
    }
  }
  result->max_difference = largest;
  result->mean_difference = count ? sum / (double) count : 0;
}

void
bench_measure (const BenchMeasure *measure, const BenchRow *row, const BenchSide *peer, const BenchJob *ours,
               const BenchPicture *our_out, const BenchJob *theirs, const BenchPicture *their_out, BenchResult *result)
{
  double a[MOST_PAIRS], b[MOST_PAIRS], ratios[MOST_PAIRS];
  int pairs = 0;

  double our_warm = run_timed (ours);
  double their_warm = run_timed (theirs);
  if (theirs->fetch)
    theirs->fetch (theirs->state);
  compare_pictures (our_out, their_out, MAX (row->margin, theirs->margin), result);
  result->equal = row->agree < 0 || result->max_difference <= row->agree;

  gboolean far = peer->far > 0 && their_warm >= peer->far * our_warm && their_warm >= peer->long_run;
  int wanted = far ? 1 : MIN (measure->pairs, MOST_PAIRS);
  double patience = far ? 0 : measure->patience;
  double start = seconds_now (), spent = 0;
  while (pairs < MOST_PAIRS && (pairs < wanted || spent < patience)) {
    if (pairs > 0 && spent > peer->budget)
      break;
    a[pairs] = run_timed (ours);
    b[pairs] = run_timed (theirs);
    ratios[pairs] = b[pairs] / a[pairs];
    pairs++;
    spent = seconds_now () - start;
  }
  result->row = row;
  result->peer = peer;
  result->pairs = pairs;
  result->ours = median (a, pairs) * 1e3;
  result->theirs = median (b, pairs) * 1e3;
  result->ratio = median (ratios, pairs);
  result->lowest = ratios[0];
  result->highest = ratios[pairs - 1];
  g_strlcpy (result->note, theirs->note, sizeof result->note);
}

double
bench_measure_memcpy (const BenchPicture *in, BenchPicture *out)
{
  double times[MEMCPY_ROUNDS];
  for (int i = 0; i < MEMCPY_ROUNDS; i++) {
    double start = seconds_now ();
    memcpy (out->data, in->data, bench_picture_bytes (in));
    times[i] = seconds_now () - start;
  }
  return median (times, MEMCPY_ROUNDS) * 1e3;
}
