// SPDX-License-Identifier: GPL-3.0-or-later
/* A blue-noise pattern by the void-and-cluster method (R. Ulichney, "The void-and-cluster method for dither array
 * generation", Proc. SPIE 1913, 1993), on a torus. Weights are integers: the pattern is the same on every processor. */
#include "core/dither.h"

#include <string.h>

#define SIZE IE_DITHER_SIZE
#define CELLS (SIZE * SIZE)
#define REACH 6         /* of a point's weight; 4 sigma */
#define FIRST_POINTS (CELLS / 10)
/* Channels look at the pattern through offsets, so that their noises are as good as independent. */
#define CHANNEL_X 23
#define CHANNEL_Y 37

/* 65536 exp (-d^2 / (2 * 1.5^2)) for squared distances that can occur; Ulichney's sigma. */
static guint32
weight (int squared)
{
  /* exp (-1 / 4.5) = 0.800737...: powers in 32.32 fixed point. */
  guint64 value = (guint64) 65536 << 16;
  for (int i = 0; i < squared; i++)
    value = value * 52477 >> 16;
  return (guint32) (value >> 16);
}

typedef struct {
  guint32 energy[CELLS];
  guint8 set[CELLS];
  guint32 weights[2 * REACH * REACH + 1];
} Field;

static void
toggle (Field *field, int cell)
{
  int x0 = cell % SIZE, y0 = cell / SIZE;
  gboolean on = field->set[cell] ^= 1;
  for (int dy = -REACH; dy <= REACH; dy++)
    for (int dx = -REACH; dx <= REACH; dx++) {
      guint32 w = field->weights[dx * dx + dy * dy];
      guint32 *energy = &field->energy[(y0 + dy + SIZE) % SIZE * SIZE + (x0 + dx + SIZE) % SIZE];
      *energy += on ? w : -w;
    }
}

/* The set cell with the most energy (the tightest cluster), or the clear one with the least (the largest void). */
static int
extreme (const Field *field, gboolean of_set)
{
  int best = -1;
  for (int i = 0; i < CELLS; i++) {
    if (field->set[i] != of_set)
      continue;
    if (best < 0 || (of_set ? field->energy[i] > field->energy[best] : field->energy[i] < field->energy[best]))
      best = i;
  }
  return best;
}

/* A tenth of the cells, scattered, then moved from clusters to voids until that changes nothing. */
static void
scatter (Field *field)
{
  guint32 state = 1;
  for (int count = 0; count < FIRST_POINTS;) {
    state = state * 1664525u + 1013904223u; /* Numerical Recipes, 7.1 */
    int cell = (int) (state >> 20);
    if (field->set[cell])
      continue;
    toggle (field, cell);
    count++;
  }
  for (int i = 0; i < CELLS; i++) {
    int cluster = extreme (field, TRUE);
    toggle (field, cluster);
    int gap = extreme (field, FALSE);
    toggle (field, gap);
    if (gap == cluster)
      break;
  }
}

static gpointer
make_pattern (gpointer unused)
{
  Field *field = g_new0 (Field, 1), *first = g_new (Field, 1);
  guint16 *ranks = g_new (guint16, CELLS);
  for (int i = 0; i <= 2 * REACH * REACH; i++)
    field->weights[i] = weight (i);
  scatter (field);
  *first = *field;
  for (int rank = FIRST_POINTS - 1; rank >= 0; rank--) {
    int cell = extreme (first, TRUE);
    toggle (first, cell);
    ranks[cell] = (guint16) rank;
  }
  for (int rank = FIRST_POINTS; rank < CELLS; rank++) {
    int cell = extreme (field, FALSE);
    toggle (field, cell);
    ranks[cell] = (guint16) rank;
  }
  g_free (first);
  g_free (field);
  return ranks;
}

const guint16 *
ie_dither_pattern (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_pattern, NULL);
}

void
ie_dither_row (int x, int y, int channels, gboolean has_alpha, gboolean fine, float *thresholds)
{
  const guint16 *ranks = ie_dither_pattern ();
  for (int c = 0; c < channels; c++) {
    const guint16 *row = ranks + (y + c * CHANNEL_Y) % SIZE * SIZE;
    for (int i = 0; i < SIZE; i++) {
      int rank = row[(x + i + c * CHANNEL_X) % SIZE];
      float value = fine ? ((float) rank + 0.5f) / 4096 : ((float) (rank >> 6) + 0.5f) / 64;
      thresholds[i * channels + c] = has_alpha && c == channels - 1 ? 0.5f : value;
    }
  }
}
