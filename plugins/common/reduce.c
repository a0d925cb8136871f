// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/reduce.h"

#include <math.h>
#include <string.h>

/* ---- pixels ---- */

/* sums += row; floats hold the sums of so few codes exactly. */
#define DEFINE_ADD(name, type)                                                                                              \
  static void name (const type *restrict row, float *restrict sums, gsize count)                                            \
  {                                                                                                                         \
    for (gsize i = 0; i < count; i++)                                                                                       \
      sums[i] += (float) row[i];                                                                                            \
  }                                                                                                                         \
                                                                                                                            \
  static inline void name##_pixels (const type *restrict row, float *restrict sums, gsize width, gsize channels)              \
  {                                                                                                                         \
    for (gsize x = 0; x < width; x++) {                                                                                     \
      float alpha = (float) row[x * channels + channels - 1];                                                               \
      for (gsize c = 0; c < channels - 1; c++)                                                                              \
        sums[x * channels + c] += alpha * (float) row[x * channels + c];                                                    \
      sums[x * channels + channels - 1] += alpha;                                                                           \
    }                                                                                                                       \
  }                                                                                                                         \
                                                                                                                            \
  static void name##_weighed (const type *row, float *sums, gsize width, int channels)                                      \
  {                                                                                                                         \
    if (channels == 4)                                                                                                      \
      name##_pixels (row, sums, width, 4);                                                                                  \
    else                                                                                                                    \
      name##_pixels (row, sums, width, (gsize) channels);                                                                   \
  }

DEFINE_ADD (add_u8, guint8)
DEFINE_ADD (add_u16, guint16)
DEFINE_ADD (add_float, float)

static void
add_row (const IeHeader *header, const void *row, float *sums, int width)
{
  gsize count = (gsize) width * (gsize) header->channels;
  if (header->has_alpha && header->depth == IE_DEPTH_U8)
    add_u8_weighed (row, sums, (gsize) width, header->channels);
  else if (header->has_alpha && header->depth == IE_DEPTH_U16)
    add_u16_weighed (row, sums, (gsize) width, header->channels);
  else if (header->has_alpha)
    add_float_weighed (row, sums, (gsize) width, header->channels);
  else if (header->depth == IE_DEPTH_U8)
    add_u8 (row, sums, count);
  else if (header->depth == IE_DEPTH_U16)
    add_u16 (row, sums, count);
  else
    add_float (row, sums, count);
}

/* A row of means from the sums of `rows` rows; channels is a constant where this is called. */
static inline void
find_means (const float *restrict sums, int width, int rows, int shrink, int channels, gboolean has_alpha, float *restrict means)
{
  for (int x = 0; x < width; x += shrink, means += channels) {
    int columns = MIN (shrink, width - x);
    float total[IE_MAX_CHANNELS] = { 0 };
    for (int i = 0; i < columns; i++, sums += channels)
      for (int c = 0; c < channels; c++)
        total[c] += sums[c];
    float share = 1.0f / ((float) rows * (float) columns), alpha = total[channels - 1];
    for (int c = 0; c < channels; c++)
      means[c] = total[c] * (has_alpha && c < channels - 1 ? (alpha > 0 ? 1 / alpha : 0) : share);
  }
}

static void
means_of (const IeHeader *header, const float *sums, int width, int rows, int shrink, float *means)
{
  switch (header->channels) {
  case 1:
    find_means (sums, width, rows, shrink, 1, header->has_alpha, means);
    break;
  case 2:
    find_means (sums, width, rows, shrink, 2, header->has_alpha, means);
    break;
  case 3:
    find_means (sums, width, rows, shrink, 3, header->has_alpha, means);
    break;
  case 4:
    find_means (sums, width, rows, shrink, 4, header->has_alpha, means);
    break;
  default:
    find_means (sums, width, rows, shrink, header->channels, header->has_alpha, means);
  }
}

static void
write_row (IeDepth depth, const float *restrict means, void *row, gsize count)
{
  guint8 *restrict codes = row;
  guint16 *restrict wide = row;
  if (depth == IE_DEPTH_FLOAT)
    memcpy (row, means, count * sizeof *means);
  else if (depth == IE_DEPTH_U8)
    for (gsize i = 0; i < count; i++)
      codes[i] = (guint8) (int) (means[i] + 0.5f);
  else
    for (gsize i = 0; i < count; i++)
      wide[i] = (guint16) (int) (means[i] + 0.5f);
}

gboolean
ie_reduce (const IeHeader *header, int width, int height, int shrink, const void *from, ptrdiff_t from_stride, void *to,
           ptrdiff_t to_stride)
{
  gsize bytes = (gsize) width * (gsize) header->channels * sizeof (float);
  gsize count = (gsize) ie_reduced (width, shrink) * (gsize) header->channels;
  g_autofree float *sums = g_try_malloc (MAX (bytes, 1)), *means = g_try_malloc (MAX (count, 1) * sizeof (float));
  if (!sums || !means)
    return FALSE;
  for (int y = 0; y < height; y += shrink) {
    int rows = MIN (shrink, height - y);
    memset (sums, 0, bytes);
    for (int i = 0; i < rows; i++)
      add_row (header, (const guint8 *) from + (y + i) * from_stride, sums, width);
    means_of (header, sums, width, rows, shrink, means);
    write_row (header->depth, means, (guint8 *) to + y / shrink * to_stride, count);
  }
  return TRUE;
}

/* ---- recipes ---- */

/* By how much the numbers of a parameter grow when the picture's sides are divided by `shrink`. */
static double
growth (const IeParam *param, int shrink)
{
  const char *unit = param->unit ? param->unit : "";
  if (strcmp (unit, "px") == 0 || param->type == IE_PARAM_POINT)
    return 1.0 / shrink;
  return strcmp (unit, "cycles/px") == 0 || strcmp (unit, "per px") == 0 ? shrink : 1;
}

static double
in_range (const IeParam *param, double number)
{
  return param->min < param->max ? CLAMP (number, param->min, param->max) : number;
}

static void
reduce_value (const IeParam *param, IeValue *value, int shrink)
{
  double factor = growth (param, shrink);
  if (factor == 1)
    return;
  if (param->type == IE_PARAM_FLOAT)
    value->number = in_range (param, value->number * factor);
  else if (param->type == IE_PARAM_INT)
    value->number = in_range (param, floor (value->number * factor + 0.5));
  for (int i = 0; i < value->count; i++)
    value->numbers[i] = in_range (param, value->numbers[i] * factor);
}

IeRecipe *
ie_recipe_reduced (const IeRecipe *recipe, int shrink)
{
  IeRecipe *reduced = ie_recipe_new ();
  for (guint i = 0; i < recipe->steps->len; i++) {
    const IeRecipeStep *step = recipe->steps->pdata[i];
    IeRecipeStep *copy = ie_recipe_append (reduced, step->filter, ie_params_copy (step->params));
    copy->mix = step->mix;
    copy->mask = g_strdup (step->mask);
    for (int p = 0; p < copy->params->count; p++)
      reduce_value (&copy->params->params[p], &copy->params->values[p], shrink);
  }
  return reduced;
}
