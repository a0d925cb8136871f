// SPDX-License-Identifier: GPL-3.0-or-later
/* Order statistics of a sliding square window by histograms of columns (S. Perreault, P. Hebert, "Median Filtering in
 * Constant Time", 2007), for indices of 8 or 12 bits. Included by median-histogram.c with NAME (x) the name of x,
 * COLUMN a type that counts the rows of a window and WINDOW a type that counts its samples.
 *
 * An index is read as two or three digits of base 16. Level 0 has 16 counts by the first digit; level 1 has 16 counts
 * by the second digit for each first one, and so on: a set of 16 counts for each `segment`, the digits before. Unlike
 * in the paper the counts are cumulative (count[d]: digits <= d), so that a digit is found by counting, without a
 * branch, how many of the 16 do not reach the rank; to add a sample is then one addition of a row of `step`.
 *
 * Level 0 of the window follows it from pixel to pixel; a segment of a deeper level is brought up to date only when a
 * median falls into it: by sliding from where it was last used, or afresh, whichever is shorter. */

typedef struct {
  int columns;             /* samples of an input row */
  int width;               /* samples of an output row: columns - side + 1 */
  int side;                /* of the window */
  int digits;              /* 2 or 3 */
  COLUMN (*step)[16];      /* step[d][e] = e >= d */
  COLUMN (*column[3])[16]; /* at [segment * columns + x] */
  WINDOW (*window[3])[16]; /* at [segment] */
  COLUMN *none;            /* 16 counts of 0 */
  int *start[3];           /* at [segment]: first column of the window that the counts are for; < 0: none */
  guint16 *index;          /* at [x]: the answer's index, first digits first */
  guint32 *rest;           /* at [x]: rank of the answer among the samples that have this index */
} NAME (Histogram);

static gsize
NAME (memory) (int columns, int digits)
{
  gsize bytes = ie_median_aligned (17 * 16 * sizeof (COLUMN)) + 2 * ie_median_aligned (columns * sizeof (guint32));
  for (int level = 0, segments = 1; level < digits; level++, segments *= 16)
    bytes += ie_median_aligned ((gsize)segments * columns * 16 * sizeof (COLUMN))
             + ie_median_aligned ((gsize)segments * 16 * sizeof (WINDOW)) + ie_median_aligned (segments * sizeof (int));
  return bytes;
}

/* Scratch for rows of at most `columns` samples. */
static void
NAME (make) (NAME (Histogram) * h, IeWork *work, int columns, int side, int digits)
{
  h->side = side;
  h->digits = digits;
  h->step = ie_work_alloc (work, 17 * 16 * sizeof (COLUMN));
  h->none = h->step[16];
  memset (h->none, 0, 16 * sizeof (COLUMN));
  for (int i = 0; i < 256; i++)
    h->step[i / 16][i % 16] = i % 16 >= i / 16;
  for (int level = 0, segments = 1; level < digits; level++, segments *= 16) {
    h->column[level] = ie_work_alloc (work, (gsize)segments * columns * 16 * sizeof (COLUMN));
    h->window[level] = ie_work_alloc (work, (gsize)segments * 16 * sizeof (WINDOW));
    h->start[level] = ie_work_alloc (work, segments * sizeof (int));
  }
  h->index = ie_work_alloc (work, columns * sizeof (guint32));
  h->rest = ie_work_alloc (work, columns * sizeof (guint32));
}

/* An empty band of rows of `columns` samples. */
static void
NAME (clear) (NAME (Histogram) * h, int columns)
{
  h->columns = columns;
  h->width = columns - h->side + 1;
  for (int level = 0, segments = 1; level < h->digits; level++, segments *= 16)
    memset (h->column[level], 0, (gsize)segments * columns * 16 * sizeof (COLUMN));
}

/* count += plus - minus */
static inline void
NAME (change) (COLUMN *restrict count, const COLUMN *restrict plus, const COLUMN *restrict minus)
{
  NOT_UNROLLED
  for (int d = 0; d < 16; d++)
    count[d] = (COLUMN)(count[d] + plus[d] - minus[d]);
}

static inline unsigned
NAME (read) (const void *row, int i, int digits)
{
  return digits == 2 ? ((const guint8 *)row)[i] : ((const guint16 *)row)[i];
}

/* Adds the row `entering` and takes away the row `leaving` (NULL: none), samples `pitch` apart. */
static inline void
NAME (count_rows) (NAME (Histogram) * h, const void *entering, const void *leaving, int pitch, int digits)
{
  int columns = h->columns;
  const COLUMN (*step)[16] = (const COLUMN (*)[16])h->step;
  const COLUMN *none = h->none;
  for (int level = 0; level < digits; level++) {
    COLUMN (*column)[16] = h->column[level];
    int segment_shift = 4 * (digits - level), shift = segment_shift - 4;
    for (int x = 0; x < columns; x++) {
      unsigned in = NAME (read) (entering, x * pitch, digits);
      if (leaving == NULL) {
        NAME (change) (column[(gsize)(in >> segment_shift) * columns + x], step[in >> shift & 15], none);
        continue;
      }
      unsigned out = NAME (read) (leaving, x * pitch, digits);
      if (level == 0) {
        NAME (change) (column[x], step[in >> shift], step[out >> shift]);
      } else {
        NAME (change) (column[(gsize)(in >> segment_shift) * columns + x], step[in >> shift & 15], none);
        NAME (change) (column[(gsize)(out >> segment_shift) * columns + x], none, step[out >> shift & 15]);
      }
    }
  }
}

/* window += columns [from, to) */
static inline void
NAME (gather) (WINDOW *restrict window, const COLUMN (*restrict column)[16], int from, int to)
{
  int x = from;
  for (; x + 4 <= to; x += 4) {
    NOT_UNROLLED
    for (int d = 0; d < 16; d++)
      window[d] = (WINDOW)(window[d] + (WINDOW)(column[x][d] + column[x + 1][d])
                           + (WINDOW)(column[x + 2][d] + column[x + 3][d]));
  }
  for (; x < to; x++) {
    NOT_UNROLLED
    for (int d = 0; d < 16; d++)
      window[d] = (WINDOW)(window[d] + column[x][d]);
  }
}

/* One column further. */
static inline void
NAME (slide) (WINDOW *restrict window, const COLUMN *restrict leaving, const COLUMN *restrict entering)
{
  NOT_UNROLLED
  for (int d = 0; d < 16; d++)
    window[d] = (WINDOW)(window[d] + entering[d] - leaving[d]);
}

/* One column further, and the digit of the sample of that rank there; *rank becomes its rank among those that share the
 * digit. One loop, so that the counts are looked at while they are in registers. */
static inline unsigned
NAME (slide_and_find) (WINDOW *restrict window, const COLUMN *restrict leaving, const COLUMN *restrict entering,
                       guint32 *restrict rank)
{
  WINDOW wanted = (WINDOW)*rank, digit = 0;
  NOT_UNROLLED
  for (int d = 0; d < 16; d++) {
    WINDOW count = (WINDOW)(window[d] + entering[d] - leaving[d]);
    window[d] = count;
    digit = (WINDOW)(digit + (count <= wanted));
  }
  digit &= 15;
  *rank -= digit ? window[digit - 1] : 0;
  return digit;
}

static inline void
NAME (find_first_digits) (NAME (Histogram) * h, guint32 rank)
{
  WINDOW *window = h->window[0][0];
  const COLUMN (*column)[16] = (const COLUMN (*)[16])h->column[0];
  int width = h->width, last = h->side - 1;
  memset (window, 0, 16 * sizeof (WINDOW));
  NAME (gather) (window, column, 0, last);
  for (int x = 0; x < width; x++) {
    guint32 rest = rank;
    h->index[x] = (guint16)NAME (slide_and_find) (window, x ? column[x - 1] : h->none, column[x + last], &rest);
    h->rest[x] = rest;
  }
}

/* The next digit for the windows from x on whose digits so far are those at x. Returns the first window that differs.
 */
static inline int
NAME (find_run) (NAME (Histogram) * h, WINDOW *restrict window, const COLUMN (*column)[16], const COLUMN *leaving,
                 int x)
{
  guint16 *restrict index = h->index;
  guint32 *restrict rest = h->rest;
  const COLUMN *entering = column[x + h->side - 1], *next = column[x];
  unsigned segment = index[x];
  int width = h->width;
  do {
    guint32 left = rest[x];
    unsigned digit = NAME (slide_and_find) (window, leaving, entering, &left);
    rest[x] = left;
    index[x] = (guint16)(segment << 4 | digit);
    leaving = next;
    next += 16;
    entering += 16;
    x++;
  } while (x < width && index[x] == segment);
  return x;
}

static inline void
NAME (find_next_digits) (NAME (Histogram) * h, int level)
{
  int segments = 1 << 4 * level, width = h->width, side = h->side;
  int *start = h->start[level];
  for (int segment = 0; segment < segments; segment++)
    start[segment] = -2 * side;
  for (int x = 0; x < width;) {
    unsigned segment = h->index[x];
    WINDOW *window = h->window[level][segment];
    const COLUMN (*column)[16] = (const COLUMN (*)[16])h->column[level] + (gsize)segment * h->columns;
    const COLUMN *leaving = h->none;
    int from = start[segment];
    if (2 * (x - from) > side) {
      memset (window, 0, 16 * sizeof (WINDOW));
      NAME (gather) (window, column, x, x + side - 1);
    } else {
      for (; from < x - 1; from++)
        NAME (slide) (window, column[from], column[from + side]);
      leaving = column[x - 1];
    }
    x = NAME (find_run) (h, window, column, leaving, x);
    start[segment] = x - 1;
  }
}

/* Fills h->index and h->rest: for each window of the band the sample of that rank (from 0). */
static void
NAME (find_row) (NAME (Histogram) * h, guint32 rank)
{
  NAME (find_first_digits) (h, rank);
  for (int level = 1; level < h->digits; level++)
    NAME (find_next_digits) (h, level);
}

/* The band moves down a row: `leaving` is NULL until it is full. Two digits: rows of 8 bits, three: of 16. */
static void
NAME (move_down) (NAME (Histogram) * h, const void *entering, const void *leaving, int pitch)
{
  if (h->digits == 2)
    NAME (count_rows) (h, entering, leaving, pitch, 2);
  else
    NAME (count_rows) (h, entering, leaving, pitch, 3);
}
