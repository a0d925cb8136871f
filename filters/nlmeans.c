// SPDX-License-Identifier: GPL-3.0-or-later
/* nlmeans: an average of the pixels, in a window, whose surroundings look alike; noise averages out, structure stays.
 *
 *   out(p) = sum over offsets o of A(p, o) in(p + o) / sum over o of A(p, o)
 *   A(p, o) = sum of w(q, o) over the patch around p; half of it for o = 0, where noise would meet itself
 *   w(q, o) = max (0, 1 - max (0, D(q, o) - 1.5) / 2.5)^4, in steps of 1 / 1023 and within one
 *   D(q, o) = mean over the patch around q and the channels of (f(in(r)) - f(in(r + o)))^2
 *
 * f is the brightness in standard deviations of the noise, f'(v) = 1 / sigma(v), in steps of 1/16: where the noise
 * depends on brightness (photons, speckle) all values are told apart equally well. Two patches that differ by noise
 * alone have D = 2 on the average. sigma is given, or estimated for each channel (filters/kernel/noise.h). Differences
 * of a pixel count up to 16 sigma, with three channels 9; their squares are rounded to steps that leave sums in 16
 * bits, for patches of 7 and one channel 1/32 of sigma^2, which moves D by less than 0.007 (standard deviation). Noise
 * below 0.1% of the range counts as that. With alpha, A is multiplied by the alpha of p + o, and what cannot be seen
 * counts as black in D.
 *
 * The window of the weights, of compact support, is that of Goossens et al. with other constants; 1.5, 2.5 and one half
 * are what served photographs with noise of 10 and 25 codes best together.
 *
 * Source: A. Buades, B. Coll, J.-M. Morel, "A Non-Local Algorithm for Image Denoising", CVPR 2005; the sum over
 * patches: the same, "Non-Local Means Denoising", Image Processing On Line 1, 2011; B. Goossens et al., "An Improved
 * Non-Local Denoising Algorithm", LNLA 2008. */
#include "core/elementary.h"
#include "core/i18n.h"
#include "filters/kernel/nlmeans.h"
#include "filters/kernel/noise.h"
#include "filters/kernel/planes.h"

enum { STRENGTH, NOISE, PATCH, SEARCH };

static const IeParam params[] = {
  [STRENGTH] = { .id = "strength",
                 .label = N_ ("Strength"),
                 .type = IE_PARAM_FLOAT,
                 .unit = "",
                 .initial = 1,
                 .min = 0,
                 .max = 4,
                 .slider_min = 0,
                 .slider_max = 2,
                 .summary =
                     N_ ("How much is taken for noise: a factor of its estimated or given strength; 0 changes "
                         "nothing.") },
  [NOISE] = { .id = "noise",
              .label = N_ ("Noise"),
              .type = IE_PARAM_FLOAT,
              .unit = "% of range",
              .initial = 0,
              .min = 0,
              .max = 50,
              .slider_min = 0,
              .slider_max = 20,
              .summary = N_ ("Standard deviation of the noise; 0 estimates it, for each channel and brightness.") },
  [PATCH] = { .id = "patch-radius",
              .label = N_ ("Patch Radius"),
              .type = IE_PARAM_INT,
              .unit = "px",
              .initial = 1,
              .min = 1,
              .max = 7,
              .slider_min = 1,
              .slider_max = 5,
              .summary = N_ ("Half the side of the patches that are compared, whose side is 2 radius + 1 pixels.") },
  [SEARCH] = { .id = "search-radius",
               .label = N_ ("Search Radius"),
               .type = IE_PARAM_INT,
               .unit = "px",
               .initial = 7,
               .min = 1,
               .max = 50,
               .slider_min = 1,
               .slider_max = 20,
               .summary = N_ ("Half the side of the window that is searched for similar patches.") },
  IE_PARAMS_END,
};

#define OFFSET 1.5 /* of D that counts as no difference */
#define REACH 2.5
#define LEAST_NOISE 0.001   /* of range */
#define STEPS 512           /* of the table of f */
#define GUIDE_MOST 16383.0f /* so that differences are 16 bits */

/* f in units of the guide at k / STEPS, for each channel. */
typedef struct {
  float f[IE_MAX_CHANNELS][STEPS + 2];
} Tables;

static gboolean
neutral (const IeParams *values)
{
  return ie_number (values, STRENGTH) == 0;
}

static IeRect
region (const IeStep *step, IeRect output, int input)
{
  int margin = ie_int (step->params, SEARCH) + 2 * ie_int (step->params, PATCH);
  return ie_rect_grow (output, margin, margin);
}

/* ---- the noise ----------------------------------------------------------------------------------------------- */

static void
add (const IeStep *step, gpointer statistic, int input, const IePixels *pixels, IeWork *work)
{
  if (ie_number (step->params, NOISE) == 0)
    ie_noise_add (statistic, pixels);
}

static gpointer
finish (const IeStep *step, gpointer statistic, gboolean *again, GError **error)
{
  Tables *tables = g_new0 (Tables, 1);
  int colours = ie_header_colours (&step->input);
  double given = ie_number (step->params, NOISE) / 100, strength = ie_number (step->params, STRENGTH);
  IeNoiseModel models[IE_MAX_CHANNELS];
  ie_noise_models (statistic, given, models, colours);
  for (int c = 0; c < colours; c++) {
    double sum = 0;
    for (int k = 0; k <= STEPS + 1; k++) {
      double v = (k + 0.5) / STEPS, sigma = strength * ie_sqrt (models[c].a + v * (models[c].b + v * models[c].c));
      tables->f[c][k] = (float) sum;
      sum += IE_NLMEANS_UNIT / (MAX (sigma, LEAST_NOISE) * STEPS);
    }
  }
  return tables;
}

static const char *const depends[] = { "noise", NULL };
static const IeSurvey survey = {
  .size = ie_noise_survey_size, .add = add, .merge = ie_noise_survey_merge, .finish = finish, .cells = IE_NOISE_CELLS,
  .depends = depends
};

/* ---- the average --------------------------------------------------------------------------------------------- */

static gsize
rounded (gsize bytes)
{
  return (bytes + 63) & ~(gsize) 63;
}

static IeNlmeansShape
shape_of (const IeParams *values)
{
  return (IeNlmeansShape){ ie_int (values, PATCH), ie_int (values, SEARCH), OFFSET, REACH };
}

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  IeNlmeansShape shape = shape_of (step->params);
  IeRect in = region (step, output, 0);
  int colours = ie_header_colours (&step->input);
  gsize pixels = (gsize) in.width * (gsize) in.height + IE_NLMEANS_SPARE, planes = (gsize) colours;
  gsize result = rounded ((gsize) output.width * (gsize) output.height * sizeof (float));
  return planes * (rounded (pixels * sizeof (float)) + rounded (pixels * sizeof (gint16)) + result) +
         (step->input.has_alpha ? rounded (pixels * sizeof (float)) : 0) + ie_nlmeans_memory (&shape, output, colours);
}

/* A channel as the floats of 0..1 that a float picture would have, bit for bit. */
static void
load_plane (const IePixels *in, int channel, float *plane)
{
  double scale = 1.0 / (double) ie_depth_range (in->depth);
  for (int y = 0; y < in->rect.height; y++) {
    float *restrict row = plane + (gsize) y * (gsize) in->rect.width;
    ie_planes_load (in, in->rect.x, in->rect.y + y, in->rect.width, channel, row);
    for (int x = 0; x < in->rect.width && in->depth != IE_DEPTH_FLOAT; x++)
      row[x] = (float) (row[x] * scale);
  }
}

static void
make_guide (const float *restrict f, const float *restrict value, const float *restrict alpha, gint16 *restrict guide,
            gsize pixels)
{
  for (gsize i = 0; i < pixels; i++) {
    float place = value[i] * STEPS;
    float inside = place > 0 ? place : 0;
    inside = inside < STEPS ? inside : STEPS;
    int k = (int) inside;
    float g = f[k] + (place - (float) k) * (f[k + 1] - f[k]); /* beyond the ends as at the ends */
    g = g < GUIDE_MOST ? g : GUIDE_MOST;
    g = g > -GUIDE_MOST ? g : -GUIDE_MOST;
    guide[i] = (gint16) (g + (g < 0 ? -0.5f : 0.5f));
  }
  for (gsize i = 0; alpha && i < pixels; i++)
    guide[i] = alpha[i] > 0 ? guide[i] : 0;
}

static void
store_plane (const IePixels *out, int channel, float *plane)
{
  for (int y = 0; y < out->rect.height; y++) {
    float *restrict row = plane + (gsize) y * (gsize) out->rect.width, range = ie_depth_range (out->depth);
    for (int x = 0; x < out->rect.width && out->depth != IE_DEPTH_FLOAT; x++)
      row[x] *= range;
    ie_planes_store (row, out, out->rect.x, out->rect.y + y, out->rect.width, channel);
  }
}

/* Every depth: the views say which. */
static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const Tables *tables = step->tables;
  IeNlmeansShape shape = shape_of (step->params);
  int colours = ie_colours (in->channels, in->has_alpha);
  gsize pixels = (gsize) in->rect.width * (gsize) in->rect.height;
  IeNlmeansBlock block = { .rect = in->rect, .pitch = (gsize) in->rect.width, .colours = colours };
  float *result[IE_MAX_CHANNELS], *alpha = NULL;
  if (in->has_alpha) {
    alpha = ie_work_alloc (work, (pixels + IE_NLMEANS_SPARE) * sizeof (float));
    load_plane (in, colours, alpha);
    block.alpha = alpha;
  }
  for (int c = 0; c < colours; c++) {
    float *value = ie_work_alloc (work, (pixels + IE_NLMEANS_SPARE) * sizeof (float));
    gint16 *guide = ie_work_alloc (work, (pixels + IE_NLMEANS_SPARE) * sizeof (gint16));
    result[c] = ie_work_alloc (work, (gsize) out->rect.width * (gsize) out->rect.height * sizeof (float));
    load_plane (in, c, value);
    make_guide (tables->f[c], value, alpha, guide, pixels);
    block.value[c] = value;
    block.guide[c] = guide;
  }
  ie_nlmeans_pass (&shape, work, &block, out->rect, result, (gsize) out->rect.width);
  if (ie_work_cancelled (work))
    return;
  for (int c = 0; c < colours; c++)
    store_plane (out, c, result[c]);
  if (in->has_alpha)
    for (int y = 0; y < out->rect.height; y++)
      ie_planes_store (alpha + (gsize) (out->rect.y + y - in->rect.y) * block.pitch + (out->rect.x - in->rect.x), out,
                       out->rect.x, out->rect.y + y, out->rect.width, colours);
}

IE_FILTER (nlmeans) = {
  .name = "nlmeans",
  .version = 1,
  .label = N_ ("Non-Local Means"),
  .summary = N_ ("Removes noise and keeps structure: averages pixels whose surroundings look alike"),
  .group = N_ ("Noise"),
  .citation = "A. Buades, B. Coll, J.-M. Morel, Non-Local Means Denoising, Image Processing On Line 1, 2011",
  .filter_class = IE_SURVEY,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .neutral = neutral,
  .region = region,
  .memory = memory,
  .survey = &survey,
  .apply = apply,
  .apply_u8 = apply,
  .apply_u16 = apply,
};
