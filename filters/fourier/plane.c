// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows are transformed where they lie; columns in groups that are copied side by side and stay in cache. */
#include "filters/fourier/plane.h"

#include "core/elementary.h"
#include "core/error.h"
#include "core/i18n.h"
#include "filters/fourier/transform.h"

#include <fftw3.h>
#include <string.h>

#define ROWS 32          /* a parallel item of the row passes */
#define COLUMNS 16       /* of the column passes: two lines of cache of complex numbers */

struct IeFourier {
  int width, height;
  fftwf_plan row_forward, row_backward, column_forward, column_backward;
};

static GMutex planner;

void
ie_fourier_planner_lock (void)
{
  g_mutex_lock (&planner);
}

void
ie_fourier_planner_unlock (void)
{
  g_mutex_unlock (&planner);
}

int
ie_fourier_padded (int size)
{
  for (int n = MAX (size + (size & 1), 2);; n += 2) {
    int rest = n;
    for (int p = 2; p <= 7; p += p == 2 ? 1 : 2)
      while (rest % p == 0)
        rest /= p;
    if (rest == 1)
      return n;
  }
}

static gsize
column_floats (int height)
{
  return ((2 * (gsize) height + 15) / 16 | 1) * 16;
}

gsize
ie_fourier_memory (int width, int height, int threads)
{
  gsize twiddles = 4 * ((gsize) width + (gsize) height) * sizeof (float);
  gsize row = 4 * ie_fourier_stride (width) * sizeof (float);
  return (gsize) threads * MAX (COLUMNS * column_floats (height) * sizeof (float), row) + twiddles;
}

IeFourier *
ie_fourier_new (int width, int height, GError **error)
{
  IeFourier *fourier = g_new0 (IeFourier, 1);
  fourier->width = width;
  fourier->height = height;
  gsize floats = MAX (ie_fourier_stride (width), column_floats (height));
  float *buffer = fftwf_alloc_real (floats);
  fftwf_complex *spectrum = (fftwf_complex *) buffer;
  ie_fourier_planner_lock ();
  if (buffer) {
    fourier->row_forward = fftwf_plan_dft_r2c_1d (width, buffer, spectrum, FFTW_ESTIMATE);
    fourier->row_backward = fftwf_plan_dft_c2r_1d (width, spectrum, buffer, FFTW_ESTIMATE);
    fourier->column_forward = fftwf_plan_dft_1d (height, spectrum, spectrum, FFTW_FORWARD, FFTW_ESTIMATE);
    fourier->column_backward = fftwf_plan_dft_1d (height, spectrum, spectrum, FFTW_BACKWARD, FFTW_ESTIMATE);
  }
  ie_fourier_planner_unlock ();
  fftwf_free (buffer);
  if (fourier->row_forward && fourier->row_backward && fourier->column_forward && fourier->column_backward)
    return fourier;
  g_set_error (error, IE_ERROR, IE_ERROR_MEMORY,
               _ ("there is no Fourier transform for a picture of %d x %d pixels"), width,
               height);
  ie_fourier_free (fourier);
  return NULL;
}

void
ie_fourier_free (IeFourier *fourier)
{
  if (!fourier)
    return;
  fftwf_plan plans[] = { fourier->row_forward, fourier->row_backward, fourier->column_forward, fourier->column_backward };
  ie_fourier_planner_lock ();
  for (gsize i = 0; i < G_N_ELEMENTS (plans); i++)
    if (plans[i])
      fftwf_destroy_plan (plans[i]);
  ie_fourier_planner_unlock ();
  g_free (fourier);
}

typedef struct {
  const IeFourier *fourier;
  float *plane;
  gboolean forward, backward; /* which transforms of the columns */
  IeFourierColumn column;
  gpointer data;
  float scale;
} Job;

static void
forward_rows (gpointer data, int i, IeWork *work)
{
  const Job *job = data;
  int height = job->fourier->height, end = MIN ((i + 1) * ROWS, height);
  for (int y = i * ROWS; y < end && !ie_work_cancelled (work); y++) {
    float *row = job->plane + (gsize) y * ie_fourier_stride (job->fourier->width);
    fftwf_execute_dft_r2c (job->fourier->row_forward, row, (fftwf_complex *) row);
  }
}

static void
backward_rows (gpointer data, int i, IeWork *work)
{
  const Job *job = data;
  int width = job->fourier->width, height = job->fourier->height, end = MIN ((i + 1) * ROWS, height);
  for (int y = i * ROWS; y < end && !ie_work_cancelled (work); y++) {
    float *restrict row = job->plane + (gsize) y * ie_fourier_stride (width);
    fftwf_execute_dft_c2r (job->fourier->row_backward, (fftwf_complex *) row, row);
    for (int x = 0; x < width; x++)
      row[x] *= job->scale;
  }
}

static void
columns_body (gpointer data, int i, IeWork *work)
{
  const Job *job = data;
  int height = job->fourier->height, first = i * COLUMNS;
  int count = MIN (COLUMNS, job->fourier->width / 2 + 1 - first);
  gsize stride = ie_fourier_stride (job->fourier->width), apart = column_floats (height);
  float *group = ie_work_alloc (work, COLUMNS * apart * sizeof (float));
  if (ie_work_cancelled (work))
    return;
  for (int y = 0; y < height; y++)
    for (int c = 0; c < count; c++)
      memcpy (group + (gsize) c * apart + 2 * (gsize) y, job->plane + (gsize) y * stride + 2 * (gsize) (first + c),
              2 * sizeof (float));
  for (int c = 0; c < count && !ie_work_cancelled (work); c++) {
    fftwf_complex *column = (fftwf_complex *) (group + (gsize) c * apart);
    if (job->forward)
      fftwf_execute_dft (job->fourier->column_forward, column, column);
    if (job->column)
      job->column (job->data, first + c, (float complex *) column, height);
    if (job->backward)
      fftwf_execute_dft (job->fourier->column_backward, column, column);
  }
  for (int y = 0; y < height; y++)
    for (int c = 0; c < count; c++)
      memcpy (job->plane + (gsize) y * stride + 2 * (gsize) (first + c), group + (gsize) c * apart + 2 * (gsize) y,
              2 * sizeof (float));
}

static gboolean
transform (const IeFourier *fourier, IeWork *work, float *plane, gboolean forward, gboolean backward,
           IeFourierColumn column, gpointer data, GError **error)
{
  Job job = { fourier, plane, forward, backward, column, data,
              (float) (1.0 / ((double) fourier->width * (double) fourier->height)) };
  int rows = (fourier->height + ROWS - 1) / ROWS, columns = (fourier->width / 2 + COLUMNS) / COLUMNS;
  if (forward)
    ie_work_parallel (work, rows, forward_rows, &job);
  if (!ie_work_cancelled (work))
    ie_work_parallel (work, columns, columns_body, &job);
  if (backward && !ie_work_cancelled (work))
    ie_work_parallel (work, rows, backward_rows, &job);
  if (!ie_work_cancelled (work))
    return TRUE;
  g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("interrupted"));
  return FALSE;
}

gboolean
ie_fourier_forward (const IeFourier *fourier, IeWork *work, float *plane, IeFourierColumn column, gpointer data,
                    GError **error)
{
  return transform (fourier, work, plane, TRUE, FALSE, column, data, error);
}

gboolean
ie_fourier_backward (const IeFourier *fourier, IeWork *work, float *plane, IeFourierColumn column, gpointer data,
                     GError **error)
{
  return transform (fourier, work, plane, FALSE, TRUE, column, data, error);
}

gboolean
ie_fourier_filter (const IeFourier *fourier, IeWork *work, float *plane, IeFourierColumn column, gpointer data,
                   GError **error)
{
  return transform (fourier, work, plane, TRUE, TRUE, column, data, error);
}

void
ie_fourier_clear (IeWork *work, float *plane, int width, int height)
{
  gsize pitch = ie_fourier_stride (width);
  for (int y = 0; y < height && !ie_work_cancelled (work); y++)
    memset (plane + (gsize) y * pitch, 0, pitch * sizeof (float));
}

/* Mirrored about the gap between two pixels, as often as needed. */
static inline int
mirrored (int i, int size)
{
  int period = 2 * size;
  i %= period;
  i += i < 0 ? period : 0;
  return i < size ? i : period - 1 - i;
}

/* Share of the continuation of the near side at place i of a gap of `gap`; the rest is that of the far side. */
static float *
blend_table (int gap)
{
  float *table = g_new (float, gap + 1);
  for (int i = 0; i < gap; i++)
    table[i] = (float) (0.5 + 0.5 * ie_cos (IE_PI * ((double) i + 0.5) / (double) gap));
  return table;
}

void
ie_fourier_fill (IeWork *work, const float *picture, ptrdiff_t stride, int width, int height, float *plane,
                 int padded_width, int padded_height)
{
  gsize pitch = ie_fourier_stride (padded_width);
  float *across = blend_table (padded_width - width), *down = blend_table (padded_height - height);
  for (int y = 0; y < height && !ie_work_cancelled (work); y++) {
    const float *restrict in = (const float *) (gconstpointer) ((const char *) picture + (ptrdiff_t) y * stride);
    float *restrict out = plane + (gsize) y * pitch;
    memcpy (out, in, (gsize) width * sizeof (float));
    for (int x = width; x < padded_width; x++) {
      float share = across[x - width];
      out[x] = share * in[mirrored (x, width)] + (1.0f - share) * in[mirrored (x - padded_width, width)];
    }
  }
  for (int y = height; y < padded_height && !ie_work_cancelled (work); y++) {
    const float *restrict near = plane + (gsize) mirrored (y, height) * pitch;
    const float *restrict far = plane + (gsize) mirrored (y - padded_height, height) * pitch;
    float *restrict out = plane + (gsize) y * pitch;
    float share = down[y - height];
    for (int x = 0; x < padded_width; x++)
      out[x] = share * near[x] + (1.0f - share) * far[x];
  }
  g_free (across);
  g_free (down);
}
