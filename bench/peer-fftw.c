// SPDX-License-Identifier: GPL-3.0-or-later
/* FFTW alone on the rows of Fourier filters: the whole picture's real transform, the weights, and back. Neither a mirror at
 * the borders nor the homomorphic filter's logarithms: less than the work of the filters, and so a lower limit. */
#include "bench/harness.h"

#include <fftw3.h>
#include <string.h>

#define BUDGET 5
#define PLANNING 10.0 /* seconds that a plan may take to try what is fastest */

typedef struct {
  const BenchPicture *in;
  BenchPicture *out;
  float *weights; /* of the half spectrum, divided by the number of samples */
  fftwf_complex *spectrum;
  fftwf_plan forward, backward;
} Fftw;

static gsize
spectrum_size (const BenchPicture *picture)
{
  return (gsize) picture->height * ((gsize) picture->width / 2 + 1);
}

static void
run_fftw (gpointer state)
{
  Fftw *fftw = state;
  fftwf_execute (fftw->forward);
  gsize count = spectrum_size (fftw->in);
  float *values = (float *) fftw->spectrum;
  for (gsize i = 0; i < count; i++) {
    values[2 * i] *= fftw->weights[i];
    values[2 * i + 1] *= fftw->weights[i];
  }
  fftwf_execute (fftw->backward);
}

static void
close_fftw (gpointer state)
{
  Fftw *fftw = state;
  fftwf_destroy_plan (fftw->forward);
  fftwf_destroy_plan (fftw->backward);
  fftwf_free (fftw->spectrum);
  fftwf_free (fftw->weights);
  g_free (fftw);
}

/* Plans that are found by trying overwrite the arrays; what was learned must not come to our own plans afterwards. */
static gboolean
make_plans (Fftw *fftw, int threads, unsigned flags)
{
  int width = fftw->in->width, height = fftw->in->height;
  g_autofree void *kept = flags == FFTW_MEASURE ? g_memdup2 (fftw->in->data, bench_picture_bytes (fftw->in)) : NULL;
#ifdef BENCH_FFTW_THREADS
  fftwf_init_threads ();
  fftwf_plan_with_nthreads (threads);
#endif
  fftwf_set_timelimit (PLANNING);
  fftw->forward = fftwf_plan_dft_r2c_2d (height, width, fftw->in->data, fftw->spectrum, flags | FFTW_PRESERVE_INPUT);
  fftw->backward = fftwf_plan_dft_c2r_2d (height, width, fftw->spectrum, fftw->out->data, flags | FFTW_DESTROY_INPUT);
  fftwf_set_timelimit (FFTW_NO_TIMELIMIT);
#ifdef BENCH_FFTW_THREADS
  fftwf_plan_with_nthreads (1);
#endif
  fftwf_forget_wisdom ();
  if (kept)
    memcpy (fftw->in->data, kept, bench_picture_bytes (fftw->in));
  return fftw->forward && fftw->backward;
}

static gboolean
open_side (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, unsigned flags, BenchJob *job)
{
  if (row->operation != BENCH_BANDPASS && row->operation != BENCH_HOMOMORPHIC)
    return FALSE;
#ifndef BENCH_FFTW_THREADS
  if (threads > 1)
    return FALSE;
#endif
  gsize count = spectrum_size (in), columns = (gsize) in->width / 2 + 1;
  Fftw *fftw = g_new0 (Fftw, 1);
  *fftw = (Fftw){ .in = in, .out = out, .weights = fftwf_alloc_real (count), .spectrum = fftwf_alloc_complex (count) };
  if (!make_plans (fftw, threads, flags))
    g_error ("FFTW makes no plan for %d x %d", in->width, in->height);
  for (gsize i = 0; i < count; i++) {
    int x = (int) (i % columns), y = (int) (i / columns);
    double fy = (double) (y <= in->height / 2 ? y : y - in->height) / in->height;
    fftw->weights[i] =
        (float) (bench_bandpass_weight (row, (double) x / in->width, fy) / (double) bench_picture_samples (in));
  }
  memset (fftw->spectrum, 0, count * sizeof *fftw->spectrum);
  *job = (BenchJob){ .run = run_fftw, .close = close_fftw, .state = fftw };
  g_strlcpy (job->note,
             row->operation == BENCH_HOMOMORPHIC ? "the transforms and weights alone, no logarithm; wraps around"
                                                 : "the transforms and weights alone; wraps around",
             sizeof job->note);
  return TRUE;
}

static gboolean
open_estimate (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, BenchJob *job)
{
  return open_side (row, in, out, threads, FFTW_ESTIMATE, job);
}

static gboolean
open_measured (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, BenchJob *job)
{
  return open_side (row, in, out, threads, FFTW_MEASURE, job);
}

const BenchSide bench_fftw = { "fftw", BENCH_LIMIT, BUDGET, 0, 0, open_estimate };
const BenchSide bench_fftw_measured = { "fftw measured", BENCH_LIMIT, BUDGET, 0, 0, open_measured };

const char *
bench_fftw_version (void)
{
  return fftwf_version;
}
