// SPDX-License-Identifier: GPL-3.0-or-later
/* A border is plain rows (or columns) of one colour from the edge of the picture on that end at once: the row that ends them
 * has other colours along most of its length. A sky ends slowly and is none. */
#include "embed/frame.h"

#include "embed/pasted.h"

#define FLAT 6        /* codes that a row of a border may deviate from its colour, in the mean */
#define STEP 16       /* and that the first row of the picture must */
#define GRAY 12       /* codes between the channels of a colour that counts as gray */
#define LEAST 8       /* pixels a side that must remain */

typedef struct {
  const guint8 *first; /* of the first row from the edge */
  ptrdiff_t inwards, along;
  int length, most; /* pixels of a row, rows that may be border */
} Side;

/* Mean deviation of row i from a colour, in codes times 3. */
static int
deviation (const Side *side, int i, const int colour[3])
{
  const guint8 *at = side->first + i * side->inwards;
  int sum = 0;
  for (int x = 0; x < side->length; x++, at += side->along)
    sum += ABS (at[0] - colour[0]) + ABS (at[1] - colour[1]) + ABS (at[2] - colour[2]);
  return sum / side->length;
}

static void
mean_colour (const Side *side, int i, int colour[3])
{
  const guint8 *at = side->first + i * side->inwards;
  int sum[3] = { 0 };
  for (int x = 0; x < side->length; x++, at += side->along)
    for (int c = 0; c < 3; c++)
      sum[c] += at[c];
  for (int c = 0; c < 3; c++)
    colour[c] = (sum[c] + side->length / 2) / side->length;
}

/* Rows of the border, 0 where there is none. */
static int
border (const Side *side, int colour[3])
{
  int rows = 0;
  mean_colour (side, 0, colour);
  while (rows < side->most && deviation (side, rows, colour) <= 3 * FLAT)
    rows++;
  if (rows == 0 || rows >= side->most)
    return 0;
  int inner = MIN (rows + 1, side->most - 1); /* the row between may be half of both */
  return deviation (side, inner, colour) >= 3 * STEP ? rows : 0;
}

static Side
side_of (const IePortrait *portrait, IeRect rect, int which)
{
  ptrdiff_t row = (ptrdiff_t) portrait->width * 3;
  const guint8 *corner = portrait->rgb + rect.y * row + rect.x * 3;
  const guint8 *last = corner + (rect.height - 1) * row + (rect.width - 1) * 3;
  switch (which) {
    case 0:
      return (Side){ corner, row, 3, rect.width, rect.height };
    case 1:
      return (Side){ last, -row, -3, rect.width, rect.height };
    case 2:
      return (Side){ corner, 3, row, rect.height, rect.width };
    default:
      return (Side){ last, -3, -row, rect.height, rect.width };
  }
}

static gboolean
alike (const int a[3], const int b[3])
{
  return ABS (a[0] - b[0]) + ABS (a[1] - b[1]) + ABS (a[2] - b[2]) <= 3 * FLAT;
}

static gboolean
is_gray (const int c[3])
{
  return MAX (MAX (c[0], c[1]), c[2]) - MIN (MIN (c[0], c[1]), c[2]) <= GRAY;
}

static IeRect
trim (const IePortrait *portrait, IeRect rect)
{
  int rows[4], colours[4][3];
  for (int s = 0; s < 4; s++) {
    Side side = side_of (portrait, rect, s);
    rows[s] = border (&side, colours[s]);
  }
  gboolean down = rows[0] > 0 && rows[1] > 0 && alike (colours[0], colours[1]);
  gboolean across = rows[2] > 0 && rows[3] > 0 && alike (colours[2], colours[3]);
  gboolean all = down && across && alike (colours[0], colours[2]);
  down = down && (all || is_gray (colours[0]));
  across = across && (all || is_gray (colours[2]));
  IeRect inside = rect;
  if (down) {
    inside.y += rows[0];
    inside.height -= rows[0] + rows[1];
  }
  if (across) {
    inside.x += rows[2];
    inside.width -= rows[2] + rows[3];
  }
  return inside.width >= LEAST && inside.height >= LEAST ? inside : rect;
}

static gboolean
is_small (IeRect rect)
{
  return rect.width < 2 * LEAST || rect.height < 2 * LEAST;
}

IeRect
ie_frame_inside (const IePortrait *portrait)
{
  IeRect whole = { 0, 0, portrait->width, portrait->height };
  return is_small (whole) ? whole : trim (portrait, whole);
}

gboolean
ie_frame_pasted (const IePortrait *portrait, IeRect *rect)
{
  IeRect inside = ie_frame_inside (portrait), pasted;
  if (is_small (inside) || !ie_pasted_find (portrait, inside, &pasted))
    return FALSE;
  *rect = trim (portrait, pasted);
  return TRUE;
}
