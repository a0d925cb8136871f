// SPDX-License-Identifier: GPL-3.0-or-later
/* The polynomials of pieces.h. Interpolation at the zeros of Chebyshev's polynomials by Newton's divided differences
 * (Press et al., Numerical Recipes, 3rd ed., 3.2 and 5.8): nearly the least largest error. */
#include "colorspace/pieces.h"

#include "colorspace/srgb.h"

typedef double (*Curve) (double x);

/* A curve, its straight line (of slope `slope` through (0, start)) up to `end`, and how it is cut. */
typedef struct {
  Curve curve;
  double slope, start, end;
  float bound; /* end + shift */
  int drop, degree;
  float limit; /* of the float that is checked */
  gboolean centred;
} Plan;

/* Coefficients of the polynomial in x - middle through the curve at degree + 1 points of from .. to. */
static void
interpolate (Curve curve, double middle, double from, double to, int degree, double power[IE_PIECES_POWERS])
{
  double x[IE_PIECES_POWERS], difference[IE_PIECES_POWERS];
  for (int j = 0; j <= degree; j++) {
    x[j] = 0.5 * (from + to) + 0.5 * (to - from) * ie_cos (IE_PI * (2 * j + 1) / (2 * degree + 2));
    difference[j] = curve (x[j]);
    x[j] -= middle;
  }
  for (int order = 1; order <= degree; order++)
    for (int j = degree; j >= order; j--)
      difference[j] = (difference[j] - difference[j - 1]) / (x[j] - x[j - order]);
  for (int k = 0; k <= degree; k++)
    power[k] = 0.0;
  for (int j = degree; j >= 0; j--) { /* times (x - x[j]), plus the difference */
    for (int k = degree; k > 0; k--)
      power[k] = power[k - 1] - x[j] * power[k];
    power[0] = difference[j] - x[j] * power[0];
  }
}

/* The same in floats: what rounding the others loses is made good, in the mean, by the constant. What rounding the constant
 * itself loses. */
static double
fit (IePieces *pieces, int piece, Curve curve, double from, double to)
{
  double power[IE_PIECES_POWERS] = { 0.0 }, lost = 0.0;
  int degree = pieces->degree;
  double middle = (double) pieces->number[IE_PIECES_MIDDLE][piece];
  interpolate (curve, middle, from, to, degree, power);
  for (int k = 1; k <= degree; k++)
    pieces->number[k][piece] = (float) power[k];
  for (int j = 0; j <= degree; j++) {
    double x = 0.5 * (from + to) + 0.5 * (to - from) * ie_cos (IE_PI * (2 * j + 1) / (2 * degree + 2)), p = 0.0;
    for (int k = degree; k >= 1; k--)
      p = (p + (power[k] - (double) pieces->number[k][piece])) * (x - middle);
    lost += p / (degree + 1);
  }
  pieces->number[0][piece] = (float) (power[0] + lost);
  return ie_abs (power[0] + lost - (double) pieces->number[0][piece]);
}

#define TRIES 256 /* middles of a piece, neighbours among the floats */

/* The same around that middle, of the floats near the piece's, whose constant is nearest to a float (S. Gal, Computing
 * elementary functions: a new approach for achieving high accuracy and good performance, LNCS 235, 1986): then the sum
 * with the small rest is rounded but once. */
static void
fit_centred (IePieces *pieces, int piece, Curve curve, double from, double to)
{
  gint32 middle = ie_float_bits ((float) (0.5 * (from + to))), best = middle;
  double least = 1.0;
  for (gint32 i = 0; i < TRIES; i++) {
    pieces->number[IE_PIECES_MIDDLE][piece] = ie_float_from_bits (middle + i);
    double lost = fit (pieces, piece, curve, from, to);
    best = lost < least ? middle + i : best;
    least = MIN (least, lost);
  }
  pieces->number[IE_PIECES_MIDDLE][piece] = ie_float_from_bits (best);
  fit (pieces, piece, curve, from, to);
}

static gpointer
make (IePieces *pieces, const Plan *plan)
{
  guint32 first = (guint32) ie_float_bits (plan->bound) >> plan->drop, line = (first - 1) % IE_PIECES;
  pieces->shift = (float) ((double) plan->bound - plan->end);
  pieces->below = ie_float_from_bits (ie_float_bits (plan->bound) - 1);
  pieces->drop = plan->drop;
  pieces->degree = plan->degree;
  pieces->limit = (guint32) ie_float_bits (plan->limit);
  for (guint32 number = first; number < first + IE_PIECES - 1; number++) {
    double from = (double) ie_float_from_bits ((gint32) (number << plan->drop)),
           to = (double) ie_float_from_bits ((gint32) ((number + 1) << plan->drop));
    from -= (double) pieces->shift;
    to -= (double) pieces->shift;
    if (plan->centred)
      fit_centred (pieces, (int) (number % IE_PIECES), plan->curve, from, to);
    else
      fit (pieces, (int) (number % IE_PIECES), plan->curve, from, to);
  }
  pieces->number[0][line] = (float) plan->start;
  pieces->number[1][line] = (float) plan->slope;
  for (int i = 0; i < IE_PIECES; i++)
    for (int k = 0; k < IE_PIECES_NUMBERS; k++)
      pieces->row[i][k] = pieces->number[k][i];
  return pieces;
}

static double
decode_curve (double x)
{
  return ie_pow ((x + 0.055) / 1.055, 2.4);
}

static double
encode_curve (double x)
{
  return 1.055 * ie_pow (x, 1.0 / 2.4) - 0.055;
}

static double
code_curve (double x)
{
  return 255.0 * encode_curve (x) + 0.5;
}

static double
g_curve (double x)
{
  return ie_cbrt (x) - 16.0 / 116.0;
}

/* The sum is not checked but x itself: the line of the encoded side ends before the shift does. */
static gpointer
make_decode (gpointer unused)
{
  static IePieces pieces;
  return make (&pieces, &(Plan){ decode_curve, 1.0 / 12.92, 0.0, 0.04045, 0.125f, IE_DECODE_DROP, IE_DECODE_DEGREE, 1.75f });
}

/* From here on the sum. */
static gpointer
make_encode (gpointer unused)
{
  static IePieces pieces;
  return make (&pieces, &(Plan){ encode_curve, 12.92, 0.0, 0.0031308, 1.5f / 256.0f, IE_ENCODE_DROP, IE_ENCODE_DEGREE, 1.25f });
}

static gpointer
make_code_u8 (gpointer unused)
{
  static IePieces pieces;
  return make (&pieces, &(Plan){ code_curve, 12.92 * 255.0, 0.5, 0.0031308, 1.5f / 256.0f, IE_ENCODE_DROP, IE_CODE_DEGREE, 1.25f });
}

static gpointer
make_g (gpointer unused)
{
  static IePieces pieces;
  return make (&pieces, &(Plan){ g_curve, IE_LAB_KAPPA / 116.0, 0.0, IE_LAB_EPSILON, 1.25f / 128.0f, IE_G_DROP, IE_G_DEGREE, 2.0f, TRUE });
}

static gpointer
make_g_coarse (gpointer unused)
{
  static IePieces pieces;
  return make (&pieces, &(Plan){ g_curve, IE_LAB_KAPPA / 116.0, 0.0, IE_LAB_EPSILON, 1.25f / 128.0f, IE_G_DROP, IE_G_COARSE_DEGREE, 2.0f });
}

const IePieces *
ie_pieces_decode (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_decode, NULL);
}

const IePieces *
ie_pieces_encode (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_encode, NULL);
}

const IePieces *
ie_pieces_code_u8 (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_code_u8, NULL);
}

const IePieces *
ie_pieces_g (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_g, NULL);
}

const IePieces *
ie_pieces_g_coarse (void)
{
  static GOnce once = G_ONCE_INIT;
  return g_once (&once, make_g_coarse, NULL);
}
