// SPDX-License-Identifier: GPL-3.0-or-later
/* The cosine transform of a plane (DCT-II and its inverse), two real lines at a time in one complex transform.
 *
 * With N samples x of a line, w[k] = exp (-i pi k / 2N):
 *   v[n] = x[2n] for 2n < N,  v[N-1-n] = x[2n+1] for 2n+1 < N            (even samples up, odd samples down)
 *   V = FFT (v),  X[k] = Re (w[k] V[k])                                    (Makhoul 1980)
 *   V[k] = conj (w[k]) (X[k] - i X[N-k]),  X[N] = 0                        (and back)
 * Two lines a and b go as z = va + i vb; as va and vb are real,
 *   Va[k] = (Z[k] + conj Z[N-k]) / 2,  Vb[k] = (Z[k] - conj Z[N-k]) / 2i.
 * Lines whose length has small factors alone go many at a time (fourier/cosine-lanes.c). The others, one pair after the
 * other, through FFTW, where one complex transform for two lines measures well ahead of FFTW's own real and cosine
 * transforms, most so where N has a large prime factor.
 *
 * The plane is read and written three times: rows forward; columns forward, changed, and back, in groups that stay in
 * the second cache; rows back. All in place: beside the plane there are only buffers of a few lines for each thread.
 */
#include "filters/fourier/transform.h"

#include "core/elementary.h"
#include "core/error.h"
#include "core/i18n.h"
#include "filters/fourier/cosine-lanes.h"

#include <fftw3.h>
#include <string.h>

#define ALIGNMENT 64          /* of ie_work_alloc(); FFTW's new-array functions need what the plan was made for */
#define ROW_PAIRS 16          /* a parallel item of the row passes */
#define GROUP_BYTES (1 << 20) /* of column buffers: about what a second cache holds */
#define GROUP_PAIRS_MIN 8     /* 8 pairs of columns are a line of cache */
#define GROUP_PAIRS_MAX 32
#define ITEMS 32              /* that lanes are shared out in at least: enough for even shares of many threads */
#define GROUPS_MAX 8          /* of lanes that an item takes: the first of them waits for memory */

/* Transforms of lines of n samples. */
typedef struct {
  int n;
  IeCosineLanes lanes; /* n 0: there are none, but the rest */
  gsize line; /* floats from one complex buffer to the next: n + 1 complex numbers, aligned */
  fftwf_plan forward, backward;
  float *cosine, *sine;                 /* of pi k / 2n, 0 <= k < n, halved: X from Z */
  float *inverse_cosine, *inverse_sine; /* the same divided by n: Z from X */
} Line;

struct IeCosineTransform {
  Line row, column;
  int group_pairs; /* pairs of columns that are transformed together */
};

/* Buffers lie an odd number of cache lines apart: a power of two would put all of them into the same cache sets. */
static gsize
line_floats (int n)
{
  gsize step = ALIGNMENT / sizeof (float);
  gsize lines = (2 * ((gsize) n + 1) + step - 1) / step;
  return (lines | 1) * step;
}

static int
group_pairs (int width, int height)
{
  gsize fit = GROUP_BYTES / (line_floats (height) * sizeof (float));
  int pairs = (int) CLAMP (fit, GROUP_PAIRS_MIN, GROUP_PAIRS_MAX);
  return MIN (pairs, (width + 1) / 2);
}

/* Two complex lines for the rows; the columns' group, the spectrum of a pair and its coefficients. */
static gsize
scratch_bytes (int width, int height)
{
  gsize rows = 2 * line_floats (width) + 2 * (gsize) width;
  gsize columns = ((gsize) group_pairs (width, height) + 2) * line_floats (height);
  rows = ie_cosine_lanes_has (width) ? ie_cosine_lanes_scratch (width) : rows * sizeof (float);
  columns = ie_cosine_lanes_has (height) ? ie_cosine_lanes_scratch (height) : columns * sizeof (float);
  return MAX (rows, columns);
}

/* FFTW's twiddles, both directions, and our own tables; or those of lanes. */
static gsize
table_bytes (int n)
{
  return ie_cosine_lanes_has (n) ? ie_cosine_lanes_memory (n) : 8 * (gsize) n * sizeof (float);
}

gsize
ie_cosine_transform_memory (int width, int height, int threads)
{
  return (gsize) threads * scratch_bytes (width, height) + table_bytes (width) + table_bytes (height);
}

static gboolean
line_init (Line *line, int n)
{
  line->n = n;
  if (ie_cosine_lanes_has (n))
    return ie_cosine_lanes_init (&line->lanes, n);
  line->line = line_floats (n);
  line->cosine = g_try_new (float, n);
  line->sine = g_try_new (float, n);
  line->inverse_cosine = g_try_new (float, n);
  line->inverse_sine = g_try_new (float, n);
  if (!line->cosine || !line->sine || !line->inverse_cosine || !line->inverse_sine)
    return FALSE;
  for (int k = 0; k < n; k++) {
    double angle = IE_PI * (double) k / (2.0 * (double) n);
    double c = ie_cos (angle), s = ie_sin (angle);
    line->cosine[k] = (float) (0.5 * c);
    line->sine[k] = (float) (0.5 * s);
    line->inverse_cosine[k] = (float) (c / (double) n);
    line->inverse_sine[k] = (float) (s / (double) n);
  }
  /* Estimated plans do not look into the arrays, only at their alignment. */
  fftwf_complex *in = fftwf_alloc_complex (line->line), *out = fftwf_alloc_complex (line->line);
  if (in && out) {
    ie_fourier_planner_lock ();
    line->forward = fftwf_plan_dft_1d (n, in, out, FFTW_FORWARD, FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
    line->backward = fftwf_plan_dft_1d (n, in, out, FFTW_BACKWARD, FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
    ie_fourier_planner_unlock ();
  }
  fftwf_free (in);
  fftwf_free (out);
  return line->forward && line->backward;
}

static void
line_clear (Line *line)
{
  ie_cosine_lanes_clear (&line->lanes);
  ie_fourier_planner_lock ();
  if (line->forward)
    fftwf_destroy_plan (line->forward);
  if (line->backward)
    fftwf_destroy_plan (line->backward);
  ie_fourier_planner_unlock ();
  g_free (line->cosine);
  g_free (line->sine);
  g_free (line->inverse_cosine);
  g_free (line->inverse_sine);
}

IeCosineTransform *
ie_cosine_transform_new (int width, int height, GError **error)
{
  IeCosineTransform *transform = g_new0 (IeCosineTransform, 1);
  transform->group_pairs = group_pairs (width, height);
  gboolean planned = line_init (&transform->row, width);
  planned = line_init (&transform->column, height) && planned;
  if (planned)
    return transform;
  g_set_error (error, IE_ERROR, IE_ERROR_MEMORY,
               _ ("there is no Fourier transform for a picture of %d x %d pixels"), width,
               height);
  ie_cosine_transform_free (transform);
  return NULL;
}

void
ie_cosine_transform_free (IeCosineTransform *transform)
{
  if (!transform)
    return;
  line_clear (&transform->row);
  line_clear (&transform->column);
  g_free (transform);
}

/* Where sample i of a line of n stands in v. */
static inline gsize
place (int i, int n)
{
  return (gsize) (i & 1 ? n - 1 - i / 2 : i / 2);
}

/* Spectrum of the pair -> coefficients of both lines. spectrum has room for number n, which becomes number 0 again. */
static void
coefficients_from_spectrum (const Line *line, float *restrict spectrum, float *restrict a, float *restrict b)
{
  const float *restrict cosine = line->cosine, *restrict sine = line->sine;
  int n = line->n;
  spectrum[2 * (gsize) n] = spectrum[0];
  spectrum[2 * (gsize) n + 1] = spectrum[1];
  const float *restrict end = spectrum + 2 * (gsize) n;
  for (ptrdiff_t k = 0; k < n; k++) {
    float pr = spectrum[2 * k], pi = spectrum[2 * k + 1], qr = end[-2 * k], qi = end[-2 * k + 1];
    a[k] = cosine[k] * (pr + qr) + sine[k] * (pi - qi);
    b[k] = cosine[k] * (pi + qi) - sine[k] * (pr - qr);
  }
}

/* Coefficients of both lines -> spectrum of the pair, divided by n. */
static void
spectrum_from_coefficients (const Line *line, const float *restrict a, const float *restrict b,
                            float *restrict spectrum)
{
  const float *restrict cosine = line->inverse_cosine, *restrict sine = line->inverse_sine;
  ptrdiff_t n = line->n;
  spectrum[0] = cosine[0] * a[0];
  spectrum[1] = cosine[0] * b[0];
  for (ptrdiff_t k = 1; k < n; k++) {
    float c = cosine[k], s = sine[k], ak = a[k], bk = b[k], am = a[n - k], bm = b[n - k];
    spectrum[2 * k] = (c * ak + s * am) - (s * bk - c * bm);
    spectrum[2 * k + 1] = (s * ak - c * am) + (c * bk + s * bm);
  }
}

static void
forward (const Line *line, float *samples, float *spectrum, float *restrict a, float *restrict b)
{
  fftwf_execute_dft (line->forward, (fftwf_complex *) samples, (fftwf_complex *) spectrum);
  coefficients_from_spectrum (line, spectrum, a, b);
}

static void
backward (const Line *line, const float *restrict a, const float *restrict b, float *spectrum, float *samples)
{
  spectrum_from_coefficients (line, a, b, spectrum);
  fftwf_execute_dft (line->backward, (fftwf_complex *) spectrum, (fftwf_complex *) samples);
}

/* Two rows -> the complex line v. */
static void
fold_rows (const float *restrict a, const float *restrict b, float *restrict v, int n)
{
  float *restrict last = v + 2 * ((gsize) n - 1);
  for (ptrdiff_t i = 0; i < (n + 1) / 2; i++) {
    v[2 * i] = a[2 * i];
    v[2 * i + 1] = b[2 * i];
  }
  for (ptrdiff_t i = 0; i < n / 2; i++) {
    last[-2 * i] = a[2 * i + 1];
    last[-2 * i + 1] = b[2 * i + 1];
  }
}

static void
unfold_rows (const float *restrict v, float *restrict a, float *restrict b, int n)
{
  const float *restrict last = v + 2 * ((gsize) n - 1);
  for (ptrdiff_t i = 0; i < n / 2; i++) {
    a[2 * i] = v[2 * i];
    b[2 * i] = v[2 * i + 1];
    a[2 * i + 1] = last[-2 * i];
    b[2 * i + 1] = last[-2 * i + 1];
  }
  if (n & 1) {
    a[n - 1] = v[n - 1];
    b[n - 1] = v[n];
  }
}

typedef struct {
  const IeCosineTransform *transform;
  float *plane;
  ptrdiff_t stride;
  gboolean inverse;
  const IeSpectrumChange *change;
} Job;

static inline float *
plane_row (const Job *job, int y)
{
  return (float *) ((char *) job->plane + (ptrdiff_t) y * job->stride);
}

static void
change_rows (const Job *job, IeSpectrumRow change, float *a, float *b)
{
  if (!change)
    return;
  change (job->change->row_data, a, job->transform->row.n);
  if (b)
    change (job->change->row_data, b, job->transform->row.n);
}

/* Parallel item i of a row pass: ROW_PAIRS pairs of rows. A last row without partner goes with a row of zeros. */
static void
rows_body (gpointer data, int i, IeWork *work)
{
  const Job *job = data;
  const Line *line = &job->transform->row;
  int height = job->transform->column.n;
  float *samples = ie_work_alloc (work, line->line * sizeof (float));
  float *spectrum = ie_work_alloc (work, line->line * sizeof (float));
  float *spare = ie_work_alloc (work, 2 * (gsize) line->n * sizeof (float));
  int first = i * 2 * ROW_PAIRS, end = MIN (first + 2 * ROW_PAIRS, height);
  for (int y = first; y < end && !ie_work_cancelled (work); y += 2) {
    float *a = plane_row (job, y), *b = y + 1 < height ? plane_row (job, y + 1) : spare;
    if (b == spare)
      memset (spare, 0, (gsize) line->n * sizeof (float));
    if (job->inverse) {
      backward (line, a, b, spectrum, samples);
      unfold_rows (samples, a, b, line->n);
      change_rows (job, job->change->leave, a, b == spare ? NULL : b);
    } else {
      change_rows (job, job->change->enter, a, b == spare ? NULL : b);
      fold_rows (a, b, samples, line->n);
      forward (line, samples, spectrum, a, b);
    }
  }
}

/* Columns x .. x + 2 pairs of the plane -> complex lines v, a pair of columns each; and back. A last column without
 * partner goes with zeros. */
static void
fold_columns (const Job *job, int x, int pairs, float *restrict v)
{
  const Line *line = &job->transform->column;
  int whole = MIN (pairs, (job->transform->row.n - x) / 2);
  for (int y = 0; y < line->n; y++) {
    const float *restrict row = plane_row (job, y) + x;
    float *restrict out = v + 2 * place (y, line->n);
    for (int c = 0; c < whole; c++)
      memcpy (out + (gsize) c * line->line, row + 2 * c, 2 * sizeof (float));
    if (whole < pairs) {
      out[(gsize) whole * line->line] = row[2 * whole];
      out[(gsize) whole * line->line + 1] = 0.0f;
    }
  }
}

static void
unfold_columns (const Job *job, int x, int pairs, const float *restrict v)
{
  const Line *line = &job->transform->column;
  int whole = MIN (pairs, (job->transform->row.n - x) / 2);
  for (int y = 0; y < line->n; y++) {
    float *restrict row = plane_row (job, y) + x;
    const float *restrict in = v + 2 * place (y, line->n);
    for (int c = 0; c < whole; c++)
      memcpy (row + 2 * c, in + (gsize) c * line->line, 2 * sizeof (float));
    if (whole < pairs)
      row[2 * whole] = in[(gsize) whole * line->line];
  }
}

/* Parallel item i of the column pass: one group. */
static void
columns_body (gpointer data, int i, IeWork *work)
{
  const Job *job = data;
  const Line *line = &job->transform->column;
  int width = job->transform->row.n, x = i * 2 * job->transform->group_pairs;
  int pairs = MIN (job->transform->group_pairs, (width - x + 1) / 2);
  float *samples = ie_work_alloc (work, (gsize) pairs * line->line * sizeof (float));
  float *spectrum = ie_work_alloc (work, line->line * sizeof (float));
  float *a = ie_work_alloc (work, line->line * sizeof (float)), *b = a + line->n;
  if (ie_work_cancelled (work))
    return;
  fold_columns (job, x, pairs, samples);
  for (int c = 0; c < pairs && !ie_work_cancelled (work); c++) {
    float *pair = samples + (gsize) c * line->line;
    forward (line, pair, spectrum, a, b);
    job->change->block (job->change->block_data, a, x + 2 * c, 1, 0, 1, line->n);
    if (x + 2 * c + 1 < width)
      job->change->block (job->change->block_data, b, x + 2 * c + 1, 1, 0, 1, line->n);
    backward (line, a, b, spectrum, pair);
  }
  unfold_columns (job, x, pairs, samples);
}

/* Groups of lines that one parallel item takes one after the other, asking for each while it computes the one before. */
static int
groups_of_item (int lines)
{
  return CLAMP (lines / (IE_SPECTRUM_COLUMNS * ITEMS), 1, GROUPS_MAX);
}

static inline int
items (int lines, int a_time)
{
  return (lines + a_time - 1) / a_time;
}

static void
lanes_rows_body (gpointer data, int i, IeWork *work)
{
  const Job *job = data;
  IeCosinePlane plane = { job->plane, job->stride, job->transform->row.n, job->transform->column.n, job->change };
  float *scratch = ie_work_alloc (work, ie_cosine_lanes_scratch (plane.width));
  int step = groups_of_item (plane.height) * IE_SPECTRUM_COLUMNS, end = MIN ((i + 1) * step, plane.height);
  for (int y = i * step; y < end && !ie_work_cancelled (work); y += IE_SPECTRUM_COLUMNS) {
    int next = y + IE_SPECTRUM_COLUMNS;
    ie_cosine_lanes_rows (&job->transform->row.lanes, &plane, y, next < end ? next : -1, job->inverse, scratch);
  }
}

static void
lanes_columns_body (gpointer data, int i, IeWork *work)
{
  const Job *job = data;
  IeCosinePlane plane = { job->plane, job->stride, job->transform->row.n, job->transform->column.n, job->change };
  float *scratch = ie_work_alloc (work, ie_cosine_lanes_scratch (plane.height));
  int step = groups_of_item (plane.width) * IE_SPECTRUM_COLUMNS, end = MIN ((i + 1) * step, plane.width);
  for (int x = i * step; x < end && !ie_work_cancelled (work); x += IE_SPECTRUM_COLUMNS) {
    int next = x + IE_SPECTRUM_COLUMNS;
    ie_cosine_lanes_columns (&job->transform->column.lanes, &plane, x, next < end ? next : -1, next + IE_SPECTRUM_COLUMNS,
                             scratch);
  }
}

static void
rows_pass (Job *job, IeWork *work)
{
  if (ie_work_cancelled (work))
    return;
  int height = job->transform->column.n;
  if (job->transform->row.lanes.n)
    ie_work_parallel (work, items (height, groups_of_item (height) * IE_SPECTRUM_COLUMNS), lanes_rows_body, job);
  else
    ie_work_parallel (work, items (height, 2 * ROW_PAIRS), rows_body, job);
}

static void
columns_pass (Job *job, IeWork *work)
{
  if (ie_work_cancelled (work))
    return;
  int width = job->transform->row.n;
  if (job->transform->column.lanes.n)
    ie_work_parallel (work, items (width, groups_of_item (width) * IE_SPECTRUM_COLUMNS), lanes_columns_body, job);
  else
    ie_work_parallel (work, items (width, 2 * job->transform->group_pairs), columns_body, job);
}

gboolean
ie_cosine_transform_change (const IeCosineTransform *transform, IeWork *work, float *plane, ptrdiff_t stride,
                            const IeSpectrumChange *change, GError **error)
{
  Job job = { transform, plane, stride, FALSE, change };
  rows_pass (&job, work);
  columns_pass (&job, work);
  job.inverse = TRUE;
  rows_pass (&job, work);
  if (!ie_work_cancelled (work))
    return TRUE;
  g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("interrupted"));
  return FALSE;
}
