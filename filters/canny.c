// SPDX-License-Identifier: GPL-3.0-or-later
/* canny: thin white lines on black where the picture has edges.
 *
 *   1. blurred by a Gaussian (filters/kernel/gaussian.h), then rounded to 1 / 65280 of the range, so that 8 bits, 16
 *      bits and float decide alike;
 *   2. the slope by Sobel's kernels, its size |x| + |y| (l1) or sqrt (x^2 + y^2) (l2), divided by 4: a step from black
 *      to white is 100 % of the range (OpenCV divides by nothing: its threshold t at 8 bits is t / 10.2 %);
 *      at the picture's edge the blurred picture goes on as its last pixels, and no slope is beyond it (as in OpenCV);
 *   3. pixels stay whose size is the highest across the edge and above `low` (filters/kernel/ridge.h);
 *   4. of these, what is above `high`, and what is joined to it by neighbours (hysteresis,
 *      filters/kernel/hysteresis.h).
 *
 * An edge may cross the whole picture, so that no window decides: the class is WHOLE.
 *
 * Automatic thresholds: `high` parts the slopes of all crests (step 3 with low 0) in two by Otsu's method, see
 * automatic_high() below; `low` is two fifths of `high`.
 *
 * Source: J. Canny, "A Computational Approach to Edge Detection", IEEE Transactions on Pattern Analysis and Machine
 * Intelligence 8 (6), 1986. */
#include "core/convert.h"
#include "core/error.h"
#include "core/i18n.h"
#include "filters/kernel/gaussian.h"
#include "filters/kernel/hysteresis.h"
#include "filters/kernel/ridge.h"

#include <math.h>
#include <string.h>

enum { SIGMA, LOW, HIGH, GRADIENT, CHANNEL };
enum { L2, L1 };
enum { LUMA, RGB };

#define LOW_SHARE 0.4 /* of high: Canny recommends a ratio of two to three to one */
#define TILE 512      /* pixels across, rows a quarter: the floats of a tile stay in the second cache; whole words */
#define BINS 4096     /* of the histogram of sizes */
#define BINS_A_STEP 2048.0f

static const IeChoice gradients[] = { { "l2", N_ ("Euclidean") }, { "l1", N_ ("Sum of Both Parts") }, { NULL, NULL } };
static const IeChoice channels[] = { { "luma", N_ ("Luma") }, { "rgb", N_ ("Every Channel") }, { NULL, NULL } };

static const IeParam params[] = {
  { .id = "sigma", .label = N_ ("Sigma"), .type = IE_PARAM_FLOAT, .unit = "px", .initial = 1.4, .min = 0, .max = 20,
    .slider_min = 0, .slider_max = 5,
    .summary = N_ ("Standard deviation of the Gaussian that comes first: larger sees less noise and less detail.") },
  { .id = "low", .label = N_ ("Low Threshold"), .type = IE_PARAM_FLOAT, .unit = "% of range", .initial = 0,
    .min = 0,
    .max = 150, .slider_min = 0, .slider_max = 50,
    .summary = N_ ("Slopes above this continue an edge; 0 takes two fifths of the high threshold.") },
  { .id = "high", .label = N_ ("High Threshold"), .type = IE_PARAM_FLOAT, .unit = "% of range", .initial = 0,
    .min = 0,
    .max = 150, .slider_min = 0, .slider_max = 50,
    .summary =
        N_ ("Slopes above this begin an edge; 0 finds it from the picture. 100 is a step from black to white.") },
  { .id = "gradient", .label = N_ ("Gradient"), .type = IE_PARAM_ENUM, .unit = "", .initial = L2, .choices = gradients,
    .summary = N_ ("How the slope is measured from its parts to the right and downwards.") },
  { .id = "channel", .label = N_ ("Channel"), .type = IE_PARAM_ENUM, .unit = "", .initial = LUMA, .choices = channels,
    .summary = N_ ("Edges of the luma, white on black, or of every channel by itself.") },
  IE_PARAMS_END
};

static gpointer
prepare (const IeStep *step, GError **error)
{
  double low = ie_number (step->params, LOW), high = ie_number (step->params, HIGH);
  if (high > 0 && low > high) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("low=%g is above high=%g"), low, high);
    return NULL;
  }
  return ie_gaussian_new (ie_number (step->params, SIGMA));
}

/* ---- tiles ------------------------------------------------------------------------------------------------------- */

typedef struct {
  const IeGaussian *gaussian;
  gconstpointer planes[3]; /* 1, or the 3 that luma is made of */
  IeDepth depth;           /* of the planes: 8 bits or float */
  int colours;
  ptrdiff_t stride; /* bytes */
  int width, height;
  int tile_width, tile_height, across; /* tiles in a row of them */
  gboolean l1;
  float low, high; /* in the measure of ie_ridge_slopes() */
  const IeHysteresis *map;
  guint32 *histograms; /* BINS for each tile; NULL: only the map is wanted */
} Detection;

/* The blurred rectangle of a tile: the slopes of its neighbours need two pixels around it. */
static IeRect
blurred_rect (const Detection *d, int tile)
{
  IeRect rect = { tile % d->across * d->tile_width, tile / d->across * d->tile_height, d->tile_width, d->tile_height };
  return ie_rect_grow (ie_rect_intersect (rect, (IeRect){ 0, 0, d->width, d->height }), 2, 2);
}

static void
set_tiles (Detection *d, const IeGaussianShape *shape)
{
  IeRect one = { 0, 0, 1, 1 };
  int halo = shape->sigma > 0 ? -ie_gaussian_region (shape, one).y : 0;
  d->tile_width = MAX (TILE, 4 * halo / IE_HYSTERESIS_PIXELS * IE_HYSTERESIS_PIXELS);
  d->tile_height = MAX (TILE / 4, 2 * halo);
  d->across = (d->width + d->tile_width - 1) / d->tile_width;
}

static int
tile_count (const Detection *d)
{
  return d->across * ((d->height + d->tile_height - 1) / d->tile_height);
}

static IePixels
view_of (IeWork *work, IeRect rect)
{
  gsize row = ((gsize) rect.width + 15) & ~(gsize) 15;
  return (IePixels){ .data = ie_work_alloc (work, row * (gsize) rect.height * sizeof (float)),
                     .stride = (ptrdiff_t) (row * sizeof (float)),
                     .rect = rect,
                     .channels = 1,
                     .depth = IE_DEPTH_FLOAT };
}

static void
luma_of_planes (const float *restrict r, const float *restrict g, const float *restrict b, float *restrict luma,
                int count)
{
  for (int i = 0; i < count; i++)
    luma[i] = 0.2126f * r[i] + 0.7152f * g[i] + 0.0722f * b[i];
}

/* `count` pixels of plane c from (x, y) on: where they lie, or as float in `room`. */
static const float *
plane_row (const Detection *d, int c, int x, int y, int count, float *room)
{
  gconstpointer row = (const char *) d->planes[c] + y * d->stride;
  if (d->depth == IE_DEPTH_FLOAT)
    return (const float *) row + x;
  ie_convert ()->u8_to_float ((const guint8 *) row + x, room, (gsize) count);
  return room;
}

/* Row y of the picture, mirrored at its edges, for the columns of rect. room: three rows as wide. */
static void
load_row (const Detection *d, IeRect rect, int y, float *row, float *room)
{
  int first = MAX (rect.x, 0), end = MIN (rect.x + rect.width, d->width), count = end - first;
  int before = first - rect.x, after = rect.x + rect.width - end;
  float *restrict inside = row + before;
  const float *planes[3];
  y = ie_reflect (y, d->height);
  for (int c = 0; c < d->colours; c++)
    planes[c] = plane_row (d, c, first, y, count, d->colours == 1 ? inside : room + (gsize) c * (gsize) rect.width);
  if (d->colours == 3)
    luma_of_planes (planes[0], planes[1], planes[2], inside, count);
  else if (planes[0] != inside)
    memcpy (inside, planes[0], (gsize) count * sizeof *inside);
  for (int i = 0; i < before + after; i++) {
    int x = i < before ? i : before + count + (i - before), from = ie_reflect (rect.x + x, d->width);
    if (from >= first && from < end) {
      row[x] = inside[from - first];
      continue;
    }
    for (int c = 0; c < d->colours; c++) /* a window wider than the picture */
      planes[c] = plane_row (d, c, from, y, 1, room + c);
    if (d->colours == 3)
      luma_of_planes (planes[0], planes[1], planes[2], row + x, 1);
    else
      row[x] = planes[0][0];
  }
}

/* Beyond the picture's edge the blurred picture goes on as its last pixels: there slopes are those of the inside. */
static void
repeat_edge (const Detection *d, const IePixels *blurred)
{
  IeRect rect = blurred->rect, inside = ie_rect_intersect (rect, (IeRect){ 0, 0, d->width, d->height });
  if (ie_rect_inside (rect, inside))
    return;
  for (int y = inside.y; y < inside.y + inside.height; y++) {
    float *row = ie_pixels_at (blurred, rect.x, y);
    for (int x = rect.x; x < rect.x + rect.width; x++)
      row[x - rect.x] = row[CLAMP (x, inside.x, inside.x + inside.width - 1) - rect.x];
  }
  for (int y = rect.y; y < rect.y + rect.height; y++)
    if (y < inside.y || y >= inside.y + inside.height)
      memcpy (ie_pixels_at (blurred, rect.x, y),
              ie_pixels_at (blurred, rect.x, CLAMP (y, inside.y, inside.y + inside.height - 1)),
              (gsize) rect.width * sizeof (float));
}

static void
round_row (gpointer data, int x, int y, int pixels, float *row)
{
  ie_ridge_quantise (row, ie_pixels_at (data, x, y), pixels);
}

/* The pixels of rect: where they lie if that can be, else a mirrored copy, or luma. any_depth: 8 bits will do too. */
static IePixels
source_pixels (const Detection *d, IeRect rect, gboolean any_depth, IeWork *work)
{
  gboolean inside = ie_rect_inside (rect, (IeRect){ 0, 0, d->width, d->height });
  if (d->colours == 1 && inside && (any_depth || d->depth == IE_DEPTH_FLOAT)) {
    const char *first = (const char *) d->planes[0] + rect.y * d->stride + rect.x * (ptrdiff_t) ie_depth_bytes (d->depth);
    return (IePixels){
      .data = (char *) (guintptr) first, .stride = d->stride, .rect = rect, .channels = 1, .depth = d->depth
    };
  }
  IePixels copy = view_of (work, rect);
  float *room = ie_work_alloc (work, 3 * (gsize) rect.width * sizeof (float));
  for (int y = rect.y; y < rect.y + rect.height; y++)
    load_row (d, rect, y, ie_pixels_at (&copy, rect.x, y), room);
  return copy;
}

/* The picture in rect: blurred and rounded. */
static IePixels
blurred_pixels (const Detection *d, IeRect rect, IeWork *work)
{
  const IeGaussianShape *shape = &d->gaussian->shape;
  gboolean blurs = shape->sigma > 0;
  IePixels blurred = view_of (work, rect);
  IePixels source = source_pixels (d, blurs ? ie_gaussian_region (shape, rect) : rect, blurs, work);
  if (blurs)
    ie_gaussian_rows (d->gaussian, work, &source, &blurred, IE_UNIT_RANGE, round_row, &blurred);
  else
    for (int y = rect.y; y < rect.y + rect.height; y++)
      round_row (&blurred, rect.x, y, rect.width, ie_pixels_at (&source, rect.x, y));
  repeat_edge (d, &blurred);
  return blurred;
}

/* Bits are looked for, not pixels: crests are few. */
static void
count_sizes (const float *sizes, const guint64 *crests, int count, gboolean l1, guint32 *histogram)
{
  for (int first = 0; first < count; first += IE_HYSTERESIS_PIXELS)
    for (guint64 word = crests[first / IE_HYSTERESIS_PIXELS]; word; word &= word - 1) {
      float size = sizes[first + __builtin_ctzll (word)];
      size = (l1 ? size : sqrtf (size)) * (BINS_A_STEP / (IE_RIDGE_UNITS * IE_RIDGE_STEP));
      histogram[size < BINS - 1 ? (int) size : BINS - 1]++;
    }
}

/* Rows of slopes at a time, of one pixel more than the tile on both sides: two come in, below two that they are compared
 * with. */
#define RING 4

static void
ring_new (IeWork *work, int count, IeSlopes *ring)
{
  gsize bytes = (gsize) count * sizeof (float);
  for (int i = 0; i < RING; i++)
    ring[i] = (IeSlopes){ ie_work_alloc (work, bytes), ie_work_alloc (work, bytes), ie_work_alloc (work, bytes) };
}

/* Nothing beyond the edge is higher than what is inside. */
static void
clear_outside (const Detection *d, IeRect rect, int y, float *size)
{
  if (y < 0 || y >= d->height)
    memset (size, 0, (gsize) (rect.width + 2) * sizeof *size);
  if (rect.x == 0)
    size[0] = 0;
  if (rect.x + rect.width == d->width)
    size[rect.width + 1] = 0;
}

/* Slopes of row y and, where there is one more, of the next. */
static void
slopes_of (const Detection *d, const IePixels *blurred, IeRect rect, int y, int rows, const IeSlopes *first,
           const IeSlopes *second)
{
  const float *from[RING];
  for (int i = 0; i < rows + 2; i++)
    from[i] = ie_pixels_at (blurred, rect.x - 1, y - 1 + i);
  ie_ridge_slopes (from, first, rows > 1 ? second : NULL, rect.width + 2, d->l1);
  clear_outside (d, rect, y, first->size);
  if (rows > 1)
    clear_outside (d, rect, y + 1, second->size);
}

static void
crests_of (const Detection *d, IeRect rect, int y, const IeSlopes *above, const IeSlopes *here, const IeSlopes *below,
           guint32 *histogram)
{
  gsize at = (gsize) y * d->map->words + (gsize) rect.x / IE_HYSTERESIS_PIXELS;
  ie_ridge_crests (above->size + 1, here->size + 1, below->size + 1, here->across + 1, here->down + 1,
                   d->map->crests + at, d->map->strong + at, rect.width, d->low, d->high);
  if (histogram)
    count_sizes (here->size + 1, d->map->crests + at, rect.width, d->l1, histogram);
}

static void
tile_body (gpointer data, int tile, IeWork *work)
{
  const Detection *d = data;
  if (ie_work_cancelled (work))
    return;
  IeRect outer = blurred_rect (d, tile), rect = ie_rect_grow (outer, -2, -2);
  IePixels blurred = blurred_pixels (d, outer, work);
  guint32 *histogram = d->histograms ? d->histograms + (gsize) tile * BINS : NULL;
  IeSlopes ring[RING];
  ring_new (work, rect.width + 2, ring);
  /* Row first + i is in ring[i % RING]; a row has its crests when the one below it is there. */
  int first = rect.y - 1, count = rect.height + 2;
  for (int i = 0; i < count; i += 2) {
    slopes_of (d, &blurred, rect, first + i, MIN (2, count - i), &ring[i % RING], &ring[(i + 1) % RING]);
    for (int k = MAX (i, 2); k < MIN (i + 2, count); k++)
      crests_of (d, rect, first + k - 1, &ring[(k - 2) % RING], &ring[(k - 1) % RING], &ring[k % RING], histogram);
  }
}

/* ---- thresholds -------------------------------------------------------------------------------------------------- */

/* The upper end, as a share of the range, of the bin that parts the sizes of all crests best into two classes: where
 * the variance between them is largest (the first such bin). N. Otsu, "A Threshold Selection Method from Gray-Level
 * Histograms", IEEE Transactions on Systems, Man, and Cybernetics 9 (1), 1979. */
static double
automatic_high (const guint64 *histogram)
{
  double count = 0, sum = 0, below = 0, sum_below = 0, most = -1;
  int parting = 0;
  for (int i = 0; i < BINS; i++) {
    count += (double) histogram[i];
    sum += (double) histogram[i] * i;
  }
  for (int i = 0; i < BINS - 1; i++) {
    below += (double) histogram[i];
    sum_below += (double) histogram[i] * i;
    double above = count - below, apart = below * sum - count * sum_below;
    double variance = below > 0 && above > 0 ? apart / below * apart / above : 0;
    if (variance > most) {
      most = variance;
      parting = i;
    }
  }
  return (parting + 1) / (double) BINS_A_STEP;
}

/* Threshold, a share of the range, in the measure of slopes. */
static float
in_measure (double share, gboolean l1)
{
  double size = share * (double) (IE_RIDGE_UNITS * IE_RIDGE_STEP);
  return (float) (l1 ? size : size * size);
}

static void
set_thresholds (Detection *d, const IeParams *values, IeWork *work)
{
  double low = ie_number (values, LOW) / 100, high = ie_number (values, HIGH) / 100;
  if (high == 0) {
    int tiles = tile_count (d);
    guint64 histogram[BINS] = { 0 };
    d->histograms = ie_work_alloc (work, (gsize) tiles * BINS * sizeof *d->histograms);
    memset (d->histograms, 0, (gsize) tiles * BINS * sizeof *d->histograms);
    d->low = 0;
    d->high = G_MAXFLOAT;
    ie_work_parallel (work, tiles, tile_body, d);
    for (gsize i = 0; i < (gsize) tiles * BINS; i++)
      histogram[i % BINS] += d->histograms[i];
    d->histograms = NULL;
    high = automatic_high (histogram);
  }
  low = low == 0 ? LOW_SHARE * high : MIN (low, high);
  d->low = in_measure (low, d->l1);
  d->high = in_measure (high, d->l1);
}

/* ---- the picture ------------------------------------------------------------------------------------------------- */

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  IeGaussianShape shape = ie_gaussian_shape (ie_number (step->params, SIGMA));
  Detection d = { .width = output.width, .height = output.height };
  set_tiles (&d, &shape);
  gsize threads = (gsize) g_get_num_processors ();
  IeRect tile = { 0, 0, d.tile_width + 4, d.tile_height + 4 }, loaded = ie_gaussian_region (&shape, tile);
  gsize views = ((gsize) tile.width + 16) * (gsize) tile.height + ((gsize) loaded.width + 16) * (gsize) loaded.height;
  gsize rows = 3 * RING * ((gsize) tile.width + 32) + (gsize) tile.width + 3 * ((gsize) loaded.width + 16);
  gsize of_tile = (views + rows) * sizeof (float) + ie_gaussian_memory (&shape, tile, 1, FALSE);
  gsize histograms = ie_number (step->params, HIGH) == 0 ? (gsize) tile_count (&d) * BINS * sizeof (guint32) : 0;
  return threads * of_tile + histograms + ie_hysteresis_bytes (output.width, output.height) +
         ie_hysteresis_scratch (output.width, output.height, (int) threads);
}

/* Planes that are read and, after that, drawn; they may be the same. */
typedef struct {
  gconstpointer in[IE_MAX_CHANNELS];
  void *out[IE_MAX_CHANNELS];
  ptrdiff_t in_stride, out_stride; /* bytes */
  IeDepth depth;
} Planes;

/* `count` planes from `first` on together. */
static void
detect (const IeStep *step, IeWork *work, const Planes *planes, int first, int count, const IeHysteresis *map)
{
  Detection d = { .gaussian = step->prepared,
                  .depth = planes->depth,
                  .colours = count,
                  .stride = planes->in_stride,
                  .width = step->input.width,
                  .height = step->input.height,
                  .l1 = ie_int (step->params, GRADIENT) == L1,
                  .map = map };
  for (int c = 0; c < count; c++)
    d.planes[c] = planes->in[first + c];
  set_tiles (&d, &d.gaussian->shape);
  set_thresholds (&d, step->params, work);
  ie_work_parallel (work, tile_count (&d), tile_body, &d);
  ie_hysteresis_run (map, work);
  ie_hysteresis_draw (map, planes->out + first, count, planes->out_stride, planes->depth, work);
}

static gboolean
detect_all (const IeStep *step, IeWork *work, const Planes *planes, GError **error)
{
  int colours = ie_header_colours (&step->input);
  IeHysteresis map = ie_hysteresis_new (work, step->input.width, step->input.height);
  if (!map.crests) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("the system has no memory for the map of edges"));
    return FALSE;
  }
  if (colours == 3 && ie_int (step->params, CHANNEL) == LUMA)
    detect (step, work, planes, 0, colours, &map);
  else
    for (int c = 0; c < colours && !ie_work_cancelled (work); c++)
      detect (step, work, planes, c, 1, &map);
  return TRUE;
}

static gboolean
apply_whole (const IeStep *step, IeWork *work, float *const *planes, ptrdiff_t stride, GError **error)
{
  Planes some = { .in_stride = stride, .out_stride = stride, .depth = IE_DEPTH_FLOAT };
  for (int c = 0; c < ie_header_colours (&step->input); c++)
    some.in[c] = some.out[c] = planes[c];
  return detect_all (step, work, &some, error);
}

static gboolean
apply_whole_u8 (const IeStep *step, IeWork *work, const guint8 *const *in, ptrdiff_t in_stride, guint8 *const *planes,
                ptrdiff_t stride, GError **error)
{
  Planes some = { .in_stride = in_stride, .out_stride = stride, .depth = IE_DEPTH_U8 };
  for (int c = 0; c < ie_header_colours (&step->input); c++) {
    some.in[c] = in[c];
    some.out[c] = planes[c];
  }
  return detect_all (step, work, &some, error);
}

IE_FILTER (canny) = {
  .name = "canny",
  .version = 1,
  .label = N_ ("Canny Edges"),
  .summary = N_ ("Draws the picture's edges as thin white lines on black"),
  .group = N_ ("Edges"),
  .citation = "J. Canny, A Computational Approach to Edge Detection, IEEE Transactions on Pattern Analysis and Machine "
              "Intelligence 8 (6), 1986",
  .filter_class = IE_WHOLE,
  .alpha = IE_ALPHA_IGNORE,
  .params = params,
  .memory = memory,
  .prepare = prepare,
  .release = ie_gaussian_free,
  .apply_whole = apply_whole,
  .apply_whole_u8 = apply_whole_u8,
};
