// SPDX-License-Identifier: GPL-3.0-or-later
/* Tabulated curves of profiles (curveType, ICC.1:2010, 10.5) made fit for an inverse. */
#include "colorspace/srgb.h"

#include <float.h>

/* Neighbours are told apart when they differ by this many units in the last place of a float. */
#define APART (64.0 * 0x1p-24)

#define STEP_BACK (1.0 / 65535.0) /* what rounded constants of a curve in two parts may fall by where these meet */

/* Takes falls of STEP_BACK and less out. FALSE when there are larger ones. */
static gboolean
make_rising (double *entries, int count)
{
  for (int i = 1; i < count; i++) {
    if (!(entries[i] >= entries[i - 1] - STEP_BACK))
      return FALSE;
    entries[i] = MAX (entries[i], entries[i - 1]);
  }
  return TRUE;
}

/* Entries less the first, with runs of equal ones set apart, so that none is equal to the next. FALSE when float cannot
 * tell them apart. */
static gboolean
set_apart (const double *entries, int count, double *apart)
{
  for (int i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count && entries[end] == entries[i]; end++)
      ;
    for (int k = i; k < end; k++)
      apart[k] = entries[i] - entries[0] + IE_CURVE_APART * (k - i) / (end - i);
  }
  for (int i = 1; i < count; i++)
    if (!(apart[i] - apart[i - 1] > APART * apart[i]))
      return FALSE;
  return TRUE;
}

IeCurve *
ie_curve_new (const double *entries, int count)
{
  if (count < 2 || !(entries[count - 1] - entries[0] > 0.5))
    return NULL;
  double *apart = g_new (double, count), *rising = g_memdup2 (entries, (gsize) count * sizeof *entries);
  IeCurve *curve = NULL;
  if (make_rising (rising, count) && set_apart (rising, count, apart)) {
    curve = g_new0 (IeCurve, 1);
    curve->black = (float) entries[0];
    curve->last = count - 1;
    for (curve->span = 1; 2 * curve->span <= curve->last;)
      curve->span *= 2;
    curve->value = g_new (float, 2 * curve->span);
    for (int i = 0; i < 2 * curve->span; i++)
      curve->value[i] = i < count ? (float) apart[i] : FLT_MAX;
  }
  g_free (apart);
  g_free (rising);
  return curve;
}

void
ie_curve_free (IeCurve *curve)
{
  if (!curve)
    return;
  g_free (curve->value);
  g_free (curve);
}
