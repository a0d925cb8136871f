// SPDX-License-Identifier: GPL-3.0-or-later
/* Medians of 3 x 3 and 5 x 5 by minima and maxima, for one type of sample. Included once per type by median-network.c,
 * with SAMPLE the type, NAME (x) the name of x for it, NORMAL (v) the value stored for v and CHUNK (below).
 *
 * 3 x 3: four rows of output at a time, a few samples wide, so that nothing lies between reading and writing.
 *
 * 5 x 5: two rows of output at a time, CHUNK samples wide, so that what lies between stays in the first-level cache. */

#define PIECE (64 / (int) sizeof (SAMPLE)) /* a vector of the widest level */

/* Samples of a plane: the columns that a chunk of the widest window touches, as whole vectors, so that every plane begins
 * where a line of the cache does. */
#define PLANE (CHUNK + (4 * IE_MAX_CHANNELS + PIECE - 1) / PIECE * PIECE)

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

/* Two rows of output share four rows of input: of the 5 x 4 samples that both windows hold only those are kept that
 * may be the median when the five of the row above or below come in. Columns, and pairs of neighbouring columns, are
 * sorted once for all windows that hold them (A. Adams, "Fast Median Filters using Separable Sorting Networks", ACM
 * Transactions on Graphics 40 (4), 2021). Lists are joined by K. E. Batcher's odd-even merge ("Sorting Networks and their
 * Applications", 1968), of which the compiler drops the halves of exchanges that nobody reads. */

/* Sorts the columns of rows 1 .. 4. */
static inline void
NAME (sort_columns) (const SAMPLE *const *rows, int count, SAMPLE (*restrict column)[PLANE])
{
  const SAMPLE *restrict row1 = rows[1], *restrict row2 = rows[2], *restrict row3 = rows[3], *restrict row4 = rows[4];
  for (int i = 0; i < count; i++) {
    SAMPLE s[4] = { row1[i], row2[i], row3[i], row4[i] };
    NAME (sort_4) (s);
    column[0][i] = s[0];
    column[1][i] = s[1];
    column[2][i] = s[2];
    column[3][i] = s[3];
  }
}

/* Merges s[0 .. 3] and s[4 .. 7]. */
static inline void
NAME (merge_4_4) (SAMPLE *s)
{
  NAME (order) (&s[0], &s[4]);
  NAME (order) (&s[1], &s[5]);
  NAME (order) (&s[2], &s[6]);
  NAME (order) (&s[3], &s[7]);
  NAME (order) (&s[2], &s[4]);
  NAME (order) (&s[3], &s[5]);
  NAME (order) (&s[1], &s[2]);
  NAME (order) (&s[3], &s[4]);
  NAME (order) (&s[5], &s[6]);
}

/* Merges each column with the next. */
static inline void
NAME (pair_columns) (SAMPLE (*restrict column)[PLANE], int count, int step, SAMPLE (*restrict pair)[PLANE])
{
  for (int i = 0; i < count; i++) {
    SAMPLE s[8] = { column[0][i],        column[1][i],        column[2][i],        column[3][i],
                    column[0][i + step], column[1][i + step], column[2][i + step], column[3][i + step] };
    NAME (merge_4_4) (s);
    pair[0][i] = s[0];
    pair[1][i] = s[1];
    pair[2][i] = s[2];
    pair[3][i] = s[3];
    pair[4][i] = s[4];
    pair[5][i] = s[5];
    pair[6][i] = s[6];
    pair[7][i] = s[7];
  }
}

/* Merges s[0 .. 7] and s[8 .. 15]; of the result only s[3 .. 12] are right. */
static inline void
NAME (merge_8_8) (SAMPLE *s)
{
  NAME (order) (&s[0], &s[8]);
  NAME (order) (&s[1], &s[9]);
  NAME (order) (&s[2], &s[10]);
  NAME (order) (&s[3], &s[11]);
  NAME (order) (&s[4], &s[12]);
  NAME (order) (&s[5], &s[13]);
  NAME (order) (&s[6], &s[14]);
  NAME (order) (&s[7], &s[15]);
  NAME (order) (&s[4], &s[8]);
  NAME (order) (&s[5], &s[9]);
  NAME (order) (&s[6], &s[10]);
  NAME (order) (&s[7], &s[11]);
  NAME (order) (&s[2], &s[4]);
  NAME (order) (&s[3], &s[5]);
  NAME (order) (&s[6], &s[8]);
  NAME (order) (&s[7], &s[9]);
  NAME (order) (&s[10], &s[12]);
  NAME (order) (&s[11], &s[13]);
  NAME (order) (&s[3], &s[4]);
  NAME (order) (&s[5], &s[6]);
  NAME (order) (&s[7], &s[8]);
  NAME (order) (&s[9], &s[10]);
  NAME (order) (&s[11], &s[12]);
}

/* Merges the ascending a[0 .. 4] and b[0 .. 1] into s[0 .. 6]. */
static inline void
NAME (merge_5_2) (SAMPLE a0, SAMPLE a1, SAMPLE a2, SAMPLE a3, SAMPLE a4, SAMPLE b0, SAMPLE b1, SAMPLE *s)
{
  SAMPLE even[4] = { a0, a2, a4 }, odd[3] = { a1, a3 };
  NAME (insert) (even, 3, b0);
  NAME (insert) (odd, 2, b1);
  for (int i = 0; i < 3; i++)
    NAME (order) (&odd[i], &even[i + 1]);
  s[0] = even[0];
  s[1] = odd[0];
  s[2] = even[1];
  s[3] = odd[1];
  s[4] = even[2];
  s[5] = odd[2];
  s[6] = even[3];
}

/* The middle six, ascending, of the ascending a[0 .. 9] and b[0 .. 3]. */
static inline void
NAME (middle_6_of_14) (const SAMPLE *a, const SAMPLE *b, SAMPLE *middle)
{
  SAMPLE even[7], odd[7];
  NAME (merge_5_2) (a[0], a[2], a[4], a[6], a[8], b[0], b[2], even);
  NAME (merge_5_2) (a[1], a[3], a[5], a[7], a[9], b[1], b[3], odd);
  middle[0] = NAME (high) (odd[1], even[2]);
  middle[1] = NAME (low) (odd[2], even[3]);
  middle[2] = NAME (high) (odd[2], even[3]);
  middle[3] = NAME (low) (odd[3], even[4]);
  middle[4] = NAME (high) (odd[3], even[4]);
  middle[5] = NAME (low) (odd[4], even[5]);
}

/* The median of six ascending values and the five of a row: the sixth of all, at least as large as i + 1 of the six and
 * 5 - i of the five for one i. */
static inline SAMPLE
NAME (join_row_5) (const SAMPLE *middle, const SAMPLE *row, int i, int step)
{
  SAMPLE s[5] = { row[i], row[i + step], row[i + 2 * step], row[i + 3 * step], row[i + 4 * step] };
  NAME (sort_4) (s);
  NAME (insert) (s, 4, s[4]);
  SAMPLE median = middle[5];
  for (int k = 0; k < 5; k++)
    median = NAME (low) (median, NAME (high) (middle[k], s[4 - k]));
  return median;
}

/* `count` samples, PIECE at most, of two rows of output. */
static inline void
NAME (piece_5) (SAMPLE (*restrict column)[PLANE], SAMPLE (*restrict pair)[PLANE], const SAMPLE *above,
                const SAMPLE *below, int start, int count, int step, SAMPLE *out0, SAMPLE *out1)
{
  SAMPLE m0[PIECE], m1[PIECE];
  above += start;
  below += start;
  for (int i = 0; i < count; i++) {
    int j = start + i, k = j + 2 * step;
    SAMPLE s[16] = { pair[0][j], pair[1][j], pair[2][j], pair[3][j], pair[4][j], pair[5][j], pair[6][j], pair[7][j],
                     pair[0][k], pair[1][k], pair[2][k], pair[3][k], pair[4][k], pair[5][k], pair[6][k], pair[7][k] };
    NAME (merge_8_8) (s);
    k += 2 * step;
    SAMPLE last[4] = { column[0][k], column[1][k], column[2][k], column[3][k] }, middle[6];
    NAME (middle_6_of_14) (s + 3, last, middle);
    m0[i] = NORMAL (NAME (join_row_5) (middle, above, i, step));
    m1[i] = NORMAL (NAME (join_row_5) (middle, below, i, step));
  }
  memcpy (out0 + start, m0, (size_t) count * sizeof (SAMPLE));
  memcpy (out1 + start, m1, (size_t) count * sizeof (SAMPLE));
}

static void
NAME (chunk_5) (const SAMPLE *const *rows, int count, int step, SAMPLE *out0, SAMPLE *out1)
{
  _Alignas (64) SAMPLE column[4][PLANE], pair[8][PLANE];
  NAME (sort_columns) (rows, count + 4 * step, column);
  NAME (pair_columns) (column, count + 2 * step, step, pair);
  if (count < PIECE)
    NAME (piece_5) (column, pair, rows[0], rows[5], 0, count, step, out0, out1);
  else
    for (int done = 0; done < count; done += PIECE)
      NAME (piece_5) (column, pair, rows[0], rows[5], MIN (done, count - PIECE), PIECE, step, out0, out1);
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
