// SPDX-License-Identifier: GPL-3.0-or-later
/* stretch: what the picture uses of the range becomes the whole range.
 *
 *   out = (in - black) / (white - black)
 *
 * black and white are the darkest and the brightest sample, or, with `clip`, those beyond which that share of all samples
 * lies: the lowest bin k at which more than clip N samples are at or below it, and the highest with as many at or above.
 * 65,536 bins are centred on k / 65535 of the range; samples beyond it count at its ends, each pixel weighs by its alpha.
 * All channels together keep the colours (as GIMP's Stretch Contrast and ImageMagick's -auto-level do); each channel by
 * itself also takes a cast away. What is flat stays as it is.
 *
 * Counts are integers (alpha too: round (65535 alpha)), so that no order of adding changes a bit.
 *
 * Source: R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., section 3.2. */
#include "core/filter.h"
#include "core/i18n.h"
#include "enhance/kernel/codes.h"

enum { CLIP, CHANNEL };
enum { TOGETHER, EACH };

#define BINS 65536
#define LAST_BIN 65535.0f
#define CODE_STEP 257 /* code k of an 8-bit sample is bin k * CODE_STEP */
#define BLOCK 960     /* samples at a time; whole pixels of 1 to 5 channels */

static const IeChoice channels[] = { [TOGETHER] = { "together", N_ ("All channels together") },
                                     [EACH] = { "each", N_ ("Each channel by itself") },
                                     { NULL, NULL } };

static const IeParam params[] = {
  { .id = "clip", .label = N_ ("Clip"), .type = IE_PARAM_FLOAT, .unit = "% of samples", .initial = 0, .min = 0,
    .max = 49,
    .slider_max = 5, .summary = N_ ("What may become pure black, and as much pure white; 0 loses nothing.") },
  { .id = "channel", .label = N_ ("Channel"), .type = IE_PARAM_ENUM, .unit = "", .initial = TOGETHER,
    .choices = channels,
    .summary = N_ ("All channels together keep the colours; each by itself also takes a cast away.") },
  IE_PARAMS_END
};

/* ---- The statistic: 8-bit codes (enhance/kernel/codes.h), then BINS counts of a colour after the other ---- */

static gsize
size (const IeStep *step)
{
  return (ie_codes_numbers (ie_header_colours (&step->input)) + (gsize) ie_header_colours (&step->input) * BINS) * sizeof (guint64);
}

static guint64 *
bins_of (const IeStep *step, gpointer statistic)
{
  return (guint64 *) statistic + ie_codes_numbers (ie_header_colours (&step->input));
}

/* Samples of a row as bins, where they are not 16-bit. */
static void
find_bins (const char *row, int first, int samples, IeDepth depth, guint16 *restrict bins)
{
  if (depth == IE_DEPTH_U8) {
    const guint8 *restrict in = (const guint8 *) row + first;
    for (int i = 0; i < samples; i++)
      bins[i] = (guint16) (in[i] * CODE_STEP);
    return;
  }
  const float *restrict in = (const float *) (gconstpointer) row + first;
  for (int i = 0; i < samples; i++) {
    float v = in[i] > 0.0f ? in[i] : 0.0f;
    v = v < 1.0f ? v : 1.0f;
    bins[i] = (guint16) (gint32) (v * LAST_BIN + 0.5f);
  }
}

static void
add_bins (const guint16 *restrict bins, int samples, int apart, gboolean has_alpha, guint64 *restrict counts)
{
  int colours = ie_colours (apart, has_alpha);
  for (int i = 0; i < samples; i += apart)
    for (int c = 0; c < colours; c++)
      counts[(gsize) c * BINS + bins[i + c]] += has_alpha ? bins[i + colours] : 1;
}

static void
add (const IeStep *step, gpointer statistic, int input, const IePixels *pixels, IeWork *work)
{
  if (pixels->depth == IE_DEPTH_U8 && !pixels->has_alpha) {
    ie_codes_add (statistic, pixels, pixels->channels);
    return;
  }
  guint16 buffer[BLOCK];
  int samples = pixels->rect.width * pixels->channels, most = BLOCK / pixels->channels * pixels->channels;
  for (int y = 0; y < pixels->rect.height && !ie_work_cancelled (work); y++) {
    const char *row = (const char *) pixels->data + (ptrdiff_t) y * pixels->stride;
    for (int first = 0; first < samples; first += most) {
      const guint16 *bins = buffer;
      if (pixels->depth == IE_DEPTH_U16)
        bins = (const guint16 *) (gconstpointer) row + first;
      else
        find_bins (row, first, MIN (most, samples - first), pixels->depth, buffer);
      add_bins (bins, MIN (most, samples - first), pixels->channels, pixels->has_alpha,
                bins_of (step, statistic));
    }
  }
}

static void
merge (const IeStep *step, gpointer into, gconstpointer from)
{
  ie_codes_merge (into, from, ie_header_colours (&step->input));
  guint64 *restrict sum = bins_of (step, into);
  const guint64 *restrict counts = bins_of (step, (gpointer) from);
  gsize bins = (gsize) ie_header_colours (&step->input) * BINS;
  for (gsize i = 0; i < bins; i++)
    sum[i] += counts[i];
}

/* ---- The range ---- */

typedef struct {
  float black[IE_MAX_CHANNELS], range[IE_MAX_CHANNELS]; /* in bins; range 0: the channel stays */
} Range;

static void
find_range (const guint64 *counts, double clip, float *black, float *range)
{
  double all = 0, below = 0, above = 0;
  int low = 0, high = BINS - 1;
  for (int k = 0; k < BINS; k++)
    all += (double) counts[k];
  for (below = (double) counts[low]; low < BINS - 1 && below <= clip * all;)
    below += (double) counts[++low];
  for (above = (double) counts[high]; high > 0 && above <= clip * all;)
    above += (double) counts[--high];
  *black = (float) low;
  *range = high > low ? (float) (high - low) : 0.0f;
}

static gpointer
finish (const IeStep *step, gpointer statistic, gboolean *again, GError **error)
{
  guint64 *codes = statistic, *counts = bins_of (step, statistic);
  Range *ranges = g_new0 (Range, 1);
  int colours = ie_header_colours (&step->input);
  gboolean together = ie_int (step->params, CHANNEL) == TOGETHER;
  double clip = ie_number (step->params, CLIP) / 100;
  ie_codes_settle (codes, colours);
  for (gsize i = 0; i < (gsize) colours * IE_CODES; i++)
    counts[i / IE_CODES * BINS + i % IE_CODES * CODE_STEP] += codes[i];
  for (gsize k = 0; together && k < BINS; k++)
    for (int c = 1; c < colours; c++) {
      counts[k] += counts[(gsize) c * BINS + k];
      counts[(gsize) c * BINS + k] = 0;
    }
  for (int c = 0; c < colours; c++)
    find_range (counts + (together ? 0 : (gsize) c * BINS), clip, &ranges->black[c], &ranges->range[c]);
  return ranges;
}

/* `channel` too: finish() gathers the counts of all channels into one. */
static const char *const depends[] = { "channel", NULL };

static const IeSurvey survey = {
  .size = size, .add = add, .merge = merge, .finish = finish, .native_depth = TRUE, .depends = depends
};

/* ---- The picture ---- */

/* In bins, in which 8-bit codes are whole numbers: so that halves, which are many (a range of 102 codes becomes 255), are
 * halves, and all round the same way. */
static inline void
stretch (const float *restrict in, float *restrict out, gsize pixels, gsize apart, float black, float range)
{
  for (gsize i = 0; i < pixels * apart && range == 0.0f; i += apart)
    out[i] = in[i];
  for (gsize i = 0; i < pixels * apart && range != 0.0f; i += apart)
    out[i] = (in[i] * LAST_BIN - black) / range;
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const Range *ranges = step->tables;
  int colours = ie_colours (out->channels, out->has_alpha);
  gsize width = (gsize) out->rect.width, apart = (gsize) out->channels;
  gboolean alike = !out->has_alpha;
  for (int c = 1; c < colours; c++)
    alike = alike && ranges->black[c] == ranges->black[0] && ranges->range[c] == ranges->range[0];
  for (int y = out->rect.y; y < out->rect.y + out->rect.height && !ie_work_cancelled (work); y++) {
    const float *from = ie_pixels_at (in, out->rect.x, y);
    float *to = ie_pixels_at (out, out->rect.x, y);
    if (alike)
      stretch (from, to, width * apart, 1, ranges->black[0], ranges->range[0]);
    else
      for (int c = 0; c < out->channels; c++) /* alpha as it is: the engine puts it back */
        stretch (from + c, to + c, width, apart, c < colours ? ranges->black[c] : 0.0f,
                 c < colours ? ranges->range[c] : 0.0f);
  }
}

IE_FILTER (stretch) = {
  .name = "stretch",
  .version = 1,
  .label = N_ ("Stretch Contrast"),
  .summary = N_ ("Spreads what the picture uses of the range over the whole range"),
  .group = N_ ("Tone"),
  .citation = "Gonzalez and Woods, Digital Image Processing, 4th ed., 3.2",
  .filter_class = IE_SURVEY,
  .flags = IE_PER_CHANNEL,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .survey = &survey,
  .apply = apply,
};
