// SPDX-License-Identifier: GPL-3.0-or-later
/* Contrast limited adaptive histogram equalisation (CLAHE).
 *
 * One definition for all depths. The picture is cut into `tiles` x `tiles-down` tiles: tile i of n across W pixels holds
 * the columns floor (i W / n) .. floor ((i + 1) W / n) - 1, so that tiles differ by a pixel at most, nothing is padded,
 * and there are never more tiles than pixels. A tile has 256 bins, centred on k / 255 of the range; a sample is counted
 * in the nearest one (beyond the range: at its ends), weighed by its alpha. Of the counts h (k), whose sum is N,
 *
 *   h' (k) = min (h (k), L) + E / 256,  L = clip-limit N / 256,  E = the sum of what was cut off above L
 *   T (k) = (h' (0) + ... + h' (k)) / N
 *
 * in real numbers: L is not rounded, and the residual E is spread over all bins alike (OpenCV, whose tables these are but
 * for that, rounds L down and puts the remainder into some bins only). A tile without weight has h' (k) = N / 256.
 * Between two bins T is interpolated, beyond the range it goes on with slope 1. A pixel is mapped by the tables of the
 * four tiles whose centres are nearest, interpolated bilinearly between the centres; outside of the outermost centres,
 * by those of the nearest two or one.
 *
 * Finer bins would change little: no slope is more than clip-limit + 1, so that what lies within a bin cannot be drawn
 * apart anyway.
 *
 * Counts are integers (alpha too: round (65535 alpha)), so that no order of adding changes a bit.
 *
 * Sources: S. M. Pizer et al., Adaptive histogram equalization and its variations, CVGIP 39 (1987) 355-368;
 * K. Zuiderveld, Contrast limited adaptive histogram equalization, Graphics Gems IV (1994) 474-485.
 */
#include "core/elementary.h"
#include "core/i18n.h"
#include "enhance/channel.h"
#include "enhance/kernel/clahe.h"

#include <string.h>

enum { TILES, TILES_DOWN, CLIP_LIMIT, CHANNEL };

#define MOST_TILES 64
#define BINS 256
#define LAST_BIN 255.0f
#define CODES_A_BIN 257        /* of a 16-bit sample: bin k is centred on code 257 k */
#define OPAQUE 65535           /* the weight of alpha 1 */
#define BLOCK 512              /* samples of a colour at a time */
#define SHORT_HISTOGRAMS 4     /* of one run of samples, since counts at one place after the other would wait */
#define SMALL 8192             /* pixels: for fewer, short histograms cost more than they save */
#define BINS_APART (BINS + 16) /* not BINS: places that are 4096 bytes apart wait for each other */

static const IeParam params[] = {
  { .id = "tiles",
    .label = N_ ("Tiles"),
    .type = IE_PARAM_INT,
    .unit = "",
    .initial = 6,
    .min = 1,
    .max = MOST_TILES,
    .slider_min = 1,
    .slider_max = 32,
    .summary = N_ ("Tiles across the picture; contrast is evened out over areas of about this size.") },
  { .id = "tiles-down",
    .label = N_ ("Tiles down"),
    .type = IE_PARAM_INT,
    .unit = "",
    .initial = 0,
    .min = 0,
    .max = MOST_TILES,
    .slider_min = 0,
    .slider_max = 32,
    .summary = N_ ("Tiles from top to bottom; 0: as many as across.") },
  { .id = "clip-limit",
    .label = N_ ("Clip limit"),
    .type = IE_PARAM_FLOAT,
    .unit = "",
    .initial = 1.25,
    .min = 1.0,
    .max = 256.0,
    .slider_min = 1.0,
    .slider_max = 8.0,
    .summary =
        N_ ("How far a tone's count may exceed the mean of all tones: more gives more contrast, and more noise; 1 "
            "changes next to nothing.") },
  { .id = "channel",
    .label = N_ ("Channel"),
    .type = IE_PARAM_ENUM,
    .unit = "",
    .initial = IE_TONE_LIGHTNESS,
    .choices = ie_tone_channels,
    .summary = N_ ("What is equalised: lightness and value keep the colours, every channel by itself shifts them.") },
  IE_PARAMS_END
};

static IeSpace
space (const IeParams *values)
{
  return ie_tone_space ((IeToneChannel) ie_int (values, CHANNEL));
}

/* ---- Where the tiles lie; along x and y alike ---- */

typedef struct {
  int tiles, size; /* how many, over how many pixels */
} Axis;

static Axis
axis_of (int tiles, int pixels)
{
  return (Axis){ MIN (tiles, pixels), pixels };
}

static Axis
columns_of (const IeStep *step)
{
  return axis_of (ie_int (step->params, TILES), step->input.width);
}

static Axis
rows_of (const IeStep *step)
{
  int down = ie_int (step->params, TILES_DOWN);
  return axis_of (down ? down : ie_int (step->params, TILES), step->input.height);
}

static int
tile_start (Axis axis, int i)
{
  return (int) ((gint64) i * axis.size / axis.tiles); /* i up to axis.tiles */
}

static int
tile_at (Axis axis, int pixel)
{
  return (int) ((((gint64) pixel + 1) * axis.tiles - 1) / axis.size);
}

/* Twice the place of a tile's centre, which may lie between two pixels. */
static gint64
centre (Axis axis, int i)
{
  return (gint64) tile_start (axis, i) + tile_start (axis, i + 1) - 1;
}

/* The pixels whose nearest centres are the same: from a centre to the next, or beyond an outermost one. */
typedef struct {
  int before, after; /* tiles; the same one beyond an outermost centre */
  gint64 first;      /* twice the place of `before`'s centre */
  float inverse;     /* of twice the way between the centres; 0 when there is but one */
  int end;           /* the first pixel behind */
} Cell;

static Cell
cell_at (Axis axis, int pixel)
{
  int i = tile_at (axis, pixel);
  i += 2 * (gint64) pixel >= centre (axis, i);
  Cell cell = { .before = MAX (i - 1, 0), .after = MIN (i, axis.tiles - 1) };
  cell.first = centre (axis, cell.before);
  gint64 span = centre (axis, cell.after) - cell.first;
  cell.inverse = span > 0 ? 1.0f / (float) span : 0.0f;
  cell.end = i < axis.tiles ? (int) ((centre (axis, i) + 1) / 2) : G_MAXINT;
  return cell;
}

static float
way_in (const Cell *cell, int pixel)
{
  return (float) (2 * (gint64) pixel - cell->first) * cell->inverse;
}

/* ---- The statistic: BINS counts a colour, colour after colour, tile after tile in rows ---- */

static gsize
tables_of (const IeStep *step)
{
  return (gsize) columns_of (step).tiles * (gsize) rows_of (step).tiles * (gsize) ie_header_colours (&step->input);
}

static gsize
size (const IeStep *step)
{
  return tables_of (step) * BINS * sizeof (guint64);
}

/* Nearest bins of up to BLOCK samples, `apart` samples from each other. */
static inline void
bins_apart (const void *restrict in, IeDepth depth, gsize apart, int samples, guint8 *restrict bins)
{
  float least = ie_unknown (0), most = ie_unknown (1);
  if (depth == IE_DEPTH_U8)
    for (int i = 0; i < samples; i++)
      bins[i] = ((const guint8 *) in)[(gsize) i * apart];
  else if (depth == IE_DEPTH_U16)
    for (int i = 0; i < samples; i++)
      bins[i] = (guint8) ((((const guint16 *) in)[(gsize) i * apart] + CODES_A_BIN / 2u) / CODES_A_BIN);
  else
    for (int i = 0; i < samples; i++) {
      float v = ((const float *) in)[(gsize) i * apart];
      v = v > least ? v : least;
      v = v < most ? v : most;
      bins[i] = (guint8) (gint32) (v * LAST_BIN + 0.5f);
    }
}

static void
find_bins (const void *restrict in, IeDepth depth, int apart, int samples, guint8 *restrict bins)
{
  if (apart == 1)
    bins_apart (in, depth, 1, samples, bins);
  else if (apart == 3)
    bins_apart (in, depth, 3, samples, bins);
  else
    bins_apart (in, depth, (gsize) apart, samples, bins);
}

static void
find_weights (const void *restrict in, IeDepth depth, int apart, int samples, guint16 *restrict weights)
{
  for (int i = 0; i < samples; i++) {
    gsize place = (gsize) i * (gsize) apart;
    if (depth == IE_DEPTH_U8) {
      weights[i] = (guint16) (((const guint8 *) in)[place] * CODES_A_BIN);
    } else if (depth == IE_DEPTH_U16) {
      weights[i] = ((const guint16 *) in)[place];
    } else {
      float alpha = ((const float *) in)[place];
      alpha = alpha > 0.0f ? alpha : 0.0f;
      alpha = alpha < 1.0f ? alpha : 1.0f;
      weights[i] = (guint16) (gint32) (alpha * 65535.0f + 0.5f);
    }
  }
}

static void
count (const guint8 *restrict bins, int samples, guint32 (*restrict counts)[BINS_APART])
{
  int i = 0;
  for (; i + 8 <= samples; i += 8) {
    guint64 eight; /* one load: loads and stores share their ports with the counts */
    memcpy (&eight, bins + i, sizeof eight);
    for (int t = 0; t < 8; t++)
      counts[t % SHORT_HISTOGRAMS][eight >> (8 * t) & 255]++;
  }
  for (; i < samples; i++)
    counts[0][bins[i]]++;
}

/* One colour of the pixels of one tile. */
static void
add_tile (const IePixels *pixels, int colour, guint64 *restrict counts, IeWork *work)
{
  gboolean is_small = (gint64) pixels->rect.width * pixels->rect.height < SMALL;
  guint32 short_counts[SHORT_HISTOGRAMS][BINS_APART];
  if (!is_small)
    memset (short_counts, 0, sizeof short_counts);
  guint8 buffer[BLOCK];
  guint16 weights[BLOCK];
  gsize bytes = ie_depth_bytes (pixels->depth), pixel = bytes * (gsize) pixels->channels;
  for (int y = 0; y < pixels->rect.height && !ie_work_cancelled (work); y++) {
    const char *row = (const char *) pixels->data + (ptrdiff_t) y * pixels->stride;
    for (int first = 0; first < pixels->rect.width; first += BLOCK) {
      int samples = MIN (BLOCK, pixels->rect.width - first);
      const char *in = row + (gsize) first * pixel;
      const guint8 *bins = buffer;
      if (pixels->channels == 1 && pixels->depth == IE_DEPTH_U8)
        bins = (const guint8 *) in;
      else
        find_bins (in + (gsize) colour * bytes, pixels->depth, pixels->channels, samples, buffer);
      if (pixels->has_alpha) {
        find_weights (in + pixel - bytes, pixels->depth, pixels->channels, samples, weights);
        for (int i = 0; i < samples; i++)
          counts[bins[i]] += weights[i];
      } else if (is_small) {
        for (int i = 0; i < samples; i++)
          counts[bins[i]]++;
      } else {
        count (bins, samples, short_counts);
      }
    }
  }
  for (int k = 0; !is_small && k < BINS; k++)
    for (int t = 0; t < SHORT_HISTOGRAMS; t++)
      counts[k] += short_counts[t][k];
}

static void
add (const IeStep *step, gpointer statistic, int input, const IePixels *pixels, IeWork *work)
{
  Axis across = columns_of (step), down = rows_of (step);
  int colours = ie_header_colours (&step->input);
  IeRect rect = pixels->rect;
  for (int row = tile_at (down, rect.y); row <= tile_at (down, rect.y + rect.height - 1); row++)
    for (int column = tile_at (across, rect.x); column <= tile_at (across, rect.x + rect.width - 1); column++) {
      IeRect tile = { tile_start (across, column), tile_start (down, row), 0, 0 };
      tile.width = tile_start (across, column + 1) - tile.x;
      tile.height = tile_start (down, row + 1) - tile.y;
      IePixels part = ie_pixels_part (pixels, ie_rect_intersect (tile, rect));
      gsize table = ((gsize) row * (gsize) across.tiles + (gsize) column) * (gsize) colours;
      for (int c = 0; c < colours; c++)
        add_tile (&part, c, (guint64 *) statistic + (table + (gsize) c) * BINS, work);
    }
}

static void
merge (const IeStep *step, gpointer into, gconstpointer from)
{
  guint64 *restrict sum = into;
  const guint64 *restrict counts = from;
  gsize bins = size (step) / sizeof (guint64);
  for (gsize i = 0; i < bins; i++)
    sum[i] += counts[i];
}

/* T of one tile and colour: IE_CLAHE_CURVE numbers. */
static void
make_curve (const guint64 *counts, double clip_limit, float *curve)
{
  double all = 0, cut = 0, sum = 0;
  for (int k = 0; k < BINS; k++)
    all += (double) counts[k];
  double limit = clip_limit * all / BINS;
  for (int k = 0; k < BINS; k++)
    cut += MAX ((double) counts[k] - limit, 0);
  for (int k = 0; k < BINS; k++) {
    sum += MIN ((double) counts[k], limit) + cut / BINS;
    curve[k] = all > 0 ? (float) MIN (sum / all, 1) : (float) (k + 1) / BINS;
  }
  curve[BINS] = curve[BINS - 1];
}

static gpointer
finish (const IeStep *step, gpointer statistic, gboolean *again, GError **error)
{
  gsize tables = tables_of (step);
  float *curves = g_new (float, tables *IE_CLAHE_CURVE);
  for (gsize i = 0; i < tables; i++)
    make_curve ((guint64 *) statistic + i * BINS, ie_number (step->params, CLIP_LIMIT), curves + i * IE_CLAHE_CURVE);
  return curves;
}

static const char *const depends[] = { "tiles", "tiles-down", "channel", NULL };

static const IeSurvey survey = {
  .size = size,
  .add = add,
  .merge = merge,
  .finish = finish,
  .native_depth = TRUE,
  .depends = depends,
};

/* ---- The picture ---- */

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  return (gsize) output.width * sizeof (float) + IE_CLAHE_PAIRS + 128;
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  Axis across = columns_of (step), down = rows_of (step);
  int colours = ie_header_colours (&step->input);
  IeRect rect = out->rect;
  float *ways = ie_work_alloc (work, (gsize) rect.width * sizeof (float));
  void *pairs = ie_work_alloc (work, IE_CLAHE_PAIRS);
  Cell columns[MOST_TILES + 1];
  int count = 0;
  for (int x = rect.x; x < rect.x + rect.width; x++) {
    if (count == 0 || x >= columns[count - 1].end)
      columns[count++] = cell_at (across, x);
    ways[x - rect.x] = way_in (&columns[count - 1], x);
  }
  gsize next_tile = (gsize) colours * IE_CLAHE_CURVE, next_row = next_tile * (gsize) across.tiles;
  for (int y = rect.y; y < rect.y + rect.height && !ie_work_cancelled (work); y++) {
    Cell row = cell_at (down, y);
    const float *top = (const float *) step->tables + (gsize) row.before * next_row;
    const float *bottom = (const float *) step->tables + (gsize) row.after * next_row;
    for (int i = 0, x = rect.x; i < count; x = columns[i++].end) {
      int width = MIN (columns[i].end, rect.x + rect.width) - x;
      for (int c = 0; c < colours; c++) {
        gsize left = (gsize) columns[i].before * next_tile + (gsize) c * IE_CLAHE_CURVE;
        gsize right = (gsize) columns[i].after * next_tile + (gsize) c * IE_CLAHE_CURVE;
        gsize at = (gsize) c * ie_depth_bytes (out->depth);
        IeClaheCorners corners = { top + left, top + right, bottom + left, bottom + right, way_in (&row, y) };
        ie_clahe_map ((const char *) ie_pixels_at (in, x, y) + at, (char *) ie_pixels_at (out, x, y) + at, out, width,
                      ways + (x - rect.x), &corners, pairs);
      }
    }
  }
}

IE_FILTER (clahe) = {
  .name = "clahe",
  .version = 1,
  .label = N_ ("Local Contrast (CLAHE)"),
  .summary = N_ ("Evens out contrast from place to place, without raising noise beyond a limit"),
  .group = N_ ("Tone"),
  .citation = "Zuiderveld, Contrast limited adaptive histogram equalization, Graphics Gems IV, 1994",
  .filter_class = IE_SURVEY,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .space = space,
  .survey = &survey,
  .memory = memory,
  .apply = apply,
  .apply_u8 = apply,
  .apply_u16 = apply,
};
