// SPDX-License-Identifier: GPL-3.0-or-later
/* gaussian and unsharp, every level of this processor, against the definition in double precision written out below. */
#include "core/registry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "filters/kernel/gaussian.h"

#define FLOAT_BOUND 3.2e-5 /* gaussian.h, two dimensions; asked for: 1e-4 of range */

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

typedef struct {
  int width, height, channels;
  gboolean has_alpha;
  IeDepth depth;
  void *data;
} Picture;

static size_t
pixel_bytes (const Picture *p)
{
  return (size_t) p->channels * ie_depth_bytes (p->depth);
}

static size_t
samples (const Picture *p)
{
  return (size_t) p->width * (size_t) p->height * (size_t) p->channels;
}

static Picture
picture_new (int width, int height, int channels, gboolean has_alpha, IeDepth depth)
{
  Picture p = { width, height, channels, has_alpha, depth, NULL };
  p.data = g_malloc0 ((size_t) width * (size_t) height * pixel_bytes (&p));
  return p;
}

static guint32 random_state = 1;

static double
random_unit (void)
{
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) / 16777215.0;
}

static void
set_sample (const Picture *p, size_t i, double value)
{
  if (p->depth == IE_DEPTH_U8)
    ((guint8 *) p->data)[i] = (guint8) (value * 255 + 0.5);
  else if (p->depth == IE_DEPTH_U16)
    ((guint16 *) p->data)[i] = (guint16) (value * 65535 + 0.5);
  else
    ((float *) p->data)[i] = (float) value;
}

/* In 0 .. 1. */
static double
get_sample (const Picture *p, size_t i)
{
  if (p->depth == IE_DEPTH_U8)
    return ((const guint8 *) p->data)[i] / 255.0;
  if (p->depth == IE_DEPTH_U16)
    return ((const guint16 *) p->data)[i] / 65535.0;
  return ((const float *) p->data)[i];
}

typedef enum { NOISE, BLACK_AND_WHITE, CHECKS, COLUMNS, ROWS, IMPULSE, EDGE, WAVE, PATTERNS } Pattern;
static const char *const pattern_names[] = { "noise", "black and white", "checks", "columns",
                                             "rows", "impulse", "edge", "wave" };

static double
pattern_value (Pattern pattern, const Picture *p, int x, int y)
{
  switch (pattern) {
  case NOISE:
    return random_unit ();
  case BLACK_AND_WHITE:
    return random_unit () < 0.5;
  case CHECKS:
    return (x + y) & 1;
  case COLUMNS:
    return x & 1;
  case ROWS:
    return y & 1;
  case IMPULSE:
    return x == p->width / 2 && y == p->height / 2;
  case EDGE:
    return x > p->width / 3 || y > p->height / 2;
  default:
    return 0.5 + 0.5 * cos (0.13 * x + 0.002 * x * x + 0.31 * y);
  }
}

static Picture
picture_of (Pattern pattern, int width, int height, int channels, gboolean has_alpha, IeDepth depth)
{
  Picture p = picture_new (width, height, channels, has_alpha, depth);
  size_t i = 0;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < channels; c++)
        set_sample (&p, i++, pattern_value (pattern, &p, x + 3 * c, y));
  if (has_alpha) /* a third transparent, a third opaque, the rest between */
    for (i = (size_t) channels - 1; i < samples (&p); i += (size_t) channels) {
      double alpha = random_unit () * 3 - 1;
      set_sample (&p, i, CLAMP (alpha, 0, 1));
    }
  return p;
}

static Picture
to_float (const Picture *p)
{
  Picture f = picture_new (p->width, p->height, p->channels, p->has_alpha, IE_DEPTH_FLOAT);
  for (size_t i = 0; i < samples (p); i++)
    ((float *) f.data)[i] = (float) get_sample (p, i);
  return f;
}

/* ---- the definition ---------------------------------------------------------------------------------------------- */

/* One axis of `planes` interleaved channels, reflect-101, kernel cut at 8 sigma. */
static void
blur_axis (const double *in, double *out, int count, ptrdiff_t step, double sigma)
{
  int radius = (int) ceil (8 * sigma);
  double *kernel = g_new (double, radius + 1), sum = 0;
  for (int t = 0; t <= radius; t++) {
    kernel[t] = exp (-0.5 * t * t / (sigma * sigma));
    sum += t ? 2 * kernel[t] : kernel[t];
  }
  for (int i = 0; i < count; i++) {
    double total = 0;
    for (int t = -radius; t <= radius; t++)
      total += kernel[ABS (t)] * in[ie_reflect (i + t, count) * step];
    out[i * step] = total / sum;
  }
  g_free (kernel);
}

/* The picture in double, blurred by the definition; with alpha, colour is the weighed mean (alpha is blurred too). */
static double *
definition (const Picture *p, double sigma)
{
  size_t count = samples (p), channels = (size_t) p->channels;
  double *values = g_new (double, count), *between = g_new (double, count);
  for (size_t i = 0; i < count; i++) {
    double alpha = p->has_alpha ? get_sample (p, i / channels * channels + channels - 1) : 1;
    values[i] = get_sample (p, i) * (i % channels < channels - 1 ? alpha : 1);
    if (!p->has_alpha)
      values[i] = get_sample (p, i);
  }
  for (int y = 0; y < p->height; y++)
    for (int c = 0; c < p->channels; c++) {
      ptrdiff_t at = (ptrdiff_t) y * p->width * p->channels + c;
      blur_axis (values + at, between + at, p->width, p->channels, sigma);
    }
  for (int i = 0; i < p->width * p->channels; i++)
    blur_axis (between + i, values + i, p->height, (ptrdiff_t) p->width * p->channels, sigma);
  for (size_t i = 0; p->has_alpha && i < count; i++) {
    double alpha = values[i / channels * channels + channels - 1];
    if (i % channels < channels - 1)
      values[i] = alpha > 0 ? values[i] / alpha : 0;
  }
  g_free (between);
  return values;
}

/* ---- the filters ------------------------------------------------------------------------------------------------- */

static const char *
level_name (int level)
{
  return ie_cpu_level_name ((IeCpuLevel) level);
}

static const IeFilter *
filter_at (const char *name, int level)
{
  return ie_filter_at_level (ie_filter_find (name, 0, NULL), (IeCpuLevel) level);
}

/* One rectangle of the result, its input gathered by the border rule. */
static void
apply_rect (const IeStep *step, IeApply apply, IeWork *work, const Picture *in, const Picture *out, IeRect rect)
{
  IeRect need = step->filter->region (step, rect, 0);
  size_t pixel = pixel_bytes (in);
  char *gathered = g_malloc ((size_t) need.width * (size_t) need.height * pixel);
  for (int y = 0; y < need.height; y++)
    for (int x = 0; x < need.width; x++) {
      size_t from = (size_t) ie_reflect (need.y + y, in->height) * (size_t) in->width +
                    (size_t) ie_reflect (need.x + x, in->width);
      memcpy (gathered + ((size_t) y * (size_t) need.width + (size_t) x) * pixel, (char *) in->data + from * pixel,
              pixel);
    }
  IePixels from = { gathered, need.width * (ptrdiff_t) pixel, need, in->channels, in->has_alpha, in->depth };
  IePixels whole = { out->data, out->width * (ptrdiff_t) pixel, { 0, 0, out->width, out->height },
                     out->channels, out->has_alpha, out->depth };
  IePixels to = ie_pixels_part (&whole, rect);
  ie_work_reset (work);
  apply (step, work, &from, &to);
  g_free (gathered);
}

/* The picture through a filter, values in the order of its params, in rectangles of the given size. */
static Picture
filtered (const IeFilter *filter, const double *values, const Picture *in, int rect_width, int rect_height)
{
  IeParams *params = ie_params_new (filter->params);
  for (int i = 0; i < params->count; i++)
    params->values[i].number = values[i];
  IeStep step = { .filter = filter, .params = params };
  step.input = step.output = (IeHeader){ .width = in->width, .height = in->height, .channels = in->channels,
                                         .has_alpha = in->has_alpha, .depth = in->depth };
  step.prepared = filter->prepare (&step, NULL);
  const IeApply applies[] = { filter->apply_u8, filter->apply_u16, filter->apply };
  IeApply apply = applies[in->depth];
  Picture out = picture_new (in->width, in->height, in->channels, in->has_alpha, in->depth);
  IeWork *work = ie_work_new ();
  for (int y = 0; y < in->height; y += rect_height)
    for (int x = 0; x < in->width; x += rect_width)
      apply_rect (&step, apply, work, in, &out,
                  (IeRect){ x, y, MIN (rect_width, in->width - x), MIN (rect_height, in->height - y) });
  ie_work_free (work);
  filter->release (step.prepared);
  ie_params_free (params);
  return out;
}

static Picture
gaussian (const Picture *in, double sigma, int level)
{
  return filtered (filter_at ("gaussian", level), &sigma, in, in->width, in->height);
}

/* Whether the filter's result is looked at there: colour, and not under alpha 0. */
static gboolean
counts (const Picture *in, size_t i)
{
  size_t channels = (size_t) in->channels;
  return !in->has_alpha || (i % channels < channels - 1 && get_sample (in, i / channels * channels + channels - 1) > 0);
}

static double
largest_error (const Picture *in, const Picture *out, const double *expected)
{
  double largest = 0;
  for (size_t i = 0; i < samples (in); i++)
    if (counts (in, i))
      largest = MAX (largest, fabs (get_sample (out, i) - expected[i]));
  return largest;
}

/* Largest difference in codes from a float result, rounded. */
static int
largest_codes (const Picture *out, const Picture *exact)
{
  double range = ie_depth_range (out->depth);
  int largest = 0;
  for (size_t i = 0; i < samples (out); i++) {
    double rounded = floor (CLAMP (get_sample (exact, i), 0, 1) * range + 0.5);
    if (counts (out, i))
      largest = MAX (largest, (int) fabs (floor (get_sample (out, i) * range + 0.5) - rounded));
  }
  return largest;
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static const double sigmas[] = { 0.05, 0.3, 0.5, 1, 2, 4.49, 4.5, 5.99, 6, 6.6, 10, 15.9, 16, 20, 33, 61.5, 200 };

static void
test_definition (void)
{
  double worst = 0;
  for (gsize s = 0; s < G_N_ELEMENTS (sigmas); s++)
    for (int pattern = 0; pattern < PATTERNS; pattern++) {
      Picture in = picture_of (pattern, 157, 83, 1, FALSE, IE_DEPTH_FLOAT);
      double *expected = definition (&in, sigmas[s]);
      Picture out = gaussian (&in, sigmas[s], (int) ie_cpu_level ());
      double error = largest_error (&in, &out, expected);
      worst = MAX (worst, error);
      if (error > FLOAT_BOUND)
        g_error ("sigma %g, %s: %g of range", sigmas[s], pattern_names[pattern], error);
      g_free (expected);
      g_free (in.data);
      g_free (out.data);
    }
  g_test_message ("largest error %.2g of range", worst);
}

static void
test_sizes (void)
{
  static const int sizes[][3] = { { 1, 1, 1 }, { 1, 7, 3 }, { 9, 1, 4 }, { 2, 2, 2 }, { 37, 23, 3 }, { 40, 5, 5 } };
  static const double some[] = { 0.7, 2, 6, 25 };
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (gsize s = 0; s < G_N_ELEMENTS (some); s++)
      for (int alpha = 0; alpha <= (sizes[i][2] > 1); alpha++) {
        Picture in = picture_of (NOISE, sizes[i][0], sizes[i][1], sizes[i][2], alpha, IE_DEPTH_FLOAT);
        double *expected = definition (&in, some[s]);
        Picture out = gaussian (&in, some[s], (int) ie_cpu_level ());
        double error = largest_error (&in, &out, expected), bound = alpha ? 4 * FLOAT_BOUND : FLOAT_BOUND;
        if (error > bound)
          g_error ("%d x %d x %d, alpha %d, sigma %g: %g of range", sizes[i][0], sizes[i][1], sizes[i][2], alpha,
                   some[s], error);
        g_free (expected);
        g_free (in.data);
        g_free (out.data);
      }
}

/* Integer depths: within one code of the rounded float result, and the error before rounding well below that. */
static void
check_depth (IeDepth depth, gboolean alpha)
{
  double worst = 0, range = ie_depth_range (depth);
  for (gsize s = 0; s < G_N_ELEMENTS (sigmas) - 1; s++)
    for (int pattern = 0; pattern < PATTERNS; pattern++) {
      Picture in = picture_of (pattern, 91, 67, alpha ? 4 : 3, alpha, depth), as_float = to_float (&in);
      Picture out = gaussian (&in, sigmas[s], (int) ie_cpu_level ());
      Picture exact = gaussian (&as_float, sigmas[s], (int) ie_cpu_level ());
      int codes = largest_codes (&out, &exact);
      if (codes > 1)
        g_error ("sigma %g, %s, alpha %d: %d codes of %g", sigmas[s], pattern_names[pattern], alpha, codes, range);
      for (size_t i = 0; i < samples (&in); i++)
        if (counts (&in, i))
          worst = MAX (worst, fabs (get_sample (&out, i) - get_sample (&exact, i)) * range - 0.5);
      g_free (in.data);
      g_free (as_float.data);
      g_free (out.data);
      g_free (exact.data);
    }
  g_test_message ("range %g, alpha %d: largest error before rounding %.3f of a code", range, alpha, worst);
  g_assert_cmpfloat (worst, <, 0.45);
}

static void
test_depths (void)
{
  for (int alpha = 0; alpha < 2; alpha++) {
    check_depth (IE_DEPTH_U8, alpha);
    check_depth (IE_DEPTH_U16, alpha);
  }
}

static void
test_flat (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (sigmas) - 1; s++)
    for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_FLOAT; depth++)
      for (int code = 0; code <= 255; code += depth == IE_DEPTH_U8 ? 1 : 17) {
        Picture in = picture_new (33, 19, 1, FALSE, (IeDepth) depth);
        for (size_t i = 0; i < samples (&in); i++)
          set_sample (&in, i, code / 255.0);
        Picture out = gaussian (&in, sigmas[s], (int) ie_cpu_level ());
        double bound = depth == IE_DEPTH_FLOAT ? 1e-6 : 0;
        for (size_t i = 0; i < samples (&in); i++)
          if (fabs (get_sample (&out, i) - get_sample (&in, i)) > bound)
            g_error ("sigma %g, depth %d, code %d: %g", sigmas[s], depth, code, get_sample (&out, i));
        g_free (in.data);
        g_free (out.data);
      }
}

/* The same samples in any rectangles and at every level. */
static void
test_same_bits (void)
{
  static const int rects[][2] = { { 1000, 1000 }, { 11, 1000 }, { 1000, 7 }, { 61, 13 }, { 150, 31 } };
  static const double some[] = { 0.3, 2, 3.9, 5, 11, 17, 34 };
  int mismatches = 0;
  for (int name = 0; name < 2; name++)
    for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_FLOAT; depth++)
      for (int alpha = 0; alpha < 2; alpha++)
        for (gsize s = 0; s < G_N_ELEMENTS (some); s++) {
          Picture in = picture_of (NOISE, 389, 37, alpha ? 4 : 3, alpha, (IeDepth) depth);
          double values[] = { some[s], 0.8, s % 2 ? 2.5 : 0 };
          Picture reference = { 0 };
          for (int level = 0; level <= (int) ie_cpu_level (); level++)
            for (gsize r = 0; r < (level ? 1 : G_N_ELEMENTS (rects)); r++) {
              const char *filter = name ? "unsharp" : "gaussian";
              Picture out = filtered (filter_at (filter, level), values, &in, rects[r][0], rects[r][1]);
              if (!reference.data)
                reference = out;
              else {
                if (memcmp (out.data, reference.data, samples (&in) * ie_depth_bytes (in.depth)) && !mismatches++)
                  g_test_message ("%s, sigma %g, depth %d, alpha %d, level %s, rectangle %d x %d", filter, some[s],
                                  depth, alpha, level_name (level), rects[r][0], rects[r][1]);
                g_free (out.data);
              }
            }
          g_free (reference.data);
          g_free (in.data);
        }
  g_assert_cmpint (mismatches, ==, 0);
}

static double
unsharp_definition (double in, double blurred, double amount, double threshold)
{
  double difference = in - blurred;
  return in + amount * (fabs (difference) >= threshold / 100 ? difference : 0);
}

static void
test_unsharp (void)
{
  static const double some[][3] = { { 2, 0.5, 0 }, { 0.6, 3, 0 }, { 8, 1.2, 0 },
                                    { 30, 10, 0 }, { 2, 1, 4 }, { 12, 2, 9 } };
  for (gsize s = 0; s < G_N_ELEMENTS (some); s++)
    for (int alpha = 0; alpha < 2; alpha++) {
      Picture in = picture_of (NOISE, 91, 67, alpha ? 4 : 3, alpha, IE_DEPTH_FLOAT);
      double *blurred = definition (&in, some[s][0]), error = 0, amount = some[s][1], threshold = some[s][2];
      Picture out = filtered (filter_at ("unsharp", (int) ie_cpu_level ()), some[s], &in, 50, 50);
      for (size_t i = 0; i < samples (&in); i++) {
        double value = get_sample (&in, i);
        /* Within the Gaussian's bound of the threshold either decision is right. */
        gboolean open = fabs (fabs (value - blurred[i]) - threshold / 100) < 4 * FLOAT_BOUND && threshold > 0;
        if (counts (&in, i) && !open)
          error = MAX (error, fabs (get_sample (&out, i) - unsharp_definition (value, blurred[i], amount, threshold)));
      }
      if (error > (alpha ? 4 : 1) * FLOAT_BOUND * amount + 1e-6)
        g_error ("radius %g amount %g threshold %g alpha %d: %g", some[s][0], amount, threshold, alpha, error);
      g_free (blurred);
      g_free (in.data);
      g_free (out.data);
    }
}

/* One code of the float result at 8 and 16 bits; a threshold that fell otherwise than in float would be many codes. */
static void
test_unsharp_depths (void)
{
  static const double some[][3] = { { 2, 0.5, 0 }, { 0.4, 1.99, 0 }, { 3, 2, 0 }, { 5.9, 1.9, 0 },
                                    { 4.9, 10, 0 }, { 25, 1.9, 0 }, { 2, 3, 4 }, { 9, 1, 9 } };
  for (gsize s = 0; s < G_N_ELEMENTS (some); s++)
    for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_U16; depth++)
      for (int alpha = 0; alpha < 2; alpha++)
        for (int pattern = 0; pattern < PATTERNS; pattern++) {
          Picture in = picture_of (pattern, 91, 67, alpha ? 4 : 3, alpha, (IeDepth) depth), as_float = to_float (&in);
          const IeFilter *filter = filter_at ("unsharp", (int) ie_cpu_level ());
          Picture out = filtered (filter, some[s], &in, 200, 200);
          Picture exact = filtered (filter, some[s], &as_float, 33, 77);
          int codes = largest_codes (&out, &exact);
          if (codes > 1)
            g_error ("radius %g amount %g threshold %g depth %d alpha %d, %s: %d codes", some[s][0], some[s][1],
                     some[s][2], depth, alpha, pattern_names[pattern], codes);
          g_free (in.data);
          g_free (as_float.data);
          g_free (out.data);
          g_free (exact.data);
        }
}

/* The picture's own float values: k / 255 and k / 65535, correctly rounded. */
static void
test_units (void)
{
  for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_U16; depth++) {
    int count = depth == IE_DEPTH_U8 ? 256 : 65536;
    Picture in = picture_new (count, 1, 1, FALSE, (IeDepth) depth);
    float *out = g_new (float, count);
    IePixels view = { in.data, 0, { 0, 0, count, 1 }, 1, FALSE, (IeDepth) depth };
    for (int i = 0; i < count; i++)
      set_sample (&in, (size_t) i, (double) i / (count - 1));
    ie_weigh_load (&view, 0, 0, count, IE_UNIT_RANGE, out);
    for (int i = 0; i < count; i++)
      g_assert_true (out[i] == (float) ((long double) i / (count - 1)));
    g_free (out);
    g_free (in.data);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gaussian/definition", test_definition);
  g_test_add_func ("/gaussian/sizes-and-alpha", test_sizes);
  g_test_add_func ("/gaussian/depths", test_depths);
  g_test_add_func ("/gaussian/flat", test_flat);
  g_test_add_func ("/gaussian/same-bits-everywhere", test_same_bits);
  g_test_add_func ("/gaussian/units", test_units);
  g_test_add_func ("/unsharp/definition", test_unsharp);
  g_test_add_func ("/unsharp/depths", test_unsharp_depths);
  return g_test_run ();
}
