// SPDX-License-Identifier: GPL-3.0-or-later
/* Histogram equalisation.
 *
 * One definition for all depths: 65,536 bins centred on k / 65535 of the range, samples beyond it counted at its ends,
 * each pixel weighed by its alpha. With C (k) the count up to and including bin k, N that of all bins and k0 the
 * lowest bin that holds anything,
 *
 *   T (k) = (C (k) - C (k0)) / (N - C (k0)),  0 below k0
 *
 * maps the darkest sample to 0 and the brightest to 1 (the rule of OpenCV's equalizeHist; an 8-bit picture fills the
 * bins 257 k and none between, so that on gray pictures both agree but for rounding). Between two centres T is
 * interpolated as core/tone.h says. Outside 0..1 the curve goes on with slope 1. A channel that is flat has no curve and
 * stays as it is.
 *
 * Counts are integers (alpha too: round (65535 alpha)), so that no order of adding changes a bit.
 *
 * Source: R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., section 3.3.
 */
#include "core/error.h"
#include "core/i18n.h"
#include "core/tone.h"
#include "enhance/channel.h"
#include "enhance/kernel/codes.h"

#include <string.h>

enum { CHANNEL };

#define BINS IE_TONE_BINS
#define LAST_BIN IE_TONE_LAST
#define CURVE IE_TONE_VALUES
#define CODES IE_CODES  /* code k is bin k * CODE_STEP */
#define CODE_STEP 257
#define BLOCK 480       /* samples at a time; whole pixels of 1 to 5 channels */

static const IeParam params[] = {
  { .id = "channel", .label = N_ ("Channel"), .type = IE_PARAM_ENUM, .unit = "",
    .initial = IE_TONE_LIGHTNESS, .choices = ie_tone_channels,
    .summary = N_ ("What is equalised: lightness and value keep the colours, every channel by itself shifts them.") },
  IE_PARAMS_END
};

static IeSpace
space (const IeParams *values)
{
  return ie_tone_space ((IeToneChannel) ie_int (values, CHANNEL));
}

/* ---- The statistic ---- */

/* Histograms one after the other, BINS counts each; beside them the counts of late, half as wide, so that twice as many
 * of them stay in the second cache. They are settled before any of them could overflow. 8-bit codes have counts of their
 * own, so that a picture of nothing else leaves the long ones alone. */
typedef struct {
  guint64 *codes;   /* of enhance/kernel/codes.h */
  guint64 *pending; /* samples counted in `recent` */
  guint64 *is_long; /* whether any of the following is not 0 */
  guint64 *counts;
  guint32 *recent;
  gsize bins;
} Counts;

static gsize
size (const IeStep *step)
{
  gsize colours = (gsize) ie_header_colours (&step->input);
  return (ie_codes_numbers ((int) colours) + 2) * sizeof (guint64) + colours * BINS * (sizeof (guint64) + sizeof (guint32));
}

static Counts
counts_of (const IeStep *step, gpointer statistic)
{
  gsize colours = (gsize) ie_header_colours (&step->input);
  Counts c = { .codes = statistic, .bins = colours * BINS };
  c.pending = c.codes + ie_codes_numbers ((int) colours);
  c.is_long = c.pending + 1;
  c.counts = c.is_long + 1;
  c.recent = (guint32 *) (c.counts + c.bins);
  return c;
}

static void
settle (const Counts *c)
{
  guint64 *restrict counts = c->counts;
  guint32 *restrict recent = c->recent;
  if (*c->pending == 0)
    return;
  for (gsize i = 0; i < c->bins; i++) {
    counts[i] += recent[i];
    recent[i] = 0;
  }
  *c->pending = 0;
}

static inline void
count_period (const guint16 *restrict in, gsize samples, guint32 *restrict counts, gsize period)
{
  gsize i = 0;
  for (; i + period <= samples; i += period)
    for (gsize t = 0; t < period; t++)
      counts[t * BINS + in[i + t]]++;
  for (gsize t = 0; i < samples; i++, t++)
    counts[t * BINS + in[i]]++;
}

/* The same for one colour, two at a time: a second histogram, so that equal neighbours do not wait for each other's
 * store, would not stay in the cache. Both counts are read before either is written; where they are the same one, the
 * second store has both. */
static inline void
count_single (const guint16 *restrict in, gsize samples, guint32 *counts)
{
  gsize i = 0;
  for (; i + 4 <= samples; i += 4) {
    guint64 four;
    memcpy (&four, in + i, sizeof four);
    for (int t = 0; t < 64; t += 32) {
      gsize first = four >> t & 65535, second = four >> (t + 16) & 65535;
      guint32 a = counts[first] + 1, b = counts[second] + 1 + (first == second);
      counts[first] = a;
      counts[second] = b;
    }
  }
  for (; i < samples; i++)
    counts[in[i]]++;
}

/* The counts of late, for so many samples. */
static guint32 *
recent_counts (const Counts *c, gsize samples)
{
  if (*c->pending + samples > G_MAXUINT32)
    settle (c);
  *c->pending += samples;
  *c->is_long = 1;
  return c->recent;
}

static guint32 *
counts_for (const IeStep *step, gpointer statistic, gsize pixels)
{
  Counts counts = counts_of (step, statistic);
  return recent_counts (&counts, pixels);
}

static void
count (const guint16 *restrict in, gsize samples, const Counts *c, int period)
{
  guint32 *counts = recent_counts (c, samples);
  if (period == 1)
    count_single (in, samples, counts);
  else if (period == 3)
    count_period (in, samples, counts, 3);
  else
    count_period (in, samples, counts, (gsize) period);
}

static void
count_weighed (const guint16 *restrict in, gsize pixels, const Counts *c, int colours)
{
  guint64 *restrict counts = c->counts;
  *c->is_long = 1;
  for (gsize i = 0; i < pixels; i++, in += colours + 1)
    for (int c = 0; c < colours; c++)
      counts[(gsize) c * BINS + in[c]] += in[colours];
}

static void
bins_from_codes (const guint8 *restrict in, guint16 *restrict bins, gsize samples)
{
  for (gsize i = 0; i < samples; i++)
    bins[i] = (guint16) (in[i] * CODE_STEP);
}

static void
bins_from_float (const float *restrict in, guint16 *restrict bins, gsize samples)
{
  for (gsize i = 0; i < samples; i++) {
    float v = in[i] > 0.0f ? in[i] : 0.0f;
    v = v < 1.0f ? v : 1.0f;
    bins[i] = (guint16) (gint32) (v * LAST_BIN + 0.5f);
  }
}

/* Up to BLOCK samples of a row as bins: where they lie when they are 16-bit, else converted into `buffer`. */
static const guint16 *
row_bins (const char *row, gsize first, gsize samples, IeDepth depth, guint16 *buffer)
{
  if (depth == IE_DEPTH_U16)
    return (const guint16 *) row + first;
  if (depth == IE_DEPTH_U8)
    bins_from_codes ((const guint8 *) row + first, buffer, samples);
  else
    bins_from_float ((const float *) row + first, buffer, samples);
  return buffer;
}

static void
add (const IeStep *step, gpointer statistic, int input, const IePixels *pixels, IeWork *work)
{
  int colours = ie_colours (pixels->channels, pixels->has_alpha);
  Counts counts = counts_of (step, statistic);
  if (pixels->depth == IE_DEPTH_U8 && !pixels->has_alpha) {
    ie_codes_add (counts.codes, pixels, colours);
    return;
  }
  guint16 buffer[BLOCK];
  gsize row_samples = (gsize) pixels->rect.width * (gsize) pixels->channels;
  for (int y = 0; y < pixels->rect.height && !ie_work_cancelled (work); y++) {
    const char *row = (const char *) pixels->data + (ptrdiff_t) y * pixels->stride;
    for (gsize first = 0; first < row_samples; first += BLOCK) {
      gsize samples = MIN (BLOCK, row_samples - first);
      const guint16 *bins = row_bins (row, first, samples, pixels->depth, buffer);
      if (pixels->has_alpha)
        count_weighed (bins, samples / (gsize) pixels->channels, &counts, colours);
      else
        count (bins, samples, &counts, colours);
    }
  }
}

static void
merge (const IeStep *step, gpointer into, gconstpointer from)
{
  Counts sum = counts_of (step, into), other = counts_of (step, (gpointer) from);
  ie_codes_merge (sum.codes, other.codes, ie_header_colours (&step->input));
  if (!*other.is_long)
    return;
  guint64 *restrict counts = sum.counts;
  const guint64 *restrict settled = other.counts;
  const guint32 *restrict recent = other.recent;
  for (gsize i = 0; i < sum.bins; i++)
    counts[i] += settled[i] + recent[i];
  *sum.is_long = 1;
}

/* ---- The curves ---- */

typedef struct {
  gboolean flat[IE_MAX_CHANNELS];
  guint16 codes[CURVE]; /* the curve of one colour */
  float curves[];       /* CURVE numbers for each colour */
} Tables;

/* T from the counts of one channel. FALSE: all in one bin, or nothing at all. */
static gboolean
make_curve (const guint64 *counts, float *curve)
{
  int lowest = 0;
  while (lowest < BINS - 1 && counts[lowest] == 0)
    lowest++;
  guint64 above = 0;
  for (int k = lowest + 1; k < BINS; k++)
    above += counts[k];
  if (above == 0)
    return FALSE;
  guint64 sum = 0;
  float reached = 0.0f;
  for (int k = 0; k < BINS; k++) {
    if (k > lowest && counts[k] > 0) { /* seldom, where 8-bit codes were counted */
      sum += counts[k];
      reached = (float) ((double) sum / (double) above);
    }
    curve[k] = reached;
  }
  curve[BINS] = curve[BINS - 1];
  return TRUE;
}

/* The same from codes alone: T changes at their bins only. */
static gboolean
make_curve_of_codes (const guint64 *codes, float *curve)
{
  int lowest = 0;
  while (lowest < CODES - 1 && codes[lowest] == 0)
    lowest++;
  guint64 above = 0, sum = 0;
  for (int code = lowest + 1; code < CODES; code++)
    above += codes[code];
  if (above == 0)
    return FALSE;
  for (int code = 0; code < CODES; code++) {
    sum += code > lowest ? codes[code] : 0;
    float reached = (float) ((double) sum / (double) above);
    for (int k = code * CODE_STEP; k < MIN ((code + 1) * CODE_STEP, CURVE); k++)
      curve[k] = reached;
  }
  return TRUE;
}

static gpointer
finish (const IeStep *step, gpointer statistic, gboolean *again, GError **error)
{
  Counts all = counts_of (step, statistic);
  guint64 *counts = all.counts;
  int colours = ie_header_colours (&step->input);
  ie_codes_settle (all.codes, colours);
  Tables *tables = g_try_malloc (sizeof (Tables) + (gsize) colours * CURVE * sizeof (float));
  if (!tables) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for tables"));
    return NULL;
  }
  if (*all.is_long) {
    settle (&all);
    for (int i = 0; i < colours * CODES; i++)
      counts[(gsize) (i / CODES) * BINS + (gsize) (i % CODES) * CODE_STEP] += all.codes[i];
  }
  for (int c = 0; c < colours; c++) {
    float *curve = tables->curves + (gsize) c * CURVE;
    tables->flat[c] = *all.is_long ? !make_curve (counts + (gsize) c * BINS, curve)
                                   : !make_curve_of_codes (all.codes + c * CODES, curve);
    if (tables->flat[c])
      memset (curve, 0, CURVE * sizeof *curve);
  }
  if (colours == 1 && ie_int (step->params, CHANNEL) == IE_TONE_LIGHTNESS)
    for (int k = 0; k < CURVE; k++)
      tables->codes[k] = (guint16) (gint32) (tables->curves[k] * LAST_BIN + 0.5f);
  return tables;
}

static const char *const depends[] = { "channel", NULL };

static const IeSurvey survey = {
  .size = size,
  .add = add,
  .merge = merge,
  .finish = finish,
  .native_depth = TRUE,
  .counts = counts_for,
  .depends = depends,
};

/* ---- The picture ---- */

/* 0..1, on the bits, which are ordered as the numbers are. No sample is NaN. */
static inline float
within (float v)
{
  gint32 bits, one = 0x3f800000;
  memcpy (&bits, &v, sizeof bits);
  bits = bits > 0 ? bits : 0;
  bits = bits < one ? bits : one;
  memcpy (&v, &bits, sizeof v);
  return v;
}

/* curve_start: where in curves the curve of each sample begins; NULL: there is but one. The two numbers between which a
 * sample lies are fetched by one load a sample, in a loop of its own: a gather of them costs several times that. */
static inline void
look_up_from (const float *restrict in, float *restrict out, gsize samples, const float *curves,
              const gint32 *restrict curve_start)
{
  gint32 places[BLOCK];
  float ways[BLOCK], near[2 * BLOCK];
  for (gsize i = 0; i < samples; i++) {
    float x = within (in[i]) * LAST_BIN;
    gint32 k = (gint32) x;
    ways[i] = within ((x - (float) k - IE_TONE_CENTRE) * IE_TONE_PER_WAY);
    places[i] = curve_start ? curve_start[i] + k : k;
  }
  for (gsize i = 0; i < samples; i++)
    memcpy (near + 2 * i, curves + places[i], 2 * sizeof (float));
  for (gsize i = 0; i < samples; i++)
    out[i] = near[2 * i] * (1.0f - ways[i]) + near[2 * i + 1] * ways[i] + (in[i] - within (in[i]));
}

static void
look_up (const float *in, float *out, gsize samples, const float *curves, const gint32 *curve_start)
{
  if (curve_start)
    look_up_from (in, out, samples, curves, curve_start);
  else
    look_up_from (in, out, samples, curves, NULL);
}

static void
keep_channel (const float *restrict in, float *restrict out, int pixels, int channels, int channel)
{
  for (gsize i = (gsize) channel; i < (gsize) pixels * (gsize) channels; i += (gsize) channels)
    out[i] = in[i];
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const Tables *tables = step->tables;
  int colours = ie_colours (out->channels, out->has_alpha);
  gint32 curve_start[BLOCK]; /* alpha reads the first curve; the engine puts it back */
  for (int i = 0; out->channels > 1 && i < BLOCK; i++)
    curve_start[i] = i % out->channels < colours ? i % out->channels * CURVE : 0;
  IeRect rect = out->rect;
  gsize row_samples = (gsize) rect.width * (gsize) out->channels;
  for (int y = rect.y; y < rect.y + rect.height && !ie_work_cancelled (work); y++) {
    const float *from = ie_pixels_at (in, rect.x, y);
    float *to = ie_pixels_at (out, rect.x, y);
    for (gsize first = 0; first < row_samples; first += BLOCK)
      look_up (from + first, to + first, MIN (BLOCK, row_samples - first), tables->curves,
               out->channels > 1 ? curve_start : NULL);
    for (int c = 0; c < colours; c++)
      if (tables->flat[c])
        keep_channel (from, to, rect.width, out->channels, c);
  }
}

static const guint16 *
curve (const IeStep *step)
{
  const Tables *tables = step->tables;
  return tables->flat[0] ? NULL : tables->codes;
}

IE_FILTER (equalize) = {
  .name = "equalize",
  .version = 1,
  .label = N_ ("Equalize"),
  .summary = N_ ("Spreads the tones so that each is used equally often"),
  .group = N_ ("Tone"),
  .citation = "Gonzalez and Woods, Digital Image Processing, 4th ed., 3.3",
  .filter_class = IE_SURVEY,
  .flags = IE_PER_CHANNEL,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .space = space,
  .survey = &survey,
  .apply = apply,
  .curve = curve,
};
