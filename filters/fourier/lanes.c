// SPDX-License-Identifier: GPL-3.0-or-later
#include "filters/fourier/lanes.h"

#include "core/elementary.h"
#include "filters/fourier/butterflies.h"

#include <string.h>

#define LANES IE_LANES_COUNT
#define POINT IE_LANES_POINT
#define LONGEST 65536 /* beyond it a grid's rows leave even the second cache */
#define LONGER 3      /* times that a column of the grid may be as long as a row, where there is a choice */
#define ALIGNED 16    /* floats of a line of cache */

/* ---- stages ----
 * A stage of radix r turns n points, of which s came from each transform of the stages before it, n = r m s:
 *   out[q + s (r p + j)] = w[p][j] sum over i of in[q + s (p + m i)] exp (-2 pi i i j / r),  0 <= p < m, 0 <= q < s */

typedef struct {
  const float *in;
  float *out;
  gsize in_step, out_step; /* floats from point to point */
  int m, s;
  const float *twiddles;   /* [p][j], p and j from 1 on; or, m = 1, those of the results: [q][j], j from 0 on; or NULL */
} Stage;

/* One butterfly on all lanes; twiddles of the numbers `first` and on. */
#define BUTTERFLY(r, first) \
  _Pragma ("GCC ivdep") for (int lane = 0; lane < LANES; lane++) { \
    IeComplex x[r]; \
    _Pragma ("GCC unroll 8") for (int i = 0; i < r; i++) \
      x[i] = (IeComplex){ in[(gsize) i * in_apart + lane], in[(gsize) i * in_apart + LANES + lane] }; \
    ie_butterfly_##r (x); \
    _Pragma ("GCC unroll 8") for (int j = first; j < r; j++) \
      x[j] = ie_times (x[j], (IeComplex){ w[2 * (j - first)], w[2 * (j - first) + 1] }); \
    _Pragma ("GCC unroll 8") for (int j = 0; j < r; j++) { \
      out[(gsize) j * out_apart + lane] = x[j].re; \
      out[(gsize) j * out_apart + LANES + lane] = x[j].im; \
    } \
  }

#define BUTTERFLIES(r) \
  static void plain_##r (const float *restrict in, gsize in_apart, float *restrict out, gsize out_apart) \
  { \
    const float *restrict w = NULL; \
    BUTTERFLY (r, r) \
  } \
  static void twiddled_##r (const float *restrict in, gsize in_apart, float *restrict out, gsize out_apart, \
                            const float *restrict w) \
  { \
    BUTTERFLY (r, 1) \
  } \
  static void all_twiddled_##r (const float *restrict in, gsize in_apart, float *restrict out, gsize out_apart, \
                                const float *restrict w) \
  { \
    BUTTERFLY (r, 0) \
  } \
  static void stage_##r (const Stage *stage) \
  { \
    gsize in_step = stage->in_step, out_step = stage->out_step, m = (gsize) stage->m, s = (gsize) stage->s; \
    const float *w = stage->twiddles; \
    if (m == 1 && w) { \
      for (gsize q = 0; q < s; q++, w += 2 * r) \
        all_twiddled_##r (stage->in + q * in_step, s * in_step, stage->out + q * out_step, s * out_step, w); \
      return; \
    } \
    for (gsize q = 0; q < s; q++) \
      plain_##r (stage->in + q * in_step, s * m * in_step, stage->out + q * out_step, s * out_step); \
    for (gsize p = 1; p < m; p++, w += 2 * (r - 1)) \
      for (gsize q = 0; q < s; q++) \
        twiddled_##r (stage->in + (q + s * p) * in_step, s * m * in_step, stage->out + (q + s * r * p) * out_step, \
                      s * out_step, w); \
  }

BUTTERFLIES (1)
BUTTERFLIES (2)
BUTTERFLIES (3)
BUTTERFLIES (4)
BUTTERFLIES (5)
BUTTERFLIES (7)
BUTTERFLIES (8)

static void
run_stage (int radix, const Stage *stage)
{
  static void (*const stages[]) (const Stage *) = { NULL,    stage_1, stage_2, stage_3, stage_4,
                                                    stage_5, NULL,    stage_7, stage_8 };
  stages[radix](stage);
}

/* ---- short transforms ---- */

/* Factors of n, at most two of them 4 and 2 at the end of many 8: 8 2 takes more additions than 4 4. Returns their number. */
static int
factors (int n, int *radix)
{
  static const int radices[] = { 5, 7, 3, 8, 4, 2 };
  int count = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (radices); i++)
    while (n % radices[i] == 0 && !(radices[i] == 8 && n == 16)) {
      radix[count++] = radices[i];
      n /= radices[i];
    }
  return count;
}

/* Additions a point and stage of that radix, with the product by a twiddle. */
static double
cost_of (int n)
{
  static const double additions[] = { 0, 2, 4, 6, 6, 8.4, 0, 10.6, 8.5 };
  int radix[IE_LANES_STAGES], count = factors (n, radix);
  double cost = 0;
  for (int i = 0; i < count; i++)
    cost += additions[radix[i]];
  return cost;
}

static void
twiddle (float *w, gint64 numerator, gint64 denominator, double scale)
{
  double angle = -2.0 * IE_PI * (double) (numerator % denominator) / (double) denominator;
  w[0] = (float) (scale * ie_cos (angle));
  w[1] = (float) (scale * ie_sin (angle));
}

/* FALSE: no memory; short_clear() frees what there was. */
static gboolean
short_init (IeShortTransform *transform, int n)
{
  int left = n, count = factors (n, transform->radix);
  transform->n = n;
  for (; count < 2; count++) { /* a copy first: there are two stages at least */
    memmove (transform->radix + 1, transform->radix, (gsize) count * sizeof (int));
    transform->radix[0] = 1;
  }
  transform->stages = count;
  for (int i = 0; i < transform->stages; i++) {
    int r = transform->radix[i], m = left / r;
    float *w = transform->twiddles[i] = g_try_new (float, 2 * (gsize) left + 2);
    if (!w)
      return FALSE;
    for (int p = 1; p < m; p++)
      for (int j = 1; j < r; j++, w += 2)
        twiddle (w, (gint64) p * j, left, 1.0);
    left = m;
  }
  return TRUE;
}

static void
short_clear (IeShortTransform *transform)
{
  for (int i = 0; i < transform->stages; i++)
    g_free (transform->twiddles[i]);
}

/* Floats of one of the two buffers between which stages go. */
static gsize
short_floats (int n)
{
  return (gsize) n * POINT + ALIGNED;
}

/* The numbers at which the last stage writes, in its order. */
static int
written (const IeShortTransform *transform, int i)
{
  int r = transform->radix[transform->stages - 1], s = transform->n / r;
  return i / r + s * (i % r);
}

/* Two stages at least, so that `in` and `out` may be the same; `in` may also be the second buffer. out NULL: the result stays
 * in a buffer. twiddles: of the results, or NULL. Returns where the result is. */
static const float *
run_short (const IeShortTransform *transform, const float *in, gsize in_step, float *out, gsize out_step,
           const float *twiddles, float *first, float *second)
{
  int last = transform->stages - 1, left = transform->n, s = 1;
  Stage stage = { .in = in, .in_step = in_step };
  for (int i = 0; i <= last; i++) {
    int r = transform->radix[i];
    stage.m = left / r;
    stage.s = s;
    stage.out = i < last || !out ? (i % 2 ? second : first) : out;
    stage.out_step = i < last || !out ? POINT : out_step;
    stage.twiddles = i == last ? twiddles : stage.m > 1 ? transform->twiddles[i] : NULL;
    run_stage (r, &stage);
    stage.in = stage.out;
    stage.in_step = stage.out_step;
    left = stage.m;
    s *= r;
  }
  return stage.out;
}

/* ---- grids ---- */

/* Of the ways to part n into rows and columns that are not much longer than each other, the one with the fewest additions.
 * Columns are the longer ones, since rows are worked on two at a time. */
static int
across_of (int n)
{
  int best = 1;
  double least = G_MAXDOUBLE;
  for (int b = 1; (gint64) b * b <= n; b++) {
    double cost = n % b == 0 ? cost_of (b) + cost_of (n / b) : G_MAXDOUBLE;
    if (n % b == 0 && ((gint64) b * b * LONGER < n || cost <= least)) {
      best = b;
      least = (gint64) b * b * LONGER < n ? G_MAXDOUBLE : cost;
    }
  }
  return best;
}

gboolean
ie_grid_has (int n)
{
  if (n < 1 || n > LONGEST)
    return FALSE;
  for (int p = 2; p <= 7; p++)
    while (n % p == 0)
      n /= p;
  return n == 1;
}

/* An odd number of cache lines, so that a column of the grid spreads over all sets of a cache. */
static gsize
pitch_of (int b)
{
  return (gsize) b * POINT + ALIGNED;
}

gsize
ie_grid_memory (int n)
{
  gsize b = (gsize) across_of (n), a = (gsize) n / b;
  return (6 * (gsize) n + 2 * (a + b) * 2 + 4 * IE_LANES_STAGES) * sizeof (float);
}

gsize
ie_grid_floats (int n)
{
  int b = across_of (n);
  return (gsize) (n / b) * pitch_of (b);
}

gsize
ie_grid_scratch (int n)
{
  return 2 * short_floats (n / across_of (n));
}

gboolean
ie_grid_init (IeGrid *grid, int n)
{
  int b = across_of (n), a = n / b;
  grid->n = n;
  grid->a = a;
  grid->b = b;
  grid->pitch = pitch_of (b);
  gboolean good = short_init (&grid->down, a) && short_init (&grid->across, b);
  float *down = grid->down_twiddles = g_try_new (float, 2 * (gsize) n);
  float *across = grid->across_twiddles = g_try_new (float, 2 * (gsize) n);
  float *turns = grid->turns = g_try_new (float, 2 * (gsize) n);
  if (!good || !down || !across || !turns)
    return FALSE;
  for (int n2 = 0; n2 < b; n2++)
    for (int i = 0; i < a; i++, down += 2)
      twiddle (down, (gint64) n2 * written (&grid->down, i), n, 1.0);
  for (int k1 = 0; k1 < a; k1++)
    for (int i = 0; i < b; i++, across += 2)
      twiddle (across, (gint64) k1 * written (&grid->across, i), n, 2.0 / (double) n);
  for (int k1 = 0; k1 < a; k1++)
    for (int k2 = 0; k2 < b; k2++, turns += 2) {
      double angle = IE_PI * (double) (k1 + (gint64) a * k2) / (2.0 * (double) n);
      turns[0] = (float) (0.5 * ie_cos (angle));
      turns[1] = (float) (0.5 * ie_sin (angle));
    }
  return TRUE;
}

void
ie_grid_clear (IeGrid *grid)
{
  if (!grid->n)
    return;
  short_clear (&grid->down);
  short_clear (&grid->across);
  g_free (grid->down_twiddles);
  g_free (grid->across_twiddles);
  g_free (grid->turns);
}

float *
ie_grid_column_buffer (const IeGrid *grid, float *scratch)
{
  return scratch + short_floats (grid->a);
}

void
ie_grid_down (const IeGrid *grid, int n2, const float *from, float *points, float *scratch)
{
  float *column = points + (gsize) n2 * POINT;
  run_short (&grid->down, from ? from : column, from ? POINT : grid->pitch, column, grid->pitch,
             grid->down_twiddles + 2 * (gsize) grid->a * (gsize) n2, scratch, scratch + short_floats (grid->a));
}

void
ie_grid_across (const IeGrid *grid, int k1, float *points, float *scratch)
{
  float *row = points + (gsize) k1 * grid->pitch;
  run_short (&grid->across, row, POINT, row, POINT, NULL, scratch, scratch + short_floats (grid->a));
}

void
ie_grid_back_across (const IeGrid *grid, int k1, float *points, float *scratch)
{
  float *row = points + (gsize) k1 * grid->pitch;
  run_short (&grid->across, row, POINT, row, POINT, grid->across_twiddles + 2 * (gsize) grid->b * (gsize) k1, scratch,
             scratch + short_floats (grid->a));
}

const float *
ie_grid_back_down (const IeGrid *grid, int n2, float *points, float *scratch, gboolean in_grid)
{
  float *column = points + (gsize) n2 * POINT;
  return run_short (&grid->down, column, grid->pitch, in_grid ? column : NULL, grid->pitch, NULL, scratch,
                    scratch + short_floats (grid->a));
}

/* ---- two real lines a complex one ----
 * With P = Z[k], Q = Z[n - k], c and s half the cosine and sine of pi k / 2n, those of n - k change places:
 *   a[k] = c Re (P + Q) + s Im (P - Q),  a[n - k] = s Re (P + Q) - c Im (P - Q)
 *   b[k] = c Im (P + Q) - s Re (P - Q),  b[n - k] = s Im (P + Q) + c Re (P - Q)
 * and back, a factor 2 / n being with the twiddles. */

static void
part (const float *restrict turn, float *restrict p, float *restrict q)
{
  float c = turn[0], s = turn[1];
  for (int lane = 0; lane < LANES; lane++) {
    float pr = p[lane], pi = p[LANES + lane], qr = q[lane], qi = q[LANES + lane];
    float t = pr + qr, u = pi - qi, v = pi + qi, w = pr - qr;
    p[lane] = c * t + s * u;
    p[LANES + lane] = c * v - s * w;
    q[lane] = s * t - c * u;
    q[LANES + lane] = s * v + c * w;
  }
}

static void
join (const float *restrict turn, float *restrict p, float *restrict q)
{
  float c = turn[0], s = turn[1];
  for (int lane = 0; lane < LANES; lane++) {
    float ak = p[lane], bk = p[LANES + lane], am = q[lane], bm = q[LANES + lane];
    float t = c * ak + s * am, u = s * bk - c * bm, v = s * ak - c * am, w = c * bk + s * bm;
    p[LANES + lane] = t - u;
    p[lane] = v + w;
    q[LANES + lane] = t + u;
    q[lane] = w - v;
  }
}

/* Number 0, which is its own partner: already both coefficients; backwards half of them, parts swapped. */
static void
join_zero (float *restrict p)
{
  for (int lane = 0; lane < LANES; lane++) {
    float a = 0.5f * p[lane], b = 0.5f * p[LANES + lane];
    p[lane] = b;
    p[LANES + lane] = a;
  }
}

/* Number n / 2, its own partner too. */
static void
with_itself (void (*change) (const float *restrict, float *restrict, float *restrict), const float *turn, float *p)
{
  float copy[POINT];
  memcpy (copy, p, sizeof copy);
  change (turn, p, copy);
}

#define EACH_PAIR(change) \
  int a = grid->a, b = grid->b, other = k1 ? a - k1 : 0; \
  const float *turns = grid->turns + 2 * (gsize) b * (gsize) k1; \
  float *p = points + (gsize) k1 * grid->pitch, *q = points + (gsize) other * grid->pitch; \
  /* Partner of k2 in the other row: b - k2 for k1 = 0, else b - 1 - k2. */ \
  int first = k1 ? 0 : 1, last = b - 1; \
  if (other != k1) { \
    for (int k2 = 0; k2 < b; k2++) \
      change (turns + 2 * (gsize) k2, p + (gsize) k2 * POINT, q + (gsize) (last - k2) * POINT); \
    return; \
  } \
  int k2 = first; \
  for (; k2 < first + last - k2; k2++) \
    change (turns + 2 * (gsize) k2, p + (gsize) k2 * POINT, p + (gsize) (first + last - k2) * POINT); \
  if (k2 == first + last - k2) \
    with_itself (change, turns + 2 * (gsize) k2, p + (gsize) k2 * POINT);

void
ie_grid_to_cosines (const IeGrid *grid, int k1, float *points)
{
  EACH_PAIR (part)
}

void
ie_grid_from_cosines (const IeGrid *grid, int k1, float *points)
{
  if (k1 == 0)
    join_zero (points);
  EACH_PAIR (join)
}
