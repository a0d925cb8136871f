// SPDX-License-Identifier: GPL-3.0-or-later
/* The cosine transform, our own and on FFTW, and the band-pass in it, against sums written out in double. */
#include "core/error.h"
#include "filters/fourier/transform.h"
#include "tests/step.h"

#include <math.h>

static const int sizes[][2] = { { 1, 1 },   { 1, 2 },    { 2, 1 },     { 1, 7 },   { 7, 1 },    { 2, 2 },
                                { 3, 2 },   { 5, 5 },    { 64, 65 },   { 65, 64 }, { 97, 101 }, { 360, 240 },
                                { 1, 997 }, { 1009, 1 }, { 499, 503 }, { 128, 3 }, { 3, 2003 }, { 2999, 31 } };

static float *
random_plane (int width, int height)
{
  gsize count = (gsize) width * (gsize) height;
  float *plane = g_new (float, count);
  for (gsize i = 0; i < count; i++)
    plane[i] = (float) g_test_rand_double_range (-0.25, 1.25);
  return plane;
}

static double
largest_difference (const float *a, const float *b, gsize count)
{
  double largest = 0;
  for (gsize i = 0; i < count; i++)
    largest = fmax (largest, fabs ((double) a[i] - (double) b[i]));
  return largest;
}

static void
leave (gpointer data, float *restrict coefficients, int x, int columns, int y, int step, int rows)
{}

static void
test_round_trip (void)
{
  IeWork *work = ie_work_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    GError *error = NULL;
    int width = sizes[i][0], height = sizes[i][1], gap = 5;
    gsize samples = (gsize) (width + gap) * (gsize) height;
    IeSpectrumChange change = { .block = leave };
    IeCosineTransform *transform = ie_cosine_transform_new (width, height, &error);
    g_assert_no_error (error);
    float *before = random_plane (width + gap, height);
    float *after = g_memdup2 (before, samples * sizeof (float));
    ptrdiff_t stride = (ptrdiff_t) ((gsize) (width + gap) * sizeof (float));
    g_assert_true (ie_cosine_transform_change (transform, work, after, stride, &change, &error));
    double difference = largest_difference (before, after, samples);
    if (difference > 1e-5)
      g_error ("%d x %d: round trip differs by %g", width, height, difference);
    for (int y = 0; y < height; y++)
      g_assert_cmpmem (before + (gsize) y * (gsize) (width + gap) + width, (gsize) gap * sizeof (float),
                       after + (gsize) y * (gsize) (width + gap) + width, (gsize) gap * sizeof (float));
    ie_cosine_transform_free (transform);
    ie_work_reset (work);
    g_free (before);
    g_free (after);
  }
  ie_work_free (work);
}

typedef struct {
  float *seen;
  int width;
} Copy;

static void
copy_out (gpointer data, float *restrict coefficients, int x, int columns, int y, int step, int rows)
{
  Copy *copy = data;
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < columns && x + c < copy->width; c++)
      copy->seen[(y + r * step) * copy->width + x + c] = coefficients[r * columns + c];
}

/* The sum that defines the coefficients: cos (pi u (2x + 1) / 2W) cos (pi v (2y + 1) / 2H). */
static double
slow_coefficient (const float *plane, int width, int height, int u, int v)
{
  double sum = 0;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      sum += plane[y * width + x] * cos (G_PI * u * (2 * x + 1) / (2.0 * width)) *
             cos (G_PI * v * (2 * y + 1) / (2.0 * height));
  return sum;
}

static void
test_coefficients (void)
{
  static const int small[][2] = { { 1, 1 }, { 2, 3 }, { 7, 5 }, { 16, 9 }, { 13, 40 }, { 1, 11 }, { 11, 1 } };
  IeWork *work = ie_work_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (small); i++) {
    int width = small[i][0], height = small[i][1];
    float *plane = random_plane (width, height);
    float *worked = g_memdup2 (plane, (gsize) width * (gsize) height * sizeof (float));
    Copy copy = { g_new (float, (gsize) width * (gsize) height), width };
    IeSpectrumChange change = { .block = copy_out, .block_data = &copy };
    IeCosineTransform *transform = ie_cosine_transform_new (width, height, NULL);
    ie_cosine_transform_change (transform, work, worked, (ptrdiff_t) width * 4, &change, NULL);
    for (int v = 0; v < height; v++)
      for (int u = 0; u < width; u++) {
        double wanted = slow_coefficient (plane, width, height, u, v);
        if (fabs (copy.seen[v * width + u] - wanted) > 2e-6 * width * height)
          g_error ("%d x %d: coefficient %d, %d is %g, not %g", width, height, u, v, copy.seen[v * width + u], wanted);
      }
    ie_cosine_transform_free (transform);
    ie_work_reset (work);
    g_free (plane);
    g_free (worked);
    g_free (copy.seen);
  }
  ie_work_free (work);
}

/* A single row, then a single column of n samples, against the sum that defines coefficients, in double. */
static void
check_line (int n, gboolean upright)
{
  int width = upright ? 1 : n, height = upright ? n : 1;
  IeWork *work = ie_work_new ();
  float *line = random_plane (width, height), *worked = g_memdup2 (line, (gsize) n * sizeof (float));
  double *cosine = g_new (double, 4 * (gsize) n);
  for (int i = 0; i < 4 * n; i++)
    cosine[i] = cos (G_PI * i / (2.0 * n));
  Copy copy = { g_new (float, n), width };
  IeSpectrumChange change = { .block = copy_out, .block_data = &copy };
  IeCosineTransform *transform = ie_cosine_transform_new (width, height, NULL);
  ie_cosine_transform_change (transform, work, worked, (ptrdiff_t) width * 4, &change, NULL);
  for (int k = 0; k < n; k++) {
    double wanted = 0;
    for (int i = 0; i < n; i++)
      wanted += line[i] * cosine[(gint64) k * (2 * i + 1) % (4 * n)];
    /* An error that is random grows with the root of n; 0 is the largest number. */
    if (fabs (copy.seen[k] - wanted) > 2e-6 * sqrt (n) + (k ? 0 : 2e-7 * n))
      g_error ("%d x %d: coefficient %d is %.9g, not %.9g", width, height, k, copy.seen[k], wanted);
  }
  if (largest_difference (line, worked, (gsize) n) > 4e-6)
    g_error ("%d x %d: round trip differs by %g", width, height, largest_difference (line, worked, (gsize) n));
  ie_cosine_transform_free (transform);
  ie_work_free (work);
  g_free (line);
  g_free (worked);
  g_free (cosine);
  g_free (copy.seen);
}

static void
test_lengths (void)
{
  static const int long_ones[] = { 96, 105, 128, 210, 243, 256, 343, 625, 1024, 2160, 2401, 3000, 3024, 4000, 4032, 6000, 4001 };
  for (int n = 1; n <= 70; n++) {
    check_line (n, FALSE);
    check_line (n, TRUE);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (long_ones); i++) {
    check_line (long_ones[i], FALSE);
    check_line (long_ones[i], TRUE);
  }
}

/* fourier-bandpass on one plane, in place. */
static void
bandpass (IeCpuLevel level, float *plane, int width, int height, double low, double high)
{
  GError *error = NULL;
  char low_text[40], high_text[40];
  g_snprintf (low_text, sizeof low_text, "low=%g", low);
  g_snprintf (high_text, sizeof high_text, "high=%g", high);
  TestStep test =
      test_step ("fourier-bandpass", level, width, height, 1, FALSE, (const char *[]){ low_text, high_text, NULL });
  test.step.prepared = test.step.filter->prepare (&test.step, &error);
  g_assert_no_error (error);
  g_assert_true (test.step.filter->apply_whole (&test.step, test.work, &plane, (ptrdiff_t) width * 4, &error));
  test.step.filter->release (test.step.prepared);
  test_step_clear (&test);
}

/* A single frequency of the transform comes out times the gain of the formula. */
static void
check_gain (int u, int v, double low, double high)
{
  enum { WIDTH = 60, HEIGHT = 35 };
  float plane[WIDTH * HEIGHT];
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      plane[y * WIDTH + x] = (float) (0.5 + 0.3 * cos (G_PI * u * (2 * x + 1) / (2.0 * WIDTH)) *
                                                cos (G_PI * v * (2 * y + 1) / (2.0 * HEIGHT)));
  double f2 = pow (u / (2.0 * WIDTH), 2) + pow (v / (2.0 * HEIGHT), 2);
  double gain = high < 0.7072 ? exp (-log (2) * f2 / (high * high)) : 1;
  gain *= low > 0 ? 1 - exp (-log (2) * f2 / (low * low)) : 1;
  float *before = g_memdup2 (plane, sizeof plane);
  bandpass (ie_cpu_level (), plane, WIDTH, HEIGHT, low, high);
  for (int i = 0; i < WIDTH * HEIGHT; i++) {
    double wanted = 0.5 + gain * ((double) before[i] - 0.5);
    if (fabs (plane[i] - wanted) > 1e-5)
      g_error ("low %g high %g, frequency %d, %d: %g instead of %g", low, high, u, v, plane[i], wanted);
  }
  g_free (before);
}

static void
test_gain (void)
{
  static const double edges[][2] = {
    { 0, 0.25 }, { 0.05, 1 }, { 0.02, 0.3 }, { 0.1, 0.11 }, { 0, 0.0001 }, { 0.7, 1 }
  };
  static const int frequencies[][2] = { { 1, 0 }, { 0, 1 }, { 30, 0 }, { 6, 2 }, { 20, 15 }, { 59, 34 } };
  for (gsize i = 0; i < G_N_ELEMENTS (edges); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (frequencies); k++)
      check_gain (frequencies[k][0], frequencies[k][1], edges[i][0], edges[i][1]);
}

/* Flat stays flat; the mean of a picture stays. */
static void
test_mean (void)
{
  enum { WIDTH = 211, HEIGHT = 97 };
  float *plane = g_new (float, (gsize) WIDTH * HEIGHT);
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    plane[i] = 0.7f;
  bandpass (ie_cpu_level (), plane, WIDTH, HEIGHT, 0.1, 0.2);
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    g_assert_cmpfloat_with_epsilon (plane[i], 0.7f, 2e-6f);
  g_free (plane);
  plane = random_plane (WIDTH, HEIGHT);
  double before = 0, after = 0;
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    before += plane[i];
  bandpass (ie_cpu_level (), plane, WIDTH, HEIGHT, 0.1, 0.2);
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    after += plane[i];
  g_assert_cmpfloat_with_epsilon (before / (WIDTH * HEIGHT), after / (WIDTH * HEIGHT), 1e-6);
  g_free (plane);
}

/* The right half bright: smoothing must not carry it round to the left edge, nor darken the right edge. */
static void
test_no_wrap (void)
{
  enum { WIDTH = 200, HEIGHT = 20 };
  float *plane = g_new (float, (gsize) WIDTH * HEIGHT);
  for (int i = 0; i < WIDTH * HEIGHT; i++)
    plane[i] = i % WIDTH < WIDTH / 2 ? 0.0f : 1.0f;
  bandpass (ie_cpu_level (), plane, WIDTH, HEIGHT, 0, 0.05);
  for (int y = 0; y < HEIGHT; y++) {
    g_assert_cmpfloat_with_epsilon (plane[y * WIDTH], 0.0f, 1e-5f);
    g_assert_cmpfloat_with_epsilon (plane[y * WIDTH + WIDTH - 1], 1.0f, 1e-5f);
  }
  g_free (plane);
}

static void
test_limits (void)
{
  TestStep off =
      test_step ("fourier-bandpass", ie_cpu_level (), 8, 8, 1, FALSE, (const char *[]){ "low=0", "high=0.7072", NULL });
  g_assert_true (off.step.filter->neutral (off.params));
  test_step_clear (&off);
  GError *error = NULL;
  IeHeader header;
  TestStep swapped =
      test_step ("fourier-bandpass", ie_cpu_level (), 8, 8, 1, FALSE, (const char *[]){ "low=0.3", "high=0.2", NULL });
  g_assert_false (swapped.step.filter->neutral (swapped.params));
  g_assert_false (swapped.step.filter->header (&swapped.step, &header, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_USAGE);
  g_error_free (error);
  test_step_clear (&swapped);
}

/* FFTW's results are within 1e-6 across levels, those of lengths with small factors alone the same. */
static void
check_cpu_levels (int width, int height, double bound)
{
  float *plane = random_plane (width, height);
  gsize count = (gsize) width * (gsize) height;
  float *base = g_memdup2 (plane, count * sizeof (float));
  bandpass (IE_CPU_BASE, base, width, height, 0.02, 0.3);
  for (IeCpuLevel level = IE_CPU_V2; level <= ie_cpu_level (); level++) {
    float *other = g_memdup2 (plane, count * sizeof (float));
    bandpass (level, other, width, height, 0.02, 0.3);
    g_assert_cmpfloat (largest_difference (base, other, count), <=, bound);
    g_free (other);
  }
  g_free (plane);
  g_free (base);
}

static void
test_cpu_levels (void)
{
  check_cpu_levels (123, 77, 1e-6);
  check_cpu_levels (120, 63, 0);
  check_cpu_levels (343, 250, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fourier/round-trip", test_round_trip);
  g_test_add_func ("/fourier/coefficients", test_coefficients);
  g_test_add_func ("/fourier/lengths", test_lengths);
  g_test_add_func ("/fourier-bandpass/gain", test_gain);
  g_test_add_func ("/fourier-bandpass/mean", test_mean);
  g_test_add_func ("/fourier-bandpass/no-wrap", test_no_wrap);
  g_test_add_func ("/fourier-bandpass/limits", test_limits);
  g_test_add_func ("/fourier-bandpass/cpu-levels", test_cpu_levels);
  return g_test_run ();
}
