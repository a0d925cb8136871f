// SPDX-License-Identifier: GPL-3.0-or-later
#include "embed/score.h"

#include "embed/descriptor.h"

#define PAIRS 8192
/* Of a normal distribution: the share 1 / 1,000 lies beyond 3.090 times its spread, and the spread is 1.4826 times the median
 * distance from the middle (Abramowitz and Stegun, table 26.5; P. J. Rousseeuw, C. Croux, JASA 88 (1993)). */
#define TAIL (3.090 * 1.4826)
/* Where nothing is known: in between of what CLIP, DINOv2 and networks trained on ImageNet give. */
static const IeScale usual = { 0.2, 0.7, 0.94 };

double
ie_score (const IeScale *scale, double cosine)
{
  if (cosine >= scale->near)
    return MIN (IE_SCORE_NEAR + (1 - IE_SCORE_NEAR) * (cosine - scale->near) / (1 - scale->near), 1);
  if (cosine >= scale->similar)
    return IE_SCORE_SIMILAR + (IE_SCORE_NEAR - IE_SCORE_SIMILAR) * (cosine - scale->similar) / (scale->near - scale->similar);
  return MAX (IE_SCORE_SIMILAR * (cosine - scale->unrelated) / (scale->similar - scale->unrelated), 0);
}

double
ie_score_cosine (const IeScale *scale, double score)
{
  if (score >= IE_SCORE_NEAR)
    return scale->near + (1 - scale->near) * (score - IE_SCORE_NEAR) / (1 - IE_SCORE_NEAR);
  if (score >= IE_SCORE_SIMILAR)
    return scale->similar + (scale->near - scale->similar) * (score - IE_SCORE_SIMILAR) / (IE_SCORE_NEAR - IE_SCORE_SIMILAR);
  return score > 0 ? scale->unrelated + (scale->similar - scale->unrelated) * score / IE_SCORE_SIMILAR : -1;
}

IeScale
ie_scale_of_descriptor (gboolean look)
{
  return look ? (IeScale){ IE_DESCRIPTOR_LOOK_UNRELATED, IE_DESCRIPTOR_LOOK_SIMILAR, IE_DESCRIPTOR_LOOK_NEAR }
              : (IeScale){ IE_DESCRIPTOR_UNRELATED, IE_DESCRIPTOR_SIMILAR, IE_DESCRIPTOR_NEAR };
}

static double
cosine_of (const IeVectors *vectors, guint32 first, guint32 second)
{
  gsize dimensions = (gsize) vectors->dimensions;
  const float *a = vectors->floats + first * dimensions, *b = vectors->floats + second * dimensions;
  double sum = 0;
  for (gsize i = 0; i < dimensions; i++)
    sum += (double) a[i] * (double) b[i];
  return sum;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double difference = *(const double *) a - *(const double *) b;
  return difference < 0 ? -1 : difference > 0;
}

static double
median (double *values, gsize count)
{
  qsort (values, count, sizeof *values, compare);
  return values[count / 2];
}

IeScale
ie_scale_measure (const IeVectors *vectors, gboolean *guessed)
{
  gboolean few = vectors->count < IE_SCALE_LEAST || !vectors->floats;
  if (guessed)
    *guessed = few;
  if (few)
    return usual;
  GRand *random = g_rand_new_with_seed (1);
  double *values = g_new (double, PAIRS);
  for (int i = 0; i < PAIRS; i++) {
    guint32 first = (guint32) g_rand_int_range (random, 0, (gint32) vectors->count);
    guint32 other = (guint32) g_rand_int_range (random, 0, (gint32) vectors->count - 1);
    values[i] = cosine_of (vectors, first, other + (other >= first));
  }
  double middle = median (values, PAIRS);
  for (int i = 0; i < PAIRS; i++)
    values[i] = ABS (values[i] - middle);
  double similar = middle + TAIL * median (values, PAIRS);
  g_free (values);
  g_rand_free (random);
  /* A model that sees no difference between pictures has no room above. */
  similar = CLAMP (similar, middle + 1e-6, 1 - 1e-6);
  return (IeScale){ MIN (middle, 1 - 2e-6), similar, similar + 0.8 * (1 - similar) };
}
