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
  static void name##_weighed (const type *restrict row, float *restrict sums, int width, int channels)                      \
  {                                                                                                                         \
    for (int x = 0; x < width; x++, row += channels, sums += channels) {                                                    \
      float alpha = (float) row[channels - 1];                                                                              \
      for (int c = 0; c < channels - 1; c++)                                                                                \
        sums[c] += alpha * (float) row[c];                                                                                  \
      sums[channels - 1] += alpha;                                                                                          \
    }                                                                                                                       \
  }

DEFINE_ADD (add_u8, guint8)
DEFINE_ADD (add_u16, guint16)
DEFINE_ADD (add_float, float)

static void
add_row (const IeHeader *header, const void *row, float *sums, int width)
{
  gsize count = (gsize) width * (gsize) header->channels;
  if (header->has_alpha && header->depth == IE_DEPTH_U8)
    add_u8_weighed (row, sums, width, header->channels);
  else if (header->has_alpha && header->depth == IE_DEPTH_U16)
    add_u16_weighed (row, sums, width, header->channels);
  else if (header->has_alpha)
    add_float_weighed (row, sums, width, header->channels);
  else if (header->depth == IE_DEPTH_U8)
    add_u8 (row, sums, count);
  else if (header->depth == IE_DEPTH_U16)
    add_u16 (row, sums, count);
  else
    add_float (row, sums, count);
}

static void
write_sample (IeDepth depth, void *row, gsize i, double value)
{
  if (depth == IE_DEPTH_U8)
    ((guint8 *) row)[i] = (guint8) (value + 0.5);
  else if (depth == IE_DEPTH_U16)
    ((guint16 *) row)[i] = (guint16) (value + 0.5);
  else
    ((float *) row)[i] = (float) value;
}

/* A row of results from the sums of `rows` rows. */
static void
write_row (const IeHeader *header, const float *sums, int width, int rows, int shrink, void *row)
{
  int channels = header->channels;
  for (int x = 0; x < width; x += shrink) {
    int columns = MIN (shrink, width - x);
    double total[IE_MAX_CHANNELS] = { 0 };
    for (int i = 0; i < columns; i++)
      for (int c = 0; c < channels; c++)
        total[c] += sums[(gsize) (x + i) * (gsize) channels + (gsize) c];
    double share = 1.0 / ((double) rows * columns), alpha = total[channels - 1];
    for (int c = 0; c < channels; c++) {
      gboolean weighed = header->has_alpha && c < channels - 1;
      double value = !weighed ? total[c] * share : alpha > 0 ? total[c] / alpha : 0;
      write_sample (header->depth, row, (gsize) (x / shrink) * (gsize) channels + (gsize) c, value);
    }
  }
}

gboolean
ie_reduce (const IeHeader *header, int width, int height, int shrink, const void *from, ptrdiff_t from_stride, void *to,
           ptrdiff_t to_stride)
{
  gsize bytes = (gsize) width * (gsize) header->channels * sizeof (float);
  g_autofree float *sums = g_try_malloc (MAX (bytes, 1));
  if (!sums)
    return FALSE;
  for (int y = 0; y < height; y += shrink) {
    int rows = MIN (shrink, height - y);
    memset (sums, 0, bytes);
    for (int i = 0; i < rows; i++)
      add_row (header, (const guint8 *) from + (y + i) * from_stride, sums, width);
    write_row (header, sums, width, rows, shrink, (guint8 *) to + y / shrink * to_stride);
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
