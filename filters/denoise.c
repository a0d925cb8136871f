// SPDX-License-Identifier: GPL-3.0-or-later
/* denoise: the cosine transform gathers what is picture in few large coefficients and spreads noise over all of them:
 * what is small is taken away, in blocks of 8 x 8 pixels that begin at every column and every second row.
 *
 *   1. X (k) = 0 where |X (k)| <= 2.7 sigma; the blocks' results are averaged, each weighing 1 / (how many are left)
 *   2. Y (k) = X (k) P (k)^2 / (P (k)^2 + sigma^2), P the transform of what 1 made (Wiener's gain), averaged with weights
 *      1 / (sum of the squares of the gains)
 *
 * The mean of a block always stays. With three colours X is of (r + g + b) / sqrt 3, (r - b) / sqrt 2 and
 * (r - 2 g + b) / sqrt 6, in which photographs are sparser; else of each channel. sigma^2 is that of the noise at the
 * block's mean, for each channel given, or estimated by brightness (filters/kernel/noise.h), and carried over to the
 * sums. What cannot be seen (alpha 0) counts as the mean of what can be in the block.
 *
 * Source: G. Yu, G. Sapiro, "DCT Image Denoising: a Simple and Effective Image Denoising Algorithm", Image Processing On
 * Line 1, 2011; the threshold, the weights and the second step: K. Dabov, A. Foi, V. Katkovnik, K. Egiazarian, "Image
 * Denoising by Sparse 3-D Transform-Domain Collaborative Filtering", IEEE Transactions on Image Processing 16 (8), 2007. */
#include "core/elementary.h"
#include "core/i18n.h"
#include "filters/kernel/noise.h"
#include "filters/kernel/planes.h"
#include "filters/kernel/shrink.h"

enum { STRENGTH, NOISE };

static const IeParam params[] = {
  [STRENGTH] = { .id = "strength", .label = N_ ("Strength"), .type = IE_PARAM_FLOAT, .unit = "",
                 .initial = 1, .min = 0, .max = 4, .slider_max = 2,
                 .summary = N_ ("How much is taken for noise: a factor of its estimated or given strength; 0 changes "
                                "nothing.") },
  [NOISE] = { .id = "noise", .label = N_ ("Noise"), .type = IE_PARAM_FLOAT, .unit = "% of range",
              .initial = 0, .min = 0, .max = 50, .slider_max = 20,
              .summary = N_ ("Standard deviation of the noise; 0 estimates it, for each channel and brightness.") },
  IE_PARAMS_END
};


static gboolean
neutral (const IeParams *values)
{
  return ie_number (values, STRENGTH) == 0;
}

static IeRect
region (const IeStep *step, IeRect output, int input)
{
  return ie_rect_grow (output, IE_SHRINK_REACH, IE_SHRINK_REACH);
}

/* ---- The noise ---- */

static void
add (const IeStep *step, gpointer statistic, int input, const IePixels *pixels, IeWork *work)
{
  if (ie_number (step->params, NOISE) == 0)
    ie_noise_add (statistic, pixels);
}

static void
mix_colours (IeShrinkNoise *noise)
{
  static const float opponents[3][3] = { { 1, 1, 1 }, { 1, 0, -1 }, { 1, -2, 1 } }, squares[3] = { 3, 2, 6 };
  for (int o = 0; o < noise->colours; o++)
    for (int c = 0; c < noise->colours; c++)
      noise->mix[o][c] = noise->colours == 3 ? opponents[o][c] / __builtin_sqrtf (squares[o]) : o == c;
}

static gpointer
finish (const IeStep *step, gpointer statistic, gboolean *again, GError **error)
{
  IeShrinkNoise *noise = g_new0 (IeShrinkNoise, 1);
  double given = ie_number (step->params, NOISE) / 100, strength = ie_number (step->params, STRENGTH);
  noise->colours = ie_header_colours (&step->input);
  noise->scale = (float) (strength * strength);
  mix_colours (noise);
  for (int k = 0; k < IE_SHRINK_SIDE * IE_SHRINK_SIDE; k++)
    noise->profile[k / IE_SHRINK_SIDE][k % IE_SHRINK_SIDE] = 1.0f;
  ie_noise_models (statistic, given, noise->models, noise->colours);
  return noise;
}

static const char *const depends[] = { "noise", NULL };

static const IeSurvey survey = {
  .size = ie_noise_survey_size, .add = add, .merge = ie_noise_survey_merge, .finish = finish, .cells = IE_NOISE_CELLS,
  .depends = depends
};

/* ---- The picture ---- */

static gsize
plane_bytes (IeRect rect)
{
  return ((gsize) rect.width * (gsize) rect.height * sizeof (float) + 63) & ~(gsize) 63;
}

static gsize
memory (const IeStep *step, IeRect output, IeDepth depth)
{
  IeRect in = region (step, output, 0);
  int colours = ie_header_colours (&step->input);
  gsize planes = (gsize) colours * (plane_bytes (in) + plane_bytes (output));
  return planes + (step->input.has_alpha ? plane_bytes (in) : 0) + (gsize) output.width * sizeof (float) + 64 +
         ie_shrink_twice_memory (output, colours, step->input.has_alpha);
}

static void
take_planes (IeShrinkPlanes *planes, IeRect rect, int colours, gboolean has_alpha, IeWork *work)
{
  planes->rect = rect;
  for (int c = 0; c < colours; c++)
    planes->plane[c] = ie_work_alloc (work, plane_bytes (rect));
  planes->visible = has_alpha ? ie_work_alloc (work, plane_bytes (rect)) : NULL;
}

/* A row of three channels as sums, or back: the mix is orthonormal, so that its reverse is its transpose. */
static void
mix_row (const IeShrinkNoise *noise, gboolean back, float *const *planes, gsize at, int width)
{
  float m[3][3];
  for (int o = 0; o < 3; o++)
    for (int c = 0; c < 3; c++)
      m[o][c] = back ? noise->mix[c][o] : noise->mix[o][c];
  float *restrict p = planes[0] + at, *restrict q = planes[1] + at, *restrict r = planes[2] + at;
  for (int x = 0; x < width; x++) {
    float a = p[x], b = q[x], c = r[x];
    p[x] = m[0][0] * a + m[0][1] * b + m[0][2] * c;
    q[x] = m[1][0] * a + m[1][1] * b + m[1][2] * c;
    r[x] = m[2][0] * a + m[2][1] * b + m[2][2] * c;
  }
}

static void
load (const IeShrinkNoise *noise, const IePixels *in, IeShrinkPlanes *planes)
{
  int width = in->rect.width;
  double scale = 1.0 / (double) ie_depth_range (in->depth);
  for (int y = 0; y < in->rect.height; y++) {
    gsize at = (gsize) y * (gsize) width;
    for (int c = 0; c < noise->colours; c++) {
      float *restrict row = planes->plane[c] + at;
      ie_planes_load (in, in->rect.x, in->rect.y + y, width, c, row);
      for (int x = 0; x < width && in->depth != IE_DEPTH_FLOAT; x++)
        row[x] = (float) (row[x] * scale); /* the floats of 0..1 that a float picture would have */
    }
    if (noise->colours == 3)
      mix_row (noise, FALSE, planes->plane, at, width);
    if (!planes->visible)
      continue;
    float *restrict visible = planes->visible + at;
    ie_planes_load (in, in->rect.x, in->rect.y + y, width, noise->colours, visible);
    for (int x = 0; x < width; x++)
      visible[x] = visible[x] > 0.0f ? 1.0f : 0.0f;
    for (int c = 0; c < noise->colours; c++)
      for (int x = 0; x < width; x++)
        planes->plane[c][at + (gsize) x] *= visible[x];
  }
}

static void
store (const IeShrinkNoise *noise, const IePixels *in, const IeShrinkPlanes *planes, const IePixels *out, float *alpha)
{
  int width = out->rect.width;
  float range = ie_depth_range (out->depth);
  for (int y = 0; y < out->rect.height; y++) {
    gsize at = (gsize) y * (gsize) width;
    if (noise->colours == 3)
      mix_row (noise, TRUE, planes->plane, at, width);
    for (int c = 0; c < noise->colours; c++) {
      float *restrict row = planes->plane[c] + at;
      for (int x = 0; x < width && out->depth != IE_DEPTH_FLOAT; x++)
        row[x] *= range;
      ie_planes_store (row, out, out->rect.x, out->rect.y + y, width, c);
    }
    if (out->has_alpha) {
      ie_planes_load (in, out->rect.x, out->rect.y + y, width, noise->colours, alpha);
      ie_planes_store (alpha, out, out->rect.x, out->rect.y + y, width, noise->colours);
    }
  }
}

/* Every depth: the views say which. */
static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const IeShrinkNoise *noise = step->tables;
  IeShrinkPlanes whole = { 0 }, result = { 0 };
  take_planes (&whole, in->rect, noise->colours, in->has_alpha, work);
  take_planes (&result, out->rect, noise->colours, FALSE, work);
  float *alpha = ie_work_alloc (work, (gsize) out->rect.width * sizeof (float));
  load (noise, in, &whole);
  ie_shrink_twice (noise, work, &whole, &result);
  if (!ie_work_cancelled (work))
    store (noise, in, &result, out, alpha);
}

IE_FILTER (denoise) = {
  .name = "denoise",
  .version = 1,
  .label = N_ ("Denoise"),
  .summary = N_ ("Removes noise of sensor, photons and speckle, whose strength it finds itself, and keeps detail"),
  .group = N_ ("Noise"),
  .citation = "Yu and Sapiro 2011; Dabov, Foi, Katkovnik and Egiazarian 2007",
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
