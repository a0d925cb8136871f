// SPDX-License-Identifier: GPL-3.0-or-later
/* Edges at half size; for each row and each column, the longest stretch that is edge but for a quarter; of the best ones,
 * every pair with every pair of lines across that are edges between the two. Photographs have long straight edges, but seldom four that make a large
 * rectangle and stop where they meet: a horizon goes on, so do the lines of a facade. */
#include "embed/pasted.h"

#include <string.h>

#define HALVED 256        /* pixels of the longer side from which on half size shows enough */
#define CANDIDATES 14     /* rows, and columns */
#define LEAST_SHARE 0.4   /* of the sides */
#define MOST_SHARE 0.97
#define COVERED 0.75       /* of a side that is edge */
#define NEAR 3            /* lines from it, on both sides, must in the mean */
#define SHARPER 0.35      /* have so much less of edge points */
#define BEYOND 0.5        /* and of its continuation, at most */
#define CLEAN 6           /* of the eight ends of sides that must not go on: a page of writing is edge in many rows */
#define REACH 0.15        /* of the side, that the continuation is looked at */
#define LEAST_STEP 24     /* codes of three channels together that make an edge */
#define STEP_TO_MEDIAN 2  /* and so many times the median step of the picture: noise is no edge */
#define MISS 3            /* edge points that a gap costs: stretches are edge for three quarters */

typedef struct {
  int by; /* the picture is at half size, or, where it is small, as it is: 2 or 1 */
  int width, height;
  guint8 *rgb;
} Plan;

/* A map of lines: rows for horizontal edges, columns for vertical ones. */
typedef struct {
  int lines, length;
  guint16 *counts; /* [line * (length + 1) + i]: edge points before i */
  int chosen[CANDIDATES], number;
} Lines;

static void
shrink (const IePortrait *portrait, IeRect rect, Plan *plan)
{
  gsize row = (gsize) portrait->width * 3;
  for (int y = 0; plan->by == 1 && y < plan->height; y++)
    memcpy (plan->rgb + (gsize) y * (gsize) plan->width * 3,
            portrait->rgb + (gsize) (rect.y + y) * row + (gsize) rect.x * 3, (gsize) plan->width * 3);
  if (plan->by == 1)
    return;
  for (int y = 0; y < plan->height; y++) {
    const guint8 *in = portrait->rgb + (gsize) (rect.y + 2 * y) * row + (gsize) rect.x * 3;
    guint8 *out = plan->rgb + (gsize) y * (gsize) plan->width * 3;
    for (int x = 0; x < plan->width; x++, in += 6, out += 3)
      for (int c = 0; c < 3; c++)
        out[c] = (guint8) ((in[c] + in[c + 3] + in[c + (int) row] + in[c + 3 + (int) row] + 2) >> 2);
  }
}

/* Steps across the line through each point, between its two neighbours: an edge need not lie on the grid. */
static void
steps (const Plan *plan, ptrdiff_t across, int from_x, int from_y, guint16 *out)
{
  memset (out, 0, (gsize) plan->width * (gsize) plan->height * sizeof *out);
  for (int y = from_y; y < plan->height - from_y; y++) {
    const guint8 *at = plan->rgb + ((gsize) y * (gsize) plan->width + (gsize) from_x) * 3;
    guint16 *to = out + y * plan->width + from_x;
    for (int x = from_x; x < plan->width - from_x; x++, at += 3)
      *to++ = (guint16) (ABS (at[across] - at[-across]) + ABS (at[across + 1] - at[1 - across]) +
                         ABS (at[across + 2] - at[2 - across]));
  }
}

static int
median (const guint16 *values, gsize count)
{
  guint counts[766] = { 0 };
  gsize seen = 0;
  for (gsize i = 0; i < count; i++)
    counts[values[i]]++;
  int k = 0;
  while ((seen += counts[k]) * 2 < count)
    k++;
  return k;
}

/* Running counts of edge points along the lines; along: from point to point of a line, next: from line to line. */
static void
count_lines (Lines *lines, const guint16 *step, ptrdiff_t along, ptrdiff_t next, int least)
{
  for (int l = 0; l < lines->lines; l++) {
    guint16 *to = lines->counts + (gsize) l * (gsize) (lines->length + 1), sum = 0;
    const guint16 *at = step + l * next;
    *to++ = 0;
    for (int i = 0; i < lines->length; i++, at += along)
      *to++ = sum = (guint16) (sum + (*at >= least));
  }
}

/* The lines with the best stretches, none next to a better one. */
static void
choose (Lines *lines, int *scores)
{
  for (int l = 0; l < lines->lines; l++) {
    const guint16 *counts = lines->counts + (gsize) l * (gsize) (lines->length + 1);
    int best = 0, run = 0;
    for (int i = 0; i < lines->length; i++) {
      run = MAX (run + (counts[i + 1] > counts[i] ? 1 : -MISS), 0);
      best = MAX (best, run);
    }
    scores[l] = best;
  }
  for (lines->number = 0; lines->number < CANDIDATES; lines->number++) {
    int best = 0;
    for (int l = 1; l < lines->lines; l++)
      best = scores[l] > scores[best] ? l : best;
    if (scores[best] < (int) (LEAST_SHARE * COVERED * lines->length))
      break;
    lines->chosen[lines->number] = best;
    for (int l = MAX (best - 1, 0); l <= MIN (best + 1, lines->lines - 1); l++)
      scores[l] = 0;
  }
}

static int
points (const Lines *lines, int line, int begin, int end)
{
  const guint16 *counts = lines->counts + (gsize) line * (gsize) (lines->length + 1);
  return counts[MIN (end, lines->length)] - counts[MAX (begin, 0)];
}

/* Is the line an edge from begin to end, and much more so than the lines near it? In foliage every line is. */
static gboolean
is_side (const Lines *lines, int line, int begin, int end)
{
  int length = end - begin - 1, covered = points (lines, line, begin + 1, end);
  if (covered < (int) (COVERED * length))
    return FALSE;
  int near = line >= NEAR ? points (lines, line - NEAR, begin + 1, end) : 0;
  int far = line + NEAR < lines->lines ? points (lines, line + NEAR, begin + 1, end) : 0;
  return covered - (near + far) / 2 >= (int) (SHARPER * length);
}

/* At how many of its two ends it stops. */
static int
clean_ends (const Lines *lines, int line, int begin, int end)
{
  int reach = MAX ((int) (REACH * (end - begin)), 3), before = MIN (begin - 1, reach), after = MIN (lines->length - end - 2, reach);
  return (before < 3 || points (lines, line, begin - 1 - before, begin - 1) <= (int) (BEYOND * before)) +
         (after < 3 || points (lines, line, end + 2, end + 2 + after) <= (int) (BEYOND * after));
}

static gboolean
fits (int low, int high, int size)
{
  return high - low >= (int) (LEAST_SHARE * size) && high - low <= (int) (MOST_SHARE * size);
}

/* The largest rectangle between two of the chosen ones of `lines` and any two of `others`: begin and end of the former in
 * low[0], high[0], of the latter in low[1], high[1]. */
static void
largest (const Lines *lines, const Lines *others, int low[2], int high[2])
{
  int *sides = g_new (int, others->lines);
  for (int i = 0; i < lines->number; i++)
    for (int j = 0; j < lines->number; j++) {
      int begin = lines->chosen[i], end = lines->chosen[j], number = 0;
      if (!fits (begin, end, lines->lines))
        continue;
      for (int k = 1; k < others->lines - 1; k++)
        if (is_side (others, k, begin, end))
          sides[number++] = k;
      for (int k = 0; k < number; k++)
        for (int l = number - 1; l > k; l--) {
          gboolean larger = (end - begin) * (sides[l] - sides[k]) > (high[0] - low[0]) * (high[1] - low[1]);
          if (larger && fits (sides[k], sides[l], others->lines) && is_side (lines, begin, sides[k], sides[l]) &&
              is_side (lines, end, sides[k], sides[l]) &&
              clean_ends (lines, begin, sides[k], sides[l]) + clean_ends (lines, end, sides[k], sides[l]) +
                  clean_ends (others, sides[k], begin, end) + clean_ends (others, sides[l], begin, end) >=
                CLEAN) {
            low[0] = begin;
            high[0] = end;
            low[1] = sides[k];
            high[1] = sides[l];
          }
        }
    }
  g_free (sides);
}

gboolean
ie_pasted_find (const IePortrait *portrait, IeRect rect, IeRect *pasted)
{
  int by = MAX (rect.width, rect.height) >= HALVED ? 2 : 1;
  Plan plan = { .by = by, .width = rect.width / by, .height = rect.height / by };
  if (plan.width < 24 || plan.height < 24 || plan.width > 4096 || plan.height > 4096)
    return FALSE;
  gsize pixels = (gsize) plan.width * (gsize) plan.height;
  Lines rows = { .lines = plan.height, .length = plan.width }, columns = { .lines = plan.width, .length = plan.height };
  plan.rgb = g_malloc (pixels * 3);
  guint16 *step[2] = { g_new (guint16, pixels), g_new (guint16, pixels) };
  rows.counts = g_new (guint16, (gsize) rows.lines * (gsize) (rows.length + 1));
  columns.counts = g_new (guint16, (gsize) columns.lines * (gsize) (columns.length + 1));
  int *scores = g_new (int, MAX (plan.width, plan.height));
  shrink (portrait, rect, &plan);
  steps (&plan, 3, 1, 0, step[0]);
  steps (&plan, (ptrdiff_t) plan.width * 3, 0, 1, step[1]);
  /* The smaller one: on a page of writing most steps down are edges. */
  int usual = MIN (median (step[0], pixels), median (step[1], pixels)), least = MAX (LEAST_STEP, STEP_TO_MEDIAN * usual);
  count_lines (&columns, step[0], plan.width, 1, least);
  count_lines (&rows, step[1], 1, plan.width, least);
  choose (&columns, scores);
  choose (&rows, scores);
  int low[2] = { 0 }, high[2] = { 0 }, low_rows[2] = { 0 }, high_rows[2] = { 0 };
  largest (&columns, &rows, low, high);
  largest (&rows, &columns, low_rows, high_rows);
  if ((high_rows[0] - low_rows[0]) * (high_rows[1] - low_rows[1]) > (high[0] - low[0]) * (high[1] - low[1])) {
    low[0] = low_rows[1];
    low[1] = low_rows[0];
    high[0] = high_rows[1];
    high[1] = high_rows[0];
  }
  gboolean good = high[0] > low[0];
  if (good) /* the lines themselves are half of both sides */
    *pasted = (IeRect){ rect.x + by * (low[0] + 1), rect.y + by * (low[1] + 1), by * (high[0] - low[0] - 1),
                        by * (high[1] - low[1] - 1) };
  g_free (plan.rgb);
  g_free (step[0]);
  g_free (step[1]);
  g_free (rows.counts);
  g_free (columns.counts);
  g_free (scores);
  return good;
}
