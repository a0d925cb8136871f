// SPDX-License-Identifier: GPL-3.0-or-later
/* Means of square windows, see filters/box.c.
 *
 * Four ways, chosen by depth, alpha and radius; samples do not depend on rectangles in any of them.
 *
 * narrow  (8 bits, radius <= 15): sums of columns in 16 bits; down, they run: one row enters, one leaves. Integers are
 *         exact, so that they may.
 * short   (8 and 16 bits where 32 bits hold a window): the same in 32 bits.
 * float   (without alpha, radius <= 63): down, the picture is cut into blocks of the window's height, on a lattice fixed in
 *         the picture; a window is the end of one block and the beginning of the next, and both are running sums that
 *         begin anew with each block. At most 127 samples are summed one after the other.
 * long    (alpha, larger radius): running sums in units of 2^-32 of the range (beyond -1024 .. 1024 clamped), 64 bits.
 *
 * Across, sums of 4, 16, 64, ... neighbours are made, each of four of the last, and put together by the digits of the
 * window's width to the base 4: nothing runs along a row, and the cost grows with the logarithm of the radius. The short
 * way takes the difference of two sums that run along the row instead.
 *
 * Sources: running sums: M. J. McDonnell, "Box-Filtering Techniques", Computer Graphics and Image Processing 17 (1), 1981;
 * blocks: M. van Herk, "A fast algorithm for local minimum and maximum filters on rectangular and octagonal kernels",
 * Pattern Recognition Letters 13 (7), 1992, with sums in place of minima. */
#include <string.h>

#include "core/simd-prefetch.h"
#include "filters/kernel/box.h"
#include "filters/kernel/weigh.h"

/* Pixels of a row at a time: what is at work across stays in a first-level cache of 32 KiB. */
#define STRETCH 512
#define STRETCH_FLOAT 256
#define AHEAD 3   /* rows that are asked for before they are read */
#define VECTOR 32 /* samples: loops over a multiple leave no rest */
#define LEVELS 4  /* sums of 4, 16, 64, 256: 4^5 is more than the widest window */
#define TERMS 15  /* LEVELS + 1 digits of 3 */
#define NARROW_SIDE 31 /* two sums of four columns of it are 8 * 31 * 255 < 65536 */
#define FLOAT_SIDE 127
#define FLOAT_MOST 1e30f /* of a window's sum: infinite samples give no NaN */
#define FIXED_ONE 4294967296.0
#define FIXED_MOST 1024.0f

typedef enum { NARROW, SHORT, FLOAT, LONG } Way;

static Way
way_of (int radius, IeDepth depth, gboolean has_alpha)
{
  guint64 side = 2 * (guint64) radius + 1;
  if (has_alpha)
    return LONG;
  if (depth == IE_DEPTH_FLOAT)
    return side <= FLOAT_SIDE ? FLOAT : LONG;
  if (depth == IE_DEPTH_U8 && side <= NARROW_SIDE)
    return NARROW;
  return side * side * (guint64) ie_depth_range (depth) <= G_MAXUINT32 ? SHORT : LONG;
}

static const gsize sum_bytes[] = { sizeof (guint16), sizeof (guint32), sizeof (float), sizeof (gint64) };

/* The next multiple of a vector. */
static inline gsize
whole (gsize samples)
{
  return (samples + VECTOR - 1) / VECTOR * VECTOR;
}

/* Samples of a row of sums. */
static gsize
line_samples (Way way, int width, int radius, int channels)
{
  int stretch = MIN (width, way == FLOAT ? STRETCH_FLOAT : STRETCH);
  gsize samples = ((gsize) stretch + 2 * (gsize) radius) * (gsize) channels;
  return whole (samples) + VECTOR;
}

static int
level_count (int side)
{
  int count = 0;
  for (int power = 4; power <= side; power *= 4)
    count++;
  return count;
}

gsize
ie_box_memory (int radius, int width, int channels, IeDepth depth, gboolean has_alpha)
{
  int side = 2 * radius + 1;
  Way way = way_of (radius, depth, has_alpha);
  gsize line = line_samples (way, width, radius, channels);
  gsize rows = (gsize) level_count (side) + 3 + (way == FLOAT ? (gsize) side : 0);
  return rows * (line * sum_bytes[way] + 64) + 2 * (line * sizeof (float) + 64);
}

typedef struct {
  const IePixels *in, *out;
  int radius, side, channels;
  int x, pixels;           /* of this stretch */
  gsize line;              /* samples of a row of sums */
  void *sums;              /* of columns */
  void *column, *row;      /* FLOAT: of a window's columns; of windows */
  void *levels[LEVELS];    /* of 4, 16, ... neighbours */
  float *ring;             /* FLOAT: `side` rows, each the sum from there to the end of its block */
  float *values, *leaving; /* LONG: rows as float */
} Boxing;

/* Rows lie far apart, each on other pages: the processor does not foresee them. */
static void
ask_for_row (const Boxing *b, int y)
{
  const IePixels *in = b->in, *out = b->out;
  const char *from = ie_pixels_at (in, b->x - b->radius, y);
  char *to = ie_pixels_at (out, b->x, y - b->radius);
  gsize pixel = (gsize) b->channels * ie_depth_bytes (in->depth), bytes = (gsize) (b->pixels + 2 * b->radius) * pixel;
  if (y < in->rect.y + in->rect.height)
    for (gsize i = 0; i < bytes + IE_CACHE_LINE - 1; i += IE_CACHE_LINE)
      ie_prefetch_read (from + i);
  if (y - b->radius >= out->rect.y && y - b->radius < out->rect.y + out->rect.height)
    for (gsize i = 0; i < (gsize) b->pixels * pixel; i += IE_CACHE_LINE)
      ie_prefetch_write (to + i);
}

/* ---- across ------------------------------------------------------------------------------------------------------ */

/* terms_TYPE (): makes the levels from `sums`; the sum of `side` pixels from sample i on is that of terms[..][i]. Returns
 * how many there are. The last digit is one to the base `last`: up to 7 sums cost less than another level. */
#define GROUP 8 /* terms that are summed at once */
#define ACROSS(suffix, type, last) \
  static void four_##suffix (const type *restrict in, gsize apart, type *restrict out, gsize count) \
  { \
    const type *second = in + apart, *third = in + 2 * apart, *fourth = in + 3 * apart; \
    for (gsize i = 0; i < count; i++) \
      out[i] = (type) (in[i] + second[i] + (third[i] + fourth[i])); \
  } \
  static int terms_##suffix (const Boxing *b, const type *sums, const type **terms) \
  { \
    gsize step = (gsize) b->channels, done = 0, side = (gsize) b->side; \
    int n = 0; \
    for (gsize power = 1, k = 0;; power *= 4, k++) { \
      gboolean stops = last * power > side; \
      for (gsize digit = side / power % (stops ? last : 4); digit > 0; digit--, done += power) \
        terms[n++] = sums + done * step; \
      if (stops) \
        return n; \
      four_##suffix (sums, power * step, b->levels[k], whole (((gsize) b->pixels + side - 4 * power) * step)); \
      sums = b->levels[k]; \
    } \
  }

#define CASES(CASE) \
  CASE (1) CASE (2) CASE (3) CASE (4) CASE (5) CASE (6) CASE (7) CASE (8)

ACROSS (float, float, 8)
ACROSS (long, gint64, 4)

/* ---- 16 and 32 bits ---------------------------------------------------------------------------------------------- */

#define COLUMNS(suffix, sum, sample) \
  static void change_##suffix (sum *restrict sums, const sample *restrict enters, const sample *restrict leaves, \
                               int count) \
  { \
    for (int i = 0; i < count; i++) \
      sums[i] = (sum) (sums[i] + (sum) enters[i] - (sum) leaves[i]); \
  } \
  static void enter_##suffix (sum *restrict sums, const sample *restrict enters, int count) \
  { \
    for (int i = 0; i < count; i++) \
      sums[i] = (sum) (sums[i] + enters[i]); \
  }

COLUMNS (narrow, guint16, guint8)
COLUMNS (u8, guint32, guint8)
COLUMNS (u16, guint32, guint16)

static void
enter_row (const Boxing *b, Way way, int y, gboolean leaves)
{
  int count = (b->pixels + 2 * b->radius) * b->channels;
  const void *enters = ie_pixels_at (b->in, b->x - b->radius, y);
  const void *left = leaves ? ie_pixels_at (b->in, b->x - b->radius, y - b->side) : NULL;
  if (way == NARROW)
    leaves ? change_narrow (b->sums, enters, left, count) : enter_narrow (b->sums, enters, count);
  else if (b->in->depth == IE_DEPTH_U8)
    leaves ? change_u8 (b->sums, enters, left, count) : enter_u8 (b->sums, enters, count);
  else
    leaves ? change_u16 (b->sums, enters, left, count) : enter_u16 (b->sums, enters, count);
}

static void
four_narrow (const guint16 *restrict in, gsize apart, guint16 *restrict out, gsize count)
{
  const guint16 *second = in + apart, *third = in + 2 * apart, *fourth = in + 3 * apart;
  for (gsize i = 0; i < count; i++)
    out[i] = (guint16) (in[i] + second[i] + third[i] + fourth[i]);
}

/* Means of windows of n terms, two of which fit into 16 bits. Odd windows have no ties. */
static inline void
means_narrow (const guint16 *const *terms, int n, guint16 *restrict out, gsize count, float inverse)
{
  const guint16 *term[GROUP + 2];
  for (int t = 0; t < n; t++)
    term[t] = terms[t];
  for (gsize i = 0; i < count; i++) {
    gint32 sum = n % 2 ? term[n - 1][i] : 0;
    for (int t = 0; t + 1 < n; t += 2)
      sum += (guint16) (term[t][i] + term[t + 1][i]);
    out[i] = (guint16) (gint32) ((float) sum * inverse + 0.5f);
  }
}

#define CASE_NARROW(n) \
  case n: \
    means_narrow (terms, n, b->row, whole (count), inverse); \
    break;

static void
narrow_to_u8 (const guint16 *restrict in, guint8 *restrict out, gsize count)
{
  for (gsize i = 0; i < count; i++)
    out[i] = (guint8) in[i];
}

static void
finish_row_narrow (const Boxing *b, int y)
{
  const guint16 *terms[GROUP + 2], *sums = b->sums, *fours = b->levels[0];
  gsize step = (gsize) b->channels, side = (gsize) b->side, count = (gsize) b->pixels * step;
  float inverse = (float) (1 / ((double) b->side * b->side));
  int n = 0;
  if (side >= 4)
    four_narrow (sums, step, b->levels[0], whole (((gsize) b->pixels + side - 4) * step));
  for (gsize done = 0; done < side; done += done + 4 <= side ? 4 : 1)
    terms[n++] = (done + 4 <= side ? fours : sums) + done * step;
  switch (n) {
    CASE_NARROW (2)
    CASE_NARROW (3)
    CASE_NARROW (4)
    CASE_NARROW (5)
    CASE_NARROW (6)
    CASE_NARROW (7)
    CASE_NARROW (8)
    CASE_NARROW (9)
    CASE_NARROW (10)
  }
  narrow_to_u8 (b->row, ie_pixels_at (b->out, b->x, y), count);
}

#define AHEAD_OF_SUMS 16 /* samples: room for those before the first pixel, which are 0 */

#ifdef __AVX512F__
/* Sums along a row of three channels, a vector at a time: each sample and the three before, six, twelve; then what has come
 * before the vector, its last three samples again and again. A chain of one permutation and one addition a vector remains. */
#define LANES 16
typedef guint32 Lanes __attribute__ ((vector_size (4 * LANES), may_alias));

static void
sum_along_three (const guint32 *restrict sums, guint32 *restrict out, int samples)
{
  /* Numbers from LANES on: of the second operand, which is shifted in. */
  const Lanes by_three = { 16, 16, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
  const Lanes by_six = { 16, 16, 16, 16, 16, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  const Lanes by_twelve = { 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 0, 1, 2, 3 };
  const Lanes last = { 13, 14, 15, 13, 14, 15, 13, 14, 15, 13, 14, 15, 13, 14, 15, 13 };
  const Lanes zero = { 0 };
  Lanes before = zero;
  for (int i = 0; i < samples; i += LANES) {
    Lanes v;
    memcpy (&v, sums + i, sizeof v);
    v += __builtin_shuffle (v, zero, by_three);
    v += __builtin_shuffle (v, zero, by_six);
    v += __builtin_shuffle (v, zero, by_twelve);
    v += before;
    before = __builtin_shuffle (v, last);
    memcpy (out + i, &v, sizeof v);
  }
}
#else
static void
sum_along_three (const guint32 *restrict sums, guint32 *restrict out, int samples)
{
  guint32 a = 0, b = 0, c = 0;
  for (int i = 0; i < samples; i += 3) {
    out[i] = a += sums[i];
    out[i + 1] = b += sums[i + 1];
    out[i + 2] = c += sums[i + 2];
  }
}
#endif

/* out[i] = the sum of the pixels up to sample i; wraps around, which differences do not feel. */
static void
sum_along (const guint32 *restrict sums, guint32 *restrict out, int pixels, int channels)
{
  if (channels == 3) {
    sum_along_three (sums, out, 3 * pixels);
    return;
  }
  for (int c = 0; c < channels; c++) {
    guint32 sum = 0;
    for (int i = 0; i < pixels; i++)
      out[i * channels + c] = sum += sums[i * channels + c];
  }
}

/* Odd windows have no ties; the float's own rounding is below 0.01 of a code at 16 bits. */
static void
means_u8 (const guint32 *restrict from, const guint32 *restrict to, guint8 *restrict out, int count, float inverse)
{
  for (int i = 0; i < count; i++)
    out[i] = (guint8) ((float) (gint32) (to[i] - from[i]) * inverse + 0.5f);
}

/* halves: sums beyond 31 bits lose their last. */
static void
means_u16 (const guint32 *restrict from, const guint32 *restrict to, guint16 *restrict out, int count, float inverse,
           int halves)
{
  for (int i = 0; i < count; i++) {
    gint32 code = (gint32) ((float) (gint32) ((to[i] - from[i]) >> halves) * inverse + 0.5f);
    out[i] = (guint16) MIN (code, 65535);
  }
}

static void
finish_row_short (const Boxing *b, int y)
{
  int count = b->pixels * b->channels;
  guint32 *along = (guint32 *) b->row + AHEAD_OF_SUMS;
  const guint32 *from = along - b->channels, *to = from + b->side * b->channels;
  double square = (double) b->side * b->side;
  memset (b->row, 0, AHEAD_OF_SUMS * sizeof *along);
  sum_along (b->sums, along, b->pixels + 2 * b->radius, b->channels);
  void *out = ie_pixels_at (b->out, b->x, y);
  if (b->out->depth == IE_DEPTH_U8) {
    means_u8 (from, to, out, count, (float) (1 / square));
  } else {
    int halves = square * 65535 > G_MAXINT32;
    means_u16 (from, to, out, count, (float) ((halves ? 2 : 1) / square), halves);
  }
}

static void
run_integers (Boxing *b, Way way, IeWork *work)
{
  IeRect rect = b->out->rect;
  memset (b->sums, 0, b->line * sum_bytes[way]);
  for (int y = rect.y - b->radius; y < rect.y + rect.height + b->radius && !ie_work_cancelled (work); y++) {
    ask_for_row (b, y + AHEAD);
    enter_row (b, way, y, y > rect.y + b->radius);
    if (y >= rect.y + b->radius)
      way == NARROW ? finish_row_narrow (b, y - b->radius) : finish_row_short (b, y - b->radius);
  }
}

/* ---- float ------------------------------------------------------------------------------------------------------- */

static void
add_float (float *restrict sums, const float *restrict in, int count)
{
  for (int i = 0; i < count; i++)
    sums[i] += in[i];
}

/* sums += in; out = sums + ends */
static void
advance_float (float *restrict sums, const float *restrict in, const float *restrict ends, float *restrict out, int count)
{
  for (int i = 0; i < count; i++) {
    float sum = sums[i] + in[i];
    sums[i] = sum;
    out[i] = ends[i] + sum;
  }
}

static void
add_both_float (const float *restrict a, const float *restrict c, float *restrict out, int count)
{
  for (int i = 0; i < count; i++)
    out[i] = a[i] + c[i];
}

/* The inverse in two parts, so that a flat picture of whole numbers stays as it is. Says whether a sum is NaN: there is
 * one then in the input, or infinite numbers of both signs. */
static inline gboolean
means_float (const float *const *terms, int n, float *restrict out, int count, float inverse, float rest)
{
  const float *term[GROUP];
  guint32 nan = 0;
  for (int t = 0; t < n; t++)
    term[t] = terms[t];
  for (int i = 0; i < count; i++) {
    float sum = term[0][i];
    for (int t = 1; t < n; t++)
      sum += term[t][i];
    nan |= sum != sum;
    sum = sum < FLOAT_MOST ? sum : FLOAT_MOST;
    sum = sum > -FLOAT_MOST ? sum : -FLOAT_MOST;
    out[i] = sum * inverse + sum * rest;
  }
  return nan;
}

static const float *
float_row (const Boxing *b, int y)
{
  return ie_pixels_at (b->in, b->x - b->radius, y);
}

/* ring[k]: the sum of rows k .. side - 1 of the block that begins at `block`; from row `first` on. */
static void
sum_ends (const Boxing *b, int block, int first, int count)
{
  float *below = NULL;
  for (int k = b->side - 1; k >= first - block; k--) {
    float *sums = b->ring + (gsize) k * b->line;
    if (below)
      add_both_float (float_row (b, block + k), below, sums, count);
    else
      memcpy (sums, float_row (b, block + k), (gsize) count * sizeof *sums);
    below = sums;
  }
}

static int
block_of (int y, int side)
{
  return (y >= 0 ? y / side : -((side - 1 - y) / side)) * side;
}

static gboolean
finish_row_float (const Boxing *b, int y, int block, int count)
{
  gboolean nan = FALSE;
  double inverse = 1 / ((double) b->side * b->side);
  const float *sums = b->sums, *row = float_row (b, y + b->radius);
  int end = y - b->radius - (block - b->side);
  if (end < b->side) {
    advance_float (b->sums, row, b->ring + (gsize) end * b->line, b->column, count);
    sums = b->column;
  } else {
    add_float (b->sums, row, count);
  }
  const float *all[TERMS], **terms = all;
  int n = terms_float (b, sums, terms), samples = b->pixels * b->channels;
  if (n > GROUP) { /* the first ones become one */
    n -= GROUP - 1;
    nan = means_float (terms, GROUP, b->row, (int) whole ((gsize) samples), 1, 0);
    terms += GROUP - 1;
    terms[0] = b->row;
  }
  float *out = ie_pixels_at (b->out, b->x, y), high = (float) inverse, low = (float) (inverse - high);
  switch (n) {
#define CASE(n) \
  case n: \
    nan |= means_float (terms, n, out, samples, high, low); \
    break;
    CASES (CASE)
#undef CASE
  }
  return nan;
}

/* e: the last row of a window; block: where the block that holds it begins. */
static void
run_float (Boxing *b, IeWork *work)
{
  IeRect rect = b->out->rect;
  int count = (b->pixels + 2 * b->radius) * b->channels, e = rect.y + b->radius, block = block_of (e, b->side);
  sum_ends (b, block - b->side, rect.y - b->radius, count);
  memset (b->sums, 0, b->line * sizeof (float));
  for (int y = block; y < e; y++)
    add_float (b->sums, float_row (b, y), count);
  for (; e < rect.y + rect.height + b->radius && !ie_work_cancelled (work); e++) {
    if (e == block + b->side) {
      sum_ends (b, block, block + 1, count);
      block = e;
      memset (b->sums, 0, b->line * sizeof (float));
    }
    ask_for_row (b, e + AHEAD);
    /* Each sample is in a window. */
    if (finish_row_float (b, e - b->radius, block, count))
      ie_work_found_nan (work);
  }
}

/* ---- 64 bits ----------------------------------------------------------------------------------------------------- */

/* Rounded by an addition after which the last bit stands for 1: every level has vectors for that, only the last one for
 * the conversion to 64 bits. The bits are then the integer and a constant. */
#define ROUNDER 6755399441055744.0 /* 1.5 * 2^52 */
#define ROUNDER_BITS 0x4338000000000000

static inline gint64
fixed (float value)
{
  value = value < FIXED_MOST ? value : FIXED_MOST;
  value = value > -FIXED_MOST ? value : -FIXED_MOST;
  union {
    double rounded;
    gint64 bits;
  } sum = { (double) value * FIXED_ONE + ROUNDER };
  return sum.bits - ROUNDER_BITS;
}

static void
change_long (gint64 *restrict sums, const float *restrict enters, const float *restrict leaves, int count)
{
  for (int i = 0; i < count; i++)
    sums[i] += fixed (enters[i]) - fixed (leaves[i]);
}

static void
enter_long (gint64 *restrict sums, const float *restrict enters, int count)
{
  for (int i = 0; i < count; i++)
    sums[i] += fixed (enters[i]);
}

static inline void
sum_long (const gint64 *const *terms, int n, gint64 *restrict out, gsize count)
{
  const gint64 *term[GROUP];
  for (int t = 0; t < n; t++)
    term[t] = terms[t];
  for (gsize i = 0; i < count; i++) {
    gint64 sum = term[0][i];
    for (int t = 1; t < n; t++)
      sum += term[t][i];
    out[i] = sum;
  }
}

static void
across_long (const Boxing *b)
{
  const gint64 *all[TERMS], **terms = all;
  int n = terms_long (b, b->sums, terms);
  gsize count = whole ((gsize) b->pixels * (gsize) b->channels);
  if (n > GROUP) { /* the first ones become one */
    n -= GROUP - 1;
    sum_long (terms, GROUP, b->column, count);
    terms += GROUP - 1;
    terms[0] = b->column;
  }
  switch (n) {
#define CASE(n) \
  case n: \
    sum_long (terms, n, b->row, count); \
    break;
    CASES (CASE)
#undef CASE
  }
}

static void
means (const gint64 *restrict sums, float *restrict out, int count, double inverse)
{
  for (int i = 0; i < count; i++)
    out[i] = (float) ((double) sums[i] * inverse);
}

static void
weighed_means (const gint64 *restrict sums, float *restrict out, int pixels, int channels)
{
  for (int i = 0; i < pixels; i++) {
    double weight = (double) sums[i * channels + channels - 1];
    for (int c = 0; c < channels; c++)
      out[i * channels + c] = weight > 0 ? (float) ((double) sums[i * channels + c] / weight) : 0;
  }
}

static void
enter_row_long (const Boxing *b, int y, gboolean leaves)
{
  int wide = b->pixels + 2 * b->radius;
  ie_weigh_load (b->in, b->x - b->radius, y, wide, IE_UNIT_RANGE, b->values);
  if (leaves)
    ie_weigh_load (b->in, b->x - b->radius, y - b->side, wide, IE_UNIT_RANGE, b->leaving);
  if (leaves)
    change_long (b->sums, b->values, b->leaving, wide * b->channels);
  else
    enter_long (b->sums, b->values, wide * b->channels);
}

static void
finish_row_long (const Boxing *b, int y)
{
  int side = b->side;
  across_long (b);
  if (b->in->has_alpha)
    weighed_means (b->row, b->values, b->pixels, b->channels);
  else
    means (b->row, b->values, b->pixels * b->channels, 1 / (FIXED_ONE * side * side));
  ie_weigh_store (b->values, b->out, b->x, y, b->pixels, IE_UNIT_RANGE);
}

static void
run_long (Boxing *b, IeWork *work)
{
  IeRect rect = b->out->rect;
  memset (b->sums, 0, b->line * sizeof (gint64));
  for (int y = rect.y - b->radius; y < rect.y + rect.height + b->radius && !ie_work_cancelled (work); y++) {
    enter_row_long (b, y, y > rect.y + b->radius);
    if (y >= rect.y + b->radius)
      finish_row_long (b, y - b->radius);
  }
}

/* ---- a rectangle ------------------------------------------------------------------------------------------------- */

void
ie_box (int radius, IeWork *work, const IePixels *in, const IePixels *out)
{
  int width = out->rect.width, end = out->rect.x + width;
  Boxing b = { .in = in, .out = out, .radius = radius, .side = 2 * radius + 1, .channels = in->channels };
  Way way = way_of (radius, in->depth, in->has_alpha);
  int stretch = MIN (width, way == FLOAT ? STRETCH_FLOAT : STRETCH);
  if (way == LONG)
    ie_work_look_for_nan (work, in);
  b.line = line_samples (way, width, radius, in->channels);
  gsize bytes = b.line * sum_bytes[way];
  b.sums = ie_work_alloc (work, bytes);
  b.column = ie_work_alloc (work, bytes);
  b.row = ie_work_alloc (work, bytes);
  /* What is behind the end of rows must be numbers that do not slow the processor down. */
  memset (b.column, 0, bytes);
  for (int k = 0; k < level_count (b.side); k++) {
    b.levels[k] = ie_work_alloc (work, bytes);
    memset (b.levels[k], 0, bytes);
  }
  if (way == FLOAT)
    b.ring = ie_work_alloc (work, (gsize) b.side * bytes);
  if (way == LONG) {
    b.values = ie_work_alloc (work, b.line * sizeof (float));
    b.leaving = ie_work_alloc (work, b.line * sizeof (float));
  }
  for (b.x = out->rect.x; b.x < end && !ie_work_cancelled (work); b.x += stretch) {
    b.pixels = MIN (stretch, end - b.x);
    if (way == FLOAT)
      run_float (&b, work);
    else if (way == LONG)
      run_long (&b, work);
    else
      run_integers (&b, way, work);
  }
}

