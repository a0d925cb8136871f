// SPDX-License-Identifier: GPL-3.0-or-later
/* adaptive-median: removes impulses (salt and pepper, dead pixels) and leaves all other samples as they are.
 *
 * A sample within `threshold` of an end of the range is suspect. It is kept where the picture itself is black or
 * white: where most of the 5 x 5 samples around it are suspect at the same end; or six of the eight nearest in its
 * row, or in its column (a line, a frame); or where three of the eight around it are so or at most 8% of the range
 * from being so, and at least one of them is the latter, as at the rim of a highlight. Else it becomes the median of
 * the samples around it that are good: of the smallest square window, up to `radius`, that holds at least three of
 * them, or of the largest if that holds any, the lower median of an even number. Good is what is not suspect, and,
 * where most of the 5 x 5 samples are suspect at the other end (a dark impulse in a white area), what is suspect at
 * that end. What has none stays. Each channel is treated alone; samples under alpha 0 count for nothing.
 *
 * Source: the growing window: H. Hwang, R. A. Haddad, "Adaptive Median Filters: New Algorithms and Results", IEEE
 * Transactions on Image Processing 4 (4), 1995; the median of what is not suspect: K. S. Srinivasan, D. Ebenezer, "A
 * New Fast and Efficient Decision-Based Algorithm for Removal of High-Density Impulse Noises", IEEE Signal Processing
 * Letters 14 (3), 2007. */
#include "core/filter.h"
#include "core/i18n.h"

#include <string.h>

enum { RADIUS, THRESHOLD };

static const IeParam params[] = {
  [RADIUS] = { .id = "radius",
               .label = N_ ("Radius"),
               .type = IE_PARAM_INT,
               .unit = "px",
               .initial = 4,
               .min = 0,
               .max = 20,
               .slider_min = 0,
               .slider_max = 10,
               .summary =
                   N_ ("The largest window, in which 2 radius + 1 pixels are a side; it is used where noise is "
                       "dense.") },
  [THRESHOLD] = { .id = "threshold",
                  .label = N_ ("Threshold"),
                  .type = IE_PARAM_FLOAT,
                  .unit = "% of range",
                  .initial = 1,
                  .min = 0,
                  .max = 49,
                  .slider_min = 0,
                  .slider_max = 20,
                  .summary = N_ ("How near to black or white a sample must be to be taken for an impulse.") },
  IE_PARAMS_END,
};

#define KEEP_RADIUS 2 /* of the window that tells black and white areas from impulses */
#define KEEP_COUNT 12 /* of its 25 samples, the one in question left out */
#define LINE_RADIUS 4 /* of a line, whose other samples are suspect by chance, at 15% on each end, 3 times in 10,000 */
#define LINE_COUNT 6
#define ENOUGH 3      /* samples to take a median of */
#define MOST_SIDE 41

#define NEAR 0.08f  /* of range: good, and yet as dark or bright as a rim */
#define RIM_COUNT 3 /* of the 8 samples around */

/* What a sample is: the first three are good, the next two suspect. */
enum { GOOD, NEARLY_DARK, NEARLY_BRIGHT, DARK, BRIGHT, HIDDEN };

static gboolean
neutral (const IeParams *values)
{
  return ie_int (values, RADIUS) == 0;
}

static int
reach_of (const IeStep *step)
{
  return MAX (ie_int (step->params, RADIUS), LINE_RADIUS);
}

static IeRect
region (const IeStep *step, IeRect output, int input)
{
  return ie_rect_grow (output, reach_of (step), reach_of (step));
}

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  IeRect in = region (step, output, 0);
  return (((gsize) in.width * (gsize) in.height + 63) & ~(gsize) 63) + 64;
}

/* What each sample of a row of a channel is. The comparison is that of the sample as float, 0 .. 1, at every depth. */
#define MARK(type, scale)                                                                                              \
  {                                                                                                                    \
    const type *restrict from = (const type *) row + channel;                                                          \
    for (int i = 0; i < width; i++) {                                                                                  \
      float v = (float) (from[i * channels] * (scale));                                                                \
      mark[i] = (guint8) (v <= low           ? DARK                                                                    \
                          : v >= high        ? BRIGHT                                                                  \
                          : v <= low + NEAR  ? NEARLY_DARK                                                             \
                          : v >= high - NEAR ? NEARLY_BRIGHT                                                           \
                                             : GOOD);                                                                  \
    }                                                                                                                  \
    for (int i = 0; alpha && i < width; i++)                                                                           \
      if (!(from[i * channels + channels - 1 - channel] > 0))                                                          \
        mark[i] = HIDDEN;                                                                                              \
  }

static void
mark_row (const void *row, IeDepth depth, int channel, int channels, gboolean alpha, float threshold,
          guint8 *restrict mark, int width)
{
  float low = threshold, high = 1.0f - threshold;
  if (depth == IE_DEPTH_U8)
    MARK (guint8, (1.0 / 255.0))
  else if (depth == IE_DEPTH_U16)
    MARK (guint16, (1.0 / 65535.0))
  else
    MARK (float, 1.0f)
}

static float
sample_at (const IePixels *in, int x, int y, int channel)
{
  const void *pixel = ie_pixels_at (in, x, y);
  return in->depth == IE_DEPTH_U8    ? ((const guint8 *) pixel)[channel]
         : in->depth == IE_DEPTH_U16 ? ((const guint16 *) pixel)[channel]
                                     : ((const float *) pixel)[channel];
}

static void
set_sample (const IePixels *out, int x, int y, int channel, float value)
{
  void *pixel = ie_pixels_at (out, x, y);
  if (out->depth == IE_DEPTH_U8)
    ((guint8 *) pixel)[channel] = (guint8) value;
  else if (out->depth == IE_DEPTH_U16)
    ((guint16 *) pixel)[channel] = (guint16) value;
  else
    ((float *) pixel)[channel] = value;
}

/* Of the 5 x 5 around. */
static int
count_around (const guint8 *mark, ptrdiff_t pitch, guint8 what)
{
  int count = 0;
  for (int y = -KEEP_RADIUS; y <= KEEP_RADIUS; y++)
    for (int x = -KEEP_RADIUS; x <= KEEP_RADIUS; x++)
      count += mark[y * pitch + x] == what;
  return count;
}

/* Whether samples like this one lie along a row (apart: 1) or a column through it. */
static gboolean
on_line (const guint8 *mark, ptrdiff_t apart)
{
  int same = -1;
  for (int i = -LINE_RADIUS; i <= LINE_RADIUS; i++)
    same += mark[i * apart] == *mark;
  return same >= LINE_COUNT;
}

/* mark points at the sample in question, rows `pitch` apart. */
static gboolean
is_impulse (const guint8 *mark, ptrdiff_t pitch)
{
  int near = 0, rim = -1;
  if (*mark != DARK && *mark != BRIGHT)
    return FALSE;
  guint8 nearly = *mark == DARK ? NEARLY_DARK : NEARLY_BRIGHT;
  for (int y = -1; y <= 1; y++)
    for (int x = -1; x <= 1; x++) {
      near += mark[y * pitch + x] == nearly;
      rim += mark[y * pitch + x] == nearly || mark[y * pitch + x] == *mark;
    }
  return count_around (mark, pitch, *mark) - 1 < KEEP_COUNT && !(near > 0 && rim >= RIM_COUNT) && !on_line (mark, 1) &&
         !on_line (mark, pitch);
}

/* The lower median of the good samples of the smallest window that has enough; FALSE: there are none. */
static gboolean
replacement (const IePixels *in, int x, int y, int channel, const guint8 *mark, ptrdiff_t pitch, int radius,
             float *value)
{
  float good[MOST_SIDE * MOST_SIDE];
  int count = 0;
  guint8 other = *mark == DARK ? BRIGHT : DARK;
  if (count_around (mark, pitch, other) < KEEP_COUNT)
    other = NEARLY_BRIGHT; /* which is good anyway */
  for (int r = 1; r <= radius && count < ENOUGH; r++) {
    count = 0;
    for (int dy = -r; dy <= r; dy++)
      for (int dx = -r; dx <= r; dx++)
        if (mark[dy * pitch + dx] <= NEARLY_BRIGHT || mark[dy * pitch + dx] == other)
          good[count++] = sample_at (in, x + dx, y + dy, channel);
  }
  for (int i = 1; i < count; i++) { /* by insertion: there are few */
    float v = good[i];
    int k = i;
    for (; k > 0 && good[k - 1] > v; k--)
      good[k] = good[k - 1];
    good[k] = v;
  }
  if (count)
    *value = good[(count - 1) / 2];
  return count > 0;
}

/* Every depth: the views say which. */
static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  IeRect r = out->rect;
  int radius = ie_int (step->params, RADIUS), colours = ie_colours (in->channels, in->has_alpha);
  float threshold = (float) (ie_number (step->params, THRESHOLD) / 100), value;
  ptrdiff_t pitch = in->rect.width;
  guint8 *marks = ie_work_alloc (work, (gsize) in->rect.width * (gsize) in->rect.height);
  for (int y = 0; y < r.height; y++)
    memcpy (ie_pixels_at (out, r.x, r.y + y), ie_pixels_at (in, r.x, r.y + y),
            (gsize) r.width * (gsize) in->channels * ie_depth_bytes (in->depth));
  for (int c = 0; c < colours; c++) {
    for (int y = 0; y < in->rect.height; y++)
      mark_row ((const char *) in->data + y * in->stride, in->depth, c, in->channels, in->has_alpha, threshold,
                marks + y * pitch, in->rect.width);
    for (int y = r.y; y < r.y + r.height; y++) {
      if (ie_work_cancelled (work))
        return;
      const guint8 *mark = marks + (y - in->rect.y) * pitch + (r.x - in->rect.x);
      for (int x = 0; x < r.width; x++)
        if (is_impulse (mark + x, pitch) && replacement (in, r.x + x, y, c, mark + x, pitch, radius, &value))
          set_sample (out, r.x + x, y, c, value);
    }
  }
}

IE_FILTER (adaptive_median) = {
  .name = "adaptive-median",
  .version = 1,
  .label = N_ ("Adaptive Median"),
  .summary = N_ ("Removes salt-and-pepper noise and dead pixels and leaves everything else as it is"),
  .group = N_ ("Noise"),
  .citation = "H. Hwang, R. A. Haddad, Adaptive Median Filters, IEEE Transactions on Image Processing 4 (4), 1995",
  .filter_class = IE_AREA,
  .flags = IE_SELECTS,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .neutral = neutral,
  .region = region,
  .memory = memory,
  .apply = apply,
  .apply_u8 = apply,
  .apply_u16 = apply,
};
