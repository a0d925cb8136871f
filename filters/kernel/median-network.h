// SPDX-License-Identifier: GPL-3.0-or-later
/* Medians of 3 x 3 and 5 x 5 by minima and maxima, for one type of sample. Included once per type by median-network.c,
 * with SAMPLE the type, NAME (x) the name of x for it and NORMAL (v) the value stored for v.
 *
 * Work goes in pieces of rows, a vector wide, so that as little as can be lies between reading and writing. */

#define PIECE (PIECE_BYTES / (int) sizeof (SAMPLE))

static inline SAMPLE
NAME (low) (SAMPLE a, SAMPLE b)
{
  return a < b ? a : b;
}

static inline SAMPLE
NAME (high) (SAMPLE a, SAMPLE b)
{
  return a > b ? a : b;
}

/* Leaves the smaller value in *a. */
static inline void
NAME (order) (SAMPLE *a, SAMPLE *b)
{
  SAMPLE smaller = NAME (low) (*a, *b);
  *b = NAME (high) (*a, *b);
  *a = smaller;
}

/* Puts v into the ascending s[0 .. count - 1]; s has room for one more. */
static inline void
NAME (insert) (SAMPLE *s, int count, SAMPLE v)
{
  for (int i = 0; i < count; i++)
    NAME (order) (&s[i], &v);
  s[count] = v;
}

/* Sorts the first four of five values. */
static inline void
NAME (sort_4) (SAMPLE *s)
{
  NAME (order) (&s[0], &s[1]);
  NAME (order) (&s[2], &s[3]);
  NAME (order) (&s[0], &s[2]);
  NAME (order) (&s[1], &s[3]);
  NAME (order) (&s[1], &s[2]);
}

static inline SAMPLE
NAME (middle_of_3) (SAMPLE a, SAMPLE b, SAMPLE c)
{
  return NAME (high) (NAME (low) (a, b), NAME (low) (NAME (high) (a, b), c));
}

/* ---- 3 x 3 ---------------------------------------------------------------------------------------------------- */

/* Three neighbours in a row, sorted. */
typedef struct {
  SAMPLE low, middle, high;
} NAME (Triple);

static inline NAME (Triple)
NAME (sort_3) (const SAMPLE *row, int i, int step)
{
  SAMPLE a = row[i], b = row[i + step], c = row[i + 2 * step];
  NAME (order) (&a, &b);
  SAMPLE larger = NAME (high) (a, c);
  return (NAME (Triple)){ NAME (low) (a, c), NAME (low) (b, larger), NAME (high) (b, c) };
}

/* The medians of two windows that share the rows b and c: one has a above them, the other d below. With rows sorted the
 * median is the middle one of the largest minimum, the middle of the middles and the smallest maximum (J. L. Smith,
 * "Implementing median filters in XC4000E FPGAs", 1996). */
static inline void
NAME (join_rows_3) (NAME (Triple) a, NAME (Triple) b, NAME (Triple) c, NAME (Triple) d, SAMPLE *upper, SAMPLE *lower)
{
  SAMPLE smallest = NAME (high) (b.low, c.low), largest = NAME (low) (b.high, c.high);
  SAMPLE less = NAME (low) (b.middle, c.middle), more = NAME (high) (b.middle, c.middle);
  SAMPLE m = NAME (high) (less, NAME (low) (more, a.middle)), n = NAME (high) (less, NAME (low) (more, d.middle));
  *upper = NAME (middle_of_3) (NAME (high) (smallest, a.low), m, NAME (low) (largest, a.high));
  *lower = NAME (middle_of_3) (NAME (high) (smallest, d.low), n, NAME (low) (largest, d.high));
}

/* `count` samples, PIECE at least, of four rows of output from the six rows around them. A row's triples are sorted once
 * for the three windows that hold them; all stays in registers. The last piece reaches back so that it is a whole one. */
static void
NAME (four_rows) (const SAMPLE *const *rows, int count, int step, SAMPLE *const *out)
{
  for (int done = 0; done < count; done += PIECE) {
    int start = MIN (done, count - PIECE);
    const SAMPLE *row0 = rows[0] + start, *row1 = rows[1] + start, *row2 = rows[2] + start, *row3 = rows[3] + start,
                 *row4 = rows[4] + start, *row5 = rows[5] + start;
    SAMPLE m0[PIECE], m1[PIECE], m2[PIECE], m3[PIECE]; /* apart from what is read: no doubt about order */
    for (int i = 0; i < PIECE; i++) {
      NAME (Triple) a = NAME (sort_3) (row0, i, step), b = NAME (sort_3) (row1, i, step);
      NAME (Triple) c = NAME (sort_3) (row2, i, step), d = NAME (sort_3) (row3, i, step);
      NAME (Triple) e = NAME (sort_3) (row4, i, step), f = NAME (sort_3) (row5, i, step);
      NAME (join_rows_3) (a, b, c, d, &m0[i], &m1[i]);
      NAME (join_rows_3) (c, d, e, f, &m2[i], &m3[i]);
      m0[i] = NORMAL (m0[i]);
      m1[i] = NORMAL (m1[i]);
      m2[i] = NORMAL (m2[i]);
      m3[i] = NORMAL (m3[i]);
    }
    memcpy (out[0] + start, m0, sizeof m0);
    memcpy (out[1] + start, m1, sizeof m1);
    memcpy (out[2] + start, m2, sizeof m2);
    memcpy (out[3] + start, m3, sizeof m3);
  }
}

/* What is too narrow or too low for pieces: sample by sample. */
static void
NAME (small_rectangle_3) (const IePixels *in, const IePixels *out)
{
  int count = out->rect.width * out->channels, step = out->channels;
  for (int y = out->rect.y; y < out->rect.y + out->rect.height; y++) {
    const SAMPLE *restrict row0 = ie_pixels_at (in, out->rect.x - 1, y - 1);
    const SAMPLE *restrict row1 = ie_pixels_at (in, out->rect.x - 1, y);
    const SAMPLE *restrict row2 = ie_pixels_at (in, out->rect.x - 1, y + 1);
    SAMPLE *restrict to = ie_pixels_at (out, out->rect.x, y);
    for (int i = 0; i < count; i++) {
      NAME (Triple) a = NAME (sort_3) (row0, i, step), b = NAME (sort_3) (row1, i, step);
      NAME (Triple) c = NAME (sort_3) (row2, i, step);
      SAMPLE m, same;
      NAME (join_rows_3) (a, b, c, a, &m, &same);
      to[i] = NORMAL (m);
    }
  }
}

static void
NAME (rectangle_3) (IeWork *work, const IePixels *in, const IePixels *out)
{
  int count = out->rect.width * out->channels, height = out->rect.height;
  const SAMPLE *rows[6];
  SAMPLE *to[4];
  if (count < PIECE || height < 4) {
    NAME (small_rectangle_3) (in, out);
    return;
  }
  for (int y = 0; y < height; y += 4) {
    if (y % POLL_ROWS == 0 && ie_work_cancelled (work))
      return;
    int first = MIN (y, height - 4); /* the last rows are made together with some before them, once more */
    for (int i = 0; i < 6; i++)
      rows[i] = ie_pixels_at (in, out->rect.x - 1, out->rect.y - 1 + first + i);
    for (int i = 0; i < 4; i++)
      to[i] = ie_pixels_at (out, out->rect.x, out->rect.y + first + i);
    NAME (four_rows) (rows, count, out->channels, to);
  }
}

/* ---- 5 x 5 ---------------------------------------------------------------------------------------------------- */

/* Two rows of output share four rows of input. The five samples that a window has of a row are sorted once for all windows
 * that hold them; two such rows are merged once for the two pairs of outputs that hold both; two of these merged lists are
 * joined once for two outputs into the six values that may still be the median when the row above or below comes in. The
 * sharing is that of A. Adams, "Fast Median Filters using Separable Sorting Networks", ACM Transactions on Graphics 40 (4),
 * 2021, with rows first: a sorted row serves as one of four and as the fifth. Lists are joined by K. E. Batcher's odd-even
 * merge ("Sorting Networks and their Applications", 1968), written without the exchanges that nobody reads.
 *
 * The rectangle is worked on in stretches of PIECES pieces, from the top down, four rows at a time. */

/* What is kept of a piece: the last pair of rows, merged; what may be the median of that pair and the one before; the lower
 * rows of these two pairs, in turn. */
typedef struct {
  SAMPLE pair[10][PIECE], middle[6][PIECE], lower[2][5][PIECE];
} NAME (Lists);

/* The five samples from row[i] on, ascending. */
static inline void
NAME (sort_row) (const SAMPLE *row, int i, int step, SAMPLE *s)
{
  for (int k = 0; k < 5; k++)
    s[k] = row[i + k * step];
  NAME (sort_4) (s);
  NAME (insert) (s, 4, s[4]);
}

/* Merges a[0 .. 1] and b[0 .. 1]. */
static inline void
NAME (merge_2_2) (SAMPLE a0, SAMPLE a1, SAMPLE b0, SAMPLE b1, SAMPLE *s)
{
  NAME (order) (&a0, &b0);
  NAME (order) (&a1, &b1);
  NAME (order) (&b0, &a1);
  s[0] = a0;
  s[1] = b0;
  s[2] = a1;
  s[3] = b1;
}

/* Merges a[0 .. 4] and b[0 .. 4]. */
static inline void
NAME (merge_5_5) (const SAMPLE *a, const SAMPLE *b, SAMPLE *s)
{
  SAMPLE outer[4], odd[4], low = a[2], high = b[2];
  NAME (merge_2_2) (a[0], a[4], b[0], b[4], outer);
  NAME (order) (&low, &high);
  NAME (order) (&low, &outer[1]);
  NAME (order) (&high, &outer[2]);
  SAMPLE even[6] = { outer[0], low, outer[1], high, outer[2], outer[3] };
  NAME (merge_2_2) (a[1], a[3], b[1], b[3], odd);
  for (int k = 0; k < 4; k++)
    NAME (order) (&odd[k], &even[k + 1]);
  s[0] = even[0];
  for (int k = 0; k < 4; k++) {
    s[2 * k + 1] = odd[k];
    s[2 * k + 2] = even[k + 1];
  }
  s[9] = even[5];
}

/* s[4 .. 6] of s[0 .. 9], which a[0], a[2] .. a[8] and b[0], b[2] .. b[8] merge into, and s[3] too. */
static inline void
NAME (middle_4_of_10) (const SAMPLE *a, const SAMPLE *b, SAMPLE *s3, SAMPLE *s4, SAMPLE *s5, SAMPLE *s6)
{
  SAMPLE outer[4], odd[4], low = a[4], high = b[4];
  NAME (merge_2_2) (a[0], a[8], b[0], b[8], outer);
  NAME (order) (&low, &high);
  SAMPLE third = NAME (high) (low, outer[1]), fourth = NAME (low) (high, outer[2]);
  NAME (merge_2_2) (a[2], a[6], b[2], b[6], odd);
  *s3 = NAME (low) (odd[1], third);
  *s4 = NAME (high) (odd[1], third);
  *s5 = NAME (low) (odd[2], fourth);
  *s6 = NAME (high) (odd[2], fourth);
}

/* The middle six, ascending, of the ascending a[0 .. 9] and b[0 .. 9]. */
static inline void
NAME (middle_6_of_20) (const SAMPLE *a, const SAMPLE *b, SAMPLE *middle)
{
  SAMPLE even3, even4, even5, even6, odd3, odd4, odd5, odd6;
  NAME (middle_4_of_10) (a, b, &even3, &even4, &even5, &even6);
  NAME (middle_4_of_10) (a + 1, b + 1, &odd3, &odd4, &odd5, &odd6);
  middle[0] = NAME (low) (odd3, even4);
  middle[1] = NAME (high) (odd3, even4);
  middle[2] = NAME (low) (odd4, even5);
  middle[3] = NAME (high) (odd4, even5);
  middle[4] = NAME (low) (odd5, even6);
  middle[5] = NAME (high) (odd5, even6);
}

/* The median of six ascending values and the five of a row: the sixth of all, at least as large as i + 1 of the six and
 * 5 - i of the five for one i. */
static inline SAMPLE
NAME (join_row) (const SAMPLE *middle, const SAMPLE *row)
{
  SAMPLE median = middle[5];
  for (int k = 0; k < 5; k++)
    median = NAME (low) (median, NAME (high) (middle[k], row[4 - k]));
  return median;
}

/* The four rows that the first outputs share enter. `count` is PIECE at most. */
static inline void
NAME (begin) (NAME (Lists) *restrict lists, const SAMPLE *const *rows, int start, int count, int step)
{
  const SAMPLE *restrict row0 = rows[0] + start, *restrict row1 = rows[1] + start;
  const SAMPLE *restrict row2 = rows[2] + start, *restrict row3 = rows[3] + start;
#pragma GCC ivdep
  for (int i = 0; i < count; i++) {
    SAMPLE a[5], b[5], first[10], second[10], middle[6];
    NAME (sort_row) (row0, i, step, a);
    NAME (sort_row) (row1, i, step, b);
    for (int k = 0; k < 5; k++)
      lists->lower[0][k][i] = b[k];
    NAME (merge_5_5) (a, b, first);
    NAME (sort_row) (row2, i, step, a);
    NAME (sort_row) (row3, i, step, b);
    for (int k = 0; k < 5; k++)
      lists->lower[1][k][i] = b[k];
    NAME (merge_5_5) (a, b, second);
    NAME (middle_6_of_20) (first, second, middle);
    for (int k = 0; k < 10; k++)
      lists->pair[k][i] = second[k];
    for (int k = 0; k < 6; k++)
      lists->middle[k][i] = middle[k];
  }
}

/* Two rows enter: the lower output of the four rows before them is made, then the upper one of the four that they end. */
static inline void
NAME (two_rows) (const SAMPLE *row0, const SAMPLE *row1, int i, int step, SAMPLE *pair, SAMPLE *middle,
                 SAMPLE (*restrict lower)[PIECE], SAMPLE *m0, SAMPLE *m1)
{
  SAMPLE a[5], b[5], above[5], merged[10];
  NAME (sort_row) (row0, i, step, a);
  *m0 = NORMAL (NAME (join_row) (middle, a));
  NAME (sort_row) (row1, i, step, b);
  for (int k = 0; k < 5; k++) {
    above[k] = lower[k][i];
    lower[k][i] = b[k];
  }
  NAME (merge_5_5) (a, b, merged);
  NAME (middle_6_of_20) (pair, merged, middle);
  *m1 = NORMAL (NAME (join_row) (middle, above));
  memcpy (pair, merged, sizeof merged);
}

/* Four rows enter; the four rows of output above the last two are made. `count` is PIECE at most. */
static inline void
NAME (advance) (NAME (Lists) *restrict lists, const SAMPLE *const *rows, SAMPLE *const *out, int start, int count,
                int step)
{
  const SAMPLE *restrict row0 = rows[0] + start, *restrict row1 = rows[1] + start;
  const SAMPLE *restrict row2 = rows[2] + start, *restrict row3 = rows[3] + start;
  SAMPLE *restrict out0 = out[0] + start, *restrict out1 = out[1] + start;
  SAMPLE *restrict out2 = out[2] + start, *restrict out3 = out[3] + start;
#pragma GCC ivdep
  for (int i = 0; i < count; i++) {
    SAMPLE pair[10], middle[6];
    for (int k = 0; k < 6; k++)
      middle[k] = lists->middle[k][i];
    for (int k = 0; k < 10; k++)
      pair[k] = lists->pair[k][i];
    NAME (two_rows) (row0, row1, i, step, pair, middle, lists->lower[0], &out0[i], &out1[i]);
    NAME (two_rows) (row2, row3, i, step, pair, middle, lists->lower[1], &out2[i], &out3[i]);
    for (int k = 0; k < 10; k++)
      lists->pair[k][i] = pair[k];
    for (int k = 0; k < 6; k++)
      lists->middle[k][i] = middle[k];
  }
}

/* The pieces of a stretch of PIECE samples at least; the last one reaches back so that it is a whole one. Not to be made
 * part of a longer function: gcc 12 then keeps what it loads on the stack. */
static G_GNUC_NO_INLINE void
NAME (advance_whole) (NAME (Lists) *lists, const SAMPLE *const *rows, SAMPLE *const *out, int count, int step)
{
  for (int piece = 0; piece * PIECE < count; piece++)
    NAME (advance) (lists + piece, rows, out, MIN (piece * PIECE, count - PIECE), PIECE, step);
}

static G_GNUC_NO_INLINE void
NAME (begin_whole) (NAME (Lists) *lists, const SAMPLE *const *rows, int count, int step)
{
  for (int piece = 0; piece * PIECE < count; piece++)
    NAME (begin) (lists + piece, rows, MIN (piece * PIECE, count - PIECE), PIECE, step);
}

/* ---- the rectangle -------------------------------------------------------------------------------------------- */

/* A stretch: `count` samples of each row of output from sample `start` on. FALSE: cancelled. */
static gboolean
NAME (stretch_5) (IeWork *work, const IePixels *in, const IePixels *out, int start, int count)
{
  _Alignas (64) NAME (Lists) lists[PIECES];
  SAMPLE spare[3][PIECES * PIECE]; /* where rows below the last one go */
  const SAMPLE *rows[4];
  SAMPLE *to[4];
  int height = out->rect.height, step = out->channels;
  for (int i = 0; i < 4; i++)
    rows[i] = (const SAMPLE *) ie_pixels_at (in, out->rect.x - 2, out->rect.y - 2 + i) + start;
  if (count < PIECE)
    NAME (begin) (lists, rows, 0, count, step);
  else
    NAME (begin_whole) (lists, rows, count, step);
  for (int y = 0; y < height; y += 4) {
    if (y % POLL_ROWS == 0 && ie_work_cancelled (work))
      return FALSE;
    for (int i = 0; i < 4; i++) {
      gboolean wanted = y + i < height; /* else the last row that there is enters once more */
      int from = MIN (y + 2 + i, height + 1), at = out->rect.y + y + i;
      rows[i] = (const SAMPLE *) ie_pixels_at (in, out->rect.x - 2, out->rect.y + from) + start;
      to[i] = wanted ? (SAMPLE *) ie_pixels_at (out, out->rect.x, at) + start : spare[i - 1];
    }
    if (count < PIECE)
      NAME (advance) (lists, rows, to, 0, count, step);
    else
      NAME (advance_whole) (lists, rows, to, count, step);
  }
  return TRUE;
}

static void
NAME (rectangle_5) (IeWork *work, const IePixels *in, const IePixels *out)
{
  int count = out->rect.width * out->channels;
  for (int done = 0; done < count; done += PIECES * PIECE) {
    int start = MAX (MIN (done, count - PIECE), 0);
    if (!NAME (stretch_5) (work, in, out, start, MIN (PIECES * PIECE, count - start)))
      return;
  }
}

#undef PIECE
#undef NORMAL
#undef NAME
#undef SAMPLE
