// SPDX-License-Identifier: GPL-3.0-or-later
/* Comparison of two pictures in one streamed pass. Formulas and their sources: compare.h.
 *
 * SSIM of a window needs the weighted means of x, y, x^2, y^2, x y. The window is separable: each arriving row is
 * filtered across into a ring of the last 11 rows, and every full ring is filtered down into one row of means.
 */
#include "enhance/compare.h"

#include <math.h>
#include <string.h>

#include "colorspace/difference.h"
#include "core/converter.h"
#include "core/elementary.h"
#include "core/error.h"
#include "core/i18n.h"

#define BAND_ROWS 16

/* SSIM: the window and the constants of the paper; range is 1. */
#define SSIM_SIGMA 1.5
#define SSIM_RADIUS 5
#define SSIM_WINDOW (2 * SSIM_RADIUS + 1)
#define SSIM_C1 (0.01 * 0.01)
#define SSIM_C2 (0.03 * 0.03)

enum { MEAN_X, MEAN_Y, MEAN_XX, MEAN_YY, MEAN_XY, MEANS };

/* dE2000 histogram: bins of 0.001; the largest difference of two colours is below 200. */
#define BINS_PER_UNIT 1000
#define BINS (200 * BINS_PER_UNIT)

/* One of the two pictures, and the band of it that is being compared. */
typedef struct {
  IeSource *source;
  IePixels pixels; /* the band as stored */
  void *native;    /* its memory, unless it is the source's */
  float *samples;  /* as fractions of range */
  float *lab;      /* L*, a*, b* over 100, and alpha; NULL: no such space */
  const IeConverter *converter;
  gpointer state;
  int lab_channels; /* colour channels in lab */
} Side;

typedef struct {
  Side side[2];
  int width, height, channels, colours;
  /* SSIM: row_values samples a row of means, at the places where the window fits. */
  double weights[SSIM_WINDOW];
  int inner; /* places a row; 0: the picture is smaller than the window */
  gsize row_values;
  double *ring[SSIM_WINDOW]; /* MEANS rows of row_values each */
  double *means;
  double ssim_sum;
  /* The other sums. */
  double square_sum, max_difference;
  guint64 *histogram;
  double de_sum, de_max;
} Comparison;

/* ---- the two sides ---- */

static void
open_lab (Side *side)
{
  side->converter = ie_converter (IE_SPACE_LAB);
  side->state = side->converter ? side->converter->open (&side->source->header, NULL) : NULL;
  if (side->state)
    side->lab_channels = side->converter->channels (&side->source->header);
}

static void
open_side (Side *side, IeSource *source)
{
  const IeHeader *header = &source->header;
  gsize samples = (gsize)header->width * (gsize)header->channels * BAND_ROWS;
  side->source = source;
  if (!source->memory)
    side->native = g_malloc (samples * ie_depth_bytes (header->depth));
  side->samples = g_new (float, samples);
  open_lab (side);
  if (side->state)
    side->lab
        = g_new (float, (gsize)header->width *(gsize)(side->lab_channels + (header->has_alpha ? 1 : 0)) * BAND_ROWS);
}

static void
close_side (Side *side)
{
  if (side->state)
    side->converter->close (side->state);
  g_free (side->native);
  g_free (side->samples);
  g_free (side->lab);
}

static void
normalise_row (const void *data, IeDepth depth, float *out, gsize samples)
{
  if (depth == IE_DEPTH_U8) {
    const guint8 *codes = data;
    for (gsize i = 0; i < samples; i++)
      out[i] = (float)codes[i] / 255.0f;
  } else if (depth == IE_DEPTH_U16) {
    const guint16 *codes = data;
    for (gsize i = 0; i < samples; i++)
      out[i] = (float)codes[i] / 65535.0f;
  } else {
    const float *values = data;
    for (gsize i = 0; i < samples; i++)
      out[i] = values[i] == values[i] ? values[i] : 0.0f;
  }
}

static gboolean
read_band (Side *side, IeRect rect, GError **error)
{
  IeSource *source = side->source;
  const IeHeader *header = &source->header;
  gsize row = (gsize)header->width * (gsize)header->channels;
  IePixels *pixels = &side->pixels;
  *pixels = (IePixels){
    side->native, (ptrdiff_t)(row * ie_depth_bytes (header->depth)), rect, header->channels, header->has_alpha,
    header->depth
  };
  if (source->memory) {
    pixels->data = (char *)source->memory + (ptrdiff_t)rect.y * source->stride;
    pixels->stride = source->stride;
  } else if (!source->read (source, rect, pixels->data, pixels->stride, error))
    return FALSE;
  for (int y = 0; y < rect.height; y++)
    normalise_row ((const char *)pixels->data + y * pixels->stride, header->depth, side->samples + (gsize)y * row, row);
  if (side->lab) {
    int channels = side->lab_channels + (header->has_alpha ? 1 : 0);
    IePixels worked = { side->lab,
                        (ptrdiff_t)((gsize)header->width * (gsize)channels * sizeof (float)),
                        rect,
                        channels,
                        header->has_alpha,
                        IE_DEPTH_FLOAT };
    side->converter->enter (side->state, pixels, &worked);
  }
  return TRUE;
}

/* ---- sums over samples ---- */

static void
add_differences (Comparison *c, int rows)
{
  const float *a = c->side[0].samples, *b = c->side[1].samples;
  for (gsize pixel = 0, pixels = (gsize)rows * (gsize)c->width; pixel < pixels; pixel++)
    for (int channel = 0; channel < c->channels; channel++, a++, b++) {
      /* Equal infinities differ by nothing. */
      double difference = *a == *b ? 0 : (double)*a - (double)*b;
      c->max_difference = MAX (c->max_difference, fabs (difference));
      if (channel < c->colours)
        c->square_sum += difference * difference;
    }
}

static void
fetch_lab (const Side *side, gsize pixel, double lab[3])
{
  const float *at = side->lab + pixel * (gsize)(side->lab_channels + (side->source->header.has_alpha ? 1 : 0));
  lab[0] = 100.0 * at[0];
  lab[1] = side->lab_channels == 3 ? 100.0 * at[1] : 0;
  lab[2] = side->lab_channels == 3 ? 100.0 * at[2] : 0;
}

static void
add_colour_differences (Comparison *c, int rows)
{
  for (gsize pixel = 0, pixels = (gsize)rows * (gsize)c->width; pixel < pixels; pixel++) {
    double first[3], second[3];
    fetch_lab (&c->side[0], pixel, first);
    fetch_lab (&c->side[1], pixel, second);
    double difference = memcmp (first, second, sizeof first) == 0 ? 0 : ie_delta_e_2000 (first, second);
    double bin = difference * BINS_PER_UNIT + 0.5;
    c->histogram[bin < BINS ? (gsize)bin : BINS - 1]++;
    c->de_sum += difference;
    c->de_max = MAX (c->de_max, difference);
  }
}

/* The value below which 95 % of the pixels lie: of the sorted differences, the one at 0.95 (n - 1), rounded. */
static double
percentile_95 (const Comparison *c, guint64 pixels)
{
  guint64 rank = (guint64)(0.95 * (double)(pixels - 1) + 0.5), below = 0;
  gsize bin = 0;
  while (bin + 1 < BINS && below + c->histogram[bin] <= rank)
    below += c->histogram[bin++];
  return MIN ((double)bin / BINS_PER_UNIT, c->de_max);
}

/* ---- SSIM ---- */

static void
open_ssim (Comparison *c)
{
  if (c->width < SSIM_WINDOW || c->height < SSIM_WINDOW)
    return;
  c->inner = c->width - 2 * SSIM_RADIUS;
  c->row_values = (gsize)c->inner * (gsize)c->colours;
  double sum = 0;
  for (int i = 0; i < SSIM_WINDOW; i++) {
    double x = i - SSIM_RADIUS;
    c->weights[i] = ie_exp (-x * x / (2 * SSIM_SIGMA * SSIM_SIGMA));
    sum += c->weights[i];
  }
  for (int i = 0; i < SSIM_WINDOW; i++) {
    c->weights[i] /= sum;
    c->ring[i] = g_new (double, MEANS * c->row_values);
  }
  c->means = g_new (double, MEANS * c->row_values);
}

/* Filters row `y` of the band across, into its place in the ring. */
static void
filter_across (const Comparison *c, int y, double *out)
{
  gsize row = (gsize)c->width * (gsize)c->channels, plane = c->row_values;
  const float *a = c->side[0].samples + (gsize)y * row, *b = c->side[1].samples + (gsize)y * row;
  memset (out, 0, MEANS * plane * sizeof *out);
  for (int tap = 0; tap < SSIM_WINDOW; tap++) {
    double weight = c->weights[tap];
    gsize from = (gsize)tap * (gsize)c->channels;
    for (int channel = 0; channel < c->colours; channel++)
      for (int i = 0; i < c->inner; i++) {
        gsize at = from + (gsize)i * (gsize)c->channels + (gsize)channel;
        gsize to = (gsize)channel * (gsize)c->inner + (gsize)i;
        double x = a[at], y_value = b[at];
        out[MEAN_X * plane + to] += weight * x;
        out[MEAN_Y * plane + to] += weight * y_value;
        out[MEAN_XX * plane + to] += weight * (x * x);
        out[MEAN_YY * plane + to] += weight * (y_value * y_value);
        out[MEAN_XY * plane + to] += weight * (x * y_value);
      }
  }
}

/* The ring holds the window's rows, of which `newest` is the last: adds the similarity of one row of windows. */
static void
filter_down (Comparison *c, int newest)
{
  gsize plane = c->row_values, values = MEANS * plane;
  memset (c->means, 0, values * sizeof *c->means);
  for (int tap = 0; tap < SSIM_WINDOW; tap++) {
    const double *row = c->ring[(newest + 1 + tap) % SSIM_WINDOW];
    double weight = c->weights[tap];
    for (gsize i = 0; i < values; i++)
      c->means[i] += weight * row[i];
  }
  for (gsize i = 0; i < plane; i++) {
    double x = c->means[MEAN_X * plane + i], y = c->means[MEAN_Y * plane + i];
    double variance_x = c->means[MEAN_XX * plane + i] - x * x, variance_y = c->means[MEAN_YY * plane + i] - y * y;
    double covariance = c->means[MEAN_XY * plane + i] - x * y;
    c->ssim_sum += (2 * x * y + SSIM_C1) * (2 * covariance + SSIM_C2)
                   / ((x * x + y * y + SSIM_C1) * (variance_x + variance_y + SSIM_C2));
  }
}

static void
add_similarity (Comparison *c, IeRect rect)
{
  for (int y = 0; c->inner > 0 && y < rect.height; y++) {
    int place = (rect.y + y) % SSIM_WINDOW;
    filter_across (c, y, c->ring[place]);
    if (rect.y + y >= SSIM_WINDOW - 1)
      filter_down (c, place);
  }
}

/* ---- all of it ---- */

static void
fail_channels (const IeHeader *a, const IeHeader *b, GError **error)
{
  const char *text = a->has_alpha && b->has_alpha ? _ ("the channels differ: %d with alpha and %d with alpha")
                     : a->has_alpha               ? _ ("the channels differ: %d with alpha and %d")
                     : b->has_alpha               ? _ ("the channels differ: %d and %d with alpha")
                                                  : _ ("the channels differ: %d and %d");
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, text, a->channels, b->channels);
}

static gboolean
match (const IeHeader *a, const IeHeader *b, GError **error)
{
  if (a->width != b->width || a->height != b->height)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the sizes differ: %d x %d and %d x %d"), a->width, a->height,
                 b->width, b->height);
  else if (a->channels != b->channels || a->has_alpha != b->has_alpha)
    fail_channels (a, b, error);
  else if (a->model != b->model)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the colour models differ"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
stream (Comparison *c, const gint *cancel, int *failed, GError **error)
{
  for (int y = 0; y < c->height; y += BAND_ROWS) {
    IeRect rect = { 0, y, c->width, MIN (BAND_ROWS, c->height - y) };
    for (int i = 0; i < 2; i++)
      if (!read_band (&c->side[i], rect, error)) {
        *failed = i + 1;
        return FALSE;
      }
    add_differences (c, rect.height);
    if (c->side[0].lab && c->side[1].lab)
      add_colour_differences (c, rect.height);
    add_similarity (c, rect);
    if (cancel && g_atomic_int_get (cancel)) {
      g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("interrupted"));
      return FALSE;
    }
  }
  return TRUE;
}

static void
finish (const Comparison *c, IeComparison *result)
{
  double pixels = (double)c->width * c->height;
  double mean_square = c->square_sum / (pixels * c->colours);
  result->max_difference = c->max_difference;
  result->identical = c->max_difference == 0;
  result->psnr = mean_square > 0 ? -10 * ie_log (mean_square) / ie_log (10) : INFINITY;
  if (c->inner > 0)
    result->ssim = c->ssim_sum / ((double)c->row_values * (c->height - 2 * SSIM_RADIUS));
  if (c->side[0].lab && c->side[1].lab) {
    result->de2000_mean = c->de_sum / pixels;
    result->de2000_p95 = percentile_95 (c, (guint64)c->width * (guint64)c->height);
    result->de2000_max = c->de_max;
  }
}

gboolean
ie_compare (IeSource *a, IeSource *b, const gint *cancel, IeComparison *result, int *failed, GError **error)
{
  int ignored;
  failed = failed ? failed : &ignored;
  *failed = 0;
  *result = (IeComparison){ .ssim = NAN, .de2000_mean = NAN, .de2000_p95 = NAN, .de2000_max = NAN };
  if (!match (&a->header, &b->header, error))
    return FALSE;
  Comparison c = { .width = a->header.width, .height = a->header.height, .channels = a->header.channels };
  c.colours = ie_colours (c.channels, a->header.has_alpha);
  open_side (&c.side[0], a);
  open_side (&c.side[1], b);
  open_ssim (&c);
  c.histogram = g_new0 (guint64, BINS);
  gboolean good = stream (&c, cancel, failed, error);
  if (good)
    finish (&c, result);
  close_side (&c.side[0]);
  close_side (&c.side[1]);
  for (int i = 0; i < SSIM_WINDOW; i++)
    g_free (c.ring[i]);
  g_free (c.means);
  g_free (c.histogram);
  return good;
}
