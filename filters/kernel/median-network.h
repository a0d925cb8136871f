// SPDX-License-Identifier: GPL-3.0-or-later
/* Medians of 3 x 3 and 5 x 5 by minima and maxima, for one type of sample. Included once per type by median-network.c,
 * with SAMPLE the type, NAME (x) the name of x for it, NORMAL (v) the value stored for v and CHUNK (below).
 *
 * 3 x 3: four rows of output at a time, a few samples wide, so that nothing lies between reading and writing.
 *
 * 5 x 5: two rows of output at a time, CHUNK samples wide, so that what lies between stays in the first-level cache:
 * first each column of the window is sorted (the rows that both windows hold are sorted once), then each output takes
 * the columns around it, `step` samples apart. */

#define PIECE (64 / (int) sizeof (SAMPLE)) /* a vector of the widest level */

/* Samples of a plane: the columns that a chunk of the widest window touches. */
#define PLANE (CHUNK + 4 * IE_MAX_CHANNELS)

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

/* Sorts the columns of rows 0..4 into planes 0..4 of `upper`, of rows 1..5 into `lower`. */
static inline void
NAME (sort_columns_5) (const SAMPLE *const *rows, int count, SAMPLE (*restrict upper)[PLANE],
                       SAMPLE (*restrict lower)[PLANE])
{
  const SAMPLE *restrict row0 = rows[0], *restrict row1 = rows[1], *restrict row2 = rows[2], *restrict row3 = rows[3],
                         *restrict row4 = rows[4], *restrict row5 = rows[5];
  for (int i = 0; i < count; i++) {
    SAMPLE s[5] = { row1[i], row2[i], row3[i], row4[i] };
    NAME (sort_4) (s);
    SAMPLE t[5] = { s[0], s[1], s[2], s[3] };
    NAME (insert) (s, 4, row0[i]);
    NAME (insert) (t, 4, row5[i]);
    upper[0][i] = s[0];
    upper[1][i] = s[1];
    upper[2][i] = s[2];
    upper[3][i] = s[3];
    upper[4][i] = s[4];
    lower[0][i] = t[0];
    lower[1][i] = t[1];
    lower[2][i] = t[2];
    lower[3][i] = t[3];
    lower[4][i] = t[4];
  }
}

/* Sorts five values, the largest first, so that the optimiser can drop what belongs to small values nobody takes. */
static inline void
NAME (sort_5_from_top) (SAMPLE *s)
{
  NAME (sort_4) (s);
  SAMPLE v = s[4];
  for (int i = 3; i >= 0; i--) {
    s[i + 1] = NAME (high) (s[i], v);
    v = NAME (low) (s[i], v);
  }
  s[0] = v;
}

/* The same, the smallest first. */
static inline void
NAME (sort_5_from_bottom) (SAMPLE *s)
{
  NAME (sort_4) (s);
  NAME (insert) (s, 4, s[4]);
}

/* Median of seven values: J. L. Smith's network of 13 exchanges, without the halves of exchanges that nobody reads. */
static inline SAMPLE
NAME (middle_of_7) (SAMPLE *s)
{
  NAME (order) (&s[0], &s[5]);
  NAME (order) (&s[0], &s[3]);
  NAME (order) (&s[1], &s[6]);
  NAME (order) (&s[2], &s[4]);
  NAME (order) (&s[0], &s[1]);
  NAME (order) (&s[3], &s[5]);
  NAME (order) (&s[2], &s[6]);
  NAME (order) (&s[2], &s[3]);
  NAME (order) (&s[3], &s[6]);
  NAME (order) (&s[4], &s[5]);
  NAME (order) (&s[1], &s[4]);
  NAME (order) (&s[1], &s[3]);
  NAME (order) (&s[3], &s[4]);
  return s[3];
}

/* With columns sorted, the rows of the 5 x 5 values are sorted too (which leaves the columns sorted). Value (i, j) is
 * then not below (i + 1)(j + 1) - 1 others and not above (5 - i)(5 - j) - 1, so that 6 values are too small to be the
 * median and 6 too large. Of the 13 left, four lie on the diagonal before the main one: A = (0,3), C = (1,2), F =
 * (2,1), I = (3,0). The smallest three of these have at least 7 larger ones among the 13 (each pair of them lies below
 * three of the five on the main diagonal, and those below three of the four behind it), so only the largest stays; of
 * the four behind the main diagonal only the smallest. Seven values are left, three smaller and three larger ones gone:
 * their median is the median of all. */
static inline void
NAME (join_columns_5) (SAMPLE (*restrict plane)[PLANE], int count, int step, SAMPLE *restrict out)
{
  const SAMPLE *restrict p0 = plane[0], *restrict p1 = plane[1], *restrict p2 = plane[2], *restrict p3 = plane[3],
                         *restrict p4 = plane[4];
  for (int i = 0; i < count; i++) {
    /* Row by row, so that few values are alive at a time. */
    SAMPLE r0[5] = { p0[i], p0[i + step], p0[i + 2 * step], p0[i + 3 * step], p0[i + 4 * step] };
    NAME (sort_5_from_top) (r0);
    SAMPLE r1[5] = { p1[i], p1[i + step], p1[i + 2 * step], p1[i + 3 * step], p1[i + 4 * step] };
    NAME (sort_5_from_top) (r1);
    SAMPLE before = NAME (high) (r0[3], r1[2]), behind = r1[4];
    SAMPLE r2[5] = { p2[i], p2[i + step], p2[i + 2 * step], p2[i + 3 * step], p2[i + 4 * step] };
    NAME (sort_5_from_top) (r2);
    before = NAME (high) (before, r2[1]);
    behind = NAME (low) (behind, r2[3]);
    SAMPLE r3[5] = { p3[i], p3[i + step], p3[i + 2 * step], p3[i + 3 * step], p3[i + 4 * step] };
    NAME (sort_5_from_bottom) (r3);
    before = NAME (high) (before, r3[0]);
    behind = NAME (low) (behind, r3[2]);
    SAMPLE r4[5] = { p4[i], p4[i + step], p4[i + 2 * step], p4[i + 3 * step], p4[i + 4 * step] };
    NAME (sort_5_from_bottom) (r4);
    behind = NAME (low) (behind, r4[1]);
    SAMPLE left[7] = { before, r0[4], r1[3], r2[2], r3[1], r4[0], behind };
    out[i] = NORMAL (NAME (middle_of_7) (left));
  }
}

static void
NAME (chunk_5) (const SAMPLE *const *rows, int count, int step, SAMPLE *out0, SAMPLE *out1)
{
  SAMPLE upper[5][PLANE], lower[5][PLANE];
  NAME (sort_columns_5) (rows, count + 4 * step, upper, lower);
  NAME (join_columns_5) (upper, count, step, out0);
  NAME (join_columns_5) (lower, count, step, out1);
}

/* ---- the rectangle -------------------------------------------------------------------------------------------- */

/* Two rows of output, `count` samples each, from the six rows around them. The last chunk reaches back so that it is a
 * full one: a short loop is not vectorised. */
static void
NAME (two_rows) (const SAMPLE *const *rows, int count, int step, SAMPLE *out0, SAMPLE *out1)
{
  const SAMPLE *moved[6];
  int done = 0;
  while (done < count) {
    int start = MAX (MIN (done, count - CHUNK), 0);
    int length = MIN (CHUNK, count - start);
    for (int i = 0; i < 6; i++)
      moved[i] = rows[i] + start;
    NAME (chunk_5) (moved, length, step, out0 + start, out1 + start);
    done = start + length;
  }
}

static void
NAME (rectangle_5) (IeWork *work, const IePixels *in, const IePixels *out)
{
  int count = out->rect.width * out->channels;
  const SAMPLE *rows[6];
  for (int y = 0; y < out->rect.height; y += 2) {
    if (y % POLL_ROWS == 0 && ie_work_cancelled (work))
      return;
    /* An odd last row is made together with the one before it, once more. A single one is the second of two that are
     * written to the same place; the first, overwritten, sees the top row twice. */
    int first = out->rect.height == 1 ? -1 : MIN (y, out->rect.height - 2);
    for (int i = 0; i < 6; i++)
      rows[i] = ie_pixels_at (in, out->rect.x - 2, out->rect.y - 2 + MAX (first + i, 0));
    SAMPLE *out0 = ie_pixels_at (out, out->rect.x, out->rect.y + MAX (first, 0));
    SAMPLE *out1 = ie_pixels_at (out, out->rect.x, out->rect.y + first + 1);
    NAME (two_rows) (rows, count, out->channels, out0, out1);
  }
}

#undef PIECE
#undef PLANE
#undef CHUNK
#undef NORMAL
#undef NAME
#undef SAMPLE
