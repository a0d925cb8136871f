// SPDX-License-Identifier: GPL-3.0-or-later
#include "embed/projection.h"

#include <string.h>

#define WORDS (4 * IE_FEATURE_KINDS) /* after the mark, before the scales */

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
  static const int wanted[IE_FEATURE_KINDS] = { IE_FEATURES_LIGHT, IE_FEATURES_LIGHT_FREE, IE_FEATURES_COLOUR,
                                                IE_FEATURES_COLOUR_FREE };
  gsize at = 4 + 4 * (WORDS + 2 * IE_DESCRIPTOR_BYTES), outputs = 0;
  if (size < at || memcmp (data, "IEM2", 4) != 0)
    return FALSE;
  for (gsize k = 0; k < IE_FEATURE_KINDS; k++) {
    guint32 count = word_at (data, 2 * k + 1);
    if (word_at (data, 2 * k) != (guint32) wanted[k] || count > IE_DESCRIPTOR_BYTES)
      return FALSE;
    projection->kinds[k] = (IeProjectionKind){ .features = wanted[k],
                                       .outputs = (int) count,
                                       .share = float_at (data, 2 * IE_FEATURE_KINDS + 2 * k),
                                       .floor = float_at (data, 2 * IE_FEATURE_KINDS + 2 * k + 1),
                                       .codes = (const gint8 *) data + at };
    outputs += count;
    at += (gsize) wanted[k] * count;
  }
  if (outputs != IE_DESCRIPTOR_BYTES || at != size)
    return FALSE;
  for (gsize i = 0; i < IE_DESCRIPTOR_BYTES; i++) {
    projection->scale[i] = float_at (data, WORDS + i);
    projection->bias[i] = float_at (data, WORDS + IE_DESCRIPTOR_BYTES + i);
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
