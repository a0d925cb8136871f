// SPDX-License-Identifier: GPL-3.0-or-later
/* The side of libvips. Its result streams into our memory tile by tile, so that it pays for no fresh memory. "vips" is what
 * a plain call gives; "vips accurate" does the same as accurately as we do, where the plain call does not. */
#include "bench/harness.h"

#include <math.h>
#include <string.h>
#include <vips/vips.h>

#define TABLE_8 256
#define TABLE_16 65536
/* The least that vips_gaussblur() takes: exp (-x^2 / 2) is there at 3.7 sigma. */
#define LEAST_AMPLITUDE 0.001
#define SMALL_SIGMA 4
#define BLUR_REACH 4 /* sigma from the border: libvips repeats its pixels, we mirror */
#define BUDGET 3
#define FAR 10

typedef struct {
  const BenchRow *row;
  const BenchPicture *in;
  BenchPicture *out;
  gboolean accurate;
  VipsImage *table, *weights;
} Vips;

/* Makes *out (new reference) from in. 0 or -1, as libvips has it. */
typedef int (*Work) (Vips *vips, VipsImage *in, VipsImage **out);

static VipsBandFormat
format_of (BenchDepth depth)
{
  return depth == BENCH_U8 ? VIPS_FORMAT_UCHAR : depth == BENCH_U16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_FLOAT;
}

static VipsImage *
image_of (const BenchPicture *picture)
{
  VipsImage *image = vips_image_new_from_memory (picture->data, bench_picture_bytes (picture), picture->width,
                                                 picture->height, picture->channels, format_of (picture->depth));
  gboolean gray = picture->channels == 1;
  image->Type = picture->depth == BENCH_U8    ? (gray ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB)
                : picture->depth == BENCH_U16 ? (gray ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16)
                                              : VIPS_INTERPRETATION_MULTIBAND;
  return image;
}

static int
work_levels (Vips *vips, VipsImage *in, VipsImage **out)
{
  return vips_maplut (in, out, vips->table, NULL);
}

static int
blur (Vips *vips, VipsImage *in, double sigma, VipsImage **out)
{
  if (vips->accurate)
    return vips_gaussblur (in, out, sigma, "precision", VIPS_PRECISION_FLOAT, "min_ampl", LEAST_AMPLITUDE, NULL);
  return vips_gaussblur (in, out, sigma, NULL);
}

static int
work_gaussian (Vips *vips, VipsImage *in, VipsImage **out)
{
  return blur (vips, in, vips->row->numbers[0], out);
}

static int
work_median (Vips *vips, VipsImage *in, VipsImage **out)
{
  return vips_median (in, out, 2 * (int) vips->row->numbers[0] + 1, NULL);
}

static int
work_unsharp (Vips *vips, VipsImage *in, VipsImage **out)
{
  double amount = vips->row->numbers[1];
  double half = vips->row->depth == BENCH_FLOAT ? 0 : 0.5; /* the cast to integers truncates */
  VipsImage **t = (VipsImage **) vips_object_local_array (VIPS_OBJECT (in), 3);
  return blur (vips, in, vips->row->numbers[0], &t[0]) || vips_linear1 (in, &t[1], 1 + amount, half, NULL) ||
         vips_linear1 (t[0], &t[2], -amount, 0, NULL) || vips_add (t[1], t[2], out, NULL);
}

static int
work_equalize (Vips *vips, VipsImage *in, VipsImage **out)
{
  return vips_hist_equal (in, out, NULL);
}

static int
work_equalize_lightness (Vips *vips, VipsImage *in, VipsImage **out)
{
  VipsImage **t = (VipsImage **) vips_object_local_array (VIPS_OBJECT (in), 8);
  VipsInterpretation space = in->Type;
  return vips_colourspace (in, &t[0], VIPS_INTERPRETATION_LAB, NULL) || vips_extract_band (t[0], &t[1], 0, NULL) ||
         vips_extract_band (t[0], &t[2], 1, "n", 2, NULL) ||
         vips_linear1 (t[1], &t[3], 2.55, 0.5, "uchar", TRUE, NULL) || vips_hist_equal (t[3], &t[4], NULL) ||
         vips_linear1 (t[4], &t[5], 1 / 2.55, 0, NULL) || vips_bandjoin2 (t[5], t[2], &t[6], NULL) ||
         vips_copy (t[6], &t[7], "interpretation", VIPS_INTERPRETATION_LAB, NULL) ||
         vips_colourspace (t[7], out, space, NULL);
}

static int
work_lab (Vips *vips, VipsImage *in, VipsImage **out)
{
  VipsImage **t = (VipsImage **) vips_object_local_array (VIPS_OBJECT (in), 1);
  return vips_colourspace (in, &t[0], VIPS_INTERPRETATION_LAB, NULL) || vips_colourspace (t[0], out, in->Type, NULL);
}

static int
work_bandpass (Vips *vips, VipsImage *in, VipsImage **out)
{
  return vips_freqmult (in, vips->weights, out, NULL);
}

/* What takes libvips half a minute a run or more is left out. */
static Work
work_for (const BenchRow *row)
{
  switch (row->operation) {
  case BENCH_LEVELS:
    return work_levels;
  case BENCH_GAUSSIAN:
    return row->numbers[0] <= SMALL_SIGMA || row->depth == BENCH_U8 ? work_gaussian : NULL;
  case BENCH_MEDIAN:
    /* At 8 bits it is wrong from 5 x 5 on; at 16 bits the one exact peer, by sorting. */
    if (row->depth == BENCH_U8)
      return row->numbers[0] <= 1 ? work_median : NULL;
    return row->depth == BENCH_U16 && row->part > 1 ? work_median : NULL;
  case BENCH_UNSHARP:
    return work_unsharp;
  case BENCH_EQUALIZE:
    return work_equalize;
  case BENCH_EQUALIZE_LIGHTNESS:
    return row->depth == BENCH_U8 ? work_equalize_lightness : NULL;
  case BENCH_LAB:
    return row->depth == BENCH_FLOAT ? NULL : work_lab; /* float would be scRGB, linear: other work */
  case BENCH_BANDPASS:
    return work_bandpass;
  case BENCH_HOMOMORPHIC:
  case BENCH_BILATERAL:
  case BENCH_NLMEANS:
  case BENCH_BOX:   /* work whose peer here is OpenCV */
  case BENCH_CANNY:
  case BENCH_SOBEL:
  case BENCH_CLAHE: /* hist_local: a hundred times slower, every pixel a window of its own */
  case BENCH_CLAHE_LIGHTNESS:
    return NULL;
  }
  return NULL;
}

static int
write_region (VipsRegion *region, void *sequence, void *a, void *b, gboolean *stop)
{
  BenchPicture *out = ((Vips *) a)->out;
  gsize pixel = VIPS_IMAGE_SIZEOF_PEL (region->im);
  for (int y = 0; y < region->valid.height; y++)
    memcpy ((char *) out->data +
                ((gsize) (region->valid.top + y) * (gsize) out->width + (gsize) region->valid.left) * pixel,
            VIPS_REGION_ADDR (region, region->valid.left, region->valid.top + y), (gsize) region->valid.width * pixel);
  return 0;
}

static void
run_vips (gpointer state)
{
  Vips *vips = state;
  VipsImage *in = image_of (vips->in), *made = NULL, *out = NULL;
  if (work_for (vips->row) (vips, in, &made) || vips_cast (made, &out, in->BandFmt, NULL))
    g_error ("libvips: %s", vips_error_buffer ());
  if (out->Bands != in->Bands)
    g_error ("libvips gives another kind of picture: %s", vips->row->name);
  if (vips_sink (out, NULL, write_region, NULL, vips, NULL))
    g_error ("libvips: %s", vips_error_buffer ());
  g_object_unref (out);
  g_object_unref (made);
  g_object_unref (in);
}

static void
close_vips (gpointer state)
{
  Vips *vips = state;
  g_clear_object (&vips->table);
  g_clear_object (&vips->weights);
  g_free (vips);
}

static VipsImage *
levels_table (const BenchRow *row)
{
  int size = row->depth == BENCH_U8 ? TABLE_8 : TABLE_16;
  BenchPicture table = bench_picture_new (size, 1, 1, row->depth);
  for (int k = 0; k < size; k++) {
    double value = bench_levels_value (row, (double) k / (size - 1)) * (size - 1) + 0.5;
    if (row->depth == BENCH_U8)
      ((guint8 *) table.data)[k] = (guint8) value;
    else
      ((guint16 *) table.data)[k] = (guint16) value;
  }
  VipsImage *image = vips_image_new_from_memory_copy (table.data, bench_picture_bytes (&table), size, 1, 1,
                                                      format_of (row->depth));
  image->Type = VIPS_INTERPRETATION_HISTOGRAM;
  bench_picture_free (&table);
  return image;
}

static VipsImage *
bandpass_weights (const BenchRow *row, int width, int height)
{
  BenchPicture weights = bench_picture_new (width, height, 1, BENCH_FLOAT);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      ((float *) weights.data)[(gsize) y * (gsize) width + (gsize) x] =
          (float) bench_bandpass_weight (row, (double) (x <= width / 2 ? x : x - width) / width,
                                         (double) (y <= height / 2 ? y : y - height) / height);
  VipsImage *image = vips_image_new_from_memory_copy (weights.data, bench_picture_bytes (&weights), width, height, 1,
                                                      VIPS_FORMAT_FLOAT);
  bench_picture_free (&weights);
  return image;
}

static const char *
note_for (const BenchRow *row, gboolean accurate)
{
  switch (row->operation) {
  case BENCH_GAUSSIAN:
    return accurate ? "float arithmetic, kernel that holds 3.7 sigma; result truncated, border pixels repeated"
                    : "integer arithmetic, kernel cut where it falls below 0.2; border pixels repeated";
  case BENCH_UNSHARP:
    return accurate ? "gaussblur, linear, add; kernel that holds 3.7 sigma; border pixels repeated"
                    : "gaussblur (kernel cut where it falls below 0.2), linear, add; border pixels repeated";
  case BENCH_MEDIAN:
    return "border pixels repeated";
  case BENCH_EQUALIZE_LIGHTNESS:
    return "Lab in float, L* at 8 bits for the histogram and the result";
  case BENCH_BANDPASS:
    return "wraps around where we mirror; weights made beforehand, not timed";
  default:
    return "";
  }
}

static gboolean
open_side (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, gboolean accurate, BenchJob *job)
{
  static gsize started = 0;
  if (g_once_init_enter (&started)) {
    if (vips_init ("imgenhance-bench"))
      g_error ("libvips: %s", vips_error_buffer ());
    vips_cache_set_max (0); /* else it would remember the answer */
    g_once_init_leave (&started, 1);
  }
  gboolean blurs = row->operation == BENCH_GAUSSIAN || row->operation == BENCH_UNSHARP;
  if (!work_for (row) || (accurate && (!blurs || row->numbers[0] > SMALL_SIGMA || row->depth != BENCH_U8)))
    return FALSE;
  vips_concurrency_set (threads);
  Vips *vips = g_new0 (Vips, 1);
  *vips = (Vips){ .row = row, .in = in, .out = out, .accurate = accurate };
  if (row->operation == BENCH_LEVELS)
    vips->table = levels_table (row);
  if (row->operation == BENCH_BANDPASS)
    vips->weights = bandpass_weights (row, in->width, in->height);
  *job = (BenchJob){ .run = run_vips, .close = close_vips, .state = vips };
  if (blurs)
    job->margin = (int) ceil (BLUR_REACH * row->numbers[0]);
  g_strlcpy (job->note, note_for (row, accurate), sizeof job->note);
  return TRUE;
}

static gboolean
open_plain (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, BenchJob *job)
{
  return open_side (row, in, out, threads, FALSE, job);
}

static gboolean
open_accurate (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, BenchJob *job)
{
  return open_side (row, in, out, threads, TRUE, job);
}

const BenchSide bench_vips = { "vips", BENCH_PEER, BUDGET, FAR, 0, open_plain };
const BenchSide bench_vips_accurate = { "vips accurate", BENCH_PEER, BUDGET, FAR, 0, open_accurate };

const char *
bench_vips_version (void)
{
  return VIPS_VERSION;
}
