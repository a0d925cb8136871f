// SPDX-License-Identifier: GPL-3.0-or-later
#include "embed/projection.h"

#include <string.h>

#define WORDS 6 /* after the mark */

extern const unsigned char ie_visual_matrix[];
extern const unsigned long ie_visual_matrix_size;

static const guint8 *chosen;
static gsize chosen_size;

static guint32
word_at (const guint8 *data, gsize i)
{
  const guint8 *at = data + 4 + 4 * i;
  return (guint32) at[0] | (guint32) at[1] << 8 | (guint32) at[2] << 16 | (guint32) at[3] << 24;
}

static float
float_at (const guint8 *data, gsize i)
{
  guint32 bits = word_at (data, i);
  float value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

static gboolean
read_projection (const guint8 *data, gsize size, IeProjection *projection)
{
  if (size < 4 + 4 * WORDS || memcmp (data, "IEM1", 4) != 0 || word_at (data, 0) != IE_FEATURES_LIGHT ||
      word_at (data, 1) != IE_FEATURES_COLOUR)
    return FALSE;
  guint32 light = word_at (data, 2), colour = word_at (data, 3);
  if (light == 0 || light >= IE_DESCRIPTOR_BYTES || light + colour != IE_DESCRIPTOR_BYTES)
    return FALSE;
  gsize codes = 4 + 4 * (WORDS + IE_DESCRIPTOR_BYTES + light);
  if (size != codes + (gsize) IE_FEATURES_LIGHT * light + (gsize) IE_FEATURES_COLOUR * colour)
    return FALSE;
  *projection = (IeProjection){ .light_outputs = (int) light,
                        .colour_outputs = (int) colour,
                        .light_share = float_at (data, 4),
                        .colour_floor = float_at (data, 5),
                        .light = (const gint8 *) data + codes,
                        .colour = (const gint8 *) data + codes + (gsize) IE_FEATURES_LIGHT * light };
  for (gsize i = 0; i < IE_DESCRIPTOR_BYTES; i++) {
    projection->scale[i] = float_at (data, WORDS + i);
    projection->bias[i] = i < light ? float_at (data, WORDS + IE_DESCRIPTOR_BYTES + i) : 0.0f;
  }
  projection->hash = 2166136261u; /* Fowler, Noll, Vo */
  for (gsize i = 0; i < size; i++)
    projection->hash = (projection->hash ^ data[i]) * 16777619u;
  return TRUE;
}

static gpointer
make_projection (gpointer unused)
{
  static IeProjection projection;
  if (!read_projection (chosen ? chosen : ie_visual_matrix, chosen ? chosen_size : ie_visual_matrix_size, &projection))
    g_error ("the fitted data are not what this version of the descriptor needs; see ./dev fit");
  return &projection;
}

const IeProjection *
ie_projection (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_projection, NULL);
}

gboolean
ie_projection_use (const guint8 *data, gsize size)
{
  IeProjection projection;
  if (!read_projection (data, size, &projection))
    return FALSE;
  chosen = data;
  chosen_size = size;
  return TRUE;
}
