// SPDX-License-Identifier: GPL-3.0-or-later
/* The contracts of docs/design.md that every filter keeps, as loops over the registry: a new filter is tested by being
 * listed. Parameters are made from the descriptors (probe_step). */
#include "tests/run-recipe.h"

typedef struct {
  int channels;
  gboolean has_alpha;
} Kind;
static const Kind kinds[] = { { 1, FALSE }, { 3, FALSE }, { 2, TRUE }, { 4, TRUE } };
static const IeDepth depths[] = { IE_DEPTH_U8, IE_DEPTH_U16, IE_DEPTH_FLOAT };

typedef void (*Check) (const IeFilter *filter, const char *step);

static void
each_filter (gconstpointer data)
{
  Check check = *(const Check *) data;
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  for (int i = 0; i < count; i++) {
    char *step = probe_step (filters[i]);
    g_test_message ("%s", step);
    check (filters[i], step);
    g_free (step);
  }
}

/* Samples do not depend on rectangles or threads. */
static void
check_rectangles (const IeFilter *filter, const char *step)
{
  static const IeRunOptions ways[] = { { .threads = 1 },
                                       { .threads = 2, .rect_width = 64, .rect_height = 64 },
                                       { .threads = 7, .rect_width = 33, .rect_height = 17 },
                                       { .threads = 1, .rect_width = 5, .rect_height = 200 } };
  for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (gsize d = 0; d < G_N_ELEMENTS (depths); d++) {
      Picture in = picture_new (131, 97, kinds[k].channels, kinds[k].has_alpha, depths[d]);
      picture_fill (&in, 7);
      Picture first = picture_step (&in, step, ways[0]);
      for (gsize w = 1; w < G_N_ELEMENTS (ways); w++) {
        Picture other = picture_step (&in, step, ways[w]);
        if (memcmp (first.data, other.data, first.bytes) != 0)
          g_error ("%s: %d channels, depth %d, way %d: other samples (largest difference %g)", step, kinds[k].channels,
                   depths[d], (int) w, picture_difference (&first, &other));
        picture_free (&other);
      }
      picture_free (&first);
      picture_free (&in);
    }
}

/* 8 and 16 bits are the rounded float result within 1 code; rank filters are equal. */
static void
check_depth (const IeFilter *filter, const char *step)
{
  for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++) {
    Picture exact = picture_new (90, 70, kinds[k].channels, kinds[k].has_alpha, IE_DEPTH_FLOAT);
    picture_fill (&exact, 3);
    Picture expected = picture_step (&exact, step, (IeRunOptions){ .threads = 1 });
    for (gsize d = 0; d < 2; d++) {
      Picture in = picture_new (90, 70, kinds[k].channels, kinds[k].has_alpha, depths[d]);
      picture_fill (&in, 3);
      Picture out = picture_step (&in, step, (IeRunOptions){ .threads = 1 });
      double code = 1.0 / ie_depth_range (depths[d]), most = 0;
      for (gsize i = 0; i < picture_samples (&out); i++) {
        double want = CLAMP (picture_sample (&expected, i), 0, 1);
        if (filter->flags & IE_SELECTS)
          want = (double) (gint64) (want / code + 0.5) * code;
        double difference = picture_sample (&out, i) - want;
        most = MAX (most, ABS (difference));
      }
      double bound = (filter->flags & IE_SELECTS ? 0.001 : 1.001 + 0.5) * code;
      if (most > bound)
        g_error ("%s: %d channels, depth %d: %g codes from the float result", step, kinds[k].channels, depths[d], most / code);
      picture_free (&out);
      picture_free (&in);
    }
    picture_free (&expected);
    picture_free (&exact);
  }
}

/* Alpha is kept, colour under alpha 0 is untouched, and it has no influence on what can be seen. */
static void
check_alpha (const IeFilter *filter, const char *step)
{
  if (filter->alpha == IE_ALPHA_FILTER)
    return;
  for (gsize d = 0; d < G_N_ELEMENTS (depths); d++) {
    Picture a = picture_new (60, 50, 4, TRUE, depths[d]), b = picture_new (60, 50, 4, TRUE, depths[d]);
    picture_fill (&a, 11);
    gsize size = ie_depth_bytes (depths[d]), pixel = 4 * size;
    guint8 *bytes = a.data;
    for (int i = 0; i < 60 * 50; i++)
      if ((i / 7) % 3 == 0)
        memset (bytes + (gsize) i * pixel + 3 * size, 0, size);
    memcpy (b.data, a.data, a.bytes);
    for (int i = 0; i < 60 * 50; i++)
      if ((i / 7) % 3 == 0) /* float: 0x3f3f3f3f is 0.747 */
        memset ((guint8 *) b.data + (gsize) i * pixel, 0x3f, 3 * size);
    Picture out_a = picture_step (&a, step, (IeRunOptions){ .threads = 1 });
    Picture out_b = picture_step (&b, step, (IeRunOptions){ .threads = 1 });
    for (int i = 0; i < 60 * 50; i++) {
      gsize at = (gsize) i * pixel;
      gboolean clear = (i / 7) % 3 == 0;
      if (memcmp ((guint8 *) out_a.data + at + 3 * size, bytes + at + 3 * size, size) != 0)
        g_error ("%s: depth %d: alpha changed", step, depths[d]);
      if (clear && memcmp ((guint8 *) out_b.data + at, (guint8 *) b.data + at, pixel) != 0)
        g_error ("%s: depth %d: colour under alpha 0 changed", step, depths[d]);
      /* IGNORE filters that look at one pixel keep this by themselves; WHOLE ones may see all colour. */
      if (!clear && filter->alpha == IE_ALPHA_WEIGH && memcmp ((guint8 *) out_a.data + at, (guint8 *) out_b.data + at, pixel) != 0)
        g_error ("%s: depth %d: colour under alpha 0 shows", step, depths[d]);
    }
    picture_free (&a);
    picture_free (&b);
    picture_free (&out_a);
    picture_free (&out_b);
  }
}

/* A flat picture stays flat. */
static void
check_flat (const IeFilter *filter, const char *step)
{
  for (gsize k = 0; k < 2; k++)
    for (gsize d = 0; d < G_N_ELEMENTS (depths); d++) {
      Picture in = picture_new (75, 61, kinds[k].channels, FALSE, depths[d]);
      memset (in.data, 0x3e, in.bytes); /* float: 0.186 */
      Picture out = picture_step (&in, step, (IeRunOptions){ .threads = 1 });
      double low = 2, high = -2;
      for (gsize i = 0; i < picture_samples (&out); i++) {
        low = MIN (low, picture_sample (&out, i));
        high = MAX (high, picture_sample (&out, i));
      }
      if (high - low > (depths[d] == IE_DEPTH_FLOAT ? 2e-6 : 0))
        g_error ("%s: depth %d: flat %g became %g .. %g", step, depths[d], picture_sample (&in, 0), low, high);
      picture_free (&in);
      picture_free (&out);
    }
}

/* Neutral parameters give the input bit for bit. The descriptor must be able to say so for some parameters. */
static void
check_neutral (const IeFilter *filter, const char *unused)
{
  if (!filter->neutral)
    return;
  IeParams *params = ie_params_new (filter->params);
  for (int i = 0; i < params->count && !filter->neutral (params); i++) {
    const IeParam *p = &filter->params[i];
    double initial = params->values[i].number, tries[] = { 0, p->min, p->max, 1 };
    for (gsize t = 0; t < G_N_ELEMENTS (tries) && !filter->neutral (params); t++)
      params->values[i].number = CLAMP (tries[t], p->min, p->max);
    if (!filter->neutral (params))
      params->values[i].number = p->id[0] == 'h' ? p->max : initial;
  }
  if (!filter->neutral (params))
    g_error ("%s: no neutral parameters were found", filter->name);
  for (gsize d = 0; d < G_N_ELEMENTS (depths); d++) {
    IeRecipe *recipe = ie_recipe_new ();
    ie_recipe_append (recipe, filter, ie_params_copy (params));
    Picture in = picture_new (50, 40, 4, TRUE, depths[d]);
    picture_fill (&in, 5);
    Picture out = picture_run (&in, recipe, (IeRunOptions){ .threads = 1 }, NULL, NULL);
    if (in.bytes != out.bytes || memcmp (in.data, out.data, in.bytes) != 0)
      g_error ("%s: neutral parameters changed the picture at depth %d", filter->name, depths[d]);
    picture_free (&in);
    picture_free (&out);
    ie_recipe_free (recipe);
  }
  ie_params_free (params);
}

/* Beyond its edge a picture goes on as its mirror image: a picture that is written out that way gives the same. */
static void
check_borders (const IeFilter *filter, const char *step)
{
  static const int sizes[][2] = { { 1, 1 }, { 1, 9 }, { 12, 1 }, { 2, 3 }, { 23, 19 } };
  const int margin = 150; /* more than the probes reach */
  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++)
    for (gsize d = 0; d < G_N_ELEMENTS (depths); d++) {
      int w = sizes[s][0], h = sizes[s][1];
      Picture small = picture_new (w, h, 3, FALSE, depths[d]);
      picture_fill (&small, 17);
      Picture out = picture_step (&small, step, (IeRunOptions){ .threads = 1 });
      for (gsize i = 0; i < picture_samples (&out); i++)
        if (!(ABS (picture_sample (&out, i)) < 1e6))
          g_error ("%s: %d x %d: not a number", step, w, h);
      if (filter->filter_class == IE_AREA) {
        Picture large = picture_new (w + 2 * margin, h + 2 * margin, 3, FALSE, depths[d]);
        gsize pixel = 3 * ie_depth_bytes (depths[d]);
        for (int y = 0; y < large.header.height; y++)
          for (int x = 0; x < large.header.width; x++)
            memcpy ((guint8 *) large.data + ((gsize) y * (gsize) large.header.width + (gsize) x) * pixel,
                    (guint8 *) small.data + ((gsize) ie_reflect (y - margin, h) * (gsize) w + (gsize) ie_reflect (x - margin, w)) * pixel,
                    pixel);
        Picture wide = picture_step (&large, step, (IeRunOptions){ .threads = 1 });
        double most = 0;
        for (int y = 0; y < h; y++)
          for (int x = 0; x < 3 * w; x++) {
            gsize at = (gsize) (y + margin) * (gsize) large.header.width * 3 + (gsize) (margin * 3 + x);
            double difference = picture_sample (&wide, at) - picture_sample (&out, (gsize) (y * w * 3 + x));
            most = MAX (most, ABS (difference));
          }
        /* Lattices lie elsewhere in the larger picture: approximations within their published bound. */
        if (most > (filter->flags & IE_SELECTS ? 0 : 1.0 / ie_depth_range (depths[d]) * (depths[d] == IE_DEPTH_FLOAT ? 1e-4 : 1.01)))
          g_error ("%s: %d x %d, depth %d: the border differs by %g", step, w, h, depths[d], most);
        picture_free (&large);
        picture_free (&wide);
      }
      picture_free (&small);
      picture_free (&out);
    }
}

/* What faces rely on: every text and range of a descriptor is there and consistent. */
static void
check_descriptor (const IeFilter *filter, const char *step)
{
  g_assert_true (filter->name && filter->label && filter->summary && filter->group && filter->params);
  g_assert_cmpint (filter->version, >=, 1);
  for (const IeParam *p = filter->params; p->id; p++) {
    g_assert_true (p->label && p->summary);
    if (p->type == IE_PARAM_FLOAT || p->type == IE_PARAM_INT) {
      g_assert_true (p->min < p->max && p->initial >= p->min && p->initial <= p->max);
      g_assert_true ((p->slider_min == 0 && p->slider_max == 0) || (p->slider_min >= p->min && p->slider_max <= p->max));
    }
    g_assert_true ((p->type == IE_PARAM_ENUM) == (p->choices != NULL));
  }
  g_assert_true (filter->expand || (filter->filter_class == IE_WHOLE ? filter->apply_whole != NULL : filter->apply != NULL));
  g_assert_true ((filter->filter_class == IE_SURVEY) == (filter->survey != NULL));
  g_assert_true (filter->filter_class != IE_AREA || filter->region);
  for (int level = 0; level < IE_CPU_LEVELS; level++)
    g_assert_cmpstr (ie_filter_at_level (filter, level)->name, ==, filter->name);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    Check check;
  } checks[] = { { "/contracts/descriptor", check_descriptor }, { "/contracts/rectangles-and-threads", check_rectangles },
                 { "/contracts/depth", check_depth },           { "/contracts/alpha", check_alpha },
                 { "/contracts/flat", check_flat },             { "/contracts/neutral", check_neutral },
                 { "/contracts/borders", check_borders } };
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    g_test_add_data_func (checks[i].name, &checks[i].check, each_filter);
  return g_test_run ();
}
