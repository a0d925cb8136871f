// SPDX-License-Identifier: GPL-3.0-or-later
/* robinson: a compass of eight masks, each the one before turned by 45 degrees; shown is the strongest answer.
 *
 *   robinson -1 0 1   robinson-3 -1 0 1   kirsch -3 -3 5   prewitt  -1  1 1
 *            -2 0 2              -1 0 1          -3  0 5            -1 -2 1
 *            -1 0 1              -1 0 1          -3 -3 5            -1  1 1
 *
 * each divided by the sum of its positive weights (4, 3, 15, 5): a step from black to white answers 1. The masks of
 * Robinson turned by half a turn are their own negatives: four of them and the absolute value are all eight.
 *
 * Sources: G. S. Robinson, "Edge Detection by Compass Gradient Masks", Computer Graphics and Image Processing 6 (5),
 * 1977; R. Kirsch, "Computer determination of the constituent structure of biological images", Computers and Biomedical
 * Research 4 (3), 1971; J. Prewitt, "Object Enhancement and Extraction", 1970. */
#include "core/i18n.h"
#include "filters/kernel/gradient.h"

enum { MASKS, AMOUNT, CHANNEL };

static const IeChoice masks[] = { { "robinson", N_ ("Robinson (1, 2, 1)") },
                                  { "robinson-3", N_ ("Robinson (1, 1, 1)") },
                                  { "kirsch", N_ ("Kirsch") },
                                  { "prewitt", N_ ("Prewitt's Compass") },
                                  { NULL, NULL } };
static const IeChoice channels[] = IE_EDGE_CHANNELS;

static const IeParam params[] = {
  { .id = "masks", .label = N_ ("Masks"), .type = IE_PARAM_ENUM, .unit = "", .initial = 0, .choices = masks,
    .summary = N_ ("The eight weighted windows: Kirsch and Prewitt answer to lines and corners too.") },
  IE_EDGE_AMOUNT_PARAM (2),
  IE_EDGE_CHANNEL_PARAM (channels),
  IE_PARAMS_END
};

#define RING 8 /* places around the centre, clockwise from the top left */
static const int ring_places[RING] = { 0, 1, 2, 5, 8, 7, 6, 3 };

static const struct {
  double ring[RING], centre, positive;
  int directions; /* 4: the others are the negatives */
} families[] = {
  { { -1, 0, 1, 2, 1, 0, -1, -2 }, 0, 4, 4 },
  { { -1, 0, 1, 1, 1, 0, -1, -1 }, 0, 3, 4 },
  { { -3, -3, 5, 5, 5, -3, -3, -3 }, 0, 15, 8 },
  { { -1, 1, 1, 1, 1, 1, -1, -1 }, -2, 5, 8 },
};

static gpointer
prepare (const IeStep *step, GError **error)
{
  int family = ie_int (step->params, MASKS);
  IeStencils *stencils = ie_stencils_new (ie_int (step->params, CHANNEL) == IE_CHANNEL_LUMA);
  for (int d = 0; d < families[family].directions; d++) {
    double mask[9];
    mask[4] = families[family].centre;
    for (int i = 0; i < RING; i++)
      mask[ring_places[(i + d) % RING]] = families[family].ring[i];
    ie_stencils_add (stencils, mask, 3, 3, 1 / families[family].positive);
  }
  return stencils;
}

typedef struct {
  int directions;
  float amount;
} Compass;

static void
strongest_of_4 (float *restrict a, const float *restrict b, const float *restrict c, const float *restrict d,
                int samples, float amount)
{
  for (int i = 0; i < samples; i++) {
    float p = a[i] < 0 ? -a[i] : a[i], q = b[i] < 0 ? -b[i] : b[i];
    float r = c[i] < 0 ? -c[i] : c[i], s = d[i] < 0 ? -d[i] : d[i];
    p = p > q ? p : q;
    r = r > s ? r : s;
    a[i] = (p > r ? p : r) * amount;
  }
}

static void
stronger (float *restrict a, const float *restrict b, int samples)
{
  for (int i = 0; i < samples; i++)
    a[i] = a[i] > b[i] ? a[i] : b[i];
}

static void
multiply (float *restrict a, int samples, float amount)
{
  for (int i = 0; i < samples; i++)
    a[i] *= amount;
}

static void
combine (gconstpointer data, float *const *sums, const float *centre, int samples)
{
  const Compass *compass = data;
  if (compass->directions == 4) {
    strongest_of_4 (sums[0], sums[1], sums[2], sums[3], samples, compass->amount);
    return;
  }
  for (int d = 1; d < compass->directions; d++)
    stronger (sums[0], sums[d], samples);
  multiply (sums[0], samples, compass->amount);
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  Compass compass = { families[ie_int (step->params, MASKS)].directions, (float) ie_number (step->params, AMOUNT) };
  ie_stencils_apply (step->prepared, work, in, out, combine, &compass);
}

IE_FILTER (robinson) = {
  .name = "robinson",
  .version = 1,
  .label = N_ ("Robinson Compass Edges"),
  .summary = N_ ("Shows edges: the strongest answer of eight masks, each turned by 45 degrees"),
  .group = N_ ("Edges"),
  .citation = "G. S. Robinson, Edge Detection by Compass Gradient Masks, Computer Graphics and Image Processing 6 (5), "
              "1977",
  .filter_class = IE_AREA,
  .alpha = IE_ALPHA_WEIGH,
  .params = params,
  .prepare = prepare,
  .release = ie_stencils_free,
  .region = ie_stencils_region,
  .memory = ie_stencils_memory,
  .apply = apply,
  .apply_u8 = apply,
  .apply_u16 = apply,
};
